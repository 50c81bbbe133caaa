"""What ``spinereview scan`` tells people: a line a stack, below it a line for each thing that is to be known of it."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.dicom.lossy import lossy
from spinereview.dicom.scan import SeriesGroup
from spinereview.domain.sequence import role_of, source_of
from spinereview.text import sentence
from spinereview.workflow.case_file import study_date
from spinereview.workflow.delivery import COPY, NOT_DICOM, Delivery, StackFound, numbers_of
from spinereview.workflow.delivery_protocol import PatientCheck, ThickSlices, VisitCheck
from spinereview.workflow.scan_report import decimal_text, without_id


def scan_text(delivery: Delivery) -> str:
    """A delivery as text."""
    return "\n".join(_lines(delivery)) + "\n"


def _lines(delivery: Delivery) -> Iterator[str]:
    found = delivery.found
    yield (
        f"{found.path}: {found.files_dicom} DICOM files, {len(found.stacks)} stacks, "
        f"{len(found.not_dicom)} other files, {len(found.unreadable)} unreadable, {len(found.duplicates)} copies"
    )
    for fault in found.faults:
        yield without_id(fault)
    stacks = {one.stack.id: one for one in delivery.stacks}
    for patient in found.patients:
        for study in patient.studies:
            date = study_date(study.date) or "no date"
            yield f"Patient {patient.index}, study {date} {study.description}".rstrip()
            for series in study.series:
                own = [stacks[result.stack.id] for result in series.stacks]
                yield from _series_lines(series, own)
    for left in delivery.left_out:
        # What is no DICOM and what is a copy is counted in the first line; there may be thousands of them.
        if left.code not in (NOT_DICOM, COPY):
            yield left.text
    for check in delivery.checks:
        yield from protocol_lines(check, delivery)


def _series_lines(series: SeriesGroup, stacks: list[StackFound]) -> Iterator[str]:
    number = "-" if series.number is None else str(series.number)
    yield f"  {number:>4} {series.modality or '--'} {series.description}".rstrip()
    numbers = numbers_of(series)
    if numbers is not None and numbers.missing:
        yield f"         {sentence('NUMBERS_MISSING', {'holes': numbers.holes})}"
    for found in stacks:
        yield f"       {_summary(found)}"
        yield f"         {role_line(found)}"
        for fault in found.faults:
            yield f"         {sentence(fault.code, fault.words)}"
        if found.no_suv:
            yield f"         {found.no_suv}"


def role_line(found: StackFound) -> str:
    """Role, where it comes from, why."""
    role, source = role_of(found.stack, found.suggestion), source_of(found.stack, found.suggestion)
    because = "; ".join(sentence(one.code, one.args) for one in found.suggestion.because)
    return f"{sentence(f'ROLE_{role}')} ({sentence(f'ROLE_SOURCE_{source}')}: {because})"


def _summary(found: StackFound) -> str:
    stack = found.stack
    spacing, interval = stack.pixel_spacing_mm, stack.slice_interval_mm
    told = [stack.kind.value, stack.plane.value, f"{len(stack.images)} images"]
    told += [f"{name} {value}" for name, value in found.result.distinguished_by if value]
    told.append("no millimetres" if spacing is None else " x ".join(map(decimal_text, spacing)) + " mm")
    if interval is not None:
        told.append(f"{decimal_text(interval)} mm apart")
    lost = lossy(found.result.images)
    if lost is not None:
        told.append(sentence("LOSSY_IMAGES", {"how": str(lost)}).rstrip(": "))
    return ", ".join(told)


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
