"""From heights of neighbouring vertebrae to how far one stands in front of the other: what suggests a translation.

The posterior inferior corner of the upper vertebra is compared with the posterior superior corner of the lower one, along
the superior endplate of the lower one, so in the plane in which both were drawn (White and Panjabi 1990).
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from spinereview.criteria.fracture.values import levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Stack
from spinereview.domain.measurement import InSpace, Measurement, OnImage
from spinereview.domain.read import Read, Visit

_DIGITS = 40
_SUPERIOR_FRONT, _SUPERIOR_BACK, _INFERIOR_BACK = 0, 2, 5
"""Places of the six points: anterior, middle, posterior of the superior endplate, then of the inferior one."""

_Vector = tuple[Fraction, ...]


def translation_mm(read: Read, timepoint: Timepoint, level: Level) -> Decimal | None:
    """Largest translation of a vertebra against the one above and the one below, to 40 digits; None where none is known.

    Both have to be measured on one stack with millimetres, on an image both on the same one.
    """
    order = levels_in_order(read.numbering)
    if level not in order:
        return None
    place = order.index(level)
    pairs = [(order[at], order[at + 1]) for at in (place - 1, place) if 0 <= at < len(order) - 1]
    found = [
        squared
        for upper, lower in pairs
        for stack in timepoint.stacks.values()
        for squared in (_squared_mm(read, timepoint, stack, upper, lower),)
        if squared is not None
    ]
    return _root(max(found)) if found else None


def _squared_mm(read: Read, timepoint: Timepoint, stack: Stack, upper: Level, lower: Level) -> Fraction | None:
    """Square of the translation of two neighbours on a stack, exactly."""
    levels = read.visits.get(timepoint.id, Visit()).levels
    drawn = [levels[level].heights.get(stack.id) if level in levels else None for level in (upper, lower)]
    first, second = (None if one is None else _points_mm(one, stack) for one in drawn)
    if drawn[0] is None or drawn[1] is None or first is None or second is None or not together(drawn[0], drawn[1]):
        return None
    along = _minus(second[_SUPERIOR_BACK], second[_SUPERIOR_FRONT])
    length = _dot(along, along)
    offset = _dot(_minus(first[_INFERIOR_BACK], second[_SUPERIOR_BACK]), along)
    return offset * offset / length if length else None


def _points_mm(measurement: Measurement, stack: Stack) -> tuple[_Vector, ...] | None:
    geometry = measurement.geometry
    if isinstance(geometry, InSpace) and len(geometry.points_um) == 6:
        return tuple(tuple(Fraction(value, 1000) for value in point) for point in geometry.points_um)
    spacing = stack.pixel_spacing_mm
    if isinstance(geometry, OnImage) and spacing is not None and len(geometry.points_mpx) == 6:
        row_mm, column_mm = (Fraction(value) for value in spacing)
        return tuple((column * column_mm / 1000, row * row_mm / 1000) for column, row in geometry.points_mpx)
    return None


def together(upper: Measurement, lower: Measurement) -> bool:
    """Whether the points of two measurements can be compared: in one space, or on one image."""
    first, second = upper.geometry, lower.geometry
    if isinstance(first, OnImage) and isinstance(second, OnImage):
        return first.image == second.image
    return (
        isinstance(first, InSpace)
        and isinstance(second, InSpace)
        and first.frame_of_reference_uid == second.frame_of_reference_uid
    )


def _minus(a: _Vector, b: _Vector) -> _Vector:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _dot(a: _Vector, b: _Vector) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _root(squared: Fraction) -> Decimal:
    with localcontext(prec=_DIGITS):
        return (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
