"""SINS of several levels: the worst of a patient's, and a lesion that reaches over several in a row.

The paper scores a lesion. It does not say how one that reaches over several vertebrae is scored; by default each level is,
and never are levels added. A protocol may take the worst of each item instead (our reading).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from spinereview.criteria.sins_values import CRITERION, OWN_RULE, Category, SinsVisit, category
from spinereview.domain.anatomy import Level, from_the_head
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.imaging import Ref
from spinereview.domain.table import Table

Ranges = Mapping[str, tuple[int, int]]
"""Fewest and most points by item."""


def joined(visit: SinsVisit, own: Mapping[str, Assessment], ranges: Mapping[str, Ranges]) -> dict[str, Assessment]:
    """Lesions over several levels, by ``"T8-T10"``, and the levels that belong to none of them.

    A treated level takes no part; where less than two are left the levels count by themselves.
    """
    found: dict[str, Assessment] = {}
    inside: set[str] = set()
    for extent in visit.extents:
        scored = [level for level in extent if own[level].outcome != Category.DESCRIPTIVE]
        if len(scored) > 1:
            name = f"{extent[0]}-{extent[-1]}"
            found[name] = _joined(visit, name, scored, own, ranges)
            inside |= set(scored)
    return from_the_head({**found, **{level: answer for level, answer in own.items() if level not in inside}})


def worst(visit: SinsVisit, own: Mapping[str, Assessment]) -> Assessment:
    """Patient's value: the highest level; of ranges the highest low and the highest high.

    Levels with the same points are all named; ``level`` is the one nearest to the head.
    """
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
    points = {level: (_number(answer, "high"), _number(answer, "low")) for level, answer in scored.items()}
    highest = [level for level in scored if points[level] == max(points.values())]
    args = {"level": highest[0], "worst": ", ".join(highest), "levels": ", ".join(scored)}
    reason = Reason(
        code="SINS_WORST" if low == high else "SINS_WORST_RANGE",
        args=Table({**args, "low": str(low), "high": str(high)}),
        rule=OWN_RULE,
        refs=tuple(ref for level in highest for reason in scored[level].because[:1] for ref in reason.refs),
    )
    return _answer(visit, (), low, high, {}, (reason,))


def _joined(
    visit: SinsVisit,
    name: str,
    scored: Sequence[Level],
    own: Mapping[str, Assessment],
    ranges: Mapping[str, Ranges],
) -> Assessment:
    highest = {
        item: tuple(max(ranges[level][item][end] for level in scored) for end in (0, 1)) for item in ranges[scored[0]]
    }
    low, high = (sum(points[end] for points in highest.values()) for end in (0, 1))
    items = {
        f"{item.lower()}_points": Decimal(fewest) if fewest == most else None
        for item, (fewest, most) in highest.items()
    }
    open_items = {item for item, (fewest, most) in highest.items() if fewest != most}
    args = Table({"level": name, "low": str(low), "high": str(high), "levels": ", ".join(scored)})
    refs: list[Ref] = [visit.levels[level].ref for level in scored]
    reason = Reason(
        code="SINS_JOINED" if low == high else "SINS_JOINED_RANGE",
        args=args,
        rule=OWN_RULE,
        refs=tuple(refs),
        because=tuple(own[level].because[0] for level in scored),
    )
    missing = tuple(
        one for level in scored for one in own[level].missing if one.code.removeprefix("SINS_MISSING_") in open_items
    )
    return _answer(visit, (name,), low, high, items, (reason,), missing)


def _answer(
    visit: SinsVisit,
    about: Ref,
    low: int,
    high: int,
    items: Mapping[str, Decimal | None],
    because: tuple[Reason, ...],
    missing: tuple[Reason, ...] = (),
) -> Assessment:
    outcome = category(low) if category(low) is category(high) else Category.INDETERMINATE
    total = {"total": Decimal(low) if low == high else None, "low": Decimal(low), "high": Decimal(high)}
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION, *about),
        outcome=outcome.value,
        values=Table({**total, **items}),
        because=because,
        missing=missing,
    )


def _number(answer: Assessment, key: str) -> int:
    value = answer.values[key]
    return 0 if value is None else int(value)
