"""Lesions of the phantom, and the exact truth of each on the images of a series.

A lesion is an ellipsoid. Every plane cuts it in an ellipse whose longest diameter and short axis follow from its numbers,
without any pixel. One that is turned about z alone and centred on an axial image is largest there, and its diameters are
the ones that were asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.checks import require, require_positive
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.imaging.phantom_contrast import Tissue
from spinereview.imaging.phantom_grid import PhantomGrid, Point
from spinereview.imaging.phantom_shapes import Axes, Organ, Solid, turned
from spinereview.imaging.phantom_spine import Standing

_MICROMETRE = Decimal("0.001")
_ISLANDS = ((0.45, 0.1, 0.2, 0.32), (-0.4, 0.3, -0.25, 0.27), (0.05, -0.5, 0.1, 0.3), (-0.2, -0.1, 0.5, 0.22))
"""Blastic parts of a mixed lesion: place and size in parts of its half axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomLesion:
    """An ellipsoidal lesion at one timepoint.

    Parameters
    ----------
    centre_mm
        In the phantom's own coordinates.
    long_mm, short_mm, height_mm
        Whole diameters: the longest and the shortest in its axial plane, and the one across that plane.
    axes
        Directions of the three.
    core
        Tissue of a centre half as large, of a mass that has died within; None: it has none.
    islands
        Tissue of parts within it, as in mixed lesions of bone.
    """

    name: str
    centre_mm: Point
    long_mm: Decimal
    short_mm: Decimal
    height_mm: Decimal
    axes: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    tissue: Tissue = Tissue.TUMOUR
    core: Tissue | None = None
    islands: Tissue | None = None

    def __post_init__(self) -> None:
        for name in ("long_mm", "short_mm", "height_mm"):
            require_positive(name, getattr(self, name))
        require(holds=self.long_mm >= self.short_mm, code="PHANTOM_AXES", name=self.name)

    @property
    def semi_mm(self) -> Point:
        """Half axes."""
        return float(self.long_mm) / 2, float(self.short_mm) / 2, float(self.height_mm) / 2

    def organs(self) -> tuple[Organ, ...]:
        """What is painted, in order."""
        a, b, c = self.semi_mm
        painted = [
            Organ(shapes=(Solid(centre_mm=self.centre_mm, semi_mm=(a, b, c), axes=self.axes),), tissue=self.tissue)
        ]
        if self.core is not None:
            inner = Solid(centre_mm=self.centre_mm, semi_mm=(a / 2, b / 2, c / 2), axes=self.axes)
            painted.append(Organ(shapes=(inner,), tissue=self.core))
        if self.islands is not None:
            parts = tuple(
                Solid(
                    centre_mm=self._inside(u * a, v * b, w * c), semi_mm=(size * a, size * b, size * c), axes=self.axes
                )
                for u, v, w, size in _ISLANDS
            )
            painted.append(Organ(shapes=parts, tissue=self.islands))
        return tuple(painted)

    def _inside(self, u: float, v: float, w: float) -> Point:
        x, y, z = (c + u * a + v * b + w * d for c, a, b, d in zip(self.centre_mm, *self.axes, strict=True))
        return x, y, z


def in_body(
    standing: Standing,
    name: str,
    place_mm: Point,
    size_mm: tuple[Decimal, Decimal, Decimal],
    tissue: Tissue,
    islands: Tissue | None = None,
) -> PhantomLesion:
    """A lesion within a vertebra: its place and its diameters to the left, to the back and up from the middle of the body.

    The frame of the vertebra is that of its axes, so the lesion leans with it.
    """
    left, back, up = size_mm
    axes = standing.frame.axes if left >= back else standing.frame.turned(90)
    return PhantomLesion(
        name=name,
        centre_mm=standing.frame.point(*place_mm),
        long_mm=max(left, back),
        short_mm=min(left, back),
        height_mm=up,
        axes=axes,
        tissue=tissue,
        islands=islands,
    )


def on_axial(angle_deg: Decimal) -> Axes:
    """Axes of a lesion whose longest diameter lies in the axial plane, turned from the patient's left towards the back."""
    return turned(float(angle_deg))


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionTruth:
    """What measuring a lesion on a series must give.

    The end points are those of the longest diameter, then those of the short axis, as a bidirectional measurement has them.

    Parameters
    ----------
    slice_index
        Image on which it is largest, counted as the geometry gate sorts them.
    """

    name: str
    slice_index: int
    centre_um: PointUm
    long_mm: Decimal
    short_mm: Decimal
    ends_mpx: tuple[PointMpx, PointMpx, PointMpx, PointMpx]
    ends_um: tuple[PointUm, PointUm, PointUm, PointUm]


def lesion_truth(grid: PhantomGrid, lesion: PhantomLesion) -> LesionTruth | None:
    """Truth of a lesion on the image of a grid that lies nearest to its centre; None where no image cuts it.

    Points are rounded to 1/1000 pixel and to micrometres. The diameters of the lesion's own axial plane are exact, others
    are rounded to micrometres.
    """
    index = grid.index_of(lesion.centre_mm)
    if not 0 <= index < grid.slices:
        return None
    across, down = (_array(direction) for direction in (grid.row_direction, grid.column_direction))
    plane = np.stack([across, down], axis=1)
    axes, semi = np.array(lesion.axes), np.array(lesion.semi_mm)
    form = axes.T @ np.diag(1 / semi**2) @ axes
    away = _array(grid.middle_of(index)) - np.array(lesion.centre_mm)
    section = plane.T @ form @ plane
    middle = -np.linalg.solve(section, plane.T @ form @ away)
    nearest = away + plane @ middle
    left = 1 - float(nearest @ form @ nearest)
    if left <= 0:
        return None
    strength, directions = np.linalg.eigh(section)
    centre = _array(grid.middle_of(index)) + plane @ middle
    halves = np.sqrt(left / strength)
    points = [_point(centre + sign * halves[k] * (plane @ directions[:, k])) for k in (0, 1) for sign in (-1, 1)]
    mpx, um = [grid.mpx(point, index) for point in points], [grid.um(point) for point in points]
    asked = (lesion.long_mm, lesion.short_mm)
    found = [
        exact if abs(2 * float(half) - float(exact)) < 1e-7 else Decimal(repr(2 * float(half))).quantize(_MICROMETRE)
        for half, exact in zip(halves, asked, strict=True)
    ]
    return LesionTruth(
        name=lesion.name,
        slice_index=index,
        centre_um=grid.um(_point(centre)),
        long_mm=found[0],
        short_mm=found[1],
        ends_mpx=(mpx[0], mpx[1], mpx[2], mpx[3]),
        ends_um=(um[0], um[1], um[2], um[3]),
    )


def _array(vector: tuple[Decimal, Decimal, Decimal]) -> NDArray[np.float64]:
    return np.array([float(part) for part in vector])


def _point(vector: NDArray[np.float64]) -> Point:
    x, y, z = (float(part) for part in vector)
    return x, y, z
