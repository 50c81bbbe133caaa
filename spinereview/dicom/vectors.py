"""Positions and directions in the patient, as exact as the decimal strings of the files (LPS, millimetres)."""

from __future__ import annotations

from decimal import Decimal

from spinereview.dicom.header import Vector

ORIGIN: Vector = (Decimal(0), Decimal(0), Decimal(0))


def dot(a: Vector, b: Vector) -> Decimal:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def minus(a: Vector, b: Vector) -> Vector:
    """Way from ``b`` to ``a``."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def times(a: Vector, factor: Decimal) -> Vector:
    """Vector of another length."""
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def length(a: Vector) -> Decimal:
    """Length of a vector."""
    return dot(a, a).sqrt()


def unit(a: Vector) -> Vector:
    """Direction of a vector that is not zero."""
    return times(a, 1 / length(a))


def normal_of(orientation: tuple[Vector, Vector]) -> Vector:
    """Unit normal: direction of the rows x direction of the columns (PS3.3 C.7.6.2.1.1)."""
    return unit(cross(*orientation))
