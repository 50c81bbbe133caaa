"""What is hung where: the baseline on the left, the timepoint that is read on the right, between them the one before it.

The lower row shows what hangs above it in another plane. Which timepoint may be compared by its sum is for
:func:`~spinereview.review.visibility.visible` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.errors import Refused
from spinereview.imaging.slicing import Orientation, orientations
from spinereview.review.timepoints import baseline, earlier
from spinereview.ui.layouts import ONE, PLANES, THREE, TWO, Layout
from spinereview.ui.shown import Shown

_PLANES = (Orientation.SAGITTAL, Orientation.AXIAL, Orientation.CORONAL, Orientation.NATIVE)
_THREE_PLANES = (Orientation.AXIAL, Orientation.SAGITTAL, Orientation.CORONAL)
PRIOR, NADIR = "PRIOR", "NADIR"

if TYPE_CHECKING:
    from spinereview.ui.reading import Reading
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench


class Hanging:
    """Fills the viewports of the reading page."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._columns: int | None = None
        """Of the last layout of several viewports."""
        self._last = TWO

    def show(self, layout: Layout) -> None:
        """Show a layout.

        Timepoints are hung anew where another number of them stands side by side; else what hangs there stays, and
        viewports that come empty are filled.
        """
        grid, current = self._bench.grid, self._bench.reading.current
        grid.show_layout(layout)
        if layout == ONE:
            return
        self._last = layout
        if layout == PLANES:
            self._show_planes()
        else:
            if self._columns not in (None, layout.columns):
                self._hang_timepoints(layout.columns, current)
            self._fill(layout.columns)
        self._columns = layout.columns

    def show_words(self) -> None:
        """Say what the timepoint in the middle of three is to the one on its right."""
        grid = self._bench.grid
        for place, pane in enumerate(grid.visible_viewports):
            middle = grid.layout_shown.columns == THREE.columns and place % THREE.columns == 1
            right = grid.visible_viewports[place + 1].shown if middle else None
            hung_as = ""
            if pane.shown is not None and right is not None:
                hung_as = self._relation(pane.shown.stack.timepoint, right.stack.timepoint)
            if pane.shown is not None and pane.shown.hung_as != hung_as:
                pane.shown.hung_as = hung_as
                pane.update()

    def _relation(self, timepoint: Timepoint, to: Timepoint) -> str:
        if timepoint == nadir_of(self._bench.reading, to):
            return NADIR
        return PRIOR if timepoint == prior_of(self._bench, to) else ""

    def toggle_one(self) -> None:
        """One viewport alone, or again what was shown before."""
        self.show(self._last if self._bench.grid.layout_shown == ONE else ONE)

    def toggle_planes(self) -> None:
        """Three planes of the active stack; again: two timepoints."""
        grid = self._bench.grid
        shown = grid.active.shown
        if grid.layout_shown == PLANES:
            self.show(TWO)
        elif shown is not None and len(orientations(shown.stack.grid)) > 1:
            self.show(PLANES)
        else:
            self._bench.reading.refused.emit(Refused("UI_NO_REFORMAT"))

    def first(self) -> None:
        """What is shown when a case is opened: baseline and last timepoint, or the one that there is."""
        bench = self._bench
        found = [bench.main_stack(timepoint) for timepoint in chosen(bench, TWO.columns, None)]
        stacks = [stack for stack in found if stack is not None]
        bench.grid.show_layout(TWO if len(stacks) > 1 else ONE)
        self._columns = TWO.columns if len(stacks) > 1 else None
        for viewport, stack in zip(bench.grid.viewports, stacks, strict=False):
            bench.show_stack(stack, viewport)

    def _show_planes(self) -> None:
        grid = self._bench.grid
        shown = grid.active.shown
        if shown is None:
            return
        for pane, orientation in zip(grid.visible_viewports, _THREE_PLANES, strict=True):
            self._bench.show_stack(shown.stack.stack.id, pane)
            fitting = orientation in orientations(shown.stack.grid)
            # What has no reformat in this orientation was acquired in it.
            pane.set_orientation(orientation if fitting else Orientation.NATIVE)
            pane.set_window(shown.window)
        grid.activate(grid.viewports[0])

    def _hang_timepoints(self, columns: int, current: Timepoint | None) -> None:
        """The timepoints of the rule from left to right; a viewport that showed one of them already is taken along."""
        bench = self._bench
        kept: dict[Id, Shown] = {}
        for pane in bench.grid.viewports:
            if pane.shown is not None:
                kept.setdefault(pane.shown.stack.timepoint.id, pane.shown)
            pane.show_nothing("")
        for pane, timepoint in zip(bench.grid.viewports, chosen(bench, columns, current), strict=False):
            before = kept.get(timepoint)
            stack = bench.main_stack(timepoint) if before is None else before.stack.stack.id
            if stack is not None:
                bench.show_stack(stack, pane)
                _take_along(pane, before)
        panes = bench.grid.visible_viewports
        there = [pane for pane in panes if pane.shown is not None and pane.shown.stack.timepoint == current]
        bench.grid.activate(there[0] if there else panes[0])

    def _fill(self, columns: int) -> None:
        """Fill what is empty: the upper row with timepoints, the lower one with other planes of what hangs above."""
        bench = self._bench
        panes = bench.grid.visible_viewports
        for pane in panes[1:columns]:
            stack = _beside(bench) if pane.shown is None else None
            if stack is not None:
                self._show_another_plane(stack, pane)
        for above, below in zip(panes, panes[columns:], strict=False):
            if below.shown is None and above.shown is not None:
                self._show_another_plane(above.shown.stack.stack.id, below)

    def _show_another_plane(self, stack: Id, pane: Viewport) -> None:
        """Another weighting of an MR; else a stack in the first of its planes that no other viewport shows already."""
        bench = self._bench
        shown_here = [one.shown for one in bench.grid.visible_viewports if one is not pane and one.shown is not None]
        partner = bench.partner(stack, {shown.stack.stack.id for shown in shown_here})
        if partner is not None:
            bench.show_stack(partner, pane)
            return
        others = [one.shown for one in bench.grid.visible_viewports if one is not pane and one.shown is not None]
        seen = {shown.planes.orientation for shown in others if shown.stack.stack.id == stack}
        bench.show_stack(stack, pane)
        if pane.shown is not None and seen:
            left = [kind for kind in _PLANES if kind in orientations(pane.shown.stack.grid) and kind not in seen]
            pane.set_orientation(left[0] if left else Orientation.NATIVE)


def chosen(bench: Workbench, columns: int, current: Timepoint | None) -> tuple[Id, ...]:
    """Timepoints for as many columns.

    The last is the current timepoint, or the last of all where that is the baseline. With three columns the nadir's
    timepoint stands between where the response may be seen, else the one before; where that is the baseline itself, the
    next one follows instead.
    """
    there = _with_images(bench)
    if len(there) <= columns < 3 or len(there) < columns:
        return tuple(one.id for one in there)
    base = baseline(bench.reading.case)
    first = base if base is not None and base in there else there[0]
    if current is None or current not in there[1:]:
        current = there[-1]
    if columns < 3:
        return (first.id, current.id)
    between = nadir_of(bench.reading, current) or prior_of(bench, current)
    if between is None or between == first or between not in there:
        return tuple(one.id for one in there[:columns])
    return (first.id, between.id, current.id)


def prior_of(bench: Workbench, current: Timepoint) -> Timepoint | None:
    """Timepoint with images before another one."""
    before = [one for one in _with_images(bench) if one.ordinal < current.ordinal]
    return before[-1] if before else None


def nadir_of(reading: Reading, current: Timepoint) -> Timepoint | None:
    """Timepoint of the smallest sum before another one; None where there is none, or where it may not be seen."""
    if not reading.visible.shows_response(current.id):
        return None
    answers = reading.assessments()
    target = answers.get(f"{current.id}/target")
    nadir = None if target is None else target.values.get("nadir_mm")
    first = baseline(reading.case)
    for one in earlier(reading.case, current) if nadir is not None else ():
        answer = answers.get(f"{one.id}/target")
        if answer is not None and answer.values.get("sum_mm") == nadir:
            return None if one == first else one
    return None


def _with_images(bench: Workbench) -> tuple[Timepoint, ...]:
    """Timepoints that may be seen and have images, from the first on."""
    seen = bench.reading.visible
    return tuple(
        one
        for one in bench.reading.case.in_order
        if seen.shows_timepoint(one.id) and bench.main_stack(one.id) is not None
    )


def _beside(bench: Workbench) -> Id | None:
    """Stack for a viewport that came empty: of the last timepoint that is not shown, else the active one again."""
    panes = bench.grid.visible_viewports
    here = {pane.shown.stack.timepoint.id for pane in panes if pane.shown is not None}
    others = [one.id for one in _with_images(bench) if one.id not in here]
    if others:
        return bench.main_stack(others[-1])
    first = panes[0].shown
    return None if first is None else first.stack.stack.id


def _take_along(pane: Viewport, before: Shown | None) -> None:
    """The same plane and window as in the viewport that showed it before."""
    if before is None or pane.shown is None:
        return
    pane.set_orientation(before.planes.orientation)
    pane.scroll_to(before.index)
    pane.shown.window, pane.shown.inverted = before.window, before.inverted
