"""Where the images of a case come from: a folder scanned now, or released packages, behind one :class:`CaseSource`.

Nothing above this module knows which. Integrity is checked by hashes that the trail of the read keeps: a stack that is
missing or was altered is closed for new marks, its old numbers stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from spinereview.dicom.checks import Fault
from spinereview.dicom.digest import stack_sha256
from spinereview.dicom.geometry import StackResult
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.lossy import Lossy, lossy
from spinereview.dicom.roles import suggest
from spinereview.dicom.scan import PatientGroup, Scan, SeriesGroup, StudyGroup, scan
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, Plane, Stack
from spinereview.domain.sequence import UNTOLD, Role, Suggestion, role_of
from spinereview.domain.table import Table
from spinereview.errors import CaseError, DicomError
from spinereview.imaging.nifti import is_nifti
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow.case_file import CaseFile, study_date
from spinereview.workflow.timepoints import FoundStudy

Images = tuple[tuple[FileHeader, FrameHeader], ...]

MISSING = "STACK_MISSING"
ALTERED = "STACK_ALTERED"
UNREADABLE = "STACK_UNREADABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackDescription:
    """A row of the list of series: one stack of one timepoint.

    Parameters
    ----------
    series_number, series_description
        As the images state them: for the screen, never for a file of the case.
    stack
        As the case has it: what a person said of its role, plane, contrast and posture wins.
    distinguished_by
        (attribute, value) that tells the stack from others of its Series.
    present
        Whether its images were found.
    suggestion, suggested_plane
        What the images suggest, whatever a person said.
    lossy
        What compression with loss took from the images; None where it took nothing.
    """

    timepoint: Id
    stack: Stack
    series_number: int | None
    series_description: str
    study_description: str
    distinguished_by: tuple[tuple[str, str], ...] = ()
    present: bool = True
    suggestion: Suggestion = UNTOLD
    suggested_plane: Plane = Plane.UNKNOWN
    lossy: Lossy | None = None

    @property
    def role(self) -> Role:
        """What the stack was made for: as a person said, else as the images suggest."""
        return role_of(self.stack, self.suggestion)

    @property
    def image_count(self) -> int:
        """How many images it has."""
        return len(self.stack.images)

    @property
    def spacing(self) -> str:
        """Row spacing, column spacing and interval in millimetres, ``0.9 × 0.9 × 2.5``; empty without millimetres.

        To three decimals, zeros at the end left out; for the eye only.
        """
        spacing, interval = self.stack.pixel_spacing_mm, self.stack.slice_interval_mm
        lengths = [*(spacing or ()), *([interval] if spacing and interval else [])]
        return " × ".join(f"{length:.3f}".rstrip("0").rstrip(".") for length in lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the check of all stacks found.

    Parameters
    ----------
    sha256
        Hash of each stack whose files could be read.
    closed
        Code of each stack that may get no new marks: ``STACK_MISSING``, ``STACK_ALTERED``, ``STACK_UNREADABLE``.
    """

    sha256: Table[str] = field(default_factory=Table)
    closed: Table[str] = field(default_factory=Table)


class CaseSource(Protocol):
    """Images of a case, wherever they lie."""

    @property
    def case(self) -> Case:
        """The case, with the timepoints that are there."""
        ...

    @property
    def descriptions(self) -> tuple[StackDescription, ...]:
        """The stacks in the order of timepoints, studies and series."""
        ...

    @property
    def beside(self) -> tuple[Path, ...]:
        """Segmentations that lie among the images."""
        ...

    def images(self, stack: Id) -> Images:
        """Headers of a stack's images in spatial order; empty where they were not found."""
        ...

    def faults(self, stack: Id) -> tuple[Fault, ...]:
        """What the geometry gate found in a stack."""
        ...

    def verify(
        self, recorded: Mapping[Id, str], *, cancel: CancelToken, progress: Progress = no_progress
    ) -> Verification:
        """Hash every stack and compare it with what the read recorded; reads every file once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSource:
    """Images of an unblinded case, as scans of its folders found them."""

    case: Case
    found: Mapping[Id, Found] = field(repr=False)
    beside: tuple[Path, ...] = ()
    """Segmentations that lie among the images."""

    @property
    def descriptions(self) -> tuple[StackDescription, ...]:
        """The stacks in the order of timepoints, studies and series; those that were not found come last."""
        rows = []
        for timepoint in self.case.in_order:
            here = [self.found[Id(key)] for key in timepoint.stacks if key in self.found]
            rows += [
                found.described(timepoint.id, timepoint.stacks[found.result.stack.id])
                for found in sorted(here, key=lambda found: found.place)
            ]
            rows += [
                StackDescription(
                    timepoint=timepoint.id,
                    stack=stack,
                    series_number=None,
                    series_description="",
                    study_description="",
                    present=False,
                )
                for key, stack in timepoint.stacks.items()
                if key not in self.found
            ]
        return tuple(rows)

    def images(self, stack: Id) -> Images:
        """Headers of a stack's images in spatial order; empty where they were not found."""
        found = self.found.get(stack)
        return found.result.images if found is not None else ()

    def faults(self, stack: Id) -> tuple[Fault, ...]:
        """What the geometry gate found in a stack."""
        found = self.found.get(stack)
        return found.result.faults if found is not None else ()

    @property
    def missing(self) -> tuple[Id, ...]:
        """Stacks of the case whose images were not found."""
        stacks = (Id(key) for timepoint in self.case.in_order for key in timepoint.stacks)
        return tuple(stack for stack in stacks if stack not in self.found)

    def verify(
        self, recorded: Mapping[Id, str], *, cancel: CancelToken, progress: Progress = no_progress
    ) -> Verification:
        """Hash every stack and compare it with what the read recorded; reads every file once."""
        stacks = [Id(key) for timepoint in self.case.in_order for key in timepoint.stacks]
        total = sum(len(self.images(stack)) for stack in stacks)
        sha256: dict[str, str] = {}
        closed: dict[str, str] = dict.fromkeys(self.missing, MISSING)
        done = 0
        for stack in stacks:
            images = self.images(stack)
            if not images:
                continue
            try:
                sha256[stack] = stack_sha256(images, cancel=cancel, progress=_shifted(progress, done, total))
            except DicomError:
                closed[stack] = UNREADABLE
            else:
                if recorded.get(stack, sha256[stack]) != sha256[stack]:
                    closed[stack] = ALTERED
            done += len(images)
        return Verification(sha256=Table(sha256), closed=Table(closed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stack of a scan with where it stood."""

    result: StackResult
    study: StudyGroup
    series: SeriesGroup
    place: tuple[int, int, int]

    def described(self, timepoint: Id, kept: Stack) -> StackDescription:
        """Row of the list of series; ``kept`` is the stack as the case has it."""
        found = self.result.stack
        return StackDescription(
            timepoint=timepoint,
            stack=replace(found, role=kept.role, plane=kept.plane, contrast=kept.contrast, posture=kept.posture),
            suggestion=suggest(self.result, self.series.description),
            suggested_plane=found.plane,
            series_number=self.series.number,
            series_description=self.series.description,
            study_description=self.study.description,
            distinguished_by=self.result.distinguished_by,
            lossy=lossy(self.result.images),
        )


def scan_images(path: Path, *, cancel: CancelToken | None, progress: Progress = no_progress) -> Scan:
    """Scan with at least one stack that can be shown.

    Raises
    ------
    CaseError
        ``IMAGES_NONE`` for an empty folder, ``IMAGES_NO_DICOM`` where no file is DICOM, ``IMAGES_NIFTI`` where one of
        them is NIfTI, ``IMAGES_NO_STACK`` where no DICOM file is an image for reading, ``IMAGES_DAMAGED`` where that may
        be for files that cannot be read, ``IMAGES_FORBIDDEN`` where nothing may be read.
    DicomError
        ``PATH_MISSING``.
    """
    try:
        scanned = scan(path, cancel=cancel or CancelToken(), progress=progress)
    except OSError as error:
        raise CaseError("IMAGES_FORBIDDEN", file=path, error=error.strerror) from error
    if not scanned.stacks and scanned.unreadable:
        raise CaseError("IMAGES_DAMAGED", file=scanned.path, count=len(scanned.unreadable))
    if not scanned.files_dicom:
        if any(map(is_nifti, scanned.not_dicom)):
            raise CaseError("IMAGES_NIFTI", file=scanned.path)
        if scanned.not_dicom:
            raise CaseError("IMAGES_NO_DICOM", file=scanned.path, count=len(scanned.not_dicom))
        raise CaseError("IMAGES_NONE", file=scanned.path)
    if not scanned.stacks:
        raise CaseError("IMAGES_NO_STACK", file=scanned.path, count=scanned.files_dicom)
    return scanned


def scan_sources(
    sources: Sequence[Path], *, cancel: CancelToken | None, progress: Progress = no_progress
) -> tuple[Scan, ...]:
    """Scans of the sources that are there; what has gone or may not be read any more has no images."""
    scans = []
    for source in sources:
        try:
            scans.append(scan(source, cancel=cancel or CancelToken(), progress=progress))
        except DicomError as error:
            # What an archive held is missing then, as what lay in a folder that has gone.
            if error.code != "PATH_MISSING" and not error.code.startswith("ARCHIVE_"):
                raise
        except OSError:
            continue
    return tuple(scans)


def found_stacks(patients: Iterable[PatientGroup]) -> dict[Id, Found]:
    """Stacks of patients by id; of a stack that was found twice the first stays."""
    result: dict[Id, Found] = {}
    for patient in patients:
        for i, study in enumerate(patient.studies):
            for j, series in enumerate(study.series):
                for k, stack in enumerate(series.stacks):
                    found = Found(result=stack, study=study, series=series, place=(i, j, k))
                    result.setdefault(stack.stack.id, found)
    return result


def found_studies(patient: PatientGroup) -> tuple[FoundStudy, ...]:
    """Studies of a patient that have stacks; one without a UID is named by its first stack."""
    result = []
    for study in patient.studies:
        stacks = tuple(stack.stack for series in study.series for stack in series.stacks)
        if stacks:
            uid = study.study_uid or f"no-uid-{min(stack.id for stack in stacks)}"
            result.append(FoundStudy(uid=uid, date=study_date(study.date), stacks=stacks))
    return tuple(result)


def further_studies(patients: Iterable[PatientGroup], file: CaseFile) -> tuple[FoundStudy, ...]:
    """Studies, or stacks of known studies, that a case does not have yet."""
    known = {stack for timepoint in file.case.timepoints.values() for stack in timepoint.stacks}
    fresh = [
        replace(study, stacks=tuple(stack for stack in study.stacks if stack.id not in known))
        for patient in patients
        for study in found_studies(patient)
    ]
    return tuple(study for study in fresh if study.stacks)


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    def shown(done: int, _total: int) -> None:
        progress(before + done, total)

    return shown
