"""The form of one visit of a clinical record: a field for each item; what is recorded is changed only with a reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.scores import Answer, AnswerValue
from spinereview.domain.table import Table
from spinereview.report.clinical_words import item_name
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox, FieldLine
from spinereview.ui.panels.fold import FoldHead
from spinereview.ui.present_clinical import SECTIONS, Section, answered, choices_of, field_text, hint_of, why_question
from spinereview.workflow.clinical_rows import value_of

NAME_PX, FIELD_PX = 230, 260


class EntryLine(FieldLine):
    """A line whose undo and redo are those of the record while nothing is being typed; Enter goes to the next field."""

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window where the line says what is recorded."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            step = event.key() == Qt.Key.Key_Z and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if step and self.text() == self._shown:
                event.ignore()
                return True
        return super().event(event)


class WhyLine(QLineEdit):
    """Asks why; Enter answers, Esc or leaving it takes the change back."""

    withdrawn = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the change back."""
        if event.key() == Qt.Key.Key_Escape:
            self.withdrawn.emit()
        else:
            super().keyPressEvent(event)


class ItemField(QWidget):
    """One item: its name, its field, what may be written, and the question why where an answer is changed."""

    recorded = Signal(str, object)
    corrected = Signal(str, object, str)
    """Item, value (None: taken away), reason."""
    refused = Signal(str, str)
    """Item, and the text that it cannot be."""
    left = Signal()

    def __init__(self, item: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self._answer: Answer | None = None
        self._wanted: AnswerValue = None
        self.name = QLabel(item_name(item), self)
        self.name.setProperty("tone", "mid")
        self.name.setFixedWidth(NAME_PX)
        self.name.setWordWrap(True)
        self.field = self._made_field()
        self.field.setFixedWidth(FIELD_PX)
        self.field.setAccessibleName(item_name(item))
        self.hint = QLabel(hint_of(item), self)
        self.hint.setProperty("role", "secondary")
        self.question = QLabel(self)
        self.question.setProperty("tone", "warn")
        self.question.setWordWrap(True)
        self.why = WhyLine(self)
        self.why.returnPressed.connect(self._given)
        self.why.withdrawn.connect(self.withdraw)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 0, 12, 0)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.hint, 0, 2)
        grid.addWidget(self.question, 1, 0, 1, 3)
        grid.addWidget(self.why, 2, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        self.withdraw()

    def show_answer(self, answer: Answer | None) -> None:
        """Show what is recorded."""
        self._answer = answer
        self.withdraw()
        reason = "" if answer is None else answer.reason
        self.hint.setText(sentence("CLINICAL_CORRECTED", {"reason": reason}) if reason else hint_of(self.item))

    def withdraw(self) -> None:
        """Take back a change that nobody has given a reason for."""
        self.question.hide()
        self.why.hide()
        self.why.clear()
        if isinstance(self.field, FieldBox):
            self.field.choose(None if self._answer is None else self._answer.value)
        else:
            self.field.setText(field_text(self._answer))
            self.field.show_text(field_text(self._answer))
        self._mark(invalid=False)

    def _made_field(self) -> FieldBox | EntryLine:
        choices = choices_of(self.item)
        if not choices:
            line = EntryLine(self)
            line.settled.connect(self._settled)
            line.left.connect(self.left)
            return line
        box = FieldBox(self)
        box.blockSignals(True)  # noqa: FBT003  # filling it is no choice; Qt takes it by its place alone
        box.addItem("–", None)
        for text, value in choices:
            box.addItem(text, value)
        box.blockSignals(False)  # noqa: FBT003  # as above
        box.choose(None)
        box.settled.connect(self._settled)
        box.left.connect(self.left)
        return box

    def _settled(self) -> None:
        if isinstance(self.field, FieldBox):
            self._want(self.field.currentData())
            return
        text = self.field.text().strip()
        value = value_of(ITEMS[self.item], text) if text else None
        if text and value is None:
            self._mark(invalid=True)
            self.refused.emit(self.item, text)
        else:
            self._mark(invalid=False)
            self._want(value)

    def _want(self, value: Decimal | str | bool | None) -> None:
        before = None if self._answer is None else self._answer.value
        if value == before:
            self.withdraw()
        elif self._answer is None:
            self.recorded.emit(self.item, value)
        else:
            self._wanted = value
            self.question.setText(why_question(self.item, self._answer, value))
            self.why.setAccessibleName(self.question.text())
            self.question.show()
            self.why.show()
            self.why.setFocus(Qt.FocusReason.OtherFocusReason)

    def _given(self) -> None:
        reason = self.why.text().strip()
        if reason:
            self.corrected.emit(self.item, self._wanted, reason)

    def _mark(self, *, invalid: bool) -> None:
        self.field.setProperty("invalid", "true" if invalid else "false")
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)


class ClinicalForm(QWidget):
    """All items of one visit, in sections that can be folded."""

    recorded = Signal(str, object)
    corrected = Signal(str, object, str)
    refused = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(self)
        self.title.setProperty("role", "outcome")
        self.title.setContentsMargins(12, 0, 0, 4)
        self.fields: dict[str, ItemField] = {}
        self.heads: dict[str, FoldHead] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 12)
        column.setSpacing(6)
        column.addWidget(self.title)
        for section in SECTIONS:
            column.addWidget(self._head(section))
            for item in section.items:
                column.addWidget(self._field(item))
                self.fields[item].setVisible(section.open)
        column.addStretch(1)

    def show_visit(self, record: ClinicalRecord, visit: str) -> None:
        """Show what is recorded of a visit."""
        self.title.setText(visit)
        answers = record.visits.get(visit, Table())
        for item, field in self.fields.items():
            field.show_answer(answers.get(item))
        for section in SECTIONS:
            self.heads[section.code].line.setText(answered(record, visit, section))

    def show_writable(self, *, writable: bool) -> None:
        """Let nobody change what he may only look at."""
        for field in self.fields.values():
            field.field.setEnabled(writable)

    def _head(self, section: Section) -> FoldHead:
        words = sentence(section.code)
        head = FoldHead(words, words, self)
        head.show_folded(folded=not section.open)
        head.toggled.connect(self._folder(section, head))
        self.heads[section.code] = head
        return head

    def _folder(self, section: Section, head: FoldHead) -> Callable[[], None]:
        def fold() -> None:
            folded = not self.fields[section.items[0]].isHidden()
            for item in section.items:
                self.fields[item].setHidden(folded)
            head.show_folded(folded=folded)

        return fold

    def _field(self, item: str) -> ItemField:
        field = ItemField(item, self)
        field.recorded.connect(self.recorded)
        field.corrected.connect(self.corrected)
        field.refused.connect(self.refused)
        field.left.connect(self.focusNextChild)
        self.fields[item] = field
        return field
