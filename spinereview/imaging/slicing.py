"""Planes of a stack: the images as acquired, and for a volume its axial, sagittal and coronal reformats.

A reformat here never resamples, but of a tilted gantry (:mod:`spinereview.imaging.shear`): it is a plane of the array of
samples, turned so that it lies as a radiologist expects (the patient's right on the left; anterior on the left of a
sagittal; the head up). Its pixels may be oblong. Array axes are (image, row, column); directions are LPS (PS3.3
C.7.6.2.1.1), lengths millimetres. Everything here is for display: what is measured is measured from the stored integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.shear import Shift, padding, straight_cut

FloatVector = tuple[float, float, float]


class Orientation(StrEnum):
    """Which planes of a stack are shown."""

    NATIVE = "NATIVE"
    AXIAL = "AXIAL"
    SAGITTAL = "SAGITTAL"
    CORONAL = "CORONAL"


SCREEN_AXES: dict[Orientation, tuple[FloatVector, FloatVector]] = {
    Orientation.AXIAL: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    Orientation.SAGITTAL: ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    Orientation.CORONAL: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
}
"""Where the screen's right and down point in the patient, for each anatomical plane (radiological convention)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the samples of a stack lie in the patient.

    Parameters
    ----------
    shape
        (images, rows, columns).
    origin_mm
        Centre of the first sample, LPS; None where the images state no position.
    along_mm
        Displacement, in millimetres LPS, from one image, row, column to the next. Without a calibration, in pixels.
    calibrated
        Whether lengths within an image are millimetres.
    volume
        Whether the images lie at known, even distances.
    shift
        Rows and columns by which each image's origin lies further than that of the one before it: of a tilted gantry. The
        step between images holds it too; reformats have it taken out, and are to look at.
    """

    shape: tuple[int, int, int]
    origin_mm: FloatVector | None
    along_mm: tuple[FloatVector, FloatVector, FloatVector]
    calibrated: bool
    volume: bool
    shift: Shift = (0.0, 0.0)

    @property
    def sheared(self) -> bool:
        """Whether the images are even but moved against each other, as a tilted gantry leaves them."""
        return self.shift != (0.0, 0.0)

    @property
    def placed(self) -> bool:
        """Whether every sample has a known position in the patient."""
        return self.origin_mm is not None and self.calibrated and (self.volume or self.sheared)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneSet:
    """All planes of one orientation through a grid.

    Parameters
    ----------
    axes
        Array axes that run (through the planes, down the screen, to the right of the screen).
    reverse
        Which of these run against the array's order.
    """

    orientation: Orientation
    grid: Grid
    axes: tuple[int, int, int]
    reverse: tuple[bool, bool, bool]

    @property
    def count(self) -> int:
        """Number of planes."""
        return self.grid.shape[self.axes[0]]

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns) of a plane on the screen."""
        return self.grid.shape[self.axes[1]], self.grid.shape[self.axes[2]]

    @property
    def spacing(self) -> tuple[float, float]:
        """(down, right) distance of neighbouring samples: millimetres, or pixels without a calibration."""
        return _length(self.grid.along_mm[self.axes[1]]), _length(self.grid.along_mm[self.axes[2]])

    @property
    def native(self) -> bool:
        """Whether each plane is one acquired image, as it was stored."""
        return self.orientation is Orientation.NATIVE

    def array_index(self, index: int) -> int:
        """Index along the array's own axis of a plane's number from 0."""
        return self.count - 1 - index if self.reverse[0] else index

    def cut(self, samples: NDArray[np.generic], index: int) -> NDArray[np.generic]:
        """View of one plane, (rows, columns) as on the screen; nothing is copied but of a sheared stack."""
        plane: NDArray[np.generic]
        if self.grid.sheared and self.axes[0] != 0:
            plane = straight_cut(samples, self.grid.shift, self.axes[0], self.array_index(index))
        else:
            plane = np.moveaxis(samples, self.axes[0], 0)[self.array_index(index)]
        remaining = [axis for axis in (0, 1, 2) if axis != self.axes[0]]
        if remaining != list(self.axes[1:]):
            plane = plane.swapaxes(0, 1)
        if self.reverse[1]:
            plane = plane[::-1]
        return plane[:, ::-1] if self.reverse[2] else plane

    def to_patient(self, index: int, column: float, row: float) -> FloatVector | None:
        """Position (LPS, mm) of a point of a plane; (0, 0) is the outer corner of the plane's first sample.

        None where the stack has no millimetres, or no position.
        """
        if self.grid.origin_mm is None or not self.grid.calibrated or not (self.grid.placed or self.native):
            return None
        steps = [0.0, 0.0, 0.0]
        for place, value in enumerate((float(index), row - 0.5, column - 0.5)):
            axis = self.axes[place]
            steps[axis] = self.grid.shape[axis] - 1 - value if self.reverse[place] else value
        x, y, z = (
            self.grid.origin_mm[i] + sum(steps[axis] * self.grid.along_mm[axis][i] for axis in (0, 1, 2))
            for i in (0, 1, 2)
        )
        return (x, y, z)

    def to_plane(self, position_mm: FloatVector) -> tuple[float, float, float] | None:
        """(index, column, row) of a position in the patient: the inverse of :meth:`to_patient`, for any index.

        None where the stack has no millimetres between its images, or no position.
        """
        grid = self.grid
        if grid.origin_mm is None or not grid.placed:
            return None
        away = np.subtract(position_mm, grid.origin_mm)
        steps = np.linalg.solve(np.array(grid.along_mm).T, away)
        turned = [
            grid.shape[axis] - 1 - float(steps[axis]) if self.reverse[place] else float(steps[axis])
            for place, axis in enumerate(self.axes)
        ]
        return turned[0], turned[2] + 0.5, turned[1] + 0.5

    def directions(self) -> tuple[FloatVector, FloatVector]:
        """Directions in the patient (unit vectors, LPS) of the screen's right and down."""
        right = _unit(self.grid.along_mm[self.axes[2]], against=self.reverse[2])
        down = _unit(self.grid.along_mm[self.axes[1]], against=self.reverse[1])
        return right, down


def plane_set(grid: Grid, orientation: Orientation) -> PlaneSet:
    """Planes of an orientation.

    For an anatomical orientation each array axis stands for the patient's axis that it follows most closely.
    """
    if orientation is Orientation.NATIVE:
        return PlaneSet(orientation=orientation, grid=grid, axes=(0, 1, 2), reverse=(False, False, False))
    grid = _straightened(grid)
    right, down = SCREEN_AXES[orientation]
    units = [_unit(vector, against=False) for vector in grid.along_mm]
    through, vertical, horizontal = max(
        permutations((0, 1, 2)), key=lambda axes: abs(_dot(units[axes[1]], down)) + abs(_dot(units[axes[2]], right))
    )
    normal = _cross(right, down)
    return PlaneSet(
        orientation=orientation,
        grid=grid,
        axes=(through, vertical, horizontal),
        reverse=(
            _dot(units[through], normal) < 0,
            _dot(units[vertical], down) < 0,
            _dot(units[horizontal], right) < 0,
        ),
    )


def _straightened(grid: Grid) -> Grid:
    """Grid of a sheared stack with the images straight above each other, wide enough for all of them."""
    if not grid.sheared:
        return grid
    count, rows, columns = grid.shape
    step, down, right = (np.array(vector) for vector in grid.along_mm)
    before = [padding(count, shift)[0] for shift in grid.shift]
    wider = [padding(count, shift)[1] for shift in grid.shift]
    straight = step - grid.shift[0] * down - grid.shift[1] * right
    origin = None if grid.origin_mm is None else np.array(grid.origin_mm) - before[0] * down - before[1] * right
    return replace(
        grid,
        shape=(count, rows + wider[0], columns + wider[1]),
        origin_mm=None if origin is None else _vector(origin),
        along_mm=(_vector(straight), grid.along_mm[1], grid.along_mm[2]),
    )


def _vector(values: NDArray[np.float64]) -> FloatVector:
    return (float(values[0]), float(values[1]), float(values[2]))


def orientations(grid: Grid) -> tuple[Orientation, ...]:
    """What can be shown of a grid: the images themselves, and the other two planes of a volume, straightened if sheared."""
    if not grid.calibrated or not (grid.volume or grid.sheared):
        return (Orientation.NATIVE,)
    others = [kind for kind in SCREEN_AXES if plane_set(grid, kind).axes[0] != 0]
    return (Orientation.NATIVE, *others)


def place_on_plane(planes: PlaneSet, index: int, point_um: tuple[int, int, int]) -> tuple[tuple[int, int], int] | None:
    """Nearest point of a plane to a point of the patient (micrometres, LPS), and their distance.

    Returns
    -------
    (column, row) in thousandths of a sample, (0, 0) the outer corner of the first one, and the distance in micrometres;
    None where the stack has no millimetres between its images, or no position.
    """
    x, y, z = point_um
    found = planes.to_plane((x / 1000, y / 1000, z / 1000))
    if found is None:
        return None
    interval_um = 1000 * _length(planes.grid.along_mm[planes.axes[0]])
    return (round(found[1] * 1000), round(found[2] * 1000)), round(abs(found[0] - index) * interval_um)


def direction_letters(direction: FloatVector) -> str:
    """Letters of a direction: the patient's Left, Posterior, Head (toward +x, +y, +z of LPS), or Right, Anterior, Foot.

    The nearest axis first, then those that contribute at least a quarter (about 15 degrees).

    >>> direction_letters((1.0, 0.0, 0.0)), direction_letters((0.0, -0.9, 0.43))
    ('L', 'AH')
    """
    named = sorted(
        ((abs(value), letters[value > 0]) for value, letters in zip(direction, ("RL", "AP", "FH"), strict=True)),
        reverse=True,
    )
    return "".join(letter for size, letter in named if size >= 0.25)


def opposite(letters: str) -> str:
    """Letters of the opposite direction.

    >>> opposite("AH")
    'PF'
    """
    return letters.translate(str.maketrans("RLAPHF", "LRPAFH"))


def _length(vector: FloatVector) -> float:
    return float(np.sqrt(_dot(vector, vector)))


def _dot(a: FloatVector, b: FloatVector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: FloatVector, b: FloatVector) -> FloatVector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _unit(vector: FloatVector, *, against: bool) -> FloatVector:
    length = _length(vector)
    scale = (-1.0 if against else 1.0) / length if length else 0.0
    return (vector[0] * scale, vector[1] * scale, vector[2] * scale)
