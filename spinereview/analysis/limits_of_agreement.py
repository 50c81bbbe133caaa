"""Agreement of two readers in numbers: limits of agreement, repeatability.

Bland, Altman 1986 (Lancet 1:307) and 1999 (Stat Methods Med Res 8:135). Differences are exact fractions until
their spread is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from spinereview.analysis.bootstrap import Resampling, bca_interval, clusters_of
from spinereview.analysis.figures import Figure, Interval, alpha_of, note, nothing
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table

Number = Decimal | int
BLAND_ALTMAN = "BLAND_ALTMAN_T"
LIMIT = 1.96
"""Of the limits of agreement, as Bland and Altman print it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOfAgreement:
    """Mean of the differences, their limits, and repeatability, in the unit of the numbers or in percent of their mean.

    ``repeatability`` is 1.96 times the square root of 2 times the standard deviation within, which takes both numbers as
    repeats of one reading: of two readers it also holds what one measures more than the other.
    """

    bias: Figure
    lower: Figure
    upper: Figure
    within_sd: Figure
    repeatability: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, in their order."""
        return self.bias, self.lower, self.upper, self.within_sd, self.repeatability


_NAMES = ("bias", "lower_limit", "upper_limit", "within_sd", "repeatability")


def bland_altman(
    pairs: Sequence[tuple[Number | None, Number | None]],
    *,
    relative: bool = False,
    level_pct: float = 95.0,
    subjects: Sequence[Hashable] | None = None,
    how: Resampling | None = None,
) -> LimitsOfAgreement:
    """Limits of agreement of first minus second; ``relative``: in percent of the mean of the two.

    The intervals are those of Bland and Altman 1999 for independent pairs. Where a subject has several a note says that they
    are too narrow, and the bootstrap of subjects comes first.

    Raises
    ------
    InvalidValue
        ``SUBJECTS_NOT_ROWS``.
    """
    owners = range(len(pairs)) if subjects is None else subjects
    require(holds=len(owners) == len(pairs), code="SUBJECTS_NOT_ROWS", subjects=len(owners), rows=len(pairs))
    kept = [
        (Fraction(a), Fraction(b), owner)
        for (a, b), owner in zip(pairs, owners, strict=True)
        if a is not None and b is not None
    ]
    lost = len(pairs) - len(kept)
    notes: tuple[Reason, ...] = (note("AGREEMENT_LEFT_OUT", count=lost),) if lost else ()
    if relative:
        whole = [one for one in kept if one[0] + one[1] != 0]
        if len(whole) < len(kept):
            notes = (*notes, note("BLAND_ALTMAN_ZERO_MEAN", count=len(kept) - len(whole)))
        kept = whole
    differences = [100 * 2 * (a - b) / (a + b) if relative else a - b for a, b, _ in kept]
    at, count = clusters_of([owner for _, _, owner in kept])
    if count < len(kept):
        notes = (*notes, note("BLAND_ALTMAN_CLUSTERED", rows=len(kept), subjects=count))
    if len(differences) < 2:
        reason = note("BLAND_ALTMAN_PAIRS_TOO_FEW", count=len(differences))
        return LimitsOfAgreement(**dict(zip(_FIELDS, [nothing(n, reason, notes=notes) for n in _NAMES], strict=True)))
    found = _limits(differences, level_pct, notes)
    return found if how is None else _with_bootstrap(found, differences, at, count, how)


_FIELDS = ("bias", "lower", "upper", "within_sd", "repeatability")


def _limits(differences: Sequence[Fraction], level_pct: float, notes: tuple[Reason, ...]) -> LimitsOfAgreement:
    from scipy.stats import t

    n = len(differences)
    mean = sum(differences, Fraction(0)) / n
    spread = sqrt(sum(((one - mean) ** 2 for one in differences), Fraction(0)) / (n - 1))
    within = sqrt(sum((one**2 for one in differences), Fraction(0)) / (2 * n))
    quantile = float(t.ppf(1 - alpha_of(level_pct) / 2, n - 1))
    of_mean = quantile * spread / sqrt(n)
    of_limit = quantile * spread * sqrt(1 / n + LIMIT**2 / (2 * (n - 1)))
    parts = Table({"n": float(n), "sd": spread})

    def figure(name: str, value: float, half: float | None) -> Figure:
        ends = () if half is None else (_around(value, half, level_pct),)
        return Figure(name=name, value=value, intervals=ends, parts=parts, notes=notes)

    bias = float(mean)
    return LimitsOfAgreement(
        bias=figure(_NAMES[0], bias, of_mean),
        lower=figure(_NAMES[1], bias - LIMIT * spread, of_limit),
        upper=figure(_NAMES[2], bias + LIMIT * spread, of_limit),
        within_sd=figure(_NAMES[3], within, None),
        repeatability=figure(_NAMES[4], LIMIT * sqrt(2) * within, None),
    )


def _with_bootstrap(
    found: LimitsOfAgreement, differences: Sequence[Fraction], at: NDArray[np.int64], count: int, how: Resampling
) -> LimitsOfAgreement:
    """The same figures with intervals from resampled subjects, first where a subject has several pairs."""
    values = np.array(differences, dtype=np.float64)
    sizes = np.bincount(at, minlength=count).astype(np.float64)
    sums = np.bincount(at, weights=values, minlength=count)
    squared = np.bincount(at, weights=values**2, minlength=count)

    def moments(drawn: NDArray[np.int64]) -> tuple[float, float, float]:
        """Mean, standard deviation, and standard deviation within, of drawn subjects."""
        n, total, square = float(sizes[drawn].sum()), float(sums[drawn].sum()), float(squared[drawn].sum())
        if n < 2:
            return nan, nan, nan
        return total / n, sqrt(max(0.0, square - total**2 / n) / (n - 1)), sqrt(square / (2 * n))

    statistics: dict[str, Callable[[float, float, float], float]] = {
        "bias": lambda mean, _sd, _within: mean,
        "lower": lambda mean, sd, _within: mean - LIMIT * sd,
        "upper": lambda mean, sd, _within: mean + LIMIT * sd,
        "within_sd": lambda _mean, _sd, within: within,
        "repeatability": lambda _mean, _sd, within: LIMIT * sqrt(2) * within,
    }

    def interval(of: Callable[[float, float, float], float]) -> tuple[Interval | None, tuple[Reason, ...]]:
        return bca_interval(lambda drawn: of(*moments(drawn)), count, how)

    figures: dict[str, Figure] = {}
    for field, of in statistics.items():
        figure: Figure = getattr(found, field)
        resampled, said = interval(of)
        ends = () if resampled is None else (resampled,)
        both = ends + figure.intervals if count < len(differences) else figure.intervals + ends
        figures[field] = replace(figure, intervals=both, notes=(*figure.notes, *said))
    return LimitsOfAgreement(**figures)


def _around(value: float, half: float, level_pct: float) -> Interval:
    return Interval(low=value - half, high=value + half, level_pct=level_pct, method=BLAND_ALTMAN)
