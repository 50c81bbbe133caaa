"""Acts on what was found of one lesion at one timepoint: its measurement, its state, whether it is new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.lesion import (
    SEEN,
    EquivocalCause,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    NewStatus,
    Technique,
)
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.labels import label
from spinereview.review.obligations import GONE, TREATED
from spinereview.review.timepoints import earlier

KEEPS_PARTS = frozenset(
    {
        LesionState.MEASURED,
        LesionState.SPLIT,
        LesionState.PRESENT,
        LesionState.NODE_NORMAL,
        LesionState.UNEQUIVOCAL_PD,
    }
)
"""States at which what was drawn stays: the lesion is seen."""

JUDGED = frozenset({LesionState.PRESENT, LesionState.NODE_NORMAL, LesionState.UNEQUIVOCAL_PD})
"""States of a lesion that is seen and not measured."""


NOTHING_YET = LesionFinding(state=LesionState.NE)
"""What a finding is made from where there is none; its state is always replaced."""


def technique_of(stack: Stack | None, window: str) -> Technique | None:
    """Technique of a stack, which binds the lesion first measured on it (RECIST 1.1, 4.2)."""
    if stack is None:
        return None
    return Technique(
        modality=stack.modality, plane=stack.plane.value, role=stack.role, contrast=stack.contrast, window=window
    )


def with_finding(read: Read, lesion: Lesion, timepoint: Id, finding: LesionFinding | None) -> Read:
    """The read with one finding set, or taken away; the same read where that changes nothing."""
    if finding is None:
        findings = lesion.findings.without(timepoint)
    elif lesion.findings.get(timepoint) == finding:
        findings = lesion.findings
    else:
        findings = lesion.findings.with_(timepoint, finding)
    changed = lesion if findings is lesion.findings else replace(lesion, findings=findings)
    return (
        read
        if changed == read.lesions.get(lesion.id)
        else replace(read, lesions=read.lesions.with_(lesion.id, changed))
    )


def state_when_measured(lesion: Lesion, before: LesionFinding | None, kind: MeasurementKind) -> LesionState:
    """State that a measurement gives: a non-target stays judged, and an arrow is no length."""
    split = before is not None and before.state is LesionState.SPLIT
    if kind is MeasurementKind.ARROW and (split or lesion.role is LesionRole.TARGET):
        raise Refused("ARROW_IS_NO_LENGTH", lesion=label(lesion))
    if split:
        return LesionState.SPLIT
    if kind is not MeasurementKind.ARROW and lesion.role is not LesionRole.NON_TARGET:
        return LesionState.MEASURED
    return before.state if before is not None and before.state in JUDGED else LesionState.PRESENT


def has_length(finding: LesionFinding) -> bool:
    """Whether a part of a finding gives the lesion its diameter."""
    return any(name != "cc" and drawn.kind in guards.LENGTHS for name, drawn in finding.parts.items())


def is_new_or_back(lesion: Lesion, case: Case, timepoint: Timepoint) -> bool:
    """Whether it may be asked of a lesion how sure it is that it is new: it is, or it had gone before."""
    before = [lesion.findings.get(visit.id) for visit in earlier(case, timepoint)]
    reappeared = any(found is not None and found.state in GONE for found in before)
    return lesion.role is LesionRole.NEW or reappeared


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Measure a lesion, measure it again, or move a handle.

    ``part`` is ``"a"``, a fragment's letter where the lesion is split, ``"cc"`` for a craniocaudal extent.
    ``stack_sha256`` is the hash of the stack as far as it is known: empty says that a note follows. ``window`` is the one
    that it was drawn in, ``"W400 L40"``; empty where it is not known. It is kept with the technique of the first mark.
    """

    NAME: ClassVar[str] = "measure"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    part: str
    measurement: Measurement
    stack_sha256: str
    window: str = ""

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        guards.recorded_by(lesion, context.case, timepoint)
        before = lesion.findings.get(self.timepoint)
        guards.part_fits(self.measurement, self.part, split=before is not None and before.state is LesionState.SPLIT)
        stack = guards.marked_stack(timepoint, self.measurement)
        guards.measurement_is_own(document, self.measurement, self.lesion, self.timepoint, self.part)
        if self.timepoint == lesion.first_seen and self.part == "a":
            lesion = replace(lesion, technique=self._technique(lesion, stack))
        return with_finding(document, lesion, self.timepoint, self._finding(lesion, before))

    def _technique(self, lesion: Lesion, stack: Stack | None) -> Technique | None:
        """Of the first mark; moving its handles later says nothing of a window."""
        known = "" if lesion.technique is None else lesion.technique.window
        return technique_of(stack, self.window or known)

    def _finding(self, lesion: Lesion, before: LesionFinding | None) -> LesionFinding:
        kept = before.parts if before is not None and before.state in KEEPS_PARTS else Table[Measurement]()
        if self.part == "cc" and "a" not in kept:
            raise Refused("DIAMETER_FIRST", lesion=label(lesion))
        kind = kept["a"].kind if self.part == "cc" else self.measurement.kind
        state = state_when_measured(lesion, before, kind)
        parts = kept.with_(self.part, self.measurement)
        if before is None:
            return LesionFinding(state=state, parts=parts)
        if before.state is not state:
            plane = None if before.state is LesionState.MERGED else before.plane_visible
            before = replace(
                before, state=state, parts=parts, carrier=None, plane_visible=plane, reason="", justification=""
            )
        if self.part == "a" and not _same_stack(before.parts.get("a"), self.measurement):
            # What was said of another technique was said of other images.
            before = replace(before, comparability=None, reason="")
        return replace(before, parts=parts, carrier=None, unchanged=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMeasurement:
    """Take away what was drawn of a lesion at a timepoint; a target is then without a state."""

    NAME: ClassVar[str] = "remove_measurement"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        finding = lesion.findings.get(self.timepoint)
        if finding is None or not finding.parts:
            raise Refused("NOTHING_MEASURED", lesion=label(lesion), timepoint=timepoint.label)
        left: LesionFinding | None = None
        if finding.state not in {LesionState.MEASURED, LesionState.SPLIT}:
            left = replace(finding, parts=Table())
        elif lesion.role is LesionRole.NEW:
            left = replace(finding, state=LesionState.PRESENT, parts=Table())
        if self.timepoint == lesion.first_seen:
            lesion = replace(lesion, technique=None)
        return with_finding(document, lesion, self.timepoint, left)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """Say what became of a lesion at a timepoint; a state at which it is not seen takes its measurement away."""

    NAME: ClassVar[str] = "set_state"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    state: LesionState
    reason: str
    justification: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        guards.recorded_by(lesion, context.case, timepoint)
        guards.state_fits(lesion, timepoint, self.state)
        before = lesion.findings.get(self.timepoint, NOTHING_YET)
        self._require_what_it_needs(lesion, before)
        # The fragments of a split lesion are not the diameter of a whole one.
        keeps = self.state in KEEPS_PARTS and (before.state is LesionState.SPLIT) == (self.state is LesionState.SPLIT)
        finding = replace(
            before,
            state=self.state,
            parts=before.parts if keeps else Table(),
            carrier=None,
            plane_visible=None,
            reason=self.reason.strip(),
            justification=self.justification.strip(),
            unchanged=False,
        )
        return with_finding(document, lesion, self.timepoint, finding)

    def _require_what_it_needs(self, lesion: Lesion, before: LesionFinding) -> None:
        if self.state is LesionState.MERGED:
            raise Refused("MERGE_NEEDS_CARRIER", lesion=label(lesion))
        if self.state is LesionState.NODE_NORMAL and not lesion.nodal:
            raise Refused("NODE_NORMAL_OF_NODE", lesion=label(lesion))
        if self.state is LesionState.SPLIT and before.state is not LesionState.SPLIT:
            raise Refused("SPLIT_NEEDS_PARTS", lesion=label(lesion))
        if self.state is LesionState.MEASURED and (before.state is LesionState.SPLIT or not has_length(before)):
            raise Refused("MEASURED_NEEDS_LENGTH", lesion=label(lesion))
        if self.state is LesionState.UNEQUIVOCAL_PD and not self.justification.strip():
            raise Refused("UNEQUIVOCAL_NEEDS_JUSTIFICATION", lesion=label(lesion))


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeInto:
    """Say that a lesion has become one mass with another, which carries the diameter of both.

    Lesions that count alike; or a non-target that can no longer be told from a target. Where the plane between them is seen
    each keeps its own diameter (RECIST 1.1, 4.3.2).
    """

    NAME: ClassVar[str] = "merge_into"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    carrier: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        carrier = guards.lesion_of(document, self.carrier)
        guards.recorded_by(lesion, context.case, timepoint)
        guards.recorded_by(carrier, context.case, timepoint)
        before = lesion.findings.get(self.timepoint, NOTHING_YET)
        state = self._state(lesion, carrier, timepoint, before)
        guards.carries_nothing(document, lesion, self.timepoint)
        at_carrier = carrier.findings.get(self.timepoint)
        if carrier.id == lesion.id or (at_carrier is not None and at_carrier.state is LesionState.MERGED):
            raise Refused("CARRIER_MERGED", lesion=label(lesion), carrier=label(carrier))
        if carrier.role is not lesion.role and state is LesionState.MERGED:
            raise Refused("CARRIER_OF_OTHER_ROLE", lesion=label(lesion), carrier=label(carrier))
        merged = replace(
            before, state=state, parts=Table(), carrier=carrier.id, plane_visible=False, reason="", unchanged=False
        )
        return with_finding(document, lesion, self.timepoint, merged)

    def _state(self, lesion: Lesion, carrier: Lesion, timepoint: Timepoint, before: LesionFinding) -> LesionState:
        """A non-target in the mass of a target goes on being judged: it is seen, and has no diameter of its own."""
        if (lesion.role, carrier.role) == (LesionRole.NON_TARGET, LesionRole.TARGET):
            if timepoint.id == lesion.first_seen:
                raise Refused(
                    "MERGED_WHEN_FOUND", lesion=label(lesion), carrier=label(carrier), timepoint=timepoint.label
                )
            return before.state if before.state in SEEN else LesionState.PRESENT
        guards.state_fits(lesion, timepoint, LesionState.MERGED)
        return LesionState.MERGED


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNewStatus:
    """Say how sure it is that a lesion is new, and why not surer (RECIST 1.1, 4.3.5)."""

    NAME: ClassVar[str] = "set_new_status"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    status: NewStatus
    cause: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        finding = lesion.findings.get(self.timepoint)
        if finding is None:
            raise Refused("STATE_FIRST", lesion=label(lesion), timepoint=timepoint.label)
        if not is_new_or_back(lesion, context.case, timepoint):
            raise Refused("NEITHER_NEW_NOR_BACK", lesion=label(lesion))
        if self.cause.strip() and self.cause.strip() not in set(EquivocalCause):
            raise Refused("CAUSE_UNKNOWN", value=self.cause)
        said = replace(finding, new_status=self.status, cause=self.cause.strip())
        return with_finding(document, lesion, self.timepoint, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOthersPresent:
    """Say of all non-targets without a state: present, no unequivocal progression (RECIST 1.1, 4.3.3)."""

    NAME: ClassVar[str] = "set_others_present"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        before = [visit.id for visit in earlier(context.case, timepoint)]
        read = document
        for lesion in document.lesions.values():
            treated = any(visit in lesion.findings and lesion.findings[visit].state in TREATED for visit in before)
            known = lesion.role is LesionRole.NON_TARGET and lesion.first_seen in before
            if known and not treated and self.timepoint not in lesion.findings:
                present = LesionFinding(state=LesionState.PRESENT, unchanged=True)
                read = with_finding(read, lesion, self.timepoint, present)
        return read


def _same_stack(before: Measurement | None, now: Measurement) -> bool:
    """Whether a part was drawn on the same stack before."""
    if before is None:
        return False
    drawn = [part.geometry for part in (before, now)]
    on = [geometry.image.stack if isinstance(geometry, OnImage) else None for geometry in drawn]
    return on[0] == on[1]
