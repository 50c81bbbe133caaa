"""Acts of confirming that a PET lies on images of another frame of reference, and of taking that back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.alignment import Alignment, align_obstacle, alignment_of
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.measurement import PointUm
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignPet:
    """Confirm how far a PET is moved to lie on the images of another frame of the same visit: for looking alone.

    ``stack`` is the PET, ``onto`` the stack that was looked at; the alignment holds for all of its frame of reference. A
    later act on the same PET and frame replaces the earlier one.
    """

    NAME: ClassVar[str] = "align_pet"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id
    onto: Id
    move_um: PointUm
    stack_sha256: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        pet, onto = (_stack_of(context.case, timepoint, name) for name in (self.stack, self.onto))
        because = align_obstacle(pet, onto)
        if because:
            raise Refused(because, pet=pet.series_uid or pet.id, series=onto.series_uid or onto.id)
        found = Alignment(move_um=self.move_um, author=context.actor)
        if alignment_of(document.alignments, pet, onto) == found:
            return document
        frames = document.alignments.get(pet.id, Table[Alignment]()).with_(onto.frame_of_reference_uid or "", found)
        return replace(document, alignments=document.alignments.with_(pet.id, frames))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAlignment:
    """Take an alignment by hand away: the PET is not laid over those images any more."""

    NAME: ClassVar[str] = "remove_alignment"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id
    onto: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        pet, onto = (_stack_of(context.case, timepoint, name) for name in (self.stack, self.onto))
        if alignment_of(document.alignments, pet, onto) is None:
            raise Refused("NOT_ALIGNED_BY_HAND")
        frames = document.alignments[pet.id].without(onto.frame_of_reference_uid or "")
        table = document.alignments
        return replace(document, alignments=table.with_(pet.id, frames) if frames else table.without(pet.id))


def _stack_of(case: Case, timepoint: Timepoint, name: Id) -> Stack:
    """Stack of the visit; images of two visits are never laid over each other."""
    found = timepoint.stacks.get(name)
    if found is not None:
        return found
    elsewhere = case.find_stack(name)
    if elsewhere is None:
        raise Refused("ALIGN_STACK_UNKNOWN", stack=name)
    raise Refused("ALIGN_OTHER_VISIT", other=elsewhere[0].label, timepoint=timepoint.label)
