"""From a read to the judgement of the treated sites of the spine: which sites, from which visit on, and what was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from spinereview.criteria.escc import span_of
from spinereview.criteria.escc_values import GRADES, Grade, LevelEscc
from spinereview.criteria.evidence.escc import NO, YES, said
from spinereview.criteria.evidence.escc import evidence as escc_evidence
from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.evidence.recist import baseline_of, lesion_value
from spinereview.criteria.local_control.values import Judgement
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.spino_values import Input, Relation, SiteFinding, SpinoVisit
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table

FORM = "SPINO"
GROWTH, EPIDURAL, NEUROLOGY, RELATION = "GROWTH", "EPIDURAL", "NEUROLOGY", "RELATION"
GROWN = frozenset({Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL})

ANSWERS: dict[str, tuple[str, ...]] = {
    GROWTH: tuple(Judgement),
    EPIDURAL: tuple(Judgement),
    NEUROLOGY: (YES, NO),
    RELATION: tuple(Relation),
}
"""Answers by item of a site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineSite:
    """A treated site: of the case, or one that the reader recorded as a lesion of that role.

    Its answers are kept by ``id`` and told by ``label``; no two sites share one.
    """

    id: Id
    label: str
    levels: tuple[Level, ...] = ()
    lesion: Lesion | None = None


def form_of(site: str) -> str:
    """Key of a site's answers in ``Visit.patient_scores``.

    >>> form_of("L03")
    'SPINO/L03'
    """
    return f"{FORM}/{site}"


def sites_of(read: Read, case: Case) -> tuple[SpineSite, ...]:
    """Treated sites in the order of the case, then those that only the reader has recorded."""
    recorded = [lesion for lesion in read.lesions.values() if lesion.role is LesionRole.TREATED_SITE]
    by_site = {lesion.treated_site: lesion for lesion in recorded if lesion.treated_site is not None}
    known = [
        SpineSite(id=site.id, label=site.id, levels=site.site.levels, lesion=by_site.get(site.id))
        for site in case.treated_sites.values()
    ]
    own = [
        SpineSite(id=lesion.id, label=_own_label(lesion, case), levels=lesion.site.levels, lesion=lesion)
        for lesion in recorded
        if lesion.treated_site not in case.treated_sites
    ]
    return (*known, *own)


def spino_baseline(case: Case, protocol: Protocol) -> Timepoint | None:
    """Timepoint that the sites are compared with: of the first visit that lists the form, else the last one before.

    A case whose timepoints are no visits of the protocol is compared with its first timepoint.
    """
    scheduled = [visit.name for visit in protocol.visits_in_order if FORM in visit.forms]
    flagged = [one for one in case.in_order if "LOCAL_CONTROL" in one.baseline_for]
    named = [one for one in case.in_order if one.visit in scheduled]
    if flagged or not named:
        return next(iter(flagged), baseline_of(case))
    if named[0].visit == scheduled[0]:
        return named[0]
    before = [one for one in case.in_order if one.ordinal < named[0].ordinal]
    return before[-1] if before else named[0]


def judged_at(case: Case, timepoint: Timepoint, protocol: Protocol) -> bool:
    """Whether sites are judged at a timepoint: it comes after the one that they are compared with."""
    first = spino_baseline(case, protocol)
    return first is not None and timepoint.ordinal > first.ordinal


def evidence(read: Read, case: Case, protocol: Protocol) -> Input:
    """Treated sites from the baseline on; without a site there is no visit."""
    sites = sites_of(read, case)
    first = spino_baseline(case, protocol)
    if first is None or not sites:
        return Input()
    later = [one for one in case.in_order if one.ordinal >= first.ordinal]
    settings = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    grades = {visit.timepoint: visit.levels for visit in escc_evidence(read, case).visits}
    visits: list[SpinoVisit] = []
    for timepoint in later:
        found: dict[str, SiteFinding] = {}
        for site in sites:
            finding = SiteFinding(
                site=Id(site.label),
                longest_mm=_longest_mm(read, case, site, timepoint, settings),
                escc=_worst_grade(site, grades[timepoint.id]),
                ref=("visits", timepoint.id, "patient_scores", form_of(site.id)),
            )
            found[site.label] = finding if timepoint is first else _judged(finding, answers_at(read, site, timepoint))
        visits.append(SpinoVisit(timepoint=timepoint.id, label=timepoint.label, sites=Table(found)))
    return Input(visits=tuple(visits))


def answers_at(read: Read, site: SpineSite, timepoint: Timepoint) -> Table[Answer]:
    """What the reader said of a site at a timepoint."""
    return read.visit_at(timepoint.id).patient_scores.get(form_of(site.id), Table())


def grows(answers: Table[Answer]) -> bool:
    """Whether growth, of tumour or in the epidural space, was called at least equivocal."""
    return bool({said(answers, GROWTH), said(answers, EPIDURAL)} & GROWN)


def _judged(finding: SiteFinding, answers: Table[Answer]) -> SiteFinding:
    growth, epidural, decline = (said(answers, item) for item in (GROWTH, EPIDURAL, NEUROLOGY))
    # A place that was said of growth which has been taken back since is none.
    relation = said(answers, RELATION) if grows(answers) else ""
    return replace(
        finding,
        growth=Judgement(growth) if growth else None,
        epidural=Judgement(epidural) if epidural else None,
        neurological_decline=decline == YES if decline else None,
        relation=Relation(relation) if relation else None,
    )


def _own_label(lesion: Lesion, case: Case) -> str:
    name = lesion_label(lesion)
    return lesion.id if name in case.treated_sites else name


def _longest_mm(
    read: Read, case: Case, site: SpineSite, timepoint: Timepoint, settings: RecistSettings
) -> Decimal | None:
    """Diameter of the lesion that stands for a site; None where there is none, or it was not measured."""
    return None if site.lesion is None else lesion_value(read, case, site.lesion, timepoint.id, settings).mm


def _worst_grade(site: SpineSite, graded: Table[LevelEscc]) -> Grade | None:
    """Highest grade over the levels of a site; None where a level that could have a higher one has none."""
    if not site.levels or any(level not in graded for level in site.levels):
        return None
    spans = [span_of(graded[level]) for level in site.levels]
    low, high = (max(ends, key=GRADES.index) for ends in zip(*((one.low, one.high) for one in spans), strict=True))
    return low if low is high else None
