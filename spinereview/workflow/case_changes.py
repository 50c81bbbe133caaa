"""What may change of a case that is open: timepoints before the first mark, their visits, images, what is known of hashes.

Each change of ``case.json`` is noted in the read with the hash of the file before and after, then takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spinereview.domain.codec import Json
from spinereview.domain.imaging import Id
from spinereview.domain.read import Lock
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow import case_file as files
from spinereview.workflow import reads, timepoints
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.case_file import CaseFile
from spinereview.workflow.outlines import beside
from spinereview.workflow.patients import own_patients
from spinereview.workflow.source import MISSING, FolderSource, Verification, found_stacks, found_studies, scan_images
from spinereview.workflow.timepoints import FoundStudy
from spinereview.workflow.visits import VisitMatch, matches, visits_with_images


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


def visit_matches(opened: OpenedCase) -> tuple[VisitMatch, ...]:
    """Which visit of the protocol each timepoint may be; days are used only where the protocol lets a reader know them."""
    days: dict[str, int] | None = None
    if opened.protocol.blinding.show_days:
        found = {one.id: opened.file.day_of(one.id) for one in opened.case.in_order}
        days = {str(timepoint): day for timepoint, day in found.items() if day is not None}
    return matches(opened.case, opened.protocol, days)


def name_visits(opened: OpenedCase, visits: Mapping[Id, str]) -> OpenedCase:
    """Take over which visit of the protocol each timepoint is; empty: none of them.

    What was said before can be changed while nobody else has a read of the case, and not of a locked timepoint.

    Raises
    ------
    Refused
        ``CASE_VISIT_OTHER_READS``, ``SESSION_READ_ONLY``; as :func:`~spinereview.workflow.timepoints.name_visits`.
        Nothing has changed.
    CaseError
        ``CASE_FILE_NOT_WRITTEN``; nothing has changed.
    """
    said = {one.id: one.visit for one in opened.case.in_order if one.visit is not None}
    changes = any(said[timepoint] != visit for timepoint, visit in visits.items() if timepoint in said)
    if changes and len(reads.reads_in(opened.folder)) > 1:
        raise Refused("CASE_VISIT_OTHER_READS")
    order = [visit.name for visit in visits_with_images(opened.protocol)]
    head = opened.session.head
    locked = [one.id for one in opened.case.in_order if head.lock_of(one.id) is Lock.LOCKED]
    return changed(opened, timepoints.name_visits(opened.file, visits, order, locked=locked))


def with_certain_visits(opened: OpenedCase) -> tuple[OpenedCase, tuple[VisitMatch, ...]]:
    """Name the visits that days leave no doubt of; and what is still to be asked, empty where nothing is.

    Where the read cannot be written nothing is named and nothing is asked.
    """
    found = visit_matches(opened)
    if opened.read_only or all(one.said is not None for one in found):
        return opened, ()
    if all(one.certain and one.said is None for one in found):
        return name_visits(opened, {one.timepoint: one.suggested for one in found}), ()
    return opened, found


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
    aside = opened.source.beside
    sources: list[str] = []
    if path is not None:
        path = path.absolute()
        scanned = scan_images(path, cancel=cancel, progress=progress)
        patients = own_patients((scanned,), opened.file, headers)
        if not patients:
            raise Refused("CASE_OTHER_PATIENT", file=path)
        studies = tuple(study for patient in patients for study in found_studies(patient))
        found = {**found_stacks(patients), **found}
        aside = tuple(sorted({*aside, *beside((scanned,), patients)}))
        sources = [str(path)]
    marked = reads.has_marks(opened.session) or len(reads.reads_in(opened.folder)) > 1
    locked = reads.locked_timepoints(opened.session.head)
    file = timepoints.add(opened.file, studies, sources=sources, marked=marked, locked=locked)
    written = changed(opened, file)
    source = FolderSource(case=file.case, found=found, beside=aside)
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
