"""Overall survival: until death of any cause, and until death of the disease."""

from __future__ import annotations

from decimal import Decimal

from spinereview.criteria.endpoints.dates import before_start, scanned_after_death
from spinereview.criteria.endpoints.settings import Settings
from spinereview.criteria.endpoints.values import CRITERION, OWN, Status
from spinereview.criteria.responses import MISSING, events_without_day
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.schedule import Event, EventKind, Schedule
from spinereview.domain.table import Table

RULE = "FDA 2007, Clinical Trial Endpoints, III.A.1"
OF_THE_DISEASE = frozenset({"PRIMARY_DISEASE", "TREATED_SEGMENT"})
"""Causes of death that the registry of en bloc resection against separation surgery counts; others compete."""


def survived(schedule: Schedule, start: int, settings: Settings) -> Assessment:
    """Death of any cause; else censored on the last day on which the subject is known to be alive."""
    return _answer("os", schedule, start, settings, Status.EVENT)


def died_of_disease(schedule: Schedule, start: int, settings: Settings) -> Assessment:
    """Death of the primary disease or of the treated segment; another death competes, and one without a cause is missing."""
    death = _death(schedule)
    if death is None:
        return _answer("os_disease", schedule, start, settings, Status.EVENT)
    if not death.cause:
        return _missing("os_disease", (Reason(code="DEATH_CAUSE_MISSING", rule=OWN),))
    status = Status.EVENT if death.cause.upper() in OF_THE_DISEASE else Status.COMPETING
    return _answer("os_disease", schedule, start, settings, status)


def _answer(name: str, schedule: Schedule, start: int, settings: Settings, at_death: Status) -> Assessment:
    death = _death(schedule)
    cut_off = schedule.cut_off
    unknown = () if death is None else (*events_without_day([death]), *scanned_after_death(schedule))
    if unknown:
        return _missing(name, unknown)
    if death is not None and death.day is not None and (cut_off is None or death.day <= cut_off):
        day, status = death.day, at_death
        code = "OS_DEATH" if at_death is Status.EVENT else "OS_COMPETING"
        args = {"cause": death.cause or "-"}
    else:
        day, status, code, args = _last_alive(schedule, start), Status.CENSORED, "OS_ALIVE", {}
    negative = before_start(start, day)
    if negative:
        return _missing(name, negative)
    return Assessment(
        criterion=CRITERION,
        scope=(name,),
        outcome=status.value,
        values=Table[Decimal | None](
            {
                "start_day": Decimal(start),
                "day": Decimal(day),
                "days": Decimal(day - start + settings.tte_plus_one),
            }
        ),
        because=(Reason(code=code, args=Table(args), rule=RULE if name == "os" else OWN),),
    )


def _missing(name: str, missing: tuple[Reason, ...]) -> Assessment:
    return Assessment(criterion=CRITERION, scope=(name,), outcome=MISSING, missing=missing)


def _death(schedule: Schedule) -> Event | None:
    return next(iter(schedule.of_kind(EventKind.DEATH)), None)


def _last_alive(schedule: Schedule, start: int) -> int:
    """Last scan, event or contact up to the cut-off; a cut-off itself says nothing of a subject."""
    days = [day for visit in schedule.visits.values() for day in visit.scan_days]
    days += [event.day for event in schedule.events if event.day is not None and event.kind is not EventKind.DEATH]
    days += list(schedule.anchors.values())
    return max([start, *(day for day in days if schedule.cut_off is None or day <= schedule.cut_off)])
