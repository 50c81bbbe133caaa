"""What the engines that need days are given: responses of visits, as they were resolved, and the subject's schedule.

A response here is the one of RECIST 1.1, Tables 1 and 2, after the footnote of Table 3 was applied; what is printed because
a partial response persists never gets here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spinereview.criteria.recist.values import AfterCr, OverallResponse, TargetResponse
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, EventKind, Schedule
from spinereview.domain.table import Table

SCHEDULE = "SCHEDULE"
"""Code of what is missing where a result needs days and there are none."""

MISSING = "MISSING"
"""Outcome where something is missing without which nothing true can be said; ``missing`` says what."""

DAYS_RULE = "Results that need days; reading of the program, docs/criteria.md"

_LATE = 1_000_000_000
_EARLY = -_LATE
"""Days after and before all others."""

_DISEASE = frozenset({OverallResponse.PR, OverallResponse.SD, OverallResponse.NON_CR_NON_PD})


class PdCause(StrEnum):
    """What the progression of a visit rests on."""

    TARGET = "TARGET"
    NON_TARGET = "NON_TARGET"
    NEW_LESION = "NEW_LESION"


class LocalResult(StrEnum):
    """Local control at one visit."""

    CONTROL = "CONTROL"
    FAILURE = "FAILURE"
    EQUIVOCAL = "EQUIVOCAL"
    NE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseVisit:
    """Response of one visit after the baseline.

    Parameters
    ----------
    response
        None: the visit is open, or a question about it is not answered.
    guarded
        CR that was kept though a node is seen again: it confirms nothing.
    equivocal_new
        A lesion is equivocally new: a CR of this visit confirms nothing.
    amended
        PR that was a CR before a reader amended it.
    all_targets_removed
        NE only because the protocol has taken out every target lesion, while some non-target lesion was judged, or there is
        none.
    readable
        All regions and modalities that the protocol demands were scanned and could be read.
    pd_causes
        Of a PD; empty: not stated.
    after_cr
        What the reader decided of disease after a complete response, where ``response`` is not resolved yet.
    local
        Result of local control at the treated sites; None: not assessed.
    """

    timepoint: Id
    label: str = ""
    response: OverallResponse | None
    target: TargetResponse | None = None
    guarded: bool = False
    equivocal_new: bool = False
    amended: bool = False
    all_targets_removed: bool = False
    readable: bool = True
    pd_causes: frozenset[PdCause] = frozenset()
    after_cr: AfterCr | None = None
    local: LocalResult | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A visit and the days between which it lies; equal where its day is known."""

    visit: ResponseVisit
    earliest: int
    latest: int

    @property
    def day(self) -> int | None:
        """Day of the visit; None where it is not known."""
        return self.earliest if self.earliest == self.latest else None


def dated(visits: Sequence[ResponseVisit], schedule: Schedule) -> tuple[Dated, ...]:
    """Visits with their days; one without a day lies between those around it.

    Raises
    ------
    InvalidValue
        ``VISITS_NOT_IN_ORDER`` where a visit lies before the one that it follows.
    """
    spans = in_order([visit.timepoint for visit in visits], [visit.name for visit in visits], schedule)
    upper = _LATE
    for index in reversed(range(len(spans))):
        earliest, latest = spans[index]
        upper = min(upper, latest)
        spans[index] = (earliest, upper)
    return tuple(
        Dated(visit=visit, earliest=earliest, latest=latest)
        for visit, (earliest, latest) in zip(visits, spans, strict=True)
    )


def in_order(timepoints: Sequence[Id], names: Sequence[str], schedule: Schedule) -> list[tuple[int, int]]:
    """Days between which each visit lies, none before the earliest of the visit that it follows.

    Raises
    ------
    InvalidValue
        ``VISITS_NOT_IN_ORDER`` where a visit lies before the one that it follows.
    """
    spans: list[tuple[int, int]] = []
    lower = _EARLY
    for timepoint, name in zip(timepoints, names, strict=True):
        earliest, latest = _span(timepoint, schedule)
        lower = max(lower, earliest)
        require(holds=lower <= latest, code="VISITS_NOT_IN_ORDER", timepoint=name)
        spans.append((lower, latest))
    return spans


def undated(listed: Sequence[Dated]) -> tuple[Reason, ...]:
    """Reasons for the visits of which nobody knows the day."""
    return tuple(
        Reason(code="VISIT_DAY_MISSING", args=Table({"visit": one.visit.name}), rule=DAYS_RULE)
        for one in listed
        if one.day is None
    )


def no_schedule() -> Reason:
    """That days are needed and there are none."""
    return Reason(code=SCHEDULE, rule=DAYS_RULE)


def therapy_events(schedule: Schedule, *, local: bool = False) -> tuple[Event, ...]:
    """New anticancer therapy, and local treatment of a lesion outside the protocol (EORTC's answers: surgery, radiotherapy).

    Parameters
    ----------
    local
        For endpoints of the treated sites: a local treatment counts only where it concerns one of them (our reading).
    """
    return tuple(
        event
        for event in schedule.of_kind(EventKind.NEW_THERAPY, EventKind.LOCAL_THERAPY)
        if event.kind is EventKind.NEW_THERAPY or event.treated_site or not local
    )


def scope_end(schedule: Schedule, *, local: bool = False) -> int | None:
    """Last day that counts: of the first new therapy, its day included, or of the cut-off; None: no limit."""
    days = [event.day for event in therapy_events(schedule, local=local) if event.day is not None]
    return min([*days, *([] if schedule.cut_off is None else [schedule.cut_off])], default=None)


def events_without_day(events: Sequence[Event]) -> tuple[Reason, ...]:
    """Reasons for the events of which nobody knows the day."""
    return tuple(
        Reason(code="EVENT_DAY_MISSING", args=Table({"event": event.kind.value}), rule=DAYS_RULE)
        for event in events
        if event.day is None
    )


def _span(timepoint: Id, schedule: Schedule) -> tuple[int, int]:
    days = schedule.visits.get(timepoint)
    if days is None:
        return _EARLY, _LATE
    if days.day is not None:
        return days.day, days.day
    earliest = _EARLY if days.earliest is None else days.earliest
    return earliest, _LATE if days.latest is None else days.latest


def resolved(visits: Sequence[ResponseVisit]) -> tuple[tuple[ResponseVisit, ...], frozenset[str]]:
    """Visits with the footnote of RECIST 1.1, Table 3 applied, and the timepoints that it made progression.

    Disease after a complete response is progression, unless the reader amended that response. Visits that were resolved
    already stay as they are; visits after the first progression too.
    """
    listed: list[ResponseVisit] = []
    reappeared: set[str] = set()
    complete = False
    for at, visit in enumerate(visits):
        now = visit
        if complete and visit.response in _DISEASE:
            if visit.after_cr is AfterCr.AMEND_CR_TO_PR:
                listed = [_amended(earlier, visit) for earlier in listed]
            else:
                now = replace(visit, response=OverallResponse.PD)
                reappeared.add(visit.timepoint)
        listed.append(now)
        if now.response is OverallResponse.PD:
            listed.extend(visits[at + 1 :])
            break
        if now.response not in {OverallResponse.NE, None}:
            complete = now.response is OverallResponse.CR
    return tuple(listed), frozenset(reappeared)


def _amended(earlier: ResponseVisit, by: ResponseVisit) -> ResponseVisit:
    if earlier.response is not OverallResponse.CR:
        return earlier
    without = OverallResponse.NON_CR_NON_PD
    response = without if by.response is without else OverallResponse.PR
    return replace(earlier, response=response, guarded=False, amended=True)


def reference(anchor: Anchor, schedule: Schedule) -> int | None:
    """Day of an anchor; None where the schedule does not have it."""
    return schedule.anchors.get(anchor.value)


def no_anchor(anchor: Anchor) -> Reason:
    """That the day of an anchor is needed and not there."""
    return Reason(code="ANCHOR_MISSING", args=Table({"anchor": anchor.value}), rule=DAYS_RULE)
