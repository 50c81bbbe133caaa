"""The events of a clinical record: a table, and below it the fields of one; what stands there changes with a reason."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spinereview.criteria.endpoints.survival import OF_THE_DISEASE
from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.clinical_items import DAY, ITEMS
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, Refused, SpineReviewError
from spinereview.report.clinical_words import day_words, event_name
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox, FieldCheck, KeyButton, field_box
from spinereview.workflow.clinical_rows import value_of
from spinereview.workflow.cohort_events import cause_of

COLUMNS = ("COLUMN_EVENT_DAY", "COLUMN_EVENT_KIND", "COLUMN_EVENT_DETAIL", "COLUMN_EVENT_ID")
FIELD_PX = 300
DEATH_CAUSES = tuple(sorted(OF_THE_DISEASE))
OTHER = "OTHER"
"""Entry of a cause of death that is written out."""


class ClinicalEvents(QWidget):
    """Nothing is an act before its button is pressed."""

    recorded = Signal(object)
    corrected = Signal(str, object, str)
    removed = Signal(str, str)
    refused = Signal(object)

    def __init__(self, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._events: Table[ClinicalEvent] = Table()
        self._writable = True
        self.table = QTableWidget(0, len(COLUMNS), self)
        kinds = [(event_name(kind), kind) for kind in ClinicalEventKind]
        # No kind stands there by itself: a button pressed too early records nothing.
        self.kind = field_box(self, "COLUMN_EVENT_KIND", [("–", None), *kinds])
        self.day = self._line("COLUMN_EVENT_DAY")
        self.unknown = FieldCheck(sentence("CLINICAL_DAY_UNKNOWN"), self)
        self.cause = self._line("CLINICAL_CAUSE")
        causes = [(sentence(f"CAUSE_{word}"), word) for word in DEATH_CAUSES]
        self.death = field_box(self, "CLINICAL_DEATH_CAUSE", [("–", ""), *causes, (sentence("CAUSE_OTHER"), OTHER)])
        self.grade = field_box(self, "CLINICAL_GRADE", [("–", None), *((str(grade), grade) for grade in range(1, 6))])
        sites = [(site.id, site.id) for site in case.treated_sites.values()]
        self.site = field_box(self, "CLINICAL_SITE", [("–", None), *sites])
        self.confirmed_by = self._line("CLINICAL_CONFIRMED_BY")
        self.reason = self._line("CLINICAL_REASON")
        self.reason_label = QLabel(sentence("CLINICAL_REASON"), self)
        self.record = self._button("CLINICAL_RECORD_EVENT", primary=True)
        self.correct = self._button("CLINICAL_CORRECT_EVENT", primary=True)
        self.remove = self._button("CLINICAL_REMOVE_EVENT")
        self.new = self._button("CLINICAL_NEW_EVENT")
        self._arrange()
        self.table.itemSelectionChanged.connect(self._selected)
        self.kind.currentIndexChanged.connect(lambda _index: self._fit())
        self.death.currentIndexChanged.connect(lambda _index: self._fit())
        self.unknown.toggled.connect(lambda _on: self._fit())
        self.record.clicked.connect(self._record)
        self.correct.clicked.connect(self._correct)
        self.remove.clicked.connect(self._remove)
        self.new.clicked.connect(self.clear)
        self.clear()

    def show_events(self, events: Table[ClinicalEvent]) -> None:
        """Show the events of the record, by day, those without one last."""
        self._events = events
        order = sorted(events.items(), key=lambda entry: (entry[1].day is None, entry[1].day or 0, entry[0]))
        self.table.setRowCount(len(order))
        for row, (key, event) in enumerate(order):
            grade = "" if event.grade is None else sentence("EVENT_CTCAE", {"grade": str(event.grade)})
            detail = ", ".join(filter(None, [event.cause, grade, event.related_site, event.confirmed_by]))
            for column, text in enumerate((day_words(event.day), event_name(event.kind), detail, key)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.clear()

    def show_writable(self, *, writable: bool) -> None:
        """Let nobody change what he may only look at."""
        self._writable = writable
        self._fit()

    def clear(self) -> None:
        """Make the fields ready for a new event."""
        self.table.clearSelection()
        self._fill(ClinicalEvent(kind=ClinicalEventKind.LAST_CONTACT, day=None))
        self.kind.choose(None)
        self.unknown.show_ticked(ticked=False)
        self._fit()

    @property
    def selected(self) -> str:
        """Id of the event that is selected; empty where none is."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        item = self.table.item(rows.pop(), len(COLUMNS) - 1) if rows else None
        return "" if item is None else item.text()

    def _selected(self) -> None:
        if self.selected in self._events:
            self._fill(self._events[self.selected])
        self._fit()

    def _fill(self, event: ClinicalEvent) -> None:
        self.kind.choose(event.kind)
        self.day.setText("" if event.day is None else str(event.day))
        self.unknown.show_ticked(ticked=event.day is None)
        died = event.kind is ClinicalEventKind.DEATH
        known = event.cause in (*DEATH_CAUSES, "")
        self.death.choose("" if not died else event.cause if known else OTHER)
        self.cause.setText("" if died and known else event.cause)
        self.grade.choose(event.grade)
        self.site.choose(event.related_site)
        self.confirmed_by.setText(event.confirmed_by)
        self.reason.clear()

    def _fit(self) -> None:
        """Offer what can be said of this kind of event."""
        chosen = bool(self.selected)
        self.record.setVisible(not chosen)
        for widget in (self.correct, self.remove, self.new, self.reason, self.reason_label):
            widget.setVisible(chosen)
        self.day.setEnabled(self._writable and not self.unknown.isChecked())
        died = self.kind.currentData() == ClinicalEventKind.DEATH
        self.death.setEnabled(self._writable and died)
        self.cause.setEnabled(self._writable and (not died or self.death.currentData() == OTHER))
        self.grade.setEnabled(self._writable and self.kind.currentData() == ClinicalEventKind.ADVERSE_EVENT)
        fields = (self.kind, self.unknown, self.site, self.confirmed_by, self.reason)
        for field in (*fields, self.record, self.correct, self.remove):
            field.setEnabled(self._writable)

    def _event(self) -> ClinicalEvent:
        """The event as the fields say it.

        Raises
        ------
        Refused, InvalidValue
            The day is missing or no whole number; the grade does not fit.
        """
        day = None
        if not self.unknown.isChecked():
            text = self.day.text().strip()
            value = value_of(ITEMS[DAY], text)
            if value is None:
                raise Refused("CLINICAL_DAY_NEEDED", value=text)
            day = int(value)
        if self.kind.currentData() is None:
            raise Refused("CLINICAL_KIND_NEEDED")
        kind = ClinicalEventKind(self.kind.currentData())
        site = self.site.currentData()
        return ClinicalEvent(
            kind=kind,
            day=day,
            cause=self._cause(kind),
            related_site=None if site is None else Id(site),
            confirmed_by=self.confirmed_by.text().strip(),
            grade=self.grade.currentData() if kind is ClinicalEventKind.ADVERSE_EVENT else None,
        )

    def _cause(self, kind: ClinicalEventKind) -> str:
        chosen = str(self.death.currentData())
        written = cause_of(kind, self.cause.text().strip())
        return written if kind is not ClinicalEventKind.DEATH or chosen == OTHER else chosen

    def _record(self) -> None:
        event = self._said()
        if event is not None:
            self.recorded.emit(event)

    def _correct(self) -> None:
        event = self._said()
        if event is not None:
            self.corrected.emit(self.selected, event, self.reason.text().strip())

    def _remove(self) -> None:
        self.removed.emit(self.selected, self.reason.text().strip())

    def _said(self) -> ClinicalEvent | None:
        try:
            return self._event()
        except (Refused, InvalidValue) as error:
            refusal: SpineReviewError = error
            self.refused.emit(refusal)
            return None

    def _line(self, code: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setAccessibleName(sentence(code))
        line.setMaximumWidth(FIELD_PX)
        return line

    def _button(self, code: str, *, primary: bool = False) -> KeyButton:
        button = KeyButton(sentence(code), self)
        button.setProperty("primary", "true" if primary else "false")
        return button

    def _arrange(self) -> None:
        self.table.setHorizontalHeaderLabels([sentence(code) for code in COLUMNS])
        self.table.setAccessibleName(sentence("EVENTS"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 110), (1, 300), (3, 60)):
            self.table.setColumnWidth(column, width)
        boxes: tuple[FieldBox, ...] = (self.kind, self.death, self.grade, self.site)
        for box in boxes:
            box.setMaximumWidth(FIELD_PX)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for code, field in (
            ("COLUMN_EVENT_KIND", self.kind),
            ("COLUMN_EVENT_DAY", self.day),
            ("", self.unknown),
            ("CLINICAL_DEATH_CAUSE", self.death),
            ("CLINICAL_CAUSE", self.cause),
            ("CLINICAL_GRADE", self.grade),
            ("CLINICAL_SITE", self.site),
            ("CLINICAL_CONFIRMED_BY", self.confirmed_by),
        ):
            form.addRow(sentence(code) if code else "", field)
        form.addRow(self.reason_label, self.reason)
        buttons = QHBoxLayout()
        for button in (self.record, self.correct, self.remove, self.new):
            buttons.addWidget(button)
        buttons.addStretch(1)
        title = QLabel(sentence("EVENTS"), self)
        title.setProperty("role", "outcome")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(12)
        whole.addWidget(title)
        whole.addWidget(self.table, 1)
        whole.addLayout(form)
        whole.addLayout(buttons)
