"""What a reader should look at twice: changes of one lesion that are more often a slip than a fact.

Quality flags of ours, no rule of RECIST: they change no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext

from spinereview.criteria.recist.percent import mm_text, number_text
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import EXACT, Row, value_mm
from spinereview.criteria.recist.values import TargetValue
from spinereview.domain.assessment import Reason
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

RULE = "Quality check of the program, no rule of RECIST"
_COMPARED = frozenset({LesionState.MEASURED, LesionState.SPLIT, LesionState.TOO_SMALL, LesionState.ABSENT})


def check_flags(rows: Sequence[Row], at: int, settings: Settings) -> tuple[Reason, ...]:
    """Flags of one visit, each lesion against the last earlier visit at which it had a value of its own."""
    flags: list[Reason] = []
    earlier = rows[at - 1 :: -1] if at else ()
    with localcontext(EXACT):
        for lesion, now in rows[at].items():
            if now.state not in _COMPARED:
                continue
            before = next((row[lesion] for row in earlier if row[lesion].state in _COMPARED), None)
            if before is not None:
                flags.extend(_flags_of(before, now, settings))
    return tuple(flags)


def _flags_of(before: TargetValue, now: TargetValue, settings: Settings) -> list[Reason]:
    old, new = value_mm(before, settings), value_mm(now, settings)
    if old == new:
        return []
    found: dict[str, dict[str, str]] = {}
    change = abs(new - old)
    if old > 0 and 100 * change > settings.check_change_pct * old:
        found["CHECK_CHANGE_PCT"] = {"limit": number_text(settings.check_change_pct)}
    if change > settings.check_change_mm:
        found["CHECK_CHANGE_MM"] = {"limit": number_text(settings.check_change_mm)}
    if now.state is LesionState.TOO_SMALL and before.state is LesionState.MEASURED:
        found["CHECK_TOO_SMALL_AFTER_LARGER" if old > new else "CHECK_RISE_BY_DEFAULT"] = {}
    if not found:
        return []
    sizes = {"lesion": now.name, "before": mm_text(old), "now": mm_text(new)}
    refs = (now.ref,)
    return [Reason(code=code, args=Table(sizes | limit), rule=RULE, refs=refs) for code, limit in found.items()]
