"""Headers in memory for the gate, and small files written by pydicom for the scan."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.domain.imaging import Calibration

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"

Header = Callable[..., FileHeader]
Write = Callable[..., Path]


def _vector(values: tuple[object, ...]) -> tuple[Decimal, Decimal, Decimal]:
    x, y, z = (Decimal(str(value)) for value in values)
    return x, y, z


def _frame(
    number: int = 1,
    *,
    position: tuple[object, ...] | None = (0, 0, 0),
    orientation: tuple[object, ...] | None = (1, 0, 0, 0, 1, 0),
    spacing: tuple[str, str] | None = ("0.5", "0.5"),
    calibration: Calibration | None = None,
    thickness: str | None = "1",
    reference: str | None = "1.2.9",
    split: dict[str, str] | None = None,
    faults: tuple[str, ...] = (),
) -> FrameHeader:
    pixel = None if spacing is None else (Decimal(spacing[0]), Decimal(spacing[1]))
    return FrameHeader(
        number=number,
        position=None if position is None else _vector(position),
        orientation=None if orientation is None else (_vector(orientation[:3]), _vector(orientation[3:])),
        pixel_spacing_mm=pixel,
        calibration=calibration or (Calibration.NONE if pixel is None else Calibration.PATIENT),
        slice_thickness_mm=None if thickness is None else Decimal(thickness),
        slope=Decimal(1),
        intercept=Decimal(0),
        frame_of_reference_uid=reference,
        split=tuple(sorted((split or {}).items())),
        faults=faults,
    )


@pytest.fixture(scope="session")
def frame() -> Callable[..., FrameHeader]:
    """One frame; what is not given is that of an axial CT."""
    return _frame


@pytest.fixture(scope="session")
def header() -> Header:
    """One file of a CT series; ``number`` is its Instance Number and ends its UID, other words go to its frame."""

    def make(
        number: int = 1,
        *,
        modality: str = "CT",
        sop_class: str = CT,
        size: tuple[int, int] = (4, 4),
        frames: tuple[FrameHeader, ...] = (),
        uid: str | None = None,
        uid_source: str = "DATASET",
        attributes: dict[str, str] | None = None,
        **words: object,
    ) -> FileHeader:
        listed = frames or (_frame(**words),)
        return FileHeader(
            path=Path("series", f"{number:04}.dcm"),
            size=1000,
            sop_class_uid=sop_class,
            sop_uid=f"1.2.3.{number}" if uid is None else uid,
            uid_source=uid_source,
            study_uid="1.2.3",
            series_uid="1.2.3.0",
            modality=modality,
            patient_id="P1",
            birth_date="",
            sex="",
            study_date="20240101",
            study_description="",
            series_description="",
            series_number=1,
            instance_number=number,
            acquisition_date="",
            transfer_syntax_uid=str(ExplicitVRLittleEndian),
            pixels=PixelLayout(
                rows=size[0],
                columns=size[1],
                frames=len(listed),
                samples=1,
                bits_allocated=16,
                bits_stored=16,
                high_bit=15,
                signed=True,
                photometric="MONOCHROME2",
                planar=0,
                transfer_syntax_uid=str(ExplicitVRLittleEndian),
                big_endian=False,
                offset=900,
                length=32,
            ),
            frames=listed,
            attributes=tuple((attributes or {}).items()),
        )

    return make


@pytest.fixture(scope="session")
def axial(header: Header) -> Callable[..., tuple[FileHeader, ...]]:
    """Axial files at the heights given, in millimetres; other words go to each header."""

    def make(*heights: object, **words: object) -> tuple[FileHeader, ...]:
        return tuple(header(number, position=(0, 0, height), **words) for number, height in enumerate(heights, 1))

    return make


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a small file with pydicom; keywords set or (None) remove attributes of an axial CT image."""

    def make(name: str = "a.dcm", *, syntax: str = str(ExplicitVRLittleEndian), **attributes: object) -> Path:
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        values: dict[str, object] = {
            "SOPClassUID": CT,
            "SOPInstanceUID": "1.2.3.1",
            "StudyInstanceUID": "1.2.3",
            "SeriesInstanceUID": "1.2.3.0",
            "FrameOfReferenceUID": "1.2.9",
            "PatientID": "P1",
            "PatientName": "Secret^Name",
            "Modality": "CT",
            "StudyDate": "20240101",
            "SeriesNumber": 1,
            "InstanceNumber": 1,
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "ImagePositionPatient": [0, 0, 0],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [0.5, 0.5],
            "SliceThickness": 1,
            "Rows": 4,
            "Columns": 4,
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "BitsAllocated": 16,
            "BitsStored": 16,
            "HighBit": 15,
            "PixelRepresentation": 1,
            "PixelData": bytes(32),
        } | attributes
        for keyword, value in values.items():
            if value is not None:
                setattr(dataset, keyword, value)
        if "PixelData" in dataset:
            dataset["PixelData"].VR = "OW"
        dataset.file_meta.MediaStorageSOPClassUID = str(values["SOPClassUID"] or CT)
        dataset.file_meta.MediaStorageSOPInstanceUID = str(values["SOPInstanceUID"] or "1.2.3.1")
        dataset.file_meta.TransferSyntaxUID = syntax
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        return path

    return make
