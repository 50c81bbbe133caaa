"""The one bar for errors and hints: a plain sentence, what to do, and a way to close it. No toast hides an image."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.theme import DARK, icon, pixmap


class MessageLevel(StrEnum):
    """How much a message matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_ICONS = {
    MessageLevel.ERROR: ("circle-x", DARK.bad),
    MessageLevel.WARNING: ("triangle-alert", DARK.warn),
    MessageLevel.INFO: ("info", DARK.accent),
}


_BESIDE_WORDS_PX = 128
"""Width that the icon, the button and the margins of a message take."""


class _Message(QWidget):
    """One message."""

    def __init__(self, level: MessageLevel, text: str, bar: MessageBar) -> None:
        super().__init__(bar)
        self.setObjectName("message")
        self.setProperty("level", level.value)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name, colour = _ICONS[level]
        picture = QLabel(self)
        picture.setPixmap(pixmap(name, colour, 16, 2.0))
        self.label = QLabel(text, self)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = QToolButton(self)
        close.setIcon(icon("x", 14))
        close.setAccessibleName(sentence("UI_CLOSE_MESSAGE"))
        close.clicked.connect(lambda: bar.remove(self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 4)
        layout.setSpacing(10)
        layout.addWidget(picture)
        layout.addWidget(self.label, 1)
        layout.addWidget(close)

    def fit(self, width: int) -> None:
        """Take the height that the words need at a width, no more: the images keep the rest."""
        room = width - _BESIDE_WORDS_PX
        words = self.label.heightForWidth(max(room, 100)) if self.label.wordWrap() else self.label.sizeHint().height()
        self.setFixedHeight(max(34, words + 12))


class MessageBar(QWidget):
    """Messages, the youngest below; at most three are shown, all are kept in :attr:`log`."""

    SHOWN = 3

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.log: list[tuple[MessageLevel, str]] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 4, 8, 4)
        self._layout.setSpacing(4)
        self.hide()

    def show_message(
        self, level: MessageLevel, text: str, action: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """Show a sentence; the same one twice is shown once.

        ``action`` is the words of a button and what it calls.
        """
        self.log.append((level, text))
        if text in self.texts():
            return
        message = _Message(level, text, self)
        if action is not None:
            words, do = action
            button = QPushButton(words, message)
            button.clicked.connect(lambda: do())  # noqa: PLW0108 - Qt would hand on whether it is checked
            button.clicked.connect(lambda: self.remove(message))
            layout = message.layout()
            assert isinstance(layout, QHBoxLayout)  # made above
            layout.insertWidget(2, button)
        self._layout.addWidget(message)
        # Before it is first shown the bar has no width of its own yet.
        message.fit(self.width() if self.isVisible() else self.window().width())
        while self._layout.count() > self.SHOWN:
            self._drop(self._widgets()[0])
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words wrap at the new width."""
        for message in self._widgets():
            message.fit(self.width())

    def texts(self) -> tuple[str, ...]:
        """Sentences that are shown, from top to bottom."""
        return tuple(widget.label.text() for widget in self._widgets())

    def remove(self, message: QWidget) -> None:
        """Close one message."""
        self._drop(message)
        if self._layout.count() == 0:
            self.hide()

    def clear(self) -> None:
        """Close all messages; the log keeps them."""
        for widget in self._widgets():
            self._drop(widget)
        self.hide()

    def _widgets(self) -> list[_Message]:
        items = (self._layout.itemAt(place) for place in range(self._layout.count()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, _Message)]

    def _drop(self, widget: QWidget) -> None:
        self._layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
