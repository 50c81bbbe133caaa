"""The days of a clinical record and those of a schedule, put on one count.

A record counts days from a day of its own, a schedule often from a calendar. What both know, the day of an anchor, says how
far the two counts lie apart; without it they are not compared.
"""

from __future__ import annotations

from dataclasses import replace

from spinereview.domain.checks import require
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import DAY
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, PlannedVisit, Schedule, VisitDays
from spinereview.domain.table import Table

_ANCHORS = frozenset(anchor.value for anchor in Anchor)


def days_apart(record: ClinicalRecord, schedule: Schedule) -> int | None:
    """Day of the schedule that is day 0 of the record; None where the record has no day at all.

    Raises
    ------
    InvalidValue
        ``RECORD_DAYS_APART`` where no anchor has a day in both; ``SCHEDULE_ANCHOR_DIFFERS`` where two anchors lie apart
        differently in the two.
    """
    known = {
        event.kind.value: event.day
        for event in record.events.values()
        if event.kind.value in _ANCHORS and event.day is not None and event.kind.value in schedule.anchors
    }
    counted = any(event.day is not None for event in record.events.values())
    if not counted and not any(DAY in answers for answers in record.visits.values()):
        return None
    require(holds=bool(known), code="RECORD_DAYS_APART", allowed=", ".join(Anchor))
    first, *others = known
    zero = schedule.anchors[first] - known[first]
    for anchor in others:
        there = schedule.anchors[anchor] - zero
        same = there == known[anchor]
        require(holds=same, code="SCHEDULE_ANCHOR_DIFFERS", anchor=anchor, schedule=there, record=known[anchor])
    return zero


def counted_from(schedule: Schedule, zero: int) -> Schedule:
    """The same schedule with another day 0."""

    def day(value: int | None) -> int | None:
        return None if value is None else value - zero

    def days(one: VisitDays) -> VisitDays:
        return VisitDays(
            scan_days=tuple(value - zero for value in one.scan_days),
            earliest=day(one.earliest),
            latest=day(one.latest),
            target_days=tuple(value - zero for value in one.target_days),
            non_target_day=day(one.non_target_day),
            new_day=day(one.new_day),
        )

    def planned(one: PlannedVisit) -> PlannedVisit:
        return replace(one, day=one.day - zero)

    def event(one: Event) -> Event:
        return replace(one, day=day(one.day))

    return Schedule(
        anchors=Table({name: value - zero for name, value in schedule.anchors.items()}),
        visits=Table({name: days(one) for name, one in schedule.visits.items()}),
        planned=tuple(map(planned, schedule.planned)),
        events=tuple(map(event, schedule.events)),
        cut_off=day(schedule.cut_off),
    )
