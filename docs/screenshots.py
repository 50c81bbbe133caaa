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


def main() -> None:
    """Take all pictures."""
    application()
    with tempfile.TemporaryDirectory(prefix="spinereview-") as kept:
        sample = make_samples(Path(kept, "samples"), which="first-run")[0]
        station = Workstation(settings=SettingsFolder(folder=Path(kept, "settings")), documents=Path(kept, "cases"))
        window = MainWindow(station, SAMPLE_READER)
        window.resize(SIZE)
        window.show()
        window.activateWindow()
        hand = Hand(window)
        hand.breathe(50)
        take(window, "start")
        window.open_path(sample.folder, sample.recipe.subject_code)
        for line in first_read(hand, sample):
            sys.stdout.write(f"{line}\n")
        pane = hand.bench.grid.active
        caliper = next(one for one in pane.shown.calipers if one.selected) if pane.shown else None
        if caliper is not None:
            for one in hand.bench.grid.visible_viewports:
                hand.zoom(one, caliper.handles[0], 1.6)
        take(window, "window")
        hand.key(Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
        hand.key(Qt.Key.Key_2)
        hand.breathe(50)
        take(window, "sagittal")
        window.close()
        hand.breathe(50)


if __name__ == "__main__":
    main()
