"""Target response: the worked examples, every threshold from both sides, and the states."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product

import pytest

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.target import progressed_by_size, responded, target_response
from spinereview.domain.lesion import LesionState
from spinereview.resources import resource

ABSENT, NE, TOO_SMALL = LesionState.ABSENT, LesionState.NE, LesionState.TOO_SMALL
WORKED = json.loads(resource("examples", "worked.json").read_text(encoding="utf-8"))["recist-target"]
OFF, BY_PROTOCOL = LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL


@pytest.mark.parametrize("example", WORKED, ids=[example["note"] for example in WORKED])
def test_worked_example(build, example):
    rows = [{lesion: NE if mm is None else mm for lesion, mm in visit.items()} for visit in example["visits"]]
    answer = build.answers(*rows)[-1]
    assert answer.outcome == example["outcome"]
    for name in ("change_baseline_pct", "change_nadir_pct"):
        change = answer.values[name]
        assert (None if change is None else str(change)) == example[name]


def test_published_example_of_progression_with_a_lesion_not_evaluable(build):
    answer = build.answers({"A": 20, "B": 20, "C": 10}, {"A": 45, "B": 35, "C": NE})[-1]
    assert answer.outcome == "PD"
    assert answer.because[0].code == "TARGET_PD_PARTIAL"
    assert answer.because[0].args["pct_nadir"] == "+60.0 %"
    assert answer.because[0].args["mm_nadir"] == "+30.0"
    assert answer.values["sum_mm"] is None


@pytest.mark.parametrize(
    ("baseline", "now", "outcome"),
    [("1000", "701", "SD"), ("1000", "700", "PR"), ("1000", "699", "PR")],
    ids=["-29.9 %", "-30.0 %", "-30.1 %"],
)
def test_response_from_both_sides(build, baseline, now, outcome):
    assert build.outcomes({"A": baseline}, {"A": now}) == [outcome]


@pytest.mark.parametrize(
    ("nadir", "now", "outcome"),
    [
        pytest.param("1000", "1199", "SD", id="+19.9 %"),
        pytest.param("1000", "1200", "PD", id="+20.0 %"),
        pytest.param("1000", "1201", "PD", id="+20.1 %"),
        pytest.param("10", "14.9", "SD", id="+4.9 mm"),
        pytest.param("10", "15.0", "PD", id="+5.0 mm"),
        pytest.param("10", "15.1", "PD", id="+5.1 mm"),
    ],
)
def test_progression_from_both_sides(build, nadir, now, outcome):
    assert build.outcomes({"A": nadir}, {"A": now}) == [outcome]


@pytest.mark.parametrize(
    ("now", "outcome"), [("9.9", "CR"), ("10.0", "PR"), ("10.1", "PR")], ids=["9.9 mm", "10.0 mm", "10.1 mm"]
)
def test_a_node_is_normal_below_10_mm(build, now, outcome):
    assert build.outcomes({"N1": 20}, {"N1": now}) == [outcome]


def test_a_visible_remainder_of_1_mm_is_not_complete(build):
    assert build.outcomes({"A": 20}, {"A": 1}) == ["PR"]


def test_too_small_counts_as_5_mm_and_is_not_complete(build):
    answer = build.answers({"A": 20, "B": 20}, {"A": TOO_SMALL, "B": ABSENT})[-1]
    assert (answer.outcome, answer.values["sum_mm"]) == ("PR", Decimal("5.0"))


def test_a_too_small_node_is_normal(build):
    assert build.outcomes({"N1": 20, "A": 20}, {"N1": TOO_SMALL, "A": ABSENT}) == ["CR"]


@pytest.mark.parametrize(("now", "value"), [("3.0", "3.0"), ("4.9", "4.9")])
def test_a_measured_value_below_5_mm_wins_over_the_default(build, now, value):
    assert build.answers({"A": 20}, {"A": now})[-1].values["sum_mm"] == Decimal(value)


class TestNadirOfZero:
    @pytest.mark.parametrize(("now", "outcome"), [("4.9", "PR"), ("5.0", "PD"), ("5.1", "PD")])
    def test_progresses_from_5_mm(self, build, now, outcome):
        assert build.outcomes({"A": 20}, {"A": ABSENT}, {"A": now}) == ["CR", outcome]

    @pytest.mark.parametrize(("now", "outcome"), [("0.1", "PD"), ("4.9", "PD")])
    def test_progresses_at_once_where_the_protocol_says_so(self, build, now, outcome):
        settings = Settings(nadir_zero_pd="any")
        assert build.outcomes({"A": 20}, {"A": ABSENT}, {"A": now}, settings=settings) == ["CR", outcome]

    def test_of_nothing_found_is_no_progression_even_then(self, build):
        rows = ({"A": 20, "B": 20}, {"A": ABSENT, "B": ABSENT}, {"A": ABSENT, "B": NE})
        assert build.outcomes(*rows, settings=Settings(nadir_zero_pd="any")) == ["CR", "NE"]

    def test_has_no_percentage(self, build):
        answer = build.answers({"A": 20}, {"A": ABSENT}, {"A": 6})[-1]
        assert answer.values["change_nadir_pct"] is None
        assert answer.because[0].code == "TARGET_PD_NADIR_ZERO"

    @pytest.mark.parametrize(("now", "outcome"), [("4.9", "NE"), ("5.0", "PD")])
    def test_of_evaluable_lesions_alone(self, build, now, outcome):
        rows = ({"A": 20, "B": 20}, {"A": ABSENT, "B": ABSENT}, {"A": now, "B": NE})
        answer = build.answers(*rows)[-1]
        assert answer.outcome == outcome
        if outcome == "PD":
            assert answer.because[0].code == "TARGET_PD_PARTIAL_NADIR_ZERO"


class TestNadirJustAboveZero:
    @pytest.mark.parametrize(("now", "outcome"), [("5.4", "PR"), ("5.5", "PD")])
    def test_needs_5_mm_over_it_and_not_5_mm_in_all(self, build, now, outcome):
        answer = build.answers({"A": 20}, {"A": "0.5"}, {"A": now})[-1]
        assert answer.outcome == outcome
        assert answer.because[0].code == ("TARGET_PD" if outcome == "PD" else "TARGET_PR")

    def test_of_evaluable_lesions_alone_has_a_percentage(self, build):
        rows = ({"A": 20, "B": 20}, {"A": "0.5", "B": ABSENT}, {"A": "5.5", "B": NE})
        assert build.answers(*rows)[-1].because[0].code == "TARGET_PD_PARTIAL"


class TestNormalNodesThatGrow:
    def test_stay_complete_with_a_flag(self, build):
        answer = build.answers({"N1": 15, "N2": 15}, {"N1": 4, "N2": 4}, {"N1": 9, "N2": 9})[-1]
        assert answer.outcome == "CR"
        assert "NODE_RISE_WITHIN_NORMAL" in build.codes(answer)

    def test_progress_where_the_protocol_says_so(self, build):
        settings = Settings(cr_beats_pd_normal_nodes=False)
        rows = ({"N1": 15, "N2": 15}, {"N1": 4, "N2": 4}, {"N1": 9, "N2": 9})
        assert build.outcomes(*rows, settings=settings) == ["CR", "PD"]

    def test_are_complete_without_a_flag_where_they_did_not_grow(self, build):
        answer = build.answers({"N1": 15}, {"N1": 9})[-1]
        assert (answer.outcome, build.codes(answer)) == ("CR", set())


class TestLessonsOfOtherTools:
    """Each defect of an existing client that concerns target lesions."""

    def test_progression_and_response_have_their_own_ratios(self, build):
        # 23 mm from 20 mm are +15 %: neither; -25 % is no response although +25 % would be progression.
        assert build.outcomes({"A": 100}, {"A": 75}) == ["SD"]
        assert build.outcomes({"A": 100}, {"A": 125}) == ["PD"]
        # PR is judged by the baseline, PD by the nadir.
        assert build.outcomes({"A": 100}, {"A": 40}, {"A": 60}) == ["PR", "PD"]

    def test_lesson_1_twenty_per_cent_need_5_mm_too(self, build):
        assert build.outcomes({"A": 20}, {"A": "24.9"}) == ["SD"]

    def test_nodes_can_be_complete(self, build):
        assert build.outcomes({"N1": 20}, {"N1": "9.9"}) == ["CR"]

    def test_a_missing_lesion_is_not_skipped(self, build):
        assert build.outcomes({"A": 60, "B": 40}, {"A": 60, "B": None}) == ["NE"]

    def test_staying_complete_is_no_progression(self, build):
        rows = ({"A": 20, "N1": 15}, {"A": ABSENT, "N1": 5}, {"A": ABSENT, "N1": 5}, {"A": ABSENT, "N1": 6})
        assert build.outcomes(*rows) == ["CR", "CR", "CR"]

    def test_a_nadir_is_that_of_one_input(self, build):
        # Another reader's smaller sum is in another input and changes nothing.
        mine = ({"A": 50}, {"A": 45}, {"A": 50})
        build.outcomes({"A": 50}, {"A": 30}, {"A": 50})
        assert build.outcomes(*mine) == ["SD", "SD"]


def test_no_target_at_baseline_is_na(build):
    answer = build.answers({}, {})[-1]
    assert (answer.outcome, answer.because[0].code) == ("NA", "TARGET_NA")


def test_treated_off_counts_as_not_evaluable(build):
    baseline = {"A": 40, "B": 30, "C": 30}
    assert build.outcomes(baseline, {"A": 40, "B": 30, "C": OFF}) == ["NE"]
    assert build.outcomes(baseline, {"A": 80, "B": 45, "C": OFF}) == ["PD"]
    assert build.outcomes(baseline, {"A": OFF, "B": OFF, "C": OFF}) == ["NE"]
    assert build.outcomes(baseline, {"A": ABSENT, "B": ABSENT, "C": OFF}) == ["NE"]


def test_progression_of_evaluable_lesions_can_be_switched_off(build):
    settings = Settings(pd_partial_sum=False)
    assert build.outcomes({"A": 50, "B": 10}, {"A": 90, "B": NE}, settings=settings) == ["NE"]


STATES = ("8.0", "40.0", ABSENT, TOO_SMALL, NE, OFF)


@pytest.mark.parametrize("nodal", [False, True], ids=["lesions", "nodes"])
def test_every_pair_of_states_follows_the_ordered_rules(build, nodal):
    names = ("N1", "N2") if nodal else ("A", "B")
    for first, second in product(STATES, repeat=2):
        values = build.row(dict(zip(names, (first, second), strict=True)))
        verdict = target_response(Decimal(40), Decimal(40), values, Settings())
        mm = {"8.0": 80, "40.0": 400, ABSENT: 0, TOO_SMALL: 50}
        evaluable = [mm[state] for state in (first, second) if state in mm]
        normal = [state in {ABSENT} or (nodal and state in {"8.0", TOO_SMALL}) for state in (first, second)]
        if not evaluable:
            expected = "NE"
        elif len(evaluable) < 2:
            expected = "NE"  # at most 40.0 mm, the nadir itself
        elif all(normal):
            expected = "CR"
        elif sum(evaluable) >= 480:
            expected = "PD"
        elif sum(evaluable) <= 280:
            expected = "PR"
        else:
            expected = "SD"
        assert verdict.response == expected, (first, second)


@pytest.mark.parametrize("rule", range(1, 10))
def test_each_rule_is_reached_and_named(build, rule):
    hundred, zero = Decimal(100), Decimal(0)
    cases = {
        1: (hundred, hundred, {}),
        2: (hundred, hundred, {"A": NE}),
        3: (hundred, hundred, {"A": 120, "B": NE}),
        4: (hundred, hundred, {"A": "119.9", "B": NE}),
        5: (hundred, hundred, {"A": ABSENT}),
        6: (hundred, hundred, {"A": 120}),
        7: (hundred, zero, {"A": 5}),
        8: (hundred, hundred, {"A": 70}),
        9: (hundred, hundred, {"A": 71}),
    }
    baseline, nadir, entries = cases[rule]
    assert target_response(baseline, nadir, build.row(entries), Settings()).rule == rule


def test_all_removed_comes_before_every_other_rule(build):
    verdict = target_response(Decimal(0), Decimal(0), {}, Settings(), all_removed=True)
    assert (verdict.response, verdict.rule) == ("NE", 2)


def test_limits_of_a_protocol_are_used(build):
    settings = Settings(pd_threshold=Decimal("0.25"), pd_abs_mm=Decimal(0), pr_threshold=Decimal("0.5"))
    assert not progressed_by_size(Decimal("12.4"), Decimal(10), settings)
    assert progressed_by_size(Decimal("12.5"), Decimal(10), settings)
    assert responded(Decimal("5.0"), Decimal(10), settings)
    assert not responded(Decimal("5.1"), Decimal(10), settings)


@pytest.mark.parametrize("node_limit", ["8", "12"])
def test_the_limit_of_a_normal_node_is_the_protocols(build, node_limit):
    settings = Settings(node_path_min=Decimal(node_limit))
    below = Decimal(node_limit) - Decimal("0.1")
    assert build.outcomes({"N1": 40}, {"N1": below}, settings=settings) == ["CR"]
    assert build.outcomes({"N1": 40}, {"N1": node_limit}, settings=settings) == ["PR"]


@pytest.mark.parametrize("tstm", ["3", "5.0"])
def test_the_value_of_too_small_is_the_protocols(build, tstm):
    answer = build.answers({"A": 40}, {"A": TOO_SMALL}, settings=Settings(tstm_mm=Decimal(tstm)))[-1]
    assert answer.values["sum_mm"] == Decimal(tstm)


def test_exact_limits_on_every_grid_of_tenths():
    """Where the limit lies on the grid of 0.1 mm a binary float would miss four cases of ten."""
    settings = Settings()
    for tenths in range(100, 3000, 10):
        base = Decimal(tenths) / 10
        at_limit = Decimal(tenths * 7 // 10) / 10
        assert responded(at_limit, base, settings)
        assert not responded(at_limit + Decimal("0.1"), base, settings)
    for tenths in range(250, 3000, 5):
        nadir = Decimal(tenths) / 10
        at_limit = Decimal(tenths * 6 // 5) / 10
        assert progressed_by_size(at_limit, nadir, settings)
        assert not progressed_by_size(at_limit - Decimal("0.1"), nadir, settings)
