"""Tables of other programs: text in columns, read row by row; a wrong row is named and stops no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.text import sentence

T = TypeVar("T")
_DELIMITERS = ",;\t"
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,30})?")
"""Few enough digits that no sum of them is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong with a row: file, line (the heading is line 1), column, and the code that says what to do."""

    file: str
    line: int
    column: str
    code: str
    args: Table[str]

    @property
    def words(self) -> str:
        """Sentence: where it is, what is wrong, what to do."""
        where = {"file": self.file, "line": str(self.line), "column": self.column}
        return sentence("ROW_AT", {**where, "what": sentence(self.code, self.args)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table; columns that the table does not have are empty.

    ``cut`` says that it has not as many cells as the heading: a comma inside a number moves all that follows.
    """

    file: str
    number: int
    cells: Mapping[str, str]
    cut: bool = False

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fault(self, column: str, code: str, **args: str) -> RowFault:
        """Fault of a column of this row."""
        return RowFault(file=self.file, line=self.number, column=column, code=code, args=Table(args))

    def word(self, column: str, words: Sequence[str]) -> str | RowFault:
        """One of a few words, in any case."""
        given = self[column].upper().replace("-", "_").replace(" ", "_")
        if given in words:
            return given
        return self.fault(column, "CELL_WORD", value=self[column], allowed=", ".join(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days that a date can be: one, or those of a month or a year of which the day is not known."""

    earliest: int
    latest: int

    @property
    def day(self) -> int | None:
        """The day, where it is known."""
        return self.earliest if self.earliest == self.latest else None


def read_lines(path: Path, required: Sequence[str], optional: Sequence[str]) -> Iterator[Line]:
    """Rows of a table with a heading; separated by comma, semicolon or tabulator.

    Raises
    ------
    CaseError
        ``TABLE_UNREADABLE``, ``TABLE_COLUMN_MISSING``, ``TABLE_COLUMN_UNKNOWN``, ``TABLE_COLUMN_TWICE``.
    """
    text = _text(path)
    heading = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    columns = [name.strip().lower() for name in next(rows, [])]
    _check_columns(path, columns, required, (*required, *optional))
    for cells in rows:
        if any(cell.strip() for cell in cells):
            stripped = [cell.strip() for cell in cells]
            cells_by_name = dict(zip(columns, stripped, strict=False))
            cut = len(cells) != len(columns)
            yield Line(file=path.name, number=rows.line_num, cells=cells_by_name, cut=cut)


def number_of(text: str) -> Decimal | None:
    """Number written with digits and at most one point; None where it is none, or has more digits than any length.

    >>> number_of("12.50"), number_of("12,5"), number_of("1e3")
    (Decimal('12.50'), None, None)
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def columns_of(path: Path) -> tuple[str, ...]:
    """Words of the first line; none where the file is no text."""
    try:
        with path.open("rb") as file:
            heading = file.readline(65536).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ()
    delimiter = max(_DELIMITERS, key=heading.count)
    return tuple(name.strip().strip('"').lower() for name in heading.split(delimiter))


def span_of(text: str) -> Span | None:
    """Days of an ISO 8601 date, ``"2024-05-17"``, or of its month or year; None where it is no date.

    >>> span_of("2024-02").latest - span_of("2024-02").earliest
    28
    """
    parts = text.partition("T")[0].split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    if [len(part) for part in parts] != [4, 2, 2][: len(parts)]:
        return None
    year, month, day = (*map(int, parts), 0, 0)[:3]
    try:
        first = date(year, month or 1, day or 1)
        last = first if day else _last(year, month or 12)
    except ValueError:
        return None
    return Span(earliest=first.toordinal(), latest=last.toordinal())


def iso(day: int) -> str:
    """Date of a day."""
    return date.fromordinal(day).isoformat()


def taken(value: T | RowFault, faults: list[RowFault]) -> T | None:
    """The value; a fault is kept and gives None."""
    if isinstance(value, RowFault):
        faults.append(value)
        return None
    return value


def grouped(listed: Sequence[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    """Values by a key, in the order in which they came."""
    groups: dict[str, list[T]] = {}
    for one in listed:
        groups.setdefault(key(one), []).append(one)
    return groups


def _last(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CaseError("TABLE_UNREADABLE", file=path, why=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise CaseError("TABLE_UNREADABLE", file=path, why="UTF-8") from error


def _check_columns(path: Path, columns: Sequence[str], required: Sequence[str], known: Sequence[str]) -> None:
    for name in required:
        if name not in columns:
            raise CaseError("TABLE_COLUMN_MISSING", file=path, column=name, allowed=" ".join(known))
    for name in columns:
        if name not in known:
            raise CaseError("TABLE_COLUMN_UNKNOWN", file=path, column=name, allowed=" ".join(known))
        if columns.count(name) > 1:
            raise CaseError("TABLE_COLUMN_TWICE", file=path, column=name)
