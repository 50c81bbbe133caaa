"""From a read and its case to what RECIST 1.1 is asked: reported values of the target lesions by visit.

A target lesion of which nothing usable has been said has no state here, with the reason; whether it then waits or is not
evaluable is decided by the lock of the visit, in the criterion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from spinereview.criteria.evidence.coverage import missing_regions, stacks_of
from spinereview.criteria.evidence.diameters import METHOD_RULE, Place, Reported, diameter
from spinereview.criteria.evidence.judged import decisions, new_values, non_target_values
from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE, fragment_mm, total
from spinereview.criteria.recist.target_reasons import BASELINE_RULE, SPECIAL_RULE
from spinereview.criteria.recist.values import Fragment, Input, TargetValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.case import Case, Schedule, Timepoint
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    SEEN,
    Comparability,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    LocalTherapy,
)
from spinereview.domain.measurement import Entered, Measurement
from spinereview.domain.read import Lock, Read
from spinereview.domain.table import Table

TOO_SMALL_FRAGMENT = "TOO_SMALL"
"""``Entered.source`` of a fragment that is seen and too small to measure; its number is not used."""

CRANIOCAUDAL_PART = "cc"
"""Key of a finding's part that is an extent and no diameter."""

_JUDGED = frozenset({LesionState.PRESENT, LesionState.NODE_NORMAL, LesionState.UNEQUIVOCAL_PD})


def baseline_of(case: Case) -> Timepoint | None:
    """Baseline of RECIST: the timepoint that is flagged so, else the first."""
    flagged = [timepoint for timepoint in case.in_order if "RECIST" in timepoint.baseline_for]
    return next(iter(flagged or case.in_order), None)


def evidence(
    read: Read,
    case: Case,
    settings: Settings,
    clinical: ClinicalRecord | None = None,  # noqa: ARG001 - every criterion's evidence is called alike
    schedule: Schedule | None = None,  # noqa: ARG001 - as above; nothing here needs a day
) -> Input:
    """Visits from the baseline on, with the values and states of the lesions."""
    baseline = baseline_of(case)
    if baseline is None:
        return Input()
    later = [timepoint for timepoint in case.in_order if timepoint.ordinal >= baseline.ordinal]
    return Input(visits=tuple(_visit(read, case, timepoint, baseline, settings) for timepoint in later))


def lesion_value(read: Read, case: Case, lesion: Lesion, timepoint: str, settings: Settings) -> Reported:
    """Reported value of a lesion of any role at a timepoint, or why there is none; for lists.

    A lesion that is judged and was measured all the same has its diameter; a lesion that split has the sum of its
    fragments, one too small to measure 5 mm, an absent one 0.
    """
    place = _place(lesion, timepoint)
    finding = lesion.findings.get(timepoint)
    if finding is None or timepoint not in case.timepoints:
        return place.none("STATE_MISSING", BASELINE_RULE)
    if finding.state is LesionState.MEASURED or (finding.state in _JUDGED and _diameters(finding)):
        return _measured(read, case.timepoints[timepoint], lesion, finding, place, settings)
    if finding.state is LesionState.SPLIT:
        fragments, problem, warnings = _fragments(case.timepoints[timepoint], lesion, finding, place, settings)
        if problem is not None:
            return Reported(problem=problem, warnings=warnings)
        return Reported(mm=total(fragment_mm(part, settings) for part in fragments), warnings=warnings)
    if finding.state is LesionState.TOO_SMALL:
        return Reported(mm=settings.tstm_mm)
    if finding.state is LesionState.ABSENT:
        return Reported(mm=total(()))
    if finding.carrier is not None and finding.state not in SEEN:
        return place.none("VALUE_ON_CARRIER", SPECIAL_RULE, carrier=_label_of(read, finding.carrier))
    return place.none("STATE_WITHOUT_VALUE", SPECIAL_RULE, state=finding.state.value)


def _visit(read: Read, case: Case, timepoint: Timepoint, baseline: Timepoint, settings: Settings) -> TargetVisit:
    warnings: list[Reason] = []
    values: dict[str, TargetValue] = {}
    carriers = {finding.carrier for finding in _findings(read, timepoint.id)}
    for key, lesion in read.lesions.items():
        if lesion.role is LesionRole.TARGET:
            values[key], doubts = _target_value(read, timepoint, baseline, lesion, settings)
            warnings.extend(doubts)
            if lesion.id in carriers:
                warnings.extend(_swallowed(read, lesion, timepoint))
    return TargetVisit(
        timepoint=timepoint.id,
        label=timepoint.label,
        closed=read.lock_of(timepoint.id) is Lock.LOCKED,
        targets=Table(values),
        non_targets=non_target_values(read, timepoint, baseline),
        new=new_values(read, case, timepoint, baseline, settings),
        decisions=decisions(read, timepoint),
        missing_regions=missing_regions(read, timepoint),
        warnings=tuple(warnings),
    )


def _target_value(
    read: Read, timepoint: Timepoint, baseline: Timepoint, lesion: Lesion, settings: Settings
) -> tuple[TargetValue, tuple[Reason, ...]]:
    finding, place = lesion.findings.get(timepoint.id), _place(lesion, timepoint.id)
    if finding is None:
        late = timepoint.id == baseline.id and lesion.first_seen != baseline.id
        code = "TARGET_NOT_AT_BASELINE" if late else "STATE_MISSING"
        return _value(lesion, place, None, problem=place.reason(code, BASELINE_RULE)), ()
    if settings.study_rt_target == "ne" and timepoint.id != baseline.id and _irradiated(lesion, finding):
        return _value(lesion, place, LesionState.NE), (place.reason("STUDY_RT_NE", OWN_RULE),)
    value, warnings = _stated_value(read, timepoint, lesion, finding, place, settings)
    if finding.margin_hidden_by and value.evaluable:
        warnings = (*warnings, place.reason(f"MARGIN_HIDDEN_{finding.margin_hidden_by}", OWN_RULE))
    return value, warnings


def _irradiated(lesion: Lesion, finding: LesionFinding) -> bool:
    """Whether the study irradiated a lesion that no other treatment has taken out of the response by now."""
    therapy = lesion.prior_therapy
    by_study = therapy is not None and therapy.study_treatment and therapy.kind is LocalTherapy.RT
    return by_study and finding.state not in {LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL}


def _stated_value(
    read: Read, timepoint: Timepoint, lesion: Lesion, finding: LesionFinding, place: Place, settings: Settings
) -> tuple[TargetValue, tuple[Reason, ...]]:
    if lesion.nodal and _mass_is_mixed(read, lesion, timepoint.id):
        # A mass of a node and another lesion is no node (4.3.2, our reading).
        lesion = replace(lesion, nodal=False)
    if finding.state is LesionState.MEASURED:
        return _measured_value(read, timepoint, lesion, finding, place, settings)
    if finding.state is LesionState.SPLIT:
        fragments, problem, warnings = _fragments(timepoint, lesion, finding, place, settings)
        if problem is not None:
            return _value(lesion, place, None, problem=problem), warnings
        return _value(lesion, place, finding.state, parts=fragments), warnings
    if finding.carrier is not None and not _carries(read, finding.carrier, timepoint.id):
        problem = place.reason("CARRIER_NOT_A_TARGET", SPECIAL_RULE, carrier=_label_of(read, finding.carrier))
        return _value(lesion, place, None, problem=problem), ()
    return _value(lesion, place, finding.state, carrier=finding.carrier), ()


def _measured_value(
    read: Read, timepoint: Timepoint, lesion: Lesion, finding: LesionFinding, place: Place, settings: Settings
) -> tuple[TargetValue, tuple[Reason, ...]]:
    if finding.comparability is Comparability.NOT_COMPARABLE:
        # The reader's own word: another technique that cannot be compared is not evaluable, whatever was measured on it.
        return _value(lesion, place, LesionState.NE), (place.reason("NOT_COMPARABLE", METHOD_RULE),)
    reported = _measured(read, timepoint, lesion, finding, place, settings)
    if reported.mm is None:
        return _value(lesion, place, None, problem=reported.problem), reported.warnings
    return _value(lesion, place, finding.state, mm=reported.mm), reported.warnings


def _measured(
    read: Read, timepoint: Timepoint, lesion: Lesion, finding: LesionFinding, place: Place, settings: Settings
) -> Reported:
    """Diameter of a lesion in one piece, which may be a merged mass that it carries."""
    parts = _diameters(finding)
    if len(parts) != 1:
        return place.none("VALUE_AMBIGUOUS", METHOD_RULE, count=str(len(parts)))
    part, measurement = parts[0]
    # A mass of nodes only stays nodal and has a short axis; with another lesion in it, it is no node (4.3.2, our reading).
    nodal = lesion.nodal and all(partner.nodal for partner in _partners(read, lesion, timepoint.id))
    reported = diameter(measurement, timepoint.stacks, settings.value_rounding_mm, place.part(part), short_axis=nodal)
    doubts = tuple(_technique(timepoint, lesion, finding, measurement, place))
    return replace(reported, warnings=(*reported.warnings, *doubts)) if doubts else reported


def _fragments(
    timepoint: Timepoint, lesion: Lesion, finding: LesionFinding, place: Place, settings: Settings
) -> tuple[tuple[Fragment, ...], Reason | None, tuple[Reason, ...]]:
    """Fragments of a lesion that split; of a node their short axes."""
    fragments: list[Fragment] = []
    warnings: list[Reason] = []
    parts = _diameters(finding)
    modalities = {stack.modality for _, part in parts for stack in stacks_of(timepoint, part)}
    if len(modalities) > 1:
        return (), place.reason("TECHNIQUES_MIXED", METHOD_RULE), ()
    for part, measurement in parts:
        geometry = measurement.geometry
        if isinstance(geometry, Entered) and geometry.source == TOO_SMALL_FRAGMENT:
            fragments.append(Fragment(too_small=True))
            continue
        reported = diameter(
            measurement, timepoint.stacks, settings.value_rounding_mm, place.part(part), short_axis=lesion.nodal
        )
        warnings.extend(reported.warnings)
        if reported.mm is None:
            return (), reported.problem, tuple(warnings)
        fragments.append(Fragment(mm=reported.mm))
    return tuple(fragments), None, tuple(warnings)


def _technique(
    timepoint: Timepoint, lesion: Lesion, finding: LesionFinding, measurement: Measurement, place: Place
) -> Iterable[Reason]:
    """Whether it was measured as at baseline: same modality, plane and contrast (RECIST 1.1, 3.2 and 4.2)."""
    before = lesion.technique
    if before is None or timepoint.id == lesion.first_seen:
        return
    for stack in stacks_of(timepoint, measurement):
        if stack.modality != before.modality:
            judged = finding.comparability is not None
            code = "MODALITY_CHANGE" if judged else "MODALITY_NOT_JUDGED"
            yield place.reason(code, METHOD_RULE, before=before.modality, now=stack.modality)
            continue
        if stack.plane.value != before.plane:
            code = "PLANE_CHANGE_SAID" if finding.reason else "PLANE_CHANGE"
            words = {"before": before.plane, "now": stack.plane.value, "reason": finding.reason}
            yield place.reason(code, METHOD_RULE, **words)
        if before.contrast and not stack.contrast:
            yield place.reason("NO_CONTRAST", METHOD_RULE)
        if before.role and stack.role and stack.role != before.role:
            yield place.reason("SEQUENCE_CHANGE", METHOD_RULE, before=before.role, now=stack.role)


def _diameters(finding: LesionFinding) -> list[tuple[str, Measurement]]:
    return [(key, part) for key, part in finding.parts.items() if key != CRANIOCAUDAL_PART]


def _mass_is_mixed(read: Read, carrier: Lesion, timepoint: str) -> bool:
    """Whether a non-target that is no node lies in the mass of a target; targets are told apart by the criterion itself."""
    return any(
        partner.role is LesionRole.NON_TARGET and not partner.nodal for partner in _partners(read, carrier, timepoint)
    )


def _swallowed(read: Read, lesion: Lesion, timepoint: Timepoint) -> Iterable[Reason]:
    """Non-targets that cannot be told from a target: the whole mass is measured (our reading)."""
    place = _place(lesion, timepoint.id)
    for partner in _partners(read, lesion, timepoint.id):
        if partner.role is LesionRole.NON_TARGET:
            yield place.reason("TGT_NT_MERGE", OWN_RULE, other=lesion_label(partner))


def _findings(read: Read, timepoint: str) -> list[LesionFinding]:
    found = [lesion.findings.get(timepoint) for lesion in read.lesions.values()]
    return [finding for finding in found if finding is not None]


def _partners(read: Read, carrier: Lesion, timepoint: str) -> list[Lesion]:
    return [
        lesion
        for lesion in read.lesions.values()
        if (finding := lesion.findings.get(timepoint)) is not None and finding.carrier == carrier.id
    ]


def _carries(read: Read, carrier: str, timepoint: str) -> bool:
    """Whether a lesion can carry the diameter of a mass: a target lesion that is itself not merged into another."""
    lesion = read.lesions.get(carrier)
    if lesion is None or lesion.role is not LesionRole.TARGET:
        return False
    finding = lesion.findings.get(timepoint)
    return finding is None or finding.state is not LesionState.MERGED


def _value(
    lesion: Lesion,
    place: Place,
    state: LesionState | None,
    *,
    mm: Decimal | None = None,
    parts: tuple[Fragment, ...] = (),
    carrier: Id | None = None,
    problem: Reason | None = None,
) -> TargetValue:
    return TargetValue(
        lesion=lesion.id,
        label=place.lesion,
        state=state,
        nodal=lesion.nodal,
        mm=mm,
        parts=parts,
        carrier=carrier,
        ref=place.ref,
        problem=problem,
    )


def _place(lesion: Lesion, timepoint: str) -> Place:
    return Place(lesion=lesion_label(lesion), ref=("lesions", lesion.id, "findings", timepoint))


def _label_of(read: Read, lesion: str) -> str:
    found = read.lesions.get(lesion)
    return lesion if found is None else lesion_label(found)
