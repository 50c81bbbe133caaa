"""A NIfTI image as a DICOM series that can be opened, read and checked by its hash like any other, and says what it is."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from spinereview import __version__
from spinereview.dicom.converted import MODALITIES, Origin, write_converted
from spinereview.errors import NiftiError
from spinereview.imaging.nifti import is_nifti, read_nifti, stem_of
from spinereview.imaging.nifti_series import Sixteen, arranged, in_sixteen_bits
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow.files import BESIDE

FOLDER = "nifti"
"""Below the documents: series that were made of NIfTI images."""
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was written.

    Parameters
    ----------
    shape
        (images, rows, columns).
    step
        Distance of neighbouring real values where they had to be rounded; 0 where none was.
    """

    folder: Path
    file: Path
    modality: str
    shape: tuple[int, int, int]
    step: float


def import_nifti(
    file: Path,
    folder: Path,
    modality: str,
    *,
    subject: str = "",
    millimetres: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Imported:
    """Write a series of a NIfTI image.

    Parameters
    ----------
    folder
        New; it is there only when the whole series is.
    modality
        ``CT``, whose values are then told in HU, or ``MR``: the file does not say it.
    subject
        Code of a person, where several visits are to be read together; it becomes the Patient ID.
    millimetres
        A person's word that lengths are millimetres, where the file leaves the unit open.

    Raises
    ------
    NiftiError
        As :func:`~spinereview.imaging.nifti.read_nifti`; ``NIFTI_MODALITY``, ``NIFTI_SUBJECT``, ``NIFTI_EXISTS``,
        ``NIFTI_UNIT_OPEN``, ``NIFTI_SHEARED``, ``NIFTI_NO_VALUES``, ``NIFTI_NOT_WRITTEN``.
    """
    _require(file, folder, modality, subject)
    image = read_nifti(file)
    if not (image.unit_stated or millimetres):
        raise NiftiError("NIFTI_UNIT_OPEN", file=file)
    at = arranged(image, file.name)
    values = in_sixteen_bits(at.samples, image.slope, image.intercept, file.name)
    beside = folder.with_name(folder.name + BESIDE)
    try:
        known = {"sha256": _sha256(file), "modality": modality, "program": __version__, "subject": subject}
        origin = Origin(name=file.name, **known)
        beside.mkdir(parents=True)
        try:
            write_converted(beside, at, values, origin, cancel=cancel or CancelToken(), progress=progress)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise NiftiError("NIFTI_NOT_WRITTEN", file=folder, error=error.strerror) from error
    return Imported(folder=folder, file=file, modality=modality, shape=_shape(values), step=values.step)


def series_of(
    file: Path, documents: Path, modality: str, *, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Path:
    """Folder with the series of a NIfTI image, below the documents; made the first time that this very file is opened.

    Somebody has said that its lengths are millimetres, where the file leaves it open.

    Raises
    ------
    NiftiError
        As :func:`import_nifti`.
    """
    try:
        sha256 = _sha256(file)
    except OSError as error:
        raise NiftiError("NIFTI_UNREADABLE", file=file, error=error) from error
    folder = documents / FOLDER / f"{stem_of(file)} {modality} {sha256[:8]}"
    if not folder.exists():
        import_nifti(file, folder, modality, millimetres=True, cancel=cancel, progress=progress)
    return folder


def _require(file: Path, folder: Path, modality: str, subject: str) -> None:
    if not is_nifti(file):
        raise NiftiError("NIFTI_NAME", file=file)
    if modality not in MODALITIES:
        raise NiftiError("NIFTI_MODALITY", file=file, modality=modality)
    if subject and not _SUBJECT.fullmatch(subject):
        raise NiftiError("NIFTI_SUBJECT", file=file, subject=subject)
    if folder.exists():
        raise NiftiError("NIFTI_EXISTS", file=folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _shape(values: Sixteen) -> tuple[int, int, int]:
    images, rows, columns = values.stored.shape
    return images, rows, columns
