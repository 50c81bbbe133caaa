"""The step between opening a case and showing it: which visit of the protocol each timepoint is, where that is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from spinereview.errors import Refused, SpineReviewError
from spinereview.ui.panels.opening import OpeningPage
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.case_changes import name_visits, visit_matches, with_certain_visits
from spinereview.workflow.visits import visits_with_images


class VisitStep:
    """Keeps an opened case until its visits are said; it is shown at once where nothing is to be asked.

    Parameters
    ----------
    ask
        Brings the opening page to the front.
    show
        Shows the case.
    refused
        Says an error.
    """

    def __init__(
        self,
        page: OpeningPage,
        *,
        ask: Callable[[], None],
        show: Callable[[OpenedCase], None],
        refused: Callable[[SpineReviewError], None],
    ) -> None:
        self._page, self._ask, self._show, self._refused = page, ask, show, refused
        self._waiting: OpenedCase | None = None
        self._again = False
        self._given: Mapping[str, str] = {}
        page.visits_taken.connect(self._taken)
        page.withdrawn.connect(self.forget)

    def take(self, opened: OpenedCase) -> None:
        """Show a case, or ask for its visits first."""
        self.forget()
        again, self._again = self._again, False
        try:
            opened, asked = with_certain_visits(opened)
            asked = visit_matches(opened) if again and not opened.read_only else asked
        except SpineReviewError as error:
            # The case can be read without: its forms are then offered and not demanded.
            self._refused(error)
            asked = ()
        if asked:
            self.ask(opened)
        else:
            self._show(opened)

    def ask_again(self) -> None:
        """Ask of the next case that is opened though its visits have been said."""
        self._again = True

    def give(self, visits: Mapping[str, str]) -> None:
        """What the next case that is asked about is to be answered with: visit by label of a timepoint, empty: unscheduled.

        A case of which all that is asked is given is shown at once; else, or where it cannot be, the page asks with it.
        """
        self._given = visits

    def ask(self, opened: OpenedCase) -> None:
        """Ask for the visits of a case."""
        given, self._given = self._given, {}
        found = tuple(replace(one, said=given.get(one.label, one.said)) for one in visit_matches(opened))
        if given:
            unknown = sorted(given.keys() - {one.label for one in found})
            if unknown:
                self._refused(Refused("CASE_TIMEPOINT_UNKNOWN", timepoint=", ".join(unknown)))
            elif all(one.said is not None for one in found):
                try:
                    self._show(name_visits(opened, {one.timepoint: str(one.said) for one in found}))
                except SpineReviewError as error:
                    self._refused(error)
                else:
                    return
        self._waiting = opened
        blinding = opened.protocol.blinding
        days = {one.id: opened.file.day_of(one.id) for one in opened.case.in_order} if blinding.show_days else {}
        names = [visit.name for visit in visits_with_images(opened.protocol)]
        self._page.ask_visits(opened.case.subject_code, found, names, days)
        self._ask()

    def forget(self) -> None:
        """Let go of a case that waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.session.close()

    def _taken(self) -> None:
        opened = self._waiting
        if opened is None:
            return
        rows = self._page.visits
        if rows.unsaid:
            self._refused(Refused("UI_VISITS_CHOOSE_ALL", timepoint=", ".join(rows.unsaid)))
            return
        try:
            opened = name_visits(opened, rows.chosen)
        except SpineReviewError as error:
            self._refused(error)
            return
        self._waiting = None
        self._show(opened)
