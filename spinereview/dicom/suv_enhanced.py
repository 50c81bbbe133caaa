"""What the values of an enhanced PET are, from its functional groups and its corrections module.

An enhanced PET names neither Units nor Decay Correction: that values are Bq/ml is said for each frame, by its real world
values or its rescale type, and the images say to which moment they are corrected for decay. The dose is decayed to that
moment, once. Where a frame leaves its unit open, or frames differ, there is no SUV.

References
----------
PS3.3 A.56 and C.8.22 (Enhanced PET), C.7.6.16.2 (functional groups: pixel value transformation, real world values).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydicom.dataset import Dataset

from spinereview.dicom.header import FrameHeader
from spinereview.dicom.suv_facts import body_and_dose, left_after, moment, number
from spinereview.imaging.pet import PetScale

ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
WANTED = (
    *("AttenuationCorrected", "DecayCorrected", "DecayCorrectionDateTime", "SharedFunctionalGroupsSequence"),
    "PerFrameFunctionalGroupsSequence",
)
_ACTIVITY, _UNIT = "BQML", "Bq/ml"
_EQUAL = 1e-6
"""Share by which the factors of two frames may differ: what decimal strings and doubles leave of one number."""
_OFFSET = re.compile(r"[+-]\d{4}$")


def enhanced_scale(dataset: Dataset, frames: Sequence[FrameHeader]) -> PetScale:
    """What the rescaled values of the frames of an enhanced PET are."""
    to_unit = _to_activity(dataset, frames)
    if to_unit is None:
        return PetScale(unit="", because="PET_SUV_FRAMES")
    found = _uncorrected(dataset) or _factor(dataset)
    if isinstance(found, str):
        return PetScale(unit=_UNIT, to_unit=to_unit, because=found)
    return PetScale(unit=_UNIT, to_unit=to_unit, suv=to_unit * found)


def _uncorrected(dataset: Dataset) -> str:
    if dataset.get("AttenuationCorrected") != "YES":
        return "PET_SUV_ATTENUATION"
    return "" if dataset.get("DecayCorrected") == "YES" and dataset.get("DecayCorrectionDateTime") else "PET_SUV_DECAY"


def _factor(dataset: Dataset) -> float | str:
    """Bq/ml to SUVbw, or the code of why there is none."""
    known = body_and_dose(dataset)
    if isinstance(known, str):
        return known
    weight, dose, item = known
    texts = [str(item.get("RadiopharmaceuticalStartDateTime") or ""), str(dataset.DecayCorrectionDateTime)]
    injected, corrected = (moment(text) for text in texts)
    zones = {zone[0] for text in texts if (zone := _OFFSET.search(text.strip()))}
    if injected is None or corrected is None or len(zones) > 1:
        return "PET_SUV_TIMES"
    left = left_after(item, injected, corrected)
    return "PET_SUV_TIMES" if left is None else weight * 1000 / (dose * left)


def _to_activity(dataset: Dataset, frames: Sequence[FrameHeader]) -> float | None:
    """Rescaled value to Bq/ml, one factor for all frames; None where a frame does not say it, or they differ."""
    factors = [_of_frame(dataset, frame) for frame in frames]
    first = factors[0] if factors else None
    if first is None or any(one is None or abs(one - first) > _EQUAL * abs(first) for one in factors):
        return None
    return first


def _of_frame(dataset: Dataset, frame: FrameHeader) -> float | None:
    groups = list(_groups(dataset, frame.number))
    rescales = [item for group in groups for item in group.get("PixelValueTransformationSequence") or ()]
    if rescales and rescales[0].get("RescaleType") == _ACTIVITY:
        return 1.0
    slope = 1.0 if frame.slope is None else float(frame.slope)
    intercept = 0.0 if frame.intercept is None else float(frame.intercept)
    mappings = next((found for group in groups if (found := group.get("RealWorldValueMappingSequence"))), ())
    for mapping in mappings:
        told = (number(mapping.get("RealWorldValueSlope")), number(mapping.get("RealWorldValueIntercept")))
        if told[0] and told[1] is not None and slope and _in_becquerel(mapping):
            factor = told[0] / slope
            # Both speak of stored values; one factor leads from the one to the other where their zeros are one.
            return factor if abs(told[1] - factor * intercept) <= _EQUAL * abs(told[0]) else None
    return None


def _groups(dataset: Dataset, frame: int) -> Iterator[Dataset]:
    """Functional groups of a frame, its own before those that all share."""
    own = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    if frame <= len(own):
        yield own[frame - 1]
    yield from dataset.get("SharedFunctionalGroupsSequence") or ()


def _in_becquerel(mapping: Dataset) -> bool:
    """Whether a mapping leads to Bq/ml (UCUM)."""
    return any(
        (unit.get("CodeValue"), unit.get("CodingSchemeDesignator")) == (_UNIT, "UCUM")
        for unit in mapping.get("MeasurementUnitsCodeSequence") or ()
    )
