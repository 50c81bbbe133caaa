"""Where the reading page goes: to a timepoint, to a lesion's measurement, to the next series, to what is open next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import OnImage, PointMpx
from spinereview.imaging.slicing import Orientation
from spinereview.review.owed import Owed
from spinereview.ui.panels.side import Page
from spinereview.ui.stacks import ShownStack
from spinereview.ui.viewport import Viewport

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench

MARGIN_PX = 60
"""What lies nearer to the edge of a pane than this is brought into its middle."""


class Navigation:
    """The ways through the case that is open."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._last: Level | Page | None = None
        """Level, or page of the forms, that the key for what is open went to last; None: a lesion."""

    def show_timepoint(self, timepoint: Id) -> None:
        """Make a timepoint the current one; the active viewport shows its main stack unless one of its stacks is shown."""
        shown = self._bench.grid.active.shown
        if shown is None or shown.stack.timepoint.id != timepoint:
            stack = self._bench.main_stack(timepoint)
            if stack is not None:
                self._bench.show_stack(stack)
        self._bench.reading.show_timepoint(timepoint)

    def jump(self, lesion: Id, timepoint: Id | None = None) -> None:
        """Select a lesion; every viewport goes to its measurement at the timepoint that it shows; without one it follows.

        Parameters
        ----------
        timepoint
            The viewport that shows it becomes the active one; where none does, the active one shows it.
        """
        self._bench.reading.select(lesion)
        if timepoint is not None:
            panes = sorted(self._bench.grid.visible_viewports, key=lambda pane: pane is not self._bench.grid.active)
            there = [pane for pane in panes if pane.shown is not None and pane.shown.stack.timepoint.id == timepoint]
            if there:
                self._bench.grid.activate(there[0])
            self.show_timepoint(timepoint)
        moved = [
            viewport
            for viewport in self._bench.grid.visible_viewports
            if viewport.shown is not None and self._jump_in(viewport, lesion, viewport.shown.stack.timepoint.id)
        ]
        if moved:
            self._bench.linking.follow(moved[-1], staying=moved)

    def step_series(self, steps: int) -> None:
        """Show the stack that lies some lines on in the list."""
        listed = self._bench.series.stacks()
        selected = self._bench.series.selected()
        if listed:
            place = listed.index(selected) + steps if selected in listed else 0
            self._bench.show_stack(listed[max(0, min(len(listed) - 1, place))])

    def step_timepoint(self, steps: int) -> None:
        """Make the next or previous timepoint the current one."""
        listed = [timepoint.id for timepoint in self._bench.reading.case.in_order]
        if self._bench.reading.timepoint in listed:
            place = max(0, min(len(listed) - 1, listed.index(self._bench.reading.timepoint) + steps))
            self.show_timepoint(listed[place])

    def step_obligation(self, steps: int) -> bool:
        """Go to what is open next at the current timepoint, the lesions, then the levels; whether there is anything."""
        reading = self._bench.reading
        open_ones = {_place_of(one) for one in reading.owed()}
        if not open_ones:
            return False
        places: list[Id | Level | Page] = [row.lesion for row in reading.table().rows if row.lesion is not None]
        places.extend([*Level, Page.FORMS])
        here: Id | Level | Page | None = self._last if self._last in {reading.level, Page.FORMS} else None
        here = here or reading.selected
        start = places.index(here) if here is not None and here in places else -min(steps, 0) - 1
        for offset in range(1, len(places) + 1):
            place = places[(start + steps * offset) % len(places)]
            if place in open_ones:
                self._go_to_open(place)
                return True
        return False

    def _go_to_open(self, place: Id | Level | Page) -> None:
        if isinstance(place, Level):
            self._last = place
            self._bench.show_page(Page.SPINE)
            self._go_to_level(place)
        elif isinstance(place, Page):
            self._last = place
            self._bench.show_page(place)
            self._bench.forms.focus_open()
        else:
            self._last = None
            self._bench.show_page(Page.LESIONS)
            self.jump(place, self._bench.reading.timepoint)

    def _go_to_level(self, level: Level) -> None:
        reading = self._bench.reading
        reading.choose_level(level)
        timepoint = reading.current
        labels = () if timepoint is None else (reading.read.level_labels.get(stack) for stack in timepoint.stacks)
        if any(labelled is not None and level in labelled for labelled in labels):
            self._bench.spine_work.go_to(level)

    def _jump_in(self, viewport: Viewport, lesion: Id, timepoint: Id) -> bool:
        """Whether the lesion has a measurement there, which is now shown."""
        finding = (
            self._bench.reading.read.lesions[lesion].findings.get(timepoint)
            if lesion in self._bench.reading.read.lesions
            else None
        )
        for part in finding.parts.values() if finding is not None else ():
            geometry = part.geometry
            if isinstance(geometry, OnImage):
                shown = self._bench.stack_shown(geometry.image.stack)
                place = None if shown is None else shown.place_of(geometry.image)
                if shown is None or place is None:
                    return False
                if self._is_beside_image(viewport, shown):
                    _go_through(viewport, shown, place, geometry.points_mpx)
                else:
                    self._bench.show_stack(geometry.image.stack, viewport, place)
                    _centre_if_hidden(viewport, geometry.points_mpx)
                return True
        return False

    def _is_beside_image(self, viewport: Viewport, stack: ShownStack) -> bool:
        """Whether a viewport shows reformats of a stack while another one shows that timepoint's images: its plane stays."""
        here = viewport.shown
        if here is None or here.planes.native or here.stack is not stack:
            return False
        others = (pane.shown for pane in self._bench.grid.visible_viewports if pane is not viewport)
        return any(one is not None and one.planes.native and one.stack.timepoint == stack.timepoint for one in others)


def _place_of(owed: Owed) -> Id | Level | Page:
    """Where something that is missing is said."""
    return owed.lesion or owed.level or Page.FORMS


def _go_through(viewport: Viewport, stack: ShownStack, place: int, points_mpx: Sequence[PointMpx]) -> None:
    """Show the plane of a reformat through the middle of points of an acquired image."""
    position = stack.planes(Orientation.NATIVE).to_patient(place, *_middle(points_mpx))
    found = None if position is None or viewport.shown is None else viewport.shown.planes.to_plane(position)
    if found is not None:
        viewport.scroll_to(round(found[0]))


def _middle(points_mpx: Sequence[PointMpx]) -> tuple[float, float]:
    """Column and row, in samples."""
    count = 1000 * len(points_mpx)
    return sum(point[0] for point in points_mpx) / count, sum(point[1] for point in points_mpx) / count


def _centre_if_hidden(viewport: Viewport, points_mpx: Sequence[PointMpx]) -> None:
    """Bring points into the middle where any of them is outside the pane or near its edge."""
    if viewport.shown is None:
        return
    view = viewport.shown.view
    placed = [view.to_screen(column / 1000, row / 1000) for column, row in points_mpx]
    width, height = viewport.width() - MARGIN_PX, viewport.height() - MARGIN_PX
    if all(MARGIN_PX < x < width and MARGIN_PX < y < height for x, y in placed):
        return
    viewport.set_view(view.centred_on(*_middle(points_mpx)))
