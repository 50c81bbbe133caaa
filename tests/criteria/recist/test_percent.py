from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.criteria.recist.percent import change_pct, mm_text, number_text, rounded, signed

PD, PR = Decimal(20), Decimal(-30)


@pytest.mark.parametrize(
    ("now", "limit", "text", "badge"),
    [
        pytest.param("119.9", PD, "+19.90", True, id="+19.9 is near +20"),
        pytest.param("120.0", PD, "+20.00", True, id="+20 itself"),
        pytest.param("120.1", PD, "+20.10", True, id="+20.1 is near"),
        pytest.param("119.89", PD, "+19.9", False, id="just outside, below"),
        pytest.param("120.11", PD, "+20.1", False, id="just outside, above"),
        pytest.param("119.96", PD, "+19.96", True, id="must not print as 20.0"),
        pytest.param("80.0", PD, "−20.0", False, id="-20 is no limit"),
        pytest.param("70.0", PR, "−30.00", True, id="-30 itself"),
        pytest.param("70.1", PR, "−29.90", True, id="-29.9 is near"),
        pytest.param("70.04", PR, "−29.96", True, id="must not print as -30.0"),
        pytest.param("130.0", PR, "+30.0", False, id="+30 is no limit"),
        pytest.param("120.0", PR, "+20.0", False, id="the other limit has no badge here"),
        pytest.param("119.996", PD, "+19.996", True, id="as many digits as tell it from the limit"),
        pytest.param("100.0", PD, "0.0", False, id="no change has no sign"),
        pytest.param("100.05", PD, "+0.1", False, id="half goes up"),
        pytest.param("99.95", PD, "−0.1", False, id="half goes away from zero"),
        pytest.param("99.96", PD, "0.0", False, id="no minus zero"),
    ],
)
def test_change_is_shown(now, limit, text, badge):
    change = change_pct(Decimal(now), Decimal(100), limit)
    assert change is not None
    assert (change.text, change.near_limit) == (text, badge)


@pytest.mark.parametrize(
    ("now", "text", "badge"),
    [
        ("112.39", "+12.4", False),
        ("112.4", "+12.40", True),
        ("112.5", "+12.50", True),
        ("112.6", "+12.60", True),
        ("112.61", "+12.6", False),
        ("112.496", "+12.496", True),
    ],
)
def test_a_limit_with_a_fraction_has_its_badge_on_both_sides(now, text, badge):
    change = change_pct(Decimal(now), Decimal(100), Decimal("12.5"))
    assert change is not None
    assert (change.text, change.near_limit) == (text, badge)


def test_a_base_of_zero_has_no_percentage():
    assert change_pct(Decimal(5), Decimal(0), PD) is None


@given(st.integers(-(10**6), 10**6), st.integers(1, 5))
def test_rounding_agrees_with_decimal(units, digits):
    value = Decimal(units).scaleb(-6)
    expected = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert rounded(*value.as_integer_ratio(), digits) == expected


@pytest.mark.parametrize(
    ("value", "text"), [("61", "61.0"), ("0.0", "0.0"), ("10.125", "10.125"), ("61.000", "61.0"), ("1E+2", "100.0")]
)
def test_millimetres_are_shown_exactly(value, text):
    assert mm_text(Decimal(value)) == text


def test_limits_lose_their_zeros():
    assert [number_text(Decimal(text)) for text in ("20.00", "5.0", "7.5")] == ["20", "5", "7.5"]


def test_signs_are_typographic():
    assert [signed(Decimal(text)) for text in ("11", "-4.90", "0")] == ["+11.0", "−4.90", "0.0"]
