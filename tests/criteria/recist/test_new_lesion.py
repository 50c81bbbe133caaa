"""What counts as new at each visit, and what is doubted: the cases that differ in one word or one earlier visit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.recist.new_lesion import new_lesions, remarks, why_new
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import NewValue, TargetVisit
from spinereview.domain.lesion import NewStatus
from spinereview.domain.table import Table

YES, NO, EQUIVOCAL = NewStatus.YES, NewStatus.NO, NewStatus.EQUIVOCAL


def new(lesion, status, mm=None, **more):
    given = {"nodal": lesion.startswith("N"), "short_axis_mm": None if mm is None else Decimal(mm), **more}
    return NewValue(lesion=lesion, status=status, **given)


def visits(*rows):
    """A baseline without new lesions, then one visit for each row."""
    return [
        TargetVisit(timepoint=f"V{at}", targets=Table(), new=Table({value.lesion: value for value in row}))
        for at, row in enumerate([(), *rows])
    ]


def remarked(given, at, **settings):
    found = new_lesions(given, Settings(**settings))
    return {reason.code for reason in remarks(found[at], given, at, Settings(**settings), alone=True)}


@pytest.mark.parametrize("before", [YES, NO])
def test_a_certain_word_before_does_not_settle_a_later_equivocal_one(before):
    found = new_lesions(visits([new("X", before)], [new("X", EQUIVOCAL)]), Settings())
    assert (found[2].status, found[2].backdated) == ("EQUIVOCAL", ())


def test_a_kept_word_is_used_and_still_counts_as_unsaid():
    found = new_lesions(visits([new("X", YES)], [new("X", None, said=False)]), Settings())
    assert (found[1].status, found[1].unsaid) == ("YES", ())
    assert (found[2].status, found[2].unsaid) == ("YES", ("X",))


@pytest.mark.parametrize(("mm", "small"), [("15.9", True), ("16.0", False)])
def test_a_node_is_compared_with_the_smallest_that_it_was(mm, small):
    given = visits([new("N1", EQUIVOCAL, "13.0")], [new("N1", EQUIVOCAL, "11.0")], [new("N1", YES, mm)])
    assert ("NEW_NODE_SMALL_RISE" in remarked(given, 3)) == small
    found = new_lesions(given, Settings())[3]
    told = [reason.args["before"] for reason in remarks(found, given, 3, Settings(), alone=True)]
    assert told == (["11.0"] if small else [])


@pytest.mark.parametrize(
    ("other", "doubted"),
    [
        (new("X", YES), False),
        (new("X", NO), True),
        (new("X", EQUIVOCAL), True),
        (new("N2", YES, "20.0"), True),
    ],
)
def test_only_a_certain_new_lesion_that_is_no_node_stands_beside_a_small_node(other, doubted):
    given = visits([new("N1", YES, "12.0"), other])
    assert ("NEW_NODE_ONLY_EVIDENCE" in remarked(given, 1)) == doubted


def test_what_is_no_node_or_was_not_measured_is_not_doubted_for_its_size():
    assert remarked(visits([new("X", YES, "5.0", nodal=False)]), 1) == set()
    assert remarked(visits([new("N1", YES)]), 1) == set()


@pytest.mark.parametrize(("ref", "refs"), [((), ()), (("lesions", "X"), (("lesions", "X"),))])
def test_a_reason_points_to_the_lesion_where_that_is_known(ref, refs):
    given = visits([new("X", YES, ref=ref)])
    assert why_new(new_lesions(given, Settings())[1], given[1])[0].refs == refs
