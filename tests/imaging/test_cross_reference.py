"""Lines along which planes cut one another, against planes written out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.imaging.cross_reference import crossing
from spinereview.imaging.slicing import Grid, Orientation, plane_set

# Ten axial images 3 mm apart of 20 x 30 samples of 1 mm; the first sample's centre is the origin.
AXIAL = Grid(
    shape=(10, 20, 30),
    origin_mm=(0.0, 0.0, 0.0),
    along_mm=((0.0, 0.0, 3.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    calibrated=True,
    volume=True,
)
TILTED = replace(AXIAL, along_mm=((0.0, 0.9, 3.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))


def test_an_axial_plane_is_a_level_line_on_a_sagittal_one() -> None:
    native, sagittal = plane_set(AXIAL, Orientation.NATIVE), plane_set(AXIAL, Orientation.SAGITTAL)
    found = crossing(native, 2, sagittal, 7)
    assert found is not None
    (first, second) = sorted(found)
    # Rows run from the head down: image 2 of 10 is row 7, its centre 7.5; columns run from the front over all 20 samples.
    assert first == pytest.approx((0.0, 7.5))
    assert second == pytest.approx((20.0, 7.5))


def test_a_sagittal_plane_is_an_upright_line_on_an_axial_one() -> None:
    native, sagittal = plane_set(AXIAL, Orientation.NATIVE), plane_set(AXIAL, Orientation.SAGITTAL)
    index = next(k for k in range(sagittal.count) if sagittal.array_index(k) == 7)
    found = crossing(sagittal, index, native, 4)
    assert found is not None
    assert {round(column, 6) for column, _ in found} == {7.5}
    assert sorted(row for _, row in found) == pytest.approx([0.0, 20.0])


def test_parallel_planes_do_not_cut_one_another() -> None:
    native = plane_set(AXIAL, Orientation.NATIVE)
    assert crossing(native, 2, native, 5) is None


def test_a_plane_that_lies_elsewhere_does_not_meet() -> None:
    away = replace(AXIAL, origin_mm=(500.0, 0.0, 0.0))
    assert crossing(plane_set(AXIAL, Orientation.NATIVE), 2, plane_set(away, Orientation.SAGITTAL), 3) is None


@pytest.mark.parametrize("index", [0, 4, 9])
def test_every_point_of_a_line_lies_on_both_planes(index: int) -> None:
    cut, on = plane_set(TILTED, Orientation.CORONAL), plane_set(AXIAL, Orientation.NATIVE)
    found = crossing(cut, index, on, 3)
    assert found is not None
    for column, row in found:
        position = on.to_patient(3, column, row)
        assert position is not None
        back = cut.to_plane(position)
        assert back is not None
        assert back[0] == pytest.approx(index)


def test_images_without_a_position_have_no_line() -> None:
    nowhere = replace(AXIAL, origin_mm=None)
    assert crossing(plane_set(nowhere, Orientation.NATIVE), 1, plane_set(AXIAL, Orientation.SAGITTAL), 3) is None
