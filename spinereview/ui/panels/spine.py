"""One vertebra at one timepoint: the items of SINS with their definitions, the score, heights and fracture, compression."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.forms import FormCard, FormView
from spinereview.ui.panels.items import ItemRows, ItemView
from spinereview.ui.theme import DARK


@dataclass(frozen=True, slots=True)
class SpineView:
    """What the panel shows.

    ``facts`` are (key, words, whether it holds), ``tone`` is that of the score. ``compression`` is the form of epidural
    compression, where the protocol asks for it.
    """

    level: str = ""
    items: tuple[ItemView, ...] = ()
    facts: tuple[tuple[str, str, bool], ...] = ()
    score: str = ""
    category: str = ""
    tone: str = "mid"
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    compression: FormView | None = None
    writable: bool = True


class SpinePanel(QWidget):
    """Level, score, items, heights; every answer is one act."""

    answered = Signal(str, str, str)
    """Form, item, value; an empty value takes the answer back."""

    left = Signal()
    """Enter or Esc: the keys go back to the image."""

    fact_set = Signal(str, bool)
    """Key of a fact, and whether it holds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(sentence("UI_SPINE"))
        self.shown = SpineView()
        self.level = QLabel(self)
        self.level.setProperty("role", "outcome")
        self.score = QLabel(self)
        self.score.setStyleSheet("font-size: 22px; font-weight: 700")
        self.category = QLabel(self)
        self.category.setWordWrap(True)
        self.rows, self.compression = ItemRows(self), FormCard(self)
        for part in (self.rows, self.compression):
            part.answered.connect(self.answered)
            part.left.connect(self.left)
        self.compression.hide()
        self.boxes, self.accepts = self.rows.boxes, self.rows.accepts
        self.facts: dict[str, QCheckBox] = {}
        self._facts = QGridLayout()
        self.lines = QLabel(self)
        self.lines.setWordWrap(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notes = QLabel(self)
        self.notes.setWordWrap(True)
        self.notes.setStyleSheet(f"color: {DARK.warn}")
        head = QHBoxLayout()
        head.addWidget(self.level, 1)
        head.addWidget(self.score)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.category)
        column.addWidget(self.rows)
        column.addLayout(self._facts)
        for widget in (self.lines, self.notes, self.compression):
            column.addWidget(widget)
        column.addStretch(1)

    def show_view(self, view: SpineView) -> None:
        """Show another level, or other answers; widgets stay, so that nothing jumps."""
        if view == self.shown:
            return
        self.shown = view
        self.level.setText(view.level)
        self.score.setText(view.score)
        self.score.setStyleSheet(f"font-size: 22px; font-weight: 700; color: {getattr(DARK, view.tone)}")
        self.category.setText(view.category)
        self.rows.show_items(view.items, writable=view.writable)
        for place, (key, words, holds) in enumerate(view.facts):
            box = self.facts.get(key) or self._new_fact(place, key, words)
            with QSignalBlocker(box):
                box.setChecked(holds)
            box.setEnabled(view.writable)
        self.lines.setText("\n".join(view.lines))
        self.notes.setText("\n".join(view.warnings))
        for label in (self.category, self.lines, self.notes):
            label.setVisible(bool(label.text()))
        self.compression.setVisible(view.compression is not None)
        if view.compression is not None:
            self.compression.show_form(view.compression, writable=view.writable)

    def _new_fact(self, place: int, key: str, words: str) -> QCheckBox:
        box = QCheckBox(words, self)
        box.toggled.connect(partial(self.fact_set.emit, key))
        self.facts[key] = box
        self._facts.addWidget(box, place // 2, place % 2)
        return box
