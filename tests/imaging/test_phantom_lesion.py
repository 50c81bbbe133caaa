"""Lesions of the phantom: their pixels show what their truth says, to a fraction of a pixel, in every plane."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import cos, pi, radians, sin

import numpy as np
import pytest

from spinereview.domain.exact import reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.errors import InvalidValue
from spinereview.imaging.phantom_contrast import Tissue, Weighting, value
from spinereview.imaging.phantom_grid import GridPlane, Image, PhantomGrid
from spinereview.imaging.phantom_lesion import PhantomLesion, in_body, lesion_truth, on_axial
from spinereview.imaging.phantom_paint import add
from spinereview.imaging.phantom_spine import spine

SQUARE = (Decimal("0.9375"), Decimal("0.9375"))
FLAT = (Decimal("1.6"), Decimal("0.8"))
BRIGHT = value(Tissue.CALCIUM, Weighting.CT)


def grid(spacing: tuple[Decimal, Decimal] = SQUARE, slices: int = 9, plane: GridPlane = GridPlane.AXIAL) -> PhantomGrid:
    return PhantomGrid(
        rows=81,
        columns=96,
        slices=slices,
        pixel_spacing_mm=spacing,
        interval_mm=Decimal("2.5"),
        plane=plane,
        middle_mm=(Decimal(0), Decimal(0), Decimal(0)),
        offset_mm=(Decimal("4.25"), Decimal(-158), Decimal("-397.75")),
    )


def lesion(on: PhantomGrid, angle_deg: str = "0", height_mm: str = "200", index: int = 4) -> PhantomLesion:
    x, y, z = (
        float(m) + 5.3 * float(r) - 7.1 * float(c)
        for m, r, c in zip(on.middle_of(index), on.row_direction, on.column_direction, strict=True)
    )
    return PhantomLesion(
        name="mass",
        centre_mm=(x, y, z),
        long_mm=Decimal(41),
        short_mm=Decimal("28.5"),
        height_mm=Decimal(height_mm),
        axes=on_axial(Decimal(angle_deg)),
        tissue=Tissue.CALCIUM,
    )


def painted(on: PhantomGrid, what: PhantomLesion) -> Image:
    volume = np.zeros((1, on.slices, on.rows, on.columns), dtype=np.float32)
    add(volume, on, what.organs(), (Weighting.CT,))
    return volume[0]


@pytest.mark.parametrize("spacing", [pytest.param(SQUARE, id="square"), pytest.param(FLAT, id="rows twice as far")])
@pytest.mark.parametrize("angle", ["0", "30", "90", "-58.5", "145"])
def test_the_edge_of_a_lesion_lies_where_its_truth_says(
    half_way_pixels, spacing: tuple[Decimal, Decimal], angle: str
) -> None:
    """Half a pixel off, as a corner taken for a centre is, would fail at both ends of an axis."""
    on = grid(spacing)
    known = lesion_truth(on, lesion(on, angle))
    image = painted(on, lesion(on, angle))[4]
    assert known is not None
    long_a, long_b, short_a, short_b = known.ends_mpx
    for start, end in ((long_a, long_b), (long_b, long_a), (short_a, short_b), (short_b, short_a)):
        assert half_way_pixels(image, start, end, BRIGHT, 0) == pytest.approx(0, abs=0.25)


@pytest.mark.parametrize("plane", [GridPlane.SAGITTAL, GridPlane.CORONAL, GridPlane.OBLIQUE])
@pytest.mark.parametrize("height_mm", ["24", "33"])
def test_the_section_in_another_plane_is_the_one_that_is_painted(
    half_way_pixels, plane: GridPlane, height_mm: str
) -> None:
    on = grid(slices=3, plane=plane)
    what = lesion(on, "25", height_mm, index=1)
    known = lesion_truth(on, what)
    assert known is not None
    assert known.slice_index == 1
    image = painted(on, what)[1]
    a, b, c, d = known.ends_mpx
    for start, end in ((a, b), (b, a), (c, d), (d, c)):
        assert half_way_pixels(image, start, end, BRIGHT, 0) == pytest.approx(0, abs=0.3)
    assert known.long_mm > known.short_mm
    for ends_um, expected in ((known.ends_um[:2], known.long_mm), (known.ends_um[2:], known.short_mm)):
        assert reported_mm(squared_mm_in_space(*ends_um)) == pytest.approx(expected, abs=Decimal("0.051"))


def test_a_sagittal_section_of_an_upright_lesion_has_its_height_and_its_depth() -> None:
    on = grid(slices=3, plane=GridPlane.SAGITTAL)
    known = lesion_truth(on, lesion(on, "0", "60", index=1))
    assert known is not None
    assert (known.long_mm, known.short_mm) == (Decimal(60), Decimal("28.5"))


@pytest.mark.parametrize("spacing", [pytest.param(SQUARE, id="square"), pytest.param(FLAT, id="rows twice as far")])
@pytest.mark.parametrize("angle", ["0", "30", "90", "-58.5"])
def test_the_end_points_measure_the_diameters(spacing: tuple[Decimal, Decimal], angle: str) -> None:
    on = grid(spacing)
    known = lesion_truth(on, lesion(on, angle))
    assert known is not None
    assert (known.long_mm, known.short_mm) == (Decimal(41), Decimal("28.5"))
    for (a, b), (a_um, b_um), expected in (
        (known.ends_mpx[:2], known.ends_um[:2], known.long_mm),
        (known.ends_mpx[2:], known.ends_um[2:], known.short_mm),
    ):
        assert reported_mm(squared_mm_on_image(a, b, spacing)) == expected
        assert reported_mm(squared_mm_in_space(a_um, b_um)) == expected


def test_the_ends_of_the_long_axis_lie_in_its_direction() -> None:
    on = grid()
    known = lesion_truth(on, lesion(on, "30"))
    assert known is not None
    (x0, y0), (x1, y1) = known.ends_mpx[:2]
    assert abs((x1 - x0) * sin(radians(30)) - (y1 - y0) * cos(radians(30))) < 3


@pytest.mark.parametrize("angle", ["0", "37"])
def test_the_painted_area_is_that_of_the_ellipse(angle: str) -> None:
    on = grid()
    area_mm2 = float(painted(on, lesion(on, angle))[4].sum()) / BRIGHT * 0.9375**2
    assert area_mm2 == pytest.approx(pi * 41 * 28.5 / 4, rel=0.005)


def test_the_largest_section_lies_on_the_slice_of_the_truth() -> None:
    on = grid()
    areas = painted(on, lesion(on, height_mm="18", index=3)).sum(axis=(1, 2))
    assert int(areas.argmax()) == 3
    assert areas[2] == pytest.approx(areas[4], rel=1e-3)
    assert areas[8] == 0


def test_a_lesion_beside_the_images_has_no_truth_on_them() -> None:
    on = grid()
    assert lesion_truth(on, lesion(on, height_mm="6", index=20)) is None
    narrow = replace(on, slices=1, plane=GridPlane.SAGITTAL, middle_mm=(Decimal("30.5"), Decimal(0), Decimal(0)))
    assert lesion_truth(replace(narrow, interval_mm=Decimal(90)), lesion(on)) is None


def test_a_core_is_half_as_large_and_islands_lie_within() -> None:
    on = grid()
    what = replace(lesion(on), tissue=Tissue.LYTIC, core=Tissue.NECROSIS)
    middle = painted(on, replace(what, long_mm=Decimal(40), short_mm=Decimal(40)))[4, 40 - 8]
    whole, core = value(Tissue.LYTIC, Weighting.CT), value(Tissue.NECROSIS, Weighting.CT)
    assert int((middle == core).sum()) * 0.9375 == pytest.approx(20, abs=2)
    assert (int((middle == whole).sum()) + int((middle == core).sum())) * 0.9375 == pytest.approx(40, abs=4)
    mixed = painted(on, replace(what, height_mm=Decimal(18), core=None, islands=Tissue.BLASTIC))
    assert mixed.max() == value(Tissue.BLASTIC, Weighting.CT)
    assert float(mixed[4].mean()) < value(Tissue.BLASTIC, Weighting.CT) / 2


def test_a_lesion_of_a_vertebra_leans_with_it() -> None:
    standing = spine().at(spine().standing[-1].level)
    size = (Decimal(8), Decimal(10), Decimal(6))
    what = in_body(standing, "focus", (2, -3, 1), size, Tissue.LYTIC)
    assert (what.long_mm, what.short_mm, what.height_mm) == (10, 8, 6)
    assert what.centre_mm == standing.frame.point(2, -3, 1)
    assert np.dot(what.axes[0], standing.frame.axes[1]) == pytest.approx(1)


def test_what_cannot_be_a_lesion_is_refused() -> None:
    with pytest.raises(InvalidValue, match="PHANTOM_AXES"):
        replace(lesion(grid()), short_mm=Decimal("41.1"))
    with pytest.raises(InvalidValue, match="VALUE_NOT_POSITIVE"):
        replace(lesion(grid()), height_mm=Decimal(0))
