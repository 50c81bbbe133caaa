"""SUV by body weight: what it follows from, decay once, and why there is none."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydicom.dataset import Dataset

from spinereview.dicom.suv import scale_of

HALF_LIFE = 6586.2
FIRST = datetime(2026, 1, 5, 10, 0, 0)  # noqa: DTZ001  # a scanner's own clock


def pet(*, dose: dict | None = None, private: dict | None = None, **changed) -> Dataset:
    """70 kg, 350 MBq of F-18 one half-life and a half before a scan at ten o'clock."""
    injected = Dataset()
    facts = {
        "RadiopharmaceuticalStartTime": "081500.00",
        "RadionuclideTotalDose": "350000000",
        "RadionuclideHalfLife": "4200",
    }
    for keyword, value in {**facts, **(dose or {})}.items():
        if value is not None:
            setattr(injected, keyword, value)
    values = {
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "SeriesDate": "20260105",
        "SeriesTime": "100000.00",
        "PatientWeight": "70",
        "RadiopharmaceuticalInformationSequence": [injected],
    }
    dataset = Dataset()
    for keyword, value in {**values, **changed}.items():
        if value is not None:
            setattr(dataset, keyword, value)
    for (group, creator), elements in (private or {}).items():
        block = dataset.private_block(group, creator, create=True)
        for element, (kind, value) in elements.items():
            block.add_new(element, kind, value)
    return dataset


def factor(dataset: Dataset, first: datetime | None = FIRST) -> float:
    found = scale_of(dataset, first)
    assert found.because == ""
    assert found.suv is not None
    return found.suv


ALL_OF_IT = 70_000 / 350e6
"""Factor where nothing of the dose has decayed."""


def test_the_dose_is_decayed_to_the_start_of_the_scan_and_the_image_is_not() -> None:
    """SUV decay-corrected twice: 6300 s of a half-life of 4200 s leave 2 to the minus 1.5 of the dose."""
    assert factor(pet()) == pytest.approx(ALL_OF_IT * 2**1.5, rel=1e-12)


def test_lesson_12_an_image_corrected_to_the_injection_meets_the_whole_dose() -> None:
    """SUV decay-corrected twice: ADMIN has had its decay taken out already."""
    assert factor(pet(DecayCorrection="ADMIN")) == pytest.approx(ALL_OF_IT, rel=1e-12)
    assert factor(pet(DecayCorrection="ADMIN", dose={"RadiopharmaceuticalStartTime": None})) == pytest.approx(ALL_OF_IT)


def test_an_edited_weight_or_dose_is_followed() -> None:
    """Edits ignored: the factor follows each fact."""
    assert factor(pet(PatientWeight="140")) == pytest.approx(2 * factor(pet()))
    assert factor(pet(dose={"RadionuclideTotalDose": "700000000"})) == pytest.approx(factor(pet()) / 2)


@pytest.mark.parametrize(
    ("changed", "dose", "because"),
    [
        ({"PatientWeight": None}, {}, "PET_SUV_WEIGHT"),
        ({"PatientWeight": "0"}, {}, "PET_SUV_WEIGHT"),
        ({"PatientWeight": "70000"}, {}, "PET_SUV_WEIGHT"),
        ({}, {"RadionuclideTotalDose": None}, "PET_SUV_DOSE"),
        ({}, {"RadionuclideTotalDose": "350"}, "PET_SUV_DOSE"),
        ({"RadiopharmaceuticalInformationSequence": None}, {}, "PET_SUV_DOSE"),
        ({}, {"RadionuclideHalfLife": None}, "PET_SUV_TIMES"),
        ({}, {"RadionuclideHalfLife": "0"}, "PET_SUV_TIMES"),
        ({}, {"RadiopharmaceuticalStartTime": None}, "PET_SUV_TIMES"),
        ({}, {"RadiopharmaceuticalStartTime": "100001"}, "PET_SUV_TIMES"),
        ({}, {"RadiopharmaceuticalStartDateTime": "20251205081500"}, "PET_SUV_TIMES"),
        ({"DecayCorrection": "NONE"}, {}, "PET_SUV_DECAY"),
        ({"DecayCorrection": None}, {}, "PET_SUV_DECAY"),
        ({"CorrectedImage": ["ATTN"]}, {}, "PET_SUV_DECAY"),
        ({"CorrectedImage": ["DECY", "SCAT"]}, {}, "PET_SUV_ATTENUATION"),
        ({"CorrectedImage": None}, {}, "PET_SUV_ATTENUATION"),
        ({"Units": "PROPCPS"}, {}, "PET_SUV_UNITS"),
        ({"Units": None}, {}, "PET_SUV_UNITS"),
    ],
)
def test_without_one_of_its_facts_there_is_no_suv_and_the_reason(changed, dose, because) -> None:
    """Blank without weight: SUV only when derivable, else Bq/ml, said so."""
    found = scale_of(pet(dose=dose, **changed), FIRST)
    assert (found.suv, found.because) == (None, because)
    if "Units" not in changed:
        assert (found.unit, found.to_unit) == ("Bq/ml", 1.0)


def test_two_injections_give_no_suv() -> None:
    both = pet()
    both.RadiopharmaceuticalInformationSequence = [*both.RadiopharmaceuticalInformationSequence] * 2
    assert scale_of(both, FIRST).because == "PET_SUV_DOSE"


def test_images_that_do_not_say_when_they_were_taken_give_no_suv() -> None:
    assert scale_of(pet(), None).because == "PET_SUV_TIMES"


def test_a_series_written_after_the_scan_takes_the_scanners_own_time_then_the_first_image() -> None:
    """Series Date and Time of a processed series are those of its making (QIBA's pseudo-code)."""
    late = {"SeriesTime": "113000"}
    stated = {(0x0009, "GEMS_PETD_01"): {0x0D: ("DT", "20260105094500.00")}}
    assert factor(pet(**late)) == pytest.approx(factor(pet()))
    assert factor(pet(**late, private=stated)) == pytest.approx(ALL_OF_IT * 2 ** (5400 / 4200))
    assert factor(pet(**late, private={(0x0009, "SOMEBODY"): {0x0D: ("DT", "20260105094500")}})) == factor(pet())


def test_a_scan_past_midnight_follows_the_injection_of_the_day_before() -> None:
    night = datetime(2026, 1, 6, 0, 30, 0)  # noqa: DTZ001  # a scanner's own clock
    late = pet(SeriesDate="20260106", SeriesTime="003000", dose={"RadiopharmaceuticalStartTime": "233000"})
    assert factor(late, night) == pytest.approx(ALL_OF_IT * 2 ** (3600 / 4200))


def test_counts_of_philips_have_their_factor_to_suv_or_to_activity() -> None:
    group = (0x7053, "Philips PET Private Group")
    assert factor(pet(Units="CNTS", private={group: {0x00: ("DS", "0.0005")}})) == pytest.approx(0.0005)
    found = scale_of(pet(Units="CNTS", private={group: {0x00: ("DS", "0"), 0x09: ("DS", "3.5")}}), FIRST)
    assert found.suv == pytest.approx(3.5 * factor(pet()))
    assert (found.unit, found.to_unit) == ("Bq/ml", 3.5)
    alone = scale_of(pet(Units="CNTS"), FIRST)
    assert (alone.suv, alone.unit, alone.because) == (None, "counts", "PET_SUV_UNITS")
    other = scale_of(pet(Units="CNTS", private={(0x7053, "SOMEBODY"): {0x00: ("DS", "0.0005")}}), FIRST)
    assert other.because == "PET_SUV_UNITS"


def test_grams_per_millilitre_are_suv_by_weight_unless_they_say_by_what_else() -> None:
    assert factor(pet(Units="GML", PatientWeight=None, CorrectedImage=None)) == 1
    assert factor(pet(Units="GML", SUVType="BW")) == 1
    for other in ("LBM", "LBMJAMES128", "BSA", "IBW"):
        assert scale_of(pet(Units="GML", SUVType=other), FIRST).because == "PET_SUV_TYPE"
