"""The window: how soon the first image of an unknown folder is painted, and what one act costs its reader.

P3 has a peer, SimpleITK's series reader with its own search of the folder, which has to read everything before there is
anything to paint. P11 has none.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.harness import Bench, Goal, Result, ratio
from benchmarks.phantoms import bench_ct, by_simpleitk_unknown, plan, samples
from spinereview.dicom.scan import Scan, scan
from spinereview.dicom.write import write_series
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import MeasurementKind
from spinereview.tasks import CancelToken
from spinereview.ui.app import application
from spinereview.ui.drive import Hand
from spinereview.ui.main_window import MainWindow
from spinereview.ui.stacks import ShownStack
from spinereview.ui.viewport import Viewport
from spinereview.workflow.pictures import grid_of, one_image
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

P3 = Goal(id="P3", what="SimpleITK full load / first image painted", limit=30, at_most=False)
P11_BLOCKED = Goal(id="P11", what="window blocked from release to repainted, p99 ms", limit=16)
P11_SAVED = Goal(id="P11", what="from release to the filled saved mark, p99 ms", limit=50)
P11_FLAT = Goal(id="P11", what="window blocked after 10,000 acts / at the start", limit=1.5)
P11_CASE = Goal(id="P11", what="the same in a read of 8 visits and 10 lesions, p99 ms", limit=16)
BLOCK = Goal(id="UI", what="longest the window stood still while a CT was opened and loaded, ms", limit=50)
GOALS = (P3, BLOCK, P11_BLOCKED, P11_SAVED, P11_FLAT, P11_CASE)
ACTS = 10_000
SAMPLE = 200
VISITS, TARGETS = 8, 5
"""Of the whole case: as many non-targets stand beside the targets."""
ORGANS = ("LIVER", "LUNG", "KIDNEY", "ADRENAL", "BRAIN")


def run(bench: Bench) -> Iterator[Result]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    yield _first_image(bench)
    yield _block(bench)
    yield from _acts(bench)
    yield _case_acts(bench)


def first_painter() -> Callable[[Scan], np.ndarray]:
    """Paints the middle image of the first stack of a scan into a viewport on the screen; its samples come back."""
    application()
    viewport = Viewport("bench")
    viewport.resize(900, 900)
    viewport.show()

    def painted(found: Scan) -> np.ndarray:
        images, stack = found.stacks[0].images, found.stacks[0].stack
        volume = one_image(images, len(images) // 2)
        shown = ShownStack(
            timepoint=Timepoint(id=Id("BL"), label="BL", ordinal=0),
            stack=stack,
            grid=grid_of(images, stack),
            title="",
            detail="",
            window=None,
            hounsfield=True,
        )
        viewport.show_stack(shown, None)
        viewport.set_volume(volume, single=viewport.shown.index if viewport.shown else 0)
        grabbed = viewport.grab().toImage()
        # A blank pane would be painted sooner still.
        if grabbed.pixelColor(450, 450).value() == 0:
            raise AssertionError("nothing was painted")
        return volume.samples[0]

    return painted


def _first_image(bench: Bench) -> Result:
    folder = bench_ct(bench)
    paint = first_painter()

    def painted() -> np.ndarray:
        return paint(scan(folder, cancel=CancelToken()))

    def whole() -> np.ndarray:
        loaded, intercept = by_simpleitk_unknown(folder)
        return loaded[len(loaded) // 2] - intercept if intercept else loaded[len(loaded) // 2]

    seconds = bench.timed({"first image": painted, "SimpleITK": whole}, _same)
    return Result(goal=P3, value=ratio(seconds, "SimpleITK", "first image"), seconds=seconds)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal up to the constant by which a rescale shifts."""
    return a.shape == b.shape and np.unique(a.astype(np.int64) - b.astype(np.int64)).size == 1


def _block(bench: Bench) -> Result:
    """Gaps between the beats of a timer on the window's thread, from the choice of a folder to the last image."""
    folder = bench_ct(bench)
    application()
    gaps = []
    for number in range(min(bench.rounds, 3)):
        home = bench.folder / f"block-{number}"
        window = MainWindow(Workstation(settings=SettingsFolder(folder=home / "s"), documents=home / "d"), "BENCH")
        window.show()
        hand = Hand(window)
        hand.breathe(50)
        beats: list[float] = []
        timer = QTimer(window)
        timer.setInterval(1)
        timer.timeout.connect(lambda beats=beats: beats.append(time.perf_counter()))
        timer.start()
        window.open_path(folder, f"BLOCK-{number}")
        hand.wait(lambda window=window: window.bench is not None, "case")
        pane = hand.bench.grid.active
        hand.wait(
            lambda pane=pane: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images", 120
        )
        timer.stop()
        gaps.append(max(after - before for before, after in pairwise(beats)))
        window.close()
        hand.breathe(50)
    return Result(goal=BLOCK, value=statistics.median(gaps) * 1000, seconds={"longest gap": gaps})


def _acts(bench: Bench) -> Iterator[Result]:
    hand = _opened(bench)
    blocked, saved = _measured(hand)
    _fill(hand, ACTS - SAMPLE)
    blocked_late, saved_late = _measured(hand)
    hand.window.close()
    hand.breathe(50)
    yield Result(goal=P11_BLOCKED, value=_p99(blocked + blocked_late) * 1000, seconds={"act": blocked + blocked_late})
    yield Result(goal=P11_SAVED, value=_p99(saved + saved_late) * 1000, seconds={"saved": saved + saved_late})
    flat = statistics.median(blocked_late) / statistics.median(blocked)
    yield Result(goal=P11_FLAT, value=flat, seconds={"early": blocked, "late": blocked_late})


def _window(bench: Bench, folder: Path, home: str) -> Hand:
    """A window with a case."""
    application()
    kept = bench.folder / home
    window = MainWindow(Workstation(settings=SettingsFolder(folder=kept / "s"), documents=kept / "d"), "BENCH")
    window.show()
    window.open_path(folder, "BENCH")
    hand = Hand(window)
    hand.wait(lambda: window.bench is not None, "case")
    return hand


def _opened(bench: Bench) -> Hand:
    """A window with one measured lesion."""
    folder = bench.folder / "acts"
    write_series(folder, samples((5, 256, 256)), plan("acts"))
    hand = _window(bench, folder, "home")
    pane = hand.bench.grid.active
    hand.wait(lambda: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images")
    hand.key(Qt.Key.Key_B)
    hand.drag(pane, (80_000, 80_000), (150_000, 120_000))
    hand.saved()
    return hand


def _case_acts(bench: Bench) -> Result:
    """As :func:`_acts`, where everything that is shown of a long case follows from what is dragged."""
    folder = bench.folder / "case"
    made = samples((12, 256, 256))
    for visit in range(VISITS):
        write_series(folder / f"{visit}", made, plan(f"case {visit}", study_date=f"2025{1 + visit:02}14"))
    hand = _window(bench, folder, "case-home")
    _read_case(hand)
    blocked, _saved = _measured(hand)
    hand.window.close()
    hand.breathe(50)
    return Result(goal=P11_CASE, value=_p99(blocked) * 1000, seconds={"act": blocked})


def _read_case(hand: Hand) -> None:
    """Targets and non-targets at the baseline, all of them at every later visit."""
    reading = hand.bench.reading
    lesions: list[Id] = []
    for timepoint in reading.case.in_order:
        hand.bench.navigation.show_timepoint(timepoint.id)
        pane = hand.bench.grid.active
        hand.wait(lambda pane=pane: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images")
        image = pane.image()
        assert image is not None
        for place in range(2 * TARGETS):
            line = ((90_000, 20_000 + 22_000 * place), (112_000 + 1_000 * place, 22_000 + 22_000 * place))
            if timepoint.id == reading.case.in_order[0].id:
                reading.arm()
                reading.measure(MeasurementKind.DIAMETER, image, line)
                reading.set_site(Site(organ=ORGANS[place % TARGETS], location="X"))
                if place < TARGETS:
                    reading.set_role(LesionRole.NON_TARGET)
                assert reading.selected is not None
                lesions.append(reading.selected)
            elif place >= TARGETS:
                reading.select(lesions[place])
                reading.measure(MeasurementKind.DIAMETER, image, line)
        reading.others_present()
    assert [len(one.findings) for one in reading.read.lesions.values()] == [VISITS] * 2 * TARGETS
    hand.saved()


def _measured(hand: Hand) -> tuple[list[float], list[float]]:
    """Seconds from the release of a handle until all panels and the image are painted, and until the act is on the disk."""
    reading, session, pane = hand.bench.reading, hand.bench.reading.session, hand.bench.grid.active
    image = pane.image()
    assert image is not None
    blocked: list[float] = []
    saved: list[float] = []
    for step in range(SAMPLE):
        caliper = reading.calipers(image)[0]
        # To and fro, by another way each time, and never onto another lesion, of which the window would speak.
        column, row = caliper.handles[1]
        end = (column + (1_500 if step % 2 else -1_400), row)
        begun = time.perf_counter()
        reading.change(caliper, (caliper.handles[0], end))
        pane.repaint()
        # The panels that changed are painted with their own events.
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        blocked.append(time.perf_counter() - begun)
        while not session.saved:
            # With a time beside it Qt would not wait but turn round and round, and keep the writer from its work.
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        saved.append(time.perf_counter() - begun)
    return blocked, saved


def _fill(hand: Hand, count: int) -> None:
    """Further acts without a repaint for each: what the trail holds is what matters."""
    reading, pane = hand.bench.reading, hand.bench.grid.active
    reading.blockSignals(True)
    image = pane.image()
    assert image is not None
    for step in range(count):
        caliper = reading.calipers(image)[0]
        reading.change(caliper, (caliper.handles[0], (140_000 + step % 5000, 121_000)))
        if step % 500 == 0:
            hand.saved()
    reading.blockSignals(False)
    hand.saved()


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
