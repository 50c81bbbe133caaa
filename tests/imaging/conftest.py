"""How an edge is found in the pixels of a phantom, to compare it with the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from spinereview.domain.measurement import PointMpx
from spinereview.imaging.phantom_grid import Image


def _value_at(image: Image, point: PointMpx) -> float:
    """Bilinear value at a point: sample (row, column) sits at its pixel's centre, 500/1000 from the corner."""
    column, row = (coordinate / 1000 - 0.5 for coordinate in point)
    left, top = int(np.floor(column)), int(np.floor(row))
    across, down = column - left, row - top
    corner = image[top : top + 2, left : left + 2]
    return float(np.array([1 - down, down]) @ corner @ np.array([1 - across, across]))


def _profile(image: Image, start: PointMpx, end: PointMpx, steps: np.ndarray) -> np.ndarray:
    """Values along the line of two points, at places in pixels from the second one."""
    (x0, y0), (x1, y1) = start, end
    length = float(np.hypot(x1 - x0, y1 - y0)) / 1000
    return np.array(
        [_value_at(image, (round(x1 + (x1 - x0) * s / length), round(y1 + (y1 - y0) * s / length))) for s in steps]
    )


def _half_way_pixels(image: Image, start: PointMpx, end: PointMpx, inner: float, outer: float) -> float:
    """How far beyond the second point the image passes half-way from one brightness to the other, in pixels."""
    steps = np.arange(-2, 2, 0.01)
    values = _profile(image, start, end, steps)
    beyond = values < (inner + outer) / 2 if inner > outer else values > (inner + outer) / 2
    assert not beyond[0]
    assert beyond[-1]
    return float(steps[int(beyond.argmax())])


@pytest.fixture(scope="session")
def profile() -> Callable[..., np.ndarray]:
    """Values along the line of two points, at places in pixels from the second one."""
    return _profile


@pytest.fixture(scope="session")
def half_way_pixels() -> Callable[..., float]:
    """How far beyond the second of two points the image passes half-way from one brightness to the other."""
    return _half_way_pixels
