"""Lays the PET of a visit over its CT or MR: in one frame of reference alone, and never without being asked.

Positions of two frames of reference mean nothing to each other (PS3.3 C.7.4.1.1.1); there the PET is refused and both
frames are named, but where the reader has aligned the two by hand. Marks belong to the image below: while a PET lies over
it nothing can be drawn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spinereview.domain.alignment import PET
from spinereview.domain.imaging import Id
from spinereview.domain.sequence import Role
from spinereview.errors import Refused
from spinereview.imaging.volume import Volume
from spinereview.text import sentence
from spinereview.ui.fused import TOP_SUV, Fused, Moved
from spinereview.ui.stacks import ShownStack

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench

OPACITIES = (50, 75, 25)
"""Percent, in the order in which the key goes through them."""


class FusionWork:
    """The PET's part of the reading page; which PET is shown is kept nowhere."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.on = False
        self._opacity = OPACITIES[0]
        self._chosen: dict[Id, Id] = {}
        """PET that somebody has chosen, by timepoint."""
        self._made: dict[tuple[Id, str | None], Fused] = {}
        bench.loader.arrived.connect(lambda stack, _volume: self._arrived(stack))

    def toggle(self) -> None:
        """Lay the PET over the images of its visit, or take it away; say why where it cannot be."""
        shown = self._bench.grid.active.shown
        if not self.on and shown is not None:
            try:
                self._partner(shown.stack)
            except Refused as refused:
                self._bench.failed.emit(refused)
                return
        self.on = not self.on
        self.show_all()

    def lay(self) -> None:
        """Lay the PET over the images, whether it was there or not."""
        self.on = True
        self.show_all()

    def next_pet(self) -> None:
        """Take the next PET of the visit, and lay it over the images; say why where it cannot be."""
        shown = self._bench.grid.active.shown
        if shown is None:
            return
        try:
            pets = self._pets(shown.stack)
            if len(pets) == 1:
                raise Refused("FUSION_ONE_PET", pet=pets[0].title, timepoint=shown.stack.timepoint.label)
            now = self.pet_to_align(shown.stack)
            chosen = pets[(pets.index(now) + 1) % len(pets)] if self.on else now
            self._chosen[shown.stack.timepoint.id] = chosen.stack.id
            self.lay()
            self._partner(shown.stack)
        except Refused as refused:
            self._bench.failed.emit(refused)

    def refuses_mark(self, viewport: Viewport) -> bool:
        """Whether a PET lies over what a viewport shows, so that nothing may be marked there; says it."""
        covered = viewport.shown is not None and viewport.shown.fused is not None
        if covered:
            self._bench.failed.emit(Refused("FUSION_NO_MARKS"))
        return covered

    def next_opacity(self) -> None:
        """Let more or less of the image through."""
        if self.on:
            self._opacity = OPACITIES[(OPACITIES.index(self._opacity) + 1) % len(OPACITIES)]
            self._made.clear()
            self.show_all()

    def show_all(self) -> None:
        """Put the PET on every viewport where it belongs."""
        for viewport in self._bench.grid.viewports:
            self.show(viewport)

    def show(self, viewport: Viewport) -> None:
        """Put the PET on a viewport, or take it away where it does not belong."""
        viewport.set_fused(self._fused(viewport) if self.on else None)

    def _fused(self, viewport: Viewport) -> Fused | None:
        if viewport.shown is None or viewport.isHidden():
            return None
        try:
            pet, moved = self._partner(viewport.shown.stack)
            pets = self._pets(viewport.shown.stack)
        except Refused:
            return None
        place = (pets.index(pet) + 1, len(pets))
        key = (pet.stack.id, viewport.shown.stack.stack.frame_of_reference_uid)
        kept = self._made.get(key)
        if kept is not None and kept.stack is pet:
            if kept.moved != moved:
                kept = self._made[key] = replace(kept, moved=moved)
            return kept
        volume = self._bench.loader.volume(pet.stack.id)
        if volume is None:
            self._bench.loader.request(pet, pet.grid.shape[0] // 2)
            return None
        scale = pet.pet
        by_weight = scale is not None and scale.suv is not None
        unit = "SUVbw" if by_weight else scale.unit if scale is not None else ""
        factor = (scale.suv if scale.suv is not None else scale.to_unit) if scale is not None else 1.0
        top = float(TOP_SUV) if by_weight else _greatest(volume) * factor
        made = Fused(
            stack=pet, volume=volume, factor=factor, top=top, unit=unit, opacity=self._opacity, moved=moved, place=place
        )
        if by_weight or volume.complete:
            # What is shown hottest without an SUV is known when all of it is there.
            self._made[key] = made
        return made

    def pet_to_align(self, below: ShownStack) -> ShownStack:
        """PET of the visit that may be moved to a stack: the chosen one, else the one that is shown over it, else the first.

        Raises
        ------
        Refused
            ``FUSION_NO_PET``, ``FUSION_ON_PET``, ``FUSION_NO_POSITION``.
        """
        pets = self._candidates(below)
        return next((pet for pet in pets if _one_frame(pet, below) or self._bench.align.moved(pet, below)), pets[0])

    def _partner(self, below: ShownStack) -> tuple[ShownStack, Moved | None]:
        """PET that lies in the space of a stack, and how where that is by hand.

        Raises
        ------
        Refused
            ``FUSION_NO_PET``, ``FUSION_ON_PET``, ``FUSION_NO_POSITION``; ``FUSION_OTHER_FRAME`` with both frames.
        """
        pets = self._candidates(below)
        joined = next((pet for pet in pets if _one_frame(pet, below)), None)
        if joined is not None:
            return joined, None
        for pet in pets:
            moved = self._bench.align.moved(pet, below)
            if moved is not None:
                return pet, moved
        other = pets[0].stack.frame_of_reference_uid or sentence("FUSION_NO_FRAME")
        frame = below.stack.frame_of_reference_uid
        raise Refused("FUSION_OTHER_FRAME", pet=pets[0].title, series=below.title, frame=frame, other=other)

    def _candidates(self, below: ShownStack) -> list[ShownStack]:
        """PETs to choose from: the one that somebody has chosen, else all of the visit."""
        pets, chosen = self._pets(below), self._chosen.get(below.timepoint.id)
        return [pet for pet in pets if pet.stack.id == chosen] or pets

    def _pets(self, below: ShownStack) -> list[ShownStack]:
        """The PETs of a stack's visit, at least one; those that are not corrected for attenuation come last."""
        if below.stack.modality == PET:
            raise Refused("FUSION_ON_PET")
        if not below.grid.placed or below.stack.frame_of_reference_uid is None:
            raise Refused("FUSION_NO_POSITION", series=below.title)
        found = (self._bench.stack_shown(stack) for stack in self._bench.series.stacks())
        here = [one for one in found if one is not None and one.timepoint.id == below.timepoint.id]
        pets = [one for one in here if one.stack.modality == PET and one.grid.placed and one.valued]
        if not pets:
            raise Refused("FUSION_NO_PET", timepoint=below.timepoint.label)
        return sorted(pets, key=self._is_uncorrected)

    def _is_uncorrected(self, pet: ShownStack) -> bool:
        described = self._bench.description_of(pet.stack.id)
        return described is not None and described.role is Role.PET_NOT_CORRECTED

    def _arrived(self, stack: Id) -> None:
        if self.on:
            self._made = {key: made for key, made in self._made.items() if key[0] != stack}
            self.show_all()


def _one_frame(pet: ShownStack, below: ShownStack) -> bool:
    return pet.stack.frame_of_reference_uid == below.stack.frame_of_reference_uid


def _greatest(volume: Volume) -> float:
    ranges = [volume.value_range(index) for index in volume.indices_ready()]
    return max((found[1] for found in ranges if found is not None), default=1.0) or 1.0
