"""What is drawn over one image, as a list of lines, handles and texts made from the visible read.

There are two drawers, the window's and the report's. Coordinates are thousandths of a pixel of the image, as they are
stored; nothing here rounds, moves or hides an end. Texts hold names and millimetres only; what makes a number
trustworthy follows as badges, codes of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from spinereview.domain.case import Case
from spinereview.domain.diameter import diameters, half_perpendicular
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.review.badges import Badge, badges
from spinereview.review.labels import label
from spinereview.review.obligations import Obligation
from spinereview.review.visibility import Visible


class LineKind(StrEnum):
    """What a line of a caliper is."""

    LONG = "LONG"
    SHORT = "SHORT"
    PROPOSED = "PROPOSED"
    """A perpendicular that the reader has not set: dashed, and no value."""
    EDGE = "EDGE"
    """A side of an outline."""
    ARROW = "ARROW"
    """Points at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line between two points of the image."""

    start: PointMpx
    end: PointMpx
    kind: LineKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Caliper:
    """One mark on the image.

    Parameters
    ----------
    lesion, part
        Whose it is; None for a new mark that belongs to no lesion yet.
    handles
        Points that can be taken, in the order of the stored points; a proposed perpendicular adds its two.
    stored
        How many of the handles are points of the read; the others are a proposal.
    dashed
        The whole mark is a proposal.
    text
        Name and millimetres, ``"T01  33.1 x 18.6 mm"``; the name alone where there is no value.
    """

    lesion: Id | None
    part: str
    kind: MeasurementKind
    label: str
    role: LesionRole
    lines: tuple[Line, ...]
    handles: tuple[PointMpx, ...]
    stored: int
    selected: bool
    dashed: bool
    text: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Points of a gesture that has not ended, or of a proposal; ``label`` is empty before there is a lesion."""

    kind: MeasurementKind
    image: ImageRef
    points_mpx: tuple[PointMpx, ...]
    lesion: Id | None = None
    part: str = "a"
    label: str = ""
    role: LesionRole = LesionRole.TARGET
    nodal: bool = False
    proposed: bool = False


def primitives(
    visible: Visible,
    case: Case,
    image: ImageRef,
    selection: Id | None = None,
    draft: Draft | None = None,
    *,
    part: str = "",
) -> tuple[Caliper, ...]:
    """Marks of the visible read on one image, in the order of the lesions; the selected one and the draft come last.

    Of a selected lesion all parts are selected, or only the one of the letter ``part``. A draft of a lesion's part stands in
    for that part. An image that the case does not know has no marks.
    """
    found = case.find_stack(image.stack)
    if found is None:
        return ()
    timepoint, stack = found
    calipers = [
        caliper
        for caliper in _marks(visible, timepoint.id, stack, image, selection, part)
        if draft is None or draft.lesion is None or (caliper.lesion, caliper.part) != (draft.lesion, draft.part)
    ]
    calipers.sort(key=lambda caliper: caliper.selected)
    if draft is not None and draft.image == image:
        calipers.append(drafted(draft, stack))
    return tuple(calipers)


def drafted(draft: Draft, stack: Stack) -> Caliper:
    """Caliper of a draft, with its millimetres: they follow the hand."""
    geometry = OnImage(image=draft.image, points_mpx=draft.points_mpx)
    measurement = Measurement(id=Id("draft"), kind=draft.kind, geometry=geometry)
    caliper = _caliper(measurement, geometry, stack, name=draft.label, role=draft.role, nodal=draft.nodal)
    return replace(caliper, lesion=draft.lesion, part=draft.part, selected=True, dashed=draft.proposed)


def value_text(measurement: Measurement, stack: Stack | None) -> str:
    """Millimetres of a measurement: ``"33.1 x 18.6 mm"``, ``"33.1 mm"``, or nothing where there is no value."""
    found = diameters(measurement, stack)
    values = [str(value) for value in (found.long_mm, found.short_mm) if value is not None]
    return f"{' x '.join(values)} mm" if values else ""


def _marks(
    visible: Visible, timepoint: Id, stack: Stack, image: ImageRef, selection: Id | None, chosen: str
) -> Iterator[Caliper]:
    for lesion in visible.read.lesions.values():
        finding = lesion.findings.get(timepoint)
        if finding is None:
            continue
        for part, measurement in finding.parts.items():
            geometry = measurement.geometry
            if isinstance(geometry, OnImage) and geometry.image == image:
                # A fragment says which it is; so does the extent along the spine beside the diameter.
                name = label(lesion) if len(finding.parts) == 1 else f"{label(lesion)} {part}"
                caliper = _caliper(measurement, geometry, stack, name=name, role=lesion.role, nodal=lesion.nodal)
                yield replace(
                    caliper, lesion=lesion.id, part=part, selected=lesion.id == selection and chosen in ("", part)
                )


def _caliper(
    measurement: Measurement, geometry: OnImage, stack: Stack, *, name: str, role: LesionRole, nodal: bool
) -> Caliper:
    points = geometry.points_mpx
    lines = _lines(measurement.kind, points)
    handles = points
    notes = badges(stack)
    if measurement.kind is MeasurementKind.BIDIRECTIONAL and len(points) == 2:
        if stack.pixel_spacing_mm is not None:
            ends = half_perpendicular(points[0], points[1], stack.pixel_spacing_mm)
            lines = (*lines, Line(start=ends[0], end=ends[1], kind=LineKind.PROPOSED))
            handles = (*points, *ends)
        if nodal:
            notes = (Badge(code=Obligation.SHORT_AXIS), *notes)
    return Caliper(
        lesion=None,
        part="a",
        kind=measurement.kind,
        label=name,
        role=role,
        lines=lines,
        handles=handles,
        stored=len(points),
        selected=False,
        dashed=False,
        text="  ".join(word for word in (name, value_text(measurement, stack)) if word),
        badges=notes,
    )


def _lines(kind: MeasurementKind, points: tuple[PointMpx, ...]) -> tuple[Line, ...]:
    if kind in {MeasurementKind.OUTLINE, MeasurementKind.REGION}:
        ends = (*points[1:], points[0])
        return tuple(Line(start=a, end=b, kind=LineKind.EDGE) for a, b in zip(points, ends, strict=True))
    first = LineKind.ARROW if kind is MeasurementKind.ARROW else LineKind.LONG
    pairs = zip(points[::2], points[1::2], (first, LineKind.SHORT), strict=False)
    return tuple(Line(start=a, end=b, kind=which) for a, b, which in pairs)
