"""Files as an attacker or a broken disk writes them: DICOM byte by byte, with nothing that keeps it honest."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

UID = "1.2.840.10008.1.2."
NATIVE = {"": (True, "<"), "1": (False, "<"), "2": (False, ">"), "1.99": (False, "<")}
"""Last parts of transfer syntaxes that are not encapsulated: implicit or not, order of bytes."""
UNDEFINED = 0xFFFFFFFF
EDGE = 16


def element(tag: int, vr: str, value: bytes, *, length: int | None = None, syntax: str = "1") -> bytes:
    """One element; ``length`` is what it says of itself, true or not."""
    implicit, order = NATIVE.get(syntax, (False, "<"))
    value += b"\0" * (len(value) % 2)
    stated = len(value) if length is None else length
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if implicit:
        return head + struct.pack(order + "I", stated) + value
    if vr in {"OB", "OW", "SQ", "UN", "UT"}:
        return head + vr.encode() + b"\0\0" + struct.pack(order + "I", stated) + value
    return head + vr.encode() + struct.pack(order + "H", stated) + value


def item(value: bytes, *, length: int | None = None) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value


END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def fragments(*parts: bytes, table: bytes = b"", end: bytes = END) -> bytes:
    """Value of encapsulated Pixel Data."""
    return item(table) + b"".join(item(part + b"\0" * (len(part) % 2)) for part in parts) + end


def encapsulated(value: bytes) -> bytes:
    return element(0x7FE00010, "OB", b"", length=UNDEFINED) + value


def header(syntax: str = "1", *, before: bytes = b"", number: int = 1, **changed: Any) -> bytes:
    """Elements of an axial CT image up to its pixels."""
    stated = {"rows": EDGE, "columns": EDGE, "samples": 1, "allocated": 16, "stored": 16, "signed": 0}
    stated |= {"photometric": "MONOCHROME2", "frames": ""} | changed
    order = NATIVE.get(syntax, (False, "<"))[1]

    def us(tag: int, name: str) -> bytes:
        return element(tag, "US", struct.pack(order + "H", stated[name]), syntax=syntax)

    def text(tag: int, vr: str, value: str) -> bytes:
        return element(tag, vr, (value + " " * (len(value) % 2)).encode(), syntax=syntax)

    parts = [
        text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
        text(0x00080018, "UI", f"2.25.7.{number}"),
        text(0x00080020, "DA", "20260101"),
        text(0x00080060, "CS", "CT"),
        text(0x00100020, "LO", "P1"),
        text(0x00180050, "DS", "1"),
        text(0x0020000D, "UI", "2.25.5"),
        text(0x0020000E, "UI", "2.25.6"),
        text(0x00200013, "IS", str(number)),
        text(0x00200032, "DS", f"0\\0\\{number}"),
        text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
        text(0x00200052, "UI", "2.25.4"),
        us(0x00280002, "samples"),
        text(0x00280004, "CS", stated["photometric"]),
        text(0x00280008, "IS", str(stated["frames"])),
        us(0x00280010, "rows"),
        us(0x00280011, "columns"),
        text(0x00280030, "DS", "1\\1"),
        us(0x00280100, "allocated"),
        us(0x00280101, "stored"),
        element(0x00280102, "US", struct.pack(order + "H", stated["stored"] - 1), syntax=syntax),
        us(0x00280103, "signed"),
    ]
    return b"".join(parts) + before


def part10(syntax: str, dataset: bytes) -> bytes:
    """File with its meta information; a deflated data set is given as it is before."""
    uid = (UID + syntax).rstrip(".")
    meta = element(0x00020010, "UI", uid.encode())
    if syntax == "1.99":
        stream = zlib.compressobj(wbits=-15)
        dataset = stream.compress(dataset) + stream.flush()
    return b"\0" * 128 + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + dataset


def _lossy(frame: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(frame, level=90, bitspersample=8 if frame.dtype.itemsize == 1 else 12))


def _lossless(frame: NDArray[Any]) -> bytes:
    bits = frame.dtype.itemsize * 8
    return bytes(imagecodecs.jpeg8_encode(frame, lossless=True, predictor=1, bitspersample=bits))


def _deflated(frame: NDArray[Any]) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(frame.tobytes()) + stream.flush()


def _by_bytes(frame: NDArray[Any]) -> bytes:
    planes = frame.view(np.uint8).reshape(*frame.shape, -1)
    return rle(*(planes[:, :, byte].tobytes() for byte in reversed(range(frame.dtype.itemsize))))


_STREAMS: dict[str, Callable[[NDArray[Any]], bytes | bytearray]] = {
    "4.50": _lossy,
    "4.51": _lossy,
    "4.57": _lossless,
    "4.70": _lossless,
    "4.80": imagecodecs.jpegls_encode,
    "4.81": partial(imagecodecs.jpegls_encode, level=2),
    "4.90": partial(imagecodecs.jpeg2k_encode, codecformat="j2k", reversible=True, level=0),
    "4.91": partial(imagecodecs.jpeg2k_encode, codecformat="j2k", level=60),
    "4.110": partial(imagecodecs.jpegxl_encode, lossless=True, usecontainer=False),
    "4.111": partial(imagecodecs.jpegxl_encode, lossless=True, usecontainer=True),
    "4.112": partial(imagecodecs.jpegxl_encode, distance=1.0),
    "4.201": partial(imagecodecs.htj2k_encode, reversible=True),
    "4.202": partial(imagecodecs.htj2k_encode, reversible=True),
    "4.203": partial(imagecodecs.htj2k_encode, reversible=False),
    "5": _by_bytes,
    "8.1": _deflated,
    "1.98": lambda frame: frame.tobytes(),
}
ENCAPSULATED = tuple(_STREAMS)
"""Every transfer syntax of one stream a frame that is read, but for retired ones of the same streams."""


def compressed(syntax: str, frame: NDArray[Any]) -> bytes:
    """One frame as a stream of an encapsulated transfer syntax, by its last parts."""
    return bytes(_STREAMS[syntax](frame))


def rle(*planes: bytes, offsets: tuple[int, ...] | None = None, count: int | None = None) -> bytes:
    """RLE frame of planes that are not compressed yet."""
    segments = [bytes(imagecodecs.packbits_encode(plane)) for plane in planes]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    starts = [64 + sum(map(len, segments[:index])) for index in range(len(segments))]
    numbers = [len(segments) if count is None else count, *(offsets or starts)]
    return struct.pack("<16I", *numbers, *[0] * (16 - len(numbers))) + b"".join(segments)


def honest(syntax: str, *, frames: int = 1, number: int = 1) -> bytes:
    """An image without fault, in a transfer syntax."""
    noise = np.random.default_rng(number).integers(0, 4096, (frames, EDGE, EDGE), dtype=np.uint16)
    noise[:, 4:12, 4:12] //= 64
    small: dict[str, Any] = {"allocated": 8, "stored": 8} if syntax == "4.50" else {"allocated": 16, "stored": 12}
    if syntax == "4.50":
        noise = (noise // 16).astype(np.uint8)
    stated = header(syntax, number=number, frames=frames if frames > 1 else "", **small)
    if syntax in NATIVE:
        order = NATIVE[syntax][1]
        raw = noise.astype(noise.dtype.newbyteorder(order)).tobytes()
        return part10(syntax, stated + element(0x7FE00010, "OW", raw, syntax=syntax))
    return part10(syntax, stated + encapsulated(fragments(*(compressed(syntax, frame) for frame in noise))))
