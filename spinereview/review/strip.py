"""The spine of one timepoint, a row a level: what is known there, from the visible read and its visible assessments.

Drawers, the window's and the report's, take these rows; nothing here knows a colour or a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.escc_values import GRADES, Grade
from spinereview.criteria.fracture.values import levels_in_order
from spinereview.criteria.sins import Item
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, LesionState
from spinereview.domain.table import Table
from spinereview.review.labels import label
from spinereview.review.visibility import Visible

_GONE = frozenset({LesionState.ABSENT, LesionState.NODE_NORMAL, LesionState.TREATED_BY_PROTOCOL})


@dataclass(frozen=True, slots=True, kw_only=True)
class SinsMark:
    """Score of a level: points, fewest and most where an item is missing, and the category's code.

    ``answered``: at least one item has been; else the range says nothing of this vertebra but its place.
    """

    low: int
    high: int
    category: str
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FractureMark:
    """Fracture of a level.

    Parameters
    ----------
    grade
        Genant's grade: the reader's, else the one that the heights suggest; None: neither.
    confirmed
        The grade is the reader's.
    flag
        Code of what is said of the vertebra: ``NO``, ``PRESENT``, ``NEW`` ...
    """

    grade: Decimal | None
    confirmed: bool
    flag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EsccMark:
    """Epidural compression of a level: the lowest and the highest grade that it can have."""

    low: Grade
    high: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionMark:
    """A lesion of a level; ``said``: its state at this timepoint has been given."""

    lesion: Id
    label: str
    role: LesionRole
    said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """What is known of a level at a timepoint; ``labelled``: it has a label on images of that timepoint."""

    level: Level
    labelled: bool = False
    sins: SinsMark | None = None
    escc: EsccMark | None = None
    fracture: FractureMark | None = None
    lesions: tuple[LesionMark, ...] = ()

    @property
    def carries(self) -> bool:
        """Whether there is anything to be seen in the row."""
        marks = (self.sins, self.escc, self.fracture)
        return self.labelled or any(mark is not None for mark in marks) or bool(self.lesions)


def spine_rows(visible: Visible, timepoint: Id | None, assessments: Table[Assessment]) -> tuple[LevelRow, ...]:
    """Rows from the occiput to the coccyx in the subject's numbering; without a timepoint none carries anything.

    Parameters
    ----------
    assessments
        Those that may be seen: a comparison with another timepoint is left away, or made without it, by its absence.
    """
    levels = (Level.OCCIPUT, *levels_in_order(visible.read.numbering))
    visit = None if timepoint is None else visible.case.timepoints.get(timepoint)
    if visit is None:
        return tuple(LevelRow(level=level) for level in levels)
    labelled = {level for stack in visit.stacks for level in visible.read.level_labels.get(stack, Table())}
    lesions = _lesions(visible, visit)
    return tuple(
        LevelRow(
            level=level,
            labelled=level in labelled,
            sins=_sins(assessments.get(f"{visit.id}/sins/{level}")),
            escc=_escc(assessments.get(f"{visit.id}/escc/{level}")),
            fracture=_fracture(assessments.get(f"{visit.id}/fracture/{level}")),
            lesions=lesions.get(level, ()),
        )
        for level in levels
    )


def _sins(answer: Assessment | None) -> SinsMark | None:
    if answer is None:
        return None
    low, high = answer.values["low"], answer.values["high"]
    if low is None or high is None:
        return None
    answered = len(answer.missing) < len(Item)
    return SinsMark(low=int(low), high=int(high), category=answer.outcome, answered=answered)


def _escc(answer: Assessment | None) -> EsccMark | None:
    low, high = (None, None) if answer is None else (answer.values.get("low_code"), answer.values.get("high_code"))
    return None if low is None or high is None else EsccMark(low=GRADES[int(low)], high=GRADES[int(high)])


def _fracture(answer: Assessment | None) -> FractureMark | None:
    if answer is None or any(reason.code == "HEIGHTS_MISSING" for reason in answer.missing):
        # Neither measured nor graded: nothing was said of a fracture.
        return None
    own, suggested = answer.values.get("grade"), answer.values.get("suggested_grade")
    return FractureMark(grade=suggested if own is None else own, confirmed=own is not None, flag=answer.outcome)


def _lesions(visible: Visible, visit: Timepoint) -> dict[Level, tuple[LesionMark, ...]]:
    found: dict[Level, tuple[LesionMark, ...]] = {}
    order = list(LesionRole)
    for lesion in sorted(visible.read.lesions.values(), key=lambda one: (order.index(one.role), one.id)):
        if not _lies_there(lesion, visible.case, visit):
            continue
        mark = LesionMark(lesion=lesion.id, label=label(lesion), role=lesion.role, said=visit.id in lesion.findings)
        for level in lesion.site.levels:
            found[level] = (*found.get(level, ()), mark)
    return found


def _lies_there(lesion: Lesion, case: Case, visit: Timepoint) -> bool:
    """Whether a lesion is to be looked for at a visit: it was recorded by then, and is not known to be gone there."""
    finding = lesion.findings.get(visit.id)
    if finding is not None:
        return finding.state not in _GONE
    first = case.timepoints.get(lesion.first_seen)
    return first is not None and first.ordinal <= visit.ordinal
