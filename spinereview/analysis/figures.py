"""A figure with its intervals, or the reason why there is none. It is never NaN and never silently absent."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from statistics import NormalDist

from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Confidence interval, both ends included.

    Parameters
    ----------
    level_pct
        Two-sided confidence in percent; 90 belongs to a one-sided test at 0.05.
    method
        Name of the method, as docs/statistics.md has it.
    """

    low: float
    high: float
    level_pct: float
    method: str

    def __post_init__(self) -> None:
        holds = isfinite(self.low) and isfinite(self.high) and self.low <= self.high
        require(holds=holds, code="STATISTIC_NOT_FINITE", name=self.method)
        require(holds=0 < self.level_pct < 100, code="STATISTIC_LEVEL", value=self.level_pct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure.

    Parameters
    ----------
    value
        None exactly where ``missing`` says why.
    notes
        What has to be known to read the figure; also why there is no interval.
    parts
        Counts and intermediate values behind it.
    """

    name: str
    value: float | None
    intervals: tuple[Interval, ...] = ()
    parts: Table[float] = field(default_factory=Table)
    notes: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        require(holds=(self.value is None) == bool(self.missing), code="STATISTIC_WITHOUT_REASON", name=self.name)
        finite = (self.value is None or isfinite(self.value)) and all(map(isfinite, self.parts.values()))
        require(holds=finite, code="STATISTIC_NOT_FINITE", name=self.name)

    @property
    def interval(self) -> Interval | None:
        """The first interval; None where there is none."""
        return self.intervals[0] if self.intervals else None


def note(code: str, **args: object) -> Reason:
    """Reason of a statistic, its arguments as text."""
    return Reason(code=code, args=Table({name: str(value) for name, value in args.items()}))


def nothing(
    name: str, *missing: Reason, notes: tuple[Reason, ...] = (), parts: dict[str, float] | None = None
) -> Figure:
    """Say that there is no figure, and why."""
    return Figure(name=name, value=None, missing=missing, notes=notes, parts=Table(parts or {}))


def alpha_of(level_pct: float) -> float:
    """Two-sided error of a level of confidence.

    >>> alpha_of(90)
    0.1
    """
    require(holds=0 < level_pct < 100, code="STATISTIC_LEVEL", value=level_pct)
    return round(1 - level_pct / 100, 12)


def normal_quantile(level_pct: float) -> float:
    """Two-sided quantile of the normal distribution: 1.96 for 95."""
    return NormalDist().inv_cdf(1 - alpha_of(level_pct) / 2)
