"""What the program would answer to items of eligibility, from what was marked and recorded, and why; never taken unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spinereview.criteria.evidence.quality import missing_modalities
from spinereview.criteria.evidence.sins import lesion_levels
from spinereview.criteria.fracture.values import Flag
from spinereview.domain.anatomy import Compartment, Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Timepoint
from spinereview.domain.lesion import Lesion
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.forms_asked import visit_named
from spinereview.review.labels import label

_POSTERIOR = frozenset(Compartment) - {Compartment.BODY, Compartment.EPIDURAL, Compartment.PARAVERTEBRAL}
_BROKEN = frozenset({Flag.PRESENT, Flag.NEW, Flag.PROGRESSIVE, Flag.WATCH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """An answer, and code and arguments of why."""

    value: bool
    code: str
    args: Table[str]


def eligibility_suggestions(
    read: Read, timepoint: Timepoint, protocol: Protocol, assessments: Table[Assessment]
) -> Mapping[str, Suggested]:
    """Answers by item, only where something was recorded that speaks for one.

    Parameters
    ----------
    assessments
        Those that may be seen.
    """
    found = {
        "posterior_elements_involved": _posterior(read, timepoint),
        "pathological_fracture_target": _fracture(read, timepoint, assessments),
        "modalities_complete": _modalities(timepoint, protocol),
    }
    return {item: one for item, one in found.items() if one is not None}


def _posterior(read: Read, timepoint: Timepoint) -> Suggested | None:
    """Yes where a lesion of a vertebra was recorded in posterior elements; that none was recorded is no answer."""
    lesions = [one for one in read.lesions.values() if _in_spine(one, timepoint) and one.site.compartments & _POSTERIOR]
    if not lesions:
        return None
    args = Table({"lesions": ", ".join(label(one) for one in lesions)})
    return Suggested(value=True, code="SUGGESTS_POSTERIOR", args=args)


def _fracture(read: Read, timepoint: Timepoint, assessments: Table[Assessment]) -> Suggested | None:
    """Yes where the reader graded a fracture of a level with a lesion."""
    seen = lesion_levels(read, timepoint)
    levels = [level for level in Level if level in seen]
    graded = [
        level
        for level in levels
        for answer in (assessments.get(f"{timepoint.id}/fracture/{level}"),)
        if answer is not None and answer.outcome in _BROKEN and answer.values.get("grade") is not None
    ]
    if not graded:
        return None
    return Suggested(value=True, code="SUGGESTS_FRACTURE", args=Table({"levels": ", ".join(graded)}))


def _modalities(timepoint: Timepoint, protocol: Protocol) -> Suggested | None:
    """Whether the visit's modalities are all there; nothing where the timepoint is no visit of the protocol."""
    scheduled = visit_named(timepoint, protocol)
    if scheduled is None or not scheduled.modalities:
        return None
    missing = missing_modalities(timepoint, scheduled.modalities)
    wanted = Table({"modalities": ", ".join(sorted(scheduled.modalities)), "missing": ", ".join(missing)})
    code = "SUGGESTS_MODALITIES_MISSING" if missing else "SUGGESTS_MODALITIES"
    return Suggested(value=not missing, code=code, args=wanted)


def _in_spine(lesion: Lesion, timepoint: Timepoint) -> bool:
    return bool(lesion.site.levels) and timepoint.id in lesion.findings
