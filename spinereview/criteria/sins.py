"""Spine Instability Neoplastic Score of each vertebra: Fisher CG et al. Spine 2010;35:E1221-9.

Six items, 0 to 18 points; 0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable (Fourney DR et al. J Clin Oncol
2011;29:3072-7). A missing item is never guessed: the score is then a range. Levels are never added to one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from spinereview.criteria.fracture.grade import reported_pct
from spinereview.criteria.sins_levels import joined, worst
from spinereview.criteria.sins_settings import Settings
from spinereview.criteria.sins_values import (
    CATEGORY_RULE,
    CRITERION,
    DEFORMITY_DEG,
    FORM,
    OWN_RULE,
    POINTS,
    REFERRAL_MIN,
    RULE,
    TRANSLATION_MM,
    TRANSLATION_RULE,
    Category,
    Input,
    Item,
    LevelItems,
    SinsVisit,
    allowed_answers,
    category,
    location_points,
)
from spinereview.domain.anatomy import Level, from_the_head
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.lesion import Tissue
from spinereview.domain.table import Table

__all__ = [
    "FORM",
    "POINTS",
    "Category",
    "Input",
    "Item",
    "LevelItems",
    "SinsVisit",
    "Suggestion",
    "allowed_answers",
    "assess",
    "category",
    "location_points",
    "suggestions",
    "undecided_collapse",
]
_HUNDREDTH_MM = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the program would answer, and why; never taken without the reader."""

    value: str
    reason: Reason


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/sins/T9"`` of each level, and ``"FU1/sins"`` of the worst one.

    Where the protocol scores a lesion over several levels by the worst of each item, ``"FU1/sins/T8-T10"`` as well; the
    levels of such a lesion then count through it.

    The outcome is a :class:`Category`. Values: ``total`` (None where it is a range), ``low``, ``high``, and the points of
    each item, ``location_points``, ``pain_points`` ... (None where it is missing), ``imaging_subtotal`` without the pain.
    """
    answers: dict[str, Assessment] = {}
    for visit in given.visits:
        levels = from_the_head(visit.levels)
        own = {level: _level(visit, items, given.numbering, settings) for level, items in levels.items()}
        answers |= {f"{visit.timepoint}/sins/{level}": answer for level, answer in own.items()}
        if settings.sins_multilevel == "component_max":
            ranges = {level: _ranges(items, given.numbering, settings) for level, items in levels.items()}
            own = joined(visit, own, ranges)
            answers |= {f"{visit.timepoint}/sins/{name}": answer for name, answer in own.items()}
        if own:
            answers[f"{visit.timepoint}/sins"] = worst(visit, own)
    return Table(answers)


def suggestions(items: LevelItems, settings: Settings) -> Mapping[Item, Suggestion]:
    """What the program would answer from what was measured and recorded."""
    found: dict[Item, Suggestion] = {}
    collapse = _collapse_suggested(items, settings)
    if collapse is not None:
        found[Item.COLLAPSE] = collapse
    slipped = _translation_suggested(items)
    bent = _deformity_suggested(items)
    aligned = slipped or bent
    if aligned is not None:
        found[Item.ALIGNMENT] = aligned
    behind = _posterolateral_suggested(items)
    if behind is not None:
        found[Item.POSTEROLATERAL] = behind
    kinds = {tissue for tissue in items.tissues if tissue is not Tissue.SOFT}
    if kinds:
        # Lytic and blastic parts at one level make it mixed.
        value = next(iter(kinds)).value if len(kinds) == 1 else Tissue.MIXED.value
        args = Table({"level": items.level.value, "value": value})
        found[Item.BONE_LESION] = Suggestion(
            value=value, reason=Reason(code="SINS_SUGGESTS_TISSUE", args=args, rule=RULE, refs=(items.ref,))
        )
    return found


def _translation_suggested(items: LevelItems) -> Suggestion | None:
    """A translation beyond what is normal in that part of the spine; that there is less suggests nothing."""
    limit = TRANSLATION_MM.get(items.level)
    length = items.translation_mm
    if limit is None or length is None or length <= limit:
        return None
    args = Table(
        {"level": items.level.value, "mm": str(length.quantize(_HUNDREDTH_MM, ROUND_HALF_UP)), "limit": str(limit)}
    )
    reason = Reason(code="SINS_SUGGESTS_TRANSLATION", args=args, rule=TRANSLATION_RULE, refs=(items.ref,))
    return Suggestion(value="SUBLUXATION", reason=reason)


def _deformity_suggested(items: LevelItems) -> Suggestion | None:
    """A segment that has become more kyphotic since an earlier timepoint; that it has not suggests nothing."""
    bent = items.bent
    if bent is None or bent.deg < DEFORMITY_DEG:
        return None
    args = {"level": items.level.value, "kind": bent.kind.value, "deg": str(bent.deg), "since": bent.since}
    args["limit"] = str(DEFORMITY_DEG)
    reason = Reason(code="SINS_SUGGESTS_DEFORMITY", args=Table(args), rule=OWN_RULE, refs=(items.ref,))
    return Suggestion(value="DE_NOVO_DEFORMITY", reason=reason)


def _posterolateral_suggested(items: LevelItems) -> Suggestion | None:
    """Sides that were recorded are at least involved; that none was recorded suggests nothing."""
    if not items.sides:
        return None
    both = len(items.sides) > 1
    code = "SINS_SUGGESTS_SIDES" if both else f"SINS_SUGGESTS_{next(iter(items.sides))}"
    reason = Reason(code=code, args=Table({"level": items.level.value}), rule=RULE, refs=(items.ref,))
    return Suggestion(value="BILATERAL" if both else "UNILATERAL", reason=reason)


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


def _ranges(items: LevelItems, numbering: str, settings: Settings) -> dict[str, tuple[int, int]]:
    """Fewest and most points of the location and of each item."""
    location = location_points(items.level, numbering)
    return {"LOCATION": (location, location), **{item.value: _range(items, item, settings) for item in Item}}


def _answer(items: LevelItems, item: Item) -> str | None:
    """Answer of the reader, or the only one that the level allows."""
    allowed = allowed_answers(items.level, item)
    return allowed[0] if len(allowed) == 1 else items.answers.get(item)


def _level(visit: SinsVisit, items: LevelItems, numbering: str, settings: Settings) -> Assessment:
    ranges = _ranges(items, numbering, settings)
    location, _ = ranges["LOCATION"]
    low = sum(points for points, _ in ranges.values())
    high = sum(points for _, points in ranges.values())
    missing = [item for item in Item if _answer(items, item) is None]
    values: dict[str, Decimal | None] = {
        "total": Decimal(low) if not missing else None,
        "low": Decimal(low),
        "high": Decimal(high),
        "location_points": Decimal(location),
    }
    values |= {f"{item.lower()}_points": None if item in missing else Decimal(ranges[item][0]) for item in Item}
    seen = set(missing) <= {Item.PAIN}
    values["imaging_subtotal"] = Decimal(low - ranges[Item.PAIN][0]) if seen else None
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, items.level.value),
        outcome=_outcome(items, low, high).value,
        values=Table(values),
        because=(_total(items, low, high, missing), *_referral(items, low, high), *_items(items, location)),
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


def _referral(items: LevelItems, low: int, high: int) -> tuple[Reason, ...]:
    """Whether the opinion of a spine surgeon is advised; not said of a treated level."""
    if items.treated:
        return ()
    code = "SINS_REFER" if low >= REFERRAL_MIN else "SINS_NO_REFER" if high < REFERRAL_MIN else "SINS_REFER_OPEN"
    args = Table({"level": items.level.value, "limit": str(REFERRAL_MIN)})
    return (Reason(code=code, args=args, rule=CATEGORY_RULE, refs=(items.ref,)),)


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
    if not items.density_seen and Item.BONE_LESION in items.answers:
        listed.append(Reason(code="SINS_DENSITY_NOT_SEEN", args=Table(args), rule=OWN_RULE, refs=(items.ref,)))
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
    """More than half of the body involved is said of a vertebra that has not collapsed; more than was recorded holds."""
    at_least = {(Item.POSTEROLATERAL, "UNILATERAL", "BILATERAL"), (Item.ALIGNMENT, "DE_NOVO_DEFORMITY", "SUBLUXATION")}
    return (item, suggested, answer) in {*at_least, (Item.COLLAPSE, "NONE", "INVOLVED_OVER_50")}
