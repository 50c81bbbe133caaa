"""Sums of diameters, their baseline and nadir, and which values count at all (RECIST 1.1, 4.2, 4.3.1 and 4.3.2).

All arithmetic is exact: Decimals of reported millimetres, added without rounding. A sum exists only where every target
lesion has a value; a sum that does not exist sets no nadir.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact
from functools import reduce

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, TargetValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

Row = Mapping[str, TargetValue]
"""Values of one visit by lesion."""

ZERO = Decimal(0)
OWN_RULE = "RECIST 1.1 is silent; reading of the program, docs/criteria.md"
EXACT = Context(prec=100, traps=[Inexact])
"""Where an operation on Decimals would have to round, it is an error of the program."""

_STICKY = frozenset({LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL})
_REMOVED = LesionState.TREATED_BY_PROTOCOL
_OWN_VALUE = frozenset({LesionState.MEASURED, LesionState.SPLIT, LesionState.TOO_SMALL})


def value_mm(value: TargetValue, settings: Settings) -> Decimal:
    """What an evaluable lesion adds to the sum of diameters.

    Too small to measure counts as 5 mm, a lesion that split as the sum of its fragments, a partner of a merged mass as
    nothing because its carrier has the diameter of the mass (RECIST 1.1, 4.3.2).
    """
    if value.state is LesionState.MEASURED:
        return value.mm if value.mm is not None else ZERO
    if value.state is LesionState.SPLIT:
        return total(fragment_mm(part, settings) for part in value.parts)
    return settings.tstm_mm if value.state is LesionState.TOO_SMALL else ZERO


def fragment_mm(part: Fragment, settings: Settings) -> Decimal:
    """Diameter of a fragment; one too small to measure counts as 5 mm, as a lesion would (our reading)."""
    return settings.tstm_mm if part.mm is None else part.mm


def total(values: Iterable[Decimal]) -> Decimal:
    """Exact sum; an operation that would have to round is an error of the program.

    >>> total([Decimal("0.1")] * 3)
    Decimal('0.3')
    """
    return reduce(EXACT.add, values, ZERO)


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows of all visits as they count, and what was entered after a lesion had been treated, by visit."""

    rows: tuple[Row, ...]
    overridden: tuple[tuple[TargetValue, ...], ...]


def settled(visits: Sequence[TargetVisit]) -> Settled:
    """Rows in which a treated lesion stays treated, and a merged mass that the protocol removed leaves as a whole.

    RECIST 1.1 is silent; our reading after the EORTC's answers on surgery and radiotherapy.
    """
    rows: list[dict[str, TargetValue]] = []
    overridden: list[tuple[TargetValue, ...]] = []
    for visit in visits:
        row: dict[str, TargetValue] = dict(visit.targets)
        late: list[TargetValue] = []
        if rows:
            for lesion, value in rows[-1].items():
                if value.state in _STICKY:
                    if row[lesion].state not in {None, value.state}:
                        late.append(row[lesion])
                    row[lesion] = value
            for lesion in _removed_now(rows[-1], row):
                row[lesion] = _as_removed(row[lesion])
        for lesion, value in row.items():
            if value.carrier is not None and row[value.carrier].state is _REMOVED:
                row[lesion] = _without_carrier(value)
        rows.append(row)
        overridden.append(tuple(late))
    return Settled(tuple(rows), tuple(overridden))


def _removed_now(before: Row, row: Row) -> set[str]:
    """Lesions that the protocol took out at this visit, with all members of the masses that they were part of."""
    removed = {
        lesion for lesion, value in row.items() if value.state is _REMOVED and before[lesion].state is not _REMOVED
    }
    masses = [
        (lesion, value.carrier)
        for source in (before, row)
        for lesion, value in source.items()
        if value.carrier is not None and (source is row or row[lesion].state not in _OWN_VALUE)
    ]
    grown = True
    while removed and grown:
        size = len(removed)
        for lesion, carrier in masses:
            if lesion in removed or carrier in removed:
                removed |= {lesion, carrier}
        grown = len(removed) > size
    return removed


def _as_removed(value: TargetValue) -> TargetValue:
    return replace(value, state=_REMOVED, mm=None, parts=(), carrier=None, problem=None)


def _without_carrier(value: TargetValue) -> TargetValue:
    """Partner of a mass whose carrier the protocol had removed before: nobody has its diameter, so it has no value."""
    problem = Reason(
        code="CARRIER_REMOVED",
        args=Table({"lesion": value.name, "carrier": str(value.carrier)}),
        rule=OWN_RULE,
        refs=(value.ref,),
    )
    return replace(value, state=None, carrier=None, problem=problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a visit's response is judged by.

    Parameters
    ----------
    kept
        Lesions that remain, with their values; the lesions that the protocol removed are left out.
    sum_mm
        Sum of diameters; None where a lesion has no value.
    evaluable_mm
        Sum over the lesions that have a value.
    baseline_mm, nadir_mm
        Over the remaining lesions; None where the baseline has no sum.
    nadir_at
        Index of the visit of the nadir, the earliest of equals.
    original_baseline_mm, original_nadir_mm
        As they were printed at their own visits.
    restated, all_removed
        The protocol has taken out lesions; has taken out all.
    """

    kept: Row
    sum_mm: Decimal | None
    evaluable_mm: Decimal
    baseline_mm: Decimal | None
    nadir_mm: Decimal | None
    nadir_at: int | None
    original_baseline_mm: Decimal | None
    original_nadir_mm: Decimal | None
    restated: bool
    all_removed: bool


def own_sums(rows: Sequence[Row], settings: Settings) -> tuple[Decimal | None, ...]:
    """Sum of each visit as it is printed there: over the lesions not removed by then; None where one has no value."""
    gone = [_gone(row, settings) for row in rows]
    return tuple(
        _sum_mm(_without(row, out), settings) if _has_sum(row, out) else None
        for row, out in zip(rows, gone, strict=True)
    )


def sums_at(rows: Sequence[Row], own: Sequence[Decimal | None], at: int, settings: Settings) -> Sums:
    """Sums of one visit against those of the visits before it.

    Where the protocol has removed lesions the earlier sums are restated over the remaining ones, so that an operation is
    no response. Only visits whose own sum was defined take part, and none at which a remaining lesion lay in one mass
    with a removed one.

    Parameters
    ----------
    own
        The visits' sums as printed, of :func:`own_sums`.
    """
    drop = _gone(rows[at], settings)
    kept = _without(rows[at], drop)
    original = {index: mm for index, mm in enumerate(own[:at]) if mm is not None}
    restated = original
    if drop:
        restated = {
            index: _sum_mm(_without(rows[index], drop), settings) for index in original if _apart(rows[index], drop)
        }
    nadir_at = min(restated, key=lambda index: restated[index], default=None) if 0 in restated else None
    printed = own[at]
    return Sums(
        kept=kept,
        sum_mm=printed,
        evaluable_mm=_evaluable_mm(kept, settings) if printed is None else printed,
        baseline_mm=restated.get(0),
        nadir_mm=None if nadir_at is None else restated[nadir_at],
        nadir_at=nadir_at,
        original_baseline_mm=original.get(0),
        original_nadir_mm=min(original.values(), default=None) if 0 in original else None,
        restated=bool(drop),
        all_removed=bool(rows[0]) and len(drop) == len(rows[0]),
    )


def _gone(row: Row, settings: Settings) -> set[str]:
    """Lesions that the protocol has removed, where their sums are restated."""
    if settings.study_resection_target != "restate":
        return set()
    return {lesion for lesion, value in row.items() if value.state is _REMOVED}


def _has_sum(row: Row, gone: set[str]) -> bool:
    return all(value.evaluable for lesion, value in row.items() if lesion not in gone)


def _apart(row: Row, drop: set[str]) -> bool:
    """Whether no merged mass holds both a remaining and a removed lesion."""
    return all(
        (lesion in drop) == (value.carrier in drop) for lesion, value in row.items() if value.carrier is not None
    )


def _without(row: Row, drop: set[str]) -> Row:
    return {lesion: value for lesion, value in row.items() if lesion not in drop} if drop else row


def _evaluable_mm(row: Row, settings: Settings) -> Decimal:
    return total(value_mm(value, settings) for value in row.values() if value.evaluable)


def _sum_mm(row: Row, settings: Settings) -> Decimal:
    return total(value_mm(value, settings) for value in row.values())
