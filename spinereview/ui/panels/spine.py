"""One vertebra at one timepoint: the items of SINS with their definitions, the score, heights and fracture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox
from spinereview.ui.theme import DARK


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item that can be answered.

    Parameters
    ----------
    choices
        (value, words) of the answers.
    answer
        The reader's; empty where he has not said.
    suggested, because
        What the program would answer, and why; never taken without the reader.
    """

    form: str
    item: str
    name: str
    choices: tuple[tuple[str, str], ...]
    answer: str = ""
    suggested: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class SpineView:
    """What the panel shows.

    ``facts`` are (key, words, whether it holds), ``tone`` is that of the score.
    """

    level: str = ""
    items: tuple[ItemView, ...] = ()
    facts: tuple[tuple[str, str, bool], ...] = ()
    score: str = ""
    category: str = ""
    tone: str = "mid"
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    writable: bool = True


class SpinePanel(QWidget):
    """Level, score, items, heights; every answer is one act."""

    answered = Signal(str, str, str)
    """Form, item, value; an empty value takes the answer back."""

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
        self.boxes: dict[tuple[str, str], FieldBox] = {}
        self.accepts: dict[tuple[str, str], QPushButton] = {}
        self.facts: dict[str, QCheckBox] = {}
        self._facts = QGridLayout()
        self._names: dict[tuple[str, str], QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
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
        column.addLayout(self._grid)
        column.addLayout(self._facts)
        column.addWidget(self.lines)
        column.addWidget(self.notes)
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
        for place, item in enumerate(view.items):
            self._show_item(place, item, writable=view.writable)
        for place, (key, words, holds) in enumerate(view.facts):
            box = self.facts.get(key) or self._new_fact(place, key, words)
            with QSignalBlocker(box):
                box.setChecked(holds)
            box.setEnabled(view.writable)
        self.lines.setText("\n".join(view.lines))
        self.notes.setText("\n".join(view.warnings))

    def _show_item(self, place: int, item: ItemView, *, writable: bool) -> None:
        key = (item.form, item.item)
        box = self.boxes.get(key) or self._new_row(place, key)
        with QSignalBlocker(box):
            if box.count() != len(item.choices) + 1:
                box.clear()
                box.addItem(sentence("UI_SPINE_NOT_SAID"), "")
                for value, words in item.choices:
                    box.addItem(words, value)
            if not box.unsettled:
                box.setCurrentIndex(max(0, box.findData(item.answer)))
        box.setAccessibleName(item.name)
        self._names[key].setText(item.name)
        box.setEnabled(writable)
        box.setProperty("missing", not item.answer)
        box.setStyleSheet("" if item.answer else f"QComboBox {{ border: 1px dashed {DARK.warn}; }}")
        accept = self.accepts[key]
        words = dict(item.choices).get(item.suggested, "")
        accept.setVisible(bool(item.suggested) and item.suggested != item.answer)
        accept.setEnabled(writable)
        accept.setText(sentence("UI_SPINE_SUGGESTED", {"value": words}))
        accept.setToolTip(item.because)
        accept.setAccessibleName(f"{item.name}: {accept.text()}. {item.because}")

    def _new_fact(self, place: int, key: str, words: str) -> QCheckBox:
        box = QCheckBox(words, self)
        box.toggled.connect(partial(self.fact_set.emit, key))
        self.facts[key] = box
        self._facts.addWidget(box, place // 2, place % 2)
        return box

    def _new_row(self, place: int, key: tuple[str, str]) -> FieldBox:
        name, box, accept = QLabel(self), FieldBox(self), QPushButton(self)
        name.setProperty("role", "label")
        box.setMinimumContentsLength(12)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.settled.connect(partial(self._settled, key))
        accept.clicked.connect(lambda _checked=False: self._accepted(key))
        # Long suggestions shall not make the panel wider than it is; the tooltip has all of it.
        accept.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        accept.hide()
        self._names[key], self.boxes[key], self.accepts[key] = name, box, accept
        self._grid.addWidget(name, 2 * place, 0)
        self._grid.addWidget(box, 2 * place, 1)
        self._grid.addWidget(accept, 2 * place + 1, 1)
        return box

    def _settled(self, key: tuple[str, str]) -> None:
        self.answered.emit(*key, str(self.boxes[key].currentData()))

    def _accepted(self, key: tuple[str, str]) -> None:
        suggested = next((one.suggested for one in self.shown.items if (one.form, one.item) == key), "")
        if suggested:
            self.answered.emit(*key, suggested)
