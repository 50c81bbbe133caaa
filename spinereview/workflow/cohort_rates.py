"""Rates of a cohort with their intervals, in the words and decimals in which they are told."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from spinereview.analysis.rates import Count, rate
from spinereview.domain.assessment import Assessment

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRate:
    """Percent with a decimal, and the exact 95 % interval of Clopper and Pearson; empty where there is no rate."""

    rate_pct: str = ""
    low_pct: str = ""
    high_pct: str = ""
    method: str = ""

    def as_values(self) -> dict[str, str]:
        """For a file."""
        return {
            "rate_pct": self.rate_pct,
            "low_pct": self.low_pct,
            "high_pct": self.high_pct,
            "interval": f"95 % {self.method}" if self.method else "",
        }


def told_rate(answer: Assessment) -> ToldRate:
    """Rate of an answer that counts responders; none where it counts nobody, or where some are undetermined."""
    responders, subjects = answer.values.get("responders"), answer.values.get("subjects")
    if responders is None or not subjects or answer.values.get("undetermined"):
        return ToldRate()
    figure = rate(Count(responders=int(responders), subjects=int(subjects)))
    if figure.value is None or not figure.intervals:
        return ToldRate()
    interval = figure.intervals[0]
    return ToldRate(
        rate_pct=str((100 * responders / subjects).quantize(_TENTH, ROUND_HALF_UP)),
        low_pct=_percent(interval.low),
        high_pct=_percent(interval.high),
        method=interval.method,
    )


def _percent(share: float) -> str:
    return str((100 * Decimal(share)).quantize(_TENTH, ROUND_HALF_UP))
