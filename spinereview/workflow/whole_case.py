"""A whole case: a read, the clinical record of its subject and the schedule, joined where all three may be known.

That is the coordinator, or one person in an open case; a blinded reader holds no record and no schedule, so that he gets no
more here than from his read. Results that need days say ``missing: SCHEDULE`` where there is no schedule. Days count from
the record's own day 0 where it has one, else from the first anchor of the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Persistence
from spinereview.criteria.evidence.clinical import schedule_with, sins_with_pain
from spinereview.criteria.evidence.clinical_days import counted_from, days_apart
from spinereview.criteria.evidence.sins import evidence as sins_evidence
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.recist.assess import assess as assess_recist
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import Input as RecistInput
from spinereview.criteria.responses import ResponseVisit
from spinereview.criteria.responses_of_recist import responses_of
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.assessment import Assessment
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.protocol import Protocol
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table
from spinereview.report.facts import ReadFacts
from spinereview.report.tables import words
from spinereview.text import sentence
from spinereview.workflow.answers import as_json as read_as_json
from spinereview.workflow.answers import as_text as read_as_text
from spinereview.workflow.answers import looking_at
from spinereview.workflow.assessments import recist_input
from spinereview.workflow.case_schedule import read_schedule
from spinereview.workflow.case_sites import fracture_windows_of, local_control_of
from spinereview.workflow.clinical import record_author
from spinereview.workflow.clinical_folder import RecordCase, looking_at_record
from spinereview.workflow.clinical_scores import Derived, derived
from spinereview.workflow.cohort_events import planned_visits
from spinereview.workflow.cohort_sites import with_local
from spinereview.workflow.dated import dated_answers
from spinereview.workflow.reads import Workstation
from spinereview.workflow.table_file import RowFault, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeen:
    """A clinical record that was joined, and where its trail stood."""

    record: ClinicalRecord
    investigator: str
    trail_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCase:
    """What was joined, and all that follows.

    Parameters
    ----------
    facts
        The read as far as it may be seen, with what follows from it alone.
    schedule
        None where there is none, or a row of it is wrong.
    day_zero
        Date of day 0 of the schedule, ISO 8601; empty where there is no schedule.
    scores
        What follows from the record alone.
    assessments
        Of the read, of the record, and of both with the schedule.
    """

    facts: ReadFacts
    seen: RecordSeen | None = None
    schedule: Schedule | None = None
    day_zero: str = ""
    scores: Derived = field(default_factory=Derived)
    assessments: Table[Assessment] = field(default_factory=Table)
    faults: tuple[RowFault, ...] = ()


def whole_case(
    read: Path, record: Path | None = None, schedule: Path | None = None, workstation: Workstation | None = None
) -> WholeCase:
    """Join the files of a case; none of them is changed.

    Raises
    ------
    CaseError
        As :func:`~spinereview.workflow.answers.looking_at`; ``RECORD_OTHER_CASE``; ``TABLE_...``.
    InvalidValue
        ``RECORD_DAYS_APART``, ``SCHEDULE_ANCHOR_DIFFERS``, ``SCHEDULE_DEATH_DIFFERS``: the files contradict each other.
    """
    station = workstation or Workstation()
    with looking_at(read, station) as looked:
        file, facts = looked.file, looked.facts
        protocol = looked.session.protocol
    seen = None if record is None else _seen(record, RecordCase(case=file.case, protocol=protocol), station)
    if schedule is None:
        return _joined(WholeCase(facts=facts, seen=seen))
    table = read_schedule(schedule, file, protocol)
    if table.schedule is None:
        return _joined(WholeCase(facts=facts, seen=seen, faults=table.faults))
    counted, zero = _one_count(table.schedule, seen)
    return _joined(WholeCase(facts=facts, seen=seen, schedule=counted, day_zero=iso(zero), faults=table.faults))


def sins_of(whole: WholeCase) -> Table[Assessment]:
    """SINS of the read, with the pain of the record where the reader has none."""
    protocol, facts = whole.facts.seen.protocol, whole.facts
    fracture = FractureSettings.parse(protocol.criteria.get("fracture", Table()))
    given = sins_evidence(facts.read, facts.case, fracture)
    if whole.seen is not None:
        given = sins_with_pain(given, whole.seen.record, facts.case)
    return assess_sins(given, SinsSettings.parse(protocol.criteria.get("sins", Table())))


def as_json(whole: WholeCase) -> dict[str, object]:
    """Tree for JSON, by ``docs/assessment.schema.json``."""
    seen = whole.seen
    return {
        **read_as_json(replace(whole.facts, assessments=whole.assessments)),
        "clinical": None if seen is None else {"investigator": seen.investigator, "trail_head": seen.trail_head},
        "day_zero": whole.day_zero or None,
        "faults": [fault.words for fault in whole.faults],
    }


def as_text(whole: WholeCase) -> str:
    """Lines for people: each outcome with its sentences."""
    lines = [record_line(whole)]
    if whole.day_zero:
        lines.append(sentence("DAY_ZERO_IS", {"date": whole.day_zero}))
    if whole.scores.problem is not None:
        lines.append(sentence("RECORD_NOT_DERIVED", {"why": words(whole.scores.problem)}))
    return read_as_text(replace(whole.facts, assessments=whole.assessments), *lines)


def record_line(whole: WholeCase) -> str:
    """Which clinical record was joined."""
    if whole.seen is None:
        return sentence("RECORD_NONE")
    return sentence("RECORD_OF", {"investigator": whole.seen.investigator, "head": whole.seen.trail_head})


def _seen(path: Path, known: RecordCase, station: Workstation) -> RecordSeen:
    with looking_at_record(path, known, station) as session:
        return RecordSeen(record=session.head, investigator=record_author(path), trail_head=session.head_hash)


def _one_count(schedule: Schedule, seen: RecordSeen | None) -> tuple[Schedule, int]:
    """The schedule on the record's count of days, and the ordinal of day 0."""
    zero = None if seen is None else days_apart(seen.record, schedule)
    if zero is None:
        scans = [day for one in schedule.visits.values() for day in one.scan_days]
        zero = min(schedule.anchors.values(), default=min(scans, default=1))
    return counted_from(schedule, zero), zero


def _joined(whole: WholeCase) -> WholeCase:
    facts, seen, protocol = whole.facts, whole.seen, whole.facts.seen.protocol
    schedule = whole.schedule
    if seen is not None and schedule is not None:
        schedule = schedule_with(schedule, seen.record, facts.case)
        schedule = replace(schedule, planned=planned_visits(protocol, schedule.anchors))
    scores = Derived() if seen is None else derived(seen.record, facts.case, protocol, schedule)
    found = {**facts.assessments, **(sins_of(whole) if seen is not None else {}), **scores.assessments}
    found |= _with_days(facts, schedule, protocol)
    return replace(whole, schedule=schedule, scores=scores, assessments=Table(found))


def _with_days(facts: ReadFacts, schedule: Schedule | None, protocol: Protocol) -> dict[str, Assessment]:
    """Results of the read that need days; a timepoint whose response may not be seen yet has none."""
    recist = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    given = recist_input(facts.read, facts.case, protocol, recist)
    if not given.visits:
        return {}
    hidden = frozenset(one.timepoint for one in given.visits if not facts.seen.shows_change(one.timepoint))
    # A site whose visits are not all known would look controlled, a vertebra unbroken.
    local = Table() if hidden else local_control_of(facts.read, facts.case, facts.assessments, schedule, protocol)
    windows = {} if hidden else fracture_windows_of(facts.read, facts.case, schedule, protocol)
    baseline = given.visits[0]
    responses = Responses(
        visits=with_local(_responses(given, hidden, recist), local, protocol),
        targets_at_baseline=bool(baseline.targets),
        disease_at_baseline=bool(baseline.targets or baseline.non_targets),
        schedule=schedule,
        pr_persistence=Persistence(recist.pr_persistence),
    )
    return {**local, **dated_answers(responses, facts.assessments, protocol), **windows}


def _responses(given: RecistInput, hidden: frozenset[str], settings: RecistSettings) -> tuple[ResponseVisit, ...]:
    """Responses of the visits after the baseline; one that may not be seen yet has none.

    They follow from all that may be seen: a later word dates a progression back (RECIST 1.1, 4.3.5), whatever response
    stands as it was locked.
    """
    first, *later = given.visits
    shown = replace(given, visits=(first, *(visit for visit in later if visit.timepoint not in hidden)))
    found = {one.timepoint: one for one in responses_of(shown, assess_recist(shown, settings))}
    return tuple(
        found.get(visit.timepoint) or ResponseVisit(timepoint=visit.timepoint, label=visit.label, response=None)
        for visit in later
    )
