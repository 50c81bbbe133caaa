"""What SINS is given and its printed table: Fisher CG et al. Spine 2010;35:E1221-9; categories of Fourney 2011."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.criteria.angle_values import AngleKind
from spinereview.domain.anatomy import Laterality, Level
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.lesion import Tissue
from spinereview.domain.table import Table

CRITERION = "sins"
FORM = "SINS"
RULE = "SINS (Fisher 2010), Table 4"
CATEGORY_RULE = "SINS (Fourney 2011)"
OWN_RULE = "SINS is silent; reading of the program, docs/criteria.md"
STABLE_MAX, POTENTIALLY_MAX = 6, 12
_WHOLE_PCT = 100
REFERRAL_MIN = 7
"""From here on the opinion of a spine surgeon is advised (Fisher 2010; Fourney 2011)."""


class Item(StrEnum):
    """Items that a person answers; the location follows from the level."""

    PAIN = "PAIN"
    BONE_LESION = "BONE_LESION"
    ALIGNMENT = "ALIGNMENT"
    COLLAPSE = "COLLAPSE"
    POSTEROLATERAL = "POSTEROLATERAL"


class Category(StrEnum):
    """Outcome of a level."""

    STABLE = "STABLE"
    POTENTIALLY_UNSTABLE = "POTENTIALLY_UNSTABLE"
    UNSTABLE = "UNSTABLE"
    INDETERMINATE = "INDETERMINATE"
    DESCRIPTIVE = "DESCRIPTIVE"


POINTS: dict[Item, dict[str, int]] = {
    Item.PAIN: {"MECHANICAL": 3, "NOT_MECHANICAL": 1, "PAIN_FREE": 0},
    Item.BONE_LESION: {"LYTIC": 2, "MIXED": 1, "BLASTIC": 0},
    Item.ALIGNMENT: {"SUBLUXATION": 4, "DE_NOVO_DEFORMITY": 2, "NORMAL": 0},
    Item.COLLAPSE: {"OVER_50": 3, "UNDER_50": 2, "INVOLVED_OVER_50": 1, "NONE": 0},
    Item.POSTEROLATERAL: {"BILATERAL": 3, "UNILATERAL": 1, "NONE": 0},
}
"""Points of each answer, as printed."""

_NOTHING_TO_COLLAPSE = frozenset({Level.OCCIPUT, Level.C1})
"""Levels without a vertebral body."""

_AT_THE_HEAD = (Level.OCCIPUT, Level.C1, Level.C2)
_BETWEEN = (Level.C7, Level.T1, Level.T2, Level.T11, Level.T12, Level.T13, Level.L1, Level.L5, Level.L6, Level.S1)
_MOBILE = (Level.C3, Level.C4, Level.C5, Level.C6, Level.L2, Level.L3, Level.L4)
_SEMIRIGID = tuple(Level(f"T{number}") for number in range(3, 11))
_RIGID = (Level.S2, Level.S3, Level.S4, Level.S5, Level.COCCYX)
LOCATION: dict[Level, int] = {
    **dict.fromkeys((*_AT_THE_HEAD, *_BETWEEN), 3),
    **dict.fromkeys(_MOBILE, 2),
    **dict.fromkeys(_SEMIRIGID, 1),
    **dict.fromkeys(_RIGID, 0),
}
"""Points of the location. The paper does not list the coccyx, T13 and L6: these are our reading, and flagged."""
TRANSLATION_RULE = (
    "White and Panjabi 1990, Clinical Biomechanics of the Spine, ch. 5; reading of the program, docs/criteria.md"
)
TRANSLATION_MM: dict[Level, Decimal] = {
    level: limit
    for level in Level
    for letter, limit in (("C", Decimal("3.5")), ("T", Decimal("2.5")), ("L", Decimal("4.5")))
    if level.value.startswith(letter) and level is not Level.COCCYX
}
"""Sagittal translation above which a subluxation is suggested; none is given for the occiput and the sacrum."""


DEFORMITY_DEG = Decimal(10)
"""Increase of a segment's kyphosis from which a deformity is suggested (our reading; the paper names no angle)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bent:
    """How much more kyphotic a segment is than at an earlier timepoint, in tenths of a degree; negative: less."""

    kind: AngleKind
    deg: Decimal
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelItems:
    """What was answered of one level at one visit.

    Parameters
    ----------
    answers
        By item; an item that is not there is missing.
    loss_pct, loss_at_least
        Largest loss of height against the neighbours, exact, where it was measured and is trusted; whether it is only a
        lower limit.
    translation_mm
        How far the vertebra stands in front of a neighbour or behind it, in the sagittal plane; None: not measured.
    bent
        How the segment has bent since an earlier timepoint; None: nothing can be compared.
    sides
        Sides of the facet, pedicle and costovertebral joint in which lesions of this level alone are recorded.
    tissues
        Of the bone lesions at the level.
    treated
        Instrumented or resected: the score is not validated there.
    density_seen
        There are images that show whether bone is lytic or blastic: CT or X-ray, at this timepoint or before.
    """

    level: Level
    answers: Table[str] = field(default_factory=Table)
    loss_pct: Fraction | None = None
    loss_at_least: bool = False
    endplate_fracture: bool = False
    translation_mm: Decimal | None = None
    bent: Bent | None = None
    sides: frozenset[Laterality] = frozenset()
    tissues: tuple[Tissue, ...] = ()
    treated: bool = False
    density_seen: bool = True
    ref: Ref = ()

    def __post_init__(self) -> None:
        for item, value in self.answers.items():
            known = item in set(Item) and value in POINTS[Item(item)]
            require(holds=known, code="SINS_ANSWER", name=item, value=value)
            allowed = allowed_answers(self.level, Item(item))
            require(
                holds=value in allowed,
                code="SINS_ANSWER_NOT_OF_LEVEL",
                level=self.level,
                name=item,
                value=value,
                allowed=", ".join(allowed),
            )
        loss = self.loss_pct
        require(holds=loss is None or 0 <= loss <= _WHOLE_PCT, code="SINS_LOSS", value=loss)
        length = self.translation_mm
        require(holds=length is None or (length.is_finite() and length >= 0), code="SINS_TRANSLATION", value=length)
        one_sided = {Laterality.LEFT, Laterality.RIGHT}
        require(holds=self.sides <= one_sided, code="SINS_SIDES", value=", ".join(sorted(self.sides)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SinsVisit:
    """Levels of one timepoint; ``extents`` are the levels of each lesion that reaches over several in a row."""

    timepoint: Id
    levels: Table[LevelItems] = field(default_factory=Table)
    extents: tuple[tuple[Level, ...], ...] = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, level in self.levels.items():
            require(holds=key == level.level, code="KEY_NOT_ID", name=key)
        for extent in self.extents:
            listed = len(extent) > 1 and all(level in self.levels for level in extent)
            require(holds=listed, code="SINS_EXTENT", value=", ".join(extent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; ``numbering`` is the subject's: empty, ``"T13"``, ``"L6"``."""

    visits: tuple[SinsVisit, ...] = ()
    numbering: str = ""

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        require(holds=self.numbering in {"", "T13", "L6"}, code="NUMBERING_UNKNOWN", value=self.numbering)


def location_points(level: Level, numbering: str = "") -> int:
    """Points of a level, by its function: above the sacrum L6 stands for L5, and L5 then for L4.

    >>> [location_points(Level(name)) for name in ("C2", "C3", "T2", "T3", "T10", "T11", "L1", "L2", "L4", "L5", "S1", "S2")]
    [3, 2, 3, 1, 1, 3, 3, 2, 2, 3, 3, 0]
    """
    if numbering == "L6" and level is Level.L5:
        return LOCATION[Level.L4]
    return LOCATION[level]


def allowed_answers(level: Level, item: Item) -> tuple[str, ...]:
    """Answers that an item can have at a level; one alone is the answer (the occiput and C1 have no body to collapse).

    >>> allowed_answers(Level.C1, Item.COLLAPSE), len(allowed_answers(Level.C2, Item.COLLAPSE))
    (('NONE',), 4)
    """
    if item is Item.COLLAPSE and level in _NOTHING_TO_COLLAPSE:
        return ("NONE",)
    return tuple(POINTS[item])


def category(points: int) -> Category:
    """Category of a total.

    >>> [category(points).value for points in (6, 7, 12, 13)]
    ['STABLE', 'POTENTIALLY_UNSTABLE', 'POTENTIALLY_UNSTABLE', 'UNSTABLE']
    """
    if points <= STABLE_MAX:
        return Category.STABLE
    return Category.POTENTIALLY_UNSTABLE if points <= POTENTIALLY_MAX else Category.UNSTABLE
