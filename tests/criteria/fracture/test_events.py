"""What makes a fracture new or worse: each limit by itself, and the reader's grade."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from spinereview.criteria.fracture.assess import assess
from spinereview.criteria.fracture.events import further_loss
from spinereview.criteria.fracture.heights import Heights
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


def test_the_largest_loss_counts_and_a_gain_is_none():
    assert further_loss(heights("20", "24", "25"), heights("25", "25", "25")) == 20
    assert further_loss(heights("25", "25", "20"), heights("25", "25", "25")) == Fraction(20)
    assert further_loss(heights("26", "26", "26"), heights("25", "25", "25")) == 0
