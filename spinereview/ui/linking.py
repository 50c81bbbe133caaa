"""Viewports that scroll together: what :mod:`spinereview.review.linking` says of two planes, applied to the screen.

Whoever scrolls leads. With Shift a viewport scrolls alone; when Shift is released, how it then lies beside the others is
one act. Nothing is assessed and no panel is shown anew while scrolling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from math import hypot
from typing import TYPE_CHECKING

from spinereview.domain.measurement import PointUm
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.imaging.slicing import FloatVector
from spinereview.review.commands.linking import SetLinkOffset
from spinereview.review.levels import level_marks
from spinereview.review.linking import UNIT, How, Link, ShownPlane, link, new_offsets
from spinereview.text import sentence
from spinereview.ui.shown import Shown
from spinereview.ui.tools import within
from spinereview.ui.viewport import Viewport

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench


class Linking:
    """The links between the viewports of the reading page."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.on = True
        self.moving = False
        """While others follow: what depends on all of them is shown once, at the end."""
        self._alone: Viewport | None = None
        self._pending: dict[str, PointUm] = {}
        """Offsets to be kept when scrolling alone is over."""

    def watch(self, viewport: Viewport) -> None:
        """Follow what somebody scrolls there."""
        viewport.scrolled.connect(partial(self._scrolled, viewport))
        viewport.settled.connect(partial(self._settled, viewport))

    def settle(self) -> None:
        """Scrolling alone is over: how the viewport lies beside the others is kept, as one act."""
        pending, self._alone, self._pending = self._pending, None, {}
        if pending:
            self._bench.reading.do(SetLinkOffset(offsets_um=Table(pending)))

    def switch(self, *, on: bool) -> None:
        """Scroll together, or each alone."""
        self.on = on
        self.show_texts()

    @contextmanager
    def moving_others(self) -> Iterator[None]:
        """Viewports are moved together: lines and texts are shown once, at the end."""
        self.moving = True
        try:
            yield
        finally:
            self.moving = False
            self._bench.spine_work.show_lines()
            self.show_texts()

    def show_texts(self) -> None:
        """Say on each viewport how it follows the active one."""
        grid = self._bench.grid
        leader = grid.active.shown if self.on and grid.count > 1 else None
        plane = None if leader is None else self._plane_of(leader)
        for pane in grid.visible_viewports:
            text = ("", "")
            if leader is not None and plane is not None and pane.shown is not None and pane is not grid.active:
                found = link(plane, self._plane_of(pane.shown), self._read.link_offsets)
                text = _text(found, leader, pane.shown)
            pane.set_link_text(text)

    def follow(self, leader: Viewport, staying: Collection[Viewport] = ()) -> None:
        """Every other viewport but those that stay goes to the plane that the leader leads to, if anything joins them."""
        plane = self._plane(leader) if self.on and self._bench.grid.count > 1 else None
        if plane is None:
            return
        targets: list[tuple[Viewport, int]] = []
        for pane in self._bench.grid.visible_viewports:
            if pane is not leader and pane not in staying and pane.shown is not None:
                found = link(plane, self._plane_of(pane.shown), self._read.link_offsets)
                index = _index(found, pane.shown)
                if index is not None:
                    targets.append((pane, round(index)))
        if targets:
            with self.moving_others():
                for pane, place in targets:
                    pane.scroll_to(place)

    @property
    def _read(self) -> Read:
        """The read as far as it may be seen."""
        return self._bench.reading.visible.read

    def _scrolled(self, viewport: Viewport, alone: bool) -> None:
        if not (alone and viewport is self._alone):
            self.settle()
        if alone:
            self._alone, self._pending = viewport, self._beside(viewport)
        else:
            self.follow(viewport)

    def _settled(self, viewport: Viewport) -> None:
        if viewport is self._alone:
            self.settle()

    def _beside(self, viewport: Viewport) -> dict[str, PointUm]:
        """Offsets between a viewport and the others, as they lie now, of those that need one."""
        moved = self._plane(viewport)
        if moved is None or not self.on:
            return {}
        panes = self._bench.grid.visible_viewports
        others = tuple(self._plane_of(pane.shown) for pane in panes if pane is not viewport and pane.shown is not None)
        return new_offsets(moved, others, self._read.link_offsets)

    def _plane(self, viewport: Viewport) -> ShownPlane | None:
        return None if viewport.shown is None else self._plane_of(viewport.shown)

    def _plane_of(self, shown: Shown) -> ShownPlane:
        """What linking needs of a plane; without a frame where its images state no position."""
        planes, stack, view = shown.planes, shown.stack.stack, shown.view
        rows, columns = planes.size
        middle = planes.to_patient(shown.index, columns / 2, rows / 2)
        focus = planes.to_patient(shown.index, *within(planes.size, view.centre))
        placed = middle is not None and planes.grid.placed
        return ShownPlane(
            stack=stack.id,
            timepoint=shown.stack.timepoint.id,
            frame=stack.frame_of_reference_uid if placed else None,
            normal=_normal(shown),
            focus_um=_um(focus),
            middle_um=_um(middle),
            marks=level_marks(self._read, self._bench.reading.case, stack.id),
        )


def _normal(shown: Shown) -> PointUm:
    (a, b, c), (d, e, f) = shown.planes.directions()
    return round(UNIT * (b * f - c * e)), round(UNIT * (c * d - a * f)), round(UNIT * (a * e - b * d))


def _um(position_mm: FloatVector | None) -> PointUm:
    x, y, z = position_mm or (0.0, 0.0, 0.0)
    return round(1000 * x), round(1000 * y), round(1000 * z)


def _index(found: Link, shown: Shown) -> float | None:
    """Number of the plane that a link leads to, also beyond the first and the last; None where nothing joins them."""
    target = found.target_um
    if target is None:
        return None
    planes = shown.planes
    if found.axis is None:
        placed = planes.to_plane((target[0] / 1000, target[1] / 1000, target[2] / 1000))
        return None if placed is None else placed[0]
    rows, columns = planes.size
    first, second = (planes.to_patient(index, columns / 2, rows / 2) for index in (0, 1))
    if first is None or second is None:
        return None
    start, step = first[found.axis], second[found.axis] - first[found.axis]
    return (target[found.axis] / 1000 - start) / step if step else None


def _text(found: Link, leader: Shown, shown: Shown) -> tuple[str, str]:
    """How a viewport follows, or why not; and where it is not at the leader's place now.

    Nothing is said of planes that cross: they have their lines.
    """
    if found.how is How.PLANES_DIFFER:
        return ("", "")
    how = sentence(f"UI_LINK_{found.how}", {"levels": " – ".join(found.levels)})
    if found.target_um is None:
        return how, sentence("UI_LINK_NONE_OR") if found.how is How.NONE else ""
    index = _index(found, shown)
    if index is None or not 0 <= round(index) < shown.planes.count:
        return how, sentence("UI_LINK_BEYOND")
    # Whoever led, the other one's plane is the nearest that there is: half a distance of each.
    apart_mm = abs(index - shown.index) * _interval_mm(shown)
    reach_mm = (_interval_mm(leader) + _interval_mm(shown)) / 2
    return how, sentence("UI_LINK_ELSEWHERE") if apart_mm > 1.01 * reach_mm else ""


def _interval_mm(shown: Shown) -> float:
    return hypot(*shown.planes.grid.along_mm[shown.planes.axes[0]])
