"""What makes a fracture new or worse: each limit by itself, and the reader's grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from spinereview.criteria.fracture.assess import assess
from spinereview.criteria.fracture.events import further_loss
from spinereview.criteria.fracture.heights import Heights, Unit
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Input, Measured, SpineVisit, Vertebra, levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.table import Table


def heights(*values):
    anterior, middle, posterior = map(Decimal, values)
    return Heights(anterior=anterior, middle=middle, posterior=posterior)


def visit(name, values=None, grade=None, **more):
    """T9 between two intact vertebrae of 25 mm, or without heights."""
    shown = {"T8": ("25", "25", "25"), "T9": values, "T10": ("25", "25", "25")}
    made = {}
    for level, own in shown.items():
        measured = {"k": Measured(stack="k", modality="CT", heights=heights(*own))} if own and values else {}
        told = Decimal(grade) if grade is not None and level == "T9" else None
        made[level] = Vertebra(level=Level(level), measured=Table(measured), grade=told)
    return SpineVisit(timepoint=name, vertebrae=Table(made), **more)


def second(before, now, **settings):
    given = Input(visits=(before, now), baseline=before.timepoint, order=levels_in_order())
    return assess(given, Settings(**settings))[f"{now.timepoint}/fracture/T9"]


def reasons(answer):
    return {reason.code: reason for reason in (*answer.because, *answer.warnings)}


@pytest.mark.parametrize(
    ("before", "now", "outcome", "new_pct", "prog_pct"),
    [
        (("25", "25", "25"), ("21", "25", "25"), "NEW", 15, 20),
        (("20", "25", "25"), ("16.8", "25", "25"), "PROGRESSIVE", 20, 15),
    ],
)
def test_a_new_and_a_known_fracture_have_each_its_own_limit(before, now, outcome, new_pct, prog_pct):
    limits = {"vcf_new_pct": Decimal(new_pct), "vcf_prog_pct": Decimal(prog_pct)}
    found = second(visit("BL", before), visit("FU1", now), **limits)
    assert found.outcome == outcome
    assert reasons(found)["FURTHER_LOSS"].args["limit"] == "15"


@pytest.mark.parametrize(
    ("before", "now", "raised"),
    [
        ("1", "2", True),
        ("0.5", "1", False),
        ("1", "1", False),
        ("2", "1", False),
        ("0", "1", False),
        (None, "2", False),
    ],
)
def test_only_a_higher_grade_of_a_fracture_is_progression(before, now, raised):
    found = second(visit("BL", grade=before), visit("FU1", grade=now))
    assert (found.outcome == "PROGRESSIVE") == raised
    assert ("GRADE_ROSE_BY_READER" in reasons(found)) == raised


def test_the_comparison_names_the_baseline_as_a_reader_does():
    args = {
        label: reasons(second(visit("BL", ("25", "25", "25"), label=label), visit("FU1", ("12", "25", "25"))))[
            "FURTHER_LOSS"
        ].args["visit"]
        for label in ("Screening", "")
    }
    assert args == {"Screening": "Screening", "": "BL"}


def given(*visits):
    """Answers of visits of T9: its heights and those of its neighbours by modality, and facts."""
    made = []
    for name, stacks, facts in visits:
        vertebrae = {}
        for level, place in (("T8", 1), ("T9", 0), ("T10", 1)):
            measured = {
                modality: Measured(stack=modality, modality=modality, heights=values[place])
                for modality, values in stacks.items()
            }
            vertebrae[level] = Vertebra(level=Level(level), measured=Table(measured), **(facts if not place else {}))
        made.append(SpineVisit(timepoint=name, vertebrae=Table(vertebrae)))
    return assess(Input(visits=tuple(made), baseline="BL", order=levels_in_order()), Settings())


WHOLE = heights("25", "25", "25")
INTACT, LOST = (WHOLE, WHOLE), (heights("18", "25", "25"), WHOLE)


@pytest.mark.parametrize(
    ("at_fu1", "facts", "outcomes"),
    [
        (LOST, {}, {"CT": "NEW", "MR": "NO"}),
        (INTACT, {"fracture_line": True}, {"CT": "NEW", "MR": "NEW"}),
        (INTACT, {}, {"CT": "NO", "MR": "NO"}),
    ],
)
def test_a_fracture_stays_new_on_the_images_that_showed_it_and_where_the_reader_saw_it_on_all(at_fu1, facts, outcomes):
    both = {"CT": INTACT, "MR": INTACT}
    found = given(("BL", both, {}), ("FU1", {"CT": at_fu1}, facts), ("FU2", both, {}))
    assert {name: found[f"FU2/fracture/T9/{name}"].outcome for name in both} == outcomes


def test_at_the_baseline_itself_there_is_no_loss_and_no_event():
    found = given(("BL", {"CT": LOST}, {}), ("FU1", {"CT": LOST}, {}))
    assert [found[f"{name}/fracture/T9"].values["incident_loss_pct"] for name in ("BL", "FU1")] == [None, 0]


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        ("22.5", "20.1", "WATCH"),  # 10.0 % to 19.6 %: grade 0 to 0, 10.7 % lost
        ("22.5", "20", "NEW"),  # to 20.0 %: grade 1, 11.1 % lost
        ("22.2", "20", "PRESENT"),  # 11.2 % to 20.0 %: grade 1, but 9.9 % lost
        ("20", "18.7", "PRESENT"),  # 20.0 % to 25.2 %: grade 1 to 2, 6.5 % lost
        ("20.8", "18.7", "NEW"),  # 16.8 % to 25.2 %: grade 0 to 2, 10.1 % lost
        ("19", "17", "PROGRESSIVE"),  # 24.0 % to 32.0 %: grade 1 to 2, 10.5 % lost
    ],
)
def test_a_rise_of_the_grade_counts_with_a_tenth_of_the_height_lost(before, now, outcome):
    found = second(visit("BL", (before, "25", "25")), visit("FU1", (now, "25", "25")), vcf_prog_pct=Decimal(15))
    assert found.outcome == outcome


def test_heights_that_the_baseline_lacks_are_said_with_its_name():
    names = {
        label: reasons(second(visit("BL", label=label), visit("FU1", ("25", "25", "25"))))[
            "NO_HEIGHTS_AT_BASELINE"
        ].args["visit"]
        for label in ("Screening", "")
    }
    assert names == {"Screening": "Screening", "": "BL"}


def alone(name, *values, **neighbours):
    """T9 without intact neighbours but those that are named."""
    made = {"T9": values, **neighbours}
    vertebrae = {
        level: Vertebra(
            level=Level(level), measured=Table({"k": Measured(stack="k", modality="CT", heights=heights(*own))})
        )
        for level, own in made.items()
    }
    return SpineVisit(timepoint=name, vertebrae=Table(vertebrae))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({}, {}, None),
        ({"T8": ("25", "25", "25")}, {"T8": ("24", "25", "25")}, None),
        ({"T8": ("25", "25", "25")}, {}, ("T8", "T9")),
        ({}, {"T8": ("25", "25", "25"), "T10": ("25", "25", "25")}, ("T9", "T8, T10")),
        ({"T10": ("25", "25", "25")}, {"T8": ("25", "25", "25")}, ("T10", "T8")),
    ],
)
def test_a_reference_of_other_levels_is_said(before, now, said):
    found = reasons(second(alone("BL", "25", "25", "25", **before), alone("FU1", "25", "25", "25", **now)))
    changed = found.get("REFERENCE_CHANGED")
    assert (changed and (changed.args["before"], changed.args["now"])) == said


def test_without_anything_to_compare_with_at_the_baseline_the_own_loss_still_counts():
    # A height of 0 is none to be compared with; the loss in front is 24 %.
    found = second(alone("BL", "25", "25", "0"), alone("FU1", "19", "25", "25"))
    assert (found.outcome, found.values["incident_loss_pct"]) == ("NEW", 24)
    assert "REFERENCE_CHANGED" not in reasons(found)


@pytest.mark.parametrize("units", [(Unit.PIXEL, Unit.PIXEL), (Unit.PIXEL, Unit.MM), (Unit.MM, Unit.PIXEL)])
def test_pixels_and_millimetres_are_no_further_loss_and_no_rise_of_the_grade(units):
    whole, lost = (
        tuple(replace(one, unit=unit) for one in values)
        for values, unit in zip(((WHOLE, WHOLE), (heights("18", "25", "25"), WHOLE)), units, strict=True)
    )
    found = given(("BL", {"DX": whole}, {}), ("FU1", {"DX": lost}, {}))["FU1/fracture/T9"]
    assert (found.outcome, found.values["incident_loss_pct"], found.values["max_loss_pct"]) == ("PRESENT", None, 28)
    assert "INCIDENT_UNCALIBRATED" in reasons(found)


@pytest.mark.parametrize(("was", "now", "lost"), [("0", "20", 4), ("1", "0.5", 50), ("0.1", "0", 100)])
def test_a_height_that_was_0_cannot_be_lost(was, now, lost):
    assert further_loss(heights(now, "24", "25"), heights(was, "25", "25")) == lost


def test_the_largest_loss_counts_and_a_gain_is_none():
    assert further_loss(heights("20", "24", "25"), heights("25", "25", "25")) == 20
    assert further_loss(heights("25", "25", "20"), heights("25", "25", "25")) == Fraction(20)
    assert further_loss(heights("26", "26", "26"), heights("25", "25", "25")) == 0
