"""A series made of a file that is no DICOM: honest images that say what they were made of, and nothing that nobody knows.

They are DERIVED and SECONDARY, and the fourth value of Image Type names the format they come from (PS3.3 C.7.6.1.1.2 leaves
it to the maker); by that value they are known again. Patient, dates, device and slice thickness are empty: the file named
none. UIDs follow from the bytes of the file and what was asked, so that the same file gives the same images; the frame of
reference is their own and links them to nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from spinereview.dicom.header import Vector
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.tags import FROM_NIFTI
from spinereview.dicom.write import Encoding, write_file
from spinereview.dicom.write_modules import image_dataset
from spinereview.imaging.nifti_series import Arranged, Sixteen
from spinereview.imaging.slicing import FloatVector
from spinereview.imaging.window import suggested
from spinereview.tasks import CancelToken, Progress

MODALITIES = ("CT", "MR")
_CT_WINDOW = (Decimal(40), Decimal(400))
_LONGEST_DECIMAL = 16
_DIGITS = 9
"""Decimals of positions and steps: a millionth of a micrometre."""
_UNKNOWN = (
    *(
        "PatientSex",
        "PatientBirthDate",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "SeriesDate",
        "ContentDate",
        "ContentTime",
    ),
    *("AcquisitionDate", "PatientPosition", "SliceThickness", "Laterality"),
)
_TYPES: dict[str, dict[str, Any]] = {
    "CT": {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", FROM_NIFTI], "AcquisitionNumber": None},
    # RM, research mode, is the only Scanning Sequence that claims nothing (PS3.3 C.8.3.1).
    "MR": {
        "ImageType": ["DERIVED", "SECONDARY", "OTHER", FROM_NIFTI],
        "ScanningSequence": "RM",
        "MRAcquisitionType": None,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a series is made of.

    Parameters
    ----------
    name, sha256
        Of the file.
    modality
        What a person says that the values are: ``CT`` (then in HU) or ``MR``.
    subject
        Code that becomes the Patient ID; empty where nobody said one.
    program
        Version of the program that writes.
    """

    name: str
    sha256: str
    modality: str
    program: str
    subject: str = ""


def write_converted(
    folder: Path, at: Arranged, values: Sixteen, origin: Origin, *, cancel: CancelToken, progress: Progress
) -> int:
    """Write a series, one file an image, into a folder that is there; returns the number of files.

    Raises
    ------
    Cancelled
        The token asked for it.
    """
    count = len(values.stored)
    plan = _plan(at, values, origin)
    for index in range(count):
        cancel.check()
        progress(index, count)
        dataset = image_dataset(plan, values.stored, index)
        dataset.RescaleSlope, dataset.RescaleIntercept = _text(values.slope), _text(values.intercept)
        dataset.ContributingEquipmentSequence = [_made_by(origin)]
        write_file(folder / f"IM{index + 1:05d}.dcm", dataset, [values.stored[index]], Encoding.EXPLICIT_LITTLE)
    progress(count, count)
    return count


def _plan(at: Arranged, values: Sixteen, origin: Origin) -> SeriesPlan:
    said = f"Made of the NIfTI file {origin.name}, SHA-256 {origin.sha256}"
    if values.step:
        said += f"; real values rounded to steps of {values.step:.3g}"
    return SeriesPlan(
        modality=origin.modality,
        seed=f"nifti {origin.sha256} {origin.modality} {origin.subject}",
        geometry=_geometry(at),
        patient_id=origin.subject or "-",
        patient_name="",
        study_description="NIfTI",
        series_description=f"NIfTI {origin.name}"[:64],
        padding_value=values.padding,
        window=_CT_WINDOW if origin.modality == "CT" else _window(values),
        attributes={
            **_TYPES[origin.modality],
            **dict.fromkeys(_UNKNOWN),
            "PatientID": origin.subject,
            "Manufacturer": "",
            "DerivationDescription": said[:1024],
        },
    )


def _geometry(at: Arranged) -> SeriesGeometry:
    image, row, column = (np.array(step) for step in at.along_mm)
    sizes = [float(np.linalg.norm(step)) for step in (image, row, column)]
    return SeriesGeometry(
        origin_mm=_vector(at.origin_mm),
        row_direction=_vector(column / sizes[2], 13),
        column_direction=_vector(row / sizes[1], 13),
        pixel_spacing_mm=(_number(sizes[1], 12), _number(sizes[2], 12)),
        step_mm=_vector(image),
        # The plan wants one; the images state none.
        slice_thickness_mm=_number(sizes[0]),
    )


def _window(values: Sixteen) -> tuple[Decimal, Decimal]:
    """Centre and width of the middle image, from its 1st to its 99th percentile."""
    middle = values.stored[len(values.stored) // 2]
    numbers = middle if values.padding is None else middle[middle != values.padding]
    found = suggested(numbers * values.slope + values.intercept)
    return _number(found.centre, 3), max(_number(found.width, 3), Decimal(1))


def _made_by(origin: Origin) -> Dataset:
    """Item of the Contributing Equipment Sequence (PS3.3 C.12.1): what was done to come to these images, and by what."""
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = "109103", "DCM", "Modifying Equipment"
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [purpose]
    item.Manufacturer = "spinereview"
    item.SoftwareVersions = origin.program
    item.ContributionDescription = f"NIfTI to {origin.modality}; SHA-256 {origin.sha256}"
    return item


def _vector(values: FloatVector | np.ndarray[Any, np.dtype[np.float64]], digits: int = _DIGITS) -> Vector:
    x, y, z = (_number(float(value), digits) for value in values)
    return x, y, z


def _number(value: float, digits: int = _DIGITS) -> Decimal:
    """Number with a fixed count of decimals, as many of them as a Decimal String has room for."""
    for count in range(digits, -1, -1):
        text = format(value, f".{count}f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if len(text) <= _LONGEST_DECIMAL:
            break
    return Decimal("0") if text == "-0" else Decimal(text)


def _text(value: float) -> str:
    """Decimal String nearest to a number, with an exponent where it is short of digits (PS3.5 6.2)."""
    for digits in range(17, 0, -1):
        text = format(value, f".{digits}g")
        if len(text) <= _LONGEST_DECIMAL:
            break
    return text
