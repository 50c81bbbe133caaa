"""From the rows of one reader to what the criteria are given: lesions by visit, and the days of the scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from spinereview.criteria.recist.values import (
    Fragment,
    Input,
    NewValue,
    NonTargetValue,
    TargetValue,
    TargetVisit,
)
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus
from spinereview.domain.protocol import Protocol
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.workflow.cohort_events import SubjectEvents, planned_visits
from spinereview.workflow.cohort_table import LesionRow, ReaderRows, VisitRows
from spinereview.workflow.table_file import RowFault, grouped

RULE = "Table of a cohort; reading of the program, docs/criteria.md"
CRANIOCAUDAL = "cc"
"""Part that is no diameter of the response."""

ByLesion = Mapping[str, Sequence[LesionRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One reader's readings of a subject, ready to be assessed; ``refused`` says why they cannot be.

    ``sites`` has the rows of the treated sites by visit, in the order of the visits.
    """

    given: Input
    days: Table[VisitDays]
    sites: Mapping[str, ByLesion] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()
    refused: RowFault | None = None


def prepare(reading: ReaderRows) -> Prepared:
    """Visits in their order, every one with the lesions of the baseline.

    A lesion without a row at a visit is not evaluable there (``NO_ROW``); one whose row is wrong leaves its visit open.
    """
    faults: list[RowFault] = []
    visits = _ordered(reading, faults)
    if reading.lost is not None or not visits:
        return Prepared(given=Input(), days=Table(), faults=tuple(faults), refused=reading.lost)
    baseline = _by_lesion(visits[0], {LesionRole.TARGET, LesionRole.NON_TARGET, LesionRole.TREATED_SITE})
    strays = [row for visit in visits[1:] for row in visit.rows if _is_stray(row, baseline)]
    strays += [row for row in visits[0].rows if row.role is LesionRole.NEW]
    for row in strays:
        code = "ROW_NEW_AT_BASELINE" if row.role is LesionRole.NEW else "LESION_NOT_AT_BASELINE"
        faults.append(row.line.fault("role", code, lesion=row.lesion, baseline=visits[0].name))
    if strays:
        return Prepared(given=Input(), days=Table(), faults=tuple(faults), refused=faults[-1])
    made = [_visit(visit, baseline, visits[:at], faults) for at, visit in enumerate(visits)]
    return Prepared(
        given=Input(visits=tuple(made)),
        days=_days_in_order(visits, faults),
        sites={visit.name: _sites(visit, faults) for visit in visits},
        faults=tuple(faults),
    )


def schedule_of(prepared: Prepared, events: SubjectEvents | None, protocol: Protocol) -> Schedule | None:
    """Schedule of a subject; None where a row of its events is wrong."""
    if events is None:
        return Schedule(visits=prepared.days)
    if events.wrong is not None:
        return None
    return Schedule(
        anchors=Table(events.anchors),
        visits=prepared.days,
        planned=planned_visits(protocol, events.anchors),
        events=tuple(events.events),
        cut_off=events.cut_off,
    )


def _ordered(reading: ReaderRows, faults: list[RowFault]) -> list[VisitRows]:
    """By the order of the visits, else by their dates; the first is the baseline."""
    visits = list(reading.visits.values())
    if all(visit.order is not None for visit in visits):
        ordered = sorted((visit.order, visit.name, visit) for visit in visits if visit.order is not None)
        same = next((pair for pair in pairwise(ordered) if pair[0][0] == pair[1][0]), None)
        listed, column = [visit for _, _, visit in ordered], "visit_order"
        clash = None if same is None else same[1][2]
    else:
        spans = {visit.name: _days(visit) for visit in visits}
        listed = sorted(visits, key=lambda visit: _first(spans[visit.name]))
        column = "date"
        unclear = [
            after for before, after in pairwise(listed) if _last(spans[before.name]) >= _first(spans[after.name])
        ]
        clash = next(iter(unclear), None)
    if clash is not None and len(visits) > 1:
        fault = clash.rows[0].line.fault(column, "VISITS_WITHOUT_ORDER", visit=clash.name) if clash.rows else None
        if fault is not None:
            faults.append(fault)
            reading.lost = reading.lost or fault
    return listed


def _days_in_order(visits: Sequence[VisitRows], faults: list[RowFault]) -> Table[VisitDays]:
    """Days by visit; none at all where a visit lies before the one that it follows: nobody knows which date is wrong."""
    days = {visit.name: _days(visit) for visit in visits}
    lower = 0
    for visit in visits:
        earliest = days[visit.name].day or days[visit.name].earliest or 0
        latest = days[visit.name].day or days[visit.name].latest
        lower = max(lower, earliest)
        if latest is not None and latest < lower:
            faults.append(visit.rows[0].line.fault("date", "CELL_DATE_BEFORE", visit=visit.name))
            return Table({name: VisitDays() for name in days})
    return Table(days)


def _first(days: VisitDays) -> int:
    if days.scan_days:
        return min(days.scan_days)
    return 0 if days.earliest is None else days.earliest


def _last(days: VisitDays) -> int:
    if days.scan_days:
        return max(days.scan_days)
    return 10**9 if days.latest is None else days.latest


def _days(visit: VisitRows) -> VisitDays:
    """Days of the scans; of a date that is known in part, between which days they lie."""
    spans = [row.days for row in visit.rows if row.days is not None]
    if not spans:
        return VisitDays()
    if any(span.day is None for span in spans):
        return VisitDays(earliest=min(span.earliest for span in spans), latest=max(span.latest for span in spans))

    def days_of(*roles: LesionRole) -> list[LesionRow]:
        return [row for row in visit.rows if row.role in roles and row.days is not None]

    targets = {row.days.earliest for row in days_of(LesionRole.TARGET) if row.days is not None}
    worse = [
        row.days.earliest
        for row in days_of(LesionRole.NON_TARGET)
        if row.days is not None and row.state is LesionState.UNEQUIVOCAL_PD
    ]
    new = [
        row.days.earliest
        for row in days_of(LesionRole.NEW)
        if row.days is not None and row.new_status in {NewStatus.YES, NewStatus.EQUIVOCAL}
    ]
    return VisitDays(
        scan_days=tuple(sorted({span.earliest for span in spans})),
        target_days=tuple(sorted(targets)),
        non_target_day=min(worse, default=None),
        new_day=min(new, default=None),
    )


def _by_lesion(visit: VisitRows, roles: set[LesionRole]) -> dict[str, list[LesionRow]]:
    counted = [row for row in visit.rows if row.role in roles and row.part != CRANIOCAUDAL]
    return grouped(counted, lambda row: row.lesion)


def _sites(visit: VisitRows, faults: list[RowFault]) -> ByLesion:
    """Rows of the treated sites; one that merged into what carries no length of its own is wrong."""
    sites = _by_lesion(visit, {LesionRole.TREATED_SITE})
    return {site: [_carried(row, sites, faults) for row in rows] for site, rows in sites.items()}


def _carried(row: LesionRow, sites: ByLesion, faults: list[RowFault]) -> LesionRow:
    carriers = sites.get(row.carrier, ())
    if row.wrong or not row.carrier or any(one.state is not LesionState.MERGED for one in carriers):
        return row
    faults.append(row.line.fault("carrier", "CELL_CARRIER_NOT_SITE", value=row.carrier))
    return replace(row, wrong=True)


def _is_stray(row: LesionRow, baseline: ByLesion) -> bool:
    return (
        row.role in {LesionRole.TARGET, LesionRole.NON_TARGET}
        and row.part != CRANIOCAUDAL
        and row.lesion not in baseline
    )


def _visit(visit: VisitRows, baseline: ByLesion, earlier: Sequence[VisitRows], faults: list[RowFault]) -> TargetVisit:
    now = _by_lesion(visit, {LesionRole.TARGET, LesionRole.NON_TARGET})
    targets: dict[str, TargetValue] = {}
    non_targets: dict[str, NonTargetValue] = {}
    warnings: list[Reason] = []
    for lesion, rows in baseline.items():
        role, nodal = rows[0].role, rows[0].nodal
        if role is LesionRole.TREATED_SITE:
            continue
        if lesion not in now:
            args = Table({"lesion": lesion, "visit": visit.name})
            warnings.append(Reason(code="NO_ROW", args=args, rule=RULE))
        if role is LesionRole.TARGET:
            targets[lesion] = target_value(lesion, now.get(lesion, []), nodal=nodal)
        else:
            state = now[lesion][0].state if lesion in now else LesionState.NE
            non_targets[lesion] = NonTargetValue(lesion=Id(lesion), state=state, nodal=nodal)
    for lesion, value in targets.items():
        carrier = None if value.carrier is None else targets.get(value.carrier)
        if value.carrier is not None and (carrier is None or carrier.state is LesionState.MERGED):
            faults.append(now[lesion][0].line.fault("carrier", "CELL_CARRIER_NOT_TARGET", value=value.carrier))
            targets[lesion] = _wrong(lesion, now[lesion][0], nodal=value.nodal)
    wrong = any(row.wrong for row in visit.rows) or any(value.state is None for value in targets.values())
    return TargetVisit(
        timepoint=Id(visit.name),
        targets=Table(targets),
        non_targets=Table(non_targets),
        new=Table(_new(visit, earlier)),
        closed=not wrong,
        warnings=tuple(warnings),
    )


def target_value(lesion: str, rows: Sequence[LesionRow], *, nodal: bool) -> TargetValue:
    """Value of a lesion from its rows at a visit: none is not evaluable, several are the fragments of a split one."""
    if not rows:
        return TargetValue(lesion=Id(lesion), state=LesionState.NE, nodal=nodal)
    first = rows[0]
    if any(row.wrong for row in rows):
        return _wrong(lesion, next(row for row in rows if row.wrong), nodal=nodal)
    split = any(row.state is LesionState.SPLIT for row in rows)
    if split and {row.state for row in rows} <= {LesionState.SPLIT, LesionState.TOO_SMALL}:
        parts = tuple(Fragment(mm=row.mm, too_small=row.mm is None) for row in rows)
        return TargetValue(lesion=Id(lesion), state=LesionState.SPLIT, nodal=nodal, parts=parts)
    if len(rows) > 1:
        return _wrong(lesion, rows[1], nodal=nodal)
    return TargetValue(
        lesion=Id(lesion),
        state=first.state,
        nodal=nodal,
        mm=first.mm,
        carrier=Id(first.carrier) if first.carrier else None,
    )


def _wrong(lesion: str, row: LesionRow, *, nodal: bool) -> TargetValue:
    args = Table({"lesion": lesion, "file": row.line.file, "line": str(row.line.number)})
    problem = Reason(code="ROW_WRONG", args=args, rule=RULE)
    return TargetValue(lesion=Id(lesion), state=None, nodal=nodal, problem=problem)


def _new(visit: VisitRows, earlier: Sequence[VisitRows]) -> dict[str, NewValue]:
    """New lesions of the visit; one of which it says nothing keeps its last word."""
    now = _by_lesion(visit, {LesionRole.NEW})
    before = [row for other in earlier for row in other.rows if row.role is LesionRole.NEW]
    listed: dict[str, NewValue] = {
        row.lesion: NewValue(lesion=Id(row.lesion), status=None, nodal=row.nodal, said=False) for row in before
    }
    for lesion, rows in now.items():
        row = rows[0]
        listed[lesion] = NewValue(
            lesion=Id(lesion),
            status=row.new_status,
            nodal=row.nodal,
            short_axis_mm=row.mm if row.nodal else None,
            said=not row.wrong,
        )
    return listed
