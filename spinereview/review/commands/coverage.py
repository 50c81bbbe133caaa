"""What the reader says of a region that the protocol demands: whether the images of a timepoint show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.evidence.coverage import Coverage
from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.visits import visit_of
from spinereview.review.forms_asked import demanded_regions


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCoverage:
    """Say whether a region that the visit demands was scanned; None takes the answer back.

    ``region`` is spelled as the protocol does.
    """

    NAME: ClassVar[str] = "state_coverage"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    region: str
    answer: Answer | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        visit = visit_of(document, timepoint)
        coverage = visit.coverage
        if self.answer is None:
            if self.region not in coverage:
                return document
            coverage = coverage.without(self.region)
        else:
            if self.region not in demanded_regions(context.protocol, timepoint):
                raise Refused("REGION_NOT_DEMANDED", region=self.region, timepoint=timepoint.label)
            if self.answer.value not in set(Coverage):
                raise Refused("FORM_ANSWER_UNKNOWN", item=self.region, value=self.answer.value)
            coverage = coverage.with_(self.region, self.answer)
        if coverage == visit.coverage:
            return document
        return replace(document, visits=document.visits.with_(timepoint.id, replace(visit, coverage=coverage)))
