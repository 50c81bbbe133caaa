"""What the images of a timepoint cover: regions that a protocol demands, and whether a place was imaged at the baseline.

What a stack covers is the coordinator's word in the case, whether a region that the protocol demands was scanned the
reader's in the read. Where neither has been said it is not known, and nothing is made of it but a remark. A region that was
scanned only in part is missing: what lies in the rest of it cannot be excluded.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from spinereview.criteria.recist.values import Input
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Stack
from spinereview.domain.lesion import Lesion
from spinereview.domain.measurement import InSpace, Measurement, OnImage
from spinereview.domain.protocol import ScheduledVisit
from spinereview.domain.read import Read
from spinereview.domain.table import Table

FORM = "COVERAGE"


class Coverage(StrEnum):
    """Values of the answers in ``Visit.coverage``, by region as the protocol spells it."""

    COVERED = "COVERED"
    PARTLY = "PARTLY"
    NOT_SCANNED = "NOT_SCANNED"


_MISSING = frozenset({Coverage.PARTLY, Coverage.NOT_SCANNED})


def with_demanded_regions(given: Input, read: Read, case: Case, visits: Table[ScheduledVisit]) -> Input:
    """The input with what is missing at each timepoint of the regions that its visit of the protocol demands.

    A region is there where a stack covers it. It is missing where the reader said so, or where every stack says what it
    covers and none covers it; else nobody has stated it. What was said of a region that the visit no longer demands, since
    it is another visit now, does not count.
    """
    if not any(visit.regions for visit in visits.values()) and not any(visit.missing_regions for visit in given.visits):
        return given
    made = []
    for visit in given.visits:
        timepoint = case.timepoints[visit.timepoint]
        scheduled = visits.get(timepoint.visit or "")
        demanded = () if scheduled is None else tuple(sorted(scheduled.regions))
        covered = covered_by(timepoint)
        answers = coverage_said(read, timepoint)
        absent = [one for one in demanded if one.upper() not in covered and one not in answers]
        said = [one for one in visit.missing_regions if one in demanded]
        stated = states_all(timepoint)
        made.append(
            replace(
                visit,
                missing_regions=(*said, *(absent if stated else ())),
                unstated_regions=() if stated else tuple(absent),
            )
        )
    return Input(visits=tuple(made))


def coverage_said(read: Read, timepoint: Timepoint) -> dict[str, Coverage]:
    """What the reader said of regions at a timepoint; a word that is not of the vocabulary counts as not said."""
    said = read.visit_at(timepoint.id).coverage
    return {one: Coverage(str(answer.value)) for one, answer in said.items() if answer.value in set(Coverage)}


def missing_regions(read: Read, timepoint: Timepoint) -> tuple[str, ...]:
    """Regions of which the read says that nobody scanned them, or not all of them."""
    return tuple(region for region, said in coverage_said(read, timepoint).items() if said in _MISSING)


def imaged_before(read: Read, lesion: Lesion, first: Timepoint, baseline: Timepoint) -> bool | None:
    """Whether the baseline's images cover the region that a lesion was first marked in; None where nobody has said it.

    The stacks say it, and the reader of a region that the protocol demands. Where one stack of the baseline does not say
    what it covers, it may have shown the place; so may a scan of a part of the region.
    """
    finding = lesion.findings.get(first.id)
    if finding is None:
        return None
    marks = finding.parts.values()
    here = {region.upper() for mark in marks for stack in stacks_of(first, mark) for region in stack.regions}
    if not here:
        return None
    said = {region.upper(): answer for region, answer in coverage_said(read, baseline).items()}
    covered = covered_by(baseline) - said.keys() | {one for one, answer in said.items() if answer is Coverage.COVERED}
    absent = {one for one, answer in said.items() if answer is Coverage.NOT_SCANNED}
    if here & covered:
        return True
    if any(said.get(region) is Coverage.PARTLY for region in here):
        return None
    return False if states_all(baseline) or here <= absent else None


def stacks_of(timepoint: Timepoint, measurement: Measurement) -> list[Stack]:
    """Stacks of a timepoint that something was measured on; none for an entered number."""
    geometry = measurement.geometry
    names: tuple[str, ...] = ()
    if isinstance(geometry, OnImage):
        names = (geometry.image.stack,)
    elif isinstance(geometry, InSpace):
        names = geometry.stacks
    return [timepoint.stacks[name] for name in names if name in timepoint.stacks]


def covered_by(timepoint: Timepoint) -> set[str]:
    """Regions that a stack of the timepoint covers, in capitals."""
    return {region.upper() for stack in timepoint.stacks.values() for region in stack.regions}


def states_all(timepoint: Timepoint) -> bool:
    """Whether it is known what the timepoint's images cover: there is a stack, and each of them says it."""
    return bool(timepoint.stacks) and all(stack.regions for stack in timepoint.stacks.values())
