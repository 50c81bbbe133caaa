"""From a read to the grades of epidural compression: what was graded, on which images, and what the images cover."""

from __future__ import annotations

from spinereview.criteria.escc_values import EsccVisit, Grade, Images, Input, LevelEscc
from spinereview.criteria.evidence.sins import lesion_levels
from spinereview.criteria.fracture.values import levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, LevelFinding
from spinereview.domain.table import Table

FORM = "ESCC"
IMAGES, GRADE, BELOW_CONUS = "IMAGES", "GRADE", "BELOW_CONUS"
"""Items of a level."""
REST, UNREMARKABLE = "REST", "UNREMARKABLE"
"""Item of the visit, and its one answer: every level that is not graded is unremarkable, which is grade 0."""
YES, NO = "YES", "NO"

ANSWERS: dict[str, tuple[str, ...]] = {
    IMAGES: tuple(Images),
    GRADE: tuple(Grade),
    BELOW_CONUS: (YES, NO),
}
"""Answers by item of a level."""


def evidence(read: Read, case: Case) -> Input:
    """Levels of every visit that have an answer.

    A grade counts once it was said on which images it was given: until then the level can have any grade. From the first to
    the last level that is named, labelled or has a bone lesion, a level without a grade can have any, unless the reader
    called the rest unremarkable.
    """
    visits = tuple(_visit(read, case.timepoints[timepoint.id]) for timepoint in case.in_order)
    return Input(visits=visits, numbering=read.numbering)


def graded_levels(read: Read, timepoint: Timepoint) -> tuple[Level, ...]:
    """Levels with an answer at a timepoint, from the head down."""
    findings = read.visit_at(timepoint.id).levels
    return tuple(level for level in Level if given_of(findings.get(level, LevelFinding())))


def given_of(finding: LevelFinding) -> Table[Answer]:
    """Answers of a level."""
    return finding.scores.get(FORM, Table())


def said(answers: Table[Answer], item: str) -> str:
    """Answer to an item; empty where there is none."""
    answer = answers.get(item)
    return "" if answer is None or answer.value is None else str(answer.value)


def rest_unremarkable(read: Read, timepoint: Timepoint) -> bool:
    """Whether the reader said that every level that is not graded is unremarkable."""
    answers = read.visit_at(timepoint.id).patient_scores.get(FORM, Table())
    return said(answers, REST) == UNREMARKABLE


def _visit(read: Read, timepoint: Timepoint) -> EsccVisit:
    order = levels_in_order(read.numbering)
    graded = tuple(level for level in graded_levels(read, timepoint) if level in order)
    rest = rest_unremarkable(read, timepoint)
    labelled = {Level(key) for stack in timepoint.stacks for key in read.level_labels.get(stack, Table())}
    covered = labelled | lesion_levels(read, timepoint) if graded or rest else set()
    return EsccVisit(
        timepoint=timepoint.id,
        levels=Table({level.value: _level(read, timepoint, level) for level in graded}),
        covered=tuple(level for level in order if level in covered),
        rest_unremarkable=rest,
    )


def _level(read: Read, timepoint: Timepoint, level: Level) -> LevelEscc:
    answers = given_of(read.visits[timepoint.id].levels[level])
    images, grade = said(answers, IMAGES), said(answers, GRADE)
    return LevelEscc(
        level=level,
        images=Images(images) if images else Images.T2_AXIAL,
        grade=Grade(grade) if grade and images else None,
        below_conus=said(answers, BELOW_CONUS) == YES,
        ref=("visits", timepoint.id, "levels", level.value, "scores", FORM),
    )
