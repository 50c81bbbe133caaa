"""Writing what comes out of a read into a folder: report as HTML and PDF, tables, the whole read as JSON.

Each file is replaced whole or not at all. A PDF that cannot be made on this machine is said and keeps nothing else from
being written. The same read and program version give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from spinereview.errors import CaseError, ResourceError, SpineReviewError
from spinereview.report.facts import ReadFacts
from spinereview.report.key_images import marks
from spinereview.report.page import report_html
from spinereview.report.pdf import report_pdf
from spinereview.report.read_json import read_json
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.text import explain
from spinereview.workflow.answers import LookedAt, as_csv, looking_at
from spinereview.workflow.files import replace_file
from spinereview.workflow.key_pictures import KeyPictures
from spinereview.workflow.patients import own_patients
from spinereview.workflow.reads import Workstation
from spinereview.workflow.source import CaseSource, FolderSource, found_stacks, scan_sources

SCHEMA = 1
"""Of what ``report --json`` answers."""


class Kind(StrEnum):
    """What can be written of a read."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    READ_JSON = "read-json"


USUAL = frozenset({Kind.HTML, Kind.PDF})
NAMES = {Kind.HTML: "report.html", Kind.PDF: "report.pdf", Kind.READ_JSON: "read.json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Files that were written, by kind, and what could not be made, with why."""

    folder: Path
    facts: ReadFacts
    files: tuple[tuple[Kind, Path], ...] = ()
    refused: tuple[tuple[Kind, SpineReviewError], ...] = field(default=())


def report_folder(read: Path) -> Path:
    """Where the report of a read goes unless another folder is named: beside the read."""
    return read.with_name(f"{read.stem}-report")


def report_file(
    path: Path,
    out: Path | None = None,
    kinds: AbstractSet[Kind] = USUAL,
    workstation: Workstation | None = None,
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Written:
    """Report of a read that lies in its case folder and that nobody has open; the read is not changed.

    Raises
    ------
    CaseError, TrailError
        As :func:`~spinereview.workflow.answers.looking_at`; ``REPORT_NOT_WRITTEN``, ``TABLE_NOT_WRITTEN``.
    Cancelled
        The user asked for it; files that were written before stay.
    """
    path, cancel = path.absolute(), cancel or CancelToken()
    with looking_at(path, workstation) as looked:
        drawn = bool(kinds & USUAL)
        source = _source(looked, cancel, progress) if drawn else FolderSource(case=looked.file.case, found={})
        return write_report(looked.facts, source, out or report_folder(path), kinds, cancel=cancel, progress=progress)


def write_report(
    facts: ReadFacts,
    source: CaseSource,
    out: Path,
    kinds: AbstractSet[Kind] = USUAL,
    *,
    cancel: CancelToken,
    progress: Progress = no_progress,
) -> Written:
    """Write what was asked for of a read into a folder, made where it is missing.

    Raises
    ------
    CaseError
        ``REPORT_NOT_WRITTEN``, ``TABLE_NOT_WRITTEN``.
    Cancelled
        The user asked for it; files that were written before stay.
    """
    files: list[tuple[Kind, Path]] = []
    refused: list[tuple[Kind, SpineReviewError]] = []
    if kinds & USUAL:
        html = _html(facts, source, cancel, progress)
        if Kind.HTML in kinds:
            files.append((Kind.HTML, _write(out / NAMES[Kind.HTML], html.encode())))
        if Kind.PDF in kinds:
            cancel.check()
            try:
                pdf = report_pdf(html)
            except ResourceError as error:
                refused.append((Kind.PDF, error))
            else:
                files.append((Kind.PDF, _write(out / NAMES[Kind.PDF], pdf)))
    cancel.check()
    if Kind.CSV in kinds:
        files += [(Kind.CSV, path) for path in as_csv(facts, out)]
    if Kind.READ_JSON in kinds:
        files.append((Kind.READ_JSON, _write(out / NAMES[Kind.READ_JSON], read_bytes(facts))))
    return Written(folder=out, facts=facts, files=tuple(files), refused=tuple(refused))


def read_bytes(facts: ReadFacts) -> bytes:
    """The whole read as JSON, always the same for the same read."""
    return json.dumps(read_json(facts), indent=1, ensure_ascii=False).encode() + b"\n"


def as_json(written: Written) -> dict[str, object]:
    """What was written, for a program that asked for it."""
    facts = written.facts
    return {
        "schema": SCHEMA,
        "program": facts.program,
        "subject": facts.subject,
        "reader": facts.reader,
        "trail_head": facts.trail_head,
        "written": [
            {"kind": kind.value, "file": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for kind, path in written.files
        ],
        "refused": [
            {"kind": kind.value, "code": error.code, "sentence": explain(error)} for kind, error in written.refused
        ],
    }


def _html(facts: ReadFacts, source: CaseSource, cancel: CancelToken, progress: Progress) -> str:
    total = len(marks(facts))
    counted = iter(range(1, total + 1))

    def done() -> None:
        progress(next(counted, total), total)

    pictures = KeyPictures(source, facts.case, facts.stack_sha256, cancel=cancel, done=done)
    return report_html(facts, pictures.plane_of)


def _source(looked: LookedAt, cancel: CancelToken, progress: Progress) -> FolderSource:
    """Images of a case as far as they are where the case found them."""
    scans = scan_sources([Path(text) for text in looked.file.sources], cancel=cancel, progress=progress)
    return FolderSource(case=looked.file.case, found=found_stacks(own_patients(scans, looked.file)))


def _write(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data)
    except OSError as error:
        raise CaseError("REPORT_NOT_WRITTEN", file=path, error=error.strerror or "") from error
    return path
