"""EORTC QLQ-C30 version 3: Fayers PM et al. The EORTC QLQ-C30 Scoring Manual, 3rd edition, 2001.

Raw score: the mean of the answered items of a scale, if at least half of them were answered. A function score is
(1 - (raw - 1) / range) x 100, a symptom score and the global one ((raw - 1) / range) x 100. Summary score: Giesinger JM et
al. J Clin Epidemiol 2016;69:79-88.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.questionnaires.values import CRITERION, FormVisit, Scored, mean_of
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.clinical_items import QLQ
from spinereview.domain.exact import reported_tenths
from spinereview.domain.table import Table

FORM = "qlq_c30"
RULE = "EORTC QLQ-C30 Scoring Manual, 3rd edition (Fayers 2001)"
SUMMARY_RULE = "QLQ-C30 summary score (Giesinger 2016)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Items of a scale by number, the range of their answers (largest minus smallest), and whether more is better."""

    items: tuple[int, ...]
    range: int = 3
    function: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Items as the record names them."""
        return tuple(f"QLQ_{item}" for item in self.items)

    @property
    def needed(self) -> int:
        """Half of the items, rounded up."""
        return (len(self.items) + 1) // 2


SCALES: dict[str, Scale] = {
    "QL": Scale(items=(29, 30), range=6),
    "PF": Scale(items=(1, 2, 3, 4, 5), function=True),
    "RF": Scale(items=(6, 7), function=True),
    "EF": Scale(items=(21, 22, 23, 24), function=True),
    "CF": Scale(items=(20, 25), function=True),
    "SF": Scale(items=(26, 27), function=True),
    "FA": Scale(items=(10, 12, 18)),
    "NV": Scale(items=(14, 15)),
    "PA": Scale(items=(9, 19)),
    "DY": Scale(items=(8,)),
    "SL": Scale(items=(11,)),
    "AP": Scale(items=(13,)),
    "CO": Scale(items=(16,)),
    "DI": Scale(items=(17,)),
    "FI": Scale(items=(28,)),
}
"""The scales of the manual, by its abbreviations."""

NOT_IN_SUMMARY = frozenset({"QL", "FI"})


def scores(answers: Mapping[str, Decimal]) -> dict[str, Fraction | None]:
    """Score 0 to 100 of every scale, exact; None where less than half of its items were answered.

    >>> found = scores({"QLQ_29": Decimal(5), "QLQ_30": Decimal(6), "QLQ_6": Decimal(2), "QLQ_8": Decimal(2)})
    >>> found["QL"], found["RF"], found["DY"], found["PF"]
    (Fraction(75, 1), Fraction(200, 3), Fraction(100, 3), None)
    """
    found: dict[str, Fraction | None] = {}
    for name, scale in SCALES.items():
        raw = mean_of(answers, scale.names, scale.needed)
        if raw is None:
            found[name] = None
        else:
            part = (raw - 1) / scale.range
            found[name] = 100 * (1 - part if scale.function else part)
    return found


def summary(found: Mapping[str, Fraction | None]) -> Fraction | None:
    """Mean of thirteen scales, symptoms reversed; all of them are needed."""
    total = Fraction(0)
    counted = 0
    for name, score in found.items():
        if name in NOT_IN_SUMMARY:
            continue
        if score is None:
            return None
        total += score if SCALES[name].function else 100 - score
        counted += 1
    return total / counted


def answer(visit: FormVisit) -> Assessment:
    """Assessment ``"FU1/qlq_c30"``. Values: every scale in lower case and ``summary``, in tenths."""
    found = scores(visit.answers)
    whole = summary(found)
    scored = sum(score is not None for score in found.values())
    outcome = Scored.SCORED if scored == len(SCALES) else Scored.PARTLY if scored else Scored.NE
    values = {name.lower(): None if score is None else reported_tenths(score) for name, score in found.items()}
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, FORM),
        outcome=outcome.value,
        values=Table({**values, "summary": None if whole is None else reported_tenths(whole)}),
        because=_because(visit, found, whole),
        warnings=_warnings(visit, found),
        missing=_missing(visit, found, whole),
    )


def _because(visit: FormVisit, found: Mapping[str, Fraction | None], whole: Fraction | None) -> tuple[Reason, ...]:
    answered = {"answered": str(visit.answered(QLQ)), "items": str(len(QLQ))}
    first = Reason(code="QLQ_ANSWERED", args=Table(answered), rule=RULE, refs=(visit.ref,) if visit.ref else ())
    told = [
        Reason(code="QLQ_SCALE", args=Table({"scale": name, "score": str(reported_tenths(score))}), rule=RULE)
        for name, score in found.items()
        if score is not None
    ]
    if whole is not None:
        args = Table({"score": str(reported_tenths(whole))})
        told.append(Reason(code="QLQ_SUMMARY", args=args, rule=SUMMARY_RULE))
    return (first, *told)


def _warnings(visit: FormVisit, found: Mapping[str, Fraction | None]) -> tuple[Reason, ...]:
    return tuple(
        Reason(code="QLQ_SCALE_IN_PART", args=_counts(visit, name), rule=RULE)
        for name, score in found.items()
        if score is not None and visit.answered(SCALES[name].names) < len(SCALES[name].items)
    )


def _missing(visit: FormVisit, found: Mapping[str, Fraction | None], whole: Fraction | None) -> tuple[Reason, ...]:
    listed = [
        Reason(code="QLQ_SCALE_MISSING", args=_counts(visit, name), rule=RULE)
        for name, score in found.items()
        if score is None
    ]
    if whole is None:
        listed.append(Reason(code="QLQ_SUMMARY_MISSING", rule=SUMMARY_RULE))
    return tuple(listed)


def _counts(visit: FormVisit, name: str) -> Table[str]:
    scale = SCALES[name]
    answered = visit.answered(scale.names)
    return Table(
        {"scale": name, "answered": str(answered), "items": str(len(scale.items)), "needed": str(scale.needed)}
    )
