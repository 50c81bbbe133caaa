"""Fields that keep their keys, and the one line in which the window asks for words: nothing modal stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from spinereview.text import sentence
from spinereview.ui.theme import DARK, pixmap

_ARROW_PX = 12
_OF_A_LIST = frozenset(
    {
        *(Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
        *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    }
)
"""Keys that go through the entries of a list; elsewhere they go through images and series."""


class ChoiceBox(QComboBox):
    """A list that shows by its arrow that it is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._arrows: dict[tuple[str, float], QPixmap] = {}

    @property
    def cut(self) -> bool:
        """Whether the entry has less room than it needs."""
        return self._elided() != self.currentText()

    def _elided(self) -> str:
        room = self.width() - 2 * _ARROW_PX - 8
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box with as much of its entry as there is room for, then the arrow in the colour of its text."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self._elided()
        look = (DARK.mid if self.isEnabled() else DARK.line, self.devicePixelRatioF())
        if look not in self._arrows:
            self._arrows[look] = pixmap("chevron-down", look[0], _ARROW_PX, look[1])
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.drawPixmap(self.width() - _ARROW_PX - 6, (self.height() - _ARROW_PX) // 2, self._arrows[look])
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Under the mouse an entry that is cut is told in full."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.cut:
            words = "\n".join(line for line in (self.currentText(), self.toolTip()) if line)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class FieldBox(ChoiceBox):
    """A list that is one act when its entry is settled, not one at each letter or arrow on the way.

    While it has the focus letters and digits are its own: they choose an entry and are no key of the read. A choice with the
    mouse is settled at once; one with the keys when the person pauses, presses Enter or goes on to another field.
    """

    settled = Signal()
    left = Signal()
    """Enter or Esc: the keys go back to the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = -1
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(2 * QApplication.keyboardInputInterval())
        self._pause.timeout.connect(self.settled)
        self.currentIndexChanged.connect(lambda _index: self._pause.start())
        # Qt says "activated" of a letter too; only the mouse and the opened list settle at once.
        self._typing = False
        self.activated.connect(lambda _index: None if self._typing else self._chosen())

    def choose(self, value: object) -> None:
        """Show an entry without an act; what an older read has and the list has not is added."""
        place = next((index for index in range(self.count()) if self.itemData(index) == value), -1)
        with QSignalBlocker(self):
            if place < 0:
                self.addItem(str(value), value)
                place = self.count() - 1
            self.setCurrentIndex(place)
        self._shown = place

    def offer(self, entries: Sequence[tuple[str, object]]) -> None:
        """Take these entries in the place of the others, without an act."""
        with QSignalBlocker(self):
            self.clear()
            for words, value in entries:
                self.addItem(words, value)
        self._shown = -1

    @property
    def unsettled(self) -> bool:
        """Whether a choice is under way."""
        return self._pause.isActive()

    def settle(self) -> None:
        """Take the choice that is under way as made."""
        if self._pause.isActive():
            self._pause.stop()
            self.settled.emit()

    def _chosen(self) -> None:
        """A choice from the opened list is settled, and the keys go back to the image."""
        self.settle()
        self.left.emit()

    def event(self, event: QEvent) -> bool:
        """Claim what can be typed before the window's shortcuts do."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            typed = bool(event.text()) and event.text().isprintable()
            if plain and (typed or event.key() in _OF_A_LIST):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter settles, Esc takes an unsettled choice back, both leave the field; an open list has its own keys."""
        if self.view().isVisible():
            # Qt's box would search the list that it hides, and has crashed on it.
            QApplication.sendEvent(self.view(), event)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.settle()
            self.left.emit()
            return
        if event.key() == Qt.Key.Key_Escape:
            self._pause.stop()
            with QSignalBlocker(self):
                self.setCurrentIndex(self._shown if self._shown >= 0 else self.currentIndex())
            self.left.emit()
            return
        if event.key() == Qt.Key.Key_Space and self._pause.isActive():
            self._search(event.text())
            return
        self._typing = True
        super().keyPressEvent(event)
        self._typing = False

    def _search(self, text: str) -> None:
        """Go on with the word that is being typed: a space within it chooses, at its beginning it opens the list."""
        view = self.view()
        view.setCurrentIndex(self.model().index(self.currentIndex(), self.modelColumn(), self.rootModelIndex()))
        view.keyboardSearch(text)
        if view.currentIndex().isValid():
            self.setCurrentIndex(view.currentIndex().row())
        self._pause.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going on settles; opening the list is no going on."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.settle()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turning the wheel over a field must not change the read; it scrolls whatever is around."""
        event.ignore()


class FieldLine(QLineEdit):
    """A line of words that is one act at its end; Esc takes back what was typed. Letters are no keys of the read."""

    settled = Signal()
    left = Signal()
    """Enter or Esc: the keys go back to the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.editingFinished.connect(self._finished)
        self.returnPressed.connect(self.left)

    def show_text(self, text: str) -> None:
        """Show what the read says, unless something is being typed."""
        if not self.hasFocus() or self.text() == self._shown:
            self.setText(text)
        self._shown = text

    def event(self, event: QEvent) -> bool:
        """Claim Esc before the window's shortcut does."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was typed and leaves the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self.left.emit()
            return
        super().keyPressEvent(event)

    def _finished(self) -> None:
        if self.text().strip() != self._shown:
            self.settled.emit()


class FieldCheck(QCheckBox):
    """A box to tick. Reached by Tab it has the keys: Space ticks, Enter goes back to the image. A click takes no keys."""

    left = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        """Claim what could be typed before the window's shortcuts do."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            typed = bool(event.text()) and event.text().isprintable()
            if not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier and (
                typed or event.key() == Qt.Key.Key_Escape
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc leave the box."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()
            return
        super().keyPressEvent(event)

    def show_ticked(self, *, ticked: bool) -> None:
        """Show what the read says, without an act."""
        with QSignalBlocker(self):
            self.setChecked(ticked)


def field_box(parent: QWidget, name: str, entries: Sequence[tuple[str, object]]) -> FieldBox:
    """List with a name for screen readers and the tooltip, and its (words, value)."""
    box = FieldBox(parent)
    box.setAccessibleName(sentence(name))
    box.setToolTip(sentence(name))
    # Filling it is no choice.
    with QSignalBlocker(box):
        for text, value in entries:
            box.addItem(text, value)
    return box


class KeyButton(QPushButton):
    """A button that Space and Enter press while it has the focus, whatever they do elsewhere."""

    def event(self, event: QEvent) -> bool:
        """Claim the two keys before a shortcut of the window takes them."""
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.key() in keys and not event.modifiers():
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() != Qt.Key.Key_Space:
                self.click()
                return True
        return super().event(event)


class AskLine(QFrame):
    """One question with a line for the answer; Enter gives it, Esc withdraws the question."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._answer: Callable[[str], None] | None = None
        self.question = QLabel(self)
        self.question.setWordWrap(True)
        self.question.setProperty("tone", "warn")
        self.line = QLineEdit(self)
        self.line.returnPressed.connect(self._answered)
        self.option = FieldCheck("", self)
        self.option.setAccessibleName(sentence("UI_ASK_OPTION"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.addWidget(self.question)
        layout.addWidget(self.line)
        layout.addWidget(self.option)
        self.hide()

    def ask(self, question: str, answer: Callable[[str], None], text: str = "", option: str = "") -> None:
        """Ask; the answer, if there is one, is given to the function.

        Parameters
        ----------
        option
            Words of a box to tick beside the answer; whoever asked looks at it.
        """
        self._answer = answer
        self.option.setText(option)
        self.option.setAccessibleName(option or sentence("UI_ASK_OPTION"))
        self.option.setVisible(bool(option))
        self.option.show_ticked(ticked=False)
        self.question.setText(question)
        self.line.setAccessibleName(question)
        self.line.setText(text)
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def withdraw(self) -> None:
        """End the question without an answer."""
        self._answer = None
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc withdraws."""
        if event.key() == Qt.Key.Key_Escape:
            self.withdraw()
        else:
            super().keyPressEvent(event)

    def _answered(self) -> None:
        text = self.line.text().strip()
        answer = self._answer
        if text and answer is not None:
            self.withdraw()
            answer(text)
