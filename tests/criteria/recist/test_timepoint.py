"""Overall responses over several visits: new lesions, what follows a complete response, and what the reader decides."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.timepoint import decisions_asked
from spinereview.criteria.recist.values import (
    AfterCr,
    Decisions,
    EquivocalCr,
    Input,
    NewValue,
    NonTargetValue,
    TargetVisit,
)
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.table import Table

ABSENT, PRESENT, NORMAL = LesionState.ABSENT, LesionState.PRESENT, LesionState.NODE_NORMAL
NE, WORSE = LesionState.NE, LesionState.UNEQUIVOCAL_PD
YES, NO, EQUIVOCAL = NewStatus.YES, NewStatus.NO, NewStatus.EQUIVOCAL
AMEND = Decisions(after_cr=AfterCr.AMEND_CR_TO_PR)


@pytest.fixture
def read(build):
    """Makes an input: each visit is (targets, non-targets, new lesions, more of the visit)."""

    def visits(*given, open_visits=()):
        made = []
        for at, one in enumerate(given):
            targets, non_targets, new, more = (*one, {}, {}, {})[:4] if len(one) < 4 else one
            name = "BL" if at == 0 else f"FU{at}"
            made.append(
                TargetVisit(
                    timepoint=name,
                    targets=Table(build.row(targets)),
                    non_targets=Table(
                        {
                            key: NonTargetValue(lesion=key, state=state, nodal=key.startswith("N"))
                            for key, state in non_targets.items()
                        }
                    ),
                    new=Table(
                        {
                            key: NewValue(
                                lesion=key,
                                status=status[0] if isinstance(status, tuple) else status,
                                nodal=key.startswith("N"),
                                short_axis_mm=Decimal(status[1]) if isinstance(status, tuple) else None,
                            )
                            for key, status in new.items()
                        }
                    ),
                    closed=name not in open_visits,
                    **more,
                )
            )
        return Input(visits=tuple(made))

    return visits


def overall(given, **settings):
    answers = assess(given, Settings(**settings))
    return [answers[f"{visit.timepoint}/overall"].outcome for visit in given.visits[1:]]


def codes(given, at, kind="overall", **settings):
    answer = assess(given, Settings(**settings))[f"{given.visits[at].timepoint}/{kind}"]
    return {reason.code for reason in (*answer.warnings, *answer.missing)}


def asked(answers):
    overall = [answer for answer in answers.values() if answer.scope[1:] == ("overall",)]
    return tuple((answer.scope[0], key) for answer in overall for key, _ in decisions_asked(answer))


class TestNewLesions:
    def test_one_that_is_certain_is_progression_whatever_the_targets_do(self, read):
        assert overall(read(({"A": 50},), ({"A": 20}, {}, {"X": YES}))) == ["PD"]

    def test_an_equivocal_one_counts_as_none_and_is_flagged(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}))
        assert overall(given) == ["PR"]
        assert codes(given, 1, "new") == {"EQUIVOCAL_NEW"}

    def test_one_seen_only_by_another_technique_counts_as_equivocal_and_that_is_said(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}))
        new = replace(given.visits[1].new["X"], only_by_technique=True)
        given = Input(visits=(given.visits[0], replace(given.visits[1], new=Table({"X": new}))))
        assert overall(given) == ["PR"]
        assert codes(given, 1, "new") == {"NEW_ONLY_BY_TECHNIQUE"}

    def test_confirmed_later_it_was_new_at_the_first_visit(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}), ({"A": 20}, {}, {"X": YES}))
        assert overall(given) == ["PD", "PD"]
        reason = assess(given, Settings())["FU1/new"].because[0]
        assert reason.code == "NEW_YES_BACKDATED"

    def test_withdrawn_later_it_was_none(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}), ({"A": 20}, {}, {"X": NO}))
        assert overall(given) == ["PR", "PR"]
        assert assess(given, Settings())["FU1/new"].outcome == "NO"

    def test_without_a_new_word_the_last_one_counts(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}), ({"A": 20}, {}, {"X": None}))
        assert assess(given, Settings())["FU2/new"].outcome == "EQUIVOCAL"

    def test_an_open_visit_waits_for_the_word(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": None}), open_visits=("FU1",))
        assert overall(given) == ["INCOMPLETE"]
        assert "NEW_STATUS_MISSING" in codes(given, 1, "new")

    def test_progression_does_not_wait(self, read):
        given = read(({"A": 50}, {"M": PRESENT}), ({"A": None}, {"M": None}, {"X": YES}), open_visits=("FU1",))
        assert overall(given) == ["PD"]

    def test_a_region_that_was_not_scanned_leaves_it_unsaid(self, read):
        missing = {"missing_regions": ("CHEST",)}
        given = read(({"A": 50},), ({"A": 20}, {}, {}, missing))
        assert overall(given) == ["NE"]
        assert overall(given, new_ne_policy="ignore") == ["PR"]
        assert overall(read(({"A": 50},), ({"A": 70}, {}, {}, missing))) == ["PD"]

    def test_region_and_equivocal_lesion_give_both_reasons(self, read):
        given = read(({"A": 50},), ({"A": 20}, {}, {"X": EQUIVOCAL}, {"missing_regions": ("CHEST",)}))
        answer = assess(given, Settings())["FU1/new"]
        assert (answer.outcome, [reason.code for reason in answer.because]) == (
            "NE",
            ["NEW_NE_REGION", "NEW_EQUIVOCAL"],
        )

    @pytest.mark.parametrize(
        ("mm", "flagged"),
        [
            ("9.9", {"NEW_NODE_OF_NORMAL_SIZE"}),
            ("10.0", {"NEW_NODE_ONLY_EVIDENCE"}),
            ("14.9", {"NEW_NODE_ONLY_EVIDENCE"}),
            ("15.0", set()),
        ],
    )
    def test_a_small_node_alone_is_doubted(self, read, mm, flagged):
        assert codes(read(({"A": 50},), ({"A": 50}, {}, {"N1": (YES, mm)})), 1, "new") == flagged

    def test_with_other_progression_a_node_of_10_mm_is_enough(self, read):
        assert codes(read(({"A": 50},), ({"A": 60}, {}, {"N1": (YES, "10.0")})), 1, "new") == set()
        assert codes(read(({"A": 50},), ({"A": 50}, {}, {"N1": (YES, "10.0"), "X": YES})), 1, "new") == set()

    @pytest.mark.parametrize(("mm", "flagged"), [("15.9", {"NEW_NODE_SMALL_RISE"}), ("16.0", set())])
    def test_a_node_seen_before_must_have_grown_by_5_mm(self, read, mm, flagged):
        given = read(({"A": 50},), ({"A": 50}, {}, {"N1": (EQUIVOCAL, "11.0")}), ({"A": 50}, {}, {"N1": (YES, mm)}))
        assert codes(given, 2, "new") == flagged


class TestNonTargetOnly:
    def test_the_second_table_serves_without_targets(self, read):
        rows = [({}, {"M": PRESENT}), ({}, {"M": PRESENT}), ({}, {"M": ABSENT}), ({}, {"M": NE})]
        assert overall(read(*rows)) == ["NON_CR_NON_PD", "CR", "NE"]

    def test_no_disease_at_baseline_stays_so_until_a_lesion_is_new(self, read):
        assert overall(read(({},), ({},), ({}, {}, {"X": YES}))) == ["NED", "PD"]

    def test_all_targets_taken_out_is_never_a_response(self, read):
        rows = [({"A": 50}, {"M": PRESENT}), ({"A": LesionState.TREATED_BY_PROTOCOL}, {"M": ABSENT})]
        assert overall(read(*rows)) == ["NE"]


class TestAfterCompleteResponse:
    BASE = ({"A": 50, "N1": 20}, {"M": PRESENT})
    CR = ({"A": ABSENT, "N1": 8}, {"M": ABSENT})

    def test_disease_that_is_seen_again_reads_as_progression_and_asks(self, read):
        given = read(self.BASE, self.CR, ({"A": 4, "N1": 8}, {"M": ABSENT}))
        assert overall(given) == ["CR", "PD"]
        assert asked(assess(given, Settings())) == (("FU2", "AFTER_CR"),)

    def test_the_reader_says_that_it_came_back(self, read):
        decided = {"decisions": Decisions(after_cr=AfterCr.REAPPEARED)}
        given = read(self.BASE, self.CR, ({"A": 4, "N1": 8}, {"M": ABSENT}, {}, decided))
        assert overall(given) == ["CR", "PD"]
        assert asked(assess(given, Settings())) == ()

    def test_the_reader_corrects_the_earlier_response(self, read):
        given = read(self.BASE, self.CR, ({"A": 4, "N1": 8}, {"M": ABSENT}, {}, {"decisions": AMEND}))
        assert overall(given) == ["PR", "PR"]
        assert codes(given, 1) == {"CR_AMENDED"}

    def test_without_targets_the_correction_is_non_cr_non_pd(self, read):
        rows = [({}, {"M": PRESENT}), ({}, {"M": ABSENT}), ({}, {"M": PRESENT}, {}, {"decisions": AMEND})]
        assert overall(read(*rows)) == ["NON_CR_NON_PD", "NON_CR_NON_PD"]

    def test_two_complete_responses_are_corrected_together_and_with_a_reason(self, read):
        rows = [self.BASE, self.CR, self.CR]
        again = ({"A": 4, "N1": 8}, {"M": ABSENT}, {})
        given = read(*rows, (*again, {"decisions": AMEND}))
        assert overall(given) == ["CR", "CR", "PD"]
        assert "AMENDS_SEVERAL_CR" in codes(given, 3)
        named = {one.code: one.args for one in assess(given, Settings())["FU3/overall"].missing}
        assert named == {"AMENDS_SEVERAL_CR": Table({"visits": "FU1, FU2"})}
        assert {"AMENDS_SEVERAL_CR", "REAPPEARED"} <= codes(given, 3)
        reasoned = Decisions(after_cr=AfterCr.AMEND_CR_TO_PR, after_cr_reason="seen on the earlier images too")
        amended = read(*rows, (*again, {"decisions": reasoned}))
        assert overall(amended) == ["PR", "PR", "PR"]
        named = {one.code: one.args for one in assess(amended, Settings())["FU3/overall"].warnings}
        assert named["AMENDED_BY_READER"]["visits"] == "FU1, FU2"

    @pytest.mark.parametrize(
        ("policy", "after"), [("query", ["CR", "PD"]), ("auto_pd", ["CR", "PD"]), ("amend", ["PR", "PR"])]
    )
    def test_what_the_protocol_does_without_the_reader(self, read, policy, after):
        given = read(self.BASE, self.CR, ({"A": 4, "N1": 8}, {"M": ABSENT}))
        assert overall(given, post_cr_policy=policy) == after

    def test_something_not_evaluable_is_no_return(self, read):
        given = read(self.BASE, self.CR, ({"A": ABSENT, "N1": 8}, {"M": NE}), self.CR)
        assert overall(given) == ["CR", "NE", "CR"]
        assert codes(given, 2) == {"CR_NOT_CONFIRMABLE"}

    @pytest.mark.parametrize(("node", "after"), [("9.9", "CR"), ("10.0", "CR")])
    def test_a_node_alone_keeps_the_response(self, read, node, after):
        given = read(self.BASE, self.CR, ({"A": ABSENT, "N1": node}, {"M": ABSENT}))
        assert overall(given) == ["CR", after]
        assert ("EQUIVOCAL_NODE" in codes(given, 2)) == (node == "10.0")

    def test_a_node_with_another_lesion_is_a_return(self, read):
        # 11 mm after a nadir of 8 mm: 5 mm of growth are not reached, so it is no progression by size.
        given = read(self.BASE, self.CR, ({"A": 1, "N1": 10}, {"M": ABSENT}))
        assert overall(given) == ["CR", "PD"]

    def test_the_guard_can_be_taken_away(self, read):
        given = read(self.BASE, self.CR, ({"A": ABSENT, "N1": "10.0"}, {"M": ABSENT}))
        assert overall(given, post_cr_node_guard=False) == ["CR", "PD"]

    def test_an_equivocal_lesion_beside_the_node_ends_the_guard(self, read):
        given = read(self.BASE, self.CR, ({"A": ABSENT, "N1": "10.0"}, {"M": ABSENT}, {"X": EQUIVOCAL}))
        assert overall(given) == ["CR", "PD"]

    def test_a_guarded_node_that_progresses_is_dated_back(self, read):
        guarded = ({"A": ABSENT, "N1": "10.5"}, {"M": ABSENT})
        given = read(self.BASE, self.CR, guarded, guarded, ({"A": ABSENT, "N1": "16"}, {"M": ABSENT}))
        assert overall(given) == ["CR", "PD", "PD", "PD"]
        assert codes(given, 2) == {
            "EQUIVOCAL_NODE",
            "PD_DATED_BACK",
        }

    def test_progression_of_something_else_is_not_dated_back_to_a_guarded_node(self, read):
        guarded = ({"A": ABSENT, "N1": "10.5"}, {"M": ABSENT})
        given = read(self.BASE, self.CR, guarded, (*guarded, {"X": YES}))
        assert overall(given) == ["CR", "CR", "PD"]

    def test_a_complete_response_between_ends_the_dating_back(self, read):
        guarded = ({"A": ABSENT, "N1": "10.5"}, {"M": ABSENT})
        given = read(self.BASE, self.CR, guarded, self.CR, ({"A": ABSENT, "N1": "16"}, {"M": ABSENT}))
        assert overall(given) == ["CR", "CR", "CR", "PD"]

    def test_a_non_target_node_returns_only_by_unequivocal_progression(self, read):
        base = ({"A": 50}, {"NM": PRESENT})
        gone = ({"A": ABSENT}, {"NM": NORMAL})
        assert overall(read(base, gone, ({"A": ABSENT}, {"NM": PRESENT}))) == ["CR", "CR"]
        assert overall(read(base, gone, ({"A": ABSENT}, {"NM": WORSE}))) == ["CR", "PD"]

    def test_an_incomplete_visit_between_neither_ends_nor_confirms(self, read):
        rows = [self.BASE, self.CR, ({"A": None, "N1": None}, {"M": None}), ({"A": 4, "N1": 8}, {"M": ABSENT})]
        assert overall(read(*rows, open_visits=("FU2",))) == ["CR", "INCOMPLETE", "PD"]


class TestEquivocalAndResidual:
    ROWS = (({"A": 50},), ({"A": ABSENT}, {}, {"X": EQUIVOCAL}))

    def test_a_complete_response_with_an_equivocal_lesion_asks(self, read):
        given = read(*self.ROWS)
        assert overall(given) == ["CR"]
        assert asked(assess(given, Settings())) == (("FU1", "EQUIVOCAL_CR"),)

    @pytest.mark.parametrize(("word", "after"), [(EquivocalCr.CONFIRMED, "CR"), (EquivocalCr.NOT_CR, "PR")])
    def test_the_reader_answers(self, read, word, after):
        given = read(self.ROWS[0], (*self.ROWS[1], {"decisions": Decisions(equivocal_cr=word)}))
        assert overall(given) == [after]
        assert asked(assess(given, Settings())) == ()

    def test_a_residual_mass_is_no_tumour_only_where_the_protocol_allows_it(self, read):
        given = read(({"A": 50},), ({"A": 10}, {}, {}, {"decisions": Decisions(residual_cr=True)}))
        assert overall(given) == ["PR"]
        assert overall(given, residual_cr=True) == ["CR"]


class TestPersistence:
    ROWS = (({"A": 100},), ({"A": 70},), ({"A": 80},))

    def test_a_visit_is_called_by_its_own_numbers_with_a_remark(self, read):
        given = read(*self.ROWS)
        assert overall(given) == ["PR", "SD"]
        assert codes(given, 2) == {"PR_MAINTAINED"}

    @pytest.mark.parametrize(("mode", "labels"), [("never", "PR PR SD SD SD"), ("after_any", "PR PR PR PR PR")])
    def test_the_worked_series_of_the_eortc(self, read, mode, labels):
        given = read(*(({"A": mm},) for mm in (100, 70, 70, 80, 80, 80)))
        answers = assess(given, Settings(pr_persistence=mode))
        shown = [answers[f"FU{at}/overall"].because[0].args["label"] for at in range(1, 6)]
        assert shown == labels.split()
        assert overall(given, pr_persistence=mode) == ["PR", "PR", "SD", "SD", "SD"], "the label is all that changes"

    @pytest.mark.parametrize(("mode", "label"), [("never", "SD"), ("after_any", "PR"), ("after_confirmed", "SD")])
    def test_the_label_alone_follows_the_setting(self, read, mode, label):
        answer = assess(read(*self.ROWS), Settings(pr_persistence=mode))["FU2/overall"]
        assert (answer.outcome, answer.because[0].args["label"]) == ("SD", label)


def test_after_progression_no_label_says_that_a_response_goes_on(read):
    given = read(({"A": 100},), ({"A": 60},), ({"A": 80},), ({"A": 71},))
    assert overall(given) == ["PR", "PD", "SD"]
    answer = assess(given, Settings(pr_persistence="after_any"))["FU3/overall"]
    assert answer.because[0].args["label"] == "SD"
    assert {reason.code for reason in answer.warnings} == {"AFTER_PD"}


def test_unequivocal_progression_of_dense_bone_may_be_healing(read):
    given = read(({"A": 50}, {"M": PRESENT}), ({"A": 20}, {"M": WORSE}))
    dense = replace(given.visits[1].non_targets["M"], sclerotic=True)
    flared = Input(visits=(given.visits[0], replace(given.visits[1], non_targets=Table({"M": dense}))))
    assert codes(given, 1, "non_target") == set()
    assert codes(flared, 1, "non_target") == {"NON_TARGET_MAYBE_FLARE"}
    assert overall(flared) == ["PD"], "the reader's word stands"
    still = replace(dense, state=PRESENT)
    healed = Input(visits=(given.visits[0], replace(given.visits[1], non_targets=Table({"M": still}))))
    assert codes(healed, 1, "non_target") == set()


def test_without_targets_the_reader_is_told_how_much_progression_takes(read):
    assert codes(read(({}, {"M": PRESENT}), ({}, {"M": WORSE})), 1, "non_target") == {"NON_TARGET_ONLY_GUIDE"}
    assert codes(read(({}, {"M": PRESENT}), ({}, {"M": PRESENT})), 1, "non_target") == set()


def test_a_fracture_alone_is_doubted_as_a_new_lesion(read):
    given = read(({"A": 50},), ({"A": 50}, {}, {"X": YES}))
    broken = replace(given.visits[1].new["X"], fracture=True)
    told = Input(visits=(given.visits[0], replace(given.visits[1], new=Table({"X": broken}))))
    assert codes(told, 1, "new") == {"NEW_FRACTURE_ALONE"}
    assert codes(given, 1, "new") == set()


def test_what_follows_progression_is_shown_and_said_to_be_after_it(read):
    given = read(({"A": 50},), ({"A": 60},), ({"A": 30},))
    assert overall(given) == ["PD", "PR"]
    assert "AFTER_PD" in codes(given, 2)


def test_causes_of_progression_are_named(read):
    given = read(({"A": 50}, {"M": PRESENT}), ({"A": 60}, {"M": WORSE}, {"X": YES}))
    because = assess(given, Settings())["FU1/overall"].because[0].because
    assert [reason.code for reason in because] == ["PD_CAUSE_TARGET", "PD_CAUSE_NON_TARGET", "PD_CAUSE_NEW"]


def test_baseline_says_by_which_table_it_goes_on(read):
    firsts = [({"A": 50},), ({}, {"M": PRESENT}), ({},)]
    said = [assess(read(first), Settings())["BL/overall"].because[0].code for first in firsts]
    assert said == ["BASELINE_WITH_TARGETS", "BASELINE_NON_TARGETS_ONLY", "BASELINE_NO_DISEASE"]


class TestOpenVisits:
    """RECIST 1.1 has no answer while something is unsaid; NE would claim that it cannot be said."""

    def given(self, read, non_targets, *, new=None, open_visits=("FU1",)):
        base = ({"A": 50}, dict.fromkeys(non_targets, PRESENT))
        return assess(read(base, ({"A": 20}, non_targets, new or {}), open_visits=open_visits), Settings())

    @pytest.mark.parametrize("states", [{"M": None}, {"M": ABSENT, "K": None}])
    def test_one_waits_for_every_non_target_lesion_and_a_closed_one_does_not(self, read, states):
        waiting = self.given(read, states)
        assert (waiting["FU1/non_target"].outcome, waiting["FU1/overall"].outcome) == ("INCOMPLETE", "INCOMPLETE")
        assert waiting["FU1/non_target"].because[0].code == "NON_TARGET_INCOMPLETE"
        assert waiting["FU1/overall"].because[0].code == "OVERALL_INCOMPLETE"
        closed = self.given(read, states, open_visits=())
        assert (closed["FU1/non_target"].outcome, closed["FU1/overall"].outcome) == ("NE", "PR")

    def test_one_in_which_all_is_said_has_its_answers(self, read):
        answers = self.given(read, {"M": ABSENT}, new={"X": NO})
        assert [answers[f"FU1/{of}"].outcome for of in ("non_target", "new", "overall")] == ["CR", "NO", "PR"]

    def test_unequivocal_progression_waits_for_no_other_lesion(self, read):
        answers = self.given(read, {"M": WORSE, "K": None})
        assert (answers["FU1/non_target"].outcome, answers["FU1/overall"].outcome) == ("PD", "PD")

    def test_one_waits_for_the_word_on_a_new_lesion_but_where_another_is_certain(self, read):
        assert self.given(read, {}, new={"X": None})["FU1/new"].outcome == "INCOMPLETE"
        assert self.given(read, {}, new={"X": None}, open_visits=())["FU1/new"].outcome == "NO"
        assert self.given(read, {}, new={"X": None}, open_visits=())["FU1/overall"].outcome == "PR"
        assert self.given(read, {}, new={"X": None, "Y": YES})["FU1/new"].outcome == "YES"


def test_the_baseline_counts_its_non_target_lesions_and_judges_none(read):
    baseline = assess(read(({"A": 50}, {"M": PRESENT, "K": PRESENT})), Settings())["BL/non_target"]
    assert (baseline.outcome, baseline.because[0].code, baseline.because[0].args["count"]) == (
        "BASELINE",
        "BASELINE_NON_TARGETS",
        "2",
    )
    assert baseline.warnings == ()
    both = assess(read(({"A": 50}, {"M": PRESENT}), ({"A": 50}, {"M": PRESENT})), Settings())
    assert (both["BL/overall"].outcome, both["FU1/non_target"].outcome) == ("BASELINE", "NON_CR_NON_PD")


def test_a_stable_disease_without_a_response_before_maintains_none(read):
    assert codes(read(({"A": 100},), ({"A": 90},)), 1) == set()


def test_an_overall_response_says_how_it_came_about(read):
    def said(given, at=1):
        return assess(given, Settings())[f"FU{at}/overall"].because[0].code

    assert said(read(({"A": 50},), ({"A": 20},))) == "OVERALL"
    assert said(read(({},), ({},))) == "OVERALL_NED"
    # What came after a complete response is progression, whatever its own tables say.
    assert said(read(({"A": 50},), ({"A": ABSENT},), ({"A": 4},)), 2) == "OVERALL_RESOLVED"


@pytest.mark.parametrize(
    ("policy", "imaged_before", "status", "expected"),
    [
        ("new", False, YES, {"NEW_UNSCANNED_COUNTS"}),
        ("equivocal", False, YES, {"NEW_UNSCANNED"}),
        ("new", False, NO, set()),
        ("equivocal", False, NO, set()),
        ("new", None, YES, set()),
        ("equivocal", None, YES, {"NEW_COVERAGE_UNKNOWN"}),
        ("equivocal", None, NO, set()),
        ("new", True, YES, set()),
        ("equivocal", True, YES, set()),
    ],
)
def test_of_a_new_lesion_it_is_told_where_its_place_was_not_imaged_at_the_baseline(
    read, policy, imaged_before, status, expected
):
    given = read(({"A": 50},), ({"A": 50}, {}, {"X": status}))
    new = replace(given.visits[1].new["X"], imaged_before=imaged_before)
    told = Input(visits=(given.visits[0], replace(given.visits[1], new=Table({"X": new}))))
    assert codes(told, 1, "new", new_unscanned=policy) == expected
