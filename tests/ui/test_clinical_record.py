"""The window of a clinical record, with mouse and keys: entry at each visit, corrections with a reason, events, scores."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLineEdit

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.clinical import ClinicalEventKind
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.table import Table
from spinereview.resources import resource
from spinereview.text import catalogue, sentence
from spinereview.ui.clinical_window import ClinicalWindow
from spinereview.ui.drive import Hand
from spinereview.ui.present_clinical import SECTIONS, choices_of
from spinereview.workflow.case_file import NAME, CaseFile, write_case_file
from spinereview.workflow.clinical_folder import begin_record, writing
from spinereview.workflow.protocol_files import read as read_protocol
from spinereview.workflow.reads import PROTOCOL

BLINDED = """
[trial]
id = "BLINDED"
version = "1"
title = "Blinded reading"

[criterion.recist]
"""
CONTROL = Qt.KeyboardModifier.ControlModifier
DIALOG_SAYS = pytest.mark.allow_qt_message("does not support raise()", "does not support grabbing the keyboard")
"""Said by the offscreen platform of a dialog that waits."""
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def record(tmp_path, station):
    """The empty record of a subject of a blinded trial, in a folder of its own."""
    folder = tmp_path / "K7QX"
    folder.mkdir()
    (folder / PROTOCOL).write_bytes(resource("protocols", "nct06120426.toml").read_bytes())
    site = TreatedSite(id="S1", site=Site(organ="BONE", location="VERTEBRA L2", levels=(Level.L2,)))
    sha256 = read_protocol("nct06120426").sha256
    case = Case(id="c1", subject_code="K7QX", protocol_sha256=sha256, treated_sites=Table({"S1": site}))
    write_case_file(folder / NAME, CaseFile(case=case, patient_sha256="0" * 64, sources=()))
    return begin_record(folder, "I1", None, station)


class Clinic(Hand):
    """A hand at the window of a record."""

    def at(self, visit):
        """Click a visit, or the events, in the list."""
        names = [self.window.list.item(row).text() for row in range(self.window.list.count())]
        row = next(row for row, name in enumerate(names) if name.split(" ")[0] == visit)
        spot = self.window.list.visualItemRect(self.window.list.item(row)).center()
        QTest.mouseClick(self.window.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        self.breathe()

    def field(self, item):
        return self.window.form.fields[item]

    def write(self, item, text, key=Qt.Key.Key_Return):
        """Click into a field, write over what stands there, and press a key."""
        line = self.field(item).field
        self.click(line)
        QTest.keyClick(line, Qt.Key.Key_A, CONTROL)
        QTest.keyClick(line, Qt.Key.Key_Delete)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, key)
        self.breathe()

    def fill(self, line, text):
        self.click(line)
        QTest.keyClicks(line, text)
        self.breathe()

    @property
    def head(self):
        return self.window.session.head

    def value(self, visit, item):
        answer = self.head.visits.get(visit, Table()).get(item)
        return None if answer is None else answer.value

    def said(self):
        return "\n".join(self.window.messages.texts()) if self.window.messages.isVisible() else ""

    def acts(self):
        return [entry.name for entry in self.window.session.history() if entry.kind != "note"]


@pytest.fixture
def windows_of(app, record, station):
    """Opens the record; every window is closed at the end."""
    made = []

    def make(investigator=""):
        window = ClinicalWindow(record, station, investigator)
        made.append(window)
        window.show()
        window.activateWindow()
        QApplication.processEvents()
        return Clinic(window)

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


@pytest.fixture
def clinic(windows_of):
    return windows_of()


def test_what_is_written_is_one_act_each_and_on_the_disk(clinic, record, station):
    clinic.at("BL")
    clinic.write("DAY", "-1")
    clinic.write("NRS_WORST", "7")
    clinic.write("OMED", "40.5")
    clinic.choose(clinic.field("FRANKEL").field, "D")
    assert clinic.acts() == ["record_answer"] * 4
    assert (clinic.value("BL", "DAY"), clinic.value("BL", "NRS_WORST")) == (-1, 7)
    assert (clinic.value("BL", "OMED"), clinic.value("BL", "FRANKEL")) == (Decimal("40.5"), "D")
    clinic.wait(lambda: clinic.window.saved.text() == "Saved", "saved")
    clinic.window.close()
    with writing(record, None, "", station) as session:
        assert session.head.visits["BL"]["OMED"].value == Decimal("40.5")


def test_enter_goes_on_to_the_next_field(clinic):
    clinic.at("BL")
    clinic.write("NRS_WORST", "7")
    assert clinic.window.focusWidget() is clinic.field("NPRS").field


def test_what_cannot_be_is_marked_and_said_and_nothing_is_recorded(clinic):
    clinic.at("BL")
    clinic.write("NRS_WORST", "11", Qt.Key.Key_Tab)
    assert clinic.field("NRS_WORST").field.property("invalid") == "true"
    assert "NRS_WORST cannot be 11. Allowed: whole number from 0 to 10" in clinic.said()
    assert clinic.acts() == []
    clinic.write("NRS_WORST", "10")
    assert clinic.field("NRS_WORST").field.property("invalid") == "false"
    assert clinic.value("BL", "NRS_WORST") == 10
    assert clinic.said() == ""


def test_an_answer_is_corrected_only_with_a_reason_and_escape_keeps_it(clinic):
    clinic.at("BL")
    clinic.write("NRS_WORST", "7")
    clinic.write("NRS_WORST", "6")
    field = clinic.field("NRS_WORST")
    assert field.why.isVisible()
    assert "is recorded as 7. Why is it 6?" in field.question.text()
    assert clinic.value("BL", "NRS_WORST") == 7
    QTest.keyClick(field.why, Qt.Key.Key_Return)
    assert clinic.value("BL", "NRS_WORST") == 7, "an empty reason is none"
    QTest.keyClick(field.why, Qt.Key.Key_Escape)
    clinic.breathe()
    assert (field.field.text(), field.why.isVisible()) == ("7", False)
    clinic.write("NRS_WORST", "6")
    QTest.keyClicks(field.why, "misread")
    QTest.keyClick(field.why, Qt.Key.Key_Return)
    clinic.breathe()
    answer = clinic.head.visits["BL"]["NRS_WORST"]
    assert (answer.value, answer.reason) == (6, "misread")
    assert (field.field.text(), field.why.isVisible(), field.hint.text()) == ("6", False, "corrected: misread")
    assert clinic.acts() == ["record_answer", "correct_answer"]


def test_a_choice_is_corrected_with_a_reason_too_and_taken_away(clinic):
    clinic.at("BL")
    clinic.choose(clinic.field("ECOG").field, "1")
    clinic.choose(clinic.field("ECOG").field, "2")
    assert clinic.value("BL", "ECOG") == "1"
    QTest.keyClicks(clinic.field("ECOG").why, "worse")
    QTest.keyClick(clinic.field("ECOG").why, Qt.Key.Key_Return)
    assert clinic.value("BL", "ECOG") == "2"
    clinic.write("OMED", "40")
    clinic.write("OMED", "")
    QTest.keyClicks(clinic.field("OMED").why, "of another subject")
    QTest.keyClick(clinic.field("OMED").why, Qt.Key.Key_Return)
    assert clinic.value("BL", "OMED") is None
    assert clinic.acts()[-1] == "remove_answer"


def test_undo_and_redo_go_through_the_door_by_key_and_by_button(clinic):
    clinic.at("BL")
    clinic.write("NRS_WORST", "7")
    clinic.key(Qt.Key.Key_Z, CONTROL)
    assert clinic.value("BL", "NRS_WORST") is None
    assert clinic.field("NRS_WORST").field.text() == ""
    clinic.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert clinic.value("BL", "NRS_WORST") == 7
    assert clinic.acts() == ["record_answer", "undo", "redo"]
    assert not clinic.window.redo.isEnabled()


def test_scores_follow_at_once_with_their_reasons(clinic):
    clinic.at("BL")
    assert [view.title for view in clinic.window.scores.shown] == []
    clinic.write("NRS_WORST", "7")
    clinic.write("OMED", "40")
    clinic.choose(clinic.field("FRANKEL").field, "D")
    clinic.at("M3")
    clinic.write("NRS_WORST", "4")
    clinic.write("OMED", "40")
    clinic.choose(clinic.field("FRANKEL").field, "E")
    shown = {view.title: view for view in clinic.window.scores.shown}
    assert shown["Pain response (International Consensus)"].outcome == "PR"
    assert (
        "at least 2 points below the 7 of the baseline" in shown["Pain response (International Consensus)"].sentences[0]
    )
    assert shown["Frankel grade"].outcome == "IMPROVED"


def test_a_questionnaire_is_unfolded_and_scored(clinic):
    clinic.at("BL")
    assert not clinic.field("QLQ_29").isVisible()
    clinic.click(clinic.window.form.heads["CLINICAL_QLQ"].button)
    assert clinic.field("QLQ_29").isVisible()
    for item, text in (("QLQ_29", "5"), ("QLQ_30", "6")):
        clinic.field(item).field.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClicks(clinic.field(item).field, text)
        QTest.keyClick(clinic.field(item).field, Qt.Key.Key_Return)
    clinic.breathe()
    (score,) = clinic.window.scores.shown
    assert (score.title, score.outcome) == ("EORTC QLQ-C30", "scored in part")
    assert "QL: 75.0." in score.sentences[0]
    assert clinic.window.form.heads["CLINICAL_QLQ"].line.text() == "2 of 30"


def test_an_event_is_recorded_corrected_with_a_reason_and_removed(clinic):
    clinic.at("Events")
    events = clinic.window.events
    clinic.choose(events.kind, "Adverse")
    clinic.fill(events.day, "12")
    clinic.fill(events.cause, "Wound infection")
    clinic.choose(events.grade, "2")
    clinic.choose(events.site, "S1")
    clinic.click(events.record)
    (event,) = clinic.head.events.values()
    assert (event.kind, event.day, event.cause) == (ClinicalEventKind.ADVERSE_EVENT, 12, "Wound infection")
    assert (event.grade, event.related_site) == (2, "S1")
    assert [events.table.item(0, column).text() for column in range(4)] == [
        "day 12",
        "Adverse event (CTCAE v5.0)",
        "Wound infection, grade 2, S1",
        "E01",
    ]
    spot = events.table.visualItemRect(events.table.item(0, 1)).center()
    QTest.mouseClick(events.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert (events.death.currentText(), events.death.isEnabled()) == ("–", False)
    clinic.choose(events.grade, "3")
    clinic.click(events.correct)
    assert "only with a reason" in clinic.said()
    assert clinic.head.events["E01"].grade == 2
    clinic.fill(events.reason, "worse than thought")
    clinic.click(events.correct)
    assert clinic.head.events["E01"].grade == 3
    spot = events.table.visualItemRect(events.table.item(0, 1)).center()
    QTest.mouseClick(events.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    clinic.fill(events.reason, "of another subject")
    clinic.click(events.remove)
    assert clinic.head.events == Table()
    assert clinic.acts() == ["record_event", "correct_event", "remove_event"]


def test_the_day_of_an_event_is_given_or_said_to_be_unknown(clinic):
    clinic.at("Events")
    events = clinic.window.events
    clinic.choose(events.kind, "Known")
    clinic.click(events.record)
    assert "is no day" in clinic.said()
    assert not clinic.head.events
    events.unknown.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(events.unknown, Qt.Key.Key_Space)
    clinic.click(events.record)
    (event,) = clinic.head.events.values()
    assert (event.kind, event.day) == (ClinicalEventKind.LAST_CONTACT, None)
    assert clinic.window.list.item(clinic.window.list.count() - 1).text() == "Events    1"


def test_nothing_happened_before_somebody_chose_what(clinic):
    clinic.at("Events")
    clinic.fill(clinic.window.events.day, "3")
    clinic.click(clinic.window.events.record)
    assert clinic.said() == "Choose first what happened."
    assert not clinic.head.events


@pytest.mark.parametrize(
    ("chosen", "written", "cause"),
    [("Primary", "", "PRIMARY_DISEASE"), ("Treated", "", "TREATED_SEGMENT"), ("Another", "Stroke", "Stroke")],
)
def test_the_cause_of_a_death_is_a_word_that_a_rule_knows_or_written_out(clinic, chosen, written, cause):
    clinic.at("Events")
    events = clinic.window.events
    clinic.choose(events.kind, "Death")
    assert not events.cause.isEnabled()
    clinic.fill(events.day, "300")
    clinic.choose(events.death, chosen)
    clinic.fill(events.cause, written)
    clinic.click(events.record)
    (event,) = clinic.head.events.values()
    assert (event.kind, event.day, event.cause) == (ClinicalEventKind.DEATH, 300, cause)
    spot = events.table.visualItemRect(events.table.item(0, 1)).center()
    QTest.mouseClick(events.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert (events.death.currentText().split(" ")[0], events.cause.text()) == (chosen, written)


def test_what_the_door_refuses_is_said_and_the_fields_stay(clinic):
    clinic.at("Events")
    events = clinic.window.events
    for day in ("0", "5"):
        clinic.choose(events.kind, "Surgery")
        clinic.fill(events.day, day)
        clinic.click(events.record)
    assert "happens once" in clinic.said()
    assert events.day.text() == "5"
    assert len(clinic.head.events) == 1


def test_another_person_looks_and_does_not_write(windows_of):
    clinic = windows_of("I2")
    assert clinic.window.saved.text() == sentence("UI_READ_ONLY")
    assert clinic.said()
    clinic.at("BL")
    assert not clinic.field("NRS_WORST").field.isEnabled()
    clinic.at("Events")
    assert not clinic.window.events.record.isEnabled()
    assert not clinic.window.undo.isEnabled()


def test_every_item_is_asked_once_and_everything_that_takes_input_has_a_name(clinic):
    assert sorted(item for section in SECTIONS for item in section.items) == sorted(ITEMS)
    for item in ITEMS:
        assert all("CHOICE_" not in text for text, _ in choices_of(item))
    kinds = (QAbstractButton, QComboBox, QLineEdit)
    for widget in [found for kind in kinds for found in clinic.window.findChildren(kind)]:
        if widget.objectName() != "qt_spinbox_lineedit" and widget.isVisible():
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
    assert {section.code for section in SECTIONS} <= set(catalogue())


def test_the_window_fits_the_smallest_screen(clinic):
    clinic.window.resize(1366, 768)
    clinic.breathe()
    assert (clinic.window.width(), clinic.window.height()) == (1366, 768)
    for row in range(clinic.window.list.count()):
        clinic.window.list.setCurrentRow(row)
        clinic.breathe()
        assert clinic.window.size().width() == 1366


def test_the_main_window_opens_a_record_in_a_window_of_its_own(empty, record):
    empty.window.open_path(record)
    (window,) = empty.window.records.open_ones
    assert window.session.author.actor == "I1"
    empty.window.records.close()
    assert empty.window.records.open_ones == ()


def choose_file(path):
    """Type a path into the dialog that is open, and take it; again, while there is none yet."""
    box = QApplication.activeModalWidget()
    if not isinstance(box, QFileDialog):
        QTimer.singleShot(20, lambda: choose_file(path))
        return
    line = box.findChild(QLineEdit)
    # Set at once: the list of completions would open over the dialog while letters come.
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)


@DIALOG_SAYS
def test_a_record_is_chosen_in_a_dialog(empty, record):
    QTimer.singleShot(0, lambda: choose_file(record))
    empty.window.actions_by_id["open_record"].trigger()
    assert len(empty.window.records.open_ones) == 1
    empty.window.records.close()


@DIALOG_SAYS
def test_a_record_is_begun_from_the_menu_and_apart_from_the_case(empty, record, tmp_path):
    record.unlink()
    QTimer.singleShot(0, lambda: choose_file(tmp_path / "K7QX"))
    empty.window.actions_by_id["new_record"].trigger()
    (window,) = empty.window.records.open_ones
    assert (window.session.author.actor, window.session.head.visits) == ("R1", Table())
    assert record.exists()
    empty.window.records.close()
    QTimer.singleShot(0, lambda: choose_file(tmp_path / "K7QX"))
    empty.window.actions_by_id["new_record"].trigger()
    assert empty.window.records.open_ones == ()
    assert "K7QX.srclin" in empty.said()


def test_a_record_is_never_seen_beside_a_blinded_read(empty, images, record, tmp_path):
    empty.window.open_path(record)
    assert len(empty.window.records.open_ones) == 1
    protocol = tmp_path / "blinded.toml"
    protocol.write_text(BLINDED, encoding="utf-8")
    empty.window.opening.choose_protocol(str(protocol))
    empty.window.open_path(images, "S-1")
    empty.loaded()
    assert empty.window.records.open_ones == ()
    assert sentence("CLINICAL_CLOSED") in empty.said()
    empty.dismiss()
    empty.window.open_path(record)
    assert empty.window.records.open_ones == ()
    assert "nothing of a clinical record may be seen beside it" in empty.said()
