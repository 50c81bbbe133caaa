"""Neurological function: Frankel grade (Paraplegia 1969;7:179), ASIA impairment scale; and the performance status of ECOG.

Both neurological scales run from A, complete, to E, normal, and are never mixed. A fall of the grade is a worsening where it
lasts, or where imaging explains it; by itself it is not yet one (our reading).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.clinical_items import ECOG, FRANKEL
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.settings import Section, Whole, must
from spinereview.domain.table import Table

CRITERION = "neurology"
OWN = "Change of a neurological grade; reading of the program, docs/criteria.md"
ECOG_RULE = "ECOG performance status (Oken 1982)"
SCALES = {"frankel": "Frankel", "ais": "AIS"}
"""Scales by the name of their answer, with the name that is shown."""


class Function(StrEnum):
    """What became of a grade; UNCONFIRMED a fall that nothing confirms yet, TRANSIENT one that did not last."""

    WORSENED = "WORSENED"
    IMPROVED = "IMPROVED"
    STABLE = "STABLE"
    UNCONFIRMED = "UNCONFIRMED"
    TRANSIENT = "TRANSIENT"
    NE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.neurology]``: how many grades are a change.

    >>> Settings.parse({"neuro_drop_grades": 2}).neuro_drop_grades
    2
    """

    neuro_drop_grades: int = field(default=1, metadata=must(Whole(1, 4)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionVisit:
    """What was found at one visit; None: not said.

    Parameters
    ----------
    frankel, ais
        A to E.
    ecog
        0 to 5, as a word.
    imaging_correlate
        Imaging of that visit explains a fall of the grade.
    """

    timepoint: Id
    label: str = ""
    frankel: str | None = None
    ais: str | None = None
    ecog: str | None = None
    imaging_correlate: bool = False
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for name, value, words in (
            ("Frankel", self.frankel, FRANKEL),
            ("AIS", self.ais, FRANKEL),
            ("ECOG", self.ecog, ECOG),
        ):
            known, allowed = value is None or value in words, ", ".join(words)
            require(holds=known, code="FUNCTION_UNKNOWN", visit=self.name, scale=name, value=value, allowed=allowed)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint

    def grade(self, scale: str) -> str | None:
        """Grade of a scale of :data:`SCALES`."""
        return self.frankel if scale == "frankel" else self.ais


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order, the first is the baseline."""

    visits: tuple[FunctionVisit, ...] = ()

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/frankel"`` and ``"FU1/ais"`` of each visit after the baseline, and ``"FU1/ecog"`` of every visit.

    A scale that nobody ever used is not answered. Outcomes are :class:`Function`; of ``ecog`` the grade itself, or NE.
    Values: ``grade_change`` (grades gained, below 0 lost), ``ecog``, ``ecog_change`` (above 0 worse).
    """
    answers: dict[str, Assessment] = {}
    for scale in SCALES:
        if any(visit.grade(scale) is not None for visit in given.visits):
            for at, visit in enumerate(given.visits[1:], start=1):
                answers[f"{visit.timepoint}/{scale}"] = _scale(given.visits, at, scale, settings)
    if any(visit.ecog is not None for visit in given.visits):
        for visit in given.visits:
            answers[f"{visit.timepoint}/ecog"] = _ecog(given.visits[0], visit)
    return Table(answers)


def _change(visits: Sequence[FunctionVisit], at: int, scale: str) -> int | None:
    base, now = visits[0].grade(scale), visits[at].grade(scale)
    return None if base is None or now is None else FRANKEL.index(now) - FRANKEL.index(base)


def _scale(visits: Sequence[FunctionVisit], at: int, scale: str, settings: Settings) -> Assessment:
    visit, change = visits[at], _change(visits, at, scale)
    outcome, by = _function(visits, at, scale, settings)
    args = {
        "scale": SCALES[scale],
        "visit": visit.name,
        "base": str(visits[0].grade(scale)),
        "now": str(visit.grade(scale)),
        "by": by,
        "grades": str(settings.neuro_drop_grades),
    }
    code = f"NEURO_{outcome}"
    if outcome is Function.WORSENED:
        code = "NEURO_WORSENED_LASTS" if by else "NEURO_WORSENED_IMAGING"
    missing = tuple(
        Reason(code="FUNCTION_MISSING", args=Table({"visit": one.name, "scale": SCALES[scale]}), rule=OWN)
        for one in (visits[0], visit)
        if one.grade(scale) is None
    )
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, scale),
        outcome=outcome.value,
        values=Table({"grade_change": None if change is None else Decimal(change)}),
        because=(Reason(code=code, args=Table(args), rule=OWN, refs=_refs(visits[0], visit)),),
        missing=missing,
    )


def _function(visits: Sequence[FunctionVisit], at: int, scale: str, settings: Settings) -> tuple[Function, str]:
    """Outcome, and the visit that confirms a fall or shows that it did not last."""
    limit, change = settings.neuro_drop_grades, _change(visits, at, scale)
    if change is None:
        return Function.NE, ""
    if change >= limit:
        return Function.IMPROVED, ""
    if change > -limit:
        return Function.STABLE, ""
    before = [(visits[other], _change(visits, other, scale)) for other in range(at - 1, 0, -1)]
    after = [(visits[other], _change(visits, other, scale)) for other in range(at + 1, len(visits))]
    beside = [next(((one, by) for one, by in side if by is not None), None) for side in (before, after)]
    for found in beside:
        if found is not None and found[1] <= -limit:
            return Function.WORSENED, found[0].name
    if visits[at].imaging_correlate:
        return Function.WORSENED, ""
    later = beside[1]
    return (Function.UNCONFIRMED, "") if later is None else (Function.TRANSIENT, later[0].name)


def _ecog(baseline: FunctionVisit, visit: FunctionVisit) -> Assessment:
    now, base = visit.ecog, baseline.ecog
    args = Table({"visit": visit.name, "now": str(now), "base": str(base)})
    refs = _refs(visit)
    if now is None:
        missing = Reason(code="FUNCTION_MISSING", args=Table({"visit": visit.name, "scale": "ECOG"}), rule=ECOG_RULE)
        because = Reason(code="ECOG_NE", args=args, rule=ECOG_RULE)
        return Assessment(
            criterion=CRITERION,
            scope=(visit.timepoint, "ecog"),
            outcome="NE",
            values=Table({"ecog": None, "ecog_change": None}),
            because=(because,),
            missing=(missing,),
        )
    first = visit is baseline or base is None
    change = None if visit is baseline or base is None else Decimal(ECOG.index(now) - ECOG.index(base))
    reason = Reason(code="ECOG_GRADE" if first else "ECOG_CHANGE", args=args, rule=ECOG_RULE, refs=refs)
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "ecog"),
        outcome=now,
        values=Table({"ecog": Decimal(ECOG.index(now)), "ecog_change": change}),
        because=(reason,),
    )


def _refs(*visits: FunctionVisit) -> tuple[Ref, ...]:
    return tuple(visit.ref for visit in visits if visit.ref)
