"""Rates, their difference between two arms, and the tests of it.

Clopper, Pearson 1934 (Biometrika 26:404); Newcombe 1998 (Stat Med 17:873), method 10; Mantel, Haenszel 1959 (J Natl Cancer
Inst 22:719); Sato 1989 (Biometrics 45:1323); Klingenberg 2014 (Stat Med 33:2968). A rate is of subjects; who cannot be
evaluated is counted by whoever counts, never left out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from spinereview.analysis.figures import Figure, Interval, alpha_of, note, nothing
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table

CLOPPER_PEARSON = "CLOPPER_PEARSON"
NEWCOMBE = "NEWCOMBE_10"
KLINGENBERG = "KLINGENBERG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Responders among subjects."""

    responders: int
    subjects: int

    def __post_init__(self) -> None:
        holds = 0 <= self.responders <= self.subjects
        require(holds=holds, code="COUNT_IMPOSSIBLE", responders=self.responders, subjects=self.subjects)

    @property
    def rate(self) -> float:
        """Share of responders; only where there is a subject."""
        return self.responders / self.subjects


def rate(count: Count, *, level_pct: float = 95.0) -> Figure:
    """Rate with the exact interval of Clopper and Pearson.

    >>> round(rate(Count(responders=0, subjects=10)).interval.high, 4)
    0.3085
    """
    if count.subjects == 0:
        return nothing("rate", note("RATE_NO_SUBJECTS"))
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count.responders, count.subjects, alpha_of(level_pct), method="beta")
    interval = Interval(low=float(low), high=float(high), level_pct=level_pct, method=CLOPPER_PEARSON)
    return Figure(name="rate", value=count.rate, intervals=(interval,), parts=_parts(rate=count))


def difference(first: Count, second: Count, *, level_pct: float = 95.0) -> Figure:
    """Rate of the first arm minus that of the second, with Newcombe's interval from the two of Wilson."""
    empty = _empty(first, second)
    if empty:
        return nothing("difference", *empty)
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        first.responders,
        first.subjects,
        second.responders,
        second.subjects,
        method="newcomb",
        compare="diff",
        alpha=alpha_of(level_pct),
    )
    value = first.rate - second.rate
    # At a rate of 0 or 1 an end is the value itself, and the sum of squares may miss it by the last digit.
    interval = Interval(low=min(float(low), value), high=max(float(high), value), level_pct=level_pct, method=NEWCOMBE)
    return Figure(name="difference", value=value, intervals=(interval,), parts=_parts(first=first, second=second))


def superiority(first: Count, second: Count) -> Figure:
    """One-sided p of the pooled z test that the rate of the first arm is higher; part ``z``, part ``p_two_sided``."""
    empty = _empty(first, second)
    if empty:
        return nothing("p_one_sided", *empty)
    responders = first.responders + second.responders
    if responders in {0, first.subjects + second.subjects}:
        return nothing("p_one_sided", note("RATE_NO_VARIATION"))
    z = pooled_z(first, second)
    return _tested("p_one_sided", z, first, second)


def pooled_z(first: Count, second: Count) -> float:
    """Z of the difference of two rates with the pooled variance; only where some respond and some do not."""
    n, m = first.subjects, second.subjects
    pooled = (first.responders + second.responders) / (n + m)
    return (first.rate - second.rate) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))


def stratified(strata: Mapping[str, tuple[Count, Count]]) -> Figure:
    """One-sided p of Cochran, Mantel and Haenszel that the first arm is higher, without correction for continuity.

    Parts: ``z``, ``p_two_sided``, ``strata``, and ``odds_ratio`` of Mantel and Haenszel where it is finite. Strata in which
    an arm is empty, or nobody differs, carry no information; they are named.
    """
    used = {name: pair for name, pair in strata.items() if _informs(*pair)}
    unused = ", ".join(name for name in strata if name not in used)
    notes = (note("CMH_STRATA_UNUSED", strata=unused),) if unused else ()
    if not used:
        return nothing("p_one_sided_cmh", note("CMH_NO_STRATA"), notes=notes)
    from statsmodels.stats.contingency_tables import StratifiedTable

    tables = [[[one.responders, one.subjects - one.responders] for one in pair] for pair in used.values()]
    table = StratifiedTable(tables)
    excess = sum(_excess(*pair) for pair in used.values())
    z = sqrt(max(0.0, float(table.test_null_odds(correction=False).statistic))) * (1 if excess >= 0 else -1)
    parts = {"strata": float(len(used)), "z": z, "p_two_sided": 2 * _upper(abs(z))}
    top = sum(a.responders * (b.subjects - b.responders) / (a.subjects + b.subjects) for a, b in used.values())
    bottom = sum(b.responders * (a.subjects - a.responders) / (a.subjects + b.subjects) for a, b in used.values())
    if bottom:
        parts["odds_ratio"] = top / bottom
    return Figure(name="p_one_sided_cmh", value=_upper(z), parts=Table(parts), notes=notes)


def stratified_difference(strata: Mapping[str, tuple[Count, Count]], *, level_pct: float = 95.0) -> Figure:
    """Difference of two rates that strata have in common, weighted after Mantel and Haenszel, with Klingenberg's interval.

    The interval holds every difference that a test with Sato's variance at that difference does not reject; it holds for
    a few large strata and for many small ones. Parts: ``standard_error`` of Sato, ``strata``. Strata in which an arm is
    empty have no weight; they are named.
    """
    used = {name: pair for name, pair in strata.items() if not _empty(*pair)}
    unused = ", ".join(name for name in strata if name not in used)
    notes = (note("DIFFERENCE_STRATA_UNUSED", strata=unused),) if unused else ()
    if not used:
        return nothing("difference_stratified", note("DIFFERENCE_NO_STRATA"), notes=notes)
    weight = sum(_weight(a, b) for a, b in used.values())
    value = sum(_weight(a, b) * (a.rate - b.rate) for a, b in used.values()) / weight
    slope, constant = (sum(terms) for terms in zip(*(_sato(a, b) for a, b in used.values()), strict=True))
    z = NormalDist().inv_cdf(1 - alpha_of(level_pct) / 2)
    # Roots of (value - d)² = z² (d slope + constant) / weight².
    middle = value + z**2 * slope / weight**2 / 2
    half = sqrt(max(0.0, middle**2 - value**2 + z**2 * constant / weight**2))
    interval = Interval(
        low=max(-1.0, min(middle - half, value)),
        high=min(1.0, max(middle + half, value)),
        level_pct=level_pct,
        method=KLINGENBERG,
    )
    error = sqrt(max(0.0, value * slope + constant)) / weight
    parts = Table({"strata": float(len(used)), "standard_error": error})
    return Figure(name="difference_stratified", value=value, intervals=(interval,), parts=parts, notes=notes)


def non_inferiority(first: Count, second: Count, *, margin: float, alpha: float = 0.05) -> Figure:
    """Lower one-sided bound of the difference of two rates of success, and whether it lies above minus the margin.

    The bound is the lower end of Newcombe's interval at 100 (1 - 2 alpha) %. Part ``holds`` is 1 or 0. For a rate of failure
    give the successes.
    """
    require(holds=0 < margin < 1, code="NI_MARGIN", value=margin)
    require(holds=0 < alpha < 0.5, code="ONE_SIDED_ALPHA", value=alpha)
    found = difference(first, second, level_pct=100 * (1 - 2 * alpha))
    if found.interval is None:
        return nothing("lower_bound", *found.missing)
    bound = found.interval.low
    parts = {**found.parts, "difference": first.rate - second.rate, "margin": margin, "holds": float(bound > -margin)}
    return Figure(name="lower_bound", value=bound, parts=Table(parts))


def _tested(name: str, z: float, first: Count, second: Count) -> Figure:
    parts = {**_parts(first=first, second=second), "z": z, "p_two_sided": 2 * _upper(abs(z))}
    expected = min(
        one.subjects * share
        for pooled in [(first.responders + second.responders) / (first.subjects + second.subjects)]
        for one in (first, second)
        for share in (pooled, 1 - pooled)
    )
    notes = (note("RATE_SMALL_NUMBERS", expected=f"{expected:.1f}"),) if expected < 5 else ()
    return Figure(name=name, value=_upper(z), parts=Table(parts), notes=notes)


def _upper(z: float) -> float:
    """Probability of a normal value above z; from the lower tail, which keeps its digits when it is small."""
    return NormalDist().cdf(-z)


def _informs(first: Count, second: Count) -> bool:
    responders = first.responders + second.responders
    return bool(first.subjects and second.subjects) and 0 < responders < first.subjects + second.subjects


def _weight(first: Count, second: Count) -> float:
    return first.subjects * second.subjects / (first.subjects + second.subjects)


def _sato(first: Count, second: Count) -> tuple[float, float]:
    """What a stratum adds to Sato's variance of the weighted difference: for each unit of that difference, and at zero."""
    n, m = first.subjects, second.subjects
    x, y = first.responders, second.responders
    return (n**2 * y - m**2 * x + n * m * (m - n) / 2) / (n + m) ** 2, (x * (m - y) + y * (n - x)) / (2 * (n + m))


def _excess(first: Count, second: Count) -> float:
    """Responders of the first arm above what the stratum's margins lead to expect."""
    share = first.subjects / (first.subjects + second.subjects)
    return first.responders - share * (first.responders + second.responders)


def _empty(first: Count, second: Count) -> tuple[Reason, ...]:
    return (note("RATE_ARM_EMPTY"),) if not first.subjects or not second.subjects else ()


def _parts(**counts: Count) -> Table[float]:
    parts: dict[str, float] = {}
    for name, count in counts.items():
        prefix = "" if name == "rate" else f"{name}_"
        parts[f"{prefix}responders"] = float(count.responders)
        parts[f"{prefix}subjects"] = float(count.subjects)
    return Table(parts)
