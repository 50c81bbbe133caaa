"""Bootstrap intervals against SciPy's, and where there is none."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy import stats

from spinereview.analysis import bootstrap, figures
from spinereview.analysis.bootstrap import Resampling, bca_interval
from spinereview.analysis.figures import Figure, Interval, normal_quantile, note
from spinereview.errors import InvalidValue

# Efron, Tibshirani 1993, An Introduction to the Bootstrap, Table 14.1: spatial test A of 26 children; BCa of the variance.
SPATIAL_A = np.array(
    [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41.0]
)


def variance(drawn):
    return float(np.var(SPATIAL_A[drawn]))


def test_the_bca_interval_of_the_spatial_test_is_the_published_one():
    assert variance(np.arange(26)) == pytest.approx(171.5, abs=0.05)
    interval, _ = bca_interval(variance, 26, Resampling(seed=1, resamples=20000, level_pct=90))
    # Published (Table 14.2): 115.8 to 259.6.
    assert interval.low == pytest.approx(115.8, abs=2.5)
    assert interval.high == pytest.approx(259.6, abs=5)


def test_the_bca_interval_is_that_of_scipy():
    interval, _ = bca_interval(variance, 26, Resampling(seed=1, resamples=20000))
    wanted = stats.bootstrap(
        (SPATIAL_A,), np.var, n_resamples=20000, method="BCa", rng=np.random.default_rng(5)
    ).confidence_interval
    assert (interval.low, interval.high) == pytest.approx((wanted.low, wanted.high), rel=0.03)


@pytest.mark.parametrize(
    ("statistic", "clusters", "code"),
    [
        (variance, 1, "BOOTSTRAP_ONE_SUBJECT"),
        (lambda drawn: 3.0 + 0 * len(drawn), 5, "BOOTSTRAP_NO_SPREAD"),
        (lambda drawn: float("nan") if 0 not in drawn else variance(drawn), 5, "BOOTSTRAP_UNDEFINED"),
    ],
)
def test_where_there_is_no_interval_the_reason_is_said(statistic, clusters, code):
    interval, said = bca_interval(statistic, clusters, Resampling(seed=1))
    assert (interval, [reason.code for reason in said]) == (None, [code])


def test_resamples_all_on_one_side_have_no_interval():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])

    def above(drawn):
        return 0.0 if drawn.tolist() == [0, 1, 2, 3, 4] else float(values[drawn].sum())

    interval, said = bca_interval(above, 5, Resampling(seed=1, resamples=100))
    assert (interval, [reason.code for reason in said]) == (None, ["BOOTSTRAP_ONE_SIDE"])


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 1, "resamples": 99}, {"seed": 1, "level_pct": 100.0}])
def test_a_resampling_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(InvalidValue):
        Resampling(**wrong)


def test_a_figure_is_a_value_or_a_reason_and_never_nan():
    with pytest.raises(InvalidValue, match="STATISTIC_WITHOUT_REASON"):
        Figure(name="x", value=None)
    with pytest.raises(InvalidValue, match="STATISTIC_WITHOUT_REASON"):
        Figure(name="x", value=1.0, missing=(note("AGREEMENT_NO_ROWS"),))
    with pytest.raises(InvalidValue, match="STATISTIC_NOT_FINITE"):
        Figure(name="x", value=float("nan"))
    for low, high in ((2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))):
        with pytest.raises(InvalidValue, match="STATISTIC_NOT_FINITE"):
            Interval(low=low, high=high, level_pct=95, method="x")


def test_the_quantile_of_95_percent_is_1_96():
    assert normal_quantile(95) == pytest.approx(1.959964, abs=1e-6)
    assert normal_quantile(90) == pytest.approx(1.644854, abs=1e-6)


@pytest.mark.parametrize("module", [bootstrap, figures])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0
