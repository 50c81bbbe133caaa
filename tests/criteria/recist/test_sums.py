"""Sums, nadir, lesions taken out by the protocol, merged and split lesions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import own_sums, settled, sums_at, total
from spinereview.domain.lesion import LesionState
from spinereview.errors import InvalidValue

ABSENT, NE, TOO_SMALL = LesionState.ABSENT, LesionState.NE, LesionState.TOO_SMALL
OFF, BY_PROTOCOL = LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL


def sums_of(build, *rows, settings=None):
    counted = settled(build.input(*rows).visits)
    settings = settings or Settings()
    return sums_at(counted.rows, own_sums(counted.rows, settings), len(rows) - 1, settings)


def test_the_baseline_takes_part_in_the_nadir(build):
    assert sums_of(build, {"A": 50}, {"A": 60}, {"A": 55}).nadir_mm == 50


def test_the_visit_itself_does_not(build):
    assert sums_of(build, {"A": 50}, {"A": 20}).nadir_mm == 50


def test_the_earliest_of_equal_sums_is_named(build):
    assert sums_of(build, {"A": 50}, {"A": 40}, {"A": 40}, {"A": 60}).nadir_at == 1


def test_a_partial_sum_sets_no_nadir(build):
    sums = sums_of(build, {"A": 50, "B": 50}, {"A": 20, "B": NE}, {"A": 50, "B": 50})
    assert (sums.nadir_mm, sums.nadir_at) == (100, 0)


def test_a_visit_after_progression_still_sets_the_nadir(build):
    assert sums_of(build, {"A": 50}, {"A": 70}, {"A": 30}, {"A": 40}).nadir_mm == 30


def test_a_sum_needs_every_value(build):
    sums = sums_of(build, {"A": 50, "B": 50}, {"A": 20, "B": NE})
    assert (sums.sum_mm, sums.evaluable_mm) == (None, 20)


def test_sums_are_exact_in_any_context():
    assert total([Decimal("0.1")] * 10) == 1
    assert str(total([Decimal(10**30), Decimal("0.001")])) == "1000000000000000000000000000000.001"


def test_treated_by_protocol_restates_sums(build):
    rows = ({"A": 60, "B": 40}, {"A": BY_PROTOCOL, "B": 38}, {"A": BY_PROTOCOL, "B": 48})
    third = {"A": BY_PROTOCOL, "B": BY_PROTOCOL}
    _, first, second, gone = build.answers(*rows, third)
    assert (first.outcome, first.values["baseline_sum_mm"]) == ("SD", 40)
    assert str(first.values["change_baseline_pct"]) == "-5.0"
    assert first.values["original_baseline_sum_mm"] == 100
    assert first.values["original_nadir_mm"] == 100
    assert "SUM_RESTATED" in build.codes(first)
    assert (second.outcome, second.values["nadir_mm"]) == ("PD", 38)
    assert str(second.values["change_nadir_pct"]) == "26.3"
    assert second.values["change_nadir_mm"] == 10
    assert second.values["original_nadir_mm"] == 38
    assert gone.outcome == "NE"
    assert {"ALL_TARGETS_REMOVED", "SUM_RESTATED"} <= build.codes(gone)
    assert gone.because[0].code == "TARGET_NE_ALL_REMOVED"


def test_restating_can_be_switched_off(build):
    settings = Settings(study_resection_target="ne")
    answer = build.answers({"A": 60, "B": 40}, {"A": BY_PROTOCOL, "B": 38}, settings=settings)[-1]
    assert answer.outcome == "NE"
    assert answer.values["baseline_sum_mm"] == 100
    assert "SUM_RESTATED" not in build.codes(answer)


def test_restated_sums_need_original_sum(build):
    rows = ({"A": 60, "B": 40}, {"A": NE, "B": 30}, {"A": BY_PROTOCOL, "B": 36})
    _, first, second = build.answers(*rows)
    assert (first.outcome, second.outcome) == ("NE", "SD")
    assert second.values["nadir_mm"] == 40


@pytest.mark.parametrize("partner", ["in A", ABSENT, NE, None], ids=["merged", "absent", "not evaluable", "unsaid"])
def test_merged_mass_leaves_as_a_whole(build, partner):
    rows = ({"A": 30, "B": 25, "C": 40}, {"A": 60, "B": "in A", "C": 40}, {"A": BY_PROTOCOL, "B": partner, "C": 40})
    answer = build.answers(*rows)[-1]
    assert answer.outcome == "SD"
    assert answer.values["baseline_sum_mm"] == 40
    assert answer.values["sum_mm"] == 40


def test_merged_mass_leaves_at_the_visit_at_which_it_merged(build):
    rows = ({"A": 30, "B": 25, "C": 40}, {"A": BY_PROTOCOL, "B": "in A", "C": 40})
    assert build.answers(*rows)[-1].values["baseline_sum_mm"] == 40


def test_a_removed_partner_takes_its_carrier_with_it(build):
    rows = ({"A": 30, "B": 25, "C": 40}, {"A": 60, "B": "in A", "C": 40}, {"A": NE, "B": BY_PROTOCOL, "C": 40})
    assert build.answers(*rows)[-1].values["baseline_sum_mm"] == 40


def test_a_partner_that_separated_stays(build):
    rows = ({"A": 30, "B": 25, "C": 40}, {"A": 60, "B": "in A", "C": 40}, {"A": BY_PROTOCOL, "B": 25, "C": 40})
    answer = build.answers(*rows)[-1]
    assert answer.values["baseline_sum_mm"] == 65
    # The visit at which both lay in one mass had no value of the partner alone.
    assert answer.values["nadir_mm"] == 65


def test_a_chain_of_masses_leaves_together(build):
    before = {"A": 30, "B": 25, "C": 20, "D": 40}
    rows = (before, {"A": 60, "B": "in A", "C": "in A", "D": 40}, {"A": ABSENT, "B": "in A", "C": BY_PROTOCOL, "D": 40})
    assert build.answers(*rows)[-1].values["baseline_sum_mm"] == 40


def test_merging_into_a_lesion_removed_before_has_no_value(build):
    rows = ({"A": 30, "B": 25, "C": 40}, {"A": BY_PROTOCOL, "B": 25, "C": 40}, {"A": 60, "B": "in A", "C": 40})
    answer = build.answers(*rows)[-1]
    assert answer.outcome == "NE"
    assert [reason.code for reason in answer.missing] == ["CARRIER_REMOVED"]


def test_merging_at_the_baseline_into_a_lesion_removed_by_then_has_no_value_and_no_baseline(build):
    baseline, later = build.answers({"A": BY_PROTOCOL, "B": "in A", "C": 40}, {"A": BY_PROTOCOL, "B": 12, "C": 20})
    assert [reason.code for reason in baseline.missing] == ["CARRIER_REMOVED"]
    assert baseline.values["sum_mm"] is None
    assert (later.outcome, later.because[0].code) == ("NE", "TARGET_NE_NO_BASELINE")


def test_one_removed_and_the_others_absent_is_complete_with_a_flag(build):
    answer = build.answers({"A": 60, "B": 40}, {"A": BY_PROTOCOL, "B": ABSENT})[-1]
    assert answer.outcome == "CR"
    assert "CR_AFTER_RESTATING" in build.codes(answer)


@pytest.mark.parametrize("state", [OFF, BY_PROTOCOL])
def test_treated_is_sticky(build, state):
    rows = ({"A": 40, "B": 40}, {"A": state, "B": 40}, {"A": 12, "B": 40}, {"A": None, "B": 40})
    _, first, later, last = build.answers(*rows)
    assert first.outcome == later.outcome == last.outcome == ("NE" if state is OFF else "SD")
    assert "VALUE_AFTER_TREATMENT" in build.codes(later)
    assert "VALUE_AFTER_TREATMENT" not in build.codes(first) | build.codes(last)
    assert last.missing == ()


class TestMerged:
    def test_partner_follows_carrier(self, build):
        assert build.outcomes({"N1": 20, "N2": 20}, {"N1": "9.0", "N2": "in N1"}) == ["CR"]
        assert build.outcomes({"A": 20, "N1": 20}, {"A": "9.0", "N1": "in A"}) == ["PR"]
        assert build.outcomes({"A": 20, "B": 20}, {"A": ABSENT, "B": "in A"}) == ["CR"]

    def test_a_node_that_carries_another_lesion_is_not_nodal(self, build):
        answer = build.answers({"A": 20, "N1": 20}, {"N1": "9.0", "A": "in N1"})[-1]
        assert answer.outcome == "PR"
        assert "NODE_NON_NODE_MERGE" in build.codes(answer)

    def test_a_mass_of_nodes_from_10_mm_is_not_complete(self, build):
        assert build.outcomes({"N1": 20, "N2": 20}, {"N1": "9.9", "N2": "in N1"}) == ["CR"]
        assert build.outcomes({"N1": 20, "N2": 20}, {"N1": "10.0", "N2": "in N1"}) == ["PR"]

    def test_a_partner_adds_nothing(self, build):
        assert sums_of(build, {"A": 30, "B": 25}, {"A": 40, "B": "in A"}).sum_mm == 40

    def test_a_mass_that_separates_gives_each_its_own_value(self, build):
        assert sums_of(build, {"A": 30, "B": 25}, {"A": 40, "B": "in A"}, {"A": 20, "B": 15}).sum_mm == 35

    def test_a_circle_of_carriers_is_refused(self, build):
        with pytest.raises(InvalidValue, match="CARRIER_NOT_A_TARGET"):
            build.input({"A": 30, "B": 25}, {"A": "in B", "B": "in A"})

    def test_a_carrier_that_is_no_target_is_refused(self, build):
        with pytest.raises(InvalidValue, match="CARRIER_NOT_A_TARGET"):
            build.input({"A": 30}, {"A": "in Z"})


class TestSplit:
    def test_fragments_add_up_and_a_too_small_one_counts_5_mm(self, build):
        assert sums_of(build, {"A": 30}, {"A": ("12", None)}).sum_mm == 17

    @pytest.mark.parametrize(("parts", "outcome"), [(("9.9", "9.9"), "CR"), (("10.0", "3.0"), "PR")])
    def test_every_fragment_of_a_node_must_be_normal(self, build, parts, outcome):
        answer = build.answers({"N1": 30}, {"N1": parts})[-1]
        assert answer.outcome == outcome
        assert "NODE_SPLIT" in build.codes(answer)

    def test_fragments_of_another_lesion_are_not_complete(self, build):
        assert build.outcomes({"A": 30}, {"A": ("1", None)}) == ["PR"]


def test_targets_that_change_between_visits_are_refused(build):
    with pytest.raises(InvalidValue, match="TARGETS_DIFFER"):
        build.input({"A": 30}, {"B": 30})
