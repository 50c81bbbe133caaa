"""What the images of a timepoint cover: regions that a protocol demands, and whether a place was imaged at the baseline.

What images cover is the coordinator's word in the case, what was not scanned the reader's in the read. Where neither has
been said it is not known, and nothing is made of it but a remark.
"""

from __future__ import annotations

from dataclasses import replace

from spinereview.criteria.recist.values import Input
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Stack
from spinereview.domain.lesion import Lesion
from spinereview.domain.measurement import InSpace, Measurement, OnImage
from spinereview.domain.protocol import ScheduledVisit
from spinereview.domain.read import Read
from spinereview.domain.table import Table

NOT_SCANNED = "NOT_SCANNED"
"""Value of an answer in ``Visit.coverage``, by region: the protocol demands it and nobody scanned it."""


def with_demanded_regions(given: Input, read: Read, case: Case, visits: Table[ScheduledVisit]) -> Input:
    """The input with what is missing at each timepoint of the regions that its visit of the protocol demands.

    A region is there where a stack covers it. It is missing where the reader said so, or where every stack says what it
    covers and none covers it; else nobody has stated it.
    """
    if not any(visit.regions for visit in visits.values()):
        return given
    made = []
    for visit in given.visits:
        timepoint = case.timepoints[visit.timepoint]
        scheduled = visits.get(timepoint.visit or "")
        demanded = () if scheduled is None else tuple(sorted(scheduled.regions))
        covered = _covered(timepoint)
        answers = read.visit_at(timepoint.id).coverage
        absent = [one for one in demanded if one.upper() not in covered and one not in answers]
        stated = _states_all(timepoint)
        made.append(
            replace(
                visit,
                missing_regions=(*visit.missing_regions, *(absent if stated else ())),
                unstated_regions=() if stated else tuple(absent),
            )
        )
    return Input(visits=tuple(made))


def missing_regions(read: Read, timepoint: Timepoint) -> tuple[str, ...]:
    """Regions of which the read says that nobody scanned them."""
    coverage = read.visit_at(timepoint.id).coverage
    return tuple(region for region, answer in coverage.items() if answer.value == NOT_SCANNED)


def imaged_before(lesion: Lesion, first: Timepoint, baseline: Timepoint) -> bool | None:
    """Whether the baseline's images cover the region that a lesion was first marked in; None where nobody has said it.

    Where one stack of the baseline does not say what it covers, it may have shown the place.
    """
    covered, stated = _covered(baseline), _states_all(baseline)
    finding = lesion.findings.get(first.id)
    if finding is None or not covered:
        return None
    marks = finding.parts.values()
    here = {region.upper() for mark in marks for stack in stacks_of(first, mark) for region in stack.regions}
    if here & covered:
        return True
    return False if here and stated else None


def stacks_of(timepoint: Timepoint, measurement: Measurement) -> list[Stack]:
    """Stacks of a timepoint that something was measured on; none for an entered number."""
    geometry = measurement.geometry
    names: tuple[str, ...] = ()
    if isinstance(geometry, OnImage):
        names = (geometry.image.stack,)
    elif isinstance(geometry, InSpace):
        names = geometry.stacks
    return [timepoint.stacks[name] for name in names if name in timepoint.stacks]


def _covered(timepoint: Timepoint) -> set[str]:
    return {region.upper() for stack in timepoint.stacks.values() for region in stack.regions}


def _states_all(timepoint: Timepoint) -> bool:
    """Whether it is known what the timepoint's images cover: there is a stack, and each of them says it."""
    return bool(timepoint.stacks) and all(stack.regions for stack in timepoint.stacks.values())
