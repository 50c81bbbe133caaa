"""Proof that an installation is complete: every part that is loaded only on use is loaded once.

A frozen program loses such parts silently (PyInstaller does not see them) and would fail at the first image that needs
them. The streams of ``resources/self_check`` are one 8 x 8 ramp of 0, 4 .. 252, once in each compression of DICOM.
"""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from spinereview import __version__
from spinereview.analysis.bootstrap import Resampling
from spinereview.analysis.intraclass import icc
from spinereview.analysis.power import superiority_power
from spinereview.analysis.rates import Count, difference, rate, stratified
from spinereview.criteria import CRITERIA, QUESTIONS, parsers
from spinereview.dicom.decoder import shared
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.proof import compressed_series, decoders
from spinereview.errors import DicomError, ResourceError, SpineReviewError
from spinereview.report.pdf import library_version, report_pdf, subsets_fonts
from spinereview.resources import protocols, resource, sample_recipes
from spinereview.storage.eventtable import EventTable
from spinereview.storage.protocols import read_protocol
from spinereview.text import catalogue, languages
from spinereview.workflow.recipe_file import read_recipe

T = TypeVar("T", str, Path)
Find = Callable[[], str]
"""Uses a part once and says what was found; any exception is the part's failure."""

PACKAGES = (
    "numpy",
    "pydicom",
    "imagecodecs",
    "platformdirs",
    "PySide6_Essentials",
    "scipy",
    "statsmodels",
    "weasyprint",
)
FLOORS = {"Python": "3.11", "pydicom": "3.0.2", "SQLite with WAL": "3.51.3"}
"""Oldest versions that may be shipped. SQLite has one only for journals in WAL mode, whose bug 3.51.3 mended."""
FOLDERS = ("icons", "fonts", "locale", "presets", "protocols", "self_check")
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
    """One part of the installation: what was found, or why it cannot be used; without an optional one all else works."""

    subject: str
    found: str = ""
    failure: SpineReviewError | None = None
    optional: bool = False


def self_check(window: Mapping[str, Find] | None = None) -> Iterator[Checked]:
    """Every part in turn; nothing is skipped where one fails.

    Parameters
    ----------
    window
        Parts of the window by name, which only the caller can load.
    """
    yield Checked(subject="spinereview", found=__version__)
    yield checked("Python", lambda: at_least("Python", platform.python_version()))
    yield Checked(subject="SQLite", found=sqlite3.sqlite_version)
    yield checked("SQLite journal", _journal)
    yield Checked(subject="OpenSSL", found=ssl.OPENSSL_VERSION)
    for name in PACKAGES:
        yield checked(name, partial(_version, name))
    for name, find in (window or {}).items():
        yield checked(name, find)
    for folder in FOLDERS:
        yield checked(f"resources/{folder}", partial(_files, folder))
    yield from _each("sentences", languages, _sentences)
    yield from _each("criterion", lambda: CRITERIA, _judged)
    yield from _each("question", lambda: QUESTIONS, _answered)
    yield from _each("protocol", protocols, _protocol)
    for name, uid, bits, tolerance in STREAMS:
        yield checked(f"codec {uid}", partial(_decoded, name, uid, bits, tolerance))
    yield checked("decoders", decoders)
    yield checked("compressed series", compressed_series)
    yield checked("statistics", _statistics)
    yield replace(checked("PDF of reports", _pdf), optional=True)
    yield from _each("sample recipe", lambda: sorted(sample_recipes().glob("*.toml")), _recipe)


def checked(subject: str, find: Find) -> Checked:
    """Use one part; whatever it raises is its failure and ends nothing else."""
    try:
        return Checked(subject=subject, found=find())
    except SpineReviewError as error:
        return Checked(subject=subject, failure=error)
    except Exception as error:  # noqa: BLE001  # a library that is incomplete raises whatever it likes
        said = f"{type(error).__name__}: {error}"
        return Checked(subject=subject, failure=ResourceError("PART_FAILED", name=subject, error=said))


def _each(subject: str, find_all: Callable[[], Iterable[T]], use: Callable[[T], str]) -> Iterator[Checked]:
    """Parts of one kind: first that there are any, then each of them."""
    parts: list[T] = []

    def count() -> str:
        parts.extend(find_all())
        if not parts:
            raise ResourceError("RESOURCE_MISSING", name=subject)
        return f"{len(parts)} found"

    yield checked(subject, count)
    for part in parts:
        yield checked(f"{subject} {Path(part).name}", partial(use, part))


def at_least(name: str, found: str) -> str:
    """Give a version back that is not below its floor.

    Raises
    ------
    ResourceError
        ``PART_TOO_OLD``.
    """
    floor = FLOORS.get(name)
    if floor is None:
        return found
    if _numbers(found) < _numbers(floor):
        raise ResourceError("PART_TOO_OLD", name=name, found=found, wanted=floor)
    return f"{found} (>= {floor})"


def _journal() -> str:
    """Mode of the journal of a trail file as this SQLite writes it."""
    with tempfile.TemporaryDirectory(prefix="spinereview-") as folder:
        path = Path(folder, "trail")
        path.touch()
        table = EventTable.create(path)
        try:
            ((answer,),) = table.run("PRAGMA journal_mode")
        finally:
            table.close()
    mode = answer.decode() if isinstance(answer, bytes) else str(answer)
    return at_least("SQLite with WAL", sqlite3.sqlite_version) if mode == "wal" else f"{mode}, no WAL"


def _numbers(version: str) -> tuple[int, ...]:
    """Leading numbers of a version, as far as it has any: ``"3.0.2rc1"`` gives 3, 0, 2."""
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, leading.group().split("."))) if leading else ()


def _version(name: str) -> str:
    try:
        return at_least(name, metadata.version(name))
    except metadata.PackageNotFoundError as error:
        raise ResourceError("RESOURCE_MISSING", name=name) from error


def _files(folder: str) -> str:
    files = [path for path in resource(folder).rglob("*") if path.is_file()]
    for path in files:
        data = path.read_bytes()
        if not data:
            raise ResourceError("RESOURCE_MISSING", name=path.name)
        if path.suffix == ".toml":
            tomllib.loads(data.decode())
    if not files:
        raise ResourceError("RESOURCE_MISSING", name=f"resources/{folder}")
    return str(len(files))


def _sentences(language: str) -> str:
    return str(len(catalogue(language)))


def _judged(name: str) -> str:
    """Ask a criterion with the settings of an empty section about a subject without visits, who has no outcome."""
    criterion = CRITERIA[name]
    assessments = criterion.assess(criterion.input(), criterion.parse(criterion.smallest))
    if assessments:
        raise ResourceError("PART_FAILED", name=name, error=", ".join(assessments))
    return criterion.assess.__module__


def _answered(name: str) -> str:
    question = QUESTIONS[name]
    criterion = CRITERIA[question.criterion]
    question.answer(question.input(), criterion.parse(criterion.smallest))
    return question.criterion


def _protocol(path: Path) -> str:
    return str(read_protocol(path.read_bytes(), path.name, parsers()).id)


def _pdf() -> str:
    """Make a PDF of one word: the library, its fonts' compiler and Pango are then all there."""
    size = len(report_pdf("<!DOCTYPE html><html lang='en'><title>x</title><p>x</p></html>"))
    if not subsets_fonts():
        raise ResourceError("REPORT_PDF_SLOW")
    return f"WeasyPrint {library_version()}, {size} bytes"


def _statistics() -> str:
    """Use what SciPy and statsmodels are for: an interval of each, and a test."""
    first, second = Count(responders=54, subjects=60), Count(responders=20, subjects=30)
    figures = (
        rate(first),
        difference(first, second),
        stratified({"all": (first, second)}),
        icc([[9, 2, 5], [6, 1, 3], [8, 4, 6]], how=Resampling(seed=1, resamples=100)),
    )
    without = [figure.name for figure in figures if figure.value is None]
    if without:
        raise ResourceError("PART_FAILED", name="statistics", error=", ".join(without))
    return f"{len(figures)} figures, power {superiority_power((60, 30), (0.9, 0.66)):.2f}"


def _recipe(path: Path) -> str:
    return read_recipe(path).id


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
    try:
        samples = [int(sample) for sample in shared().frame(data, layout).reshape(-1)]
    except DicomError as error:
        raise DicomError(error.code, **{**error.arguments, "file": name}) from error
    wanted = range(0, _EDGE * _EDGE * _STEP, _STEP)
    if len(samples) != len(wanted) or any(abs(a - b) > tolerance for a, b in zip(samples, wanted, strict=True)):
        raise DicomError("CODEC_WRONG", name=name)
    return name
