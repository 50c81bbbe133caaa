"""Where the marks of a timeline lie: from millimetres and dates to whole pixels, exactly. No drawing, no words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import count, pairwise
from math import ceil, floor

from spinereview.review.timeline import Timeline, TimelineVisit

APART = 84
"""Visits are never drawn nearer to one another, in pixels: what is written below them would collide."""
_LINE = 13
"""Height of a line of the limits' words, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The rectangle of the plot, in pixels; y grows downwards."""

    left: int
    top: int
    right: int
    bottom: int


class LimitKind(StrEnum):
    """Which limit a line is."""

    RESPONSE = "RESPONSE"
    PROGRESSION = "PROGRESSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A visit: where it is drawn, and from where to where a click means it."""

    visit: TimelineVisit
    x: int
    left: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A sum; ``above``: its number stands above it."""

    visit: TimelineVisit
    x: int
    y: int
    above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit, from the visit that set it to the one that is compared with it."""

    kind: LimitKind
    mm: Decimal
    left: int
    right: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitWord:
    """Place of the words of the last visit's limit: the middle of the line of text."""

    kind: LimitKind
    mm: Decimal
    by_mm: bool
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Everything that is drawn. ``strokes`` join the sums of neighbouring visits; a visit without a sum breaks them."""

    columns: tuple[Column, ...]
    ticks: tuple[tuple[Decimal, int], ...]
    points: tuple[Point, ...]
    strokes: tuple[tuple[Point, Point], ...]
    limits: tuple[LimitLine, ...]
    words: tuple[LimitWord, ...]

    def visit_at(self, x: int) -> TimelineVisit | None:
        """Visit that a click at a column of pixels means."""
        return next((column.visit for column in self.columns if column.left <= x < column.right), None)


def plot(line: Timeline, area: Area) -> Plot:
    """Places of a timeline's marks in an area."""
    columns = _columns(line.visits, area)
    ticks = _ticks(_values(line), area)
    points = _points(columns, ticks)
    at = {point.visit.timepoint: point for point in points}
    strokes = tuple(
        (at[one.visit.timepoint], at[two.visit.timepoint])
        for one, two in pairwise(columns)
        if one.visit.timepoint in at and two.visit.timepoint in at
    )
    return Plot(
        columns=columns,
        ticks=ticks,
        points=points,
        strokes=strokes,
        limits=_limits(columns, ticks, area),
        words=_words(columns, ticks, area),
    )


def scale(low: Decimal, high: Decimal, most: int) -> tuple[Decimal, ...]:
    """Round numbers that enclose two values, at most ``most`` steps of 1, 2 or 5 times a power of ten.

    >>> [str(value) for value in scale(Decimal("61.0"), Decimal("87.4"), 4)]
    ['60', '70', '80', '90']
    """
    return next(found for step in _steps() if len(found := _enclosing(low, high, step)) - 1 <= most)


def _enclosing(low: Decimal, high: Decimal, step: int) -> tuple[Decimal, ...]:
    first = floor(low / step)
    return tuple(Decimal(step * place) for place in range(first, max(ceil(high / step), first + 1) + 1))


def _steps() -> Iterator[int]:
    for power in count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def place_y(mm: Decimal, ticks: Sequence[tuple[Decimal, int]]) -> int:
    """Row of pixels of a value, half up, between the lowest and the highest tick."""
    (low, bottom), (high, top) = ticks[0], ticks[-1]
    share = (Fraction(mm) - Fraction(low)) / (Fraction(high) - Fraction(low))
    return (2 * bottom - 2 * share * (bottom - top) + 1) // 2


def _values(line: Timeline) -> tuple[Decimal, ...]:
    sums = [visit.sum_mm for visit in line.visits]
    limits = [visit.limits for visit in line.visits if visit.limits is not None]
    listed = [*sums, *(one.response_mm for one in limits), *(one.progression_mm for one in limits)]
    return tuple(value for value in listed if value is not None) if any(mm is not None for mm in sums) else ()


def _ticks(values: Sequence[Decimal], area: Area) -> tuple[tuple[Decimal, int], ...]:
    if not values:
        return ()
    height = area.bottom - area.top
    steps = scale(min(values), max(values), max(1, min(4, height // 16)))
    last = len(steps) - 1
    return tuple((value, area.bottom - (2 * place * height + last) // (2 * last)) for place, value in enumerate(steps))


def _columns(visits: Sequence[TimelineVisit], area: Area) -> tuple[Column, ...]:
    places = _proportional(visits, area) or _even(len(visits), area)
    edges = [area.left, *((one + two) // 2 for one, two in pairwise(places)), area.right]
    return (
        tuple(
            Column(visit=visit, x=x, left=left, right=right)
            for visit, x, (left, right) in zip(visits, places, pairwise(edges), strict=True)
        )
        if visits
        else ()
    )


def _even(number: int, area: Area) -> tuple[int, ...]:
    width = area.right - area.left
    return tuple(area.left + (2 * place + 1) * width // (2 * number) for place in range(number))


def _proportional(visits: Sequence[TimelineVisit], area: Area) -> tuple[int, ...]:
    """Places by date, between those of the first and the last evenly spaced; none where that would bring two too near."""
    if len(visits) < 3 or not all(visit.date for visit in visits):
        return ()
    days = [date.fromisoformat(visit.date).toordinal() for visit in visits]
    even = _even(len(visits), area)
    if days != sorted(set(days)):
        return ()
    span = days[-1] - days[0]
    places = tuple(even[0] + (even[-1] - even[0]) * (day - days[0]) // span for day in days)
    return places if all(two - one >= APART for one, two in pairwise(places)) else ()


def _points(columns: Sequence[Column], ticks: Sequence[tuple[Decimal, int]]) -> tuple[Point, ...]:
    known = [(column, column.visit.sum_mm) for column in columns if column.visit.sum_mm is not None]
    listed: list[Point] = []
    for place, (column, mm) in enumerate(known):
        around = [other for _, other in known[max(0, place - 1) : place + 2]]
        lowest = len(around) > 1 and mm == min(around) and mm < max(around)
        listed.append(Point(visit=column.visit, x=column.x, y=place_y(mm, ticks), above=not lowest))
    return tuple(listed)


def _limit_values(visit: TimelineVisit) -> tuple[tuple[LimitKind, Decimal], ...]:
    limits = visit.limits
    if limits is None:
        return ()
    pairs = ((LimitKind.RESPONSE, limits.response_mm), (LimitKind.PROGRESSION, limits.progression_mm))
    return tuple((kind, mm) for kind, mm in pairs if mm is not None)


def _limits(columns: Sequence[Column], ticks: Sequence[tuple[Decimal, int]], area: Area) -> tuple[LimitLine, ...]:
    """Each limit runs from the visit before to the visit that it is for, the last one's to the edge; equal ones are one."""
    if not ticks:
        return ()
    lines: list[LimitLine] = []
    last = next((column for column in reversed(columns) if column.visit.limits is not None), None)
    for before, column in pairwise(columns):
        right = area.right if column is last else column.x
        for kind, mm in _limit_values(column.visit):
            left = before.x
            same = next((one for one in lines if (one.kind, one.mm, one.right) == (kind, mm, left)), None)
            if same is not None:
                lines.remove(same)
                left = same.left
            lines.append(LimitLine(kind=kind, mm=mm, left=left, right=right, y=place_y(mm, ticks)))
    return tuple(lines)


def _words(columns: Sequence[Column], ticks: Sequence[tuple[Decimal, int]], area: Area) -> tuple[LimitWord, ...]:
    """Words beside the last limits, moved apart where they would collide."""
    last = next((column.visit for column in reversed(columns) if column.visit.limits is not None), None)
    if last is None or last.limits is None or not ticks:
        return ()
    placed = sorted((place_y(mm, ticks), kind, mm) for kind, mm in _limit_values(last))
    if len(placed) == 2 and placed[1][0] - placed[0][0] < _LINE:
        middle = (placed[0][0] + placed[1][0]) // 2
        top = max(area.top, min(middle - _LINE // 2, area.bottom - _LINE))
        placed = [(top + place * _LINE, kind, mm) for place, (_, kind, mm) in enumerate(placed)]
    by_mm = last.limits.by_mm
    return tuple(
        LimitWord(kind=kind, mm=mm, by_mm=by_mm and kind is LimitKind.PROGRESSION, y=y) for y, kind, mm in placed
    )
