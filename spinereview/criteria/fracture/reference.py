"""Which vertebrae a height is compared with: Buckens CF et al. PLoS ONE 2013;8:e71204, and our reading of it.

The mean of the nearest intact vertebra above and below, position by position; one of them where the other side has none;
else the vertebra's own posterior height, which says nothing of a posterior loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.fracture.grade import MILD_PCT, Reference
from spinereview.criteria.fracture.heights import Heights
from spinereview.criteria.fracture.values import Input, SpineVisit, Vertebra
from spinereview.domain.anatomy import Level

FARTHEST = 3
"""At most two levels are passed over on a side; a level that was not measured counts as passed over."""

_BORDERS = (frozenset({Level.C2, Level.C3}), frozenset({Level.L5, Level.S1}), frozenset({Level.L6, Level.S1}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Reference heights and the levels they are of; no level: the vertebra's own posterior height."""

    heights: Reference
    levels: tuple[Level, ...] = ()


def reference(given: Input, visit: SpineVisit, vertebra: Vertebra, stack: str) -> Compared | None:
    """Reference of a vertebra on one stack; None where nothing can be compared with."""
    own = vertebra.measured[stack].heights
    sides = [_nearest(given.order, visit, vertebra.level, stack, step) for step in (-1, 1)]
    found = [(level, heights) for side in sides if side is not None for level, heights in (side,)]
    found = [(level, heights) for level, heights in found if heights.unit is own.unit and all(heights.all)]
    if found:
        means = [
            Fraction(sum(column), len(found)) for column in zip(*(_exact(heights) for _, heights in found), strict=True)
        ]
        return Compared(heights=(means[0], means[1], means[2]), levels=tuple(level for level, _ in found))
    if own.posterior > 0:
        posterior = Fraction(own.posterior)
        return Compared(heights=(posterior, posterior, None))
    return None


def intact(vertebra: Vertebra, heights: Heights) -> bool:
    """Whether a vertebra can serve as reference: no fracture, no deformity, no cement or hardware.

    The reader's word goes before. Without one, a vertebra that is itself at least 20 % lower in front or in the middle than
    at its back counts as deformed (our reading).
    """
    if vertebra.resected or vertebra.endplates_hidden or vertebra.hardware:
        return False
    if vertebra.intact is not None:
        return vertebra.intact
    if vertebra.fracture_line or vertebra.collapse_seen or (vertebra.grade is not None and vertebra.grade > 0):
        return False
    if vertebra.grade is not None:
        return True
    lowest = min(heights.anterior, heights.middle)
    return heights.posterior > 0 and 100 * (1 - Fraction(lowest) / Fraction(heights.posterior)) < MILD_PCT


def _nearest(
    order: Sequence[Level], visit: SpineVisit, level: Level, stack: str, step: int
) -> tuple[Level, Heights] | None:
    if level not in order:
        return None
    at = order.index(level)
    for distance in range(1, FARTHEST + 1):
        place = at + step * distance
        if not 0 <= place < len(order) or {order[place], order[place - step]} in _BORDERS:
            return None
        neighbour = visit.vertebrae.get(order[place])
        measured = None if neighbour is None else neighbour.measured.get(stack)
        if neighbour is not None and measured is not None and intact(neighbour, measured.heights):
            return order[place], measured.heights
    return None


def _exact(heights: Heights) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in heights.all)


def reported(value: Fraction | None, unit: Decimal) -> Decimal | None:
    """Reference height as shown, half-up."""
    if value is None:
        return None
    return int(value / Fraction(unit) + Fraction(1, 2)) * unit
