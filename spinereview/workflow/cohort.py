"""A cohort: every subject and reader of a long table assessed by the criteria of a protocol, each with its own nadir."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Persistence
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.endpoints.rates import assess as assess_rates
from spinereview.criteria.endpoints.settings import Settings as EndpointSettings
from spinereview.criteria.endpoints.settings import endpoint_of
from spinereview.criteria.endpoints.values import GroupInput
from spinereview.criteria.entered import assess as assess_entered
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.responses import MISSING, ResponseVisit
from spinereview.criteria.responses_of_recist import responses_of
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.table import Table
from spinereview.errors import UsageError
from spinereview.workflow.cohort_events import SubjectEvents, read_events
from spinereview.workflow.cohort_input import RULE, Prepared, prepare, schedule_of
from spinereview.workflow.cohort_sites import local_control, with_local
from spinereview.workflow.cohort_table import is_cohort_table, read_cohort_table
from spinereview.workflow.dated import dated_answers, endpoints_of
from spinereview.workflow.table_file import RowFault, columns_of

_SQLITE = b"SQLite format 3\0"

NOT_IN_TABLE = {
    "LCR": "COHORT_WITHOUT_LCR",
    "VCF_INCIDENCE": "COHORT_WITHOUT_VCF",
    "PAIN_RESPONSE": "COHORT_WITHOUT_PAIN",
    "SCORE_CHANGE": "COHORT_WITHOUT_SCORES",
}
"""Measures that the rows of a cohort, which are lesions, do not answer, and the code of what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAnswers:
    """Assessments of one subject by one reader; ``visits`` in their order, the baseline first.

    ``refused`` is the wrong row without which nothing true can be said; then there are no assessments.
    """

    subject: str
    reader: str
    visits: tuple[str, ...]
    prepared: Prepared
    assessments: Table[Assessment]
    refused: RowFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Answers of all subjects, rates by reader over the subjects that he read, and the rows that are wrong."""

    protocol: Protocol
    answers: tuple[SubjectAnswers, ...]
    rates: Table[Table[Assessment]]
    faults: tuple[RowFault, ...]


def is_cohort(path: Path) -> bool:
    """Whether a file is a cohort table and no read, by its content.

    Raises
    ------
    UsageError
        ``ASSESS_NEITHER`` where it is neither.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            return False
    if not is_cohort_table(columns_of(path)):
        raise UsageError("ASSESS_NEITHER", file=path)
    return True


@contextmanager
def _without_search_for_cycles() -> Iterator[None]:
    """Hold the search for cycles back: a cohort makes none, and the search would go through all of it time and again."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


@_without_search_for_cycles()
def assess_cohort(table: Path, protocol: Protocol, events: Path | None = None) -> Cohort:
    """Assess a table, with what happened to the subjects where that is given.

    Raises
    ------
    CaseError
        ``TABLE_...`` where a file or its heading cannot be used.
    """
    read = read_cohort_table(table)
    happened: Mapping[str, SubjectEvents] = {}
    faults, readings = list(read.faults), dict(read.readings)
    del read
    if events is not None:
        happened, wrong = read_events(events, {subject for subject, _ in readings})
        faults += wrong
    answers = []
    groups: dict[str, dict[str, Responses]] = {}
    for key in tuple(readings):
        # The rows of a subject are let go before the next one: of a large cohort they are a third of the memory.
        reading = readings.pop(key)
        prepared = prepare(reading)
        faults += prepared.faults
        events_of = happened.get(reading.subject)
        given, by_visit = _responses(prepared, events_of, protocol)
        groups.setdefault(reading.reader, {})[reading.subject] = given
        answers.append(
            SubjectAnswers(
                subject=reading.subject,
                reader=reading.reader,
                visits=tuple(visit.timepoint for visit in prepared.given.visits),
                prepared=prepared,
                assessments=Table({} if prepared.refused else {**by_visit, **dated_answers(given, by_visit, protocol)}),
                refused=prepared.refused,
            )
        )
    return Cohort(
        protocol=protocol,
        answers=tuple(answers),
        rates=Table({reader: _rates(Table(subjects), protocol) for reader, subjects in groups.items()}),
        faults=tuple(faults),
    )


def _responses(
    prepared: Prepared, events: SubjectEvents | None, protocol: Protocol
) -> tuple[Responses, Table[Assessment]]:
    """What the engines that need days are given, and the answers at each visit that it comes from."""
    if prepared.refused is not None:
        # In the group, and nobody can say what: a visit that has no response yet.
        return Responses(visits=(ResponseVisit(timepoint=Id("?"), response=None),)), Table()
    recist = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    by_visit = assess_entered(prepared.given, recist)
    baseline = prepared.given.visits[0]
    schedule = schedule_of(prepared, events, protocol)
    local = local_control(prepared, by_visit, schedule, recist, protocol)
    given = Responses(
        visits=with_local(responses_of(prepared.given, by_visit), local, protocol),
        targets_at_baseline=bool(baseline.targets),
        disease_at_baseline=bool(baseline.targets or baseline.non_targets),
        schedule=schedule,
        pr_persistence=Persistence(recist.pr_persistence),
    )
    return given, Table({**by_visit, **local})


def _rates(subjects: Table[Responses], protocol: Protocol) -> Table[Assessment]:
    best = BestSettings.parse(protocol.criteria.get("best_response", Table()))
    times = EndpointSettings.parse(protocol.criteria.get("endpoints", Table()))
    found: dict[str, Assessment] = {}
    for name, values in endpoints_of(protocol).items():
        measure = str(values.get("measure", "ORR"))
        if measure in NOT_IN_TABLE:
            found["/".join(filter(None, [name, measure.lower()]))] = _unanswered(measure)
        if measure not in {"ORR", "DCR"}:
            continue
        group = GroupInput(subjects=subjects, endpoint=endpoint_of(values), best_response=best)
        for key, answer in assess_rates(group, times).items():
            found["/".join(filter(None, [name, key]))] = answer
    return Table(found)


def _unanswered(measure: str) -> Assessment:
    return Assessment(
        criterion="endpoints",
        scope=(measure.lower(),),
        outcome=MISSING,
        missing=(Reason(code=NOT_IN_TABLE[measure], rule=RULE),),
    )
