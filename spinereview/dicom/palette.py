"""Palette indices as red, green, blue (PS3.3 C.7.9), by tables whose size is checked before they are unfolded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.pixels.processing import apply_color_lut

from spinereview.errors import DicomError

_COLOURS = ("Red", "Green", "Blue")
_TAGS = tuple(
    f"{segmented}{colour}PaletteColorLookupTable{part}"
    for segmented, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    for colour in _COLOURS
)
_MOST_ENTRIES = 1 << 16
_ERRORS = (
    AttributeError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    ZeroDivisionError,
    OverflowError,
    NotImplementedError,
    EOFError,
    RecursionError,
    struct.error,
    InvalidDicomError,
)
"""What reading and unfolding raise on tables that are none."""


def read_palette(path: Path) -> Dataset:
    """Colour tables of a file.

    Raises
    ------
    DicomError
        ``PIXELS_PALETTE``.
    """
    try:
        palette = dcmread(path, force=True, stop_before_pixels=True, specific_tags=list(_TAGS))
        for colour in _COLOURS:
            plain = bytes(palette.get(f"{colour}PaletteColorLookupTableData") or b"")
            segmented = bytes(palette.get(f"Segmented{colour}PaletteColorLookupTableData") or b"")
            if len(plain) > 2 * _MOST_ENTRIES or _unfolded(palette, segmented) > _MOST_ENTRIES:
                raise DicomError("PIXELS_PALETTE", error=f"more than {_MOST_ENTRIES} entries")
    except _ERRORS as error:
        raise DicomError("PIXELS_PALETTE", error=error) from error
    return palette


def _unfolded(palette: Dataset, segmented: bytes) -> int:
    """How many entries the segments of a table make at most; one that repeats others at most doubles them (C.7.9.2)."""
    if not segmented:
        return 0
    wide = palette.RedPaletteColorLookupTableDescriptor[2] != 8
    order = "<" if palette.original_encoding[1] else ">"
    numbers = struct.unpack(f"{order}{len(segmented) // (1 + wide)}{'H' if wide else 'B'}", segmented)
    total, repeats, at = 0, 0, 0
    while at + 1 < len(numbers):
        kind, length = numbers[at : at + 2]
        repeats += kind == 2
        total += length if kind != 2 else 0
        at += 2 + (length if kind == 0 else 1 if kind == 1 else 2 if wide else 4)
    return total << min(repeats, 32)


def coloured(samples: NDArray[Any], palette: Dataset) -> NDArray[Any]:
    """Palette indices as red, green, blue.

    Raises
    ------
    DicomError
        ``PIXELS_PALETTE``.
    """
    try:
        return apply_color_lut(samples, palette)
    except _ERRORS as error:
        raise DicomError("PIXELS_PALETTE", error=error) from error
