"""Planes of a volume lie as a radiologist expects, and know where they are in the patient."""

import itertools
import math

import numpy as np
import pytest

from spinereview.imaging.slicing import Grid, Orientation, direction_letters, opposite, orientations, plane_set

AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def grid(through: str, down: str, right: str, shape: tuple[int, int, int] = (4, 5, 6), volume: bool = True) -> Grid:
    """A grid whose array axes follow the patient's, ``"-z"`` against one."""
    steps = (2.5, 0.8, 0.6)

    def vector(name: str, step: float) -> tuple[float, float, float]:
        sign = -1.0 if name.startswith("-") else 1.0
        x, y, z = AXES[name[-1]]
        return (x * step * sign, y * step * sign, z * step * sign)

    along = (vector(through, steps[0]), vector(down, steps[1]), vector(right, steps[2]))
    return Grid(shape=shape, origin_mm=(10.0, 20.0, 30.0), along_mm=along, calibrated=True, volume=volume)


ALL_GRIDS = [
    grid(*("".join(pair) for pair in zip(signs, order, strict=True)))
    for order in itertools.permutations("xyz")
    for signs in itertools.product(("", "-"), repeat=3)
]


def position_volume(of: Grid) -> np.ndarray:
    """A volume whose samples are their own position in the patient."""
    k, j, i = np.indices(of.shape)
    return sum(
        np.asarray(along)[None, None, None, :] * index[..., None]
        for along, index in zip(of.along_mm, (k, j, i), strict=True)
    ) + np.asarray(of.origin_mm)


@pytest.mark.parametrize("orientation", [Orientation.AXIAL, Orientation.SAGITTAL, Orientation.CORONAL])
@pytest.mark.parametrize("of", ALL_GRIDS, ids=lambda of: str(of.along_mm))
def test_every_acquisition_gives_the_same_orientation_on_the_screen(of: Grid, orientation: Orientation) -> None:
    planes = plane_set(of, orientation)
    right, down = planes.directions()
    expected = {
        Orientation.AXIAL: ("L", "P"),
        Orientation.SAGITTAL: ("P", "F"),
        Orientation.CORONAL: ("L", "F"),
    }[orientation]
    assert (direction_letters(right), direction_letters(down)) == expected


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("of", ALL_GRIDS, ids=lambda of: str(of.along_mm))
def test_a_plane_s_samples_are_where_it_says_they_are(of: Grid, orientation: Orientation) -> None:
    positions = position_volume(of)
    planes = plane_set(of, orientation)
    for index in range(planes.count):
        cut = np.stack([planes.cut(positions[..., axis], index) for axis in (0, 1, 2)], axis=-1)
        assert cut.shape[:2] == planes.size
        for row, column in ((0, 0), (planes.size[0] - 1, planes.size[1] - 1), (1, 2)):
            stated = planes.to_patient(index, column + 0.5, row + 0.5)
            assert stated == pytest.approx(tuple(cut[row, column]))


def test_the_outer_corner_of_the_first_sample_is_half_a_sample_before_its_centre() -> None:
    planes = plane_set(grid("z", "y", "x"), Orientation.NATIVE)
    assert planes.to_patient(0, 0.5, 0.5) == pytest.approx((10.0, 20.0, 30.0))
    assert planes.to_patient(0, 0.0, 0.0) == pytest.approx((10.0 - 0.3, 20.0 - 0.4, 30.0))


def test_the_planes_of_a_sagittal_reformat_have_oblong_samples() -> None:
    assert plane_set(grid("z", "y", "x"), Orientation.SAGITTAL).spacing == pytest.approx((2.5, 0.8))


def test_only_a_calibrated_volume_has_reformats() -> None:
    axial = grid("z", "y", "x")
    assert orientations(axial) == (Orientation.NATIVE, Orientation.SAGITTAL, Orientation.CORONAL)
    assert orientations(grid("z", "y", "x", volume=False)) == (Orientation.NATIVE,)


def test_images_without_even_distances_have_no_position_in_a_reformat() -> None:
    planes = plane_set(grid("z", "y", "x", volume=False), Orientation.SAGITTAL)
    assert planes.to_patient(0, 0.5, 0.5) is None


def test_an_oblique_acquisition_shows_the_nearest_planes() -> None:
    cosine, sine = math.cos(0.3), math.sin(0.3)
    tilted = Grid(
        shape=(4, 5, 6),
        origin_mm=(0, 0, 0),
        along_mm=((0.0, -sine * 3, cosine * 3), (0.0, cosine, sine), (1.0, 0.0, 0.0)),
        calibrated=True,
        volume=True,
    )
    planes = plane_set(tilted, Orientation.SAGITTAL)
    right, down = planes.directions()
    assert (direction_letters(right), direction_letters(down)) == ("PH", "FP")


@pytest.mark.parametrize("letters", ["R", "LAH", "PF"])
def test_opposites_of_opposites_are_the_same(letters: str) -> None:
    assert opposite(opposite(letters)) == letters


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("of", ALL_GRIDS, ids=lambda of: str(of.along_mm))
def test_the_way_back_from_the_patient_to_a_plane_is_the_same(of: Grid, orientation: Orientation) -> None:
    planes = plane_set(of, orientation)
    position = planes.to_patient(1, 1.25, 2.75)
    if planes.grid.volume:
        assert position is not None
        assert planes.to_plane(position) == pytest.approx((1, 1.25, 2.75))
