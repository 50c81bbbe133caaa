"""Heights of a vertebral body from six points, and whether the six points can be those of one.

The points in their order: anterior, middle, posterior of the superior endplate, then of the inferior one. A height is the
distance of the two points of a position (Genant 1993; Buckens 2013). On an image without a calibration the heights are
pixels and only their ratios mean anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.domain.checks import require
from spinereview.domain.exact import TENTH_MM, reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.domain.imaging import Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage

HUNDREDTH_PX = Decimal("0.01")
_SQUARE_PIXELS = (Decimal(1), Decimal(1))
_PAIRS = ((0, 3), (1, 4), (2, 5))


class Unit(StrEnum):
    """What heights are counted in."""

    MM = "MM"
    PIXEL = "PIXEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """Reported anterior, middle and posterior height: tenths of a millimetre, or hundredths of a pixel."""

    anterior: Decimal
    middle: Decimal
    posterior: Decimal
    unit: Unit = Unit.MM

    def __post_init__(self) -> None:
        for height in self.all:
            require(holds=height.is_finite() and height >= 0, code="VALUE_NEGATIVE", value=height)

    @property
    def all(self) -> tuple[Decimal, Decimal, Decimal]:
        """Anterior, middle, posterior."""
        return self.anterior, self.middle, self.posterior


def heights_of(measurement: Measurement, stack: Stack | None) -> Heights | None:
    """Reported heights of six points; None where it is no such measurement, or has no image that is known.

    Parameters
    ----------
    stack
        Stack of the image that was drawn on; not needed for points in space.
    """
    geometry = measurement.geometry
    if measurement.kind is not MeasurementKind.HEIGHTS or isinstance(geometry, Entered):
        return None
    if isinstance(geometry, InSpace):
        points = geometry.points_um
        squares = [squared_mm_in_space(points[a], points[b]) for a, b in _PAIRS]
        return _reported(squares, TENTH_MM, Unit.MM)
    if stack is None:
        return None
    drawn, spacing = geometry.points_mpx, stack.pixel_spacing_mm
    known = spacing is not None
    squares = [squared_mm_on_image(drawn[a], drawn[b], spacing or _SQUARE_PIXELS) for a, b in _PAIRS]
    return _reported(squares, TENTH_MM if known else HUNDREDTH_PX, Unit.MM if known else Unit.PIXEL)


def six_points_fault(geometry: OnImage | InSpace, spacing_mm: tuple[Decimal, Decimal] | None = None) -> str:
    """Why six points cannot be those of a vertebral body, as a code; empty where they can.

    Each middle point must lie between the ends of its endplate, both endplates must run the same way, the superior one
    must lie above the inferior one, and they must not cross. Above is towards the head in space; on an image towards its
    first row, as projections and sagittal images are stored.

    Parameters
    ----------
    spacing_mm
        Of the image; None: square pixels.
    """
    points = _vectors(geometry, spacing_mm or _SQUARE_PIXELS)
    if len(points) != 6:
        return "HEIGHTS_NEED_SIX_POINTS"
    superior, inferior = points[:3], points[3:]
    along, along_below = _minus(superior[2], superior[0]), _minus(inferior[2], inferior[0])
    if not _dot(along, along) or not _dot(along_below, along_below):
        return "HEIGHTS_POINTS_EQUAL"
    if _dot(along, along_below) <= 0:
        return "HEIGHTS_ENDPLATES_OPPOSED"
    for plate, direction in ((superior, along), (inferior, along_below)):
        place = _dot(_minus(plate[1], plate[0]), direction)
        if not 0 < place < _dot(direction, direction):
            return "HEIGHTS_MIDDLE_OUTSIDE"
    downs = [_minus(below, above) for above, below in zip(superior, inferior, strict=True)]
    if any(not _dot(down, down) for down in downs):
        return "HEIGHTS_POINTS_EQUAL"
    if _mean_up(superior, geometry) <= _mean_up(inferior, geometry):
        return "HEIGHTS_UPSIDE_DOWN"
    if any(_dot(downs[0], down) <= 0 for down in downs[1:]):
        return "HEIGHTS_ENDPLATES_CROSS"
    if isinstance(geometry, InSpace) and along[1] <= 0:
        # LPS: y runs to the back (PS3.3 C.7.6.2.1.1), so the posterior point has the larger y.
        return "HEIGHTS_BACK_TO_FRONT"
    return ""


_Vector = tuple[Fraction, ...]


def _vectors(geometry: OnImage | InSpace, spacing_mm: tuple[Decimal, Decimal]) -> list[_Vector]:
    if isinstance(geometry, InSpace):
        return [tuple(Fraction(value) for value in point) for point in geometry.points_um]
    row_mm, column_mm = (Fraction(value) for value in spacing_mm)
    return [(column * column_mm, row * row_mm) for column, row in geometry.points_mpx]


def _mean_up(plate: Sequence[_Vector], geometry: OnImage | InSpace) -> Fraction | int:
    """How far up an endplate lies, times three."""
    if isinstance(geometry, InSpace):
        return sum(point[2] for point in plate)
    return -sum(point[1] for point in plate)


def _minus(a: _Vector, b: _Vector) -> _Vector:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _dot(a: _Vector, b: _Vector) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _reported(squares: Sequence[Fraction], unit_mm: Decimal, unit: Unit) -> Heights:
    anterior, middle, posterior = (reported_mm(square, unit_mm) for square in squares)
    return Heights(anterior=anterior, middle=middle, posterior=posterior, unit=unit)
