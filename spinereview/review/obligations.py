"""What is still missing at a timepoint: one pure function for the key that goes to the next, the strip and the lock.

A lesion that was treated off the protocol, or by it, at an earlier timepoint owes nothing more: that state is kept. What
the spine owes stands in :mod:`spinereview.review.spine_owed`, what the forms of a visit do in
:mod:`spinereview.review.form_owed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.criteria.evidence.recist import lesion_value
from spinereview.criteria.evidence.targets import candidates, selection_doubts
from spinereview.criteria.recist.selection import MEASURABLE_RULE
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import UNSTATED_ORGAN
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Entered, Geometry, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.form_owed import form_obligations
from spinereview.review.owed import Obligation, Owed
from spinereview.review.spine_owed import spine_obligations
from spinereview.review.timepoints import baseline, earlier

__all__ = ["GONE", "TREATED", "VALUED", "Obligation", "Owed", "lacks_short_axis", "obligations", "other_modality"]

TREATED = frozenset({LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL})
GONE = frozenset({LesionState.ABSENT, LesionState.NODE_NORMAL})
VALUED = frozenset({LesionState.MEASURED, LesionState.SPLIT})


def obligations(
    read: Read, case: Case, timepoint: Id, settings: Settings | None = None, protocol: Protocol | None = None
) -> tuple[Owed, ...]:
    """What is missing at a timepoint, by lesion in the order of their numbers; nothing where the case lacks it.

    Parameters
    ----------
    settings
        Of RECIST 1.1: then targets that are not measurable are named at the baseline too, after all else, and doubts about
        the choice of targets.
    protocol
        Then what the spine owes follows, from the head down, and then the forms of the visit.
    """
    visit = case.timepoints.get(timepoint)
    if visit is None:
        return ()
    before = frozenset(other.id for other in earlier(case, visit))
    owed = [
        Owed(code=code, lesion=lesion.id, timepoint=timepoint)
        for lesion in read.lesions.values()
        if lesion.first_seen in before or lesion.first_seen == timepoint
        for code in _owed_by(read, visit, lesion, before)
    ]
    if settings is not None:
        owed.extend(_without_value(read, case, timepoint, settings))
    first = baseline(case)
    if settings is not None and first is not None and first.id == timepoint:
        owed.extend(_of_the_choice(read, case, timepoint, settings, {one.lesion for one in owed if one.hard}))
    if protocol is not None:
        owed.extend(spine_obligations(read, case, visit, protocol))
        owed.extend(form_obligations(read, case, visit, protocol))
    return tuple(owed)


def _without_value(read: Read, case: Case, timepoint: Id, settings: Settings) -> Iterator[Owed]:
    """Targets whose mark gives no millimetres, as after a change of the case; a missing short axis has its own word."""
    for lesion in read.lesions.values():
        finding = lesion.findings.get(timepoint)
        if lesion.role is not LesionRole.TARGET or finding is None or finding.state not in VALUED:
            continue
        problem = lesion_value(read, case, lesion, timepoint, settings).problem
        if problem is not None and problem.code != "SHORT_AXIS_MISSING":
            yield Owed(
                code=Obligation.VALUE,
                lesion=lesion.id,
                timepoint=timepoint,
                why=problem.code,
                args=problem.args,
                rule=problem.rule,
                refs=problem.refs,
            )


def _of_the_choice(
    read: Read, case: Case, timepoint: Id, settings: Settings, incomplete: set[Id | None]
) -> Iterator[Owed]:
    """Targets that are not measurable, and doubts about the choice of lesions of which all else has been said."""
    for chosen in candidates(read, case, settings):
        if chosen.not_measurable and chosen.lesion not in incomplete:
            yield Owed(
                code=Obligation.MEASURABLE,
                lesion=chosen.lesion,
                timepoint=timepoint,
                why=chosen.not_measurable,
                args=Table({"lesion": chosen.name}),
                rule=MEASURABLE_RULE,
                refs=(chosen.ref,),
            )
    for doubt in selection_doubts(read, case, settings):
        lesion = Id(doubt.refs[0][1])
        if lesion not in incomplete:
            yield Owed(
                code=Obligation.SELECTION,
                lesion=lesion,
                timepoint=timepoint,
                why=doubt.code,
                args=doubt.args,
                rule=doubt.rule,
                refs=doubt.refs,
            )


def _owed_by(read: Read, visit: Timepoint, lesion: Lesion, before: frozenset[Id]) -> tuple[Obligation, ...]:
    timepoint = visit.id
    if any(lesion.findings[other].state in TREATED for other in before if other in lesion.findings):
        return ()
    finding = lesion.findings.get(timepoint)
    if finding is None:
        return (Obligation.STATE,)
    checks = (
        (Obligation.SHORT_AXIS, _lacks_short_axis(lesion, finding)),
        (Obligation.NE_REASON, finding.state is LesionState.NE and not finding.reason),
        (Obligation.COMPARABLE, finding.comparability is None and other_modality(lesion, finding, visit)),
        (Obligation.CARRIER_VALUE, finding.carrier is not None and not _has_value(read, finding.carrier, timepoint)),
        (Obligation.NEW_STATUS, _is_new_at(lesion, finding, timepoint, before) and finding.new_status is None),
        (Obligation.NEW_CAUSE, finding.new_status == "EQUIVOCAL" and not finding.cause),
        (Obligation.SITE, lesion.first_seen == timepoint and lesion.site.organ == UNSTATED_ORGAN),
    )
    return tuple(code for code, missing in checks if missing)


def lacks_short_axis(measurement: Measurement) -> bool:
    """Whether a drawn measurement has no short axis: of a node it is then no value (RECIST 1.1, 3.1.2)."""
    if isinstance(measurement.geometry, Entered):
        return False
    if measurement.kind is not MeasurementKind.BIDIRECTIONAL:
        return True
    drawn = measurement.geometry
    points = drawn.points_mpx if isinstance(drawn, OnImage) else drawn.points_um
    return len(points) < 4


def _lacks_short_axis(lesion: Lesion, finding: LesionFinding) -> bool:
    parts = [part for name, part in finding.parts.items() if name != "cc"]
    return lesion.nodal and finding.state in VALUED and any(lacks_short_axis(part) for part in parts)


def other_modality(lesion: Lesion, finding: LesionFinding, visit: Timepoint) -> bool:
    """Whether a lesion was measured on another modality than when it was first measured."""
    if lesion.technique is None or visit.id == lesion.first_seen or finding.state not in VALUED:
        return False
    drawn = [part.geometry for part in finding.parts.values()]
    named = [stack for geometry in drawn for stack in _stacks(geometry)]
    return any(visit.stacks[name].modality != lesion.technique.modality for name in named if name in visit.stacks)


def _stacks(geometry: Geometry) -> tuple[Id, ...]:
    if isinstance(geometry, OnImage):
        return (geometry.image.stack,)
    return () if isinstance(geometry, Entered) else geometry.stacks


def _has_value(read: Read, carrier: Id, timepoint: Id) -> bool:
    """Whether the lesion that carries a merged mass has been given a state of its own."""
    lesion = read.lesions.get(carrier)
    finding = None if lesion is None else lesion.findings.get(timepoint)
    return finding is not None and finding.state is not LesionState.MERGED


def _is_new_at(lesion: Lesion, finding: LesionFinding, timepoint: Id, before: frozenset[Id]) -> bool:
    """New, or seen again after it had gone: then somebody must say how sure that is (RECIST 1.1, 4.3.5)."""
    if lesion.first_seen == timepoint:
        return lesion.role is LesionRole.NEW
    gone = any(lesion.findings[visit].state in GONE for visit in before if visit in lesion.findings)
    seen = finding.state in {LesionState.MEASURED, LesionState.TOO_SMALL, LesionState.PRESENT, LesionState.SPLIT}
    return gone and seen and lesion.role is LesionRole.NEW
