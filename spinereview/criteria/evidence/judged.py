"""From a read to the states of its non-target and new lesions, and to a visit's decisions."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from spinereview.criteria.evidence.coverage import imaged_before
from spinereview.criteria.evidence.diameters import Place, diameter
from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import AfterCr, Decisions, EquivocalCr, NewValue, NonTargetValue
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.read import Read
from spinereview.domain.table import Table

FRACTURE = "FRACTURE"
"""Word of ``LesionFinding.cause``: what is seen is a fracture, which alone is no new lesion (our reading)."""

_SCLEROTIC = frozenset({Tissue.BLASTIC, Tissue.MIXED})


def non_target_values(read: Read, timepoint: Timepoint, baseline: Timepoint) -> Table[NonTargetValue]:
    """States of the non-target lesions of the baseline at a timepoint."""
    values: dict[str, NonTargetValue] = {}
    at_baseline = timepoint.id == baseline.id
    for key, lesion in read.lesions.items():
        if lesion.role is not LesionRole.NON_TARGET:
            continue
        finding = lesion.findings.get(timepoint.id)
        state = None if finding is None else finding.state
        if at_baseline and state is None and lesion.first_seen == baseline.id:
            state = LesionState.PRESENT
        values[key] = _judged(lesion.id, lesion_label(lesion), timepoint.id, state, lesion.nodal, lesion.tissue)
    return Table(values)


@lru_cache(maxsize=4096)
def _judged(
    lesion: Id, label: str, timepoint: Id, state: LesionState | None, nodal: bool, tissue: Tissue | None
) -> NonTargetValue:
    """Kept, since it is asked of every non-target at every visit whenever a caliper moves."""
    return NonTargetValue(
        lesion=lesion,
        label=label,
        state=state,
        nodal=nodal,
        sclerotic=tissue in _SCLEROTIC,
        ref=("lesions", lesion, "findings", timepoint),
    )


def new_values(
    read: Read, case: Case, timepoint: Timepoint, baseline: Timepoint, settings: Settings
) -> Table[NewValue]:
    """What has been said at a timepoint of lesions that were not there at baseline.

    A lesion appears here from the timepoint on at which it was first recorded.
    """
    values: dict[str, NewValue] = {}
    for key, lesion in read.lesions.items():
        if lesion.role is not LesionRole.NEW:
            continue
        first = case.timepoints.get(lesion.first_seen)
        if first is None or first.ordinal > timepoint.ordinal:
            continue
        finding = lesion.findings.get(timepoint.id)
        status = None if finding is None else finding.new_status
        doubtful = finding is not None and finding.only_by_new_technique and status is NewStatus.YES
        if doubtful:
            # Seen only because the technique is another: not new for certain (RECIST 1.1, 4.3.5).
            status = NewStatus.EQUIVOCAL
        imaged = imaged_before(read, lesion, first, baseline)
        if imaged is False and status is NewStatus.YES and settings.new_unscanned == "equivocal":
            status = NewStatus.EQUIVOCAL
        values[key] = NewValue(
            lesion=lesion.id,
            label=lesion_label(lesion),
            status=status,
            nodal=lesion.nodal,
            short_axis_mm=_short_axis_mm(lesion, timepoint, settings),
            sclerotic=lesion.tissue is Tissue.BLASTIC,
            only_by_technique=doubtful,
            fracture=finding is not None and finding.cause == FRACTURE,
            imaged_before=imaged,
            said=finding is not None,
            ref=("lesions", lesion.id, "findings", timepoint.id),
        )
    return Table(values)


def decisions(read: Read, timepoint: Timepoint) -> Decisions:
    """What the reader decided of a visit; a word that is not of the vocabulary counts as not said."""
    made = read.visit_at(timepoint.id).decisions
    after, equivocal, residual = (made.get(key) for key in ("AFTER_CR", "EQUIVOCAL_CR", "RESIDUAL_CR"))
    return Decisions(
        after_cr=AfterCr(str(after.value)) if after is not None and after.value in set(AfterCr) else None,
        after_cr_reason="" if after is None else after.reason,
        equivocal_cr=(
            EquivocalCr(str(equivocal.value)) if equivocal is not None and equivocal.value in set(EquivocalCr) else None
        ),
        residual_cr=residual is not None and residual.value == "CR",
    )


def _short_axis_mm(lesion: Lesion, timepoint: Timepoint, settings: Settings) -> Decimal | None:
    """Short axis of a node that was measured in one piece; None where there is none that can be trusted."""
    finding = lesion.findings.get(timepoint.id)
    parts = () if finding is None else tuple(part for key, part in finding.parts.items() if key != "cc")
    if not lesion.nodal or len(parts) != 1:
        return None
    place = Place(lesion=lesion_label(lesion), ref=("lesions", lesion.id, "findings", timepoint.id))
    return diameter(parts[0], timepoint.stacks, settings.value_rounding_mm, place, short_axis=True).mm
