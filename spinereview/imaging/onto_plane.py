"""Samples of one volume on the shown plane of another: nearest for labels, linear for values. To look at, never to measure.

Both grids must speak of the same space; who asks has seen to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.slicing import Grid, PlaneSet

_EDGE = 1e-6
"""Steps that rounding may put a sample beyond the first or last one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lay:
    """How a plane lies in another grid, in steps along the axes (image, row, column) of that grid's array.

    Parameters
    ----------
    first
        Where the plane's first sample lies.
    down, across
        Way from one row of the plane to the next, and from one column.
    size
        (rows, columns) of the plane.
    """

    first: NDArray[np.float64]
    down: NDArray[np.float64]
    across: NDArray[np.float64]
    size: tuple[int, int]

    def steps(self) -> NDArray[np.float64]:
        """Place of every sample: shape (3, rows, columns), not whole."""
        rows, columns = (np.arange(size, dtype=np.float64) for size in self.size)
        upright = self.first[:, None, None] + self.down[:, None, None] * rows[None, :, None]
        return upright + self.across[:, None, None] * columns[None, None, :]

    @property
    def parallel(self) -> bool:
        """Whether each axis of the grid runs along the rows, along the columns, or through the plane."""
        reach = np.minimum(np.abs(self.down) * self.size[0], np.abs(self.across) * self.size[1])
        return bool((reach < _EDGE).all())


def steps_on(planes: PlaneSet, index: int, grid: Grid, *, block: tuple[int, int] = (1, 1)) -> Lay | None:
    """How a plane lies in another grid; None where one of them has no place in the patient.

    Parameters
    ----------
    block
        Rows and columns of the plane that share one place, their middle: a coarse grid needs no more.
    """
    rows, columns = (-(-size // step) for size, step in zip(planes.size, block, strict=True))
    middles = ((1, 1), (3, 1), (1, 3))
    corners = [planes.to_patient(index, column * block[1] / 2, row * block[0] / 2) for column, row in middles]
    if grid.origin_mm is None or not (grid.placed and planes.grid.placed) or any(corner is None for corner in corners):
        return None
    positions = np.array(corners, dtype=np.float64) - np.array(grid.origin_mm)
    first, right, down = np.linalg.solve(np.array(grid.along_mm).T, positions.T).T
    return Lay(first=first, down=down - first, across=right - first, size=(rows, columns))


def nearest(samples: NDArray[Any], lay: Lay) -> NDArray[Any]:
    """The nearest sample at each place; zero beyond the volume. Shape (rows, columns)."""
    result = np.zeros(lay.size, dtype=samples.dtype)
    if lay.parallel:
        return _nearest_parallel(samples, lay, result)
    places = np.floor(lay.steps() + 0.5 + _EDGE).astype(np.intp)
    inside = np.ones(lay.size, dtype=np.bool_)
    for axis in range(3):
        inside &= (places[axis] >= 0) & (places[axis] < samples.shape[axis])
    result[inside] = samples[places[0][inside], places[1][inside], places[2][inside]]
    return result


def _nearest_parallel(samples: NDArray[Any], lay: Lay, result: NDArray[Any]) -> NDArray[Any]:
    """The same where every axis of the grid depends on the row alone, on the column alone, or on neither."""
    rows, columns = (np.arange(size) for size in lay.size)
    inside = [np.ones(size, dtype=np.bool_) for size in lay.size]
    places = []
    for axis in range(3):
        of_rows = abs(lay.down[axis]) * lay.size[0] >= abs(lay.across[axis]) * lay.size[1]
        way, counted = (lay.down[axis], rows) if of_rows else (lay.across[axis], columns)
        place = np.floor(lay.first[axis] + way * counted + 0.5 + _EDGE).astype(np.intp)
        inside[0 if of_rows else 1] &= (place >= 0) & (place < samples.shape[axis])
        places.append((of_rows, place))
    down, across = (np.flatnonzero(one) for one in inside)
    at = [place[down][:, None] if of_rows else place[across][None, :] for of_rows, place in places]
    result[np.ix_(down, across)] = samples[at[0], at[1], at[2]]
    return result


def linear(
    samples: NDArray[Any], slope: NDArray[np.float64], intercept: NDArray[np.float64], lay: Lay
) -> NDArray[np.float64]:
    """Real values between the samples, each rescaled by its own image; NaN beyond the centres of the outer ones.

    Parameters
    ----------
    slope, intercept
        Shape (images,).
    """
    steps = lay.steps()
    inside = np.ones(lay.size, dtype=np.bool_)
    for axis in range(3):
        inside &= (steps[axis] >= -_EDGE) & (steps[axis] <= samples.shape[axis] - 1 + _EDGE)
    result = np.full(lay.size, np.nan)
    places = steps[:, inside]
    last = np.array(samples.shape)[:, None] - 1
    before = np.clip(np.floor(places + _EDGE).astype(np.intp), 0, last)
    after = np.minimum(before + 1, last)
    share = np.clip(places - before, 0.0, 1.0)
    values = np.zeros(places.shape[1])
    for image, image_share in ((before[0], 1 - share[0]), (after[0], share[0])):
        mixed = np.zeros(places.shape[1])
        for upper in product((False, True), repeat=2):
            row, column = (after[axis] if up else before[axis] for axis, up in zip((1, 2), upper, strict=True))
            parts = [share[axis] if up else 1 - share[axis] for axis, up in zip((1, 2), upper, strict=True)]
            mixed += parts[0] * parts[1] * samples[image, row, column]
        values += image_share * (mixed * slope[image] + intercept[image])
    result[inside] = values
    return result
