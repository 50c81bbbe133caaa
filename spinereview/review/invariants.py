"""What holds of every read that came about by acts; the constructors of the values cannot see across them."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.lesion import Lesion, LesionFinding, LesionState
from spinereview.domain.measurement import InSpace, OnImage
from spinereview.domain.read import Read
from spinereview.review.commands.guards import STATES_WHEN_FOUND


def invariants(read: Read, case: Case) -> tuple[str, ...]:
    """Codes of what does not hold of a read, sorted; empty for a sound one."""
    broken = set(_of_ids(read, case))
    for lesion in read.lesions.values():
        broken.update(_of_lesion(read, lesion, case))
    return tuple(sorted(broken))


def _of_ids(read: Read, case: Case) -> Iterator[str]:
    marks = [
        part.id
        for lesion in read.lesions.values()
        for finding in lesion.findings.values()
        for part in finding.parts.values()
    ]
    if len(set(marks)) != len(marks):
        yield "MEASUREMENT_ID_TWICE"
    if read.case != case.id:
        yield "CASE_DIFFERS"
    if any(timepoint not in case.timepoints for timepoint in read.visits):
        yield "VISIT_OF_NO_TIMEPOINT"


def _of_lesion(read: Read, lesion: Lesion, case: Case) -> Iterator[str]:
    first = case.timepoints.get(lesion.first_seen)
    if first is None:
        yield "FIRST_SEEN_OF_NO_TIMEPOINT"
        return
    for key, finding in lesion.findings.items():
        timepoint = case.timepoints.get(key)
        if timepoint is None:
            yield "FINDING_OF_NO_TIMEPOINT"
            continue
        if timepoint.ordinal < first.ordinal:
            yield "FINDING_BEFORE_FIRST_SEEN"
        if timepoint is first and finding.state not in STATES_WHEN_FOUND[lesion.role]:
            yield "STATE_WHEN_FOUND"
        yield from _of_finding(read, lesion, finding, timepoint)


def _of_finding(read: Read, lesion: Lesion, finding: LesionFinding, timepoint: Timepoint) -> Iterator[str]:
    if finding.carrier is not None:
        carrier = read.lesions.get(finding.carrier)
        if carrier is None or carrier is lesion:
            yield "CARRIER_OF_NO_LESION"
        elif timepoint.id in carrier.findings and carrier.findings[timepoint.id].state is LesionState.MERGED:
            yield "CARRIER_MERGED"
    fragments = set(finding.parts) - {"a", "cc"}
    if fragments and finding.state is not LesionState.SPLIT:
        yield "FRAGMENT_OF_WHOLE_LESION"
    if finding.parts and "a" not in finding.parts:
        yield "PART_WITHOUT_DIAMETER"
    for part in finding.parts.values():
        geometry = part.geometry
        if isinstance(geometry, OnImage):
            stack = timepoint.stacks.get(geometry.image.stack)
            if stack is None or (geometry.image.sop_uid, geometry.image.frame) not in stack.images:
                yield "IMAGE_NOT_OF_TIMEPOINT"
        elif isinstance(geometry, InSpace) and any(stack not in timepoint.stacks for stack in geometry.stacks):
            yield "IMAGE_NOT_OF_TIMEPOINT"
