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
from spinereview.dicom.suv_enhanced import ENHANCED_PET, enhanced_scale
from spinereview.dicom.suv_enhanced import WANTED as IN_ENHANCED
from spinereview.dicom.suv_facts import body_and_dose, left_after, moment, number
from spinereview.imaging.pet import PetScale

Images = Sequence[tuple[FileHeader, FrameHeader]]

_PHILIPS, _GE = "Philips PET Private Group", "GEMS_PETD_01"
_PUBLIC = (
    *("Units", "DecayCorrection", "CorrectedImage", "SUVType", "SeriesDate", "SeriesTime", "PatientWeight"),
    "RadiopharmaceuticalInformationSequence",
)
_PRIVATE = ((0x7053, 0x0010), (0x7053, 0x1000), (0x7053, 0x1009), (0x0009, 0x0010), (0x0009, 0x100D))
_WANTED = [*map(Tag, _PUBLIC), *map(Tag, IN_ENHANCED), *map(Tag, _PRIVATE)]
_UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml", "PROPCNTS": "counts"}


def pet_scale(images: Images) -> PetScale | None:
    """What the values of a PET series are; None for images of another kind.

    Reads one header anew, of an enhanced PET those of all its files; the times of all images are known from the scan.
    """
    if not images or images[0][0].modality != "PT":
        return None
    try:
        if images[0][0].sop_class_uid == ENHANCED_PET:
            return _of_enhanced(images)
        dataset = _read(images[0][0].path)
    except (OSError, InvalidDicomError, ValueError, KeyError, NotImplementedError):
        return PetScale(unit="", because="PET_SUV_HEADER")
    return scale_of(dataset, _first_acquisition(images))


def _of_enhanced(images: Images) -> PetScale:
    """One scale for the files of an enhanced PET; none where they differ."""
    files: dict[Path, list[FrameHeader]] = {}
    for file, frame in images:
        files.setdefault(file.path, []).append(frame)
    scales = [enhanced_scale(_read(path), frames) for path, frames in files.items()]
    return scales[0] if all(scale == scales[0] for scale in scales) else PetScale(unit="", because="PET_SUV_FRAMES")


def _read(path: Path) -> Dataset:
    """Facts of a file; one that was converted from plain images keeps some of them in a functional group (PS3.3 A.71)."""
    dataset = dcmread(path, stop_before_pixels=True, specific_tags=_WANTED, force=True)
    for group in dataset.get("SharedFunctionalGroupsSequence") or ():
        for kept in group.get("UnassignedSharedConvertedAttributesSequence") or ():
            for keyword in _PUBLIC:
                if keyword in kept and keyword not in dataset:
                    setattr(dataset, keyword, kept[keyword].value)
    return dataset


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
        to_suv, to_activity = (number(_private(dataset, 0x7053, _PHILIPS, element)) for element in (0x00, 0x09))
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
    known = body_and_dose(dataset)
    if isinstance(known, str):
        return known
    weight, dose, item = known
    left = 1.0 if dataset.get("DecayCorrection") == "ADMIN" else _left(dataset, item, first_acquisition)
    return "PET_SUV_TIMES" if left is None else weight * 1000 / (dose * left)


def _left(dataset: Dataset, dose: Dataset, first_acquisition: datetime | None) -> float | None:
    """Share of the dose that is left at the moment that the images are decay-corrected to."""
    scan = _scan_start(dataset, first_acquisition)
    if scan is None:
        return None
    injected = moment(str(dose.get("RadiopharmaceuticalStartDateTime") or ""))
    if injected is None:
        clock = str(dose.get("RadiopharmaceuticalStartTime") or "")
        injected = moment(f"{scan:%Y%m%d}{clock}") if clock else None
        if injected is not None and injected > scan:
            # Only a time of day is stated: the scan may have gone past midnight.
            injected -= timedelta(days=1)
    return None if injected is None else left_after(dose, injected, scan)


def _scan_start(dataset: Dataset, first_acquisition: datetime | None) -> datetime | None:
    """Moment that START means: of the series, unless that was written later; then GE's own, then the first image's."""
    series = moment(f"{dataset.get('SeriesDate') or ''}{dataset.get('SeriesTime') or ''}")
    if first_acquisition is None:
        return None
    if series is not None and series <= first_acquisition:
        return series
    return moment(_private(dataset, 0x0009, _GE, 0x0D)) or first_acquisition


def _first_acquisition(images: Images) -> datetime | None:
    """Start of the earliest image; None where one of them does not state it."""
    times = [_moment_of(file, _clock(frame)) for file, frame in images]
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def _moment_of(file: FileHeader, clock: str) -> datetime | None:
    """Moment of an image: frames of one file state date and time together."""
    return moment(clock if len(clock) > len("HHMMSS") else f"{file.acquisition_date}{clock}")


def _clock(frame: FrameHeader) -> str:
    """Acquisition Time of an image; the scan keeps it as a number, so that its leading zero is gone."""
    return dict(frame.split).get("AcquisitionTime", "").split(".", 1)[0].zfill(6)


def _private(dataset: Dataset, group: int, creator: str, element: int) -> str:
    """A private value of a manufacturer whose block is the first one, as text; empty where there is none."""
    if Tag(group, 0x0010) not in dataset or Tag(group, 0x1000 + element) not in dataset:
        return ""
    owner, found = dataset[group, 0x0010].value, dataset[group, 0x1000 + element].value
    return _text(found) if _text(owner) == creator else ""


def _text(value: object) -> str:
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip("\0 ")
