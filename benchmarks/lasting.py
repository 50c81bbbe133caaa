"""P14: 200 series opened and closed one after the other in one window: nothing of them stays.

In a process of its own: ``python -m benchmarks.lasting FOLDER`` opens each folder in it and prints what it held after the
20th and after the last as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.harness import Bench, Goal, NotRun, Result
from benchmarks.phantoms import plan, samples
from spinereview.dicom.write import write_series

SERIES, EARLY = 200, 20
SHAPE = (8, 256, 256)
SETTLE_MS = 20
P14 = Goal(id="P14", what="memory after 200 series / after 20", limit=1.05)
P14_THREADS = Goal(id="P14", what="threads more after 200 series than after 20", limit=0)
P14_FILES = Goal(id="P14", what="open files more after 200 series than after 20", limit=0)
P14_OBJECTS = Goal(id="P14", what="Qt objects more after 200 series than after 20", limit=0)
GOALS = (P14, P14_THREADS, P14_FILES, P14_OBJECTS)
_STATUS, _FILES = Path("/proc/self/status"), Path("/proc/self/fd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process holds: bytes in memory, threads, open files, Qt objects."""

    memory: int
    threads: int
    files: int
    objects: int


def run(bench: Bench) -> Iterator[Result]:
    if not _STATUS.exists():
        raise NotRun("the system does not tell what a process holds (/proc)")
    folder = bench.once("lasting", write_all)
    command = [sys.executable, "-m", "benchmarks.lasting", str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    early, late = (Held(**one) for one in json.loads(output.splitlines()[-1]))
    notes = {"after_20": asdict(early), "after_200": asdict(late)}
    yield Result(goal=P14, value=late.memory / early.memory, notes=notes)
    yield Result(goal=P14_THREADS, value=late.threads - early.threads, notes=notes)
    yield Result(goal=P14_FILES, value=late.files - early.files, notes=notes)
    yield Result(goal=P14_OBJECTS, value=late.objects - early.objects, notes=notes)


def write_all(folder: Path, series: int = SERIES) -> None:
    """Series of as many patients, each in a folder of its own."""
    made = samples(SHAPE)
    for number in range(series):
        write_series(folder / f"{number:03}", made, plan(f"lasting {number}", patient_id=f"BENCH{number}"))


def held(root: object) -> Held:
    """What this process holds now, once the collector has run.

    Parameters
    ----------
    root
        The application: what hangs below it and its windows counts as objects of Qt, as does what Python still names.
    """
    from PySide6.QtCore import QObject  # Qt, only in the process that opens
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    gc.collect()
    assert isinstance(root, QApplication)
    below = sum(len(one.findChildren(QObject)) for one in (root, *root.topLevelWidgets()))
    named = sum(isinstance(one, QObject) and isValid(one) for one in gc.get_objects())
    lines = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines() if ":" in line)
    return Held(
        memory=int(lines["VmRSS"].split()[0]) * 1024,
        threads=int(lines["Threads"]),
        files=len(list(_FILES.iterdir())),
        objects=below + named,
    )


def open_and_close(folder: Path, home: Path) -> tuple[Held, Held]:
    """Open and close every series of a folder in one window; what is held after the 20th, and after the last."""
    from PySide6.QtCore import QEvent  # Qt, only in the process that opens
    from PySide6.QtWidgets import QApplication

    from spinereview.ui.app import application
    from spinereview.ui.drive import Hand
    from spinereview.ui.main_window import MainWindow
    from spinereview.workflow.reads import Workstation
    from spinereview.workflow.settings import SettingsFolder

    root = application()
    station = Workstation(settings=SettingsFolder(folder=home / "s"), documents=home / "d")
    window = MainWindow(station, "BENCH")
    window.show()
    hand = Hand(window)
    after: list[Held] = []
    folders = sorted(folder.iterdir())
    for count, path in enumerate(folders, start=1):
        window.open_path(path, path.name)
        hand.wait(lambda: window.bench is not None, "case")
        pane = hand.bench.grid.active
        hand.wait(lambda pane=pane: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images")
        hand.wait(lambda: bool(hand.bench.reading.stack_hashes), "verified")
        window.close_case()
        hand.wait(lambda: not [one for one in threading.enumerate() if one.name.startswith("job")], "the last thread")
        del pane
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        # What the window does a turn later is done, its timers are gone.
        hand.breathe(SETTLE_MS)
        if count in {min(EARLY, len(folders) - 1), len(folders)}:
            after.append(held(root))
    window.close()
    return after[0], after[1]


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="spinereview-bench-") as home:
        print(json.dumps([asdict(one) for one in open_and_close(Path(sys.argv[1]), Path(home))]))


if __name__ == "__main__":
    main()
