"""Local control and local progression of irradiated sites of the spine: SPINO, Thibault I et al. Lancet Oncol 2015;16:e595.

Progression is growth that is unequivocal, new or progressive epidural tumour, or a neurological decline with an equivocal
epidural change. An equivocal image is repeated; growth soon after radiotherapy may be pseudoprogression. Measured numbers
prompt and never decide (our reading). All of it is to be confirmed by a clinician.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.escc_values import GRADES
from spinereview.criteria.local_control.rules import by_judgement
from spinereview.criteria.local_control.values import Judgement
from spinereview.criteria.responses import LocalResult, no_schedule
from spinereview.criteria.spino_values import (
    CRITERION,
    OWN_RULE,
    RULE,
    Input,
    Relation,
    Response,
    Settings,
    SiteFinding,
    SpinoVisit,
)
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.exact import reported_entered
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table

_RESPONSES = {
    LocalResult.CONTROL: Response.LOCAL_CONTROL,
    LocalResult.FAILURE: Response.LOCAL_PROGRESSION,
    LocalResult.EQUIVOCAL: Response.INDETERMINATE,
    LocalResult.NE: Response.NE,
}
_CODES = {
    "LC_SPINO_UNEQUIVOCAL": "SPINO_UNEQUIVOCAL",
    "LC_SPINO_CONFIRMED": "SPINO_CONFIRMED",
    "LC_SPINO_EQUIVOCAL": "SPINO_EQUIVOCAL",
    "LC_SPINO_EQUIVOCAL_AGAIN": "SPINO_EQUIVOCAL_AGAIN",
    "LC_SPINO_NONE": "SPINO_NONE",
    "LC_SPINO_PSEUDOPROGRESSION": "PSEUDOPROGRESSION",
    "LC_NE": "SPINO_NE",
    "LC_JUDGEMENT_MISSING": "SPINO_MISSING",
}
_WORST = (Response.LOCAL_PROGRESSION, Response.INDETERMINATE, Response.NE, Response.LOCAL_CONTROL)
"""The first that a site has is the answer of all sites together (our reading)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One site from the first visit after the baseline on: what was found at each, in the light of all."""

    site: Id
    visits: Sequence[SpinoVisit]
    found: Sequence[tuple[Response, str]]


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/spino/S1"`` of each site, ``"FU1/spino"`` of all sites, and ``"spino/S1"`` of the follow-up.

    The outcome is a :class:`Response`. Values: ``longest_mm``, ``nadir_mm`` (smallest before), ``growth_mm``; with a
    schedule ``repeat_day`` where the image has to be repeated. Of the follow-up ``day``: of the first scan with
    progression, else of the last one that was judged.
    """
    answers: dict[str, Assessment] = {}
    if len(given.visits) < 2:
        return Table()
    listed = [_series(given, Id(site)) for site in given.visits[0].sites]
    for series in listed:
        for at, visit in enumerate(series.visits):
            answers[f"{visit.timepoint}/{CRITERION}/{series.site}"] = _site(given, series, at, settings)
        answers[f"{CRITERION}/{series.site}"] = _follow_up(given, series)
    for at, visit in enumerate(given.visits[1:]):
        if listed:
            answers[f"{visit.timepoint}/{CRITERION}"] = _visit(visit, listed, at)
    return Table(answers)


def judgement_of(finding: SiteFinding) -> Judgement | None:
    """What the two judgements of a site say together; None where one that could change it is not given.

    Growth away from the treated volume is none of the site.
    """
    if finding.relation is Relation.DISTANT:
        return Judgement.NONE
    said = {finding.growth, finding.epidural}
    order = (Judgement.UNEQUIVOCAL, Judgement.EQUIVOCAL, Judgement.NE, None)
    return next((word for word in order if word in said), Judgement.NONE)


def declined(finding: SiteFinding) -> bool:
    """Neurological decline with an equivocal epidural change, which is progression (Thibault 2015).

    It counts at its own visit: an image confirms an earlier equivocal one, a decline does not (our reading).
    """
    near = finding.relation is not Relation.DISTANT
    return near and finding.epidural is Judgement.EQUIVOCAL and finding.neurological_decline is True


def _series(given: Input, site: Id) -> Series:
    visits = given.visits[1:]
    found = by_judgement([judgement_of(visit.sites[site]) for visit in visits])
    listed = [(_RESPONSES[one.result], _CODES[one.code]) for one in found]
    for at, visit in enumerate(visits):
        if declined(visit.sites[site]) and listed[at][0] is not Response.LOCAL_PROGRESSION:
            listed[at] = (Response.LOCAL_PROGRESSION, "SPINO_DECLINED")
    return Series(site=site, visits=visits, found=_since(listed))


def _since(listed: Sequence[tuple[Response, str]]) -> list[tuple[Response, str]]:
    """Responses; from the first progression on a site stays progressed (our reading)."""
    first = next((at for at, one in enumerate(listed) if one[0] is Response.LOCAL_PROGRESSION), len(listed))
    since = (Response.LOCAL_PROGRESSION, "SPINO_SINCE")
    return [one if at <= first or one[0] is Response.LOCAL_PROGRESSION else since for at, one in enumerate(listed)]


def _site(given: Input, series: Series, at: int, settings: Settings) -> Assessment:
    visit = series.visits[at]
    finding = visit.sites[series.site]
    response, code = series.found[at]
    grown = _grown(given, series, at)
    day = _day(given.schedule, visit)
    repeat = response is Response.INDETERMINATE and day is not None
    first = next((one.name for one, found in zip(series.visits, series.found, strict=True) if found[0] is response), "")
    args = {"site": series.site, "visit": visit.name, "first": first}
    rule = OWN_RULE if code == "SPINO_SINCE" else RULE
    because = [Reason(code=code, args=Table(args), rule=rule, refs=(finding.ref,))]
    because += [Reason(code=cause, args=Table(args), rule=RULE, refs=(finding.ref,)) for cause in _causes(finding)]
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, series.site),
        outcome=response.value,
        values=Table(
            {
                "longest_mm": grown.now_mm,
                "nadir_mm": grown.nadir_mm,
                "growth_mm": grown.by_mm,
                "repeat_day": Decimal(day + settings.spino_repeat_days) if repeat and day is not None else None,
            }
        ),
        because=tuple(because),
        warnings=_prompts(given, series, at, settings),
        missing=_missing(finding),
    )


def _causes(finding: SiteFinding) -> list[str]:
    """What made up the judgement of the site."""
    if finding.relation is Relation.DISTANT:
        return ["SPINO_DISTANT"]
    listed: list[str] = []
    if finding.growth in {Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL}:
        listed.append(f"SPINO_GROWTH_{finding.growth}")
    if finding.epidural in {Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL}:
        listed.append(f"SPINO_EPIDURAL_{finding.epidural}")
    return listed


def _missing(finding: SiteFinding) -> tuple[Reason, ...]:
    if judgement_of(finding) is Judgement.UNEQUIVOCAL or finding.relation is Relation.DISTANT:
        return ()
    codes = {
        "SPINO_GROWTH_MISSING": finding.growth is None,
        "SPINO_EPIDURAL_MISSING": finding.epidural is None,
        "SPINO_NEUROLOGY_MISSING": finding.epidural is Judgement.EQUIVOCAL and finding.neurological_decline is None,
    }
    args = Table({"site": str(finding.site)})
    return tuple(
        Reason(code=code, args=args, rule=RULE, refs=(finding.ref,)) for code, missing in codes.items() if missing
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """Reported longest diameter now and the smallest before."""

    now_mm: Decimal | None = None
    nadir_mm: Decimal | None = None

    @property
    def by_mm(self) -> Decimal | None:
        """Difference; None where one of the two is not known."""
        return None if self.now_mm is None or self.nadir_mm is None else self.now_mm - self.nadir_mm

    def prompts(self, settings: Settings) -> bool:
        """Whether the growth is asked about: both limits, from a nadir of 0 the length alone; exact."""
        if self.nadir_mm is None or self.by_mm is None or self.by_mm < settings.spino_prompt_mm:
            return False
        return 100 * self.by_mm >= settings.spino_prompt_pct * self.nadir_mm


def _grown(given: Input, series: Series, at: int) -> Grown:
    rows = [visit.sites[series.site].longest_mm for visit in given.visits[: at + 2]]
    lengths = [None if value is None else reported_entered(value) for value in rows]
    return Grown(now_mm=lengths[-1], nadir_mm=min((mm for mm in lengths[:-1] if mm is not None), default=None))


def _prompts(given: Input, series: Series, at: int, settings: Settings) -> tuple[Reason, ...]:
    visit = series.visits[at]
    finding = visit.sites[series.site]
    args = {"site": str(series.site), "visit": visit.name}
    listed: list[Reason] = []

    def prompt(code: str, rule: str, **more: str) -> None:
        listed.append(Reason(code=code, args=Table({**args, **more}), rule=rule, refs=(finding.ref,)))

    response, code = series.found[at]
    judged = judgement_of(finding)
    if judged in {Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL} and _early(given.schedule, visit, settings):
        prompt("SPINO_MAYBE_PSEUDO", RULE, days=str(settings.spino_pseudo_days))
    if response is Response.INDETERMINATE:
        prompt("SPINO_REPEAT", RULE, days=str(settings.spino_repeat_days))
    if code == "SPINO_EQUIVOCAL_AGAIN":
        prompt("SPINO_BIOPSY", RULE)
    if finding.relation is Relation.MARGINAL:
        prompt("SPINO_MARGINAL", OWN_RULE)
    grown = _grown(given, series, at)
    if judged is not Judgement.UNEQUIVOCAL and grown.prompts(settings):
        prompt("SPINO_SIZE_PROMPT", OWN_RULE, now=str(grown.now_mm), nadir=str(grown.nadir_mm))
    grades = [one.sites[series.site].escc for one in given.visits[: at + 2]]
    lowest = min((grade for grade in grades[:-1] if grade is not None), key=GRADES.index, default=None)
    now = grades[-1]
    rises = lowest is not None and now is not None and GRADES.index(now) > GRADES.index(lowest)
    if judged is not Judgement.UNEQUIVOCAL and rises:
        prompt("SPINO_ESCC_PROMPT", OWN_RULE, now=str(now), lowest=str(lowest))
    return tuple(listed)


def _day(schedule: Schedule | None, visit: SpinoVisit) -> int | None:
    return None if schedule is None else schedule.day_of(visit.timepoint)


def _early(schedule: Schedule | None, visit: SpinoVisit, settings: Settings) -> bool:
    """Whether growth may be pseudoprogression: soon after radiotherapy, or nobody knows how long after."""
    day = _day(schedule, visit)
    if schedule is None or day is None:
        return True
    start = schedule.anchors.get(Anchor.RT_END, schedule.anchors.get(Anchor.FIRST_TREATMENT))
    return start is None or day - start <= settings.spino_pseudo_days


def _visit(visit: SpinoVisit, listed: Sequence[Series], at: int) -> Assessment:
    found = {series.site: series.found[at][0] for series in listed}
    worst = next(response for response in _WORST if response in found.values())
    sites = ", ".join(site for site, response in found.items() if response is worst)
    args = Table({"visit": visit.name, "sites": sites})
    refs = tuple(finding.ref for finding in visit.sites.values())
    reason = Reason(code=f"SPINO_ALL_{worst}", args=args, rule=OWN_RULE, refs=refs)
    return Assessment(criterion=CRITERION, scope=(visit.timepoint, CRITERION), outcome=worst.value, because=(reason,))


def _follow_up(given: Input, series: Series) -> Assessment:
    rows = list(zip(series.visits, series.found, strict=True))
    judged = [(visit, response) for visit, (response, _) in rows if response is not Response.NE]
    failed = [one for one in judged if one[1] is Response.LOCAL_PROGRESSION]
    visit, response = failed[0] if failed else judged[-1] if judged else (None, Response.NE)
    day = None if visit is None else _day(given.schedule, visit)
    args = Table({"site": str(series.site), "visit": "" if visit is None else visit.name})
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION, series.site),
        outcome=response.value,
        values=Table[Decimal | None]({"day": None if day is None else Decimal(day)}),
        because=(Reason(code=f"SPINO_FIRST_{response}", args=args, rule=RULE),),
        missing=(no_schedule(),) if given.schedule is None else (),
    )
