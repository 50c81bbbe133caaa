"""Which six points are no vertebral body: every fault, on its edge."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.fracture.heights import six_points_fault
from spinereview.domain.imaging import ImageRef
from spinereview.domain.measurement import InSpace, OnImage

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
def test_a_fault_on_an_image(above, below, fault):
    assert six_points_fault(on_image(*above, *below)) == fault


def test_angles_are_those_in_millimetres():
    points = on_image((0, 0), (100, 50), (200, 100), (0, 700), (100, 550), (200, 400))
    assert six_points_fault(points) == ""
    assert six_points_fault(points, (Decimal("2.0"), Decimal("1.0"))) == "HEIGHTS_ENDPLATES_OPPOSED"
    assert six_points_fault(points, (Decimal("2.0"), Decimal("2.0"))) == ""


@pytest.mark.parametrize(("back", "fault"), [(200, ""), (0, "HEIGHTS_BACK_TO_FRONT"), (-200, "HEIGHTS_BACK_TO_FRONT")])
def test_in_space_the_posterior_points_lie_to_the_back(back, fault):
    above = ((0, 0, 20), (50, back // 2, 20), (100, back, 20))
    below = ((0, 0, 0), (50, back // 2, 0), (100, back, 0))
    assert six_points_fault(InSpace(frame_of_reference_uid="1.2.3", stacks=("k",), points_um=above + below)) == fault
