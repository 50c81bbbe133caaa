from __future__ import annotations

import pytest

from spinereview.criteria.recist.selection import Candidate, organ_of, violations
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Laterality, Level, Site
from spinereview.text import catalogue


def target(number, organ, *, levels=(), nodal=False, not_measurable="", side=None):
    site = Site(organ=organ, location="", levels=levels, laterality=side)
    return Candidate(lesion=f"L0{number}", site=site, nodal=nodal, not_measurable=not_measurable)


def codes(targets, **settings):
    found = violations(targets, Settings(**settings))
    assert all(reason.code in catalogue() for reason in found)
    return [reason.code for reason in found]


FIVE = [target(1, "LIVER"), target(2, "LIVER"), target(3, "BONE"), target(4, "BONE"), target(5, "LUNG")]


def test_five_targets_two_of_an_organ_are_allowed():
    assert codes(FIVE) == []


def test_six_are_too_many():
    assert codes([*FIVE, target(6, "BRAIN")]) == ["TOO_MANY_TARGETS"]


def test_three_of_one_organ_are_too_many_and_named():
    found = violations([target(1, "LIVER"), target(2, "liver"), target(3, "LIVER")], Settings())
    assert [(reason.code, reason.args["organ"], reason.args["lesions"]) for reason in found] == [
        ("TOO_MANY_TARGETS_OF_ORGAN", "LIVER", "L01, L02, L03")
    ]


def test_paired_organs_are_one_organ():
    lungs = [target(1, "LUNG", side=Laterality.LEFT), target(2, "LUNG", side=Laterality.RIGHT), target(3, "LUNG")]
    assert codes(lungs) == ["TOO_MANY_TARGETS_OF_ORGAN"]


def test_all_nodes_are_one_organ():
    nodes = [target(1, "MEDIASTINUM", nodal=True), target(2, "NECK", nodal=True), target(3, "PELVIS", nodal=True)]
    assert codes(nodes) == ["TOO_MANY_TARGETS_OF_ORGAN"]


BONES = [target(1, "BONE", levels=(Level.L2,)), target(2, "BONE", levels=(Level.T9,)), target(3, "BONE")]


@pytest.mark.parametrize(
    ("bone_organ", "expected"),
    [("skeleton", ["TOO_MANY_TARGETS_OF_ORGAN"]), ("spine_vs_other", []), ("vertebra", [])],
)
def test_the_skeleton_is_one_organ_unless_the_protocol_says_otherwise(bone_organ, expected):
    assert codes(BONES, bone_organ=bone_organ) == expected


def test_three_of_one_vertebra_are_too_many_even_by_vertebra():
    same = [target(number, "BONE", levels=(Level.L2,)) for number in (1, 2, 3)]
    assert codes(same, bone_organ="vertebra") == ["TOO_MANY_TARGETS_OF_ORGAN"]
    assert codes(same, bone_organ="spine_vs_other") == ["TOO_MANY_TARGETS_OF_ORGAN"]


def test_a_target_that_is_not_measurable_is_named_with_the_reason():
    (found,) = violations([target(1, "BONE", not_measurable="BONE_BLASTIC")], Settings())
    assert (found.code, found.because[0].code, found.refs) == (
        "TARGET_NOT_MEASURABLE",
        "BONE_BLASTIC",
        (("lesions", "L01"),),
    )


def test_no_target_at_all():
    assert codes([]) == []
    assert codes([], allow_no_target=False) == ["NO_TARGET_ALLOWED"]


def test_limits_are_the_protocols():
    assert codes(FIVE, max_targets=4) == ["TOO_MANY_TARGETS"]
    assert codes(FIVE, max_per_organ=1) == ["TOO_MANY_TARGETS_OF_ORGAN"] * 2


def test_an_organ_is_named_alike_in_any_case():
    assert organ_of(Site(organ=" Liver", location=""), Settings(), nodal=False) == "LIVER"
