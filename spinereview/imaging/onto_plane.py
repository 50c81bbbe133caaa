"""Samples of one volume on the shown plane of another: nearest for labels, linear for values. To look at, never to measure.

Both grids must speak of the same space; who asks has seen to that.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.slicing import Grid, PlaneSet

_EDGE = 1e-6
"""Steps that rounding may put a sample beyond the first or last one."""


def steps_on(planes: PlaneSet, index: int, grid: Grid, *, block: tuple[int, int] = (1, 1)) -> NDArray[Any] | None:
    """Where the samples of a plane lie in another grid, in steps along its array's axes.

    Parameters
    ----------
    block
        Rows and columns of the plane that share one place, their middle: a coarse grid needs no more.

    Returns
    -------
    Shape (3, rows, columns): image, row and column of the other grid, not whole; None where a grid has no place.
    """
    rows, columns = (-(-size // step) for size, step in zip(planes.size, block, strict=True))
    middles = ((1, 1), (3, 1), (1, 3))
    corners = [planes.to_patient(index, column * block[1] / 2, row * block[0] / 2) for column, row in middles]
    if grid.origin_mm is None or not (grid.placed and planes.grid.placed) or any(corner is None for corner in corners):
        return None
    positions = np.array(corners, dtype=np.float64) - np.array(grid.origin_mm)
    first, right, down = np.linalg.solve(np.array(grid.along_mm).T, positions.T).T
    across, along = right - first, down - first
    steps: NDArray[Any] = np.repeat(
        first[:, None, None] + along[:, None, None] * np.arange(rows)[None, :, None], columns, 2
    )
    steps += across[:, None, None] * np.arange(columns)[None, None, :]
    return steps


def nearest(samples: NDArray[Any], steps: NDArray[Any]) -> NDArray[Any]:
    """The nearest sample at each place; zero beyond the volume. Shape (rows, columns)."""
    places = np.floor(steps + 0.5 + _EDGE).astype(np.int64)
    inside = np.ones(places.shape[1:], dtype=np.bool_)
    for axis in range(3):
        inside &= (places[axis] >= 0) & (places[axis] < samples.shape[axis])
    result = np.zeros(places.shape[1:], dtype=samples.dtype)
    result[inside] = samples[places[0][inside], places[1][inside], places[2][inside]]
    return result


def linear(
    samples: NDArray[Any], slope: NDArray[np.float64], intercept: NDArray[np.float64], steps: NDArray[Any]
) -> NDArray[np.float64]:
    """Real values between the samples, each rescaled by its own image; NaN beyond the centres of the outer ones.

    Parameters
    ----------
    slope, intercept
        Shape (images,).
    """
    inside = np.ones(steps.shape[1:], dtype=np.bool_)
    for axis in range(3):
        inside &= (steps[axis] >= -_EDGE) & (steps[axis] <= samples.shape[axis] - 1 + _EDGE)
    result = np.full(steps.shape[1:], np.nan)
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
