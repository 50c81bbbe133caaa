"""A real PET laid over the CT of the same gantry: the hottest place stays where it was found."""

from __future__ import annotations

import numpy as np
import pytest

from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.imaging.onto_plane import linear, steps_on
from spinereview.imaging.slicing import Orientation, plane_set
from spinereview.tasks import CancelToken
from spinereview.ui.fused import block_of
from spinereview.workflow.pictures import grid_of


@pytest.fixture(scope="module")
def pair(shared_images):
    found = scan(shared_images / "petct_acrin_nsclc_042", cancel=CancelToken()).stacks
    ct, pet = (
        next(one for one in found if one.stack.modality == kind and len(one.images) > 1) for kind in ("CT", "PT")
    )
    return ct, pet, load(pet.images)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_hottest_place_of_the_pet_lies_on_the_same_place_of_the_patient(pair, orientation) -> None:
    ct, pet, volume = pair
    assert ct.stack.frame_of_reference_uid == pet.stack.frame_of_reference_uid
    below, above = grid_of(ct.images, ct.stack), grid_of(pet.images, pet.stack)
    real = volume.with_real_values().samples
    place = np.unravel_index(int(real.argmax()), real.shape)
    where = np.array(above.origin_mm) + np.array(place) @ np.array(above.along_mm)
    planes = plane_set(below, orientation)
    index, column, row = planes.to_plane(tuple(where))
    values = linear(volume.samples, volume.slope, volume.intercept, steps_on(planes, round(index), above))
    hottest = np.unravel_index(int(np.nanargmax(values)), values.shape)
    apart = np.hypot((hottest[0] + 0.5 - row) * planes.spacing[0], (hottest[1] + 0.5 - column) * planes.spacing[1])
    assert apart < np.hypot(*planes.spacing)
    assert 0.8 * real.max() < np.nanmax(values) <= real.max() * (1 + 1e-6)


@pytest.mark.parametrize("orientation", [Orientation.NATIVE, Orientation.SAGITTAL])
def test_blocks_of_the_ct_show_the_same_uptake_as_its_single_pixels(pair, orientation) -> None:
    """What is drawn between the middles of blocks differs from each pixel's own value by less than is seen."""
    ct, pet, volume = pair
    planes, above = plane_set(grid_of(ct.images, ct.stack), orientation), grid_of(pet.images, pet.stack)
    index, block = planes.count // 2, block_of(planes, above)
    assert max(block) > 1 or orientation is Orientation.SAGITTAL
    coarse = linear(volume.samples, volume.slope, volume.intercept, steps_on(planes, index, above, block=block))
    fine = linear(volume.samples, volume.slope, volume.intercept, steps_on(planes, index, above))
    rows, columns = (size // step for size, step in zip(fine.shape, block, strict=True))
    whole = fine[: rows * block[0], : columns * block[1]].reshape(rows, block[0], columns, block[1]).mean(axis=(1, 3))
    there = np.isfinite(whole)
    assert np.abs(coarse[:rows, :columns] - whole)[there].max() < 0.05 * np.nanmax(fine)
