"""Non-target response over every set of three states, against the rules said a second time."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import pytest

from spinereview.criteria.recist.non_target import (
    PROGRESSION_RULE,
    RULE,
    non_target_response,
    settled_non_targets,
    why_non_target,
)
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE
from spinereview.criteria.recist.target_reasons import MISSING_RULE
from spinereview.criteria.recist.values import NonTargetValue, TargetVisit
from spinereview.domain.lesion import STATES_OF_ROLE, LesionRole, LesionState
from spinereview.domain.table import Table

STATES = [*sorted(STATES_OF_ROLE[LesionRole.NON_TARGET]), None]


def row_of(states):
    return {f"L{k}": NonTargetValue(lesion=f"L{k}", state=state) for k, state in enumerate(states)}


def respond(*states, **settings):
    return non_target_response(row_of(states), Settings(**settings))[0].value


def expected(states) -> str:
    left = [state for state in states if state != "TREATED_BY_PROTOCOL"]
    if len(left) == 0:
        return "NA"
    if "UNEQUIVOCAL_PD" in left:
        return "PD"
    if None in left or "NE" in left or "TREATED_OFF" in left:
        return "NE"
    return "NON_CR_NON_PD" if "PRESENT" in left else "CR"


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_every_set_of_states(count):
    for states in combinations_with_replacement(STATES, count):
        assert respond(*states) == expected(states), states


def test_the_order_of_the_lesions_changes_nothing():
    for states in combinations_with_replacement(STATES, 3):
        assert len({respond(*order) for order in permutations(states)}) == 1


def test_a_node_of_normal_size_counts_as_gone():
    assert respond(LesionState.NODE_NORMAL, LesionState.ABSENT) == "CR"


def test_present_beats_not_evaluable_only_where_the_protocol_says_so():
    states = (LesionState.PRESENT, LesionState.NE)
    assert respond(*states) == "NE"
    assert respond(*states, nt_present_beats_ne=True) == "NON_CR_NON_PD"
    assert respond(LesionState.ABSENT, LesionState.NE, nt_present_beats_ne=True) == "NE"


def test_without_markers_a_protocol_that_asks_for_them_has_no_complete_response():
    assert respond(LesionState.ABSENT, tumour_markers=True) == "NE"
    assert respond(LesionState.PRESENT, tumour_markers=True) == "NON_CR_NON_PD"


@pytest.mark.parametrize("state", [LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL])
def test_a_treated_lesion_stays_treated_and_a_later_word_is_flagged(state):
    visits = [
        TargetVisit(timepoint=name, targets=Table(), non_targets=Table(row_of([given])))
        for name, given in (("BL", LesionState.PRESENT), ("FU1", state), ("FU2", LesionState.ABSENT), ("FU3", None))
    ]
    rows, late = settled_non_targets(visits)
    assert [row["L0"].state for row in rows] == ["PRESENT", state, state, state]
    assert [[reason.code for reason in flags] for flags in late] == [[], [], ["VALUE_AFTER_TREATMENT"], []]


def test_the_reason_names_the_lesions():
    row = row_of([LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD, LesionState.NE])
    reason = why_non_target("NON_TARGET_PD", row)
    assert reason.args["lesions"] == "L1"
    assert reason.rule.endswith("4.3.4")
    assert [below.code for below in reason.because] == [
        "NON_TARGET_STATE_PRESENT",
        "NON_TARGET_STATE_UNEQUIVOCAL_PD",
        "NON_TARGET_STATE_NE",
    ]


def test_no_lesion_and_none_left_have_reasons_of_their_own():
    assert non_target_response({}, Settings())[1] == "NON_TARGET_NA"
    assert non_target_response(row_of([LesionState.TREATED_BY_PROTOCOL]), Settings())[1] == "NON_TARGET_NA_ALL_REMOVED"


def test_without_progression_the_reason_names_what_could_not_be_evaluated():
    row = row_of([LesionState.PRESENT, None, LesionState.NE, LesionState.TREATED_OFF])
    reason = why_non_target("NON_TARGET_NE", row)
    assert reason.args["lesions"] == "L1, L2, L3"
    assert reason.because[1].code == "VALUE_NOT_ASSESSED"
    assert [reason.rule for reason in reason.because] == [RULE, MISSING_RULE, MISSING_RULE, RULE]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("NON_TARGET_CR", RULE),
        ("NON_TARGET_NON_CR_NON_PD", RULE),
        ("NON_TARGET_PD", PROGRESSION_RULE),
        ("NON_TARGET_NE", MISSING_RULE),
        ("NON_TARGET_PRESENT_BEATS_NE", OWN_RULE),
        ("NON_TARGET_NA_ALL_REMOVED", OWN_RULE),
    ],
)
def test_each_reason_cites_its_own_rule(code, rule):
    assert why_non_target(code, row_of([LesionState.PRESENT])).rule == rule
