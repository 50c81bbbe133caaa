"""NIfTI files of spine research, as other programs wrote them."""

from __future__ import annotations

import numpy as np
import pytest

from spinereview.imaging.nifti import read_nifti
from spinereview.workflow.nifti_export import export_nifti
from spinereview.workflow.nifti_import import import_nifti

LABELS = "nifti_vertebra_labels"


@pytest.mark.parametrize(
    ("name", "shape", "spacing"),
    [
        ("mr_spine_sct_nifti/t2_lumbar.nii.gz", (201, 257, 38), (1, 1, 1)),
        ("mr_spine_sct_nifti/t2_cervicothoracic_ms.nii.gz", (19, 256, 320), (7.5, 0.6875, 0.6875)),
        ("mr_spine_sct_nifti/testing_t2.nii.gz", (52, 55, 60), (1, 1, 1)),
        (f"{LABELS}/totalseg_example_ct.nii.gz", (112, 101, 122), (3, 3, 3)),
        (f"{LABELS}/tptbox_sub-mri_label-6_T2w.nii.gz", (67, 52, 68), (1.5, 1.5, 1.5)),
    ],
)
def test_size_and_spacing_are_those_of_the_header(shared_images, name, shape, spacing) -> None:
    read = read_nifti(shared_images / name)
    assert read.grid.shape == read.samples.shape == shape
    assert np.linalg.norm(read.grid.along_mm, axis=1) == pytest.approx(spacing, abs=1e-3)


@pytest.mark.parametrize(
    "pair", [("ct_label-22_ct", "ct_seg-vert_label-22_msk"), ("mri_label-6_T2w", "mri_seg-vert_label-6_msk")]
)
def test_labels_lie_on_the_grid_of_their_images(shared_images, pair) -> None:
    image, mask = (read_nifti(shared_images / LABELS / f"tptbox_sub-{name}.nii.gz") for name in pair)
    assert image.grid == mask.grid
    assert set(np.unique(mask.samples)) > {0}


def test_bone_below_the_labels_of_a_ct_is_denser_than_what_lies_around_it(shared_images) -> None:
    """An axis read in the wrong order would put the labels beside the bone."""
    image = read_nifti(shared_images / LABELS / "tptbox_sub-ct_label-22_ct.nii.gz")
    mask = read_nifti(shared_images / LABELS / "tptbox_sub-ct_seg-vert_label-22_msk.nii.gz").samples > 0
    assert image.samples[mask].mean() > image.samples[~mask].mean() + 100


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("mr_spine_sct_nifti/t2_lumbar.nii.gz", "MR"),
        ("mr_spine_sct_nifti/t2_cervicothoracic_ms.nii.gz", "MR"),
        (f"{LABELS}/totalseg_example_ct.nii.gz", "CT"),
        (f"{LABELS}/tptbox_sub-mri_label-6_T2w.nii.gz", "MR"),
    ],
)
def test_a_file_that_becomes_a_series_and_a_file_again_has_its_values_at_their_places(
    shared_images, tmp_path, name, modality
) -> None:
    file = shared_images / name
    step = import_nifti(file, tmp_path / "series", modality, millimetres=True).step
    export_nifti(tmp_path / "series", tmp_path / "again.nii")
    before, after = read_nifti(file), read_nifti(tmp_path / "again.nii")
    to_voxel = np.linalg.inv(np.array(after.grid.along_mm))
    first, last = np.array(before.grid.origin_mm), np.array(before.grid.shape) - 1
    steps = np.array(before.grid.along_mm) @ to_voxel
    start = (first - np.array(after.grid.origin_mm)) @ to_voxel
    order = np.abs(steps).argmax(axis=1)
    # Whole steps: an axis may count the other way, or be another one; nothing lies between two samples.
    assert np.abs(np.array([start, start + last @ steps, steps[0], steps[1], steps[2]]) % 1 - 0.5).min() > 0.499
    moved = after.samples.transpose(order)
    for axis in range(3):
        if steps[axis, order[axis]] < 0:
            moved = np.flip(moved, axis)
    real = before.samples * before.slope + before.intercept
    assert np.abs(moved * after.slope + after.intercept - real).max() <= step / 2 * 1.001
