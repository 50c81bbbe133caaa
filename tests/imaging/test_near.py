from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from spinereview.imaging.near import TOGETHER, NearPlanes
from spinereview.imaging.slicing import Grid, Orientation, PlaneSet

SHAPE = (5, 7, 2 * TOGETHER + 3)


@pytest.mark.parametrize("axes", list(permutations((0, 1, 2))))
@pytest.mark.parametrize("reverse", list(product((False, True), repeat=3)))
def test_planes_with_their_neighbours_are_the_planes(
    axes: tuple[int, int, int], reverse: tuple[bool, bool, bool]
) -> None:
    samples = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    along = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    grid = Grid(shape=SHAPE, origin_mm=(0.0, 0.0, 0.0), along_mm=along, calibrated=True, volume=True)
    planes = PlaneSet(orientation=Orientation.SAGITTAL, grid=grid, axes=axes, reverse=reverse)
    near = NearPlanes()
    order = [*range(planes.count), planes.count // 2, 0]
    assert all(np.array_equal(near.cut(planes, samples, index), planes.cut(samples, index)) for index in order)


def test_other_samples_have_other_neighbours() -> None:
    along = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    grid = Grid(shape=SHAPE, origin_mm=(0.0, 0.0, 0.0), along_mm=along, calibrated=True, volume=True)
    planes = PlaneSet(orientation=Orientation.SAGITTAL, grid=grid, axes=(2, 0, 1), reverse=(False, False, False))
    one, other = np.zeros(SHAPE, np.int16), np.ones(SHAPE, np.int16)
    near = NearPlanes()
    assert not near.cut(planes, one, 3).any()
    assert near.cut(planes, other, 3).all()
    other[:] = 2
    assert (near.cut(planes, other, 3) == 1).all()
    near.forget()
    assert (near.cut(planes, other, 3) == 2).all()
