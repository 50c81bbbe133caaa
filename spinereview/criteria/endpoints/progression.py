"""Progression-free survival and its like: FDA 2007, Clinical Trial Endpoints, Appendix 3, Table A (PFS1).

Only documented progression counts. An event after more missed visits than the protocol allows is censored at the last
adequate assessment; the alternative counts every event whenever it comes. Rows of the table are known, not re-read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinereview.criteria.endpoints.dates import progression_day
from spinereview.criteria.endpoints.settings import Settings
from spinereview.criteria.endpoints.values import FollowUp, Status
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import Dated, LocalResult, scope_end, therapy_events
from spinereview.domain.schedule import EventKind, Schedule, VisitDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Variant of a time to progression.

    Parameters
    ----------
    alternative
        Every event counts, whatever was missed and whatever therapy came before.
    death
        Death is an event too.
    """

    alternative: bool = False
    death: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How and when a time ended, the code that says why, and what stands in its sentence.

    ``missed`` is how many visits were missed between the last adequate assessment and the event.
    """

    day: int
    status: Status
    code: str
    missed: int = 0
    at: int | None = None


def follow_up(
    visits: Sequence[Dated], schedule: Schedule, reference: int, settings: Settings, *, local: bool
) -> FollowUp:
    """Visits before the first progression, of the disease or of the treated sites."""
    progressed = _local_progression if local else _progression
    for at in range(len(visits)):
        found, day = progressed(visits, at, schedule, settings)
        if found:
            return FollowUp(
                visits=visits[:at],
                reference=reference,
                schedule=schedule,
                local=local,
                progressed_at=at,
                progressed_on=day,
            )
    return FollowUp(visits=visits, reference=reference, schedule=schedule, local=local)


def time_to_progression(
    follow: FollowUp, settings: Settings, ask: Ask, *, baseline_assessed: bool = True
) -> Ended | None:
    """Day and status; None where the unknown day of a visit could change them.

    References
    ----------
    FDA 2007, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics, Appendix 3, Table A.
    """
    if not baseline_assessed:
        return Ended(day=follow.reference, status=Status.CENSORED, code="PFS_NO_BASELINE")
    schedule = follow.schedule
    treated = not ask.alternative and _therapy_known(schedule, local=follow.local)
    end = schedule.cut_off if ask.alternative else scope_end(schedule, local=follow.local)
    progressed = follow.progressed_on
    if follow.progressed_at is not None and progressed is None:
        return None
    if progressed is not None and end is not None and progressed > end:
        progressed = None
    died = _death_day(schedule) if ask.death and not treated else None
    if died is not None and schedule.cut_off is not None and died > schedule.cut_off:
        died = None
    days = [day for day in (progressed, died) if day is not None]
    event = min(days, default=None)
    last, doubtful = _last_adequate(follow, before=event, end=end)
    if event is None:
        code = "PFS_NEW_THERAPY" if treated else "PFS_NO_EVENT"
        return None if doubtful else Ended(day=last, status=Status.CENSORED, code=code)
    missed = missed_visits(schedule, last, event)
    if missed > settings.missed_max and not ask.alternative:
        # A visit on an unknown day could lie between the last one that is known and the event.
        return None if doubtful else Ended(day=last, status=Status.CENSORED, code="PFS_MISSED", missed=missed)
    if progressed == event:
        return Ended(day=event, status=Status.EVENT, code="PFS_PROGRESSION", missed=missed, at=follow.progressed_at)
    return Ended(day=event, status=Status.EVENT, code="PFS_DEATH", missed=missed)


def missed_visits(schedule: Schedule, after: int, before: int) -> int:
    """Planned visits whose whole window lies between two days, neither included; only those that can show a tumour."""
    return sum(
        planned.assesses and after < planned.day - planned.minus and planned.day + planned.plus < before
        for planned in schedule.planned
    )


def _therapy_known(schedule: Schedule, *, local: bool) -> bool:
    """Whether the analysis knows of a new therapy: up to the cut-off."""
    days = [event.day for event in therapy_events(schedule, local=local) if event.day is not None]
    return any(schedule.cut_off is None or day <= schedule.cut_off for day in days)


def _death_day(schedule: Schedule) -> int | None:
    return next((event.day for event in schedule.of_kind(EventKind.DEATH)), None)


def _last_adequate(follow: FollowUp, *, before: int | None, end: int | None) -> tuple[int, bool]:
    """Day of the last adequate assessment in scope, and whether one on an unknown day could come later.

    One before the reference is no follow-up: without a later one the time is censored where it begins (our reading).
    """
    listed = follow.adequate()
    days = [one.day for one in listed if one.day is not None]
    days = [day for day in days if (before is None or day < before) and (end is None or day <= end)]
    last = max([follow.reference, *days])
    doubtful = any(
        one.day is None
        and one.latest > last
        and (before is None or one.earliest < before)
        and (end is None or one.earliest <= end)
        for one in listed
    )
    return last, doubtful


def _progression(visits: Sequence[Dated], at: int, schedule: Schedule, settings: Settings) -> tuple[bool, int | None]:
    """Whether a visit is a progression of the disease, and on which day."""
    visit = visits[at].visit
    if visit.response is not OverallResponse.PD:
        return False, None
    return True, progression_day(visit, schedule.visits.get(visit.timepoint, VisitDays()), settings)


def _local_progression(
    visits: Sequence[Dated], at: int, schedule: Schedule, _settings: Settings
) -> tuple[bool, int | None]:
    """Whether a treated site failed at a visit: seen on the images, or doubtful there while neurological function declined.

    The trial judges local progression on imaging and neurological function together (ClinicalTrials.gov NCT06120426). A
    decline alone is none, and the day is the one on which both were there (our reading). A recorded decline is by its
    definition one that lasts and is attributed to a treated site, so it counts whether or not its record names the site;
    of several sites the visit has one result, so a decline joins a doubtful image of any of them.
    """
    visit, day = visits[at].visit, visits[at].day
    if visit.local is LocalResult.FAILURE:
        return True, day
    if visit.local is not LocalResult.EQUIVOCAL:
        return False, None
    following = visits[at + 1].earliest if at + 1 < len(visits) else None
    declines = [
        event.day
        for event in schedule.of_kind(EventKind.NEUROLOGICAL_DECLINE)
        if event.day is not None and (following is None or event.day < following)
    ]
    if not declines or day is None:
        return bool(declines), None
    return True, max(min(declines), day)
