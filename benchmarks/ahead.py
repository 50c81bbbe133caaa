"""Reading ahead: what it spares who goes on to the next visit, that it stands in nobody's way, what memory it takes.

Four visits of one patient, the first and the last side by side; the second is what is read ahead. There is no peer: the
same window with reading ahead switched off is what it is compared with, and both have to show the same.

``python -m benchmarks.ahead MOST FOLDER ...`` reads the folders ahead in a process of its own, with so many bytes
allowed, and prints the peak of memory and what is kept as JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from benchmarks.harness import Bench, Goal, Result, ratio
from benchmarks.peak import peak_bytes
from benchmarks.phantoms import headers, plan, samples
from spinereview.dicom.load import load_one
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import Id
from spinereview.ui.app import application
from spinereview.ui.drive import Hand
from spinereview.ui.fetching import Fetcher
from spinereview.ui.main_window import MainWindow
from spinereview.ui.stacks import VolumeShelf
from spinereview.ui.tasks import Jobs
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

VISITS, SHAPE = 4, (150, 512, 512)
AHEAD = Goal(id="UI", what="from choosing the next visit to its last image, read ahead / not", limit=0.25)
SHOWN = Goal(id="UI", what="from choosing the next visit to its last image, read ahead, ms", limit=100)
STOPPED = Goal(id="UI", what="until reading ahead has ended when another visit is chosen, ms", limit=50)
BESIDE = Goal(id="UI", what="that other visit to its last image, reading ahead stopped / never begun", limit=1.15)
MEMORY = Goal(id="UI", what="peak of reading ahead / what it may take, where not all fits", limit=1)
GOALS = (AHEAD, SHOWN, STOPPED, BESIDE, MEMORY)
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What became of choosing a visit.

    Parameters
    ----------
    shown_s, stopped_s
        Seconds from the click until the last image is there and painted, and until what was being read ahead has ended.
    pixels, picture
        Samples of the visit, and what the viewport shows of them.
    """

    shown_s: float
    stopped_s: float
    pixels: NDArray[Any]
    picture: object


def run(bench: Bench) -> Iterator[Result]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = bench.once("ahead", write_visits)
    rounds = max(1, min(bench.rounds, _MOST_ROUNDS))
    found: dict[str, list[Chosen]] = {name: [] for name in WAYS}
    for number in range(rounds):
        for name in bench.order.sample(list(WAYS), len(WAYS)):
            found[name].append(_chosen(folder, bench.folder / f"ahead-{name.replace(' ', '-')}-{number}", name))
    for visit in ("next", "other"):
        shown = [one for name, listed in found.items() if WAYS[name][0] == visit for one in listed]
        if not all(_same(shown[0], one) for one in shown):
            raise AssertionError(f"the {visit} visit does not look the same read ahead and not")
    seconds = {name: [one.shown_s for one in listed] for name, listed in found.items()}
    stopped = [one.stopped_s for one in found["other, stopped"]]
    yield Result(goal=AHEAD, value=ratio(seconds, "next, read ahead", "next"), seconds=seconds)
    yield Result(goal=SHOWN, value=statistics.median(seconds["next, read ahead"]) * 1000, seconds=seconds)
    yield Result(goal=STOPPED, value=max(stopped) * 1000, seconds={"stopped": stopped})
    yield Result(goal=BESIDE, value=ratio(seconds, "other, stopped", "other"), seconds=seconds)
    yield _memory(folder)


WAYS = {
    "next": ("next", "off"),
    "next, read ahead": ("next", "done"),
    "other": ("other", "off"),
    "other, stopped": ("other", "begun"),
}
"""Which visit is chosen, and how far reading ahead has come by then."""


def write_visits(folder: Path) -> None:
    """A CT of every visit, of other samples each."""
    made = samples(SHAPE)
    for visit in range(VISITS):
        write_series(folder / f"{visit}", made + visit, plan(f"ahead {visit}", study_date=f"2025{1 + visit:02}14"))


def _chosen(folder: Path, home: Path, way: str) -> Chosen:
    """Open the case in a window, wait as far as the way says, choose a visit."""
    visit, reach = WAYS[way]
    hand = _opened(folder, home, switched_on=reach != "off")
    page = hand.bench
    stacks = [Id(page.main_stack(timepoint.id) or "") for timepoint in page.reading.case.in_order]
    if reach == "off":
        assert page.loader.volume(stacks[1]) is None
    else:
        hand.wait(
            lambda: page.loader.ahead.stack is None and _kept(page.loader.volume(stacks[1])), "what is read ahead"
        )
    if reach == "begun":
        # What was read ahead until now is forgotten, as if memory had become short, and begun anew.
        page.loader._shelf.drop(stacks[1])  # noqa: SLF001 - no act of a person does it at a moment that is known
        page.loader.ahead.fetch([stacks[1]])
        assert page.loader.ahead.stack == stacks[1]
    watch = _Watch()
    pane, wanted = page.grid.active, stacks[1 if visit == "next" else 2]
    place = page.series.row_of(wanted).center()
    begun = time.perf_counter()
    hand.click(page.series.list.viewport(), place)
    while not _complete(pane):
        hand.breathe(1)
    pane.repaint()
    ended = time.perf_counter()
    assert pane.shown is not None
    assert pane.shown.stack.stack.id == wanted
    assert pane.shown.volume is not None
    result = Chosen(
        shown_s=ended - begun,
        stopped_s=watch.ended_at() - begun,
        pixels=pane.shown.volume.samples,
        picture=pane.grab().toImage(),
    )
    hand.window.close()
    hand.breathe(50)
    return result


def _opened(folder: Path, home: Path, *, switched_on: bool) -> Hand:
    """A window with the case; everything that is on the screen has been read and checked."""
    application()
    window = MainWindow(Workstation(settings=SettingsFolder(folder=home / "s"), documents=home / "d"), "BENCH")
    window.show()
    hand = Hand(window)
    window.open_path(folder, "AHEAD")
    hand.wait(lambda: window.bench is not None, "case")
    hand.bench.loader.ahead.closed = not switched_on
    hand.wait(lambda: all(_complete(pane) for pane in hand.bench.grid.visible_viewports), "images")
    hand.wait(lambda: bool(hand.bench.reading.stack_hashes), "verified")
    return hand


class _Watch(threading.Thread):
    """Notes when the work that is under way has ended, whatever the window does meanwhile."""

    def __init__(self) -> None:
        super().__init__(name="watch", daemon=True)
        self._working = [one for one in threading.enumerate() if one.name.startswith("job")]
        self._ended = 0.0
        self.start()

    def run(self) -> None:
        for one in self._working:
            one.join()
        self._ended = time.perf_counter()

    def ended_at(self) -> float:
        self.join()
        return self._ended


def _complete(pane: Any) -> bool:
    return bool(pane.shown and pane.shown.volume and pane.shown.volume.complete)


def _kept(volume: Any) -> bool:
    return volume is not None and volume.complete


def _same(one: Chosen, other: Chosen) -> bool:
    return np.array_equal(one.pixels, other.pixels) and one.picture == other.picture


def _memory(folder: Path) -> Result:
    """Read all visits ahead where two and a half of them have room."""
    visits = [str(one) for one in sorted(folder.iterdir())]
    volume = int(np.prod(SHAPE)) * np.dtype(np.int16).itemsize
    most = 5 * volume // 2
    command = [sys.executable, "-m", "benchmarks.ahead", str(most), *visits]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told = json.loads(output.splitlines()[-1])
    if told["kept_bytes"] != 2 * volume:
        raise AssertionError("what has room is read, and nothing else")
    return Result(goal=MEMORY, value=told["peak_bytes"] / most, notes={"most_bytes": most, **told})


def main() -> None:
    most, folders = int(sys.argv[1]), [Path(one) for one in sys.argv[2:]]
    images = {Id(folder.name): headers(folder) for folder in folders}
    load_one(next(iter(images.values())), 0)
    app, shelf = QCoreApplication([]), VolumeShelf(most)
    jobs = Jobs(app)
    before = peak_bytes()

    def ended() -> None:
        fetcher.fetch(list(images))
        if fetcher.stack is None:
            app.quit()

    fetcher = Fetcher(jobs, shelf, lambda stack: images[stack], ended)
    fetcher.fetch(list(images))
    app.exec()
    jobs.close()
    kept = [volume for stack in images if (volume := shelf.get(stack)) is not None]
    assert all(volume.complete for volume in kept)
    sizes = {"peak_bytes": peak_bytes() - before, "kept_bytes": sum(volume.samples.nbytes for volume in kept)}
    print(json.dumps(sizes))


if __name__ == "__main__":
    main()
