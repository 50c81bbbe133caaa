"""A folder, a file or a DICOMDIR to patients, studies, series and stacks; whatever cannot be used is named.

Nothing in a folder is fatal: each file is counted once, as DICOM, as no DICOM, or as unreadable with the code of why.
Headers only; nothing is remembered between two scans. Runs off the UI thread and checks its token at each file.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from spinereview.dicom.archive import is_archive, unpacked
from spinereview.dicom.checks import Fault, named
from spinereview.dicom.folder import files_of
from spinereview.dicom.folder_headers import read_headers
from spinereview.dicom.geometry import StackResult, clashing, gate
from spinereview.dicom.header import FileHeader
from spinereview.dicom.lossy import is_lossy
from spinereview.dicom.tags import COMPUTED_MAPS, IMAGES, SEGMENTATIONS
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken, Progress, no_progress

DIRECTORY = "1.2.840.10008.1.3.10"
"""Media Storage Directory (DICOMDIR)."""

_TELLING = frozenset(
    ("BValue", "DiffusionDirection", "EchoTime", "EchoNumbers", "InversionTime", "TemporalPosition", "TriggerTime")
)
"""Attributes whose difference shows that two files of one SOP Instance UID are no copies of each other."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotShown:
    """A DICOM file that is no image for reading: reports, plans, segmentations, directories.

    Parameters
    ----------
    code
        ``NOT_AN_IMAGE``, ``SEGMENTATION``, ``COMPUTED_MAP``, ``NO_PIXELS`` or ``DIRECTORY``.
    """

    path: Path
    code: str
    modality: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesGroup:
    """A Series with its stacks, and its files that are no images for reading."""

    series_uid: str
    number: int | None
    description: str
    modality: str
    stacks: tuple[StackResult, ...]
    not_shown: tuple[NotShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyGroup:
    """A Study; ``date`` is the Study Date as stated, ``YYYYMMDD`` or empty."""

    study_uid: str
    date: str
    description: str
    series: tuple[SeriesGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientGroup:
    """Files of one Patient ID whose birth dates and sexes do not contradict each other; ``index`` counts from 1."""

    index: int
    patient_id: str
    birth_date: str
    sex: str
    studies: tuple[StudyGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was found below a path.

    Parameters
    ----------
    files_dicom
        How many files are DICOM and readable, duplicates and files without images included.
    duplicates
        (further file, file that is used) of one SOP Instance with equal geometry.
    faults
        About the whole: ``PATIENTS_SEVERAL``, ``PATIENT_CONTRADICTS``.
    """

    path: Path
    files_dicom: int
    not_dicom: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...]
    duplicates: tuple[tuple[Path, Path], ...]
    patients: tuple[PatientGroup, ...]
    faults: tuple[Fault, ...]

    @property
    def stacks(self) -> tuple[StackResult, ...]:
        """All stacks, in the order of patients, studies and series."""
        return tuple(
            stack
            for patient in self.patients
            for study in patient.studies
            for series in study.series
            for stack in series.stacks
        )

    @property
    def not_shown(self) -> tuple[NotShown, ...]:
        """All DICOM files that are no images for reading."""
        return tuple(
            file
            for patient in self.patients
            for study in patient.studies
            for series in study.series
            for file in series.not_shown
        )


def scan(path: Path, *, cancel: CancelToken, progress: Progress = no_progress) -> Scan:
    """Scan a folder with all below it, one file, the files that a DICOMDIR lists, or what a ZIP archive holds.

    Raises
    ------
    DicomError
        ``PATH_MISSING`` where there is nothing of that name; ``ARCHIVE_...`` where an archive cannot be trusted.
    Cancelled
        The token asked for it.
    """
    if not path.exists():
        raise DicomError("PATH_MISSING", file=path)
    place = unpacked(path, cancel=cancel, progress=progress) if is_archive(path) else path
    files, unreadable = files_of(place, cancel)
    headers: list[FileHeader] = []
    not_dicom: list[Path] = []
    for file, found in zip(files, read_headers(files, cancel=cancel, progress=progress), strict=True):
        if found is None:
            not_dicom.append(file)
        elif isinstance(found, DicomError):
            unreadable.append((file, found.code))
        else:
            headers.append(found)
    used, duplicates = _unique(headers)
    cancel.check()
    patients, faults = _patients(used, duplicates, cancel)
    return Scan(
        path=path,
        files_dicom=len(headers),
        not_dicom=tuple(not_dicom),
        unreadable=tuple(sorted(unreadable)),
        duplicates=duplicates,
        patients=patients,
        faults=faults,
    )


def _unique(headers: list[FileHeader]) -> tuple[list[FileHeader], tuple[tuple[Path, Path], ...]]:
    """Files to use, each SOP Instance once; files that share a UID but not the geometry are marked as clashing."""
    used: list[FileHeader] = []
    duplicates: list[tuple[Path, Path]] = []
    for group in grouped(headers, lambda header: header.sop_uid or header.path):
        if len(group) == 1:
            used.append(group[0])
            continue
        # A file whose pixels were cut off, or lost, is used only where no other copy is whole.
        first = min(group, key=lambda header: (_cut(header), is_lossy(header), header.path))
        if all(_geometry(other) == _geometry(first) for other in group):
            used.append(first)
            duplicates.extend((other.path, first.path) for other in group if other is not first)
        else:
            used.extend(clashing(header) for header in group)
    return used, tuple(sorted(duplicates))


def _cut(header: FileHeader) -> bool:
    return any("PIXELS_CUT" in frame.faults for frame in header.frames)


def _geometry(header: FileHeader) -> Hashable:
    """What copies have in common: patient, size, geometry, real values, and what was imaged (another echo is no copy)."""
    pixels = header.pixels
    inverted = pixels is not None and pixels.photometric == "MONOCHROME1"
    size = None if pixels is None else (pixels.rows, pixels.columns, pixels.frames, inverted)
    frames = tuple(
        (
            frame.position,
            frame.orientation,
            frame.pixel_spacing_mm,
            frame.calibration,
            frame.slope if frame.slope is not None else 1,
            frame.intercept if frame.intercept is not None else 0,
            tuple((name, value) for name, value in frame.split if name in _TELLING),
        )
        for frame in header.frames
    )
    return header.patient_id, size, frames


def grouped(entries: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Entries that share a key, groups and entries in the order of their first."""
    groups: dict[Hashable, list[T]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return list(groups.values())


def _patients(
    headers: list[FileHeader], duplicates: tuple[tuple[Path, Path], ...], cancel: CancelToken
) -> tuple[tuple[PatientGroup, ...], tuple[Fault, ...]]:
    further: dict[Path, int] = {}
    for _, kept in duplicates:
        further[kept] = further.get(kept, 0) + 1
    counts = {header.sop_uid: further[header.path] for header in headers if header.path in further}
    people = [person for same_id in grouped(headers, _patient_key) for person in _contradicting(same_id)]
    people.sort(key=lambda person: (person[0].patient_id, _stated(person, "birth_date"), _stated(person, "sex")))
    groups = []
    for index, person in enumerate(people, 1):
        cancel.check()
        groups.append(
            PatientGroup(
                index=index,
                patient_id=person[0].patient_id,
                birth_date=_stated(person, "birth_date"),
                sex=_stated(person, "sex"),
                studies=_studies(person, counts),
            )
        )
    contradicting = sorted({p.patient_id for p in groups if sum(q.patient_id == p.patient_id for q in groups) > 1})
    faults = [Fault(code="PATIENTS_SEVERAL", arguments=named(count=len(groups)))] if len(groups) > 1 else []
    faults += [Fault(code="PATIENT_CONTRADICTS", arguments=named(patient=name)) for name in contradicting if name]
    return tuple(groups), tuple(faults)


def _patient_key(header: FileHeader) -> Hashable:
    """Patient ID; without one nobody can say whose the images are, so studies are kept apart."""
    return header.patient_id or (header.study_uid or header.path.parent,)


def _contradicting(headers: list[FileHeader]) -> list[list[FileHeader]]:
    """Files of one Patient ID, apart where birth dates or sexes contradict; an absent value contradicts nothing."""
    births = {header.birth_date for header in headers} - {""}
    sexes = {header.sex for header in headers} - {""}
    if len(births) <= 1 and len(sexes) <= 1:
        return [headers]
    return grouped(headers, lambda header: (header.birth_date, header.sex))


def _stated(headers: list[FileHeader], name: str) -> str:
    values = (str(getattr(header, name)) for header in headers)
    return next((value for value in values if value), "")


def _studies(headers: list[FileHeader], counts: dict[str, int]) -> tuple[StudyGroup, ...]:
    studies = []
    for study in grouped(headers, lambda header: header.study_uid or (header.path.parent, header.study_date)):
        series = sorted((_series(group, counts) for group in grouped(study, _series_key)), key=_series_order)
        studies.append(
            StudyGroup(
                study_uid=study[0].study_uid,
                date=_stated(study, "study_date"),
                description=_stated(study, "study_description"),
                series=tuple(series),
            )
        )
    return tuple(sorted(studies, key=lambda study: (study.date, study.study_uid)))


def _series_key(header: FileHeader) -> Hashable:
    """Series UID; without one: folder, frame of reference, size and orientation."""
    if header.series_uid:
        return header.series_uid
    first = header.frames[0] if header.frames else None
    pixels = header.pixels
    return (
        header.path.parent,
        header.modality,
        None if first is None else (first.frame_of_reference_uid, first.orientation),
        None if pixels is None else (pixels.rows, pixels.columns),
    )


def _series(headers: list[FileHeader], counts: dict[str, int]) -> SeriesGroup:
    images = [header for header in headers if _code_of(header) is None]
    clashes = [header for header in images if header.uid_source == "CLASH"]
    together = [header for header in images if header.uid_source != "CLASH"]
    stacks = [*gate(together, duplicates=counts), *(stack for header in clashes for stack in gate((header,)))]
    first = headers[0]
    return SeriesGroup(
        series_uid=first.series_uid,
        number=first.series_number,
        description=_stated(headers, "series_description"),
        modality=first.modality,
        stacks=tuple(stacks),
        not_shown=tuple(
            NotShown(path=header.path, code=code, modality=header.modality, description=header.series_description)
            for header in headers
            if (code := _code_of(header)) is not None
        ),
    )


def _series_order(series: SeriesGroup) -> tuple[int, str]:
    return (1 << 62 if series.number is None else series.number, series.series_uid)


def _code_of(header: FileHeader) -> str | None:
    """Why a file is no image for reading; None where it is one."""
    if header.sop_class_uid == DIRECTORY:
        return "DIRECTORY"
    if header.sop_class_uid in SEGMENTATIONS:
        return "SEGMENTATION"
    if header.sop_class_uid in COMPUTED_MAPS:
        return "COMPUTED_MAP"
    if header.pixels is not None:
        return None
    return "NO_PIXELS" if header.sop_class_uid in IMAGES else "NOT_AN_IMAGE"
