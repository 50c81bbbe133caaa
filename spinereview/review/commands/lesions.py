"""Acts on a lesion as a whole: that it exists, what it counts as, where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    STATES_OF_ROLE,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    Scope,
    Tissue,
)
from spinereview.domain.measurement import Measurement
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.findings import has_length, state_when_measured, technique_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLesion:
    """Record a lesion, measured at once where something was drawn. Its number is never given again.

    ``window`` is the one that it was drawn in; empty where it is not known.
    """

    NAME: ClassVar[str] = "add_lesion"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    role: LesionRole
    nodal: bool
    site: Site
    tissue: Tissue | None
    group: bool
    measurement: Measurement | None
    stack_sha256: str
    window: str = ""

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        guards.role_fits_timepoint(self.role, context.case, timepoint)
        if self.role is LesionRole.TARGET:
            guards.room_for_target(document, context, self.site, nodal=self.nodal)
        stack = None
        if self.measurement is not None:
            guards.part_fits(self.measurement, "a", split=False)
            stack = guards.marked_stack(timepoint, self.measurement)
            guards.measurement_is_own(document, self.measurement, None, self.timepoint, "a")
        lesion = Lesion(
            id=context.mint("L"),
            role=self.role,
            nodal=self.nodal,
            site=self.site,
            tissue=self.tissue,
            scope=Scope(guards.recist_settings(context.protocol).bone_ld_scope.upper()),
            group=self.group,
            first_seen=self.timepoint,
            technique=technique_of(stack, self.window),
        )
        finding = self._finding(lesion)
        if finding is not None:
            lesion = replace(lesion, findings=Table({self.timepoint: finding}))
        return replace(document, lesions=document.lesions.with_(lesion.id, lesion))

    def _finding(self, lesion: Lesion) -> LesionFinding | None:
        if self.measurement is not None:
            state = state_when_measured(lesion, None, self.measurement.kind)
            return LesionFinding(state=state, parts=Table({"a": self.measurement}))
        if self.role in {LesionRole.NON_TARGET, LesionRole.NEW}:
            return LesionFinding(state=LesionState.PRESENT)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLesion:
    """Take a lesion away with all that was said of it; undo brings it back, its number stays used."""

    NAME: ClassVar[str] = "remove_lesion"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        for timepoint in sorted({lesion.first_seen, *lesion.findings}):
            guards.writable(document, context.case, Id(timepoint))
        guards.carries_nothing(document, lesion)
        return replace(document, lesions=document.lesions.without(self.lesion))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole:
    """Change what a lesion counts as, before it is followed: non-targets stay non-targets (RECIST 1.1, 4.2, 4.3.3)."""

    NAME: ClassVar[str] = "set_role"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    role: LesionRole

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        if lesion.role is self.role:
            return document
        guards.only_at_first(lesion, document, context.case)
        guards.carries_nothing(document, lesion)
        first = guards.timepoint_of(context.case, lesion.first_seen)
        guards.role_fits_timepoint(self.role, context.case, first)
        if self.role is LesionRole.TARGET:
            guards.room_for_target(document, context, lesion.site, nodal=lesion.nodal)
        findings: dict[str, LesionFinding] = {}
        for timepoint, finding in lesion.findings.items():
            converted = _converted(finding, self.role)
            if converted is not None:
                findings[timepoint] = converted
        return guards.with_lesion(
            document,
            replace(
                lesion,
                role=self.role,
                group=lesion.group and self.role is LesionRole.NON_TARGET,
                findings=Table(findings),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNodal:
    """Say whether a lesion is a lymph node, whose short axis counts (RECIST 1.1, 3.1.2)."""

    NAME: ClassVar[str] = "set_nodal"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    nodal: bool

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.only_at_first(lesion, document, context.case)
        if lesion.role is LesionRole.TARGET and lesion.nodal is not self.nodal:
            others = replace(document, lesions=document.lesions.without(lesion.id))
            guards.room_for_target(others, context, lesion.site, nodal=self.nodal)
        return guards.with_lesion(document, replace(lesion, nodal=self.nodal))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSite:
    """Say where a lesion lies, while the visit at which it was found is open."""

    NAME: ClassVar[str] = "set_site"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    site: Site

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        if lesion.role is LesionRole.TARGET and lesion.site != self.site:
            others = replace(document, lesions=document.lesions.without(lesion.id))
            guards.room_for_target(others, context, self.site, nodal=lesion.nodal)
        return guards.with_lesion(document, replace(lesion, site=self.site))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTissue:
    """Say what a lesion is made of: it decides whether bone is measurable (RECIST 1.1, 3.1.2)."""

    NAME: ClassVar[str] = "set_tissue"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    tissue: Tissue | None
    soft_tissue: bool | None
    predominantly_lytic: bool | None
    cystic: bool

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        changed = replace(
            lesion,
            tissue=self.tissue,
            soft_tissue=self.soft_tissue,
            predominantly_lytic=self.predominantly_lytic,
            cystic=self.cystic,
        )
        return guards.with_lesion(document, changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetComment:
    """Comment on a lesion, while any visit is open."""

    NAME: ClassVar[str] = "set_comment"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    comment: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.some_visit_open(document, context.case)
        return guards.with_lesion(document, replace(lesion, comment=self.comment.strip()))


def _converted(finding: LesionFinding, role: LesionRole) -> LesionFinding | None:
    """A first finding under another role: what was drawn stays; None where the new role has no such state."""
    if finding.state in guards.STATES_WHEN_FOUND[role]:
        return finding
    state = LesionState.PRESENT if LesionState.PRESENT in STATES_OF_ROLE[role] else LesionState.MEASURED
    if state is LesionState.MEASURED and not has_length(finding):
        return None
    # The fragments of a split lesion are not the diameter of a whole one.
    parts = Table[Measurement]() if finding.state is LesionState.SPLIT else finding.parts
    if state is LesionState.MEASURED and not parts:
        return None
    return replace(finding, state=state, parts=parts, carrier=None, plane_visible=None, reason="", justification="")
