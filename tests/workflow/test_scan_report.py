from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from spinereview import cli
from spinereview.tasks import CancelToken
from spinereview.workflow.delivery import look_at
from spinereview.workflow.scan_report import opens_anything, scan_report
from spinereview.workflow.scan_text import scan_text

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture(scope="session")
def schema(pytestconfig: pytest.Config) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((pytestconfig.rootpath / "docs" / "scan.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(loaded)
    return loaded


def write(folder: Path, *heights: float, **attributes: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, height in enumerate(heights, 1):
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        values = {
            "SOPClassUID": CT,
            "SOPInstanceUID": f"1.2.3.{number}",
            "StudyInstanceUID": "1.2.3",
            "SeriesInstanceUID": "1.2.3.0",
            "FrameOfReferenceUID": "1.2.9",
            "PatientID": "P1",
            "PatientName": "Secret^Name",
            "StudyDate": "20240331",
            "SeriesDescription": "Spine bone",
            "Modality": "CT",
            "ImagePositionPatient": [0, 0, height],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": ["0.5", "0.25"],
            "SliceThickness": "7.77",
            "Rows": 2,
            "Columns": 3,
            "BitsAllocated": 16,
            "PixelData": bytes(12),
        } | attributes
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        dataset["PixelData"].VR = "OW"
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.save_as(folder / f"{number}.dcm", enforce_file_format=True)


def report(path: Path, schema: dict[str, Any]) -> dict[str, Any]:
    made = scan_report(path, CancelToken())
    Draft202012Validator(schema).validate(made)
    assert json.loads(json.dumps(made)) == made
    return made


def test_a_volume_is_reported_with_decimal_strings(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path / "ct", 0, 2.5, 5)
    (tmp_path / "notes.txt").write_text("notes")
    made = report(tmp_path, schema)
    (study,) = made["studies"]
    (series,) = study["series"]
    (stack,) = series["stacks"]
    assert made["files"] == {"dicom": 3, "not_dicom": ["notes.txt"], "unreadable": [], "copies": []}
    assert (study["patient"], study["study_uid"], study["date"]) == (1, "1.2.3", "2024-03-31")
    assert (series["series_uid"], series["description"], series["modality"]) == ("1.2.3.0", "Spine bone", "CT")
    assert {name: value for name, value in stack.items() if name != "id"} == {
        "kind": "VOLUME",
        "images": 3,
        "rows": 2,
        "columns": 3,
        "plane": "AXIAL",
        "orientation": ["1.0", "0.0", "0.0", "0.0", "1.0", "0.0"],
        "pixel_spacing_mm": ["0.5", "0.25"],
        "slice_thickness_mm": "7.77",
        "interval_mm": "2.5",
        "uniform": True,
        "tilt_deg": "0.00",
        "calibration": "PATIENT",
        "lossy": None,
        "may_measure": ["IN_PLANE", "BETWEEN_SLICES"],
        "measurable": ["LENGTHS", "LENGTHS_BETWEEN_SLICES", "HEIGHTS", "ANGLES", "HOUNSFIELD"],
        "no_suv": None,
        "split_by": [],
        "role": "CT_BONE",
        "role_source": "DESCRIPTION",
        "role_because": [{"code": "ROLE_DESCRIPTION", "text": "Series Description Spine bone"}],
        "contrast": "NOT_TOLD",
        "posture": None,
        "posture_source": "NOTHING",
        "faults": [],
    }
    assert opens_anything(made)


def test_what_was_lost_is_reported_with_method_and_ratios(tmp_path: Path, schema: dict[str, Any]) -> None:
    lost = {"LossyImageCompression": "01", "LossyImageCompressionMethod": "ISO_15444_1"}
    write(tmp_path, 0, 2.5, 5, LossyImageCompressionRatio=["10.0", "12.34"], **lost)
    (stack,) = report(tmp_path, schema)["studies"][0]["series"][0]["stacks"]
    assert stack["lossy"] == {"methods": ["JPEG 2000"], "ratios": ["10.0", "12.34"]}
    assert "lossy: JPEG 2000, 10 to 12.3 : 1" in scan_text(look_at(tmp_path, None, cancel=CancelToken()))


def test_a_refused_interval_stands_in_its_fault_only(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path, 0, 5, 10, 20)
    made = report(tmp_path, schema)
    (stack,) = made["studies"][0]["series"][0]["stacks"]
    (fault,) = stack.pop("faults")
    assert (fault["code"], fault["images"]) == ("GAP", [3, 4])
    assert "lie 10 mm instead of 5 mm: 1 missing" in fault["text"]
    assert (stack["kind"], stack["interval_mm"], stack["uniform"]) == ("SLICES", None, False)
    assert stack["may_measure"] == ["IN_PLANE"]


def test_a_refused_pixel_spacing_is_null(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path, 0, 5, 10, PixelSpacing=["0", "0"])
    (stack,) = report(tmp_path, schema)["studies"][0]["series"][0]["stacks"]
    assert (stack["pixel_spacing_mm"], stack["interval_mm"], stack["calibration"]) == (None, None, "NONE")
    assert (stack["may_measure"], [fault["code"] for fault in stack["faults"]]) == ([], ["SPACING_ZERO"])
    assert stack["faults"][0]["images"] == [1, 3], "a fault of the whole stack names its first and last image"


def test_damaged_files_are_listed_with_the_code_of_why(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path / "ct", 0)
    path = tmp_path / "ct" / "1.dcm"
    path.write_bytes(path.read_bytes()[:-40])
    made = report(tmp_path, schema)
    assert made["files"]["unreadable"] == [
        {
            "file": "ct/1.dcm",
            "code": "HEADER_CUT",
            "text": "ct/1.dcm breaks off before its image. Copy the file again from its source.",
        }
    ]
    assert not opens_anything(made)


def test_an_empty_folder_opens_nothing(tmp_path: Path, schema: dict[str, Any]) -> None:
    made = report(tmp_path, schema)
    assert (made["studies"], opens_anything(made)) == ([], False)


def test_neither_report_tells_who_the_patient_is(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path, 0, 5, PatientID="Hospital-4711", PatientBirthDate="19500102")
    told = json.dumps(report(tmp_path, schema)) + scan_text(look_at(tmp_path, None, cancel=CancelToken()))
    assert not [word for word in ("Secret", "Hospital-4711", "19500102") if word in told]


def test_the_text_says_each_stack_and_each_fault(tmp_path: Path) -> None:
    write(tmp_path, 0, 5, 10, 20)
    told = scan_text(look_at(tmp_path, None, cancel=CancelToken()))
    assert "Patient 1, study 2024-03-31" in told
    assert "slices, axial, 4 images, 0.5 x 0.25 mm\n" in told
    assert "Between images 3 and 4 lie 10 mm instead of 5 mm" in told


def test_the_schema_refuses_a_figure_of_a_refused_geometry(tmp_path: Path, schema: dict[str, Any]) -> None:
    write(tmp_path, 0, 5, 10, 20)
    made = report(tmp_path, schema)
    made["studies"][0]["series"][0]["stacks"][0]["interval_mm"] = "5"
    assert not Draft202012Validator(schema).is_valid(made)


def test_the_command_prints_the_report_and_says_whether_anything_opens(
    tmp_path: Path, schema: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "ct", 0, 5, 10)
    assert cli.main(["scan", str(tmp_path), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made == report(tmp_path, schema)
    assert cli.main(["scan", str(tmp_path)]) == 0
    assert "volume, axial, 3 images, 0.5 x 0.25 mm, 5 mm apart" in capsys.readouterr().out


def test_the_command_ends_with_three_where_nothing_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    assert cli.main(["scan", str(tmp_path)]) == 3
    told = capsys.readouterr().out
    assert "DICOM files 0, stacks 0, other files 1" in told
    assert "There is no DICOM file here." in told


def test_the_command_ends_with_two_where_there_is_no_such_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["scan", str(tmp_path / "nowhere")]) == 2
    assert "There is nothing at" in capsys.readouterr().err


def test_what_is_said_of_a_whole_series_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, 0, 5, 10)
    write(tmp_path / "across", 0, ImageOrientationPatient=[0, 1, 0, 0, 0, -1], SOPInstanceUID="1.2.3.9")
    told = scan_text(look_at(tmp_path, None, cancel=CancelToken()))
    assert told.count("The series mixes images of different orientation. They are shown as 2 stacks.") == 1
    assert told.index("The series mixes") < told.index(", axial,")


def test_of_many_files_with_one_reason_the_first_is_named_and_they_are_counted(tmp_path: Path) -> None:
    write(tmp_path, 0, 5, 10)
    for number in range(5):
        (tmp_path / f"cut{number}.dcm").write_bytes((tmp_path / "1.dcm").read_bytes()[:200])
    told = scan_text(look_at(tmp_path, None, cancel=CancelToken()))
    assert "cut0.dcm breaks off before its image" in told
    assert "cut1.dcm" not in told
    assert "The same holds for 4 more files" in told
