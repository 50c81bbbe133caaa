from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.recist.measurability import LesionFacts, measurable
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.lesion import LocalTherapy, PriorTherapy, Tissue
from spinereview.text import catalogue


def facts(mm, **given):
    defaults = {"organ": "LIVER", "modality": "CT", "slice_thickness_mm": Decimal("2.5")}
    return LesionFacts(size_mm=None if mm is None else Decimal(mm), **{**defaults, **given})


def bone(mm, **given):
    return facts(mm, organ="BONE", **given)


def node(mm, **given):
    return facts(mm, organ="LYMPH NODE", nodal=True, **given)


def thick(mm):
    return {"slice_thickness_mm": Decimal(mm)}


STUDY_RT = PriorTherapy(kind=LocalTherapy.RT, study_treatment=True)
RT = PriorTherapy(kind=LocalTherapy.RT, study_treatment=False)
RT_PROGRESSED = PriorTherapy(kind=LocalTherapy.RT, study_treatment=False, progressed_since=True)
RT_STABLE = PriorTherapy(kind=LocalTherapy.RT, study_treatment=False, progressed_since=False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(facts("9.9"), (False, "BELOW_MINIMUM"), id="9.9 mm"),
        pytest.param(facts("10.0"), (True, "MEASURABLE"), id="10.0 mm"),
        pytest.param(facts("10.0", **thick("5.0")), (True, "MEASURABLE"), id="slice of 5 mm"),
        pytest.param(facts("10.1", **thick("5.1")), (False, "BELOW_MINIMUM"), id="10.1 mm with 5.1 mm"),
        pytest.param(facts("10.2", **thick("5.1")), (True, "MEASURABLE_THICK_SLICE"), id="twice the slice"),
        pytest.param(facts("15.9", **thick("8")), (False, "BELOW_MINIMUM"), id="15.9 mm with 8 mm"),
        pytest.param(facts("16.0", modality="MR", **thick("8")), (True, "MEASURABLE_THICK_SLICE"), id="the same on MR"),
        pytest.param(
            facts("15.9", slice_interval_mm=Decimal(8)), (False, "BELOW_MINIMUM"), id="the interval is the larger"
        ),
        pytest.param(facts("10", slice_thickness_mm=None), (True, "MEASURABLE_SLICE_UNKNOWN"), id="slice unknown"),
        pytest.param(facts(None), (False, "NOT_MEASURED"), id="not measured"),
        pytest.param(facts(None, modality=""), (False, "NOT_MEASURED"), id="never marked on an image"),
        pytest.param(
            bone(None, modality="", tissue=Tissue.LYTIC, soft_tissue=True), (False, "NOT_MEASURED"), id="bone, the same"
        ),
        pytest.param(bone(None, modality="", tissue=Tissue.BLASTIC), (False, "BONE_BLASTIC"), id="blastic, the same"),
        pytest.param(facts(None, modality="US"), (False, "METHOD_NOT_MEASURABLE"), id="seen on ultrasound"),
        pytest.param(facts("50", modality=""), (False, "METHOD_NOT_MEASURABLE"), id="a size of unknown images"),
        pytest.param(node("9.9"), (False, "NODE_OF_NORMAL_SIZE"), id="node of 9.9 mm"),
        pytest.param(node("10.0"), (False, "NODE_NON_TARGET"), id="node of 10.0 mm"),
        pytest.param(node("14.9"), (False, "NODE_NON_TARGET"), id="node of 14.9 mm"),
        pytest.param(node("15.0"), (True, "MEASURABLE"), id="node of 15.0 mm"),
        pytest.param(node("15.9", **thick("8")), (False, "NODE_NON_TARGET"), id="node on thick slices"),
        pytest.param(node("16.0", **thick("8")), (True, "MEASURABLE_THICK_SLICE"), id="node of twice the slice"),
        pytest.param(facts("19.9", organ="LUNG", modality="DX"), (False, "BELOW_MINIMUM"), id="chest X-ray, 19.9"),
        pytest.param(facts("20.0", organ="LUNG", modality="CR"), (True, "MEASURABLE"), id="chest X-ray, 20.0"),
        pytest.param(facts("50", modality="DX"), (False, "METHOD_NOT_MEASURABLE"), id="plain film"),
        pytest.param(facts("50", modality="US"), (False, "METHOD_NOT_MEASURABLE"), id="ultrasound"),
        pytest.param(facts("50", modality="PT"), (False, "METHOD_NOT_MEASURABLE"), id="PET"),
        pytest.param(facts("50", modality="NM"), (False, "METHOD_NOT_MEASURABLE"), id="bone scan"),
        pytest.param(facts("9.9", modality="SKIN"), (False, "BELOW_MINIMUM"), id="skin, 9.9"),
        pytest.param(facts("10", modality="SKIN"), (True, "MEASURABLE"), id="skin, 10"),
        pytest.param(facts("50", organ="ASCITES"), (False, "KIND_NOT_MEASURABLE"), id="ascites"),
        pytest.param(bone("50", tissue=Tissue.BLASTIC, soft_tissue=True), (False, "BONE_BLASTIC"), id="blastic"),
        pytest.param(bone("50", tissue=Tissue.LYTIC), (False, "BONE_WITHOUT_SOFT_TISSUE"), id="lytic"),
        pytest.param(
            bone("50", tissue=Tissue.MIXED, soft_tissue=False), (False, "BONE_WITHOUT_SOFT_TISSUE"), id="mixed"
        ),
        pytest.param(bone("10", tissue=Tissue.LYTIC, soft_tissue=True), (True, "MEASURABLE"), id="lytic, soft tissue"),
        pytest.param(bone("9.9", tissue=Tissue.MIXED, soft_tissue=True), (False, "BELOW_MINIMUM"), id="mixed, 9.9"),
        pytest.param(bone("10", tissue=Tissue.SOFT), (True, "MEASURABLE"), id="soft-tissue mass of bone"),
        pytest.param(bone("50"), (False, "TISSUE_MISSING"), id="kind of bone lesion unsaid"),
        pytest.param(
            bone("50", tissue=Tissue.SOFT, modality="SKIN"), (False, "METHOD_NOT_MEASURABLE"), id="bone by caliper"
        ),
        pytest.param(
            facts("50", prior_therapy=RT), (False, "PROGRESSION_MISSING"), id="irradiated, progression unsaid"
        ),
        pytest.param(facts("50", prior_therapy=RT_STABLE), (False, "TREATED_BEFORE"), id="irradiated, stable"),
        pytest.param(facts("50", prior_therapy=RT_PROGRESSED), (True, "MEASURABLE"), id="irradiated, progressed"),
        pytest.param(facts("50", prior_therapy=STUDY_RT), (True, "MEASURABLE"), id="irradiated by the study"),
    ],
)
def test_measurable(given, expected):
    assert measurable(given, Settings()) == expected
    assert expected[1] in catalogue()


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (node("15.0", **thick("8")), {"thick_slice_nodes": "keep"}, True),
        (node("14.9", **thick("8")), {"thick_slice_nodes": "keep"}, False),
        (facts("10", slice_interval_mm=Decimal(8)), {"slice_measure": "thickness"}, True),
        (facts("15.9", slice_interval_mm=Decimal(2), **thick("8")), {"slice_measure": "thickness"}, False),
        (facts("15.9", slice_interval_mm=Decimal(8)), {"slice_measure": "interval"}, False),
        (facts("10", slice_interval_mm=Decimal(2), **thick("8")), {"slice_measure": "interval"}, True),
        (facts("50", prior_therapy=RT_PROGRESSED), {"irradiated_targets": "never"}, False),
        (facts("50", prior_therapy=STUDY_RT), {"irradiated_targets": "never"}, True),
        (node("12"), {"node_target_min": Decimal(12)}, True),
        (node("11.9"), {"node_target_min": Decimal(12)}, False),
        # A slice of 5 mm is thin: nothing is doubled.
        (node("9"), {"node_target_min": Decimal(9)}, True),
        (node("9", **thick("5.0")), {"node_target_min": Decimal(9)}, True),
        (node("9", **thick("5.1")), {"node_target_min": Decimal(9)}, False),
    ],
)
def test_settings_of_the_protocol(given, settings, expected):
    assert measurable(given, Settings(**settings))[0] is expected


@pytest.mark.parametrize("over_two_years", [None, True, False])
def test_how_long_ago_it_was_treated_changes_nothing(over_two_years):
    for progressed, expected in ((None, "PROGRESSION_MISSING"), (True, "MEASURABLE"), (False, "TREATED_BEFORE")):
        therapy = PriorTherapy(
            kind=LocalTherapy.SURGERY, study_treatment=False, over_two_years=over_two_years, progressed_since=progressed
        )
        assert measurable(facts("50", prior_therapy=therapy), Settings())[1] == expected


def test_a_kept_limit_of_nodes_does_not_speak_of_twice_the_slice():
    kept = measurable(node("15.0", **thick("8")), Settings(thick_slice_nodes="keep"))
    assert kept == (True, "MEASURABLE_THICK_SLICE_KEPT")
    lesion = measurable(facts("16.0", **thick("8")), Settings(thick_slice_nodes="keep"))
    assert lesion == (True, "MEASURABLE_THICK_SLICE")
