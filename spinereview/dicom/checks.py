"""The checks of the gate: images in spatial order to what is wrong with their geometry.

Each check is a small function from a :class:`Layout` to faults; :data:`CHECKS` is the gate. Tolerances stand here, with
their reasons. Image numbers in a fault count from 1 in the order shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter

from spinereview.dicom.header import FileHeader, FrameHeader, Vector
from spinereview.dicom.vectors import dot, length, minus, normal_of, times
from spinereview.domain.table import Table

POSITION_TOLERANCE_MM = Decimal("0.05")
"""How far an image may lie from its place in the even grid, and in the straight row of origins.

Both ends of a length between slices then err by at most 0.1 mm together: one reported tenth. Positions that scanners
round to 0.1 mm pass; a PET series whose bed joins are 0.02 mm wider passes; a missing slice never does.
"""
TILT_TOLERANCE_DEG = Decimal("0.1")
"""Angle between the row of origins and the normal: at 0.1 degree a vertebra 30 mm high is sheared by 0.05 mm."""
UNIT_TOLERANCE = Decimal("0.001")
"""How far squared lengths of the direction cosines may be from 1 and their product from 0: 0.06 degree."""
REPEATED_TOLERANCE_MM = Decimal("0.01")
"""Images nearer than this along the normal lie at one position: no scanner images slices a hundredth of a mm apart."""

Image = tuple[FileHeader, FrameHeader]

_NOTHING: Table[str] = Table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the gate found, as a code of the catalogue.

    Parameters
    ----------
    arguments
        What the sentence names.
    images
        The first and the last of the images it is about, counted from 1 in the order shown; None: all of them.
    """

    code: str
    arguments: Table[str] = _NOTHING
    images: tuple[int, int] | None = None

    @property
    def words(self) -> Mapping[str, str]:
        """What the sentence of the code names: the arguments, and ``first`` and ``last`` image where there are some."""
        numbers = {} if self.images is None else {"first": str(self.images[0]), "last": str(self.images[1])}
        return {**self.arguments, **numbers}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Images of one stack in spatial order, with what the checks need of them.

    Parameters
    ----------
    normal
        Unit normal of the first image; None where the orientation is missing or wrong.
    along_mm
        Position of each image along the normal; empty where one of the positions is missing.
    within_mm
        Rest of each position, within the plane; empty like ``along_mm``.
    """

    images: tuple[Image, ...]
    normal: Vector | None
    along_mm: tuple[Decimal, ...]
    within_mm: tuple[Vector, ...]

    @property
    def count(self) -> int:
        """Number of images."""
        return len(self.images)

    @property
    def gaps_mm(self) -> tuple[Decimal, ...]:
        """Distances between neighbours along the normal."""
        return tuple(b - a for a, b in zip(self.along_mm, self.along_mm[1:], strict=False))

    @property
    def interval_mm(self) -> Decimal | None:
        """Mean distance between neighbours along the normal, to a millionth of a millimetre; None for one image."""
        if len(self.along_mm) < 2:
            return None
        mean = (self.along_mm[-1] - self.along_mm[0]) / (len(self.along_mm) - 1)
        return tidy(mean.quantize(Decimal("1E-6")))


def tidy(value: Decimal) -> Decimal:
    """Number without needless zeros and without an exponent.

    >>> tidy(Decimal("5.000000")), tidy(Decimal("1E+1"))
    (Decimal('5'), Decimal('10'))
    """
    return Decimal(format(value.normalize(), "f"))


def named(**arguments: object) -> Table[str]:
    """Arguments of a fault, as text."""
    return Table({name: str(value) for name, value in arguments.items()})


def oriented(frame: FrameHeader) -> bool:
    """Whether the direction cosines are of unit length and at right angles (PS3.3 C.7.6.2.1.1)."""
    if frame.orientation is None:
        return False
    row, column = frame.orientation
    return (
        abs(dot(row, row) - 1) <= UNIT_TOLERANCE
        and abs(dot(column, column) - 1) <= UNIT_TOLERANCE
        and abs(dot(row, column)) <= UNIT_TOLERANCE
    )


def layout(images: tuple[Image, ...]) -> Layout:
    """Put images of one orientation in spatial order: along the normal, else by Instance Number.

    Images at one place keep a fixed order too: by Instance Number, frame, then identity. Each order is one of the set of
    images, so the order of files on disk cannot change it.
    """
    first = images[0][1]
    normal = normal_of(first.orientation) if first.orientation is not None and oriented(first) else None
    placed = []
    for file, frame in images:
        if normal is None or frame.position is None:
            return Layout(images=tuple(sorted(images, key=counted)), normal=normal, along_mm=(), within_mm=())
        along = dot(frame.position, normal)
        placed.append((along, minus(frame.position, times(normal, along)), (file, frame)))
    placed.sort(key=itemgetter(0))
    if any(one[0] == other[0] for one, other in pairwise(placed)):
        placed.sort(key=lambda place: (place[0], counted(place[2])))
    return Layout(
        images=tuple([image for _, _, image in placed]),
        normal=normal,
        along_mm=tuple([along for along, _, _ in placed]),
        within_mm=tuple([within for _, within, _ in placed]),
    )


def counted(image: Image) -> tuple[int, int, str, str]:
    """Order of images that have no other one: Instance Number, frame, identity."""
    file, frame = image
    number = file.instance_number
    return (1 << 62 if number is None else number, frame.number, file.sop_uid, file.path.as_posix())


def repeated(along_mm: tuple[Decimal, ...]) -> tuple[int, int] | None:
    """First run of images at one position, as image numbers."""
    for first in range(len(along_mm) - 1):
        if along_mm[first + 1] - along_mm[first] < REPEATED_TOLERANCE_MM:
            last = first + 1
            while last + 1 < len(along_mm) and along_mm[last + 1] - along_mm[first] < REPEATED_TOLERANCE_MM:
                last += 1
            return first + 1, last + 1
    return None


def one_image(at: Layout) -> tuple[Fault, ...]:
    """A single image has no neighbours to measure to."""
    return (Fault(code="ONE_IMAGE"),) if at.count == 1 else ()


def orientation(at: Layout) -> tuple[Fault, ...]:
    """Orientation missing, or no pair of unit vectors at right angles."""
    good: tuple[Vector, Vector] | None = None
    for number, (_, frame) in enumerate(at.images, 1):
        if good is not None and frame.orientation == good:
            continue
        if frame.orientation is None and "ORIENTATION_INVALID" not in frame.faults:
            return (Fault(code="ORIENTATION_MISSING", images=(number, number)),)
        if not oriented(frame):
            return (Fault(code="ORIENTATION_INVALID", images=(number, number)),)
        good = frame.orientation
    return ()


def position(at: Layout) -> tuple[Fault, ...]:
    """Position missing, or no numbers, on one image at least."""
    for number, (_, frame) in enumerate(at.images, 1):
        if frame.position is None:
            code = "POSITION_INVALID" if "POSITION_INVALID" in frame.faults else "POSITION_MISSING"
            return (Fault(code=code, images=(number, number)),)
    return ()


def repetition(at: Layout) -> tuple[Fault, ...]:
    """Several images at one position, which nothing in the headers explained."""
    images = repeated(at.along_mm)
    return () if images is None else (Fault(code="POSITION_REPEATED", images=images),)


def evenness(at: Layout) -> tuple[Fault, ...]:
    """Distances between neighbours that differ: a missing image, or a change of the interval."""
    interval = at.interval_mm
    if interval is None or repeated(at.along_mm) is not None:
        return ()
    start = at.along_mm[0]
    exact = (at.along_mm[-1] - start) / (at.count - 1)
    if all(abs(place - start - exact * number) <= POSITION_TOLERANCE_MM for number, place in enumerate(at.along_mm)):
        return ()
    gaps = at.gaps_mm
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    unusual = [number for number, gap in enumerate(gaps, 1) if abs(gap - usual) > 2 * POSITION_TOLERANCE_MM]
    if unusual and 2 * len(unusual) <= len(gaps) and all(_missing(gaps[number - 1], usual) for number in unusual):
        return tuple(_gap(number, gaps[number - 1], usual) for number in unusual)
    drift = max(range(len(gaps)), key=lambda number: (abs(gaps[number] - usual), -number))
    worst = unusual[0] - 1 if unusual else drift
    return (
        Fault(
            code="INTERVAL_UNEVEN",
            arguments=named(
                smallest_mm=hundredths(min(gaps)), largest_mm=hundredths(max(gaps)), interval_mm=hundredths(gaps[worst])
            ),
            images=(worst + 1, worst + 2),
        ),
    )


def _missing(gap: Decimal, usual: Decimal) -> int:
    """How many images are missing within a gap; 0 where it is no multiple of the usual interval."""
    times_usual = int((gap / usual).to_integral_value())
    return times_usual - 1 if abs(gap - times_usual * usual) <= 2 * POSITION_TOLERANCE_MM else 0


def _gap(number: int, gap: Decimal, usual: Decimal) -> Fault:
    arguments = named(gap_mm=hundredths(gap), interval_mm=hundredths(usual), missing=_missing(gap, usual))
    return Fault(code="GAP", arguments=arguments, images=(number, number + 1))


def hundredths(value: Decimal) -> Decimal:
    """Length as a sentence names it."""
    return tidy(value.quantize(Decimal("0.01")))


def shear(at: Layout) -> tuple[Decimal, Decimal] | None:
    """Angle in degrees between the row of origins and the normal, and the shift within the plane in mm.

    None where there is no row: one image, one position, or a position missing.
    """
    if len(at.along_mm) < 2:
        return None
    risen = at.along_mm[-1] - at.along_mm[0]
    if risen < REPEATED_TOLERANCE_MM:
        return None
    shift = length(minus(at.within_mm[-1], at.within_mm[0]))
    angle = Decimal(repr(math.degrees(math.atan2(float(shift), float(risen))))).quantize(Decimal("0.01"))
    return angle, shift


def tilt(at: Layout) -> tuple[Fault, ...]:
    """A gantry that was tilted: each image is true, and the stack is sheared."""
    found = shear(at)
    if found is None or found[0] <= TILT_TOLERANCE_DEG or found[1] <= POSITION_TOLERANCE_MM:
        return ()
    return (Fault(code="TILT", arguments=named(tilt_deg=tidy(found[0])), images=(1, at.count)),)


def straightness(at: Layout) -> tuple[Fault, ...]:
    """Origins that leave the straight line from the first image to the last one within the plane."""
    found = shear(at)
    if found is None:
        return ()
    risen = at.along_mm[-1] - at.along_mm[0]
    whole = minus(at.within_mm[-1], at.within_mm[0])
    for index in range(1, at.count - 1):
        expected = times(whole, (at.along_mm[index] - at.along_mm[0]) / risen)
        off = minus(minus(at.within_mm[index], at.within_mm[0]), expected)
        if dot(off, off) > POSITION_TOLERANCE_MM**2:
            return (Fault(code="ORIGIN_SHIFTED", images=(index, index + 1)),)
    return ()


def frame_of_reference(at: Layout) -> tuple[Fault, ...]:
    """No Frame of Reference UID: positions hold within this stack, and are linked to no other."""
    missing = any(frame.frame_of_reference_uid is None for _, frame in at.images)
    return (Fault(code="FRAME_OF_REFERENCE_MISSING"),) if missing and at.along_mm else ()


def of_frames(at: Layout) -> tuple[Fault, ...]:
    """What was found wrong with images one by one; each code once, with the first and last image."""
    having: dict[str, list[int]] = {}
    for number, (_, frame) in enumerate(at.images, 1):
        for code in frame.faults:
            having.setdefault(code, []).append(number)
    own = ("POSITION_INVALID", "ORIENTATION_INVALID")
    return tuple(
        Fault(code=code, images=None if len(numbers) == at.count else (numbers[0], numbers[-1]))
        for code, numbers in having.items()
        if code not in own
    )


CHECKS: tuple[Callable[[Layout], tuple[Fault, ...]], ...] = (
    orientation,
    position,
    one_image,
    repetition,
    evenness,
    tilt,
    straightness,
    frame_of_reference,
)
"""Checks of cross-sections, in the order in which their faults are told."""
BETWEEN_SLICES = frozenset(
    (
        "ORIENTATION_INVALID",
        "ORIENTATION_MISSING",
        "POSITION_INVALID",
        "POSITION_MISSING",
        "ONE_IMAGE",
        "POSITION_REPEATED",
        "GAP",
        "INTERVAL_UNEVEN",
        "TILT",
        "ORIGIN_SHIFTED",
    )
)
"""Faults after which there are no millimetres between images."""
