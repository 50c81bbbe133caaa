"""Alignment by hand: how far a person moved a PET so that it lies on the images of another frame of reference.

Positions of two frames of reference mean nothing to each other (PS3.3 C.7.4.1.1.1); what joins them here is the word of a
person who looked. It is a translation alone, and for looking alone: nothing is measured on it and no rule uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spinereview.domain.checks import require, require_integers
from spinereview.domain.imaging import Plane, Stack, StackKind
from spinereview.domain.measurement import PointUm

PET = "PT"
FARTHEST_UM = 10_000_000
"""Origins of two scanners lie within metres of each other; a longer way is no alignment."""

_TURNED = frozenset({Plane.OBLIQUE, Plane.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Way of a PET into a frame of reference, as a person has confirmed it.

    Parameters
    ----------
    move_um
        Micrometres (LPS) from a position in the PET's own frame to the one in the other frame.
    author
        Code of the person; when it was confirmed, the trail says.
    """

    move_um: PointUm
    author: str = ""

    def __post_init__(self) -> None:
        require_integers("move_um", (self.move_um,))
        require(holds=len(self.move_um) == 3, code="POINTS_NOT_3D")
        require(holds=max(map(abs, self.move_um)) <= FARTHEST_UM, code="ALIGN_FAR", value=FARTHEST_UM // 1000)


Alignments = Mapping[str, Mapping[str, Alignment]]
"""By PET stack, then by the frame of reference that it was aligned to."""


def alignment_of(known: Alignments, pet: Stack, onto: Stack) -> Alignment | None:
    """What was confirmed of a PET and the frame of a stack; None where nothing was."""
    frame = onto.frame_of_reference_uid
    return None if frame is None else known.get(pet.id, {}).get(frame)


def align_obstacle(pet: Stack, onto: Stack) -> str:
    """Code of why a PET cannot be aligned by hand to a stack of the same visit; empty where it can."""
    if pet.modality != PET:
        return "ALIGN_NOT_PET"
    if onto.modality == PET:
        return "FUSION_ON_PET"
    if pet.frame_of_reference_uid is not None and pet.frame_of_reference_uid == onto.frame_of_reference_uid:
        return "ALIGN_SAME_FRAME"
    if onto.frame_of_reference_uid is None or not (_is_volume(pet) and _is_volume(onto)):
        return "ALIGN_NO_VOLUME"
    return "ALIGN_TURNED" if pet.plane in _TURNED or onto.plane in _TURNED else ""


def _is_volume(stack: Stack) -> bool:
    return stack.kind is StackKind.VOLUME and stack.pixel_spacing_mm is not None
