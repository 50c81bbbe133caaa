"""Cross-reference lines: the plane of the active viewport in every other one of its timepoint and frame of reference.

The first and the last plane are dashed. Nothing joins the images of two visits by their coordinates.
"""

from __future__ import annotations

from collections.abc import Iterable

from spinereview.imaging.cross_reference import Segment, crossing
from spinereview.ui.shown import Shown
from spinereview.ui.viewport import Viewport


def show_cross_lines(panes: Iterable[Viewport], active: Viewport, *, on: bool) -> None:
    """Put the lines of the active viewport's plane on the others; take them away where they do not belong."""
    for pane in panes:
        lines: tuple[tuple[Segment, bool], ...] = ()
        if on and pane is not active and pane.shown is not None and active.shown is not None:
            lines = tuple(lines_on(active.shown, pane.shown))
        pane.set_lines(lines)


def lines_on(active: Shown, other: Shown) -> list[tuple[Segment, bool]]:
    """Lines of the active plane, and dashed those of the first and last one, on another plane."""
    if not same_space(active, other):
        return []
    last = active.planes.count - 1
    found = [
        (crossing(active.planes, index, other.planes, other.index), dashed)
        for index, dashed in ((0, True), (last, True), (active.index, False))
    ]
    return [(segment, dashed) for segment, dashed in found if segment is not None]


def same_space(first: Shown, second: Shown) -> bool:
    """Whether a position means the same in two viewports: one frame of reference of one timepoint."""
    frame = first.stack.stack.frame_of_reference_uid
    same = frame is not None and frame == second.stack.stack.frame_of_reference_uid
    return same and first.stack.timepoint.id == second.stack.timepoint.id
