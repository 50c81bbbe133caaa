"""States by one key, obligations in turn, the lock and the amendment."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.domain.lesion import LesionRole, LesionState
from spinereview.domain.read import Lock

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def follow(desk, *, target: bool = True) -> None:
    """A lesion at the baseline; the follow-up is the current timepoint and the lesion selected."""
    desk.baseline_target()
    if not target:
        desk.keys(Qt.Key.Key_T)
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)


def finding(desk):
    return desk.lesion().findings.get(desk.bench.reading.timepoint)


def cell(desk):
    return desk.bench.lesions.cell(desk.lesion().id, desk.bench.reading.timepoint)


@pytest.mark.parametrize(
    ("key", "target", "state", "shown"),
    [
        (Qt.Key.Key_X, True, LesionState.ABSENT, "absent"),
        (Qt.Key.Key_S, True, LesionState.TOO_SMALL, "too small"),
        (Qt.Key.Key_Y, False, LesionState.PRESENT, "present"),
    ],
    ids=["X", "S", "Y"],
)
def test_one_key_gives_a_state(desk, key, target, state, shown) -> None:
    follow(desk, target=target)
    assert cell(desk).text == "state?"
    before = desk.events()
    desk.keys(key)
    assert finding(desk).state is state
    assert cell(desk).text == shown
    assert desk.events() == before + 1


@pytest.mark.parametrize(
    ("key", "target", "state", "said"),
    [
        (Qt.Key.Key_E, True, LesionState.NE, "reason"),
        (Qt.Key.Key_U, False, LesionState.UNEQUIVOCAL_PD, "justification"),
    ],
    ids=["E", "U"],
)
def test_a_state_that_needs_words_asks_for_them_in_a_line(desk, key, target, state, said) -> None:
    follow(desk, target=target)
    desk.keys(key)
    ask = desk.bench.ask
    assert ask.isVisible()
    assert QApplication.focusWidget() is ask.line
    assert "01" in ask.question.text()
    assert QApplication.activeModalWidget() is None
    desk.key(Qt.Key.Key_Return)
    assert finding(desk) is None
    # Letters that are keys of acts are letters here.
    QTest.keyClicks(ask.line, "XSYTN movement artefact")
    assert finding(desk) is None
    desk.key(Qt.Key.Key_Return)
    assert finding(desk).state is state
    assert getattr(finding(desk), said) == "XSYTN movement artefact"
    assert not ask.isVisible()
    assert QApplication.focusWidget() is desk.follow_up


def test_esc_withdraws_the_question(desk) -> None:
    follow(desk)
    desk.keys(Qt.Key.Key_E)
    QTest.keyClicks(desk.bench.ask.line, "no")
    desk.key(Qt.Key.Key_Escape)
    assert not desk.bench.ask.isVisible()
    assert finding(desk) is None


def test_a_state_that_the_role_has_not_is_refused_with_a_sentence(desk) -> None:
    follow(desk)
    desk.keys(Qt.Key.Key_Y)
    assert finding(desk) is None
    assert "T01" in desk.said()


def test_a_key_without_a_lesion_says_what_to_do(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_X)
    assert "No lesion is selected" in desk.said()


def test_t_turns_a_target_into_a_non_target_and_back(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_T)
    assert desk.lesion().role is LesionRole.NON_TARGET
    assert desk.pane.shown.calipers[0].text.startswith("N01")
    desk.keys(Qt.Key.Key_T)
    assert desk.lesion().role is LesionRole.TARGET


def test_space_goes_round_what_is_open_and_then_says_that_nothing_is(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    for row in (30, 70):
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.pane, 24, row=row)
        desk.choose(desk.bench.editor.organ, "liv")
        desk.activate(desk.pane)
    reading = desk.bench.reading
    desk.activate(desk.follow_up)
    visited = []
    for key in (Qt.Key.Key_Space,) * 3:
        desk.keys(key)
        visited.append(reading.selected)
    assert visited in (["L01", "L02", "L01"], ["L02", "L01", "L02"])
    desk.key(Qt.Key.Key_Space, SHIFT)
    assert reading.selected == visited[1]
    desk.keys(Qt.Key.Key_X, Qt.Key.Key_Space, Qt.Key.Key_X, Qt.Key.Key_Space)
    assert "Nothing is open at FU1" in desk.said()


def test_a_timepoint_is_locked_when_nothing_is_open_and_not_before(desk) -> None:
    follow(desk)
    button = desk.window.top.lock_button
    assert button.text() == "Lock FU1"
    desk.click(button)
    assert "FU1 cannot be locked yet" in desk.said()
    assert "T01" in desk.said()
    desk.dismiss()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_X)
    desk.click(button)
    assert desk.said() == ""
    assert desk.read.lock_of(desk.bench.reading.timepoint) is Lock.LOCKED
    assert button.text() == "Amend FU1"
    assert "FU1" in desk.words()
    assert "locked" in desk.words()


def test_a_locked_timepoint_takes_no_act_until_it_is_opened_with_a_reason(desk) -> None:
    desk.baseline_target()
    desk.key(Qt.Key.Key_Return, CTRL)
    assert desk.bench.reading.locked
    kept = desk.read
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 24, row=20)
    assert "BL is locked" in desk.said()
    desk.pull(desk.pane, Qt.MouseButton.LeftButton, desk.at(desk.pane, desk.pane.shown.calipers[0].handles[0]), _down())
    desk.click(desk.pane, desk.at(desk.pane, (48_000, 48_000)))
    desk.keys(Qt.Key.Key_T, Qt.Key.Key_Delete)
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.read == kept
    editor = desk.bench.editor
    assert not any(field.isEnabled() for field in (editor.organ, editor.level, editor.location, editor.nodal))
    desk.click(desk.window.top.lock_button)
    ask = desk.bench.ask
    assert ask.isVisible()
    desk.key(Qt.Key.Key_Return)
    assert desk.bench.reading.locked
    QTest.keyClicks(ask.line, "wrong vertebra")
    desk.key(Qt.Key.Key_Return)
    assert not desk.bench.reading.locked
    assert desk.bench.reading.session.history()[-1].reason == "wrong vertebra"
    desk.keys(Qt.Key.Key_T)
    assert desk.lesion().role is LesionRole.NON_TARGET


def _down():
    from PySide6.QtCore import QPoint

    return QPoint(0, 30)


def test_nothing_is_undone_across_a_lock(desk) -> None:
    desk.baseline_target()
    desk.key(Qt.Key.Key_Return, CTRL)
    kept = desk.read
    assert not desk.window.actions_by_id["undo"].isEnabled()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.read == kept


def test_what_is_typed_in_the_fields_of_a_lesion_never_acts_on_the_read(desk) -> None:
    desk.baseline_target()
    events = desk.events()
    pane = desk.pane.shown
    window, inverted, index = pane.window, pane.inverted, pane.index
    editor = desk.bench.editor
    editor.location.setFocus()
    QTest.keyClicks(editor.location, "xsn t2 1 5 [i]")
    for box in (editor.organ, editor.level, editor.tissue):
        box.setFocus()
        before = box.currentIndex()
        QTest.keyClicks(box, "1")
        box.setCurrentIndex(before)
    assert editor.location.text() == "xsn t2 1 5 [i]"
    assert (pane.window, pane.inverted, pane.index) == (window, inverted, index)
    assert list(desk.read.lesions) == ["L01"]
    assert desk.lesion().role is LesionRole.TARGET
    assert set(desk.lesion().findings) == {desk.bench.reading.timepoint}
    names = [entry.name for entry in desk.bench.reading.session.history()[-(desk.events() - events) :]]
    assert set(names) <= {"set_site", "set_tissue", "undo", "redo"}


def test_a_click_on_a_cell_shows_the_measurement_at_its_timepoint(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.go_to(desk.follow_up, 4)
    desk.measure_disc(desk.follow_up, 24)
    desk.go_to(desk.follow_up, 0)
    desk.go_to(desk.pane, 5)
    view = desk.bench.lesions.view
    model = view.model()
    desk.click(view.viewport(), view.visualRect(model.index(0, 2)).center())
    assert desk.follow_up.shown.index == 4
    assert desk.pane.shown.index == 3
    assert [len(pane.shown.calipers) for pane in (desk.pane, desk.follow_up)] == [1, 1]
    assert desk.bench.reading.current.label == "FU1"
    assert desk.bench.reading.selected == "L01"


def test_letters_typed_into_a_field_are_one_act_at_their_end(desk) -> None:
    desk.baseline_target()
    before = desk.events()
    organ = desk.bench.editor.organ
    organ.setFocus(Qt.FocusReason.MouseFocusReason)
    # Letters typed within this interval after the ones before would count as one word with them.
    desk.breathe(QApplication.keyboardInputInterval() + 20)
    QTest.keyClicks(organ, "lu")
    assert desk.events() == before
    QTest.keyClick(organ, Qt.Key.Key_Return)
    desk.saved()
    assert desk.lesion().site.organ == "LUNG"
    assert not desk.lesion().nodal
    assert desk.events() == before + 1


def test_a_lesion_of_the_lymph_nodes_is_a_node_and_is_none_when_it_lies_elsewhere(desk) -> None:
    desk.baseline_target()
    desk.choose(desk.bench.editor.organ, "lymph")
    assert desk.lesion().nodal
    assert desk.bench.editor.nodal.isChecked()
    desk.choose(desk.bench.editor.organ, "liver")
    assert not desk.lesion().nodal
