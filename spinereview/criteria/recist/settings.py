"""Settings of RECIST 1.1: what the paper leaves to the protocol, and where it is silent.

Constants that the paper prints and no protocol changes (10 mm, 20 mm on X-ray, twice the slice) are no settings; they
stand in the rule that uses them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.settings import Choice, Flag, Number, Numbers, Section, Whole, must

_NOT_NEGATIVE = Number(minimum=Decimal(0))
_POSITIVE = Number(minimum=Decimal(0), above=True)
_PART = Number(minimum=Decimal(0), maximum=Decimal(1), above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.recist]`` with their defaults; ``docs/criteria.md`` says what each one decides.

    >>> Settings.parse({"pd_abs_mm": 5, "value_rounding_mm": "none"}).value_rounding_mm
    Decimal('0.001')
    """

    value_rounding_mm: Decimal = field(
        default=Decimal("0.1"),
        metadata=must(Numbers((Decimal("0.1"), Decimal("1.0"), Decimal("0.001")), (("none", Decimal("0.001")),))),
    )
    max_targets: int = field(default=5, metadata=must(Whole(1)))
    max_per_organ: int = field(default=2, metadata=must(Whole(1)))
    allow_no_target: bool = field(default=True, metadata=must(Flag()))
    bone_organ: str = field(default="skeleton", metadata=must(Choice(("skeleton", "spine_vs_other", "vertebra"))))
    bone_ld_scope: str = field(
        default="soft_tissue_component", metadata=must(Choice(("soft_tissue_component", "whole_lesion")))
    )
    slice_measure: str = field(default="max", metadata=must(Choice(("max", "thickness", "interval"))))
    thick_slice_nodes: str = field(default="double_slice", metadata=must(Choice(("double_slice", "keep"))))
    irradiated_targets: str = field(default="if_progressed", metadata=must(Choice(("if_progressed", "never"))))
    study_rt_target: str = field(default="measure", metadata=must(Choice(("measure", "ne"))))
    study_resection_target: str = field(default="restate", metadata=must(Choice(("restate", "ne"))))
    tstm_mm: Decimal = field(default=Decimal("5.0"), metadata=must(_NOT_NEGATIVE))
    node_target_min: Decimal = field(default=Decimal(15), metadata=must(_POSITIVE))
    node_path_min: Decimal = field(default=Decimal(10), metadata=must(_POSITIVE))
    pr_threshold: Decimal = field(default=Decimal("0.30"), metadata=must(_PART))
    pd_threshold: Decimal = field(default=Decimal("0.20"), metadata=must(_PART))
    pd_abs_mm: Decimal = field(default=Decimal("5.0"), metadata=must(_NOT_NEGATIVE))
    pd_partial_sum: bool = field(default=True, metadata=must(Flag()))
    nadir_zero_pd: str = field(default="abs_mm", metadata=must(Choice(("abs_mm", "any"))))
    cr_beats_pd_normal_nodes: bool = field(default=True, metadata=must(Flag()))
    check_change_pct: Decimal = field(default=Decimal(50), metadata=must(_NOT_NEGATIVE))
    check_change_mm: Decimal = field(default=Decimal(20), metadata=must(_NOT_NEGATIVE))
    nt_present_beats_ne: bool = field(default=False, metadata=must(Flag()))
    tumour_markers: bool = field(default=False, metadata=must(Flag()))
    new_ne_policy: str = field(default="NE_unless_PD", metadata=must(Choice(("NE_unless_PD", "ignore"))))
    new_unscanned: str = field(default="new", metadata=must(Choice(("new", "equivocal"))))
    new_node_unequivocal_mm: Decimal = field(
        default=Decimal(15), metadata=must(Number(minimum=Decimal(10), maximum=Decimal(15)))
    )
    pr_persistence: str = field(default="never", metadata=must(Choice(("never", "after_confirmed", "after_any"))))
    post_cr_policy: str = field(default="query", metadata=must(Choice(("query", "auto_pd", "amend"))))
    post_cr_node_guard: bool = field(default=True, metadata=must(Flag()))
    residual_cr: bool = field(default=False, metadata=must(Flag()))
