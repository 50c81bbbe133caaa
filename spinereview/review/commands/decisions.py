"""What a reader decides when a visit's response is known: the part of a locked visit that stays open until it is signed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.recist.values import AfterCr, EquivocalCr
from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.visits import visit_of

ANSWERS: dict[str, frozenset[str]] = {
    "AFTER_CR": frozenset(AfterCr),
    "EQUIVOCAL_CR": frozenset(EquivocalCr),
    "RESIDUAL_CR": frozenset({"CR"}),
}
"""Answers by key of ``Visit.decisions``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Answer a question that a response asks; an empty value takes the answer back. The reason is kept with it."""

    NAME: ClassVar[str] = "decide"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    key: str
    value: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.timepoint_of(context.case, self.timepoint)
        signed = None if document.signed_through is None else context.case.timepoints.get(document.signed_through)
        if signed is not None and timepoint.ordinal <= signed.ordinal:
            raise Refused("DECISION_SIGNED", timepoint=timepoint.label)
        if self.key not in ANSWERS or (self.value and self.value not in ANSWERS[self.key]):
            raise Refused("DECISION_UNKNOWN", key=self.key, value=self.value)
        visit = visit_of(document, timepoint)
        if self.value:
            answer = Answer(value=self.value, basis=AnswerBasis.JUDGED, reason=context.reason.strip())
            decisions = visit.decisions.with_(self.key, answer)
        elif self.key in visit.decisions:
            decisions = visit.decisions.without(self.key)
        else:
            return document
        return replace(document, visits=document.visits.with_(self.timepoint, replace(visit, decisions=decisions)))
