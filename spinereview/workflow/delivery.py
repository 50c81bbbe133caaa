"""What a delivery holds, one stack after the other: made for, may be measured, missing; and what was left out, with why.

One scan is the source of all that is said of a delivery: as JSON, as a table, as text and on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from pathlib import Path

from spinereview.dicom.checks import Fault
from spinereview.dicom.geometry import StackResult
from spinereview.dicom.lossy import Lossy, lossy
from spinereview.dicom.roles import suggest
from spinereview.dicom.scan import Scan, SeriesGroup, StudyGroup, scan
from spinereview.dicom.suv import pet_scale
from spinereview.domain.imaging import Stack
from spinereview.domain.measurable import Quantity, measurable
from spinereview.domain.protocol import Protocol
from spinereview.domain.sequence import Suggestion, role_of
from spinereview.domain.table import Table
from spinereview.errors import NiftiError
from spinereview.imaging.nifti import is_nifti, read_grid
from spinereview.imaging.pet import PetScale
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.text import sentence
from spinereview.workflow.case_file import study_date
from spinereview.workflow.delivery_protocol import PatientCheck, StudyStacks, check_patient
from spinereview.workflow.pictures import Images

NOT_DICOM, COPY = "FILE_NOT_DICOM", "FILE_COPY"
"""Codes of files that are no part of a stack, beside those of the scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Instance Numbers (0020,0013) of a series: the first, the last, and the holes between them, both ends included."""

    first: int
    last: int
    missing: tuple[tuple[int, int], ...]

    @property
    def holes(self) -> str:
        """The holes as text: ``4, 7-9``."""
        return ", ".join(str(start) if start == end else f"{start}-{end}" for start, end in self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFound:
    """A stack of a delivery, with where it stands.

    Parameters
    ----------
    patient
        Counts from 1; patients are never joined.
    pet
        What the values of a PET are; None for images of another kind.
    """

    patient: int
    study: StudyGroup = field(repr=False)
    series: SeriesGroup = field(repr=False)
    result: StackResult = field(repr=False)
    suggestion: Suggestion
    numbers: Numbers | None
    pet: PetScale | None = None

    @property
    def stack(self) -> Stack:
        """The stack."""
        return self.result.stack

    @property
    def images(self) -> Images:
        """Headers of its images, in spatial order."""
        return self.result.images

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the geometry gate found."""
        return self.result.faults

    @property
    def lossy(self) -> Lossy | None:
        """What was lost to compression; None where nothing was."""
        return lossy(self.images)

    @property
    def date(self) -> str:
        """Study Date, ISO 8601; empty where the images state none."""
        return study_date(self.study.date)

    @property
    def measurable(self) -> tuple[Quantity, ...]:
        """What may be measured."""
        uptake = (Quantity.SUV,) if self.pet is not None and self.pet.suv is not None else ()
        return (*measurable(self.stack, role_of(self.stack, self.suggestion)), *uptake)

    @property
    def no_suv(self) -> str:
        """Why a PET has no SUV; empty where it has one, and for images of another kind."""
        if self.pet is None or not self.pet.because:
            return ""
        return sentence(self.pet.because, {"unit": self.pet.unit})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that is no part of a stack: code of why, and what its sentence names."""

    file: Path
    code: str
    words: Table[str]

    @property
    def text(self) -> str:
        """Sentence: what, which file, what to do."""
        return sentence(self.code, self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a folder, a file or a DICOMDIR holds.

    Parameters
    ----------
    checks
        By patient, where a protocol was asked.
    """

    found: Scan = field(repr=False)
    stacks: tuple[StackFound, ...]
    left_out: tuple[LeftOut, ...]
    protocol: Protocol | None = None
    checks: tuple[PatientCheck, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether a visit that has come lacks images that the protocol wants of it."""
        return any(visit.missing for check in self.checks for visit in check.visits)


def look_at(
    path: Path, protocol: Protocol | None, *, cancel: CancelToken, progress: Progress = no_progress
) -> Delivery:
    """Scan a path.

    Raises
    ------
    DicomError
        ``PATH_MISSING``.
    Cancelled
        The token asked for it.
    """
    return delivery_of(scan(path, cancel=cancel, progress=progress), protocol)


def delivery_of(found: Scan, protocol: Protocol | None = None) -> Delivery:
    """What a scan found, as a delivery."""
    stacks = tuple(_stacks(found))
    return Delivery(
        found=found,
        stacks=stacks,
        left_out=tuple(_left_out(found)),
        protocol=protocol,
        checks=() if protocol is None else tuple(_checks(found, stacks, protocol)),
    )


def _stacks(found: Scan) -> Iterator[StackFound]:
    for patient in found.patients:
        for study in patient.studies:
            for series in study.series:
                numbers = numbers_of(series)
                for result in series.stacks:
                    yield StackFound(
                        patient=patient.index,
                        study=study,
                        series=series,
                        result=result,
                        suggestion=suggest(result, series.description),
                        numbers=numbers,
                        pet=pet_scale(result.images),
                    )


def numbers_of(series: SeriesGroup) -> Numbers | None:
    """Instance Numbers of a series; None where its files have none, or each holds many frames."""
    files = {file.path: file for result in series.stacks for file, _ in result.images}
    stated = [file.instance_number for file in files.values() if len(file.frames) == 1]
    numbers = sorted({number for number in stated if number is not None})
    if not numbers or len(stated) < len(files):
        return None
    pairs = pairwise(numbers)
    holes = tuple((here + 1, there - 1) for here, there in pairs if there - here > 1)
    return Numbers(first=numbers[0], last=numbers[-1], missing=holes)


def name_in(file: Path, root: Path) -> str:
    """Name of a file below the path that was scanned."""
    return file.relative_to(root).as_posix() if file != root and file.is_relative_to(root) else file.name


def _left_out(found: Scan) -> Iterator[LeftOut]:
    def left(file: Path, code: str, words: Mapping[str, str] | None = None) -> LeftOut:
        return LeftOut(file=file, code=code, words=Table({"file": name_in(file, found.path), **(words or {})}))

    for file, code in found.unreadable:
        yield left(file, code)
    for other in found.not_shown:
        yield left(other.path, other.code, {"modality": other.modality or "--"})
    for copy, used in found.duplicates:
        yield left(copy, COPY, {"of": name_in(used, found.path)})
    for file in found.not_dicom:
        yield left(file, *_of_nifti(file)) if is_nifti(file) else left(file, NOT_DICOM)


def _of_nifti(file: Path) -> tuple[str, dict[str, str]]:
    """What a NIfTI file holds, or why it cannot be used; it is no series, for it names no patient, date or modality."""
    try:
        grid = read_grid(file)
    except NiftiError as error:
        return error.code, {**error.arguments, "file": file.name}
    lengths = (hypot(*vector) for vector in reversed(grid.along_mm))
    size = " x ".join(map(str, reversed(grid.shape)))
    return "FILE_NIFTI", {"size": size, "spacing": " x ".join(f"{length:.3g}" for length in lengths)}


def _checks(found: Scan, stacks: tuple[StackFound, ...], protocol: Protocol) -> Iterator[PatientCheck]:
    for patient in found.patients:
        own = [one for one in stacks if one.patient == patient.index]
        if own:
            studies = [
                StudyStacks(date=one.date, stack=one.stack, role=one.suggestion.role, body_part=_body_part(one.result))
                for one in own
            ]
            yield check_patient(patient.index, studies, protocol)


def _body_part(result: StackResult) -> str:
    return dict(result.middle[0].attributes).get("BodyPartExamined", "")
