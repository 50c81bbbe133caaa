"""The diameters of what was drawn on a lesion, as exact squares: its long axis, and the perpendicular where it was set.

RECIST 1.1 (Eisenhauer 2009), 3.1.2 and 4.1: the longest diameter in the plane of measurement; for nodes the short axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations
from math import floor
from typing import TypeVar

from spinereview.domain.exact import TENTH_MM, reported_entered, reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.domain.imaging import Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, PointMpx, PointUm

P = TypeVar("P", PointMpx, PointUm)

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
        return _reported(measurement.kind, geometry.points_um, squared_mm_in_space, unit_mm)
    if stack is None or stack.pixel_spacing_mm is None:
        return Diameters()
    on_image = partial(squared_mm_on_image, spacing_mm=stack.pixel_spacing_mm)
    return _reported(measurement.kind, geometry.points_mpx, on_image, unit_mm)


def _reported(
    kind: MeasurementKind, points: tuple[P, ...], squared_mm: Callable[[P, P], Fraction], unit_mm: Decimal
) -> Diameters:
    """Of an outline the longest line between two corners; else points 1-2 are the long axis, points 3-4 the short one."""
    if kind is MeasurementKind.OUTLINE:
        longest = max(squared_mm(a, b) for a, b in combinations(points, 2))
        return Diameters(long_mm=reported_mm(longest, unit_mm))
    return Diameters(
        long_mm=reported_mm(squared_mm(points[0], points[1]), unit_mm),
        short_mm=reported_mm(squared_mm(points[2], points[3]), unit_mm) if len(points) >= 4 else None,
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
