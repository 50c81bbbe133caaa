"""Joins the list of treated sites with the read: shows them as they are, and carries what is said to its door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.review.commands.sites import AddTreatedSite, ChangeTreatedSite, RemoveTreatedSite
from spinereview.text import explain, sentence
from spinereview.ui.panels.sites import SitesDialog, SitesView
from spinereview.ui.reading import Reading
from spinereview.workflow.treated_sites import SiteWords, new_site

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench


def show_sites(bench: Workbench) -> SitesDialog:
    """Open the list of treated sites beside the images; it goes with the page of the read."""
    dialog = bench.findChild(SitesDialog)
    if dialog is None:
        dialog = SitesDialog(bench)
        SiteWork(bench.reading, dialog)
    dialog.show()
    dialog.activateWindow()
    if not bench.reading.case.treated_sites:
        dialog.begin()
    return dialog


class SiteWork(QObject):
    """The read behind one list of treated sites; it goes with the list."""

    def __init__(self, reading: Reading, dialog: SitesDialog) -> None:
        super().__init__(dialog)
        self._reading, self._dialog = reading, dialog
        dialog.kept.connect(self._kept)
        dialog.removed.connect(self._removed)
        dialog.undone.connect(reading.undo)
        reading.changed.connect(self.refresh)
        reading.refused.connect(self._say)
        self.refresh()

    def refresh(self) -> None:
        """Show the sites as the read has them."""
        self._dialog.show_view(sites_view(self._reading))

    def _kept(self, site: str, words: SiteWords) -> None:
        reading = self._reading
        before = reading.read.treated_sites.get(site, new_site())
        try:
            treated = words.applied_to(before)
        except SpineReviewError as error:
            self._say(error)
            return
        known = frozenset(reading.read.treated_sites)
        command = ChangeTreatedSite(treated=treated) if site else AddTreatedSite(treated=treated)
        if reading.do(command):
            made = next((key for key in reading.read.treated_sites if key not in known), site)
            self._dialog.show_view(sites_view(reading), select=Id(made))

    def _removed(self, site: str) -> None:
        self._reading.do(RemoveTreatedSite(treated=Id(site)))

    def _say(self, error: SpineReviewError) -> None:
        self._dialog.say(explain(error))


def sites_view(reading: Reading) -> SitesView:
    """The sites of the case as it is read, and whether they may be changed here."""
    # Whoever named the sites of the case goes on with his own on the command line, where both are told apart.
    own = not reading.session.case.treated_sites
    readonly = reading.session.readonly_because is not None
    code = "UI_SITES_NOTE" if own else "UI_SITES_OF_CASE"
    return SitesView(
        sites=tuple(reading.case.treated_sites.values()), writable=own and not readonly, note=sentence(code)
    )
