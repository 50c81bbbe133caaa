"""Rows of an investigator's table as what a clinical record holds: answers of a visit, or one event.

A row with a word in ``event`` is an event, every other one is about a visit. Its answers stand in columns named as the
items, or in ``item`` and ``value``. A day is a whole number on the subject's own count, or a date where day 0 is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.clinical_items import DAY, ITEMS
from spinereview.domain.imaging import Id
from spinereview.domain.variable import Kind, Variable
from spinereview.errors import InvalidValue
from spinereview.workflow.cohort_events import cause_of
from spinereview.workflow.table_file import Line, RowFault, number_of, read_lines, span_of

Given = Decimal | str | bool
PLACES = ("visit", "item", "value", "event", "id", "day", "date", "cause", "site", "confirmed_by", "grade", "reason")
"""Columns that are no items; the day of a visit is its item of that name."""
COLUMNS = (*PLACES, *(item.lower() for item in ITEMS if item != DAY))
UNKNOWN = "UNKNOWN"
_EVENT_ONLY = ("id", "cause", "site", "confirmed_by", "grade")
_FLAGS = {"TRUE": True, "YES": True, "FALSE": False, "NO": False}
_KINDS = tuple(kind.value for kind in ClinicalEventKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """Answers of a visit by item, with the columns that they stand in."""

    line: Line
    visit: Id
    answers: dict[str, Given]
    columns: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event; ``id`` names the one that it takes the place of, empty: it is a new one."""

    line: Line
    event: ClinicalEvent
    id: str


def read_rows(path: Path, day_zero: int | None) -> Iterator[VisitRow | EventRow | list[RowFault]]:
    """Rows of a table; of a wrong row what is wrong with it.

    Parameters
    ----------
    day_zero
        Proleptic Gregorian ordinal of the date that is day 0; None: dates cannot be counted.

    Raises
    ------
    CaseError
        ``TABLE_...`` where the file or its heading cannot be used.
    """
    for line in read_lines(path, (), COLUMNS):
        if line.cut:
            yield [line.fault("", "ROW_CUT")]
        elif line["event"]:
            yield _event(line, day_zero)
        else:
            yield _visit(line, day_zero)


def has_dates(path: Path) -> bool:
    """Whether a row of the table has a date."""
    return any(line["date"] and line["date"].upper() != UNKNOWN for line in read_lines(path, (), COLUMNS))


def _visit(line: Line, day_zero: int | None) -> VisitRow | list[RowFault]:
    faults: list[RowFault] = []
    answers: dict[str, Given] = {}
    columns: dict[str, str] = {}
    if not line["visit"]:
        faults.append(line.fault("visit", "CELL_VISIT_OR_EVENT"))
    faults += [line.fault(column, "CELL_EVENT_ONLY") for column in _EVENT_ONLY if line[column]]
    for column, item, text in _cells(line, faults):
        if item in answers:
            faults.append(line.fault(column, "CELL_ITEM_TWICE", item=item))
            continue
        value = value_of(ITEMS[item], text)
        if value is None:
            faults.append(line.fault(column, "CELL_ITEM_VALUE", value=text, item=item, allowed=ITEMS[item].allowed))
        else:
            answers[item], columns[item] = value, column
    day = None if _is_unknown(line) else _day(line, day_zero, faults)
    if day is not None:
        answers[DAY], columns[DAY] = Decimal(day), "day" if line["day"] else "date"
    if not answers and not faults:
        faults.append(line.fault("", "ROW_SAYS_NOTHING"))
    return faults or VisitRow(line=line, visit=Id(line["visit"]), answers=answers, columns=columns)


def _cells(line: Line, faults: list[RowFault]) -> Iterator[tuple[str, str, str]]:
    """Column, item and text of every answer of a row."""
    for item in ITEMS:
        if item != DAY and line[item.lower()]:
            yield item.lower(), item, line[item.lower()]
    if bool(line["item"]) != bool(line["value"]):
        faults.append(line.fault("item" if line["item"] else "value", "CELL_ITEM_WITHOUT_VALUE"))
    elif line["item"]:
        item = line["item"].upper()
        if item in ITEMS and item != DAY:
            yield "value", item, line["value"]
        else:
            faults.append(line.fault("item", "CELL_ITEM", value=line["item"]))


def value_of(variable: Variable, text: str) -> Given | None:
    """Value of an item as a person writes it; None where it cannot be one.

    >>> value_of(ITEMS["FRANKEL"], "d"), value_of(ITEMS["NRS_WORST"], "11"), value_of(ITEMS["SECOND_PRIMARY"], "no")
    ('D', None, False)
    """
    word = text.strip().upper().replace("-", "_").replace(" ", "_")
    if variable.kind is Kind.FLAG:
        return _FLAGS.get(word)
    if variable.kind is Kind.NUMBER:
        number = number_of(text.strip())
        typed = None if number is None else variable.typed(number)
    else:
        typed = variable.typed(word)
    return None if isinstance(typed, tuple) else typed


def _event(line: Line, day_zero: int | None) -> EventRow | list[RowFault]:
    faults: list[RowFault] = []
    kind = line.word("event", _KINDS)
    if isinstance(kind, RowFault):
        faults.append(kind)
    filled = [column for column in COLUMNS if line[column]]
    others = [column for column in filled if column not in ("event", "day", "date", "reason", *_EVENT_ONLY)]
    faults += [line.fault(column, "CELL_VISIT_ONLY") for column in others]
    unknown = _is_unknown(line)
    day = None if unknown else _day(line, day_zero, faults)
    if day is None and not unknown and not faults:
        faults.append(line.fault("day", "CELL_EVENT_DAY"))
    grade = number_of(line["grade"]) if line["grade"] else None
    if line["grade"] and (grade is None or grade != grade.to_integral_value()):
        faults.append(line.fault("grade", "CELL_GRADE", value=line["grade"]))
    if faults or isinstance(kind, RowFault):
        return faults
    try:
        event = ClinicalEvent(
            kind=ClinicalEventKind(kind),
            day=day,
            cause=cause_of(kind, line["cause"]),
            related_site=Id(line["site"]) if line["site"] else None,
            confirmed_by=line["confirmed_by"],
            grade=None if grade is None else int(grade),
        )
    except InvalidValue as error:
        return [line.fault("grade" if error.code == "EVENT_GRADE" else "", error.code, **error.arguments)]
    return EventRow(line=line, event=event, id=line["id"])


def _is_unknown(line: Line) -> bool:
    return {line["day"].upper(), line["date"].upper()} <= {UNKNOWN, ""} and bool(line["day"] or line["date"])


def _day(line: Line, day_zero: int | None, faults: list[RowFault]) -> int | None:
    """Day of a row; None where it has none. A date of which only the month is known gives no day: it is refused."""
    day: int | None = None
    if line["day"]:
        typed = ITEMS[DAY].typed(number) if (number := number_of(line["day"])) is not None else None
        if not isinstance(typed, Decimal):
            faults.append(line.fault("day", "CELL_DAY", value=line["day"]))
            return None
        day = int(typed)
    if line["date"]:
        days = span_of(line["date"])
        if days is None:
            faults.append(line.fault("date", "CELL_DATE", value=line["date"]))
        elif days.day is None:
            faults.append(line.fault("date", "CELL_DATE_UNKNOWN", value=line["date"]))
        elif day_zero is not None:
            counted = days.day - day_zero
            if day is not None and day != counted:
                faults.append(
                    line.fault("date", "CELL_DAY_DIFFERS", day=str(day), date=line["date"], other=str(counted))
                )
            day = counted
    return day
