"""What a person says of a series, by mouse and keys; and what is hung by what the series was made for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.domain.imaging import Plane, Posture
from spinereview.domain.sequence import Contrast, Role
from spinereview.ui.stack_dialog import StackDialog

SPIN_ECHO = {"ScanningSequence": "SE"}
T1 = {**SPIN_ECHO, "RepetitionTime": "600", "EchoTime": "12"}
T2 = {**SPIN_ECHO, "RepetitionTime": "3500", "EchoTime": "100"}
STIR = {"ScanningSequence": ["SE", "IR"], "RepetitionTime": "4000", "EchoTime": "40", "InversionTime": "180"}


def ask(desk, stack) -> StackDialog:
    """Press the right button on a series."""
    series = desk.bench.series
    series.scroll_to(stack)
    desk.breathe()
    viewport, spot = series.list.viewport(), series.row_of(stack).center()
    # What a platform makes of the right button, or of the menu key.
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, viewport.mapToGlobal(spot))
    QApplication.sendEvent(viewport, event)
    desk.breathe()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, StackDialog)
    return dialog


def row(desk, stack):
    return desk.bench.description_of(stack)


@pytest.fixture
def spine(empty, series, tmp_path):
    """Two visits of an MR spine: sagittal T1, T2, STIR, a larger diffusion map; the order of the series differs."""
    folder = tmp_path / "mr"
    for date, names in (("20250114", ("t1", "t2", "stir")), ("20250408", ("stir", "t2", "t1"))):
        for name in names:
            attributes = {"t1": T1, "t2": T2, "stir": STIR}[name]
            series(
                folder / date / name,
                date=date,
                name=name,
                modality="MR",
                sagittal=True,
                study=date,
                attributes=attributes,
            )
        adc = {"ImageType": ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]}
        series(folder / date / "adc", date=date, name="adc", modality="MR", study=date, slices=12, attributes=adc)
    empty.window.open_path(folder, "S-1")
    empty.loaded()
    return empty


def roles_hung(desk) -> list[str]:
    panes = desk.bench.grid.visible_viewports
    return [row(desk, pane.shown.stack.stack.id).role.value for pane in panes if pane.shown is not None]


def test_the_list_tells_what_a_series_was_made_for_and_why(spine) -> None:
    series = spine.bench.series
    stack = next(one for one in series.stacks() if row(spine, one).role is Role.STIR)
    item = next(
        item
        for item in (series.list.item(place) for place in range(series.list.count()))
        if item.text().startswith("stir")
    )
    assert item.text() == "stir, STIR · 5 mm · 6 images"
    assert "STIR: suggested by the attributes, IR+SE: TR 4000 ms, TE 40 ms, TI 180 ms" in item.toolTip()
    assert row(spine, stack).stack.role == ""


def test_like_hangs_beside_like_and_another_weighting_below(spine) -> None:
    first, second = roles_hung(spine)
    assert first == second != "ADC"
    spine.activate(spine.pane)
    spine.keys(Qt.Key.Key_C, modifiers=Qt.KeyboardModifier.ShiftModifier)
    above, below = roles_hung(spine)[:2], roles_hung(spine)[2:]
    assert below[0] == below[1] != above[0]
    assert "ADC" not in below


def test_a_series_is_described_by_the_right_button_and_the_keyboard(spine, reopened) -> None:
    stack = next(one for one in spine.bench.series.stacks() if row(spine, one).role is Role.T1)
    dialog = ask(spine, stack)
    assert dialog.role.currentText() == "As suggested: T1"
    spine.choose(dialog.role, "ST")
    spine.choose(dialog.contrast, "contrast")
    spine.choose(dialog.posture, "prone")
    spine.click(dialog.keep)
    said = row(spine, stack).stack
    assert (said.role, said.contrast, said.posture, said.plane) == (
        "STIR",
        "GIVEN",
        Posture.PRONE,
        Plane.SAGITTAL,
    )
    assert row(spine, stack).role is Role.STIR
    tips = [spine.bench.series.list.item(place).toolTip() for place in range(spine.bench.series.list.count())]
    assert any("STIR: set by hand" in tip for tip in tips)
    assert spine.bench.reading.case.find_stack(stack)[1].role == "STIR"
    later = reopened(spine)
    assert row(later, stack).role is Role.STIR
    assert [line for line in later.bench.reading.history() if "role STIR" in line.text]


def test_the_quality_is_said_there_too_kept_with_the_read_and_undone(desk) -> None:
    desk.activate(desk.pane)
    stack = desk.pane.shown.stack.stack.id
    dialog = ask(desk, stack)
    assert dialog.quality.currentText() == "not said"
    desk.choose(dialog.quality, "Optimal")
    desk.click(dialog.keep)
    said = desk.read.visits["BL"].quality[stack]
    assert (said.value, said.reason) == ("OPTIMAL", "")
    dialog = ask(desk, stack)
    assert dialog.quality.currentText() == "Optimal"
    desk.click(dialog.cancel)
    desk.window.activateWindow()
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_Z, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert not desk.read.visit_at("BL").quality


def test_what_is_cancelled_changes_nothing(spine) -> None:
    stack = spine.bench.series.stacks()[0]
    before = row(spine, stack)
    dialog = ask(spine, stack)
    spine.choose(dialog.contrast, "no")
    assert dialog.words().contrast is Contrast.NONE
    spine.click(dialog.cancel)
    assert row(spine, stack) == before


def test_a_locked_timepoint_keeps_its_words_and_that_is_said(desk) -> None:
    desk.activate(desk.pane)
    assert desk.bench.reading.lock()
    stack = desk.pane.shown.stack.stack.id
    dialog = ask(desk, stack)
    desk.choose(dialog.role, "CT")
    desk.click(dialog.keep)
    assert "is locked. Unlock it first" in desk.said()
    assert row(desk, stack).stack.role == ""


def test_the_menu_asks_about_the_series_of_the_active_image(desk) -> None:
    desk.activate(desk.follow_up)
    desk.window.actions_by_id["describe_series"].trigger()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, StackDialog)
    assert dialog.description.stack.id == desk.follow_up.shown.stack.stack.id
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    desk.breathe()
    assert QApplication.activeModalWidget() is None
