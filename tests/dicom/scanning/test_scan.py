from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from spinereview.dicom.scan import DIRECTORY, Scan, scan
from spinereview.domain.imaging import StackKind
from spinereview.errors import Cancelled, DicomError
from spinereview.tasks import CancelToken

Write = Callable[..., Path]
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
REPORT = "1.2.840.10008.5.1.4.1.1.88.33"
DOSE = "1.2.840.10008.5.1.4.1.1.481.2"


def scanned(path: Path) -> Scan:
    return scan(path, cancel=CancelToken())


def series(write: Write, folder: str, *heights: float, **attributes: object) -> None:
    for number, height in enumerate(heights, 1):
        words = {"SOPInstanceUID": f"1.2.3.{number}", "InstanceNumber": number} | attributes
        write(f"{folder}/{number}.dcm", ImagePositionPatient=[0, 0, height], **words)


def test_a_folder_becomes_patients_studies_series_and_stacks(write: Write, tmp_path: Path) -> None:
    series(write, "deep/below/ct", 0, 2, 4)
    (tmp_path / "notes.txt").write_text("notes")
    found = scanned(tmp_path)
    (patient,) = found.patients
    (study,) = patient.studies
    (one,) = study.series
    (stack,) = one.stacks
    assert (patient.patient_id, study.study_uid, study.date, one.series_uid) == ("P1", "1.2.3", "20240101", "1.2.3.0")
    assert (stack.stack.kind, len(stack.images)) == (StackKind.VOLUME, 3)
    assert (found.files_dicom, [path.name for path in found.not_dicom]) == (3, ["notes.txt"])
    assert (found.unreadable, found.duplicates, found.faults) == ((), (), ())


def test_one_file_can_be_scanned(write: Write) -> None:
    found = scanned(write())
    assert [len(stack.images) for stack in found.stacks] == [1]


def test_nothing_at_the_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DicomError) as caught:
        scanned(tmp_path / "nowhere")
    assert caught.value.code == "PATH_MISSING"


def test_the_scan_stops_when_asked(write: Write, tmp_path: Path) -> None:
    series(write, "ct", 0, 2, 4)
    cancel = CancelToken()
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        seen.append(done)
        if done == 1:
            cancel.cancel()

    with pytest.raises(Cancelled):
        scan(tmp_path, cancel=cancel, progress=progress)
    assert seen == [0, 1]


def test_progress_ends_with_everything_done(write: Write, tmp_path: Path) -> None:
    series(write, "ct", 0, 2, 4)
    seen: list[tuple[int, int]] = []
    scan(tmp_path, cancel=CancelToken(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_copies_of_equal_geometry_are_used_once_and_named(write: Write, tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        series(write, folder, 0, 2, 4)
    found = scanned(tmp_path)
    (stack,) = found.stacks
    assert {file.path.parent.name for file, _ in stack.images} == {"a"}
    assert [(fault.code, dict(fault.arguments)) for fault in stack.faults] == [("DUPLICATE", {"count": "6"})]
    assert len(found.duplicates) == 6
    assert {(copy.name, used.parent.name) for copy, used in found.duplicates} == {
        ("1.dcm", "a"),
        ("2.dcm", "a"),
        ("3.dcm", "a"),
    }
    assert found.files_dicom == 9


def test_a_whole_copy_is_used_rather_than_one_that_breaks_off(write: Write, tmp_path: Path) -> None:
    cut = write("a.dcm")
    cut.write_bytes(cut.read_bytes()[:-8])
    write("b.dcm")
    (stack,) = scanned(tmp_path).stacks
    assert stack.images[0][0].path.name == "b.dcm"


def test_a_copy_without_loss_is_used_rather_than_one_with_loss(write: Write, tmp_path: Path) -> None:
    write("a.dcm", LossyImageCompression="01")
    write("b.dcm", LossyImageCompression="00")
    (stack,) = scanned(tmp_path).stacks
    assert stack.images[0][0].path.name == "b.dcm"


@pytest.mark.parametrize(
    "other",
    [
        {"ImagePositionPatient": [0, 0, 1]},
        {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]},
        {"PixelSpacing": [0.6, 0.6]},
        {"Rows": 2, "Columns": 8},
        {"PatientID": "P2"},
        {"EchoTime": 12},
        {"TemporalPositionIdentifier": 2},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"RescaleSlope": "2"},
        {"RescaleIntercept": "-7"},
    ],
    ids=[
        *("position", "orientation", "spacing", "size", "patient", "echo", "phase"),
        *("grey scale", "slope", "intercept"),
    ],
)
def test_one_uid_of_two_different_images_is_shown_apart_and_not_measured(
    write: Write, tmp_path: Path, other: dict[str, object]
) -> None:
    write("a.dcm")
    write("b.dcm", **other)
    write("c.dcm", SOPInstanceUID="1.2.3.7", ImagePositionPatient=[0, 0, 9])
    found = scanned(tmp_path)
    clashing = [stack for stack in found.stacks if "UID_CLASH" in stack.stack.faults]
    assert [len(stack.images) for stack in clashing] == [1, 1]
    assert all(not stack.stack.may_measure for stack in clashing)
    assert len({stack.stack.id for stack in found.stacks}) == 3
    assert found.duplicates == ()


def test_images_without_any_uid_are_shown_and_not_measured(write: Write, tmp_path: Path) -> None:
    for number in (1, 2):
        path = write(f"{number}.dcm", ImagePositionPatient=[0, 0, number], SOPInstanceUID="1.2.3.1")
        path.write_bytes(path.read_bytes().replace(b"UI\x08\x001.2.3.1\0", b"UI\x08\x00" + bytes(8)))
    (stack,) = scanned(tmp_path).stacks
    assert (len(stack.images), stack.stack.faults, stack.stack.may_measure) == (2, ("NO_IDENTITY",), frozenset())


def test_without_series_uids_files_are_grouped_by_folder_and_form(write: Write, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        for number in (1, 2):
            uid = f"1.2.3.{'ab'.index(folder)}.{number}"
            words = {"SeriesInstanceUID": "", "SOPInstanceUID": uid, "ImagePositionPatient": [0, 0, number]}
            write(f"{folder}/{number}.dcm", **words)
    write("b/other.dcm", SeriesInstanceUID="", SOPInstanceUID="1.2.3.9", Rows=2, Columns=8)
    found = scanned(tmp_path)
    assert sorted(len(stack.images) for stack in found.stacks) == [1, 2, 2]
    assert len(found.patients[0].studies[0].series) == 3


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"SOPClassUID": REPORT, "Modality": "SR", "PixelData": None, "Rows": None}, "NOT_AN_IMAGE"),
        ({"SOPClassUID": SEGMENTATION, "Modality": "SEG"}, "SEGMENTATION"),
        ({"SOPClassUID": DOSE, "Modality": "RTDOSE"}, "COMPUTED_MAP"),
        ({"PixelData": None, "Rows": None}, "NO_PIXELS"),
    ],
)
def test_dicom_that_is_no_image_for_reading_is_counted_and_named(
    write: Write, attributes: dict[str, object], code: str
) -> None:
    found = scanned(write(**attributes))
    assert (found.files_dicom, found.stacks, found.unreadable) == (1, (), ())
    assert [(file.path.name, file.code) for file in found.not_shown] == [("a.dcm", code)]


@pytest.mark.parametrize(
    ("first", "second", "patients", "faults"),
    [
        ({}, {"PatientID": "P2"}, 2, ["PATIENTS_SEVERAL"]),
        ({"PatientSex": "M"}, {"PatientSex": "F"}, 2, ["PATIENTS_SEVERAL", "PATIENT_CONTRADICTS"]),
        (
            {"PatientBirthDate": "19500101"},
            {"PatientBirthDate": "19500102"},
            2,
            ["PATIENTS_SEVERAL", "PATIENT_CONTRADICTS"],
        ),
        ({"PatientBirthDate": "19500101", "PatientSex": ""}, {"PatientBirthDate": "", "PatientSex": "F"}, 1, []),
        ({"PatientID": ""}, {"PatientID": "", "StudyInstanceUID": "1.2.4"}, 2, ["PATIENTS_SEVERAL"]),
    ],
    ids=["another ID", "sexes contradict", "birth dates contradict", "absent values", "no ID at all"],
)
def test_two_patients_are_said_and_kept_apart(
    write: Write,
    tmp_path: Path,
    first: dict[str, object],
    second: dict[str, object],
    patients: int,
    faults: list[str],
) -> None:
    write("a.dcm", **first)
    write("b.dcm", SOPInstanceUID="1.2.3.2", **second)
    found = scanned(tmp_path)
    assert len(found.patients) == patients
    assert [fault.code for fault in found.faults] == faults


def test_damaged_files_are_named_and_stop_nothing(write: Write, tmp_path: Path) -> None:
    series(write, "ct", 0, 2, 4)
    damaged = tmp_path / "ct" / "2.dcm"
    damaged.write_bytes(damaged.read_bytes()[:-90])
    found = scanned(tmp_path)
    assert found.unreadable == ((damaged, "HEADER_CUT"),)
    assert [len(stack.images) for stack in found.stacks] == [2]


def test_links_and_pipes_do_not_hang_the_scan(write: Write, tmp_path: Path) -> None:
    write("ct/a.dcm")
    (tmp_path / "ct" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    found = scanned(tmp_path)
    assert found.files_dicom == 1
    assert found.unreadable == (
        (tmp_path / "broken", "FILE_UNREADABLE"),
        (tmp_path / "pipe", "FILE_UNREADABLE"),
    )


def directory(write: Write, *files: list[str] | None) -> Path:
    """DICOMDIR with one record a file, and records without a file as those of patients are."""
    records = []
    for parts in files:
        record = Dataset()
        record.DirectoryRecordType = "PATIENT" if parts is None else "IMAGE"
        if parts is not None:
            record.ReferencedFileID = parts
        records.append(record)
    words = {"SOPClassUID": DIRECTORY, "SOPInstanceUID": "1.2.4", "PixelData": None}
    return write("DICOMDIR", DirectoryRecordSequence=Sequence(records), **words)


def test_a_dicomdir_opens_the_files_it_lists_and_names_missing_ones(write: Write, tmp_path: Path) -> None:
    series(write, "CT", 0, 2, 4)
    for number in (1, 2, 3):
        (tmp_path / "CT" / f"{number}.dcm").rename(tmp_path / "CT" / f"IM{number}")
    path = directory(write, None, ["CT", "IM1"], ["CT", "IM2"], ["CT", "IM9"])
    found = scanned(path)
    assert (found.files_dicom, found.unreadable) == (2, ((tmp_path / "CT" / "IM9", "FILE_MISSING"),))
    assert [len(stack.images) for stack in found.stacks] == [2]


def test_a_dicomdir_finds_files_whose_names_are_shown_in_lower_case(write: Write, tmp_path: Path) -> None:
    series(write, "ct", 0)
    (tmp_path / "ct" / "1.dcm").rename(tmp_path / "ct" / "im1")
    assert scanned(directory(write, ["CT", "IM1"])).files_dicom == 1


def test_a_folder_with_a_dicomdir_is_scanned_as_a_folder(write: Write, tmp_path: Path) -> None:
    series(write, "CT", 0, 2, 4)
    directory(write, ["CT", "IM1"])
    found = scanned(tmp_path)
    assert [len(stack.images) for stack in found.stacks] == [3]
    assert [file.code for file in found.not_shown] == ["DIRECTORY"]


@pytest.mark.parametrize("way", [b"..\\SECRET", b"/\\\\SECRET", b"CT\\..\\.."], ids=["up", "root", "folder"])
def test_a_dicomdir_cannot_lead_out_of_its_folder(write: Write, tmp_path: Path, way: bytes) -> None:
    write("SECRET")
    path = directory(write, ["AA", "SECRET"])
    inside = tmp_path / "medium"
    inside.mkdir()
    path.write_bytes(path.read_bytes().replace(b"AA\\SECRET ", way.ljust(10)))
    found = scanned(path.rename(inside / "DICOMDIR"))
    assert way.ljust(10) in (inside / "DICOMDIR").read_bytes()
    assert (found.files_dicom, found.unreadable, found.stacks) == (0, (), ())


def test_names_of_files_change_neither_stacks_nor_ids(write: Write, tmp_path: Path) -> None:
    names = [f"{number}.dcm" for number in range(12)]
    expected = None
    for seed in range(3):
        random.Random(seed).shuffle(names)
        for number, name in enumerate(names):
            words = {"SOPInstanceUID": f"1.2.3.{number}", "InstanceNumber": number, "EchoTime": number % 2 + 5}
            write(f"{seed}/{name}", ImagePositionPatient=[0, 0, number // 2], **words)
        stacks = [result.stack for result in scanned(tmp_path / str(seed)).stacks]
        expected = expected or stacks
        assert stacks == expected
    assert expected is not None
    assert [(stack.kind, len(stack.images)) for stack in expected] == [(StackKind.VOLUME, 6)] * 2
