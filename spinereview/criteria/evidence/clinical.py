"""From a clinical record to what the clinical criteria are given, and to the schedule of whoever knows days.

The baseline is named by the caller and always stands first, also where nothing was recorded of it: the first visit with an
answer is never taken for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from spinereview.criteria.neurology import FunctionVisit
from spinereview.criteria.neurology import Input as FunctionInput
from spinereview.criteria.pain import Input as PainInput
from spinereview.criteria.pain import PainVisit
from spinereview.criteria.questionnaires.values import FormVisit
from spinereview.criteria.questionnaires.values import Input as QuestionnairesInput
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import Item
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.checks import require
from spinereview.domain.clinical import ClinicalEventKind, ClinicalRecord
from spinereview.domain.clinical_items import ITEMS, QUESTIONNAIRE_ITEMS
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, EventKind, Schedule
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table
from spinereview.domain.variable import Value
from spinereview.errors import InvalidValue

_SCHEDULED = frozenset(kind.value for kind in EventKind)
_ANCHORS = frozenset(anchor.value for anchor in Anchor)


def answers_of(record: ClinicalRecord, visit: str) -> Mapping[str, Value]:
    """Answers of a visit by item, typed; an item without an answer is not there.

    Raises
    ------
    InvalidValue
        ``RECORD_ANSWER`` where an item does not exist or cannot have its answer.
    """
    found: dict[str, Value] = {}
    for item, answer in record.visits.get(visit, Table[Answer]()).items():
        typed = ITEMS[item].typed(answer.value) if item in ITEMS else None
        if typed is None:
            raise InvalidValue("RECORD_ANSWER", visit=visit, item=item, value=answer.value)
        found[item] = typed
    return found


def visits_in_order(record: ClinicalRecord, baseline: Id, case: Case, schedule: Schedule | None) -> tuple[Id, ...]:
    """The baseline, then the visits of the record after it: in the order of the case, else of the days.

    Raises
    ------
    InvalidValue
        ``RECORD_ORDER_UNKNOWN`` where a visit is no timepoint of the case and nobody knows its day.
    """
    names = {*record.visits, baseline}
    ordinals = {name: at for name in names if (at := _ordinal(case, name)) is not None}
    place = ordinals if len(ordinals) == len(names) else {name: _day(name, schedule) for name in names}
    return tuple(
        Id(name) for name in sorted(names, key=lambda name: (place[name], name)) if place[name] >= place[baseline]
    )


def pain_evidence(record: ClinicalRecord, visits: Sequence[Id], schedule: Schedule | None, anchor: Anchor) -> PainInput:
    """Worst pain and opioids of the visits."""
    listed = []
    for visit in visits:
        answers = answers_of(record, visit)
        pain, omed = answers.get("NRS_WORST"), answers.get("OMED")
        listed.append(
            PainVisit(
                timepoint=visit,
                worst_pain=int(pain) if isinstance(pain, Decimal) else None,
                omed_mg=omed if isinstance(omed, Decimal) else None,
                ref=("visits", visit),
            )
        )
    return PainInput(visits=tuple(listed), schedule=schedule, anchor=anchor)


def questionnaires_evidence(record: ClinicalRecord, visits: Sequence[Id]) -> QuestionnairesInput:
    """Items of the questionnaires of the visits."""
    return QuestionnairesInput(
        visits=tuple(
            FormVisit(
                timepoint=visit,
                answers=Table(
                    {
                        item: value
                        for item, value in answers_of(record, visit).items()
                        if item in QUESTIONNAIRE_ITEMS and isinstance(value, Decimal)
                    }
                ),
                ref=("visits", visit),
            )
            for visit in visits
        )
    )


def function_evidence(
    record: ClinicalRecord, visits: Sequence[Id], correlates: frozenset[Id] = frozenset()
) -> FunctionInput:
    """Neurological grades and ECOG of the visits; ``correlates`` are those whose imaging explains a fall."""
    listed = []
    for visit in visits:
        answers = answers_of(record, visit)
        listed.append(
            FunctionVisit(
                timepoint=visit,
                frankel=_word(answers, "FRANKEL"),
                ais=_word(answers, "AIS"),
                ecog=_word(answers, "ECOG"),
                imaging_correlate=visit in correlates,
                ref=("visits", visit),
            )
        )
    return FunctionInput(visits=tuple(listed))


def sins_with_pain(given: SinsInput, record: ClinicalRecord, case: Case) -> SinsInput:
    """SINS items with the pain of the record where the reader has none: a blinded reader is not told it.

    The record's pain is that of the patient and is taken for every level of the visit; the pain of the reader stays.
    """
    visits = []
    for visit in given.visits:
        timepoint = case.timepoints.get(visit.timepoint)
        pain = None if timepoint is None else _word(_at(record, timepoint), "SINS_PAIN")
        if pain is not None:
            levels = {
                key: one if Item.PAIN in one.answers else replace(one, answers=one.answers.with_(Item.PAIN, pain))
                for key, one in visit.levels.items()
            }
            visit = replace(visit, levels=Table(levels))  # noqa: PLW2901  # the visit with its pain, under its own name
        visits.append(visit)
    return replace(given, visits=tuple(visits))


def schedule_with(schedule: Schedule, record: ClinicalRecord, case: Case) -> Schedule:
    """A schedule with the events of the record, and the days that it counts from.

    Raises
    ------
    InvalidValue
        ``SCHEDULE_ANCHOR_DIFFERS``, ``SCHEDULE_DEATH_DIFFERS`` where the two contradict each other.
    """
    anchors = dict(schedule.anchors)
    events = list(schedule.events)
    for event in record.events.values():
        kind = event.kind.value
        if kind in _ANCHORS and event.day is not None:
            there = anchors.setdefault(kind, event.day)
            same = there == event.day
            require(holds=same, code="SCHEDULE_ANCHOR_DIFFERS", anchor=kind, schedule=there, record=event.day)
        if kind not in _SCHEDULED:
            continue
        site = event.related_site is not None and event.related_site in case.treated_sites
        added = Event(kind=EventKind(kind), day=event.day, cause=event.cause, treated_site=site)
        if event.kind is ClinicalEventKind.DEATH and (deaths := schedule.of_kind(EventKind.DEATH)):
            days = {"schedule": deaths[0].day, "record": event.day}
            require(holds=deaths[0].day == event.day, code="SCHEDULE_DEATH_DIFFERS", **days)
            events = [added if one is deaths[0] and not one.cause else one for one in events]
        elif added not in events:
            events.append(added)
    return replace(schedule, anchors=Table(anchors), events=tuple(events))


def _ordinal(case: Case, name: str) -> int | None:
    return next((one.ordinal for one in case.in_order if name in (one.id, one.visit)), None)


def _day(name: str, schedule: Schedule | None) -> int:
    if schedule is not None:
        day = schedule.day_of(Id(name))
        planned = next((visit.day for visit in schedule.planned if visit.name == name), None)
        found = planned if day is None else day
        if found is not None:
            return found
    raise InvalidValue("RECORD_ORDER_UNKNOWN", visit=name)


def _at(record: ClinicalRecord, timepoint: Timepoint) -> Mapping[str, Value]:
    """Answers of a timepoint, recorded under its own id or under the name of its visit."""
    if timepoint.id in record.visits or timepoint.visit is None:
        return answers_of(record, timepoint.id)
    return answers_of(record, timepoint.visit)


def _word(answers: Mapping[str, Value], item: str) -> str | None:
    value = answers.get(item)
    return value if isinstance(value, str) else None
