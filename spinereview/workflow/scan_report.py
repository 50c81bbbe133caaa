"""What ``spinereview scan`` tells: a scan as JSON for programs, and as text for people.

Lengths are decimal strings, so that no reader of the JSON rounds them. A figure that the geometry gate refused is null:
it stands nowhere but in the sentence of the fault. Patient's Name is never read, Patient ID never told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from spinereview.dicom.checks import Fault
from spinereview.dicom.geometry import StackResult
from spinereview.dicom.scan import NotShown, PatientGroup, Scan, SeriesGroup, StudyGroup, scan
from spinereview.domain.imaging import Permission
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.text import sentence
from spinereview.workflow.case_file import study_date

SCHEMA = 1
"""Version of the JSON; ``docs/scan.schema.json`` describes it."""


def scan_report(path: Path, cancel: CancelToken, progress: Progress = no_progress) -> dict[str, Any]:
    """Scan a path and say what was found, in the form of ``docs/scan.schema.json``.

    Raises
    ------
    DicomError
        ``PATH_MISSING``.
    Cancelled
        The token asked for it.
    """
    return report_of(scan(path, cancel=cancel, progress=progress))


def scan_report_and_text(
    path: Path, cancel: CancelToken, progress: Progress = no_progress
) -> tuple[dict[str, Any], str]:
    """Report of a path for programs and for people, from one scan; raises as :func:`scan_report` does."""
    found = scan(path, cancel=cancel, progress=progress)
    return report_of(found), scan_text(found)


def report_of(found: Scan) -> dict[str, Any]:
    """Report of a scan, as plain values for JSON."""
    return {
        "schema": SCHEMA,
        "path": found.path.as_posix(),
        "files": {
            "dicom": found.files_dicom,
            "not_dicom": [_name(file, found.path) for file in found.not_dicom],
            "unreadable": [{"file": _name(file, found.path), "code": code} for file, code in found.unreadable],
        },
        "studies": [_study(study, patient) for patient in found.patients for study in patient.studies],
    }


def opens_anything(report: Mapping[str, Any]) -> bool:
    """Whether there is a stack that can be shown."""
    return any(series["stacks"] for study in report["studies"] for series in study["series"])


def _name(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file != root and file.is_relative_to(root) else file.name


def _study(study: StudyGroup, patient: PatientGroup) -> dict[str, Any]:
    return {
        "patient": patient.index,
        "study_uid": study.study_uid,
        "date": study_date(study.date) or None,
        "series": [_series(series) for series in study.series],
    }


def _series(series: SeriesGroup) -> dict[str, Any]:
    return {
        "series_uid": series.series_uid,
        "description": series.description,
        "modality": series.modality,
        "stacks": [_stack(result) for result in series.stacks],
    }


def _stack(result: StackResult) -> dict[str, Any]:
    stack = result.stack
    pixels = result.images[0][0].pixels
    spacing = stack.pixel_spacing_mm
    return {
        "id": stack.id,
        "kind": stack.kind.value,
        "images": len(stack.images),
        "rows": 0 if pixels is None else pixels.rows,
        "columns": 0 if pixels is None else pixels.columns,
        "plane": stack.plane.value,
        "pixel_spacing_mm": None if spacing is None else [_decimal(value) for value in spacing],
        "interval_mm": None if stack.slice_interval_mm is None else _decimal(stack.slice_interval_mm),
        "uniform": result.uniform,
        "tilt_deg": None if result.tilt_deg is None else _decimal(result.tilt_deg),
        "calibration": stack.calibration.value,
        "may_measure": [permission.value for permission in Permission if permission in stack.may_measure],
        "faults": [_fault(fault, len(stack.images)) for fault in result.faults],
    }


def _fault(fault: Fault, count: int) -> dict[str, Any]:
    first, last = fault.images or (1, count)
    return {"code": fault.code, "text": sentence(fault.code, fault.words), "images": [first, last]}


def _decimal(value: Decimal) -> str:
    """Number as DICOM's decimal strings are written, without an exponent."""
    return format(value, "f")


def scan_text(found: Scan) -> str:
    """Scan for people: one line a stack, below it one line a fault."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Scan) -> Iterator[str]:
    yield (
        f"{found.path}: {found.files_dicom} DICOM files, {len(found.stacks)} stacks, "
        f"{len(found.not_dicom)} other files, {len(found.unreadable)} unreadable, {len(found.duplicates)} copies"
    )
    for fault in found.faults:
        yield sentence(fault.code, fault.words)
    for patient in found.patients:
        for study in patient.studies:
            date = study_date(study.date) or "no date"
            yield f"Patient {patient.index}, study {date} {study.description}".rstrip()
            for series in study.series:
                yield from _series_lines(series)
    for file, code in found.unreadable:
        yield sentence(code, {"file": _name(file, found.path)})


def _series_lines(series: SeriesGroup) -> Iterator[str]:
    number = "-" if series.number is None else str(series.number)
    yield f"  {number:>4} {series.modality or '--'} {series.description}".rstrip()
    for result in series.stacks:
        yield f"       {_summary(result)}"
        for fault in result.faults:
            yield f"         {sentence(fault.code, fault.words)}"
    for file in series.not_shown:
        yield f"       {_not_shown(file)}"


def _summary(result: StackResult) -> str:
    stack = result.stack
    spacing, interval = stack.pixel_spacing_mm, stack.slice_interval_mm
    told = [stack.kind.value, stack.plane.value, f"{len(stack.images)} images"]
    told += [f"{name} {value}" for name, value in result.distinguished_by if value]
    told.append("no millimetres" if spacing is None else " x ".join(map(_decimal, spacing)) + " mm")
    if interval is not None:
        told.append(f"{_decimal(interval)} mm apart")
    return ", ".join(told)


def _not_shown(file: NotShown) -> str:
    return sentence(file.code, {"file": file.path.name, "modality": file.modality or "--"})
