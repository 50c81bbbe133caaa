"""Where the source of a code cannot be read off the place that names it: the rules of the code itself, by code."""

from __future__ import annotations

import re

from spinereview.criteria import angles, best_response, bone_response_values, escc_values, pain, spino_values
from spinereview.criteria.endpoints.values import FDA, OWN, RECIST_TIMES
from spinereview.criteria.evidence.diameters import METHOD_RULE, NODE_RULE, SPACING_RULE
from spinereview.criteria.fracture.assess import REFERENCE_RULE
from spinereview.criteria.local_control.assess import RULES as DEFINITIONS
from spinereview.criteria.local_control.values import Definition
from spinereview.criteria.measurability import RULE as MEASURABLE_RULE
from spinereview.criteria.questionnaires import qlq_c30
from spinereview.criteria.recist.after_cr import Flag
from spinereview.criteria.recist.checks import RULE as CHECK_RULE
from spinereview.criteria.recist.new_lesion import NODE_RULE as NEW_NODE_RULE
from spinereview.criteria.recist.new_lesion import RULE as NEW_RULE
from spinereview.criteria.recist.non_target import PROGRESSION_RULE, why_non_target
from spinereview.criteria.recist.non_target import RULE as NON_TARGET_RULE
from spinereview.criteria.recist.overall import TABLE_1, TABLE_2
from spinereview.criteria.recist.sums import OWN_RULE
from spinereview.criteria.recist.target_reasons import BASELINE_RULE, MISSING_RULE, RESPONSE_RULE, SPECIAL_RULE
from spinereview.criteria.recist.timepoint import RULES as FLAG_RULES
from spinereview.criteria.staging.values import TOKUHASHI_RULE, TOMITA_RULE, TOMITA_SCORE_RULE, WBB_RULE

CARRIED: dict[str, tuple[str, ...]] = {
    "recist.measurability": (MEASURABLE_RULE,),
    "recist.new_lesion": (NEW_RULE,),
    "recist.after_cr": tuple(sorted({OWN_RULE, *FLAG_RULES.values()})),
    "recist.checks": (CHECK_RULE,),
    "endpoints.progression": (FDA, RECIST_TIMES),
    "local_control.rules": tuple(DEFINITIONS.values()),
}
"""Modules that choose a code and leave it to another one to make the reason: the rules that it is given there."""

_BY_PROTOCOL = DEFINITIONS[Definition.LC_PROTOCOL_06120426]
_BY_NADIR = DEFINITIONS[Definition.LC_RECIST_NADIR]
_FOOTNOTE = best_response.TABLE_3 + ", footnote"
_EITHER = (best_response.RULE, best_response.TABLE_3, best_response.COMPATIBLE)
TOLD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("BOR_REAPPEARED|AMENDED_CONFIRMED_CR", (_FOOTNOTE,)),
    ("BOR_CONFIRMED", (best_response.TABLE_3, best_response.COMPATIBLE)),
    ("BOR_RESPONSE", (best_response.RULE, best_response.COMPATIBLE)),
    ("BOR_(NE|NED|PD|STABLE|NE_TOO_EARLY|PD_SD_TOO_EARLY|NE_NO_VISIT)", _EITHER),
    ("ANGLE_(COBB|KYPHOSIS|LORDOSIS|PARALLEL)", (angles.RULE,)),
    ("ANGLE_(NO_BASELINE|OTHER_MODALITY|POSTURE_DIFFERS|POSTURE_UNKNOWN)", (angles.OWN_RULE,)),
    ("HEIGHT_LOSS(_OWN_POSTERIOR)?_NO_GRADE", (REFERENCE_RULE,)),
    ("DIAMETER_ZERO|MODALITY_(CHANGE|NOT_JUDGED)|PLANE_CHANGE(_SAID)?", (METHOD_RULE,)),
    ("KIND_WITHOUT_DIAMETER", (METHOD_RULE, NODE_RULE)),
    ("ELIGIBLE_NOT_CHOSEN|LARGER_NOT_CHOSEN|ORGAN_WITHOUT_TARGET|TARGET_NOT_AT_BASELINE", (BASELINE_RULE,)),
    ("ESCC_(SITES|WORST)(_RANGE)?", (escc_values.OWN_RULE,)),
    ("LC_(CONTROL_BASELINE|GREW_TWICE|OVER_BASELINE|RECURRENCE)", (_BY_PROTOCOL,)),
    ("LC_(CONTROL_NADIR|OVER_NADIR)", (_BY_NADIR,)),
    ("LC_NE_(NO_BASELINE|PARTIAL)", (_BY_PROTOCOL, _BY_NADIR)),
    ("LC_(JUDGEMENT_MISSING|SPINO_.*)", (DEFINITIONS[Definition.LC_SPINO],)),
    ("MDA_SIZE_(PD|PR|SD)", (bone_response_values.NUMBER_RULE,)),
    ("MDA_VISIT_(NEW|PD)", (bone_response_values.RULE,)),
    (
        "MDA_(FLARE|FLARE_ALONE|FROM_ZERO|NOT_READ|OTHER_IMAGES|SIZE_GONE|VISIT_(CR|NE|NEW_NE|PR|SD))",
        (bone_response_values.OWN_RULE,),
    ),
    ("NEW_STATUS_MISSING", (NEW_RULE,)),
    ("NEW_CARRIED", (OWN_RULE,)),
    ("NEW_NODE_OF_NORMAL_SIZE", (NEW_NODE_RULE,)),
    ("NON_TARGET_(INCOMPLETE|STATE_(ABSENT|NODE_NORMAL|PRESENT|TREATED_.*))", (NON_TARGET_RULE,)),
    ("NON_TARGET_STATE_UNEQUIVOCAL_PD", (PROGRESSION_RULE,)),
    ("NON_TARGET_STATE_NE|VALUE_(NE|NOT_ASSESSED)|TARGET_PD_PARTIAL_NADIR_ZERO", (MISSING_RULE,)),
    ("VALUE_(ABSENT|MEASURED)|TARGET_SD_SMALL_RISE", (RESPONSE_RULE,)),
    ("VALUE_(MERGED|SPLIT|TOO_SMALL)", (SPECIAL_RULE,)),
    ("VALUE_TREATED_.*", (OWN_RULE,)),
    ("PAIN_(INDETERMINATE|MISSING|PP_.*)|OMED_MISSING", (pain.RULE,)),
    ("OVERALL_NED", (TABLE_2,)),
    ("OVERALL_INCOMPLETE", (TABLE_1,)),
    ("OVERALL|OVERALL_RESOLVED|PD_CAUSE_(TARGET|NON_TARGET|NEW)", (TABLE_1, TABLE_2)),
    ("PD_CAUSE_NOT_STATED", (FDA,)),
    ("OS_COMPETING", (OWN,)),
    ("PFS_PROGRESSION", (FDA, RECIST_TIMES)),
    ("PFS_NO_BASELINE", (FDA,)),
    ("SPINO_SINCE", (spino_values.OWN_RULE,)),
    ("PSEUDOPROGRESSION|SPINO_(CONFIRMED|DECLINED|DISTANT|EPIDURAL_.*|GROWTH_.*)", (spino_values.RULE,)),
    ("SPINO_(EQUIVOCAL(_AGAIN)?|UNEQUIVOCAL|MISSING|NE|NEUROLOGY_MISSING|NONE)", (spino_values.RULE,)),
    ("VALUE_CALIBRATION_.*", (SPACING_RULE,)),
    ("QLQ_(ANSWERED|SCALE)", (qlq_c30.RULE,)),
    ("QLQ_SUMMARY", (qlq_c30.SUMMARY_RULE,)),
    ("TOKUHASHI_.*", (TOKUHASHI_RULE,)),
    ("TOMITA_SCORE_.*", (TOMITA_SCORE_RULE,)),
    ("TOMITA_(TYPE_.*|RANGE|.*_MISSING)", (TOMITA_RULE,)),
    ("WBB_LAYERS", (WBB_RULE,)),
)
"""Codes, as a pattern, and the rules that they carry, of several by the case."""


def told(code: str) -> tuple[str, ...]:
    """Rules of a code whose place does not show them; none where the place does."""
    if code in Flag.__members__:
        return (FLAG_RULES[Flag(code)],)
    for pattern, found in TOLD:
        if re.fullmatch(pattern, code):
            return found
    if code.startswith("NON_TARGET_") and not re.match("NON_TARGET_(STATE|MAYBE|ONLY)", code):
        return (why_non_target(code, {}).rule,)
    return ()
