"""The gate: headers of one Series to stacks that measure truly, each with the reasons of what it is not.

What would measure wrongly is split, refused or said, never repaired in silence. Distances between images come from
Image Position (Patient) alone: neither Slice Thickness nor Spacing Between Slices is ever one (PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from spinereview.dicom.calibration import ImageClass
from spinereview.dicom.checks import (
    BETWEEN_SLICES,
    CHECKS,
    Fault,
    Image,
    Layout,
    evenness,
    layout,
    named,
    of_frames,
    repeated,
    shear,
)
from spinereview.dicom.header import FileHeader, FrameHeader, Vector, value_of
from spinereview.dicom.split import Part, class_of, image_type, is_time_series, split
from spinereview.dicom.tags import FROM_NIFTI, OVERLAYS
from spinereview.domain.imaging import Calibration, Id, Plane, Posture, Stack, StackKind, stack_id

PLANE_COSINE = Decimal("0.766")
"""Cosine of 40 degrees: axial images angled to a lumbosacral disc keep their name, and no other axis is as near."""

_PLANES = (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)
_POSTURES = {"S": Posture.SUPINE, "P": Posture.PRONE}
_UNMEASURED = {"NONE": "NO_IDENTITY", "CLASH": "UID_CLASH"}
"""Where a SOP Instance UID comes from, and the code of why nothing is measured on such an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResult:
    """A stack with what the loader and the list of series need.

    Parameters
    ----------
    images
        Headers of file and frame, in the order of :attr:`Stack.images`.
    faults
        What the gate found, with arguments and image numbers; their codes are :attr:`Stack.faults`.
    tilt_deg
        Angle between the row of image origins and the normal, to 0.01 degree; None where there is no row.
    uniform
        Whether the images lie at even distances.
    distinguished_by
        (attribute, value) that told this stack from the others of its Series.
    """

    stack: Stack
    images: tuple[Image, ...]
    faults: tuple[Fault, ...]
    tilt_deg: Decimal | None
    uniform: bool
    distinguished_by: tuple[tuple[str, str], ...] = ()

    @property
    def middle(self) -> Image:
        """Headers of the image that is shown first."""
        return self.images[len(self.images) // 2]


def identity(header: FileHeader) -> str:
    """Name of a file's images: its SOP Instance UID; where that names nothing or two things, one of the path."""
    if header.uid_source not in _UNMEASURED:
        return header.sop_uid
    return "file-" + hashlib.sha256(header.path.as_posix().encode()).hexdigest()[:16]


def gate(headers: Iterable[FileHeader], *, duplicates: Mapping[str, int] | None = None) -> tuple[StackResult, ...]:
    """Stacks of one Series, in the order of their first images.

    Parameters
    ----------
    headers
        Files of the Series that hold images, in any order; each SOP Instance once.
    duplicates
        How many further files there were of a SOP Instance UID, with equal geometry.
    """
    return tuple(_stack(part, duplicates or {}) for part in split(headers))


def _stack(part: Part, duplicates: Mapping[str, int]) -> StackResult:
    at = part.at or layout(part.images)
    kind, faults = _judged(at)
    faults = (*part.because, *faults, *_shown_as(at), *_identified(at), *_duplicated(at, duplicates))
    measured = not any(fault.code in _UNMEASURED.values() for fault in faults)
    file, frame = at.images[0]
    spacing = frame.pixel_spacing_mm if measured else None
    if kind is StackKind.VOLUME and spacing is None:
        kind = StackKind.SLICES
    names = tuple((identity(image), shown.number) for image, shown in at.images)
    found = shear(at)
    stack = Stack(
        id=stack_id(names),
        series_uid=file.series_uid,
        modality=file.modality,
        kind=kind,
        plane=plane(at.normal),
        contrast=_attribute(file, "ContrastBolusAgent"),
        kernel=_attribute(file, "ConvolutionKernel"),
        frame_of_reference_uid=frame.frame_of_reference_uid,
        posture=_POSTURES.get(_attribute(file, "PatientPosition")[-1:]),
        pixel_spacing_mm=spacing,
        calibration=frame.calibration if spacing is not None else Calibration.NONE,
        slice_thickness_mm=_thickness(frame for _, frame in at.images),
        slice_interval_mm=at.interval_mm if kind is StackKind.VOLUME else None,
        images=names,
        faults=tuple(dict.fromkeys(Id(fault.code) for fault in faults)),
    )
    return StackResult(
        stack=stack,
        images=at.images,
        faults=faults,
        tilt_deg=None if found is None else found[0],
        uniform=len(at.along_mm) > 1 and repeated(at.along_mm) is None and not evenness(at),
        distinguished_by=part.distinguished_by,
    )


def _judged(at: Layout) -> tuple[StackKind, tuple[Fault, ...]]:
    """What may be done with the images together, and why not more."""
    kind = class_of(at.images[0])
    if kind is ImageClass.CROSS_SECTION:
        return _cross_section(at)
    if kind is ImageClass.PROJECTION:
        return StackKind.PROJECTION, of_frames(at)
    moving = at.count > 1 and len({file.path for file, _ in at.images}) == 1
    if moving and kind is ImageClass.ULTRASOUND:
        return StackKind.TIME_SERIES, of_frames(at)
    return StackKind.SLICES, of_frames(at)


def _cross_section(at: Layout) -> tuple[StackKind, tuple[Fault, ...]]:
    faults = (*of_frames(at), *(fault for check in CHECKS for fault in check(at)))
    if repeated(at.along_mm) == (1, at.count) and is_time_series(at.images):
        return StackKind.TIME_SERIES, (
            *(fault for fault in faults if fault.code != "POSITION_REPEATED"),
            Fault(code="ONE_POSITION", images=(1, at.count)),
        )
    true_between = not any(fault.code in BETWEEN_SLICES for fault in faults)
    return StackKind.VOLUME if true_between else StackKind.SLICES, faults


def _shown_as(at: Layout) -> tuple[Fault, ...]:
    """What a reader has to know of the pictures: localizer, made of another file, overlays left out, burnt-in text."""
    faults = []
    if class_of(at.images[0]) is ImageClass.PROJECTION and any("LOCALIZER" in image_type(image) for image in at.images):
        faults.append(Fault(code="LOCALIZER"))
    if any(FROM_NIFTI in image_type(image)[3:] for image in at.images):
        faults.append(Fault(code="MADE_FROM_NIFTI"))
    for code, name, said in (("OVERLAYS_LEFT_OUT", OVERLAYS, None), ("BURNED_IN", "BurnedInAnnotation", "YES")):
        values = _values(at, name)
        having = [number for number, value in enumerate(values, 1) if (value == said if said else value)]
        if having:
            first, last = having[0], having[-1]
            numbers = str(first) if first == last else f"{first}-{last}"
            faults.append(Fault(code=code, arguments=named(numbers=numbers), images=(first, last)))
    return tuple(faults)


def _values(at: Layout, keyword: str) -> list[str]:
    """An attribute of every image; images that were read by what they have in common share their attributes too."""
    values: list[str] = []
    before: tuple[tuple[str, str], ...] | None = None
    for file, _ in at.images:
        if file.attributes is not before:
            before, value = file.attributes, _attribute(file, keyword)
        values.append(value)
    return values


def _identified(at: Layout) -> tuple[Fault, ...]:
    first: dict[str, int] = {}
    for number, (file, _) in enumerate(at.images, 1):
        code = _UNMEASURED.get(file.uid_source)
        if code is not None:
            first.setdefault(code, number)
    return tuple(Fault(code=code, images=(number, number)) for code, number in first.items())


def _duplicated(at: Layout, duplicates: Mapping[str, int]) -> tuple[Fault, ...]:
    count = sum(duplicates.get(uid, 0) for uid in {file.sop_uid for file, _ in at.images})
    return (Fault(code="DUPLICATE", arguments=named(count=count)),) if count else ()


def plane(normal: Vector | None) -> Plane:
    """Name of the acquired plane: that of the axis within 40 degrees of the normal, else OBLIQUE."""
    if normal is None:
        return Plane.UNKNOWN
    size, index = max((abs(value), index) for index, value in enumerate(normal))
    return _PLANES[index] if size >= PLANE_COSINE else Plane.OBLIQUE


def _attribute(file: FileHeader, keyword: str) -> str:
    return value_of(file.attributes, keyword)


def _thickness(frames: Iterable[FrameHeader]) -> Decimal | None:
    """Largest Slice Thickness stated: what decides whether a lesion is measurable may not be taken for smaller."""
    stated = [frame.slice_thickness_mm for frame in frames]
    return max((value for value in stated if value is not None and value > 0), default=None)


def clashing(header: FileHeader) -> FileHeader:
    """Header of a file whose SOP Instance UID another file has too, with another geometry: it names nothing."""
    return replace(header, uid_source="CLASH")
