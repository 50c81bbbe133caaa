"""Exact lengths, areas and angles from stored integers, and the one rule by which they are reported.

A length is kept as its exact square, a :class:`fractions.Fraction` in square millimetres; no root is taken until the
reported multiple of the rounding unit is decided by comparing squares. Ties go up, away from zero (half-up).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from math import isqrt

from spinereview.domain.checks import require_positive
from spinereview.domain.measurement import PointMpx, PointUm

TENTH_MM = Decimal("0.1")
"""What is reported by default: tenths of a millimetre."""

_ANGLE_DIGITS = 60
_ENTERED = Context(prec=60)


def squared_mm_on_image(a: PointMpx, b: PointMpx, spacing_mm: tuple[Decimal, Decimal]) -> Fraction:
    """Square of the distance of two points on an image.

    Parameters
    ----------
    a, b
        (column, row) in thousandths of a pixel.
    spacing_mm
        Distance between rows, and between columns (Pixel Spacing, PS3.3 10.7.1.3).

    Returns
    -------
    Fraction
        Exact square of the length, in square millimetres.
    """
    # One fraction of whole numbers: sums of fractions would look for common divisors at every step.
    row_top, row_bottom = spacing_mm[0].as_integer_ratio()
    column_top, column_bottom = spacing_mm[1].as_integer_ratio()
    across = (b[0] - a[0]) * column_top * row_bottom
    down = (b[1] - a[1]) * row_top * column_bottom
    return Fraction(across * across + down * down, 1_000_000 * (row_bottom * column_bottom) ** 2)


def squared_mm_in_space(a: PointUm, b: PointUm) -> Fraction:
    """Square of the distance of two points in space (micrometres), exactly, in square millimetres."""
    return Fraction(sum((after - before) ** 2 for before, after in zip(a, b, strict=True)), 1_000_000)


def reported_mm(squared_mm: Fraction, unit_mm: Decimal = TENTH_MM) -> Decimal:
    """Length rounded half-up to a multiple of the unit, decided without a root.

    The multiple k is the one with (2k - 1)² u² <= 4 L² < (2k + 1)² u².

    >>> reported_mm(Fraction(95, 10) ** 2), reported_mm(Fraction(995, 100) ** 2), reported_mm(Fraction(9949, 1000) ** 2)
    (Decimal('9.5'), Decimal('10.0'), Decimal('9.9'))
    """
    require_positive("unit_mm", unit_mm)
    top, bottom = unit_mm.as_integer_ratio()
    halves = isqrt(4 * squared_mm.numerator * bottom * bottom // (squared_mm.denominator * top * top))
    return (halves + 1) // 2 * unit_mm


def reported_entered(value: Decimal, unit: Decimal = TENTH_MM) -> Decimal:
    """An entered number rounded half-up to a multiple of the unit, by the rule of drawn ones."""
    require_positive("unit", unit)
    return _ENTERED.multiply(_ENTERED.divide(value, unit).to_integral_value(rounding=ROUND_HALF_UP), unit)


def reported_tenths(value: Fraction) -> Decimal:
    """A ratio, a score or a mean in tenths, half-up (away from zero).

    >>> reported_tenths(Fraction(100, 3)), reported_tenths(Fraction(1, 20)), reported_tenths(Fraction(-1, 20))
    (Decimal('33.3'), Decimal('0.1'), Decimal('-0.1'))
    """
    sign = -1 if value < 0 else 1
    return Decimal(sign * ((abs(value) * 20 + 1) // 2)).scaleb(-1)


def area_mm2_on_image(points: tuple[PointMpx, ...], spacing_mm: tuple[Decimal, Decimal]) -> Fraction:
    """Exact area of a polygon on an image, in square millimetres (the trapezoid formula)."""
    twice = 0
    for index, (column, row) in enumerate(points):
        next_column, next_row = points[(index + 1) % len(points)]
        twice += column * next_row - next_column * row
    return Fraction(abs(twice), 2_000_000) * Fraction(spacing_mm[0]) * Fraction(spacing_mm[1])


def angle_deg(u_mm: tuple[Fraction, ...], v_mm: tuple[Fraction, ...]) -> Decimal:
    """Angle between two directions, 0 to 180 degrees, to 40 digits.

    Parameters
    ----------
    u_mm, v_mm
        Directions in millimetres, two or three coordinates each, neither zero.
    """
    dot = sum((a * b for a, b in zip(u_mm, v_mm, strict=True)), Fraction(0))
    cross_squared = _squared(u_mm) * _squared(v_mm) - dot * dot
    with localcontext(Context(prec=_ANGLE_DIGITS)):
        sine = _decimal(cross_squared).sqrt()
        cosine = _decimal(dot)
        angle = _arctangent_ratio(sine, cosine)
        return +(angle * 180 / _pi()).quantize(Decimal(1).scaleb(-40))


def reported_deg(angle: Decimal) -> Decimal:
    """Angle in tenths of a degree, half-up."""
    return angle.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def direction_on_image(a: PointMpx, b: PointMpx, spacing_mm: tuple[Decimal, Decimal]) -> tuple[Fraction, Fraction]:
    """Exact direction from one point of an image to another, in millimetres (along columns, along rows)."""
    return (
        (b[0] - a[0]) * Fraction(spacing_mm[1]) / 1000,
        (b[1] - a[1]) * Fraction(spacing_mm[0]) / 1000,
    )


def _squared(vector: tuple[Fraction, ...]) -> Fraction:
    return sum((value * value for value in vector), Fraction(0))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _pi() -> Decimal:
    """Machin's formula in the current precision."""
    return 4 * (4 * _arctangent(1 / Decimal(5)) - _arctangent(1 / Decimal(239)))


def _arctangent(x: Decimal) -> Decimal:
    """Taylor series; for x well below 1."""
    term = x
    total = x
    square = x * x
    power = 1
    while term and abs(term) > Decimal(1).scaleb(-_ANGLE_DIGITS):
        term = -term * square
        power += 2
        total += term / power
    return total


def _arctangent_ratio(sine: Decimal, cosine: Decimal) -> Decimal:
    """Angle 0 to pi of a sine (not negative) and a cosine of any common length."""
    if sine == 0:
        return Decimal(0) if cosine > 0 else _pi()
    # Halving the angle twice brings the tangent below tan(pi / 4), then below tan(pi / 8), where the series is quick.
    length = (sine * sine + cosine * cosine).sqrt()
    half = sine / (length + cosine) if cosine >= 0 else (length - cosine) / sine
    if half > 1:
        return _pi() - _arctangent_ratio(sine, -cosine)
    quarter = half / (1 + (1 + half * half).sqrt())
    return 4 * _arctangent(quarter)
