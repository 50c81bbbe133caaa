"""The eligibility lists of the four trials, as their protocol files say them: met, each rule not met, each value missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria import parsers
from spinereview.criteria.eligibility import Input, Known, Settings, assess
from spinereview.criteria.eligibility_values import Extent
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import LevelItems, SinsVisit
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.anatomy import Level
from spinereview.domain.table import Table
from spinereview.storage.protocols import read_protocol

T5_TO_L5 = tuple(f"T{number}" for number in range(5, 13)) + tuple(f"L{number}" for number in range(1, 6))
RADIOSENSITIVE = (
    "LYMPHOMA",
    "SEMINOMA",
    "WILMS",
    "NEUROBLASTOMA",
    "MEDULLOBLASTOMA",
    "EWING",
    "LUNG_SMALL_CELL",
    "SMALL_CELL_OTHER",
)

LISTS: dict[str, tuple[tuple[str, str, object, str], ...]] = {
    "NCT06093854": (
        ("sins_total_max", ">=", 13, ""),
        ("escc_site_count", "==", 1, ""),
        ("primary_spinal_tumour", "==", False, ""),
        ("cns_metastases", "==", False, ""),
        ("isolated_en_bloc", "==", False, ""),
    ),
    "NCT06120426": (
        ("metastatic_organs", "<=", 3, ""),
        ("metastatic_lesions", "<=", 5, ""),
        ("spinal_metastases", ">=", 1, ""),
        ("spinal_metastases", "<=", 5, ""),
        ("modalities_complete", "==", True, ""),
        ("uncontrolled_pain", "==", True, "reason"),
        ("progression_conservative", "==", True, "reason"),
        ("sins_total_max", ">=", 7, "reason"),
        ("escc_max", ">=", "1c", "reason"),
        ("primary_spinal_tumour", "==", False, ""),
        ("prior_spine_surgery", "==", False, ""),
        ("prior_rt_segment", "==", False, ""),
    ),
    "NCT06756087": (
        ("index_levels", "IN", T5_TO_L5, ""),
        ("index_level_count", "<=", 2, ""),
        ("predominantly_lytic", "==", True, ""),
        ("sins_posterolateral", "==", 0, ""),
        ("posterior_elements_involved", "==", False, ""),
        ("posterior_wall_destroyed", "==", False, ""),
        ("escc_max", "<=", "1a", ""),
        ("nprs", ">", 3, ""),
        ("ecog", "<=", 2, ""),
        ("measurable_lesion", "==", True, ""),
        ("target_rt_within_2_years", "==", False, ""),
        ("unstable_brain_metastases", "==", False, ""),
        ("histology", "NOT_IN", RADIOSENSITIVE, ""),
        ("scan_age_days", ">=", 0, ""),
        ("scan_age_days", "<=", 42, ""),
    ),
    "NCT06987370": (
        ("target_shortest_mm", ">", 30, ""),
        ("metastatic_lesions", "<=", 5, ""),
        ("metastatic_organs", "<=", 3, ""),
        ("pathological_fracture_target", "==", False, ""),
        ("prior_rt_target", "==", False, ""),
        ("second_primary", "==", False, ""),
        ("histology", "NOT_IN", ("LUNG_SMALL_CELL", "SMALL_CELL_OTHER", "UNDIFFERENTIATED"), ""),
        ("ecog", "<=", 2, ""),
    ),
}

MET: dict[str, dict[str, object]] = {
    "NCT06093854": {
        "sins_total_max": 13,
        "escc_site_count": 1,
        "primary_spinal_tumour": False,
        "cns_metastases": False,
        "isolated_en_bloc": False,
    },
    "NCT06120426": {
        "metastatic_organs": 3,
        "metastatic_lesions": 5,
        "spinal_metastases": 5,
        "modalities_complete": True,
        "uncontrolled_pain": False,
        "progression_conservative": False,
        "sins_total_max": 7,
        "escc_max": "1b",
        "primary_spinal_tumour": False,
        "prior_spine_surgery": False,
        "prior_rt_segment": False,
    },
    "NCT06756087": {
        "index_levels": ("T5", "L5"),
        "index_level_count": 2,
        "predominantly_lytic": True,
        "sins_posterolateral": 0,
        "posterior_elements_involved": False,
        "posterior_wall_destroyed": False,
        "escc_max": "1a",
        "nprs": Decimal("3.5"),
        "ecog": "2",
        "measurable_lesion": True,
        "target_rt_within_2_years": False,
        "unstable_brain_metastases": False,
        "histology": "BREAST",
        "scan_age_days": 42,
    },
    "NCT06987370": {
        "target_shortest_mm": Decimal("30.1"),
        "metastatic_lesions": 5,
        "metastatic_organs": 3,
        "pathological_fracture_target": False,
        "prior_rt_target": False,
        "second_primary": False,
        "histology": "LUNG_NON_SMALL_CELL",
        "ecog": "2",
    },
}

NOT_MET: dict[str, tuple[tuple[str, object], ...]] = {
    "NCT06093854": (
        ("sins_total_max", 12),
        ("escc_site_count", 0),
        ("escc_site_count", 2),
        ("primary_spinal_tumour", True),
        ("cns_metastases", True),
        ("isolated_en_bloc", True),
    ),
    "NCT06120426": (
        ("metastatic_organs", 4),
        ("metastatic_lesions", 6),
        ("spinal_metastases", 0),
        ("spinal_metastases", 6),
        ("modalities_complete", False),
        ("sins_total_max", 6),
        ("primary_spinal_tumour", True),
        ("prior_spine_surgery", True),
        ("prior_rt_segment", True),
    ),
    "NCT06756087": (
        ("index_levels", ("T4",)),
        ("index_levels", ("L5", "S1")),
        ("index_level_count", 3),
        ("predominantly_lytic", False),
        ("sins_posterolateral", 1),
        ("posterior_elements_involved", True),
        ("posterior_wall_destroyed", True),
        ("escc_max", "1b"),
        ("nprs", 3),
        ("ecog", "3"),
        ("measurable_lesion", False),
        ("target_rt_within_2_years", True),
        ("unstable_brain_metastases", True),
        *(("histology", name) for name in RADIOSENSITIVE),
        ("scan_age_days", -1),
        ("scan_age_days", 43),
    ),
    "NCT06987370": (
        ("target_shortest_mm", Decimal("30.0")),
        ("metastatic_lesions", 6),
        ("metastatic_organs", 4),
        ("pathological_fracture_target", True),
        ("prior_rt_target", True),
        ("second_primary", True),
        ("histology", "LUNG_SMALL_CELL"),
        ("histology", "SMALL_CELL_OTHER"),
        ("histology", "UNDIFFERENTIATED"),
        ("ecog", "3"),
    ),
}


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def rules_of(trial: str):
    """Rules as the reader of protocol files gives them."""
    text = f'[trial]\nid = "{trial}"\nversion = "1"\ntitle = "{trial}"\n[criterion.eligibility]\n'
    for at, (variable, op, value, group) in enumerate(LISTS[trial]):
        text += f'[[eligibility]]\nid = "r{at:02}"\nvariable = "{variable}"\nop = "{op}"\nvalue = {toml(value)}\n'
        text += f'group = "{group}"\n' if group else ""
    return tuple(read_protocol(text.encode(), f"{trial}.toml", parsers()).eligibility.values())


def known(value: object) -> Known:
    typed = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return Known(value=typed)


def answers(trial: str, values, **more):
    variables = Table({name: one if isinstance(one, Known) else known(one) for name, one in values.items()})
    return assess(Input(rules=rules_of(trial), variables=variables, **more), Settings())


TRIALS = sorted(LISTS)


@pytest.mark.parametrize("trial", TRIALS)
def test_a_subject_at_the_limits_of_every_rule_is_eligible(trial):
    found = answers(trial, MET[trial])
    assert found["eligibility"].outcome == "PASS"
    assert len(found["eligibility"].because[0].because) == found["eligibility"].values["met"]


@pytest.mark.parametrize(
    ("trial", "variable", "value"), [(trial, *change) for trial in TRIALS for change in NOT_MET[trial]]
)
def test_a_subject_beyond_one_limit_is_not(trial, variable, value):
    found = answers(trial, {**MET[trial], variable: value})
    assert found["eligibility"].outcome == "FAIL"
    failed = {one.scope[-1] for one in found.values() if one.outcome == "FAIL" and len(one.scope) == 2}
    named = {f"r{at:02}" for at, rule in enumerate(LISTS[trial]) if rule[0] == variable}
    grouped = {f"r{at:02}" for at, rule in enumerate(LISTS[trial]) if rule[3]}
    assert failed & named
    assert failed <= named | grouped


@pytest.mark.parametrize(("trial", "variable"), [(trial, name) for trial in TRIALS for name in MET[trial]])
def test_a_subject_of_whom_one_value_is_missing_needs_input(trial, variable):
    left = {name: value for name, value in MET[trial].items() if name != variable}
    found = answers(trial, left)
    decided = trial == "NCT06120426" and variable in {"uncontrolled_pain", "progression_conservative", "escc_max"}
    assert found["eligibility"].outcome == ("PASS" if decided else "NEEDS_INPUT")
    named = [f"r{at:02}" for at, rule in enumerate(LISTS[trial]) if rule[0] == variable]
    assert all(found[f"eligibility/{name}"].outcome == "NEEDS_INPUT" for name in named)


@pytest.mark.parametrize("trial", TRIALS)
def test_every_rule_can_be_not_met(trial):
    for at, rule in enumerate(rules_of(trial)):
        wrong = [value for name, value in NOT_MET[trial] if name == rule.variable]
        wrong += [{"uncontrolled_pain": False, "progression_conservative": False, "escc_max": "1b"}.get(rule.variable)]
        outcomes = {
            answers(trial, {**MET[trial], rule.variable: value})[f"eligibility/r{at:02}"].outcome
            for value in wrong
            if value is not None
        }
        assert "FAIL" in outcomes, rule.variable


@pytest.mark.parametrize("reason", ["uncontrolled_pain", "progression_conservative", "sins_total_max", "escc_max"])
def test_any_one_reason_for_surgery_suffices(reason):
    none = {**MET["NCT06120426"], "sins_total_max": 6}
    holds = {"sins_total_max": 7, "escc_max": "1c"}.get(reason, True)
    assert answers("NCT06120426", none)["eligibility"].outcome == "FAIL"
    assert answers("NCT06120426", {**none, reason: holds})["eligibility"].outcome == "PASS"
    without = {name: value for name, value in none.items() if name != reason}
    assert answers("NCT06120426", without)["eligibility/group/reason"].outcome == "NEEDS_INPUT"


STABLE_ITEMS = {"BONE_LESION": "LYTIC", "ALIGNMENT": "SUBLUXATION", "COLLAPSE": "UNDER_50", "POSTEROLATERAL": "NONE"}


@pytest.mark.parametrize(
    ("level", "items", "low", "high", "outcome"),
    [
        ("L1", STABLE_ITEMS, 11, 14, "NEEDS_INPUT"),
        ("L1", {**STABLE_ITEMS, "PAIN": "MECHANICAL"}, 14, 14, "PASS"),
        ("L1", {**STABLE_ITEMS, "PAIN": "NOT_MECHANICAL"}, 12, 12, "FAIL"),
        ("L1", {**STABLE_ITEMS, "POSTEROLATERAL": "BILATERAL"}, 14, 17, "PASS"),
        ("T5", STABLE_ITEMS, 9, 12, "FAIL"),
    ],
)
def test_a_sins_with_its_pain_missing_is_asked_for_every_total_that_it_can_be(level, items, low, high, outcome):
    answered = LevelItems(level=Level(level), answers=Table(items))
    given = SinsInput(visits=(SinsVisit(timepoint="BL", levels=Table({level: answered})),))
    values = assess_sins(given, SinsSettings())["BL/sins"].values
    assert (values["low"], values["high"]) == (low, high)
    total = Known(value=values["low"], upper=values["high"])
    found = answers("NCT06093854", {**MET["NCT06093854"], "sins_total_max": total})
    assert found["eligibility"].outcome == outcome


@pytest.mark.parametrize(
    ("low", "high", "outcome"), [(1, 2, "NEEDS_INPUT"), (2, 3, "FAIL"), (1, 1, "PASS"), (0, 1, "NEEDS_INPUT")]
)
def test_levels_without_a_grade_leave_the_number_of_sites_open(low, high, outcome):
    sites = Known(value=Decimal(low), upper=Decimal(high))
    found = answers("NCT06093854", {**MET["NCT06093854"], "escc_site_count": sites})
    assert found["eligibility"].outcome == outcome


def test_a_lesion_confined_to_the_body_is_measurable_by_the_definition_of_the_trial_and_the_other_is_said():
    values = {name: value for name, value in MET["NCT06756087"].items() if name != "measurable_lesion"}
    both = Table({"lytic_ge_10mm": True, "RECIST_anywhere": False})
    found = answers("NCT06756087", values, measurable=both)["eligibility"]
    assert (found.outcome, [one.code for one in found.warnings]) == ("PASS", ["MEASURABLE_DEFINITIONS_DIFFER"])


@pytest.mark.parametrize(
    ("short", "craniocaudal", "outcome"),
    [("45.0", "30.0", "FAIL"), ("30.1", "45.0", "PASS"), ("45.0", None, "NEEDS_INPUT")],
)
def test_the_soft_tissue_mass_is_measured_in_plane_and_along_the_spine(short, craniocaudal, outcome):
    values = {name: value for name, value in MET["NCT06987370"].items() if name != "target_shortest_mm"}
    extent = Extent(
        lesion="T01",
        short_axis_mm=Decimal(short),
        craniocaudal_mm=None if craniocaudal is None else Decimal(craniocaudal),
    )
    assert answers("NCT06987370", values, extents=(extent,))["eligibility"].outcome == outcome
