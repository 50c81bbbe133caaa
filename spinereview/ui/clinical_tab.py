"""Fills the tab of clinical answers, which is there only under a protocol that shows some to who reads."""

from __future__ import annotations

from PySide6.QtCore import QObject

from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.scores import Answer, AnswerValue
from spinereview.domain.table import Table
from spinereview.report.clinical_words import item_name, value_words
from spinereview.review.clinical_shown import answers_shown, items_shown
from spinereview.text import explain, sentence
from spinereview.ui.panels.clinical_shown import ClinicalView
from spinereview.ui.panels.side import Page, SidePanel
from spinereview.ui.present_clinical import choices_of
from spinereview.ui.shown_read import ShownRead
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.clinical_release import Beside, clinical_beside
from spinereview.workflow.reads import Workstation


class ClinicalTab(QObject):
    """The tab of one open read; what it shows follows the timepoint in front."""

    def __init__(self, reading: ShownRead, side: SidePanel, opened: OpenedCase, workstation: Workstation) -> None:
        super().__init__(side)
        self._reading, self._side = reading, side
        offered = bool(items_shown(opened.protocol))
        side.offer_clinical(offered=offered)
        self._beside = Beside()
        if offered:
            self._beside = clinical_beside(opened.folder, opened.case, opened.protocol, workstation)
            reading.changed.connect(self.refresh)
            side.tabs.currentChanged.connect(self.refresh)
            self.refresh()

    def refresh(self, _page: int = 0) -> None:
        """Show what is known of the timepoint in front."""
        if self._side.page is Page.CLINICAL:
            self._side.clinical.show_view(clinical_view(self._reading, self._beside))


def answer_text(item: str, value: AnswerValue) -> str:
    """Words of an answer that is chosen, as the form of the record has them; else the value with its unit."""
    return next((words for words, chosen in choices_of(item) if chosen == value), value_words(item, value))


def clinical_view(reading: ShownRead, beside: Beside) -> ClinicalView:
    """Answers of the current timepoint: those that were released with the case, else those of the record beside it."""
    timepoint = reading.current
    if timepoint is None or not reading.visible.shows_timepoint(timepoint.id):
        return ClinicalView()
    known = timepoint.clinical or beside.answers.get(timepoint.id, Table[Answer]())
    seen = answers_shown(known, reading.role, reading.visible.protocol)
    rows = tuple((item_name(item), answer_text(item, seen[item].value)) for item in ITEMS if item in seen)
    if rows:
        return ClinicalView(timepoint=timepoint.label, rows=rows)
    note = sentence("UI_CLINICAL_NONE", {"timepoint": timepoint.label})
    return ClinicalView(
        timepoint=timepoint.label, note=note if beside.problem is None else f"{note} {explain(beside.problem)}"
    )
