"""A case over its visits: sums, limits, responses, events, as far as they may be seen.

Both drawers, the window's and the report's, take this; :mod:`spinereview.review.timeline_plot` says where its marks lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import BASELINE, INCOMPLETE
from spinereview.domain.assessment import Assessment, in_reading_order
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.review.timepoints import has_begun, is_final
from spinereview.review.visibility import Visible

_NEW = frozenset({"NEW_YES", "NEW_YES_BACKDATED"})


class EventKind(StrEnum):
    """What happened at a visit for the first time."""

    NEW_LESION = "NEW_LESION"
    FRACTURE_NEW = "FRACTURE_NEW"
    FRACTURE_PROGRESSIVE = "FRACTURE_PROGRESSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; ``about`` is the name of the lesion or the level."""

    kind: EventKind
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstSins:
    """Highest SINS of a visit, fewest and most points; of a range no level, its ends may be those of two."""

    level: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sums of diameters at which a visit's target response changes (RECIST 1.1, 4.3.1), exact, in millimetres.

    Parameters
    ----------
    response_mm
        At or below it: partial response.
    progression_mm
        At or above it: progression, by both limits, relative and absolute; None where any value above 0 is progression.
    by_mm
        The absolute limit is the one that decides.
    """

    response_mm: Decimal
    progression_mm: Decimal | None
    by_mm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineVisit:
    """One visit.

    Parameters
    ----------
    date
        ISO 8601; empty where days may not be seen, or where none is known.
    shown
        What is derived may be seen; else nothing but the label is here.
    final
        It and all before it are locked; else what is shown is provisional.
    sum_mm
        Sum of the target lesions; None where one of them has no value.
    response
        Outcome of the whole visit; empty at the baseline and while it is incomplete.
    limits
        What the sum is compared with; None at the baseline, and where the baseline has no sum.
    """

    timepoint: Id
    label: str
    date: str = ""
    shown: bool = False
    final: bool = False
    sum_mm: Decimal | None = None
    response: str = ""
    limits: Limits | None = None
    events: tuple[Event, ...] = ()
    sins: WorstSins | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All visits of a case in order."""

    visits: tuple[TimelineVisit, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(
            visit.sum_mm is not None or visit.response or visit.events or visit.sins for visit in self.visits
        )


def timeline(visible: Visible, assessments: Table[Assessment], settings: Settings, dates: Mapping[Id, str]) -> Timeline:
    """Timeline of what may be seen of a read.

    Parameters
    ----------
    assessments
        Those that may be seen.
    settings
        Of RECIST: its limits.
    dates
        Date of each timepoint; taken only where days may be seen.
    """
    known: set[Event] = set()
    return Timeline(
        visits=tuple(
            _visit(visible, timepoint, assessments, settings, dates, known) for timepoint in visible.case.in_order
        )
    )


def limits_of(baseline_mm: Decimal, nadir_mm: Decimal, settings: Settings) -> Limits:
    """Limits of a visit from the sums before it.

    >>> [str(limits_of(Decimal(100), Decimal(nadir), Settings()).progression_mm) for nadir in (61, 25, 20, 0)]
    ['73.20', '30.00', '25.0', '5.0']
    """
    response_mm = (1 - settings.pr_threshold) * baseline_mm
    if nadir_mm == 0:
        reached = settings.pd_abs_mm if settings.nadir_zero_pd == "abs_mm" else None
        return Limits(response_mm=response_mm, progression_mm=reached, by_mm=True)
    relative, absolute = (1 + settings.pd_threshold) * nadir_mm, nadir_mm + settings.pd_abs_mm
    return Limits(response_mm=response_mm, progression_mm=max(relative, absolute), by_mm=absolute > relative)


def _visit(
    visible: Visible,
    timepoint: Timepoint,
    assessments: Table[Assessment],
    settings: Settings,
    dates: Mapping[Id, str],
    known: set[Event],
) -> TimelineVisit:
    date = dates.get(timepoint.id, "") if visible.shows_days else ""
    final = is_final(visible.read, visible.case, timepoint)
    if not visible.shows_change(timepoint.id):
        return TimelineVisit(timepoint=timepoint.id, label=timepoint.label, date=date, final=final)
    target, overall = (assessments.get(f"{timepoint.id}/{part}") for part in ("target", "overall"))
    values = Table[Decimal | None]() if target is None else target.values
    baseline_mm, nadir_mm = values.get("baseline_sum_mm"), values.get("nadir_mm")
    silent = overall is None or overall.outcome in {BASELINE, INCOMPLETE} or not has_begun(visible.read, timepoint)
    return TimelineVisit(
        timepoint=timepoint.id,
        label=timepoint.label,
        date=date,
        shown=True,
        final=final,
        sum_mm=values.get("sum_mm"),
        response="" if silent or overall is None else overall.outcome,
        limits=None if baseline_mm is None or nadir_mm is None else limits_of(baseline_mm, nadir_mm, settings),
        events=_events(timepoint.id, assessments, known),
        sins=_worst(assessments.get(f"{timepoint.id}/sins")),
    )


def _events(timepoint: Id, assessments: Table[Assessment], known: set[Event]) -> tuple[Event, ...]:
    """Events of a visit that were not there before; ``known`` grows by them."""
    new = assessments.get(f"{timepoint}/new")
    found = [
        Event(kind=EventKind.NEW_LESION, about=reason.args["lesion"])
        for reason in (() if new is None else new.because)
        if reason.code in _NEW
    ]
    for _, answer in in_reading_order(assessments):
        # A level, not one of its stacks.
        if answer.criterion == "fracture" and len(answer.scope) == 3 and answer.scope[0] == timepoint:
            kind = {"NEW": EventKind.FRACTURE_NEW, "PROGRESSIVE": EventKind.FRACTURE_PROGRESSIVE}.get(answer.outcome)
            if kind is not None:
                found.append(Event(kind=kind, about=answer.scope[2]))
    fresh = tuple(event for event in found if event not in known)
    known.update(fresh)
    return fresh


def _worst(answer: Assessment | None) -> WorstSins | None:
    low, high = (None, None) if answer is None else (answer.values.get("low"), answer.values.get("high"))
    if answer is None or low is None or high is None:
        return None
    level = answer.because[0].args["level"] if low == high else ""
    return WorstSins(level=level, low=int(low), high=int(high))
