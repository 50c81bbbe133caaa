"""What a delivery holds as lines of a list: visits of the protocol, series, and what was left out; the words of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from spinereview.domain.imaging import Id
from spinereview.domain.sequence import role_of, source_of
from spinereview.text import sentence
from spinereview.ui.corner import apart_text, because_text, count_text, short
from spinereview.workflow.delivery import Delivery, StackFound
from spinereview.workflow.delivery_protocol import PatientCheck
from spinereview.workflow.scan_text import left_out_by_reason, loss_line, thick_line

_EXPECTED = frozenset(
    ("FILE_NOT_DICOM", "FILE_NIFTI", "FILE_COPY", "NOT_AN_IMAGE", "SEGMENTATION", "COMPUTED_MAP", "DIRECTORY")
)
"""Codes of files that may lie among images without anything being wrong."""
_HARMLESS = (
    *("SPLIT_", "DUPLICATE", "FRAME_OF_REFERENCE_MISSING", "FRAMES_OF_REFERENCE_MIXED"),
    *("LOCALIZER", "OVERLAYS_LEFT_OUT"),
)
"""Starts of the codes of what takes nothing away from a stack."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence below a line; ``warns`` where something is missing or cannot be measured."""

    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class HeadLine:
    """Line of a study, of the visits, of what was left out."""

    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StackLine:
    """Line of a stack.

    Parameters
    ----------
    facts
        Plane, number of images, millimetres.
    role, because
        What it was made for, and who says so and why.
    """

    stack: Id
    title: str
    facts: str
    measurable: Note
    role: str
    because: str
    notes: tuple[Note, ...]

    @property
    def words(self) -> str:
        """All words of the line, for a screen reader."""
        parts = (self.title, self.role, self.facts, self.measurable.text, *(note.text for note in self.notes))
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Line of a file that was left out, or of a visit."""

    note: Note


Line = HeadLine | StackLine | TextLine


def summary_of(delivery: Delivery) -> str:
    """How much there is of everything."""
    found = delivery.found
    words = {
        "files": str(found.files_dicom),
        "stacks": str(len(delivery.stacks)),
        "patients": str(len(found.patients)),
        "left": str(len(delivery.left_out)),
    }
    return sentence("UI_DELIVERY_SUMMARY", words)


def lines_of(delivery: Delivery) -> tuple[Line, ...]:
    """Lines from top to bottom."""
    return (*_whole(delivery), *_visits(delivery), *_studies(delivery), *_left_out(delivery))


def _whole(delivery: Delivery) -> Iterator[Line]:
    for fault in delivery.found.faults:
        yield TextLine(Note(sentence(fault.code, fault.words), warns=True))
    if not delivery.stacks:
        yield TextLine(Note(sentence("UI_DELIVERY_NOTHING"), warns=True))


def _visits(delivery: Delivery) -> Iterator[Line]:
    wanting = [check for check in delivery.checks if check.visits or check.not_delivered]
    if delivery.protocol is None or not wanting:
        return
    for check in wanting:
        label = sentence("UI_DELIVERY_VISITS", {"title": delivery.protocol.title})
        patient = sentence("UI_DELIVERY_PATIENT", {"patient": str(check.patient)}) if len(delivery.checks) > 1 else ""
        yield HeadLine(label, patient or sentence("UI_DELIVERY_BY_ORDER"))
        yield from _visit_lines(check)


def _visit_lines(check: PatientCheck) -> Iterator[Line]:
    for visit in check.visits:
        there = {"visit": visit.visit, "date": visit.date, "modalities": ", ".join(visit.modalities) or "-"}
        yield TextLine(Note(sentence("DELIVERY_VISIT", there)))
        if visit.missing:
            words = ", ".join(word.replace("_OR_", " / ") for word in visit.missing)
            missing = {"visit": visit.visit, "modalities": words}
            yield TextLine(Note(sentence("DELIVERY_MISSING", missing), warns=True))
        if visit.regions_not_told:
            regions = {"visit": visit.visit, "regions": ", ".join(visit.regions_not_told)}
            yield TextLine(Note(sentence("DELIVERY_REGIONS", regions)))
    for date in check.unmatched:
        yield TextLine(Note(sentence("DELIVERY_UNMATCHED" if date else "DELIVERY_UNDATED", {"date": date}), warns=True))
    if check.not_delivered:
        yield TextLine(Note(sentence("DELIVERY_NOT_DELIVERED", {"visits": ", ".join(check.not_delivered)})))


def _studies(delivery: Delivery) -> Iterator[Line]:
    thick = {one.stack: one for check in delivery.checks for one in check.thick}
    for (patient, _), group in groupby(delivery.stacks, key=lambda one: (one.patient, id(one.study))):
        stacks = list(group)
        study = stacks[0].study
        date = stacks[0].date or sentence("UI_DELIVERY_NO_DATE")
        whose = sentence("UI_DELIVERY_PATIENT", {"patient": str(patient)})
        yield HeadLine(f"{date}  {study.description}".strip(), whose)
        for place, one in enumerate(stacks):
            first_of_series = place == 0 or stacks[place - 1].series is not one.series
            own = (Note(thick_line(thick[one.stack.id], one), warns=True),) if one.stack.id in thick else ()
            yield _stack_line(one, own, numbered=first_of_series)


def _stack_line(found: StackFound, own: Sequence[Note], *, numbered: bool) -> StackLine:
    suggestion, stack = found.suggestion, found.stack
    told = apart_text(found.result.distinguished_by)
    title = found.series.description.strip() or _unnamed(found)
    role, source = role_of(stack, suggestion), source_of(stack, suggestion)
    notes = [Note(sentence(fault.code, fault.words), not fault.code.startswith(_HARMLESS)) for fault in found.faults]
    if found.no_suv:
        notes.append(Note(found.no_suv, warns=True))
    if numbered and found.numbers is not None and found.numbers.missing:
        notes.append(Note(sentence("NUMBERS_MISSING", {"holes": found.numbers.holes}), warns=True))
    quantities = ", ".join(sentence(f"QUANTITY_{quantity}") for quantity in found.measurable)
    measured = Note(sentence("UI_DELIVERY_MEASURABLE", {"quantities": quantities}))
    return StackLine(
        stack=stack.id,
        title=f"{title} ({told})" if told else title,
        facts=_facts(found),
        measurable=measured if quantities else Note(sentence("UI_DELIVERY_NOT_MEASURABLE"), warns=True),
        role=sentence(f"ROLE_{role}"),
        because=f"{sentence(f'ROLE_SOURCE_{source}')}: {because_text(suggestion)}",
        notes=(*notes, *own),
    )


def _unnamed(found: StackFound) -> str:
    number = found.series.number
    if number is None:
        return sentence("UI_DELIVERY_SERIES_UNNAMED")
    return sentence("UI_DELIVERY_SERIES", {"number": str(number)})


def _facts(found: StackFound) -> str:
    stack = found.stack
    pixels = found.result.images[0][0].pixels
    size = "" if pixels is None else f"{pixels.columns} × {pixels.rows}"
    spacing, interval = stack.pixel_spacing_mm, stack.slice_interval_mm
    lengths = [*(spacing or ()), *([interval] if spacing and interval else [])]
    millimetres = " × ".join(short(length) for length in lengths)
    count = count_text(len(stack.images))
    plane = sentence(f"UI_PLANE_NAME_{stack.plane}")
    told = (stack.modality, plane, count, size, f"{millimetres} mm" if millimetres else "", loss_line(found))
    return " · ".join(part for part in told if part)


def _left_out(delivery: Delivery) -> Iterator[Line]:
    if not delivery.left_out:
        return
    yield HeadLine(sentence("UI_DELIVERY_LEFT_OUT"), str(len(delivery.left_out)))
    for named, more in left_out_by_reason(delivery.left_out):
        warns = named[0].code not in _EXPECTED
        for left in named:
            yield TextLine(Note(left.text, warns))
        if more:
            yield TextLine(Note(sentence("UI_DELIVERY_MORE", {"count": str(more)}), warns))
