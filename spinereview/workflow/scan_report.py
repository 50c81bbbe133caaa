"""What ``spinereview scan --json`` tells: a delivery as plain values for programs.

Lengths are decimal strings, so that no reader of the JSON rounds them. A figure that the geometry gate refused is null:
it stands nowhere but in the sentence of the fault. Patient's Name is never read, Patient ID never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from spinereview.dicom.checks import Fault
from spinereview.dicom.lossy import Lossy
from spinereview.dicom.scan import NotShown, PatientGroup, SeriesGroup, StudyGroup
from spinereview.domain.imaging import Id, Permission
from spinereview.domain.sequence import role_of, source_of
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.text import sentence
from spinereview.workflow.case_file import study_date
from spinereview.workflow.delivery import Delivery, Numbers, StackFound, look_at, name_in, numbers_of
from spinereview.workflow.delivery_protocol import PatientCheck

SCHEMA = 1
"""Version of the JSON; ``docs/scan.schema.json`` describes it. Keys are added, and none is renamed or taken away."""

Tree = dict[str, Any]


def scan_report(path: Path, cancel: CancelToken, progress: Progress = no_progress) -> Tree:
    """Scan a path and say what was found, in the form of ``docs/scan.schema.json``.

    Raises
    ------
    DicomError
        ``PATH_MISSING``.
    Cancelled
        The token asked for it.
    """
    return report_of(look_at(path, None, cancel=cancel, progress=progress))


def report_of(delivery: Delivery) -> Tree:
    """Report of a delivery, as plain values for JSON."""
    found = delivery.found
    stacks = {one.stack.id: one for one in delivery.stacks}
    report: Tree = {
        "schema": SCHEMA,
        "path": found.path.as_posix(),
        "files": {
            "dicom": found.files_dicom,
            "not_dicom": [name_in(file, found.path) for file in found.not_dicom],
            "unreadable": [
                {
                    "file": name_in(file, found.path),
                    "code": code,
                    "text": sentence(code, {"file": name_in(file, found.path)}),
                }
                for file, code in found.unreadable
            ],
            "copies": [
                {"file": name_in(copy, found.path), "of": name_in(used, found.path)} for copy, used in found.duplicates
            ],
        },
        "faults": [{"code": fault.code, "text": without_id(fault)} for fault in found.faults],
        "studies": [
            _study(study, patient, stacks, delivery) for patient in found.patients for study in patient.studies
        ],
    }
    if delivery.protocol is not None:
        report["protocol"] = {
            "id": delivery.protocol.id,
            "version": delivery.protocol.version,
            "sha256": delivery.protocol.sha256,
            "complete": not delivery.incomplete,
            "patients": [_check(check) for check in delivery.checks],
        }
    return report


def opens_anything(report: Mapping[str, Any]) -> bool:
    """Whether there is a stack that can be shown."""
    return any(series["stacks"] for study in report["studies"] for series in study["series"])


def without_id(fault: Fault) -> str:
    """Sentence about patients that names no Patient ID: reports are sent on."""
    return sentence(fault.code, {**fault.words, "patient": "(withheld)"})


def _study(study: StudyGroup, patient: PatientGroup, stacks: Mapping[Id, StackFound], delivery: Delivery) -> Tree:
    return {
        "patient": patient.index,
        "study_uid": study.study_uid,
        "date": study_date(study.date) or None,
        "series": [_series(series, stacks, delivery) for series in study.series],
    }


def _series(series: SeriesGroup, stacks: Mapping[Id, StackFound], delivery: Delivery) -> Tree:
    root = delivery.found.path
    numbers = numbers_of(series)
    return {
        "series_uid": series.series_uid,
        "description": series.description,
        "modality": series.modality,
        "number": series.number,
        "numbers": None if numbers is None else _numbers(numbers),
        "stacks": [_stack(stacks[result.stack.id]) for result in series.stacks],
        "not_shown": [_not_shown(file, root) for file in series.not_shown],
    }


def _numbers(numbers: Numbers) -> Tree:
    return {"first": numbers.first, "last": numbers.last, "missing": [list(hole) for hole in numbers.missing]}


def _not_shown(file: NotShown, root: Path) -> Tree:
    name = name_in(file.path, root)
    words = {"file": name, "modality": file.modality or "--"}
    return {"file": name, "code": file.code, "text": sentence(file.code, words)}


def _stack(found: StackFound) -> Tree:
    stack, result, suggestion = found.stack, found.result, found.suggestion
    pixels = result.images[0][0].pixels
    spacing = stack.pixel_spacing_mm
    return {
        "id": stack.id,
        "kind": stack.kind.value,
        "images": len(stack.images),
        "rows": 0 if pixels is None else pixels.rows,
        "columns": 0 if pixels is None else pixels.columns,
        "plane": stack.plane.value,
        "orientation": orientation_of(found),
        "pixel_spacing_mm": None if spacing is None else [decimal_text(value) for value in spacing],
        "slice_thickness_mm": _optional(stack.slice_thickness_mm),
        "interval_mm": _optional(stack.slice_interval_mm),
        "uniform": result.uniform,
        "tilt_deg": _optional(result.tilt_deg),
        "calibration": stack.calibration.value,
        "lossy": _lossy(found.lossy),
        "may_measure": [permission.value for permission in Permission if permission in stack.may_measure],
        "measurable": [quantity.value for quantity in found.measurable],
        "no_suv": found.no_suv or None,
        "split_by": [{"attribute": name, "value": value} for name, value in result.distinguished_by],
        "role": role_of(stack, suggestion).value,
        "role_source": source_of(stack, suggestion).value,
        "role_because": [{"code": one.code, "text": sentence(one.code, one.args)} for one in suggestion.because],
        "contrast": suggestion.contrast.value,
        "posture": None if suggestion.posture is None else suggestion.posture.value,
        "posture_source": suggestion.posture_source.value,
        "faults": [_fault(fault, len(stack.images)) for fault in result.faults],
    }


def _lossy(found: Lossy | None) -> Tree | None:
    if found is None:
        return None
    ratios = None if found.ratios is None else [decimal_text(ratio) for ratio in found.ratios]
    return {"methods": list(found.methods), "ratios": ratios}


def orientation_of(found: StackFound) -> list[str] | None:
    """Image Orientation (Patient) of the first image, as stated; None where it states none."""
    orientation = found.result.images[0][1].orientation
    return None if orientation is None else [decimal_text(value) for vector in orientation for value in vector]


def _fault(fault: Fault, count: int) -> Tree:
    first, last = fault.images or (1, count)
    return {"code": fault.code, "text": sentence(fault.code, fault.words), "images": [first, last]}


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def decimal_text(value: Decimal) -> str:
    """Number as DICOM's decimal strings are written, without an exponent."""
    return format(value, "f")


def _check(check: PatientCheck) -> Tree:
    return {
        "patient": check.patient,
        "visits": [
            {
                "visit": visit.visit,
                "date": visit.date,
                "by": "ORDER",
                "stacks": list(visit.stacks),
                "modalities": list(visit.modalities),
                "wanted": list(visit.wanted),
                "missing": list(visit.missing),
                "regions_not_told": list(visit.regions_not_told),
            }
            for visit in check.visits
        ],
        "not_delivered": list(check.not_delivered),
        "unmatched": [date or None for date in check.unmatched],
        "thick": [
            {
                "stack": one.stack,
                "slice_mm": decimal_text(one.slice_mm),
                "limit_mm": decimal_text(one.limit_mm),
            }
            for one in check.thick
        ],
    }
