"""Settings of RECIST 1.1: what they are where a protocol says nothing, and their limits from both sides."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest

from spinereview.criteria.recist.settings import Settings
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
    "tstm_mm": 5,
    "node_target_min": 15,
    "node_path_min": 10,
    "pr_threshold": Decimal("0.30"),
    "pd_threshold": Decimal("0.20"),
    "pd_abs_mm": 5,
    "pd_partial_sum": True,
    "nadir_zero_pd": "abs_mm",
    "cr_beats_pd_normal_nodes": True,
    "check_change_pct": 50,
    "check_change_mm": 20,
    "nt_present_beats_ne": False,
    "tumour_markers": False,
    "new_ne_policy": "NE_unless_PD",
    "new_unscanned": "new",
    "new_node_unequivocal_mm": 15,
    "pr_persistence": "never",
    "post_cr_policy": "query",
    "post_cr_node_guard": True,
    "residual_cr": False,
}
"""RECIST 1.1 (Eisenhauer 2009): 5 targets, 2 of an organ, nodes of 15 and 10 mm, -30 %, +20 % and 5 mm; else our choice."""


def test_a_protocol_that_says_nothing_follows_the_paper():
    assert asdict(Settings.parse({})) == DEFAULTS


@pytest.mark.parametrize(
    ("key", "refused", "taken"),
    [
        *((key, 0, 1) for key in ("max_targets", "max_per_organ")),
        *((key, Decimal("-0.1"), 0) for key in ("tstm_mm", "pd_abs_mm", "check_change_pct", "check_change_mm")),
        *((key, 0, Decimal("0.1")) for key in ("node_target_min", "node_path_min", "pr_threshold", "pd_threshold")),
        *((key, Decimal("-0.1"), Decimal("0.1")) for key in ("node_target_min", "pr_threshold")),
        *((key, Decimal("1.01"), 1) for key in ("pr_threshold", "pd_threshold")),
        ("new_node_unequivocal_mm", Decimal("9.9"), 10),
        ("new_node_unequivocal_mm", Decimal("15.1"), 15),
        *(("value_rounding_mm", Decimal(text), Decimal("0.1")) for text in ("0.2", "1.1", "0.9", "2", "0", "0.001")),
        ("value_rounding_mm", "exact", Decimal(1)),
    ],
)
def test_a_limit_from_both_sides(key, refused, taken):
    assert getattr(Settings.parse({key: taken}), key) == taken
    with pytest.raises(InvalidValue) as raised:
        Settings.parse({key: refused})
    assert raised.value.arguments["key"] == key


def test_no_rounding_is_thousandths_of_a_millimetre():
    assert Settings.parse({"value_rounding_mm": "none"}).value_rounding_mm == Decimal("0.001")
