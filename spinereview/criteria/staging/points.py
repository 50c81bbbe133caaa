"""A sum of the points of items: a range where items are missing, with a word only where both ends share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.staging.values import CRITERION
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table

INDETERMINATE = "INDETERMINATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Points of an item, None where it is missing; fewest and most that it can have."""

    name: str
    points: int | None
    possible: tuple[int, int]

    @property
    def between(self) -> tuple[int, int]:
        """Fewest and most points as far as they are known."""
        return self.possible if self.points is None else (self.points, self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score: its items and the word of a total."""

    name: str
    rule: str
    items: tuple[Item, ...]
    ref: Ref
    word: Callable[[int], str]


def scored(score: Scored, timepoint: Id) -> Assessment:
    """Assessment of a score; nothing that is missing counts as 0."""
    low, high = (sum(item.between[end] for item in score.items) for end in (0, 1))
    missing = [item for item in score.items if item.points is None]
    upper = score.name.upper()
    shared = score.word(low) == score.word(high)
    args = {"low": str(low), "high": str(high)}
    code = f"{upper}_TOTAL" if not missing else f"{upper}_RANGE"
    because = [Reason(code=code, args=Table(args), rule=score.rule, refs=(score.ref,))]
    if shared:
        because.append(Reason(code=f"{upper}_{score.word(low)}", rule=score.rule, refs=(score.ref,)))
    because += [
        Reason(code=f"{upper}_ITEM_{item.name.upper()}", args=Table({"points": str(item.points)}), rule=score.rule)
        for item in score.items
        if item.points is not None
    ]
    points = {f"{item.name}_points": None if item.points is None else Decimal(item.points) for item in score.items}
    total = {"total": None if missing else Decimal(low), "low": Decimal(low), "high": Decimal(high)}
    return Assessment(
        criterion=CRITERION,
        scope=(timepoint, score.name),
        outcome=score.word(low) if shared else INDETERMINATE,
        values=Table({**total, **points}),
        because=tuple(because),
        missing=tuple(
            Reason(code=f"{upper}_MISSING_{item.name.upper()}", rule=score.rule, refs=(score.ref,)) for item in missing
        ),
    )
