"""A CT of any length that takes little room on the disk: headers by the program's own writer, pixels that are holes.

A hole is read as zeros at the speed of the system's memory, so that growth is measured and not a disk. Each file has the
length that it states.
"""

from __future__ import annotations

import struct
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks.phantoms import plan
from spinereview.dicom.series_plan import SeriesGeometry
from spinereview.dicom.write import write_series

SIDE = 512
_SMALL = 8
_STEP_MM = Decimal("0.5")


def sparse_ct(folder: Path, images: int) -> None:
    """Write a CT of 512 x 512; the first 64 samples of each image hold its number, all others are zero."""
    zero, one = Decimal(0), Decimal(1)
    geometry = SeriesGeometry(
        origin_mm=(Decimal(-180), Decimal(-180), Decimal(-300)),
        row_direction=(one, zero, zero),
        column_direction=(zero, one, zero),
        pixel_spacing_mm=(Decimal("0.7"), Decimal("0.7")),
        step_mm=(zero, zero, _STEP_MM),
        slice_thickness_mm=_STEP_MM,
    )
    numbered = np.arange(1, images + 1, dtype=np.int16)[:, None, None].repeat(_SMALL, 1).repeat(_SMALL, 2)
    for path in write_series(folder, numbered, plan(f"sparse {images}", geometry=geometry)):
        _stretch(path)


def _stretch(path: Path) -> None:
    """Make an image of 8 x 8 one of 512 x 512: its rows, its columns and the length of its pixels (PS3.5 7.1)."""
    data = bytearray(path.read_bytes())
    for element in (b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x11\x00US\x02\x00"):
        struct.pack_into("<H", data, _only(data, element), SIDE)
    start = _only(data, b"\xe0\x7f\x10\x00OW\x00\x00")
    struct.pack_into("<I", data, start, SIDE * SIDE * 2)
    with path.open("wb") as file:
        file.write(data)
        file.truncate(start + 4 + SIDE * SIDE * 2)


def _only(data: bytearray, element: bytes) -> int:
    """Where the value of an element begins that is there once."""
    if data.count(element) != 1:
        raise AssertionError(f"{element!r} is not there once")
    return data.index(element) + len(element)
