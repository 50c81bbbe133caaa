"""Statistics of a table, for the command line: agreement of readers, rates of arms, curves, blinding.

Unlike a cohort, which goes on without its wrong rows, a table with a wrong row gives no figure at all: every row counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from spinereview import __version__
from spinereview.analysis.agreement import Weights, cohen_kappa, fleiss_kappa
from spinereview.analysis.blinding_index import bang_index, guesses_of
from spinereview.analysis.bootstrap import Resampling
from spinereview.analysis.figures import Figure
from spinereview.analysis.intraclass import Form, icc
from spinereview.analysis.limits_of_agreement import bland_altman
from spinereview.analysis.rates import Count, difference, rate, stratified, stratified_difference, superiority
from spinereview.analysis.survival import Curve, Time, curve
from spinereview.criteria.endpoints.values import Status
from spinereview.domain.assessment import Reason
from spinereview.errors import CaseError, UsageError
from spinereview.text import sentence
from spinereview.workflow.table_file import Line, RowFault, columns_of, grouped, number_of, read_lines

SCHEMA = 1
"""Of ``docs/analysis.schema.json``."""
SUBJECT, ARM, STRATUM = "subject", "arm", "stratum"
ALL = "all"
_STATUS = tuple(status.value for status in (Status.EVENT, Status.CENSORED, Status.COMPETING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a table.

    Parameters
    ----------
    categories
        In order; without them those of the table, by name.
    days
        For curves: days on which they are read.
    """

    what: str
    categories: tuple[str, ...] = ()
    weights: Weights = Weights.NONE
    days: tuple[int, ...] = ()
    how: Resampling


Named = tuple[str, Figure]


def wanted_of(what: str, *, categories: str, weights: str, days: str, seed: int, resamples: int) -> Wanted:
    """What is asked, from words of the command line; lists are separated by commas.

    Raises
    ------
    UsageError
        ``ANALYSE_WHAT``, ``ANALYSE_CATEGORIES``, ``ANALYSE_DAYS``.
    InvalidValue
        ``BOOTSTRAP_...``.
    """
    listed = [day.strip() for day in days.split(",") if day.strip()]
    for day in listed:
        if not (day.isascii() and day.isdigit()):
            raise UsageError("ANALYSE_DAYS", value=day)
    if what not in ANALYSES:
        raise UsageError("ANALYSE_WHAT", what=what, allowed=", ".join(ANALYSES))
    wanted = Wanted(
        what=what,
        categories=tuple(word.strip() for word in categories.split(",") if word.strip()),
        weights=Weights(weights.upper()),
        days=tuple(map(int, listed)),
        how=Resampling(seed=seed, resamples=resamples),
    )
    if wanted.weights is not Weights.NONE and not wanted.categories:
        raise UsageError("ANALYSE_CATEGORIES")
    return wanted


def analyse(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    """Figures of a table, each with the group or form that it is of.

    Raises
    ------
    CaseError
        ``TABLE_...`` where the table cannot be used, ``ANALYSE_TWO_READERS``; ``ROW_AT`` with the first wrong row.
    InvalidValue
        ``CATEGORIES_TOO_FEW``.
    """
    return ANALYSES[wanted.what](path, wanted)


def as_text(figures: Sequence[Named]) -> str:
    """Lines for people: a figure with its intervals, below it what has to be known or why it is missing."""
    lines: list[str] = []
    for group, figure in figures:
        value = "-" if figure.value is None else number_text(figure.value)
        ends = "".join(
            f"; {one.level_pct:g} % {number_text(one.low)} to {number_text(one.high)} ({one.method})"
            for one in figure.intervals
        )
        lines.append(f"{group} {figure.name}: {value}{ends}")
        parts = ", ".join(f"{name} {number_text(part)}" for name, part in figure.parts.items())
        lines += [f"  {parts}"] if parts else []
        lines += [f"  {sentence(reason.code, reason.args)}" for reason in (*figure.missing, *figure.notes)]
    return "\n".join(lines) + "\n"


def as_json(path: Path, wanted: Wanted, figures: Sequence[Named]) -> str:
    """Figures as JSON; numbers are text of six digits, as printed."""
    tree = {
        "schema": SCHEMA,
        "program": __version__,
        "file": path.name,
        "what": wanted.what,
        "figures": [_tree(group, figure) for group, figure in figures],
    }
    return json.dumps(tree, indent=1) + "\n"


def number_text(value: float) -> str:
    """Six significant digits without an exponent, so that it can be read back digit by digit.

    >>> number_text(0.86999999), number_text(250.0), number_text(0.00000012)
    ('0.87', '250', '0.00000012')
    """
    return f"{Decimal(f'{value:.6g}'):f}"


def _tree(group: str, figure: Figure) -> dict[str, object]:
    return {
        "group": group,
        "name": figure.name,
        "value": None if figure.value is None else number_text(figure.value),
        "intervals": [
            {
                "low": number_text(one.low),
                "high": number_text(one.high),
                "level_pct": number_text(one.level_pct),
                "method": one.method,
            }
            for one in figure.intervals
        ],
        "parts": {name: number_text(part) for name, part in figure.parts.items()},
        "notes": [_reason(reason) for reason in figure.notes],
        "missing": [_reason(reason) for reason in figure.missing],
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {"code": reason.code, "args": dict(reason.args), "words": sentence(reason.code, reason.args)}


def _rows(path: Path, required: Sequence[str], optional: Sequence[str]) -> list[Line]:
    """Rows of a table, none of them cut; what it is a row of, a subject or an arm, is never empty where it has to be."""
    lines = list(read_lines(path, required, optional))
    for line in lines:
        if line.cut:
            raise _at(line.fault("-", "ROW_CUT"))
        for column in {SUBJECT, ARM} & set(required):
            if not line[column]:
                raise _at(line.fault(column, "CELL_EMPTY"))
    return lines


def _at(fault: RowFault) -> CaseError:
    what = sentence(fault.code, fault.args)
    return CaseError("ROW_AT", file=fault.file, line=fault.line, column=fault.column, what=what)


_OF_A_LONG_TABLE = frozenset({"reader", "rater", "rating", "value", "result", "visit", "item"})
"""Headings of a table with a row for each rating: read as names of readers they would give a wrong figure."""


def _readers(path: Path) -> tuple[list[str], list[Line]]:
    """Columns of the readers, which are all but the subject's, and the rows."""
    readers = [name for name in columns_of(path) if name != SUBJECT]
    one_by_one = sorted(_OF_A_LONG_TABLE & {name.lower() for name in readers})
    if one_by_one:
        raise CaseError("ANALYSE_LONG_TABLE", file=path, column=", ".join(one_by_one))
    lines = _rows(path, (SUBJECT,), readers)
    return readers, lines


def _kappas(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    readers, lines = _readers(path)
    rows = [[line[reader] or None for reader in readers] for line in lines]
    known = wanted.categories or tuple(sorted({rating for row in rows for rating in row if rating}))
    for line, row in zip(lines, rows, strict=True):
        for reader, rating in zip(readers, row, strict=True):
            if rating is not None and rating not in known:
                raise _at(line.fault(reader, "CELL_WORD", value=rating, allowed=", ".join(known)))
    subjects = [line[SUBJECT] for line in lines]
    if len(readers) == 2:
        pairs = [(a, b) for a, b in rows]
        return ((ALL, cohen_kappa(pairs, known, weights=wanted.weights, subjects=subjects, how=wanted.how)),)
    if wanted.weights is not Weights.NONE:
        raise CaseError("ANALYSE_TWO_READERS", file=path, count=len(readers))
    return ((ALL, fleiss_kappa(rows, known, subjects=subjects, how=wanted.how)),)


def _numbers(lines: Sequence[Line], readers: Sequence[str]) -> list[list[Decimal | None]]:
    return [[_number(line, reader) if line[reader] else None for reader in readers] for line in lines]


def _number(line: Line, column: str) -> Decimal:
    value = number_of(line[column])
    if value is None:
        raise _at(line.fault(column, "CELL_NUMBER", value=line[column]))
    return value


def _whole(line: Line, column: str) -> int:
    if not (line[column].isascii() and line[column].isdigit()):
        raise _at(line.fault(column, "CELL_WHOLE", value=line[column]))
    return int(line[column])


def _iccs(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    readers, lines = _readers(path)
    rows, subjects = _numbers(lines, readers), [line[SUBJECT] for line in lines]
    return tuple((ALL, icc(rows, form, subjects=subjects, how=wanted.how)) for form in Form)


def _limits(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    readers, lines = _readers(path)
    if len(readers) != 2:
        raise CaseError("ANALYSE_TWO_READERS", file=path, count=len(readers))
    pairs = [(a, b) for a, b in _numbers(lines, readers)]
    subjects = [line[SUBJECT] for line in lines]
    absolute = bland_altman(pairs, subjects=subjects, how=wanted.how)
    percent = bland_altman(pairs, relative=True, subjects=subjects, how=wanted.how)
    return (*((ALL, figure) for figure in absolute.figures), *(("percent", figure) for figure in percent.figures))


def _rates(path: Path, _wanted: Wanted) -> tuple[Named, ...]:
    lines = _rows(path, (ARM, "responders", "subjects"), (STRATUM,))
    counts = [(line[ARM], line[STRATUM], _count(line)) for line in lines]
    arms = {arm: _sum([one for _, _, one in members]) for arm, members in grouped(counts, lambda one: one[0]).items()}
    found: list[Named] = [(arm, rate(count)) for arm, count in arms.items()]
    if len(arms) == 2:
        (first, a), (second, b) = arms.items()
        versus = f"{first} - {second}"
        found.append((versus, _at_both_levels(partial(difference, a, b))))
        found.append((versus, superiority(a, b)))
        if any(stratum for _, stratum, _ in counts):
            strata = {
                name: (_of_arm(members, first), _of_arm(members, second))
                for name, members in grouped(counts, lambda one: one[1]).items()
            }
            found.append((versus, _at_both_levels(partial(stratified_difference, strata))))
            found.append((versus, stratified(strata)))
    return tuple(found)


def _at_both_levels(figure: Callable[..., Figure]) -> Figure:
    """A figure with its interval of 95 %, and that of 90 %, which belongs to the one-sided test at 0.05."""
    both, one_sided = figure(level_pct=95.0), figure(level_pct=90.0)
    return replace(both, intervals=both.intervals + one_sided.intervals)


def _count(line: Line) -> Count:
    responders, subjects = _whole(line, "responders"), _whole(line, "subjects")
    if responders > subjects:
        raise _at(line.fault("responders", "COUNT_IMPOSSIBLE", responders=str(responders), subjects=str(subjects)))
    return Count(responders=responders, subjects=subjects)


def _of_arm(members: Sequence[tuple[str, str, Count]], arm: str) -> Count:
    return _sum([count for name, _, count in members if name == arm])


def _sum(counts: Sequence[Count]) -> Count:
    return Count(responders=sum(one.responders for one in counts), subjects=sum(one.subjects for one in counts))


def _curves(path: Path) -> dict[str, Curve]:
    lines = _rows(path, ("days", "status"), (SUBJECT, ARM))
    times: list[tuple[str, Time]] = []
    for line in lines:
        status = line.word("status", _STATUS)
        if isinstance(status, RowFault):
            raise _at(status)
        times.append((line[ARM] or ALL, Time(days=_whole(line, "days"), status=Status(status))))
    if not times:
        return {ALL: curve([])}
    return {arm: curve([time for _, time in members]) for arm, members in grouped(times, lambda one: one[0]).items()}


def _survival(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    curves = _curves(path).items()
    medians = [(arm, found.median()) for arm, found in curves]
    return (*medians, *((f"{arm}, day {day}", found.survival_at(day)) for arm, found in curves for day in wanted.days))


def _incidence(path: Path, wanted: Wanted) -> tuple[Named, ...]:
    figures: list[Named] = []
    for arm, found in _curves(path).items():
        days = wanted.days or tuple(step.day for step in found.steps[-1:])
        figures += [(f"{arm}, day {day}", found.incidence_at(day)) for day in days or (0,)]
    return tuple(figures)


def _bang(path: Path, _wanted: Wanted) -> tuple[Named, ...]:
    lines = _rows(path, (ARM, "guess"), (SUBJECT,))
    pairs = [(line[ARM], line["guess"] or None) for line in lines]
    arms = list(dict.fromkeys(arm for arm, _ in pairs))
    for line in lines:
        if line["guess"] and line["guess"] not in arms:
            raise _at(line.fault("guess", "CELL_WORD", value=line["guess"], allowed=", ".join(arms)))
    return tuple((arm, bang_index(guesses_of(pairs, arm))) for arm in arms)


ANALYSES: dict[str, Callable[[Path, Wanted], tuple[Named, ...]]] = {
    "kappa": _kappas,
    "icc": _iccs,
    "bland-altman": _limits,
    "rates": _rates,
    "km": _survival,
    "cif": _incidence,
    "bang": _bang,
}
"""By the word of ``--what``."""
