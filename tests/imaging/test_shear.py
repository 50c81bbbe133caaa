"""A tilted gantry shears the sagittal: with the tilt taken out every sample lies where it says, whatever the direction."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from spinereview.imaging.phantom_contrast import Weighting
from spinereview.imaging.phantom_grid import PhantomGrid
from spinereview.imaging.phantom_scanner import without_lesions
from spinereview.imaging.phantom_spine import spine
from spinereview.imaging.slicing import Grid, Orientation, orientations, plane_set

PLANES = (Orientation.SAGITTAL, Orientation.CORONAL)
SHIFTS = [
    (rows, columns) for rows, columns in itertools.product((-1.7, -0.5, 0.0, 0.3, 2.0), repeat=2) if rows or columns
]


def tilted(shift: tuple[float, float], *, up: bool = True) -> Grid:
    """Axial images 3 mm apart, samples of 0.8 x 0.6 mm, each image moved within its plane."""
    down, right = np.array([0, 0.8, 0]), np.array([0.6, 0, 0])
    step = np.array([0, 0, 3.0 if up else -3.0]) + shift[0] * down + shift[1] * right
    along = tuple(tuple(float(value) for value in vector) for vector in (step, down, right))
    return Grid(
        shape=(7, 9, 8), origin_mm=(10.0, 20.0, 30.0), along_mm=along, calibrated=True, volume=False, shift=shift
    )


def truth(x, y, z):
    """A body whose value at every point is known, and linear: between two samples it is what interpolation says."""
    return 3 * x - 2 * y + 5 * z


def painted(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.shape)
    places = np.tensordot(np.stack([k, j, i], axis=-1), np.array(grid.along_mm), axes=1) + np.array(grid.origin_mm)
    return truth(*np.moveaxis(places, -1, 0))


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("orientation", PLANES)
@pytest.mark.parametrize("shift", SHIFTS)
def test_lesson_11_every_sample_of_a_straightened_plane_is_what_the_body_is_there(shift, orientation, up) -> None:
    """Gantry tilt shears the sagittal: shear-corrected, in every direction of the tilt."""
    grid = tilted(shift, up=up)
    samples, planes = painted(grid), plane_set(grid, orientation)
    seen = 0
    for index in range(planes.count):
        cut = planes.cut(samples, index)
        assert cut.shape == planes.size
        for row, column in zip(*np.nonzero(~np.isnan(cut)), strict=True):
            place = planes.to_patient(index, column + 0.5, row + 0.5)
            assert cut[row, column] == pytest.approx(truth(*place), abs=1e-6)
            seen += 1
    # At most one sample at each end of an image lies between two that are needed for it.
    assert seen >= grid.shape[0] * (grid.shape[1] - 1) * (grid.shape[2] - 1)


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_acquired_images_stay_as_they_were_stored(shift) -> None:
    grid = tilted(shift)
    samples, native = painted(grid), plane_set(grid, Orientation.NATIVE)
    for index in range(native.count):
        assert np.array_equal(native.cut(samples, index), samples[index])
        assert truth(*native.to_patient(index, 3.5, 2.5)) == pytest.approx(samples[index, 2, 3])


@pytest.mark.parametrize("orientation", PLANES)
@pytest.mark.parametrize("shift", SHIFTS)
def test_a_point_goes_to_a_straightened_plane_and_back(shift, orientation) -> None:
    planes = plane_set(tilted(shift), orientation)
    for point in ((2, 3.25, 1.5), (4, 0.5, 6.0)):
        assert planes.to_plane(planes.to_patient(*point)) == pytest.approx(point)


def test_the_screen_shows_no_shear() -> None:
    right, down = plane_set(tilted((2.0, 0.0)), Orientation.SAGITTAL).directions()
    assert right == pytest.approx((0, 1, 0))
    assert down == pytest.approx((0, 0, -1))


def test_beyond_an_image_there_is_its_blank_and_integers_stay_integers() -> None:
    grid = tilted((1.0, 0.0))
    samples = np.full(grid.shape, 40, dtype=np.int16)
    cut = plane_set(grid, Orientation.SAGITTAL).cut(samples, 4)
    assert cut.dtype == np.int16
    assert set(np.unique(cut)) == {-32768, 40}
    assert (cut == 40).sum() == grid.shape[0] * grid.shape[1]


def test_without_millimetres_there_is_nothing_to_straighten() -> None:
    grid = tilted((1.0, 0.0))
    assert orientations(grid) == (Orientation.NATIVE, Orientation.SAGITTAL, Orientation.CORONAL)
    assert orientations(replace(grid, calibrated=False)) == (Orientation.NATIVE,)
    assert orientations(replace(grid, shift=(0.0, 0.0))) == (Orientation.NATIVE,)


@pytest.mark.parametrize("tilt_mm", [Decimal(-1), Decimal(1)])
def test_the_spine_of_a_tilted_ct_looks_like_that_of_a_straight_one(tilt_mm: Decimal) -> None:
    """The phantom's spine, imaged with a gantry tilted forward and backward by 22 degrees."""
    spacing = (Decimal(2), Decimal(2))
    middle = (Decimal(0), Decimal(20), Decimal(-20))
    straight = PhantomGrid(
        rows=60, columns=12, slices=17, pixel_spacing_mm=spacing, interval_mm=Decimal("2.5"), middle_mm=middle
    )
    sheared = replace(straight, tilt_mm=tilt_mm, middle_mm=(middle[0], middle[1] - 8 * tilt_mm, middle[2]))
    grids, images = [], []
    for one in (straight, sheared):
        rows_per_image = float(one.tilt_mm / spacing[0])
        grids.append(
            Grid(
                shape=(17, 60, 12),
                origin_mm=tuple(float(value) for value in one.position_mm(0)),
                along_mm=(tuple(float(value) for value in one.step_mm), (0.0, 2.0, 0.0), (2.0, 0.0, 0.0)),
                calibrated=True,
                volume=not one.tilt_mm,
                shift=(rows_per_image, 0.0),
            )
        )
        images.append(without_lesions(one, spine(), (Weighting.CT,))[0])
    plain, turned = (plane_set(grid, Orientation.SAGITTAL) for grid in grids)
    expected, found = plain.cut(images[0], 6), turned.cut(images[1], 6)
    column = round(turned.to_plane(plain.to_patient(6, 0.5, 0.5))[1] - 0.5)
    common = found[:, column : column + 60]
    inside = ~np.isnan(common)
    assert inside.mean() > 0.8
    wrong = np.abs(common - expected)[inside]
    sheared_as_stored = np.abs(images[1][::-1, :, 6] - expected)
    assert np.median(wrong) <= 5
    assert wrong.mean() < 0.35 * sheared_as_stored.mean()
