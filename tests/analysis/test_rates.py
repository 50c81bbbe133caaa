"""Rates and their comparison against published tables, and what allows none."""

from __future__ import annotations

import doctest
from math import sqrt

import pytest
from scipy import optimize, stats
from statsmodels.stats.proportion import proportions_ztest

from spinereview.analysis import rates
from spinereview.analysis.rates import (
    Count,
    difference,
    non_inferiority,
    rate,
    stratified,
    stratified_difference,
    superiority,
)
from spinereview.errors import InvalidValue


def count(responders, subjects):
    return Count(responders=responders, subjects=subjects)


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


@pytest.mark.parametrize(
    ("responders", "subjects", "low", "high"),
    # Newcombe 1998, Stat Med 17:857, Table I, method 5 (Clopper and Pearson).
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0579, 0.1617), (0, 20, 0.0000, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_exact_intervals_of_newcombes_table(responders, subjects, low, high):
    interval = rate(count(responders, subjects)).interval
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.00006)


@pytest.mark.parametrize("subjects", [1, 7, 60])
@pytest.mark.parametrize("level", [90, 95])
def test_exact_intervals_are_quantiles_of_the_beta_distribution(subjects, level):
    tail = (1 - level / 100) / 2
    for x in range(subjects + 1):
        interval = rate(count(x, subjects), level_pct=level).interval
        low = 0.0 if x == 0 else stats.beta.ppf(tail, x, subjects - x + 1)
        high = 1.0 if x == subjects else stats.beta.ppf(1 - tail, x + 1, subjects - x)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe 1998, Stat Med 17:873, Table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_intervals_of_a_difference_of_newcombes_table(first, second, low, high):
    figure = difference(count(*first), count(*second))
    assert (figure.interval.low, figure.interval.high) == pytest.approx((low, high), abs=0.00006)
    assert figure.value == pytest.approx(first[0] / first[1] - second[0] / second[1])


def test_the_difference_turns_its_sign_with_the_order_of_the_arms():
    one, other = difference(count(54, 60), count(20, 30)), difference(count(20, 30), count(54, 60))
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


def test_the_one_sided_test_is_the_pooled_z_test():
    figure = superiority(count(54, 60), count(20, 30))
    pooled = 74 / 90
    z = (54 / 60 - 20 / 30) / sqrt(pooled * (1 - pooled) * (1 / 60 + 1 / 30))
    assert figure.parts["z"] == pytest.approx(z)
    wanted_z, wanted_p = proportions_ztest([54, 20], [60, 30], alternative="larger")
    assert (figure.parts["z"], figure.value) == pytest.approx((wanted_z, wanted_p))
    assert superiority(count(20, 30), count(54, 60)).value == pytest.approx(1 - wanted_p)


def test_small_expected_counts_are_told_below_five():
    assert codes(superiority(count(10, 12), count(4, 12))) == []
    # Expected counts of 5 and of 4.5.
    assert codes(superiority(count(8, 10), count(2, 10))) == []
    assert codes(superiority(count(8, 10), count(1, 10))) == ["RATE_SMALL_NUMBERS"]


# Applicants of six departments, admitted and rejected: Bickel, Hammel, O'Connell 1975, Science 187:398.
BERKELEY = {
    "A": ((512, 313), (89, 19)), "B": ((353, 207), (17, 8)), "C": ((120, 205), (202, 391)),
    "D": ((138, 279), (131, 244)), "E": ((53, 138), (94, 299)), "F": ((22, 351), (24, 317)),
}  # fmt: skip
STRATA = {
    name: tuple(count(admitted, admitted + rejected) for admitted, rejected in pair) for name, pair in BERKELEY.items()
}


def test_the_stratified_test_of_the_berkeley_admissions():
    figure = stratified(STRATA)
    # R, mantelhaen.test(UCBAdmissions): common odds ratio 0.9047.
    assert figure.parts["odds_ratio"] == pytest.approx(0.9046968, abs=1e-6)
    observed = expected = variance = 0.0
    for first, second in STRATA.values():
        n, m = first.subjects, second.subjects
        yes = first.responders + second.responders
        observed += first.responders
        expected += n * yes / (n + m)
        variance += n * m * yes * (n + m - yes) / ((n + m) ** 2 * (n + m - 1))
    z = (observed - expected) / sqrt(variance)
    assert figure.parts["z"] == pytest.approx(z)
    assert z < 0
    assert figure.value == pytest.approx(stats.norm.sf(z))
    turned = stratified({name: (second, first) for name, (first, second) in STRATA.items()})
    assert turned.value == pytest.approx(1 - figure.value)


def test_strata_that_say_nothing_are_named_and_change_nothing():
    more = {**STRATA, "empty": (count(0, 0), count(3, 5)), "all": (count(4, 4), count(2, 2))}
    figure = stratified(more)
    assert figure.value == stratified(STRATA).value
    assert [dict(reason.args) for reason in figure.notes] == [{"strata": "empty, all"}]
    assert codes(stratified({"all": (count(4, 4), count(2, 2))})) == ["CMH_NO_STRATA", "CMH_STRATA_UNUSED"]
    assert codes(stratified({})) == ["CMH_NO_STRATA"]


def test_an_odds_ratio_that_is_not_finite_is_left_out():
    assert "odds_ratio" not in stratified({"A": (count(5, 5), count(0, 5))}).parts


# A cream against infection in eight centres: Beitler, Landis 1985, Biometrics 41:991.
CREAM = {
    name: (count(*first), count(*second))
    for name, first, second in (
        ("1", (11, 36), (10, 37)), ("2", (16, 20), (22, 32)), ("3", (14, 19), (7, 19)), ("4", (2, 16), (1, 17)),
        ("5", (6, 17), (0, 12)), ("6", (1, 11), (0, 10)), ("7", (1, 5), (1, 9)), ("8", (4, 6), (6, 7)),
    )
}  # fmt: skip


def test_the_stratified_difference_of_a_trial_in_eight_centres():
    figure = stratified_difference(CREAM)
    # Agresti 2013, Categorical Data Analysis, Table 6.9 and its text (known, not re-read): 0.130, standard error 0.050.
    assert (figure.value, figure.parts["standard_error"]) == pytest.approx((0.130, 0.050), abs=0.0005)
    assert figure.parts["strata"] == 8


@pytest.mark.parametrize("level", [90, 95])
@pytest.mark.parametrize("strata", [CREAM, STRATA, {"A": (count(54, 60), count(20, 30))}])
def test_the_ends_of_the_stratified_interval_are_the_differences_that_are_just_not_rejected(strata, level):
    figure = stratified_difference(strata, level_pct=level)
    z = stats.norm.isf((1 - level / 100) / 2)
    weight = sum(a.subjects * b.subjects / (a.subjects + b.subjects) for a, b in strata.values())

    def excess(d):
        """Square of the standardised distance of a difference, above that of the level; Sato 1989, written by cells."""
        variance = 0.0
        for one, other in strata.values():
            a, b = one.responders, one.subjects - one.responders
            c, e = other.responders, other.subjects - other.responders
            n, m, both = a + b, c + e, one.subjects + other.subjects
            variance += d * (n * n * c - m * m * a + n * m * (m - n) / 2) / both**2 + (a * e + b * c) / (2 * both)
        return (figure.value - d) ** 2 * weight**2 - z * z * variance

    low = optimize.brentq(excess, -1, figure.value)
    high = optimize.brentq(excess, figure.value, 1)
    assert (figure.interval.low, figure.interval.high) == pytest.approx((low, high), abs=1e-9)


def test_the_stratified_difference_turns_its_sign_with_the_order_of_the_arms():
    one = stratified_difference(CREAM)
    other = stratified_difference({name: (second, first) for name, (first, second) in CREAM.items()})
    assert one.value == pytest.approx(-other.value)
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


def test_a_stratum_without_an_arm_has_no_weight_and_one_without_a_difference_has():
    figure = stratified_difference({**CREAM, "empty": (count(0, 0), count(3, 5))})
    assert figure.value == stratified_difference(CREAM).value
    assert [dict(reason.args) for reason in figure.notes] == [{"strata": "empty"}]
    alike = stratified_difference({**CREAM, "all": (count(40, 40), count(40, 40))})
    assert 0 < alike.value < figure.value
    assert codes(stratified_difference({"empty": (count(0, 0), count(3, 5))})) == [
        "DIFFERENCE_NO_STRATA",
        "DIFFERENCE_STRATA_UNUSED",
    ]


@pytest.mark.parametrize(
    ("first", "second", "value", "low", "high"),
    # All or none respond: (1 - d)² w² = z² (1 - d) w / 2 with w of n / 2, so that d is 1 - z² / n at least.
    [((10, 10), (0, 10), 1, 1 - 3.8415 / 10, 1), ((4, 4), (4, 4), 0, 0, 0), ((1, 1), (0, 1), 1, -1, 1)],
)
def test_the_stratified_interval_ends_within_what_a_difference_can_be(first, second, value, low, high):
    figure = stratified_difference({"A": (count(*first), count(*second))})
    assert figure.value == value
    assert (figure.interval.low, figure.interval.high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        (lambda: rate(count(0, 0)), "RATE_NO_SUBJECTS"),
        (lambda: difference(count(1, 2), count(0, 0)), "RATE_ARM_EMPTY"),
        (lambda: superiority(count(0, 0), count(1, 2)), "RATE_ARM_EMPTY"),
        (lambda: superiority(count(3, 3), count(2, 2)), "RATE_NO_VARIATION"),
        (lambda: superiority(count(0, 3), count(0, 2)), "RATE_NO_VARIATION"),
        (lambda: non_inferiority(count(0, 0), count(0, 2), margin=0.1), "RATE_ARM_EMPTY"),
    ],
)
def test_without_what_it_needs_there_is_no_figure_and_a_reason(figure, code):
    assert figure().value is None
    assert codes(figure()) == [code]


def test_the_bound_of_non_inferiority_is_the_end_of_the_90_percent_interval():
    first, second = count(50, 60), count(52, 60)
    wanted = difference(first, second, level_pct=90).interval.low
    figure = non_inferiority(first, second, margin=0.2)
    assert figure.value == pytest.approx(wanted)
    for margin, holds in ((-wanted - 1e-6, 0.0), (-wanted + 1e-6, 1.0)):
        assert non_inferiority(first, second, margin=margin).parts["holds"] == holds


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: count(3, 2), "COUNT_IMPOSSIBLE"),
        (lambda: count(-1, 2), "COUNT_IMPOSSIBLE"),
        (lambda: rate(count(1, 2), level_pct=0), "STATISTIC_LEVEL"),
        (lambda: non_inferiority(count(1, 2), count(1, 2), margin=10), "NI_MARGIN"),
        (lambda: non_inferiority(count(1, 2), count(1, 2), margin=0.1, alpha=0.5), "ONE_SIDED_ALPHA"),
    ],
)
def test_what_cannot_be_is_refused(wrong, code):
    with pytest.raises(InvalidValue) as raised:
        wrong()
    assert raised.value.code == code


def test_examples_in_docstrings_hold():
    assert doctest.testmod(rates).failed == 0
