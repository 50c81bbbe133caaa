"""Times to an event: Kaplan-Meier curves with their median, and cumulative incidence where death competes.

Kaplan, Meier 1958 (J Am Stat Assoc 53:457); Greenwood 1926; log-log limits: Kalbfleisch, Prentice 1980, 1.3; median:
Brookmeyer, Crowley 1982 (Biometrics 38:29); Aalen, Johansen 1978 (Scand J Stat 5:141). Times are whole days; curves are
exact fractions, so that a median is found where survival is exactly one half. Who is censored on a day is at risk on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt

from spinereview.analysis.figures import Figure, Interval, normal_quantile, note, nothing
from spinereview.criteria.endpoints.values import Status
from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require
from spinereview.domain.table import Table

LOG_LOG = "LOG_LOG"
BROOKMEYER_CROWLEY = "BROOKMEYER_CROWLEY_LOG_LOG"
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Time of one subject in days, and what ended it."""

    days: int
    status: Status

    def __post_init__(self) -> None:
        require(holds=self.days >= 0, code="TIME_NEGATIVE", value=self.days)
        require(holds=self.status is not Status.NOT_APPLICABLE, code="TIME_NOT_APPLICABLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A day on which something ended.

    Parameters
    ----------
    at_risk, events, competing, censored
        Subjects that reach the day, and what becomes of them on it.
    survival
        Share without the event after this day; competing events are taken as censored (Kaplan-Meier).
    free
        Share without any of both events after this day.
    incidence
        Share that has had the event, of all, where others are removed by a competing one (Aalen-Johansen).
    """

    day: int
    at_risk: int
    events: int
    competing: int
    censored: int
    survival: Fraction
    free: Fraction
    incidence: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Steps of a group in order of days."""

    subjects: int
    steps: tuple[Step, ...]
    level_pct: float

    @property
    def events(self) -> int:
        """Subjects that had the event."""
        return sum(step.events for step in self.steps)

    @property
    def competing(self) -> int:
        """Subjects that a competing event removed."""
        return sum(step.competing for step in self.steps)

    def at_risk(self, day: int) -> int:
        """Subjects whose time is at least that many days."""
        return next((step.at_risk for step in self.steps if step.day >= day), 0)

    def survival_at(self, day: int) -> Figure:
        """Share without the event after a day, with log-log limits."""
        name = "survival"
        lacking = self._lacking(day, all_gone=bool(self.steps) and self.steps[-1].survival == 0)
        parts = self._parts(day)
        if lacking:
            return nothing(name, *lacking, parts=parts)
        steps = self._until(day)
        value = steps[-1].survival if steps else Fraction(1)
        notes = (note("KM_COMPETING", count=self.competing),) if any(step.competing for step in steps) else ()
        interval, said = self._interval(value, _greenwood(steps))
        return _figure(name, value, interval, parts, (*notes, *said))

    def incidence_at(self, day: int) -> Figure:
        """Share that has had the event up to a day, while others die without it, with log-log limits."""
        name = "cumulative_incidence"
        lacking = self._lacking(day, all_gone=bool(self.steps) and self.steps[-1].free == 0)
        parts = self._parts(day)
        if lacking:
            return nothing(name, *lacking, parts=parts)
        steps = self._until(day)
        value = steps[-1].incidence if steps else Fraction(0)
        variance = incidence_variance(steps)
        parts["standard_error"] = sqrt(variance)
        relative = None if value in {0, 1} else sqrt(variance) / float(value)
        interval, said = self._interval(value, relative)
        return _figure(name, value, interval, parts, said)

    def median(self) -> Figure:
        """First day on which survival is one half or less, with the limits of Brookmeyer and Crowley."""
        name = "median"
        parts = {"subjects": float(self.subjects), "events": float(self.events)}
        if not self.subjects:
            return nothing(name, note("SURVIVAL_NO_SUBJECTS"), parts=parts)
        if not self.events:
            return nothing(name, note("SURVIVAL_NO_EVENTS", count=self.subjects), parts=parts)
        first = self._first_at_half()
        if first is None:
            lowest = float(self.steps[-1].survival)
            missing = note("MEDIAN_NOT_REACHED", survival_pct=f"{100 * lowest:.1f}", day=self.steps[-1].day)
            return nothing(name, missing, parts=parts)
        ends = self._limits_of_half()
        notes: list[Reason] = []
        if self.steps[first].survival == HALF:
            later = next((step.day for step in self.steps[first + 1 :] if step.events), None)
            until = "-" if later is None else later
            notes.append(note("MEDIAN_FLAT", first=self.steps[first].day, next=until))
        if self.competing:
            notes.append(note("KM_COMPETING", count=self.competing))
        interval: Interval | None = None
        low, high = ends
        if low is not None and high is not None:
            interval = Interval(low=low, high=high, level_pct=self.level_pct, method=BROOKMEYER_CROWLEY)
        else:
            notes.append(note("MEDIAN_OPEN", low="-" if low is None else low))
        return _figure(name, Fraction(self.steps[first].day), interval, parts, tuple(notes))

    def limits(self, at: int) -> tuple[float, float] | None:
        """Log-log limits of survival after a step; None where it is 1 or 0."""
        interval, _ = self._interval(self.steps[at].survival, _greenwood(self.steps[: at + 1]))
        return None if interval is None else (interval.low, interval.high)

    def _first_at_half(self) -> int | None:
        return next((at for at, step in enumerate(self.steps) if step.survival <= HALF), None)

    def _limits_of_half(self) -> tuple[int | None, int | None]:
        """First days on which the lower limit of survival, and the upper one, are one half or less."""
        low = high = None
        for at, step in enumerate(self.steps):
            limits = self.limits(at) if step.events else None
            if limits is None:
                continue
            low = step.day if low is None and limits[0] <= 0.5 else low
            high = step.day if high is None and limits[1] <= 0.5 else high
        return low, high

    def _until(self, day: int) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.day <= day)

    def _lacking(self, day: int, *, all_gone: bool) -> tuple[Reason, ...]:
        require(holds=day >= 0, code="TIME_NEGATIVE", value=day)
        if not self.subjects:
            return (note("SURVIVAL_NO_SUBJECTS"),)
        last = self.steps[-1].day
        return (note("SURVIVAL_BEYOND", day=day, last=last),) if day > last and not all_gone else ()

    def _parts(self, day: int) -> dict[str, float]:
        return {"day": float(day), "subjects": float(self.subjects), "at_risk": float(self.at_risk(day))}

    def _interval(self, value: Fraction, relative_error: float | None) -> tuple[Interval | None, tuple[Reason, ...]]:
        """Limits value ** exp(+-z s / log value), with s the standard error of the logarithm of the value."""
        if value in {0, 1} or relative_error is None:
            return None, (note("SURVIVAL_LIMITS_NONE", value=int(value)),)
        share = float(value)
        reach = exp(normal_quantile(self.level_pct) * relative_error / abs(log(share)))
        return Interval(low=share**reach, high=share ** (1 / reach), level_pct=self.level_pct, method=LOG_LOG), ()


def curve(times: Sequence[Time], *, level_pct: float = 95.0) -> Curve:
    """Curve of a group; without subjects it has no steps, and every figure of it says so."""
    steps: list[Step] = []
    survival = free = Fraction(1)
    incidence = Fraction(0)
    at_risk = len(times)
    for day in sorted({time.days for time in times}):
        ended = [time.status for time in times if time.days == day]
        events, competing = ended.count(Status.EVENT), ended.count(Status.COMPETING)
        incidence += free * Fraction(events, at_risk)
        survival *= 1 - Fraction(events, at_risk)
        free *= 1 - Fraction(events + competing, at_risk)
        steps.append(
            Step(
                day=day,
                at_risk=at_risk,
                events=events,
                competing=competing,
                censored=ended.count(Status.CENSORED),
                survival=survival,
                free=free,
                incidence=incidence,
            )
        )
        at_risk -= len(ended)
    return Curve(subjects=len(times), steps=tuple(steps), level_pct=level_pct)


def _greenwood(steps: Sequence[Step]) -> float | None:
    """Standard error of log S: the root of the sum of d / (n (n - d)); None where nobody is left."""
    if any(step.events == step.at_risk for step in steps):
        return None
    terms = (Fraction(step.events, step.at_risk * (step.at_risk - step.events)) for step in steps)
    return sqrt(sum(terms, Fraction(0)))


def incidence_variance(steps: Sequence[Step]) -> Fraction:
    """Variance of the cumulative incidence after the last of the steps, by the delta method.

    Marubini, Valsecchi 1995, Analysing Survival Data from Clinical Trials, 10.3:
    sum (I - I_j)^2 d_j / (n_j (n_j - d_j)) + sum S_(j-1)^2 e_j (n_j - e_j) / n_j^3 - 2 sum (I - I_j) S_(j-1) e_j / n_j^2,
    with d_j all events and e_j those that are asked for.
    """
    total = Fraction(0)
    before = Fraction(1)
    last = steps[-1].incidence if steps else Fraction(0)
    for step in steps:
        n, of_kind, ended = step.at_risk, step.events, step.events + step.competing
        rest = last - step.incidence
        if rest:
            # Only where somebody is left: afterwards nothing can be added.
            total += rest**2 * Fraction(ended, n * (n - ended))
        total += before**2 * Fraction(of_kind * (n - of_kind), n**3) - 2 * rest * before * Fraction(of_kind, n**2)
        before = step.free
    return total


def _figure(
    name: str, value: Fraction, interval: Interval | None, parts: dict[str, float], notes: tuple[Reason, ...]
) -> Figure:
    ends = () if interval is None else (interval,)
    return Figure(name=name, value=float(value), intervals=ends, parts=Table(parts), notes=notes)
