"""What ``spinereview scan --csv`` leaves: tables for a spreadsheet, one row for each stack, file left out and visit.

A figure that does not exist is an empty cell with the code of why beside it; it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from spinereview.domain.sequence import role_of, source_of
from spinereview.text import sentence
from spinereview.workflow.answers import write_table
from spinereview.workflow.delivery import Delivery, StackFound, name_in
from spinereview.workflow.scan_report import decimal_text, orientation_of

SUFFIX = ".csv"
STACKS, LEFT_OUT, VISITS = "stacks.csv", "left_out.csv", "visits.csv"
STACK_HEAD = (
    *("patient", "study_date", "study_uid", "series_number", "series_description", "series_uid", "modality", "stack"),
    *("kind", "images", "rows", "columns", "row_spacing_mm", "column_spacing_mm", "slice_thickness_mm", "interval_mm"),
    *("uniform", "plane", "orientation", "tilt_deg", "calibration", "measurable", "split_by", "role", "role_source"),
    *("role_because", "contrast", "posture", "faults", "reasons", "numbers_missing", "copies", "thick_mm", "visit"),
    "lossy",
)
LEFT_OUT_HEAD = ("file", "code", "text")
VISIT_HEAD = ("patient", "visit", "date", "matched_by", "modalities", "wanted", "missing", "regions_not_told")


def write_tables(delivery: Delivery, path: Path) -> tuple[Path, ...]:
    """Leave the tables: a path that ends in ``.csv`` is the table of stacks, any other a folder for all of them.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    stacks = list(stack_rows(delivery))
    if path.suffix.lower() == SUFFIX:
        return (write_table(path.parent, path.name, STACK_HEAD, stacks),)
    tables = [
        write_table(path, STACKS, STACK_HEAD, stacks),
        write_table(path, LEFT_OUT, LEFT_OUT_HEAD, list(_left_out_rows(delivery))),
    ]
    if delivery.protocol is not None:
        tables.append(write_table(path, VISITS, VISIT_HEAD, list(_visit_rows(delivery))))
    return tuple(tables)


def stack_rows(delivery: Delivery) -> Iterator[tuple[str, ...]]:
    """A row for each stack, in the order of :data:`STACK_HEAD`."""
    thick = {one.stack: one.slice_mm for check in delivery.checks for one in check.thick}
    visits = {stack: visit.visit for check in delivery.checks for visit in check.visits for stack in visit.stacks}
    copies: dict[Path, int] = {}
    for _, used in delivery.found.duplicates:
        copies[used] = copies.get(used, 0) + 1
    for found in delivery.stacks:
        about = {"thick_mm": _number(thick.get(found.stack.id)), "visit": visits.get(found.stack.id, "")}
        files = {file.path for file, _ in found.images}
        about["copies"] = str(sum(copies.get(file, 0) for file in files) or "")
        cells = {**_about_series(found), **_geometry(found), **_said(found), **about}
        yield tuple(cells[name] for name in STACK_HEAD)


def _number(value: Decimal | None) -> str:
    return "" if value is None else decimal_text(value)


def _about_series(found: StackFound) -> Mapping[str, str]:
    return {
        "patient": str(found.patient),
        "study_date": found.date,
        "study_uid": found.study.study_uid,
        "series_number": "" if found.series.number is None else str(found.series.number),
        "series_description": found.series.description,
        "series_uid": found.series.series_uid,
        "modality": found.stack.modality,
        "stack": found.stack.id,
        "numbers_missing": "" if found.numbers is None else found.numbers.holes,
    }


def _geometry(found: StackFound) -> Mapping[str, str]:
    stack, result = found.stack, found.result
    pixels = result.images[0][0].pixels
    rows, columns = ("", "") if pixels is None else (str(pixels.rows), str(pixels.columns))
    spacing = stack.pixel_spacing_mm or (None, None)
    return {
        "kind": stack.kind.value,
        "images": str(len(stack.images)),
        "rows": rows,
        "columns": columns,
        "row_spacing_mm": _number(spacing[0]),
        "column_spacing_mm": _number(spacing[1]),
        "slice_thickness_mm": _number(stack.slice_thickness_mm),
        "interval_mm": _number(stack.slice_interval_mm),
        "uniform": "yes" if result.uniform else "no",
        "plane": stack.plane.value,
        "orientation": " ".join(orientation_of(found) or ()),
        "tilt_deg": _number(result.tilt_deg),
        "calibration": stack.calibration.value,
        "split_by": "; ".join(f"{name} {value}" for name, value in result.distinguished_by),
    }


def _said(found: StackFound) -> Mapping[str, str]:
    suggestion = found.suggestion
    return {
        "lossy": "" if found.lossy is None else str(found.lossy) or "yes",
        "measurable": " ".join(quantity.value for quantity in found.measurable),
        "role": role_of(found.stack, suggestion).value,
        "role_source": source_of(found.stack, suggestion).value,
        "role_because": "; ".join(sentence(one.code, one.args) for one in suggestion.because),
        "contrast": suggestion.contrast.value,
        "posture": "" if suggestion.posture is None else suggestion.posture.value,
        "faults": " ".join(dict.fromkeys(fault.code for fault in found.faults)),
        "reasons": " ".join([*(sentence(fault.code, fault.words) for fault in found.faults), found.no_suv]).strip(),
    }


def _left_out_rows(delivery: Delivery) -> Iterator[tuple[str, ...]]:
    for left in delivery.left_out:
        yield name_in(left.file, delivery.found.path), left.code, left.text


def _visit_rows(delivery: Delivery) -> Iterator[tuple[str, ...]]:
    for check in delivery.checks:
        for visit in check.visits:
            words = (visit.modalities, visit.wanted, visit.missing, visit.regions_not_told)
            told = (" ".join(listed) for listed in words)
            yield str(check.patient), visit.visit, visit.date, "ORDER", *told
        for name in check.not_delivered:
            yield str(check.patient), name, "", "NOT_DELIVERED", "", "", "", ""
        for date in check.unmatched:
            yield str(check.patient), "", date, "NO_VISIT", "", "", "", ""
