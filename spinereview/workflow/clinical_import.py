"""A table of an investigator into a clinical record: every row through the door, so that the trail is whole.

A row that is wrong is named and nothing of it is recorded; it stops no other. What the record says already is left alone, so
that a table that grows can be given again; what it says otherwise is corrected only where the row says why.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.errors import CaseError, Refused, UsageError
from spinereview.review.command import Command
from spinereview.review.commands.clinical import CorrectAnswer, CorrectEvent, RecordAnswer, RecordEvent
from spinereview.review.session import Session
from spinereview.text import sentence
from spinereview.workflow.clinical_rows import EventRow, VisitRow, has_dates, read_rows
from spinereview.workflow.table_file import RowFault, span_of

NOTE = "days_counted"
"""Note in the trail: from which date days were counted, as a hash by which another date is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a table: acts that were recorded, what stood there already, and the rows that are wrong."""

    recorded: int
    corrected: int
    unchanged: int
    faults: tuple[RowFault, ...]

    @property
    def text(self) -> str:
        """What became of it, in a sentence."""
        counts = {"recorded": self.recorded, "corrected": self.corrected, "unchanged": self.unchanged}
        wrong = {"wrong": str(len({fault.line for fault in self.faults}))}
        return sentence("RECORD_IMPORTED", {**{name: str(count) for name, count in counts.items()}, **wrong})


@dataclass(slots=True, kw_only=True)
class _Counts:
    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0


def import_table(session: Session[ClinicalRecord], table: Path, day_zero: str = "") -> Imported:
    """Record a table.

    Parameters
    ----------
    day_zero
        ISO date of the subject's day 0; empty: the table has days, not dates.

    Raises
    ------
    UsageError
        ``DAY_ZERO_INVALID``; ``DAY_ZERO_NEEDED`` where the table has dates.
    CaseError
        ``TABLE_...`` where the file or its heading cannot be used; ``DAY_ZERO_DIFFERS``.
    Refused
        ``SESSION_READ_ONLY``: the record is somebody else's, or cannot be written.
    """
    zero = _zero(session, table, day_zero)
    because = session.readonly_because
    if because is not None:
        raise Refused("SESSION_READ_ONLY", **{**because.arguments, "because": because.code}) from because
    rows = list(read_rows(table, zero))
    if zero is not None:
        _count_from(session, day_zero)
    counts = _Counts()
    faults: list[RowFault] = []
    for row in rows:
        if isinstance(row, list):
            faults += row
        elif isinstance(row, VisitRow):
            faults += _record_visit(session, row, counts)
        else:
            faults += _record_event(session, row, counts)
    return Imported(
        recorded=counts.recorded, corrected=counts.corrected, unchanged=counts.unchanged, faults=tuple(faults)
    )


def _zero(session: Session[ClinicalRecord], table: Path, day_zero: str) -> int | None:
    if not day_zero:
        if has_dates(table):
            raise UsageError("DAY_ZERO_NEEDED", file=table)
        return None
    days = span_of(day_zero)
    if days is None or days.day is None:
        raise UsageError("DAY_ZERO_INVALID", value=day_zero)
    said = {entry.args.get("sha256") for entry in session.history() if entry.name == NOTE}
    if said and _hash(session, day_zero) not in said:
        raise CaseError("DAY_ZERO_DIFFERS", file=table, value=day_zero)
    return days.day


def _count_from(session: Session[ClinicalRecord], day_zero: str) -> None:
    """Note the date once; the record has only the days that were counted from it."""
    if not any(entry.name == NOTE for entry in session.history()):
        session.note(NOTE, {"sha256": _hash(session, day_zero)})


def _hash(session: Session[ClinicalRecord], day_zero: str) -> str:
    return hashlib.sha256(f"spinereview.day.1\n{session.case.id}\n{day_zero}".encode()).hexdigest()


def _record_visit(session: Session[ClinicalRecord], row: VisitRow, counts: _Counts) -> list[RowFault]:
    """Record the answers of a row; none of them where one is refused."""
    known = frozenset(session.protocol.visits) | frozenset(session.case.timepoints)
    if row.visit not in known:
        allowed = ", ".join(sorted(known))
        return [row.line.fault("visit", "RECORD_VISIT_UNKNOWN", visit=row.visit, allowed=allowed)]
    there = session.head.visits.get(row.visit, Table())
    reason = row.line["reason"]
    new, other = [], []
    for item, value in row.answers.items():
        before = there.get(item)
        if before is None:
            new.append(item)
        elif before.value != value:
            other.append(item)
    if other and not reason:
        return [
            row.line.fault(row.columns[item], "CELL_THERE", visit=row.visit, item=item, value=str(there[item].value))
            for item in other
        ]
    counts.unchanged += len(row.answers) - len(new) - len(other)
    for item in new:
        counts.recorded += _does(session, RecordAnswer(visit=row.visit, item=item, value=row.answers[item]), reason)
    for item in other:
        counts.corrected += _does(session, CorrectAnswer(visit=row.visit, item=item, value=row.answers[item]), reason)
    return []


def _record_event(session: Session[ClinicalRecord], row: EventRow, counts: _Counts) -> list[RowFault]:
    reason = row.line["reason"]
    try:
        if row.id:
            corrected = _does(session, CorrectEvent(id=Id(row.id), event=row.event), reason)
            counts.corrected += corrected
            counts.unchanged += 1 - corrected
        elif row.event in session.head.events.values():
            counts.unchanged += 1
        else:
            counts.recorded += _does(session, RecordEvent(event=row.event), reason)
    except Refused as refused:
        return [row.line.fault("event", refused.code, **refused.arguments)]
    return []


def _does(session: Session[ClinicalRecord], command: Command[ClinicalRecord], reason: str) -> int:
    """1 where the act changed something."""
    before = session.head
    return int(session.do(command, reason=reason) is not before)
