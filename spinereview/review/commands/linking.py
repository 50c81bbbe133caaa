"""The act of setting how far stacks of two frames of reference lie apart when they scroll together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import PointUm
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.linking import pair_key


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLinkOffset:
    """Say how far pairs of stacks lie apart: micrometres (LPS) by ``"A|B"``, from A to B; one gesture may set several.

    For looking, of no timepoint: it can be set until the last one is locked.
    """

    NAME: ClassVar[str] = "set_link_offset"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    offsets_um: Table[PointUm]

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        guards.some_visit_open(document, context.case)
        table = document.link_offsets
        for key, offset in self.offsets_um.items():
            _two_frames(key, context.case)
            if table.get(key) != offset:
                table = table.with_(key, offset)
        return document if table is document.link_offsets else replace(document, link_offsets=table)


def _two_frames(key: str, case: Case) -> None:
    """Refuse what is no pair of stacks of the case, and a pair whose positions mean the same."""
    first, _, second = key.partition("|")
    found = [case.find_stack(Id(name)) for name in (first, second)]
    if found[0] is None or found[1] is None or key != pair_key(Id(first), Id(second)):
        raise Refused("LINK_PAIR_UNKNOWN", pair=key)
    (timepoint, stack), (other_timepoint, other) = found[0], found[1]
    if stack.frame_of_reference_uid is None or other.frame_of_reference_uid is None:
        raise Refused("LINK_NO_POSITION", pair=key)
    if timepoint.id == other_timepoint.id and stack.frame_of_reference_uid == other.frame_of_reference_uid:
        raise Refused("LINK_SAME_FRAME", timepoint=timepoint.label)
