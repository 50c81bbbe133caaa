"""Planes across images, gathered with their neighbours.

Of a volume in memory, a plane along the last axis (a sagittal of axial images) takes one sample out of every row, each from
another line of the processor's cache; the samples beside it come along for nothing. Kept together, they make the next
planes of a scroll ten times cheaper to cut.
"""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.slicing import PlaneSet

TOGETHER = 16
"""Planes that are gathered at a time: a line of the cache holds 32 samples of 16 bits."""


class NearPlanes:
    """The neighbours of the plane that was cut last; for samples that do not change any more."""

    def __init__(self) -> None:
        self._kept: tuple[weakref.ref[NDArray[np.generic]], int, NDArray[np.generic]] | None = None

    def forget(self) -> None:
        """The samples have changed."""
        self._kept = None

    def cut(self, planes: PlaneSet, samples: NDArray[np.generic], index: int) -> NDArray[np.generic]:
        """The same samples as :meth:`spinereview.imaging.slicing.PlaneSet.cut` gives."""
        if planes.axes[0] != 2 or planes.grid.sheared:
            return planes.cut(samples, index)
        place = planes.array_index(index)
        first = place - place % TOGETHER
        if self._kept is None or self._kept[0]() is not samples or self._kept[1] != first:
            self._kept = (weakref.ref(samples), first, samples[:, :, first : first + TOGETHER].copy())
        block = self._kept[2]
        alone = replace(planes, reverse=(False, *planes.reverse[1:]))
        return alone.cut(block, place - first)
