from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.recist.selection import Candidate, doubts, organ_of, violations
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


@pytest.mark.parametrize(
    ("bone_organ", "spine", "rib"),
    [
        ("skeleton", "BONE", "BONE"),
        ("spine_vs_other", "BONE SPINE", "BONE OTHER"),
        ("vertebra", "BONE T9-T10", "BONE RIB 7"),
    ],
)
def test_a_bone_lesion_counts_for_the_organ_that_the_protocol_names(bone_organ, spine, rib):
    settings = Settings(bone_organ=bone_organ)
    vertebra = Site(organ="BONE", location="", levels=(Level.T9, Level.T10))
    other = Site(organ="BONE", location="RIB 7")
    assert [organ_of(site, settings, nodal=False) for site in (vertebra, other)] == [spine, rib]
    assert organ_of(vertebra, settings, nodal=True) == "LYMPH NODE"


def lesion(number, organ, mm, **more):
    site = Site(organ=organ, location="")
    return Candidate(lesion=f"L{number:02}", site=site, size_mm=None if mm is None else Decimal(mm), **more)


def asked(targets, others, **settings):
    found = doubts(targets, others, Settings(**settings))
    assert all(reason.code in catalogue() for reason in found)
    assert all("{" not in catalogue()[reason.code].format(**reason.args) for reason in found)
    return [(reason.code, reason.args["lesion"]) for reason in found]


TWO = [lesion(1, "LIVER", "20.0"), lesion(2, "LIVER", "15.0")]


@pytest.mark.parametrize(("mm", "expected"), [("15.0", []), ("15.1", [("LARGER_NOT_CHOSEN", "L03")])])
def test_a_larger_lesion_of_the_same_organ_is_asked_about_and_an_equal_one_is_not(mm, expected):
    assert asked(TWO, [lesion(3, "LIVER", mm)]) == expected


def test_the_targets_that_could_stand_back_are_named_with_their_sizes():
    (found,) = doubts(TWO, [lesion(3, "LIVER", "17.0")], Settings())
    assert (found.args["mm"], found.args["lesions"]) == ("17.0", "L02 (15.0 mm)")
    assert found.refs == (("lesions", "L03"), ("lesions", "L02"))
    assert found.rule.endswith("4.2")


def test_an_organ_without_a_target_is_named_where_there_is_room():
    assert asked(TWO, [lesion(3, "LUNG", "10.0")]) == [("ORGAN_WITHOUT_TARGET", "L03")]


def test_room_for_one_more_is_asked_about():
    assert asked(TWO[:1], [lesion(3, "LIVER", "10.0")]) == [("ELIGIBLE_NOT_CHOSEN", "L03")]


FULL = [lesion(number, organ, "20.0") for number, organ in enumerate(("LIVER", "LIVER", "LUNG", "LUNG", "BRAIN"), 1)]
SPREAD = [lesion(number, organ, "20.0") for number, organ in enumerate(("LIVER", "BONE", "LUNG", "SKIN", "BRAIN"), 1)]


@pytest.mark.parametrize(
    ("targets", "other", "expected"),
    [
        pytest.param(FULL, ("KIDNEY", "12"), ["ORGAN_WITHOUT_TARGET"], id="full, and one organ has two"),
        pytest.param(SPREAD, ("KIDNEY", "12"), [], id="full, and each organ has its only one"),
        pytest.param(FULL, ("BRAIN", "19.9"), [], id="smaller than all"),
        pytest.param(FULL, ("BRAIN", "20.1"), ["LARGER_NOT_CHOSEN"], id="larger, of an organ with room"),
        pytest.param(SPREAD, ("BRAIN", "20.0"), [], id="equal"),
        pytest.param(SPREAD, ("BRAIN", "20.1"), ["LARGER_NOT_CHOSEN"], id="larger than the only one of its own organ"),
    ],
)
def test_at_the_limits_only_a_choice_that_is_possible_is_asked_for(targets, other, expected):
    assert [code for code, _ in asked(targets, [lesion(9, *other)])] == expected


@pytest.mark.parametrize(
    ("organ", "back"),
    [
        pytest.param("BRAIN", ["L01", "L02", "L03", "L04", "L05"], id="an organ with room"),
        pytest.param("LIVER", ["L01", "L02"], id="an organ at its limit"),
    ],
)
def test_a_target_of_another_organ_stands_back_where_it_is_not_its_only_one_and_there_is_room(organ, back):
    (found,) = doubts(FULL, [lesion(9, organ, "20.1")], Settings())
    assert (found.code, [name.split()[0] for name in found.args["lesions"].split(", ")]) == ("LARGER_NOT_CHOSEN", back)


def test_the_only_target_of_another_organ_does_not_stand_back():
    (found,) = doubts(SPREAD, [lesion(9, "BRAIN", "20.1")], Settings())
    assert found.args["lesions"] == "L05 (20.0 mm)"


@pytest.mark.parametrize(
    "facts",
    [
        {"not_measurable": "BELOW_MINIMUM"},
        {"group": True},
        {"override_reason": "moves with breathing"},
        {"cystic": True},
    ],
)
def test_what_could_not_be_chosen_or_has_a_reason_is_not_asked_about(facts):
    assert asked(TWO, [lesion(3, "LIVER", "30", **facts)]) == []
    assert asked(TWO, [lesion(3, "LIVER", None)]) == []


def test_a_solid_lesion_is_preferred_to_a_cystic_one():
    cyst = lesion(1, "LIVER", "20", cystic=True)
    solid, lung = lesion(3, "LIVER", "12"), lesion(4, "LUNG", "12", not_measurable="BELOW_MINIMUM")
    assert asked([cyst, TWO[1]], [solid, lung]) == [("CYSTIC_CHOSEN", "L01")]
    assert asked([lesion(1, "LIVER", "20", cystic=True, override_reason="r"), TWO[1]], [solid]) == []


@pytest.mark.parametrize(
    "other",
    [
        lesion(3, "LUNG", "12"),
        lesion(3, "LIVER", "12", cystic=True),
        lesion(3, "LIVER", "12", not_measurable="BELOW_MINIMUM"),
        lesion(3, "LIVER", "12", override_reason="moves with breathing"),
    ],
)
def test_a_cystic_one_is_asked_about_only_where_a_solid_one_of_its_organ_could_be_chosen(other):
    cyst = lesion(1, "LIVER", "20", cystic=True)
    assert ("CYSTIC_CHOSEN", "L01") not in asked([cyst, TWO[1]], [other])


def test_a_lesion_that_was_not_measured_is_named_without_a_size():
    node = lesion(3, "NECK", None, nodal=True, not_measurable="NODE_OF_NORMAL_SIZE")
    assert doubts(TWO, [node], Settings())[0].args["mm"] == ""


def test_a_node_of_normal_size_is_not_recorded():
    node = lesion(3, "NECK", "9.9", nodal=True, not_measurable="NODE_OF_NORMAL_SIZE")
    assert asked(TWO, [node]) == [("NORMAL_NODE_RECORDED", "L03")]


def test_the_limits_of_the_protocol_decide_on_the_room():
    assert asked(TWO, [lesion(3, "LUNG", "12")], max_targets=2) == [("ORGAN_WITHOUT_TARGET", "L03")]
    assert asked(TWO[:1], [lesion(3, "LIVER", "12")], max_per_organ=1) == []
    assert asked([lesion(1, "BONE", "20")], [lesion(3, "LIVER", "12")], max_targets=1) == []
