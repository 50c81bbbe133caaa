"""From a clinical record to the clinical criteria and to the schedule: the baseline is named, nothing missing is made up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.clinical import (
    function_evidence,
    pain_evidence,
    questionnaires_evidence,
    schedule_with,
    sins_with_pain,
    visits_in_order,
)
from spinereview.criteria.neurology import Settings as NeurologySettings
from spinereview.criteria.neurology import assess as assess_neurology
from spinereview.criteria.pain import Settings as PainSettings
from spinereview.criteria.pain import assess as assess_pain
from spinereview.criteria.questionnaires.assess import assess as assess_questionnaires
from spinereview.criteria.questionnaires.values import Settings as QuestionnairesSettings
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import LevelItems, SinsVisit
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, Timepoint, TreatedSite
from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind, ClinicalRecord
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, EventKind, PlannedVisit, Schedule, VisitDays
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import explain

E = ClinicalEventKind
CASE = Case(
    id="c",
    subject_code="S",
    protocol_sha256="0" * 64,
    timepoints=Table(
        {
            "t1": Timepoint(id="t1", label="BL", ordinal=0, visit="SCREENING"),
            "t0": Timepoint(id="t0", label="FU1", ordinal=1, visit="M3"),
        }
    ),
    treated_sites=Table({"S1": TreatedSite(id="S1", site=Site(organ="BONE", location="VERTEBRA L2"))}),
)


def record(events=(), **visits):
    def answers(items):
        return Table({item: Answer(value=value, basis=AnswerBasis.ENTERED) for item, value in items.items()})

    return ClinicalRecord(
        id="cr",
        subject_code="S",
        visits=Table({name: answers(items) for name, items in visits.items()}),
        events=Table({f"E{at:02}": event for at, event in enumerate(events, start=1)}),
    )


def pain(worst, omed):
    return {"NRS_WORST": Decimal(worst), "OMED": Decimal(omed)}


DAYS = Schedule(
    anchors=Table({"RT_END": 0}),
    visits=Table({"BL": VisitDays(scan_days=(-7,)), "W12": VisitDays(scan_days=(84,))}),
    planned=(PlannedVisit(name="W4", day=28),),
)


def test_the_named_baseline_stands_first_also_where_nothing_was_recorded_of_it():
    said = record(W4=pain(4, 10), W12=pain(0, 10))
    visits = visits_in_order(said, "BL", CASE, DAYS)
    assert visits == ("BL", "W4", "W12")
    found = assess_pain(pain_evidence(said, visits, DAYS, Anchor.RT_END), PainSettings())
    assert (found["W12/pain"].outcome, found["W12/pain_only"].outcome) == ("NE", "NE")
    assert [one.args["visit"] for one in found["W12/pain"].missing] == ["BL", "BL"]


def test_pain_of_the_record_is_answered_with_its_place_in_it():
    said = record(BL=pain(7, 40), W12=pain(0, 40))
    found = assess_pain(
        pain_evidence(said, visits_in_order(said, "BL", CASE, DAYS), DAYS, Anchor.RT_END), PainSettings()
    )
    assert (found["W12/pain"].outcome, found["pain/primary"].outcome) == ("CR", "CR")
    assert found["W12/pain"].because[0].refs == (("visits", "BL"), ("visits", "W12"))


def test_no_opioid_is_0_and_an_opioid_that_was_not_asked_for_is_missing():
    said = record(BL={"NRS_WORST": Decimal(7), "OMED": Decimal(0)}, W12={"NRS_WORST": Decimal(0)})
    given = pain_evidence(said, ("BL", "W12"), None, Anchor.RT_END)
    assert [visit.omed_mg for visit in given.visits] == [0, None]


def test_visits_are_ordered_by_the_case_else_by_days_and_those_before_the_baseline_left_out():
    assert visits_in_order(record(t0={}, t1={}), "t1", CASE, None) == ("t1", "t0")
    assert visits_in_order(record(M3={}, SCREENING={}), "SCREENING", CASE, None) == ("SCREENING", "M3")
    assert visits_in_order(record(M3={}, SCREENING={}), "M3", CASE, None) == ("M3",)
    assert visits_in_order(record(BL={}, W12={}, W4={}), "W4", CASE, DAYS) == ("W4", "W12")


@pytest.mark.parametrize(("schedule", "visit"), [(None, "W4"), (DAYS, "W99")])
def test_a_visit_that_nobody_can_place_is_refused_by_name(schedule, visit):
    with pytest.raises(InvalidValue, match="RECORD_ORDER_UNKNOWN") as raised:
        visits_in_order(record(**{visit: {}, "BL": {}}), visit, CASE, schedule)
    assert "{" not in explain(raised.value)


def test_questionnaires_and_grades_of_the_record_are_answered():
    said = record(
        BL={
            "FRANKEL": "E",
            "ECOG": "1",
            "BPI_WORST": Decimal(8),
            "FACTG_TOTAL": Decimal("70.5"),
            "HISTOLOGY": "BREAST",
            "OMED": Decimal(40),
        },
        W12={"FRANKEL": "C", "ECOG": "2", "BPI_WORST": Decimal(4)},
    )
    forms = assess_questionnaires(questionnaires_evidence(said, ("BL", "W12")), QuestionnairesSettings())
    assert set(forms) == {"BL/bpi", "BL/fact_g", "W12/bpi"}
    assert set(questionnaires_evidence(said, ("BL",)).visits[0].answers) == {"BPI_WORST", "FACTG_TOTAL"}
    assert forms["BL/fact_g"].values["total"] == Decimal("70.5")
    grades = assess_neurology(function_evidence(said, ("BL", "W12")), NeurologySettings())
    assert (grades["W12/frankel"].outcome, grades["W12/ecog"].outcome) == ("UNCONFIRMED", "2")
    seen = assess_neurology(function_evidence(said, ("BL", "W12"), frozenset({"W12"})), NeurologySettings())
    assert seen["W12/frankel"].outcome == "WORSENED"


@pytest.mark.parametrize(("item", "value"), [("NRS_WORST", Decimal(11)), ("NO_ITEM", Decimal(1)), ("ECOG", None)])
def test_an_answer_that_cannot_be_is_refused_and_never_left_out(item, value):
    with pytest.raises(InvalidValue, match="RECORD_ANSWER") as raised:
        pain_evidence(record(BL={item: value}), ("BL",), None, Anchor.RT_END)
    assert "{" not in explain(raised.value)


def sins(**answers):
    items = {"BONE_LESION": "LYTIC", "ALIGNMENT": "NORMAL", "COLLAPSE": "NONE", "POSTEROLATERAL": "NONE", **answers}
    return SinsInput(
        visits=(SinsVisit(timepoint="t1", levels=Table({"L1": LevelItems(level=Level.L1, answers=Table(items))})),)
    )


@pytest.mark.parametrize(
    ("visits", "answers", "low", "high"),
    [
        ({"SCREENING": {"SINS_PAIN": "MECHANICAL"}}, {}, 8, 8),
        ({"t1": {"SINS_PAIN": "PAIN_FREE"}}, {}, 5, 5),
        ({"t1": {"SINS_PAIN": "PAIN_FREE"}}, {"PAIN": "MECHANICAL"}, 8, 8),
        ({"M3": {"SINS_PAIN": "MECHANICAL"}}, {}, 5, 8),
        ({}, {}, 5, 8),
    ],
)
def test_the_pain_of_sins_comes_from_the_record_of_its_own_visit_where_the_reader_has_none(visits, answers, low, high):
    found = assess_sins(sins_with_pain(sins(**answers), record(**visits), CASE), SinsSettings())["t1/sins"]
    assert (found.values["low"], found.values["high"]) == (low, high)


def event(kind, day, **more):
    return ClinicalEvent(kind=kind, day=day, **more)


def test_events_of_the_record_reach_the_schedule_with_the_site_that_they_concern():
    said = record(
        [
            event(E.SURGERY, 0),
            event(E.RT_END, None),
            event(E.NEW_THERAPY, 200),
            event(E.NEUROLOGICAL_DECLINE, 90, related_site="S1"),
            event(E.LOCAL_THERAPY, None, related_site="S9"),
            event(E.DEATH, 400, cause="PRIMARY_DISEASE"),
            event(E.ADVERSE_EVENT, 5, grade=3),
        ]
    )
    found = schedule_with(Schedule(), said, CASE)
    assert found.anchors == Table({"SURGERY": 0})
    assert set(found.events) == {
        Event(kind=EventKind.NEW_THERAPY, day=200),
        Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=90, treated_site=True),
        Event(kind=EventKind.LOCAL_THERAPY, day=None),
        Event(kind=EventKind.DEATH, day=400, cause="PRIMARY_DISEASE"),
    }
    assert schedule_with(found, said, CASE) == found


def test_a_schedule_and_a_record_that_contradict_each_other_are_refused():
    schedule = Schedule(anchors=Table({"SURGERY": 1}), events=(Event(kind=EventKind.DEATH, day=400),))
    for wrong, code in (
        (event(E.SURGERY, 0), "SCHEDULE_ANCHOR_DIFFERS"),
        (event(E.DEATH, 401), "SCHEDULE_DEATH_DIFFERS"),
    ):
        with pytest.raises(InvalidValue, match=code) as raised:
            schedule_with(schedule, record([wrong]), CASE)
        assert "{" not in explain(raised.value)
    caused = schedule_with(schedule, record([event(E.DEATH, 400, cause="TREATED_SEGMENT"), event(E.SURGERY, 1)]), CASE)
    assert caused.events == (Event(kind=EventKind.DEATH, day=400, cause="TREATED_SEGMENT"),)
    stated = replace(schedule, events=(Event(kind=EventKind.DEATH, day=400, cause="PRIMARY_DISEASE"),))
    assert schedule_with(stated, record([event(E.DEATH, 400)]), CASE) == stated
