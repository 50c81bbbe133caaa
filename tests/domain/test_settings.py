from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest

from spinereview.criteria import CRITERIA
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.settings import (
    Choice,
    Flag,
    Number,
    Numbers,
    Section,
    Text,
    Whole,
    Words,
    checks_of,
    parse_value,
    shown,
)
from spinereview.errors import InvalidValue

DEFAULTS = {
    "value_rounding_mm": Decimal("0.1"),
    "max_targets": 5,
    "max_per_organ": 2,
    "allow_no_target": True,
    "bone_organ": "skeleton",
    "bone_ld_scope": "soft_tissue_component",
    "slice_measure": "max",
    "thick_slice_nodes": "double_slice",
    "irradiated_targets": "if_progressed",
    "study_rt_target": "measure",
    "study_resection_target": "restate",
    "tstm_mm": Decimal("5.0"),
    "node_target_min": Decimal(15),
    "node_path_min": Decimal(10),
    "pr_threshold": Decimal("0.30"),
    "pd_threshold": Decimal("0.20"),
    "pd_abs_mm": Decimal("5.0"),
    "pd_partial_sum": True,
    "nadir_zero_pd": "abs_mm",
    "cr_beats_pd_normal_nodes": True,
    "check_change_pct": Decimal(50),
    "check_change_mm": Decimal(20),
    "nt_present_beats_ne": False,
    "tumour_markers": False,
    "new_ne_policy": "NE_unless_PD",
    "new_unscanned": "new",
    "new_node_unequivocal_mm": Decimal(15),
    "pr_persistence": "never",
    "post_cr_policy": "query",
    "post_cr_node_guard": True,
    "residual_cr": False,
}


def test_recist_has_every_key_with_its_default():
    settings = Settings()
    assert {field.name: getattr(settings, field.name) for field in fields(settings)} == DEFAULTS
    assert list(checks_of(Settings)) == list(DEFAULTS)


@pytest.mark.parametrize("key", DEFAULTS)
def test_every_default_is_an_allowed_value(key):
    assert checks_of(Settings)[key].holds(DEFAULTS[key])


@pytest.mark.parametrize(
    ("raw", "value"), [(Decimal("0.1"), "0.1"), (Decimal("1.0"), "1.0"), (1, "1"), ("none", "0.001")]
)
def test_rounding_takes_its_three_values(raw, value):
    assert Settings.parse({"value_rounding_mm": raw}).value_rounding_mm == Decimal(value)


REFUSED = [
    pytest.param({"pd_tresh": 1}, "SETTING_UNKNOWN", id="unknown key"),
    pytest.param({"max_targets": "5"}, "SETTING_TYPE", id="text for a whole number"),
    pytest.param({"max_targets": Decimal("5.0")}, "SETTING_TYPE", id="a point in a whole number"),
    pytest.param({"max_targets": True}, "SETTING_TYPE", id="true for a whole number"),
    pytest.param({"max_targets": 0}, "SETTING_NOT_ALLOWED", id="no target at all"),
    pytest.param({"allow_no_target": 1}, "SETTING_TYPE", id="1 for true"),
    pytest.param({"tstm_mm": True}, "SETTING_TYPE", id="true for a number"),
    pytest.param({"tstm_mm": "5"}, "SETTING_TYPE", id="text for a number"),
    pytest.param({"tstm_mm": Decimal("-0.1")}, "SETTING_NOT_ALLOWED", id="below zero"),
    pytest.param({"tstm_mm": Decimal("NaN")}, "SETTING_NOT_ALLOWED", id="not a number"),
    pytest.param({"pd_abs_mm": Decimal("Infinity")}, "SETTING_NOT_ALLOWED", id="infinite"),
    pytest.param({"pr_threshold": 0}, "SETTING_NOT_ALLOWED", id="a fraction of zero"),
    pytest.param({"pr_threshold": Decimal("1.01")}, "SETTING_NOT_ALLOWED", id="a fraction above one"),
    pytest.param({"pr_threshold": 30}, "SETTING_NOT_ALLOWED", id="per cent for a fraction"),
    pytest.param({"new_node_unequivocal_mm": Decimal("9.9")}, "SETTING_NOT_ALLOWED", id="below its range"),
    pytest.param({"new_node_unequivocal_mm": Decimal("15.1")}, "SETTING_NOT_ALLOWED", id="above its range"),
    pytest.param({"bone_organ": "Skeleton"}, "SETTING_NOT_ALLOWED", id="another word"),
    pytest.param({"bone_organ": 1}, "SETTING_TYPE", id="a number for a word"),
    pytest.param({"value_rounding_mm": Decimal("0.001")}, "SETTING_NOT_ALLOWED", id="the number that has a word"),
    pytest.param({"value_rounding_mm": Decimal("0.5")}, "SETTING_NOT_ALLOWED", id="another rounding"),
    pytest.param({"value_rounding_mm": "all"}, "SETTING_NOT_ALLOWED", id="another word for the rounding"),
    pytest.param({"value_rounding_mm": [1]}, "SETTING_TYPE", id="a list for a number"),
]


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_wrong_settings_are_refused_with_key_and_what_is_allowed(raw, code):
    with pytest.raises(InvalidValue) as caught:
        Settings.parse(raw)
    assert caught.value.code == code
    assert caught.value.arguments["key"] == next(iter(raw))
    assert caught.value.arguments["allowed"]


@pytest.mark.parametrize(
    "wrong", [{"max_targets": 0}, {"pd_threshold": Decimal(0)}, {"bone_organ": "x"}, {"tstm_mm": 5}]
)
def test_settings_cannot_be_made_wrong(wrong):
    with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
        Settings(**wrong)


@pytest.mark.parametrize(
    ("check", "allowed"),
    [
        (Whole(1), "whole number of at least 1"),
        (Whole(), "whole number"),
        (Whole(None, 3), "whole number of at most 3"),
        (Number(Decimal(10), Decimal(15)), "number from 10 to 15"),
        (Number(Decimal(0), above=True), "number above 0"),
        (Number(Decimal(0), Decimal(1), above=True), "number above 0, up to 1"),
        (Choice(("a", "b")), '"a", "b"'),
        (Numbers((Decimal("0.1"), Decimal("0.001")), (("none", Decimal("0.001")),)), '0.1, "none"'),
        (Flag(), "true, false"),
        (Words(("a", "b")), 'list, each once, of: "a", "b"'),
        (Text(), "text that is not empty"),
    ],
)
def test_what_is_allowed_is_said(check, allowed):
    assert check.allowed == allowed


def test_lists_of_words():
    checks = {"lc_also": Words(("a", "b")), "regions": Words()}
    assert parse_value("lc_also", ["b", "a"], checks) == ("b", "a")
    for wrong in (["c"], ["a", "a"], [""]):
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            parse_value("lc_also", wrong, checks)
    with pytest.raises(InvalidValue, match="SETTING_TYPE"):
        parse_value("regions", "L2", checks)


def test_values_are_shown_as_the_file_writes_them():
    assert shown({"a": ["x", 1, True]}) == '{a = ["x", 1, true]}'


def test_every_class_of_settings_is_a_section_that_is_frozen_and_slotted():
    for criterion in CRITERIA.values():
        assert issubclass(criterion.settings, Section)
        made = criterion.parse(criterion.smallest)
        assert not hasattr(made, "__dict__")
        for key in checks_of(criterion.settings):
            with pytest.raises(FrozenInstanceError):
                setattr(made, key, getattr(made, key))
        with pytest.raises(InvalidValue) as refused:
            criterion.parse({**criterion.smallest, "no_such_key": 1})
        assert (refused.value.code, refused.value.arguments["key"]) == ("SETTING_UNKNOWN", "no_such_key")
