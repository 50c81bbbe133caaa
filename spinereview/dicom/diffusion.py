"""The b-value of a diffusion-weighted image, from the standard's attribute or from those of the manufacturers.

Only used to tell images of one position apart, never measured with. Private elements are found through their Private
Creator (PS3.5 7.8.1), as the conformance statements of the manufacturers describe them.
"""

from __future__ import annotations

import struct
from decimal import Decimal

from spinereview.dicom.elements import Elements, decimal_of

DIFFUSION_B_VALUE = 0x00189087
_SIEMENS_HEADERS = ("SIEMENS CSA HEADER",)
_GE_OFFSET = 1_000_000_000
"""GE adds a thousand millions to mark a b-value that was computed from directions."""
_MOST_FIELDS = 400


def b_value(elements: Elements) -> str:
    """b-value in s/mm2 as text; empty where none is stated."""
    if DIFFUSION_B_VALUE in elements:
        values = elements.doubles(DIFFUSION_B_VALUE)
        if values and values[0].is_finite():
            return plain(values[0])
    return _siemens(elements) or _ge(elements) or _philips(elements)


def plain(value: Decimal) -> str:
    """Number without needless zeros, so that equal ones are equal texts.

    >>> plain(Decimal("800.0")), plain(Decimal("1E+3"))
    ('800', '1000')
    """
    return format(value.normalize(), "f")


def _siemens(elements: Elements) -> str:
    tag = elements.private(0x0019, "SIEMENS MR HEADER", 0x0C)
    if tag is not None:
        value = decimal_of(elements.code(tag))
        return plain(value) if value is not None else ""
    for creator in _SIEMENS_HEADERS:
        tag = elements.private(0x0029, creator, 0x10)
        if tag is not None:
            value = decimal_of(csa_value(elements.raw(tag), "B_value"))
            return plain(value) if value is not None else ""
    return ""


def _ge(elements: Elements) -> str:
    tag = elements.private(0x0043, "GEMS_PARM_01", 0x39)
    value = elements.integer(tag) if tag is not None else None
    if value is None:
        return ""
    return str(value % _GE_OFFSET if value >= _GE_OFFSET else value)


def _philips(elements: Elements) -> str:
    tag = elements.private(0x2001, "Philips Imaging DD 001", 0x03)
    raw = elements.raw(tag) if tag is not None else b""
    if len(raw) != 4:
        return ""
    value = Decimal(repr(struct.unpack("<f", raw)[0]))
    return plain(value) if value.is_finite() else ""


def csa_value(raw: bytes, name: str) -> str:
    """First value of a field of a Siemens CSA2 header; empty where the header is no such, or has no such field.

    The layout: ``SV10``, four bytes, the number of fields, 77; for each field its name (64 bytes), four numbers of which
    the last is how many items follow and one more; for each item its length among four numbers, then its bytes, padded
    to four.
    """
    if raw[:4] != b"SV10":
        return ""
    try:
        count = struct.unpack_from("<I", raw, 8)[0]
        position = 16
        for _ in range(min(count, _MOST_FIELDS)):
            field = raw[position : position + 64].split(b"\0")[0].decode("latin-1")
            items = struct.unpack_from("<I", raw, position + 76)[0]
            position += 84
            for _ in range(items):
                length = struct.unpack_from("<I", raw, position + 4)[0]
                position += 16
                value = raw[position : position + length]
                if field == name and value:
                    return value.split(b"\0")[0].decode("latin-1").strip()
                position += (length + 3) // 4 * 4
    except struct.error:
        return ""
    return ""
