"""The day of a progression: FDA 2007, Clinical Trial Endpoints, Appendix 2 (rows known), and our reading of it."""

from __future__ import annotations

from spinereview.criteria.endpoints.settings import Settings
from spinereview.criteria.endpoints.values import FDA
from spinereview.criteria.responses import DAYS_RULE, PdCause, ResponseVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.schedule import EventKind, Schedule, VisitDays
from spinereview.domain.table import Table


def progression_day(visit: ResponseVisit, days: VisitDays, settings: Settings) -> int | None:
    """Day of the progression of a visit; None where the days of its scans are not known.

    By the sum of the target lesions: their last scan of the visit (or the first, as the protocol says). A new lesion: the
    scan that first shows it. Non-target lesions: the scan that shows it. Several causes: the earliest of their days. No
    cause stated: the last scan of the visit.
    """
    return min(cause_days(visit, days, settings).values(), default=days.day)


def cause_days(visit: ResponseVisit, days: VisitDays, settings: Settings) -> dict[PdCause, int]:
    """Day of each cause of a progression; none where the days of the scans are not known, or no cause is stated."""
    if days.day is None:
        return {}
    return {cause: _day_of(cause, days, settings) for cause in PdCause if cause in visit.pd_causes}


def doubts(visit: ResponseVisit, days: VisitDays) -> tuple[Reason, ...]:
    """What was supposed for the day: that the first of several scans showed it, or that the last one did."""
    if len(days.scan_days) < 2:
        return ()
    unknown = {
        PdCause.NON_TARGET: days.non_target_day is None,
        PdCause.NEW_LESION: days.new_day is None,
        PdCause.TARGET: not days.target_days,
    }
    if visit.pd_causes and not any(unknown[cause] for cause in visit.pd_causes):
        return ()
    args = Table({"visit": visit.name, "count": str(len(days.scan_days))})
    code = "PD_SCAN_NOT_STATED" if visit.pd_causes else "PD_CAUSE_NOT_STATED"
    return (Reason(code=code, args=args, rule=FDA),)


def scanned_after_death(schedule: Schedule) -> tuple[Reason, ...]:
    """A scan later than a death that the analysis knows of: one of the two days is wrong, and nobody knows which."""
    died = next((event.day for event in schedule.of_kind(EventKind.DEATH)), None)
    if died is None or (schedule.cut_off is not None and died > schedule.cut_off):
        return ()
    scanned = [name for name, days in schedule.visits.items() if any(day > died for day in days.scan_days)]
    return tuple(Reason(code="SCAN_AFTER_DEATH", args=Table({"visit": name}), rule=DAYS_RULE) for name in scanned[:1])


def before_start(start: int, day: int) -> tuple[Reason, ...]:
    """A time that would be negative."""
    if day >= start:
        return ()
    return (Reason(code="END_BEFORE_START", args=Table({"day": str(day), "start": str(start)}), rule=DAYS_RULE),)


def _day_of(cause: PdCause, days: VisitDays, settings: Settings) -> int:
    if cause is PdCause.TARGET:
        listed = days.target_days or days.scan_days
        return max(listed) if settings.pd_date_target == "last_target_scan" else min(listed)
    stated = days.new_day if cause is PdCause.NEW_LESION else days.non_target_day
    return min(days.scan_days) if stated is None else stated
