"""Another volume on the shown plane: where it lies, the nearest label, values between samples."""

from __future__ import annotations

import numpy as np
import pytest

from spinereview.imaging.onto_plane import linear, nearest, steps_on
from spinereview.imaging.slicing import Grid, Orientation, plane_set

ONE = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
COARSE = ((0.0, 0.0, 2.0), (0.0, 2.0, 0.0), (2.0, 0.0, 0.0))
FLAT, NO = np.ones(4), np.zeros(4)


def grid(along=ONE, origin=(0.0, 0.0, 0.0), shape=(4, 4, 4)):
    return Grid(shape=shape, origin_mm=origin, along_mm=along, calibrated=True, volume=True)


def ramp():
    """Value = position in mm along x + 10 y + 100 z, on the coarse grid."""
    z, y, x = np.mgrid[0:4, 0:4, 0:4] * 2
    return (x + 10 * y + 100 * z).astype(np.int16)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_grid_lies_on_itself_in_every_plane(orientation) -> None:
    planes = plane_set(grid(), orientation)
    samples = np.arange(64, dtype=np.uint16).reshape(4, 4, 4)
    steps = steps_on(planes, 1, grid())
    assert np.array_equal(nearest(samples, steps), planes.cut(samples, 1))
    assert np.allclose(linear(samples, FLAT, NO, steps), planes.cut(samples, 1))


def test_values_between_samples_are_linear_and_end_with_the_samples() -> None:
    found = linear(ramp(), FLAT, NO, steps_on(plane_set(grid(shape=(8, 8, 8)), Orientation.NATIVE), 3, grid(COARSE)))
    assert found[2, 5] == pytest.approx(5 + 20 + 300)
    assert np.isfinite(found[:7, :7]).all()
    assert np.isnan(found[7]).all()
    assert np.isnan(found[:, 7]).all()


def test_each_image_is_rescaled_by_itself_before_it_is_mixed() -> None:
    """One rescale slope for a whole PET volume: between two slices lie the real values of both."""
    slope = np.array([1.0, 3.0, 1.0, 1.0])
    planes = plane_set(grid(shape=(8, 8, 8)), Orientation.NATIVE)
    found = linear(np.full((4, 4, 4), 100, np.int16), slope, NO, steps_on(planes, 1, grid(COARSE)))
    assert found[0, 0] == pytest.approx(200)


def test_a_block_of_samples_takes_the_value_of_its_middle() -> None:
    planes = plane_set(grid(shape=(8, 6, 7)), Orientation.NATIVE)
    found = linear(ramp(), FLAT, NO, steps_on(planes, 3, grid(COARSE), block=(2, 3)))
    assert found.shape == (3, 3)
    assert found[1, 1] == pytest.approx(4 + 10 * 2.5 + 300)


def test_the_nearest_label_ends_half_a_sample_beyond_the_last_one() -> None:
    labels = np.full((4, 4, 4), 7, np.uint16)
    planes = plane_set(grid(shape=(9, 9, 9)), Orientation.NATIVE)
    found = nearest(labels, steps_on(planes, 0, grid(COARSE)))
    assert found[0].tolist() == [7] * 7 + [0, 0]


def test_a_grid_without_a_place_lies_nowhere() -> None:
    planes = plane_set(grid(), Orientation.NATIVE)
    nowhere = Grid(shape=(4, 4, 4), origin_mm=None, along_mm=ONE, calibrated=True, volume=True)
    assert steps_on(planes, 0, nowhere) is None
    assert steps_on(plane_set(nowhere, Orientation.NATIVE), 0, grid()) is None


@pytest.mark.parametrize("orientation", list(Orientation))
def test_labels_on_parallel_axes_are_those_that_any_axes_give(orientation) -> None:
    """The short way for parallel axes finds the same samples, beyond the edges too."""
    labels = np.random.default_rng(7).integers(0, 9, (4, 4, 4)).astype(np.uint16)
    planes = plane_set(grid(origin=(-1.3, 0.4, 0.2), shape=(7, 9, 8)), orientation)
    lay = steps_on(planes, 2, grid(COARSE))
    assert lay.parallel
    places = np.floor(lay.steps() + 0.5).astype(int)
    inside = ((places >= 0) & (places < 4)).all(axis=0)
    expected = np.where(inside, labels[tuple(np.clip(places, 0, 3))], 0)
    assert inside.any()
    assert not inside.all()
    assert np.array_equal(nearest(labels, lay), expected)


def test_labels_on_turned_axes_are_the_nearest_samples() -> None:
    turned = grid(((0.0, 0.0, 1.0), (-0.6, 0.8, 0.0), (0.8, 0.6, 0.0)), (1.1, -0.3, 0.2))
    labels = np.arange(1, 65, dtype=np.uint16).reshape(4, 4, 4)
    planes = plane_set(grid(shape=(6, 6, 6)), Orientation.NATIVE)
    lay = steps_on(planes, 2, turned)
    assert not lay.parallel
    found = nearest(labels, lay)
    centres = {
        (k, j, i): np.array(turned.origin_mm) + np.array([k, j, i]) @ np.array(turned.along_mm)
        for k, j, i in np.ndindex(4, 4, 4)
    }
    for row, column in ((1, 1), (2, 2), (3, 0)):
        where = np.array(planes.to_patient(2, column + 0.5, row + 0.5))
        closest = min(centres, key=lambda place: float(np.linalg.norm(centres[place] - where)))
        assert found[row, column] == labels[closest]
