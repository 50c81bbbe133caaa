"""Tokuhashi's revised prognostic score: Tokuhashi Y et al. Spine 2005;30:2186. To be confirmed by a clinician.

Six items, 0 to 15 points. The points of the primary site are entered. A missing item leaves a range.
"""

from __future__ import annotations

from spinereview.criteria.staging.points import Item, Scored, scored
from spinereview.criteria.staging.values import TOKUHASHI_RULE, StagingVisit, Tokuhashi
from spinereview.domain.assessment import Assessment

VISCERA = {"UNREMOVABLE": 0, "REMOVABLE": 1, "NONE": 2}
PALSY = {"A": 0, "B": 0, "C": 1, "D": 1, "E": 2}
_TWO = (0, 2)
_PROGNOSES = ((8, "UNDER_6_MONTHS"), (11, "FROM_6_MONTHS"), (15, "FROM_12_MONTHS"))


def kps_points(kps: int) -> int:
    """Points of the performance status, rounded down to tens (our reading): 10 to 40, 50 to 70, 80 to 100.

    >>> [kps_points(kps) for kps in (40, 49, 50, 75, 79, 80)]
    [0, 0, 1, 1, 1, 2]
    """
    tens = kps // 10
    return 0 if tens <= 4 else 1 if tens <= 7 else 2


def bone_points(count: int) -> int:
    """Points of extraspinal bone metastases: three or more, one or two, none.

    >>> [bone_points(count) for count in (0, 1, 2, 3)]
    [2, 1, 1, 0]
    """
    return 2 if count == 0 else 1 if count <= 2 else 0


def vertebra_points(count: int) -> int:
    """Points of vertebral metastases: three or more, two, one.

    >>> [vertebra_points(count) for count in (1, 2, 3)]
    [2, 1, 0]
    """
    return max(3 - count, 0)


def prognosis(points: int) -> str:
    """Expected survival of a total of 0 to 15 points.

    >>> [prognosis(points) for points in (8, 9, 11, 12)]
    ['UNDER_6_MONTHS', 'FROM_6_MONTHS', 'FROM_6_MONTHS', 'FROM_12_MONTHS']
    """
    return next(word for most, word in _PROGNOSES if points <= most)


def assess_tokuhashi(visit: StagingVisit) -> dict[str, Assessment]:
    """Assessment ``"BL/tokuhashi"``: the prognosis; values ``total``, ``low``, ``high`` and the points of each item."""
    given = visit.tokuhashi
    if given is None:
        return {}
    score = Scored(name="tokuhashi", rule=TOKUHASHI_RULE, items=_items(given), ref=given.ref, word=prognosis)
    return {f"{visit.timepoint}/tokuhashi": scored(score, visit.timepoint)}


def _items(given: Tokuhashi) -> tuple[Item, ...]:
    kps, bone, vertebrae = given.kps, given.extraspinal_bone, given.vertebrae
    return (
        Item(name="kps", points=None if kps is None else kps_points(kps), possible=_TWO),
        Item(name="extraspinal_bone", points=None if bone is None else bone_points(bone), possible=_TWO),
        Item(name="vertebrae", points=None if vertebrae is None else vertebra_points(vertebrae), possible=_TWO),
        Item(name="viscera", points=None if given.viscera is None else VISCERA[given.viscera], possible=_TWO),
        Item(name="primary", points=given.primary_points, possible=(0, 5)),
        Item(name="palsy", points=None if given.palsy is None else PALSY[given.palsy], possible=_TWO),
    )
