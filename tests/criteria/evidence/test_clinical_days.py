"""Days of a clinical record and days of a schedule: put on one count by an anchor that both have, else refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.clinical_days import counted_from, days_apart
from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind, ClinicalRecord
from spinereview.domain.schedule import Event, EventKind, PlannedVisit, Schedule, VisitDays
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue


def test_days_of_visits_alone_cannot_be_put_on_the_count_of_a_schedule():
    schedule = Schedule(anchors=Table({"SURGERY": 1000}))

    def record(**answers):
        given = {item: Answer(value=value, basis=AnswerBasis.ENTERED) for item, value in answers.items()}
        return ClinicalRecord(id="cr", subject_code="S", visits=Table({"BL": Table(given)}))

    assert days_apart(record(ECOG=Decimal(1)), schedule) is None
    with pytest.raises(InvalidValue, match="RECORD_DAYS_APART"):
        days_apart(record(DAY=Decimal(-3)), schedule)


def test_two_anchors_that_lie_apart_differently_are_refused():
    def happened(kind, day):
        return ClinicalEvent(kind=kind, day=day)

    events = {"E01": happened(ClinicalEventKind.SURGERY, 0), "E02": happened(ClinicalEventKind.RT_END, 30)}
    record = ClinicalRecord(id="cr", subject_code="S", events=Table(events))
    assert days_apart(record, Schedule(anchors=Table({"SURGERY": 1000, "RT_END": 1030}))) == 1000
    later = ClinicalRecord(id="cr", subject_code="S", events=Table({"E01": happened(ClinicalEventKind.SURGERY, 10)}))
    assert days_apart(later, Schedule(anchors=Table({"SURGERY": 1000}))) == 990
    with pytest.raises(InvalidValue) as raised:
        days_apart(record, Schedule(anchors=Table({"SURGERY": 1000, "RT_END": 1031})))
    assert raised.value.code == "SCHEDULE_ANCHOR_DIFFERS"
    assert (raised.value.arguments["schedule"], raised.value.arguments["record"]) == ("31", "30")
    assert days_apart(replace(record, events=Table()), Schedule()) is None


def test_every_day_of_a_schedule_is_counted_anew():
    before = Schedule(
        anchors=Table({"SURGERY": 100}),
        visits=Table(
            {
                "BL": VisitDays(scan_days=(90, 91), target_days=(90,), non_target_day=91, new_day=91),
                "FU1": VisitDays(earliest=190, latest=200),
            }
        ),
        planned=(PlannedVisit(name="M3", day=191, minus=14, plus=14),),
        events=(Event(kind=EventKind.DEATH, day=300), Event(kind=EventKind.NEW_THERAPY, day=None)),
        cut_off=400,
    )
    assert counted_from(before, 100) == Schedule(
        anchors=Table({"SURGERY": 0}),
        visits=Table(
            {
                "BL": VisitDays(scan_days=(-10, -9), target_days=(-10,), non_target_day=-9, new_day=-9),
                "FU1": VisitDays(earliest=90, latest=100),
            }
        ),
        planned=(PlannedVisit(name="M3", day=91, minus=14, plus=14),),
        events=(Event(kind=EventKind.DEATH, day=200), Event(kind=EventKind.NEW_THERAPY, day=None)),
        cut_off=300,
    )
