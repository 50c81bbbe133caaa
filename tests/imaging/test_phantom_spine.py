"""The spine of the phantom: heights, points and angles of its truth are the ones that its pixels show."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from spinereview.criteria.fracture.heights import Unit, heights_of, six_points_fault
from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Calibration, Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.errors import Cancelled, InvalidValue
from spinereview.imaging.phantom_contrast import CONTRAST, Tissue, Weighting, value
from spinereview.imaging.phantom_grid import GridPlane, PhantomGrid
from spinereview.imaging.phantom_noise import coil, with_mr_noise, with_noise
from spinereview.imaging.phantom_paint import render
from spinereview.imaging.phantom_projection import film, lateral
from spinereview.imaging.phantom_spine import VERTEBRAE, level_truth, spine
from spinereview.imaging.phantom_trunk import organs, wall
from spinereview.tasks import CancelToken

COLLAPSED = {Level.T12: (Decimal("11.0"), Decimal("11.6"), Decimal("19.9"))}
BODIES = [vertebra.level for vertebra in VERTEBRAE if vertebra.level.value[0] in "TL"]
SHELL_MM = 1.0
SPACING = (Decimal("0.5"), Decimal("0.5"))


def sagittal(z_mm: str = "60", rows: int = 640, slices: int = 3, x_mm: str = "2") -> PhantomGrid:
    """Images in planes along the mid-sagittal one; the second of three lies in it."""
    return PhantomGrid(
        rows=rows,
        columns=260,
        slices=slices,
        pixel_spacing_mm=SPACING,
        interval_mm=Decimal(2),
        thickness_mm=Decimal("0.5"),
        plane=GridPlane.SAGITTAL,
        middle_mm=(Decimal(x_mm), Decimal(40), Decimal(z_mm)),
        offset_mm=(Decimal(1), Decimal(-160), Decimal("-300.5")),
    )


@pytest.fixture(scope="module", params=["whole", "collapsed"])
def standing(request: pytest.FixtureRequest):
    """A spine and the noise-free image of its mid-sagittal plane."""
    made = spine(COLLAPSED if request.param == "collapsed" else None)
    on = sagittal("100", 840, 1, "0")
    return made, on, render(on, wall(), organs(made, spine()))[0, 0]


@pytest.mark.parametrize("level", BODIES)
def test_endplates_lie_in_the_pixels_where_the_truth_says(standing, profile, level: Level) -> None:
    """The shell of an endplate begins at its point: along the height of the body it rises through the half of its contrast.

    Measured on the curved middle and on both rims, within half a pixel of 0.5 mm.
    """
    made, on, image = standing
    known = level_truth(on, made.at(level))
    assert known.points_mpx is not None
    outside = max(value(Tissue.DISC, Weighting.CT), value(Tissue.NUCLEUS, Weighting.CT))
    steps = np.arange(-1.5, 2.5, 0.01)
    for place in range(3):
        top, bottom = known.points_mpx[place], known.points_mpx[place + 3]
        for start, end in ((bottom, top), (top, bottom)):
            values = profile(image, start, end, steps)
            half = (float(values.max()) + outside) / 2
            last = steps[np.flatnonzero(values >= half)[-1]]
            assert last == pytest.approx(0, abs=0.5), (level, place)


@pytest.fixture(scope="module")
def axial():
    """An axial stack through the lower spine, every 2.5 mm, and its noise-free images."""
    on = PhantomGrid(
        rows=120,
        columns=24,
        slices=76,
        pixel_spacing_mm=(Decimal("0.8"), Decimal("0.8")),
        interval_mm=Decimal("2.5"),
        middle_mm=(Decimal(0), Decimal(30), Decimal(-25)),
    )
    return on, render(on, wall(), organs(spine(COLLAPSED), spine()))[0]


@pytest.mark.parametrize("level", [Level.L3, Level.L2, Level.L1, Level.T12, Level.T11])
def test_endplates_lie_between_the_axial_images_where_the_truth_says(axial, level: Level) -> None:
    """Along z at the middle of each endplate, by the interpolation that a reformat uses: within half an interval.

    The shell of cortex is thinner than an image: it is its middle that is found, half of it within the body.
    """
    on, volume = axial
    for superior in (True, False):
        x, y, z = spine(COLLAPSED).at(level).endplate(superior=superior)[1]
        column, row = (coordinate / 1000 - 0.5 for coordinate in on.mpx((x, y, z)))
        low = int(row)
        line = (1 - row + low) * volume[:, low, round(column)] + (row - low) * volume[:, low + 1, round(column)]
        heights = -25 + 2.5 * np.arange(on.slices)
        outward = np.arange(-3, 4, 0.05)
        values = np.interp(z + (outward if superior else -outward), heights, line)
        half = (float(values.max()) + value(Tissue.NUCLEUS, Weighting.CT)) / 2
        bright = outward[values >= half]
        middle_of_shell = (bright[0] + bright[-1]) / 2
        assert abs(middle_of_shell + SHELL_MM / 2) <= 1.25, (level, superior)


@pytest.mark.parametrize("collapsed", [None, COLLAPSED], ids=["whole", "collapsed"])
@pytest.mark.parametrize("level", BODIES)
def test_points_measure_the_heights_as_the_criterion_does(collapsed, level: Level) -> None:
    made, on = spine(collapsed), sagittal()
    known = level_truth(on, made.at(level))
    assert known.slice_index == 1
    assert known.points_mpx is not None
    image = ImageRef(stack=Id("k"), sop_uid="2.25.1")
    on_image = OnImage(image=image, points_mpx=known.points_mpx)
    in_space = InSpace(stacks=(Id("k"),), frame_of_reference_uid="2.25.2", points_um=known.points_um)
    stack = Stack(
        id=Id("k"),
        series_uid="2.25.3",
        modality="CT",
        kind=StackKind.VOLUME,
        plane=Plane.SAGITTAL,
        pixel_spacing_mm=SPACING,
        calibration=Calibration.PATIENT,
        slice_interval_mm=Decimal(2),
        images=(("2.25.1", 1),),
    )
    for geometry in (on_image, in_space):
        assert six_points_fault(geometry, SPACING) == ""
        drawn = Measurement(id=Id("m"), kind=MeasurementKind.HEIGHTS, geometry=geometry)
        heights = heights_of(drawn, stack)
        assert heights is not None
        assert (heights.unit, heights.all) == (Unit.MM, known.heights_mm)


def test_labels_lie_in_the_bodies_in_their_order() -> None:
    on = sagittal()
    labels = [level_truth(on, one).label_um for one in spine().standing]
    assert all(lower[2] < upper[2] for lower, upper in pairwise(labels))
    assert all(label[0] == 1000 for label in labels)


def test_points_on_other_planes_are_given_in_space_alone() -> None:
    axial = PhantomGrid(
        rows=64,
        columns=64,
        slices=40,
        pixel_spacing_mm=SPACING,
        interval_mm=Decimal("2.5"),
        middle_mm=(Decimal(0), Decimal(0), Decimal(-20)),
    )
    known = level_truth(axial, spine().at(Level.L3))
    assert known.points_mpx is None
    assert known.slice_index == 8
    aside = level_truth(sagittal(x_mm="3"), spine().at(Level.L3))
    assert aside.points_mpx is None


def test_the_curve_is_a_lordosis_below_and_a_kyphosis_above() -> None:
    """T5 to T12 and L1 to L5 of a lying adult; the leans of the bodies and their own wedges make the angle."""
    made = spine()
    assert made.angle_deg(Level.T5, Level.T12) == pytest.approx(33.8, abs=0.1)
    assert made.angle_deg(Level.L1, Level.L5) == pytest.approx(-35.7, abs=0.1)


def test_a_collapse_adds_its_wedge_to_the_kyphosis_and_brings_down_what_stands_above() -> None:
    whole, broken = spine(), spine(COLLAPSED)
    assert broken.at(Level.T12).collapsed
    assert not broken.at(Level.L1).collapsed
    wedge = broken.angle_deg(Level.T12, Level.T12) - whole.angle_deg(Level.T12, Level.T12)
    assert wedge > 15
    gained = broken.angle_deg(Level.T11, Level.L1) - whole.angle_deg(Level.T11, Level.L1)
    assert gained == pytest.approx(wedge, abs=1e-6)
    assert broken.at(Level.T11).centre_mm[2] < whole.at(Level.T11).centre_mm[2] - 5
    assert broken.at(Level.L1) == whole.at(Level.L1)


def test_a_collapse_below_l3_leaves_what_stands_above_in_its_place() -> None:
    left = (Decimal(20), Decimal(20), Decimal(22))
    broken = spine({Level.L4: left})
    assert broken.at(Level.L3) == spine().at(Level.L3)
    gap_before = _gap(spine(), Level.L4, Level.L3)
    assert _gap(broken, Level.L4, Level.L3) == pytest.approx(gap_before, abs=0.6)


def _gap(made, lower: Level, upper: Level) -> float:
    below = made.at(lower).endplate(superior=True)
    above = made.at(upper).endplate(superior=False)
    middles = [tuple((a + b) / 2 for a, b in zip(plate[0], plate[2], strict=True)) for plate in (below, above)]
    return float(np.linalg.norm(np.subtract(*middles)))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({Level.C7: (Decimal(10), Decimal(10), Decimal(10))}, id="no such level"),
        pytest.param({Level.T12: (Decimal(30), Decimal(10), Decimal(10))}, id="higher than before"),
        pytest.param({Level.T12: (Decimal(0), Decimal(10), Decimal(10))}, id="nothing left"),
    ],
)
def test_heights_that_cannot_be_are_refused(wrong) -> None:
    with pytest.raises(InvalidValue, match="PHANTOM_HEIGHTS"):
        spine(wrong)


def test_the_canal_shows_cord_in_fluid_on_t2_and_fat_is_dark_on_stir() -> None:
    on = sagittal("150", 200, 1, "0")
    t1, t2, stir = render(on, wall(), organs(spine(), spine()), (Weighting.T1, Weighting.T2, Weighting.STIR))[:, 0]
    body = spine().at(Level.T9)
    cord = on.mpx(body.frame.point(0, body.vertebra.b_mm + 8.1, 0))
    behind = on.mpx(body.frame.point(0, body.vertebra.b_mm + 8.1 + 5.2, 0))
    marrow = on.mpx(body.frame.point(0, -5, -5))
    at = lambda image, point: float(image[point[1] // 1000, point[0] // 1000])  # noqa: E731 - one use
    assert at(t2, behind) > at(t2, marrow) > at(t2, cord) - 40
    assert at(t1, marrow) > at(t1, behind)
    assert at(stir, marrow) < at(stir, cord) < at(stir, behind)


def test_every_tissue_has_a_brightness_under_every_weighting() -> None:
    assert set(CONTRAST) == set(Tissue)
    assert all(len(row) == len(Weighting) for row in CONTRAST.values())


def test_a_lateral_film_shows_the_bodies_brighter_than_what_lies_before_them() -> None:
    on = PhantomGrid(
        rows=100,
        columns=90,
        slices=1,
        pixel_spacing_mm=(Decimal(2), Decimal(2)),
        interval_mm=Decimal(1),
        plane=GridPlane.SAGITTAL,
        middle_mm=(Decimal(0), Decimal(20), Decimal(30)),
    )
    (image,) = lateral(on, wall(), organs(spine(), spine()))
    body = level_truth(on, spine().at(Level.L2))
    column, row = (value // 1000 for value in body.label_mpx)
    assert image[row, column] > image[row, column - 25] + 300
    assert np.array_equal(film(image, seed=3, sd=20), film(image, seed=3, sd=20))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        lateral(on, wall(), organs(spine(), spine()), cancel=token)


def test_making_images_can_be_cancelled_and_says_how_far_it_is() -> None:
    on = sagittal(rows=20)
    shown: list[tuple[int, int]] = []
    render(on, wall(), (), progress=lambda done, total: shown.append((done, total)))
    assert shown == [(1, 3), (2, 3), (3, 3)]
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        render(on, wall(), (), cancel=token)


def test_noise_is_the_same_for_the_same_seed_and_as_wide_as_asked() -> None:
    flat = np.full((4, 96, 96), 40, dtype=np.float32)
    first, again, other = (with_noise(flat, seed=seed, sd_hu=11) for seed in (1, 1, 2))
    assert first.dtype == np.int16
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])
    assert float(first.std()) == pytest.approx(11, rel=0.05)
    assert float(first.mean()) == pytest.approx(40, abs=0.5)


def test_noise_of_an_mr_is_never_negative_and_the_signal_falls_off_from_the_coil() -> None:
    depth = coil(np.array([[-100.0, 0.0, 100.0]], dtype=np.float32))
    assert depth[0, 0] < depth[0, 1] < depth[0, 2]
    made = with_mr_noise(np.zeros((2, 30, 3), dtype=np.float32), seed=5, sd=10, depth=depth)
    assert made.min() >= 0
    assert float(made.mean()) == pytest.approx(10 * np.sqrt(np.pi / 2), rel=0.1)
