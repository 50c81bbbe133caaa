"""Written phantom series: valid, deterministic, and read back sample for sample in every transfer syntax."""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.uid import UID

from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.load import load
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan, decimal_string, derived_uid
from spinereview.dicom.write import Encoding, write_series
from spinereview.errors import InvalidValue

Plan = Callable[..., SeriesPlan]
Images = Callable[..., list[tuple[FileHeader, FrameHeader]]]

EXPECTED_TYPE_1 = {
    "CT": ("ImageType", "RescaleSlope", "RescaleIntercept", "RescaleType", "ImagePositionPatient", "PixelSpacing"),
    "MR": ("ImageType", "ScanningSequence", "SequenceVariant", "ImageOrientationPatient", "PixelSpacing"),
    "CR": ("PhotometricInterpretation",),
    "DX": (
        "ImageType",
        "PresentationIntentType",
        "ImageLaterality",
        "PixelIntensityRelationship",
        "RescaleSlope",
        "PresentationLUTShape",
        "LossyImageCompression",
        "BurnedInAnnotation",
        "ImagerPixelSpacing",
        "WindowCenter",
    ),
}
TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "SeriesNumber",
    "InstanceNumber",
    "Manufacturer",
)


def noise(kind: str, images: int = 3) -> NDArray[Any]:
    ends = np.iinfo(kind)
    samples = np.random.default_rng(7).integers(ends.min, ends.max, (images, 11, 14), dtype=kind, endpoint=True)
    samples[:, 0, :2] = ends.min, ends.max
    samples[:, 5:8] = 0
    return samples


@pytest.mark.parametrize("multi_frame", [False, True], ids=["one file an image", "enhanced"])
@pytest.mark.parametrize("kind", ["int16", "uint16", "uint8"])
@pytest.mark.parametrize("encoding", list(Encoding), ids=lambda encoding: encoding.name)
def test_every_sample_type_survives_every_transfer_syntax(
    tmp_path: Path, plan: Plan, images_of: Images, encoding: Encoding, kind: str, *, multi_frame: bool
) -> None:
    samples = noise(kind)
    made = plan(bits_stored=np.dtype(kind).itemsize * 8)
    files = write_series(tmp_path, samples, made, encoding=encoding, multi_frame=multi_frame)
    volume = load(images_of(*files))
    assert volume.failed == {}
    assert volume.samples.dtype == np.dtype(kind)
    np.testing.assert_array_equal(volume.samples, samples)


@pytest.mark.parametrize("bits", [9, 12, 15])
@pytest.mark.parametrize("kind", ["int16", "uint16"])
@pytest.mark.parametrize("encoding", list(Encoding), ids=lambda encoding: encoding.name)
def test_samples_of_fewer_bits_keep_their_sign(
    tmp_path: Path, plan: Plan, images_of: Images, encoding: Encoding, kind: str, bits: int
) -> None:
    least = -(1 << (bits - 1)) if kind == "int16" else 0
    samples = np.linspace(least, least + (1 << bits) - 1, 2 * 6 * 7).reshape(2, 6, 7).astype(kind)
    files = write_series(tmp_path, samples, plan(bits_stored=bits), encoding=encoding)
    np.testing.assert_array_equal(load(images_of(*files)).samples, samples)


@pytest.mark.parametrize("encoding", [Encoding.EXPLICIT_LITTLE, Encoding.JPEG_LS, Encoding.RLE])
@pytest.mark.parametrize("multi_frame", [False, True])
def test_equal_plans_give_equal_bytes(tmp_path: Path, plan: Plan, encoding: Encoding, *, multi_frame: bool) -> None:
    first, second = (
        [
            file.read_bytes()
            for file in write_series(
                tmp_path / name, noise("int16"), plan(), encoding=encoding, multi_frame=multi_frame
            )
        ]
        for name in ("first", "second")
    )
    assert first == second


def test_the_rescale_of_each_image_is_written(tmp_path: Path, plan: Plan, images_of: Images) -> None:
    slopes = (Decimal(1), Decimal("2.5"), Decimal("0.0625"))
    for multi_frame in (False, True):
        made = plan(slopes=slopes, intercepts=(Decimal(-1024), Decimal(0), Decimal("12.5")))
        files = write_series(tmp_path / str(multi_frame), noise("uint16"), made, multi_frame=multi_frame)
        volume = load(images_of(*files))
        assert volume.slope.tolist() == [1.0, 2.5, 0.0625]
        assert volume.intercept.tolist() == [-1024.0, 0.0, 12.5]
        assert volume.value_at(1, 0, 1) == 65535 * 2.5


@pytest.mark.parametrize("modality", ["CT", "MR", "CR", "DX"])
def test_what_an_image_must_say_is_there(tmp_path: Path, plan: Plan, modality: str) -> None:
    (file,) = write_series(tmp_path, noise("uint16", 1), plan(modality=modality, bits_stored=12))
    dataset = dcmread(file)
    missing = [keyword for keyword in TYPE_2 if keyword not in dataset]
    empty = [keyword for keyword in EXPECTED_TYPE_1[modality] if dataset.get(keyword) in (None, "")]
    assert (missing, empty) == ([], [])
    assert dataset.SOPClassUID.is_private is False
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert all(
        UID(uid).is_valid for uid in (dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID)
    )
    assert ("FrameOfReferenceUID" in dataset) == (modality in {"CT", "MR"})


def test_a_projection_states_its_spacing_at_the_detector_alone(tmp_path: Path, plan: Plan) -> None:
    (file,) = write_series(tmp_path, noise("uint16", 1), plan(modality="DX"))
    dataset = dcmread(file)
    assert "PixelSpacing" not in dataset
    assert [str(value) for value in dataset.ImagerPixelSpacing] == ["0.5", "0.75"]


@pytest.mark.parametrize("multi_frame", [False, True])
def test_positions_are_exact(
    tmp_path: Path, plan: Plan, images_of: Images, axial: SeriesGeometry, *, multi_frame: bool
) -> None:
    files = write_series(tmp_path, noise("int16"), plan(), multi_frame=multi_frame)
    frames = [frame for _header, frame in images_of(*files)]
    assert [frame.position for frame in frames] == [axial.position_mm(index) for index in range(3)]
    assert {frame.pixel_spacing_mm for frame in frames} == {(Decimal("0.5"), Decimal("0.75"))}
    assert [frame.number for frame in frames] == ([1, 2, 3] if multi_frame else [1, 1, 1])


def test_uids_follow_from_the_seed_and_the_role(tmp_path: Path, plan: Plan, images_of: Images) -> None:
    same_study = plan(series_number=2)
    other = plan(seed="other")
    assert plan().uid("study") == same_study.uid("study") != other.uid("study")
    files = write_series(tmp_path / "a", noise("int16"), plan()) + write_series(
        tmp_path / "b", noise("int16"), same_study
    )
    headers = [header for header, _frame in images_of(*files)]
    assert len({header.sop_uid for header in headers}) == 6
    assert len({header.series_uid for header in headers}) == 2
    assert len({header.study_uid for header in headers}) == 1
    assert derived_uid("a", "bc") != derived_uid("ab", "c")


def test_given_uids_are_kept(tmp_path: Path, plan: Plan) -> None:
    made = plan(study_uid="1.2.3", series_uid="1.2.4", frame_of_reference_uid="1.2.5")
    dataset = dcmread(write_series(tmp_path, noise("int16", 1), made)[0])
    assert (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID) == (
        "1.2.3",
        "1.2.4",
        "1.2.5",
    )


def test_further_attributes_win(tmp_path: Path, plan: Plan) -> None:
    made = plan(attributes={"ConvolutionKernel": "BONE", "PatientPosition": "FFS"})
    dataset = dcmread(write_series(tmp_path, noise("int16", 1), made)[0])
    assert (dataset.ConvolutionKernel, dataset.PatientPosition) == ("BONE", "FFS")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1E+2", "100"),
        ("-0.50", "-0.5"),
        ("0.3333333333333", "0.3333333333333"),
        ("12345678901234.5", "12345678901234.5"),
        ("0.0", "0"),
    ],
)
def test_decimal_strings_are_written_digit_for_digit(number: str, expected: str) -> None:
    assert decimal_string(Decimal(number)) == expected


@pytest.mark.parametrize("number", ["123456789012345.6", "0.33333333333333333", "NaN", "Infinity"])
def test_numbers_that_a_decimal_string_cannot_hold_are_refused(number: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        decimal_string(Decimal(number))
    assert caught.value.code == "DECIMAL_STRING"


@pytest.mark.parametrize(
    ("samples", "changed"),
    [
        pytest.param(np.zeros((4, 4), dtype="i2"), {}, id="no index of images"),
        pytest.param(np.zeros((0, 4, 4), dtype="i2"), {}, id="no images"),
        pytest.param(np.zeros((1, 4, 4), dtype="f4"), {}, id="floats"),
        pytest.param(np.zeros((1, 4, 4), dtype="u1"), {}, id="16 bits in 8"),
        pytest.param(np.zeros((3, 4, 4), dtype="i2"), {"slopes": (Decimal(1), Decimal(2))}, id="two slopes for three"),
    ],
)
def test_samples_that_do_not_fit_the_plan_are_refused(
    tmp_path: Path, plan: Plan, samples: NDArray[Any], changed: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as caught:
        write_series(tmp_path, samples, plan(**changed))
    assert caught.value.code == "PHANTOM_SAMPLES"
    assert list(tmp_path.iterdir()) == []


def test_a_modality_that_cannot_be_written_is_refused(plan: Plan) -> None:
    with pytest.raises(InvalidValue) as caught:
        plan(modality="US")
    assert caught.value.code == "PHANTOM_MODALITY"


def test_projections_have_no_enhanced_form(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(InvalidValue) as caught:
        write_series(tmp_path, noise("uint16"), plan(modality="DX"), multi_frame=True)
    assert caught.value.code == "PHANTOM_MODALITY"


def test_padding_is_written_with_the_representation_of_the_pixels(
    tmp_path: Path, plan: Plan, images_of: Images
) -> None:
    (file,) = write_series(tmp_path, noise("int16", 1), plan(padding_value=-2000))
    assert struct.pack("<HH2sHh", 0x0028, 0x0120, b"SS", 2, -2000) in file.read_bytes()
    assert load(images_of(file)).padding.tolist() == [[-2000, -2000]]
