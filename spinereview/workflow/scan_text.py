"""What ``spinereview scan`` tells people: a line a stack, below it a line for each thing that is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from spinereview.dicom.checks import Fault, tidy
from spinereview.dicom.scan import SeriesGroup
from spinereview.domain.sequence import role_of, source_of
from spinereview.text import sentence
from spinereview.workflow.case_file import study_date
from spinereview.workflow.delivery import COPY, NOT_DICOM, Delivery, LeftOut, StackFound, numbers_of
from spinereview.workflow.delivery_protocol import PatientCheck, ThickSlices, VisitCheck
from spinereview.workflow.scan_report import decimal_text, without_id

FILES_NAMED = 3
"""Files of one kind that are named one by one; of more of them the first is named, and how many there are."""
OF_SERIES = ("SPLIT_", "FRAMES_OF_REFERENCE_MIXED")
"""Starts of the codes of what is said of a whole series: once, where it is equal for all its stacks."""


def scan_text(delivery: Delivery) -> str:
    """A delivery as text."""
    return "\n".join(_lines(delivery)) + "\n"


def _lines(delivery: Delivery) -> Iterator[str]:
    found = delivery.found
    words = {"path": str(found.path), "files": str(found.files_dicom), "stacks": str(len(found.stacks))}
    words |= {"others": str(len(found.not_dicom)), "unreadable": str(len(found.unreadable))}
    yield sentence("SCAN_FILES", {**words, "copies": str(len(found.duplicates))})
    if not found.stacks:
        yield sentence("SCAN_NOTHING" if found.files_dicom or found.unreadable else "SCAN_NO_DICOM")
    for fault in found.faults:
        yield without_id(fault)
    stacks = {one.stack.id: one for one in delivery.stacks}
    for patient in found.patients:
        for study in patient.studies:
            date = study_date(study.date) or sentence("SCAN_NO_DATE")
            told = {"patient": str(patient.index), "date": date, "description": study.description}
            yield sentence("SCAN_STUDY", told).rstrip()
            for series in study.series:
                own = [stacks[result.stack.id] for result in series.stacks]
                yield from _series_lines(series, own)
    # What is no DICOM and what is a copy is counted in the first line; there may be thousands of them.
    for named, more in left_out_by_reason(one for one in delivery.left_out if one.code not in (NOT_DICOM, COPY)):
        for left in named:
            yield left.text
        if more:
            yield sentence("UI_DELIVERY_MORE", {"count": str(more)})
    for check in delivery.checks:
        yield from protocol_lines(check, delivery)


def left_out_by_reason(left_out: Iterable[LeftOut]) -> Iterator[tuple[list[LeftOut], int]]:
    """Files that were left out by their reason, in the order met: those to name, and how many more there are."""
    by_reason: dict[str, list[LeftOut]] = {}
    for left in left_out:
        # Two files have one reason where their sentences differ in nothing but their names.
        by_reason.setdefault(sentence(left.code, {**left.words, "file": "", "of": ""}), []).append(left)
    for listed in by_reason.values():
        named = listed if len(listed) <= FILES_NAMED else listed[:1]
        yield named, len(listed) - len(named)


def _series_lines(series: SeriesGroup, stacks: list[StackFound]) -> Iterator[str]:
    number = sentence("SCAN_NO_NUMBER") if series.number is None else str(series.number)
    yield f"  {number:>4} {series.modality or sentence('SCAN_NO_MODALITY')} {series.description}".rstrip()
    numbers = numbers_of(series)
    if numbers is not None and numbers.missing:
        yield f"         {sentence('NUMBERS_MISSING', {'holes': numbers.holes})}"
    said = [{sentence(fault.code, fault.words) for fault in one.faults if _of_series(fault)} for one in stacks]
    shared = set.intersection(*said) if len(said) > 1 else set()
    yield from (f"         {told}" for told in sorted(shared))
    for found in stacks:
        yield f"       {_summary(found)}"
        yield f"         {role_line(found)}"
        told = (sentence(fault.code, fault.words) for fault in found.faults)
        yield from (f"         {one}" for one in told if one not in shared)
        if found.no_suv:
            yield f"         {found.no_suv}"


def _of_series(fault: Fault) -> bool:
    return fault.code.startswith(OF_SERIES)


def role_line(found: StackFound) -> str:
    """Role, where it comes from, why."""
    role, source = role_of(found.stack, found.suggestion), source_of(found.stack, found.suggestion)
    because = "; ".join(sentence(one.code, one.args) for one in found.suggestion.because)
    return f"{sentence(f'ROLE_{role}')} ({sentence(f'ROLE_SOURCE_{source}')}: {because})"


def loss_line(found: StackFound) -> str:
    """That images were compressed with loss, and how; empty where they were not."""
    return "" if found.lossy is None else sentence("LOSSY_IMAGES", {"how": str(found.lossy)}).rstrip(": ")


def _summary(found: StackFound) -> str:
    stack = found.stack
    spacing, interval = stack.pixel_spacing_mm, stack.slice_interval_mm
    count = len(stack.images)
    told = [sentence(f"STACK_KIND_{stack.kind}"), sentence(f"UI_PLANE_NAME_{stack.plane}")]
    told.append(sentence("UI_ONE_IMAGE") if count == 1 else sentence("UI_IMAGE_COUNT", {"count": str(count)}))
    told += [f"{name} {value}" for name, value in found.result.distinguished_by if value]
    if spacing is None:
        told.append(sentence("SCAN_NO_MILLIMETRES"))
    else:
        rows, columns = map(_rounded, spacing)
        told.append(sentence("SCAN_SPACING", {"rows": rows, "columns": columns}))
    if interval is not None:
        told.append(sentence("SCAN_INTERVAL", {"interval": _rounded(interval)}))
    told.append(loss_line(found))
    return ", ".join(one for one in told if one)


def _rounded(length: Decimal) -> str:
    """A length for the eye, to a tenth of a micrometre; JSON and tables have it as stated.

    >>> _rounded(Decimal("0.31999999284744")), _rounded(Decimal("0.5"))
    ('0.32', '0.5')
    """
    return decimal_text(tidy(length.quantize(Decimal("0.0001"))) if length >= Decimal("0.0001") else length)


def protocol_lines(check: PatientCheck, delivery: Delivery) -> Iterator[str]:
    """What a protocol finds in the images of one patient."""
    title = "" if delivery.protocol is None else delivery.protocol.title
    yield sentence("DELIVERY_PROTOCOL", {"patient": str(check.patient), "title": title})
    for visit in check.visits:
        yield from (f"  {line}" for line in visit_lines(visit))
    for date in check.unmatched:
        yield "  " + sentence("DELIVERY_UNMATCHED" if date else "DELIVERY_UNDATED", {"date": date})
    if check.not_delivered:
        yield "  " + sentence("DELIVERY_NOT_DELIVERED", {"visits": ", ".join(check.not_delivered)})
    named = {one.stack.id: one for one in delivery.stacks}
    for thick in check.thick:
        yield "  " + thick_line(thick, named[thick.stack])


def visit_lines(visit: VisitCheck) -> Iterator[str]:
    """What has come for a visit, and what of it is missing."""
    there = ", ".join(visit.modalities) or "-"
    yield sentence("DELIVERY_VISIT", {"visit": visit.visit, "date": visit.date, "modalities": there})
    if visit.missing:
        words = ", ".join(word.replace("_OR_", " / ") for word in visit.missing)
        yield sentence("DELIVERY_MISSING", {"visit": visit.visit, "modalities": words})
    if visit.regions_not_told:
        yield sentence("DELIVERY_REGIONS", {"visit": visit.visit, "regions": ", ".join(visit.regions_not_told)})


def thick_line(thick: ThickSlices, found: StackFound) -> str:
    """A stack whose slices are too thick for the usual limits."""
    words = {
        "series": found.series.description or found.stack.modality,
        "slice": decimal_text(thick.slice_mm),
        "limit": decimal_text(thick.limit_mm),
    }
    return sentence("DELIVERY_THICK", words)
