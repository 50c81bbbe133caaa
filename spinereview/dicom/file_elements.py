"""One file to its elements, or the reason why not.

Reads only the start of the file, up to its pixels. Accepts what PS3.10 wants (preamble, ``DICM``, meta information) and
what sites send all the same: no preamble, no meta information, a transfer syntax that is missing or contradicts the
elements. What is no DICOM at all is told from what is DICOM and damaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from spinereview.dicom.decoder import STOPPED, shared
from spinereview.dicom.elements import Elements, Encoding, NeedMore, Walked, item_encoding, walk
from spinereview.dicom.tags import DATASET, META, tag
from spinereview.errors import DicomError

IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2"

_FIRST_BYTES = 1 << 13
MOST_BYTES = 1 << 28
"""No header is longer: 10,000 frames of functional groups take about 20 million bytes."""
INFLATED_BYTES = (1 << 20, 1 << 26)
"""How much of a deflated data set is looked at, first and at most: its header lies at its start."""
META_LAST = 0x0002FFFF
_KNOWN_VR = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OF OW PN SH SL SQ SS ST TM UI UL UN US UT OD OL UC UR OV SV UV".split()
)
_IDENTIFYING = tuple(tag(name) for name in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file whose elements have been walked."""

    meta: Elements | None
    data: Elements
    walked: Walked
    encoding: Encoding
    transfer_syntax_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflated:
    """A file whose data set has to be inflated before its elements can be walked (PS3.5 A.5).

    Parameters
    ----------
    beginning
        The file up to its data set.
    stream
        What is deflated.
    """

    beginning: bytes
    stream: bytes
    meta: Elements | None


def read_elements(path: Path) -> tuple[Elements, str] | None:
    """Elements of a file and its transfer syntax; None where it is no DICOM. For directories of media (DICOMDIR)."""
    opened = open_file(path)
    return None if opened is None else (opened.data, opened.transfer_syntax_uid)


def open_file(path: Path) -> Opened | None:
    """Elements of a file, with how they are written; None where it is no DICOM.

    Raises
    ------
    DicomError
        ``FILE_UNREADABLE``, ``HEADER_CUT``, ``HEADER_MALFORMED``, ``HEADER_NESTED``, ``HEADER_TOO_LONG``,
        ``HEADER_STOPPED_DECODER``.
    """
    found = begin(path)
    return open_deflated(path, found) if isinstance(found, Deflated) else found


def open_deflated(path: Path, file: Deflated) -> Opened | None:
    """Elements of a deflated file, inflated alone. Errors as of :func:`open_file`."""
    try:
        return _of_deflated(file)
    except DicomError as error:
        raise DicomError(error.code, **{"file": path.name, **error.arguments}) from error


def begin(path: Path) -> Opened | Deflated | None:
    """Elements of a file, or where they are deflated, what has to be inflated; else as :func:`open_file`."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            return _locate(file, size)
    except OSError as error:
        raise DicomError("FILE_UNREADABLE", file=path.name, error=error.strerror or error) from error
    except DicomError as error:
        raise DicomError(error.code, **{"file": path.name, **error.arguments}) from error


def _locate(file: BinaryIO, size: int) -> Opened | Deflated | None:
    length = _FIRST_BYTES
    while True:
        file.seek(0)
        buffer = file.read(length)
        whole = len(buffer) >= size or len(buffer) < length
        try:
            return _parse(buffer, len(buffer) if whole else size, whole=whole)
        except NeedMore:
            if length >= MOST_BYTES:
                raise DicomError("HEADER_TOO_LONG") from None
            length *= 8


def _parse(buffer: bytes, size: int, *, whole: bool) -> Opened | Deflated | None:
    try:
        return _parsed(buffer, size, whole=whole)
    except DicomError:
        # Without ``DICM`` it only looked like DICOM at its first bytes.
        if buffer[128:132] == b"DICM":
            raise
        return None


def _parsed(buffer: bytes, size: int, *, whole: bool) -> Opened | Deflated | None:
    start = 132 if buffer[128:132] == b"DICM" else _start(buffer)
    if start is None:
        return None
    meta: Elements | None = None
    meta_encoding = Encoding(implicit=False)
    if buffer[start : start + 2] == b"\x02\x00":
        meta_encoding = item_encoding(buffer, start, meta_encoding)
        found = walk(buffer, start, size, meta_encoding, META, whole=whole, last=META_LAST)
        if found.cut:
            raise DicomError("HEADER_CUT")
        meta, start = Elements(buffer, found.entries, meta_encoding), found.end
    syntax = meta.code(tag("TransferSyntaxUID")) if meta is not None else ""
    if syntax == DEFLATED:
        if not whole:
            raise NeedMore
        beginning = buffer[:start]
        file = Deflated(
            beginning=beginning, stream=buffer[start:], meta=Elements(beginning, found.entries, meta_encoding)
        )
        return file if buffer[128:132] == b"DICM" else _of_deflated(file)
    return _walked(buffer, start, size, meta, syntax, whole=whole)


def _of_deflated(file: Deflated) -> Opened | None:
    """Elements of a deflated data set: of as little of it as there has to be."""
    inflated, more = b"", False
    for limit in INFLATED_BYTES:
        inflated, more = _inflated(file.stream, limit)
        if not more:
            break
        try:
            return walked_inflated(file, inflated, more=True)
        except NeedMore:
            continue
    return walked_inflated(file, inflated, more=False)


def walked_inflated(file: Deflated, inflated: bytes, *, more: bool) -> Opened | None:
    """Elements of a deflated data set, of its first bytes; they lie behind the beginning of the file.

    Raises
    ------
    NeedMore
        There are more bytes, and they are needed.
    DicomError
        As of :func:`open_file`.
    """
    start = len(file.beginning)
    buffer = file.beginning + inflated
    size = start + MOST_BYTES if more else len(buffer)
    return _walked(buffer, start, size, file.meta, DEFLATED, whole=not more)


def _walked(buffer: bytes, start: int, size: int, meta: Elements | None, syntax: str, *, whole: bool) -> Opened | None:
    encoding = _dataset_encoding(buffer, start, syntax)
    walked = walk(buffer, start, size, encoding, DATASET, whole=whole)
    data = Elements(buffer, walked.entries, encoding)
    preamble = syntax == DEFLATED or buffer[128:132] == b"DICM"
    if not preamble and not _plausible(data, meta):
        return None
    return Opened(
        meta=meta,
        data=data,
        walked=walked,
        encoding=encoding,
        transfer_syntax_uid=syntax or _assumed(encoding),
    )


def _start(buffer: bytes) -> int | None:
    """Where the elements begin in a file without ``DICM``: at its start, or behind one stray byte."""
    for start in (0, 1):
        head = buffer[start : start + 8]
        if len(head) < 8 or (start == 1 and buffer[:1] not in (b" ", b"\0")):
            continue
        if head[:2] in (b"\x08\x00", b"\x02\x00", b"\x00\x08") and head[4:6] in _KNOWN_VR:
            return start
        if head[:2] in (b"\x08\x00", b"\x02\x00") and int.from_bytes(head[4:], "little") <= 4096:
            return start
    return None


def _plausible(data: Elements, meta: Elements | None) -> bool:
    """Whether a file without ``DICM`` names itself by a UID, as anything but DICOM would not by chance."""
    named = [data.code(identifying) for identifying in _IDENTIFYING]
    if meta is not None:
        named += [meta.code(identifying) for identifying in META]
    return any(uid.startswith(("1.", "2.")) for uid in named)


def _dataset_encoding(buffer: bytes, start: int, syntax: str) -> Encoding:
    if syntax == IMPLICIT_LITTLE_ENDIAN:
        return item_encoding(buffer, start, Encoding(implicit=True))
    if syntax == EXPLICIT_BIG_ENDIAN:
        return item_encoding(buffer, start, Encoding(implicit=False, big_endian=True))
    if syntax:
        # Encapsulated syntaxes are explicit, little endian (PS3.5 A.4).
        return item_encoding(buffer, start, Encoding(implicit=False))
    if buffer[start + 4 : start + 6] in _KNOWN_VR:
        # A group of a data set is small: read as little endian, a big endian one is 0x0400 or more.
        return Encoding(implicit=False, big_endian=int.from_bytes(buffer[start : start + 2], "little") >= 0x0400)
    return Encoding(implicit=True)


def _assumed(encoding: Encoding) -> str:
    if encoding.implicit:
        return IMPLICIT_LITTLE_ENDIAN
    return EXPLICIT_BIG_ENDIAN if encoding.big_endian else EXPLICIT_LITTLE_ENDIAN


def _inflated(data: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        return shared().inflated(data, limit=limit)
    except DicomError as error:
        raise DicomError("HEADER_STOPPED_DECODER" if error.code in STOPPED else "HEADER_MALFORMED") from error
