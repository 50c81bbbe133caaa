"""Pictures of one plane of a volume: windowed greys, and the PNG of a part of them.

The PNG is made here with zlib alone, so that equal greys give equal bytes.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.near import NearPlanes
from spinereview.imaging.slicing import PlaneSet
from spinereview.imaging.thumbnail import Greys
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window, grey, grey_of_stored, suggested

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2
_COMPRESSION = 9
_SPARSE = 16
"""Every how many rows and columns are looked at first: nearly every picture that is not flat shows it there."""


def plane_greys(
    volume: Volume, planes: PlaneSet, index: int, window: Window, *, inverted: bool, near: NearPlanes | None = None
) -> NDArray[np.uint8]:
    """Greys (or colours) of a plane, as far as its samples are there; what is missing is black.

    A stack whose images have different slopes is windowed image by image, or from real values in a reformat.

    Parameters
    ----------
    near
        What a viewport keeps of the planes beside those it shows.
    """
    if volume.colour:
        colours: NDArray[np.uint8] = np.asarray(planes.cut(volume.samples, index), dtype=np.uint8)
        return colours
    turned = volume.inverted != inverted
    if planes.axes[0] == 0:
        place = planes.array_index(index)
        slope, intercept = float(volume.slope[place]), float(volume.intercept[place])
        return grey_of_stored(planes.cut(volume.samples, index), slope, intercept, window, inverted=turned)
    beside = near if volume.complete else None
    samples: NDArray[Any] = (
        planes.cut(volume.samples, index) if beside is None else beside.cut(planes, volume.samples, index)
    )
    if volume.uniform_rescale:
        slope, intercept = float(volume.slope[0]), float(volume.intercept[0])
        return grey_of_stored(samples, slope, intercept, window, inverted=turned)
    across = planes.axes[1:].index(0)
    order = slice(None, None, -1) if planes.reverse[1 + across] else slice(None)
    shape = (-1, 1) if across == 0 else (1, -1)
    real = samples * volume.slope[order].reshape(shape) + volume.intercept[order].reshape(shape)
    return grey(real, window, inverted=turned)


def is_flat(greys: NDArray[np.uint8]) -> bool:
    """Whether a picture is nothing but black, or nothing but white."""
    first = greys.flat[0]
    if greys.ndim != 2 or first not in (0, 255):
        return False
    return bool((greys[::_SPARSE, ::_SPARSE] == first).all() and (greys == first).all())


def windowed(volume: Volume, planes: PlaneSet, index: int, window: Window | None) -> tuple[Greys, Window | None]:
    """Greys of a plane at a window, without one at that of its own values; and the window, None for colours."""
    if volume.colour:
        return plane_greys(volume, planes, index, Window(centre=0, width=1), inverted=False), None
    if window is None:
        place = planes.array_index(index) if planes.axes[0] == 0 else 0
        slope, intercept = float(volume.slope[place]), float(volume.intercept[place])
        window = suggested(planes.cut(volume.samples, index).astype(np.float64) * slope + intercept)
    return plane_greys(volume, planes, index, window, inverted=False), window


def png_bytes(shades: NDArray[np.uint8]) -> bytes:
    """PNG (ISO/IEC 15948) of greys, (rows, columns), or of colours, (rows, columns, 3); 8 bits, no dates, no metadata."""
    rows, columns = shades.shape[:2]
    kind = _COLOUR if shades.ndim == 3 else _GREY
    lines = np.ascontiguousarray(shades).reshape(rows, -1)
    # Every line begins with the number of its filter: 2, the difference to the line above.
    differences = np.diff(lines, axis=0, prepend=np.zeros((1, lines.shape[1]), dtype=np.uint8))
    filtered = np.concatenate([np.full((rows, 1), 2, dtype=np.uint8), differences], axis=1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, kind, 0, 0, 0)
    data = zlib.compress(filtered.tobytes(), _COMPRESSION)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
