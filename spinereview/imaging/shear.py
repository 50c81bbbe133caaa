"""Planes through images of a tilted gantry, with the shear taken out: to look at, never to measure.

Each image of such a stack is true; the next one lies not straight above it but moved within the plane. Laid one above the
other as they are stored, they show a sheared patient. Here every image is moved back by its own part of a sample.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shift = tuple[float, float]
"""How many rows and columns further each image's origin lies than that of the one before it."""


def padding(count: int, shift: float) -> tuple[float, int]:
    """Samples before the first image's first one, and how many more samples all images take together.

    >>> padding(5, 0.5), padding(5, -0.5)
    ((0.0, 2), (2.0, 2))
    """
    whole = (count - 1) * shift
    return max(0.0, -whole), ceil(abs(whole))


def straight_cut(samples: NDArray[Any], shift: Shift, axis: int, index: int) -> NDArray[Any]:
    """Plane across all images at one row (axis 1) or column (axis 2) of the straightened stack.

    Values between samples are interpolated linearly and rounded to the samples' own type; beyond an image is its blank:
    the least value of the type, NaN for floats.

    Returns
    -------
    Shape (images, columns) or (images, rows), of the straightened stack.
    """
    count = samples.shape[0]
    other = 3 - axis
    length = samples.shape[other] + padding(count, shift[other - 1])[1]
    kind = samples.dtype
    blank = np.nan if kind.kind == "f" else float(np.iinfo(kind).min)
    result = np.full((count, length), blank, dtype=np.float64)
    places = np.arange(length, dtype=np.float64)
    for image in range(count):
        line = _line(samples[image], axis - 1, index - _offset(count, shift[axis - 1], image))
        if line is not None:
            along = places - _offset(count, shift[other - 1], image)
            result[image] = np.interp(along, np.arange(line.size), line, left=blank, right=blank)
    return result.astype(kind) if kind.kind == "f" else np.rint(result).astype(kind)


def _offset(count: int, shift: float, image: int) -> float:
    return padding(count, shift)[0] + image * shift


def _line(image: NDArray[Any], axis: int, place: float) -> NDArray[np.float64] | None:
    """Row or column at a place between samples; None beyond the image."""
    last = image.shape[axis] - 1
    place = round(place, 9)
    if not 0 <= place <= last:
        return None
    before = floor(place)
    share = place - before
    line: NDArray[np.float64] = np.take(image, before, axis=axis).astype(np.float64)
    if share:
        line = line * (1 - share) + np.take(image, before + 1, axis=axis) * share
    return line
