"""What belongs to one frame: from the data set of a plain file, or from the functional groups of an enhanced one.

In an enhanced file a functional group of the frame wins over the shared one (PS3.3 C.7.6.16.1.1). Positions and spacings
are never taken from frame order or from counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from spinereview.dicom.calibration import Calibrated, ImageClass, StatedSpacing, calibrate
from spinereview.dicom.diffusion import b_value, plain
from spinereview.dicom.elements import Elements, decimal_of
from spinereview.dicom.header import FrameHeader, Vector
from spinereview.dicom.tags import GROUPS, IN_GROUPS, SPLITTING, tag, tags
from spinereview.domain.imaging import Calibration

_PER_FRAME = tag("PerFrameFunctionalGroupsSequence")
_SHARED = tag("SharedFunctionalGroupsSequence")
_SPACING = tag("PixelSpacing")
_SPLITTING = tuple((tag(keyword), name) for keyword, name in SPLITTING)
_IN_GROUP_SPLITTING = (
    (tag("StackID"), "StackID"),
    (tag("FrameType"), "ImageType"),
    (tag("ComplexImageComponent"), "ImageComponent"),
    (tag("ConvolutionKernel"), "ConvolutionKernel"),
    (tag("FrameAcquisitionDateTime"), "AcquisitionTime"),
    (tag("FrameReferenceDateTime"), "ContentTime"),
)
_COUNTERS = (
    (tag("TemporalPositionIndex"), "TemporalPosition"),
    (tag("FrameAcquisitionNumber"), "AcquisitionNumber"),
)
_DOUBLES = (
    (tag("EffectiveEchoTime"), "EchoTime"),
    (tag("NominalCardiacTriggerDelayTime"), "TriggerTime"),
    (tag("TemporalPositionTimeOffset"), "TemporalOffset"),
    (tag("InversionTimes"), "InversionTime"),
)

_BADGE_GROUPS = tags(
    "FrameVOILUTSequence", "CTReconstructionSequence", "MRTimingAndRelatedParametersSequence", "MREchoSequence"
)
_BADGE_TEXTS = ("WindowCenter", "WindowWidth", "ConvolutionKernel", "RepetitionTime")
_IN_BADGE_GROUPS = tags(*_BADGE_TEXTS, "EffectiveEchoTime")


def is_enhanced(elements: Elements) -> bool:
    """Whether the geometry of the file lies in functional groups."""
    return _PER_FRAME in elements or _SHARED in elements


def first_frame_attributes(elements: Elements) -> dict[str, str]:
    """Window, kernel, echo and repetition time of the first frame, by the keywords that plain files have for them."""
    found: dict[str, str] = {}
    for holder in (_PER_FRAME, _SHARED):
        for item in elements.items(holder, _BADGE_GROUPS, most=1):
            for sequence in item.tags():
                for group in item.items(sequence, _IN_BADGE_GROUPS, most=1):
                    for keyword in _BADGE_TEXTS:
                        if text := group.code(tag(keyword)):
                            found.setdefault(keyword, text)
                    for echo in group.doubles(tag("EffectiveEchoTime"))[:1]:
                        found.setdefault("EchoTime", str(echo))
    return found


def frames(elements: Elements, image_class: ImageClass, count: int) -> tuple[FrameHeader, ...]:
    """Headers of all frames of a file, in the order of the file.

    Parameters
    ----------
    count
        Number of Frames (0028,0008). Frames without functional groups of their own have the shared ones only.
    """
    if is_enhanced(elements):
        return tuple(_enhanced(elements, image_class, count))
    first = _plain(elements, image_class)
    return (first, *(_numbered(first, number) for number in range(2, count + 1)))


def _numbered(frame: FrameHeader, number: int) -> FrameHeader:
    return FrameHeader(
        number=number,
        position=frame.position,
        orientation=frame.orientation,
        pixel_spacing_mm=frame.pixel_spacing_mm,
        calibration=frame.calibration,
        slice_thickness_mm=frame.slice_thickness_mm,
        slope=frame.slope,
        intercept=frame.intercept,
        frame_of_reference_uid=frame.frame_of_reference_uid,
        split=frame.split,
        faults=frame.faults,
    )


def _plain(elements: Elements, image_class: ImageClass) -> FrameHeader:
    stated = StatedSpacing(
        pixel=elements.decimals(_SPACING),
        imager=elements.decimals(tag("ImagerPixelSpacing")),
        calibration_type=elements.code(tag("PixelSpacingCalibrationType")),
        magnification=elements.decimal(tag("EstimatedRadiographicMagnificationFactor")),
        aspect=elements.decimals(tag("PixelAspectRatio")),
    )
    stated_parts = ((name, elements.codes(wanted)) for wanted, name in _SPLITTING if wanted in elements)
    split = [(name, value) for name, values in stated_parts if (value := same_text(values))]
    diffusion = b_value(elements) if elements.code(tag("Modality")) == "MR" else ""
    if diffusion:
        split.append(("BValue", diffusion))
    return _frame(1, elements, (elements,), calibrate(image_class, stated), tuple(sorted(split)))


def same_text(values: tuple[str, ...]) -> str:
    """Text of a value, so that equal numbers are equal texts, and padding makes no difference."""
    numbers = (decimal_of(value) for value in values)
    return "\\".join(text if number is None else plain(number) for text, number in zip(values, numbers, strict=True))


def _enhanced(elements: Elements, image_class: ImageClass, count: int) -> Iterator[FrameHeader]:
    shared = [group for item in elements.items(_SHARED, GROUPS, most=1) for group in _groups(item)]
    own = elements.items(_PER_FRAME, GROUPS)
    for number in range(1, count + 1):
        groups = (_groups(own[number - 1]) if number <= len(own) else []) + shared
        spacing = next((group for group in groups if _SPACING in group), elements)
        stated = StatedSpacing(pixel=spacing.decimals(_SPACING), imager=elements.decimals(tag("ImagerPixelSpacing")))
        split = _group_split(groups)
        yield _frame(number, elements, tuple(groups), calibrate(image_class, stated), split)


def _groups(item: Elements) -> list[Elements]:
    return [
        group for sequence in item.tags() if sequence in GROUPS for group in item.items(sequence, IN_GROUPS, most=1)
    ]


def _group_split(groups: list[Elements]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for group in groups:
        for wanted, name in _IN_GROUP_SPLITTING:
            if wanted in group:
                found.setdefault(name, same_text(group.codes(wanted)))
        for wanted, name in _COUNTERS:
            counter = group.counter(wanted)
            if counter is not None:
                found.setdefault(name, str(counter))
        for wanted, name in _DOUBLES:
            numbers = [number for number in group.doubles(wanted) if number.is_finite()]
            if numbers:
                found.setdefault(name, plain(numbers[0]))
        for name, value in _diffusion(group):
            found.setdefault(name, value)
    return tuple(sorted((name, value) for name, value in found.items() if value))


def _diffusion(group: Elements) -> Iterator[tuple[str, str]]:
    if tag("DiffusionBValue") in group:
        yield "BValue", b_value(group)
    for direction in group.items(tag("DiffusionGradientDirectionSequence"), IN_GROUPS)[:1]:
        values = direction.doubles(tag("DiffusionGradientOrientation"))
        yield "DiffusionDirection", "\\".join(plain(value) for value in values if value.is_finite())


def _frame(
    number: int,
    elements: Elements,
    sources: tuple[Elements, ...],
    calibrated: Calibrated,
    split: tuple[tuple[str, str], ...],
) -> FrameHeader:
    faults = list(calibrated.faults)

    def first(keyword: str) -> tuple[Decimal | None, ...]:
        wanted = tag(keyword)
        return next((source.decimals(wanted) for source in sources if wanted in source), ())

    position, orientation = first("ImagePositionPatient"), first("ImageOrientationPatient")
    slope, intercept = first("RescaleSlope"), first("RescaleIntercept")
    if slope[:1] in ((None,), (Decimal(0),)) or intercept[:1] == (None,):
        faults.append("RESCALE_INVALID")
    place = vector_of(position)
    directions = _directions(orientation)
    if place is None and position:
        faults.append("POSITION_INVALID")
    if directions is None and orientation:
        faults.append("ORIENTATION_INVALID")
    return FrameHeader(
        number=number,
        position=place,
        orientation=directions,
        pixel_spacing_mm=calibrated.spacing_mm,
        calibration=calibrated.calibration if calibrated.spacing_mm is not None else Calibration.NONE,
        slice_thickness_mm=_one(first("SliceThickness")),
        slope=_one(slope),
        intercept=_one(intercept),
        frame_of_reference_uid=elements.code(tag("FrameOfReferenceUID")) or None,
        split=split,
        faults=tuple(faults),
    )


def _one(values: tuple[Decimal | None, ...]) -> Decimal | None:
    return values[0] if values else None


def vector_of(values: tuple[Decimal | None, ...]) -> Vector | None:
    """Three numbers as a position or direction; None where they are not three, or one is none."""
    numbers = tuple(value for value in values if value is not None)
    return (numbers[0], numbers[1], numbers[2]) if len(values) == 3 and len(numbers) == 3 else None


def _directions(values: tuple[Decimal | None, ...]) -> tuple[Vector, Vector] | None:
    if len(values) != 6:
        return None
    row, column = vector_of(values[:3]), vector_of(values[3:])
    return None if row is None or column is None else (row, column)
