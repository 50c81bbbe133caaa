"""Where the images of a phantom lie: parallel planes of any orientation, and the points of the phantom on them.

The phantom has coordinates of its own in millimetres, with the axes of the patient's frame (LPS: x to the left, y to the
back, z to the head); z = 0 lies in the middle of L3, x = 0 is the mid-sagittal plane. ``offset_mm`` says where that origin
lay in the scanner's frame at a visit. Images are counted along the normal of the planes, as the geometry gate sorts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.checks import require, require_positive
from spinereview.domain.measurement import PointMpx, PointUm

Image = NDArray[np.float32]
Vector = tuple[Decimal, Decimal, Decimal]
Point = tuple[float, float, float]
"""A point of the phantom in millimetres."""

_ZERO, _ONE = Decimal(0), Decimal(1)
_COS, _SIN = Decimal("0.96"), Decimal("0.28")
"""A turn of 16.26 degrees whose cosines are exact decimals, so that a written orientation is the one that was painted."""


class GridPlane(StrEnum):
    """Orientation of the images; OBLIQUE is axial, turned about the left-right axis along the lumbosacral disc."""

    AXIAL = "AXIAL"
    SAGITTAL = "SAGITTAL"
    CORONAL = "CORONAL"
    OBLIQUE = "OBLIQUE"


_DIRECTIONS: dict[GridPlane, tuple[Vector, Vector]] = {
    GridPlane.AXIAL: ((_ONE, _ZERO, _ZERO), (_ZERO, _ONE, _ZERO)),
    GridPlane.SAGITTAL: ((_ZERO, _ONE, _ZERO), (_ZERO, _ZERO, -_ONE)),
    GridPlane.CORONAL: ((_ONE, _ZERO, _ZERO), (_ZERO, _ZERO, -_ONE)),
    GridPlane.OBLIQUE: ((_ONE, _ZERO, _ZERO), (_ZERO, _COS, _SIN)),
}
"""Directions in which the column index, then the row index grows (PS3.3 C.7.6.2.1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomGrid:
    """Where the pixels of a phantom's images lie.

    Parameters
    ----------
    pixel_spacing_mm
        Between rows, and between columns.
    interval_mm
        Between neighbouring images along their normal.
    thickness_mm
        Over which an image is the mean; None: as far as the interval.
    middle_mm
        Point of the phantom in the middle of the first image.
    tilt_mm
        By how much the origin moves along the columns from one image to the next: a tilted gantry shears the stack.
    offset_mm
        LPS position of the phantom's own origin: how the subject lay on the table at this visit.
    """

    rows: int
    columns: int
    slices: int
    pixel_spacing_mm: tuple[Decimal, Decimal]
    interval_mm: Decimal
    thickness_mm: Decimal | None = None
    plane: GridPlane = GridPlane.AXIAL
    middle_mm: Vector = (_ZERO, _ZERO, _ZERO)
    tilt_mm: Decimal = _ZERO
    offset_mm: Vector = (_ZERO, _ZERO, _ZERO)

    def __post_init__(self) -> None:
        for name, value, least in (("rows", self.rows, 2), ("columns", self.columns, 2), ("slices", self.slices, 1)):
            require(holds=value >= least, code="PHANTOM_SIZE", name=name, value=value)
        for spacing in (*self.pixel_spacing_mm, self.interval_mm, self.slab_mm):
            require_positive("pixel_spacing_mm", spacing)

    @property
    def slab_mm(self) -> Decimal:
        """Thickness of a slice."""
        return self.interval_mm if self.thickness_mm is None else self.thickness_mm

    @property
    def row_direction(self) -> Vector:
        """Direction in which the column index grows."""
        return _DIRECTIONS[self.plane][0]

    @property
    def column_direction(self) -> Vector:
        """Direction in which the row index grows."""
        return _DIRECTIONS[self.plane][1]

    @property
    def normal(self) -> Vector:
        """Direction in which the images are counted: the cross product of the two."""
        (a, b, c), (d, e, f) = _DIRECTIONS[self.plane]
        return b * f - c * e, c * d - a * f, a * e - b * d

    @property
    def step_mm(self) -> Vector:
        """From one image to the next."""
        return _sum(_times(self.normal, self.interval_mm), _times(self.column_direction, self.tilt_mm))

    def middle_of(self, index: int) -> Vector:
        """Point of the phantom in the middle of an image."""
        return _sum(self.middle_mm, _times(self.step_mm, Decimal(index)))

    def position_mm(self, index: int) -> Vector:
        """Image Position (Patient) of an image: the centre of its first pixel (PS3.3 C.7.6.2.1.1)."""
        row_mm, column_mm = self.pixel_spacing_mm
        corner = _sum(
            _times(self.row_direction, -column_mm * (self.columns - 1) / 2),
            _times(self.column_direction, -row_mm * (self.rows - 1) / 2),
        )
        return _sum(_sum(self.middle_of(index), corner), self.offset_mm)

    def columns_mm(self) -> Image:
        """Place of the centre of each column along a row, from the middle of the image, shape (columns,)."""
        return _centres(self.columns, self.pixel_spacing_mm[1])

    def rows_mm(self) -> Image:
        """Place of the centre of each row along a column, from the middle of the image, shape (rows,)."""
        return _centres(self.rows, self.pixel_spacing_mm[0])

    def index_of(self, point_mm: Point) -> int:
        """Image whose plane lies nearest to a point of the phantom; it may lie outside of the images that there are."""
        above = sum((p - float(m)) * float(n) for p, m, n in zip(point_mm, self.middle_mm, self.normal, strict=True))
        return round(above / float(self.interval_mm))

    def mpx(self, point_mm: Point, index: int = 0) -> PointMpx:
        """Point of the phantom, seen along the normal, as (column, row) in 1/1000 pixel of an image.

        The centre of the first pixel is (500, 500).
        """
        away = [p - float(m) for p, m in zip(point_mm, self.middle_of(index), strict=True)]
        row_mm, column_mm = (float(value) for value in self.pixel_spacing_mm)
        along, down = (
            sum(a * float(d) for a, d in zip(away, direction, strict=True))
            for direction in (self.row_direction, self.column_direction)
        )
        return round(1000 * (along / column_mm + self.columns / 2)), round(1000 * (down / row_mm + self.rows / 2))

    def um(self, point_mm: Point) -> PointUm:
        """Point of the phantom in micrometres in the patient's frame."""
        x, y, z = (round(1000 * (p + float(o))) for p, o in zip(point_mm, self.offset_mm, strict=True))
        return x, y, z

    def holds(self, index: int, point: PointMpx) -> bool:
        """Whether a point lies on one of the images."""
        return 0 <= index < self.slices and 0 <= point[0] <= 1000 * self.columns and 0 <= point[1] <= 1000 * self.rows


def _centres(count: int, spacing_mm: Decimal) -> Image:
    first = spacing_mm * (1 - count) / 2
    return np.array([float(first + spacing_mm * k) for k in range(count)], dtype=np.float32)


def _sum(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _times(a: Vector, factor: Decimal) -> Vector:
    return a[0] * factor, a[1] * factor, a[2] * factor
