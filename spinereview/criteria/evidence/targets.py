"""From a read and its case to what the choice of targets is asked: facts of each lesion, candidates."""

from __future__ import annotations

from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.evidence.recist import baseline_of, lesion_value
from spinereview.criteria.recist.measurability import SKIN, LesionFacts, measurable
from spinereview.criteria.recist.selection import Candidate, doubts
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.assessment import Reason
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.lesion import Lesion, LesionRole
from spinereview.domain.measurement import Entered, InSpace, Measurement, OnImage
from spinereview.domain.read import Read


def lesion_facts(read: Read, case: Case, lesion: Lesion, timepoint: str, settings: Settings) -> LesionFacts:
    """What decides whether a lesion is measurable at a timepoint.

    The images are those that it was measured on; an entered diameter is one by caliper. Several stacks: the thickest.
    """
    finding = lesion.findings.get(timepoint)
    parts = () if finding is None else tuple(finding.parts.values())
    stacks = [stack for part in parts for stack in _stacks(case, part)]
    entered = bool(parts) and all(isinstance(part.geometry, Entered) for part in parts)
    return LesionFacts(
        nodal=lesion.nodal,
        organ=lesion.site.organ.strip().upper(),
        size_mm=lesion_value(read, case, lesion, timepoint, settings).mm if parts else None,
        modality=SKIN if entered else stacks[0].modality if stacks else "",
        slice_thickness_mm=max(
            (s.slice_thickness_mm for s in stacks if s.slice_thickness_mm is not None), default=None
        ),
        slice_interval_mm=max((s.slice_interval_mm for s in stacks if s.slice_interval_mm is not None), default=None),
        tissue=lesion.tissue,
        soft_tissue=lesion.soft_tissue,
        prior_therapy=lesion.prior_therapy,
    )


def candidates(read: Read, case: Case, settings: Settings) -> tuple[Candidate, ...]:
    """Target lesions of a read as its baseline has them."""
    return _of_role(read, case, LesionRole.TARGET, settings)


def left_out(read: Read, case: Case, settings: Settings) -> tuple[Candidate, ...]:
    """Lesions of the baseline that were not chosen as targets."""
    return _of_role(read, case, LesionRole.NON_TARGET, settings)


def selection_doubts(read: Read, case: Case, settings: Settings) -> tuple[Reason, ...]:
    """What the choice of targets should be asked about; the first of ``refs`` is the lesion that it is said of."""
    return doubts(candidates(read, case, settings), left_out(read, case, settings), settings)


def _of_role(read: Read, case: Case, role: LesionRole, settings: Settings) -> tuple[Candidate, ...]:
    baseline = baseline_of(case)
    if baseline is None:
        return ()
    found: list[Candidate] = []
    for lesion in read.lesions.values():
        if lesion.role is not role:
            continue
        facts = lesion_facts(read, case, lesion, baseline.id, settings)
        holds, code = measurable(facts, settings)
        found.append(
            Candidate(
                lesion=lesion.id,
                label=lesion_label(lesion),
                nodal=lesion.nodal,
                site=lesion.site,
                not_measurable="" if holds else code,
                size_mm=facts.size_mm,
                cystic=lesion.cystic,
                group=lesion.group,
                override_reason=lesion.override_reason,
            )
        )
    return tuple(found)


def _stacks(case: Case, part: Measurement) -> list[Stack]:
    geometry = part.geometry
    names: tuple[Id, ...] = ()
    if isinstance(geometry, OnImage):
        names = (geometry.image.stack,)
    elif isinstance(geometry, InSpace):
        names = geometry.stacks
    return [found[1] for name in names if (found := case.find_stack(name)) is not None]
