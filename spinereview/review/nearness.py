"""Whether a mark lies where another lesion was marked already: within 5 mm it may be the same lesion twice.

Exact: distances are rational numbers of millimetres, compared as squares. Marks of one stack are compared in its own
millimetres; marks of two stacks only where both have a position in one frame of reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spinereview.domain.case import Timepoint
from spinereview.domain.exact import reported_mm
from spinereview.domain.imaging import Id, ImageRef, Permission, Stack
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx, PointUm
from spinereview.domain.read import Read

NEAR_MM = 5
"""A mark this near to another lesion's, or nearer, is asked about."""

Vector = tuple[Fraction, Fraction, Fraction]
Segment = tuple[Vector, Vector]
Locate = Callable[[ImageRef, PointMpx], PointUm | None]
"""Position in the patient (micrometres, LPS) of a point of an image; None where it has none."""

_CLOSED = frozenset({MeasurementKind.OUTLINE, MeasurementKind.REGION})
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Another lesion whose mark is near, and how far away it is: reported millimetres, 0 where the marks cross."""

    lesion: Id
    mm: Decimal


def near_lesions(
    read: Read, timepoint: Timepoint, lesion: Id | None, marks: tuple[Measurement, ...], locate: Locate | None = None
) -> tuple[Near, ...]:
    """Other lesions with a mark within :data:`NEAR_MM` at a timepoint, the nearest first.

    Parameters
    ----------
    lesion, marks
        Whose marks are asked about; None: a lesion that is not in the read.
    locate
        Gives positions in the patient; without it only marks of one stack are compared.
    """
    own = None if lesion is None or lesion not in read.lesions else read.lesions[lesion].findings.get(timepoint.id)
    if own is not None and own.plane_visible:
        # The reader has said that it touches another lesion, with a plane between them.
        return ()
    found = []
    for other in read.lesions.values():
        finding = other.findings.get(timepoint.id)
        if other.id == lesion or finding is None or finding.plane_visible:
            continue
        squares = [
            square
            for mine in marks
            for theirs in finding.parts.values()
            if (square := _squared_mm(mine, theirs, timepoint, locate)) is not None
        ]
        nearest = min(squares, default=None)
        if nearest is not None and nearest <= NEAR_MM**2:
            found.append((nearest, other.id))
    return tuple(Near(lesion=other, mm=reported_mm(square)) for square, other in sorted(found))


def _squared_mm(
    first: Measurement, second: Measurement, timepoint: Timepoint, locate: Locate | None
) -> Fraction | None:
    """Square of the distance between two marks; None where they cannot be compared, or are plainly not near."""
    a, b = first.geometry, second.geometry
    if not isinstance(a, OnImage) or not isinstance(b, OnImage):
        return None
    one, two = timepoint.stacks.get(a.image.stack), timepoint.stacks.get(b.image.stack)
    if one is None or two is None:
        return None
    if one is two and _far_apart(one, a, b):
        return None
    place = _in_stack(one, a, b) if one is two else _in_patient(one, two, locate)
    if place is None:
        return None
    pairs = [(p, q) for p in _segments(first, a, place) for q in _segments(second, b, place)]
    return min((_between(p, q) for p, q in pairs if p is not None and q is not None), default=None)


def _far_apart(stack: Stack, first: OnImage, second: OnImage) -> bool:
    """Whether the boxes around two marks of a stack lie more than :data:`NEAR_MM` apart along one of its axes."""
    if stack.pixel_spacing_mm is None:
        return False
    if stack.slice_interval_mm is not None and first.image != second.image:
        places = [stack.images.index(at) for mark in (first, second) if (at := _frame_of(mark)) in stack.images]
        if len(places) == 2 and abs(places[0] - places[1]) * stack.slice_interval_mm > NEAR_MM:
            return True
    for axis, spacing_mm in enumerate(reversed(stack.pixel_spacing_mm)):
        mine = [point[axis] for point in first.points_mpx]
        theirs = [point[axis] for point in second.points_mpx]
        gap_mpx = max(min(theirs) - max(mine), min(mine) - max(theirs))
        if gap_mpx * spacing_mm > 1000 * NEAR_MM:
            return True
    return False


def _frame_of(mark: OnImage) -> tuple[str, int]:
    return mark.image.sop_uid, mark.image.frame


_Place = Callable[[ImageRef, PointMpx], Vector | None]


def _in_stack(stack: Stack, first: OnImage, second: OnImage) -> _Place | None:
    """Millimetres along the rows, the columns and the normal of a stack; between slices only where they exist."""
    if stack.pixel_spacing_mm is None:
        return None
    if first.image != second.image and Permission.BETWEEN_SLICES not in stack.may_measure:
        return None
    rows_mm, columns_mm = (Fraction(value) for value in stack.pixel_spacing_mm)
    interval = Fraction(stack.slice_interval_mm) if stack.slice_interval_mm is not None else _ZERO
    places = {
        image: Fraction(stack.images.index(image))
        for image in {_frame_of(first), _frame_of(second)}
        if image in stack.images
    }

    def place(image: ImageRef, point: PointMpx) -> Vector | None:
        at = places.get((image.sop_uid, image.frame))
        if at is None:
            return None
        return (Fraction(point[0], 1000) * columns_mm, Fraction(point[1], 1000) * rows_mm, at * interval)

    return place


def _in_patient(first: Stack, second: Stack, locate: Locate | None) -> _Place | None:
    frame = first.frame_of_reference_uid
    if locate is None or frame is None or frame != second.frame_of_reference_uid:
        return None
    find = locate

    def place(image: ImageRef, point: PointMpx) -> Vector | None:
        found = find(image, point)
        return None if found is None else (Fraction(found[0], 1000), Fraction(found[1], 1000), Fraction(found[2], 1000))

    return place


def _segments(mark: Measurement, geometry: OnImage, place: _Place) -> Iterator[Segment | None]:
    points = geometry.points_mpx
    pairs = zip(points, (*points[1:], points[0]), strict=True) if mark.kind in _CLOSED else zip(
        points[::2], points[1::2], strict=False
    )  # fmt: skip
    for start, end in pairs:
        a, b = place(geometry.image, start), place(geometry.image, end)
        yield None if a is None or b is None else (a, b)


def _between(first: Segment, second: Segment) -> Fraction:
    """Square of the smallest distance between two lines with ends (Ericson 2005, Real-Time Collision Detection, 5.1.9)."""
    d, e, r = _minus(first[1], first[0]), _minus(second[1], second[0]), _minus(first[0], second[0])
    a, f, ee, c, b = _dot(d, d), _dot(e, r), _dot(e, e), _dot(d, r), _dot(d, e)
    if a == 0 and ee == 0:
        return _dot(r, r)
    if a == 0:
        s, t = _ZERO, _clamped(f / ee)
    elif ee == 0:
        s, t = _clamped(-c / a), _ZERO
    else:
        denominator = a * ee - b * b
        s = _clamped((b * f - c * ee) / denominator) if denominator else _ZERO
        t = (b * s + f) / ee
        if not 0 <= t <= 1:
            t = _clamped(t)
            s = _clamped((b * t - c) / a)
    away = tuple(r[i] + s * d[i] - t * e[i] for i in range(3))
    return sum((value * value for value in away), _ZERO)


def _minus(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _dot(a: Vector, b: Vector) -> Fraction:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _clamped(value: Fraction) -> Fraction:
    return min(max(value, _ZERO), _ONE)
