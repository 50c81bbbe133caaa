"""What is hung where: the second viewport beside the first with another timepoint, the lower row the sagittal planes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.domain.imaging import Id
from spinereview.imaging.slicing import Orientation, orientations
from spinereview.ui.viewport_grid import ACROSS

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench


def hang(bench: Workbench, count: int) -> None:
    """Show one, two or four viewports; those that come empty are filled.

    Of four the lower row shows what hangs above as sagittal planes, where the stack has any.
    """
    bench.grid.show_count(count)
    panes = bench.grid.visible_viewports
    if count > 1 and panes[1].shown is None:
        stack = _beside(bench)
        if stack is not None:
            bench.show_stack(stack, panes[1])
    for above, below in zip(panes, panes[ACROSS:], strict=False):
        if below.shown is None and above.shown is not None:
            bench.show_stack(above.shown.stack.stack.id, below)
            if Orientation.SAGITTAL in orientations(above.shown.stack.grid):
                below.set_orientation(Orientation.SAGITTAL)


def _beside(bench: Workbench) -> Id | None:
    """Stack for the second viewport: of the last other timepoint, else the same again."""
    here = bench.grid.viewports[0].shown
    others = [one.id for one in bench.reading.case.in_order if here is None or one.id != here.stack.timepoint.id]
    if others:
        return bench.main_stack(others[-1])
    return None if here is None else here.stack.stack.id
