"""Program that tests start and kill: a person at the window opens images, measures one lesion, and stays at the desk.

Arguments: folder with images, folder for settings and cases, place of the image, four numbers of a line in thousandths of a
pixel. Says ``saved`` on its standard output when the act is on the disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt

from spinereview.ui.app import application
from spinereview.ui.drive import Hand
from spinereview.ui.main_window import MainWindow
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder


def main() -> None:
    images, home, place = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    x1, y1, x2, y2 = (int(text) for text in sys.argv[4:8])
    application()
    window = MainWindow(Workstation(settings=SettingsFolder(folder=home / "settings"), documents=home / "cases"), "R1")
    window.show()
    window.activateWindow()
    window.open_path(images, "S-1")
    hand = Hand(window)
    hand.wait(lambda: window.bench is not None, "case")
    pane = hand.bench.grid.active
    hand.wait(lambda: bool(pane.shown and pane.shown.volume and pane.shown.volume.complete), "images")
    hand.go_to(pane, place)
    hand.key(Qt.Key.Key_B)
    hand.drag(pane, (x1, y1), (x2, y2))
    hand.saved()
    print("saved", flush=True)
    QEventLoop().exec()


if __name__ == "__main__":
    main()
