"""The long table of a cohort: a row for each lesion at each visit of each reader, and the rows that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from spinereview.domain.lesion import STATES_OF_ROLE, LesionRole, LesionState, NewStatus
from spinereview.workflow.table_file import Line, RowFault, Span, number_of, read_lines, span_of, taken

REQUIRED = ("subject", "visit", "lesion", "role", "nodal", "state", "mm")
OPTIONAL = ("reader", "visit_order", "date", "site", "part", "carrier", "new_status")

_TRUTH = {"TRUE": True, "YES": True, "Y": True, "1": True, "FALSE": False, "NO": False, "N": False, "0": False}
_SIZED = frozenset({LesionState.MEASURED, LesionState.SPLIT})
_NAMES = ("subject", "reader", "visit", "lesion", "part", "carrier")
_ROLES = tuple(role.value for role in LesionRole)
_NEW_WORDS = tuple(word.value for word in NewStatus)
_STATES = {role: sorted(state.value for state in states) for role, states in STATES_OF_ROLE.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRow:
    """One lesion, or one fragment of it, at one visit.

    Parameters
    ----------
    wrong
        Something in the row cannot be used: the visit has no response before it is corrected.
    """

    line: Line
    lesion: str
    role: LesionRole
    nodal: bool
    state: LesionState | None = None
    mm: Decimal | None = None
    part: str = ""
    carrier: str = ""
    new_status: NewStatus | None = None
    days: Span | None = None
    wrong: bool = False


@dataclass(slots=True, kw_only=True)
class VisitRows:
    """Rows of one visit of one reader; ``parts`` are the lesions, and parts of lesions, that have one."""

    name: str
    order: Decimal | None = None
    rows: list[LesionRow] = field(default_factory=list)
    parts: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class ReaderRows:
    """All rows of one subject by one reader; ``kinds`` says as what each lesion was entered: its roles, whether nodal.

    ``lost`` is a row of which not even the lesion can be told: nothing true can be said of the subject without it.
    """

    subject: str
    reader: str
    visits: dict[str, VisitRows] = field(default_factory=dict)
    kinds: dict[str, set[tuple[LesionRole, bool]]] = field(default_factory=dict)
    lost: RowFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortTable:
    """Readings by (subject, reader) in the order of the file, and what is wrong."""

    readings: Mapping[tuple[str, str], ReaderRows]
    faults: tuple[RowFault, ...]


def is_cohort_table(columns: tuple[str, ...]) -> bool:
    """Whether the words of a first line are the heading of a cohort table."""
    return "subject" in columns and "lesion" in columns


def read_cohort_table(path: Path) -> CohortTable:
    """Read a table; a wrong row is a fault and stops no other.

    Raises
    ------
    CaseError
        ``TABLE_...`` where the file or its heading cannot be used.
    """
    readings: dict[tuple[str, str], ReaderRows] = {}
    faults: list[RowFault] = []
    for line in read_lines(path, REQUIRED, OPTIONAL):
        if not line["subject"]:
            faults.append(line.fault("subject", "CELL_EMPTY"))
            continue
        key = (line["subject"], line["reader"])
        reading = readings.setdefault(key, ReaderRows(subject=key[0], reader=key[1]))
        found: list[RowFault] = []
        _add(reading, line, found)
        faults.extend(found)
    return CohortTable(readings=readings, faults=tuple(faults))


def _add(reading: ReaderRows, line: Line, faults: list[RowFault]) -> None:
    if line.cut:
        faults.append(line.fault("", "ROW_CUT"))
    faults.extend(line.fault(column, "CELL_EMPTY") for column in ("visit", "lesion") if not line[column])
    faults.extend(line.fault(column, "CELL_UNPRINTABLE") for column in _NAMES if not line[column].isprintable())
    role = taken(line.word("role", _ROLES), faults)
    nodal = _nodal(line, faults)
    if faults or role is None or nodal is None:
        reading.lost = reading.lost or next(iter(faults), None)
        return
    visit = reading.visits.setdefault(line["visit"], VisitRows(name=line["visit"]))
    _order(reading, visit, line, faults)
    row = _row(line, LesionRole(role), nodal=nodal, faults=faults)
    clash = _clash(reading, visit, row)
    if clash is not None:
        faults.append(clash)
    visit.rows.append(row)
    visit.parts.add((row.lesion, row.part))
    reading.kinds.setdefault(row.lesion, set()).add((row.role, row.nodal))


def _nodal(line: Line, faults: list[RowFault]) -> bool | None:
    nodal = _TRUTH.get(line["nodal"].upper())
    if nodal is None:
        faults.append(line.fault("nodal", "CELL_WORD", value=line["nodal"], allowed="true, false"))
    return nodal


def _order(reading: ReaderRows, visit: VisitRows, line: Line, faults: list[RowFault]) -> None:
    if not line["visit_order"]:
        return
    order = number_of(line["visit_order"])
    if order is None or (visit.order is not None and visit.order != order):
        fault = line.fault("visit_order", "CELL_ORDER", value=line["visit_order"], visit=visit.name)
        faults.append(fault)
        reading.lost = reading.lost or fault
        return
    visit.order = order


def _row(line: Line, role: LesionRole, *, nodal: bool, faults: list[RowFault]) -> LesionRow:
    own: list[RowFault] = []
    days = span_of(line["date"]) if line["date"] else None
    # A date that is none leaves out what needs the day, not the response.
    if line["date"] and days is None:
        faults.append(line.fault("date", "CELL_DATE", value=line["date"]))
    status = None
    if line["new_status"]:
        word = taken(line.word("new_status", _NEW_WORDS), own)
        status = None if word is None else NewStatus(word)
    elif role is LesionRole.NEW:
        own.append(line.fault("new_status", "CELL_EMPTY"))
    state = _state(line, role, own)
    mm = _mm(line, role, state, own)
    faults.extend(own)
    return LesionRow(
        line=line,
        lesion=line["lesion"],
        role=role,
        nodal=nodal,
        state=None if own else state,
        mm=None if own else mm,
        part=line["part"],
        carrier=line["carrier"],
        new_status=None if own else status,
        days=days,
        wrong=bool(own),
    )


def _state(line: Line, role: LesionRole, faults: list[RowFault]) -> LesionState | None:
    if role is LesionRole.NEW and not line["state"]:
        return None
    word = taken(line.word("state", _STATES[role]), faults)
    if word is None:
        return None
    state = LesionState(word)
    if (state is LesionState.MERGED) != bool(line["carrier"]):
        faults.append(line.fault("carrier", "CELL_CARRIER"))
    if state is LesionState.SPLIT and not line["part"]:
        faults.append(line.fault("part", "CELL_PART"))
    return state


def _mm(line: Line, role: LesionRole, state: LesionState | None, faults: list[RowFault]) -> Decimal | None:
    given = line["mm"]
    by_size = role in {LesionRole.TARGET, LesionRole.TREATED_SITE}
    if not given:
        if by_size and state in _SIZED:
            faults.append(line.fault("mm", "CELL_MM_MISSING", state=state.value))
        return None
    mm = number_of(given)
    if mm is None or mm < 0:
        faults.append(line.fault("mm", "CELL_MM", value=given))
        return None
    if by_size and state is not None and state not in _SIZED:
        faults.append(line.fault("mm", "CELL_MM_WITH_STATE", value=given, state=state.value))
    elif by_size and mm == 0:
        faults.append(line.fault("mm", "CELL_MM_ZERO"))
    return mm


def _clash(reading: ReaderRows, visit: VisitRows, row: LesionRow) -> RowFault | None:
    """What contradicts an earlier row; the subject then cannot be assessed before one of them is corrected."""
    before = reading.kinds.get(row.lesion, ())
    fault = None
    if any(role is not row.role for role, _ in before):
        fault = row.line.fault("role", "CELL_DIFFERS", value=row.role.value, lesion=row.lesion)
    elif any(nodal is not row.nodal for _, nodal in before):
        fault = row.line.fault("nodal", "CELL_DIFFERS", value=str(row.nodal).lower(), lesion=row.lesion)
    elif (row.lesion, row.part) in visit.parts:
        fault = row.line.fault("lesion", "ROW_TWICE", lesion=row.lesion, visit=visit.name)
    if fault is not None:
        reading.lost = reading.lost or fault
    return fault
