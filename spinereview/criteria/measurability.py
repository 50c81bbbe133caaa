"""Measurability of lesions at baseline, asked by itself: RECIST 1.1 (Eisenhauer 2009), 3.1 and 3.2."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from spinereview.criteria.recist.measurability import LesionFacts, measurable
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.responses import MISSING
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.exact import reported_entered
from spinereview.domain.table import Table

CRITERION = "recist"
RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1"
_NOT_SAID = frozenset({"NOT_MEASURED", "TISSUE_MISSING", "PROGRESSION_MISSING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Facts of lesions by their names."""

    lesions: Table[LesionFacts] = field(default_factory=Table)


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"T01/measurability"``: ``MEASURABLE`` or ``NON_MEASURABLE``, and why.

    ``MISSING`` where a fact decides that is not there. Sizes are compared as they are reported, to ``value_rounding_mm``.
    Values: ``size_mm`` as reported.
    """
    return Table({f"{name}/measurability": _answer(name, facts, settings) for name, facts in given.lesions.items()})


def _answer(name: str, facts: LesionFacts, settings: Settings) -> Assessment:
    size_mm = None if facts.size_mm is None else reported_entered(facts.size_mm, settings.value_rounding_mm)
    holds, code = measurable(replace(facts, size_mm=size_mm), settings)
    reason = Reason(code=code, args=Table({"lesion": name}), rule=RULE)
    unknown = code in _NOT_SAID
    return Assessment(
        criterion=CRITERION,
        scope=(name, "measurability"),
        outcome=MISSING if unknown else "MEASURABLE" if holds else "NON_MEASURABLE",
        values=Table[Decimal | None]({"size_mm": size_mm}),
        because=() if unknown else (reason,),
        missing=(reason,) if unknown else (),
    )
