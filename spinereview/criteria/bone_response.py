"""Response of bone metastases by the MD Anderson criteria: Hamaoka 2004; table as in Hayashi 2012 and Costelloe 2010.

The table is qualitative, and the reader's finding has its response there. Measured lesions: a decrease of 50 % or more is
PR, an increase of 25 % or more PD; Costelloe words the measure as the sum of two diameters, the older criteria as their
product, and the answer says which one was used. These numbers are to be confirmed by a clinician.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.bone_response_values import (
    CRITERION,
    FINDINGS,
    MAYBE_FLARE,
    NUMBER_RULE,
    OWN_RULE,
    RULE,
    BoneFinding,
    BoneLesion,
    BoneResponse,
    BoneVisit,
    Input,
    Settings,
)
from spinereview.criteria.recist.percent import change_pct, number_text, signed
from spinereview.criteria.recist.values import NewLesions
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.protocol import Anchor
from spinereview.domain.table import Table

CR, PR, SD, PD, NE = BoneResponse.CR, BoneResponse.PR, BoneResponse.SD, BoneResponse.PD, BoneResponse.NE
PR_PCT, PD_PCT = Decimal(-50), Decimal(25)
SD_DAYS = 56
"""No change counts as stable disease from eight weeks on."""

_ORDER = (PD, CR, PR, SD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Product or sum now, at the baseline and the smallest before, on the same kind of images; None: not known."""

    now: Decimal | None = None
    baseline: Decimal | None = None
    nadir: Decimal | None = None
    other_images: bool = False

    @property
    def response(self) -> tuple[BoneResponse, str] | None:
        """Response by size and the code that says why; None where there is nothing to compare.

        A decrease is counted from the baseline, an increase from the smallest value before (our reading). A lesion that
        comes from zero counts as a new one.
        """
        if self.now is None or self.baseline is None or self.nadir is None:
            return None
        if self.nadir == 0 and self.now > 0:
            return PD, "MDA_FROM_ZERO"
        if self.nadir > 0 and 4 * self.now >= 5 * self.nadir:
            return PD, "MDA_SIZE_PD"
        if self.now == 0 and self.baseline > 0:
            return CR, "MDA_SIZE_GONE"
        if self.baseline > 0 and 2 * self.now <= self.baseline:
            return PR, "MDA_SIZE_PR"
        return SD, "MDA_SIZE_SD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One lesion at one visit: its size, and its response without regard of the others."""

    lesion: BoneLesion | None
    size: Size
    response: BoneResponse
    flare_alone: bool = False


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/bone_response/B1"`` of each lesion and ``"FU1/bone_response"`` of each visit after the baseline.

    The outcome is a :class:`BoneResponse`. Values of a measured lesion: ``product_mm2 baseline_product_mm2
    nadir_product_mm2``, or ``sum_mm ...``, and ``change_baseline_pct``, ``change_nadir_pct`` (None from a zero base).
    """
    answers: dict[str, Assessment] = {}
    for at, visit in enumerate(given.visits[1:], 1):
        judged = {name: _judged(given, at, name, settings) for name in given.visits[0].lesions}
        judged = _with_flares(visit, judged)
        for name, one in judged.items():
            answers[f"{visit.timepoint}/{CRITERION}/{name}"] = _lesion(given, visit, name, one, settings)
        answers[f"{visit.timepoint}/{CRITERION}"] = _visit(given, visit, judged, settings)
    return Table(answers)


def _judged(given: Input, at: int, name: str, settings: Settings) -> Judged:
    lesion = given.visits[at].lesions.get(name)
    if lesion is None:
        return Judged(lesion=None, size=Size(), response=NE)
    size = _size(given, at, lesion, settings)
    by_size = None if size.response is None else size.response[0]
    by_finding = None if lesion.finding is None else FINDINGS[lesion.finding][0]
    alone = lesion.finding is BoneFinding.NEW_SCLEROSIS
    if alone and by_size not in {PD, CR, PR}:
        return Judged(lesion=lesion, size=size, response=NE, flare_alone=True)
    response = next((word for word in _ORDER if word in {by_size, by_finding}), NE)
    return Judged(lesion=lesion, size=size, response=response)


def _size(given: Input, at: int, lesion: BoneLesion, settings: Settings) -> Size:
    earlier = [visit.lesions[lesion.lesion] for visit in given.visits[:at] if lesion.lesion in visit.lesions]
    first = earlier[0]
    now = lesion.size(settings)
    if first.modality is not lesion.modality:
        return Size(now=now, other_images=now is not None)
    sizes = [one.size(settings) for one in earlier if one.modality is lesion.modality]
    return Size(now=now, baseline=sizes[0], nadir=min((size for size in sizes if size is not None), default=None))


def _with_flares(visit: BoneVisit, judged: Mapping[str, Judged]) -> dict[str, Judged]:
    """New sclerosis is a partial response beside another sign of response and without progression (Hamaoka 2004)."""
    others = {one.response for one in judged.values() if not one.flare_alone}
    responds = bool(others & {CR, PR}) and PD not in others and visit.new_lesion is not NewLesions.YES
    return {
        name: Judged(lesion=one.lesion, size=one.size, response=PR) if one.flare_alone and responds else one
        for name, one in judged.items()
    }


def _lesion(given: Input, visit: BoneVisit, name: str, one: Judged, settings: Settings) -> Assessment:
    args = {"lesion": name, "visit": visit.name, "response": one.response.value}
    refs = () if one.lesion is None else (one.lesion.ref,)
    because: list[Reason] = []
    finding = None if one.lesion is None else one.lesion.finding
    if finding is not None:
        because.append(Reason(code=f"MDA_{finding}", args=Table(args), rule=RULE, refs=refs))
    by_size = one.size.response
    if by_size is not None:
        sized = Table({**args, **_size_args(one.size, settings)})
        rule = OWN_RULE if by_size[1] in {"MDA_FROM_ZERO", "MDA_SIZE_GONE"} else NUMBER_RULE
        because.append(Reason(code=by_size[1], args=sized, rule=rule, refs=refs))
    said = {response for response in (by_size and by_size[0], finding and FINDINGS[finding][0]) if response}
    differs = len(said - {NE}) > 1
    warnings = ((Reason(code="MDA_DIFFERS", args=Table(args), rule=OWN_RULE, refs=refs),) if differs else ()) + _flare(
        given, visit, one.lesion, settings, args
    )
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, name),
        outcome=one.response.value,
        values=_values(one.size, settings),
        because=tuple(because) or (Reason(code="MDA_LESION_NE", args=Table(args), rule=RULE, refs=refs),),
        warnings=warnings,
        missing=_missing(one, args),
    )


def _missing(one: Judged, args: Mapping[str, str]) -> tuple[Reason, ...]:
    refs = () if one.lesion is None else (one.lesion.ref,)
    listed: list[str] = []
    if one.flare_alone and one.response is NE:
        listed.append("MDA_FLARE_ALONE")
    elif one.lesion is None or (one.lesion.finding is None and one.size.response is None):
        listed.append("MDA_NOT_READ")
    if one.size.other_images:
        listed.append("MDA_OTHER_IMAGES")
    return tuple(Reason(code=code, args=Table(args), rule=OWN_RULE, refs=refs) for code in listed)


def _changes(size: Size) -> tuple[Decimal | None, Decimal | None]:
    """Change against the baseline and against the smallest, as shown."""
    if size.now is None:
        return None, None
    of = [
        None if base is None else change_pct(size.now, base, limit)
        for base, limit in ((size.baseline, PR_PCT), (size.nadir, PD_PCT))
    ]
    first, second = (None if found is None else found.value for found in of)
    return first, second


def _size_args(size: Size, settings: Settings) -> dict[str, str]:
    def text(value: Decimal | None) -> str:
        return "n/a" if value is None else number_text(value)

    shown = ["n/a" if value is None else f"{signed(value)} %" for value in _changes(size)]
    unit = "mm²" if settings.mda_measure == "product" else "mm"
    return {
        "measure": f"{settings.mda_measure} of two diameters",
        "now": f"{text(size.now)} {unit}",
        "pct_baseline": shown[0],
        "pct_nadir": shown[1],
    }


def _values(size: Size, settings: Settings) -> Table[Decimal | None]:
    name = "product_mm2" if settings.mda_measure == "product" else "sum_mm"
    against, over = _changes(size)
    return Table(
        {
            name: size.now,
            f"baseline_{name}": size.baseline,
            f"nadir_{name}": size.nadir,
            "change_baseline_pct": against,
            "change_nadir_pct": over,
        }
    )


def _flare(
    given: Input, visit: BoneVisit, lesion: BoneLesion | None, settings: Settings, args: Mapping[str, str]
) -> tuple[Reason, ...]:
    """That new sclerosis or activity soon after the start of a therapy may be bone that heals."""
    if lesion is None or lesion.finding not in MAYBE_FLARE or not _soon(given, visit, settings):
        return ()
    with_days = Table({**args, "days": str(settings.flare_days)})
    return (Reason(code="MDA_FLARE", args=with_days, rule=OWN_RULE, refs=(lesion.ref,)),)


def _soon(given: Input, visit: BoneVisit, settings: Settings) -> bool:
    """Within the window after the first treatment, or nobody knows."""
    schedule = given.schedule
    day = None if schedule is None else schedule.day_of(visit.timepoint)
    start = None if schedule is None else schedule.anchors.get(Anchor.FIRST_TREATMENT)
    return day is None or start is None or day - start <= settings.flare_days


def _visit(given: Input, visit: BoneVisit, judged: Mapping[str, Judged], settings: Settings) -> Assessment:
    response, code, names = _together(visit, judged)
    args = {"visit": visit.name, "lesions": ", ".join(names), "days": str(settings.flare_days)}
    refs = tuple(lesion.ref for lesion in visit.lesions.values())
    rule = RULE if code in {"MDA_VISIT_PD", "MDA_VISIT_NEW"} else OWN_RULE
    warnings: list[Reason] = []
    if visit.new_lesion is NewLesions.EQUIVOCAL:
        warnings.append(Reason(code="MDA_NEW_EQUIVOCAL", args=Table(args), rule=OWN_RULE))
    maybe = visit.new_lesion in {NewLesions.YES, NewLesions.EQUIVOCAL} and visit.new_sclerotic
    if maybe and _soon(given, visit, settings):
        warnings.append(Reason(code="MDA_NEW_FLARE", args=Table(args), rule=OWN_RULE))
    if response is SD:
        warnings.extend(_stable_since(given, visit))
    missing = () if visit.new_lesion else (Reason(code="MDA_NEW_MISSING", args=Table(args), rule=RULE),)
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION),
        outcome=response.value,
        because=(Reason(code=code, args=Table(args), rule=rule, refs=refs),),
        warnings=tuple(warnings),
        missing=missing,
    )


def _together(visit: BoneVisit, judged: Mapping[str, Judged]) -> tuple[BoneResponse, str, list[str]]:
    """Response of a visit; how lesions add up is our reading: CR of all, PR of some and none worse than SD."""

    def named(*words: BoneResponse) -> list[str]:
        return [name for name, one in judged.items() if one.response in words]

    if visit.new_lesion is NewLesions.YES:
        return PD, "MDA_VISIT_NEW", named(PD)
    if named(PD):
        return PD, "MDA_VISIT_PD", named(PD)
    if named(NE) or not judged:
        return NE, "MDA_VISIT_NE", named(NE)
    if visit.new_lesion in {None, NewLesions.NE}:
        return NE, "MDA_VISIT_NEW_NE", []
    if len(named(CR)) == len(judged):
        return CR, "MDA_VISIT_CR", named(CR)
    if named(CR, PR):
        return PR, "MDA_VISIT_PR", named(CR, PR)
    return SD, "MDA_VISIT_SD", named(SD)


def _stable_since(given: Input, visit: BoneVisit) -> list[Reason]:
    """That "no change" is said sooner than eight weeks after the baseline, or nobody knows how long after."""
    schedule = given.schedule
    days = [None if schedule is None else schedule.day_of(one.timepoint) for one in (given.visits[0], visit)]
    args = Table({"visit": visit.name, "days": str(SD_DAYS)})
    if days[0] is None or days[1] is None:
        return [Reason(code="MDA_SD_DAYS_UNKNOWN", args=args, rule=RULE)]
    return [Reason(code="MDA_SD_EARLY", args=args, rule=RULE)] if days[1] - days[0] < SD_DAYS else []
