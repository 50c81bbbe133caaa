"""What is answered at each visit: open and closed visits, the baseline, reasons and flags."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.lesion import LesionState
from spinereview.text import catalogue, sentence

ABSENT, NE, TOO_SMALL = LesionState.ABSENT, LesionState.NE, LesionState.TOO_SMALL


class TestOpenAndClosed:
    def test_an_open_visit_with_something_unsaid_has_no_response(self, build):
        answer = build.answers({"A": 60, "B": 40}, {"A": 60, "B": None}, open_visits=("FU1",))[-1]
        assert answer.outcome == "INCOMPLETE"
        assert [reason.code for reason in answer.missing] == ["STATE_MISSING"]
        assert answer.because[0].args["lesions"] == "B"
        assert answer.values["evaluable_sum_mm"] == 60
        assert answer.values["sum_mm"] is None

    def test_a_closed_one_counts_it_as_not_evaluable(self, build):
        answer = build.answers({"A": 60, "B": 40}, {"A": 60, "B": None})[-1]
        assert answer.outcome == "NE"
        assert [reason.code for reason in answer.missing] == ["STATE_MISSING"]

    def test_progression_of_the_others_waits_while_the_visit_is_open(self, build):
        rows = ({"A": 60, "B": 40}, {"A": 120, "B": None})
        assert build.answers(*rows, open_visits=("FU1",))[-1].outcome == "INCOMPLETE"
        assert build.answers(*rows)[-1].outcome == "PD"

    def test_an_open_visit_with_everything_said_has_a_response(self, build):
        assert build.answers({"A": 60}, {"A": 30}, open_visits=("FU1",))[-1].outcome == "PR"

    def test_an_open_earlier_visit_may_still_change_the_nadir(self, build):
        rows = ({"A": 60}, {"A": None}, {"A": 60})
        assert "EARLIER_VISIT_INCOMPLETE" in build.codes(build.answers(*rows, open_visits=("FU1",))[-1])
        assert "EARLIER_VISIT_INCOMPLETE" not in build.codes(build.answers(*rows)[-1])
        one_of_two = ({"A": 60, "B": 40}, {"A": None, "B": 40}, {"A": 60, "B": 40})
        assert "EARLIER_VISIT_INCOMPLETE" in build.codes(build.answers(*one_of_two, open_visits=("FU1",))[-1])

    def test_what_the_protocol_removed_is_not_waited_for(self, build):
        rows = ({"A": 60, "B": 40}, {"A": LesionState.TREATED_BY_PROTOCOL, "B": 40}, {"A": None, "B": 40})
        assert build.answers(*rows, open_visits=("FU2",))[-1].outcome == "SD"


class TestBaseline:
    def test_has_a_sum_and_no_response(self, build):
        answer = build.answers({"A": 60, "B": "40.5"})[0]
        assert (answer.outcome, answer.values["sum_mm"]) == ("BASELINE", Decimal("100.5"))
        assert (answer.because[0].code, answer.because[0].args["sum"]) == ("BASELINE_SUM", "100.5")

    def test_waits_while_it_is_open(self, build):
        answer = build.answers({"A": 60, "B": None}, open_visits=("BL",))[0]
        assert (answer.outcome, answer.values["sum_mm"]) == ("INCOMPLETE", None)
        assert answer.because[0].code == "BASELINE_SUM_MISSING"

    def test_without_a_sum_there_is_no_response_later(self, build):
        rows = ({"A": 60, "B": None}, {"A": 60, "B": 20})
        closed = build.answers(*rows)
        assert (closed[0].outcome, closed[1].outcome) == ("BASELINE", "NE")
        assert [reason.code for reason in closed[1].missing] == ["BASELINE_SUM_MISSING"]
        assert closed[1].because[0].code == "TARGET_NE_NO_BASELINE"
        waiting = build.answers(*rows, open_visits=("BL",))
        assert (waiting[0].outcome, waiting[1].outcome) == ("INCOMPLETE", "INCOMPLETE")
        assert waiting[1].because[0].code == "BASELINE_SUM_MISSING"
        # What keeps it waiting is said once.
        assert "BASELINE_SUM_MISSING" not in [reason.code for reason in waiting[1].missing]
        # A closed baseline will not get a sum by waiting, so an open visit has its answer at once.
        assert build.answers(*rows, open_visits=("FU1",))[1].outcome == "NE"

    def test_without_a_target_says_so(self, build):
        answer = build.answers({})[0]
        assert (answer.outcome, answer.values["sum_mm"], answer.because[0].code) == (
            "BASELINE",
            None,
            "BASELINE_NO_TARGET",
        )


class TestReasons:
    def test_progression_reads_as_a_radiologist_reads_it(self, build):
        answer = build.answers({"A": 60, "B": 40}, {"A": 30, "B": 20}, {"A": 41, "B": 20})[-1]
        reason = answer.because[0]
        assert sentence(reason.code, reason.args) == (
            "PD: 61.0 mm, nadir 50.0 mm at FU1 (+22.0 %, +11.0 mm). Both limits reached (20 %, 5 mm)."
        )
        assert reason.rule == "RECIST 1.1 (Eisenhauer 2009), 4.3.1"
        assert reason.refs == (("lesions", "A"), ("lesions", "B"))

    def test_a_response_is_said_with_all_its_numbers_and_limits(self, build):
        rows = ({"A": 60, "B": 40, "C": 20}, {"A": 30, "B": 20, "C": 10}, {"A": "41.5", "B": 20, "C": NE})
        assert dict(build.answers(*rows)[-1].because[0].args) == {
            "sum": "61.5",
            "baseline": "120.0",
            "nadir": "60.0",
            "at": "FU1",
            "pct_baseline": "−48.8 %",
            "pct_nadir": "+2.5 %",
            "mm_nadir": "+1.5",
            "pr_limit": "30",
            "pd_limit": "20",
            "mm_limit": "5",
            "node_limit": "10",
            "lesions": "C",
            "count": "3",
        }
        from_zero = build.answers({"A": 20}, {"A": ABSENT}, {"A": 4})[-1].because[0].args
        assert (from_zero["nadir"], from_zero["pct_nadir"], from_zero["mm_nadir"]) == ("0.0", "n/a", "+4.0")
        assert build.answers({"A": 20}, {"A": 20})[-1].because[0].args["mm_nadir"] == "0.0"

    def test_a_badge_names_its_limit(self, build):
        for mm, badge in (
            ("70.1", ("BOUNDARY_BASELINE", "−29.90", "−30")),
            ("119.9", ("BOUNDARY_NADIR", "+19.90", "+20")),
        ):
            answer = build.answers({"A": 100}, {"A": mm})[-1]
            found = [one for one in answer.warnings if one.code.startswith("BOUNDARY")]
            assert [(one.code, one.args["pct"], one.args["limit"]) for one in found] == [badge]

    def test_a_restated_sum_is_told_with_what_was_printed_before(self, build):
        rows = ({"A": 60, "B": 40}, {"A": 40, "B": 30}, {"A": LesionState.TREATED_BY_PROTOCOL, "B": 40})
        (told,) = [one for one in build.answers(*rows)[-1].warnings if one.code == "SUM_RESTATED"]
        assert dict(told.args) == {
            "baseline": "40.0",
            "nadir": "30.0",
            "original_baseline": "100.0",
            "original_nadir": "70.0",
        }

    def test_a_rise_of_less_than_5_mm_says_which_limit_was_missed(self, build):
        answer = build.answers({"A": 20}, {"A": "24.9"})[-1]
        assert answer.because[0].code == "TARGET_SD_SMALL_RISE"

    def test_every_lesion_stands_beneath_with_its_value(self, build):
        row = {"A": "12.5", "B": TOO_SMALL, "C": "in A", "D": ("3", None), "E": ABSENT}
        answer = build.answers(dict.fromkeys("ABCDE", 30), row)[-1]
        told = [sentence(reason.code, reason.args) for reason in answer.because[0].because]
        assert told == [
            "A: 12.5 mm.",
            "B: too small to measure, counts as 5.0 mm.",
            "C: merged, its diameter is that of A; adds 0.0 mm.",
            "D: split into 2, together 8.0 mm.",
            "E: absent, 0.0 mm.",
        ]

    def test_the_boundary_has_a_badge_for_each_limit(self, build):
        at_response = build.answers({"A": 100}, {"A": "70.1"})[-1]
        assert "BOUNDARY_BASELINE" in build.codes(at_response)
        assert "BOUNDARY_NADIR" not in build.codes(at_response)
        at_progression = build.answers({"A": 100}, {"A": 40}, {"A": "48.0"})[-1]
        assert build.codes(at_progression) & {"BOUNDARY_BASELINE", "BOUNDARY_NADIR"} == {"BOUNDARY_NADIR"}

    def test_a_part_of_a_sum_has_no_badge(self, build):
        answer = build.answers({"A": 60, "B": 40}, {"A": 120, "B": NE})[-1]
        assert (answer.outcome, answer.because[0].args["pct_nadir"]) == ("PD", "+20.00 %")
        assert not {code for code in build.codes(answer) if code.startswith("BOUNDARY")}

    def test_not_evaluable_says_whether_all_targets_were_removed(self, build):
        for state, code in (
            (NE, "TARGET_NE_NONE_EVALUABLE"),
            (LesionState.TREATED_BY_PROTOCOL, "TARGET_NE_ALL_REMOVED"),
        ):
            answer = build.answers({"A": 60, "B": 40}, {"A": state, "B": state})[-1]
            assert (answer.outcome, answer.because[0].code) == ("NE", code)
        assert build.answers({"A": 60}, {"A": 60})[-1].because[0].code == "TARGET_SD"

    def test_a_value_that_nobody_gave_says_why(self, build):
        answer = build.answers({"A": 60}, {"A": None})[-1]
        (value,) = answer.because[0].because
        assert (value.code, [one.code for one in value.because]) == ("VALUE_NOT_ASSESSED", ["STATE_MISSING"])

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"A": 30, "B": "in A", "N1": 15, "N2": 15}, set()),
            ({"A": 30, "B": 20, "N1": 30, "N2": "in N1"}, set()),
            ({"A": 30, "B": 20, "N1": "in A", "N2": 15}, {"NODE_NON_NODE_MERGE"}),
            ({"A": "in N1", "B": 20, "N1": 30, "N2": 15}, {"NODE_NON_NODE_MERGE"}),
            ({"A": ("15", "15"), "B": 20, "N1": 15, "N2": 15}, set()),
            ({"A": 30, "B": 20, "N1": ("10", "8"), "N2": 15}, {"NODE_SPLIT"}),
        ],
    )
    def test_a_mass_of_node_and_other_tissue_and_a_node_that_split_are_told(self, build, row, expected):
        answer = build.answers({"A": 30, "B": 20, "N1": 15, "N2": 15}, row)[-1]
        assert build.codes(answer) & {"NODE_NON_NODE_MERGE", "NODE_SPLIT"} == expected

    def test_no_sentence_lacks_an_argument(self, build):
        rows = [
            ({"A": 100}, {"A": 70}, {"A": 100}, {"A": NE}, {"A": None}),
            ({"A": 20, "B": 20}, {"A": NE, "B": 50}, {"A": ABSENT, "B": ABSENT}, {"A": 5, "B": 0}, {"A": 9, "B": NE}),
            ({"N1": 20, "A": 20}, {"N1": "4", "A": "in N1"}, {"N1": ("9", None), "A": ABSENT}, {"N1": 24, "A": 0}),
            ({"A": 60, "B": 40}, {"A": LesionState.TREATED_BY_PROTOCOL, "B": ABSENT}, {"A": 3, "B": TOO_SMALL}),
            ({"A": 60}, {"A": LesionState.TREATED_BY_PROTOCOL}, {"A": LesionState.TREATED_OFF}),
            ({"A": 20, "B": 20}, {"A": ABSENT, "B": ABSENT}, {"A": 6, "B": NE}),
            ({"A": 20, "N1": 15}, {"A": "24.9", "N1": 15}),
            ({"N1": 15}, {"N1": 4}, {"N1": "9.9"}),
            ({}, {}),
            ({"A": None}, {"A": 20}),
        ]
        for given in rows:
            for answer in [*build.answers(*given), *build.answers(*given, open_visits=("BL", "FU1", "FU2"))]:
                for reason in every(answer.because + answer.warnings + answer.missing):
                    assert reason.code in catalogue(), reason.code
                    lacking = re.findall(r"\{\w+\}", sentence(reason.code, reason.args))
                    assert not lacking or reason.code == "STATE_MISSING", (reason.code, lacking)
                    assert reason.rule or reason.code == "STATE_MISSING", reason.code


class TestChecks:
    @pytest.mark.parametrize(
        ("before", "now", "codes"),
        [
            pytest.param("20.0", "30.0", set(), id="+50 % exactly"),
            pytest.param("20.0", "30.1", {"CHECK_CHANGE_PCT"}, id="just above +50 %"),
            pytest.param("20.0", "10.0", set(), id="-50 % exactly"),
            pytest.param("20.0", "9.9", {"CHECK_CHANGE_PCT"}, id="just below -50 %"),
            pytest.param("100", "120", set(), id="+20 mm exactly"),
            pytest.param("100", "120.1", {"CHECK_CHANGE_MM"}, id="just above 20 mm"),
            pytest.param("100", "79.9", {"CHECK_CHANGE_MM"}, id="just below -20 mm"),
            pytest.param("5.1", TOO_SMALL, {"CHECK_TOO_SMALL_AFTER_LARGER"}, id="too small after a larger value"),
            pytest.param("5.0", TOO_SMALL, set(), id="too small after 5.0"),
            pytest.param("3.4", TOO_SMALL, {"CHECK_RISE_BY_DEFAULT"}, id="a rise by the default only"),
            pytest.param(ABSENT, TOO_SMALL, set(), id="seen again, too small"),
            pytest.param("15", ABSENT, {"CHECK_CHANGE_PCT"}, id="gone"),
            pytest.param("1", "2", {"CHECK_CHANGE_PCT"}, id="twice as much from 1 mm"),
            pytest.param("15", NE, set(), id="not evaluable"),
        ],
    )
    def test_changes_of_one_lesion(self, build, before, now, codes):
        answer = build.answers({"A": 20}, {"A": before}, {"A": now})[-1]
        assert {code for code in build.codes(answer) if code.startswith("CHECK_")} == codes

    def test_are_against_the_last_visit_that_had_a_value(self, build):
        answer = build.answers({"A": 20}, {"A": 40}, {"A": NE}, {"A": 40})[-1]
        assert not {code for code in build.codes(answer) if code.startswith("CHECK_")}
        doubled = build.answers({"A": 20}, {"A": NE}, {"A": 40})[-1]
        assert {code for code in build.codes(doubled) if code.startswith("CHECK_")} == {"CHECK_CHANGE_PCT"}

    def test_limits_are_the_protocols(self, build):
        settings = Settings(check_change_pct=Decimal(10), check_change_mm=Decimal(1))
        answer = build.answers({"A": 20}, {"A": "22.1"}, settings=settings)[-1]
        assert {"CHECK_CHANGE_PCT", "CHECK_CHANGE_MM"} <= build.codes(answer)


def every(reasons):
    for reason in reasons:
        yield reason
        yield from every(reason.because)


@pytest.mark.parametrize(
    ("sizes", "settings", "codes"),
    [
        ({"A": 20}, {}, {"SOLITARY_TARGET"}),
        ({"A": 20, "B": 30}, {}, set()),
        ({}, {}, set()),
        ({}, {"bone_organ": "vertebra"}, set()),
        ({"A": 20, "B": 30}, {"bone_organ": "spine_vs_other"}, set()),
        ({"A": 20, "B": 30}, {"bone_organ": "vertebra"}, {"BONE_ORGAN_PER_VERTEBRA"}),
    ],
)
def test_a_choice_of_targets_that_needs_a_word_has_it_at_the_baseline_alone(build, sizes, settings, codes):
    baseline, follow_up = build.answers(sizes, sizes, settings=Settings(**settings))
    assert build.codes(baseline) == codes
    assert not build.codes(follow_up) & {"SOLITARY_TARGET", "BONE_ORGAN_PER_VERTEBRA"}
