"""What the stored values of a PET mean: activity concentration, and the standardised uptake by body weight where it follows.

SUVbw = activity concentration x body weight / dose, both decayed to one moment. Scanners have already corrected the images
for decay, to the start of the scan (START) or to the injection (ADMIN, PS3.3 C.8.9.1): here the *dose* alone is decayed,
once, and to the same moment. Where one of the facts is missing or contradicts another there is no SUV, and the reason is
said; nothing is assumed in its place.

References
----------
QIBA FDG-PET/CT Profile, vendor-neutral pseudo-code for SUV; PS3.3 C.8.9.1 (PET Series), C.8.9.2 (PET Isotope).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag

from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.imaging.pet import PetScale

Images = Sequence[tuple[FileHeader, FrameHeader]]

_LEAST_KG, _MOST_KG = 2.0, 400.0
_LEAST_BQ, _MOST_BQ = 1e6, 1e11
"""A dose outside of these is written in another unit (MBq, mCi) or is none."""
_MOST_HALF_LIVES = 8.0
"""After eight half-lives 0.4 percent of the dose is left: nobody scans then, one of the times is wrong."""
_PHILIPS, _GE = "Philips PET Private Group", "GEMS_PETD_01"
_PUBLIC = (
    *("Units", "DecayCorrection", "CorrectedImage", "SUVType", "SeriesDate", "SeriesTime", "PatientWeight"),
    "RadiopharmaceuticalInformationSequence",
)
_PRIVATE = ((0x7053, 0x0010), (0x7053, 0x1000), (0x7053, 0x1009), (0x0009, 0x0010), (0x0009, 0x100D))
_WANTED = [*map(Tag, _PUBLIC), *map(Tag, _PRIVATE)]
_UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml", "PROPCNTS": "counts"}


def pet_scale(images: Images) -> PetScale | None:
    """What the values of a PET series are; None for images of another kind.

    Reads one header anew; the times of all images are known from the scan.
    """
    if not images or images[0][0].modality != "PT":
        return None
    try:
        dataset = _read(images[0][0].path)
    except (OSError, InvalidDicomError, ValueError, KeyError, NotImplementedError):
        return PetScale(unit="", because="PET_SUV_HEADER")
    return scale_of(dataset, _first_acquisition(images))


def _read(path: Path) -> Dataset:
    return dcmread(path, stop_before_pixels=True, specific_tags=_WANTED, force=True)


def scale_of(dataset: Dataset, first_acquisition: datetime | None) -> PetScale:
    """What the values of a PET series are, from one of its headers.

    Parameters
    ----------
    first_acquisition
        Start of the earliest image of the series.
    """
    units = str(dataset.get("Units") or "")
    unit = _UNITS.get(units, units)
    if units == "GML":
        by_weight = str(dataset.get("SUVType") or "BW") == "BW"
        return PetScale(unit=unit, suv=1.0) if by_weight else PetScale(unit=unit, because="PET_SUV_TYPE")
    to_unit = 1.0
    if units == "CNTS":
        to_suv, to_activity = (_number(_private(dataset, 0x7053, _PHILIPS, element)) for element in (0x00, 0x09))
        if to_suv:
            because = _uncorrected(dataset)
            return PetScale(unit=unit, because=because) if because else PetScale(unit=unit, suv=to_suv)
        if not to_activity:
            return PetScale(unit=unit, because="PET_SUV_UNITS")
        unit, to_unit = _UNITS["BQML"], to_activity
    elif units != "BQML":
        return PetScale(unit=unit, because="PET_SUV_UNITS")
    found = _uncorrected(dataset) or _factor(dataset, first_acquisition)
    if isinstance(found, str):
        return PetScale(unit=unit, to_unit=to_unit, because=found)
    return PetScale(unit=unit, to_unit=to_unit, suv=to_unit * found)


def _uncorrected(dataset: Dataset) -> str:
    """Code of the correction that the images lack; empty where they have both."""
    stated = dataset.get("CorrectedImage") or ()
    corrected = {stated} if isinstance(stated, str) else set(stated)
    if "ATTN" not in corrected:
        return "PET_SUV_ATTENUATION"
    decayed = dataset.get("DecayCorrection") in ("START", "ADMIN") and corrected & {"DECY", "DECAY"}
    return "" if decayed else "PET_SUV_DECAY"


def _factor(dataset: Dataset, first_acquisition: datetime | None) -> float | str:
    """Bq/ml to SUVbw, or the code of why there is none."""
    weight = _number(dataset.get("PatientWeight"))
    if weight is None or not _LEAST_KG <= weight <= _MOST_KG:
        return "PET_SUV_WEIGHT"
    doses = list(dataset.get("RadiopharmaceuticalInformationSequence") or [])
    if len(doses) != 1:
        return "PET_SUV_DOSE"
    dose = _number(doses[0].get("RadionuclideTotalDose"))
    if dose is None or not _LEAST_BQ <= dose <= _MOST_BQ:
        return "PET_SUV_DOSE"
    left = 1.0 if dataset.get("DecayCorrection") == "ADMIN" else _left(dataset, doses[0], first_acquisition)
    return "PET_SUV_TIMES" if left is None else weight * 1000 / (dose * left)


def _left(dataset: Dataset, dose: Dataset, first_acquisition: datetime | None) -> float | None:
    """Share of the dose that is left at the moment that the images are decay-corrected to."""
    half_life = _number(dose.get("RadionuclideHalfLife"))
    scan = _scan_start(dataset, first_acquisition)
    if half_life is None or half_life <= 0 or scan is None:
        return None
    injected = _moment(str(dose.get("RadiopharmaceuticalStartDateTime") or ""))
    if injected is None:
        clock = str(dose.get("RadiopharmaceuticalStartTime") or "")
        injected = _moment(f"{scan:%Y%m%d}{clock}") if clock else None
        if injected is not None and injected > scan:
            # Only a time of day is stated: the scan may have gone past midnight.
            injected -= timedelta(days=1)
    if injected is None:
        return None
    waited = (scan - injected).total_seconds() / half_life
    return 2.0**-waited if 0 <= waited <= _MOST_HALF_LIVES else None


def _scan_start(dataset: Dataset, first_acquisition: datetime | None) -> datetime | None:
    """Moment that START means: of the series, unless that was written later; then GE's own, then the first image's."""
    series = _moment(f"{dataset.get('SeriesDate') or ''}{dataset.get('SeriesTime') or ''}")
    if first_acquisition is None:
        return None
    if series is not None and series <= first_acquisition:
        return series
    return _moment(_private(dataset, 0x0009, _GE, 0x0D)) or first_acquisition


def _first_acquisition(images: Images) -> datetime | None:
    """Start of the earliest image; None where one of them does not state it."""
    times = [_moment(f"{file.acquisition_date}{_clock(frame)}") for file, frame in images]
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def _clock(frame: FrameHeader) -> str:
    """Acquisition Time of an image; the scan keeps it as a number, so that its leading zero is gone."""
    return dict(frame.split).get("AcquisitionTime", "").split(".", 1)[0].zfill(6)


def _moment(text: str) -> datetime | None:
    """A date and time of DICOM (PS3.5 6.2), to the second; None where a part of it is missing."""
    digits = text.strip().split(".", 1)[0].split("+", 1)[0].split("-", 1)[0]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007  # all times of one scanner, in its own zone
    except ValueError:
        return None


def _private(dataset: Dataset, group: int, creator: str, element: int) -> str:
    """A private value of a manufacturer whose block is the first one, as text; empty where there is none."""
    if Tag(group, 0x0010) not in dataset or Tag(group, 0x1000 + element) not in dataset:
        return ""
    owner, found = dataset[group, 0x0010].value, dataset[group, 0x1000 + element].value
    return _text(found) if _text(owner) == creator else ""


def _text(value: object) -> str:
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip("\0 ")


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
