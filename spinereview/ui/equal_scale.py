"""Compared viewports show a millimetre equally long."""

from __future__ import annotations

from spinereview.ui.viewport import Viewport
from spinereview.ui.viewport_grid import ViewportGrid


def equalise(grid: ViewportGrid, leader: Viewport | None = None) -> None:
    """Compared viewports show a millimetre equally long."""
    compared = [
        (pane, pane.shown)
        for pane in grid.visible_viewports
        if pane.shown is not None and pane.shown.stack.grid.calibrated
    ]
    led = leader.shown if leader is not None else None
    if (led is None or led.fit) and compared and all(shown.fit for _, shown in compared):
        scale = min(pane.fitting_scale() for pane, _ in compared)
    else:
        first = leader or grid.active
        scale = next((shown.view.scale for pane, shown in compared if pane is first), 0.0)
    for pane, _ in compared:
        if scale:
            pane.match_scale(scale)
