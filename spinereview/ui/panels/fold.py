"""The head of a panel that can be folded away: its name, a line that stands for the rest, and the button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.fields import KeyButton
from spinereview.ui.theme import icon

HEAD_PX = 26


class FoldHead(QWidget):
    """One line; a click anywhere on it folds or unfolds. ``name`` is that of the panel in a sentence."""

    toggled = Signal()
    """The person wants it the other way."""

    def __init__(self, heading: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedHeight(HEAD_PX)
        self.button = KeyButton(self)
        self.button.setProperty("link", True)  # noqa: FBT003  # Qt takes it by its place alone
        self.button.setIconSize(QSize(14, 14))
        self.button.setStyleSheet("padding: 0; min-height: 0;")
        self.button.setFixedSize(20, 20)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(lambda _checked=False: self.toggled.emit())
        self.heading = QLabel(heading, self)
        self.heading.setProperty("role", "heading")
        self.line = QLabel(self)
        self.line.setProperty("role", "secondary")
        # A long line is cut off, never made room for.
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.button)
        row.addWidget(self.heading)
        row.addSpacing(12)
        row.addWidget(self.line, 1)
        self.show_folded(folded=False)

    def show_folded(self, *, folded: bool) -> None:
        """Show which way it is."""
        self.button.setIcon(icon("chevron-right" if folded else "chevron-down", 14))
        name = sentence("UI_UNFOLD" if folded else "UI_FOLD", {"name": self._name})
        self.button.setToolTip(name)
        self.button.setAccessibleName(name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold or unfold."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.toggled.emit()
