"""Segmentation objects: every kind, overlapping segments, missing frames, and what is on no grid is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from spinereview.dicom.segmentation import read_segmentation
from spinereview.errors import DicomError

FRAME_UID = "1.2.826.0.1.3680043.8.498.1"
ROWS, COLUMNS = 6, 7


def item(**values):
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def mask(row, column):
    made = np.zeros((ROWS, COLUMNS), np.uint8)
    made[row, column] = 1
    return made


def written(
    path, frames, *, kind="BINARY", stated="2.5", frame_uid=FRAME_UID, labels=("Vertebra", "Lesion"), **changed
):
    """A file of frames (z, segment, samples), on samples of 0.5 x 0.75 mm."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pixels = np.stack([samples for _, _, samples in frames])
    bits = 1 if kind == "BINARY" else 8
    data = np.packbits(pixels.ravel(), bitorder="little") if bits == 1 else pixels.astype(np.uint8).ravel()
    raw = data.tobytes()
    measures = item(PixelSpacing=["0.5", "0.75"], SliceThickness="5")
    if stated:
        measures.SpacingBetweenSlices = stated
    shared = item(
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
    )
    own = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=["-10", "20", str(z)])],
            SegmentIdentificationSequence=[item(ReferencedSegmentNumber=segment)],
        )
        for z, segment, _ in frames
    ]
    dataset = item(
        SOPClassUID=meta.MediaStorageSOPClassUID,
        SOPInstanceUID=meta.MediaStorageSOPInstanceUID,
        StudyInstanceUID="1.2.826.0.1.3680043.8.498.3",
        SeriesInstanceUID="1.2.826.0.1.3680043.8.498.4",
        PatientID="4711",
        StudyDate="20250114",
        Modality="SEG",
        SeriesDescription="Contours",
        FrameOfReferenceUID=frame_uid,
        SegmentationType=kind,
        MaximumFractionalValue=200,
        **{
            "SegmentSequence": [item(SegmentNumber=n, SegmentLabel=name) for n, name in enumerate(labels, 1)],
            **changed,
        },
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=own,
        NumberOfFrames=len(frames),
        Rows=ROWS,
        Columns=COLUMNS,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=0,
    )
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)
    return path


def refused(path):
    with pytest.raises(DicomError) as raised:
        read_segmentation(path)
    return raised.value.code


def test_segments_may_overlap_and_lie_where_their_frames_say(tmp_path) -> None:
    frames = [(0, 1, mask(1, 2)), (2.5, 1, mask(2, 3)), (2.5, 2, mask(2, 3)), (7.5, 2, mask(4, 5))]
    read = read_segmentation(written(tmp_path / "seg.dcm", frames))
    first, second = read.layers
    assert (read.frame_of_reference_uid, read.title, read.fractional) == (FRAME_UID, "Contours", False)
    assert (first.names[1], second.names[2]) == ("Vertebra", "Lesion")
    assert np.argwhere(first.labels == 1).tolist() == [[0, 1, 2], [1, 2, 3]]
    assert np.argwhere(second.labels == 2).tolist() == [[0, 2, 3], [2, 4, 5]]
    assert (first.grid.origin_mm, second.grid.origin_mm) == ((-10, 20, 0), (-10, 20, 2.5))
    assert second.grid.along_mm == ((0, 0, 2.5), (0, 0.5, 0), (0.75, 0, 0))


def test_without_a_stated_interval_the_nearest_frames_give_it_and_thickness_never(tmp_path) -> None:
    frames = [(0, 1, mask(1, 1)), (2, 1, mask(1, 1)), (6, 1, mask(1, 1))]
    (layer,) = read_segmentation(written(tmp_path / "seg.dcm", frames, stated="")).layers
    assert layer.grid.along_mm[0] == (0, 0, 2)
    assert np.argwhere(layer.labels).tolist() == [[0, 1, 1], [1, 1, 1], [3, 1, 1]]
    assert refused(written(tmp_path / "one.dcm", frames[:1], stated="")) == "SEG_GEOMETRY"


def code(value, scheme="SCT"):
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning="-")]


L1, T12, VERTEBRA, LESION = "66794005", "23215003", "51282000", "52988006"


@pytest.mark.parametrize(
    ("segment", "level"),
    [
        ({"SegmentedPropertyTypeCodeSequence": code(L1)}, "L1"),
        ({"SegmentedPropertyTypeCodeSequence": code("T-11610", "SRT")}, "C1"),
        ({"SegmentedPropertyTypeCodeSequence": code(VERTEBRA), "AnatomicRegionSequence": code(T12)}, "T12"),
        ({"SegmentedPropertyTypeCodeSequence": code(VERTEBRA), "SegmentLabel": "vertebrae_L3"}, "L3"),
        ({"SegmentLabel": "vertebrae_L3"}, "L3"),
        ({"SegmentedPropertyTypeCodeSequence": code(L1), "SegmentLabel": "L1 vertebra"}, "L1"),
        ({"SegmentedPropertyTypeCodeSequence": code(L1), "SegmentLabel": "L2"}, None),
        ({"SegmentedPropertyTypeCodeSequence": code(LESION), "AnatomicRegionSequence": code(L1)}, None),
        ({"SegmentedPropertyTypeCodeSequence": code(LESION), "SegmentLabel": "L1"}, None),
        ({"SegmentLabel": "Lesion 1"}, None),
        ({}, None),
    ],
)
def test_a_segment_is_a_vertebra_by_its_code_else_by_its_label(tmp_path, segment, level) -> None:
    segments = [item(SegmentNumber=1, **{"SegmentLabel": "Bone", **segment})]
    (layer,) = read_segmentation(written(tmp_path / "seg.dcm", [(0, 1, mask(1, 1))], SegmentSequence=segments)).layers
    assert {number: one.value for number, one in layer.levels.items()} == ({} if level is None else {1: level})


def test_the_order_of_frames_means_nothing(tmp_path) -> None:
    frames = [(5, 1, mask(5, 5)), (0, 1, mask(1, 1)), (2.5, 1, mask(3, 3))]
    (layer,) = read_segmentation(written(tmp_path / "seg.dcm", frames)).layers
    assert np.argwhere(layer.labels).tolist() == [[0, 1, 1], [1, 3, 3], [2, 5, 5]]


def test_shares_of_samples_count_from_half_of_the_greatest_on(tmp_path) -> None:
    samples = mask(1, 1) * 99 + mask(2, 2) * 100 + mask(3, 3) * 200
    read = read_segmentation(written(tmp_path / "seg.dcm", [(0, 1, samples)], kind="FRACTIONAL"))
    assert np.argwhere(read.layers[0].labels).tolist() == [[0, 2, 2], [0, 3, 3]]
    assert read.fractional


def test_a_label_map_holds_all_segments_in_one_layer(tmp_path) -> None:
    samples = mask(1, 1) + mask(2, 2) * 2
    (layer,) = read_segmentation(written(tmp_path / "seg.dcm", [(0, 1, samples)], kind="LABELMAP")).layers
    assert (int(layer.labels[0, 1, 1]), int(layer.labels[0, 2, 2])) == (1, 2)
    assert layer.present == (1, 2)


def test_frames_off_the_grid_are_refused(tmp_path) -> None:
    assert refused(written(tmp_path / "a.dcm", [(0, 1, mask(1, 1)), (3, 1, mask(1, 1))])) == "SEG_OFF_GRID"


def test_what_is_no_segmentation_is_refused(tmp_path) -> None:
    (tmp_path / "text.dcm").write_text("no DICOM at all")
    assert refused(tmp_path / "text.dcm") == "SEG_UNREADABLE"
    assert refused(written(tmp_path / "a.dcm", [(0, 1, mask(1, 1))], kind="SURFACE")) == "SEG_KIND"
    cut = written(tmp_path / "cut.dcm", [(0, 1, mask(1, 1)), (2.5, 1, mask(1, 1))])
    cut.write_bytes(cut.read_bytes()[:-6])
    assert refused(cut) == "SEG_UNREADABLE"
