"""Times of one subject: progression-free survival and its alternative, time to progression, survival, durations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.endpoints.dates import before_start, cause_days, doubts, scanned_after_death
from spinereview.criteria.endpoints.landmark import landmark_answers
from spinereview.criteria.endpoints.progression import Ask, Ended, follow_up, time_to_progression
from spinereview.criteria.endpoints.settings import Scope, Settings
from spinereview.criteria.endpoints.survival import died_of_disease, survived
from spinereview.criteria.endpoints.values import CRITERION, FDA, OWN, RECIST_TIMES, FollowUp, Input, Status
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import (
    MISSING,
    Dated,
    ResponseVisit,
    dated,
    events_without_day,
    no_anchor,
    no_schedule,
    reference,
    resolved,
    therapy_events,
    undated,
)
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.schedule import EventKind, Schedule, VisitDays
from spinereview.domain.table import Table

CR, PR, SD = OverallResponse.CR, OverallResponse.PR, OverallResponse.SD
TIMES = ("progression", "pfs", "pfs_alt", "ttp", "os", "os_disease", "dor", "duration_cr", "duration_sd")
_ASKS = {"pfs": Ask(), "pfs_alt": Ask(alternative=True), "ttp": Ask(death=False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject with all that the endpoints need."""

    given: Input
    settings: Settings
    schedule: Schedule
    visits: tuple[Dated, ...]
    start: int
    best: OverallResponse | None

    @property
    def local(self) -> bool:
        """Progression at the treated sites is asked for."""
        return self.given.endpoint.pfs_scope is Scope.LOCAL

    def follow(self, *, local: bool = False) -> FollowUp:
        """Visits before the first progression."""
        return follow_up(self.visits, self.schedule, self.start, self.settings, local=local)


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments by the names of :data:`TIMES`, and ``"landmark/84"`` for each landmark.

    Where ``pfs`` is that of the treated sites, ``"pfs_recist"`` is the one of the disease beside it. The outcome of a time
    is a :class:`Status`, ``MISSING`` where days are needed that are not there. Values: ``start_day``, ``day`` (of the event,
    or censored), ``days`` between them, ``missed_visits``.
    """
    subject = given.subject
    if subject.schedule is None and not subject.visits:
        return Table()
    names = (*TIMES, *(f"landmark/{day}" for day in given.endpoint.landmarks))
    anchor = given.endpoint.anchor
    if subject.schedule is None:
        return _missing(names, (no_schedule(),))
    start = reference(anchor, subject.schedule)
    if start is None:
        return _missing(names, (no_anchor(anchor),))
    survival = {
        "os": survived(subject.schedule, start, settings),
        "os_disease": died_of_disease(subject.schedule, start, settings),
    }
    visits, _ = resolved(subject.visits)
    unsettled = _unsettled(visits)
    if unsettled:
        return Table({**_missing(names, unsettled), **survival})
    found = assess_best(subject, given.best_response)["best_response"].outcome
    case = Case(
        given=given,
        settings=settings,
        schedule=subject.schedule,
        visits=dated(visits, subject.schedule),
        start=start,
        best=OverallResponse(found) if found in set(OverallResponse) else None,
    )
    landmarks = landmark_answers(case.visits, case.schedule, given.endpoint, start)
    return Table({**_times(case), **survival, **landmarks})


def _times(case: Case) -> dict[str, Assessment]:
    answers = {name: _progression(name, case, ask, local=case.local) for name, ask in _ASKS.items()}
    if case.local and case.visits and all(one.visit.local is None for one in case.visits):
        answers = dict(_missing(_ASKS, (Reason(code="LOCAL_RESULT_MISSING", rule=OWN),)))
    answers["progression"] = _first_progression(case)
    if case.local:
        answers["pfs_recist"] = _progression("pfs_recist", case, Ask(), local=False)
    return {**answers, "dor": _dor(case), "duration_cr": _duration_cr(case), "duration_sd": _duration_sd(case)}


def _unsettled(visits: Iterable[ResponseVisit]) -> tuple[Reason, ...]:
    """Reasons for the visits without a response, up to the first progression."""
    listed: list[Reason] = []
    for visit in visits:
        if visit.response is OverallResponse.PD:
            break
        if visit.response is None:
            listed.append(Reason(code="VISIT_UNSETTLED", args=Table({"visit": visit.name}), rule=OWN))
    return tuple(listed)


def _missing(names: Iterable[str], missing: tuple[Reason, ...]) -> Table[Assessment]:
    return Table(
        {
            name: Assessment(criterion=CRITERION, scope=tuple(name.split("/")), outcome=MISSING, missing=missing)
            for name in names
        }
    )


def _progression(name: str, case: Case, ask: Ask, *, local: bool) -> Assessment:
    follow = case.follow(local=local)
    ended = time_to_progression(follow, case.settings, ask, baseline_assessed=case.given.baseline_assessed)
    return _time(name, case, case.start, ended, ask, FDA, local=local)


def _first_progression(case: Case) -> Assessment:
    """Day of the first progression of the disease and of each of its causes, whatever ends the follow-up before it."""
    follow, scope = case.follow(), ("progression",)
    if follow.progressed_at is None:
        because = (Reason(code="PROGRESSION_NONE", rule=FDA),)
        return Assessment(criterion=CRITERION, scope=scope, outcome=Status.NOT_APPLICABLE.value, because=because)
    visit = case.visits[follow.progressed_at].visit
    days = case.schedule.visits.get(visit.timepoint, VisitDays())
    if follow.progressed_on is None:
        missing = undated([case.visits[follow.progressed_at]])
        return Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=missing)
    causes = cause_days(visit, days, case.settings)
    values: dict[str, Decimal | None] = {"day": Decimal(follow.progressed_on)}
    values |= {f"{cause.lower()}_day": Decimal(day) for cause, day in causes.items()}
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=Status.EVENT.value,
        values=Table(values),
        because=(Reason(code="PROGRESSION_FIRST", args=Table({"visit": visit.name}), rule=FDA),),
        warnings=doubts(visit, days),
    )


def _time(
    name: str,
    case: Case,
    start: int,
    ended: Ended | None,
    ask: Ask,
    rule: str,
    *,
    local: bool = False,
) -> Assessment:
    """Assessment of a time; MISSING where an unknown day could change it."""
    lacking = _lacking(case, ask, ended, local=local)
    if ended is not None:
        lacking += before_start(start, ended.day)
    if ended is None or lacking:
        missing = (*(undated(case.visits) if ended is None else ()), *lacking)
        return Assessment(criterion=CRITERION, scope=(name,), outcome=MISSING, missing=missing)
    visit = case.visits[ended.at].visit.name if ended.at is not None else ""
    args = Table({"visit": visit, "missed": str(ended.missed), "missed_max": str(case.settings.missed_max)})
    return Assessment(
        criterion=CRITERION,
        scope=(name,),
        outcome=ended.status.value,
        values=Table[Decimal | None](
            {
                "start_day": Decimal(start),
                "day": Decimal(ended.day),
                "days": Decimal(ended.day - start + case.settings.tte_plus_one),
                "missed_visits": Decimal(ended.missed),
            }
        ),
        because=(Reason(code=ended.code, args=args, rule=rule),),
        warnings=_warnings(case, ended, ask, local=local),
    )


def _lacking(case: Case, ask: Ask, ended: Ended | None, *, local: bool) -> tuple[Reason, ...]:
    """Events without a day that could change the answer."""
    therapies = () if ask.alternative else events_without_day(therapy_events(case.schedule, local=local))
    progressed = ended is not None and ended.code == "PFS_PROGRESSION"
    deaths: tuple[Reason, ...] = ()
    if ask.death and not progressed:
        died = case.schedule.of_kind(EventKind.DEATH)
        deaths = (*events_without_day(died), *scanned_after_death(case.schedule))
    declines = events_without_day(case.schedule.of_kind(EventKind.NEUROLOGICAL_DECLINE)) if local else ()
    return (*therapies, *deaths, *declines)


def _warnings(case: Case, ended: Ended, ask: Ask, *, local: bool) -> tuple[Reason, ...]:
    listed: list[Reason] = []
    if ended.at is not None:
        visit = case.visits[ended.at].visit
        listed.extend(() if local else doubts(visit, case.schedule.visits.get(visit.timepoint, VisitDays())))
    counts = ended.status is Status.EVENT and not ask.alternative
    if counts and not any(planned.assesses for planned in case.schedule.planned):
        listed.append(Reason(code="PLANNED_VISITS_MISSING", rule=FDA))
    return tuple(listed)


def _first_day(case: Case, responses: set[OverallResponse]) -> int | None:
    """Day of the first visit with one of the responses, of which the best one is; so it is in scope. None: not known."""
    return next((one.day for one in case.visits if one.visit.response in responses), None)


def _dor(case: Case) -> Assessment:
    """First CR or PR, also where confirmed later, until progression or death (RECIST 1.1, 4.6.1)."""
    ask = Ask(death=case.settings.dor_end == "pd_or_death")
    return _duration("dor", case, {CR, PR}, {CR, PR}, ask)


def _duration_cr(case: Case) -> Assessment:
    """First CR until recurrence (RECIST 1.1, 4.6.1)."""
    return _duration("duration_cr", case, {CR}, {CR}, Ask(death=False))


def _duration_sd(case: Case) -> Assessment:
    """Start until progression, of a subject whose best response is SD (RECIST 1.1, 4.6.2)."""
    return _duration("duration_sd", case, {SD}, None, Ask(death=False))


def _amended(case: Case) -> tuple[Reason, ...]:
    """The rule of the best response takes what was entered, as admiralonco does; the times what the reader made of it."""
    visits = ", ".join(one.visit.name for one in case.visits if one.visit.amended)
    return (Reason(code="DURATION_AMENDED", args=Table({"visits": visits}), rule=RECIST_TIMES),)


def _duration(
    name: str, case: Case, best: set[OverallResponse], since: set[OverallResponse] | None, ask: Ask
) -> Assessment:
    if case.best is None:
        reason = Reason(code="BEST_RESPONSE_MISSING", rule=RECIST_TIMES)
        return Assessment(criterion=CRITERION, scope=(name,), outcome=MISSING, missing=(reason,))
    if case.best not in best:
        args = Table({"outcome": case.best.value})
        because = (Reason(code="DURATION_NOT_APPLICABLE", args=args, rule=RECIST_TIMES),)
        return Assessment(criterion=CRITERION, scope=(name,), outcome=Status.NOT_APPLICABLE.value, because=because)
    start = case.start if since is None else _first_day(case, since)
    if start is None:
        missing = undated(case.visits) or _amended(case)
        return Assessment(criterion=CRITERION, scope=(name,), outcome=MISSING, missing=missing)
    return _time(name, case, start, time_to_progression(case.follow(), case.settings, ask), ask, RECIST_TIMES)
