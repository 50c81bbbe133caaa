"""Intraclass correlations against the tables of the papers that they come from."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from spinereview.analysis.bootstrap import Resampling
from spinereview.analysis.intraclass import Form, icc
from spinereview.errors import InvalidValue

# Shrout, Fleiss 1979, Table 2: four judges, six targets; the coefficients are those of their Table 4.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


@pytest.mark.parametrize(
    ("form", "published", "low", "high"),
    # Intervals: R package psych, ICC() on these numbers.
    [(Form.ICC_1_1, 0.17, -0.13, 0.72), (Form.ICC_2_1, 0.29, 0.02, 0.76), (Form.ICC_3_1, 0.71, 0.34, 0.95)],
)
def test_coefficients_and_intervals_of_shrout_and_fleiss(form, published, low, high):
    figure = icc(SHROUT_FLEISS, form)
    assert figure.value == pytest.approx(published, abs=0.005)
    assert (figure.interval.low, figure.interval.high) == pytest.approx((low, high), abs=0.006)


def test_mean_squares_are_the_published_ones():
    parts = icc(SHROUT_FLEISS).parts
    # Table 3: 11.24, 32.49, 1.02, 6.26.
    found = [parts[name] for name in ("msr", "msc", "mse", "msw")]
    assert found == pytest.approx([11.24, 32.49, 1.02, 6.26], abs=0.006)


def test_mean_squares_are_those_of_an_analysis_of_variance():
    random = np.random.default_rng(4)
    rows = random.integers(100, 500, size=(9, 3))
    table = {
        "y": rows.ravel() / 10,
        "row": [f"r{i}" for i in range(9) for _ in range(3)],
        "reader": [f"k{j}" for _ in range(9) for j in range(3)],
    }
    wanted = anova_lm(ols("y ~ C(row) + C(reader)", data=DataFrame(table)).fit())["mean_sq"]
    parts = icc([[Decimal(int(value)) / 10 for value in row] for row in rows]).parts
    assert [parts["msr"], parts["msc"], parts["mse"]] == pytest.approx(list(wanted))


@pytest.mark.parametrize("form", Form)
def test_the_interval_covers_as_often_as_it_says(form):
    # True coefficient 0.5 without a reader's effect, where the three forms agree; 95 of 100 within the noise of 400 draws.
    random = np.random.default_rng(6)
    hits = 0
    for _ in range(400):
        rows = random.normal(size=(12, 1)) + random.normal(size=(12, 3))
        figure = icc([[Decimal(round(value * 1000)) for value in row] for row in rows], form)
        hits += figure.interval.low <= 0.5 <= figure.interval.high
    assert 0.92 <= hits / 400 <= 0.985


@pytest.mark.parametrize("form", Form)
def test_full_agreement_is_one_without_an_interval(form):
    figure = icc([[Decimal("10.1")] * 2, [Decimal("20.7")] * 2, [Decimal("0.3")] * 2], form)
    assert (figure.value, figure.interval, codes(figure)) == (1.0, None, ["ICC_NO_ERROR"])


def test_readers_who_differ_by_a_constant_are_consistent_but_do_not_agree():
    rows = [[Decimal("10.1"), Decimal("12.1")], [Decimal("20.7"), Decimal("22.7")], [Decimal("15.0"), Decimal("17.0")]]
    assert icc(rows, Form.ICC_3_1).value == 1.0
    figure = icc(rows, Form.ICC_2_1)
    assert 0.9 < figure.value < 1
    assert figure.interval.low < figure.value < figure.interval.high


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "ICC_ROWS_TOO_FEW"),
        ([[1, 2]], "ICC_ROWS_TOO_FEW"),
        ([[1, None], [None, 2], [3, 4]], "ICC_ROWS_TOO_FEW"),
        ([[1], [2]], "AGREEMENT_ONE_READER"),
        ([[5, 5], [5, 5]], "ICC_NO_VARIATION"),
    ],
)
@pytest.mark.parametrize("form", Form)
def test_without_what_it_needs_there_is_no_coefficient_and_a_reason(rows, code, form):
    figure = icc(rows, form)
    assert figure.value is None
    assert codes(figure)[0] == code


def test_rows_of_one_subject_get_the_bootstrap_first():
    random = np.random.default_rng(8)
    truth = np.repeat(random.normal(30, 8, size=15), 3)
    rows = [[Decimal(round(10 * (mm + random.normal()))) / 10 for _ in range(2)] for mm in truth]
    subjects = [f"S{at // 3}" for at in range(45)]
    how = Resampling(seed=2, resamples=400)
    figure = icc(rows, subjects=subjects, how=how)
    assert [one.method for one in figure.intervals] == ["BOOTSTRAP_BCA", "MCGRAW_WONG"]
    assert codes(figure) == ["ICC_CLUSTERED", "BOOTSTRAP_SEEDED"]
    alone = icc(rows, how=how)
    assert [one.method for one in alone.intervals] == ["MCGRAW_WONG", "BOOTSTRAP_BCA"]
    assert figure == icc(rows, subjects=subjects, how=how)
    for one in (*figure.intervals, *alone.intervals):
        assert one.low < figure.value < one.high


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        (lambda: icc([[1, 2], [1]]), "RATERS_DIFFER"),
        (lambda: icc([[1, 2]], subjects=[]), "SUBJECTS_NOT_ROWS"),
        (lambda: icc([[1, 2], [3, 5]], level_pct=100), "STATISTIC_LEVEL"),
    ],
)
def test_what_cannot_be_computed_is_refused(rate, code):
    with pytest.raises(InvalidValue) as raised:
        rate()
    assert raised.value.code == code
