"""One frame of Pixel Data to stored samples, whatever its transfer syntax.

:func:`decode` is a plain function of bytes and a layout: it can run in a thread, or in a process that only decodes.
Size and components of a stream are compared with the header before a decoder sees it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import convert_color_space

from spinereview.dicom.header import PixelLayout
from spinereview.dicom.samples import (
    MONOCHROME,
    NATIVE,
    SUBSAMPLED,
    check_layout,
    correct_bits,
    native_frame,
    sample_type,
)
from spinereview.dicom.streams import MOST_TILES, StreamHeader, check_end, jpeg2000_header, jpeg_header, jpeg_xl_header
from spinereview.dicom.transfer_syntaxes import name_of
from spinereview.errors import DicomError

_JPEG_LOSSLESS_PROCESS = 0xC3
_LONGEST_UID = 64
_RLE_SPARE = 1024
"""Bytes that a short segment of RLE may unfold to beside twice its length; more is no padding."""
_YBR = frozenset({"YBR_FULL", SUBSAMPLED})
_YBR_IN_STREAM = frozenset({"YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420", "XYB"})
"""The stream's own colour transform, which its decoder undoes."""
_COLOURS = frozenset({"RGB"}) | _YBR | _YBR_IN_STREAM

_DECODER_ERRORS = (
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    OverflowError,
    MemoryError,
    zlib.error,
    struct.error,
)
"""What the decoders raise on data that are none: their own errors are RuntimeErrors."""


def decode(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """Stored samples of one frame.

    Parameters
    ----------
    data
        One frame: native bytes, or its fragments joined.
    layout
        Of the file that the frame is from.

    Returns
    -------
    Shape (rows, columns) in the type that the layout states, palette indices included; colour (rows, columns, 3), red,
    green, blue.

    Raises
    ------
    DicomError
        ``TRANSFER_SYNTAX_UNSUPPORTED``, ``PHOTOMETRIC_UNSUPPORTED``, ``PIXELS_LAYOUT``, ``PIXELS_TRUNCATED``;
        ``PIXELS_SIZE`` where the stream has another size than the header, ``PIXELS_DECODE`` with the decoder's words.
    """
    if layout.transfer_syntax_uid in NATIVE:
        check_layout(layout)
        check_photometric(layout)
        return to_rgb(native_frame(data, layout), layout)
    check_stream(data, layout)
    try:
        return _DECODERS[layout.transfer_syntax_uid](data, layout)
    except _DECODER_ERRORS as error:
        raise DicomError("PIXELS_DECODE", error=error) from error


def check_stream(data: bytes, layout: PixelLayout) -> None:
    """Compare what a compressed stream says of itself with the header, before a decoder sees it.

    Raises
    ------
    DicomError
        ``TRANSFER_SYNTAX_UNSUPPORTED``, ``PHOTOMETRIC_UNSUPPORTED``, ``PIXELS_LAYOUT``; ``PIXELS_SIZE`` where it has another
        size, ``PIXELS_DECODE`` where it is no such stream.
    """
    check_layout(layout)
    check_photometric(layout)
    decoder = _DECODERS.get(layout.transfer_syntax_uid)
    if decoder is None:
        raise unsupported(layout.transfer_syntax_uid)
    read = _HEADERS.get(decoder)
    if read is None:
        return
    try:
        _check_header(read(data), layout)
    except struct.error as error:
        raise DicomError("PIXELS_DECODE", error=error) from error


def supported(transfer_syntax_uid: str) -> bool:
    """Whether :func:`decode` knows a transfer syntax."""
    return transfer_syntax_uid in NATIVE or transfer_syntax_uid in _DECODERS


def unsupported(transfer_syntax_uid: str) -> DicomError:
    """That a transfer syntax is not read, by UID and name."""
    name = name_of(transfer_syntax_uid)
    return DicomError("TRANSFER_SYNTAX_UNSUPPORTED", uid=transfer_syntax_uid[:_LONGEST_UID], name=name)


def check_photometric(layout: PixelLayout) -> None:
    """Refuse a Photometric Interpretation that cannot be shown rightly.

    Raises
    ------
    DicomError
        ``PHOTOMETRIC_UNSUPPORTED``.
    """
    known = _COLOURS if layout.samples == 3 else MONOCHROME | {"PALETTE COLOR"}
    if layout.photometric not in known or (layout.samples == 3 and layout.signed):
        raise DicomError("PHOTOMETRIC_UNSUPPORTED", value=layout.photometric)


def to_rgb(samples: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """Samples with YBR_FULL turned into red, green, blue (PS3.3 C.7.6.3.1.2); all others as they are."""
    if layout.samples == 3 and layout.photometric in _YBR:
        return convert_color_space(samples, "YBR_FULL", "RGB", per_frame=True)
    return samples


def _check_header(header: StreamHeader, layout: PixelLayout) -> None:
    stream = (header.rows, header.columns, header.components or layout.samples)
    if stream != (layout.rows, layout.columns, layout.samples):
        stated = f"{layout.rows} x {layout.columns} x {layout.samples}"
        raise DicomError("PIXELS_SIZE", stated=stated, found=" x ".join(str(part) for part in stream))
    if header.precision > layout.bits_allocated:
        raise DicomError("PIXELS_SIZE", stated=f"{layout.bits_allocated} bit", found=f"{header.precision} bit")
    if header.tiles > MOST_TILES:
        raise DicomError("PIXELS_DECODE", error=f"{header.tiles} tiles")


def _stored(decoded: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """Decoded samples in the type of the layout; a stream may not know that its samples are signed.

    JPEG and JPEG-LS give unsigned numbers always, JPEG 2000 streams are found with the wrong sign flag: the low Bits Stored
    bits are then the two's complement of the value (PS3.5 8.2.1 - 8.2.4).
    """
    kind = sample_type(layout)
    if decoded.dtype.kind == kind.kind or layout.bits_allocated == 1:
        return decoded.astype(kind, copy=False)
    if kind.kind == "i":
        unused = kind.itemsize * 8 - layout.bits_stored
        widened = decoded.astype(kind.str.replace("i", "u"), copy=False).view(kind)
        return (widened << unused) >> unused if unused else widened
    mask = (1 << layout.bits_stored) - 1
    return (decoded.astype(np.int64) & mask).astype(kind)


def _jpeg(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """JPEG baseline, extended, progressive and lossless (ITU-T T.81)."""
    header = jpeg_header(data)
    check_end(data, header)
    if header.process == _JPEG_LOSSLESS_PROCESS:
        return to_rgb(_stored(_jpeg_lossless(data), layout), layout)
    if layout.samples == 1:
        return _stored(imagecodecs.jpeg8_decode(data), layout)
    return imagecodecs.jpeg8_decode(data, colorspace=_jpeg_colours(header, layout), outcolorspace="RGB")


def _jpeg_lossless(data: bytes) -> NDArray[Any]:
    """Samples of a lossless stream as they are; the second decoder is slower and takes streams that the first refuses."""
    try:
        return imagecodecs.jpeg8_decode(data, colorspace="UNKNOWN", outcolorspace="UNKNOWN")
    except RuntimeError:
        return np.ascontiguousarray(imagecodecs.jpegsof3_decode(data))


def _jpeg_colours(header: StreamHeader, layout: PixelLayout) -> str:
    """Colours inside a lossy JPEG stream: its Adobe segment says so, else Photometric Interpretation does."""
    if header.adobe is not None:
        return "YCbCr" if header.adobe == 1 else "RGB"
    return "RGB" if layout.photometric == "RGB" else "YCbCr"


def _jpeg_ls(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """JPEG-LS, lossless and near-lossless (ITU-T T.87)."""
    return to_rgb(_stored(imagecodecs.jpegls_decode(data), layout), layout)


def _jpeg2000(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """JPEG 2000 part 1, lossless and lossy (ITU-T T.800)."""
    return to_rgb(_stored(imagecodecs.jpeg2k_decode(data, planar=False, numthreads=1), layout), layout)


def _htj2k(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """High-Throughput JPEG 2000 (ITU-T T.814)."""
    check_end(data, jpeg2000_header(data))
    return to_rgb(_stored(imagecodecs.htj2k_decode(data, planar=False), layout), layout)


def _jpeg_xl(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """JPEG XL, also one that a JPEG was turned into (ISO/IEC 18181); its own colours come out as red, green, blue."""
    samples = imagecodecs.jpegxl_decode(data, numthreads=1)
    if samples.dtype.kind != "u" or samples.dtype.itemsize * 8 > layout.bits_allocated:
        raise DicomError("PIXELS_SIZE", stated=f"{layout.bits_allocated} bit", found=samples.dtype)
    return _stored(samples, layout)


def _encapsulated(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """Encapsulated Uncompressed (PS3.5 A.4.11): native frames in fragments."""
    return to_rgb(native_frame(data, layout), layout)


def _rle(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """RLE Lossless: one PackBits segment a byte of the sample, the most significant first (PS3.5 annex G)."""
    kind = sample_type(layout)
    count, *offsets = struct.unpack_from("<16I", data)
    planes = layout.samples * kind.itemsize
    if count != planes:
        raise DicomError("PIXELS_DECODE", error=f"{count} segments instead of {planes}")
    bits = layout.bits_allocated == 1
    pixels = layout.rows * layout.columns
    length = (pixels + 7) // 8 if bits else pixels
    stops = [*offsets[1:count], len(data)]
    room = 2 * length + _RLE_SPARE
    decoded = np.empty((planes, length), dtype=np.uint8)
    for plane, (start, stop) in enumerate(zip(offsets[:count], stops, strict=True)):
        segment = imagecodecs.packbits_decode(data[start:stop], out=room)
        if len(segment) < length:
            raise DicomError("PIXELS_TRUNCATED", has=len(segment), needs=length)
        decoded[plane] = np.frombuffer(segment, dtype=np.uint8, count=length)
    if bits:
        return np.unpackbits(decoded[0], bitorder="little")[:pixels].reshape(layout.rows, layout.columns)
    big_endian = np.ascontiguousarray(decoded.reshape(layout.samples, kind.itemsize, pixels).transpose(2, 0, 1))
    samples = big_endian.view(kind.newbyteorder(">")).astype(kind)
    correct_bits(samples, layout)
    shape = (layout.rows, layout.columns) if layout.samples == 1 else (layout.rows, layout.columns, 3)
    return to_rgb(samples.reshape(shape), layout)


def _deflated_frame(data: bytes, layout: PixelLayout) -> NDArray[Any]:
    """Deflated Image Frame Compression (PS3.5 A.4.14): one deflate stream a frame, never longer than the frame."""
    native = inflate(data, limit=(layout.rows * layout.columns * layout.samples * layout.bits_allocated + 7) // 8 + 1)
    return to_rgb(native_frame(native, layout), layout)


def inflate(data: bytes, *, limit: int) -> bytes:
    """Inflate a raw deflate stream (RFC 1951) of a stated greatest length.

    Raises
    ------
    DicomError
        ``PIXELS_INFLATE_LIMIT`` where it would become longer; ``PIXELS_DECODE`` where it is no such stream.
    """
    inflated, more = inflate_part(data, limit=limit)
    if more:
        raise DicomError("PIXELS_INFLATE_LIMIT", limit_mb=limit // 2**20)
    return inflated


def inflate_part(data: bytes, *, limit: int) -> tuple[bytes, bool]:
    """First bytes of a raw deflate stream, at most so many, and whether there are more.

    Raises
    ------
    DicomError
        ``PIXELS_DECODE`` where it is no such stream.
    """
    stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(data, limit)
        more = not stream.eof and bool(stream.decompress(stream.unconsumed_tail, 1))
    except zlib.error as error:
        raise DicomError("PIXELS_DECODE", error=error) from error
    return inflated, more


_UID = "1.2.840.10008.1.2."
_DECODERS: dict[str, Callable[[bytes, PixelLayout], NDArray[Any]]] = {
    _UID + "4.50": _jpeg,  # JPEG Baseline (Process 1)
    _UID + "4.51": _jpeg,  # JPEG Extended (Process 2 and 4)
    _UID + "4.53": _jpeg,  # JPEG Spectral Selection (Process 6 and 8, retired)
    _UID + "4.55": _jpeg,  # JPEG Full Progression (Process 10 and 12, retired)
    _UID + "4.57": _jpeg,  # JPEG Lossless (Process 14)
    _UID + "4.70": _jpeg,  # JPEG Lossless (Process 14, Selection Value 1)
    _UID + "4.80": _jpeg_ls,  # JPEG-LS Lossless
    _UID + "4.81": _jpeg_ls,  # JPEG-LS Near-Lossless
    _UID + "4.90": _jpeg2000,  # JPEG 2000, lossless only
    _UID + "4.91": _jpeg2000,  # JPEG 2000
    _UID + "4.110": _jpeg_xl,  # JPEG XL Lossless
    _UID + "4.111": _jpeg_xl,  # JPEG XL JPEG Recompression
    _UID + "4.112": _jpeg_xl,  # JPEG XL
    _UID + "4.201": _htj2k,  # High-Throughput JPEG 2000, lossless only
    _UID + "4.202": _htj2k,  # High-Throughput JPEG 2000 with RPCL, lossless only
    _UID + "4.203": _htj2k,  # High-Throughput JPEG 2000
    _UID + "5": _rle,  # RLE Lossless
    _UID + "1.98": _encapsulated,  # Encapsulated Uncompressed Explicit VR Little Endian
    _UID + "8.1": _deflated_frame,  # Deflated Image Frame Compression
}
_HEADERS: dict[Callable[[bytes, PixelLayout], NDArray[Any]], Callable[[bytes], StreamHeader]] = {
    _jpeg: jpeg_header,
    _jpeg_ls: jpeg_header,
    _jpeg2000: jpeg2000_header,
    _htj2k: jpeg2000_header,
    _jpeg_xl: jpeg_xl_header,
}
