"""The pictures of README.md and the guide, taken from the real window while a hand reads the sample case.

Run by ``make screenshots``; needs no screen.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QSize, Qt

from spinereview.ui.app import SAMPLE_READER, application
from spinereview.ui.drive import Hand, first_read
from spinereview.ui.drive_case import read_case
from spinereview.ui.main_window import MainWindow
from spinereview.workflow.reads import Workstation
from spinereview.workflow.samples import make_samples
from spinereview.workflow.settings import SettingsFolder

FOLDER = Path(__file__).parent / "images"
SIZE = QSize(1600, 980)


def take(window: MainWindow, name: str) -> None:
    """Keep a picture of the window."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    window.grab().save(str(path))
    sys.stdout.write(f"{path}\n")


def first_case(hand: Hand, folder: Path) -> None:
    """The start page, and two visits while they are read."""
    sample = make_samples(folder, which="first-run")[0]
    take(hand.window, "start")
    hand.window.open_path(sample.folder, sample.recipe.subject_code)
    for line in first_read(hand, sample):
        sys.stdout.write(f"{line}\n")
    pane = hand.bench.grid.active
    caliper = next(one for one in pane.shown.calipers if one.selected) if pane.shown else None
    if caliper is not None:
        for one in hand.bench.grid.visible_viewports:
            hand.zoom(one, caliper.handles[0], 1.6)
    take(hand.window, "window")
    hand.key(Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
    hand.key(Qt.Key.Key_2)
    hand.breathe(50)
    take(hand.window, "sagittal")


def whole_case(hand: Hand, folder: Path, which: str) -> None:
    """A sample case, read to its end."""
    (sample,) = make_samples(folder, which=which)
    hand.window.open_path(sample.folder, sample.recipe.subject_code)
    for line in read_case(hand, sample):
        sys.stdout.write(f"{line}\n")


def main() -> None:
    """Take all pictures."""
    application()
    with tempfile.TemporaryDirectory(prefix="spinereview-") as kept:
        samples = Path(kept, "samples")
        station = Workstation(settings=SettingsFolder(folder=Path(kept, "settings")), documents=Path(kept, "cases"))
        window = MainWindow(station, SAMPLE_READER)
        window.resize(SIZE)
        window.show()
        window.activateWindow()
        hand = Hand(window)
        hand.breathe(50)
        first_case(hand, samples)
        window.close_case()
        whole_case(hand, samples, "fracture")
        hand.click(hand.bench.tabs, hand.bench.tabs.tabRect(1).center())
        hand.bench.overview.strip.level_chosen.emit("T12")
        hand.breathe(50)
        take(window, "spine")
        window.close_case()
        whole_case(hand, samples, "progression")
        hand.activate(hand.bench.grid.active)
        hand.key(Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier)
        hand.key(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        hand.breathe(300)
        hand.bench.navigation.jump(next(iter(hand.bench.reading.read.lesions)))
        hand.breathe(100)
        take(window, "three")
        window.close()
        hand.breathe(50)


if __name__ == "__main__":
    main()
