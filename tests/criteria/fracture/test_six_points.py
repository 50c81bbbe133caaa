"""Which six points are no vertebral body: every fault, on its edge."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.fracture.heights import Unit, heights_of, six_points_fault
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage

ABOVE = ((0, 0), (100, 0), (200, 0))
BELOW = ((0, 20), (100, 20), (200, 20))


def on_image(*points):
    return OnImage(image=ImageRef(stack="k", sop_uid="1.2.3"), points_mpx=points)


def test_a_box_is_a_body():
    assert six_points_fault(on_image(*ABOVE, *BELOW)) == ""


@pytest.mark.parametrize(
    ("above", "below", "fault"),
    [
        (((0, 0), (100, 0), (0, 0)), BELOW, "HEIGHTS_POINTS_EQUAL"),
        (ABOVE, ((0, 20), (100, 20), (0, 20)), "HEIGHTS_POINTS_EQUAL"),
        (ABOVE, ((0, 0), (100, 20), (200, 20)), "HEIGHTS_POINTS_EQUAL"),
        (ABOVE, BELOW[::-1], "HEIGHTS_ENDPLATES_OPPOSED"),
        (ABOVE, ((0, 20), (0, 30), (0, 40)), "HEIGHTS_ENDPLATES_OPPOSED"),
        (((0, 0), (0, 0), (200, 0)), BELOW, "HEIGHTS_MIDDLE_OUTSIDE"),
        (ABOVE, ((0, 20), (200, 20), (200, 20)), "HEIGHTS_MIDDLE_OUTSIDE"),
        (((0, 0), (1, 0), (200, 0)), BELOW, ""),
        (ABOVE, ((0, 20), (199, 20), (200, 20)), ""),
        (BELOW, ABOVE, "HEIGHTS_UPSIDE_DOWN"),
        (((0, 0), (100, 10), (200, 20)), ((0, 20), (100, 11), (200, -1)), "HEIGHTS_UPSIDE_DOWN"),
        (((0, 0), (100, 10), (200, 20)), ((0, 20), (100, 12), (200, 21)), ""),
        (ABOVE, ((0, 20), (100, 20), (200, -10)), "HEIGHTS_ENDPLATES_CROSS"),
        (ABOVE, ((0, 20), (100, 20), (205, 0)), "HEIGHTS_ENDPLATES_CROSS"),
        (ABOVE, ((0, 20), (105, 0), (200, 20)), "HEIGHTS_ENDPLATES_CROSS"),
    ],
)
def test_a_fault_on_an_image_whatever_the_size_of_its_pixels(above, below, fault):
    points = on_image(*above, *below)
    assert six_points_fault(points) == fault
    for size in ("0.0000001", "1", "1000"):
        assert six_points_fault(points, (Decimal(size), Decimal(size))) == fault


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_pair_of_points_upside_down_crosses_the_endplates(at):
    below = list(BELOW)
    below[at] = (below[at][0], -10)
    assert six_points_fault(on_image(*ABOVE, *below)) == "HEIGHTS_ENDPLATES_CROSS"


def heights(geometry, kind=MeasurementKind.HEIGHTS, **stack):
    found = heights_of(Measurement(id="m", kind=kind, geometry=geometry), replace(STACK, **stack))
    return found and (*map(str, found.all), found.unit)


STACK = Stack(
    id="k",
    series_uid="2.25.1",
    modality="DX",
    kind=StackKind.PROJECTION,
    plane=Plane.UNKNOWN,
    images=(("1.2.3", 1),),
)
SLANTED = on_image((0, 0), (9_000, 0), (18_000, 0), (3_000, 4_000), (14_000, 12_000), (26_000, 15_000))


@pytest.mark.parametrize(
    ("spacing", "found"),
    [
        (None, ("5.00", "13.00", "17.00", Unit.PIXEL)),
        (("1", "1"), ("5.0", "13.0", "17.0", Unit.MM)),
        (("0.75", "1"), ("4.2", "10.3", "13.8", Unit.MM)),
        (("1", "2"), ("7.2", "15.6", "21.9", Unit.MM)),
    ],
)
def test_heights_on_an_image_count_rows_and_columns(spacing, found):
    more = (
        {}
        if spacing is None
        else {"pixel_spacing_mm": tuple(map(Decimal, spacing)), "calibration": Calibration.PATIENT}
    )
    assert heights(SLANTED, **more) == found


def test_only_six_drawn_points_that_are_called_so_are_heights():
    assert heights(SLANTED, MeasurementKind.OUTLINE) is None
    assert heights(Entered(value=Decimal(25), unit="mm", source="table")) is None


def test_angles_are_those_in_millimetres():
    points = on_image((0, 0), (100, 50), (200, 100), (0, 700), (100, 550), (200, 400))
    assert six_points_fault(points) == ""
    assert six_points_fault(points, (Decimal("2.0"), Decimal("1.0"))) == "HEIGHTS_ENDPLATES_OPPOSED"
    assert six_points_fault(points, (Decimal("2.0"), Decimal("2.0"))) == ""


@pytest.mark.parametrize(
    ("back", "fault"), [(200, ""), (1, ""), (0, "HEIGHTS_BACK_TO_FRONT"), (-200, "HEIGHTS_BACK_TO_FRONT")]
)
def test_in_space_the_posterior_points_lie_to_the_back(back, fault):
    above = ((0, 0, 20), (50, back // 2, 20), (100, back, 20))
    below = ((0, 0, 0), (50, back // 2, 0), (100, back, 0))
    assert six_points_fault(InSpace(frame_of_reference_uid="1.2.3", stacks=("k",), points_um=above + below)) == fault
