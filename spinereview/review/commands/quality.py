"""What the reader says of how well a series can be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.imaging import Id
from spinereview.domain.quality import Quality, QualityCause
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.visits import visit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeQuality:
    """Say how well a series can be read; None takes that back. ``cause`` says why it cannot."""

    NAME: ClassVar[str] = "judge_quality"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id
    quality: Quality | None
    cause: QualityCause | None = None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        if self.stack not in timepoint.stacks:
            raise Refused("SERIES_NOT_OF_TIMEPOINT", timepoint=timepoint.label, stack=self.stack)
        if (self.cause is not None) is not (self.quality is Quality.NOT_READABLE):
            raise Refused("QUALITY_CAUSE", timepoint=timepoint.label)
        visit = visit_of(document, timepoint)
        if self.quality is not None:
            answer = Answer(
                value=self.quality.value,
                basis=AnswerBasis.JUDGED,
                reason="" if self.cause is None else self.cause.value,
            )
            quality = visit.quality.with_(self.stack, answer)
        elif self.stack in visit.quality:
            quality = visit.quality.without(self.stack)
        else:
            return document
        if quality == visit.quality:
            return document
        return replace(document, visits=document.visits.with_(timepoint.id, replace(visit, quality=quality)))
