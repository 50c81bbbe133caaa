"""What a vertebra is compared with: intact neighbours, both sides of the limit, and the ends of the spine."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from spinereview.criteria.fracture.heights import Heights, Unit
from spinereview.criteria.fracture.reference import _nearest, intact, reference, reported
from spinereview.criteria.fracture.values import Input, Measured, SpineVisit, Vertebra, levels_in_order
from spinereview.domain.table import Table

ORDER = levels_in_order()


def heights(anterior="25", middle="25", posterior="25"):
    return Heights(anterior=Decimal(anterior), middle=Decimal(middle), posterior=Decimal(posterior))


def measured(level, values=None):
    given = Measured(stack="k", modality="CT", heights=values or heights())
    return Vertebra(level=level, measured=Table({"k": given}))


@pytest.mark.parametrize(
    ("anterior", "middle", "whole"),
    [("20.1", "25", True), ("20.0", "25", False), ("19.9", "25", False), ("25", "20.1", True), ("25", "20.0", False)],
)
def test_a_body_that_lost_a_fifth_of_its_back_is_no_reference(anterior, middle, whole):
    assert intact(measured("T9"), heights(anterior, middle)) is whole


def test_a_loss_just_below_a_fifth_is_a_reference():
    assert intact(measured("T9"), heights("80.1", "100", "100"))
    assert intact(measured("T9"), heights("20.01", "25", "25"))


@pytest.mark.parametrize(
    ("values", "whole"), [(("0", "0", "0"), False), (("9", "9", "0"), False), (("0.1", "0.1", "0.1"), True)]
)
def test_a_body_without_a_height_behind_is_no_reference(values, whole):
    assert intact(measured("T9"), heights(*values)) is whole


def compared(own, neighbour):
    """What T9 is compared with beside a T8 that the reader calls intact."""
    made = {"T9": measured("T9", own)}
    if neighbour is not None:
        made["T8"] = replace(measured("T8", neighbour), intact=True)
    visit = SpineVisit(timepoint="BL", vertebrae=Table(made))
    found = reference(Input(visits=(visit,), baseline="BL", order=ORDER), visit, made["T9"], "k")
    return found and (found.levels, found.heights)


def pixels(*values):
    return replace(heights(*values), unit=Unit.PIXEL)


OWN = ((), (Fraction(24), Fraction(24), None))


@pytest.mark.parametrize(
    ("own", "neighbour", "found"),
    [
        (heights("20", "20", "24"), heights("25", "26", "27"), (("T8",), (25, 26, 27))),
        (pixels("20", "20", "24"), pixels("25", "26", "27"), (("T8",), (25, 26, 27))),
        (heights("20", "20", "24"), pixels("25", "26", "27"), OWN),
        (pixels("20", "20", "24"), heights("25", "26", "27"), OWN),
        (heights("20", "20", "24"), heights("0", "26", "27"), OWN),
        (heights("20", "20", "24"), heights("25", "26", "0"), OWN),
        (heights("20", "20", "24"), None, OWN),
        (heights("1", "1", "0.1"), None, ((), (Fraction("0.1"), Fraction("0.1"), None))),
        (heights("20", "20", "0"), None, None),
        (heights("20", "20", "0"), heights("25", "26", "27"), (("T8",), (25, 26, 27))),
    ],
)
def test_heights_of_another_unit_and_those_of_0_are_compared_with_nothing(own, neighbour, found):
    assert compared(own, neighbour) == found


@pytest.mark.parametrize(("grade", "whole"), [("0", True), ("0.5", False), ("1", False)])
def test_a_grade_of_the_reader_goes_before_the_heights(grade, whole):
    assert intact(Vertebra(level="T9", grade=Decimal(grade)), heights("10", "10")) is whole


@pytest.mark.parametrize(("at", "step"), [(0, -1), (len(ORDER) - 1, 1)])
def test_beyond_the_ends_of_the_spine_nothing_is_looked_for(at, step):
    visit = SpineVisit(timepoint="BL", vertebrae=Table({level.value: measured(level) for level in ORDER}))
    assert _nearest(ORDER, visit, ORDER[at], "k", step) is None


def test_the_first_level_serves_the_second():
    visit = SpineVisit(timepoint="BL", vertebrae=Table({level.value: measured(level) for level in ORDER}))
    assert _nearest(ORDER, visit, ORDER[1], "k", -1) == (ORDER[0], heights())


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(2504, 100), "25.0"), (Fraction(2505, 100), "25.1"), (Fraction(76, 3), "25.3"), (Fraction(25), "25.0")],
)
def test_a_reference_is_shown_half_up(value, shown):
    assert str(reported(value, Decimal("0.1"))) == shown
