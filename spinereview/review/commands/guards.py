"""Guards that the commands share: each returns what it found, or refuses with a code and changes nothing."""

from __future__ import annotations

from dataclasses import replace

from spinereview.criteria.evidence.recist import TOO_SMALL_FRAGMENT
from spinereview.criteria.recist.selection import organ_of
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import UNSTATED_ORGAN, Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.diameter import diameters
from spinereview.domain.exact import reported_entered
from spinereview.domain.imaging import Id, Permission, Stack
from spinereview.domain.known_length import calibrated_timepoint
from spinereview.domain.lesion import STATES_OF_ROLE, Lesion, LesionRole, LesionState
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Lock, Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.labels import label
from spinereview.review.timepoints import baseline

LENGTHS = frozenset(
    {
        MeasurementKind.DIAMETER,
        MeasurementKind.BIDIRECTIONAL,
        MeasurementKind.OUTLINE,
        MeasurementKind.CRANIOCAUDAL,
    }
)
"""Kinds that give a lesion a length."""

STATES_WHEN_FOUND: dict[LesionRole, frozenset[LesionState]] = {
    LesionRole.TARGET: frozenset({LesionState.MEASURED}),
    LesionRole.NON_TARGET: frozenset({LesionState.PRESENT}),
    LesionRole.NEW: frozenset(
        {LesionState.MEASURED, LesionState.PRESENT, LesionState.TOO_SMALL, LesionState.UNEQUIVOCAL_PD}
    ),
    LesionRole.TREATED_SITE: STATES_OF_ROLE[LesionRole.TREATED_SITE],
}
"""At its first timepoint a lesion is there, and a target has its diameter (RECIST 1.1, 4.2). A treated site may be empty."""


def timepoint_of(case: Case, timepoint: Id) -> Timepoint:
    """Timepoint of an id; refused where the case has none."""
    found = case.timepoints.get(timepoint)
    if found is None:
        raise Refused("TIMEPOINT_UNKNOWN", timepoint=timepoint)
    return found


def writable(read: Read, case: Case, timepoint: Id) -> Timepoint:
    """Timepoint that may be changed: open, or opened again by an amendment; its images as the read calibrates them."""
    found = timepoint_of(case, timepoint)
    if read.lock_of(timepoint) is Lock.LOCKED:
        raise Refused("VISIT_LOCKED", timepoint=found.label)
    return calibrated_timepoint(found, read.calibrations)


def some_visit_open(read: Read, case: Case) -> None:
    """Refuse what belongs to no single timepoint once all of them are locked."""
    if all(read.lock_of(timepoint) is Lock.LOCKED for timepoint in case.timepoints):
        raise Refused("READ_LOCKED")


def lesion_of(read: Read, lesion: Id) -> Lesion:
    """Lesion of an id; refused where the read has none."""
    found = read.lesions.get(lesion)
    if found is None:
        raise Refused("LESION_UNKNOWN", lesion=lesion)
    return found


def with_lesion(read: Read, lesion: Lesion) -> Read:
    """The read with a lesion as it is now; the same read where nothing is different."""
    return read if lesion == read.lesions[lesion.id] else replace(read, lesions=read.lesions.with_(lesion.id, lesion))


def recorded_by(lesion: Lesion, case: Case, timepoint: Timepoint) -> None:
    """Refuse a finding before the timepoint at which the lesion was first recorded."""
    first = timepoint_of(case, lesion.first_seen)
    if timepoint.ordinal < first.ordinal:
        raise Refused("BEFORE_FIRST_SEEN", lesion=label(lesion), timepoint=timepoint.label, first=first.label)


def role_fits_timepoint(role: LesionRole, case: Case, timepoint: Timepoint) -> None:
    """Refuse targets and non-targets after the baseline, and new lesions at it (RECIST 1.1, 4.2 and 4.3.5)."""
    first = baseline(case)
    if first is None or role is LesionRole.TREATED_SITE:
        return
    if timepoint.ordinal < first.ordinal:
        raise Refused("BEFORE_BASELINE", timepoint=timepoint.label, baseline=first.label)
    after = timepoint.ordinal > first.ordinal
    if after and role is not LesionRole.NEW:
        code = "TARGET_AFTER_BASELINE" if role is LesionRole.TARGET else "NON_TARGET_AFTER_BASELINE"
        raise Refused(code, timepoint=timepoint.label, baseline=first.label)
    if not after and role is LesionRole.NEW:
        raise Refused("NEW_AT_BASELINE", timepoint=timepoint.label)


def recist_settings(protocol: Protocol) -> Settings:
    """Settings of RECIST 1.1 in a protocol; the paper's where it has none of its own."""
    return Settings.parse(protocol.criteria.get("recist", {}))


def room_for_target(read: Read, context: Context, site: Site, *, nodal: bool) -> None:
    """Refuse one target more than the protocol allows, in all and per organ (RECIST 1.1, 4.2: five, two per organ)."""
    settings = recist_settings(context.protocol)
    targets = [lesion for lesion in read.lesions.values() if lesion.role is LesionRole.TARGET]
    if len(targets) >= settings.max_targets:
        raise Refused("TARGETS_FULL", limit=settings.max_targets)
    if site.organ == UNSTATED_ORGAN and not nodal:
        # Counted when its site is stated, which the lock waits for.
        return
    organ = organ_of(site, settings, nodal=nodal)
    same = [lesion for lesion in targets if organ_of(lesion.site, settings, nodal=lesion.nodal) == organ]
    if len(same) >= settings.max_per_organ:
        named = ", ".join(label(lesion) for lesion in same)
        raise Refused("TARGETS_OF_ORGAN_FULL", limit=settings.max_per_organ, organ=organ, lesions=named)


def only_at_first(lesion: Lesion, read: Read, case: Case) -> None:
    """Refuse a change of what a lesion counts as, once it was followed or its first visit is locked."""
    writable(read, case, lesion.first_seen)
    followed = [timepoint for timepoint in lesion.findings if timepoint != lesion.first_seen]
    if followed:
        named = ", ".join(timepoint_of(case, Id(timepoint)).label for timepoint in followed)
        raise Refused("ROLE_FIXED", lesion=label(lesion), timepoints=named)


def state_fits(lesion: Lesion, timepoint: Timepoint, state: LesionState) -> None:
    """Refuse a state that the role does not have, or not at the lesion's first timepoint."""
    named = {"lesion": label(lesion), "timepoint": timepoint.label, "state": state, "role": lesion.role}
    if state not in STATES_OF_ROLE[lesion.role]:
        raise Refused("STATE_REFUSED_BY_ROLE", **named)
    if timepoint.id == lesion.first_seen and state not in STATES_WHEN_FOUND[lesion.role]:
        raise Refused("STATE_WHEN_FOUND", **named)


def carries_nothing(read: Read, lesion: Lesion, timepoint: Id | None = None) -> None:
    """Refuse where other lesions have merged into this one; at one timepoint, or at any."""
    for other in read.lesions.values():
        for key, finding in other.findings.items():
            if finding.carrier == lesion.id and timepoint in (None, key):
                raise Refused("LESION_IS_CARRIER", lesion=label(lesion), other=label(other), timepoint=key)


def marked_stack(timepoint: Timepoint, measurement: Measurement) -> Stack | None:
    """Stack that a measurement was drawn on, after it was found fit to measure; None for an entered number.

    Raises
    ------
    Refused
        ``IMAGE_NOT_OF_TIMEPOINT``, ``NO_MILLIMETRES``, ``NO_MILLIMETRES_BETWEEN``, ``FRAME_OF_REFERENCE_DIFFERS``,
        ``SHORT_AXIS_LONGER``, ``ENTERED_NOT_MM``, ``LENGTH_REPORTED_ZERO``, ``LESION_ON_LOCALIZER``.
    """
    geometry = measurement.geometry
    if isinstance(geometry, Entered):
        if geometry.unit != "mm":
            raise Refused("ENTERED_NOT_MM", unit=geometry.unit)
        if geometry.source != TOO_SMALL_FRAGMENT and not reported_entered(geometry.value):
            raise Refused("LENGTH_REPORTED_ZERO")
        return None
    if isinstance(geometry, InSpace):
        stack = stack_in_space(timepoint, geometry)
    else:
        stack = _stack_on_image(timepoint, measurement.kind, geometry)
    long_axis_is_longer(measurement, stack)
    return stack


def _stack_on_image(timepoint: Timepoint, kind: MeasurementKind, geometry: OnImage) -> Stack:
    image = geometry.image
    stack = timepoint.stacks.get(image.stack)
    if stack is None or (image.sop_uid, image.frame) not in stack.images:
        raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image=image.sop_uid)
    if kind in LENGTHS and Permission.IN_PLANE not in stack.may_measure:
        raise Refused("NO_MILLIMETRES", stack=stack.series_uid or stack.id)
    no_localizer(stack)
    return stack


def no_localizer(stack: Stack) -> None:
    """A localizer of a CT is a projection for planning, and none of the methods that measure lesions (RECIST 1.1, 3.1.2).

    Raises
    ------
    Refused
        ``LESION_ON_LOCALIZER``.
    """
    if "LOCALIZER" in stack.faults:
        raise Refused("LESION_ON_LOCALIZER", stack=stack.series_uid or stack.id)


def long_axis_is_longer(measurement: Measurement, stack: Stack | None) -> None:
    """Refuse a length that is reported 0, and two axes the first of which is the shorter one: a node would report it."""
    found = diameters(measurement, stack)
    if 0 in (found.long_mm, found.short_mm):
        raise Refused("LENGTH_REPORTED_ZERO")
    if found.long_mm is not None and found.short_mm is not None and found.short_mm > found.long_mm:
        raise Refused("SHORT_AXIS_LONGER", long_mm=found.long_mm, short_mm=found.short_mm)


def stack_in_space(timepoint: Timepoint, geometry: InSpace) -> Stack:
    """Stack that points in space were drawn on, after it was found fit to measure between its images."""
    found: Stack | None = None
    for name in geometry.stacks:
        found = timepoint.stacks.get(name)
        if found is None:
            raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image=name)
        if Permission.BETWEEN_SLICES not in found.may_measure:
            raise Refused("NO_MILLIMETRES_BETWEEN", stack=found.series_uid or found.id)
        if found.frame_of_reference_uid != geometry.frame_of_reference_uid:
            raise Refused("FRAME_OF_REFERENCE_DIFFERS", stack=found.series_uid or found.id)
    if found is None:
        raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image="-")
    return found


def measurement_is_own(read: Read, measurement: Measurement, lesion: Id | None, timepoint: Id, part: str) -> None:
    """Refuse an id of a measurement that another part of the read has."""
    for other in read.lesions.values():
        for key, finding in other.findings.items():
            for name, drawn in finding.parts.items():
                same_place = (other.id, key, name) == (lesion, timepoint, part)
                if drawn.id == measurement.id and not same_place:
                    raise Refused("MEASUREMENT_ID_TAKEN", id=measurement.id, lesion=label(other))


def part_fits(measurement: Measurement, part: str, *, split: bool) -> None:
    """Refuse a part that is neither the lesion itself, a fragment of a split one, nor its craniocaudal extent."""
    along = measurement.kind is MeasurementKind.CRANIOCAUDAL
    if measurement.kind not in LENGTHS | {MeasurementKind.ARROW}:
        raise Refused("KIND_NOT_OF_LESION", kind=measurement.kind)
    fragment = len(part) == 1 and part.isascii() and part.islower()
    allowed = part == "cc" if along else part == "a" or (split and fragment)
    if not allowed:
        raise Refused("PART_UNKNOWN", part=part, kind=measurement.kind)
    geometry = measurement.geometry
    if isinstance(geometry, Entered) and geometry.source == TOO_SMALL_FRAGMENT and not split:
        raise Refused("TOO_SMALL_IS_A_STATE")
