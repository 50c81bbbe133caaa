"""Builds the page of a case in turns of the event loop: in one it would hold the window too long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from spinereview.review.command import Role
from spinereview.ui.clinical_tab import ClinicalTab
from spinereview.ui.panels.lesion_details import LesionDetails
from spinereview.ui.panels.side import SidePanel
from spinereview.ui.reading import Reading
from spinereview.ui.workbench import Workbench
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.reads import Workstation

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow

TURN_MS = 1
"""What is done in turns goes on so much later: after none at all Qt goes on before it looks at keys and timers."""


class PageBuilding:
    """One page at a time, from an opened case to a page that only has to be shown.

    Parameters
    ----------
    made
        Called with the page as soon as it is made: from then on it has something to say.
    built
        Called with the case and its page, in a turn of its own.
    """

    def __init__(
        self,
        window: MainWindow,
        workstation: Workstation,
        made: Callable[[Workbench], None],
        built: Callable[[OpenedCase, Workbench], None],
    ) -> None:
        self._window, self._workstation, self._made, self._built = window, workstation, made, built
        self._coming: OpenedCase | None = None
        """Opened, while its page is not built yet."""
        self._page: Workbench | None = None
        """Built, and not shown yet."""

    @property
    def under_way(self) -> bool:
        """Whether a case is opened whose page is not shown yet."""
        return self._coming is not None

    def begin(self, opened: OpenedCase) -> None:
        """Build the page of a case, the parts that take longest first and each in a turn of its own."""
        self._coming = opened
        self._later(partial(self._side, opened, LesionDetails(self._window)))

    def abandon(self) -> Workbench | None:
        """Build no further: the page, where there is one to be closed already."""
        (coming, self._coming), (page, self._page) = (self._coming, None), (self._page, None)
        if coming is not None and page is None:
            coming.session.close()
        return page

    def _later(self, turn: Callable[[], None]) -> None:
        QTimer.singleShot(TURN_MS, turn)

    def _side(self, opened: OpenedCase, details: LesionDetails) -> None:
        """Build the parts of the right side."""
        if self._coming is opened:
            self._later(partial(self._fill, opened, SidePanel(details, self._window)))
        else:
            details.deleteLater()

    def _fill(self, opened: OpenedCase, side: SidePanel) -> None:
        """Put the parts of the right side into their places."""
        if self._coming is opened:
            side.fill()
            self._later(partial(self._build, opened, side))
        else:
            side.deleteLater()

    def _build(self, opened: OpenedCase, side: SidePanel) -> None:
        """Build the page around its right side."""
        if self._coming is not opened:
            side.deleteLater()
            return
        window = self._window
        reading = Reading(opened.session, Role.READER, window)
        reading.close_stacks(opened.closed_stacks)
        dates = {timepoint.id: opened.file.date_of(timepoint.id) for timepoint in opened.case.in_order}
        self._page = Workbench(reading, opened.source, window.jobs, dates, side, window.pages)
        ClinicalTab(reading, side, opened, self._workstation)
        self._made(self._page)
        self._later(partial(self._place, opened))

    def _place(self, opened: OpenedCase) -> None:
        """Put the right side of the page in its place."""
        if self._coming is opened and self._page is not None:
            self._page.take_side()
            self._later(partial(self._end, opened))

    def _end(self, opened: OpenedCase) -> None:
        page = self._page
        if self._coming is opened and page is not None:
            self._coming = self._page = None
            self._built(opened, page)
