"""The right side of the reading page: lesions with the response and the history, and the spine."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.fields import AskLine
from spinereview.ui.panels.history import HistoryPanel
from spinereview.ui.panels.lesion_editor import LesionEditor
from spinereview.ui.panels.lesions import LesionPanel
from spinereview.ui.panels.response import ResponsePanel
from spinereview.ui.panels.spine import SpinePanel

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
        self.spine = SpinePanel(self)
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName(sentence("UI_TABS"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.pages = QStackedWidget(self)
        read = QWidget(self)
        column = QVBoxLayout(read)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.lesions, 3)
        column.addWidget(self.editor)
        column.addWidget(scrolled, 3)
        column.addWidget(heading)
        column.addWidget(self.history, 1)
        spine = QScrollArea(self)
        spine.setWidgetResizable(True)
        spine.setFrameShape(QFrame.Shape.NoFrame)
        spine.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        spine.setWidget(self.spine)
        for name, page in (("UI_TAB_LESIONS", read), ("UI_TAB_SPINE", spine)):
            self.tabs.addTab(sentence(name))
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 8, 4, 0)
        whole.setSpacing(8)
        whole.addWidget(self.tabs)
        whole.addWidget(self.ask)
        whole.addWidget(self.pages, 1)

    @property
    def shows_spine(self) -> bool:
        """Whether the spine's page is in front; what is behind is neither built nor worked out."""
        return self.tabs.currentIndex() == 1

    def show_spine(self, shown: bool) -> None:
        """Bring the page of the spine to the front, or the one of the lesions."""
        self.tabs.setCurrentIndex(1 if shown else 0)
