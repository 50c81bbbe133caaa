"""Which visit of the protocol a timepoint is: suggested by order, modalities and, where days may be known, by windows.

An assignment goes through the timepoints in their order, and each is a later visit than the one before. On which day an
anchor lies (an operation, the end of radiotherapy) a case of images does not say; with days an assignment holds where some
day of each anchor puts every timepoint into the window of its visit. Windows include both ends. All of it is whole days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from spinereview.criteria.evidence.quality import shows
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Protocol, RawSetting, ScheduledVisit
from spinereview.domain.table import Table

UNSCHEDULED = ""
"""Said of a timepoint that is no visit of the protocol; None: nobody has said."""

Fits = Sequence[Sequence[bool]]
"""By timepoint, then by visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMatch:
    """Which visit a timepoint may be.

    Parameters
    ----------
    modalities, images
        Of the timepoint, for the choice.
    suggested
        Name of a visit; empty: none fits.
    certain
        Days were known, and no other visit fits.
    code, args
        Why.
    said
        What somebody has said already; None: nobody.
    """

    timepoint: Id
    label: str
    modalities: tuple[str, ...]
    images: int
    suggested: str
    certain: bool
    code: str
    args: Table[str]
    said: str | None = None


def visits_with_images(protocol: Protocol) -> tuple[ScheduledVisit, ...]:
    """Visits that a timepoint can be, in their order: those of the read with images, all where none has any."""
    named = protocol.purposes.get("EFFICACY", Table[RawSetting]()).get("visits", ())
    of_read = named if isinstance(named, tuple) else ()
    listed = [visit for visit in protocol.visits_in_order if not of_read or visit.name in of_read]
    return tuple([visit for visit in listed if visit.modalities] or listed)


def matches(case: Case, protocol: Protocol, days: Mapping[str, int] | None = None) -> tuple[VisitMatch, ...]:
    """A match for each timepoint, in order; none where the protocol has no visits.

    Parameters
    ----------
    days
        Of each timepoint, from any day on; None where they may not be known, or one of them is not.
    """
    visits, timepoints = visits_with_images(protocol), case.in_order
    if not visits:
        return ()
    by_kind = [[_shows(timepoint, visit) for visit in visits] for timepoint in timepoints]
    listed = _possible(by_kind)
    first = [min(one, default=-1) for one in listed]
    known = [days[one.id] for one in timepoints if one.id in days] if days is not None else []
    dated = bool(known) and len(known) == len(timepoints)
    if dated:
        within, together = _within_windows(by_kind, visits, known)
        dated = bool(together)
        listed, first = (within, together) if dated else (listed, first)
    certain = dated and all(len(one) == 1 for one in listed)
    return tuple(
        _match(one, found, place, visits, dated=dated, certain=certain)
        for one, found, place in zip(timepoints, listed, first, strict=True)
    )


def _match(
    timepoint: Timepoint,
    found: frozenset[int],
    place: int,
    visits: Sequence[ScheduledVisit],
    *,
    dated: bool,
    certain: bool,
) -> VisitMatch:
    others = [visits[other].name for other in sorted(found - {place})]
    if not found:
        code = "VISIT_NONE_FITS"
    elif dated:
        code = "VISIT_BY_DAYS" if not others else "VISIT_BY_DAYS_SEVERAL"
    else:
        code = "VISIT_BY_ORDER" if not others else "VISIT_BY_ORDER_SEVERAL"
    return VisitMatch(
        timepoint=timepoint.id,
        label=timepoint.label,
        modalities=tuple(sorted({stack.modality for stack in timepoint.stacks.values()})),
        images=sum(len(stack.images) for stack in timepoint.stacks.values()),
        suggested=visits[place].name if found else UNSCHEDULED,
        certain=certain,
        code=code,
        args=Table({"others": ", ".join(others)}),
        said=timepoint.visit,
    )


def _shows(timepoint: Timepoint, visit: ScheduledVisit) -> bool:
    """Whether a timepoint has images of one of the kinds that a visit wants, if it wants any."""
    return not visit.modalities or any(shows(timepoint, modality) for modality in visit.modalities)


def _possible(fits: Fits) -> tuple[frozenset[int], ...]:
    """Visits of each timepoint over all assignments of every timepoint to a later visit than the one before.

    Where there is no such assignment, nothing.
    """
    ahead = _reached(fits)
    behind = [
        frozenset(len(row) - 1 - at for at in found)
        for row, found in zip(fits, reversed(_reached(_turned(fits))), strict=True)
    ]
    return tuple(one & other for one, other in zip(ahead, behind, strict=True))


def _turned(fits: Fits) -> Fits:
    return [list(reversed(row)) for row in reversed(fits)]


def _reached(fits: Fits) -> list[frozenset[int]]:
    """Visits of each timepoint that leave an earlier visit for each timepoint before."""
    found: list[frozenset[int]] = []
    for place, row in enumerate(fits):
        least = min(found[-1], default=len(row)) if place else -1
        found.append(frozenset(at for at, fit in enumerate(row) if fit and at > least))
    return found


def _within_windows(
    by_kind: Fits, visits: Sequence[ScheduledVisit], days: Sequence[int]
) -> tuple[tuple[frozenset[int], ...], list[int]]:
    """The same, over all days on which the anchors can lie; and the earliest visits that hold together."""
    found: list[frozenset[int]] = [frozenset() for _ in days]
    together: list[list[int]] = []
    for anchors in _anchor_days(visits, days):
        fits = [
            [fit and _inside(visit, day - anchors[visit.anchor]) for fit, visit in zip(row, visits, strict=True)]
            for row, day in zip(by_kind, days, strict=True)
        ]
        one = _possible(fits)
        if all(one):
            found = [before | now for before, now in zip(found, one, strict=True)]
            together.append([min(places) for places in one])
    return tuple(found), min(together, default=[])


def _inside(visit: ScheduledVisit, day: int) -> bool:
    return visit.day - visit.minus <= day <= visit.day + visit.plus


def _anchor_days(visits: Sequence[ScheduledVisit], days: Sequence[int]) -> Iterator[dict[Anchor, int]]:
    """Days of the anchors to try: the first ones at which the window of a visit holds a timepoint.

    Windows that hold together on any day of an anchor hold together on the last of their first days.
    """
    starts: dict[Anchor, set[int]] = {}
    for visit in visits:
        starts.setdefault(visit.anchor, set()).update(day - visit.day - visit.plus for day in days)
    listed = list(starts)
    for chosen in product(*(sorted(starts[anchor]) for anchor in listed)):
        yield dict(zip(listed, chosen, strict=True))
