"""Gestures that draw and change calipers, as small state machines without a window.

A gesture takes points of an image in thousandths of a pixel and gives the points of the caliper so far; what it gives at
the end goes into one command. Perpendicular means perpendicular in millimetres: on oblong pixels that is no right angle
between pixel coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from math import hypot

from spinereview.domain.measurement import MeasurementKind, PointMpx

Spacing = tuple[Decimal, Decimal]
"""Distance between rows, and between columns, in millimetres."""

_PlaneMm = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Dragging out a new axis."""

    kind: MeasurementKind
    start: PointMpx
    end: PointMpx

    def moved(self, point: PointMpx) -> Draw:
        """The gesture with the pointer elsewhere."""
        return replace(self, end=point)

    @property
    def points(self) -> tuple[PointMpx, ...]:
        """Points of the caliper so far."""
        return (self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveHandle:
    """Dragging one handle of a caliper that exists.

    Parameters
    ----------
    original
        Points when the handle was taken; a bidirectional caliper of two points is given with its proposed perpendicular
        where that is what was taken.
    handle
        Index of the point that is dragged.
    """

    kind: MeasurementKind
    original: tuple[PointMpx, ...]
    handle: int
    spacing_mm: Spacing
    target: PointMpx

    def moved(self, point: PointMpx) -> MoveHandle:
        """The gesture with the pointer elsewhere."""
        return replace(self, target=point)

    @property
    def points(self) -> tuple[PointMpx, ...]:
        """Points of the caliper so far."""
        if len(self.original) < 4 or self.kind is not MeasurementKind.BIDIRECTIONAL:
            changed = list(self.original)
            changed[self.handle] = self.target
            return tuple(changed)
        if self.handle < 2:
            return _with_long_axis(self.original, self.handle, self.target, self.spacing_mm)
        return _with_short_axis(self.original, self.handle, self.target, self.spacing_mm)


Gesture = Draw | MoveHandle


def finished(kind: MeasurementKind, points: tuple[PointMpx, ...], spacing_mm: Spacing) -> tuple[PointMpx, ...] | None:
    """Points to be kept at the end of a gesture; None where the caliper is no longer than half a pixel.

    The longer axis of a bidirectional caliper comes first, whichever was drawn first: the long axis is the longest
    diameter (RECIST 1.1, 3.1.2 and 4.1).
    """
    across, down = points[1][0] - points[0][0], points[1][1] - points[0][1]
    if hypot(across, down) < 500:
        return None
    if kind is not MeasurementKind.BIDIRECTIONAL or len(points) != 4:
        return points
    if points[2] == points[3]:
        return points[:2]
    long_mm, short_mm = (_distance(points[i], points[i + 1], spacing_mm) for i in (0, 2))
    return points if long_mm >= short_mm else (*points[2:], *points[:2])


def nudged(point: PointMpx, across: int, down: int, spacing_mm: Spacing, step_mm: float = 0.1) -> PointMpx:
    """A point moved by steps of a tenth of a millimetre."""
    return (
        point[0] + round(across * step_mm / float(spacing_mm[1]) * 1000),
        point[1] + round(down * step_mm / float(spacing_mm[0]) * 1000),
    )


def _to_mm(point: PointMpx, spacing_mm: Spacing) -> _PlaneMm:
    return point[0] * float(spacing_mm[1]) / 1000, point[1] * float(spacing_mm[0]) / 1000


def _to_mpx(point: _PlaneMm, spacing_mm: Spacing) -> PointMpx:
    return round(point[0] * 1000 / float(spacing_mm[1])), round(point[1] * 1000 / float(spacing_mm[0]))


def _distance(a: PointMpx, b: PointMpx, spacing_mm: Spacing) -> float:
    (ax, ay), (bx, by) = _to_mm(a, spacing_mm), _to_mm(b, spacing_mm)
    return hypot(bx - ax, by - ay)


@dataclass(frozen=True, slots=True)
class _Axes:
    """A bidirectional caliper as its long axis, where it is crossed, and how far the short axis reaches to both sides."""

    start: _PlaneMm
    unit: _PlaneMm
    length: float
    crossing: float
    reach: tuple[float, float]

    def points(self, spacing_mm: Spacing) -> tuple[PointMpx, ...]:
        (x, y), (ux, uy) = self.start, self.unit
        cx, cy = x + ux * self.crossing, y + uy * self.crossing
        ends = ((x, y), (x + ux * self.length, y + uy * self.length))
        short = tuple((cx - uy * reach, cy + ux * reach) for reach in self.reach)
        return tuple(_to_mpx(point, spacing_mm) for point in (*ends, *short))


def _axes(points: tuple[PointMpx, ...], spacing_mm: Spacing) -> _Axes:
    start, end, first, second = (_to_mm(point, spacing_mm) for point in points)
    length = hypot(end[0] - start[0], end[1] - start[1]) or 1e-6
    unit = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    along, reach_first = _decompose(start, unit, first)
    _, reach_second = _decompose(start, unit, second)
    return _Axes(start, unit, length, along, (reach_first, reach_second))


def _decompose(start: _PlaneMm, unit: _PlaneMm, point: _PlaneMm) -> _PlaneMm:
    """How far along a direction a point lies, and how far to its side."""
    dx, dy = point[0] - start[0], point[1] - start[1]
    return dx * unit[0] + dy * unit[1], dy * unit[0] - dx * unit[1]


def _with_long_axis(
    points: tuple[PointMpx, ...], handle: int, target: PointMpx, spacing_mm: Spacing
) -> tuple[PointMpx, ...]:
    """The short axis keeps its reach and its place as a share of the long axis."""
    before = _axes(points, spacing_mm)
    ends = [_to_mm(point, spacing_mm) for point in points[:2]]
    ends[handle] = _to_mm(target, spacing_mm)
    (sx, sy), (ex, ey) = ends
    length = hypot(ex - sx, ey - sy)
    if length < 1e-3:
        return points
    unit = ((ex - sx) / length, (ey - sy) / length)
    crossing = before.crossing / before.length * length
    moved = _Axes((sx, sy), unit, length, crossing, before.reach).points(spacing_mm)
    fixed = list(moved)
    fixed[1 - handle], fixed[handle] = points[1 - handle], target
    return tuple(fixed)


def _with_short_axis(
    points: tuple[PointMpx, ...], handle: int, target: PointMpx, spacing_mm: Spacing
) -> tuple[PointMpx, ...]:
    """The dragged end takes the crossing with it along the long axis; the other end keeps its reach and its side."""
    before = _axes(points, spacing_mm)
    along, reach = _decompose(before.start, before.unit, _to_mm(target, spacing_mm))
    place = handle - 2
    side = 1.0 if before.reach[place] >= before.reach[1 - place] else -1.0
    reaches = list(before.reach)
    reaches[place] = side * max(side * reach, side * before.reach[1 - place])
    crossing = min(before.length, max(0.0, along))
    moved = _Axes(before.start, before.unit, before.length, crossing, (reaches[0], reaches[1])).points(spacing_mm)
    return (*points[:2], *moved[2:])
