"""The bar above the images: case and protocol, tools, layout, undo, who reads, whether all is saved, the lock."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from spinereview.text import sentence
from spinereview.ui.theme import DARK, icon

WORDS_FROM_PX = 1500
"""Below this width tools show their icon alone; the name and key are in the tooltip."""
_TOOLS = ("tool_pointer", "tool_window", "tool_zoom", "tool_pan", "tool_crosshair", "tool_level", "tool_heights")
_CALIPERS = ("tool_diameter", "tool_bidirectional", "new_lesion")
_LAYOUT = ("layout_one", "layout_two", "layout_three", "layout_four", "link", "undo", "redo")
PROTOCOL_PART = 0.14
"""Part of the bar that the title of the protocol may have."""

SLACK_PX = 8
"""Of the bar, for words that change while a case is open."""


class SavedDot(QWidget):
    """A filled dot when every act is on the disk, a hollow one while an act is on its way; always with the word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(12, 12)
        self.saved = True

    def show_saved(self, *, saved: bool) -> None:
        """Fill or empty the dot."""
        self.saved = saved
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A circle of 8 pixels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(DARK.ok if self.saved else DARK.warn)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if self.saved else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(2, 2, 8, 8))
        painter.end()


class TopBar(QWidget):
    """Made from the table of actions; shows what the window tells it."""

    def __init__(self, actions: Mapping[str, QAction], menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(48)
        self._worded: list[QToolButton] = []
        self._title = ""
        self.menu_button = self._button()
        self.menu_button.setIcon(icon("menu"))
        self.menu_button.setMenu(menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName(sentence("UI_MENU"))
        self.subject = QLabel(self)
        self.subject.setProperty("role", "title")
        self.protocol = QLabel(self)
        self.protocol.setProperty("role", "chip")
        self.reader = QLabel(self)
        self.reader.setProperty("tone", "mid")
        self.dot = SavedDot(self)
        self.saved = QLabel(self)
        self.saved.setProperty("tone", "mid")
        self.lock_button = QPushButton(self)
        self.lock_button.setProperty("primary", "true")
        self.lock_button.clicked.connect(actions["lock"].trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 12, 0)
        row.setSpacing(4)
        for first in (self.menu_button, self.subject, self.protocol):
            row.addWidget(first)
            row.addSpacing(4)
        for names, worded in ((_TOOLS, False), (_CALIPERS, True), (_LAYOUT, False)):
            row.addWidget(self._line())
            for name in names:
                row.addWidget(self._of_action(actions[name], worded=worded))
        row.addStretch(1)
        for last in (self.reader, self.dot, self.saved, self.lock_button):
            row.addWidget(last)
            row.addSpacing(6)
        self.show_case("", "", "")

    def show_case(self, subject: str, protocol: str, reader: str) -> None:
        """Name the case; empty texts hide their labels."""
        self.subject.setText(subject)
        self._title = protocol
        self.reader.setText(sentence("UI_READER", {"reader": reader}) if reader else "")
        for widget in (self.dot, self.saved, self.lock_button):
            widget.setVisible(bool(subject))
        self._fit_protocol()

    def _fit_protocol(self) -> None:
        """Show as much of the protocol's title as there is room for; all of it is in the tooltip."""
        metrics, room = self.protocol.fontMetrics(), round(PROTOCOL_PART * self.width())
        self.protocol.setText(metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, room))
        wanting = self.minimumSizeHint().width() - self.width()
        if wanting > 0:
            room = min(room, metrics.horizontalAdvance(self._title)) - wanting - SLACK_PX
            self.protocol.setText(metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, room))
        self.protocol.setToolTip(self._title)
        self.protocol.setAccessibleName(self._title)
        self.protocol.setVisible(bool(self._title))

    def show_saved(self, *, saved: bool, writable: bool) -> None:
        """Say whether all is on the disk, or that nothing may be written."""
        self.dot.show_saved(saved=saved and writable)
        codes = ("UI_SAVED", "UI_SAVING") if writable else ("UI_READ_ONLY",)
        # Of a fixed size: nothing beside the word moves, and nothing is laid out anew, while acts are saved.
        width = max(self.saved.fontMetrics().horizontalAdvance(sentence(code)) for code in codes)
        self.saved.setFixedSize(width + 2, self.height())
        self.saved.setText(sentence(codes[0] if saved else codes[-1]))

    def show_lock(self, text: str, *, enabled: bool) -> None:
        """Words of the lock button."""
        self.lock_button.setText(text)
        self.lock_button.setEnabled(enabled)
        self._fit_protocol()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words beside the tools while there is room."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if self.width() < WORDS_FROM_PX:
            style = Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._worded:
            button.setToolButtonStyle(style)
        self.reader.setVisible(self.width() >= 1100)
        self._fit_protocol()

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _of_action(self, action: QAction, *, worded: bool) -> QToolButton:
        button = self._button()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        if worded:
            self._worded.append(button)
        else:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button

    def _line(self) -> QFrame:
        line = QFrame(self)
        line.setObjectName("separator")
        line.setFixedSize(1, 24)
        return line
