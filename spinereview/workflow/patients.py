"""Whose images a folder holds: a choice where they are of several patients, and the case that knows them already.

Patients are never joined. What stands here of a patient is for the screen; a case keeps a salted hash of the Patient ID.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spinereview.dicom.checks import Fault
from spinereview.dicom.header import FileHeader
from spinereview.dicom.scan import PatientGroup, Scan
from spinereview.errors import CaseError
from spinereview.workflow import case_file as files
from spinereview.workflow import reads
from spinereview.workflow.case_file import CaseFile, read_case_file
from spinereview.workflow.reads import Workstation
from spinereview.workflow.source import found_stacks, found_studies


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """The images belong to a case that exists; going on with it is offered."""

    path: Path
    folder: Path
    subject_code: str
    reads: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFound:
    """A patient whose images are in a folder, for the choice on the screen; nothing of it is stored."""

    index: int
    patient_id: str
    birth_date: str
    sex: str
    study_dates: tuple[str, ...]
    image_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientChoice:
    """The folder holds images of several patients; one of them is to be chosen by its index."""

    path: Path
    patients: tuple[PatientFound, ...]
    faults: tuple[Fault, ...]


def chosen_patient(scanned: Scan, patient: int | None) -> PatientGroup | PatientChoice:
    """The patient to read: the only one with images, or the one that was chosen."""
    with_images = [group for group in scanned.patients if found_stacks([group])]
    if len(with_images) == 1:
        return with_images[0]
    for group in with_images:
        if group.index == patient:
            return group
    return PatientChoice(
        path=scanned.path, patients=tuple(_patient_found(group) for group in with_images), faults=scanned.faults
    )


def _patient_found(group: PatientGroup) -> PatientFound:
    return PatientFound(
        index=group.index,
        patient_id=group.patient_id,
        birth_date=group.birth_date,
        sex=group.sex,
        study_dates=tuple(sorted({files.study_date(study.date) for study in group.studies} - {""})),
        image_count=sum(len(found.result.images) for found in found_stacks([group]).values()),
    )


def known_case(path: Path, patient: PatientGroup, workstation: Workstation) -> KnownCase | None:
    """The case that has these images, as far as this workstation remembers and its folder still says so."""
    uids = {study.uid for study in found_studies(patient)}
    for folder in workstation.settings.load()[0].cases_of(uids):
        try:
            file, _ = read_case_file(folder / files.NAME)
        except CaseError:
            continue
        same = files.patient_hash(file.case.id, patient.patient_id) == file.patient_sha256
        if same and uids & file.study_uids:
            listed = reads.reads_in(folder)
            return KnownCase(path=path, folder=folder, subject_code=file.case.subject_code, reads=listed)
    return None


def own_patients(scans: Sequence[Scan], file: CaseFile, reference: Iterable[FileHeader] = ()) -> list[PatientGroup]:
    """Patients of scans who are the case's own.

    One Patient ID may stand for two people: a group whose birth date or sex contradicts the images that the case has is not
    its own, whatever its ID (PS3.3 C.7.1.1).

    Parameters
    ----------
    reference
        Headers of images that the case has already, where they are not among the scans.
    """
    groups = [
        group
        for scanned in scans
        for group in scanned.patients
        if files.patient_hash(file.case.id, group.patient_id) == file.patient_sha256
    ]
    known = {stack for timepoint in file.case.timepoints.values() for stack in timepoint.stacks}
    mine = [group for group in groups if known & found_stacks([group]).keys()]
    headers = tuple(reference)
    births = {group.birth_date for group in mine} | {header.birth_date for header in headers}
    sexes = {group.sex for group in mine} | {header.sex for header in headers}
    return [
        group
        for group in groups
        if group in mine or (_fits(group.birth_date, births - {""}) and _fits(group.sex, sexes - {""}))
    ]


def _fits(stated: str, known: set[str]) -> bool:
    return not stated or not known or stated in known
