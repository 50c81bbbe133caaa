"""The window of a clinical record, never beside a blinded read: a form for each visit, a table of events, scores."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.imaging import Id
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.clinical import tell_record
from spinereview.review.command import Command
from spinereview.review.commands.clinical import (
    CorrectAnswer,
    CorrectEvent,
    RecordAnswer,
    RecordEvent,
    RemoveAnswer,
    RemoveEvent,
)
from spinereview.review.session import SessionState, WriteFailure
from spinereview.text import explain, sentence
from spinereview.ui.panels.clinical_events import ClinicalEvents
from spinereview.ui.panels.clinical_form import ClinicalForm
from spinereview.ui.panels.clinical_scores import ClinicalScores
from spinereview.ui.panels.messages import MessageBar, MessageLevel
from spinereview.ui.present_clinical import scores_of, visits_of
from spinereview.ui.tasks import Jobs
from spinereview.ui.theme import icon
from spinereview.ui.top_bar import SavedDot
from spinereview.workflow.clinical_folder import open_record
from spinereview.workflow.clinical_scores import baseline_visit, derived
from spinereview.workflow.reads import Workstation

LIST_PX, SCORES_PX = 220, 360


class ClinicalWindow(QMainWindow):
    """One record of one investigator."""

    def __init__(self, path: Path, workstation: Workstation, investigator: str = "") -> None:
        super().__init__()
        self.jobs = Jobs(self)
        station = Workstation(
            settings=workstation.settings,
            documents=workstation.documents,
            clock=workstation.clock,
            dispatch=self.jobs.dispatch,
        )
        self.session = open_record(path, investigator, station)
        self.messages = MessageBar(self)
        self.list = QListWidget(self)
        self.form = ClinicalForm(self)
        self.events = ClinicalEvents(self.session.case, self)
        self.scores = ClinicalScores(self)
        self.pages = QStackedWidget(self)
        self.dot = SavedDot(self)
        self.saved = QLabel(self)
        self.undo = self._action("undo", "undo-2", "Ctrl+Z")
        self.redo = self._action("redo", "redo-2", "Ctrl+Shift+Z")
        self._arrange()
        self._connect()
        self.setWindowTitle(sentence("CLINICAL_TITLE", {"subject": self.session.case.subject_code}))
        self.resize(1366, 768)
        self.list.setCurrentRow(0)
        because = self.session.readonly_because
        if because is not None:
            self.messages.show_message(MessageLevel.WARNING, explain(because))

    @property
    def visit(self) -> Id | None:
        """The visit in front; None where the events are."""
        item = self.list.currentItem()
        name = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return None if name is None else Id(name)

    def do(self, command: Command[ClinicalRecord], reason: str = "") -> None:
        """Apply an act; where it is refused, that is said and nothing has changed."""
        self.messages.clear()
        try:
            self.session.do(command, reason)
        except SpineReviewError as error:
            self.refuse(error)

    def refuse(self, error: SpineReviewError) -> None:
        """Say why an act was refused; the fields say what is recorded."""
        self.messages.show_message(MessageLevel.WARNING, explain(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Settle what was typed, commit what is under way, let go of the file."""
        focused = self.focusWidget()
        if focused is not None:
            focused.clearFocus()
        self.session.close()
        self.jobs.close()
        event.accept()

    def _connect(self) -> None:
        self.form.recorded.connect(self._record)
        self.form.corrected.connect(self._correct)
        self.form.refused.connect(self._cannot_be)
        self.events.recorded.connect(lambda event: self.do(RecordEvent(event=event)))
        self.events.corrected.connect(
            lambda name, event, reason: self.do(CorrectEvent(id=Id(name), event=event), reason)
        )
        self.events.removed.connect(lambda name, reason: self.do(RemoveEvent(id=Id(name)), reason))
        self.events.refused.connect(self.refuse)
        self.list.currentRowChanged.connect(lambda _row: self._show_page())
        self.undo.triggered.connect(lambda _checked=False: self._step(undo=True))
        self.redo.triggered.connect(lambda _checked=False: self._step(undo=False))
        self.session.watch(lambda record: record, self._show)
        self.session.watch_state(self._show_state)
        self.session.watch_errors(self._taken_back)

    def _record(self, item: str, value: object) -> None:
        if self.visit is not None:
            self.do(RecordAnswer(visit=self.visit, item=item, value=value))  # type: ignore[arg-type]  # Qt hands on an object

    def _correct(self, item: str, value: object, reason: str) -> None:
        if self.visit is None:
            return
        if value is None:
            self.do(RemoveAnswer(visit=self.visit, item=item), reason)
        else:
            self.do(CorrectAnswer(visit=self.visit, item=item, value=value), reason)  # type: ignore[arg-type]  # as above

    def _cannot_be(self, item: str, text: str) -> None:
        self.refuse(Refused("RECORD_VALUE", item=item, value=text, allowed=ITEMS[item].allowed))

    def _step(self, *, undo: bool) -> None:
        self.messages.clear()
        try:
            if undo:
                self.session.undo()
            else:
                self.session.redo()
        except SpineReviewError as error:
            self.refuse(error)

    def _show(self, record: ClinicalRecord) -> None:
        """Show a record: the list, the page in front, the events."""
        case, protocol = self.session.case, self.session.protocol
        lines = visits_of(record, case, protocol, baseline_visit(record, case, protocol))
        count = len(record.events)
        events = sentence("CLINICAL_EVENTS", {"count": str(count)}) if count else sentence("EVENTS")
        with QSignalBlocker(self.list):
            while self.list.count() < len(lines) + 1:
                QListWidgetItem(self.list)
            for row, line in enumerate(lines):
                self.list.item(row).setText(line.words)
                self.list.item(row).setData(Qt.ItemDataRole.UserRole, line.visit)
            self.list.item(len(lines)).setText(events)
        self.events.show_events(record.events)
        self._show_page()

    def _show_page(self) -> None:
        record, visit = self.session.head, self.visit
        self.pages.setCurrentIndex(1 if visit is None else 0)
        if visit is not None:
            self.form.show_visit(record, visit)
        found = derived(record, self.session.case, self.session.protocol)
        self.scores.show_scores(scores_of(found, "" if visit is None else visit))

    def _show_state(self, state: SessionState) -> None:
        writable = self.session.readonly_because is None
        self.dot.show_saved(saved=state.saved and writable)
        self.saved.setText(sentence(("UI_SAVED" if state.saved else "UI_SAVING") if writable else "UI_READ_ONLY"))
        self.undo.setEnabled(writable and state.can_undo is not None)
        self.redo.setEnabled(writable and state.can_redo is not None)
        self.form.show_writable(writable=writable)
        self.events.show_writable(writable=writable)

    def _taken_back(self, failure: WriteFailure) -> None:
        told = (tell_record(entry.name, entry.args) for entry in failure.taken_back or failure.restored)
        acts = "; ".join(sentence(one.code, one.args) for one in told)
        code = "UI_RESTORED" if failure.restored else "UI_TAKEN_BACK"
        words = {"why": explain(failure.error), "acts": acts or "-"}
        self.messages.show_message(MessageLevel.ERROR, sentence(code, words))

    def _action(self, name: str, picture: str, key: str) -> QAction:
        action = QAction(icon(picture), sentence(f"UI_{name.upper()}"), self)
        action.setShortcut(QKeySequence(key))
        self.addAction(action)
        return action

    def _arrange(self) -> None:
        self.list.setObjectName("choices")
        self.list.setAccessibleName(sentence("CLINICAL_VISITS"))
        self.list.setFixedWidth(LIST_PX)
        self.pages.addWidget(_scrolled(self.form, self))
        self.pages.addWidget(self.events)
        scores = _scrolled(self.scores, self)
        scores.setFixedWidth(SCORES_PX)
        body = QHBoxLayout()
        body.setSpacing(1)
        for widget, stretch in ((self.list, 0), (self.pages, 1), (scores, 0)):
            body.addWidget(widget, stretch)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self._bar())
        column.addWidget(self.messages)
        column.addLayout(body, 1)
        self.setCentralWidget(centre)

    def _bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(48)
        subject = QLabel(self.session.case.subject_code, bar)
        subject.setProperty("role", "title")
        kind = QLabel(sentence("CLINICAL_CHIP"), bar)
        kind.setProperty("role", "chip")
        protocol = QLabel(self.session.protocol.title, bar)
        protocol.setProperty("tone", "mid")
        who = QLabel(sentence("CLINICAL_INVESTIGATOR", {"code": self.session.author.actor}), bar)
        who.setProperty("tone", "mid")
        self.saved.setProperty("tone", "mid")
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        for widget in (subject, kind, protocol):
            row.addWidget(widget)
        row.addStretch(1)
        for action in (self.undo, self.redo):
            button = QToolButton(bar)
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        for last in (who, self.dot, self.saved):
            row.addWidget(last)
        return bar


def _scrolled(widget: QWidget, parent: QWidget) -> QScrollArea:
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area
