"""Grids of the phantom: exact positions, and points that fall where DICOM says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.errors import InvalidValue
from spinereview.imaging.phantom_grid import GridPlane, PhantomGrid

PLANES = list(GridPlane)


def grid(plane: GridPlane = GridPlane.AXIAL) -> PhantomGrid:
    return PhantomGrid(
        rows=81,
        columns=96,
        slices=9,
        pixel_spacing_mm=(Decimal("1.6"), Decimal("0.8")),
        interval_mm=Decimal("2.5"),
        plane=plane,
        middle_mm=(Decimal(3), Decimal(-4), Decimal("5.5")),
        offset_mm=(Decimal("4.25"), Decimal(-158), Decimal("-397.75")),
    )


@pytest.mark.parametrize("plane", PLANES)
def test_the_centre_of_the_first_pixel_is_500_500(plane: GridPlane) -> None:
    on = grid(plane)
    for index in (0, 5):
        position = on.position_mm(index)
        x, y, z = (float(p - o) for p, o in zip(position, on.offset_mm, strict=True))
        assert on.mpx((x, y, z), index) == (500, 500)
        assert on.um((x, y, z)) == tuple(round(1000 * value) for value in position)
        assert on.index_of((x, y, z)) == index


@pytest.mark.parametrize("plane", PLANES)
def test_directions_are_exact_unit_vectors_and_images_count_along_the_normal(plane: GridPlane) -> None:
    on = grid(plane)
    for vector in (on.row_direction, on.column_direction, on.normal):
        assert sum(part * part for part in vector) == 1
    step = [b - a for a, b in zip(on.position_mm(0), on.position_mm(1), strict=True)]
    assert sum(s * n for s, n in zip(step, on.normal, strict=True)) == on.interval_mm


def test_columns_and_rows_follow_their_spacings() -> None:
    on = grid()
    x, y = on.mpx((3.0, -4.0, 5.5))
    assert (x, y) == (48_000, 40_500)
    assert on.mpx((3.8, -2.4, 5.5)) == (49_000, 41_500)
    assert on.holds(0, (48_000, 40_500))
    assert not on.holds(9, (48_000, 40_500))
    assert not on.holds(0, (96_001, 0))


def test_a_tilted_gantry_moves_the_origin_within_the_plane_alone() -> None:
    on = replace(grid(), tilt_mm=Decimal("-1.5"))
    assert on.step_mm == (0, Decimal("-1.5"), Decimal("2.5"))
    assert on.mpx((3.0, -4.0, 8.0), 1) == (48_000, 40_500 + round(1000 * 1.5 / 1.6))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"slices": 0}, "PHANTOM_SIZE"),
        ({"rows": 1}, "PHANTOM_SIZE"),
        ({"pixel_spacing_mm": (Decimal(0), Decimal(1))}, "VALUE_NOT_POSITIVE"),
        ({"thickness_mm": Decimal(0)}, "VALUE_NOT_POSITIVE"),
    ],
)
def test_what_cannot_be_a_grid_is_refused(changed, code: str) -> None:
    with pytest.raises(InvalidValue, match=code):
        replace(grid(), **changed)
