"""Curves against a published trial and statsmodels, both sides of one half, and groups that allow no figure."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from spinereview.analysis.survival import Time, curve, incidence_variance
from spinereview.criteria.endpoints.values import Status
from spinereview.errors import InvalidValue

E, C, K = Status.EVENT, Status.CENSORED, Status.COMPETING


def times(*pairs):
    return [Time(days=days, status=status) for days, status in pairs]


def events(*days):
    return [(day, E) for day in days]


def censored(*days):
    return [(day, C) for day in days]


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


# Freireich 1963 (Blood 21:699), as in Cox 1972 (J R Stat Soc B 34:187): remission of leukaemia in weeks.
MERCAPTOPURINE = times(*events(6, 6, 6, 7, 10, 13, 16, 22, 23), *censored(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35))
PLACEBO = times(*events(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23))


@pytest.mark.parametrize(
    ("week", "published"),
    [(5, 1.0), (6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448), (35, 0.448)],
)
def test_survival_of_the_leukaemia_trial_is_the_published_one(week, published):
    assert curve(MERCAPTOPURINE).survival_at(week).value == pytest.approx(published, abs=0.0005)


def test_medians_of_the_leukaemia_trial_are_the_published_ones():
    treated, untreated = curve(MERCAPTOPURINE).median(), curve(PLACEBO).median()
    assert (treated.value, untreated.value) == (23.0, 8.0)
    assert (treated.interval, codes(treated)) == (None, ["MEDIAN_OPEN"])
    # With log-log limits, as SAS and R (conf.type = "log-log") have them: 13 to none, and 4 to 11.
    assert treated.notes[0].args["low"] == "13"
    assert (untreated.interval.low, untreated.interval.high) == (4.0, 11.0)


def both(sample):
    days = np.array([time.days for time in sample], dtype=float)
    return days, np.array([float(time.status is E) for time in sample])


@pytest.mark.parametrize("seed", range(8))
def test_curve_standard_error_and_median_are_those_of_statsmodels(seed):
    random = np.random.default_rng(seed)
    sample = times(*[(int(random.integers(1, 40)), [E, C][int(random.random() < 0.3)]) for _ in range(41)], (41, C))
    found, other = curve(sample), SurvfuncRight(*both(sample))
    for day, survival, error in zip(other.surv_times, other.surv_prob, other.surv_prob_se, strict=True):
        figure = found.survival_at(int(day))
        assert figure.value == pytest.approx(survival, abs=1e-12)
        if 0 < survival < 1:
            reach = 1.959964 * error / (survival * np.log(survival))
            ends = sorted((survival ** np.exp(reach), survival ** np.exp(-reach)))
            assert (figure.interval.low, figure.interval.high) == pytest.approx(ends, abs=1e-6)
    median = found.median()
    assert median.value == other.quantile(0.5)
    assert (median.interval.low, median.interval.high) == other.quantile_ci(0.5, method="cloglog")


@pytest.mark.parametrize("seed", range(8))
def test_incidence_and_its_error_are_those_of_statsmodels(seed):
    random = np.random.default_rng(seed)
    drawn = [(int(random.integers(1, 30)), [E, K, C][int(random.integers(0, 3))]) for _ in range(40)]
    sample = times(*drawn, (31, C), (31, C))
    days, _ = both(sample)
    kinds = np.array([{E: 1, K: 2, C: 0}[time.status] for time in sample])
    other = CumIncidenceRight(days, kinds)
    found = curve(sample)
    for at, day in enumerate(other.times):
        figure = found.incidence_at(int(day))
        assert figure.value == pytest.approx(other.cinc[0][at], abs=1e-12)
        assert figure.parts["standard_error"] == pytest.approx(other.cinc_se[0][at], abs=1e-10)
        if 0 < figure.value < 1:
            assert figure.interval.low < figure.value < figure.interval.high


DRAWN = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([E, C, K])), min_size=1, max_size=25)


@given(DRAWN)
def test_what_has_happened_and_what_has_not_make_one(drawn):
    turned = {E: K, K: E, C: C}
    found = curve(times(*drawn))
    other = curve(times(*[(day, turned[status]) for day, status in drawn]))
    for step, mirrored in zip(found.steps, other.steps, strict=True):
        assert step.incidence + mirrored.incidence + step.free == 1
        assert 0 <= step.incidence <= 1 - step.survival
    assert incidence_variance(found.steps) >= 0


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from([E, C])), min_size=1, max_size=25))
def test_without_competing_events_incidence_is_one_minus_survival(drawn):
    found = curve(times(*drawn))
    for at, step in enumerate(found.steps):
        assert step.incidence == 1 - step.survival == 1 - step.free
        if step.survival:
            terms = [Fraction(s.events, s.at_risk * (s.at_risk - s.events)) for s in found.steps[: at + 1]]
            assert incidence_variance(found.steps[: at + 1]) == step.survival**2 * sum(terms, Fraction(0))


def test_deaths_that_compete_make_kaplan_meier_overstate_the_event():
    found = curve(times((1, K), (2, E), (3, K), (4, E)))
    assert found.incidence_at(4).value == 0.5
    assert found.survival_at(4).value == 0.0
    assert codes(found.survival_at(2)) == ["KM_COMPETING"]
    assert found.survival_at(2).value == pytest.approx(2 / 3)
    assert found.incidence_at(2).value == pytest.approx(1 / 4)


def test_the_median_is_the_first_day_of_exactly_one_half_and_the_flat_part_is_told():
    median = curve(times(*events(1, 2, 3, 4))).median()
    assert median.value == 2.0
    flat = next(reason for reason in median.notes if reason.code == "MEDIAN_FLAT")
    assert dict(flat.args) == {"first": "2", "next": "3"}
    # 10 subjects: 0.9 * 8/9 * ... reaches one half exactly, which binary fractions miss.
    assert curve(times(*events(1, 2, 3, 4, 5), *censored(6, 6, 6, 6, 6))).median().value == 5.0
    assert "MEDIAN_FLAT" not in codes(curve(times(*events(1, 2, 3))).median())


def test_a_median_that_is_not_reached_is_said_with_what_is_left():
    median = curve(times(*events(1, 2), *censored(9, 9, 9))).median()
    assert (median.value, codes(median)) == (None, ["MEDIAN_NOT_REACHED"])
    assert dict(median.missing[0].args) == {"survival_pct": "60.0", "day": "9"}


def test_all_censored_have_no_median_and_survive_to_the_last_day():
    found = curve(times(*censored(5, 9)))
    assert codes(found.median()) == ["SURVIVAL_NO_EVENTS"]
    figure = found.survival_at(9)
    assert (figure.value, figure.interval, codes(figure)) == (1.0, None, ["SURVIVAL_LIMITS_NONE"])
    assert codes(found.survival_at(10)) == ["SURVIVAL_BEYOND"]
    assert codes(found.incidence_at(10)) == ["SURVIVAL_BEYOND"]


def test_where_all_have_had_the_event_the_curve_stays_at_zero():
    found = curve(times(*events(5, 9)))
    assert (found.survival_at(9).value, found.survival_at(500).value) == (0.0, 0.0)
    assert found.incidence_at(500).value == 1.0
    assert codes(found.survival_at(9)) == ["SURVIVAL_LIMITS_NONE"]
    left = curve(times((5, E), (9, K)))
    assert left.incidence_at(500).value == 0.5
    assert codes(left.survival_at(500)) == ["SURVIVAL_BEYOND"]


def test_nobody_has_no_curve():
    found = curve([])
    for figure in (found.median(), found.survival_at(3), found.incidence_at(3)):
        assert (figure.value, codes(figure)) == (None, ["SURVIVAL_NO_SUBJECTS"])


def test_who_is_censored_on_the_day_of_an_event_is_at_risk_on_it():
    found = curve(times((5, E), (5, C), (6, E)))
    assert found.survival_at(5).value == pytest.approx(2 / 3)
    assert [found.at_risk(day) for day in (0, 5, 6, 7)] == [3, 3, 1, 0]
    assert found.survival_at(5).parts["at_risk"] == 3


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: Time(days=-1, status=E), "TIME_NEGATIVE"),
        (lambda: Time(days=1, status=Status.NOT_APPLICABLE), "TIME_NOT_APPLICABLE"),
        (lambda: curve(PLACEBO).survival_at(-1), "TIME_NEGATIVE"),
        (lambda: curve(PLACEBO, level_pct=0).survival_at(5), "STATISTIC_LEVEL"),
    ],
)
def test_what_cannot_be_is_refused(wrong, code):
    with pytest.raises(InvalidValue) as raised:
        wrong()
    assert raised.value.code == code
