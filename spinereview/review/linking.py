"""What carries a position of one stack into another one, so that both scroll together; or why nothing does.

Within a timepoint's frame of reference positions are the same (PS3.3 C.7.4.1). Across frames of reference coordinates say
nothing of each other: there a vertebra that is labelled in both joins them, else an offset that the reader has set. All
lengths are micrometres, LPS. For looking only: nothing is measured along a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import PointUm
from spinereview.review.levels import LevelMark

UNIT = 1_000_000
"""Length of a unit vector in integers."""
PARALLEL = 940_000
"""Least cosine, in millionths, between the normals of planes that scroll together: about 20 degrees."""
ACROSS_SPINE = 700_000
"""From this share of the head-foot axis in the normal on, a plane lies across the spine."""
LEAST_UM = 1
"""Kept for an offset of nothing at all: a component of 0 says that the reader has set none along that axis."""


class How(StrEnum):
    """What joins two stacks."""

    SAME_FRAME = "SAME_FRAME"
    LEVEL = "LEVEL"
    OFFSET = "OFFSET"
    NONE = "NONE"
    """Nothing yet: neither a common label nor an offset."""
    PLANES_DIFFER = "PLANES_DIFFER"
    NO_POSITION = "NO_POSITION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlane:
    """A plane that is shown, as far as linking needs it.

    Parameters
    ----------
    frame
        Frame of reference; None where the images state no position.
    normal
        Unit vector in millionths; either of the two.
    focus_um
        The point of the plane that is looked at.
    middle_um
        The middle of the plane.
    marks
        Labels that hold for the stack.
    """

    stack: Id
    timepoint: Id
    frame: str | None
    normal: PointUm
    focus_um: PointUm
    middle_um: PointUm
    marks: tuple[LevelMark, ...] = ()

    @property
    def axis(self) -> int:
        """The patient's axis that runs through the planes most steeply: 0 left, 1 posterior, 2 head."""
        return max((0, 1, 2), key=lambda axis: abs(self.normal[axis]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How one plane leads to another, and where to.

    Parameters
    ----------
    levels
        The label that joins them, or the two between which the plane lies.
    target_um
        Point of the other stack's space; None where nothing joins them. Of an offset only ``axis`` counts: the middle of
        the plane to be shown has this coordinate there.
    """

    how: How
    levels: tuple[Level, ...] = ()
    target_um: PointUm | None = None
    axis: int | None = None


def pair_key(first: Id, second: Id) -> str:
    """Key of two stacks among the offsets: the same in either order."""
    return "|".join(sorted((first, second)))


def offset_of(offsets: Mapping[str, PointUm], leader: Id, follower: Id) -> PointUm | None:
    """What is added to a position of one stack to come to the other one; None where the reader has set nothing."""
    found = offsets.get(pair_key(leader, follower))
    return found if found is None or leader < follower else (-found[0], -found[1], -found[2])


def link(leader: ShownPlane, follower: ShownPlane, offsets: Mapping[str, PointUm]) -> Link:
    """How the shown plane of one viewport leads to a plane of another one.

    Frames of reference are one only within a timepoint: two visits are never joined by their coordinates, whatever UID
    their images state.
    """
    if leader.frame is None or follower.frame is None:
        return Link(how=How.NO_POSITION)
    if abs(_dot(leader.normal, follower.normal)) < PARALLEL * UNIT or leader.axis != follower.axis:
        return Link(how=How.PLANES_DIFFER)
    if same_space(leader, follower):
        return Link(how=How.SAME_FRAME, target_um=leader.focus_um)
    by_level = _by_level(leader, follower)
    if by_level is not None:
        return by_level
    offset = offset_of(offsets, leader.stack, follower.stack)
    axis = leader.axis
    if offset is None or not offset[axis]:
        return Link(how=How.NONE)
    return Link(how=How.OFFSET, target_um=_added(leader.middle_um, offset), axis=axis)


def same_space(first: ShownPlane, second: ShownPlane) -> bool:
    """Whether positions of two stacks mean the same."""
    return first.frame is not None and (first.frame, first.timepoint) == (second.frame, second.timepoint)


def new_offsets(
    moved: ShownPlane, others: tuple[ShownPlane, ...], offsets: Mapping[str, PointUm]
) -> dict[str, PointUm]:
    """Offsets to be kept after a reader has scrolled one viewport alone, by pair of stacks; of those that need one.

    Only the component along the axis through the planes is set: what had been set along another one stays.
    """
    found: dict[str, PointUm] = {}
    for other in others:
        key = pair_key(moved.stack, other.stack)
        if key in found or link(other, moved, offsets).how not in {How.NONE, How.OFFSET}:
            continue
        first, second = (moved, other) if moved.stack < other.stack else (other, moved)
        axis = moved.axis
        before = offsets.get(key, (0, 0, 0))
        moved_by = (second.middle_um[axis] - first.middle_um[axis]) or LEAST_UM
        x, y, z = (moved_by if place == axis else kept for place, kept in enumerate(before))
        found[key] = (x, y, z)
    return found


def _by_level(leader: ShownPlane, follower: ShownPlane) -> Link | None:
    """By labels in both: between two of them in proportion, else by the nearest one."""
    across = abs(leader.normal[2]) >= ACROSS_SPINE
    # A plane across the spine cuts it at one height; in any other the height that is looked at decides.
    along = leader.normal if across else (0, 0, UNIT)
    theirs = {mark.level: mark.point_um for mark in follower.marks}
    common = sorted(
        (_dot(along, mark.point_um), mark.point_um, theirs[mark.level], mark.level)
        for mark in leader.marks
        if mark.level in theirs
    )
    if not common:
        return None
    here = _dot(along, leader.focus_um)
    below = [one for one in common if one[0] <= here]
    above = [one for one in common if one[0] > here]
    own, other, levels = _between(below, above, here, along)
    beyond = _dot(leader.normal, _subtracted(leader.focus_um, own))
    x, y, z = (place + _share(beyond * part, UNIT * UNIT) for place, part in zip(other, leader.normal, strict=True))
    return Link(how=How.LEVEL, levels=levels, target_um=(x, y, z))


_Common = tuple[int, PointUm, PointUm, Level]


def _between(
    below: list[_Common], above: list[_Common], here: int, along: PointUm
) -> tuple[PointUm, PointUm, tuple[Level, ...]]:
    """Point of the leading stack, the one of the other that it stands for, and the labels that say so."""
    if not below or not above:
        near = below[-1] if below else above[0]
        return near[1], near[2], (near[3],)
    low, high = below[-1], above[0]
    gone, span = here - low[0], high[0] - low[0]
    if gone == 0:
        return low[1], low[2], (low[3],)
    if _dot(along, high[2]) <= _dot(along, low[2]):
        # The labels lie the other way round there: no proportion between them makes sense.
        near = low if 2 * gone <= span else high
        return near[1], near[2], (near[3],)
    order = list(Level)
    levels = tuple(sorted((low[3], high[3]), key=order.index))
    return _part_way(low[1], high[1], gone, span), _part_way(low[2], high[2], gone, span), levels


def _part_way(low: PointUm, high: PointUm, gone: int, span: int) -> PointUm:
    x, y, z = (start + _share((end - start) * gone, span) for start, end in zip(low, high, strict=True))
    return x, y, z


def _share(value: int, whole: int) -> int:
    """Quotient, rounded half up; exact in integers of any size."""
    return (2 * value + whole) // (2 * whole)


def _dot(a: PointUm, b: PointUm) -> int:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _added(a: PointUm, b: PointUm) -> PointUm:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _subtracted(a: PointUm, b: PointUm) -> PointUm:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]
