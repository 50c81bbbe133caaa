"""From heights of neighbouring vertebrae to how much a segment has bent since before: what suggests a deformity.

A segment reaches from the superior endplate of the vertebra above to the inferior one of the vertebra (MSK), or of the one
below (BSK). Only the same segment is compared, on the same kind of images and in the same posture that somebody has stated;
of several earlier timepoints the one with the largest increase.
"""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.criteria.angle_values import Angle, AngleKind
from spinereview.criteria.angles import reported
from spinereview.criteria.evidence.alignment import together
from spinereview.criteria.fracture.values import levels_in_order
from spinereview.criteria.sins_values import Bent
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Posture, Stack
from spinereview.domain.measurement import InSpace, Measurement, OnImage
from spinereview.domain.read import Read, Visit
from spinereview.errors import InvalidValue

_SUPERIOR_FRONT, _SUPERIOR_BACK, _INFERIOR_FRONT, _INFERIOR_BACK = 0, 2, 3, 5
"""Places of the six points: anterior, middle, posterior of the superior endplate, then of the inferior one."""
_STATED = frozenset(Posture) - {Posture.UNKNOWN}


def bent_since(read: Read, case: Case, timepoint: Timepoint, level: Level) -> Bent | None:
    """Largest increase of a segment's kyphosis since an earlier timepoint; None where none can be compared."""
    now = list(_angles(read, timepoint, level))
    found = [
        Bent(kind=angle.kind, deg=reported(angle) - reported(before), since=other.label)
        for other in case.in_order
        if other.ordinal < timepoint.ordinal
        for before in (_angles(read, other, level) if now else ())
        for angle in now
        if (angle.kind, angle.modality, angle.posture) == (before.kind, before.modality, before.posture)
    ]
    return max(found, key=lambda one: one.deg, default=None)


def _angles(read: Read, timepoint: Timepoint, level: Level) -> Iterator[Angle]:
    """Angles of the segments of a vertebra, of each stack in a stated posture on which they were measured."""
    order = levels_in_order(read.numbering)
    neighbours = {middle: (upper, lower) for upper, middle, lower in zip(order, order[1:], order[2:], strict=False)}
    if level not in neighbours:
        return
    above, below = neighbours[level]
    for stack in timepoint.stacks.values():
        if stack.posture not in _STATED:
            continue
        for kind, lower in ((AngleKind.MSK, level), (AngleKind.BSK, below)):
            angle = _angle(read, timepoint, stack, kind, (above, level, lower))
            if angle is not None:
                yield angle


def _angle(
    read: Read, timepoint: Timepoint, stack: Stack, kind: AngleKind, segment: tuple[Level, Level, Level]
) -> Angle | None:
    """Angle of a segment on a stack; None where a vertebra of it was not measured, or points are no endplates."""
    _, level, _ = segment
    levels = read.visits.get(timepoint.id, Visit()).levels
    upper, index, lower = (levels[one].heights.get(stack.id) if one in levels else None for one in segment)
    if upper is None or index is None or lower is None or not together(upper, lower) or not together(upper, index):
        return None
    try:
        return _made(stack, kind, level, upper, lower)
    except InvalidValue:
        # Endplates that run the other way, or lie beside one another, make no angle.
        return None


def _made(stack: Stack, kind: AngleKind, level: Level, upper: Measurement, lower: Measurement) -> Angle | None:
    first, second = upper.geometry, lower.geometry
    if isinstance(first, InSpace) and isinstance(second, InSpace):
        top, low = first.points_um, second.points_um
        points_um = (top[_SUPERIOR_FRONT], top[_SUPERIOR_BACK], low[_INFERIOR_FRONT], low[_INFERIOR_BACK])
        return Angle(kind=kind, level=level, modality=stack.modality, posture=stack.posture, points_um=points_um)
    if isinstance(first, OnImage) and isinstance(second, OnImage):
        drawn, under = first.points_mpx, second.points_mpx
        return Angle(
            kind=kind,
            level=level,
            modality=stack.modality,
            posture=stack.posture,
            points_mpx=(drawn[_SUPERIOR_FRONT], drawn[_SUPERIOR_BACK], under[_INFERIOR_FRONT], under[_INFERIOR_BACK]),
            spacing_mm=stack.pixel_spacing_mm,
        )
    return None
