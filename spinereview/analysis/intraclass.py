"""Agreement of readers in numbers: intraclass correlation of a single rating.

Shrout, Fleiss 1979 (Psychol Bull 86:420); McGraw, Wong 1996 (Psychol Methods 1:30).
Sums of squares are exact fractions, so that full agreement is told from nearly full.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from spinereview.analysis.bootstrap import Resampling, bca_interval, clusters_of
from spinereview.analysis.figures import Figure, Interval, alpha_of, note, nothing
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table

Number = Decimal | int
MCGRAW_WONG = "MCGRAW_WONG"


class Form(StrEnum):
    """Intraclass correlation of a single rating, by the names of Shrout and Fleiss.

    ICC_1_1: each row has readers of its own. ICC_2_1: the same readers, a sample of all; absolute agreement. ICC_3_1: these
    readers and no others; consistency.
    """

    ICC_1_1 = "ICC_1_1"
    ICC_2_1 = "ICC_2_1"
    ICC_3_1 = "ICC_3_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Squares:
    """Mean squares of n rows by k readers: between rows, between readers, of the rest, within rows."""

    n: int
    k: int
    rows: Fraction
    readers: Fraction
    rest: Fraction
    within: Fraction


def icc(
    ratings: Sequence[Sequence[Number | None]],
    form: Form = Form.ICC_2_1,
    *,
    level_pct: float = 95.0,
    subjects: Sequence[Hashable] | None = None,
    how: Resampling | None = None,
) -> Figure:
    """Intraclass correlation with the interval of McGraw and Wong.

    Parameters
    ----------
    ratings
        Rows of one number for each reader; a row that lacks one is left out and counted.
    subjects, how
        Subject of each row. Where a subject has several rows the interval of McGraw and Wong is too narrow; a note says so
        and the bootstrap of subjects comes first.

    Returns
    -------
    Figure
        Parts: ``n``, ``readers``, ``msr`` (between rows), ``msc`` (between readers), ``mse`` (rest), ``msw`` (within rows).

    Raises
    ------
    InvalidValue
        ``RATERS_DIFFER``, ``SUBJECTS_NOT_ROWS``.
    """
    name = form.value.lower()
    widths = {len(row) for row in ratings}
    require(holds=len(widths) <= 1, code="RATERS_DIFFER", counts=", ".join(map(str, sorted(widths))))
    owners = range(len(ratings)) if subjects is None else subjects
    require(holds=len(owners) == len(ratings), code="SUBJECTS_NOT_ROWS", subjects=len(owners), rows=len(ratings))
    kept = [
        ([Fraction(value) for value in row if value is not None], owner)
        for row, owner in zip(ratings, owners, strict=True)
        if None not in row
    ]
    lost = len(ratings) - len(kept)
    notes = (note("AGREEMENT_LEFT_OUT", count=lost),) if lost else ()
    if len(kept) < 2:
        return nothing(name, note("ICC_ROWS_TOO_FEW", count=len(kept)), notes=notes)
    if len(kept[0][0]) < 2:
        return nothing(name, note("AGREEMENT_ONE_READER"), notes=notes)
    found = squares([row for row, _ in kept])
    value = _icc_of(found, form)
    parts = _parts(found)
    if value is None:
        return nothing(name, note("ICC_NO_VARIATION"), notes=notes, parts=parts)
    exact, said = _mcgraw_wong(found, form, value, level_pct)
    at, count = clusters_of([owner for _, owner in kept])
    resampled: Interval | None = None
    if count < len(kept):
        said = (*said, note("ICC_CLUSTERED", rows=len(kept), subjects=count))
    if how is not None:
        resampled, more = _resampled(np.array([row for row, _ in kept], dtype=np.float64), at, count, form, how)
        said = (*said, *more)
    both = (resampled, exact) if count < len(kept) else (exact, resampled)
    return Figure(
        name=name,
        value=float(value),
        intervals=tuple(one for one in both if one is not None),
        parts=Table(parts),
        notes=(*notes, *said),
    )


def squares(rows: Sequence[Sequence[Fraction]]) -> Squares:
    """Mean squares of the two-way analysis of variance with one rating in each cell, exactly."""
    n, k = len(rows), len(rows[0])
    grand = sum((sum(row, Fraction(0)) for row in rows), Fraction(0)) / (n * k)
    row_means = [sum(row, Fraction(0)) / k for row in rows]
    reader_means = [sum((row[j] for row in rows), Fraction(0)) / n for j in range(k)]
    total = sum(((value - grand) ** 2 for row in rows for value in row), Fraction(0))
    between_rows = k * sum(((mean - grand) ** 2 for mean in row_means), Fraction(0))
    between_readers = n * sum(((mean - grand) ** 2 for mean in reader_means), Fraction(0))
    return Squares(
        n=n,
        k=k,
        rows=between_rows / (n - 1),
        readers=between_readers / (k - 1),
        rest=(total - between_rows - between_readers) / ((n - 1) * (k - 1)),
        within=(total - between_rows) / (n * (k - 1)),
    )


def _icc_of(found: Squares, form: Form) -> Fraction | None:
    """The coefficient; None where all ratings are equal."""
    n, k = found.n, found.k
    if form is Form.ICC_1_1:
        top, bottom = found.rows - found.within, found.rows + (k - 1) * found.within
    elif form is Form.ICC_2_1:
        top = found.rows - found.rest
        bottom = found.rows + (k - 1) * found.rest + k * (found.readers - found.rest) / n
    else:
        top, bottom = found.rows - found.rest, found.rows + (k - 1) * found.rest
    return top / bottom if bottom else None


def _parts(found: Squares) -> dict[str, float]:
    return {
        "n": float(found.n),
        "readers": float(found.k),
        "msr": float(found.rows),
        "msc": float(found.readers),
        "mse": float(found.rest),
        "msw": float(found.within),
    }


def _mcgraw_wong(
    found: Squares, form: Form, value: Fraction, level_pct: float
) -> tuple[Interval | None, tuple[Reason, ...]]:
    """Interval by the F distribution (McGraw, Wong 1996, Table 7)."""
    from scipy.stats import f

    tail = 1 - alpha_of(level_pct) / 2
    n, k = found.n, found.k
    error = found.within if form is Form.ICC_1_1 else found.rest
    if value == 1 or (error == 0 and form is not Form.ICC_2_1):
        return None, (note("ICC_NO_ERROR"),)
    rows, readers, rest = float(found.rows), float(found.readers), float(found.rest)
    if form is Form.ICC_2_1:
        r = float(value)
        a, b = k * r / (n * (1 - r)), 1 + k * r * (n - 1) / (n * (1 - r))
        spread = (a * readers) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
        if spread == 0:
            return None, (note("ICC_NO_ERROR"),)
        freedom = (a * readers + b * rest) ** 2 / spread
        below, above = float(f.ppf(tail, n - 1, freedom)), float(f.ppf(tail, freedom, n - 1))
        low = n * (rows - below * rest) / (below * (k * readers + (k * n - k - n) * rest) + n * rows)
        high = n * (above * rows - rest) / (k * readers + (k * n - k - n) * rest + n * above * rows)
    else:
        freedom = n * (k - 1) if form is Form.ICC_1_1 else (n - 1) * (k - 1)
        ratio = float(found.rows / error)
        below = ratio / float(f.ppf(tail, n - 1, freedom))
        above = ratio * float(f.ppf(tail, freedom, n - 1))
        low, high = (below - 1) / (below + k - 1), (above - 1) / (above + k - 1)
    if isnan(low) or isnan(high) or low > high:
        return None, (note("ICC_INTERVAL_NONE"),)
    return Interval(low=low, high=high, level_pct=level_pct, method=MCGRAW_WONG), ()


def _resampled(
    rows: NDArray[np.float64], at: NDArray[np.int64], count: int, form: Form, how: Resampling
) -> tuple[Interval | None, tuple[Reason, ...]]:
    members = [np.flatnonzero(at == cluster) for cluster in range(count)]

    def statistic(drawn: NDArray[np.int64]) -> float:
        picked = rows[np.concatenate([members[cluster] for cluster in drawn])]
        n, k = picked.shape
        if n < 2:
            return nan
        centred = picked - picked.mean()
        between_rows = k * float((centred.mean(axis=1) ** 2).sum())
        between_readers = n * float((centred.mean(axis=0) ** 2).sum())
        total = float((centred**2).sum())
        rows_ms, readers_ms = between_rows / (n - 1), between_readers / (k - 1)
        rest = max(0.0, total - between_rows - between_readers) / ((n - 1) * (k - 1))
        within = max(0.0, total - between_rows) / (n * (k - 1))
        error = within if form is Form.ICC_1_1 else rest
        bottom = rows_ms + (k - 1) * error
        if form is Form.ICC_2_1:
            bottom += k * (readers_ms - rest) / n
        return (rows_ms - error) / bottom if bottom > 0 else nan

    return bca_interval(statistic, count, how)
