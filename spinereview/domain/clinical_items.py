"""Items of a clinical record: every one that exists, with what it may be. Raw answers are kept; scores are derived.

Item numbers are those of the printed forms: BPI short form (Cleeland), EORTC QLQ-C30 version 3, EORTC QLQ-BM22 (its own 1 to
22). Opioids are entered as oral morphine equivalent; there is no conversion table. ``DAY`` is the day of a visit on the
subject's own count, the one of the events.
"""

from __future__ import annotations

from spinereview.domain.variable import Variable, count, flag, grade, number, word

ECOG = ("0", "1", "2", "3", "4", "5")
FRANKEL = ("A", "B", "C", "D", "E")
"""Complete, sensory only, motor useless, motor useful, normal; AIS has the same letters."""

BPI_SEVERITY = ("BPI_WORST", "BPI_LEAST", "BPI_AVERAGE", "BPI_NOW")
BPI_INTERFERENCE = (
    *("BPI_ACTIVITY", "BPI_MOOD", "BPI_WALKING", "BPI_WORK"),
    *("BPI_RELATIONS", "BPI_SLEEP", "BPI_ENJOYMENT"),
)
QLQ = tuple(f"QLQ_{item}" for item in range(1, 31))
QLQ_GLOBAL = ("QLQ_29", "QLQ_30")
BM22 = tuple(f"BM22_{item}" for item in range(1, 23))
FACT_G_TOTAL = "FACTG_TOTAL"
FACT_G_MAX = 108
SINS_PAIN = ("MECHANICAL", "NOT_MECHANICAL", "PAIN_FREE")

HISTOLOGIES = (
    *("BREAST", "COLORECTAL", "EWING", "KIDNEY", "LIVER", "LUNG_NON_SMALL_CELL", "LUNG_SMALL_CELL", "LYMPHOMA"),
    *("MEDULLOBLASTOMA", "MELANOMA", "MYELOMA", "NEUROBLASTOMA", "PROSTATE", "SARCOMA", "SEMINOMA", "SMALL_CELL_OTHER"),
    *("STOMACH", "THYROID", "UNDIFFERENTIATED", "WILMS", "OTHER"),
)
"""A closed list: a rule that excludes a word must not pass because of its spelling."""

QUESTIONNAIRE_ITEMS: dict[str, Variable] = {
    **dict.fromkeys((*BPI_SEVERITY, *BPI_INTERFERENCE), count(0, 10)),
    **{item: count(1, 7 if item in QLQ_GLOBAL else 4) for item in QLQ},
    **dict.fromkeys(BM22, count(1, 4)),
    FACT_G_TOTAL: number(0, FACT_G_MAX, "points"),
}

DAY = "DAY"
_EARLIEST_DAY = -36_525

ITEMS: dict[str, Variable] = {
    DAY: count(_EARLIEST_DAY, None, "days"),
    "NRS_WORST": count(0, 10, "points"),
    "NPRS": number(0, 10, "points"),
    "OMED": number(0, None, "mg/day"),
    "SINS_PAIN": word(*SINS_PAIN),
    "ECOG": grade(*ECOG),
    "FRANKEL": grade(*FRANKEL),
    "AIS": grade(*FRANKEL),
    **QUESTIONNAIRE_ITEMS,
    "AGE": count(0, 130, "years"),
    "SURVIVAL_ESTIMATE": number(0, None, "months"),
    "HISTOLOGY": word(*HISTOLOGIES),
    "METASTATIC_ORGANS": count(),
    "METASTATIC_LESIONS": count(),
    "SPINAL_METASTASES": count(),
    **dict.fromkeys(
        (
            *("PRIMARY_SPINAL_TUMOUR", "CNS_METASTASES", "UNSTABLE_BRAIN_METASTASES", "ISOLATED_EN_BLOC"),
            *("UNCONTROLLED_PAIN", "PROGRESSION_CONSERVATIVE", "PRIOR_SPINE_SURGERY", "PRIOR_RT_SEGMENT"),
            *("PRIOR_RT_TARGET", "TARGET_RT_WITHIN_2_YEARS", "SECOND_PRIMARY"),
        ),
        flag(),
    ),
}
"""By the name in the record. A name is never used for another meaning once a record has been written."""
