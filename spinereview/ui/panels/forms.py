"""Forms as cards: what a form is about, what follows from it, its items, and why. One card for each treated site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox
from spinereview.ui.panels.items import ItemRows, ItemView
from spinereview.ui.theme import DARK


@dataclass(frozen=True, slots=True)
class FormView:
    """One form.

    Parameters
    ----------
    key
        ``"ESCC"``, of a treated site ``"SPINO/S1"``.
    outcome, tone
        What follows from the answers; empty where nothing does yet.
    lines, warnings
        Why, what is missing; what is to be looked at.
    """

    key: str
    title: str
    items: tuple[ItemView, ...] = ()
    outcome: str = ""
    tone: str = "mid"
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormsView:
    """All forms of a visit; ``visit`` says which it is, ``empty`` why there is none."""

    forms: tuple[FormView, ...] = ()
    visit: str = ""
    empty: str = ""
    writable: bool = True


class FormCard(QFrame):
    """One form: title and outcome in a line, the items, the reasons below."""

    answered = Signal(str, str, str)
    """Form, item, value; an empty value takes the answer back."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.outcome = QLabel(self), QLabel(self)
        self.title.setProperty("role", "title")
        self.title.setWordWrap(True)
        self.rows = ItemRows(self)
        self.rows.answered.connect(self.answered)
        self.rows.left.connect(self.left)
        self.lines, self.notes = QLabel(self), QLabel(self)
        for words in (self.lines, self.notes):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines.setProperty("tone", "mid")
        self.notes.setProperty("tone", "warn")
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.outcome)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(8)
        column.addLayout(head)
        for widget in (self.rows, self.lines, self.notes):
            column.addWidget(widget)

    def show_form(self, form: FormView, *, writable: bool) -> None:
        """Show a form as the read has it."""
        self.setAccessibleName(form.title)
        self.title.setText(form.title)
        self.outcome.setText(form.outcome)
        self.outcome.setStyleSheet(f"font-size: 14px; font-weight: 700; color: {getattr(DARK, form.tone)}")
        self.rows.setVisible(bool(form.items))
        self.rows.show_items(form.items, writable=writable)
        for label, words in ((self.lines, form.lines), (self.notes, form.warnings)):
            label.setText("\n".join(words))
            label.setVisible(bool(words))


class FormsPanel(QWidget):
    """The forms of a visit below one another."""

    answered = Signal(str, str, str)
    """Form, item, value; an empty value takes the answer back."""
    left = Signal()
    """Enter or Esc: the keys go back to the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(sentence("UI_FORMS"))
        self.shown = FormsView()
        self._title_of: Callable[[Id], str] | None = None
        self.cards: dict[str, FormCard] = {}
        self.visit, self.empty = QLabel(self), QLabel(self)
        self.visit.setProperty("tone", "mid")
        self.empty.setWordWrap(True)
        self.empty.setProperty("tone", "mid")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(12)
        for label in (self.visit, self.empty):
            self._column.addWidget(label)
        self._column.addStretch(1)

    def name_series(self, title_of: Callable[[Id], str]) -> None:
        """Name series as the list of series does: what they were made with is often the same for several of them."""
        self._title_of = title_of
        view, self.shown = self.shown, FormsView()
        self.show_view(view)

    def show_view(self, view: FormsView) -> None:
        """Show the forms of another visit, or other answers; cards stay."""
        if view == self.shown:
            return
        self.shown = view
        for label, words in ((self.visit, view.visit), (self.empty, view.empty)):
            label.setText(words)
            label.setVisible(bool(words))
        for key in self.cards.keys() - {form.key for form in view.forms}:
            self.cards[key].hide()
        for form in view.forms:
            card = self.cards.get(form.key) or self._new_card(form.key)
            card.show_form(replace(form, items=tuple(map(self._named, form.items))), writable=view.writable)
            card.show()

    def box(self, form: str, item: str) -> FieldBox:
        """List of an item."""
        return self.cards[form].rows.boxes[form, item]

    def focus_open(self) -> bool:
        """Give the keys to the first item without an answer; whether there is one."""
        for form in self.shown.forms:
            box = self.cards[form.key].rows.first_open()
            if box is not None:
                box.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    def _named(self, item: ItemView) -> ItemView:
        if not item.stack or self._title_of is None:
            return item
        return replace(item, name=self._title_of(Id(item.stack)), hint=item.name)

    def _new_card(self, key: str) -> FormCard:
        card = FormCard(self)
        card.answered.connect(self.answered)
        card.left.connect(self.left)
        self.cards[key] = card
        self._column.insertWidget(self._column.count() - 1, card)
        return card
