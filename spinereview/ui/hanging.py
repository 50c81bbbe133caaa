"""What is hung where: the second viewport beside the first with another timepoint, the lower row other planes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.domain.imaging import Id
from spinereview.imaging.slicing import Orientation, orientations
from spinereview.ui.viewport_grid import ACROSS

_PLANES = (Orientation.SAGITTAL, Orientation.AXIAL, Orientation.CORONAL, Orientation.NATIVE)

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench


def hang(bench: Workbench, count: int) -> None:
    """Show one, two or four viewports; those that come empty are filled.

    Of four the lower row shows what hangs above in another plane, sagittal first; no viewport repeats another one while
    the stack has planes that are not shown.
    """
    bench.grid.show_count(count)
    panes = bench.grid.visible_viewports
    if count > 1 and panes[1].shown is None:
        stack = _beside(bench)
        if stack is not None:
            _show(bench, stack, panes[1])
    for above, below in zip(panes, panes[ACROSS:], strict=False):
        if below.shown is None and above.shown is not None:
            _show(bench, above.shown.stack.stack.id, below)


def _show(bench: Workbench, stack: Id, pane: Viewport) -> None:
    """Show a stack in the first of its planes that no other viewport shows already."""
    others = [other.shown for other in bench.grid.visible_viewports if other is not pane and other.shown is not None]
    seen = {shown.planes.orientation for shown in others if shown.stack.stack.id == stack}
    bench.show_stack(stack, pane)
    if pane.shown is not None and seen:
        left = [kind for kind in _PLANES if kind in orientations(pane.shown.stack.grid) and kind not in seen]
        pane.set_orientation(left[0] if left else Orientation.NATIVE)


def _beside(bench: Workbench) -> Id | None:
    """Stack for the second viewport: of the last other timepoint, else the same again."""
    here = bench.grid.viewports[0].shown
    others = [one.id for one in bench.reading.case.in_order if here is None or one.id != here.stack.timepoint.id]
    if others:
        return bench.main_stack(others[-1])
    return None if here is None else here.stack.stack.id
