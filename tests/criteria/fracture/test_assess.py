"""What is answered of a vertebra: on which images it rests, its heights, why, what is doubted and what is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from spinereview.criteria.fracture.assess import assess, trusted_loss
from spinereview.criteria.fracture.heights import Heights, Unit
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Input, Measured, SpineVisit, Vertebra, levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.scores import NonFractureCause
from spinereview.domain.table import Table
from spinereview.text import catalogue

WHOLE, WEDGE, BICONCAVE = "25 25 25", "20 25 25", "25 20 25"
CAUSE = NonFractureCause.SCHEUERMANN


def measured(stack, modality, values, unit=Unit.MM, coarse=None):
    anterior, middle, posterior = map(Decimal, values.split())
    heights = Heights(anterior=anterior, middle=middle, posterior=posterior, unit=unit)
    coarse_mm = None if coarse is None else Decimal(coarse)
    return Measured(stack=stack, modality=modality, heights=heights, coarse_mm=coarse_mm, ref=("heights", stack))


def spine(stacks, *, beside=WHOLE, coarse=None, unit=Unit.MM, **facts):
    """T9 with heights by stack and modality, as ``{"k CT": "20 25 25"}``, between two vertebrae on the same stacks."""
    named = {name.split()[0]: (name.split()[1], values) for name, values in stacks.items()}
    own = {stack: measured(stack, modality, values, unit, coarse) for stack, (modality, values) in named.items()}
    vertebrae = {"T9": Vertebra(level=Level.T9, measured=Table(own), **facts)}
    for level in ("T8", "T10") if beside else ():
        others = {stack: measured(stack, modality, beside, unit) for stack, (modality, _) in named.items()}
        vertebrae[level] = Vertebra(level=Level(level), measured=Table(others), intact=True)
    visit = SpineVisit(timepoint="BL", vertebrae=Table(vertebrae))
    return Input(visits=(visit,), baseline="BL", order=levels_in_order())


def t9(*given, **more):
    return assess(spine(*given, **more), Settings())["BL/fracture/T9"]


def loss(*given, **more):
    of = spine(*given, **more)
    return trusted_loss(of, of.visits[0], of.visits[0].vertebrae["T9"], Settings())


def codes(reasons):
    for reason in reasons:
        assert reason.code in catalogue(), reason.code
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("stacks", "pct"),
    [
        ({"a CT": WHOLE, "b MR": WEDGE}, 0),
        ({"a MR": WEDGE, "b CT": WHOLE}, 0),
        ({"a DX": WEDGE, "b MR": WHOLE}, 0),
        ({"a CR": WEDGE, "b DX": WHOLE}, 0),
        ({"a XA": WEDGE, "b CR": WHOLE}, 0),
        ({"a XA": WEDGE}, 20),
        ({"a CT": WHOLE, "b CT": WEDGE}, 20),
        ({"a CT": WEDGE, "b CT": WHOLE}, 20),
        ({"a CT": WEDGE, "b CT": BICONCAVE.replace("20", "19")}, 24),
    ],
)
def test_ct_goes_before_mr_before_x_ray_and_of_two_the_larger_loss(stacks, pct):
    assert t9(stacks).values["max_loss_pct"] == pct
    assert loss(stacks).pct == pct


def test_a_stack_on_which_nothing_can_be_compared_goes_behind_one_without_a_loss():
    # On the first stack the vertebra stands alone, and has no height behind.
    of = spine({"b CT": WHOLE})
    vertebra = of.visits[0].vertebrae["T9"]
    both = Table({"a": measured("a", "CT", "25 25 0"), **vertebra.measured})
    vertebrae = of.visits[0].vertebrae.with_("T9", Vertebra(level=Level.T9, measured=both))
    visit = SpineVisit(timepoint="BL", vertebrae=vertebrae)
    given = Input(visits=(visit,), baseline="BL", order=of.order)
    answers = assess(given, Settings())
    assert (answers["BL/fracture/T9"].outcome, answers["BL/fracture/T9"].values["max_loss_pct"]) == ("NO", 0)
    alone = answers["BL/fracture/T9/a"]
    assert (alone.outcome, alone.values["max_loss_pct"], alone.because) == ("NE", None, ())
    assert trusted_loss(given, visit, visit.vertebrae["T9"], Settings()).pct == 0


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, (Fraction(20), False)),
        ({"beside": None}, (Fraction(20), True)),
        ({"non_fracture_cause": CAUSE}, None),
        ({"coarse": "2.5"}, (Fraction(20), False)),
        ({"coarse": "2.6"}, None),
        ({"endplates_hidden": True}, None),
    ],
)
def test_a_loss_is_trusted_where_it_suggests_a_grade(more, found):
    trusted = loss({"k CT": WEDGE}, **more)
    assert (trusted and (trusted.pct, trusted.at_least)) == found
    assert loss({}) is None


def test_heights_and_reference_are_said_in_millimetres_and_not_in_pixels():
    heights = ("ha_mm", "hm_mm", "hp_mm", "ra_mm", "rm_mm", "rp_mm")
    found = t9({"k CT": "20 21 22"}, beside="24 25 26").values
    assert [found[key] for key in heights] == [20, 21, 22, 24, 25, 26]
    pixels = t9({"k DX": "20 21 22"}, beside="24 25 26", unit=Unit.PIXEL).values
    assert [pixels[key] for key in heights] == [None] * 6
    for values in (found, pixels):
        assert [str(values[f"loss_{place}_pct"]) for place in "amp"] == ["16.7", "16.0", "15.4"]


@pytest.mark.parametrize(
    ("values", "beside", "pct"),
    [
        ("20 20 25", "25 20 28", "16.0"),  # 20 % in front
        ("25 15 28", "25 20 28", "20.0"),  # 25 % in the middle
        ("25 20 21", "25 20 28", "14.3"),  # 25 % behind
        ("20 25 25", None, "16.0"),
    ],
)
def test_the_distance_of_the_slices_is_said_in_per_cent_of_the_height_that_is_lost_most(values, beside, pct):
    coarse = next(
        reason for reason in t9({"k CT": values}, beside=beside, coarse="4").warnings if reason.code == "COARSE_SLICES"
    )
    assert (coarse.args["interval"], coarse.args["pct"]) == ("4", pct)


@pytest.mark.parametrize(
    ("values", "more", "said"),
    [
        (WHOLE, {}, ["HEIGHT_LOSS"]),
        (WEDGE, {}, ["HEIGHT_LOSS", "DEFORMITY_WEDGE"]),
        (BICONCAVE, {}, ["HEIGHT_LOSS", "DEFORMITY_BICONCAVE"]),
        ("25 25 20", {}, ["HEIGHT_LOSS", "DEFORMITY_CRUSH"]),
        (WHOLE, {"beside": None}, ["HEIGHT_LOSS_OWN_POSTERIOR_NO_GRADE"]),
        (WEDGE, {"beside": None}, ["HEIGHT_LOSS_OWN_POSTERIOR", "DEFORMITY_WEDGE"]),
        (WEDGE, {"coarse": "5"}, ["HEIGHT_LOSS_NO_GRADE"]),
        (WHOLE, {"non_fracture_cause": CAUSE}, ["NOT_A_FRACTURE_SCHEUERMANN", "HEIGHT_LOSS_NO_GRADE"]),
        (WEDGE, {"non_fracture_cause": CAUSE, "coarse": "5"}, ["NOT_A_FRACTURE_SCHEUERMANN", "HEIGHT_LOSS_NO_GRADE"]),
        (WEDGE, {"endplates_hidden": True}, ["ENDPLATES_HIDDEN"]),
    ],
)
def test_the_loss_the_shape_and_whether_they_have_a_grade_are_said(values, more, said):
    assert codes(t9({"k CT": values}, **more).because) == said


@pytest.mark.parametrize(
    ("cause", "line", "asked"), [(CAUSE, True, True), (CAUSE, False, False), (NonFractureCause.NONE, True, False)]
)
@pytest.mark.parametrize("stacks", [{"k CT": WHOLE}, {}])
def test_a_fracture_line_and_another_cause_contradict_each_other(stacks, cause, line, asked):
    found = t9(stacks, non_fracture_cause=cause, fracture_line=line)
    assert ("FRACTURE_LINE_AND_CAUSE" in codes(found.warnings)) is asked


@pytest.mark.parametrize(
    ("facts", "because", "missing"),
    [
        ({}, ["HEIGHTS_MISSING"], ["HEIGHTS_MISSING"]),
        ({"grade": Decimal(1)}, ["GRADE_OF_READER"], []),
        ({"resected": True}, ["VERTEBRA_RESECTED"], []),
    ],
)
def test_without_heights_they_are_missing_unless_the_reader_says_something(facts, because, missing):
    found = t9({}, **facts)
    assert (codes(found.because), codes(found.missing)) == (because, missing)


@pytest.mark.parametrize(
    ("values", "facts", "missing"),
    [
        (WEDGE, {}, ["GRADE_NOT_CONFIRMED"]),
        (WEDGE, {"coarse": "5"}, ["GRADE_MISSING"]),
        (WEDGE, {"grade": Decimal(1)}, []),
        (WEDGE, {"resected": True}, []),
        (WEDGE, {"endplates_hidden": True}, []),
    ],
)
def test_a_grade_is_asked_for_until_the_reader_gives_it(values, facts, missing):
    assert codes(t9({"k CT": values}, **facts).missing) == missing
