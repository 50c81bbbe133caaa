"""Elements of a DICOM file without their pixels: where each one lies, its value only when somebody asks for it.

A file is walked once over its first bytes; nothing is converted, so decimal strings stay what the file says and an odd
value in an attribute that nobody needs cannot fail. Lengths are checked against the file, sequences against a depth: a
header is untrusted input. The rules are PS3.5 7.1 (elements), 7.5 (sequences) and A.4 (encapsulated pixels).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

from spinereview.dicom.tags import PRIVATE_GROUPS
from spinereview.errors import DicomError

UNDEFINED = 0xFFFFFFFF
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
"""Float, Double Float and plain Pixel Data."""

LONG_LENGTH = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
"""Value representations whose length has four bytes (PS3.5 table 7.1-1)."""
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CHARACTER_SET = 0x00080005
_DEEPEST = 24
_MOST_ELEMENTS = 2_000_000
"""Elements and items of one header: 10,000 frames of functional groups have a million."""
_MOST_ITEMS = 200_000
"""Items of a sequence that is read: frames of a file, records of a directory."""
_LONGEST_VALUE = 1 << 20
"""Bytes of a text or of numbers that a header may hold; no attribute that is read has a thousandth of it."""
_SHORT_NUMBER = 12
"""Characters of an integer string (PS3.5 6.2): what is no longer, and all digits, is a number without more ado."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")

Entry = tuple[bytes, int, int, int]
"""Value representation (empty where implicit), first byte, length as stated, first byte after the value."""


class NeedMore(Exception):
    """No error: the header goes on behind the bytes at hand, and whoever reads the file shall read more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How elements are written: with or without value representation, and the order of bytes."""

    implicit: bool
    big_endian: bool = False

    @property
    def order(self) -> str:
        """Character of :mod:`struct` for the order of bytes."""
        return ">" if self.big_endian else "<"


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Buffer that is walked; ``whole``: it ends where the file ends; ``last``: tags behind it end the walk.

    ``left``: elements that may still come.
    """

    buffer: bytes
    whole: bool
    wanted: Container[int]
    last: int = 0xFFFFFFFF
    left: int = _MOST_ELEMENTS

    def end_of(self, length: int) -> None:
        if length > len(self.buffer) and not self.whole:
            raise NeedMore


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walk found.

    Parameters
    ----------
    entries
        Wanted elements by tag.
    pixels
        Tag, first byte of the value and stated length of the pixel data; None where the header ends without.
    end
        First byte behind what was walked.
    cut
        The file ends within an element.
    """

    entries: Mapping[int, Entry]
    pixels: tuple[int, int, int] | None
    end: int
    cut: bool


def walk(
    buffer: bytes,
    start: int,
    end: int,
    encoding: Encoding,
    wanted: Container[int],
    *,
    whole: bool = True,
    last: int = 0xFFFFFFFF,
) -> Walked:
    """Walk over elements up to the pixel data, or up to the tag ``last``, keeping where the wanted ones lie.

    Raises
    ------
    NeedMore
        The buffer is not the whole file, and ends too early.
    DicomError
        ``HEADER_MALFORMED`` where an item has no item tag, ``HEADER_NESTED`` where sequences go too deep,
        ``HEADER_TOO_LONG`` where there are more than an honest file has.
    """
    return _walk(_Walk(buffer=buffer, whole=whole, wanted=wanted, last=last), start, end, encoding, 0)


def _walk(at: _Walk, start: int, end: int, encoding: Encoding, depth: int) -> Walked:
    if depth > _DEEPEST:
        raise DicomError("HEADER_NESTED")
    read = _reader(at.buffer, encoding)
    entries: dict[int, Entry] = {}
    wanted, last = at.wanted, at.last
    position, at_hand = start, end if at.whole else len(at.buffer)
    while position + 8 <= end:
        if position + 12 > at_hand and not at.whole:
            raise NeedMore
        at.left -= 1
        if at.left < 0:
            raise DicomError("HEADER_TOO_LONG")
        try:
            tag, vr, value, length = read(position)
        except struct.error:
            return Walked(entries=entries, pixels=None, end=position, cut=True)
        if tag in PIXEL_TAGS and depth == 0:
            return Walked(entries=entries, pixels=(tag, value, length), end=value, cut=False)
        if tag == _ITEM_END or tag > last:
            return Walked(entries=entries, pixels=None, end=value if tag == _ITEM_END else position, cut=False)
        position = value + length if length != UNDEFINED else _skip(at, value, end, _inner(encoding, vr), depth)
        if tag in wanted or (tag >> 16) in PRIVATE_GROUPS:
            at.end_of(position)
            entries[tag] = (vr, value, length, min(position, end))
    at.end_of(position)
    return Walked(entries=entries, pixels=None, end=min(position, end), cut=position > end)


_UNPACKED = {
    order: tuple(struct.Struct(order + form).unpack_from for form in ("HHL", "HH2sH", "L")) for order in ("<", ">")
}
"""Functions that read an element without representation, one with, and a long length; by the order of bytes."""


def _reader(buffer: bytes, encoding: Encoding) -> Callable[[int], tuple[int, bytes, int, int]]:
    implicit, explicit, long = _UNPACKED[encoding.order]

    def read_implicit(position: int) -> tuple[int, bytes, int, int]:
        group, element, length = implicit(buffer, position)
        return group << 16 | element, b"", position + 8, length

    def read_explicit(position: int) -> tuple[int, bytes, int, int]:
        group, element, vr, length = explicit(buffer, position)
        if vr in LONG_LENGTH:
            return group << 16 | element, vr, position + 12, long(buffer, position + 8)[0]
        if not b"AA" <= vr <= b"ZZ":
            # Delimiters have no representation, and some writers fall back to implicit elements within sequences.
            return group << 16 | element, b"", position + 8, long(buffer, position + 4)[0]
        return group << 16 | element, vr, position + 8, length

    return read_implicit if encoding.implicit else read_explicit


def _inner(encoding: Encoding, vr: bytes) -> Encoding:
    """Encoding within a value: what has an unknown representation is written implicitly (PS3.5 6.2.2)."""
    return Encoding(implicit=True) if vr == b"UN" else encoding


def _skip(at: _Walk, position: int, end: int, encoding: Encoding, depth: int) -> int:
    """First byte behind a value of undefined length: a sequence, or fragments."""
    header = _UNPACKED[encoding.order][0]
    within = _Walk(buffer=at.buffer, whole=at.whole, wanted=frozenset(), left=at.left)
    while position + 8 <= end:
        at.end_of(position + 8)
        within.left -= 1
        at.left = within.left
        if at.left < 0:
            raise DicomError("HEADER_TOO_LONG")
        group, element, length = header(at.buffer, position)
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return position + 8
        if tag != _ITEM:
            raise DicomError("HEADER_MALFORMED")
        position += 8
        if length != UNDEFINED:
            position += length
        else:
            position = _walk(within, position, end, item_encoding(at.buffer, position, encoding), depth + 1).end
    at.end_of(position + 8)
    return position


def item_encoding(buffer: bytes, position: int, encoding: Encoding) -> Encoding:
    """Encoding as the first element at a position shows it: writers differ from what they state."""
    vr = buffer[position + 4 : position + 6]
    letters = len(vr) == 2 and all(0x40 < byte < 0x5B for byte in vr)
    if letters is not encoding.implicit or buffer[position : position + 2] in (b"\xfe\xff", b"\xff\xfe"):
        return encoding
    return Encoding(implicit=not letters, big_endian=encoding.big_endian and letters)


class Elements:
    """Elements of a data set or of an item of a sequence; values are read when asked for."""

    __slots__ = ("_buffer", "_characters", "_encoding", "_entries")

    def __init__(
        self, buffer: bytes, entries: Mapping[int, Entry], encoding: Encoding, characters: tuple[str, ...] = ()
    ) -> None:
        self._buffer = buffer
        self._entries = entries
        self._encoding = encoding
        stated = self._raw(_CHARACTER_SET)
        self._characters = _python_encodings(stated) if stated else characters or ("iso8859",)

    @property
    def buffer(self) -> bytes:
        """Bytes that the values are read from."""
        return self._buffer

    @property
    def encoding(self) -> Encoding:
        """How the elements are written."""
        return self._encoding

    @property
    def characters(self) -> tuple[str, ...]:
        """Character sets of the texts, by their names in Python."""
        return self._characters

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def tags(self) -> tuple[int, ...]:
        """Tags that were found, in ascending order."""
        return tuple(sorted(self._entries))

    def _raw(self, tag: int) -> bytes:
        entry = self._entries.get(tag)
        return b"" if entry is None else self._value(entry)

    def _value(self, entry: Entry) -> bytes:
        _, start, _, end = entry
        if end - start > _LONGEST_VALUE:
            raise DicomError("HEADER_MALFORMED")
        return self._buffer[start:end]

    def raw(self, tag: int) -> bytes:
        """Value as it lies in the file, however long; empty where absent."""
        entry = self._entries.get(tag)
        return b"" if entry is None else self._buffer[entry[1] : entry[3]]

    def code(self, tag: int) -> str:
        """Text of an attribute that knows only the default characters: UIDs, code strings, numbers, dates."""
        entry = self._entries.get(tag)
        return "" if entry is None else self._value(entry).decode("latin-1").strip(" \0\n\r\t")

    def codes(self, tag: int) -> tuple[str, ...]:
        """Values of an attribute with several."""
        text = self.code(tag)
        return tuple([part.strip(" \0") for part in text.split("\\")]) if text else ()

    def text(self, tag: int) -> str:
        """Text in the character sets that the file states (PS3.5 6.1)."""
        if tag not in self._entries:
            return ""
        return decode(self._raw(tag), self._characters).strip(" \0\n\r\t")

    def decimals(self, tag: int) -> tuple[Decimal | None, ...]:
        """Decimal strings as numbers; None in place of one that is none, such as ``NaN``."""
        return tuple(map(decimal_of, self.codes(tag)))

    def decimal(self, tag: int) -> Decimal | None:
        """First decimal string as a number."""
        values = self.decimals(tag)
        return values[0] if values else None

    def integer(self, tag: int) -> int | None:
        """First integer string as a number."""
        text = self.code(tag)
        if text.isascii() and text.isdigit() and len(text) <= _SHORT_NUMBER:
            return int(text)
        value = self.decimal(tag)
        return int(value) if value is not None and value == value.to_integral_value() else None

    def unsigned(self, tag: int) -> int | None:
        """First 16-bit unsigned number."""
        return self._short(tag, "H")

    def signed(self, tag: int) -> int | None:
        """First 16-bit signed number."""
        return self._short(tag, "h")

    def _short(self, tag: int, form: str) -> int | None:
        raw = self._raw(tag)
        if len(raw) < 2:
            return None
        value: int = struct.unpack_from(self._encoding.order + form, raw)[0]
        return value

    def counter(self, tag: int) -> int | None:
        """First unsigned number of two or four bytes, as its length says."""
        raw = self._raw(tag)
        if len(raw) not in (2, 4):
            return None
        return int.from_bytes(raw, "big" if self._encoding.big_endian else "little")

    def doubles(self, tag: int) -> tuple[Decimal, ...]:
        """Binary floating-point numbers, as the shortest decimal that means them."""
        raw = self._raw(tag)
        if not raw:
            return ()
        read = struct.unpack_from(f"{self._encoding.order}{len(raw) // 8}d", raw)
        return tuple(Decimal(repr(value)) for value in read)

    def items(self, tag: int, wanted: frozenset[int], *, most: int = UNDEFINED) -> tuple[Elements, ...]:
        """Items of a sequence, at most the first ``most``, with the wanted elements of each."""
        entry = self._entries.get(tag)
        if entry is None:
            return ()
        vr, position, _, end = entry
        encoding = _inner(self._encoding, vr)
        header = _UNPACKED[encoding.order][0]
        items: list[Elements] = []
        at = _Walk(buffer=self._buffer, whole=True, wanted=wanted)
        while position + 8 <= end and len(items) < most:
            if len(items) > _MOST_ITEMS:
                raise DicomError("HEADER_TOO_LONG")
            group, element, length = header(self._buffer, position)
            if (group << 16 | element) != _ITEM:
                break
            position += 8
            last = end if length == UNDEFINED else min(position + length, end)
            inner = item_encoding(self._buffer, position, encoding)
            found = _walk(at, position, last, inner, 1)
            items.append(Elements(self._buffer, found.entries, inner, self._characters))
            position = found.end if length == UNDEFINED else position + length
        return tuple(items)

    def private(self, group: int, creator: str, element: int) -> int | None:
        """Tag of a private element in the block that its creator reserved (PS3.5 7.8.1)."""
        for reserved in self._entries:
            if reserved >> 16 == group and 0x10 <= reserved & 0xFFFF <= 0xFF and self.code(reserved) == creator:
                tag = group << 16 | (reserved & 0xFF) << 8 | element
                return tag if tag in self._entries else None
        return None


@lru_cache(maxsize=4096)
def decimal_of(text: str) -> Decimal | None:
    """Decimal string as a number; None where it is none, or none that a length can be.

    >>> decimal_of("0.9765625"), decimal_of("NaN"), decimal_of("1E300")
    (Decimal('0.9765625'), None, None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    return value if -30 <= value.adjusted() <= 30 else None


def _python_encodings(raw: bytes) -> tuple[str, ...]:
    names = [name.strip() for name in raw.decode("latin-1").strip(" \0").split("\\")]
    return tuple(python_encoding.get(name, "iso8859") for name in names)


def decode(raw: bytes, encodings: tuple[str, ...]) -> str:
    """Text of bytes in one character set, or in several that escape sequences switch (PS3.5 6.1.2.5)."""
    if b"\x1b" not in raw:
        return raw.decode(encodings[0], "replace")
    text = []
    for part in re.split(rb"(?=\x1b)", raw):
        escape = next((code for code in CODES_TO_ENCODINGS if part.startswith(code)), None)
        if escape is None:
            text.append(part.decode(encodings[0], "replace"))
            continue
        name = CODES_TO_ENCODINGS[escape]
        text.append((part if name.startswith("iso2022") else part[len(escape) :]).decode(name, "replace"))
    return "".join(text)
