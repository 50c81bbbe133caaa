"""Power of a comparison of two rates by enumeration of every outcome: no approximation but that of the test itself."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.checks import require

Counts = NDArray[np.float64]


def superiority_power(subjects: tuple[int, int], rates: tuple[float, float], *, alpha: float = 0.05) -> float:
    """Probability that the one-sided pooled z test calls the first arm better.

    Parameters
    ----------
    subjects, rates
        Of the first and of the second arm.

    >>> round(superiority_power((60, 30), (0.90, 0.66)), 2)
    0.87
    """
    _check(subjects, alpha)
    critical = NormalDist().inv_cdf(1 - alpha)

    def rejects(first: Counts, second: Counts) -> NDArray[np.bool_]:
        n, m = subjects
        pooled = (first + second) / (n + m)
        variance = pooled * (1 - pooled) * (1 / n + 1 / m)
        gain = first / n - second / m
        return (gain > 0) & (gain**2 >= critical**2 * variance)

    return _probability(subjects, rates, rejects)


def non_inferiority_power(
    subjects: tuple[int, int], rates: tuple[float, float], *, margin: float, alpha: float = 0.05
) -> float:
    """Probability that the lower one-sided bound of Newcombe lies above minus the margin; rates are of success."""
    _check(subjects, alpha)
    require(holds=0 < margin < 1, code="NI_MARGIN", value=margin)
    quantile = NormalDist().inv_cdf(1 - alpha)

    def rejects(first: Counts, second: Counts) -> NDArray[np.bool_]:
        a, b = first / subjects[0], second / subjects[1]
        low, _ = _wilson(a, subjects[0], quantile)
        _, high = _wilson(b, subjects[1], quantile)
        return np.asarray(a - b - np.sqrt((a - low) ** 2 + (high - b) ** 2) > -margin)

    return _probability(subjects, rates, rejects)


def type_one_error(subjects: tuple[int, int], *, alpha: float = 0.05) -> float:
    """Largest probability that the pooled z test calls the first arm better where both rates are equal.

    Searched over rates of 0.001 to 0.999 in steps of 0.001; it may lie above ``alpha``, which the test only approximates.
    """
    return max(superiority_power(subjects, (p / 1000, p / 1000), alpha=alpha) for p in range(1, 1000))


def _wilson(share: Counts, n: int, quantile: float) -> tuple[Counts, Counts]:
    """Interval of Wilson 1927 (J Am Stat Assoc 22:209)."""
    square = quantile**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = quantile * np.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return centre - half, centre + half


def _probability(
    subjects: tuple[int, int], rates: tuple[float, float], rejects: Callable[[Counts, Counts], NDArray[np.bool_]]
) -> float:
    from scipy.stats import binom

    for one in rates:
        require(holds=0 <= one <= 1, code="POWER_RATE", value=one)
    first = np.arange(subjects[0] + 1, dtype=np.float64)
    second = np.arange(subjects[1] + 1, dtype=np.float64)
    chance = np.outer(binom.pmf(first, subjects[0], rates[0]), binom.pmf(second, subjects[1], rates[1]))
    return float(chance[rejects(first[:, None], second[None, :])].sum())


def _check(subjects: tuple[int, int], alpha: float) -> None:
    for one in subjects:
        require(holds=one >= 1, code="POWER_SUBJECTS", value=one)
    require(holds=0 < alpha < 0.5, code="ONE_SIDED_ALPHA", value=alpha)
