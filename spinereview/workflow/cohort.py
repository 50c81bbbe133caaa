"""A cohort: every subject and reader of a long table assessed by the criteria of a protocol, each with its own nadir."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spinereview.criteria import parsers
from spinereview.criteria.best_response import Input as BestInput
from spinereview.criteria.best_response import Persistence
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.entered import assess as assess_entered
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.responses_of_recist import responses_of
from spinereview.domain.assessment import Assessment
from spinereview.domain.protocol import Protocol
from spinereview.domain.table import Table
from spinereview.errors import UsageError
from spinereview.resources import protocols
from spinereview.storage.protocols import load_protocol
from spinereview.workflow.cohort_events import SubjectEvents, read_events
from spinereview.workflow.cohort_input import Prepared, prepare, schedule_of
from spinereview.workflow.cohort_table import ReaderRows, is_cohort_table, read_cohort_table
from spinereview.workflow.table_file import RowFault, columns_of

_SQLITE = b"SQLite format 3\0"
GENERIC = "generic"


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
    """Answers of all subjects, and the rows that are wrong."""

    protocol: Protocol
    answers: tuple[SubjectAnswers, ...]
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


def protocol_named(name: str | None) -> Protocol:
    """Protocol of a file, or of the program by its name.

    Raises
    ------
    UsageError
        ``PROTOCOL_NAME_NOT_KNOWN``.
    ProtocolError
        The file is no protocol.
    """
    own = {path.stem: path for path in protocols()}
    wanted = name or GENERIC
    path = own.get(wanted, Path(wanted))
    if not path.is_file():
        raise UsageError("PROTOCOL_NAME_NOT_KNOWN", name=wanted, allowed=", ".join(own))
    return load_protocol(path, parsers())


def assess_cohort(table: Path, protocol: Protocol, events: Path | None = None) -> Cohort:
    """Assess a table, with what happened to the subjects where that is given.

    Raises
    ------
    CaseError
        ``TABLE_...`` where a file or its heading cannot be used.
    """
    read = read_cohort_table(table)
    happened: Mapping[str, SubjectEvents] = {}
    faults = list(read.faults)
    if events is not None:
        happened, wrong = read_events(events, {subject for subject, _ in read.readings})
        faults += wrong
    answers = []
    for reading in read.readings.values():
        prepared = prepare(reading)
        faults += prepared.faults
        answers.append(_answers(reading, prepared, happened.get(reading.subject), protocol))
    return Cohort(protocol=protocol, answers=tuple(answers), faults=tuple(faults))


def _answers(
    reading: ReaderRows, prepared: Prepared, events: SubjectEvents | None, protocol: Protocol
) -> SubjectAnswers:
    found: dict[str, Assessment] = {}
    if prepared.refused is None:
        found = _assessed(prepared, events, protocol)
    return SubjectAnswers(
        subject=reading.subject,
        reader=reading.reader,
        visits=tuple(visit.timepoint for visit in prepared.given.visits),
        prepared=prepared,
        assessments=Table(found),
        refused=prepared.refused,
    )


def _assessed(prepared: Prepared, events: SubjectEvents | None, protocol: Protocol) -> dict[str, Assessment]:
    recist = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    by_visit = assess_entered(prepared.given, recist)
    baseline = prepared.given.visits[0]
    schedule = schedule_of(prepared, events, protocol)
    best = BestInput(
        visits=responses_of(prepared.given, by_visit),
        targets_at_baseline=bool(baseline.targets),
        disease_at_baseline=bool(baseline.targets or baseline.non_targets),
        schedule=schedule,
        pr_persistence=Persistence(recist.pr_persistence),
    )
    settings = BestSettings.parse(protocol.criteria.get("best_response", Table()))
    return {**by_visit, **assess_best(best, settings)}
