"""Native samples: from the bytes of a frame to stored values (PS3.5 8.1, 8.2; PS3.3 C.7.6.3).

Everything here works on one frame. Bits of a sample that hold no part of its value (below or above High Bit; in older
files overlays lie there, PS3.5 8.1.1) are taken out, and the sign is extended from High Bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.dicom.header import PixelLayout
from spinereview.errors import DicomError

NATIVE = frozenset(
    {
        "",  # no File Meta Information: the parser found out how the data set is written
        "1.2.840.10008.1.2",  # Implicit VR Little Endian
        "1.2.840.10008.1.2.1",  # Explicit VR Little Endian
        "1.2.840.10008.1.2.2",  # Explicit VR Big Endian (retired)
    }
)
DEFLATED = "1.2.840.10008.1.2.1.99"
"""Deflated Explicit VR Little Endian: the whole data set is one deflate stream."""

MONOCHROME = frozenset({"MONOCHROME1", "MONOCHROME2"})
SUBSAMPLED = "YBR_FULL_422"
"""Two luminance samples share one pair of chrominance samples (PS3.3 C.7.6.3.1.2): two bytes a pixel."""

_INTEGERS: dict[tuple[int, bool], np.dtype[Any]] = {
    (1, False): np.dtype(np.uint8),
    (8, False): np.dtype(np.uint8),
    (8, True): np.dtype(np.int8),
    (16, False): np.dtype(np.uint16),
    (16, True): np.dtype(np.int16),
    (32, False): np.dtype(np.uint32),
    (32, True): np.dtype(np.int32),
}


def check_layout(layout: PixelLayout) -> None:
    """Refuse a description of pixels that contradicts itself or that nobody can show.

    Raises
    ------
    DicomError
        ``PIXELS_LAYOUT`` with the attribute and its value.
    """
    checks = (
        ("Rows", layout.rows, 1 <= layout.rows <= 65535),
        ("Columns", layout.columns, 1 <= layout.columns <= 65535),
        ("Number of Frames", layout.frames, layout.frames >= 1),
        ("Samples per Pixel", layout.samples, layout.samples in {1, 3}),
        ("Planar Configuration", layout.planar, layout.planar in {0, 1}),
        ("Bits Allocated", layout.bits_allocated, (layout.bits_allocated, layout.signed) in _INTEGERS),
        ("Bits Stored", layout.bits_stored, 1 <= layout.bits_stored <= layout.bits_allocated),
        ("High Bit", layout.high_bit, layout.bits_stored - 1 <= layout.high_bit < layout.bits_allocated),
    )
    for attribute, value, holds in checks:
        if not holds:
            raise DicomError("PIXELS_LAYOUT", attribute=attribute, value=value)


def sample_type(layout: PixelLayout) -> np.dtype[Any]:
    """Type of a stored integer sample, in the byte order of this machine.

    Raises
    ------
    DicomError
        ``PIXELS_LAYOUT`` where the layout is none that can be shown.
    """
    check_layout(layout)
    return _INTEGERS[layout.bits_allocated, layout.signed]


def frame_samples(layout: PixelLayout) -> int:
    """How many samples one native frame holds on disk."""
    pixels = layout.rows * layout.columns
    return 2 * pixels if layout.photometric == SUBSAMPLED else pixels * layout.samples


def frame_bits(layout: PixelLayout) -> int:
    """Length of one native frame in bits; only 1-bit images may end within a byte (PS3.5 8.1.1)."""
    return frame_samples(layout) * layout.bits_allocated


def correct_bits(samples: NDArray[Any], layout: PixelLayout) -> None:
    """Take out, in place, the bits that are no part of the value, and extend the sign from High Bit."""
    unused = layout.bits_allocated - layout.bits_stored
    if unused == 0 or layout.bits_allocated == 1:
        return
    above = layout.bits_allocated - 1 - layout.high_bit
    if above:
        np.left_shift(samples, above, out=samples)
    np.right_shift(samples, unused, out=samples)


def native_frame(data: bytes, layout: PixelLayout, *, first_bit: int = 0) -> NDArray[Any]:
    """Stored samples of a native frame.

    Parameters
    ----------
    data
        The bytes that hold the frame, in the byte order of ``layout``.
    first_bit
        Where in the first byte a 1-bit frame begins; the least significant bit comes first.

    Returns
    -------
    Shape (rows, columns), or (rows, columns, 3) as stored for three samples.

    Raises
    ------
    DicomError
        ``PIXELS_TRUNCATED`` where the bytes are too few.
    """
    kind = sample_type(layout)
    count = frame_samples(layout)
    needed = (first_bit + count * layout.bits_allocated + 7) // 8
    if len(data) < needed:
        raise DicomError("PIXELS_TRUNCATED", has=len(data), needs=needed)
    if layout.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8, count=needed), bitorder="little")
        return bits[first_bit : first_bit + count].reshape(layout.rows, layout.columns)
    order = kind.newbyteorder(">" if layout.big_endian else "<")
    samples = np.frombuffer(data, dtype=order, count=count).astype(kind)
    correct_bits(samples, layout)
    return shape_samples(samples, layout)


def shape_samples(samples: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """Flat samples of a frame as (rows, columns) or (rows, columns, 3), whatever Planar Configuration says."""
    if layout.photometric == SUBSAMPLED:
        return _upsample(samples, layout)
    if layout.samples == 1:
        return samples.reshape(layout.rows, layout.columns)
    if layout.planar == 1:
        return np.moveaxis(samples.reshape(3, layout.rows, layout.columns), 0, -1)
    return samples.reshape(layout.rows, layout.columns, 3)


def _upsample(samples: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """Each pair of pixels is stored as Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2)."""
    if layout.columns % 2:
        raise DicomError("PIXELS_LAYOUT", attribute="Columns", value=layout.columns)
    pairs = samples.reshape(layout.rows, layout.columns // 2, 4)
    full = np.empty((layout.rows, layout.columns, 3), dtype=samples.dtype)
    full[:, :, 0] = pairs[:, :, :2].reshape(layout.rows, layout.columns)
    full[:, :, 1:] = np.repeat(pairs[:, :, 2:], 2, axis=1)
    return full
