"""Tables of a read for a spreadsheet or a statistics program: one row for each thing that was said, measured or derived.

Numbers are text with a decimal point; millimetres to a tenth, as they are shown. A number that does not exist is an empty
cell, with the code of why beside it; it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.sins import FORM, Item
from spinereview.domain.anatomy import from_the_head
from spinereview.domain.assessment import Assessment, Reason, in_reading_order
from spinereview.domain.case import Timepoint
from spinereview.domain.codec import canonical, encode
from spinereview.domain.diameter import diameters
from spinereview.domain.lesion import Lesion
from spinereview.domain.measurement import Entered, InSpace, Measurement, OnImage
from spinereview.domain.read import Lock
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table
from spinereview.report.facts import ReadFacts
from spinereview.report.quality import lacking, quality_rows
from spinereview.review.labels import label
from spinereview.text import sentence

ABOUT = ("subject", "reader", "timepoint")
SUMS = ("sum_mm", "baseline_sum_mm", "nadir_mm", "change_baseline_pct", "change_nadir_pct", "change_nadir_mm")
SINS_POINTS = ("location_points", *(f"{item.value.lower()}_points" for item in Item))
HEIGHTS = ("ha_mm", "hm_mm", "hp_mm", "ra_mm", "rm_mm", "rp_mm")
LOSSES = ("loss_a_pct", "loss_m_pct", "loss_p_pct", "max_loss_pct", "incident_loss_pct", "suggested_grade", "grade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with its head; ``name`` is that of its file."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(facts: ReadFacts) -> tuple[Sheet, ...]:
    """All tables of a read."""
    return (
        _lesions(facts),
        _measurements(facts),
        _responses(facts),
        _sins(facts),
        _fractures(facts),
        _quality(facts),
        _visits(facts),
        *answer_sheets(facts),
    )


def answer_sheets(facts: ReadFacts) -> tuple[Sheet, Sheet]:
    """A row for each assessment with its values, and a row for each reason."""
    head = (*ABOUT, "criterion", "question", "outcome")
    answers = [answer for _, answer in in_reading_order(facts.assessments)]
    names = tuple(sorted({name for answer in answers for name in answer.values}))
    rows = tuple((*_question(facts, answer), *_numbers(answer, names)) for answer in answers)
    reasons = tuple(
        (*_question(facts, answer), kind, reason.code, reason.rule, words(reason), _refs(reason))
        for answer in answers
        for _, kind, reason in reasons_of(answer)
    )
    return (
        Sheet(name="assessments.csv", head=(*head, *names), rows=rows),
        Sheet(name="reasons.csv", head=(*head, "kind", "code", "rule", "sentence", "refs"), rows=reasons),
    )


def words(reason: Reason) -> str:
    """Sentence of a reason."""
    return sentence(reason.code, reason.args)


def reasons_of(answer: Assessment) -> Iterator[tuple[int, str, Reason]]:
    """Depth, kind and reason, from the top down."""
    for kind, listed in (("because", answer.because), ("warning", answer.warnings), ("missing", answer.missing)):
        yield from _below(listed, kind, 0)


def number(name: str, value: Decimal | None) -> str:
    """As it is shown: millimetres to a tenth; empty where there is none."""
    if value is None:
        return ""
    return mm_text(value) if name.endswith("_mm") else str(value)


def _below(listed: Sequence[Reason], kind: str, depth: int) -> Iterator[tuple[int, str, Reason]]:
    for reason in listed:
        yield depth, kind, reason
        yield from _below(reason.because, kind, depth + 1)


def _refs(reason: Reason) -> str:
    return "; ".join("/".join(ref) for ref in reason.refs)


def _question(facts: ReadFacts, answer: Assessment) -> tuple[str, ...]:
    timepoint, *question = answer.scope
    return facts.subject, facts.reader, timepoint, answer.criterion, "/".join(question), answer.outcome


def _numbers(answer: Assessment | None, names: Sequence[str]) -> tuple[str, ...]:
    values = Table[Decimal | None]() if answer is None else answer.values
    return tuple(number(name, values.get(name)) for name in names)


def _about(facts: ReadFacts, timepoint: Timepoint) -> tuple[str, ...]:
    return facts.subject, facts.reader, timepoint.id


_OF_LESION = ("lesion", "label", "role", "nodal", "organ", "location", "levels", "tissue")


def _of_lesion(lesion: Lesion) -> tuple[str, ...]:
    site = lesion.site
    tissue = "" if lesion.tissue is None else lesion.tissue.value
    nodal = "yes" if lesion.nodal else "no"
    return lesion.id, label(lesion), lesion.role.value, nodal, site.organ, site.location, " ".join(site.levels), tissue


def _lesions(facts: ReadFacts) -> Sheet:
    """Lesions by timepoints: state, reported value, or why there is none."""
    settings, rows = facts.settings, []
    for lesion in facts.lesions:
        for timepoint in facts.case.in_order:
            finding = lesion.findings.get(timepoint.id)
            value = facts.value(lesion, timepoint, settings)
            said = ("", "", "", "") if finding is None else (
                finding.state.value,
                "" if finding.new_status is None else finding.new_status.value,
                finding.carrier or "",
                finding.reason or finding.justification,
            )  # fmt: skip
            problem = "" if value.problem is None else value.problem.code
            flags = " ".join(warning.code for warning in value.warnings)
            rows.append(
                (*_about(facts, timepoint), *_of_lesion(lesion), *said, number("value_mm", value.mm), problem, flags)
            )
    head = (*ABOUT, *_OF_LESION, "state", "new_status", "carrier", "reason", "value_mm", "no_value_code", "flags")
    return Sheet(name="lesions.csv", head=head, rows=tuple(rows))


_OF_MARK = ("measurement", "kind", "basis", "long_mm", "short_mm", "stack", "sop_uid", "frame", "unit", "points")


def _measurements(facts: ReadFacts) -> Sheet:
    """A row for each mark of a lesion or a vertebra, with the image and the points as they are stored."""
    rows = []
    for lesion in facts.lesions:
        for timepoint in facts.case.in_order:
            finding = lesion.findings.get(timepoint.id)
            for part, mark in () if finding is None else finding.parts.items():
                rows.append((*_about(facts, timepoint), label(lesion), part, *_of_mark(facts, mark)))
    for timepoint in facts.case.in_order:
        for level, found in from_the_head(facts.read.visit_at(timepoint.id).levels).items():
            rows.extend(
                (*_about(facts, timepoint), level, kind, *_of_mark(facts, mark))
                for kind, marks in (("heights", found.heights), ("angle", found.angles))
                for mark in marks.values()
            )
    return Sheet(name="measurements.csv", head=(*ABOUT, "of", "part", *_OF_MARK), rows=tuple(rows))


def _of_mark(facts: ReadFacts, mark: Measurement) -> tuple[str, ...]:
    geometry = mark.geometry
    found = facts.case.find_stack(geometry.image.stack) if isinstance(geometry, OnImage) else None
    lengths = diameters(mark, None if found is None else found[1])
    return (
        mark.id,
        mark.kind.value,
        mark.basis.value,
        number("long_mm", lengths.long_mm),
        number("short_mm", lengths.short_mm),
        *_place(geometry),
    )


def _place(geometry: OnImage | InSpace | Entered) -> tuple[str, str, str, str, str]:
    if isinstance(geometry, OnImage):
        image = geometry.image
        points = canonical(encode(geometry.points_mpx, tuple[tuple[int, int], ...])).decode()
        return image.stack, image.sop_uid, str(image.frame), "mpx", points
    if isinstance(geometry, InSpace):
        points = canonical(encode(geometry.points_um, tuple[tuple[int, int, int], ...])).decode()
        return " ".join(geometry.stacks), "", "", "um", points
    return "", "", "", geometry.unit, str(geometry.value)


def _responses(facts: ReadFacts) -> Sheet:
    """A row for each timepoint; empty where the response may not be seen yet."""
    rows = []
    for timepoint in facts.case.in_order:
        answers = [facts.at(timepoint, name) for name in ("target", "non_target", "new", "overall")]
        outcomes = tuple("" if answer is None else answer.outcome for answer in answers)
        locked = "yes" if facts.read.lock_of(timepoint.id) is Lock.LOCKED else "no"
        date = facts.dates.get(timepoint.id, "")
        rows.append((*_about(facts, timepoint), timepoint.label, date, locked, *outcomes, *_numbers(answers[0], SUMS)))
    head = (*ABOUT, "label", "date", "locked", "target", "non_target", "new", "overall", *SUMS)
    return Sheet(name="responses.csv", head=head, rows=tuple(rows))


def _sins(facts: ReadFacts) -> Sheet:
    """A row for each level at each timepoint: the answers, their points, the score or its range."""
    rows = []
    for timepoint in facts.case.in_order:
        levels = facts.read.visit_at(timepoint.id).levels
        for level, answer in facts.levels_at(timepoint, "sins"):
            given = levels.get(level, LevelFinding()).scores.get(FORM, Table())
            said = tuple("" if given.get(item) is None else str(given[item].value) for item in Item)
            numbers = _numbers(answer, (*SINS_POINTS, "total", "low", "high"))
            rows.append((*_about(facts, timepoint), level, *said, *numbers, answer.outcome))
    names = tuple(item.value.lower() for item in Item)
    head = (*ABOUT, "level", *names, *SINS_POINTS, "total", "low", "high", "category")
    return Sheet(name="sins.csv", head=head, rows=tuple(rows))


def _fractures(facts: ReadFacts) -> Sheet:
    """A row for each level at each timepoint: heights, reference heights, losses, grades, what is said of it."""
    rows = [
        (*_about(facts, timepoint), level, *_numbers(answer, (*HEIGHTS, *LOSSES)), answer.outcome)
        for timepoint in facts.case.in_order
        for level, answer in facts.levels_at(timepoint, "fracture")
    ]
    return Sheet(name="fractures.csv", head=(*ABOUT, "level", *HEIGHTS, *LOSSES, "fracture"), rows=tuple(rows))


def _quality(facts: ReadFacts) -> Sheet:
    """A row for each series that the reader judged."""
    rows = tuple(
        (*_about(facts, timepoint), stack.id, stack.series_uid, stack.modality, said, cause)
        for timepoint, stack, said, cause in quality_rows(facts)
    )
    return Sheet(name="quality.csv", head=(*ABOUT, "stack", "series_uid", "modality", "quality", "cause"), rows=rows)


def _visits(facts: ReadFacts) -> Sheet:
    """A row for each timepoint: which visit it is, and what it lacks of the images that the protocol demands."""
    rows = tuple(
        (*_about(facts, timepoint), timepoint.visit or "", *(" ".join(words) for words in lacking(facts, timepoint)))
        for timepoint in facts.case.in_order
    )
    names = ("visit", "missing_modalities", "unreadable_modalities", "missing_regions")
    return Sheet(name="visits.csv", head=(*ABOUT, *names), rows=rows)
