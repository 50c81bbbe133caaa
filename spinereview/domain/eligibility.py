"""The variables that a rule of eligibility may name, and the operators that fit each type. There is no expression language.

A variable is a named value of a result, of an answer in the clinical record, or of the schedule, with its unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from spinereview.domain.anatomy import Level
from spinereview.domain.clinical_items import ECOG, HISTOLOGIES
from spinereview.domain.protocol import Rule
from spinereview.domain.variable import Kind, Value, Variable, count, flag, grade, number, word, words

ESCC = ("0", "1a", "1b", "1c", "2", "3")
"""Grades of epidural spinal cord compression in their order (Bilsky 2010)."""

VARIABLES: dict[str, Variable] = {
    "sins_total_max": count(0, 18, "points"),
    "sins_posterolateral": count(0, 3, "points"),
    "escc_max": grade(*ESCC),
    "escc_site_count": count(unit="sites"),
    "index_levels": words(*(level.value for level in Level)),
    "index_level_count": count(unit="levels"),
    "predominantly_lytic": flag(),
    "posterior_elements_involved": flag(),
    "posterior_wall_destroyed": flag(),
    "measurable_lesion": flag(),
    "target_shortest_mm": number(unit="mm"),
    "pathological_fracture_target": flag(),
    "modalities_complete": flag(),
    "scan_age_days": count(-36_525, None, "days"),
    "metastatic_organs": count(unit="organs"),
    "metastatic_lesions": count(unit="lesions"),
    "spinal_metastases": count(unit="lesions"),
    "nprs": number(0, 10, "points"),
    "ecog": grade(*ECOG),
    "histology": word(*HISTOLOGIES),
    "primary_spinal_tumour": flag(),
    "cns_metastases": flag(),
    "unstable_brain_metastases": flag(),
    "isolated_en_bloc": flag(),
    "uncontrolled_pain": flag(),
    "progression_conservative": flag(),
    "prior_spine_surgery": flag(),
    "prior_rt_segment": flag(),
    "prior_rt_target": flag(),
    "target_rt_within_2_years": flag(),
    "second_primary": flag(),
}
"""By name. ``sins_total_max``, ``escc_max`` are of the worst level, ``target_shortest_mm`` the largest over the targets."""

JUDGED = (
    "posterior_elements_involved",
    "posterior_wall_destroyed",
    "pathological_fracture_target",
    "modalities_complete",
)
"""Variables that only who reads the images can answer; all others are measured, or stand in the clinical record."""

ORDER = ("<", "<=", "==", ">=", ">")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.FLAG: ("==",),
    Kind.NUMBER: ORDER,
    Kind.WORD: ("==", "IN", "NOT_IN"),
    Kind.GRADE: (*ORDER, "IN", "NOT_IN"),
    Kind.LIST: ("IN",),
}
"""What fits a type. ``IN`` on a list: every member is one of the words."""

LISTED = frozenset({"IN", "NOT_IN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFault:
    """What is wrong with a rule: under which key, what stands there, what is allowed."""

    key: str
    given: str
    allowed: str


def rule_fault(rule: Rule) -> RuleFault | None:
    """What is wrong with a rule; None where nothing is.

    >>> rule_fault(Rule(id="a", variable="cns_metastases", op="<", value=False, on_missing="NEEDS_INPUT"))
    RuleFault(key='op', given='<', allowed='"=="')
    """
    variable = VARIABLES.get(rule.variable)
    if variable is None:
        return RuleFault(key="variable", given=rule.variable, allowed=", ".join(VARIABLES))
    if rule.op not in OPERATORS[variable.kind]:
        allowed = ", ".join(f'"{op}"' for op in OPERATORS[variable.kind])
        return RuleFault(key="op", given=rule.op, allowed=allowed)
    if limit_of(rule) is None:
        allowed = f"list of: {', '.join(variable.words)}" if rule.op in LISTED else variable.allowed
        return RuleFault(key="value", given=shown_value(rule.value), allowed=allowed)
    return None


def limit_of(rule: Rule) -> Value | None:
    """What the variable is compared with, typed; None where it does not fit the variable."""
    variable = VARIABLES[rule.variable]
    if rule.op not in LISTED:
        return variable.typed(rule.value)
    if not isinstance(rule.value, tuple) or not rule.value:
        return None
    return rule.value if all(one in variable.words for one in rule.value) else None


def shown_value(value: Value) -> str:
    """A value as a protocol has it, without quotation marks."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
