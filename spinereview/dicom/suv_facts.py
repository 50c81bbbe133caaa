"""Facts that a standardised uptake value follows from, as the headers of a PET state them: numbers, moments, dose, decay."""

from __future__ import annotations

from datetime import datetime

from pydicom.dataset import Dataset

LEAST_KG, MOST_KG = 2.0, 400.0
LEAST_BQ, MOST_BQ = 1e6, 1e11
"""A dose outside of these is written in another unit (MBq, mCi) or is none."""
MOST_HALF_LIVES = 8.0
"""After eight half-lives 0.4 percent of the dose is left: nobody scans then, one of the times is wrong."""


def body_and_dose(dataset: Dataset) -> tuple[float, float, Dataset] | str:
    """Weight in kg, dose in Bq, and the item of the one injection; or the code of why there is no SUV."""
    weight = number(dataset.get("PatientWeight"))
    if weight is None or not LEAST_KG <= weight <= MOST_KG:
        return "PET_SUV_WEIGHT"
    doses = list(dataset.get("RadiopharmaceuticalInformationSequence") or [])
    if len(doses) != 1:
        return "PET_SUV_DOSE"
    dose = number(doses[0].get("RadionuclideTotalDose"))
    if dose is None or not LEAST_BQ <= dose <= MOST_BQ:
        return "PET_SUV_DOSE"
    return weight, dose, doses[0]


def left_after(dose: Dataset, injected: datetime, then: datetime) -> float | None:
    """Share of the dose that is left at a moment; None where it lies before the injection, or too long after it."""
    half_life = number(dose.get("RadionuclideHalfLife"))
    if half_life is None or half_life <= 0:
        return None
    waited = (then - injected).total_seconds() / half_life
    return 2.0**-waited if 0 <= waited <= MOST_HALF_LIVES else None


def moment(text: str) -> datetime | None:
    """A date and time of DICOM (PS3.5 6.2), to the second; None where a part of it is missing."""
    digits = text.strip().split(".", 1)[0].split("+", 1)[0].split("-", 1)[0]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007  # all times of one scanner, in its own zone
    except ValueError:
        return None


def number(value: object) -> float | None:
    """A number that is one; None for what is absent, no number, or infinite."""
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None
