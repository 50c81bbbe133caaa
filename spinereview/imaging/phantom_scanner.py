"""A scanner of the phantom: from the spine and the lesions of a visit to the stored samples of a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.phantom_contrast import Weighting
from spinereview.imaging.phantom_grid import Image, PhantomGrid
from spinereview.imaging.phantom_lesion import PhantomLesion
from spinereview.imaging.phantom_noise import coil, with_mr_noise, with_noise
from spinereview.imaging.phantom_paint import add, render
from spinereview.imaging.phantom_projection import film, lateral
from spinereview.imaging.phantom_shapes import Organ
from spinereview.imaging.phantom_spine import Spine, spine
from spinereview.imaging.phantom_trunk import organs, wall
from spinereview.tasks import CancelToken, Progress, no_progress

Weightings = tuple[Weighting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How a series is recorded: what it shows, how wide its noise is, and the seed of that noise."""

    weighting: Weighting
    noise: float
    seed: int
    projection: bool = False


def without_lesions(
    grid: PhantomGrid,
    standing: Spine,
    weightings: Weightings,
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Image:
    """Cross-sections without lesions and noise: shape (weightings, slices, rows, columns).

    Raises
    ------
    Cancelled
        The user asked for it.
    """
    return render(grid, wall(), organs(standing, spine()), weightings, cancel=cancel, progress=progress)


def add_lesions(images: Image, grid: PhantomGrid, lesions: Sequence[PhantomLesion], weightings: Weightings) -> None:
    """Paint lesions over cross-sections in place, in their order."""
    add(images, grid, _organs(lesions), weightings)


def lateral_film(
    grid: PhantomGrid, standing: Spine, lesions: Sequence[PhantomLesion], *, cancel: CancelToken | None = None
) -> Image:
    """A lateral film without noise, shape (1, rows, columns).

    Raises
    ------
    Cancelled
        The user asked for it.
    """
    return lateral(grid, wall(), (*organs(standing, spine()), *_organs(lesions)), cancel=cancel)


def recorded(image: Image, grid: PhantomGrid, exposure: Exposure) -> NDArray[Any]:
    """Stored samples of a series, shape (slices, rows, columns): int16, of a film uint16."""
    if exposure.projection:
        return film(image, seed=exposure.seed, sd=exposure.noise)
    if exposure.weighting is Weighting.CT:
        return with_noise(image, seed=exposure.seed, sd_hu=exposure.noise)
    return with_mr_noise(image, seed=exposure.seed, sd=exposure.noise, depth=_depth(grid))


def _organs(lesions: Sequence[PhantomLesion]) -> tuple[Organ, ...]:
    return tuple(organ for lesion in lesions for organ in lesion.organs())


def _depth(grid: PhantomGrid) -> Image:
    """What the coil takes up at each pixel, broadcasting to (rows, columns)."""
    across, down = float(grid.row_direction[1]), float(grid.column_direction[1])
    back = float(grid.middle_mm[1]) + across * grid.columns_mm()[None, :] + down * grid.rows_mm()[:, None]
    return coil(back.astype(np.float32))
