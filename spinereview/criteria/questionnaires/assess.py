"""Every questionnaire of which something was answered, at every visit."""

from __future__ import annotations

from spinereview.criteria.questionnaires import bpi, qlq_c30
from spinereview.criteria.questionnaires.values import CRITERION, FormVisit, Input, Scored, Settings
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.clinical_items import BM22, FACT_G_MAX, FACT_G_TOTAL, QLQ
from spinereview.domain.table import Table

BM22_RULE = "EORTC QLQ-BM22 (Chow 2009), scoring manual not at hand"
FACT_G_RULE = "FACT-G, total as entered"
BM22_SCALES: dict[str, tuple[str, ...]] = {
    "painful_sites": BM22[0:5],
    "pain_characteristics": BM22[5:8],
    "functional_interference": BM22[8:16],
    "psychosocial": BM22[16:22],
}
"""Items of each scale; only how many were answered is said."""


def assess(given: Input, _settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/bpi"``, ``"FU1/qlq_c30"``, ``"FU1/bm22"`` and ``"FU1/fact_g"``, of what was answered at all.

    The outcome is a :class:`Scored`. The BM22 has no score here: its items are kept, and what is missing is the rule.
    """
    answers: dict[str, Assessment] = {}
    for visit in given.visits:
        if visit.has(bpi.ITEMS):
            answers[f"{visit.timepoint}/bpi"] = bpi.answer(visit, given.visits[0])
        if visit.has(QLQ):
            answers[f"{visit.timepoint}/qlq_c30"] = qlq_c30.answer(visit)
        if visit.has(BM22):
            answers[f"{visit.timepoint}/bm22"] = _bm22(visit)
        if FACT_G_TOTAL in visit.answers:
            answers[f"{visit.timepoint}/fact_g"] = _fact_g(visit)
    return Table(answers)


def _bm22(visit: FormVisit) -> Assessment:
    counts = {name: str(visit.answered(items)) for name, items in BM22_SCALES.items()}
    refs = (visit.ref,) if visit.ref else ()
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "bm22"),
        outcome=Scored.RAW.value,
        because=(Reason(code="BM22_KEPT", args=Table(counts), rule=BM22_RULE, refs=refs),),
        missing=(Reason(code="RULE", args=Table({"form": "QLQ-BM22"}), rule=BM22_RULE),),
    )


def _fact_g(visit: FormVisit) -> Assessment:
    total = visit.answers[FACT_G_TOTAL]
    args = Table({"total": str(total), "max": str(FACT_G_MAX)})
    refs = (visit.ref,) if visit.ref else ()
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "fact_g"),
        outcome=Scored.SCORED.value,
        values=Table({"total": total}),
        because=(Reason(code="FACT_G_TOTAL", args=args, rule=FACT_G_RULE, refs=refs),),
    )
