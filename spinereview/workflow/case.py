"""Opening a case that belongs to no trial: an image folder, a case folder, or a read; and what may change of it later.

The first opening of images makes a case folder, by default among the user's documents and never inside the images, with
``case.json``, a copy of the protocol, and the reader's ``.srread``. Nothing is ever written beside the images. Images of
more than one patient are never joined: one patient is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from spinereview.dicom.scan import Scan
from spinereview.domain.case import Case
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import CaseError, SpineReviewError
from spinereview.review.session import Session
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow import case_file as files
from spinereview.workflow import reads, timepoints
from spinereview.workflow.case_file import CaseFile, read_case_file
from spinereview.workflow.outlines import beside
from spinereview.workflow.patients import KnownCase, PatientChoice, chosen_patient, known_case, own_patients
from spinereview.workflow.reads import SUFFIX, Workstation
from spinereview.workflow.source import (
    MISSING,
    CaseSource,
    FolderSource,
    found_stacks,
    found_studies,
    further_studies,
    scan_images,
    scan_sources,
)
from spinereview.workflow.timepoints import FoundStudy


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase:
    """A case that is open, with one person's read.

    Parameters
    ----------
    closed_stacks
        Code of each stack that may get no new marks: ``STACK_MISSING``, ``STACK_ALTERED``, ``STACK_UNREADABLE``.
    further
        Images of this patient that were found in the case's folders and are not in the case.
    warnings
        What is to be said; none of it keeps the case from being read.
    """

    folder: Path
    read_path: Path
    file: CaseFile
    source: CaseSource
    session: Session[Read]
    protocol: Protocol
    closed_stacks: Table[str] = field(default_factory=Table)
    further: tuple[FoundStudy, ...] = ()
    warnings: tuple[SpineReviewError, ...] = ()

    @property
    def case(self) -> Case:
        """The case, with its timepoints."""
        return self.file.case

    @property
    def read_only(self) -> bool:
        """Whether acts are refused; why says ``session.readonly_because``."""
        return self.session.readonly_because is not None


Opening = OpenedCase | KnownCase | PatientChoice


def open_case(
    path: Path,
    workstation: Workstation,
    *,
    reader: str = "",
    subject: str = "",
    patient: int | None = None,
    protocol: Path | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Opening:
    """Open whatever a path is: an image folder, an image, a DICOMDIR, a case folder, its ``case.json``, or a read.

    Raises
    ------
    CaseError, DicomError, TrailError, ProtocolError
        As :func:`open_images`, :func:`open_folder` and :func:`open_read`.
    Cancelled
        The user asked for it; nothing was made.
    """
    if path.suffix == SUFFIX:
        return open_read(path, workstation, reader=reader, cancel=cancel, progress=progress)
    folder = path.parent if path.name == files.NAME else path
    if _has_case(folder):
        return open_folder(folder, workstation, reader=reader, cancel=cancel, progress=progress)
    return open_images(
        path,
        workstation,
        reader=reader,
        subject=subject,
        patient=patient,
        protocol=protocol,
        cancel=cancel,
        progress=progress,
    )


def open_images(
    path: Path,
    workstation: Workstation,
    *,
    reader: str = "",
    subject: str = "",
    case_folder: Path | None = None,
    patient: int | None = None,
    protocol: Path | None = None,
    again: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Opening:
    """Make a case of images and open it.

    Parameters
    ----------
    subject
        Code of the subject; without one the program takes one that says nothing.
    patient
        Index of the patient that was chosen from a :class:`PatientChoice`.
    again
        Make a new case even where the images belong to one that exists.

    Returns
    -------
    The case; or the case that the images belong to already; or the patients to choose from. Only the first has written.

    Raises
    ------
    CaseError
        ``READER_CODE_NEEDED``, ``READER_CODE_INVALID``, ``SUBJECT_CODE_INVALID``; ``IMAGES_NONE``, ``IMAGES_NO_DICOM``,
        ``IMAGES_NO_STACK``; ``CASE_EXISTS``, ``CASE_FOLDER_IN_IMAGES``, ``CASE_FOLDER_NOT_WRITTEN``.
    DicomError
        ``PATH_MISSING``.
    """
    reader = reads.reader_code(reader, workstation)
    code = reads.subject_code(subject, workstation.documents)
    path = path.absolute()
    scanned = scan_images(path, cancel=cancel, progress=progress)
    chosen = chosen_patient(scanned, patient)
    if isinstance(chosen, PatientChoice):
        return chosen
    known = None if again else known_case(path, chosen, workstation)
    if known is not None:
        return known
    folder = (case_folder or workstation.documents / code).absolute()
    _require_new(folder, path)
    with _making(folder):
        trial = reads.new_protocol(folder, protocol)
        bare = Case(id=reads.new_id("c"), subject_code=code, protocol_sha256=trial.sha256)
        identity = files.patient_hash(bare.id, chosen.patient_id)
        file = timepoints.propose(bare, identity, [str(path)], found_studies(chosen))
        files.write_case_file(folder / files.NAME, file)
        read_path = folder / f"{reader}{SUFFIX}"
        session = reads.new_read(read_path, file.case, trial, reader, workstation)
    with _closed_on_error(session):
        session.note("case_made", {"sha256": files.case_sha256(file)})
        opened = _opened(read_path, file, session, trial, (scanned,))
    return _remembered(opened, workstation, reader)


def open_folder(
    folder: Path,
    workstation: Workstation,
    *,
    reader: str = "",
    images: Sequence[Path] = (),
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> OpenedCase:
    """Open a case folder with the read of this reader, made where there is none.

    Parameters
    ----------
    images
        Where to look for the images beside the folders that the case knows.

    Raises
    ------
    CaseError
        ``CASE_FILE_MISSING``, ``CASE_FILE_NEWER``, ``CASE_FILE_DAMAGED``, ``CASE_FILE_UNREADABLE``; ``CASE_READS_SEVERAL``,
        ``READER_CODE_NEEDED``; as :func:`open_read`.
    """
    folder = folder.absolute()
    file, _ = read_case_file(folder / files.NAME)
    listed = reads.reads_in(folder)
    given = reader or workstation.settings.load()[0].reader_code
    own = folder / f"{given}{SUFFIX}"
    if given and own in listed:
        return open_read(own, workstation, images=images, cancel=cancel, progress=progress)
    if len(listed) == 1 and not reader:
        return open_read(listed[0], workstation, images=images, cancel=cancel, progress=progress)
    if len(listed) > 1 and not reader:
        raise CaseError("CASE_READS_SEVERAL", folder=folder, reads=", ".join(path.name for path in listed))
    reader = reads.reader_code(reader, workstation)
    trial = reads.protocol_of(folder, file.case)
    session = reads.new_read(folder / f"{reader}{SUFFIX}", file.case, trial, reader, workstation)
    with _closed_on_error(session):
        session.note("case_found", {"sha256": files.case_sha256(file)})
        scans = scan_sources(_sources(file, images), cancel=cancel, progress=progress)
        opened = _opened(folder / f"{reader}{SUFFIX}", file, session, trial, scans)
    return _remembered(opened, workstation, reader)


def open_read(
    path: Path,
    workstation: Workstation,
    *,
    reader: str = "",
    images: Sequence[Path] = (),
    accept_copy: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> OpenedCase:
    """Open a read with the case beside it; where nothing can be written it is opened to be looked at.

    Parameters
    ----------
    accept_copy
        The person was told that the same read lies elsewhere too (``TRAIL_COPIED``), and goes on with this one.

    Raises
    ------
    CaseError
        As :func:`~spinereview.workflow.case_file.read_case_file`; ``READ_OTHER_CASE``, ``CASE_PROTOCOL_MISSING``.
    TrailError
        The read is in use, is a copy, or cannot even be looked at.
    """
    path = path.absolute()
    folder = path.parent
    file, sha256 = read_case_file(folder / files.NAME)
    trial = reads.protocol_of(folder, file.case)
    session = reads.old_read(path, file.case, trial, reader, workstation, accept_copy=accept_copy)
    with _closed_on_error(session):
        altered = _case_changed(session, folder / files.NAME, sha256)
        scans = scan_sources(_sources(file, images), cancel=cancel, progress=progress)
        opened = _opened(path, file, session, trial, scans)
    return _remembered(replace(opened, warnings=(*altered, *opened.warnings)), workstation, reader)


@contextmanager
def _closed_on_error(session: Session[Read]) -> Iterator[None]:
    """Let go of a read that was opened for nothing, so that it can be opened again."""
    try:
        yield
    except BaseException:
        session.close()
        raise


def _sources(file: CaseFile, images: Sequence[Path]) -> list[Path]:
    return [Path(text) for text in file.sources] + [path.absolute() for path in images]


def _has_case(folder: Path) -> bool:
    try:
        return (folder / files.NAME).is_file()
    except OSError:
        # A folder that may not be entered: what is wrong with it says the scan.
        return False


def _require_new(folder: Path, images: Path) -> None:
    inside = images if images.is_dir() else images.parent
    if folder.resolve().is_relative_to(inside.resolve()):
        raise CaseError("CASE_FOLDER_IN_IMAGES", folder=folder, file=images)
    try:
        taken = (folder / files.NAME).exists() or bool(reads.reads_in(folder))
    except OSError as error:
        raise CaseError("CASE_FOLDER_NOT_WRITTEN", folder=folder, error=error.strerror) from error
    if taken:
        raise CaseError("CASE_EXISTS", folder=folder)


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """Make a case folder, and say it plainly where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise CaseError("CASE_FOLDER_NOT_WRITTEN", folder=folder, error=error.strerror) from error


def _opened(
    read_path: Path, file: CaseFile, session: Session[Read], trial: Protocol, scans: Sequence[Scan]
) -> OpenedCase:
    """The case with its images, as far as they were found, and with what is to be said of it."""
    own = own_patients(scans, file)
    source = FolderSource(case=file.case, found=found_stacks(own), beside=beside(scans, own))
    further = further_studies(own, file)
    return OpenedCase(
        folder=read_path.parent,
        read_path=read_path,
        file=file,
        source=source,
        session=session,
        protocol=trial,
        closed_stacks=Table(dict.fromkeys(source.missing, MISSING)),
        further=further,
        warnings=(*_of_trail(session, read_path.parent), *_of_images(file, scans, source, further)),
    )


def _of_trail(session: Session[Read], folder: Path) -> Iterator[SpineReviewError]:
    because = session.readonly_because
    if because is not None:
        yield CaseError("CASE_READ_ONLY", file=folder) if because.code == "TRAIL_READ_ONLY" else because


def _of_images(
    file: CaseFile, scans: Sequence[Scan], source: FolderSource, further: Sequence[FoundStudy]
) -> Iterator[SpineReviewError]:
    """What is to be said of the images of a case."""
    listed = ", ".join(file.sources)
    shown = [group for scanned in scans for group in scanned.patients if found_stacks([group])]
    others = len([group for group in shown if group not in own_patients(scans, file)])
    if others:
        yield CaseError("CASE_OTHER_PATIENTS", file=listed, count=others)
    unreadable = [path for scanned in scans for path, _ in scanned.unreadable]
    # A file of an image's class without pixels was cut in its header.
    unreadable += [cut.path for scanned in scans for cut in scanned.not_shown if cut.code == "NO_PIXELS"]
    if unreadable:
        yield CaseError("IMAGES_SOME_UNREADABLE", count=len(unreadable), file=unreadable[0])
    undated = [point.label for point in file.case.in_order if not file.date_of(point.id)]
    if undated:
        yield CaseError("CASE_NO_DATE", timepoints=", ".join(undated))
    if source.missing:
        yield CaseError("CASE_IMAGES_MISSING", count=len(source.missing), file=listed)
    if further:
        yield CaseError("CASE_IMAGES_NEW", count=sum(len(study.stacks) for study in further))


def _case_changed(session: Session[Read], path: Path, sha256: str) -> tuple[SpineReviewError, ...]:
    """Compare ``case.json`` with what the read noted of it last; a change that was broken off is no finding."""
    noted = [entry for entry in session.history() if entry.name in {"case_made", "case_found", "case_changed"}]
    last = noted[-1].args if noted else {}
    if sha256 in {last.get("sha256"), last.get("after"), last.get("before")}:
        return ()
    if session.readonly_because is None:
        session.note("case_found", {"sha256": sha256})
    return (CaseError("CASE_FILE_ALTERED", file=path),)


def _remembered(opened: OpenedCase, workstation: Workstation, reader: str) -> OpenedCase:
    """Keep the case among the recent ones; that it cannot be kept is said and nothing more."""
    settings, said = workstation.settings.load()
    try:
        kept = replace(settings, reader_code=settings.reader_code or reader)
        workstation.settings.save(kept.with_case(opened.folder, opened.file.study_uids))
    except CaseError as error:
        said = (*said, error)
    return replace(opened, warnings=(*opened.warnings, *said))
