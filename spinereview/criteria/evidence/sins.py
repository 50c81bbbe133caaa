"""From a read, and what is known of its fractures, to the SINS items of every level."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from spinereview.criteria.evidence.alignment import translation_mm
from spinereview.criteria.evidence.fracture import evidence as fracture_evidence
from spinereview.criteria.evidence.fracture import operated
from spinereview.criteria.evidence.kyphosis import bent_since
from spinereview.criteria.fracture.assess import trusted_loss
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Input as FractureInput
from spinereview.criteria.fracture.values import SpineVisit, levels_in_order
from spinereview.criteria.sins import FORM, Input, Item, LevelItems, SinsVisit
from spinereview.domain.anatomy import Compartment, Laterality, Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionState
from spinereview.domain.read import Read
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table

_GONE = frozenset({LesionState.ABSENT, LesionState.TREATED_BY_PROTOCOL})
BONE = "BONE"
_POSTEROLATERAL = {
    Laterality.LEFT: frozenset({Compartment.FACET_L, Compartment.PEDICLE_L, Compartment.COSTOVERTEBRAL_L}),
    Laterality.RIGHT: frozenset({Compartment.FACET_R, Compartment.PEDICLE_R, Compartment.COSTOVERTEBRAL_R}),
}
"""What the item asks about: facet, pedicle, costovertebral joint (Fisher 2010)."""
_DENSITY = frozenset({"CT", "CR", "DX"})


def evidence(
    read: Read,
    case: Case,
    settings: Settings,
    measured: FractureInput | None = None,
    *,
    compare: frozenset[Id] = frozenset(),
) -> Input:
    """Levels of every visit that have an answer, or a bone lesion of the spine that is seen there.

    Parameters
    ----------
    settings
        Of the fracture criterion: the loss of height at a level suggests its collapse.
    measured
        Heights, where they have been taken from the read before.
    compare
        Timepoints that may be compared with earlier ones: a bent segment is found there alone.
    """
    measured = fracture_evidence(read, case) if measured is None else measured
    return Input(
        visits=tuple(
            _visit(read, case, visit, settings, measured, compare=visit.timepoint in compare)
            for visit in measured.visits
        ),
        numbering=read.numbering,
    )


def spine_levels(read: Read, timepoint: Timepoint) -> tuple[Level, ...]:
    """Levels that a SINS is asked for at a timepoint: of bone lesions seen there, and those with an answer."""
    return _spine_levels(read, timepoint, _seen(read, timepoint))


def _spine_levels(read: Read, timepoint: Timepoint, seen: Sequence[Lesion]) -> tuple[Level, ...]:
    asked = {level for lesion in seen for level in lesion.site.levels}
    answered = {
        Level(key) for key, finding in read.visit_at(timepoint.id).levels.items() if finding.scores.get(FORM, Table())
    }
    levels = asked | answered
    return tuple(level for level in Level if level in levels) if levels else ()


def lesion_levels(read: Read, timepoint: Timepoint) -> frozenset[Level]:
    """Levels of the bone lesions that are seen at a timepoint."""
    return frozenset(level for lesion in _seen(read, timepoint) for level in lesion.site.levels)


def _seen(read: Read, timepoint: Timepoint) -> list[Lesion]:
    """Bone lesions that are seen at a timepoint."""
    return [
        lesion
        for lesion in read.lesions.values()
        if not lesion.nodal
        and lesion.site.organ.upper() == BONE
        and (finding := lesion.findings.get(timepoint.id)) is not None
        and finding.state not in _GONE
    ]


def _visit(
    read: Read, case: Case, spine: SpineVisit, settings: Settings, measured: FractureInput, *, compare: bool
) -> SinsVisit:
    timepoint = case.timepoints[spine.timepoint]
    seen = _seen(read, timepoint)
    findings = read.visit_at(timepoint.id).levels
    levels: dict[str, LevelItems] = {}
    for level in _spine_levels(read, timepoint, seen):
        finding = findings.get(level, LevelFinding())
        answers = {
            item.value: str(answer.value)
            for item in Item
            if (answer := finding.scores.get(FORM, Table()).get(item)) is not None and answer.value is not None
        }
        vertebra = spine.vertebrae.get(level)
        loss = None if vertebra is None else trusted_loss(measured, spine, vertebra, settings)
        levels[level.value] = LevelItems(
            level=level,
            answers=Table(answers),
            loss_pct=None if loss is None else loss.pct,
            loss_at_least=loss is not None and loss.at_least,
            endplate_fracture=bool(finding.fracture_line),
            translation_mm=translation_mm(read, timepoint, level),
            bent=bent_since(read, case, timepoint, level) if compare else None,
            sides=_sides(seen, level),
            tissues=tuple(one.tissue for one in seen if level in one.site.levels and one.tissue is not None),
            treated=any(operated(read, case, timepoint, level)),
            density_seen=_shows_density(case, timepoint),
            ref=("visits", timepoint.id, "levels", level.value),
        )
    return SinsVisit(timepoint=timepoint.id, levels=Table(levels), extents=_extents(seen, read.numbering))


def _sides(seen: Sequence[Lesion], level: Level) -> frozenset[Laterality]:
    """Sides that lesions of this level alone involve: of one over several levels nobody knows which it is."""
    parts = frozenset(part for one in seen if one.site.levels == (level,) for part in one.site.compartments)
    return frozenset(side for side, listed in _POSTEROLATERAL.items() if parts & listed)


def _shows_density(case: Case, timepoint: Timepoint) -> bool:
    """Whether CT or X-ray is there, at this timepoint or before: MR alone does not tell lytic from blastic bone."""
    earlier = [other for other in case.in_order if other.ordinal <= timepoint.ordinal]
    return any(stack.modality in _DENSITY for other in earlier for stack in other.stacks.values())


def _extents(seen: Sequence[Lesion], numbering: str) -> tuple[tuple[Level, ...], ...]:
    """Levels in a row that one bone lesion reaches over, each row once, from the head down."""
    if not seen:
        return ()
    order = levels_in_order(numbering)
    rows: set[tuple[int, ...]] = set()
    for lesion in seen:
        places = sorted({order.index(level) for level in lesion.site.levels if level in order})
        # Neighbours have the same distance from their place in the list.
        runs = groupby(enumerate(places), key=lambda numbered: numbered[1] - numbered[0])
        rows |= {tuple(place for _, place in run) for _, run in runs}
    return tuple(tuple(order[place] for place in row) for row in sorted(rows) if len(row) > 1)
