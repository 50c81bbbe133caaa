"""The schedule of one case, from a table of events: anchors, therapies, deaths, and on which days its scans were made.

The columns are those of the events of a cohort, and ``visit``: a row SCAN says when the images of a timepoint were made.
Where the protocol shows days the images say it themselves; where it does not, their dates are no dates and are not used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.workflow.case_file import CaseFile
from spinereview.workflow.cohort_events import OPTIONAL, REQUIRED, events_of, planned_visits
from spinereview.workflow.table_file import Line, RowFault, Span, iso, read_lines, span_of

SCAN = "SCAN"
VISIT = "visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSchedule:
    """Days as ordinals of their dates; ``schedule`` is None where a row is wrong: then nothing that needs days is true."""

    schedule: Schedule | None = None
    faults: tuple[RowFault, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Scans:
    """Days of the scans of a timepoint, with the row that said the first of them."""

    line: Line
    spans: list[Span] = field(default_factory=list)


def read_schedule(path: Path, file: CaseFile, protocol: Protocol) -> CaseSchedule:
    """Schedule of a case.

    Raises
    ------
    CaseError
        ``TABLE_...`` where the file or its heading cannot be used; ``SCHEDULE_WITHOUT_SUBJECT``.
    """
    subject = file.case.subject_code
    lines = [line for line in read_lines(path, REQUIRED, (*OPTIONAL, VISIT)) if line["subject"] in (subject, "")]
    if not any(line["subject"] for line in lines):
        raise CaseError("SCHEDULE_WITHOUT_SUBJECT", file=path, subject=subject)
    scans = [line for line in lines if line["event"].upper() == SCAN]
    happened, wrong = events_of([line for line in lines if line not in scans], [subject])
    faults = list(wrong)
    made = _scans(scans, file.case, faults)
    visits = _visits(made, file, protocol, faults)
    if faults:
        return CaseSchedule(faults=tuple(faults))
    events = happened[subject]
    return CaseSchedule(
        schedule=Schedule(
            anchors=Table(events.anchors),
            visits=visits,
            planned=planned_visits(protocol, events.anchors),
            events=tuple(events.events),
            cut_off=events.cut_off,
        )
    )


def _scans(lines: Iterable[Line], case: Case, faults: list[RowFault]) -> dict[Id, _Scans]:
    found: dict[Id, _Scans] = {}
    for line in lines:
        named = [one.id for one in case.in_order if line[VISIT] and line[VISIT] in (one.id, one.label, one.visit)]
        span = span_of(line["date"])
        if line.cut or not line["subject"]:
            faults.append(line.fault("" if line.cut else "subject", "ROW_CUT" if line.cut else "CELL_EMPTY"))
        elif len(named) != 1:
            allowed = ", ".join(one.label for one in case.in_order)
            faults.append(line.fault(VISIT, "CELL_TIMEPOINT", value=line[VISIT], allowed=allowed))
        elif span is None:
            faults.append(line.fault("date", "CELL_DATE", value=line["date"]))
        else:
            found.setdefault(named[0], _Scans(line=line)).spans.append(span)
    return found


def _visits(made: dict[Id, _Scans], file: CaseFile, protocol: Protocol, faults: list[RowFault]) -> Table[VisitDays]:
    shown = protocol.blinding.show_days
    found: dict[str, VisitDays] = {}
    for timepoint in file.case.in_order:
        own = _of_images(file, timepoint.id) if shown else VisitDays()
        said = _of_rows(made[timepoint.id].spans) if timepoint.id in made else own
        if own.scan_days and not _agree(said, own):
            dates = ", ".join(map(iso, own.scan_days))
            faults.append(
                made[timepoint.id].line.fault("date", "CELL_SCAN_DIFFERS", visit=timepoint.label, dates=dates)
            )
        found[timepoint.id] = own if own.scan_days else said
    return Table(found)


def _agree(said: VisitDays, own: VisitDays) -> bool:
    if said.scan_days:
        return said.scan_days == own.scan_days
    early, late = said.earliest or 0, said.latest or 0
    return all(early <= day <= late for day in own.scan_days)


def _of_images(file: CaseFile, timepoint: Id) -> VisitDays:
    """Days of all studies of a timepoint; unknown where one of them has no date."""
    dates = [study.date for study in file.studies[timepoint]]
    if not dates or not all(dates):
        return VisitDays()
    return VisitDays(scan_days=tuple(sorted({date.fromisoformat(one).toordinal() for one in dates})))


def _of_rows(spans: list[Span]) -> VisitDays:
    days = [span.day for span in spans if span.day is not None]
    if len(days) < len(spans):
        return VisitDays(earliest=min(span.earliest for span in spans), latest=max(span.latest for span in spans))
    return VisitDays(scan_days=tuple(sorted(set(days))))
