"""One frame of one file: found by the place that the scan kept, checked against it, read, decoded.

Native frames are read straight to where they shall lie. The element before the samples is looked at first: a file that
changed since the scan is refused instead of shown as noise.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from spinereview.dicom.decode import check_photometric, supported, to_rgb, unsupported
from spinereview.dicom.decoder import STOPPED, Decoder, shared
from spinereview.dicom.elements import PIXEL_TAGS, UNDEFINED, Encoding, walk
from spinereview.dicom.encapsulated import Fragment, frame_fragments
from spinereview.dicom.header import FileHeader, PixelLayout
from spinereview.dicom.palette import coloured, read_palette
from spinereview.dicom.samples import (
    DEFLATED,
    MONOCHROME,
    NATIVE,
    correct_bits,
    frame_bits,
    native_frame,
    sample_type,
)
from spinereview.errors import DicomError, SpineReviewError

_FLOAT_TYPES = {0x0010: "", 0x0008: "f4", 0x0009: "f8"}
"""Pixel Data, Float Pixel Data, Double Float Pixel Data of group 7FE0 (PS3.3 C.7.6.3, C.7.6.24, C.7.6.25)."""
_BESIDE_PIXELS = 1 << 26
"""What a deflated file may hold beside its pixels: as much as a header may be long."""
_SPARE_BYTES = 1 << 20
"""Tables, comments and previews that a compressed frame may hold beside its samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelElement:
    """The element that holds the pixels: its Value Representation (empty if implicit), and its float type or nothing."""

    representation: str
    float_type: str


def file_error(error: SpineReviewError | OSError, path: Path) -> DicomError:
    """What went wrong, with the name of the file."""
    if isinstance(error, OSError):
        return DicomError("PIXELS_UNREADABLE", file=path, error=error.strerror or error)
    return DicomError(error.code, **{**error.arguments, "file": path})


def pixel_layout(header: FileHeader) -> PixelLayout:
    """How the pixels of a file lie on disk.

    Raises
    ------
    DicomError
        ``PIXELS_NONE`` where it has none.
    """
    if header.pixels is None:
        raise DicomError("PIXELS_NONE", file=header.path)
    return header.pixels


def stored_type(header: FileHeader) -> np.dtype[Any]:
    """Type of the samples of a file; whether 32 and 64 bits are floats is only known by the element that holds them.

    Raises
    ------
    DicomError
        What makes the file unusable, by its layout alone.
    """
    layout = pixel_layout(header)
    try:
        if layout.bits_allocated in {32, 64} and layout.offset is not None and layout.transfer_syntax_uid in NATIVE:
            with header.path.open("rb", buffering=0) as file:
                float_type = pixel_element(file, layout).float_type
            if float_type:
                return np.dtype(float_type)
        check_photometric(layout)
        if layout.transfer_syntax_uid != DEFLATED and not supported(layout.transfer_syntax_uid):
            raise unsupported(layout.transfer_syntax_uid)
        return sample_type(layout)
    except (OSError, SpineReviewError) as error:
        raise file_error(error, header.path) from error


def pixel_element(file: BinaryIO, layout: PixelLayout) -> PixelElement:
    """Tag and Value Representation right before the pixels (PS3.5 7.1); leaves the file at their first byte.

    Raises
    ------
    DicomError
        ``PIXELS_MOVED`` where no pixels begin at the kept place.
    """
    start = layout.offset or 0
    file.seek(max(0, start - 12))
    before = file.read(min(12, start)).rjust(12, b"\0")
    order = ">" if layout.big_endian else "<"
    for at, representation in ((0, before[4:6].decode("latin-1")), (4, "")):
        group, element = struct.unpack_from(order + "HH", before, at)
        if group == 0x7FE0 and element in _FLOAT_TYPES:
            return PixelElement(representation=representation, float_type=_FLOAT_TYPES[element])
    raise DicomError("PIXELS_MOVED")


class PixelReader:
    """Reads the frames of one series; remembers, for files of many frames, where each lies.

    May be used by several threads at once. Nothing is kept open. A file that stopped the decoder costs the compressed
    images that were not read yet: they are refused with its name, and not tried.

    Parameters
    ----------
    inflate_limit
        Greatest length in bytes of a deflated file once inflated.
    decoder
        Where compressed data go; None: the one that all share.
    """

    __slots__ = ("_decoder", "_fragments", "_inflate_limit", "_inflated", "_lock", "_palettes", "_stopped")

    def __init__(self, *, inflate_limit: int, decoder: Decoder | None = None) -> None:
        self._decoder = decoder or shared()
        self._stopped: DicomError | None = None
        self._inflate_limit = inflate_limit
        self._lock = threading.RLock()
        self._fragments: dict[Path, tuple[tuple[Fragment, ...], ...]] = {}
        self._inflated: dict[Path, bytes] = {}
        self._palettes: dict[Path, Dataset] = {}

    def read_into(self, header: FileHeader, number: int, out: NDArray[Any]) -> None:
        """Read one frame to where it shall lie: shape (rows, columns), or (rows, columns, 3) of uint8.

        Parameters
        ----------
        number
            Of the frame, counted from 1.

        Raises
        ------
        DicomError
            Why it cannot be, with the file; ``out`` may then hold part of it.
        """
        try:
            layout = pixel_layout(header)
            if not 1 <= number <= layout.frames:
                raise DicomError("PIXELS_FRAME", frame=number, frames=layout.frames)
            if is_plain(layout, out):
                _read_plain(header.path, layout, number, out)
            else:
                _store(self._read(header.path, layout, number), layout, out)
        except (OSError, SpineReviewError) as error:
            named = file_error(error, header.path) if error is not self._stopped else self._stopped
            if named.code in STOPPED and self._stopped is None:
                self._stopped = named
            raise named from error

    def read_run(self, header: FileHeader, number: int, out: NDArray[Any]) -> bool:
        """Read frames that follow each other at once to where they shall lie: shape (frames, rows, columns).

        Returns
        -------
        bool
            Whether it was done; where not, each frame has to be read alone, which says what is wrong with it.
        """
        layout = header.pixels
        if layout is None or number < 1 or number - 1 + len(out) > layout.frames or not is_plain(layout, out):
            return False
        try:
            _read_plain(header.path, layout, number, out)
        except (OSError, SpineReviewError):
            return False
        return True

    def _read(self, path: Path, layout: PixelLayout, number: int) -> NDArray[Any]:
        if layout.transfer_syntax_uid == DEFLATED:
            samples = _frame_of(self._deflated(path, layout), layout, number)
        elif layout.offset is None:
            raise DicomError("PIXELS_NONE")
        elif layout.transfer_syntax_uid in NATIVE:
            samples = _read_native(path, layout, number)
        else:
            joined = self._joined(path, layout, number)
            self._go_on()
            samples = self._decoder.frame(joined, layout)
        if layout.photometric == "PALETTE COLOR":
            return self._coloured(samples, path)
        return samples

    def _go_on(self) -> None:
        if self._stopped is not None:
            raise self._stopped

    def _joined(self, path: Path, layout: PixelLayout, number: int) -> bytes:
        """Fragments of one frame, joined."""
        with path.open("rb") as file:
            frames = self._fragments.get(path)
            if frames is None:
                pixel_element(file, layout)
                end = path.stat().st_size
                frames = frame_fragments(file, offset=layout.offset or 0, end=end, frames=layout.frames)
                if layout.frames > 1:
                    self._fragments[path] = frames
            parts = []
            _require_plausible(layout, sum(fragment.length for fragment in frames[number - 1]))
            for fragment in frames[number - 1]:
                file.seek(fragment.offset)
                parts.append(file.read(fragment.length))
                if len(parts[-1]) < fragment.length:
                    raise DicomError("PIXELS_TRUNCATED", has=len(parts[-1]), needs=fragment.length)
        if not parts:
            raise DicomError("PIXELS_TRUNCATED", has=0, needs=1)
        return b"".join(parts)

    def _deflated(self, path: Path, layout: PixelLayout) -> bytes:
        """Pixel Data of a deflated file (PS3.5 A.5); kept, and inflated by one thread, where many frames need it."""
        if layout.frames == 1:
            return self._inflated_pixels(path, layout)
        with self._lock:
            pixels = self._inflated.get(path)
            if pixels is None:
                pixels = self._inflated[path] = self._inflated_pixels(path, layout)
        return pixels

    def _inflated_pixels(self, path: Path, layout: PixelLayout) -> bytes:
        """Value of Pixel Data; a file that inflates to more than its pixels and a long header is none that is honest."""
        data = path.read_bytes()
        # File Meta Information (PS3.10 7.1): preamble, "DICM", (0002,0000) UL 4, length of what follows in group 0002
        if len(data) < 144 or data[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
            raise DicomError("PIXELS_MOVED")
        start = 144 + int(struct.unpack_from("<I", data, 140)[0])
        self._go_on()
        limit = min(self._inflate_limit, frame_bits(layout) * layout.frames // 8 + _BESIDE_PIXELS)
        inflated, more = self._decoder.inflated(data[start:], limit=limit)
        if more:
            raise DicomError("PIXELS_INFLATE_LIMIT", limit_mb=limit // 2**20)
        pixels = walk(inflated, 0, len(inflated), Encoding(implicit=False), frozenset()).pixels
        if pixels is None or pixels[0] not in PIXEL_TAGS or pixels[2] == UNDEFINED:
            raise DicomError("PIXELS_MOVED")
        return inflated[pixels[1] : pixels[1] + pixels[2]]

    def _coloured(self, samples: NDArray[Any], path: Path) -> NDArray[Any]:
        """Palette indices as red, green, blue (PS3.3 C.7.9)."""
        with self._lock:
            palette = self._palettes.get(path)
            if palette is None:
                palette = self._palettes[path] = read_palette(path)
        return coloured(samples, palette)


def is_plain(layout: PixelLayout, out: NDArray[Any]) -> bool:
    """Whether the bytes on disk are the samples, but for byte order and unused bits, and may be read to their place.

    Parameters
    ----------
    out
        One frame, or several that follow each other.
    """
    native = layout.transfer_syntax_uid in NATIVE and layout.offset is not None
    swapped_words = layout.big_endian and layout.bits_allocated == 8
    grey = layout.photometric in MONOCHROME and layout.samples == 1
    if not (native and grey) or swapped_words or layout.bits_allocated not in {8, 16, 32} or out.dtype.kind == "f":
        return False
    fits = out.dtype == sample_type(layout) and out.shape[-2:] == (layout.rows, layout.columns)
    return fits and out.flags.c_contiguous


def _read_plain(path: Path, layout: PixelLayout, number: int, out: NDArray[Any]) -> None:
    """Read a native frame, and those behind it where ``out`` has room for more, straight into ``out``."""
    first = (number - 1) * layout.rows * layout.columns * out.itemsize
    _require_length(layout, first + out.nbytes)
    with path.open("rb", buffering=0) as file:
        pixel_element(file, layout)
        if first:
            file.seek(first, 1)
        wanted = out.data.cast("B")
        done = 0
        while done < len(wanted):
            count = file.readinto(wanted[done:])
            if not count:
                raise DicomError("PIXELS_TRUNCATED", has=done, needs=len(wanted))
            done += count
    if layout.big_endian and out.itemsize > 1:
        out.byteswap(inplace=True)
    correct_bits(out, layout)


def _read_native(path: Path, layout: PixelLayout, number: int) -> NDArray[Any]:
    """Read a native frame that needs more than its bytes: floats, colour, single bits, swapped words."""
    with path.open("rb") as file:
        element = pixel_element(file, layout)
        if element.float_type:
            return _read_float(file, layout, number, element.float_type)
        first = (number - 1) * frame_bits(layout)
        last = first + frame_bits(layout)
        _require_length(layout, (last + 7) // 8)
        begin = first // 16 * 2  # swapped words: whole ones are read
        file.seek(begin, 1)
        data = file.read((last + 15) // 16 * 2 - begin)
    if element.representation == "OW" and layout.big_endian and layout.bits_allocated <= 8:
        data = np.frombuffer(data[: len(data) & ~1], dtype=">u2").astype("<u2").tobytes()
    skipped = first - begin * 8
    return to_rgb(native_frame(data[skipped // 8 :], layout, first_bit=skipped % 8), layout)


def _read_float(file: BinaryIO, layout: PixelLayout, number: int, float_type: str) -> NDArray[Any]:
    kind = np.dtype(float_type).newbyteorder(">" if layout.big_endian else "<")
    needed = layout.rows * layout.columns * kind.itemsize
    file.seek((number - 1) * needed, 1)
    data = file.read(needed)
    if len(data) < needed:
        raise DicomError("PIXELS_TRUNCATED", has=len(data), needs=needed)
    return np.frombuffer(data, dtype=kind).astype(float_type).reshape(layout.rows, layout.columns)


def _frame_of(pixels: bytes, layout: PixelLayout, number: int) -> NDArray[Any]:
    """One native frame of the Pixel Data of a whole file."""
    first = (number - 1) * frame_bits(layout)
    data = pixels[first // 8 : (first + frame_bits(layout) + 7) // 8]
    return to_rgb(native_frame(data, layout, first_bit=first % 8), layout)


def _require_length(layout: PixelLayout, needed: int) -> None:
    if layout.length is not None and layout.length < needed:
        raise DicomError("PIXELS_TRUNCATED", has=layout.length, needs=needed)


def _require_plausible(layout: PixelLayout, length: int) -> None:
    """Refuse a compressed frame that is longer than any that a compressor makes of its samples."""
    most = frame_bits(layout) // 8 * 4 + _SPARE_BYTES
    if length > most:
        raise DicomError("PIXELS_STREAM_LONG", has_mb=length >> 20, most_mb=-(-most // 2**20))


def _store(samples: NDArray[Any], layout: PixelLayout, out: NDArray[Any]) -> None:
    """Put a decoded frame in its place; colours of more than 8 bits are shown by their upper 8."""
    if samples.shape != out.shape:
        raise DicomError("PIXELS_SIZE", stated=out.shape, found=samples.shape)
    if out.ndim == 3 and samples.dtype.itemsize > 1:
        depth = 16 if layout.samples == 1 else layout.bits_stored
        samples = samples >> max(0, depth - 8)
    out[...] = samples
