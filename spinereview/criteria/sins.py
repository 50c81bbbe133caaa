"""Spine Instability Neoplastic Score of each vertebra: Fisher CG et al. Spine 2010;35:E1221-9.

Six items, 0 to 18 points; 0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable (Fourney DR et al. J Clin Oncol
2011;29:3072-7). A missing item is never guessed: the score is then a range. Levels are never added to one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.criteria.fracture.grade import reported_pct
from spinereview.criteria.sins_settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.lesion import Tissue
from spinereview.domain.table import Table

CRITERION = "sins"
FORM = "SINS"
RULE = "SINS (Fisher 2010), Table 4"
CATEGORY_RULE = "SINS (Fourney 2011)"
OWN_RULE = "SINS is silent; reading of the program, docs/criteria.md"
STABLE_MAX, POTENTIALLY_MAX, HIGHEST = 6, 12, 18


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
    tissues
        Of the bone lesions at the level.
    treated
        Instrumented or resected: the score is not validated there.
    """

    level: Level
    answers: Table[str] = field(default_factory=Table)
    loss_pct: Fraction | None = None
    loss_at_least: bool = False
    endplate_fracture: bool = False
    tissues: tuple[Tissue, ...] = ()
    treated: bool = False
    ref: Ref = ()

    def __post_init__(self) -> None:
        for item, value in self.answers.items():
            known = item in set(Item) and value in POINTS[Item(item)]
            require(holds=known, code="SINS_ANSWER", name=item, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinsVisit:
    """Levels of one timepoint."""

    timepoint: Id
    levels: Table[LevelItems] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, level in self.levels.items():
            require(holds=key == level.level, code="KEY_NOT_ID", name=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; ``numbering`` is the subject's: empty, ``"T13"``, ``"L6"``."""

    visits: tuple[SinsVisit, ...] = ()
    numbering: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the program would answer, and why; never taken without the reader."""

    value: str
    reason: Reason


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/sins/T9"`` of each level, and ``"FU1/sins"`` of the worst one.

    The outcome is a :class:`Category`. Values: ``total`` (None where it is a range), ``low``, ``high``, and the points of
    each item, ``location_points``, ``pain_points`` ... (None where it is missing).
    """
    answers: dict[str, Assessment] = {}
    for visit in given.visits:
        own = {level: _level(visit, items, given.numbering, settings) for level, items in visit.levels.items()}
        answers |= {f"{visit.timepoint}/sins/{level}": answer for level, answer in own.items()}
        if own:
            answers[f"{visit.timepoint}/sins"] = _worst(visit, own)
    return Table(answers)


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


def suggestions(items: LevelItems, settings: Settings) -> Mapping[Item, Suggestion]:
    """What the program would answer from what was measured and recorded."""
    found: dict[Item, Suggestion] = {}
    collapse = _collapse_suggested(items, settings)
    if collapse is not None:
        found[Item.COLLAPSE] = collapse
    kinds = {tissue for tissue in items.tissues if tissue is not Tissue.SOFT}
    if kinds:
        # Lytic and blastic parts at one level make it mixed.
        value = next(iter(kinds)).value if len(kinds) == 1 else Tissue.MIXED.value
        args = Table({"level": items.level.value, "value": value})
        found[Item.BONE_LESION] = Suggestion(
            value=value, reason=Reason(code="SINS_SUGGESTS_TISSUE", args=args, rule=RULE, refs=(items.ref,))
        )
    return found


def undecided_collapse(items: LevelItems, settings: Settings) -> bool:
    """Loss of height that is neither none nor a collapse: the reader decides, and until then it is 0 to 2 points."""
    loss = items.loss_pct
    if loss is None or items.loss_at_least:
        return False
    return Fraction(settings.sins_collapse_ask_pct) <= loss < Fraction(settings.sins_collapse_min_pct)


def _collapse_suggested(items: LevelItems, settings: Settings) -> Suggestion | None:
    loss = items.loss_pct
    if loss is None:
        if not items.endplate_fracture:
            return None
        args = Table({"level": items.level.value})
        reason = Reason(code="SINS_SUGGESTS_ENDPLATE", args=args, rule=OWN_RULE, refs=(items.ref,))
        return Suggestion(value="UNDER_50", reason=reason)
    over = loss > 50 or (loss == 50 and settings.sins_collapse_50 == "upper")
    if over:
        value = "OVER_50"
    elif loss >= Fraction(settings.sins_collapse_min_pct) or items.endplate_fracture:
        value = "UNDER_50"
    elif loss < Fraction(settings.sins_collapse_ask_pct) and not items.loss_at_least:
        value = "NONE"
    else:
        return None
    args = Table({"level": items.level.value, "loss": str(reported_pct(loss))})
    return Suggestion(
        value=value, reason=Reason(code="SINS_SUGGESTS_LOSS", args=args, rule=OWN_RULE, refs=(items.ref,))
    )


def _range(items: LevelItems, item: Item, settings: Settings) -> tuple[int, int]:
    """Fewest and most points of an item."""
    answer = _answer(items, item)
    if answer is not None:
        points = POINTS[item][answer]
        return points, points
    points_of = POINTS[item].values()
    if item is Item.COLLAPSE and undecided_collapse(items, settings):
        return 0, POINTS[item]["UNDER_50"]
    return min(points_of), max(points_of)


def _answer(items: LevelItems, item: Item) -> str | None:
    """Answer of the reader, or the only one that the level allows."""
    allowed = allowed_answers(items.level, item)
    return allowed[0] if len(allowed) == 1 else items.answers.get(item)


def _level(visit: SinsVisit, items: LevelItems, numbering: str, settings: Settings) -> Assessment:
    ranges = {item: _range(items, item, settings) for item in Item}
    location = location_points(items.level, numbering)
    low = location + sum(points for points, _ in ranges.values())
    high = location + sum(points for _, points in ranges.values())
    missing = [item for item in Item if _answer(items, item) is None]
    values: dict[str, Decimal | None] = {
        "total": Decimal(low) if not missing else None,
        "low": Decimal(low),
        "high": Decimal(high),
        "location_points": Decimal(location),
    }
    values |= {f"{item.lower()}_points": None if item in missing else Decimal(ranges[item][0]) for item in Item}
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, items.level.value),
        outcome=_outcome(items, low, high).value,
        values=Table(values),
        because=(_total(items, low, high, missing), *_items(items, location)),
        warnings=_warnings(items, settings),
        missing=tuple(_missing(items, item) for item in missing),
    )


def _outcome(items: LevelItems, low: int, high: int) -> Category:
    if items.treated:
        return Category.DESCRIPTIVE
    return category(low) if category(low) is category(high) else Category.INDETERMINATE


def _total(items: LevelItems, low: int, high: int, missing: list[Item]) -> Reason:
    args = {"level": items.level.value, "low": str(low), "high": str(high)}
    if not missing:
        code = "SINS_TOTAL"
    elif category(low) is not category(high):
        code = "SINS_RANGE"
    else:
        code = "SINS_INDEPENDENT_OF_PAIN" if missing == [Item.PAIN] else "SINS_RANGE_ONE_CATEGORY"
    return Reason(code=code, args=Table(args), rule=CATEGORY_RULE, refs=(items.ref,))


def _items(items: LevelItems, location: int) -> tuple[Reason, ...]:
    level = items.level.value
    first = Reason(code="SINS_LOCATION", args=Table({"level": level, "points": str(location)}), rule=RULE)
    return (
        first,
        *(
            Reason(
                code=f"SINS_{item}_{answer}" if item in items.answers else "SINS_NO_BODY",
                args=Table({"level": level, "points": str(POINTS[item][answer])}),
                rule=RULE,
                refs=((*items.ref, "scores", FORM, item.value),),
            )
            for item in Item
            if (answer := _answer(items, item)) is not None
        ),
    )


def _missing(items: LevelItems, item: Item) -> Reason:
    args = Table({"level": items.level.value})
    return Reason(code=f"SINS_MISSING_{item}", args=args, rule=RULE, refs=((*items.ref, "scores", FORM, item.value),))


def _warnings(items: LevelItems, settings: Settings) -> tuple[Reason, ...]:
    args = {"level": items.level.value}
    listed: list[Reason] = []
    if items.treated:
        listed.append(Reason(code="SINS_POST_TREATMENT", args=Table(args), rule=OWN_RULE, refs=(items.ref,)))
    if items.level in {Level.COCCYX, Level.T13, Level.L6}:
        listed.append(Reason(code="SINS_LEVEL_NOT_LISTED", args=Table(args), rule=OWN_RULE))
    for item, suggestion in suggestions(items, settings).items():
        answer = items.answers.get(item)
        if answer is not None and answer != suggestion.value and not _agrees(item, answer, suggestion.value):
            listed.append(
                Reason(
                    code=f"SINS_DIFFERS_{item}",
                    args=Table(args),
                    rule=OWN_RULE,
                    refs=(items.ref,),
                    because=(suggestion.reason,),
                )
            )
    if undecided_collapse(items, settings) and Item.COLLAPSE not in items.answers:
        with_loss = Table({**args, "loss": "" if items.loss_pct is None else str(reported_pct(items.loss_pct))})
        listed.append(Reason(code="SINS_COLLAPSE_UNDECIDED", args=with_loss, rule=OWN_RULE, refs=(items.ref,)))
    return tuple(listed)


def _agrees(item: Item, answer: str, suggested: str) -> bool:
    """More than half of the body involved is said of a vertebra that has not collapsed."""
    return item is Item.COLLAPSE and suggested == "NONE" and answer == "INVOLVED_OVER_50"


def _worst(visit: SinsVisit, own: Mapping[str, Assessment]) -> Assessment:
    """Patient's value: the highest level; of ranges the highest low and the highest high."""
    scored = {level: answer for level, answer in own.items() if answer.outcome != Category.DESCRIPTIVE}
    if not scored:
        reason = Reason(code="SINS_ONLY_TREATED", args=Table({"levels": ", ".join(own)}), rule=OWN_RULE)
        return Assessment(
            criterion=CRITERION,
            scope=(visit.timepoint, CRITERION),
            outcome=Category.DESCRIPTIVE.value,
            because=(reason,),
        )
    low, high = (max(_number(answer, key) for answer in scored.values()) for key in ("low", "high"))
    worst = max(scored, key=lambda level: (_number(scored[level], "high"), _number(scored[level], "low")))
    outcome = category(low) if category(low) is category(high) else Category.INDETERMINATE
    args = Table({"level": worst, "low": str(low), "high": str(high), "levels": ", ".join(scored)})
    reason = Reason(
        code="SINS_WORST" if low == high else "SINS_WORST_RANGE",
        args=args,
        rule=OWN_RULE,
        refs=tuple(ref for reason in scored[worst].because[:1] for ref in reason.refs),
    )
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION),
        outcome=outcome.value,
        values=Table({"total": Decimal(low) if low == high else None, "low": Decimal(low), "high": Decimal(high)}),
        because=(reason,),
    )


def _number(answer: Assessment, key: str) -> int:
    value = answer.values[key]
    return 0 if value is None else int(value)
