"""Which visit of the protocol each timepoint is: a row a timepoint, with what is suggested and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from spinereview.domain.imaging import Id
from spinereview.text import sentence
from spinereview.ui.corner import count_text
from spinereview.ui.panels.fields import ChoiceBox
from spinereview.ui.theme import DARK
from spinereview.workflow.visits import UNSCHEDULED, VisitMatch

_UNSAID = "?"
"""Value of the entry that asks for a choice; no visit has it."""


class VisitRows(QWidget):
    """Timepoint, its images, the choice, the reason. What is suggested is chosen already; Enter takes it."""

    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[Id, ChoiceBox] = {}
        self._labels: dict[Id, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(3, 1)

    def show_rows(self, found: Sequence[VisitMatch], visits: Sequence[str], days: dict[Id, int | None]) -> None:
        """Show a row for each timepoint.

        Parameters
        ----------
        days
            From the first timepoint; empty where the protocol hides them.
        """
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes, self._labels = {}, {one.timepoint: one.label for one in found}
        for place, one in enumerate(found):
            self._add_row(place, one, visits, days.get(one.timepoint))
        first = next(iter(self.boxes.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> dict[Id, str]:
        """Visit of each timepoint that one was chosen for; empty: unscheduled."""
        return {timepoint: str(box.currentData()) for timepoint, box in self.boxes.items() if self._is_said(box)}

    @property
    def unsaid(self) -> tuple[str, ...]:
        """Labels of the timepoints that nothing was chosen for."""
        return tuple(self._labels[timepoint] for timepoint, box in self.boxes.items() if not self._is_said(box))

    def _add_row(self, place: int, one: VisitMatch, visits: Sequence[str], day: int | None) -> None:
        name, images, why = QLabel(one.label, self), QLabel(self), QLabel(self)
        name.setProperty("role", "title")
        words = {"modalities": " ".join(one.modalities), "images": count_text(one.images), "day": str(day)}
        images.setText(sentence("UI_VISIT_ROW" if day is None else "UI_VISIT_ROW_DAY", words))
        images.setProperty("tone", "mid")
        why.setText(sentence(one.code, one.args))
        why.setWordWrap(True)
        why.setProperty("tone", "low")
        box = ChoiceBox(self)
        box.setAccessibleName(sentence("UI_VISIT_OF", {"timepoint": one.label}))
        box.setAccessibleDescription(why.text())
        box.addItem(sentence("UI_VISIT_CHOOSE"), _UNSAID)
        for visit in visits:
            box.addItem(visit, visit)
        box.addItem(sentence("UI_VISIT_UNSCHEDULED"), UNSCHEDULED)
        box.setMinimumContentsLength(14)
        wanted = one.said if one.said is not None else one.suggested or _UNSAID
        box.setCurrentIndex(max(0, box.findData(wanted)))
        box.currentIndexChanged.connect(lambda _index: self._mark(box))
        self._mark(box)
        self.boxes[one.timepoint] = box
        for column, widget in enumerate((name, images, box, why)):
            self._grid.addWidget(widget, place, column)

    def _is_said(self, box: ChoiceBox) -> bool:
        return str(box.currentData()) != _UNSAID

    def _mark(self, box: ChoiceBox) -> None:
        box.setStyleSheet("" if self._is_said(box) else f"QComboBox {{ border: 1px dashed {DARK.warn}; }}")
