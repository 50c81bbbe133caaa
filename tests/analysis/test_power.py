"""Power by enumeration, against the design of a trial and a second enumeration."""

from __future__ import annotations

import doctest
from math import comb

import pytest
from scipy import stats

from spinereview.analysis import power
from spinereview.analysis.power import non_inferiority_power, superiority_power, type_one_error
from spinereview.analysis.rates import Count, non_inferiority, superiority
from spinereview.errors import InvalidValue


def enumerated(subjects, chances, rejects):
    total = 0.0
    for x in range(subjects[0] + 1):
        for y in range(subjects[1] + 1):
            if rejects(Count(responders=x, subjects=subjects[0]), Count(responders=y, subjects=subjects[1])):
                p = [comb(n, k) * c**k * (1 - c) ** (n - k) for n, k, c in zip(subjects, (x, y), chances, strict=True)]
                total += p[0] * p[1]
    return total


def test_sixty_against_thirty_at_90_and_66_percent_have_a_power_of_087():
    assert superiority_power((60, 30), (0.90, 0.66)) == pytest.approx(0.87, abs=0.005)


@pytest.mark.parametrize(
    ("subjects", "chances"), [((60, 30), (0.9, 0.66)), ((12, 9), (0.5, 0.5)), ((1, 1), (1.0, 0.0))]
)
def test_power_is_the_probability_of_the_outcomes_that_the_test_calls_better(subjects, chances):
    def rejects(first, second):
        figure = superiority(first, second)
        return figure.value is not None and figure.value <= 0.05

    assert superiority_power(subjects, chances) == pytest.approx(enumerated(subjects, chances, rejects), abs=1e-12)


@pytest.mark.parametrize("chances", [(0.8, 0.8), (0.7, 0.8)])
def test_power_of_non_inferiority_is_that_of_its_own_test(chances):
    def rejects(first, second):
        return non_inferiority(first, second, margin=0.2).parts["holds"] == 1.0

    wanted = enumerated((24, 20), chances, rejects)
    assert non_inferiority_power((24, 20), chances, margin=0.2) == pytest.approx(wanted, abs=1e-12)


def test_power_comes_near_the_textbook_formula_where_arms_are_large():
    # Pooled and unpooled variances, as in Fleiss, Levin, Paik 2003, 4.2.
    n, p, q = 400, 0.60, 0.50
    pooled = (p + q) / 2
    z = ((p - q) * n**0.5 - 1.6448536 * (2 * pooled * (1 - pooled)) ** 0.5) / (p * (1 - p) + q * (1 - q)) ** 0.5
    assert superiority_power((n, n), (p, q)) == pytest.approx(stats.norm.cdf(z), abs=0.01)


def test_the_test_exceeds_its_error_a_little_where_arms_are_unequal():
    error = type_one_error((12, 6))
    assert error >= superiority_power((12, 6), (0.66, 0.66))
    assert 0.03 < error < 0.12


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: superiority_power((0, 30), (0.9, 0.6)), "POWER_SUBJECTS"),
        (lambda: superiority_power((60, 30), (1.1, 0.6)), "POWER_RATE"),
        (lambda: superiority_power((60, 30), (0.9, 0.6), alpha=0.5), "ONE_SIDED_ALPHA"),
        (lambda: non_inferiority_power((60, 30), (0.9, 0.6), margin=0), "NI_MARGIN"),
    ],
)
def test_what_cannot_be_is_refused(wrong, code):
    with pytest.raises(InvalidValue) as raised:
        wrong()
    assert raised.value.code == code


def test_examples_in_docstrings_hold():
    assert doctest.testmod(power).failed == 0
