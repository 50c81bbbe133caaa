"""From RECIST's answers to what the engines that need days get; and the values of a schedule that must not exist."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.best_response import Input as BestInput
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import (
    AfterCr,
    Decisions,
    Input,
    NewValue,
    NonTargetValue,
    OverallResponse,
    TargetResponse,
    TargetValue,
    TargetVisit,
)
from spinereview.criteria.responses import PdCause, ResponseVisit, resolved
from spinereview.criteria.responses_of_recist import responses_of
from spinereview.domain.assessment import Reason
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.schedule import Event, EventKind, PlannedVisit, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue


def visit(timepoint, state, *, nodal=False, non_target=None, new=None, **more):
    measured = not isinstance(state, LesionState)
    target = TargetValue(
        lesion="T1",
        state=LesionState.MEASURED if measured else state,
        mm=Decimal(state) if measured else None,
        nodal=nodal,
    )
    return TargetVisit(
        timepoint=timepoint,
        targets=Table({"T1": target}),
        non_targets=Table({} if non_target is None else {"NT1": NonTargetValue(lesion="NT1", state=non_target)}),
        new=Table({} if new is None else {"N1": NewValue(lesion="N1", status=new)}),
        **more,
    )


def seen(*visits):
    given = Input(visits=visits)
    return responses_of(given, assess(given, Settings()))


def best(responses):
    days = Table({one.timepoint: VisitDays(scan_days=(60 * at,)) for at, one in enumerate(responses, start=1)})
    schedule = Schedule(anchors=Table({"RANDOMISATION": 0}), visits=days)
    return assess_best(BestInput(visits=responses, schedule=schedule), BestSettings())["best_response"].outcome


def test_a_progression_says_what_it_rests_on():
    after = [
        visit("FU1", 30, non_target=LesionState.PRESENT),
        visit("FU2", 60, non_target=LesionState.UNEQUIVOCAL_PD, new=NewStatus.YES),
    ]
    first, second = seen(visit("BL", 50, non_target=LesionState.PRESENT), *after)
    assert (first.response, first.pd_causes) == (OverallResponse.PR, frozenset())
    assert (second.response, second.pd_causes) == (OverallResponse.PD, frozenset(PdCause))


def test_a_guarded_node_and_a_lesion_that_may_be_new_are_told():
    absent = LesionState.ABSENT
    listed = seen(
        visit("BL", 20, nodal=True),
        visit("FU1", 8, nodal=True),
        visit("FU2", 11, nodal=True),
        visit("FU3", absent, nodal=True, new=NewStatus.EQUIVOCAL),
    )
    assert [one.response for one in listed] == [OverallResponse.CR] * 3
    assert [one.guarded for one in listed] == [False, True, False]
    assert [one.equivocal_new for one in listed] == [False, False, True]


def test_amended_responses_are_told():
    decided = Decisions(after_cr=AfterCr.AMEND_CR_TO_PR)
    listed = seen(visit("BL", 20), visit("FU1", LesionState.ABSENT), visit("FU2", 4, decisions=decided))
    assert [one.response for one in listed] == [OverallResponse.PR] * 2
    assert [one.amended for one in listed] == [True, False]


def test_all_targets_removed_is_adequate():
    removed = LesionState.TREATED_BY_PROTOCOL
    for non_target, adequate in ((LesionState.ABSENT, True), (LesionState.NE, False), (None, True)):
        baseline = None if non_target is None else LesionState.PRESENT
        (one,) = seen(visit("BL", 20, non_target=baseline), visit("FU1", removed, non_target=non_target))
        assert (one.response, one.all_targets_removed) == (OverallResponse.NE, adequate)


def test_one_non_target_lesion_that_was_judged_is_enough_where_all_targets_are_removed():
    removed = visit("FU1", LesionState.TREATED_BY_PROTOCOL)
    for states, adequate in (
        ((LesionState.ABSENT, LesionState.NE), True),
        ((LesionState.NE, LesionState.TREATED_OFF), False),
        ((LesionState.NE, LesionState.TREATED_BY_PROTOCOL), False),
        ((LesionState.TREATED_BY_PROTOCOL, LesionState.TREATED_BY_PROTOCOL), True),
    ):
        listed = [
            replace(
                given,
                non_targets=Table(
                    {
                        key: NonTargetValue(lesion=key, state=state)
                        for key, state in zip(("K", "M"), states_of, strict=True)
                    }
                ),
            )
            for given, states_of in ((visit("BL", 20), (LesionState.PRESENT,) * 2), (removed, states))
        ]
        assert [one.all_targets_removed for one in seen(*listed)] == [adequate]


def test_the_response_of_the_targets_is_told():
    (one,) = seen(visit("BL", 50), visit("FU1", 30))
    assert one.target is TargetResponse.PR
    waiting = replace(
        visit("FU1", 30),
        closed=False,
        targets=Table({"T1": TargetValue(lesion="T1", state=None, problem=Reason(code="STATE_MISSING"))}),
    )
    (one,) = seen(visit("BL", 50), waiting)
    assert one.target is None


def test_a_lesion_that_may_be_new_is_told_whatever_the_outcome_is_called():
    (one,) = seen(visit("BL", 20), visit("FU1", 20, new=NewStatus.EQUIVOCAL, missing_regions=("LUMBAR",)))
    assert (one.response, one.equivocal_new) == (OverallResponse.NE, True)
    technique = NewValue(lesion="N1", status=NewStatus.EQUIVOCAL, only_by_technique=True)
    (one,) = seen(visit("BL", 20), replace(visit("FU1", 20), new=Table({"N1": technique})))
    assert (one.response, one.equivocal_new) == (OverallResponse.SD, True)
    (one,) = seen(visit("BL", 20), visit("FU1", 20, new=NewStatus.NO))
    assert not one.equivocal_new


def test_a_region_that_was_not_scanned_makes_a_visit_unreadable():
    (one,) = seen(visit("BL", 20), visit("FU1", 20, missing_regions=("LUMBAR",)))
    assert (one.response, one.readable) == (OverallResponse.NE, False)


def test_an_open_visit_has_no_response():
    open_visit = replace(
        visit("FU1", 20, new=None), closed=False, new=Table({"N1": NewValue(lesion="N1", status=None)})
    )
    (one,) = seen(visit("BL", 20), open_visit)
    assert one.response is None


def test_disease_after_a_complete_response_stays_the_progression_that_recist_made_it():
    listed = seen(visit("BL", 20), visit("FU1", LesionState.ABSENT), visit("FU2", 2), visit("FU3", 2))
    assert [one.response for one in listed] == [OverallResponse.CR, OverallResponse.PD, OverallResponse.PR]
    assert best(listed) == "CR"
    assert best(listed[1:]) == "PD"


def test_an_amended_complete_response_is_neither_guarded_nor_anything_else_changed():
    words = (OverallResponse.SD, OverallResponse.CR, OverallResponse.CR, OverallResponse.PR)
    given = [
        ResponseVisit(
            timepoint=f"FU{at}",
            response=word,
            guarded=at == 3,
            after_cr=AfterCr.AMEND_CR_TO_PR if at == 4 else None,
        )
        for at, word in enumerate(words, start=1)
    ]
    listed, reappeared = resolved(given)
    assert [one.response.value for one in listed] == ["SD", "PR", "PR", "PR"]
    assert [one.amended for one in listed] == [False, True, True, False]
    assert [one.guarded for one in listed] == [False] * 4
    assert reappeared == frozenset()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: VisitDays(scan_days=(1,), target_days=(2,)), "SCAN_DAY_NOT_OF_VISIT"),
        (lambda: VisitDays(scan_days=(1,), new_day=2), "SCAN_DAY_NOT_OF_VISIT"),
        (lambda: VisitDays(earliest=2, latest=1), "SCAN_DAYS_REVERSED"),
        (lambda: PlannedVisit(name="FU1", day=7, minus=-1), "VISIT_WINDOW_NEGATIVE"),
        (lambda: Schedule(anchors=Table({"BIRTH": 0})), "ANCHOR_UNKNOWN"),
        (lambda: Schedule(events=(Event(kind=EventKind.DEATH, day=1),) * 2), "DEATH_TWICE"),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(make, code):
    with pytest.raises(InvalidValue) as raised:
        make()
    assert raised.value.code == code


def test_the_day_of_a_visit_is_that_of_its_last_scan():
    days = VisitDays(scan_days=(12, 9, 10), target_days=(9,), new_day=10)
    assert (days.day, VisitDays().day, VisitDays(earliest=1, latest=1).day) == (12, None, None)
