"""The window on real images: opened, scrolled, measured, killed, opened again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.ui.app import application
from spinereview.ui.drive import Hand
from spinereview.ui.main_window import MainWindow
from spinereview.ui.viewport import Viewport
from spinereview.workflow.case_file import NAME
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

pytestmark = pytest.mark.allow_qt_message("This plugin does not support propagateSizeHints()")
PROGRAM = Path(__file__).parents[1] / "support" / "reader_at_window.py"
NODULE = (346_500, 243_000, 373_500, 243_000)
"""Across the nodule of the left lung, in thousandths of a pixel of 0.898 mm, at the image of place 50."""


@pytest.fixture
def hand(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[], Hand]]:
    """Opens the window of the reader R1, as often as it is asked for."""
    application()
    windows: list[MainWindow] = []

    def make() -> Hand:
        station = Workstation(settings=SettingsFolder(folder=tmp_path / "settings"), documents=tmp_path / "cases")
        window = MainWindow(station, "R1")
        windows.append(window)
        window.show()
        window.activateWindow()
        return Hand(window)

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def loaded(hand: Hand) -> tuple[Viewport, ...]:
    hand.wait(lambda: hand.window.bench is not None, "case")
    panes = hand.bench.grid.visible_viewports
    hand.wait(lambda: all(pane.shown and pane.shown.volume and pane.shown.volume.complete for pane in panes), "images")
    return panes


def test_what_was_measured_on_a_real_ct_survives_a_killed_program(
    shared_images: Path, tmp_path: Path, hand: Callable[[], Hand]
) -> None:
    images = shared_images / "ct_chest_cmb_crc_01068"
    arguments = [str(images), str(tmp_path), "50", *map(str, NODULE)]
    child = subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "saved"
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    one = hand()
    one.window.open_path(tmp_path / "cases" / "S-1" / NAME)
    (pane,) = loaded(one)
    assert one.window.messages.texts() == ()
    (row, total) = one.bench.lesions.table().rows
    assert float(row.cells[0].text) == pytest.approx(27 * 0.898, abs=0.8)
    assert total.cells[0].text == row.cells[0].text
    view = one.bench.lesions.view
    one.click(view.viewport(), view.visualRect(view.model().index(0, 1)).center())
    assert pane.shown is not None
    assert pane.shown.index == 50
    (caliper,) = pane.shown.calipers
    assert abs(caliper.handles[0][0] - NODULE[0]) < 1000
    one.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert one.bench.reading.read.lesions.keys() == set()
    one.saved()


def test_a_real_ct_opens_and_every_scrolled_image_is_another_picture(
    shared_images: Path, hand: Callable[[], Hand]
) -> None:
    one = hand()
    one.window.open_path(shared_images / "ct_chest_cmb_crc_01068", "S-1")
    (pane,) = loaded(one)
    one.activate(pane)
    one.key(Qt.Key.Key_Home)
    assert pane.shown is not None
    pictures = set()
    for place in range(6):
        assert pane.shown.index == place
        shown = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        greys = np.frombuffer(shown.constBits(), dtype=np.uint8)
        assert np.ptp(greys) > 200
        pictures.add(greys.tobytes())
        one.key(Qt.Key.Key_Down)
    assert len(pictures) == 6
    one.key(Qt.Key.Key_End)
    assert pane.shown.index == 99


def test_two_real_visits_measured_by_hand_give_a_target_response(
    shared_images: Path, tmp_path: Path, hand: Callable[[], Hand]
) -> None:
    source = shared_images / "ct_two_timepoints_acrin_flt_001"
    for name in ("baseline_1960-01-01_CT", "followup_1960-03-05_CT"):
        shutil.copytree(source / name, tmp_path / "images" / name)
    one = hand()
    one.window.open_path(tmp_path / "images", "S-1")
    first, second = loaded(one)
    assert first.shown is not None
    assert second.shown is not None
    assert [pane.shown.stack.timepoint.label for pane in (first, second) if pane.shown] == ["BL", "FU1"]
    assert first.shown.view.scale == pytest.approx(second.shown.view.scale)
    # Their frames of reference differ: scrolling one leaves the other where it is.
    place = second.shown.index
    one.go_to(first, 3)
    assert second.shown.index == place
    one.key(Qt.Key.Key_B)
    one.drag(first, (200_000, 250_000), (241_000, 250_000))
    one.choose(one.bench.editor.organ, "soft")
    one.activate(second)
    one.key(Qt.Key.Key_Space)
    one.drag(second, (210_000, 260_000), (232_000, 260_000))
    cells = [float(cell.text) for cell in one.bench.lesions.table().rows[0].cells]
    assert cells == [pytest.approx(41 * 0.977, abs=1), pytest.approx(22 * 0.977, abs=1)]
    assert one.bench.response.shown.outcome == "PR"
    one.saved()


def test_the_pixel_under_the_pointer_of_a_real_pet_is_its_suv(shared_images: Path, hand: Callable[[], Hand]) -> None:
    one = hand()
    one.window.open_path(shared_images / "petct_acrin_nsclc_042", "S-1")
    one.wait(lambda: one.window.bench is not None, "case")
    bench = one.bench
    pets = [stack for stack in bench.reading.case.in_order[0].stacks.values() if stack.modality == "PT"]
    bench.show_stack(pets[0].id)
    (pane,) = loaded(one)
    one.activate(pane)
    assert pane.shown is not None
    assert pane.shown.volume is not None
    volume, place = pane.shown.volume, pane.shown.index
    row, column = (int(at) for at in np.unravel_index(int(volume.stored(place).argmax()), volume.stored(place).shape))
    for point in ((column * 1000 + 500, row * 1000 - 20_000), (column * 1000 + 500, row * 1000 + 500)):
        QTest.mouseMove(pane, one.at(pane, point))
        one.breathe()
    said = one.window.status.value.text()
    # The factor that another program wrote beside the images.
    assert said == f"SUVbw {volume.value_at(place, row, column) * 0.00042111:.2f}"
    assert float(said.split()[1]) > 1
