"""Acts on what is known of a finding besides its state: technique, margin, neighbour, PET."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    Comparability,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    MarginHidden,
    Pet,
)
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.findings import with_finding
from spinereview.review.labels import label


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeTechnique:
    """Say whether another technique than the baseline's can be compared, or is all that shows a new lesion.

    RECIST 1.1, 4.2: the same method throughout; 4.3.5: what only another technique shows is not new for certain. ``reason``
    says why it was measured in another plane or technique; of a lesion that is not evaluable its own reason stays.
    """

    NAME: ClassVar[str] = "judge_technique"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    comparability: Comparability | None
    only_by_new_technique: bool
    reason: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, finding = _said(document, context, self.lesion, self.timepoint)
        named = {"lesion": label(lesion), "timepoint": guards.timepoint_of(context.case, self.timepoint).label}
        if self.only_by_new_technique and lesion.role is not LesionRole.NEW:
            raise Refused("ONLY_NEW_BY_TECHNIQUE", **named)
        if self.comparability is not None and self.timepoint == lesion.first_seen:
            raise Refused("NOTHING_TO_COMPARE", **named)
        judged = replace(
            finding,
            comparability=self.comparability,
            only_by_new_technique=self.only_by_new_technique,
            reason=finding.reason if finding.state is LesionState.NE else self.reason.strip(),
        )
        return with_finding(document, lesion, self.timepoint, judged)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlaneVisible:
    """Say that a lesion touches another one and a plane between them is seen: each keeps its own diameter."""

    NAME: ClassVar[str] = "set_plane_visible"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    visible: bool

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, finding = _said(document, context, self.lesion, self.timepoint)
        if self.visible and finding.carrier is not None:
            raise Refused("PLANE_OF_MERGED", lesion=label(lesion))
        plane = True if self.visible else False if finding.state is LesionState.MERGED else None
        return with_finding(document, lesion, self.timepoint, replace(finding, plane_visible=plane))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMarginHidden:
    """Say what hides a lesion's margin at a timepoint; None: nothing does."""

    NAME: ClassVar[str] = "set_margin_hidden"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    hidden_by: MarginHidden | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, finding = _said(document, context, self.lesion, self.timepoint)
        hidden = None if self.hidden_by is None else self.hidden_by.value
        return with_finding(document, lesion, self.timepoint, replace(finding, margin_hidden_by=hidden))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPet:
    """Say what FDG-PET shows at a lesion; None: nothing was said (RECIST 1.1, 4.3.5)."""

    NAME: ClassVar[str] = "set_pet"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    pet: Pet | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, finding = _said(document, context, self.lesion, self.timepoint)
        return with_finding(document, lesion, self.timepoint, replace(finding, pet=self.pet))


def _said(read: Read, context: Context, lesion: Id, timepoint: Id) -> tuple[Lesion, LesionFinding]:
    """A lesion and its finding at a timepoint that may be changed; refused where there is none yet."""
    visit = guards.writable(read, context.case, timepoint)
    found = guards.lesion_of(read, lesion)
    finding = found.findings.get(timepoint)
    if finding is None:
        raise Refused("STATE_FIRST", lesion=label(found), timepoint=visit.label)
    return found, finding
