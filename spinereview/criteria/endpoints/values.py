"""What the endpoints are given: a subject's responses and schedule, and what the protocol asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.endpoints.settings import Endpoint
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import Dated, LocalResult
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table

CRITERION = "endpoints"
FDA = "FDA 2007, Clinical Trial Endpoints, Appendix 3, Table A (PFS1)"
RECIST_TIMES = "RECIST 1.1 (Eisenhauer 2009), 4.6"
OWN = "Reading of the program, docs/criteria.md"


class Status(StrEnum):
    """Outcome of a time to an event; COMPETING: an event after which the one that is asked for cannot come."""

    EVENT = "EVENT"
    CENSORED = "CENSORED"
    COMPETING = "COMPETING"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One subject.

    Parameters
    ----------
    baseline_assessed
        The baseline was scanned as the protocol demands.
    best_response
        By which rule a response counts, for the duration of response.
    """

    subject: Responses = field(default_factory=Responses)
    baseline_assessed: bool = True
    endpoint: Endpoint = field(default_factory=Endpoint)
    best_response: BestSettings = field(default_factory=BestSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInput:
    """Subjects by their codes."""

    subjects: Table[Responses] = field(default_factory=Table)
    endpoint: Endpoint = field(default_factory=Endpoint)
    best_response: BestSettings = field(default_factory=BestSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A subject's visits before the first progression.

    Parameters
    ----------
    reference
        Day of the anchor.
    progressed_at, progressed_on
        Index of the visit of the first progression, None where there is none; its day, None where it is not known.
    """

    visits: Sequence[Dated]
    reference: int
    schedule: Schedule
    local: bool
    progressed_at: int | None = None
    progressed_on: int | None = None

    def adequate(self) -> list[Dated]:
        """Assessments that say that there is no progression yet."""
        return [one for one in self.visits if adequate(one, local=self.local)]


def adequate(one: Dated, *, local: bool) -> bool:
    """Whether a visit is an adequate assessment: it says something, and all that the protocol demands could be read.

    Not evaluable only because the protocol took out every target lesion is adequate (our reading).
    """
    visit = one.visit
    if local:
        return visit.readable and visit.local not in {None, LocalResult.NE}
    said = visit.response is not None and visit.response is not OverallResponse.NE
    return visit.readable and (said or visit.all_targets_removed)
