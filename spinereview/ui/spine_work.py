"""Joins spine tools, viewports and the read: labels and heights from planes to the patient and back; lines of planes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import StackKind
from spinereview.domain.measurement import InSpace, Interpolation, Measurement, OnImage, PointMpx, PointUm
from spinereview.domain.read import Lock
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.imaging.slicing import Orientation, place_on_plane
from spinereview.review.levels import LevelMark, agreed_level, level_marks, nearest_level, suggested_level
from spinereview.review.spine_overlay import HeightsMark, LevelPlate, Place, heights_marks, level_plates
from spinereview.text import sentence
from spinereview.ui.cross_lines import show_cross_lines
from spinereview.ui.level_offers import LevelOffers
from spinereview.ui.shown import Shown
from spinereview.ui.spine_tools import Endplate, HeightsTool, LevelTool, SpineDesk
from spinereview.ui.tools import Tool
from spinereview.ui.viewport import Viewport

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench

AXIAL_REACH_UM, SIDE_REACH_UM = 10_000, 35_000
"""How far from a plane a vertebra is still named on it: across its height, and across its width."""
_DIRECTION = 1_000_000
_STEEP = 0.7


class SpineWork:
    """The spine's part of the reading page."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.cross_lines = True
        self._offers = LevelOffers(bench)
        self._desk = SpineDesk(
            clicked=self._clicked,
            plate_moved=self._plate_moved,
            may_draw=self._may_draw,
            drawn=self._drawn,
            moved=self._points_moved,
        )

    def tool(self, name: str) -> Tool | None:
        """Tool of an action; None where it is none of the spine."""
        if name == "tool_level":
            return LevelTool(self._desk)
        return HeightsTool(self._desk) if name == "tool_heights" else None

    def toggle_cross_lines(self) -> None:
        """Show the plane of the active viewport in the others, or not."""
        self.cross_lines = not self.cross_lines
        self.show_lines()

    def show_lines(self) -> None:
        """Put the plane of the active viewport on the others."""
        grid = self._bench.grid
        show_cross_lines(grid.viewports, grid.active, on=self.cross_lines)

    def show(self, viewport: Viewport) -> None:
        """Put labels and heights on what a viewport shows."""
        shown = viewport.shown
        if shown is None:
            return
        reading = self._bench.reading
        stack, place = shown.stack.stack.id, placed_on(shown)
        reach = AXIAL_REACH_UM if abs(shown.planes.directions()[1][2]) < _STEEP else SIDE_REACH_UM
        plates = level_plates(reading.visible, reading.case, stack, place, reading.level)
        heights = heights_marks(reading.visible, reading.case, stack, viewport.image(), place, reading.level)
        viewport.set_spine(tuple(plate for plate in plates if plate.distance_um <= reach), heights)
        labelling = isinstance(viewport.tool, LevelTool) and not viewport.isHidden()
        viewport.set_offers(self._offers.on(shown, self._marks(shown), reach) if labelling else ())

    def remove(self, tool: str) -> bool:
        """With a tool of the spine: take away the chosen level's label or heights on the active viewport's stack."""
        shown, level = self._bench.grid.active.shown, self._bench.reading.level
        if tool not in {"tool_level", "tool_heights"}:
            return False
        if shown is None or level is None:
            self._bench.failed.emit(Refused("UI_SELECT_LEVEL"))
        elif tool == "tool_level":
            self._bench.reading.remove_label(shown.stack.stack.id, level)
        else:
            self._bench.reading.remove_heights(shown.stack.stack.id, level)
        return True

    def go_to(self, level: Level) -> None:
        """Every viewport shows the plane through a vertebra that is labelled for its stack; which ones cannot is said."""
        bench = self._bench
        without: list[str] = []
        with bench.linking.moving_others():
            for viewport in bench.grid.visible_viewports:
                shown = viewport.shown
                if shown is not None and not self._go_in(viewport, shown, level):
                    without.append(f"{shown.stack.timepoint.label} {shown.stack.title}")
        if without:
            named = ", ".join(dict.fromkeys(without))
            bench.reading.refused.emit(Refused("UI_LEVEL_NOT_HERE", level=level, stacks=named))

    def _go_in(self, viewport: Viewport, shown: Shown, level: Level) -> bool:
        """Whether a viewport shows the vertebra now: by a point in the patient, or by the image that it was labelled on."""
        stack = shown.stack.stack.id
        own = self._bench.reading.read.level_labels.get(stack, Table[Measurement]()).get(level)
        if own is not None and isinstance(own.geometry, OnImage):
            place = shown.stack.place_of(own.geometry.image)
            if place is not None:
                viewport.set_orientation(Orientation.NATIVE)
                viewport.scroll_to(place)
            return place is not None
        for mark in self._marks(shown):
            found = shown.planes.to_plane(_mm(mark.point_um)) if mark.level is level else None
            if found is not None and 0 <= round(found[0]) < shown.planes.count:
                viewport.scroll_to(round(found[0]))
                return True
        return False

    def _marks(self, shown: Shown) -> tuple[LevelMark, ...]:
        return level_marks(self._bench.reading.read, self._bench.reading.case, shown.stack.stack.id)

    def _clicked(self, viewport: Viewport, point: PointMpx) -> None:
        shown = viewport.shown
        if not self._is_open(viewport) or self._bench.fusion.refuses_mark(viewport):
            return
        geometry = self._point(viewport, point)
        if shown is None or geometry is None:
            self._bench.failed.emit(Refused("UI_LEVEL_NEEDS_POSITION"))
            return
        reading, stack = self._bench.reading, shown.stack.stack.id

        level, named = None, None
        if isinstance(geometry, InSpace):
            marks, point_um = self._marks(shown), geometry.points_um[0]
            named = self._offers.at(shown, marks, point, point_um)
            beside = suggested_level(marks, point_um, reading.read.numbering)
            level = agreed_level(marks, beside, None if named is None else named.level, reading.read.numbering)

        def label(level: Level) -> None:
            offered = None if named is None or named.level is not level else named.centre_um
            if reading.label_level(stack, level, geometry, offered=offered):
                reading.choose_level(level)

        if level is not None:
            label(level)
            return
        self._bench.ask.ask(sentence("UI_ASK_LEVEL"), lambda text: self._said(text, label, viewport))

    def _said(self, text: str, label: Callable[[Level], None], viewport: Viewport) -> None:
        name = text.strip().upper()
        if name in set(Level):
            label(Level(name))
            viewport.setFocus()
        else:
            self._bench.failed.emit(Refused("UI_LEVEL_UNKNOWN", value=text))

    def _plate_moved(self, viewport: Viewport, plate: LevelPlate, point: PointMpx) -> None:
        if self._bench.fusion.refuses_mark(viewport):
            return
        geometry = self._point(viewport, point)
        if viewport.shown is not None and geometry is not None and plate.stack == viewport.shown.stack.stack.id:
            self._bench.reading.label_level(plate.stack, plate.level, geometry, move=True)

    def _point(self, viewport: Viewport, point: PointMpx) -> OnImage | InSpace | None:
        return self._points(viewport, (point,), plane=False)

    def _points(self, viewport: Viewport, points: tuple[PointMpx, ...], *, plane: bool) -> OnImage | InSpace | None:
        """Points of a plane as they are kept: heights on an acquired image on that image, else in the patient's space."""
        shown, image = viewport.shown, viewport.image()
        if shown is None:
            return None
        frame = shown.stack.stack.frame_of_reference_uid
        if image is not None and (plane or frame is None or shown.stack.stack.kind is StackKind.PROJECTION):
            return OnImage(image=image, points_mpx=points)
        placed = [patient_um(shown, point) for point in points]
        known = tuple(point for point in placed if point is not None)
        if frame is None or len(known) != len(points):
            return None
        return InSpace(
            stacks=(shown.stack.stack.id,),
            frame_of_reference_uid=frame,
            points_um=known,
            plane_um=_plane_um(shown) if plane else None,
            interpolation=Interpolation.NONE,
        )

    def _may_draw(self, viewport: Viewport) -> bool:
        shown = viewport.shown
        if shown is None or not self._is_open(viewport):
            return False
        if self._bench.fusion.refuses_mark(viewport):
            return False
        right, down = shown.planes.directions()
        sagittal = abs(right[1]) > _STEEP and abs(down[2]) > _STEEP
        if sagittal or shown.stack.stack.kind is StackKind.PROJECTION:
            return True
        self._bench.failed.emit(Refused("UI_HEIGHTS_SAGITTAL"))
        return False

    def _is_open(self, viewport: Viewport) -> bool:
        """Whether the timepoint may be changed; asked before anything is drawn, and said where not."""
        timepoint = None if viewport.shown is None else viewport.shown.stack.timepoint
        if timepoint is None or self._bench.reading.read.lock_of(timepoint.id) is not Lock.LOCKED:
            return timepoint is not None
        self._bench.failed.emit(Refused("VISIT_LOCKED", timepoint=timepoint.label))
        return False

    def _drawn(self, viewport: Viewport, first: Endplate, second: Endplate) -> None:
        shown = viewport.shown
        if shown is None:
            return
        upper, lower = _ordered(shown, first, second)
        points = (upper[0], _middle(upper), upper[1], lower[0], _middle(lower), lower[1])
        geometry = self._points(viewport, points, plane=True)
        reading = self._bench.reading
        centre = patient_um(shown, _middle((_middle(upper), _middle(lower))))
        level = reading.level if centre is None else nearest_level(self._marks(shown), centre) or reading.level
        if level is None:
            self._bench.failed.emit(Refused("UI_LABEL_FIRST"))
        elif geometry is not None and reading.measure_heights(shown.stack.stack.id, level, geometry):
            reading.choose_level(level)

    def _points_moved(self, viewport: Viewport, mark: HeightsMark, points: tuple[PointMpx, ...]) -> None:
        geometry = self._points(viewport, points, plane=True)
        if geometry is not None and not self._bench.fusion.refuses_mark(viewport):
            self._bench.reading.measure_heights(mark.stack, mark.level, geometry)


def placed_on(shown: Shown) -> Place:
    """Where points of the patient lie on the shown plane, and how far from it."""
    return partial(place_on_plane, shown.planes, shown.index)


def patient_um(shown: Shown, point: PointMpx) -> PointUm | None:
    """Position in the patient of a point of the shown plane, in micrometres; None where there is none."""
    found = shown.planes.to_patient(shown.index, point[0] / 1000, point[1] / 1000)
    return None if found is None else (round(1000 * found[0]), round(1000 * found[1]), round(1000 * found[2]))


def _ordered(shown: Shown, first: Endplate, second: Endplate) -> tuple[Endplate, Endplate]:
    """Superior endplate first, each from the front to the back, however they were drawn."""

    def up(line: Endplate) -> float:
        ends = [patient_um(shown, point) for point in line]
        return sum(end[2] if end is not None else -point[1] for end, point in zip(ends, line, strict=True))

    def forward(line: Endplate) -> Endplate:
        ends = [patient_um(shown, point) for point in line]
        behind = ends[0] is not None and ends[1] is not None and ends[0][1] > ends[1][1]
        return (line[1], line[0]) if behind else line

    upper, lower = (first, second) if up(first) >= up(second) else (second, first)
    return forward(upper), forward(lower)


def _middle(line: Endplate) -> PointMpx:
    return (line[0][0] + line[1][0]) // 2, (line[0][1] + line[1][1]) // 2


def _plane_um(shown: Shown) -> tuple[PointUm, ...] | None:
    origin = patient_um(shown, (500, 500))
    right, down = shown.planes.directions()
    if origin is None:
        return None
    return (
        origin,
        (round(_DIRECTION * right[0]), round(_DIRECTION * right[1]), round(_DIRECTION * right[2])),
        (round(_DIRECTION * down[0]), round(_DIRECTION * down[1]), round(_DIRECTION * down[2])),
    )


def _mm(point_um: PointUm) -> tuple[float, float, float]:
    return point_um[0] / 1000, point_um[1] / 1000, point_um[2] / 1000
