"""Acts on the spine: labels of levels, heights of a vertebra, answers to a form, facts of a level, the numbering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.evidence.escc import ANSWERS as ESCC_ANSWERS
from spinereview.criteria.evidence.escc import FORM as ESCC_FORM
from spinereview.criteria.evidence.fracture import operated
from spinereview.criteria.fracture.heights import six_points_fault
from spinereview.criteria.fracture.values import GRADES, WITHOUT_BODY, levels_in_order
from spinereview.criteria.sins import FORM as SINS_FORM
from spinereview.criteria.sins import POINTS, Item, allowed_answers
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Lock, Read
from spinereview.domain.scores import Answer, Hardware, LevelFinding, NonFractureCause
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.visits import visit_of

NUMBERINGS = frozenset({"", "T13", "L6"})
FORMS: dict[str, dict[str, frozenset[str]]] = {
    SINS_FORM: {item.value: frozenset(POINTS[item]) for item in Item},
    "VCF": {"GRADE": frozenset(str(grade) for grade in GRADES)},
    ESCC_FORM: {item: frozenset(answers) for item, answers in ESCC_ANSWERS.items()},
}
"""Answers that each item of each form can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLevel:
    """Say which vertebra lies at a point of a stack. ``move`` says that an earlier label of that level is to be replaced."""

    NAME: ClassVar[str] = "label_level"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id
    level: Level
    measurement: Measurement
    move: bool
    stack_sha256: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        _marked(timepoint, self.stack, self.measurement, MeasurementKind.LEVEL)
        _is_numbered(document, self.level)
        labels = document.level_labels.get(self.stack, Table[Measurement]())
        if self.level in labels and not self.move:
            raise Refused("LEVEL_LABELLED_TWICE", level=self.level, timepoint=timepoint.label)
        _in_order(labels, self.level, self.measurement)
        labels = labels.with_(self.level, self.measurement)
        return replace(document, level_labels=document.level_labels.with_(self.stack, labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLevelLabel:
    """Take a label away."""

    NAME: ClassVar[str] = "remove_level_label"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id
    level: Level

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        labels = document.level_labels.get(self.stack, Table[Measurement]())
        if self.stack not in timepoint.stacks or self.level not in labels:
            raise Refused("LEVEL_NOT_LABELLED", level=self.level, timepoint=timepoint.label)
        left = labels.without(self.level)
        table = document.level_labels
        return replace(document, level_labels=table.with_(self.stack, left) if left else table.without(self.stack))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureHeights:
    """Six points on a vertebral body, or other points of the same."""

    NAME: ClassVar[str] = "measure_heights"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    level: Level
    stack: Id
    measurement: Measurement
    stack_sha256: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        stack, geometry = _marked(timepoint, self.stack, self.measurement, MeasurementKind.HEIGHTS)
        _is_numbered(document, self.level)
        if self.level in WITHOUT_BODY:
            raise Refused("LEVEL_WITHOUT_BODY", level=self.level)
        fault = six_points_fault(geometry, stack.pixel_spacing_mm)
        if fault:
            raise Refused(fault)
        finding = _finding(document, timepoint, self.level)
        _is_there(document, context, timepoint, self.level)
        return _with_finding(
            document,
            timepoint,
            self.level,
            replace(finding, heights=finding.heights.with_(self.stack, self.measurement)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveHeights:
    """Take the heights of a vertebra on a stack away."""

    NAME: ClassVar[str] = "remove_heights"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    level: Level
    stack: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        finding = _finding(document, timepoint, self.level)
        if self.stack not in finding.heights:
            raise Refused("HEIGHTS_NOT_MEASURED", level=self.level, timepoint=timepoint.label)
        return _with_finding(
            document, timepoint, self.level, replace(finding, heights=finding.heights.without(self.stack))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Answer one item of a form for a level; None takes the answer back."""

    NAME: ClassVar[str] = "score"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    level: Level
    form: str
    item: str
    answer: Answer | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        _is_numbered(document, self.level)
        allowed = FORMS.get(self.form, {}).get(self.item)
        if allowed is None:
            raise Refused("FORM_ITEM_UNKNOWN", form=self.form, item=self.item)
        finding = _finding(document, timepoint, self.level)
        if self.answer is not None:
            if str(self.answer.value) not in allowed:
                raise Refused("FORM_ANSWER_UNKNOWN", item=self.item, value=self.answer.value)
            _is_there(document, context, timepoint, self.level)
            self._level_allows(finding, timepoint, str(self.answer.value))
        answers = finding.scores.get(self.form, Table[Answer]())
        if self.answer is not None:
            answers = answers.with_(self.item, self.answer)
        elif self.item in answers:
            answers = answers.without(self.item)
        else:
            return document
        scores = finding.scores.with_(self.form, answers) if answers else finding.scores.without(self.form)
        return _with_finding(document, timepoint, self.level, replace(finding, scores=scores))

    def _level_allows(self, finding: LevelFinding, timepoint: Timepoint, value: str) -> None:
        if self.form == ESCC_FORM and self.level is Level.OCCIPUT:
            raise Refused("LEVEL_WITHOUT_CANAL", level=self.level)
        graded = self.form == "VCF" and self.level in WITHOUT_BODY
        forbidden = self.form == SINS_FORM and value not in allowed_answers(self.level, Item(self.item))
        if graded or forbidden:
            raise Refused("LEVEL_WITHOUT_BODY", level=self.level)
        if self.form == "VCF" and finding.non_fracture_cause and value != "0":
            raise Refused("GRADE_AGAINST_CAUSE", level=self.level, timepoint=timepoint.label, grade=value)


def graded_as_fracture(finding: LevelFinding) -> str:
    """The reader's grade where it says that there is, or may be, a fracture; else empty."""
    answer = finding.scores.get("VCF", Table[Answer]()).get("GRADE")
    value = "0" if answer is None or answer.value is None else str(answer.value)
    return "" if value == "0" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevelFacts:
    """What else is known of a level: hardware, hidden endplates, resection, a fracture line, intact, another cause.

    A cause that is no fracture and a grade of the reader from 0.5 on contradict each other: one of them is taken back first.
    """

    NAME: ClassVar[str] = "set_level_facts"
    VERSION: ClassVar[int] = 2
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    level: Level
    hardware: frozenset[Hardware]
    endplates_hidden: bool
    resected: bool
    fracture_line: bool | None
    intact: bool | None
    non_fracture_cause: NonFractureCause

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        _is_numbered(document, self.level)
        before = _finding(document, timepoint, self.level)
        grade = graded_as_fracture(before)
        if self.non_fracture_cause and not before.non_fracture_cause and grade:
            raise Refused("CAUSE_AGAINST_GRADE", level=self.level, timepoint=timepoint.label, grade=grade)
        finding = replace(
            before,
            hardware=self.hardware,
            endplates_hidden=self.endplates_hidden,
            resected=self.resected,
            fracture_line=self.fracture_line,
            intact=self.intact,
            non_fracture_cause=self.non_fracture_cause,
        )
        return _with_finding(document, timepoint, self.level, finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNumbering:
    """Say that the subject has a thirteenth thoracic or a sixth lumbar vertebra; empty: neither."""

    NAME: ClassVar[str] = "set_numbering"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    numbering: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        if self.numbering not in NUMBERINGS:
            raise Refused("NUMBERING_UNKNOWN", value=self.numbering)
        if any(document.lock_of(timepoint) is Lock.LOCKED for timepoint in context.case.timepoints):
            raise Refused("NUMBERING_LOCKED")
        return document if document.numbering == self.numbering else replace(document, numbering=self.numbering)


def _marked(
    timepoint: Timepoint, name: Id, measurement: Measurement, kind: MeasurementKind
) -> tuple[Stack, OnImage | InSpace]:
    """Stack and points of a mark; refused where it does not lie on that stack."""
    stack = timepoint.stacks.get(name)
    geometry = measurement.geometry
    if measurement.kind is not kind or isinstance(geometry, Entered):
        raise Refused("KIND_NOT_OF_SPINE", kind=measurement.kind)
    if stack is None:
        raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image=name)
    if isinstance(geometry, InSpace):
        if geometry.stacks != (stack.id,) or geometry.frame_of_reference_uid != stack.frame_of_reference_uid:
            raise Refused("FRAME_OF_REFERENCE_DIFFERS", stack=stack.series_uid or stack.id)
        if kind is MeasurementKind.HEIGHTS:
            guards.stack_in_space(timepoint, geometry)
    else:
        _on_own_image(timepoint, stack, geometry)
    return stack, geometry


def _on_own_image(timepoint: Timepoint, stack: Stack, geometry: OnImage) -> None:
    image = geometry.image
    if image.stack != stack.id or (image.sop_uid, image.frame) not in stack.images:
        raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image=image.sop_uid)


def _is_there(read: Read, context: Context, timepoint: Timepoint, level: Level) -> None:
    """Refuse a level that has been resected, at this timepoint or before."""
    _, resected = operated(read, context.case, timepoint, level)
    if resected:
        raise Refused("LEVEL_RESECTED", level=level, timepoint=timepoint.label)


def _is_numbered(read: Read, level: Level) -> None:
    if level is not Level.OCCIPUT and level not in levels_in_order(read.numbering):
        raise Refused("LEVEL_NOT_NUMBERED", level=level)


def _in_order(labels: Table[Measurement], level: Level, measurement: Measurement) -> None:
    """Refuse a label that lies above one of a higher level, or below one of a lower: z runs to the head (LPS)."""
    order = list(Level)
    here = measurement.geometry
    for other, placed in labels.items():
        there = placed.geometry
        if other == level or not isinstance(here, InSpace) or not isinstance(there, InSpace):
            continue
        above = here.points_um[0][2] > there.points_um[0][2]
        if above != (order.index(level) < order.index(Level(other))):
            raise Refused("LEVEL_OUT_OF_ORDER", level=level, other=other)


def _finding(read: Read, timepoint: Timepoint, level: Level) -> LevelFinding:
    return visit_of(read, timepoint).levels.get(level, LevelFinding())


def _with_finding(read: Read, timepoint: Timepoint, level: Level, finding: LevelFinding) -> Read:
    visit = visit_of(read, timepoint)
    if visit.levels.get(level, LevelFinding()) == finding:
        return read
    levels = visit.levels.without(level) if finding == LevelFinding() else visit.levels.with_(level, finding)
    return replace(read, visits=read.visits.with_(timepoint.id, replace(visit, levels=levels)))
