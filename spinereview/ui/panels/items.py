"""Rows of a form: the item's name, its answers in a list, and what the program would answer. Every answer is one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox, KeyButton
from spinereview.ui.theme import DARK

NAME_PX = 104
"""Room for the names, so that the lists of several forms stand below one another."""
Key = tuple[str, str]
"""Form, of a treated site with the site behind a slash, and item."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item that can be answered.

    Parameters
    ----------
    form
        Key of the form: ``"SINS"``, of a treated site ``"SPINO/S1"``.
    choices
        (value, words) of the answers.
    answer
        The reader's; empty where he has not said.
    suggested, because
        What the program would answer, and why; never taken without the reader.
    optional
        Shown without a mark where it is open.
    stack
        Id of the series that the item is about, whose title then is its name.
    hint
        What is told of the name under the mouse.
    """

    form: str
    item: str
    name: str
    choices: tuple[tuple[str, str], ...]
    answer: str = ""
    suggested: str = ""
    because: str = ""
    optional: bool = False
    stack: str = ""
    hint: str = ""


class ItemRows(QWidget):
    """Rows that stay where they are while their answers change, so that nothing jumps."""

    answered = Signal(str, str, str)
    """Form, item, value; an empty value takes the answer back."""
    left = Signal()
    """Enter or Esc: the keys go back to the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[Key, FieldBox] = {}
        self.accepts: dict[Key, QPushButton] = {}
        self._names: dict[Key, QLabel] = {}
        self._shown: tuple[ItemView, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, NAME_PX)
        self._grid.setColumnStretch(1, 1)

    def show_items(self, items: Sequence[ItemView], *, writable: bool) -> None:
        """Show these items; rows of others are hidden."""
        self._shown = tuple(items)
        listed = {(item.form, item.item) for item in items}
        for key in self.boxes.keys() - listed:
            for widget in (self._names[key], self.boxes[key], self.accepts[key]):
                widget.hide()
        for item in items:
            self._show_item(item, writable=writable)

    def first_open(self) -> FieldBox | None:
        """List of the first item that has no answer."""
        keys = ((item.form, item.item) for item in self._shown if not item.answer and not item.optional)
        return next((self.boxes[key] for key in keys), None)

    def _show_item(self, item: ItemView, *, writable: bool) -> None:
        key = (item.form, item.item)
        box = self.boxes.get(key) or self._new_row(key)
        entries = [(sentence("UI_SPINE_NOT_SAID"), ""), *((words, value) for value, words in item.choices)]
        with QSignalBlocker(box):
            if [(box.itemText(at), box.itemData(at)) for at in range(box.count())] != entries:
                box.clear()
                for words, value in entries:
                    box.addItem(words, value)
            if not box.unsettled:
                box.choose(item.answer)
        box.setAccessibleName(f"{item.name}, {item.hint}" if item.hint else item.name)
        name = self._names[key]
        name.setText(item.name)
        name.setToolTip(item.hint)
        # Titles of series are as long as their makers like; the names of the program's items have room.
        name.setWordWrap(bool(item.stack))
        name.show()
        box.show()
        box.setEnabled(writable)
        missing = not item.answer and not item.optional
        box.setProperty("missing", missing)
        box.setStyleSheet(f"QComboBox {{ border: 1px dashed {DARK.warn}; }}" if missing else "")
        accept = self.accepts[key]
        words = dict(item.choices).get(item.suggested, "")
        accept.setVisible(bool(words) and item.suggested != item.answer)
        accept.setEnabled(writable)
        accept.setText(sentence("UI_SPINE_SUGGESTED", {"value": words}))
        accept.setToolTip(item.because)
        accept.setAccessibleName(f"{item.name}: {accept.text()}. {item.because}")

    def _new_row(self, key: Key) -> FieldBox:
        name, box, accept = QLabel(self), FieldBox(self), KeyButton(self)
        name.setProperty("role", "label")
        box.setMinimumContentsLength(12)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.settled.connect(partial(self._settled, key))
        box.left.connect(self.left)
        accept.clicked.connect(lambda _checked=False: self._accepted(key))
        # Long suggestions shall not make the panel wider than it is; the tooltip has all of it.
        accept.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        accept.hide()
        place = 2 * len(self.boxes)
        self._names[key], self.boxes[key], self.accepts[key] = name, box, accept
        self._grid.addWidget(name, place, 0)
        self._grid.addWidget(box, place, 1)
        self._grid.addWidget(accept, place + 1, 1)
        return box

    def _settled(self, key: Key) -> None:
        self.answered.emit(*key, str(self.boxes[key].currentData()))

    def _accepted(self, key: Key) -> None:
        suggested = next((one.suggested for one in self._shown if (one.form, one.item) == key), "")
        if suggested:
            self.answered.emit(*key, suggested)
