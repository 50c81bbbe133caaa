"""What may change of a case that is open: its timepoints before the first mark, its images, what is known of their hashes.

Each change of ``case.json`` is noted in the read with the hash of the file before and after, then takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spinereview.domain.codec import Json
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow import case_file as files
from spinereview.workflow import reads, timepoints
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.case_file import CaseFile
from spinereview.workflow.patients import own_patients
from spinereview.workflow.source import MISSING, FolderSource, Verification, found_stacks, found_studies, scan_images
from spinereview.workflow.timepoints import FoundStudy


def arrange(opened: OpenedCase, file: CaseFile) -> OpenedCase:
    """Take over timepoints that were joined, split or renamed; before the first mark only.

    Parameters
    ----------
    file
        What :func:`~spinereview.workflow.timepoints.join`, ``split`` or ``rename`` gave for ``opened.file``.

    Raises
    ------
    Refused
        ``CASE_HAS_MARKS``, ``CASE_OTHER_READS``, ``SESSION_READ_ONLY``; nothing has changed.
    CaseError
        ``CASE_FILE_NOT_WRITTEN``; nothing has changed.
    """
    if reads.has_marks(opened.session):
        raise Refused("CASE_HAS_MARKS")
    if len(reads.reads_in(opened.folder)) > 1:
        raise Refused("CASE_OTHER_READS")
    return changed(opened, file)


def add_images(
    opened: OpenedCase,
    path: Path | None = None,
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> OpenedCase:
    """Add images to the case: those of a path, or the ``further`` ones that were found at opening.

    Raises
    ------
    Refused
        ``CASE_OTHER_PATIENT``; as :func:`~spinereview.workflow.timepoints.add`. Nothing has changed.
    CaseError, DicomError
        As :func:`open_images`.
    """
    studies: tuple[FoundStudy, ...] = opened.further
    found = dict(opened.source.found) if isinstance(opened.source, FolderSource) else {}
    headers = [header for each in found.values() for header, _ in each.result.images[:1]]
    sources: list[str] = []
    if path is not None:
        path = path.absolute()
        scanned = scan_images(path, cancel=cancel, progress=progress)
        patients = own_patients((scanned,), opened.file, headers)
        if not patients:
            raise Refused("CASE_OTHER_PATIENT", file=path)
        studies = tuple(study for patient in patients for study in found_studies(patient))
        found = {**found_stacks(patients), **found}
        sources = [str(path)]
    marked = reads.has_marks(opened.session) or len(reads.reads_in(opened.folder)) > 1
    locked = reads.locked_timepoints(opened.session.head)
    file = timepoints.add(opened.file, studies, sources=sources, marked=marked, locked=locked)
    written = changed(opened, file)
    source = FolderSource(case=file.case, found=found)
    closed = {stack: code for stack, code in opened.closed_stacks.items() if stack not in found or code != MISSING}
    return replace(written, source=source, further=(), closed_stacks=Table(closed))


def verified(opened: OpenedCase, verification: Verification) -> OpenedCase:
    """Take over what :meth:`CaseSource.verify` found in the background, and note it in the read.

    Hashes that the read does not have yet are noted, so that an image altered later is seen; stacks that are missing or were
    altered are closed.
    """
    session = opened.session
    if session.readonly_because is None:
        recorded = reads.recorded_hashes(session.history())
        for stack, sha256 in verification.sha256.items():
            if Id(stack) not in recorded:
                session.note("stack_hashed", {"stack": stack, "sha256": sha256})
        for stack, code in verification.closed.items():
            session.note("stack_closed", {"stack": stack, "code": code})
    return replace(opened, closed_stacks=Table({**opened.closed_stacks, **verification.closed}))


def changed(opened: OpenedCase, file: CaseFile, notes: Sequence[tuple[str, Mapping[str, Json]]] = ()) -> OpenedCase:
    """Write the next ``case.json``, noted in the read with both hashes before it takes the place of the old one.

    Parameters
    ----------
    notes
        Name and arguments of what is to be noted of the change besides.
    """
    before, after = files.case_sha256(opened.file), files.case_sha256(file)
    if before == after:
        return opened
    path = opened.folder / files.NAME
    with files.replacing(path, file):
        for name, arguments in notes:
            opened.session.note(name, dict(arguments))
        opened.session.note("case_changed", {"before": before, "after": after})
    opened.session.case = file.case
    source = opened.source
    if isinstance(source, FolderSource):
        source = replace(source, case=file.case)
    return replace(opened, file=file, source=source)
