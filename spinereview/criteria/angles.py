"""Kyphosis and coronal angles by visit and their change: reliability of Ulmar B et al. Eur Spine J 2010.

An angle is reported in tenths of a degree, half-up, and its change tested so. A change below five degrees is within the
error of measuring; an increase of five is flagged, of ten has progressed; a decrease is neither (limits are our reading).
Only angles of the same kind of images and in the same posture are compared.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from spinereview.criteria.angle_values import Angle, AngleKind, AngleVisit, Input
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.recist.percent import number_text, signed
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.exact import reported_deg
from spinereview.domain.imaging import Posture
from spinereview.domain.table import Table

CRITERION = "angles"
RULE = "Ulmar 2010, Eur Spine J"
OWN_RULE = "Reading of the program, docs/criteria.md"


class Change(StrEnum):
    """Outcome of an angle; MEASURED where there is no change to speak of yet."""

    MEASURED = "MEASURED"
    WITHIN_ERROR = "WITHIN_ERROR"
    DECREASED = "DECREASED"
    INCREASED = "INCREASED"
    PROGRESSED = "PROGRESSED"
    NE = "NE"


def reported(angle: Angle) -> Decimal:
    """Angle in tenths of a degree, half-up; never minus zero."""
    return reported_deg(angle.exact_deg) + Decimal(0)


def change_of(change_deg: Decimal, settings: Settings) -> Change:
    """What a change of reported angles is.

    >>> [change_of(Decimal(text), Settings()).value for text in ("4.9", "5.0", "10.0", "-10.0")]
    ['WITHIN_ERROR', 'INCREASED', 'PROGRESSED', 'DECREASED']
    """
    if change_deg >= settings.angle_prog_deg:
        return Change.PROGRESSED
    if change_deg >= settings.angle_flag_deg:
        return Change.INCREASED
    return Change.DECREASED if change_deg <= -settings.angle_flag_deg else Change.WITHIN_ERROR


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/angles/<name>"`` of each angle.

    The outcome is a :class:`Change`. Values: ``angle_deg`` (tenths; kyphosis positive), ``shown_deg`` (whole degrees),
    ``baseline_deg``, ``change_deg``; None where there is none.
    """
    answers: dict[str, Assessment] = {}
    names = [visit.timepoint for visit in given.visits]
    start = len(names) if given.baseline is None else names.index(given.baseline)
    for at, visit in enumerate(given.visits):
        for name, angle in visit.angles.items():
            baseline = given.visits[start] if at > start else None
            answers[f"{visit.timepoint}/{CRITERION}/{name}"] = _angle(visit, name, angle, baseline, settings)
    return Table(answers)


def _angle(visit: AngleVisit, name: str, angle: Angle, baseline: AngleVisit | None, settings: Settings) -> Assessment:
    scope = (visit.timepoint, CRITERION, name)
    args = {"angle": angle.name, "visit": visit.title}
    if angle.hidden:
        hidden = Reason(code="ANGLE_HIDDEN", args=Table(args), rule=OWN_RULE, refs=(angle.ref,))
        values = dict.fromkeys(("angle_deg", "shown_deg", "baseline_deg", "change_deg"))
        return Assessment(
            criterion=CRITERION,
            scope=scope,
            outcome=Change.NE.value,
            values=Table[Decimal | None](values),
            because=(hidden,),
        )
    now = reported(angle)
    said = {**args, "deg": number_text(abs(now))}
    because = [Reason(code=_shape(angle, now), args=Table(said), rule=RULE, refs=(angle.ref,))]
    outcome, before, change = Change.MEASURED, None, None
    missing: tuple[Reason, ...] = ()
    if baseline is not None:
        compared, code = _compared(angle, baseline)
        if compared is None:
            outcome = Change.NE
            args_of = Table({**args, "baseline": baseline.title})
            missing = (Reason(code=code, args=args_of, rule=OWN_RULE, refs=(angle.ref,)),)
        else:
            before = reported(compared)
            change = now - before
            outcome = change_of(change, settings)
            because.append(_why(angle, outcome, change, baseline, settings))
    whole = angle.exact_deg.quantize(Decimal(1), rounding=ROUND_HALF_UP) + Decimal(0)
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=outcome.value,
        values=Table({"angle_deg": now, "shown_deg": whole, "baseline_deg": before, "change_deg": change}),
        because=tuple(because),
        warnings=_warnings(angle, args),
        missing=missing,
    )


def _shape(angle: Angle, now: Decimal) -> str:
    if angle.kind is AngleKind.COBB:
        return "ANGLE_COBB"
    return "ANGLE_LORDOSIS" if now < 0 else "ANGLE_KYPHOSIS" if now > 0 else "ANGLE_PARALLEL"


def _warnings(angle: Angle, args: dict[str, str]) -> tuple[Reason, ...]:
    """On an image without a spacing the pixels are taken for square."""
    if angle.points_um or angle.spacing_mm is not None:
        return ()
    return (Reason(code="ANGLE_UNCALIBRATED", args=Table(args), rule=OWN_RULE, refs=(angle.ref,)),)


def _compared(angle: Angle, baseline: AngleVisit) -> tuple[Angle | None, str]:
    """Angle of the baseline to compare with, or the code that says why there is none."""
    same = [
        one
        for one in baseline.angles.values()
        if (one.kind, one.level, one.lower) == (angle.kind, angle.level, angle.lower) and not one.hidden
    ]
    if not same:
        return None, "ANGLE_NO_BASELINE"
    alike = [one for one in same if one.modality == angle.modality]
    if not alike:
        return None, "ANGLE_OTHER_MODALITY"
    unknown = {None, Posture.UNKNOWN}
    if angle.posture in unknown or all(one.posture in unknown for one in alike):
        return None, "ANGLE_POSTURE_UNKNOWN"
    found = next((one for one in alike if one.posture is angle.posture), None)
    return found, "ANGLE_POSTURE_DIFFERS"


def _why(angle: Angle, outcome: Change, change: Decimal, baseline: AngleVisit, settings: Settings) -> Reason:
    args = {
        "angle": angle.name,
        "change": signed(change),
        "baseline": baseline.title,
        "flag": number_text(settings.angle_flag_deg),
        "limit": number_text(settings.angle_prog_deg),
    }
    return Reason(code=f"ANGLE_{outcome}", args=Table(args), rule=OWN_RULE, refs=(angle.ref,))
