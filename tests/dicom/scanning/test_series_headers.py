"""Files of one series read by what they have in common: always as they would be read one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from spinereview.dicom import series_headers
from spinereview.dicom.file_elements import Opened
from spinereview.dicom.folder_headers import read_headers
from spinereview.dicom.header import FileHeader
from spinereview.dicom.parse import read_header
from spinereview.dicom.series_headers import HeaderReader
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken

Outcome = FileHeader | str | None
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
in_each_syntax = pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)


def _image(number: int, modality: str = "CT") -> Dataset:
    storage = {"CT": "2", "MR": "4", "PT": "128", "DX": "1.1"}[modality]
    image, meta = Dataset(), FileMetaDataset()
    image.file_meta = meta
    image.SOPClassUID = meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1." + storage
    # Of several lengths, as scanners count them.
    image.SOPInstanceUID = meta.MediaStorageSOPInstanceUID = f"1.2.3.{number * 7919 % 1013}"
    image.StudyInstanceUID, image.SeriesInstanceUID = "1.2.3", "1.2.4"
    image.Modality, image.PatientID, image.PatientName = modality, "P1", "A^" + "B" * (number % 3)
    image.InstanceNumber = number
    image.ImagePositionPatient = [-10, -20.5, number * 1.25]
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness, image.SliceLocation = [0.5, 0.5], 1.25, number * 1.25
    image.AcquisitionTime, image.ContentTime = f"1200{number % 60:02}.{number}", f"1201{number % 60:02}"
    image.WindowCenter, image.WindowWidth, image.ImageType = 40, 400, ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.Rows = image.Columns = 8
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleSlope, image.RescaleIntercept = 1, -1024
    image.PixelData = bytes(128)
    return image


def _written(folder: Path, images: list[Dataset], *, syntax: str = ExplicitVRLittleEndian) -> list[Path]:
    paths = []
    for number, image in enumerate(images):
        image.file_meta.TransferSyntaxUID = syntax
        paths.append(folder / f"{number:03}.dcm")
        image.save_as(paths[-1], enforce_file_format=True)
    return paths


def _outcome(read: Callable[[Path], FileHeader | None], path: Path) -> Outcome:
    try:
        return read(path)
    except DicomError as error:
        return error.code


def _long_way(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Paths whose elements a reader understands from here on, instead of comparing them."""
    parsed: list[Path] = []

    def counted(path: Path, size: int, opened: Opened) -> FileHeader:
        parsed.append(path)
        return original(path, size, opened)

    original = series_headers.header_of
    monkeypatch.setattr(series_headers, "header_of", counted)
    return parsed


def _together(paths: list[Path]) -> list[Outcome]:
    """What a scan of these files finds."""
    found = read_headers(paths, cancel=CancelToken())
    return [outcome.code if isinstance(outcome, DicomError) else outcome for outcome in found]


@in_each_syntax
def test_a_series_is_read_by_comparison_after_a_few_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, syntax: str
) -> None:
    paths = _written(tmp_path, [_image(number) for number in range(1, 31)], syntax=syntax)
    alone = [read_header(path) for path in paths]
    parsed = _long_way(monkeypatch)
    assert _together(paths) == alone
    assert len(parsed) <= 4


def test_two_series_file_by_file_are_both_read_by_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [_image(number, modality) for number in range(1, 21) for modality in ("CT", "PT")]
    for number, image in enumerate(images):
        image.SeriesInstanceUID = f"1.2.4.{number % 2}"
    paths = _written(tmp_path, images)
    alone = [read_header(path) for path in paths]
    parsed = _long_way(monkeypatch)
    assert _together(paths) == alone
    assert len(parsed) <= 8


@in_each_syntax
def test_radiographs_without_positions_are_read_by_comparison_and_an_odd_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, syntax: str
) -> None:
    images = [_image(number, "DX") for number in range(1, 31)]
    for image in images:
        del image.ImagePositionPatient, image.ImageOrientationPatient, image.PixelSpacing
        image.ImagerPixelSpacing = [0.143, 0.143]
    images[20].ImagePositionPatient = [1, 2, 3]
    images[22].ImagerPixelSpacing = [0.2, 0.2]
    images[24].RescaleSlope = 0
    images[26].ImagePositionPatient = ""
    paths = _written(tmp_path, images, syntax=syntax)
    alone = [read_header(path) for path in paths]
    assert {header.frames[0].faults for header in alone if header is not None} >= {("CALIBRATION_DETECTOR",)}
    parsed = _long_way(monkeypatch)
    assert _together(paths) == alone
    assert len(parsed) <= 12


def _changed(**values: object) -> Dataset:
    image = _image(15)
    for name, value in values.items():
        setattr(image, name, value)
    return image


ODD = {
    "no position": {"ImagePositionPatient": None},
    "another spacing": {"PixelSpacing": [0.6, 0.6]},
    "another orientation": {"ImageOrientationPatient": [0, 1, 0, 0, 0, 1]},
    "another character set": {"SpecificCharacterSet": "ISO_IR 100"},
    "another patient": {"PatientID": "P2"},
    "another series": {"SeriesInstanceUID": "1.2.5"},
    "another rescale": {"RescaleSlope": 2.5, "RescaleIntercept": 7},
    "no slope": {"RescaleSlope": None},
    "slope of zero": {"RescaleSlope": 0},
    "no intercept": {"RescaleIntercept": None},
    "another window": {"WindowCenter": [50, 300], "WindowWidth": [100, 2000]},
    "no window": {"WindowCenter": None, "WindowWidth": None},
    "two frames": {"NumberOfFrames": 2, "PixelData": bytes(256)},
    "too few pixels": {"PixelData": bytes(100)},
    "more pixels": {"PixelData": bytes(200)},
    "no number": {"InstanceNumber": None},
    "no time": {"AcquisitionTime": None, "ContentTime": None},
    "an acquisition number": {"AcquisitionNumber": 3},
    "padding": {"PixelPaddingValue": 5},
    "a comment": {"PatientComments": "x"},
    "a long comment": {"PatientComments": "x" * 9000},
    "a very long text": {"TextValue": "x" * 90_000},
    "no identity": {"SOPInstanceUID": ""},
}


@in_each_syntax
@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_of_a_series_is_read_as_if_it_stood_alone(tmp_path: Path, name: str, syntax: str) -> None:
    images = [_image(number) for number in range(1, 13)]
    # The values that may differ do so before, so that the odd file is not held back by them.
    images[3].RescaleSlope, images[4].RescaleIntercept, images[5].WindowCenter = 1.5, -1000, 41
    images[6].WindowWidth = 350
    paths = _written(tmp_path, [*images, _changed(**ODD[name]), _image(14), _changed(**ODD[name])], syntax=syntax)
    alone = [read_header(path) for path in paths]
    assert _together(paths) == alone


@pytest.mark.parametrize("creator", ["SIEMENS MR HEADER", "OTHER"])
def test_a_b_value_in_a_private_element_is_read_from_each_file(tmp_path: Path, creator: str) -> None:
    images = [_image(number, "MR") for number in range(1, 13)]
    for number, image in enumerate(images):
        block = image.private_block(0x0019, creator, create=True)
        block.add_new(0x0C, "IS", str(number // 3 * 100))
    paths = _written(tmp_path, images)
    alone = [read_header(path) for path in paths]
    assert _together(paths) == alone


@in_each_syntax
def test_damaged_files_are_judged_as_if_they_stood_alone(tmp_path: Path, syntax: str) -> None:
    chance = random.Random(3)
    whole = _written(tmp_path, [_image(number) for number in range(1, 13)], syntax=syntax)
    paths = list(whole)
    for number in range(300):
        content = bytearray(chance.choice(whole).read_bytes())
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        else:
            content[chance.randrange(128, len(content) - 120)] = chance.choice((0, 32, 48, 255, chance.randrange(256)))
        paths.append(tmp_path / f"damaged{number}.dcm")
        paths[-1].write_bytes(content)
    alone = [_outcome(read_header, path) for path in paths]
    assert sum(isinstance(outcome, str) for outcome in alone) > 20
    assert _together(paths) == alone


def test_a_file_that_vanishes_or_is_no_dicom_is_named_as_ever(tmp_path: Path) -> None:
    paths = _written(tmp_path, [_image(number) for number in range(1, 6)])
    reader = HeaderReader()
    for path in paths:
        reader.read(path)
    note = tmp_path / "note.txt"
    note.write_text("no image")
    assert reader.read(note) is None
    assert _outcome(reader.read, tmp_path / "gone.dcm") == "FILE_UNREADABLE"
