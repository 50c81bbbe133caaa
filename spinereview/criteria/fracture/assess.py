"""Compression fractures of one read: what is answered for each vertebra at each visit, and on each stack.

Loss against the neighbours (how it is) and loss against the own baseline (what is new) are kept apart: against its own
collapsed baseline a vertebra would have lost nothing. Genant 1993 for the grade, Sahgal 2013 for new and progressive
fractures after treatment; numbers of the latter are our reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.fracture.events import Event, incident
from spinereview.criteria.fracture.grade import Losses, deformity, genant_grade, losses, reported_pct
from spinereview.criteria.fracture.heights import Unit
from spinereview.criteria.fracture.reference import Compared, reference, reported
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Flag, Input, Measured, SpineVisit, Vertebra
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.exact import TENTH_MM
from spinereview.domain.scores import Hardware
from spinereview.domain.table import Table

CRITERION = "fracture"
HEIGHTS_MISSING = "HEIGHTS_MISSING"
"""Code of a level of which nothing was said."""
GRADE_RULE = "Genant 1993, J Bone Miner Res 8:1137"
REFERENCE_RULE = "Buckens 2013, PLoS ONE 8:e71204"
OWN_RULE = "Reading of the program, docs/criteria.md"
_PREFERRED = ("CT", "MR", "DX", "CR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One vertebra on one stack: what was computed."""

    measured: Measured
    compared: Compared | None
    losses: Losses | None
    suggested: int | None
    coarse_pct: Fraction | None = None


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/fracture/T9"`` and, for each stack, ``"FU1/fracture/T9/<stack>"``.

    The outcome is a :class:`Flag`. Values: ``ha_mm hm_mm hp_mm`` and reference ``ra_mm rm_mm rp_mm`` (None on images without
    a calibration), ``loss_a_pct loss_m_pct loss_p_pct max_loss_pct`` against the neighbours, ``incident_loss_pct`` against
    the own baseline, ``suggested_grade`` and ``grade`` (the reader's).
    """
    answers: dict[str, Assessment] = {}
    new: set[tuple[str, str]] = set()
    baseline = next((visit for visit in given.visits if visit.timepoint == given.baseline), None)
    for visit in given.visits:
        for level, vertebra in visit.vertebrae.items():
            judged = {stack: judge(given, visit, vertebra, stack, settings) for stack in vertebra.measured}
            own: list[Assessment] = []
            for stack, one in judged.items():
                event = _lasting(incident(given, baseline, visit, vertebra, one.measured, settings), level, one, new)
                answer = _answer(visit, vertebra, one, event, stack)
                answers[f"{visit.timepoint}/fracture/{level}/{stack}"] = answer
                own.append(answer)
            if own:
                shown = _shown(visit, vertebra, own, list(judged.values()))
            else:
                seen = _lasting(incident(given, baseline, visit, vertebra, None, settings), level, None, new)
                shown = _without_heights(visit, vertebra, seen)
            answers[f"{visit.timepoint}/fracture/{level}"] = shown
    return Table(answers)


def _lasting(event: Event, level: str, one: Judged | None, new: set[tuple[str, str]]) -> Event:
    """The event; NEW where the fracture was new at an earlier visit. ``new``: levels and modalities, "" for any of them."""
    modality = "" if one is None else one.measured.modality
    if event.flag is Flag.NEW:
        new.add((level, "" if event.by_fact else modality))
    return event.as_new() if new & {(level, ""), (level, modality)} else event


def judge(given: Input, visit: SpineVisit, vertebra: Vertebra, stack: str, settings: Settings) -> Judged:
    """Losses of a vertebra on one stack and the grade that they suggest; None where they suggest none."""
    measured = vertebra.measured[stack]
    if vertebra.endplates_hidden or vertebra.resected:
        return Judged(measured=measured, compared=None, losses=None, suggested=None)
    compared = reference(given, visit, vertebra, stack)
    if compared is None:
        return Judged(measured=measured, compared=None, losses=None, suggested=None)
    found = losses(measured.heights, compared.heights)
    coarse = _coarse_pct(measured, compared, found)
    unsure = coarse is not None and found.largest < 2 * coarse
    grade = None if unsure else genant_grade(found.largest, settings)
    if vertebra.non_fracture_cause:
        # The reader's word: a deformity that is no fracture has no grade of one (Genant 1993).
        grade = None if grade is None else 0
    elif grade == 0 and not compared.levels:
        # Without a neighbour the posterior height is not judged: a crush would pass for no fracture.
        grade = None
    return Judged(measured=measured, compared=compared, losses=found, suggested=grade, coarse_pct=coarse)


def _coarse_pct(measured: Measured, compared: Compared, found: Losses) -> Fraction | None:
    """Distance of the slices in per cent of the reference height at the largest loss."""
    anterior, middle, posterior = compared.heights
    of = {"anterior": anterior, "middle": middle}.get(found.position, posterior)
    if measured.coarse_mm is None or of is None:
        return None
    return 100 * Fraction(measured.coarse_mm) / of


def flag_of(vertebra: Vertebra, suggested: int | None, event: Event) -> Flag:
    """The first that holds of: resected, new, progressive, watch, present, suspected, none; NE where nothing can be said."""
    grade = vertebra.grade if vertebra.grade is not None else suggested
    if vertebra.resected:
        return Flag.RESECTED
    if event.flag is not None:
        return event.flag
    if grade is None:
        return Flag.NE
    if grade >= 1:
        return Flag.NO if vertebra.non_fracture_cause else Flag.PRESENT
    return Flag.SUSPECTED if grade > 0 else Flag.NO


def _answer(visit: SpineVisit, vertebra: Vertebra, one: Judged, event: Event, stack: str) -> Assessment:
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, vertebra.level.value, stack),
        outcome=flag_of(vertebra, one.suggested, event).value,
        values=Table(_values(vertebra, one, event)),
        because=_because(vertebra, one, event),
        warnings=_warnings(vertebra, one, event),
        missing=_missing(vertebra, one),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Largest loss of a vertebra against its neighbours, exact; ``at_least``: it was compared with its own back alone."""

    pct: Fraction
    at_least: bool


def trusted_loss(given: Input, visit: SpineVisit, vertebra: Vertebra, settings: Settings) -> Loss | None:
    """Loss of height that what is shown of a level rests on; None where it suggests no grade."""
    judged = [judge(given, visit, vertebra, stack, settings) for stack in vertebra.measured]
    shown = min(judged, key=_preference, default=None)
    if shown is None or shown.suggested is None or shown.losses is None or shown.compared is None:
        return None
    if vertebra.non_fracture_cause:
        # Lost to another cause than a collapse: suggests neither a collapse nor that there is none.
        return None
    return Loss(pct=shown.losses.largest, at_least=not shown.compared.levels)


def _preference(one: Judged) -> tuple[int, Fraction]:
    """CT before MR before X-ray, of several the one with the largest loss."""
    modality = one.measured.modality
    place = _PREFERRED.index(modality) if modality in _PREFERRED else len(_PREFERRED)
    return place, -(one.losses.largest if one.losses is not None else Fraction(-1))


def _without_heights(visit: SpineVisit, vertebra: Vertebra, event: Event) -> Assessment:
    """What is shown of a level whose heights were not measured."""
    empty = Reason(code=HEIGHTS_MISSING, args=Table({"level": vertebra.level.value}), rule=GRADE_RULE)
    reasons = (*event.reasons, *_facts(vertebra))
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, vertebra.level.value),
        outcome=flag_of(vertebra, None, event).value,
        values=Table({"grade": vertebra.grade}),
        because=reasons or (empty,),
        warnings=(*_contradictions(vertebra), *_with_tumour(vertebra, event)),
        missing=() if reasons else (empty,),
    )


def _shown(visit: SpineVisit, vertebra: Vertebra, own: list[Assessment], judged: list[Judged]) -> Assessment:
    """What is shown of a level: the answer of the stack that goes before the others."""
    chosen, _ = min(zip(own, judged, strict=True), key=lambda pair: _preference(pair[1]))
    return replace(chosen, scope=(visit.timepoint, CRITERION, vertebra.level.value))


def _values(vertebra: Vertebra, one: Judged, event: Event) -> dict[str, Decimal | None]:
    heights = one.measured.heights
    known = heights.unit is Unit.MM
    refs = (None, None, None) if one.compared is None else one.compared.heights
    lost = one.losses
    return {
        "ha_mm": heights.anterior if known else None,
        "hm_mm": heights.middle if known else None,
        "hp_mm": heights.posterior if known else None,
        "ra_mm": reported(refs[0], TENTH_MM) if known else None,
        "rm_mm": reported(refs[1], TENTH_MM) if known else None,
        "rp_mm": reported(refs[2], TENTH_MM) if known else None,
        "loss_a_pct": None if lost is None else reported_pct(lost.anterior),
        "loss_m_pct": None if lost is None else reported_pct(lost.middle),
        "loss_p_pct": None if lost is None or lost.posterior is None else reported_pct(lost.posterior),
        "max_loss_pct": None if lost is None else reported_pct(lost.largest),
        "incident_loss_pct": None if event.loss_pct is None else reported_pct(event.loss_pct),
        "suggested_grade": None if one.suggested is None else Decimal(one.suggested),
        "grade": vertebra.grade,
    }


def _because(vertebra: Vertebra, one: Judged, event: Event) -> tuple[Reason, ...]:
    level, refs = vertebra.level.value, (one.measured.ref,)
    reasons = [*event.reasons, *_facts(vertebra)]
    lost = one.losses
    if lost is not None and one.compared is not None:
        shape = deformity(lost)
        args = {
            "level": level,
            "position": lost.position,
            "loss": str(reported_pct(lost.largest)),
            "levels": ", ".join(one.compared.levels) or level,
            "grade": str(one.suggested),
            "deformity": "" if shape is None else shape.value,
        }
        code = "HEIGHT_LOSS" if one.compared.levels else "HEIGHT_LOSS_OWN_POSTERIOR"
        if one.suggested is None or vertebra.non_fracture_cause:
            code += "_NO_GRADE"
        reasons.append(Reason(code=code, args=Table(args), rule=REFERENCE_RULE, refs=refs))
        if shape is not None and one.suggested is not None:
            reasons.append(
                Reason(code=f"DEFORMITY_{shape}", args=Table(args), rule=GRADE_RULE, refs=refs),
            )
    return tuple(reasons)


def _facts(vertebra: Vertebra) -> tuple[Reason, ...]:
    args = {"level": vertebra.level.value}
    listed: list[Reason] = []
    if vertebra.resected:
        listed.append(Reason(code="VERTEBRA_RESECTED", args=Table(args), rule=OWN_RULE, refs=(vertebra.ref,)))
    if vertebra.endplates_hidden:
        listed.append(Reason(code="ENDPLATES_HIDDEN", args=Table(args), rule=OWN_RULE, refs=(vertebra.ref,)))
    listed.extend(
        Reason(code=f"HARDWARE_{kind}", args=Table(args), rule=OWN_RULE, refs=(vertebra.ref,))
        for kind in Hardware
        if kind in vertebra.hardware
    )
    if vertebra.non_fracture_cause:
        code = f"NOT_A_FRACTURE_{vertebra.non_fracture_cause}"
        listed.append(Reason(code=code, args=Table(args), rule=GRADE_RULE, refs=(vertebra.ref,)))
    if vertebra.grade is not None:
        graded = Table({**args, "grade": str(vertebra.grade)})
        listed.append(Reason(code="GRADE_OF_READER", args=graded, rule=GRADE_RULE, refs=(vertebra.ref,)))
    return tuple(listed)


def _warnings(vertebra: Vertebra, one: Judged, event: Event) -> tuple[Reason, ...]:
    level, refs = vertebra.level.value, (one.measured.ref,)
    listed = [*event.warnings, *_contradictions(vertebra), *_with_tumour(vertebra, event)]
    if one.compared is not None and not one.compared.levels:
        listed.append(Reason(code="POSTERIOR_NOT_JUDGED", args=Table({"level": level}), rule=REFERENCE_RULE, refs=refs))
    if one.coarse_pct is not None:
        args = Table(
            {"level": level, "interval": str(one.measured.coarse_mm), "pct": str(reported_pct(one.coarse_pct))}
        )
        listed.append(Reason(code="COARSE_SLICES", args=args, rule=OWN_RULE, refs=refs))
    if one.measured.heights.unit is Unit.PIXEL:
        listed.append(Reason(code="HEIGHTS_UNCALIBRATED", args=Table({"level": level}), rule=OWN_RULE, refs=refs))
    return tuple(listed)


def _contradictions(vertebra: Vertebra) -> tuple[Reason, ...]:
    """A deformity that is called no fracture, and a fracture line at the same level."""
    if not vertebra.non_fracture_cause or not vertebra.fracture_line:
        return ()
    args = Table({"level": vertebra.level.value})
    return (Reason(code="FRACTURE_LINE_AND_CAUSE", args=args, rule=OWN_RULE, refs=(vertebra.ref,)),)


def _with_tumour(vertebra: Vertebra, event: Event) -> tuple[Reason, ...]:
    """A fracture beside tumour that progressed in the same vertebra: it may be the tumour's and not the treatment's."""
    if event.flag not in {Flag.NEW, Flag.PROGRESSIVE} or not vertebra.progressing:
        return ()
    args = Table({"level": vertebra.level.value, "lesions": ", ".join(vertebra.progressing)})
    return (Reason(code="VCF_TUMOUR", args=args, rule=OWN_RULE, refs=(vertebra.ref,)),)


def _missing(vertebra: Vertebra, one: Judged) -> tuple[Reason, ...]:
    if vertebra.grade is not None or vertebra.resected or vertebra.endplates_hidden:
        return ()
    args = Table({"level": vertebra.level.value})
    code = "GRADE_NOT_CONFIRMED" if one.suggested is not None else "GRADE_MISSING"
    return (Reason(code=code, args=args, rule=GRADE_RULE, refs=(one.measured.ref,)),)
