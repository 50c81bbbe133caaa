"""One Series to the parts that may belong together.

Two kinds of reasons. Some attributes always denote another kind of image: projection or cross-section, size, frame of
reference, orientation, spacing, Stack ID. The others (echo, b-value, phase ...) split only where they explain why
positions repeat: an ordinary CT whose Acquisition Number changes from table step to table step stays one stack. An
attribute explains where every value of it takes part in the repetition and less is repeated within each value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, partial

from spinereview.dicom.calibration import ImageClass
from spinereview.dicom.checks import REPEATED_TOLERANCE_MM, Fault, Image, Layout, counted, layout, named, repeated
from spinereview.dicom.header import FileHeader, FrameHeader, Vector, value_of
from spinereview.dicom.parse import image_class
from spinereview.dicom.tags import RADIOGRAPHS
from spinereview.dicom.vectors import length, minus
from spinereview.domain.imaging import Calibration

ORIENTATION_TOLERANCE = Decimal("0.001")
"""How far direction cosines may differ within a stack: 0.06 degree, a quarter of a millimetre 250 mm off the corner."""

STATION_TOLERANCE_MM = Decimal(1)
"""How far origins may lie apart within the plane in one station; stations of a spine lie centimetres apart."""

TEMPORAL = ("TemporalPosition", "TemporalOffset", "TriggerTime", "AcquisitionNumber", "AcquisitionTime", "ContentTime")
"""Attributes that count or time what was imaged again, the most telling first."""

EXPLAINING = (
    ("BValue", "SPLIT_B_VALUE"),
    ("DiffusionDirection", "SPLIT_DIRECTION"),
    ("EchoTime", "SPLIT_ECHO"),
    ("EchoNumbers", "SPLIT_ECHO"),
    ("InversionTime", "SPLIT_INVERSION"),
    ("ImageType", "SPLIT_IMAGE_TYPE"),
    ("ImageComponent", "SPLIT_IMAGE_TYPE"),
    ("SequenceName", "SPLIT_IMAGE_TYPE"),
    ("ContrastBolusAgent", "SPLIT_CONTRAST"),
    ("ConvolutionKernel", "SPLIT_KERNEL"),
    *((name, "SPLIT_TIME") for name in TEMPORAL),
)
"""Attributes that may explain repeated positions, in the order tried, each with the code of the split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Images of a Series that may belong together.

    Parameters
    ----------
    because
        Why they were parted from the others of their Series.
    distinguished_by
        (attribute, value) that the others do not share, for a list of stacks.
    at
        Where the images lie, where that was needed to part them.
    """

    images: tuple[Image, ...]
    because: tuple[Fault, ...] = ()
    distinguished_by: tuple[tuple[str, str], ...] = ()
    at: Layout | None = None


def class_of(image: Image) -> ImageClass:
    """What the pixels of an image are."""
    file, frame = image
    return _class(file.sop_class_uid, file.modality, _stated_type(file, frame))


@lru_cache(maxsize=256)
def _class(sop_class: str, modality: str, stated: str) -> ImageClass:
    return image_class(sop_class, modality, tuple(stated.split("\\")))


def image_type(image: Image) -> tuple[str, ...]:
    """Image Type of an image, or Frame Type of a frame, value by value."""
    return tuple(_stated_type(*image).split("\\"))


def _stated_type(file: FileHeader, frame: FrameHeader) -> str:
    return value_of(frame.split, "ImageType") or value_of(file.attributes, "ImageType")


def _size(image: Image) -> tuple[int, int, int]:
    pixels = image[0].pixels
    return (0, 0, 0) if pixels is None else (pixels.rows, pixels.columns, pixels.samples)


def _cine(file: FileHeader) -> bool:
    """Whether a file has frames that all lie at one place, or at none: they belong to each other and to no other file."""
    return len(file.frames) > 1 and all(frame.position == file.frames[0].position for frame in file.frames)


def _spacing(image: Image) -> tuple[object, Calibration]:
    return image[1].pixel_spacing_mm, image[1].calibration


def _radiograph(image: Image) -> str:
    """File of a radiograph: two of one series may show other directions at other distances, and share nothing."""
    file, _ = image
    alone = len(file.frames) == 1 and file.modality in RADIOGRAPHS and class_of(image) is ImageClass.PROJECTION
    return file.path.as_posix() if alone else ""


Key = Callable[[Image], Hashable]


def _always(headers: Iterable[FileHeader]) -> tuple[tuple[str, Key], ...]:
    """What parts any images, whatever they are of."""
    # By file, once: a file may have a hundred thousand frames.
    cines = {id(file): file.path.as_posix() for file in headers if _cine(file)}
    return (
        ("SPLIT_KIND", class_of),
        ("SPLIT_SIZE", _size),
        ("SPLIT_FILE", lambda image: cines.get(id(image[0]), "")),
        ("FRAMES_OF_REFERENCE_MIXED", lambda image: image[1].frame_of_reference_uid),
        ("SPLIT_STACK", lambda image: value_of(image[1].split, "StackID")),
    )


def split(headers: Iterable[FileHeader]) -> tuple[Part, ...]:
    """Part the images of one Series; whatever the order of the files, the parts are the same."""
    headers = tuple(headers)
    images = sorted(((file, frame) for file in headers for frame in file.frames), key=counted)
    parts: tuple[Part, ...] = (Part(images=tuple(images)),) if images else ()
    for code, key in _always(headers):
        parts = tuple(piece for part in parts for piece in _by(part, code, key))
    parts = tuple(piece for part in parts for piece in _each_radiograph(part))
    parts = tuple(piece for part in parts for piece in _by_orientation(part))
    parts = tuple(piece for part in parts for piece in _by(part, "SPLIT_SPACING", _spacing))
    return tuple(piece for part in parts for piece in _explained(part))


def _grouped(images: tuple[Image, ...], key: Key) -> list[tuple[Image, ...]]:
    keys = [key(image) for image in images]
    if keys.count(keys[0]) == len(keys):
        # By far the most frequent: equal objects are told sooner than they are hashed.
        return [images]
    groups: dict[Hashable, list[Image]] = {}
    for found, image in zip(keys, images, strict=True):
        groups.setdefault(found, []).append(image)
    return [tuple(group) for group in groups.values()]


def _parted(part: Part, groups: list[tuple[Image, ...]], code: str, name: str = "") -> tuple[Part, ...]:
    if len(groups) < 2:
        return (part,)
    pieces = []
    for group in groups:
        value = value_of(group[0][1].split, name) if name else ""
        arguments = named(count=len(groups), value=value or "-") if name else named(count=len(groups))
        reason = Fault(code=code, arguments=arguments)
        kept = tuple(fault for fault in part.because if fault.code != code)
        told = (*part.distinguished_by, (name, value)) if name else part.distinguished_by
        pieces.append(replace(part, images=group, because=(*kept, reason), distinguished_by=told))
    return tuple(pieces)


def _by(part: Part, code: str, key: Key) -> tuple[Part, ...]:
    return _parted(part, _grouped(part.images, key), code)


def _each_radiograph(part: Part) -> tuple[Part, ...]:
    """Radiographs one by one, told apart by their Instance Number; nothing is wrong with them, so nothing is said."""
    groups = _grouped(part.images, _radiograph)
    if len(groups) < 2:
        return (part,)
    return tuple(
        replace(part, images=group, distinguished_by=(*part.distinguished_by, ("InstanceNumber", _number(group[0]))))
        for group in groups
    )


def _number(image: Image) -> str:
    number = image[0].instance_number
    return "-" if number is None else str(number)


def _by_orientation(part: Part) -> tuple[Part, ...]:
    groups: list[list[Image]] = []
    for image in part.images:
        for group in groups:
            if parallel(group[0][1], image[1]):
                group.append(image)
                break
        else:
            groups.append([image])
    return _parted(part, [tuple(group) for group in groups], "SPLIT_ORIENTATION")


def parallel(a: FrameHeader, b: FrameHeader) -> bool:
    """Whether two images have the same orientation, within :data:`ORIENTATION_TOLERANCE`."""
    if a.orientation == b.orientation:
        return True
    if a.orientation is None or b.orientation is None:
        return False
    return all(
        abs(here - there) <= ORIENTATION_TOLERANCE
        for mine, other in zip(a.orientation, b.orientation, strict=True)
        for here, there in zip(mine, other, strict=True)
    )


def _explained(part: Part) -> tuple[Part, ...]:
    """Part images of repeated positions by the first attribute that explains the repetition, and so on within."""
    if class_of(part.images[0]) is not ImageClass.CROSS_SECTION:
        return (part,)
    at = layout(part.images)
    if repeated(at.along_mm) is None:
        return (replace(part, at=at),)
    place = {_identity(image): bucket for image, bucket in zip(at.images, _buckets(at.along_mm), strict=True)}
    one_place = len(set(place.values())) == 1
    stations = _stations(at)
    if len(stations) > 1 and _explains(stations, place, one_place=one_place):
        return tuple(piece for parted in _parted(part, stations, "SPLIT_STATION") for piece in _explained(parted))
    for name, code in EXPLAINING:
        if one_place and name in TEMPORAL:
            continue
        groups = _grouped(part.images, partial(_value, name))
        if len(groups) > 1 and _explains(groups, place, one_place=one_place):
            return tuple(piece for parted in _parted(part, groups, code, name) for piece in _explained(parted))
    return (part,)


def _stations(at: Layout) -> list[tuple[Image, ...]]:
    """Images by where their field of view lies within the plane: a whole spine is imaged in several stations."""
    groups: list[tuple[Vector, list[Image]]] = []
    for image, within in zip(at.images, at.within_mm, strict=True):
        for first, members in groups:
            if length(minus(within, first)) <= STATION_TOLERANCE_MM:
                members.append(image)
                break
        else:
            groups.append((within, [image]))
    return [tuple(members) for _, members in groups]


def _identity(image: Image) -> tuple[str, int]:
    return image[0].path.as_posix(), image[1].number


def _value(name: str, image: Image) -> str:
    return value_of(image[1].split, name)


def _buckets(along_mm: tuple[Decimal, ...]) -> list[int]:
    buckets, start = [0], along_mm[0]
    for place in along_mm[1:]:
        new = place - start >= REPEATED_TOLERANCE_MM
        start = place if new else start
        buckets.append(buckets[-1] + new)
    return buckets


def _explains(groups: list[tuple[Image, ...]], place: Mapping[tuple[str, int], int], *, one_place: bool) -> bool:
    counts = [Counter(place[_identity(image)] for image in group) for group in groups]
    total = sum(counts, Counter[int]())
    shared = [{bucket for bucket in count if total[bucket] > count[bucket]} for count in counts]
    less = max(max(count.values()) for count in counts) < max(total.values())
    whole_images = one_place or sum(total.values()) >= 2 * len(groups)
    return all(shared) and less and whole_images


def is_time_series(images: tuple[Image, ...]) -> bool:
    """Whether images of one place differ in when they were imaged: each has a time or count of its own."""
    for name in TEMPORAL:
        values = {value_of(frame.split, name) for _, frame in images}
        if len(values) == len(images):
            return True
    return False
