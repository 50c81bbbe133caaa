"""Agreement of readers in categories: Cohen's kappa, plain and weighted, and Fleiss' kappa.

Cohen 1960 (Educ Psychol Meas 20:37), Cohen 1968 (Psychol Bull 70:213), Fleiss 1971 (Psychol Bull 76:378). A row is one thing
that was rated, such as a subject at a visit; a column is a reader. Rows of one subject are resampled together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spinereview.analysis.bootstrap import Resampling, Statistic, bca_interval, clusters_of
from spinereview.analysis.figures import Figure, note, nothing
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

RESPONSE_ORDER = ("PD", "SD", "PR", "CR")
"""Order of responses for a weighted kappa; not evaluable is none of them and is left out."""

PREVALENT = 0.8
"""Share of one category from which kappa is hard to read (Byrt 1993, J Clin Epidemiol 46:423); the limit is ours."""


class Weights(StrEnum):
    """How far apart two categories are: all alike, by steps, by squared steps."""

    NONE = "NONE"
    LINEAR = "LINEAR"
    QUADRATIC = "QUADRATIC"


def cohen_kappa(
    pairs: Sequence[tuple[str | None, str | None]],
    categories: Sequence[str],
    *,
    weights: Weights = Weights.NONE,
    subjects: Sequence[Hashable] | None = None,
    how: Resampling | None = None,
) -> Figure:
    """Kappa of two readers.

    Parameters
    ----------
    pairs
        Ratings of both readers; a row in which one is None is left out and counted.
    categories
        All that there are, in order where weights are used; what is rated otherwise is refused.
    subjects
        Subject of each row; without it every row is one of its own.

    Returns
    -------
    Figure
        Parts: ``n``, ``observed``, ``expected`` (of agreement; weighted: of distance), ``largest_share``; of two categories
        also ``prevalence_index``, ``bias_index`` and ``pabak`` (Byrt 1993).

    Raises
    ------
    InvalidValue
        ``RATING_UNKNOWN``, ``CATEGORIES_TOO_FEW``, ``SUBJECTS_NOT_ROWS``.
    """
    name = f"kappa_{weights.value.lower()}" if weights is not Weights.NONE else "kappa"
    places = _places(categories)
    owners = _owners(subjects, len(pairs))
    kept = [(row, owner) for row, owner in zip(pairs, owners, strict=True) if None not in row]
    notes = _left_out(len(pairs) - len(kept))
    if not kept:
        return nothing(name, note("AGREEMENT_NO_ROWS"), notes=notes)
    at, count = clusters_of([owner for _, owner in kept])
    k = len(categories)
    tables = np.zeros((count, k, k), dtype=np.int64)
    for place, ((a, b), _) in zip(at, kept, strict=True):
        tables[place, _place(places, a), _place(places, b)] += 1
    distance = _distance(k, weights)
    table = tables.sum(axis=0)
    value = _kappa_of(table, distance)
    notes = (*notes, *_kappa_notes(table, categories))
    return _with_interval(
        Figure(name=name, value=value, parts=_kappa_parts(table, distance, weights), notes=notes),
        lambda drawn: _kappa_of(tables[drawn].sum(axis=0), distance),
        count,
        how,
    )


def fleiss_kappa(
    ratings: Sequence[Sequence[str | None]],
    categories: Sequence[str],
    *,
    subjects: Sequence[Hashable] | None = None,
    how: Resampling | None = None,
) -> Figure:
    """Kappa of two or more readers who need not be the same in each row; every row has the same number of ratings.

    Raises
    ------
    InvalidValue
        As :func:`cohen_kappa`; ``RATERS_DIFFER``.
    """
    name = "kappa_fleiss"
    places = _places(categories)
    owners = _owners(subjects, len(ratings))
    raters = {len(row) for row in ratings}
    require(holds=len(raters) <= 1, code="RATERS_DIFFER", counts=", ".join(map(str, sorted(raters))))
    kept = [(row, owner) for row, owner in zip(ratings, owners, strict=True) if None not in row]
    notes = _left_out(len(ratings) - len(kept))
    if not kept:
        return nothing(name, note("AGREEMENT_NO_ROWS"), notes=notes)
    n = len(kept[0][0])
    if n < 2:
        return nothing(name, note("AGREEMENT_ONE_READER"), notes=notes)
    at, count = clusters_of([owner for _, owner in kept])
    counts = np.zeros((len(kept), len(categories)), dtype=np.int64)
    for index, (row, _) in enumerate(kept):
        for rating in row:
            counts[index, _place(places, rating)] += 1
    agreeing = np.zeros(count)
    np.add.at(agreeing, at, ((counts**2).sum(axis=1) - n) / (n * (n - 1)))
    totals = np.zeros((count, len(categories)))
    np.add.at(totals, at, counts)
    rows = np.bincount(at, minlength=count)

    def kappa(drawn: NDArray[np.int64]) -> float:
        share = totals[drawn].sum(axis=0) / (n * rows[drawn].sum())
        return _beyond_chance(float(agreeing[drawn].sum() / rows[drawn].sum()), float((share**2).sum()))

    everyone = np.arange(count)
    share = totals.sum(axis=0) / (n * len(kept))
    parts = {
        "n": float(len(kept)),
        "readers": float(n),
        "observed": float(agreeing.sum() / len(kept)),
        "expected": float((share**2).sum()),
        "largest_share": float(share.max()),
    }
    notes = (*notes, *_share_notes(totals.sum(axis=0), categories))
    figure = Figure(name=name, value=kappa(everyone), parts=Table(parts), notes=notes)
    return _with_interval(figure, kappa, count, how)


def _with_interval(figure: Figure, statistic: Statistic, clusters: int, how: Resampling | None) -> Figure:
    if how is None:
        return figure
    interval, said = bca_interval(statistic, clusters, how)
    return Figure(
        name=figure.name,
        value=figure.value,
        intervals=() if interval is None else (interval,),
        parts=figure.parts,
        notes=(*figure.notes, *said),
    )


def _places(categories: Sequence[str]) -> dict[str, int]:
    places = {category: at for at, category in enumerate(categories)}
    require(holds=len(places) == len(categories) >= 2, code="CATEGORIES_TOO_FEW", given=", ".join(categories))
    return places


def _place(places: dict[str, int], rating: str | None) -> int:
    if rating is None or rating not in places:
        raise InvalidValue("RATING_UNKNOWN", rating=rating, allowed=", ".join(places))
    return places[rating]


def _owners(subjects: Sequence[Hashable] | None, rows: int) -> Sequence[Hashable]:
    owners = range(rows) if subjects is None else subjects
    require(holds=len(owners) == rows, code="SUBJECTS_NOT_ROWS", subjects=len(owners), rows=rows)
    return owners


def _left_out(count: int) -> tuple[Reason, ...]:
    return (note("AGREEMENT_LEFT_OUT", count=count),) if count else ()


def _distance(k: int, weights: Weights) -> NDArray[np.float64]:
    """Disagreement of two categories, 0 to 1: w = |i - j| / (k - 1), or its square (Cohen 1968)."""
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    if weights is Weights.LINEAR:
        return steps
    return steps**2 if weights is Weights.QUADRATIC else np.asarray(steps > 0, dtype=np.float64)


def _kappa_of(table: NDArray[np.int64], distance: NDArray[np.float64]) -> float:
    """1 - sum(w O) / sum(w E); plain kappa is the case of w = 1 off the diagonal."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chance = float((distance * expected).sum())
    # Both readers used one category, the same: they agree in full (our reading of 0/0), and a note says so.
    return 1.0 if chance == 0 else float(1 - (distance * table).sum() / chance)


def _beyond_chance(observed: float, expected: float) -> float:
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def _kappa_parts(table: NDArray[np.int64], distance: NDArray[np.float64], weights: Weights) -> Table[float]:
    n = int(table.sum())
    margins = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(*margins) / n
    alike = 1 - distance if weights is Weights.NONE else distance
    parts = {
        "n": float(n),
        "observed": float((alike * table).sum() / n),
        "expected": float((alike * expected).sum() / n),
        "largest_share": float(sum(margins).max() / (2 * n)),
    }
    if len(table) == 2:
        parts["prevalence_index"] = float((table[0, 0] - table[1, 1]) / n)
        parts["bias_index"] = float((table[0, 1] - table[1, 0]) / n)
        parts["pabak"] = float(2 * np.trace(table) / n - 1)
    return Table(parts)


def _kappa_notes(table: NDArray[np.int64], categories: Sequence[str]) -> tuple[Reason, ...]:
    return _share_notes(table.sum(axis=0) + table.sum(axis=1), categories)


def _share_notes(counts: NDArray[np.int64] | NDArray[np.float64], categories: Sequence[str]) -> tuple[Reason, ...]:
    listed: list[Reason] = []
    unseen = [category for category, count in zip(categories, counts, strict=True) if count == 0]
    if len(unseen) == len(categories) - 1:
        return (note("KAPPA_ONE_CATEGORY", category=categories[int(np.argmax(counts))]),)
    if unseen:
        listed.append(note("KAPPA_UNSEEN", categories=", ".join(unseen)))
    share = float(counts.max() / counts.sum())
    if share >= PREVALENT:
        category = categories[int(np.argmax(counts))]
        listed.append(note("KAPPA_PREVALENCE", category=category, share_pct=f"{100 * share:.1f}"))
    return tuple(listed)
