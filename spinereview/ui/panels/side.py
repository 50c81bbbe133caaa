"""The right side of the reading page: lesions with the response and the history, the spine, and the forms of the visit."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.panels.clinical_shown import ClinicalShownPanel
from spinereview.ui.panels.fields import AskLine
from spinereview.ui.panels.forms import FormsPanel
from spinereview.ui.panels.history import HistoryPanel
from spinereview.ui.panels.lesion_details import LesionDetails
from spinereview.ui.panels.lesion_editor import EditorView, LesionEditor
from spinereview.ui.panels.lesions import LesionPanel
from spinereview.ui.panels.response import ResponsePanel
from spinereview.ui.panels.spine import SpinePanel

WIDTH_PX = 320
LESIONS_PX = 214
"""A head of two lines and four rows of the table, the sum among them, are always in sight."""


class Page(Enum):
    """Pages of the right side, by the place of their tab."""

    LESIONS = 0
    SPINE = 1
    FORMS = 2
    CLINICAL = 3


_TABS = ("UI_TAB_LESIONS", "UI_TAB_SPINE", "UI_TAB_FORMS", "UI_TAB_CLINICAL")


class SidePanel(QFrame):
    """Keeps the table and the response in sight whatever else is asked; the response scrolls by itself."""

    def __init__(self, details: LesionDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setMinimumWidth(WIDTH_PX)
        # Each part is made where it stays: whenever a widget gets another parent, all below it is styled anew.
        self.pages = QStackedWidget(self)
        read = QWidget(self.pages)
        self._read = read
        self.lesions = LesionPanel(read)
        self.lesions.setMinimumHeight(LESIONS_PX)
        self.ask = AskLine(self)
        self.hint = QLabel(self)
        self.hint.setObjectName("hint")
        self.hint.setWordWrap(True)
        self.hint.setProperty("tone", "accent")
        self.hint.setContentsMargins(12, 4, 12, 4)
        self.hint.hide()
        self.editor = LesionEditor(read)
        # Room that is left over belongs to the table and the response.
        self.editor.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.details = details
        self.below = QStackedWidget(read)
        self._answers = answers = QWidget(self.below)
        self._response = response = _scrolling(answers)
        self.response = ResponsePanel(response.viewport())
        self.history = HistoryPanel(answers)
        self._areas = spine, forms, clinical = (_scrolling(self.pages), _scrolling(self.pages), _scrolling(self.pages))
        self.spine = SpinePanel(spine.viewport())
        self.forms = FormsPanel(forms.viewport())
        self.clinical = ClinicalShownPanel(clinical.viewport())
        pages = ((response, self.response), (spine, self.spine), (forms, self.forms), (clinical, self.clinical))
        for area, widget in pages:
            area.setWidget(widget)
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName(sentence("UI_TABS"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)

    def fill(self) -> None:
        """Put the parts into their places; a turn of its own, since all of them are styled."""
        self._fill_answers(self._answers, self._response)
        self._fill_read(self._read, self._answers)
        for name, page in zip(_TABS, (self._read, *self._areas), strict=True):
            self.tabs.addTab(sentence(name))
            self.pages.addWidget(page)
        self.offer_clinical(offered=False)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 8, 4, 0)
        whole.setSpacing(8)
        whole.addWidget(self.tabs)
        whole.addWidget(self.ask)
        whole.addWidget(self.hint)
        whole.addWidget(self.pages, 1)

    def _fill_answers(self, answers: QWidget, response: QScrollArea) -> None:
        """What follows from the read, and the history below it."""
        heading = QLabel(sentence("UI_HISTORY"), answers)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(12, 0, 0, 0)
        column = QVBoxLayout(answers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(response, 5)
        column.addWidget(heading)
        column.addWidget(self.history, 1)

    def _fill_read(self, read: QWidget, answers: QWidget) -> None:
        """Lesions, the fields of the selected one, what follows from the read, the history."""
        column = QVBoxLayout(read)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.lesions, 3)
        column.addWidget(self.editor)
        # The rarely needed fields stand in for what follows from the read: nothing else moves.
        self.below.addWidget(answers)
        details = _scrolling(self.below)
        details.setWidget(self.details)
        self.below.addWidget(details)
        column.addWidget(self.below, 6)
        self.editor.more_toggled.connect(lambda on: self.below.setCurrentIndex(1 if on else 0))

    @property
    def page(self) -> Page:
        """The page in front; what is behind is neither built nor worked out."""
        return Page(self.tabs.currentIndex())

    def show_page(self, page: Page) -> None:
        """Bring a page to the front."""
        self.tabs.setCurrentIndex(page.value)

    def offer_forms(self, *, offered: bool) -> None:
        """Have a tab of the forms only where the protocol has one."""
        self.tabs.setTabVisible(Page.FORMS.value, offered)

    def offer_clinical(self, *, offered: bool) -> None:
        """Have a tab of clinical answers only where the protocol shows some."""
        self.tabs.setTabVisible(Page.CLINICAL.value, offered)

    def show_lesion(self, view: EditorView | None, *, read_only: bool) -> None:
        """Fields of the selected lesion; without one the rare fields make room again."""
        if view is not None and read_only:
            view = replace(view, site_writable=False, writable=False)
        self.editor.show_view(view)
        self.details.show_view(view)
        self.below.setCurrentIndex(1 if view is not None and self.editor.more.isChecked() else 0)

    def show_hint(self, words: str) -> None:
        """What the next caliper is; empty hides it."""
        self.hint.setText(words)
        self.hint.setVisible(bool(words))


def _scrolling(parent: QWidget) -> QScrollArea:
    """Room in which a widget scrolls up and down."""
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
