"""Where the vertebrae of a stack lie: its own labels, and those of stacks that share its frame of reference."""

from __future__ import annotations

from dataclasses import dataclass

from spinereview.criteria.fracture.values import levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import InSpace, PointUm
from spinereview.domain.read import Read
from spinereview.domain.table import Table

NEAR_UM = 40_000
"""A point farther than this from every label belongs to none of them."""

PITCH_UM: tuple[tuple[Level, int], ...] = (
    (Level.C7, 18_000),
    (Level.T6, 23_000),
    (Level.T12, 29_000),
    (Level.L6, 37_000),
    (Level.S5, 25_000),
)
"""About how far two neighbours lie apart, down to the level named: it only decides when the reader is asked for a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMark:
    """A labelled vertebra: a point in the patient (micrometres, LPS) and the stack it was labelled on."""

    level: Level
    point_um: PointUm
    stack: Id


def level_marks(read: Read, case: Case, stack: Id) -> tuple[LevelMark, ...]:
    """Labels that hold for a stack, from the head down; its own go before those of others of its frame of reference."""
    found = case.find_stack(stack)
    if found is None:
        return ()
    timepoint, own = found
    marks: dict[Level, LevelMark] = {}
    others = [other for other in timepoint.stacks.values() if other.id != stack]
    for candidate in (own, *others):
        if candidate.frame_of_reference_uid is None or candidate.frame_of_reference_uid != own.frame_of_reference_uid:
            continue
        for key, measurement in read.level_labels.get(candidate.id, Table()).items():
            geometry = measurement.geometry
            if isinstance(geometry, InSpace):
                level = Level(key)
                marks.setdefault(level, LevelMark(level=level, point_um=geometry.points_um[0], stack=candidate.id))
    return tuple(marks[level] for level in Level if level in marks)


def nearest_level(marks: tuple[LevelMark, ...], point_um: PointUm) -> Level | None:
    """Labelled vertebra that a point belongs to, by its height in the patient; None where no label is near."""
    near = min(marks, key=lambda mark: _squared(mark.point_um, point_um), default=None)
    return None if near is None or _squared(near.point_um, point_um) > NEAR_UM**2 else near.level


def suggested_level(marks: tuple[LevelMark, ...], point_um: PointUm, numbering: str = "") -> Level | None:
    """Level of a point that is not labelled yet: the neighbour above or below the nearest label.

    None, so that the name is asked for, where nothing is labelled, where the neighbour has its label already, and where the
    distance is not that of neighbours, from half a usual one to one and a half: a vertebra between may have been left out.
    """
    if not marks:
        return None
    order = levels_in_order(numbering)
    near = min(marks, key=lambda mark: _squared(mark.point_um, point_um))
    rise = point_um[2] - near.point_um[2]
    place = order.index(near.level) - (1 if rise > 0 else -1) if near.level in order and rise else -1
    if not 0 <= place < len(order) or order[place] in {mark.level for mark in marks}:
        return None
    upper = min(order[place], near.level, key=order.index)
    pitch_um = next((pitch for last, pitch in PITCH_UM if list(Level).index(upper) <= list(Level).index(last)), None)
    if pitch_um is None:
        return None
    distance = 4 * _squared(near.point_um, point_um)
    return order[place] if pitch_um**2 <= distance <= (3 * pitch_um) ** 2 else None


def agreed_level(
    marks: tuple[LevelMark, ...], beside: Level | None, named: Level | None, numbering: str
) -> Level | None:
    """Level of a point that two sources may name: the place beside a label, and a segmentation.

    None, so that the name is asked for, where they differ, or where the segmentation names one that is labelled already or
    that the subject is not numbered to have.
    """
    if named is None:
        return beside
    taken = named in {mark.level for mark in marks} or named not in levels_in_order(numbering)
    return None if taken or beside not in (None, named) else named


def _squared(a: PointUm, b: PointUm) -> int:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
