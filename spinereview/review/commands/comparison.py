"""Acts on how a lesion at a timepoint compares with the same lesion before: technique, plane of cleavage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Comparability, Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.findings import with_finding
from spinereview.review.labels import label
from spinereview.review.obligations import GONE
from spinereview.review.timepoints import earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class SetComparability:
    """Say whether a follow-up in another technique can be compared with the first one, and why (RECIST 1.1, 4.2).

    None takes the word back. The reason is also that of another plane.
    """

    NAME: ClassVar[str] = "set_comparability"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    comparability: Comparability | None
    reason: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, timepoint, finding = _followed(document, context, self.lesion, self.timepoint)
        if self.timepoint == lesion.first_seen:
            raise Refused("NOTHING_TO_COMPARE", lesion=label(lesion), timepoint=timepoint.label)
        if not finding.parts:
            raise Refused("NOTHING_MEASURED", lesion=label(lesion), timepoint=timepoint.label)
        said = replace(finding, comparability=self.comparability, reason=self.reason.strip())
        return with_finding(document, lesion, self.timepoint, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOnlyByNewTechnique:
    """Say that a new lesion is seen only because of another technique: it is then no more than equivocal."""

    NAME: ClassVar[str] = "set_only_by_new_technique"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    only: bool

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, timepoint, finding = _followed(document, context, self.lesion, self.timepoint)
        before = [lesion.findings.get(visit.id) for visit in earlier(context.case, timepoint)]
        back = any(found is not None and found.state in GONE for found in before)
        if self.only and lesion.role is not LesionRole.NEW and not back:
            raise Refused("NEITHER_NEW_NOR_BACK", lesion=label(lesion))
        return with_finding(document, lesion, self.timepoint, replace(finding, only_by_new_technique=self.only))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlaneVisible:
    """Say that a lesion touches another and the plane between them is seen: each keeps its own diameter (4.3.2)."""

    NAME: ClassVar[str] = "set_plane_visible"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    plane_visible: bool | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion, timepoint, finding = _followed(document, context, self.lesion, self.timepoint)
        if self.plane_visible and (finding.state is LesionState.MERGED or finding.carrier is not None):
            raise Refused("MERGED_WITHOUT_PLANE", lesion=label(lesion), timepoint=timepoint.label)
        return with_finding(document, lesion, self.timepoint, replace(finding, plane_visible=self.plane_visible))


def _followed(
    document: Read, context: Context, lesion_id: Id, timepoint_id: Id
) -> tuple[Lesion, Timepoint, LesionFinding]:
    timepoint = guards.writable(document, context.case, timepoint_id)
    lesion = guards.lesion_of(document, lesion_id)
    finding = lesion.findings.get(timepoint_id)
    if finding is None:
        raise Refused("STATE_FIRST", lesion=label(lesion), timepoint=timepoint.label)
    return lesion, timepoint, finding
