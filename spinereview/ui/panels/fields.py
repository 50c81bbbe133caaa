"""Fields that keep their keys, and the one line in which the window asks for words: nothing modal stands in the way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


class FieldBox(QComboBox):
    """A list that is one act when its entry is settled, not one at each letter or arrow on the way.

    While it has the focus letters and digits are its own: they choose an entry and are no key of the read. A choice with the
    mouse is settled at once; one with the keys when the person pauses, presses Enter or goes on to another field.
    """

    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(2 * QApplication.keyboardInputInterval())
        self._pause.timeout.connect(self.settled)
        self.currentIndexChanged.connect(lambda _index: self._pause.start())
        # Qt says "activated" of a letter too; only the mouse and the opened list settle at once.
        self._typing = False
        self.activated.connect(lambda _index: None if self._typing else self.settle())

    @property
    def unsettled(self) -> bool:
        """Whether a choice is under way."""
        return self._pause.isActive()

    def settle(self) -> None:
        """Take the choice that is under way as made."""
        if self._pause.isActive():
            self._pause.stop()
            self.settled.emit()

    def event(self, event: QEvent) -> bool:
        """Claim what can be typed before the window's shortcuts do."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            if plain and event.text().isprintable() and event.text():
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter settles."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.settle()
            return
        self._typing = True
        super().keyPressEvent(event)
        self._typing = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going on settles; opening the list is no going on."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.settle()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turning the wheel over a field must not change the read; it scrolls whatever is around."""
        event.ignore()


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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.addWidget(self.question)
        layout.addWidget(self.line)
        self.hide()

    def ask(self, question: str, answer: Callable[[str], None], text: str = "") -> None:
        """Ask; the answer, if there is one, is given to the function."""
        self._answer = answer
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
