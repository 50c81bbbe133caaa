"""From a read and its case to heights and facts of vertebrae by visit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.evidence.recist import baseline_of
from spinereview.criteria.fracture.heights import heights_of
from spinereview.criteria.fracture.values import Input, Measured, SpineVisit, Vertebra, levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Plane, Stack
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.measurement import InSpace, Measurement, OnImage
from spinereview.domain.read import Read
from spinereview.domain.scores import Hardware, LevelFinding
from spinereview.domain.table import Table

FORM = "VCF"
GRADE = "GRADE"
COARSE_MM = Decimal(3)
"""Heights across slices further apart than this are coarse (our reading)."""

_COLLAPSED = frozenset({"OVER_50", "UNDER_50"})


def evidence(read: Read, case: Case) -> Input:
    """Vertebrae of every visit that have heights, a grade or a fact.

    Loss is counted from the timepoint that is flagged as baseline for fractures, else from the baseline of RECIST.
    """
    visits = tuple(_visit(read, case, timepoint) for timepoint in case.in_order)
    flagged = [timepoint.id for timepoint in case.in_order if "FRACTURE" in timepoint.baseline_for]
    recist = baseline_of(case)
    return Input(
        visits=visits,
        baseline=next(iter(flagged), None if recist is None else recist.id),
        order=levels_in_order(read.numbering),
    )


def operated(read: Read, case: Case, timepoint: Timepoint, level: Level) -> tuple[frozenset[Hardware], bool]:
    """Hardware of a level and whether it was resected, as said at this timepoint or before: neither goes away unsaid."""
    hardware: frozenset[Hardware] = frozenset()
    resected = False
    for other in case.in_order:
        finding = read.visit_at(other.id).levels.get(level)
        if finding is not None and other.ordinal <= timepoint.ordinal:
            hardware |= finding.hardware
            resected = resected or finding.resected
    return hardware, resected


def _visit(read: Read, case: Case, timepoint: Timepoint) -> SpineVisit:
    levels = read.visit_at(timepoint.id).levels
    vertebrae: dict[str, Vertebra] = {}
    said = {key for visit in read.visits.values() for key in visit.levels}
    for level in Level if said else ():
        if level.value not in said:
            continue
        hardware, resected = operated(read, case, timepoint, level)
        if level in levels or resected:
            vertebra = _vertebra(timepoint, level, levels.get(level, LevelFinding()))
            vertebrae[level.value] = replace(
                vertebra, hardware=hardware, resected=resected, progressing=_progressing(read, timepoint, level)
            )
    return SpineVisit(timepoint=timepoint.id, label=timepoint.label, vertebrae=Table(vertebrae))


def _progressing(read: Read, timepoint: Timepoint, level: Level) -> tuple[str, ...]:
    """Lesions of a vertebra that are judged there; of a measured one the diameters decide, and here nothing is said."""
    return tuple(
        lesion_label(lesion)
        for lesion in read.lesions.values()
        if level in lesion.site.levels
        and (finding := lesion.findings.get(timepoint.id)) is not None
        and (finding.state is LesionState.UNEQUIVOCAL_PD or finding.new_status is NewStatus.YES)
    )


def _vertebra(timepoint: Timepoint, level: Level, finding: LevelFinding) -> Vertebra:
    ref = ("visits", timepoint.id, "levels", level.value)
    measured: dict[str, Measured] = {}
    for name, measurement in finding.heights.items():
        stack = timepoint.stacks.get(name)
        heights = heights_of(measurement, stack)
        if stack is None or heights is None:
            continue
        measured[name] = Measured(
            stack=stack.id,
            modality=stack.modality,
            heights=heights,
            coarse_mm=_coarse_mm(measurement, stack),
            ref=(*ref, "heights", name),
        )
    graded = finding.scores.get(FORM, Table()).get(GRADE)
    collapse = finding.scores.get("SINS", Table()).get("COLLAPSE")
    return Vertebra(
        level=level,
        measured=Table(measured),
        grade=None if graded is None or graded.value is None else Decimal(str(graded.value)),
        intact=finding.intact,
        endplates_hidden=finding.endplates_hidden,
        fracture_line=bool(finding.fracture_line),
        collapse_seen=collapse is not None and collapse.value in _COLLAPSED,
        non_fracture_cause=finding.non_fracture_cause,
        ref=ref,
    )


def _coarse_mm(measurement: Measurement, stack: Stack) -> Decimal | None:
    """Distance of the slices that heights run across, where it is coarse; on an acquired image they run within it."""
    geometry = measurement.geometry
    within = isinstance(geometry, OnImage) or stack.plane is Plane.SAGITTAL
    if within or not isinstance(geometry, InSpace) or stack.slice_interval_mm is None:
        return None
    return stack.slice_interval_mm if stack.slice_interval_mm > COARSE_MM else None
