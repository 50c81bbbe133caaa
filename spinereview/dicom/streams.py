"""What a compressed stream says about itself before it is decoded: size, components, precision.

Read first, so that a stream that claims another size than the header is refused and never given memory.
JPEG and JPEG-LS: ITU-T T.81 B.2.2 (frame header), T.87 C.2.2. JPEG 2000: ITU-T T.800 A.5.1 (SIZ). JPEG XL: ISO/IEC
18181-1 annex D (size header), 18181-2 (container).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from spinereview.errors import DicomError

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment: TEM, RST0-7, SOI."""
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""SOF0-15 without DHT, JPG and DAC, and SOF55 of JPEG-LS."""
MOST_TILES = 65535
"""Of a JPEG 2000 codestream (T.800 A.4.2); more would cost memory before any is read."""
_JPEG_XL = b"\xff\x0a"
_JPEG_XL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Columns to rows, by the ratio of the size header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHeader:
    """Frame header of a stream.

    Parameters
    ----------
    offset
        Where in the data the header stands.
    components, precision
        0 where only the decoder can tell (JPEG XL).
    process
        Low byte of the SOF marker of JPEG and JPEG-LS; None for JPEG 2000.
    signed
        Whether samples are signed; only JPEG 2000 knows.
    tiles
        How many a JPEG 2000 stream is made of.
    adobe
        Transform of the Adobe APP14 segment: 0 none, 1 YCbCr; None where there is no such segment.
    """

    rows: int
    columns: int
    components: int
    precision: int
    process: int | None
    offset: int
    signed: bool = False
    tiles: int = 1
    adobe: int | None = None


def jpeg_header(data: bytes) -> StreamHeader:
    """Frame header of a JPEG or JPEG-LS stream.

    Raises
    ------
    DicomError
        ``PIXELS_DECODE`` where there is none.
    """
    if data[:2] != b"\xff\xd8":
        raise DicomError("PIXELS_DECODE", error="no JPEG stream")
    at, adobe = 2, None
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if marker in _FRAME_HEADERS and len(body) >= 6:
            precision, rows, columns, components = struct.unpack_from(">BHHB", body)
            return StreamHeader(
                rows=rows,
                columns=columns,
                components=components,
                precision=precision,
                process=marker,
                offset=at,
                adobe=adobe,
            )
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        at += 2 + length
    raise DicomError("PIXELS_DECODE", error="no frame header")


def jpeg2000_header(data: bytes) -> StreamHeader:
    """SIZ segment of a JPEG 2000 or HTJ2K codestream; one inside a JP2 file is found too, as some archives store that.

    Raises
    ------
    DicomError
        ``PIXELS_DECODE`` where there is none.
    """
    at = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0 or len(data) < at + 43:
        raise DicomError("PIXELS_DECODE", error="no JPEG 2000 codestream")
    right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
    width, height = struct.unpack_from(">2I", data, at + 24)
    tiles = -(-right // width) * -(-bottom // height) if width and height else MOST_TILES + 1
    (components,) = struct.unpack_from(">H", data, at + 40)
    depth = data[at + 42] if len(data) > at + 42 else 0
    return StreamHeader(
        rows=bottom - top,
        columns=right - left,
        components=components,
        precision=(depth & 0x7F) + 1,
        process=None,
        offset=at,
        signed=bool(depth & 0x80),
        tiles=tiles,
    )


def jpeg_xl_header(data: bytes) -> StreamHeader:
    """Size header of a JPEG XL codestream, bare or within its container.

    Raises
    ------
    DicomError
        ``PIXELS_DECODE`` where there is none.
    """
    at = 0 if data[:2] == _JPEG_XL else _in_container(data)
    if data[at : at + 2] != _JPEG_XL or len(data) < at + 12:
        raise DicomError("PIXELS_DECODE", error="no JPEG XL codestream")
    bits = _Bits(int.from_bytes(data[at + 2 : at + 12], "little"))
    small = bits.take(1)
    rows = 8 * (bits.take(5) + 1) if small else bits.length()
    ratio = bits.take(3)
    if ratio:
        along, across = _JPEG_XL_RATIOS[ratio - 1]
        columns = rows * along // across
    else:
        columns = 8 * (bits.take(5) + 1) if small else bits.length()
    return StreamHeader(rows=rows, columns=columns, components=0, precision=0, process=None, offset=at)


class _Bits:
    """Bits of a number, the least significant first."""

    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken

    def length(self) -> int:
        """Number of rows or columns: two bits say in how many bits it is written, less one."""
        return self.take((9, 13, 18, 30)[self.take(2)]) + 1


def _in_container(data: bytes) -> int:
    """Where the codestream begins in a container of boxes; 0 where there is none."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        begin = at + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        if kind == b"jxlc":
            return begin
        if kind == b"jxlp":
            return begin + 4
        if length < begin - at:
            return 0
        at += length
    return 0


def check_end(data: bytes, header: StreamHeader) -> None:
    """Refuse a stream that breaks off: some decoders make up the rest of the image in silence.

    EOI of JPEG and EOC of JPEG 2000 are both FF D9, which no coded data contain (T.81 B.1.1.5, T.800 A.1).

    Raises
    ------
    DicomError
        ``PIXELS_DECODE``.
    """
    if data.rfind(b"\xff\xd9") <= header.offset:
        raise DicomError("PIXELS_DECODE", error="the stream breaks off")
