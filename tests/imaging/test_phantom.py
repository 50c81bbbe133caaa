"""The phantom: its pixels show what its truth says, to a fraction of a pixel."""

from __future__ import annotations

from decimal import Decimal
from math import pi

import numpy as np
import pytest

from spinereview.domain.exact import reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.domain.measurement import PointMpx
from spinereview.errors import Cancelled, InvalidValue
from spinereview.imaging.phantom import (
    Ellipsoid,
    Image,
    Outline,
    PhantomGrid,
    PhantomLesion,
    Tube,
    add_lesion,
    anatomy,
    truth,
    with_noise,
)
from spinereview.imaging.phantom_spine import VERTEBRAE, organs, wall
from spinereview.tasks import CancelToken

SQUARE = (Decimal("0.9375"), Decimal("0.9375"))
FLAT = (Decimal("1.6"), Decimal("0.8"))


def grid(spacing: tuple[Decimal, Decimal] = SQUARE, slices: int = 9) -> PhantomGrid:
    return PhantomGrid(
        rows=81,
        columns=96,
        slices=slices,
        pixel_spacing_mm=spacing,
        interval_mm=Decimal("2.5"),
        offset_mm=(Decimal("4.25"), Decimal(-158), Decimal("-397.75")),
    )


def lesion(angle_deg: str = "0", height_mm: str = "200", slice_index: int = 4) -> PhantomLesion:
    return PhantomLesion(
        name="mass",
        x_mm=Decimal("5.3"),
        y_mm=Decimal("-7.1"),
        slice_index=slice_index,
        long_mm=Decimal(41),
        short_mm=Decimal("28.5"),
        height_mm=Decimal(height_mm),
        angle_deg=Decimal(angle_deg),
        hu=1000,
    )


def painted(on: PhantomGrid, what: PhantomLesion) -> Image:
    volume = np.zeros((on.slices, on.rows, on.columns), dtype=np.float32)
    add_lesion(volume, on, what)
    return volume


def value_at(image: Image, point: PointMpx) -> float:
    """Bilinear value at a point: sample (row, column) sits at its pixel's centre, 500/1000 from the corner."""
    column, row = (coordinate / 1000 - 0.5 for coordinate in point)
    left, top = int(np.floor(column)), int(np.floor(row))
    across, down = column - left, row - top
    corner = image[top : top + 2, left : left + 2]
    return float(np.array([1 - down, down]) @ corner @ np.array([1 - across, across]))


def crossing_pixels(image: Image, ends: tuple[PointMpx, PointMpx]) -> float:
    """How far beyond the second end, in pixels along the line of both, the image falls through half of its contrast."""
    (x0, y0), (x1, y1) = ends
    length = float(np.hypot(x1 - x0, y1 - y0)) / 1000
    steps = np.arange(-2, 2, 0.01)
    profile = np.array(
        [value_at(image, (round(x1 + (x1 - x0) * s / length), round(y1 + (y1 - y0) * s / length))) for s in steps]
    )
    assert profile[0] > 990
    assert profile[-1] < 10
    return float(steps[int((profile < 500).argmax())])


@pytest.mark.parametrize("spacing", [pytest.param(SQUARE, id="square"), pytest.param(FLAT, id="rows twice as far")])
@pytest.mark.parametrize("angle", ["0", "30", "90", "-58.5", "145"])
def test_the_edge_of_a_lesion_lies_where_its_truth_says(spacing: tuple[Decimal, Decimal], angle: str) -> None:
    """Half a pixel off, as a corner taken for a centre is, would fail at both ends of an axis."""
    on = grid(spacing)
    known = truth(on, lesion(angle))
    image = painted(on, lesion(angle))[4]
    long_a, long_b, short_a, short_b = known.ends_mpx
    for ends in ((long_a, long_b), (long_b, long_a), (short_a, short_b), (short_b, short_a)):
        assert crossing_pixels(image, ends) == pytest.approx(-0.05, abs=0.2)


def test_the_centre_of_the_first_pixel_is_500_500() -> None:
    on = grid()
    assert on.mpx(float(on.x_mm()[0]), float(on.y_mm()[0])) == (500, 500)
    x, y, z = on.position_mm(0)
    assert on.um(float(on.x_mm()[0]), float(on.y_mm()[0]), 0) == (int(1000 * x), int(1000 * y), int(1000 * z))


@pytest.mark.parametrize("spacing", [pytest.param(SQUARE, id="square"), pytest.param(FLAT, id="rows twice as far")])
@pytest.mark.parametrize("angle", ["0", "30", "90", "-58.5"])
def test_the_end_points_measure_the_diameters(spacing: tuple[Decimal, Decimal], angle: str) -> None:
    on = grid(spacing)
    known = truth(on, lesion(angle))
    for (a, b), (a_um, b_um), expected in (
        (known.ends_mpx[:2], known.ends_um[:2], known.long_mm),
        (known.ends_mpx[2:], known.ends_um[2:], known.short_mm),
    ):
        assert reported_mm(squared_mm_on_image(a, b, spacing)) == expected
        assert reported_mm(squared_mm_in_space(a_um, b_um)) == expected


@pytest.mark.parametrize("angle", ["0", "37"])
def test_the_painted_area_is_that_of_the_ellipse(angle: str) -> None:
    on = grid()
    area_mm2 = float(painted(on, lesion(angle))[4].sum()) / 1000 * 0.9375**2
    assert area_mm2 == pytest.approx(pi * 41 * 28.5 / 4, rel=0.005)


def test_the_largest_section_lies_on_the_slice_of_the_truth() -> None:
    areas = painted(grid(), lesion(height_mm="18", slice_index=3)).sum(axis=(1, 2))
    assert int(areas.argmax()) == 3
    assert areas[2] == pytest.approx(areas[4], rel=1e-3)
    assert areas[8] == 0


def test_a_core_is_half_as_large() -> None:
    on = grid()
    cored = PhantomLesion(
        name="cored",
        x_mm=Decimal(0),
        y_mm=Decimal(0),
        slice_index=4,
        long_mm=Decimal(40),
        short_mm=Decimal(40),
        height_mm=Decimal(40),
        hu=100,
        core_hu=50,
    )
    middle = painted(on, cored)[4, 40]
    assert (int((middle == 100).sum()) + int((middle == 50).sum())) * 0.9375 == pytest.approx(40, abs=4)
    assert int((middle == 50).sum()) * 0.9375 == pytest.approx(20, abs=2)


@pytest.mark.parametrize("power", [2.0, 2.4, 4.0])
def test_distances_from_an_outline_are_true_near_it(power: float) -> None:
    outline = Outline(x_mm=1, y_mm=2, a_mm=20, b_mm=12, power=power)
    x = np.array([[21.0, 21.3, 20.7, 1.0, 1.0]])
    y = np.array([[2.0, 2.0, 2.0, 14.0, 14.25]])
    assert outline.distance_mm(x, y)[0] == pytest.approx([0, 0.3, -0.3, 0, 0.25], abs=0.02)


def test_an_ellipsoid_and_a_tube_have_outlines_only_where_they_reach() -> None:
    ball = Ellipsoid(centre_mm=(0, 0, 10), semi_mm=(5, 4, 3), hu=0, lean=(1, 0))
    assert ball.outline(13) is None
    assert ball.outline(12.9) is not None
    assert ball.outline(10) == Outline(x_mm=0, y_mm=0, a_mm=5, b_mm=4)
    tube = Tube(path=((0, 0, 0, 1, 1), (10, 10, 0, 3, 1)), hu=0)
    assert tube.outline(-0.1) is None
    assert tube.outline(5) == Outline(x_mm=5, y_mm=0, a_mm=2, b_mm=1)


def test_noise_is_the_same_for_the_same_seed_and_as_wide_as_asked() -> None:
    flat = np.full((4, 96, 96), 40, dtype=np.float32)
    first, again, other = (with_noise(flat, seed=seed, sd_hu=11) for seed in (1, 1, 2))
    assert first.dtype == np.int16
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert float(first.std()) == pytest.approx(11, rel=0.05)
    assert float(first.mean()) == pytest.approx(40, abs=0.5)


def test_the_anatomy_has_air_around_bone_in_the_spine_and_fluid_in_the_sac() -> None:
    on = PhantomGrid(
        rows=96, columns=96, slices=4, pixel_spacing_mm=(Decimal("3.75"), Decimal("3.75")), interval_mm=Decimal("2.5")
    )
    shown: list[tuple[int, int]] = []
    volume = anatomy(on, wall(), organs(), progress=lambda done, total: shown.append((done, total)))
    assert shown[-1] == (4, 4)
    assert volume[:, 0, 0].tolist() == [-1000] * 4
    assert volume.min() >= -1000
    assert volume.max() <= 800
    third = next(vertebra for vertebra in VERTEBRAE if vertebra.level == "L3")
    column, row = (value // 1000 for value in on.mpx(12, third.y_mm))
    assert 100 < volume[2, row, column] < 300


def test_making_the_anatomy_can_be_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        anatomy(grid(), wall(), organs(), cancel=token)


def test_what_cannot_be_a_phantom_is_refused() -> None:
    with pytest.raises(InvalidValue, match="PHANTOM_AXES"):
        PhantomLesion(
            name="x",
            x_mm=Decimal(0),
            y_mm=Decimal(0),
            slice_index=0,
            long_mm=Decimal(10),
            short_mm=Decimal("10.1"),
            height_mm=Decimal(1),
        )
    with pytest.raises(InvalidValue, match="PHANTOM_SIZE"):
        grid(slices=1)
    with pytest.raises(InvalidValue, match="VALUE_NOT_POSITIVE"):
        grid(spacing=(Decimal(0), Decimal(1)))
