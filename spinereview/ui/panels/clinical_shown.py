"""What the protocol lets a reader know of the patient at a timepoint: names and values to be read, nothing to be changed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from spinereview.text import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalView:
    """Rows of (name, value) of one timepoint; ``note`` says why there are none, or what is wrong."""

    timepoint: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    note: str = ""


class ClinicalShownPanel(QWidget):
    """Answers of the clinical record as far as the protocol shows them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(sentence("UI_TAB_CLINICAL"))
        self.heading = QLabel(self)
        self.heading.setProperty("role", "heading")
        self.note = QLabel(self)
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.source = QLabel(sentence("UI_CLINICAL_SOURCE"), self)
        self.source.setProperty("role", "secondary")
        self.source.setWordWrap(True)
        self.cells: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addLayout(self._grid)
        column.addWidget(self.note)
        column.addWidget(self.source)
        column.addStretch(1)

    def show_view(self, view: ClinicalView) -> None:
        """Show the answers of another timepoint; rows stay where they are."""
        self.heading.setText(view.timepoint)
        self.note.setText(view.note)
        self.note.setVisible(bool(view.note))
        while len(self.cells) < len(view.rows):
            self._add_row()
        for place, (name, value) in enumerate(self.cells):
            there = place < len(view.rows)
            name.setVisible(there)
            value.setVisible(there)
            words = view.rows[place] if there else ("", "")
            name.setText(words[0])
            value.setText(words[1])

    def _add_row(self) -> None:
        name, value = QLabel(self), QLabel(self)
        name.setProperty("tone", "mid")
        name.setWordWrap(True)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        place = len(self.cells)
        self._grid.addWidget(name, place, 0)
        self._grid.addWidget(value, place, 1)
        self.cells.append((name, value))
