"""Compression fractures of a subject within windows of time, cumulative, death competing.

A window is no state at a visit: any new or progressive fracture after the baseline and up to the window's end is an event.
Sahgal A et al. J Clin Oncol 2013;31:3426 for what counts; the windows are the protocol's, and how a subject counts in them
is our reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Flag
from spinereview.criteria.responses import DAYS_RULE, MISSING, events_without_day, in_order, no_anchor, no_schedule
from spinereview.domain.anatomy import Level, from_the_head
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import EventKind, Schedule
from spinereview.domain.table import Table

CRITERION = "vcf_window"
RULE = "Sahgal 2013, J Clin Oncol 31:3426; windows: reading of the program, docs/criteria.md"
_EVENTS = frozenset({Flag.NEW, Flag.PROGRESSIVE})
_NEVER, _EVER = 10**9, -(10**9)


class WindowStatus(StrEnum):
    """Outcome of a window; CENSORED: not followed, or not judged, to its beginning."""

    EVENT = "EVENT"
    NO_EVENT = "NO_EVENT"
    COMPETING = "COMPETING"
    CENSORED = "CENSORED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagVisit:
    """What is said of each vertebra at one timepoint; a level that is not there was not judged."""

    timepoint: Id
    label: str = ""
    flags: Table[Flag] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for level in self.flags:
            require(holds=level in set(Level), code="VCF_LEVEL_UNKNOWN", name=level)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsInput:
    """Visits in order, the baseline among them.

    Parameters
    ----------
    windows
        Pairs of a nominal day after the anchor and the days before and after it, both included.
    """

    visits: tuple[FlagVisit, ...] = ()
    baseline: Id | None = None
    windows: tuple[tuple[int, int], ...] = ()
    anchor: Anchor = Anchor.SURGERY
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        if self.schedule is not None:
            in_order(names, [visit.name for visit in self.visits], self.schedule)
        known = self.baseline is None or self.baseline in names
        require(holds=known, code="VCF_BASELINE_UNKNOWN", timepoint=self.baseline)
        for day, tolerance in self.windows:
            require(holds=0 <= tolerance <= day, code="VCF_WINDOW", day=day, tolerance=tolerance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Levels at risk, and the visits after the baseline, each with its first and last possible day."""

    levels: tuple[str, ...]
    left_out: tuple[str, ...]
    visits: Sequence[tuple[FlagVisit, int, int]]
    schedule: Schedule


def assess_windows(given: WindowsInput, _settings: Settings) -> Table[Assessment]:
    """Assessments ``"vcf_window/91"``.

    The outcome is a :class:`WindowStatus`, or ``MISSING`` where a day or the baseline is missing that decides. Values:
    ``end_day`` (last of the window), ``day`` (of the event, the death, or the last complete judgement).
    """
    return Table({f"{CRITERION}/{day}": _window(given, day, tolerance) for day, tolerance in given.windows})


def _window(given: WindowsInput, day: int, tolerance: int) -> Assessment:
    lacking = _lacking(given)
    schedule = given.schedule or Schedule()
    start = schedule.anchors.get(given.anchor)
    if lacking or start is None:
        return _answer(day, MISSING, {}, (), lacking)
    risk = _risk(given, schedule)
    args = {"day": str(day), "tolerance": str(tolerance), "levels": ", ".join(risk.levels)}
    first, last = start + day - tolerance, start + day + tolerance
    status, on, missing, name = _status(risk, first, last)
    values = {"end_day": Decimal(last), "day": None if on is None else Decimal(on)}
    because = Reason(code=f"VCF_WINDOW_{status}", args=Table({**args, "visit": name}), rule=RULE)
    out = Table({"levels": ", ".join(risk.left_out)})
    warnings = (Reason(code="VCF_NOT_AT_RISK", args=out, rule=RULE),) if risk.left_out else ()
    if missing:
        return _answer(day, MISSING, values, (), missing)
    return _answer(day, status.value, values, (because,), (), warnings)


def _answer(
    day: int,
    outcome: str,
    values: dict[str, Decimal | None],
    because: tuple[Reason, ...],
    missing: tuple[Reason, ...],
    warnings: tuple[Reason, ...] = (),
) -> Assessment:
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION, str(day)),
        outcome=outcome,
        values=Table({"end_day": None, "day": None, **values}),
        because=because,
        warnings=warnings,
        missing=missing,
    )


def _lacking(given: WindowsInput) -> tuple[Reason, ...]:
    """What is missing without which no window can be answered."""
    if given.schedule is None:
        return (no_schedule(),)
    if given.baseline is None:
        return (Reason(code="VCF_BASELINE_MISSING", rule=RULE),)
    anchored = given.schedule.anchors.get(given.anchor) is not None
    listed = () if anchored else (no_anchor(given.anchor),)
    if given.schedule.day_of(given.baseline) is None:
        return (*listed, _undated(next(one for one in given.visits if one.timepoint == given.baseline)))
    return listed


def _undated(visit: FlagVisit) -> Reason:
    return Reason(code="VISIT_DAY_MISSING", args=Table({"visit": visit.name}), rule=DAYS_RULE)


def _risk(given: WindowsInput, schedule: Schedule) -> Risk:
    """A level that was taken out, or could not be judged at the baseline, is not at risk."""
    at = next(at for at, visit in enumerate(given.visits) if visit.timepoint == given.baseline)
    flags = from_the_head(given.visits[at].flags)
    levels = tuple(level for level, flag in flags.items() if flag not in {Flag.RESECTED, Flag.NE})
    start = schedule.day_of(given.visits[at].timepoint)
    end = _NEVER if schedule.cut_off is None else schedule.cut_off
    dated = [(visit, *_days(visit, schedule)) for visit in given.visits[at + 1 :]]
    visits = [one for one in dated if one[1] <= end and (start is None or one[2] > start)]
    left_out = tuple(level for level in flags if level not in levels)
    return Risk(levels=levels, left_out=left_out, visits=visits, schedule=schedule)


def _days(visit: FlagVisit, schedule: Schedule) -> tuple[int, int]:
    days = schedule.visits.get(visit.timepoint)
    if days is None:
        return _EVER, _NEVER
    if days.day is not None:
        return days.day, days.day
    return (
        _EVER if days.earliest is None else days.earliest,
        _NEVER if days.latest is None else days.latest,
    )


def _status(risk: Risk, first: int, last: int) -> tuple[WindowStatus, int | None, tuple[Reason, ...], str]:
    """Status, its day, what is missing that decides, and the name of the visit.

    A later scan without a fracture shows that there was none before; one with a fracture does not say since when.
    """
    if not risk.levels:
        return WindowStatus.NOT_APPLICABLE, None, (), ""
    broken = [one for one in risk.visits if any(one[0].flags.get(level) in _EVENTS for level in risk.levels)]
    certain = [one for one in broken if one[2] <= last]
    if certain:
        visit, low, high = min(certain, key=lambda one: one[2])
        return WindowStatus.EVENT, high if low == high else None, (), visit.name
    doubtful = tuple(_undated(visit) for visit, low, _ in broken if low <= last)
    died = next(iter(risk.schedule.of_kind(EventKind.DEATH)), None)
    if died is not None and not any(low > last for _, low, _ in risk.visits):
        doubtful = (*doubtful, *events_without_day((died,)))
    if doubtful:
        return WindowStatus.CENSORED, None, doubtful, ""
    cut_off = risk.schedule.cut_off
    if died is not None and died.day is not None and died.day <= last and (cut_off is None or died.day <= cut_off):
        return WindowStatus.COMPETING, died.day, (), ""
    judged = [
        (low, visit.name)
        for visit, low, high in risk.visits
        if low == high and _complete(visit, risk.levels) and (visit, low, high) not in broken
    ]
    reached = [one for one in judged if one[0] >= first]
    if reached:
        day, name = min(reached)
        return WindowStatus.NO_EVENT, day, (), name
    day_of, name = max(judged, default=(None, ""))
    return WindowStatus.CENSORED, day_of, (), name


def _complete(visit: FlagVisit, levels: Sequence[str]) -> bool:
    """Whether every level at risk was judged."""
    return all(visit.flags.get(level, Flag.NE) is not Flag.NE for level in levels)
