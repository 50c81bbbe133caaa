"""Undo and redo by keys: one act is one step, values are derived, and the way back is in the read, not in a view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def undo(desk, times: int = 1) -> None:
    for _ in range(times):
        desk.key(Qt.Key.Key_Z, CTRL)


def redo(desk, times: int = 1) -> None:
    for _ in range(times):
        desk.key(Qt.Key.Key_Z, CTRL | SHIFT)


def cells(desk) -> list[str]:
    return [cell.text for row in desk.bench.lesions.table().rows for cell in row.cells]


def test_lesson_5_undo_and_redo_keep_every_value(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, 24)
    shown, kept = cells(desk), desk.read
    assert shown[0].startswith("30.")
    assert shown[1].startswith("18.")
    undo(desk, 3)
    assert not desk.read.lesions
    assert not desk.bench.reading.calipers(desk.pane.image())
    redo(desk, 3)
    assert cells(desk) == shown
    assert desk.read == kept
    desk.saved()
    assert desk.committed == kept


def test_lesson_5_a_lesion_that_was_deleted_comes_back_whole_in_one_step(desk) -> None:
    desk.baseline_target()
    desk.pull(desk.pane, Qt.MouseButton.LeftButton, *_first_handle(desk))
    before, shown = desk.lesion(), cells(desk)
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_Delete)
    assert not desk.read.lesions
    assert desk.pane.shown.calipers == ()
    undo(desk)
    assert desk.lesion() == before
    assert cells(desk) == shown
    assert len(desk.pane.shown.calipers) == 1


def _first_handle(desk):
    caliper = desk.pane.shown.calipers[0]
    spot = desk.at(desk.pane, caliper.handles[0])
    return spot, (desk.at(desk.pane, (26_000, 50_000)) - spot)


def test_a_measurement_at_a_follow_up_is_removed_alone_and_undone(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, 24)
    before = desk.read
    desk.keys(Qt.Key.Key_Delete)
    assert len(desk.lesion().findings) == 1
    undo(desk)
    assert desk.read == before


def test_the_number_of_a_removed_lesion_is_never_given_again(desk, reopened: Callable) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_Delete)
    desk.measure_disc(desk.pane)
    assert list(desk.read.lesions) == ["L02"]
    undo(desk)
    desk.measure_disc(desk.pane)
    assert list(desk.read.lesions) == ["L03"]
    later = reopened(desk)
    later.loaded()
    later.activate(later.pane)
    later.keys(Qt.Key.Key_B, Qt.Key.Key_N)
    later.measure_disc(later.pane, 24, row=20)
    assert list(later.read.lesions)[-1] == "L04"


def test_lesson_5_undo_survives_another_layout_and_another_series(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_F, Qt.Key.Key_C, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_F)
    undo(desk, 2)
    assert not desk.read.lesions
    redo(desk, 2)
    assert list(desk.read.lesions) == ["L01"]


def test_lesson_16_undo_survives_closing_and_opening(desk, reopened: Callable) -> None:
    desk.baseline_target()
    later = reopened(desk)
    later.loaded()
    assert list(later.read.lesions) == ["L01"]
    assert later.window.actions_by_id["undo"].isEnabled()
    later.activate(later.pane)
    undo(later, 2)
    assert not later.read.lesions
    redo(later, 2)
    assert later.lesion().site.organ == "SOFT TISSUE"


def test_undo_and_redo_are_off_where_there_is_nothing(desk) -> None:
    actions = desk.window.actions_by_id
    assert not actions["undo"].isEnabled()
    assert not actions["redo"].isEnabled()
    desk.baseline_target()
    assert actions["undo"].isEnabled()
    assert not actions["redo"].isEnabled()
    undo(desk)
    assert actions["undo"].isEnabled()
    assert actions["redo"].isEnabled()


def test_the_history_tells_what_was_done_and_undone(desk) -> None:
    desk.baseline_target()
    undo(desk)
    told = desk.bench.history.texts()
    assert told[0] == "Undo: Say where T01 lies"
    assert any(line.startswith("Record a lesion at BL") and "30." in line for line in told)
