"""The diameters of what was drawn on a lesion, as exact squares: its long axis, and the perpendicular where it was set.

RECIST 1.1 (Eisenhauer 2009), 3.1.2 and 4.1: the longest diameter in the plane of measurement; for nodes the short axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import floor

from spinereview.domain.exact import TENTH_MM, reported_entered, reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.domain.imaging import Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, PointMpx

_LENGTHS = frozenset(
    {MeasurementKind.DIAMETER, MeasurementKind.BIDIRECTIONAL, MeasurementKind.OUTLINE, MeasurementKind.CRANIOCAUDAL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diameters:
    """Reported diameters in millimetres; None is no value, never zero."""

    long_mm: Decimal | None = None
    short_mm: Decimal | None = None


def diameters(measurement: Measurement, stack: Stack | None, unit_mm: Decimal = TENTH_MM) -> Diameters:
    """Reported diameters of one measurement.

    Parameters
    ----------
    stack
        Stack of the image that was drawn on; None for what was drawn in space or entered.

    Returns
    -------
    Diameters
        An outline has its longest diameter and no short axis; an entered number is the long one. Both are None for what
        is no length, and on images without millimetres.
    """
    geometry = measurement.geometry
    if measurement.kind not in _LENGTHS:
        return Diameters()
    if isinstance(geometry, Entered):
        return Diameters(long_mm=reported_entered(geometry.value, unit_mm) if geometry.unit == "mm" else None)
    if isinstance(geometry, InSpace):
        space = geometry.points_um
        squares = {(a, b): squared_mm_in_space(space[a], space[b]) for a, b in _axes(measurement.kind, len(space))}
        return _reported(squares, measurement.kind, unit_mm)
    if stack is None or stack.pixel_spacing_mm is None:
        return Diameters()
    spacing, points = stack.pixel_spacing_mm, geometry.points_mpx
    squares = {
        (a, b): squared_mm_on_image(points[a], points[b], spacing) for a, b in _axes(measurement.kind, len(points))
    }
    return _reported(squares, measurement.kind, unit_mm)


def _axes(kind: MeasurementKind, count: int) -> list[tuple[int, int]]:
    """Pairs of points that are axes: of an outline any two corners, else points 1-2 and 3-4."""
    if kind is MeasurementKind.OUTLINE:
        return list(combinations(range(count), 2))
    return [(0, 1), (2, 3)] if count >= 4 else [(0, 1)]


def _reported(squares: dict[tuple[int, int], Fraction], kind: MeasurementKind, unit_mm: Decimal) -> Diameters:
    if kind is MeasurementKind.OUTLINE:
        return Diameters(long_mm=reported_mm(max(squares.values()), unit_mm))
    short = squares.get((2, 3))
    return Diameters(
        long_mm=reported_mm(squares[0, 1], unit_mm),
        short_mm=None if short is None else reported_mm(short, unit_mm),
    )


def half_perpendicular(
    start: PointMpx, end: PointMpx, spacing_mm: tuple[Decimal, Decimal]
) -> tuple[PointMpx, PointMpx]:
    """Ends of the line that crosses an axis in its middle, at right angles in millimetres and half as long.

    It is shown as a proposal and has no value. On oblong pixels the right angle is none between pixel coordinates. The ends
    are rounded half-up to thousandths of a pixel; no root is needed, since the direction has the length of the axis.

    >>> half_perpendicular((0, 0), (40_000, 0), (Decimal("0.5"), Decimal("1.0")))
    ((20000, -20000), (20000, 20000))
    """
    row_mm, column_mm = (Fraction(value) for value in spacing_mm)
    across = -(end[1] - start[1]) * row_mm / column_mm / 4
    down = (end[0] - start[0]) * column_mm / row_mm / 4
    column, row = Fraction(start[0] + end[0], 2), Fraction(start[1] + end[1], 2)
    return (
        (_half_up(column - across), _half_up(row - down)),
        (_half_up(column + across), _half_up(row + down)),
    )


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
