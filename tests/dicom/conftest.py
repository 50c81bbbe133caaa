"""Headers of files as pydicom reads them: an independent source beside the program's own scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileDataset

from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.domain.imaging import Calibration

DEFLATED = "1.2.840.10008.1.2.1.99"
PIXEL_TAGS = (0x7FE00010, 0x7FE00008, 0x7FE00009)


def layout_by_pydicom(dataset: FileDataset) -> PixelLayout | None:
    tag = next((tag for tag in PIXEL_TAGS if tag in dataset), None)
    if tag is None or "Rows" not in dataset:
        return None
    uid = str(getattr(dataset.file_meta, "TransferSyntaxUID", ""))
    element = dataset.get_item(tag)
    bits = int(dataset.BitsAllocated)
    undefined = element.length == 0xFFFFFFFF
    return PixelLayout(
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        frames=int(dataset.get("NumberOfFrames", 1) or 1),
        samples=int(dataset.get("SamplesPerPixel", 1)),
        bits_allocated=bits,
        bits_stored=int(dataset.get("BitsStored", bits)),
        high_bit=int(dataset.get("HighBit", bits - 1)),
        signed=bool(dataset.get("PixelRepresentation", 0)),
        photometric=str(dataset.PhotometricInterpretation),
        planar=int(dataset.get("PlanarConfiguration", 0)),
        transfer_syntax_uid=uid,
        big_endian=not dataset.original_encoding[1],
        offset=None if uid == DEFLATED else element.value_tell,
        length=None if undefined else element.length,
        padding_value=dataset.get("PixelPaddingValue"),
        padding_limit=dataset.get("PixelPaddingRangeLimit"),
    )


def rescale_by_pydicom(dataset: Dataset, number: int) -> tuple[object, object]:
    groups = [dataset]
    if "PerFrameFunctionalGroupsSequence" in dataset:
        shared = dataset.get("SharedFunctionalGroupsSequence") or [Dataset()]
        groups = [dataset.PerFrameFunctionalGroupsSequence[number - 1], shared[0], dataset]
    for group in groups:
        found = group.get("PixelValueTransformationSequence") or [group]
        if "RescaleSlope" in found[0]:
            return found[0].RescaleSlope, found[0].RescaleIntercept
    return None, None


def header_by_pydicom(path: Path) -> FileHeader:
    dataset = dcmread(path, force=True)
    layout = layout_by_pydicom(dataset)
    frames = []
    for number in range(1, (layout.frames if layout else 1) + 1):
        slope, intercept = rescale_by_pydicom(dataset, number)
        frames.append(
            FrameHeader(
                number=number,
                position=None,
                orientation=None,
                pixel_spacing_mm=None,
                calibration=Calibration.NONE,
                slice_thickness_mm=None,
                slope=slope,
                intercept=intercept,
                frame_of_reference_uid=None,
            )
        )
    uid = str(dataset.get("SOPInstanceUID", ""))
    return FileHeader(
        path=path,
        size=path.stat().st_size,
        sop_class_uid=str(dataset.get("SOPClassUID", "")),
        sop_uid=uid,
        uid_source="DATASET" if uid else "NONE",
        study_uid=str(dataset.get("StudyInstanceUID", "")),
        series_uid=str(dataset.get("SeriesInstanceUID", "")),
        modality=str(dataset.get("Modality", "")),
        patient_id="",
        birth_date="",
        sex="",
        study_date="",
        study_description="",
        series_description="",
        series_number=None,
        instance_number=dataset.get("InstanceNumber"),
        acquisition_date="",
        transfer_syntax_uid=layout.transfer_syntax_uid if layout else "",
        pixels=layout,
        frames=tuple(frames),
    )


@pytest.fixture
def images_by_pydicom() -> Callable[..., list[tuple[FileHeader, FrameHeader]]]:
    """Every frame of the given files, in the order given."""

    def images(*paths: Path) -> list[tuple[FileHeader, FrameHeader]]:
        headers = [header_by_pydicom(path) for path in paths]
        return [(header, frame) for header in headers for frame in header.frames]

    return images
