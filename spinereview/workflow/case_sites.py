"""Treated sites of a read: local control, and compression fractures within the windows of a protocol.

A baseline is the timepoint that the case flags for it, else the one that the schedule tells by its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spinereview.criteria.evidence.fracture import evidence as fracture_evidence
from spinereview.criteria.evidence.recist import baseline_of
from spinereview.criteria.evidence.recist import evidence as recist_evidence
from spinereview.criteria.evidence.spino import evidence as spino_evidence
from spinereview.criteria.fracture.assess import assess as assess_fracture
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.fracture.values import Flag
from spinereview.criteria.fracture.windows import FlagVisit, WindowsInput, assess_windows
from spinereview.criteria.local_control.assess import assess as assess_local
from spinereview.criteria.local_control.values import (
    CRITERION,
    Baseline,
    Definition,
    Input,
    Judgement,
    Settings,
    SiteVisit,
)
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import TargetResponse, TargetValue
from spinereview.criteria.responses import MISSING
from spinereview.criteria.spino import judgement_of
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, LesionState
from spinereview.domain.protocol import Anchor, Protocol
from spinereview.domain.read import Read
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table
from spinereview.workflow.cohort_sites import also_baselines, lc_baseline

RULE = "Local control of a read; reading of the program, docs/criteria.md"
_BY_EYE = frozenset({LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD})
_FIRST = frozenset({"first_post_procedure_scan", "first_post_cement_scan", "day1_xray"})


def local_control_of(
    read: Read, case: Case, by_visit: Mapping[str, Assessment], schedule: Schedule | None, protocol: Protocol
) -> Table[Assessment]:
    """Assessments of local control; none where the protocol does not ask for it.

    Where no site was recorded as a lesion there is no size, and only what was said of the sites can be answered.
    """
    if CRITERION not in protocol.criteria:
        return Table()
    settings = Settings.parse(protocol.criteria[CRITERION])
    sites = {key: lesion for key, lesion in read.lesions.items() if _is_site(lesion)}
    said = _said(read, case, protocol)
    by_size = [one for one in settings.definitions if one is not Definition.LC_SPINO]
    answered = settings if sites else replace(settings, lc_definition=Definition.LC_SPINO.value, lc_also=())
    lacking = () if sites else by_size
    if not sites and not (said and Definition.LC_SPINO in settings.definitions):
        return _no_sites(settings.definitions)
    recist = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    kind = Baseline(str(protocol.baselines["lc_baseline"]))
    visits = _site_visits(read, case, sites, said, by_visit, recist)
    names = [visit.timepoint for visit in visits]
    given = Input(
        visits=visits,
        baseline=_flagged(case, "LOCAL_CONTROL") or lc_baseline(kind, names, schedule),
        baseline_kind=kind,
        also=also_baselines(names, schedule, protocol),
        recist=recist,
        schedule=schedule,
    )
    return Table({**assess_local(given, answered), **_no_sites(lacking)})


def fracture_windows_of(read: Read, case: Case, schedule: Schedule | None, protocol: Protocol) -> dict[str, Assessment]:
    """Assessments ``"ID/vcf_window/91"`` of each endpoint that counts fractures."""
    settings = FractureSettings.parse(protocol.criteria.get("fracture", Table()))
    found: dict[str, Assessment] = {}
    for name, values in protocol.endpoints.items():
        if values.get("measure") != "VCF_INCIDENCE":
            continue
        baseline = _fracture_baseline(case, schedule, protocol)
        given = WindowsInput(
            visits=_flags(read, case, baseline, settings),
            baseline=baseline,
            windows=_windows(values.get("windows", ())),
            anchor=Anchor(str(values.get("anchor"))),
            schedule=schedule,
        )
        for key, answer in assess_windows(given, settings).items():
            found[f"{name}/{key}"] = replace(answer, scope=(name, *answer.scope))
    return found


def _is_site(lesion: Lesion) -> bool:
    return lesion.role is LesionRole.TREATED_SITE or (
        lesion.role is LesionRole.TARGET and lesion.treated_site is not None
    )


def _no_sites(definitions: Iterable[Definition]) -> Table[Assessment]:
    missing = (Reason(code="LC_SITES_MISSING", rule=RULE),)
    scopes = [(CRITERION, definition.value) for definition in definitions]
    return Table(
        {
            "/".join(scope): Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=missing)
            for scope in scopes
        }
    )


def _said(read: Read, case: Case, protocol: Protocol) -> dict[Id, Judgement | None]:
    """What was said of all sites together at each visit on which they are judged: the worst of them."""
    if "spino" not in protocol.criteria:
        return {}
    visits = spino_evidence(read, case, protocol).visits[1:]
    return {visit.timepoint: _worst([judgement_of(site) for site in visit.sites.values()]) for visit in visits}


def _worst(said: Sequence[Judgement | None]) -> Judgement | None:
    """None, where one that could be worse was not given."""
    order = (Judgement.UNEQUIVOCAL, Judgement.EQUIVOCAL, Judgement.NE, None)
    return next((word for word in order if word in said), Judgement.NONE)


def _site_visits(
    read: Read,
    case: Case,
    sites: Mapping[str, Lesion],
    said: Mapping[Id, Judgement | None],
    by_visit: Mapping[str, Assessment],
    recist: RecistSettings,
) -> tuple[SiteVisit, ...]:
    """Every timepoint with the sites as it has them: their values are made as those of target lesions are."""
    as_targets = {key: replace(lesion, role=LesionRole.TARGET) for key, lesion in sites.items()}
    given = recist_evidence(replace(read, lesions=Table(as_targets)), case, recist)
    return tuple(
        SiteVisit(
            timepoint=visit.timepoint,
            label=visit.label,
            sites=Table({key: _value(value) for key, value in visit.targets.items()}),
            judgement=_judgement(sites, visit.timepoint) or said.get(visit.timepoint),
            recist=_recist(by_visit.get(f"{visit.timepoint}/target")),
        )
        for visit in given.visits
    )


def _value(value: TargetValue) -> TargetValue:
    """A site that was judged by eye, or of which nothing usable was said, has no size."""
    if value.state is None or value.state in _BY_EYE:
        return TargetValue(
            lesion=value.lesion, label=value.label, state=LesionState.NE, nodal=value.nodal, ref=value.ref
        )
    return value


def _judgement(sites: Mapping[str, Lesion], timepoint: Id) -> Judgement | None:
    states = {lesion.findings[timepoint].state for lesion in sites.values() if timepoint in lesion.findings}
    return Judgement.UNEQUIVOCAL if LesionState.UNEQUIVOCAL_PD in states else None


def _recist(answer: Assessment | None) -> TargetResponse | None:
    known = answer is not None and answer.outcome in set(TargetResponse)
    return TargetResponse(answer.outcome) if answer is not None and known else None


def _flagged(case: Case, flag: str) -> Id | None:
    return next((timepoint.id for timepoint in case.in_order if flag in timepoint.baseline_for), None)


def _fracture_baseline(case: Case, schedule: Schedule | None, protocol: Protocol) -> Id | None:
    flagged = _flagged(case, "FRACTURE")
    if flagged is not None:
        return flagged
    kind = str(protocol.baselines.get("vcf_baseline", ""))
    names = [timepoint.id for timepoint in case.in_order]
    if kind in _FIRST:
        return lc_baseline(Baseline.FIRST_POST_PROCEDURE_SCAN, names, schedule)
    if kind == "last_before_RT":
        return lc_baseline(Baseline.PRE_RT, names, schedule)
    recist = baseline_of(case)
    return None if recist is None else recist.id


def _flags(read: Read, case: Case, baseline: Id | None, settings: FractureSettings) -> tuple[FlagVisit, ...]:
    """What is said of each vertebra against this baseline."""
    answers = assess_fracture(replace(fracture_evidence(read, case), baseline=baseline), settings)
    return tuple(_flag_visit(timepoint, answers) for timepoint in case.in_order)


def _flag_visit(timepoint: Timepoint, answers: Mapping[str, Assessment]) -> FlagVisit:
    own = [one for one in answers.values() if one.scope[0] == timepoint.id and len(one.scope) == 3]
    flags = {one.scope[2]: Flag(one.outcome) for one in own}
    return FlagVisit(timepoint=timepoint.id, label=timepoint.label, flags=Table(flags))


def _windows(raw: object) -> tuple[tuple[int, int], ...]:
    pairs = [pair.split() for pair in raw] if isinstance(raw, tuple) else []
    return tuple((int(day), int(tolerance)) for day, tolerance in pairs)
