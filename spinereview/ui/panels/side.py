"""The right side of the reading page: lesions, what is said of the selected one, the response, the history."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.history import HistoryPanel
from spinereview.ui.panels.lesion_editor import AskLine, LesionEditor
from spinereview.ui.panels.lesions import LesionPanel
from spinereview.ui.panels.response import ResponsePanel

WIDTH_PX = 320
LESIONS_PX = 196
"""Head and four rows of the table are always in sight."""


class SidePanel(QFrame):
    """Keeps the table and the response in sight whatever else is asked; the response scrolls by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setMinimumWidth(WIDTH_PX)
        self.lesions = LesionPanel(self)
        self.lesions.setMinimumHeight(LESIONS_PX)
        self.ask = AskLine(self)
        self.editor = LesionEditor(self)
        self.response = ResponsePanel(self)
        self.history = HistoryPanel(self)
        scrolled = QScrollArea(self)
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setWidget(self.response)
        heading = QLabel(sentence("UI_HISTORY"), self)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(12, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 0)
        column.setSpacing(8)
        column.addWidget(self.lesions, 3)
        column.addWidget(self.ask)
        column.addWidget(self.editor)
        column.addWidget(scrolled, 3)
        column.addWidget(heading)
        column.addWidget(self.history, 1)
