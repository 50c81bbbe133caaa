"""Small pictures of a stack for lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window, grey_of_stored, suggested

Greys = NDArray[np.uint8]
"""(rows, columns) of grey, or (rows, columns, 3) of red, green, blue."""


def small_picture(volume: Volume, window: Window | None, side: int) -> Greys:
    """Picture of the first image of a volume with every n-th sample, about ``side`` pixels along its longer side.

    Without a window the picture is windowed by its own values.
    """
    step = max(1, max(volume.rows, volume.columns) // side)
    small: NDArray[np.generic] = np.ascontiguousarray(volume.samples[0, ::step, ::step])
    if volume.colour:
        return small.astype(np.uint8)
    slope, intercept = float(volume.slope[0]), float(volume.intercept[0])
    chosen = window or suggested(small.astype(np.float64) * slope + intercept)
    return grey_of_stored(small, slope, intercept, chosen, inverted=volume.inverted)
