"""From a read, and what is known of its fractures, to the SINS items of every level."""

from __future__ import annotations

from decimal import Decimal

from spinereview.criteria.sins import FORM, Input, Item, LevelItems, SinsVisit
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.lesion import LesionState, Tissue
from spinereview.domain.read import Read, Visit
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table

_GONE = frozenset({LesionState.ABSENT, LesionState.TREATED_BY_PROTOCOL})
BONE = "BONE"


def evidence(read: Read, case: Case, fractures: Table[Assessment]) -> Input:
    """Levels of every visit that have an answer, or a bone lesion of the spine that is seen there.

    Parameters
    ----------
    fractures
        Assessments of the fracture criterion for the same read: the loss of height at a level suggests its collapse.
    """
    return Input(
        visits=tuple(_visit(read, timepoint, fractures) for timepoint in case.in_order), numbering=read.numbering
    )


def spine_levels(read: Read, timepoint: Timepoint) -> tuple[Level, ...]:
    """Levels that a SINS is asked for at a timepoint: of bone lesions seen there, and those with an answer."""
    asked = {level for level, _ in _lesions(read, timepoint)}
    answered = {
        Level(key)
        for key, finding in read.visits.get(timepoint.id, Visit()).levels.items()
        if finding.scores.get(FORM, Table())
    }
    return tuple(level for level in Level if level in asked | answered)


def _lesions(read: Read, timepoint: Timepoint) -> list[tuple[Level, Tissue | None]]:
    found: list[tuple[Level, Tissue | None]] = []
    for lesion in read.lesions.values():
        finding = lesion.findings.get(timepoint.id)
        if lesion.nodal or lesion.site.organ.upper() != BONE or finding is None or finding.state in _GONE:
            continue
        found.extend((level, lesion.tissue) for level in lesion.site.levels)
    return found


def _visit(read: Read, timepoint: Timepoint, fractures: Table[Assessment]) -> SinsVisit:
    lesions = _lesions(read, timepoint)
    findings = read.visits.get(timepoint.id, Visit()).levels
    levels: dict[str, LevelItems] = {}
    for level in spine_levels(read, timepoint):
        finding = findings.get(level, LevelFinding())
        answers = {
            item.value: str(answer.value)
            for item in Item
            if (answer := finding.scores.get(FORM, Table()).get(item)) is not None and answer.value is not None
        }
        levels[level.value] = LevelItems(
            level=level,
            answers=Table(answers),
            loss_pct=_loss(fractures, timepoint, level),
            endplate_fracture=bool(finding.fracture_line),
            tissues=tuple(tissue for at, tissue in lesions if at is level and tissue is not None),
            treated=bool(finding.hardware) or finding.resected,
            ref=("visits", timepoint.id, "levels", level.value),
        )
    return SinsVisit(timepoint=timepoint.id, levels=Table(levels))


def _loss(fractures: Table[Assessment], timepoint: Timepoint, level: Level) -> Decimal | None:
    """Loss against the neighbours that is trusted: it suggested a grade."""
    found = fractures.get(f"{timepoint.id}/fracture/{level}")
    if found is None or found.values.get("suggested_grade") is None:
        return None
    return found.values.get("max_loss_pct")
