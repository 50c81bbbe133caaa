"""Treated sites of a cohort table: local control by the definitions of the protocol, and its result at each visit.

In rows of the role TREATED_SITE ``new_status`` is the judgement of growth there: YES unequivocal, EQUIVOCAL, NO none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from spinereview.criteria.entered import assess_sites
from spinereview.criteria.local_control.values import Baseline, Input, Judgement, Settings, SiteVisit
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import TargetResponse, TargetValue
from spinereview.criteria.responses import LocalResult, ResponseVisit
from spinereview.domain.assessment import Assessment
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.protocol import Anchor, Protocol
from spinereview.domain.schedule import EventKind, Schedule
from spinereview.domain.table import Table
from spinereview.workflow.cohort_input import Prepared, target_value
from spinereview.workflow.cohort_table import LesionRow

CRITERION = "local_control"
_JUDGED = {
    NewStatus.YES: Judgement.UNEQUIVOCAL,
    NewStatus.EQUIVOCAL: Judgement.EQUIVOCAL,
    NewStatus.NO: Judgement.NONE,
}
_WORST = (Judgement.UNEQUIVOCAL, Judgement.EQUIVOCAL, Judgement.NONE)
_BY_EYE = frozenset({LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD})


def local_control(
    prepared: Prepared,
    by_visit: Mapping[str, Assessment],
    schedule: Schedule | None,
    recist: RecistSettings,
    protocol: Protocol,
) -> Table[Assessment]:
    """Assessments of local control; none where the protocol does not ask for it, or no row of a treated site can be used.

    A wrong row of a site withholds them all: a site that is left out would look controlled.
    """
    rows = [row for sites in prepared.sites.values() for listed in sites.values() for row in listed]
    if CRITERION not in protocol.criteria or not rows or any(row.wrong for row in rows):
        return Table()
    kind = Baseline(str(protocol.baselines["lc_baseline"]))
    sited = [Id(visit) for visit, listed in prepared.sites.items() if listed]
    given = Input(
        visits=_visits(prepared, by_visit),
        baseline=lc_baseline(kind, sited, schedule),
        baseline_kind=kind,
        also=also_baselines(sited, schedule, protocol),
        recist=recist,
        schedule=schedule,
    )
    return assess_sites(given, Settings.parse(protocol.criteria[CRITERION]))


def with_local(
    visits: Sequence[ResponseVisit], answers: Mapping[str, Assessment], protocol: Protocol
) -> tuple[ResponseVisit, ...]:
    """Responses with the local result of the definition that counts."""
    if not answers:
        return tuple(visits)
    definition = Settings.parse(protocol.criteria[CRITERION]).lc_definition
    found = {visit.timepoint: answers.get(f"{visit.timepoint}/{CRITERION}/{definition}") for visit in visits}
    return tuple(
        visit if (one := found[visit.timepoint]) is None else replace(visit, local=LocalResult(one.outcome))
        for visit in visits
    )


def _visits(prepared: Prepared, by_visit: Mapping[str, Assessment]) -> tuple[SiteVisit, ...]:
    """Visits that have a row of a treated site; one without a row at such a visit is not evaluable."""
    listed = {visit: rows for visit, rows in prepared.sites.items() if rows}
    names = {lesion: rows[0].nodal for visit in listed.values() for lesion, rows in visit.items()}
    return tuple(
        SiteVisit(
            timepoint=Id(visit),
            sites=Table({name: _site(name, rows.get(name, []), nodal=nodal) for name, nodal in names.items()}),
            judgement=_judgement([row for listed_rows in rows.values() for row in listed_rows]),
            recist=_recist(by_visit.get(f"{visit}/target")),
        )
        for visit, rows in listed.items()
    )


def _site(name: str, rows: Sequence[LesionRow], *, nodal: bool) -> TargetValue:
    if any(row.state in _BY_EYE for row in rows):
        return TargetValue(lesion=Id(name), state=LesionState.NE, nodal=nodal)
    return target_value(name, rows, nodal=nodal)


def _judgement(rows: Sequence[LesionRow]) -> Judgement | None:
    """The worst that was said of a site; None where nothing was."""
    said = {_JUDGED[row.new_status] for row in rows if row.new_status is not None}
    said |= {Judgement.UNEQUIVOCAL for row in rows if row.state is LesionState.UNEQUIVOCAL_PD}
    return next((word for word in _WORST if word in said), None)


def _recist(answer: Assessment | None) -> TargetResponse | None:
    known = answer is not None and answer.outcome in set(TargetResponse)
    return TargetResponse(answer.outcome) if answer is not None and known else None


def also_baselines(visits: Sequence[Id], schedule: Schedule | None, protocol: Protocol) -> Table[Id]:
    """Further baselines of the protocol by their name; those that no day tells are left out."""
    names = protocol.baselines.get("lc_baseline_also", ())
    kinds = [Baseline(name) for name in names] if isinstance(names, tuple) else []
    found = {kind.value: lc_baseline(kind, visits, schedule) for kind in kinds}
    return Table({name: timepoint for name, timepoint in found.items() if timepoint is not None})


def lc_baseline(kind: Baseline, visits: Sequence[Id], schedule: Schedule | None) -> Id | None:
    """Visit of a baseline by its day; None where no day tells it. A scan on the day of the procedure is neither."""
    if schedule is None:
        return None
    days = [(schedule.day_of(visit), visit) for visit in visits]
    known = [(day, visit) for day, visit in days if day is not None]
    if len(known) < len(days):
        return None
    if kind is Baseline.PRE_RT:
        return _before_radiotherapy(known, schedule)
    done = [schedule.anchors[one] for one in (Anchor.SURGERY, Anchor.PROCEDURE) if one in schedule.anchors]
    if len(done) != 1:
        return None
    if kind is Baseline.PRE_PROCEDURE:
        return max((one for one in known if one[0] < done[0]), default=(0, None))[1]
    return min((one for one in known if one[0] > done[0]), default=(0, None))[1]


def _before_radiotherapy(known: Sequence[tuple[int, Id]], schedule: Schedule) -> Id | None:
    """The last scan before radiotherapy began; where only its end is known, the one scan before that."""
    started = [event.day for event in schedule.of_kind(EventKind.POST_PROCEDURE_RT) if event.day is not None]
    if started:
        return max((one for one in known if one[0] < min(started)), default=(0, None))[1]
    ended = schedule.anchors.get(Anchor.RT_END)
    before = [visit for day, visit in known if ended is not None and day < ended]
    return before[0] if len(before) == 1 else None
