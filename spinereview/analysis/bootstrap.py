"""Bootstrap intervals with whole subjects as the unit: readings of one subject are not independent of each other.

Efron 1987 (J Am Stat Assoc 82:171): bias-corrected and accelerated, 2,000 resamples, from a seed that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinereview.analysis.figures import Interval, note
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require

METHOD = "BOOTSTRAP_BCA"
Statistic = Callable[[NDArray[np.int64]], float]
"""Value of the statistic over the clusters with these positions; NaN where it does not exist for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How to resample; the same seed gives the same interval."""

    seed: int
    resamples: int = 2000
    level_pct: float = 95.0

    def __post_init__(self) -> None:
        require(holds=self.seed >= 0, code="BOOTSTRAP_SEED", value=self.seed)
        require(holds=self.resamples >= 100, code="BOOTSTRAP_RESAMPLES", value=self.resamples)
        require(holds=0 < self.level_pct < 100, code="STATISTIC_LEVEL", value=self.level_pct)


def clusters_of(subjects: Sequence[Hashable]) -> tuple[NDArray[np.int64], int]:
    """Position of each row's subject among the subjects in order of appearance, and how many there are.

    >>> clusters_of(["a", "b", "a"])[1]
    2
    """
    places: dict[Hashable, int] = {}
    rows = [places.setdefault(subject, len(places)) for subject in subjects]
    return np.array(rows, dtype=np.int64), len(places)


def bca_interval(statistic: Statistic, clusters: int, how: Resampling) -> tuple[Interval | None, tuple[Reason, ...]]:
    """Interval, with a note of its seed; or None with the reason."""
    if clusters < 2:
        return None, (note("BOOTSTRAP_ONE_SUBJECT"),)
    everyone = np.arange(clusters)
    value = statistic(everyone)
    resampled = _resampled(statistic, clusters, how)
    left_out = np.array([statistic(np.delete(everyone, at)) for at in range(clusters)])
    undefined = int(np.isnan(resampled).sum() + np.isnan(left_out).sum())
    if undefined:
        return None, (note("BOOTSTRAP_UNDEFINED", count=undefined, total=how.resamples + clusters),)
    if np.ptp(resampled) == 0 or np.ptp(left_out) == 0:
        return None, (note("BOOTSTRAP_NO_SPREAD"),)
    ends = _bca_ends(value, resampled, left_out, how.level_pct)
    if ends is None:
        return None, (note("BOOTSTRAP_ONE_SIDE"),)
    interval = Interval(low=ends[0], high=ends[1], level_pct=how.level_pct, method=METHOD)
    return interval, (note("BOOTSTRAP_SEEDED", seed=how.seed, resamples=how.resamples, subjects=clusters),)


def _resampled(statistic: Statistic, clusters: int, how: Resampling) -> NDArray[np.float64]:
    # PCG64 by name: what `default_rng` is may change between versions of NumPy.
    random = np.random.Generator(np.random.PCG64(how.seed))
    drawn = random.integers(0, clusters, size=(how.resamples, clusters))
    return np.array([statistic(row) for row in drawn])


def _bca_ends(
    value: float, resampled: NDArray[np.float64], left_out: NDArray[np.float64], level_pct: float
) -> tuple[float, float] | None:
    """Ends by Efron 1987, equation 2.3; None where all resamples lie on one side of the value."""
    from scipy.special import ndtr, ndtri

    below = float(np.mean(resampled < value) + np.mean(resampled <= value)) / 2
    if below in {0.0, 1.0}:
        return None
    bias = ndtri(below)
    away = left_out.mean() - left_out
    acceleration = float((away**3).sum() / (6 * (away**2).sum() ** 1.5))
    tail = (1 - level_pct / 100) / 2
    shifted = bias + ndtri(np.array([tail, 1 - tail]))
    scale = 1 - acceleration * shifted
    if np.any(scale <= 0):
        return None
    low, high = np.quantile(resampled, ndtr(bias + shifted / scale))
    return float(low), float(high)
