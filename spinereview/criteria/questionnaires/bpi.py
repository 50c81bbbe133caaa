"""Brief Pain Inventory, short form: Cleeland CS. The Brief Pain Inventory User Guide, 2009.

Severity is the mean of four items, all of which are needed; interference the mean of seven, of which more than half.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.questionnaires.values import CRITERION, FormVisit, Scored, mean_of
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.clinical_items import BPI_INTERFERENCE, BPI_SEVERITY
from spinereview.domain.exact import reported_tenths
from spinereview.domain.table import Table

FORM = "bpi"
RULE = "Brief Pain Inventory User Guide (Cleeland 2009)"
ITEMS = (*BPI_SEVERITY, *BPI_INTERFERENCE)
SEVERITY_NEEDED, INTERFERENCE_NEEDED = 4, 4
IMPORTANT_POINTS, IMPORTANT_PCT = 2, 30
"""Change of the worst pain that matters to a patient."""


def scores(answers: Mapping[str, Decimal]) -> dict[str, Fraction | None]:
    """Severity and interference, exact; None where too few items were answered."""
    return {
        "severity": mean_of(answers, BPI_SEVERITY, SEVERITY_NEEDED),
        "interference": mean_of(answers, BPI_INTERFERENCE, INTERFERENCE_NEEDED),
    }


def answer(visit: FormVisit, baseline: FormVisit) -> Assessment:
    """Assessment ``"FU1/bpi"``. Values: ``severity``, ``interference`` in tenths, ``worst``, ``worst_change``."""
    found = scores(visit.answers)
    worst = visit.answers.get("BPI_WORST")
    before = None if visit is baseline else baseline.answers.get("BPI_WORST")
    change = None if worst is None or before is None else worst - before
    values: dict[str, Decimal | None] = {
        name: None if score is None else reported_tenths(score) for name, score in found.items()
    }
    scored = sum(score is not None for score in found.values())
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, FORM),
        outcome=(Scored.NE, Scored.PARTLY, Scored.SCORED)[scored].value,
        values=Table({**values, "worst": worst, "worst_change": change}),
        because=(_told(visit, found), *_worst(visit, worst, before)),
        missing=_missing(visit, found),
    )


def _told(visit: FormVisit, found: Mapping[str, Fraction | None]) -> Reason:
    shown = {name: "–" if score is None else str(reported_tenths(score)) for name, score in found.items()}
    counts = {
        "severity_items": str(visit.answered(BPI_SEVERITY)),
        "interference_items": str(visit.answered(BPI_INTERFERENCE)),
    }
    return Reason(code="BPI_SCORES", args=Table({**shown, **counts}), rule=RULE, refs=(visit.ref,) if visit.ref else ())


def _worst(visit: FormVisit, worst: Decimal | None, before: Decimal | None) -> tuple[Reason, ...]:
    if worst is None or before is None:
        return ()
    by = abs(worst - before)
    points = by >= IMPORTANT_POINTS
    per_cent = before > 0 and by * 100 >= before * IMPORTANT_PCT
    code = {
        (True, True): "BPI_IMPORTANT_BOTH",
        (True, False): "BPI_IMPORTANT_POINTS",
        (False, True): "BPI_IMPORTANT_PCT",
        (False, False): "BPI_IMPORTANT_NEITHER",
    }[points, per_cent]
    args = Table({"visit": visit.name, "now": str(worst), "base": str(before)})
    return (Reason(code=code, args=args, rule=RULE, refs=(visit.ref,) if visit.ref else ()),)


def _missing(visit: FormVisit, found: Mapping[str, Fraction | None]) -> tuple[Reason, ...]:
    codes = {"severity": "BPI_SEVERITY_MISSING", "interference": "BPI_INTERFERENCE_MISSING"}
    return tuple(
        Reason(code=codes[name], args=Table({"visit": visit.name}), rule=RULE)
        for name, score in found.items()
        if score is None
    )
