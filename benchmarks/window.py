"""The window: how soon the first image of an unknown folder is painted, and what one act costs its reader.

P3 has a peer, SimpleITK's series reader, which has to read everything before there is anything to paint. P11 has none.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.harness import Bench, Goal, Result, ratio
from benchmarks.phantoms import bench_ct, by_simpleitk, plan, samples
from spinereview.dicom.scan import scan
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import Id
from spinereview.tasks import CancelToken
from spinereview.workflow.pictures import grid_of, one_image, stated_window

P3 = Goal(id="P3", what="SimpleITK full load / first image painted", limit=30, at_most=False)
P11_BLOCKED = Goal(id="P11", what="act to repainted, UI thread blocked, p99 ms", limit=16)
P11_SAVED = Goal(id="P11", what="act to saved mark filled, p99 ms", limit=50)
P11_FLAT = Goal(id="P11", what="act after 10,000 acts / act at the start", limit=1.5)
P11_REPLAY = Goal(id="P11", what="replay of 10,000 events, s", limit=0.5)
P11_OPEN = Goal(id="P11", what="opening a read of 10,000 acts, s", limit=1.0)
GOALS = (P3, P11_BLOCKED, P11_SAVED, P11_FLAT, P11_REPLAY, P11_OPEN)
ACTS = 10_000
SAMPLE = 200


def run(bench: Bench) -> Iterator[Result]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    yield _first_image(bench)
    yield from _acts(bench)


def _first_image(bench: Bench) -> Result:
    from spinereview.ui.app import application
    from spinereview.ui.stacks import ShownStack
    from spinereview.ui.viewport import Viewport

    folder = bench_ct(bench)
    application()
    viewport = Viewport("bench")
    viewport.resize(900, 900)
    viewport.show()

    def painted() -> np.ndarray:
        found = scan(folder, cancel=CancelToken()).stacks[0]
        images, middle = found.images, len(found.images) // 2
        volume = one_image(images, middle)
        from spinereview.domain.case import Timepoint

        shown = ShownStack(
            timepoint=Timepoint(id=Id("BL"), label="BL", ordinal=0),
            stack=found.stack,
            grid=grid_of(images, found.stack),
            title="",
            detail="",
            window=stated_window(images),
            hounsfield=True,
        )
        viewport.show_stack(shown, None)
        viewport.set_volume(volume, single=viewport.shown.index if viewport.shown else 0)
        grabbed = viewport.grab().toImage()
        # A blank pane would be painted sooner still.
        if grabbed.pixelColor(450, 450).value() == 0:
            raise AssertionError("nothing was painted")
        return volume.samples[0]

    def whole() -> np.ndarray:
        loaded, intercept = by_simpleitk(folder)
        return loaded[len(loaded) // 2] - intercept if intercept else loaded[len(loaded) // 2]

    seconds = bench.timed({"first image": painted, "SimpleITK": whole}, _same)
    viewport.close()
    return Result(goal=P3, value=ratio(seconds, "SimpleITK", "first image"), seconds=seconds)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal up to the constant by which a rescale shifts."""
    return a.shape == b.shape and np.unique(a.astype(np.int64) - b.astype(np.int64)).size == 1


def _acts(bench: Bench) -> Iterator[Result]:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from spinereview.ui.app import application
    from spinereview.ui.drive import Hand
    from spinereview.ui.main_window import MainWindow
    from spinereview.workflow.case import open_read
    from spinereview.workflow.reads import Workstation
    from spinereview.workflow.settings import SettingsFolder

    folder = bench.folder / "acts"
    write_series(folder, samples((5, 256, 256)), plan("acts"))
    app = application()
    home = bench.folder / "home"
    window = MainWindow(Workstation(settings=SettingsFolder(folder=home / "s"), documents=home / "d"), "BENCH")
    window.show()
    window.open_path(folder, "BENCH")
    hand = Hand(window)
    hand.wait(lambda: window.bench is not None, "case")
    pane = hand.bench.grid.active
    hand.wait(lambda: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images")
    from PySide6.QtCore import Qt

    hand.key(Qt.Key.Key_B)
    hand.drag(pane, (80_000, 80_000), (150_000, 120_000))
    hand.saved()
    reading, session = hand.bench.reading, hand.bench.reading.session
    blocked: list[float] = []
    saved: list[float] = []

    def act(step: int) -> None:
        image = pane.image()
        assert image is not None
        caliper = reading.calipers(image)[0]
        end = (150_000 + step % 1000, 120_000)
        begun = time.perf_counter()
        reading.change(caliper, (caliper.handles[0], end))
        pane.repaint()
        app.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        blocked.append(time.perf_counter() - begun)
        while not session.saved:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        saved.append(time.perf_counter() - begun)

    for step in range(SAMPLE):
        act(step)
    early = statistics.median(blocked)
    _fill(hand, ACTS - SAMPLE)
    blocked_early, saved_early = list(blocked), list(saved)
    blocked.clear()
    saved.clear()
    for step in range(SAMPLE):
        act(step + 7)
    late = statistics.median(blocked)
    everything, all_saved = blocked_early + blocked, saved_early + saved
    yield Result(goal=P11_BLOCKED, value=_p99(everything) * 1000, seconds={"act": everything})
    yield Result(goal=P11_SAVED, value=_p99(all_saved) * 1000, seconds={"saved": all_saved})
    yield Result(goal=P11_FLAT, value=late / early, seconds={"early": blocked_early, "late": list(blocked)})
    path = hand.window.opened.read_path if hand.window.opened else Path()
    window.close()
    hand.breathe(50)
    yield _replay(bench, path)
    taken = []
    for _round in range(bench.rounds):
        station = Workstation(settings=SettingsFolder(folder=home / "s"), documents=home / "d")
        begun = time.perf_counter()
        opened = open_read(path, station)
        taken.append(time.perf_counter() - begun)
        opened.session.close()
    yield Result(goal=P11_OPEN, value=statistics.median(taken), seconds={"open": taken})


def _fill(hand: object, count: int) -> None:
    """Further acts without a repaint for each: what the trail holds is what matters."""
    from spinereview.ui.drive import Hand

    assert isinstance(hand, Hand)
    reading, pane = hand.bench.reading, hand.bench.grid.active
    reading.blockSignals(block=True)
    image = pane.image()
    assert image is not None
    for step in range(count):
        caliper = reading.calipers(image)[0]
        reading.change(caliper, (caliper.handles[0], (140_000 + step % 5000, 121_000)))
        if step % 500 == 0:
            hand.saved()
    reading.blockSignals(block=False)
    hand.saved()


def _replay(bench: Bench, path: Path) -> Result:
    import sqlite3

    from spinereview.review.audit import parse_event
    from spinereview.review.replay import fold

    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM event ORDER BY seq LIMIT 10000")]
    connection.close()
    taken = []
    for _round in range(bench.rounds):
        begun = time.perf_counter()
        folded = fold([parse_event(body) for body in bodies])
        taken.append(time.perf_counter() - begun)
    if folded.head.seq != len(bodies):
        raise AssertionError("the replay did not reach the end")
    return Result(goal=P11_REPLAY, value=statistics.median(taken), seconds={"replay": taken})


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
