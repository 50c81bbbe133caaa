"""Transfer syntaxes by name (PS3.6 annex A): those that are read, by what, and those that are only recognised."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import config
from pydicom.uid import UID

_ROOT = "1.2.840.10008.1.2"
_NEWER = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}
"""Names that pydicom's dictionary does not have yet."""


def name_of(uid: str) -> str:
    """Name of a transfer syntax; ``unknown`` for one that no edition names."""
    # Not checked: what is no UID at all is unknown, and no more.
    known = _NEWER.get(uid) or UID(uid, validation_mode=config.IGNORE).name
    return known if known != uid else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSyntax:
    """A transfer syntax that is read.

    Parameters
    ----------
    decoder
        Library that decodes it.
    compared
        What its samples were compared with, bit for bit.
    """

    uid: str
    decoder: str
    compared: str

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(self.uid)


def _read(last: str, decoder: str, compared: str) -> ReadSyntax:
    return ReadSyntax(uid=f"{_ROOT}{last}", decoder=decoder, compared=compared)


_JPEG = "libjpeg-turbo"
READ = (
    _read("", "none", "pydicom; GDCM through SimpleITK"),
    _read(".1", "none", "pydicom; GDCM through SimpleITK"),
    _read(".2", "none", "pydicom; GDCM through SimpleITK"),
    _read(".1.98", "none", "the samples that were written"),
    _read(".1.99", "zlib", "pydicom; GDCM through SimpleITK"),
    _read(".4.50", _JPEG, "GDCM on real files; Pillow (the same library in another build)"),
    _read(".4.51", _JPEG, "GDCM on real files"),
    _read(".4.53", _JPEG, "the same slice as JPEG Extended"),
    _read(".4.55", _JPEG, "the same slice as JPEG Extended"),
    _read(".4.57", f"{_JPEG}, else jpegsof3", "jpegsof3; GDCM on real files"),
    _read(".4.70", f"{_JPEG}, else jpegsof3", "jpegsof3; GDCM on real files and through SimpleITK"),
    _read(".4.80", "CharLS", "GDCM on real files and through SimpleITK (CharLS in another version)"),
    _read(".4.81", "CharLS", "GDCM on real files (CharLS in another version)"),
    _read(".4.90", "OpenJPEG", "GDCM on real files and through SimpleITK, Pillow (OpenJPEG in other builds)"),
    _read(".4.91", "OpenJPEG", "GDCM on real files, Pillow (OpenJPEG in other builds)"),
    _read(".4.110", "libjxl", "the samples that were written"),
    _read(".4.111", "libjxl", "the samples that were written"),
    _read(".4.112", "libjxl", "nothing: the only decoder at hand; what was written, within the loss"),
    _read(".4.201", "OpenJPH", "OpenJPEG"),
    _read(".4.202", "OpenJPH", "OpenJPEG"),
    _read(".4.203", "OpenJPH", "OpenJPEG, within one grey level"),
    _read(".5", "imagecodecs (PackBits)", "pydicom; GDCM on real files and through SimpleITK"),
    _read(".8.1", "zlib", "the samples that were written"),
)
"""All that are read, in the order of their UIDs."""
