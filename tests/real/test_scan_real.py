"""The scan over every file of the shared images.

The table was written from the headers as pydicom prints them and from the notes beside the images, not from the program.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pydicom import dcmread

from spinereview.dicom.file_elements import DEFLATED
from spinereview.dicom.geometry import StackResult
from spinereview.dicom.parse import read_header
from spinereview.dicom.scan import Scan, scan
from spinereview.domain.imaging import Calibration, Permission
from spinereview.tasks import CancelToken

Scanned = Callable[[str], Scan]


@pytest.fixture(scope="session")
def scanned(shared_images: Path) -> Scanned:
    known: dict[str, Scan] = {}

    def of(name: str) -> Scan:
        if name not in known:
            known[name] = scan(shared_images / name, cancel=CancelToken())
        return known[name]

    return of


def line(result: StackResult) -> str:
    """A stack in one line: kind, plane, images, spacing, interval, calibration, codes."""
    stack = result.stack
    spacing = "-" if stack.pixel_spacing_mm is None else f"{stack.pixel_spacing_mm[0]:.4f}"
    interval = "-" if stack.slice_interval_mm is None else f"{stack.slice_interval_mm:.2f}"
    told = [stack.kind.value, stack.plane.value, str(len(stack.images)), spacing, interval, stack.calibration.value]
    return " ".join([*told, *stack.faults])


SETS = [
    ("ct_chest_cmb_crc_01068", ["VOLUME AXIAL 100 0.8984 2.50 PATIENT"]),
    ("ct_pelvis_totalseg_dicom", ["VOLUME AXIAL 20 0.9766 2.00 PATIENT"]),
    (
        "ct_two_timepoints_acrin_flt_001",
        [
            "VOLUME AXIAL 35 0.9766 4.25 PATIENT",
            "VOLUME AXIAL 84 0.9766 4.25 PATIENT",
            "VOLUME AXIAL 34 0.9766 4.25 PATIENT",
        ],
    ),
    ("mr_lumbar_sct_dicom", ["VOLUME SAGITTAL 38 1.0000 1.00 PATIENT"]),
    (
        "mr_pelvis_prostatex_0207",
        [
            "VOLUME SAGITTAL 19 0.5625 3.60 PATIENT",
            "VOLUME CORONAL 15 0.6000 3.00 PATIENT",
            "VOLUME AXIAL 21 0.5000 3.00 PATIENT",
            "VOLUME AXIAL 19 2.0000 3.00 PATIENT SPLIT_B_VALUE",
            "VOLUME AXIAL 19 2.0000 3.00 PATIENT SPLIT_B_VALUE",
            "VOLUME AXIAL 19 2.0000 3.00 PATIENT SPLIT_B_VALUE",
            "VOLUME AXIAL 19 2.0000 3.00 PATIENT",
            "VOLUME AXIAL 16 1.5000 4.00 PATIENT",
            "VOLUME AXIAL 16 1.5000 4.00 PATIENT",
            "VOLUME AXIAL 16 1.5000 4.00 PATIENT",
        ],
    ),
    (
        "petct_acrin_nsclc_042",
        [
            "PROJECTION CORONAL 1 0.5455 - UNSTATED CALIBRATION_UNSTATED LOCALIZER",
            "VOLUME AXIAL 135 4.6875 3.27 PATIENT",
            "VOLUME AXIAL 135 0.9766 3.27 PATIENT",
        ],
    ),
    (
        "xray",
        [
            "PROJECTION UNKNOWN 1 - - NONE SPACING_MISSING",
            "PROJECTION UNKNOWN 1 - - NONE SPACING_MISSING",
            # One is called a fake: the same UID with the opposite grey scale is no copy.
            "SLICES UNKNOWN 1 - - NONE CALIBRATION_CAPTURE UID_CLASH",
            "SLICES UNKNOWN 1 - - NONE CALIBRATION_CAPTURE UID_CLASH",
        ],
    ),
    ("edge_geometry/fodicom", ["SLICES AXIAL 1 0.2539 - PATIENT ONE_IMAGE"]),
    (
        "edge_geometry/dicom2nifti_failing/gantrytilting",
        ["SLICES AXIAL 4 0.4180 - PATIENT TILT FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/dicom2nifti_failing/notavolume",
        ["TIME_SERIES AXIAL 4 0.5449 - PATIENT FRAME_OF_REFERENCE_MISSING ONE_POSITION"],
    ),
    (
        "edge_geometry/dicom2nifti_failing/slicecount",
        ["VOLUME SAGITTAL 2 1.0000 1.00 PATIENT FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/dicom2nifti_failing/sliceincrement/001",
        ["SLICES AXIAL 4 0.4297 - PATIENT GAP FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/dicom2nifti_failing/sliceincrement/002",
        ["SLICES AXIAL 4 0.5117 - PATIENT GAP TILT FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/dicom2nifti_failing/sliceorientation",
        [
            "VOLUME SAGITTAL 2 0.3200 3.30 PATIENT SPLIT_ORIENTATION FRAME_OF_REFERENCE_MISSING",
            "VOLUME AXIAL 2 0.5556 4.40 PATIENT SPLIT_ORIENTATION FRAME_OF_REFERENCE_MISSING",
        ],
    ),
    *(
        (
            f"edge_geometry/dicom2nifti_compressed_{name}",
            ["VOLUME SAGITTAL 4 1.0000 1.00 PATIENT FRAME_OF_REFERENCE_MISSING"],
        )
        for name in ("j2k", "jpeg", "jpegls", "rle")
    ),
    ("edge_geometry/ge_head_tilt_nonuniform", ["SLICES AXIAL 28 0.4883 - PATIENT INTERVAL_UNEVEN TILT"]),
    (
        "edge_geometry/multiecho_one_series",
        ["VOLUME AXIAL 6 3.0000 3.60 PATIENT SPLIT_ECHO", "VOLUME AXIAL 6 3.0000 3.60 PATIENT SPLIT_ECHO"],
    ),
    (
        "edge_geometry/philips_enhanced/anatomical/001",
        ["VOLUME SAGITTAL 8 1.0000 1.20 PATIENT FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/philips_enhanced/anatomical/001_implicit",
        ["VOLUME SAGITTAL 8 0.9375 1.00 PATIENT FRAME_OF_REFERENCE_MISSING"],
    ),
    (
        "edge_geometry/siemens_multiframe",
        ["VOLUME AXIAL 8 0.9375 0.90 PATIENT FRAME_OF_REFERENCE_MISSING"],
    ),
    ("edge_pydicom/pydicom-data/eCT_Supplemental.dcm", ["VOLUME AXIAL 2 0.3887 10.00 PATIENT"]),
    (
        "edge_pydicom/pydicom-data/emri_small.dcm",
        ["SLICES UNKNOWN 10 - - NONE SPACING_MISSING ORIENTATION_MISSING POSITION_MISSING"],
    ),
    ("edge_pydicom/test_files/examples_ybr_color.dcm", ["TIME_SERIES UNKNOWN 30 - - NONE CALIBRATION_ULTRASOUND"]),
    ("edge_pydicom/test_files/no_meta.dcm", ["SLICES AXIAL 1 0.6615 - PATIENT ONE_IMAGE"]),
    ("edge_pydicom/test_files/MR_truncated.dcm", ["SLICES AXIAL 1 0.3125 - PATIENT PIXELS_CUT ONE_IMAGE"]),
    ("edge_pydicom/test_files/image_dfl.dcm", ["SLICES UNKNOWN 1 - - NONE CALIBRATION_CAPTURE"]),
    (
        "edge_pydicom/dicomdirtests/77654033/CT2",
        ["SLICES AXIAL 4 0.4883 - PATIENT GAP"],
    ),
    ("edge_pydicom/dicomdirtests/98892001/CT5N", ["VOLUME AXIAL 5 0.4883 2.50 PATIENT"]),
    (
        "edge_pydicom/dicomdirtests/98892001/CT2N",
        [
            "PROJECTION SAGITTAL 1 0.5455 - UNSTATED SPLIT_ORIENTATION CALIBRATION_UNSTATED LOCALIZER",
            "PROJECTION CORONAL 1 0.5455 - UNSTATED SPLIT_ORIENTATION CALIBRATION_UNSTATED LOCALIZER",
        ],
    ),
    ("edge_pydicom/dicomdirtests/77654033/CR1", ["PROJECTION UNKNOWN 1 0.1000 - DETECTOR CALIBRATION_DETECTOR"]),
    ("mr_spine_sct_nifti", []),
    ("nifti_vertebra_labels", []),
]


@pytest.mark.parametrize(("name", "expected"), SETS, ids=[name for name, _ in SETS])
def test_each_set_comes_out_right_or_refused_with_the_reason(scanned: Scanned, name: str, expected: list[str]) -> None:
    assert [line(result) for result in scanned(name).stacks] == expected


@pytest.mark.parametrize(
    ("name", "fault", "words"),
    [
        ("gantrytilting", "TILT", {"tilt_deg": "14", "first": "1", "last": "4"}),
        (
            "sliceincrement/001",
            "GAP",
            {"gap_mm": "10", "interval_mm": "5", "missing": "1", "first": "3", "last": "4"},
        ),
        (
            "sliceincrement/002",
            "GAP",
            {"gap_mm": "1.5", "interval_mm": "0.75", "missing": "1", "first": "3", "last": "4"},
        ),
        ("notavolume", "ONE_POSITION", {"first": "1", "last": "4"}),
    ],
)
def test_what_simpleitk_builds_wrongly_is_refused_naming_the_images(
    scanned: Scanned, name: str, fault: str, words: dict[str, str]
) -> None:
    """Tilt, missing slice, one position: a wrong volume and no error. Each is refused, with the reason."""
    (result,) = scanned(f"edge_geometry/dicom2nifti_failing/{name}").stacks
    assert [dict(found.words) for found in result.faults if found.code == fault] == [words]
    assert result.stack.may_measure == {Permission.IN_PLANE}


def test_the_tilted_head_names_the_change_of_its_interval(scanned: Scanned) -> None:
    (result,) = scanned("edge_geometry/ge_head_tilt_nonuniform").stacks
    uneven, tilt = result.faults
    assert dict(uneven.words) == {
        "smallest_mm": "1.08",
        "largest_mm": "7",
        "interval_mm": "1.08",
        "first": "14",
        "last": "15",
    }
    assert tilt.words["tilt_deg"] == "18.5"
    assert result.tilt_deg == Decimal("18.50")


def test_diffusion_is_three_stacks_and_each_has_one_b_value(scanned: Scanned) -> None:
    split = [result for result in scanned("mr_pelvis_prostatex_0207").stacks if result.distinguished_by]
    assert [result.distinguished_by for result in split] == [(("BValue", value),) for value in ("50", "400", "800")]


def test_two_echoes_are_two_stacks(scanned: Scanned) -> None:
    split = scanned("edge_geometry/multiecho_one_series").stacks
    assert [result.distinguished_by for result in split] == [(("EchoTime", "5.19"),), (("EchoTime", "7.65"),)]


def test_four_folders_with_the_same_uids_are_one_stack_and_twelve_copies(scanned: Scanned) -> None:
    found = scanned("edge_geometry")
    results = [result for result in found.stacks if "DUPLICATE" in result.stack.faults]
    (result,) = results
    assert {file.path.parent.name for file, _ in result.images} == {"dicom2nifti_compressed_j2k"}
    assert len(found.duplicates) == 12
    assert result.stack.id == scanned("edge_geometry/dicom2nifti_compressed_rle").stacks[0].stack.id


def test_images_without_uids_are_named_by_their_meta_information(scanned: Scanned) -> None:
    found = scanned("ct_pelvis_totalseg_dicom")
    (result,) = found.stacks
    assert (found.patients[0].patient_id, found.patients[0].studies[0].study_uid, result.stack.series_uid) == ("",) * 3
    assert {file.uid_source for file, _ in result.images} == {"META"}
    assert len({uid for uid, _ in result.stack.images}) == 20


def test_a_pet_keeps_the_slope_of_each_of_its_images(scanned: Scanned) -> None:
    """One rescale slope for a whole PET volume: each slice keeps its own."""
    pet = next(result for result in scanned("petct_acrin_nsclc_042").stacks if result.stack.modality == "PT")
    assert len({frame.slope for _, frame in pet.images}) == 135


def test_frames_of_enhanced_images_keep_their_numbers_and_positions(scanned: Scanned) -> None:
    """Multi-frame z-spacing wrong, marks jump to frame 1: each frame keeps its number and its own position."""
    for name in ("philips_enhanced/anatomical/001", "siemens_multiframe"):
        (result,) = scanned(f"edge_geometry/{name}").stacks
        assert sorted(number for _, number in result.stack.images) == list(range(1, 9))
        dataset = dcmread(result.images[0][0].path, stop_before_pixels=True)
        groups = dataset.PerFrameFunctionalGroupsSequence
        for _, frame in result.images:
            position = groups[frame.number - 1].PlanePositionSequence[0].ImagePositionPatient
            assert [float(value) for value in frame.position or ()] == [float(value) for value in position]


def test_the_media_of_pydicom_open_by_their_directories(scanned: Scanned) -> None:
    found = scanned("edge_pydicom/dicomdirtests/DICOMDIR")
    assert (found.files_dicom, len(found.stacks), found.unreadable, found.not_dicom) == (31, 24, (), ())
    assert scanned("edge_pydicom/dicomdirtests/TINY_ALPHA/DICOMDIR").files_dicom == 50


def test_reports_segmentations_and_values_are_named_and_not_shown(scanned: Scanned) -> None:
    assert Counter(file.code for file in scanned("petct_acrin_nsclc_042").not_shown) == {
        "SEGMENTATION": 3,
        "NOT_AN_IMAGE": 3,
    }
    assert [file.modality for file in scanned("mr_pelvis_prostatex_0207").not_shown] == ["SR"]


def test_every_file_is_accounted_for_exactly_once(shared_images: Path, scanned: Scanned) -> None:
    files = {Path(root, name) for root, _, names in os.walk(shared_images) for name in names}
    found = scanned(".")
    shown = {file.path for result in found.stacks for file, _ in result.images}
    dicom = [*shown, *(file.path for file in found.not_shown), *(copy for copy, _ in found.duplicates)]
    named = [*dicom, *found.not_dicom, *(file for file, _ in found.unreadable)]
    assert Counter(named) == Counter(files)
    assert found.files_dicom == len(dicom)
    assert {path.suffix for path in found.not_dicom} <= {".md", ".gz", ""}
    assert found.unreadable == ()


def test_no_stack_measures_what_its_calibration_does_not_give(scanned: Scanned) -> None:
    for result in scanned(".").stacks:
        stack = result.stack
        assert (stack.pixel_spacing_mm is None) == (stack.calibration is Calibration.NONE)
        assert bool(stack.may_measure) == (stack.pixel_spacing_mm is not None)
        if Permission.BETWEEN_SLICES in stack.may_measure:
            assert stack.calibration is Calibration.PATIENT
            assert result.uniform


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.allow_log("VR", "Value", "value")
def test_headers_are_what_pydicom_reads(shared_images: Path, scanned: Scanned) -> None:
    for result in scanned(".").stacks:
        for file in {file.path: file for file, _ in result.images}.values():
            if file.path.name == "no_meta.dcm":
                continue  # pydicom stumbles over its stray first byte
            dataset = dcmread(file.path, force=True, defer_size=1024)
            assert file.sop_uid in (dataset.get("SOPInstanceUID"), dataset.file_meta.get("MediaStorageSOPInstanceUID"))
            assert file.pixels is not None
            assert (file.pixels.rows, file.pixels.columns) == (dataset.Rows, dataset.Columns)
            element = dataset.get_item("PixelData", keep_deferred=True)
            place = getattr(element, "value_tell", None) or element.file_tell
            assert file.pixels.offset == (None if file.transfer_syntax_uid == DEFLATED else place)
            if len(file.frames) == 1 and "ImagePositionPatient" in dataset:
                position = [float(value) for value in dataset.ImagePositionPatient]
                assert [float(value) for value in file.frames[0].position or ()] == position


def test_no_header_knows_the_patients_name(shared_images: Path) -> None:
    path = next(iter(sorted((shared_images / "edge_geometry" / "fodicom").iterdir())))
    header = read_header(path)
    dataset = dcmread(path, stop_before_pixels=True)
    assert header is not None
    assert str(dataset.PatientName) not in repr(header).replace(str(dataset.PatientID), "")
