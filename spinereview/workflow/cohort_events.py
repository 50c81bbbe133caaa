"""The table of events of a cohort: anchors, new therapies, deaths and the cut-off, by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spinereview.criteria.endpoints.survival import OF_THE_DISEASE
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.schedule import Event, EventKind, PlannedVisit
from spinereview.workflow.table_file import Line, RowFault, read_lines, span_of

REQUIRED = ("subject", "event", "date")
OPTIONAL = ("cause",)
REFERENCE = "REFERENCE"
CUT_OFF = "CUT_OFF"
ANCHORS = {REFERENCE: Anchor.RANDOMISATION, **{anchor.value: anchor for anchor in Anchor}}
WORDS = (*ANCHORS, *(kind.value for kind in EventKind), CUT_OFF)
TREATED_SITE = "TREATED_SITE"
_SHOWS_TUMOUR = frozenset({"CT", "MR", "MR_OR_CT"})
_FIRST_SCAN = frozenset({"first_post_procedure_scan", "first_post_cement_scan"})


@dataclass(slots=True, kw_only=True)
class SubjectEvents:
    """What happened to a subject; ``wrong`` is a row that cannot be used, without which no day-based result is true."""

    anchors: dict[str, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    cut_off: int | None = None
    wrong: RowFault | None = None


def read_events(path: Path, subjects: Iterable[str]) -> tuple[Mapping[str, SubjectEvents], tuple[RowFault, ...]]:
    """Events by subject, and what is wrong. A cut-off without a subject is that of all.

    Raises
    ------
    CaseError
        ``TABLE_...`` where the file or its heading cannot be used.
    """
    return events_of(read_lines(path, REQUIRED, OPTIONAL), subjects)


def events_of(
    lines: Iterable[Line], subjects: Iterable[str]
) -> tuple[Mapping[str, SubjectEvents], tuple[RowFault, ...]]:
    """As :func:`read_events`, of rows."""
    known = {subject: SubjectEvents() for subject in subjects}
    faults: list[RowFault] = []
    for line in lines:
        event = line.word("event", WORDS)
        everybody = event == CUT_OFF and not line["subject"]
        if not everybody and line["subject"] not in known:
            faults.append(line.fault("subject", "EVENT_SUBJECT_UNKNOWN", value=line["subject"]))
            continue
        concerned = list(known.values()) if everybody else [known[line["subject"]]]
        fault = event if isinstance(event, RowFault) else _fault(line, event, concerned)
        for one in concerned:
            if fault is not None:
                one.wrong = one.wrong or fault
            elif not isinstance(event, RowFault):
                _take(one, line, event)
        if fault is not None:
            faults.append(fault)
    return known, tuple(faults)


def cause_of(kind: str, text: str) -> str:
    """Cause of an event; of a death one of the words that a rule asks for, however it is spelt, else as written.

    >>> cause_of("DEATH", "primary disease"), cause_of("DEATH", "Stroke"), cause_of("ADVERSE_EVENT", "primary disease")
    ('PRIMARY_DISEASE', 'Stroke', 'primary disease')
    """
    word = text.strip().upper().replace("-", "_").replace(" ", "_")
    return word if kind == EventKind.DEATH and word in OF_THE_DISEASE else text


def planned_visits(protocol: Protocol, anchors: Mapping[str, int]) -> tuple[PlannedVisit, ...]:
    """Visits of the protocol on a subject's own days; those of an anchor without a day are left out.

    A visit shows a tumour where CT or MR is mandatory there. One at or before its anchor serves as a baseline, and so does
    the first one after it where a baseline of the protocol is the first scan after the procedure.
    """
    after = [visit for visit in protocol.visits.values() if visit.day > 0 and _shows_tumour(visit)]
    first = min(after, key=lambda visit: visit.day, default=None)
    uses_first = any(value in _FIRST_SCAN for value in protocol.baselines.values())
    return tuple(
        PlannedVisit(
            name=visit.name,
            day=anchors[visit.anchor.value] + visit.day,
            minus=visit.minus,
            plus=visit.plus,
            assesses=_shows_tumour(visit) and visit.day > 0 and not (uses_first and visit is first),
        )
        for visit in protocol.visits.values()
        if visit.anchor.value in anchors
    )


def _shows_tumour(visit: ScheduledVisit) -> bool:
    return bool(visit.modalities & _SHOWS_TUMOUR) if visit.modalities else not visit.forms


def _fault(line: Line, event: str, concerned: list[SubjectEvents]) -> RowFault | None:
    if line.cut:
        return line.fault("", "ROW_CUT")
    days = span_of(line["date"])
    if days is None:
        return line.fault("date", "CELL_DATE", value=line["date"])
    if days.day is None and (event in ANCHORS or event == CUT_OFF):
        return line.fault("date", "CELL_DATE_IN_FULL", value=line["date"])
    for one in concerned:
        anchor = ANCHORS.get(event)
        twice = anchor is not None and one.anchors.get(anchor.value, days.day) != days.day
        died = event == EventKind.DEATH and any(other.kind is EventKind.DEATH for other in one.events)
        if twice or died:
            return line.fault("event", "EVENT_TWICE", value=event, subject=line["subject"])
    return None


def _take(one: SubjectEvents, line: Line, event: str) -> None:
    days = span_of(line["date"])
    day = None if days is None else days.day
    if event in ANCHORS and day is not None:
        one.anchors[ANCHORS[event].value] = day
    elif event == CUT_OFF and day is not None:
        one.cut_off = day if one.cut_off is None else min(one.cut_off, day)
    else:
        site = line["cause"].upper() == TREATED_SITE
        cause = cause_of(event, line["cause"])
        one.events.append(Event(kind=EventKind(event), day=day, cause=cause, treated_site=site))
