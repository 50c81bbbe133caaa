"""Bang's index: its meaning at the ends, its interval against an enumeration, and what has none."""

from __future__ import annotations

import doctest
from itertools import product
from math import factorial, sqrt

import pytest

from spinereview.analysis import blinding_index
from spinereview.analysis.blinding_index import Guesses, bang_index
from spinereview.errors import InvalidValue


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


@pytest.mark.parametrize(
    ("right", "wrong", "unknown", "value"),
    [(20, 0, 0, 1.0), (0, 20, 0, -1.0), (10, 10, 0, 0.0), (0, 0, 20, 0.0), (82, 25, 170, 57 / 277)],
)
def test_the_index_is_the_share_of_right_guesses_beyond_chance(right, wrong, unknown, value):
    figure = bang_index(Guesses(right=right, wrong=wrong, unknown=unknown))
    assert figure.value == pytest.approx(value)
    if right + wrong:
        # As the paper writes it: (2 r - 1) times the share of those who guess.
        r = right / (right + wrong)
        assert figure.value == pytest.approx((2 * r - 1) * (right + wrong) / (right + wrong + unknown))


def test_the_interval_rests_on_the_variance_of_the_multinomial_distribution():
    chances, n = (0.5, 0.2, 0.3), 10
    mean = second = 0.0
    for right, wrong in product(range(n + 1), repeat=2):
        unknown = n - right - wrong
        if unknown >= 0:
            ways = factorial(n) // (factorial(right) * factorial(wrong) * factorial(unknown))
            p = ways * chances[0] ** right * chances[1] ** wrong * chances[2] ** unknown
            value = bang_index(Guesses(right=right, wrong=wrong, unknown=unknown)).value
            mean += p * value
            second += p * value**2
    interval = bang_index(Guesses(right=5, wrong=2, unknown=3)).interval
    assert mean == pytest.approx(0.3)
    assert interval.low == pytest.approx(0.3 - 1.959964 * sqrt(second - mean**2), abs=1e-6)
    assert interval.high == pytest.approx(0.3 + 1.959964 * sqrt(second - mean**2), abs=1e-6)


def test_an_interval_does_not_leave_the_range_of_the_index():
    assert bang_index(Guesses(right=19, wrong=1)).interval.high == 1.0
    assert bang_index(Guesses(right=1, wrong=19)).interval.low == -1.0


@pytest.mark.parametrize(("total", "told"), [(9, True), (10, False)])
def test_few_guesses_are_told(total, told):
    assert ("BANG_FEW" in codes(bang_index(Guesses(right=total - 3, wrong=3)))) is told


def test_without_guesses_there_is_no_index_and_alike_ones_have_no_interval():
    none = bang_index(Guesses(right=0, wrong=0))
    assert (none.value, codes(none)) == (None, ["BANG_NO_GUESSES"])
    for guesses in (Guesses(right=12, wrong=0), Guesses(right=0, wrong=0, unknown=12)):
        figure = bang_index(guesses)
        assert (figure.interval, codes(figure)) == (None, ["BANG_ALL_ALIKE"])
    with pytest.raises(InvalidValue, match="GUESSES_NEGATIVE"):
        Guesses(right=-1, wrong=0)


def test_examples_in_docstrings_hold():
    assert doctest.testmod(blinding_index).failed == 0
