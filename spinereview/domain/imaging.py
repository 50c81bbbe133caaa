"""What the images are once the geometry gate has seen them: stacks of images, and references to one image.

Nothing here is a pixel or a file. A stack is what is left of a DICOM Series after the gate split it; its id is made from
the set of its images, so that neither a better sorter nor a better splitter renames an untouched stack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from spinereview.domain.checks import LATER, require, require_positive, require_text

Id = NewType("Id", str)
"""Minted once, never reused, never a position in a list."""

Ref = tuple[str, ...]
"""Path of keys into a document: what a change of the trail and a reason point at."""


class StackKind(StrEnum):
    """What may be done with the images of a stack together."""

    VOLUME = "VOLUME"
    """Parallel images at known, even distances: reformats and lengths across slices are true."""
    SLICES = "SLICES"
    """Images that are true one by one; there are no millimetres between them."""
    PROJECTION = "PROJECTION"
    """Projections: X-ray, localizers."""
    TIME_SERIES = "TIME_SERIES"
    """One image at one place, repeated."""


class Plane(StrEnum):
    """Main orientation of the acquired images."""

    AXIAL = "AXIAL"
    SAGITTAL = "SAGITTAL"
    CORONAL = "CORONAL"
    OBLIQUE = "OBLIQUE"
    UNKNOWN = "UNKNOWN"


class Calibration(StrEnum):
    """Where the millimetres of an image come from, or why it has none."""

    PATIENT = "PATIENT"
    """Pixel Spacing (0028,0030) of a cross-sectional image: distances in the patient (PS3.3 10.7.1.1)."""
    FIDUCIAL = "FIDUCIAL"
    """Pixel Spacing calibrated with a fiducial of known size (Pixel Spacing Calibration Type, PS3.3 10.7.1.2)."""
    GEOMETRY = "GEOMETRY"
    """Pixel Spacing corrected for the assumed or known magnification (Pixel Spacing Calibration Type)."""
    MAGNIFICATION = "MAGNIFICATION"
    """Imager Pixel Spacing over Estimated Radiographic Magnification Factor (0018,1114)."""
    DETECTOR = "DETECTOR"
    """Imager Pixel Spacing (0018,1164): distances at the detector, larger than in the patient."""
    UNSTATED = "UNSTATED"
    """A projection's Pixel Spacing that does not say what it was calibrated to."""
    MANUAL = "MANUAL"
    """A known length marked by a person."""
    NONE = "NONE"
    """No usable spacing: no millimetres exist."""


class Permission(StrEnum):
    """What may be measured on a stack."""

    IN_PLANE = "IN_PLANE"
    BETWEEN_SLICES = "BETWEEN_SLICES"


_EVERYTHING = frozenset(Permission)


class Posture(StrEnum):
    """How the patient was held; angles compare only like with like."""

    SUPINE = "SUPINE"
    PRONE = "PRONE"
    STANDING = "STANDING"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ImageRef:
    """One image: a frame of a SOP Instance in a stack. ``frame`` counts from 1, for single-frame images too."""

    stack: Id
    sop_uid: str
    frame: int = 1

    def __post_init__(self) -> None:
        require_text("stack", self.stack)
        require_text("sop_uid", self.sop_uid)
        require(holds=type(self.frame) is int and self.frame >= 1, code="FRAME_NUMBER", value=self.frame)


def stack_id(images: Iterable[tuple[str, int]]) -> Id:
    """Id of a stack: the first 16 hexadecimal digits of SHA-256 over the sorted set of its images.

    Parameters
    ----------
    images
        (SOP Instance UID, frame) of every image, in any order.
    """
    listed = sorted(set(images))
    text = "".join(f"{uid}\t{frame}\n" for uid, frame in listed)
    return Id("k" + hashlib.sha256(text.encode()).hexdigest()[:16])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Images that belong together after the geometry gate.

    Parameters
    ----------
    plane, role, contrast, kernel, posture
        The coordinator's word; attributes of the images only suggest it. ``role`` is ``CT``, ``T1``, ``T2`` ... or empty.
    pixel_spacing_mm
        Distance between rows, and between columns (DICOM's order); None: no millimetres exist on these images.
    slice_thickness_mm
        Slice Thickness (0018,0050) as stated. It is never a distance between slices.
    slice_interval_mm
        Distance between neighbouring images along their normal, from their positions; None where there is none.
    images
        (SOP Instance UID, frame) in spatial order, along the normal.
    faults
        Codes of what the gate found.
    regions
        Anatomy covered.
    calibrated_on
        The known length that a person calibrated the image on, ``"25 mm (marker ball)"``; always empty in a case: only a
        read has it.
    """

    id: Id
    series_uid: str
    modality: str
    kind: StackKind
    plane: Plane
    role: str = ""
    contrast: str = ""
    kernel: str = ""
    frame_of_reference_uid: str | None = None
    posture: Posture | None = None
    pixel_spacing_mm: tuple[Decimal, Decimal] | None = None
    calibration: Calibration = Calibration.NONE
    slice_thickness_mm: Decimal | None = None
    slice_interval_mm: Decimal | None = None
    images: tuple[tuple[str, int], ...]
    faults: tuple[Id, ...] = ()
    regions: tuple[str, ...] = ()
    calibrated_on: str = field(default="", metadata=LATER)

    def __post_init__(self) -> None:
        require_text("stack id", self.id)
        require(holds=bool(self.images), code="STACK_EMPTY", name=self.id)
        spacing = self.pixel_spacing_mm
        require(
            holds=(spacing is None) == (self.calibration is Calibration.NONE), code="STACK_CALIBRATION", name=self.id
        )
        for value in spacing or ():
            require_positive("pixel_spacing_mm", value)
        require_positive("slice_interval_mm", self.slice_interval_mm)
        require(
            holds=self.kind is not StackKind.VOLUME or self.slice_interval_mm is not None,
            code="STACK_VOLUME_INTERVAL",
            name=self.id,
        )

    @property
    def may_measure(self) -> frozenset[Permission]:
        """What may be measured: lengths on one image need a spacing, across images a volume too."""
        if self.pixel_spacing_mm is None:
            return frozenset()
        if self.kind is StackKind.VOLUME:
            return _EVERYTHING
        return frozenset({Permission.IN_PLANE})
