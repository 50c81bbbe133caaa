"""The pictures of README.md and the guide, taken from the real window while a hand reads the sample case.

Run by ``make screenshots``; needs no screen.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from spinereview.domain.imaging import Calibration
from spinereview.ui.app import SAMPLE_READER, application
from spinereview.ui.clinical_window import ClinicalWindow
from spinereview.ui.drive import Hand, first_read
from spinereview.ui.drive_case import read_case
from spinereview.ui.main_window import MainWindow
from spinereview.workflow.clinical_folder import begin_record, writing
from spinereview.workflow.clinical_import import import_table
from spinereview.workflow.reads import Workstation
from spinereview.workflow.samples import make_samples
from spinereview.workflow.settings import SettingsFolder

FOLDER = Path(__file__).parent / "images"
SIZE = QSize(1600, 980)


def opened(station: Workstation) -> MainWindow:
    """A window on the screen."""
    window = MainWindow(station, SAMPLE_READER)
    window.resize(SIZE)
    window.show()
    window.activateWindow()
    return window


def take(window: QWidget, name: str) -> None:
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


def film(hand: Hand, folder: Path, subject: str) -> None:
    """The film without a spacing, calibrated by a length that is known."""
    hand.window.open_path(folder, subject)
    hand.wait(lambda: hand.window.bench is not None, "case")
    reading = hand.bench.reading
    stack = next(
        stack.id
        for timepoint in reading.case.in_order
        for stack in timepoint.stacks.values()
        if stack.calibration is Calibration.NONE
    )
    hand.key(Qt.Key.Key_F)
    hand.bench.series.scroll_to(stack)
    hand.click(hand.bench.series.list.viewport(), hand.bench.series.row_of(stack).center())
    pane = hand.bench.grid.active
    hand.wait(lambda: pane.shown is not None and pane.shown.volume is not None and pane.shown.volume.complete, "film")
    hand.activate(pane)
    hand.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    hand.drag(pane, (300_000, 60_000), (300_000, 150_000))
    QTest.keyClicks(hand.bench.ask.line, "54 rod")
    QTest.keyClick(hand.bench.ask.line, Qt.Key.Key_Return)
    hand.breathe(100)
    take(hand.window, "film")


def delivery(hand: Hand, folder: Path) -> None:
    """What a delivery holds."""
    desk = hand.window.acts.delivery
    desk.check(folder, "nct06120426")
    hand.wait(lambda: hand.window.pages.currentWidget() is desk.page, "delivery")
    hand.breathe(3000)
    take(hand.window, "delivery")
    desk.close()


def clinical(station: Workstation, case: Path, folder: Path) -> None:
    """A clinical record, filled from a table."""
    record = begin_record(case, "I1", folder, station)
    table = folder / "visits.csv"
    table.write_text(
        "visit,event,day,cause,nrs_worst,omed,sins_pain,ecog,frankel\n"
        "BL,,-3,,8,60,MECHANICAL,1,E\nFU1,,42,,3,20,OCCASIONAL,1,E\n,SURGERY,0,,,,,,\n",
        encoding="utf-8",
    )
    with writing(record, None, "I1", station) as session:
        for fault in import_table(session, table, "").faults:
            sys.stdout.write(f"{fault}\n")
    window = ClinicalWindow(record, station, "I1")
    window.show()
    QApplication.processEvents()
    take(window, "clinical")
    window.close()


def main() -> None:
    """Take all pictures."""
    application()
    with tempfile.TemporaryDirectory(prefix="spinereview-") as kept:
        samples = Path(kept, "samples")
        station = Workstation(settings=SettingsFolder(folder=Path(kept, "settings")), documents=Path(kept, "cases"))
        window = opened(station)
        hand = Hand(window)
        hand.breathe(50)
        first_case(hand, samples)
        window.close_case()
        whole_case(hand, samples, "fracture")
        hand.click(hand.bench.tabs, hand.bench.tabs.tabRect(1).center())
        hand.bench.overview.strip.level_chosen.emit("T12")
        hand.breathe(50)
        take(window, "spine")
        case = next(iter(Path(kept, "cases").rglob("case.json"))).parent
        window.close_case()
        delivery(hand, samples / "fracture")
        clinical(station, case, Path(kept))
        window.activateWindow()
        whole_case(hand, samples, "progression")
        hand.activate(hand.bench.grid.active)
        hand.key(Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier)
        hand.key(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        hand.breathe(300)
        hand.bench.navigation.jump(next(iter(hand.bench.reading.read.lesions)))
        hand.breathe(100)
        take(window, "three")
        window.close()
        apart = Workstation(settings=SettingsFolder(folder=Path(kept, "other")), documents=Path(kept, "others"))
        window = opened(apart)
        film(Hand(window), samples / "fracture", "SAMPLE-6")
        window.close()
        hand.breathe(50)


if __name__ == "__main__":
    main()
