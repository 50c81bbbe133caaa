"""Files made to exhaust the memory, the disk, the time or the stack, or to reach outside: each with what must be said."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import wild_files as wild
from wild_files import UNDEFINED, compressed, element, encapsulated, fragments, header, honest, item, part10

NOISE = np.random.default_rng(0).integers(0, 4096, (16, 16), dtype=np.uint16)
PIXELS = element(0x7FE00010, "OW", NOISE.tobytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb:
    """``said``: the code that must be among those of the verdict; ``zip``: an archive; ``slow``: takes seconds."""

    make: Callable[[], bytes]
    said: str
    zip: bool = False
    slow: bool = False


def image(syntax: str, *streams: bytes, **changed: object) -> bytes:
    return part10(syntax, header(syntax, **changed) + encapsulated(fragments(*streams)))


def native(before: bytes = b"", pixels: bytes = PIXELS, **changed: object) -> bytes:
    return part10("1", header("1", before=before, **changed) + pixels)


def deflated(*parts: bytes) -> bytes:
    """Deflated file of parts that are never together in memory."""
    whole = part10("1.99", b"")
    stream = zlib.compressobj(1, wbits=-15)
    start = whole[: len(whole) - len(zlib_empty())]
    return start + b"".join(stream.compress(part) for part in parts) + stream.flush()


def zlib_empty() -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(b"") + stream.flush()


def zeros(megabytes: int) -> tuple[bytes, ...]:
    return (bytes(1 << 20),) * megabytes


def patched(stream: bytes, at: int, value: bytes) -> bytes:
    return stream[:at] + value + stream[at + len(value) :]


def frame_of(stream: bytes, rows: int, columns: int, marker: bytes) -> bytes:
    """JPEG or JPEG-LS stream with another size in its frame header."""
    return patched(stream, stream.index(marker) + 5, struct.pack(">HH", rows, columns))


def siz(
    rows: int, columns: int, *, tile: int | None = None, components: int | None = None, syntax: str = "4.90"
) -> bytes:
    """JPEG 2000 stream with another size in its SIZ segment."""
    stream = compressed(syntax, NOISE)
    at = stream.index(b"\xff\x4f\xff\x51")
    stream = patched(stream, at + 8, struct.pack(">II", columns, rows))
    if tile is not None:
        stream = patched(stream, at + 24, struct.pack(">II", tile, tile))
    return stream if components is None else patched(stream, at + 40, struct.pack(">H", components))


def nested(depth: int, *, length: int | None = UNDEFINED, vr: str = "SQ") -> bytes:
    value = b""
    for _ in range(depth):
        head = struct.pack("<HH2sHI", 0x0029, 0x1001, vr.encode(), 0, UNDEFINED)
        if vr == "UN":
            head = struct.pack("<HHI", 0x0029, 0x1001, UNDEFINED)
        value = head + struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED) + value
    return value


def packbits(planes: int, unfolded: int) -> bytes:
    run = struct.pack("bB", -127, 7) * (unfolded // 128)
    starts = [64 + index * len(run) for index in range(planes)]
    return struct.pack("<16I", planes, *starts, *[0] * (15 - planes)) + run * planes


def palette(segments: bytes) -> bytes:
    names = ((0x00281101, 0x00281221), (0x00281102, 0x00281222), (0x00281103, 0x00281223))
    before = b"".join(element(descriptor, "US", struct.pack("<HHH", 0, 0, 16)) for descriptor, _ in names)
    before += b"".join(element(data, "OW", segments) for _, data in names)
    return native(before, photometric="PALETTE COLOR")


def archive(*entries: tuple[str, bytes], attributes: int = 0, flags: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = attributes << 16
            made.writestr(info, data)
    data = out.getvalue()
    if flags:
        at = data.index(b"PK\x01\x02")
        data = patched(data, at + 8, struct.pack("<H", flags))
    return data


def listed(data: bytes, offset: int, value: bytes, *, every: bool = False) -> bytes:
    """Archive whose list of entries says something else of the first entry, or of each."""
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data = patched(data, at + offset, value)
        at = data.find(b"PK\x01\x02", at + 4) if every else -1
    return data


def many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(20_001):
            made.writestr(str(number), b"")
    return out.getvalue()


def overlapping() -> bytes:
    """Two entries of the list that share the bytes of one, as in a bomb that does not nest."""
    data = archive(("a", bytes(1000)), ("b", bytes(1000)))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    return patched(data, second + 42, struct.pack("<I", 0))


def long_list() -> bytes:
    data = archive(("a", b"x"))
    at = data.index(b"PK\x05\x06")
    return patched(data, at + 12, struct.pack("<I", 1 << 30))


RGB = {"samples": 3, "photometric": "RGB", "allocated": 8, "stored": 8}
BOMBS = {
    "deflate, pixels of 100 megabytes": Bomb(
        make=lambda: deflated(header(), element(0x7FE00010, "OW", b"", length=100 << 20), *zeros(100)),
        said="PIXELS_INFLATE_LIMIT",
    ),
    "deflate, an attribute of 100 megabytes": Bomb(
        make=lambda: deflated(header(), element(0x00291001, "OB", b"", length=100 << 20), *zeros(100), PIXELS),
        said="HEADER_CUT",
    ),
    "deflate, no stream": Bomb(make=lambda: part10("1.99", b"")[:-2] + b"\xff" * 400, said="HEADER_MALFORMED"),
    "deflate, a frame of a megabyte": Bomb(
        make=lambda: image("8.1", b"".join(_deflate_frame(1 << 22))), said="PIXELS_INFLATE_LIMIT"
    ),
    "Rows and Columns beyond the memory": Bomb(make=lambda: native(rows=65535, columns=65535), said="MEMORY_BUDGET"),
    "Rows and Columns beyond the file": Bomb(make=lambda: native(rows=4000, columns=4000), said="PIXELS_TRUNCATED"),
    "Number of Frames beyond any": Bomb(make=lambda: native(frames=2147483647), said="FRAMES_INVALID"),
    "Number of Frames beyond the file": Bomb(
        make=lambda: native(frames=49999, pixels=element(0x7FE00010, "OW", bytes(900_000))),
        said="PIXELS_CUT",
        slow=True,
    ),
    "Number of Frames that is none": Bomb(make=lambda: native(frames="1E9"), said="FRAMES_INVALID"),
    "Samples per Pixel of 65535": Bomb(make=lambda: native(samples=65535), said="PIXELS_LAYOUT"),
    "Bits Allocated of 65528": Bomb(make=lambda: native(allocated=65528), said="PIXELS_LAYOUT"),
    "pixels longer than the file": Bomb(
        make=lambda: native(pixels=element(0x7FE00010, "OW", b"\0" * 10, length=0xFFFFFFF0)), said="PIXELS_CUT"
    ),
    "RLE that unfolds": Bomb(make=lambda: image("5", packbits(2, 1 << 25)), said="PIXELS_DECODE"),
    "RLE that is long": Bomb(make=lambda: image("5", packbits(2, 1 << 27)), said="PIXELS_STREAM_LONG"),
    "RLE of more segments than bytes": Bomb(
        make=lambda: image("5", wild.rle(b"a" * 256, b"b" * 256, count=15)), said="PIXELS_DECODE"
    ),
    "RLE whose offsets lie": Bomb(
        make=lambda: image("5", wild.rle(b"a" * 256, b"b" * 256, offsets=(4294967295, 1))), said="PIXELS_TRUNCATED"
    ),
    "JPEG whose size lies": Bomb(
        make=lambda: image(
            "4.51", frame_of(compressed("4.51", NOISE), 65500, 65500, b"\xff\xc1"), allocated=16, stored=12
        ),
        said="PIXELS_SIZE",
    ),
    "lossless JPEG whose size lies": Bomb(
        make=lambda: image("4.70", frame_of(compressed("4.70", NOISE), 65500, 65500, b"\xff\xc3")), said="PIXELS_SIZE"
    ),
    "JPEG-LS whose size lies": Bomb(
        make=lambda: image("4.80", frame_of(compressed("4.80", NOISE), 65500, 65500, b"\xff\xf7")), said="PIXELS_SIZE"
    ),
    "JPEG-LS and header that lie together": Bomb(
        make=lambda: image(
            "4.80", frame_of(compressed("4.80", NOISE), 8000, 8000, b"\xff\xf7"), rows=8000, columns=8000
        ),
        said="PIXELS_DECODE",
    ),
    "JPEG 2000 whose size lies": Bomb(
        make=lambda: image("4.90", siz(1 << 30, 1 << 30, tile=1 << 30)), said="PIXELS_SIZE"
    ),
    "JPEG 2000 and header that lie together": Bomb(
        make=lambda: image("4.90", siz(60000, 60000, tile=60000), rows=60000, columns=60000), said="MEMORY_BUDGET"
    ),
    "JPEG 2000 of four million tiles": Bomb(
        make=lambda: image("4.90", siz(2000, 2000, tile=1), rows=2000, columns=2000), said="PIXELS_DECODE"
    ),
    "JPEG 2000 of 16384 components": Bomb(
        make=lambda: image("4.90", siz(16, 16, components=16384)), said="PIXELS_SIZE"
    ),
    "HTJ2K whose size lies": Bomb(
        make=lambda: image("4.201", siz(1 << 20, 1 << 20, tile=1 << 20, syntax="4.201")), said="PIXELS_SIZE"
    ),
    "JPEG XL whose size lies": Bomb(
        make=lambda: image("4.110", b"\xff\x0a" + (0x3FFFFFFF << 3 | 3 << 1).to_bytes(10, "little") + bytes(50)),
        said="PIXELS_SIZE",
    ),
    "a stream of twenty megabytes": Bomb(
        make=lambda: image("4.80", compressed("4.80", NOISE) + bytes(20 << 20)), said="PIXELS_STREAM_LONG"
    ),
    "a fragment longer than the file": Bomb(
        make=lambda: part10("4.80", header("4.80") + encapsulated(item(b"") + item(b"ab", length=0xFFFFFFF0))),
        said="PIXELS_STREAM_LONG",
    ),
    "a fragment that breaks off": Bomb(
        make=lambda: part10("4.80", header("4.80") + encapsulated(item(b"") + item(b"ab", length=400))),
        said="PIXELS_TRUNCATED",
    ),
    "a million fragments": Bomb(
        make=lambda: part10("5", header("5") + encapsulated(item(b"") * 1_000_000 + wild.END)),
        said="PIXELS_FRAGMENTS",
    ),
    "an offset table that lies": Bomb(
        make=lambda: part10(
            "5", header("5", frames=2) + encapsulated(fragments(b"ab", b"cd", b"ef", table=struct.pack("<II", 0, 7)))
        ),
        said="PIXELS_FRAGMENTS",
    ),
    "an offset table without end": Bomb(
        make=lambda: part10("5", header("5", frames=2) + encapsulated(item(b"\0" * 8, length=0xFFFFFFF8))),
        said="PIXELS_TRUNCATED",
    ),
    "sequences ten thousand deep": Bomb(make=lambda: native(nested(10_000)), said="HEADER_NESTED"),
    "unknown elements ten thousand deep": Bomb(make=lambda: native(nested(10_000, vr="UN")), said="HEADER_NESTED"),
    "a sequence without end": Bomb(
        make=lambda: native(element(0x00291001, "SQ", b"", length=UNDEFINED)), said="HEADER_MALFORMED"
    ),
    "an element of four gigabytes": Bomb(
        make=lambda: native(element(0x00291001, "OB", b"", length=0xFFFFFFFE)), said="HEADER_CUT"
    ),
    "two million elements": Bomb(
        make=lambda: native(struct.pack("<HH2sH", 0x0029, 0x1001, b"LO", 0) * 2_100_000),
        said="HEADER_TOO_LONG",
        slow=True,
    ),
    "a million items": Bomb(
        make=lambda: part10(
            "1",
            header("1").replace(b"1.1.2\0", b"1.2.1\0") + element(0x52009230, "SQ", item(b"") * 1_000_000) + PIXELS,
        ),
        said="HEADER_TOO_LONG",
    ),
    "a text of twenty megabytes": Bomb(
        make=lambda: part10("1", element(0x00080005, "UT", b"\\" * (20 << 20)) + header("1") + PIXELS),
        said="HEADER_MALFORMED",
    ),
    "a palette that unfolds": Bomb(
        make=lambda: palette(struct.pack("<HHH", 0, 1, 9) + struct.pack("<HHH", 1, 65535, 9) * 50_000),
        said="PIXELS_PALETTE",
    ),
    "a palette that repeats itself": Bomb(
        make=lambda: palette(struct.pack("<HHH", 0, 1, 9) + struct.pack("<HHHH", 2, 40, 0, 0) * 40),
        said="PIXELS_PALETTE",
    ),
    "a ZIP that unpacks a thousandfold": Bomb(
        make=lambda: archive(("a.dcm", bytes(10 << 20))), said="ARCHIVE_RATIO", zip=True
    ),
    "a ZIP of 21 gigabytes": Bomb(
        make=lambda: listed(
            archive(*((f"{number}.dcm", bytes(10)) for number in range(6))),
            24,
            struct.pack("<I", 4_000_000_000),
            every=True,
        ),
        said="ARCHIVE_SIZE",
        zip=True,
    ),
    "a ZIP of 20,001 entries": Bomb(make=many_entries, said="ARCHIVE_ENTRIES", zip=True),
    "a ZIP whose list is a gigabyte": Bomb(make=long_list, said="ARCHIVE_ENTRIES", zip=True),
    "a ZIP whose entries overlap": Bomb(make=overlapping, said="ARCHIVE_DAMAGED", zip=True),
    "a ZIP that leads up": Bomb(make=lambda: archive(("../../evil.dcm", honest("1"))), said="ARCHIVE_PATH", zip=True),
    "a ZIP that leads up on Windows": Bomb(
        make=lambda: archive(("a\\..\\..\\evil.dcm", honest("1"))), said="ARCHIVE_PATH", zip=True
    ),
    "a ZIP that leads to the root": Bomb(
        make=lambda: archive(("/tmp/evil.dcm", honest("1"))),  # noqa: S108 - it is never written
        said="ARCHIVE_PATH",
        zip=True,
    ),
    "a ZIP that leads to a drive": Bomb(
        make=lambda: archive(("C:evil.dcm", honest("1"))), said="ARCHIVE_PATH", zip=True
    ),
    "a ZIP with a link": Bomb(
        make=lambda: archive(("link", b"/etc/passwd"), attributes=stat.S_IFLNK | 0o777), said="ARCHIVE_LINK", zip=True
    ),
    "a ZIP with a pipe": Bomb(
        make=lambda: archive(("pipe", b""), attributes=stat.S_IFIFO | 0o666), said="ARCHIVE_LINK", zip=True
    ),
    "a ZIP with a password": Bomb(
        make=lambda: archive(("a.dcm", honest("1")), flags=1), said="ARCHIVE_ENCRYPTED", zip=True
    ),
    "a ZIP with two files of one name": Bomb(
        make=lambda: archive(("a.dcm", honest("1")), ("A.DCM", honest("2"))), said="ARCHIVE_DAMAGED", zip=True
    ),
    "a ZIP whose sizes lie": Bomb(
        make=lambda: listed(archive(("a.dcm", bytes(5000) + honest("1"))), 24, struct.pack("<I", 40)),
        said="ARCHIVE_DAMAGED",
        zip=True,
    ),
    "a ZIP that was cut": Bomb(make=lambda: archive(("a.dcm", honest("1")))[:-30], said="ARCHIVE_DAMAGED", zip=True),
    "a ZIP in another compression": Bomb(
        make=lambda: listed(archive(("a.dcm", honest("1"))), 10, struct.pack("<H", 14)),
        said="ARCHIVE_METHOD",
        zip=True,
    ),
    "a ZIP that is damaged inside": Bomb(
        make=lambda: patched(archive(("a.dcm", honest("1"))), 300, b"\xff" * 40), said="ARCHIVE_DAMAGED", zip=True
    ),
}


def _deflate_frame(size: int) -> tuple[bytes, bytes]:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(bytes(size)), stream.flush()
