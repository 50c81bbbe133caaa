"""Measurability of lesions at baseline, asked by itself: RECIST 1.1 (Eisenhauer 2009), 3.1 and 3.2."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from spinereview.criteria.recist.measurability import SKIN, LesionFacts, measurable
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.responses import MISSING
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require, require_positive
from spinereview.domain.exact import reported_entered
from spinereview.domain.table import Table

CRITERION = "recist"
RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1"
METHODS = ("CT", "MR", "CR", "DX", "MG", "NM", "PT", "RF", "US", "XA", SKIN)
"""DICOM Modality (PS3.3 C.7.3.1.1.1) of what tumours are seen on, and the skin."""
_NOT_SAID = frozenset({"NOT_MEASURED", "TISSUE_MISSING", "PROGRESSION_MISSING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Facts of lesions by their names."""

    lesions: Table[LesionFacts] = field(default_factory=Table)

    def __post_init__(self) -> None:
        for name, facts in self.lesions.items():
            size = facts.size_mm
            require(holds=size is None or (size.is_finite() and size >= 0), code="VALUE_NEGATIVE", value=size)
            for slice_mm in (facts.slice_thickness_mm, facts.slice_interval_mm):
                require_positive(f"{name}: slice", slice_mm)
            require(holds=bool(facts.organ.strip()), code="ORGAN_MISSING", lesion=name)
            # A misspelt modality would make the lesion non-measurable without a word.
            known = facts.modality in METHODS or (not facts.modality and facts.size_mm is None)
            allowed = ", ".join(METHODS)
            require(holds=known, code="METHOD_UNKNOWN", lesion=name, value=facts.modality, allowed=allowed)


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"T01/measurability"``: ``MEASURABLE`` or ``NON_MEASURABLE``, and why.

    ``MISSING`` where a fact decides that is not there. Sizes are compared as they are reported, to ``value_rounding_mm``.
    Values: ``size_mm`` as reported.
    """
    return Table({f"{name}/measurability": _answer(name, facts, settings) for name, facts in given.lesions.items()})


def _answer(name: str, facts: LesionFacts, settings: Settings) -> Assessment:
    size_mm = None if facts.size_mm is None else reported_entered(facts.size_mm, settings.value_rounding_mm)
    holds, code = measurable(replace(facts, size_mm=size_mm, organ=facts.organ.strip().upper()), settings)
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
