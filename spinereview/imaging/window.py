"""Window and level: from stored samples to grey, exactly as PS3.3 C.11.2.1.2 says.

A slope and intercept that all images share are folded into a table of one grey per stored value, so that a frame costs one
look-up a pixel. Where slopes differ from image to image the caller passes real values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Window centre and width in real values (HU, or what the rescale gives); the width is at least 1."""

    centre: float
    width: float

    def dragged(self, right: float, down: float, per_pixel: float) -> Window:
        """The window after a drag: to the right widens, downward raises the centre."""
        return Window(centre=self.centre + down * per_pixel, width=max(1.0, self.width + right * per_pixel))


PRESETS: tuple[tuple[str, Window], ...] = (
    ("SOFT_TISSUE", Window(centre=40, width=400)),
    ("BONE", Window(centre=400, width=1800)),
    ("LUNG", Window(centre=-600, width=1500)),
)
"""Of CT alone, in Hounsfield units; usual values of the textbooks, no source prescribes them."""


def grey(values: NDArray[np.generic], window: Window, *, inverted: bool = False) -> NDArray[np.uint8]:
    """Grey of real values, by the linear function of PS3.3 C.11.2.1.2.1.

    Parameters
    ----------
    values
        Real values, any shape.
    inverted
        Whether low values are bright (MONOCHROME1, or inverted by the reader).
    """
    real = values.astype(np.float32)
    width = max(window.width, 1.0)
    if width > 1:
        shade = ((real - np.float32(window.centre - 0.5)) / np.float32(width - 1) + np.float32(0.5)) * np.float32(255)
    else:
        shade = np.where(real > window.centre - 0.5, np.float32(255), np.float32(0))
    shade = np.nan_to_num(shade, nan=0.0)
    result: NDArray[np.uint8] = np.clip(np.rint(shade), 0, 255).astype(np.uint8)
    return np.uint8(255) - result if inverted else result


@lru_cache(maxsize=16)
def table(sample_type: str, slope: float, intercept: float, window: Window, *, inverted: bool) -> NDArray[np.uint8]:
    """Grey of every stored value of an 8- or 16-bit sample type, indexed by its bits read as unsigned."""
    kind = np.dtype(sample_type)
    bits = np.arange(1 << (8 * kind.itemsize), dtype=f"u{kind.itemsize}")
    stored = bits.view(kind).astype(np.float64)
    shades = grey(stored * slope + intercept, window, inverted=inverted)
    shades.setflags(write=False)
    return shades


def grey_of_stored(
    samples: NDArray[np.generic], slope: float, intercept: float, window: Window, *, inverted: bool = False
) -> NDArray[np.uint8]:
    """Grey of one plane of stored samples.

    Parameters
    ----------
    samples
        (rows, columns) of any sample type; 8- and 16-bit ones go through a table.
    """
    if samples.dtype.kind in "iu" and samples.dtype.itemsize <= 2:
        shades = table(samples.dtype.str, slope, intercept, window, inverted=inverted)
        unsigned = samples.view(f"u{samples.dtype.itemsize}")
        # Every value of the type is in the table; told so, the look-up is faster.
        found: NDArray[np.uint8] = shades.take(unsigned, mode="clip")
        return found
    return grey(samples.astype(np.float64) * slope + intercept, window, inverted=inverted)


def suggested(values: NDArray[np.generic]) -> Window:
    """Window for images that suggest none: from the 1st to the 99th percentile of a plane's real values."""
    finite = np.isfinite(values)
    ordered = np.sort(values if finite.all() else values[finite], axis=None)
    if ordered.size == 0:
        return Window(centre=0.0, width=1.0)
    low, high = _quantile(ordered, 0.01), _quantile(ordered, 0.99)
    return Window(centre=(low + high) / 2, width=max(1.0, high - low))


def _quantile(ordered: NDArray[np.generic], share: float) -> float:
    """The value below which such a share lies, in a straight line between two neighbours: that of :func:`numpy.percentile`.

    Sorting whole is the faster way: processors sort many numbers at once, and select them one by one.
    """
    place = (ordered.size - 1) * share
    before = int(place)
    here, there = (float(value) for value in ordered[[before, min(before + 1, ordered.size - 1)]].astype(np.float64))
    part = place - before
    return here + (there - here) * part if part < 0.5 else there - (there - here) * (1 - part)
