"""Values of a PET as translucent colours to lay over another image: to look at, never to measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.slicing import FloatVector, Grid

STEPS = 256
FULL_FROM = 0.25
"""Share of the top from which a colour has its whole opacity; below it what is cold lets the image through."""

AXIS_TOLERANCE = 0.001
"""How far a direction may lie beside an axis of the patient, as images of one stack may beside each other: 0.06 degree."""


def along_patient(grid: Grid) -> bool:
    """Whether rows, columns and images run along the axes of the patient, each along another one."""
    ways = np.abs(np.array(grid.along_mm))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    beside = np.sort(ways, axis=1)[:, :2]
    return bool((beside <= AXIS_TOLERANCE).all()) and len(set(ways.argmax(axis=1).tolist())) == 3


def middle_mm(grid: Grid) -> FloatVector | None:
    """Middle of a volume (LPS, mm); None where it has no place."""
    if grid.origin_mm is None:
        return None
    steps = (np.array(grid.shape) - 1) / 2
    x, y, z = (np.array(grid.origin_mm) + steps @ np.array(grid.along_mm)).tolist()
    return (x, y, z)


def hot(opacity: float) -> NDArray[np.uint8]:
    """Table of :data:`STEPS` colours from black over red and yellow to white, each (blue, green, red, alpha).

    Colours are multiplied by their alpha, as painting over an image wants it.

    Parameters
    ----------
    opacity
        Of the hottest, 0 to 1; the coldest has none.
    """
    share = np.linspace(0.0, 1.0, STEPS)
    red, green = (np.clip(share * 8 / 3 - at, 0, 1) for at in (0.0, 1.0))
    blue = np.clip(share * 4 - 3, 0, 1)
    alpha = opacity * np.clip(share / FULL_FROM, 0, 1)
    table = np.stack([blue * alpha, green * alpha, red * alpha, alpha], axis=1)
    return np.rint(table * 255).astype(np.uint8)


def colours(values: NDArray[np.float64], top: float, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours of values from 0 to the top, shape (rows, columns, 4); nothing where there is no value."""
    with np.errstate(invalid="ignore"):
        places = np.nan_to_num(np.clip(values / top, 0, 1) * (STEPS - 1), nan=0.0)
    return table[np.rint(places).astype(np.intp)]
