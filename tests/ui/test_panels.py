"""Panels by themselves: places of labels, the message bar, the fields that keep their keys."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QToolTip

from spinereview.domain.imaging import Id
from spinereview.ui.overlay import label_place
from spinereview.ui.panels.fields import ChoiceBox
from spinereview.ui.panels.messages import MessageBar, MessageLevel
from spinereview.ui.panels.response import Branch, Choice, Question, ResponseView, TreeLine
from spinereview.ui.panels.series import SeriesRow

PANE = QRectF(0, 0, 500, 600)


@pytest.mark.parametrize(
    "body",
    [QRectF(x, y, 60, 60) for x in (5, 220, 430) for y in (40, 270, 500)],
    ids=lambda body: f"{body.x():.0f}-{body.y():.0f}",
)
def test_a_label_stays_in_the_pane_and_off_its_caliper(body) -> None:
    place = label_place(body, 180, 36, PANE, [body])
    assert PANE.contains(place)
    assert not place.intersects(body)


def test_labels_move_away_from_one_another() -> None:
    bodies = [QRectF(200, 200 + 50 * step, 80, 30) for step in range(3)]
    taken = list(bodies)
    for body in bodies:
        taken.append(label_place(body, 150, 36, PANE, taken))
    assert not any(a.intersects(b) for a, b in combinations(taken, 2))


@pytest.fixture
def bar(app):
    made = MessageBar()
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def test_the_bar_shows_the_three_youngest_and_keeps_all_in_the_log(bar) -> None:
    for number in range(5):
        bar.show_message(MessageLevel.WARNING, f"Sentence {number}.")
    assert bar.texts() == ("Sentence 2.", "Sentence 3.", "Sentence 4.")
    assert [text for _, text in bar.log] == [f"Sentence {number}." for number in range(5)]


def test_the_same_sentence_is_shown_once(bar) -> None:
    for _ in range(2):
        bar.show_message(MessageLevel.ERROR, "The disk is full.")
    assert bar.texts() == ("The disk is full.",)


def test_a_message_is_closed_by_its_button_and_the_bar_goes_with_the_last(bar) -> None:
    bar.show_message(MessageLevel.ERROR, "One.")
    bar.show_message(MessageLevel.INFO, "Two.")
    for left in (("Two.",), ()):
        bar.findChildren(QToolButton)[0].click()
        QApplication.sendPostedEvents(None, 52)
        assert bar.texts() == left
    assert not bar.isVisible()


def test_the_wheel_over_a_field_changes_nothing(desk) -> None:
    desk.baseline_target()
    events = desk.events()
    for box in (desk.bench.editor.organ, desk.bench.editor.level, desk.bench.editor.tissue):
        box.setFocus()
        spot = QPointF(box.rect().center())
        event = QWheelEvent(
            spot,
            QPointF(box.mapToGlobal(spot.toPoint())),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003  # Qt takes it by its place alone
        )
        before = box.currentIndex()
        QApplication.sendEvent(box, event)
        assert box.currentIndex() == before
    assert desk.events() == events


def test_an_empty_table_says_what_to_do_until_there_is_a_lesion(desk) -> None:
    empty = desk.bench.lesions.empty
    assert empty.isVisible()
    assert "drag along the longest diameter" in empty.text()
    assert empty.heightForWidth(empty.width()) <= empty.height()
    desk.baseline_target()
    assert not empty.isVisible()


def test_the_line_of_a_series_drops_a_word_before_it_is_cut(app: QApplication) -> None:
    row = SeriesRow(Id("k1"), "Axial", "soft · 2.5 mm · 88 images", "no mm", brief="soft · 2.5 mm · 88")
    assert row.below(600) == "no mm · soft · 2.5 mm · 88 images"
    assert row.below(140) == "no mm · soft · 2.5 mm · 88"
    assert row.below(10) == "no mm · soft · 2.5 mm · 88"


def test_the_table_tells_screen_readers_which_lesion_a_value_is_of(desk) -> None:
    desk.baseline_target()
    model = desk.bench.lesions.view.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert str(model.data(model.index(0, 1), role)).startswith("T01: 30.")
    assert model.data(model.index(0, 2), role) == "T01: state?"


def test_a_response_that_changes_twice_at_once_leaves_no_window_of_its_own(desk) -> None:
    desk.baseline_target()
    panel = desk.bench.response
    for warnings, outcome in enumerate(("SD", "PD", "PR"), start=1):
        panel.show_response(ResponseView(outcome=outcome, title=outcome, warnings=(outcome,) * warnings))
    desk.breathe(20)
    assert [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()] == [desk.window]
    assert desk.window.isActiveWindow()
    assert panel.words().split() == ["PR"] * 5
    # What stood there followed from no read.
    desk.bench.refresh()


def test_only_the_part_of_the_response_is_built_anew_that_has_other_widgets(desk) -> None:
    desk.baseline_target()
    panel = desk.bench.response
    lines = (TreeLine("L01", Id("L01"), "CT 4"), TreeLine("why"))
    first = ResponseView(outcome="SD", title="stable", branches=(Branch("Targets", "SD", lines=lines, rules=("4.3",)),))
    panel.show_response(first)
    kept = panel.labels()
    choices = tuple(Choice("CR", value, value, f"{value} follows") for value in ("YES", "NO"))
    asked = replace(first, questions=(Question("Residual?", choices),), warnings=("near",), missing=("no site",))
    panel.show_response(replace(asked, outcome="PR"))
    assert panel.words().split("\n") == [
        *("PR", "stable", "Residual?", "YES", "YES follows", "NO", "NO follows", "no site"),
        *("Targets", "SD", "L01", "CT 4", "why", "4.3", "near"),
    ]
    assert [label for label in panel.labels() if label in kept] == list(kept)
    desk.breathe(20)
    tops = [label.mapTo(panel, QPoint()).y() for label in panel.labels()]
    assert tops == sorted(tops)
    assert set(panel.choices) == {("CR", "YES"), ("CR", "NO")}
    panel.choices["CR", "YES"].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(panel.choices["CR", "YES"], Qt.Key.Key_Tab)
    assert panel.choices["CR", "NO"].hasFocus()
    QTest.keyClick(panel.choices["CR", "NO"], Qt.Key.Key_Tab)
    assert panel.links[0].hasFocus()
    panel.show_response(first)
    assert (panel.words().count("\n"), panel.choices) == (len(kept) - 2, {})
    desk.bench.refresh()


@pytest.mark.allow_qt_message("This plugin does not support raise()")
def test_an_entry_that_is_cut_is_told_in_full_under_the_mouse(app: QApplication) -> None:
    box = ChoiceBox()
    box.addItem("Mechanical: worse on loading, better lying down")
    box.resize(120, 32)
    box.show()
    assert box.cut
    spot = QPoint(20, 10)
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, spot, box.mapToGlobal(spot)))
    assert QToolTip.text() == "Mechanical: worse on loading, better lying down"
    QToolTip.hideText()
    box.resize(600, 32)
    assert not box.cut
    box.close()
