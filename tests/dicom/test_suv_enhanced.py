"""SUV of an enhanced PET: what every frame says of its unit, and the moment to which the images are corrected for decay."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from spinereview.dicom.geometry import gate
from spinereview.dicom.parse import read_header
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.suv import pet_scale
from spinereview.dicom.write import write_series

ENHANCED, CONVERTED = "1.2.840.10008.5.1.4.1.1.130", "1.2.840.10008.5.1.4.1.1.128.1"
ZERO, ONE = Decimal(0), Decimal(1)
ALL_OF_IT = 70_000 / 350e6
"""Factor where nothing of the dose has decayed: 70 kg and 350 MBq."""
SLOPES = ("0.5", "1", "2")


def item(**values):
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def injection(**changed):
    stated = {
        "RadiopharmaceuticalStartDateTime": "20260105081500.00",
        "RadionuclideTotalDose": "350000000",
        "RadionuclideHalfLife": "4200",
    }
    return item(**{name: value for name, value in {**stated, **changed}.items() if value is not None})


def mapping(slope, intercept=0.0, unit="Bq/ml"):
    units = item(CodeValue=unit, CodingSchemeDesignator="UCUM", CodeMeaning=unit)
    return item(RealWorldValueSlope=slope, RealWorldValueIntercept=intercept, MeasurementUnitsCodeSequence=[units])


def as_it_is(_dataset):
    """A file that says nothing of its unit."""


def written(folder, edit=as_it_is, *, sop_class=ENHANCED, **changed):
    """Three frames with slopes of their own; ``edit`` changes the file before it is read."""
    plan = SeriesPlan(
        modality="MR",
        seed=f"enhanced {sorted(changed)}",
        geometry=SeriesGeometry(
            origin_mm=(ZERO, ZERO, ZERO),
            row_direction=(ONE, ZERO, ZERO),
            column_direction=(ZERO, ONE, ZERO),
            pixel_spacing_mm=(Decimal(4), Decimal(4)),
            step_mm=(ZERO, ZERO, Decimal(3)),
            slice_thickness_mm=Decimal(3),
        ),
        patient_id="4711",
        slopes=tuple(Decimal(slope) for slope in SLOPES),
        attributes={
            "SOPClassUID": sop_class,
            "Modality": "PT",
            "AttenuationCorrected": "YES",
            "DecayCorrected": "YES",
            "DecayCorrectionDateTime": "20260105100000.00",
            "PatientWeight": "70",
            "RadiopharmaceuticalInformationSequence": [injection()],
            **changed,
        },
    )
    (path,) = write_series(folder, np.full((3, 4, 4), 100, np.uint16), plan, multi_frame=True)
    dataset = dcmread(path)
    edit(dataset)
    dataset.save_as(path)
    return path


def real_world(*mappings):
    """Each frame has a mapping of its own."""

    def edit(dataset):
        for group, one in zip(dataset.PerFrameFunctionalGroupsSequence, mappings, strict=True):
            group.RealWorldValueMappingSequence = [mapping(9.9, unit="g/ml{SUVbw}"), one] if one is not None else []

    return edit


def rescale_type(dataset):
    for group in dataset.PerFrameFunctionalGroupsSequence:
        group.PixelValueTransformationSequence[0].RescaleType = "BQML"


BECQUEREL = real_world(*(mapping(float(slope)) for slope in SLOPES))


def scale(path):
    (stack,) = gate([read_header(path)])
    return pet_scale(stack.images)


@pytest.mark.parametrize("edit", [BECQUEREL, rescale_type], ids=["real world values", "rescale type"])
def test_the_dose_is_decayed_to_the_moment_that_the_images_are_corrected_to(tmp_path, edit) -> None:
    """SUV decay-corrected twice: 6300 s of a half-life of 4200 s leave 2 to the minus 1.5 of the dose, once."""
    found = scale(written(tmp_path, edit))
    assert (found.unit, found.to_unit, found.because) == ("Bq/ml", 1.0, "")
    assert found.suv == pytest.approx(ALL_OF_IT * 2**1.5, rel=1e-9)


def test_images_corrected_to_the_injection_meet_the_whole_dose(tmp_path) -> None:
    found = scale(written(tmp_path, BECQUEREL, DecayCorrectionDateTime="20260105081500"))
    assert found.suv == pytest.approx(ALL_OF_IT, rel=1e-9)


def test_real_world_values_may_be_a_multiple_of_the_rescaled_ones(tmp_path) -> None:
    found = scale(written(tmp_path, real_world(*(mapping(1000 * float(slope)) for slope in SLOPES))))
    assert found.to_unit == pytest.approx(1000)
    assert found.suv == pytest.approx(1000 * ALL_OF_IT * 2**1.5, rel=1e-9)


@pytest.mark.parametrize(
    "edit",
    [
        as_it_is,
        real_world(mapping(0.5), mapping(1.0), None),
        real_world(mapping(0.5), mapping(1.0), mapping(1.0)),
        real_world(mapping(0.5), mapping(1.0), mapping(2.0, 5.0)),
        real_world(*(mapping(float(slope), unit="kBq/ml") for slope in SLOPES)),
    ],
    ids=["nothing", "one frame silent", "another factor", "another zero", "another unit"],
)
def test_where_a_frame_leaves_its_unit_open_or_differs_there_is_no_suv(tmp_path, edit) -> None:
    found = scale(written(tmp_path, edit))
    assert (found.suv, found.unit, found.because) == (None, "", "PET_SUV_FRAMES")


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"AttenuationCorrected": "NO"}, "PET_SUV_ATTENUATION"),
        ({"DecayCorrected": "NO"}, "PET_SUV_DECAY"),
        ({"DecayCorrectionDateTime": ""}, "PET_SUV_DECAY"),
        ({"PatientWeight": ""}, "PET_SUV_WEIGHT"),
        ({"RadiopharmaceuticalInformationSequence": [injection(RadionuclideTotalDose="350")]}, "PET_SUV_DOSE"),
        ({"RadiopharmaceuticalInformationSequence": [injection(), injection()]}, "PET_SUV_DOSE"),
        ({"RadiopharmaceuticalInformationSequence": [injection(RadionuclideHalfLife=None)]}, "PET_SUV_TIMES"),
        (
            {"RadiopharmaceuticalInformationSequence": [injection(RadiopharmaceuticalStartDateTime=None)]},
            "PET_SUV_TIMES",
        ),
        ({"DecayCorrectionDateTime": "20260105081459"}, "PET_SUV_TIMES"),
        ({"DecayCorrectionDateTime": "20260107100000"}, "PET_SUV_TIMES"),
        (
            {
                "DecayCorrectionDateTime": "20260105100000.00+0100",
                "RadiopharmaceuticalInformationSequence": [
                    injection(RadiopharmaceuticalStartDateTime="20260105081500.00+0200")
                ],
            },
            "PET_SUV_TIMES",
        ),
    ],
)
def test_without_one_of_its_facts_there_is_no_suv_and_the_reason(tmp_path, changed, because) -> None:
    found = scale(written(tmp_path, BECQUEREL, **changed))
    assert (found.suv, found.unit, found.because) == (None, "Bq/ml", because)


def test_a_pet_that_was_converted_from_plain_images_keeps_their_facts_in_a_group(tmp_path) -> None:
    def edit(dataset):
        (shared,) = dataset.SharedFunctionalGroupsSequence
        kept = {"Units": "BQML", "DecayCorrection": "ADMIN", "CorrectedImage": ["DECY", "ATTN"]}
        shared.UnassignedSharedConvertedAttributesSequence = [item(**kept)]

    found = scale(written(tmp_path, edit, sop_class=CONVERTED))
    assert (found.suv, found.unit) == (pytest.approx(ALL_OF_IT), "Bq/ml")
