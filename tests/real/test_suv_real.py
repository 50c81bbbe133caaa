"""SUV of a real PET, against the factors that another program wrote beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.dicom.suv import pet_scale
from spinereview.tasks import CancelToken

SET = "petct_acrin_nsclc_042"


@pytest.fixture(scope="module")
def stack(shared_images: Path):
    found = scan(shared_images / SET, cancel=CancelToken())
    return next(result for result in found.stacks if result.stack.modality == "PT")


def test_the_factor_is_that_of_weight_dose_and_one_decay(stack) -> None:
    scale = pet_scale(stack.images)
    waited = (9 * 3600 + 59 * 60 + 47) - (7 * 3600 + 21 * 60)
    assert scale.suv == pytest.approx(91_000 / (588802304.0 * 2 ** (-waited / 6588.0)), rel=1e-12)
    assert (scale.unit, scale.because) == ("Bq/ml", "")


def test_the_factor_is_the_one_that_another_program_wrote_beside_the_images(stack, shared_images: Path) -> None:
    """Real World Value Mappings for each image (PS3.3 C.7.6.16.2.11), to the five digits that they have.

    One of the three was made with the weight in kilograms: a thousandth of an SUV, which nobody could see in it.
    """
    stated = {
        float(mapping.RealWorldValueSlope)
        for path in (shared_images / SET).rglob("RWV*/*.dcm")
        for item in dcmread(path).ReferencedImageRealWorldValueMappingSequence
        for mapping in item.RealWorldValueMappingSequence
        if mapping.MeasurementUnitsCodeSequence[0].CodeValue == "{SUVbw}g/ml"
    }
    assert stated == {0.00042111, 4.2111e-07}
    assert round(pet_scale(stack.images).suv, 8) == 0.00042111


def test_the_hottest_pixel_of_every_slice_is_of_its_own_slope(stack) -> None:
    """One rescale slope for a whole PET volume: slope and intercept are those of each slice."""
    scale, volume = pet_scale(stack.images), load(stack.images)
    slopes = [float(dcmread(file.path, stop_before_pixels=True).RescaleSlope) for file, _ in stack.images]
    assert len(set(slopes)) == len(volume) == 135
    for place, slope in enumerate(slopes):
        stored = volume.stored(place)
        row, column = (int(at) for at in np.unravel_index(int(stored.argmax()), stored.shape))
        found = volume.value_at(place, row, column) * scale.suv
        assert found == pytest.approx(float(stored.max()) * slope * 0.00042111, rel=1e-4)


def test_a_ct_has_no_scale_of_a_pet(shared_images: Path) -> None:
    found = scan(shared_images / SET, cancel=CancelToken())
    ct = next(result for result in found.stacks if result.stack.modality == "CT")
    assert pet_scale(ct.images) is None
