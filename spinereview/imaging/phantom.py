"""A digital phantom of the trunk: stacks of ellipses painted over one another, and the exact truth of its lesions.

Coordinates are millimetres in the patient's frame (LPS: x to the left, y to the back, z to the head). Arrays are
(slice, row, column); slices go from the feet up, rows to the back, columns to the patient's left. The phantom is made to
be measured, so a lesion is an ellipsoid turned about the z axis alone, centred on the centre of a slice: its section there
is the largest, an ellipse whose longest diameter and short axis are known without any pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import cos, radians, sin
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.checks import require, require_positive
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.tasks import CancelToken, Progress, no_progress

Image = NDArray[np.float32]
_Coordinates = NDArray[np.floating[Any]]
AIR_HU = -1000
_SUPERSAMPLING = 4
"""Samples along each side of a pixel, and along the thickness of a slice, at the edge of a lesion."""
_THREADS = 2
_SLAB_OFFSETS = (-0.25, 0.25)
"""Where in its thickness a slice of the anatomy is sampled, in slice intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomGrid:
    """Where the pixels of a phantom's axial images lie.

    Parameters
    ----------
    pixel_spacing_mm
        Between rows, and between columns.
    offset_mm
        LPS position of the phantom's own origin (middle of the image, centre of the lowest slice): how the subject lay on
        the table at this visit.
    """

    rows: int
    columns: int
    slices: int
    pixel_spacing_mm: tuple[Decimal, Decimal]
    interval_mm: Decimal
    offset_mm: tuple[Decimal, Decimal, Decimal] = (Decimal(0), Decimal(0), Decimal(0))

    def __post_init__(self) -> None:
        for name, value in (("rows", self.rows), ("columns", self.columns), ("slices", self.slices)):
            require(holds=value >= 2, code="PHANTOM_SIZE", name=name, value=value)
        for spacing in (*self.pixel_spacing_mm, self.interval_mm):
            require_positive("pixel_spacing_mm", spacing)

    def position_mm(self, index: int) -> tuple[Decimal, Decimal, Decimal]:
        """Image Position (Patient) of a slice: the centre of its first pixel (PS3.3 C.7.6.2.1.1)."""
        x, y, z = self.offset_mm
        row_mm, column_mm = self.pixel_spacing_mm
        return (
            x - column_mm * (self.columns - 1) / 2,
            y - row_mm * (self.rows - 1) / 2,
            z + self.interval_mm * index,
        )

    def x_mm(self) -> Image:
        """Phantom coordinate of the centre of each column, shape (columns,)."""
        return _centres(self.columns, self.pixel_spacing_mm[1])

    def y_mm(self) -> Image:
        """Phantom coordinate of the centre of each row, shape (rows,)."""
        return _centres(self.rows, self.pixel_spacing_mm[0])

    def mpx(self, x_mm: float, y_mm: float) -> PointMpx:
        """Point of the phantom as (column, row) in 1/1000 pixel; the centre of the first pixel is (500, 500)."""
        row_mm, column_mm = (float(value) for value in self.pixel_spacing_mm)
        return round(1000 * (x_mm / column_mm + self.columns / 2)), round(1000 * (y_mm / row_mm + self.rows / 2))

    def um(self, x_mm: float, y_mm: float, index: int) -> PointUm:
        """Point of the phantom on a slice, in micrometres in the patient's frame."""
        x, y, z = (float(value) for value in self.offset_mm)
        return round(1000 * (x_mm + x)), round(1000 * (y_mm + y)), round(1000 * (float(self.interval_mm) * index + z))


class Shape(Protocol):
    """Something with an outline in every axial plane that it reaches."""

    @property
    def hu(self) -> float:
        """Its Hounsfield units."""
        ...

    def outline(self, z_mm: float) -> Outline | None:
        """Outline at a height; None where it does not reach."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A superellipse ``|u|**power + |v|**power = 1`` in an axial plane, turned by an angle from x towards y."""

    x_mm: float
    y_mm: float
    a_mm: float
    b_mm: float
    angle_deg: float = 0.0
    power: float = 2.0

    def distance_mm(self, x: _Coordinates, y: _Coordinates) -> _Coordinates:
        """Signed distance to the outline to first order, negative inside; exact enough within a pixel of it."""
        c, s = cos(radians(self.angle_deg)), sin(radians(self.angle_deg))
        dx, dy = x - self.x_mm, y - self.y_mm
        u = np.abs(dx * c + dy * s) / self.a_mm
        v = np.abs(dy * c - dx * s) / self.b_mm
        if self.power == 2.0:
            radius = np.sqrt(u * u + v * v) + 1e-6
            slope = np.sqrt((u / self.a_mm) ** 2 + (v / self.b_mm) ** 2) / radius
        else:
            p = self.power
            radius = (u**p + v**p) ** (1 / p) + 1e-6
            slope = np.sqrt((u ** (p - 1) / self.a_mm) ** 2 + (v ** (p - 1) / self.b_mm) ** 2) / radius ** (p - 1)
        distance: _Coordinates = (radius - 1) / (slope + 1e-6)
        return distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipsoid:
    """An ellipsoid that may be turned about z and sheared along z.

    Parameters
    ----------
    flatness
        Exponent along z: 2 is an ellipsoid, 8 nearly a cylinder.
    power
        Exponent in the axial plane: 2 is an ellipse, 4 nearly a box.
    lean
        Millimetres that the centre moves in x and y for each millimetre of z.
    """

    centre_mm: tuple[float, float, float]
    semi_mm: tuple[float, float, float]
    hu: float
    angle_deg: float = 0.0
    flatness: float = 2.0
    power: float = 2.0
    lean: tuple[float, float] = (0.0, 0.0)

    def outline(self, z_mm: float) -> Outline | None:
        """Section at a height."""
        dz = z_mm - self.centre_mm[2]
        height = abs(dz) / self.semi_mm[2]
        if height >= 1:
            return None
        scale = (1 - height**self.flatness) ** (1 / self.flatness)
        return Outline(
            x_mm=self.centre_mm[0] + self.lean[0] * dz,
            y_mm=self.centre_mm[1] + self.lean[1] * dz,
            a_mm=self.semi_mm[0] * scale,
            b_mm=self.semi_mm[1] * scale,
            angle_deg=self.angle_deg,
            power=self.power,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Ellipses along a path: rows (z, x, y, a, b) in millimetres with z rising, interpolated between."""

    path: tuple[tuple[float, float, float, float, float], ...]
    hu: float
    power: float = 2.0
    angle_deg: float = 0.0

    def outline(self, z_mm: float) -> Outline | None:
        """Section at a height."""
        heights = [point[0] for point in self.path]
        if not heights[0] <= z_mm <= heights[-1]:
            return None
        x, y, a, b = (float(np.interp(z_mm, heights, [point[k] for point in self.path])) for k in range(1, 5))
        return Outline(x_mm=x, y_mm=y, a_mm=a, b_mm=b, angle_deg=self.angle_deg, power=self.power)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomLesion:
    """An ellipsoidal lesion at one timepoint.

    Parameters
    ----------
    x_mm, y_mm, slice_index
        Its centre: in the phantom's own coordinates, on the centre of a slice.
    long_mm, short_mm, height_mm
        Whole diameters: the longest and the shortest in the axial plane, and the craniocaudal one.
    angle_deg
        Direction of the longest diameter, from the patient's left towards the back.
    core_hu
        Of a necrotic centre half as large; None: it has none.
    """

    name: str
    x_mm: Decimal
    y_mm: Decimal
    slice_index: int
    long_mm: Decimal
    short_mm: Decimal
    height_mm: Decimal
    angle_deg: Decimal = Decimal(0)
    hu: int = 95
    core_hu: int | None = None

    def __post_init__(self) -> None:
        for name in ("long_mm", "short_mm", "height_mm"):
            require_positive(name, getattr(self, name))
        require(holds=self.long_mm >= self.short_mm, code="PHANTOM_AXES", name=self.name)

    def shapes(self, interval_mm: Decimal) -> tuple[Ellipsoid, ...]:
        """What is painted: the lesion, then its core."""
        centre = (float(self.x_mm), float(self.y_mm), float(interval_mm * self.slice_index))
        semi = (float(self.long_mm / 2), float(self.short_mm / 2), float(self.height_mm / 2))
        whole = Ellipsoid(centre_mm=centre, semi_mm=semi, hu=self.hu, angle_deg=float(self.angle_deg))
        if self.core_hu is None:
            return (whole,)
        core = (semi[0] / 2, semi[1] / 2, semi[2] / 2)
        return (whole, Ellipsoid(centre_mm=centre, semi_mm=core, hu=self.core_hu, angle_deg=float(self.angle_deg)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionTruth:
    """What measuring a lesion must give.

    The end points are those of the longest diameter, then those of the short axis, as a bidirectional measurement has them.
    """

    name: str
    slice_index: int
    centre_um: PointUm
    long_mm: Decimal
    short_mm: Decimal
    ends_mpx: tuple[PointMpx, PointMpx, PointMpx, PointMpx]
    ends_um: tuple[PointUm, PointUm, PointUm, PointUm]


def truth(grid: PhantomGrid, lesion: PhantomLesion) -> LesionTruth:
    """Truth of a lesion on a grid; its points are rounded to 1/1000 pixel and to micrometres, its diameters are exact."""
    x, y, angle = float(lesion.x_mm), float(lesion.y_mm), radians(float(lesion.angle_deg))
    half_long, half_short = float(lesion.long_mm / 2), float(lesion.short_mm / 2)
    along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
    ends = [
        (x + sign * half * direction[0], y + sign * half * direction[1])
        for half, direction in ((half_long, along), (half_short, across))
        for sign in (-1, 1)
    ]
    mpx = [grid.mpx(*end) for end in ends]
    um = [grid.um(*end, lesion.slice_index) for end in ends]
    return LesionTruth(
        name=lesion.name,
        slice_index=lesion.slice_index,
        centre_um=grid.um(x, y, lesion.slice_index),
        long_mm=lesion.long_mm,
        short_mm=lesion.short_mm,
        ends_mpx=(mpx[0], mpx[1], mpx[2], mpx[3]),
        ends_um=(um[0], um[1], um[2], um[3]),
    )


def _paint(image: Image, x: Image, y: Image, outline: Outline, hu: float) -> None:
    """Paint an outline over an image in place; a pixel on its edge is mixed by how much of it is covered."""
    pixel_mm = float(x[1] - x[0] + y[1] - y[0]) / 2
    reach = max(outline.a_mm, outline.b_mm) + 2 * pixel_mm
    columns, rows = _within(x, outline.x_mm, reach), _within(y, outline.y_mm, reach)
    if columns.start == columns.stop or rows.start == rows.stop:
        return
    distance = outline.distance_mm(x[None, columns], y[rows, None])
    covered = np.clip(0.5 - distance / pixel_mm, 0, 1)
    part = image[rows, columns]
    part += covered * (hu - part)


def anatomy(
    grid: PhantomGrid,
    backdrop: Sequence[tuple[Outline, float]],
    shapes: Sequence[Shape],
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Image:
    """Hounsfield units of painted shapes, without lesions and noise: shape (slices, rows, columns).

    Parameters
    ----------
    backdrop
        (outline, Hounsfield units) of what is the same in every slice, painted before the shapes.

    Raises
    ------
    Cancelled
        The user asked for it.
    """
    volume = np.zeros((grid.slices, grid.rows, grid.columns), dtype=np.float32)
    x, y = grid.x_mm(), grid.y_mm()
    base = np.full((grid.rows, grid.columns), AIR_HU, dtype=np.float32)
    for outline, hu in backdrop:
        _paint(base, x, y, outline, hu)

    def render(index: int) -> None:
        if cancel is not None and cancel.cancelled:
            return
        for offset in _SLAB_OFFSETS:
            layer = base.copy()
            for shape in shapes:
                section = shape.outline(float(grid.interval_mm) * (index + offset))
                if section is not None:
                    _paint(layer, x, y, section, shape.hu)
            volume[index] += layer / len(_SLAB_OFFSETS)

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="phantom") as executor:
        for done, _ in enumerate(executor.map(render, range(grid.slices)), start=1):
            progress(done, grid.slices)
    if cancel is not None:
        cancel.check()
    return volume


def add_lesion(volume: Image, grid: PhantomGrid, lesion: PhantomLesion) -> None:
    """Paint a lesion into a volume in place; each voxel is mixed by the share of its sample points that lie inside."""
    x, y = grid.x_mm(), grid.y_mm()
    steps = (np.arange(_SUPERSAMPLING, dtype=np.float32) + 0.5) / _SUPERSAMPLING - 0.5
    row_mm, column_mm = (float(value) for value in grid.pixel_spacing_mm)
    for shape in lesion.shapes(grid.interval_mm):
        reach = max(shape.semi_mm) + max(row_mm, column_mm)
        columns, rows = _within(x, shape.centre_mm[0], reach), _within(y, shape.centre_mm[1], reach)
        fine_x = (x[columns, None] + steps * column_mm).reshape(1, -1)
        fine_y = (y[rows, None] + steps * row_mm).reshape(-1, 1)
        size = (rows.stop - rows.start, _SUPERSAMPLING, columns.stop - columns.start, _SUPERSAMPLING)
        for index in range(grid.slices):
            covered = np.zeros((size[0], size[2]), dtype=np.float32)
            for step in steps:
                outline = shape.outline(float(grid.interval_mm) * (index + float(step)))
                if outline is not None:
                    inside = outline.distance_mm(fine_x, fine_y) <= 0
                    covered += inside.reshape(size).mean(axis=(1, 3), dtype=np.float32)
            if covered.any():
                part = volume[index, rows, columns]
                part += covered / _SUPERSAMPLING * (shape.hu - part)


def with_noise(volume: Image, *, seed: int, sd_hu: float) -> NDArray[np.int16]:
    """Stored values of a volume: Hounsfield units with noise that is the same for the same seed, rounded, -1024 to 3071.

    The noise of neighbouring pixels is correlated, as a reconstruction leaves it; its standard deviation is ``sd_hu``.
    """
    random = np.random.default_rng(seed)
    result = np.empty(volume.shape, dtype=np.int16)
    kernel = 0.6
    norm = 1 + 2 * kernel**2
    for index, image in enumerate(volume):
        noise = random.standard_normal(image.shape, dtype=np.float32)
        for axis in (0, 1):
            noise = noise + kernel * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
        result[index] = np.clip(np.rint(image + noise * (sd_hu / norm)), -1024, 3071)
    return result


def _centres(count: int, spacing_mm: Decimal) -> Image:
    first = Fraction(spacing_mm) * (1 - count) / 2
    return np.array([float(first + Fraction(spacing_mm) * k) for k in range(count)], dtype=np.float32)


def _within(centres: Image, middle: float, reach: float) -> slice:
    first, last = np.searchsorted(centres, [middle - reach, middle + reach])
    return slice(int(first), int(last))
