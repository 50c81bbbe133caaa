"""What may be measured on a stack, by name: for a list of series, where nothing has been measured yet."""

from __future__ import annotations

from enum import StrEnum

from spinereview.domain.imaging import Permission, Plane, Stack, StackKind
from spinereview.domain.sequence import Role


class Quantity(StrEnum):
    """What a reader may want of a stack."""

    LENGTHS = "LENGTHS"
    """On one image; of no lesion on the localizer of a CT (RECIST 1.1, 3.1.2)."""
    LENGTHS_BETWEEN_SLICES = "LENGTHS_BETWEEN_SLICES"
    HEIGHTS = "HEIGHTS"
    """Of a vertebral body: on sagittal images, on a radiograph, on a reformat."""
    ANGLES = "ANGLES"
    HOUNSFIELD = "HOUNSFIELD"
    SUV = "SUV"
    """Standardised uptake by body weight, where the headers of a PET give all that it follows from."""


_NO_VALUES = frozenset(("RESCALE_INVALID", "NO_IDENTITY", "UID_CLASH"))
"""Values make no sense, or a mark could not be found again."""


def in_hounsfield(stack: Stack, role: Role) -> bool:
    """Whether real values are Hounsfield units: not on a scout, and not on a map of blood flow (PS3.3 C.8.2.1.1.6)."""
    return stack.modality == "CT" and stack.kind is not StackKind.PROJECTION and role is not Role.CALCULATED


def measurable(stack: Stack, role: Role) -> tuple[Quantity, ...]:
    """What may be measured, in the order of :class:`Quantity`; the SUV, which needs more than a stack, is no part of it."""
    allowed = stack.may_measure
    flat = stack.kind is StackKind.PROJECTION
    lengths = Permission.IN_PLANE in allowed
    between = Permission.BETWEEN_SLICES in allowed
    may = {
        Quantity.LENGTHS: lengths and "LOCALIZER" not in stack.faults,
        Quantity.LENGTHS_BETWEEN_SLICES: between,
        Quantity.HEIGHTS: lengths and (between or flat or stack.plane is Plane.SAGITTAL),
        Quantity.ANGLES: lengths,
        Quantity.HOUNSFIELD: in_hounsfield(stack, role) and _NO_VALUES.isdisjoint(stack.faults),
    }
    return tuple(quantity for quantity, holds in may.items() if holds)
