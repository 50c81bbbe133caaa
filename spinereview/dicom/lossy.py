"""Whether images were compressed with loss, as they say themselves or as their transfer syntax does (PS3.3 C.7.6.1.1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from spinereview.dicom.elements import decimal_of
from spinereview.dicom.header import FileHeader, FrameHeader

_UID = "1.2.840.10008.1.2."
_ALWAYS = {_UID + f"4.{name}": "JPEG" for name in ("50", "51", "52", "53", "54", "55", "56", "111")}
"""Transfer syntaxes that lose something, and their method: JPEG baseline, extended, progressive, recompressed (PS3.5 10)."""
_MAYBE = {
    _UID + "4.81": "JPEG-LS",
    _UID + "4.91": "JPEG 2000",
    _UID + "4.112": "JPEG XL",
    _UID + "4.203": "HTJ2K",
}
"""Those that may lose nothing: then the image says so."""
_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_18181_1": "JPEG XL",
}
"""Defined terms of Lossy Image Compression Method (0028,2114)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lossy:
    """What was lost.

    Parameters
    ----------
    methods
        In the order met; empty where nobody says how.
    ratios
        Least and greatest ratio stated, e.g. 10 for 10 : 1; None where none is.
    """

    methods: tuple[str, ...] = ()
    ratios: tuple[Decimal, Decimal] | None = None

    def __str__(self) -> str:
        least, greatest = self.ratios or (None, None)
        shown = "" if least is None or greatest is None else f"{_plain(least)} : 1"
        if least != greatest and greatest is not None and least is not None:
            shown = f"{_plain(least)} to {_plain(greatest)} : 1"
        return ", ".join(part for part in (" + ".join(self.methods), shown) if part)


def is_lossy(file: FileHeader) -> bool:
    """Whether a file lost something: as it says, or as its transfer syntax does where that leaves nothing open."""
    flag, syntax = dict(file.attributes).get("LossyImageCompression", ""), file.transfer_syntax_uid
    return flag == "01" or syntax in _ALWAYS or (syntax in _MAYBE and flag != "00")


def lossy(images: Iterable[tuple[FileHeader, FrameHeader]]) -> Lossy | None:
    """What the images of a stack lost; None where all of them are as they were made."""
    methods: dict[str, None] = {}
    ratios: list[Decimal] = []
    files = [file for file in {id(file): file for file, _ in images}.values() if is_lossy(file)]
    for file in files:
        stated, syntax = dict(file.attributes), file.transfer_syntax_uid
        told = [_METHODS.get(term, term) for term in _values(stated.get("LossyImageCompressionMethod", ""))]
        inferred = _ALWAYS.get(syntax) or _MAYBE.get(syntax)
        methods.update(dict.fromkeys(told or ([inferred] if inferred else [])))
        ratios += [
            ratio for text in _values(stated.get("LossyImageCompressionRatio", "")) if (ratio := decimal_of(text))
        ]
    if not files:
        return None
    return Lossy(methods=tuple(methods), ratios=(min(ratios), max(ratios)) if ratios else None)


def _values(text: str) -> list[str]:
    return [value.strip() for value in text.split("\\") if value.strip()]


def _plain(ratio: Decimal) -> str:
    """Ratio to one decimal, without an exponent.

    >>> _plain(Decimal("10.0")), _plain(Decimal("7.346"))
    ('10', '7.3')
    """
    return f"{ratio:.1f}".removesuffix(".0")
