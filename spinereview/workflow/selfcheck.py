"""Proof that an installation is complete: every part that is loaded only on use is loaded once.

A frozen program loses such parts silently (PyInstaller does not see them) and would fail at the first image that needs
them. The streams of ``resources/self_check`` are one 8 x 8 ramp of 0, 4 .. 252, once in each compression of DICOM.
"""

from __future__ import annotations

import platform
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from spinereview import __version__
from spinereview.criteria import CRITERIA, parsers
from spinereview.dicom.decode import decode
from spinereview.dicom.header import PixelLayout
from spinereview.errors import DicomError, ResourceError, SpineReviewError
from spinereview.resources import protocols, resource
from spinereview.storage.protocols import read_protocol
from spinereview.text import catalogue, languages
from spinereview.workflow.samples import recipes

PACKAGES = ("numpy", "pydicom", "imagecodecs", "PySide6_Essentials")
FOLDERS = ("icons", "fonts", "locale", "presets", "protocols")
_UID = "1.2.840.10008.1.2."
# File, transfer syntax (PS3.5 A.4), bits stored, and by how much a sample may differ: none but in lossy JPEG.
STREAMS = (
    ("jpeg.bin", _UID + "4.50", 8, 4),
    ("jpeg_lossless.bin", _UID + "4.70", 12, 0),
    ("jpeg_ls.bin", _UID + "4.80", 12, 0),
    ("jpeg_2000.bin", _UID + "4.90", 12, 0),
    ("htj2k.bin", _UID + "4.201", 12, 0),
    ("rle.bin", _UID + "5", 12, 0),
)
_EDGE = 8
_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One part of the installation: what was found, or why it cannot be used."""

    subject: str
    found: str = ""
    failure: SpineReviewError | None = None


def self_check() -> Iterator[Checked]:
    """Every part in turn; nothing is skipped where one fails."""
    yield Checked(subject="spinereview", found=__version__)
    yield Checked(subject="Python", found=platform.python_version())
    yield Checked(subject="SQLite", found=sqlite3.sqlite_version)
    yield Checked(subject="OpenSSL", found=ssl.OPENSSL_VERSION)
    for name in PACKAGES:
        yield _checked(name, partial(_version, name))
    for folder in FOLDERS:
        yield _checked(f"resources/{folder}", partial(_files, folder))
    for language in languages():
        yield _checked(f"sentences {language}", partial(_sentences, language))
    for name, criterion in CRITERIA.items():
        yield Checked(subject=f"criterion {name}", found=criterion.assess.__module__)
    for path in protocols():
        yield _checked(f"protocol {path.name}", partial(_protocol, path))
    for name, uid, bits, tolerance in STREAMS:
        yield _checked(f"codec {uid}", partial(_decoded, name, uid, bits, tolerance))
    yield _checked("sample recipes", lambda: str(len(recipes())))


def _checked(subject: str, find: Callable[[], str]) -> Checked:
    try:
        return Checked(subject=subject, found=find())
    except SpineReviewError as error:
        return Checked(subject=subject, failure=error)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError as error:
        raise ResourceError("RESOURCE_MISSING", name=name) from error


def _files(folder: str) -> str:
    count = sum(1 for path in resource(folder).rglob("*") if path.is_file())
    if not count:
        raise ResourceError("RESOURCE_MISSING", name=f"resources/{folder}")
    return str(count)


def _sentences(language: str) -> str:
    return str(len(catalogue(language)))


def _protocol(path: Path) -> str:
    return str(read_protocol(path.read_bytes(), path.name, parsers()).id)


def _decoded(name: str, uid: str, bits_stored: int, tolerance: int) -> str:
    data = resource("self_check", name).read_bytes()
    layout = PixelLayout(
        rows=_EDGE,
        columns=_EDGE,
        frames=1,
        samples=1,
        bits_allocated=8 if bits_stored == 8 else 16,
        bits_stored=bits_stored,
        high_bit=bits_stored - 1,
        signed=False,
        photometric="MONOCHROME2",
        planar=0,
        transfer_syntax_uid=uid,
        big_endian=False,
        offset=None,
        length=None,
    )
    samples = [int(sample) for sample in decode(data, layout).reshape(-1)]
    wanted = range(0, _EDGE * _EDGE * _STEP, _STEP)
    if len(samples) != len(wanted) or any(abs(a - b) > tolerance for a, b in zip(samples, wanted, strict=True)):
        raise DicomError("CODEC_WRONG", name=name)
    return name
