"""X-rays of the phantom: parallel rays from one side to the other, so that nothing is magnified.

Lengths on the film are those in the patient; the truth of a point is its place along the rays' plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.phantom_contrast import Weighting
from spinereview.imaging.phantom_grid import Image, PhantomGrid
from spinereview.imaging.phantom_paint import Scene, paint, sheets
from spinereview.imaging.phantom_shapes import Organ
from spinereview.tasks import CancelToken

_STEP_MM = Decimal("2.5")
_HALF_WIDTH_MM = Decimal(170)
_THREADS = 2
_WATER_PER_MM = 0.02
_CALCIUM_PER_MM = 0.03
"""By how much more 1000 HU of bone weaken the beam than 1000 HU of water: calcium at low energy."""
_DARKEST, _BRIGHTEST = 3.4, 7.6
"""Line integrals that are black and white on the film."""
_DEEPEST = 4095


def lateral(
    grid: PhantomGrid, backdrop: Sequence[Organ], organs: Sequence[Organ], *, cancel: CancelToken | None = None
) -> Image:
    """Lateral film without noise: 0 to 4095, shape (1, rows, columns).

    Parameters
    ----------
    grid
        Sagittal, of one image.

    Raises
    ------
    Cancelled
        The user asked for it.
    """
    count = int(2 * _HALF_WIDTH_MM / _STEP_MM) + 1
    _, y, z = grid.middle_mm
    rays = replace(grid, slices=count, interval_mm=_STEP_MM, thickness_mm=_STEP_MM, middle_mm=(_HALF_WIDTH_MM, y, z))

    behind, scene = Scene(backdrop), Scene(organs)

    def weakened(index: int) -> Image:
        layer = np.full((1, grid.rows, grid.columns), -1000, dtype=np.float32)
        if cancel is None or not cancel.cancelled:
            sheet = sheets(rays, index)[0]
            paint(layer, sheet, behind, (Weighting.CT,))
            paint(layer, sheet, scene, (Weighting.CT,))
        hu = layer[0]
        per_mm: Image = _WATER_PER_MM * (1 + hu / 1000) + _CALCIUM_PER_MM * np.maximum(0, hu - 130) / 1000
        return per_mm * np.float32(_STEP_MM)

    total = np.zeros((grid.rows, grid.columns), dtype=np.float32)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="projection") as executor:
        for one in executor.map(weakened, range(count)):
            total += one
    if cancel is not None:
        cancel.check()
    return ((total - _DARKEST) / (_BRIGHTEST - _DARKEST) * _DEEPEST)[None]


def film(image: Image, *, seed: int, sd: float) -> NDArray[np.uint16]:
    """Stored values of a film with noise that is the same for the same seed."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal(image.shape, dtype=np.float32) * np.float32(sd)
    return np.clip(np.rint(image + noise), 0, _DEEPEST).astype(np.uint16)
