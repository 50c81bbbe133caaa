"""Real segmentations: they lie on the images that they were made of, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread

from spinereview.dicom.scan import scan
from spinereview.dicom.segmentation import read_segmentation
from spinereview.imaging.labels import mismatch
from spinereview.imaging.nifti import read_nifti
from spinereview.imaging.onto_plane import nearest, steps_on
from spinereview.imaging.slicing import Orientation, plane_set
from spinereview.tasks import CancelToken
from spinereview.workflow.case import open_images
from spinereview.workflow.nifti_export import export_nifti
from spinereview.workflow.outlines import label_names, outlines_for
from spinereview.workflow.pictures import grid_of
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

SET, LABELS = "petct_acrin_nsclc_042", "nifti_vertebra_labels"


@pytest.fixture(scope="module")
def stacks(shared_images):
    found = scan(shared_images / SET, cancel=CancelToken()).stacks
    return {one.stack.modality: one for one in found if len(one.images) > 1}


@pytest.mark.parametrize(
    ("folder", "modality"),
    [("SEG_Segmentation_0111", "CT"), ("SEG_PT-Segmentation_4365", "PT"), ("SEG_PT_-_2_-_Segmentation_2308", "PT")],
)
def test_every_frame_lies_on_the_image_that_it_names_as_its_source(shared_images, stacks, folder, modality) -> None:
    """Pixel for pixel, against Derivation Image Sequence, which the reader does not use."""
    (path,) = (shared_images / SET / folder).glob("*.dcm")
    file, result = dcmread(path), stacks[modality]
    read = read_segmentation(path)
    places = {uid: place for place, (uid, _) in enumerate(result.stack.images)}
    planes = plane_set(grid_of(result.images, result.stack), Orientation.NATIVE)
    layers = {int(layer.labels.max()): layer for layer in read.layers}
    assert sorted(layers) == sorted(int(item.SegmentNumber) for item in file.SegmentSequence)
    for number, group in enumerate(file.PerFrameFunctionalGroupsSequence):
        source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        segment = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        shown = nearest(layers[segment].labels, steps_on(planes, places[source], layers[segment].grid))
        assert np.array_equal(shown > 0, file.pixel_array[number] > 0)


def test_segments_are_shown_on_both_stacks_of_their_frame_of_reference(shared_images, tmp_path) -> None:
    station = Workstation(settings=SettingsFolder(folder=tmp_path / "settings"), documents=tmp_path / "documents")
    opened = open_images(shared_images / SET, station, reader="R1", subject="S-1")
    try:
        shown = [one.stack for one in opened.source.descriptions if one.image_count > 1]
        assert {stack.modality for stack in shown} == {"CT", "PT"}
        for stack in shown:
            found, refused = outlines_for(opened.source, stack, grid_of(opened.source.images(stack.id), stack))
            assert (len(found), refused) == (3, ())
            assert {name for one in found for name in one.names.values()} >= {"pt_segment_1", "Segment_2"}
    finally:
        opened.session.close()


def test_labels_of_another_image_are_refused_and_those_of_a_part_of_it_are_shown(shared_images) -> None:
    ct, mask, small, mr = (
        read_nifti(shared_images / LABELS / f"{name}.nii.gz").grid
        for name in (
            "tptbox_sub-ct_label-22_ct",
            "tptbox_sub-ct_seg-vert_label-22_msk",
            "totalseg_example_seg",
            "tptbox_sub-mri_label-6_T2w",
        )
    )
    whole = read_nifti(shared_images / LABELS / "totalseg_example_ct.nii.gz").grid
    assert mismatch(mask, ct) == "OUTLINE_SAME_GRID"
    assert mismatch(small, whole) == "OUTLINE_RESAMPLED"
    assert mismatch(mr, whole) == "OUTLINE_ELSEWHERE"


def test_vertebrae_are_named_where_the_file_says_what_its_numbers_are(shared_images) -> None:
    folder = shared_images / LABELS
    assert label_names(folder / "tptbox_sub-ct_seg-vert_label-22_msk.nii.gz", {22}) == {22: "L3"}
    assert label_names(folder / "totalseg_example_seg.nii.gz", {22, 30}) == {}


def test_a_segmentation_becomes_a_label_map_on_the_same_samples_with_its_names(shared_images, tmp_path) -> None:
    (path,) = (shared_images / SET / "SEG_Segmentation_0111").glob("*.dcm")
    export_nifti(path, tmp_path / "labels.nii.gz")
    read, layers = read_nifti(tmp_path / "labels.nii.gz"), read_segmentation(path).layers
    assert label_names(tmp_path / "labels.nii.gz", {1, 2}) == {1: "Segment_1", 2: "Segment_2"}
    for layer in layers:
        (label,) = layer.present
        own, other = np.argwhere(layer.labels == label), np.argwhere(read.samples == label)
        apart = np.array(layer.grid.origin_mm) + own @ np.array(layer.grid.along_mm)
        apart -= np.array(read.grid.origin_mm) + other @ np.array(read.grid.along_mm)
        assert np.abs(apart).max() < 1e-3
