"""Limits of agreement and repeatability against the tables of the papers that they come from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.analysis.bootstrap import Resampling
from spinereview.analysis.limits_of_agreement import bland_altman
from spinereview.errors import InvalidValue


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


# Bland, Altman 1986, Table 1: peak flow of 17 subjects, two readings by each of two meters (large, mini), l/min.
PEAK_FLOW = [
    (494, 490, 512, 525), (395, 397, 430, 415), (516, 512, 520, 508), (434, 401, 428, 444), (476, 470, 500, 500),
    (557, 611, 600, 625), (413, 415, 364, 460), (442, 431, 380, 390), (650, 638, 658, 642), (433, 429, 445, 432),
    (417, 420, 432, 420), (656, 633, 626, 605), (267, 275, 260, 227), (478, 492, 477, 467), (178, 165, 259, 268),
    (423, 372, 350, 370), (427, 421, 451, 443),
]  # fmt: skip


def test_limits_of_agreement_of_the_peak_flow_meters():
    found = bland_altman([(large, mini) for large, _, mini, _ in PEAK_FLOW])
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.bias.parts["sd"] == pytest.approx(38.8, abs=0.05)
    # Published with 2 instead of 1.96 standard deviations: -79.7 and 75.5.
    assert found.lower.value == pytest.approx(-79.7 + 0.04 * 38.8, abs=0.1)
    assert found.upper.value == pytest.approx(75.5 - 0.04 * 38.8, abs=0.1)
    # Published: -22.0 to 17.8.
    assert (found.bias.interval.low, found.bias.interval.high) == pytest.approx((-22.0, 17.8), abs=0.1)
    # Published with the standard error sqrt(3 s2 / n): -114.3 to -45.1; that of 1999 is a little larger.
    assert (found.lower.interval.low, found.lower.interval.high) == pytest.approx((-114.3, -45.1), abs=2)


def test_repeatability_of_the_large_meter():
    found = bland_altman([(first, second) for first, second, _, _ in PEAK_FLOW])
    # Bland, Altman 1999: standard deviation within 15.3; the coefficient of 1986, with 2 for 1.96, is 43.2.
    assert found.within_sd.value == pytest.approx(15.3, abs=0.05)
    assert found.repeatability.value == pytest.approx(43.2 * 0.98, abs=0.1)
    assert found.repeatability.value == pytest.approx(2.77 * found.within_sd.value, rel=0.001)


def test_relative_differences_are_in_percent_of_the_mean_of_both():
    found = bland_altman([(Decimal("11"), Decimal("9")), (Decimal("9"), Decimal("11")), (0, 0)], relative=True)
    assert (found.bias.value, found.bias.parts["sd"]) == (0.0, pytest.approx(20 * 2**0.5))
    assert codes(found.bias) == ["BLAND_ALTMAN_ZERO_MEAN"]


def test_readings_that_never_differ_have_limits_of_zero():
    found = bland_altman([(Decimal("0.1"), Decimal("0.1"))] * 3)
    assert [figure.value for figure in found.figures] == [0.0] * 5
    assert found.lower.interval.low == found.lower.interval.high == 0.0


@pytest.mark.parametrize("pairs", [[], [(1, 2)], [(1, None), (None, 2), (1, 2)]])
def test_fewer_than_two_pairs_have_no_limits_and_a_reason(pairs):
    for figure in bland_altman(pairs).figures:
        assert figure.value is None
        assert codes(figure)[0] == "BLAND_ALTMAN_PAIRS_TOO_FEW"


def test_several_pairs_of_one_subject_are_told():
    found = bland_altman([(1, 2), (2, 2), (4, 3)], subjects=["a", "a", "b"])
    assert codes(found.bias) == ["BLAND_ALTMAN_CLUSTERED"]


def test_limits_from_resampled_subjects_are_near_those_of_the_formula_where_pairs_are_independent():
    pairs = [(large, mini) for large, _, mini, _ in PEAK_FLOW]
    how = Resampling(seed=5, resamples=4000)
    found = bland_altman(pairs, how=how)
    assert found == bland_altman(pairs, how=how)
    for figure in (found.bias, found.lower, found.upper):
        exact, resampled = figure.intervals
        assert (exact.method, resampled.method) == ("BLAND_ALTMAN_T", "BOOTSTRAP_BCA")
        assert (resampled.low, resampled.high) == pytest.approx((exact.low, exact.high), abs=20)
    for figure in found.figures:
        assert figure.intervals[-1].low < figure.value < figure.intervals[-1].high


def test_pairs_of_one_subject_widen_the_interval_and_its_bootstrap_comes_first():
    pairs = [(large, mini) for large, _, mini, _ in PEAK_FLOW for _ in range(3)]
    subjects = [at // 3 for at in range(len(pairs))]
    how = Resampling(seed=5)
    bias = bland_altman(pairs, subjects=subjects, how=how).bias
    alone = bland_altman(pairs, how=how).bias
    assert [one.method for one in bias.intervals] == ["BOOTSTRAP_BCA", "BLAND_ALTMAN_T"]
    width, narrow = (one.high - one.low for one in (bias.intervals[0], alone.intervals[1]))
    # Three equal pairs a subject: the standard error is larger by the root of three.
    assert width == pytest.approx(narrow * 3**0.5, rel=0.1)


def test_subjects_that_are_not_of_the_rows_are_refused():
    with pytest.raises(InvalidValue, match="SUBJECTS_NOT_ROWS"):
        bland_altman([(1, 2)], subjects=[])
