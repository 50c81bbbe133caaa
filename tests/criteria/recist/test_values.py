"""Values that RECIST 1.1 is given: what contradicts itself is refused, and names are what a reader calls a thing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.recist.values import Fragment, Input, NewValue, NonTargetValue, TargetValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

MEASURED, SPLIT, MERGED, ABSENT = LesionState.MEASURED, LesionState.SPLIT, LesionState.MERGED, LesionState.ABSENT
PROBLEM = Reason(code="STATE_MISSING")
PART = (Fragment(mm=Decimal(4)),)


def target(state=MEASURED, **more):
    given = {"mm": Decimal(20)} if state is MEASURED else {}
    return TargetValue(lesion="T1", state=state, **{**given, **more})


def visit(timepoint="FU1", **more):
    return TargetVisit(**{"timepoint": timepoint, "targets": Table({"T1": target()}), **more})


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (Fragment, "FRAGMENT_VALUE"),
        (lambda: Fragment(mm=Decimal(4), too_small=True), "FRAGMENT_VALUE"),
        (lambda: Fragment(mm=Decimal("-0.1")), "VALUE_NEGATIVE"),
        (lambda: target(mm=Decimal("-0.1")), "VALUE_NEGATIVE"),
        (lambda: target(mm=Decimal("NaN")), "VALUE_NEGATIVE"),
        (lambda: target(mm=Decimal("Infinity")), "VALUE_NEGATIVE"),
        (lambda: target(mm=None), "TARGET_MM"),
        (lambda: target(ABSENT, mm=Decimal(4)), "TARGET_MM"),
        (lambda: target(SPLIT), "TARGET_PARTS"),
        (lambda: target(parts=PART), "TARGET_PARTS"),
        (lambda: target(MERGED), "FINDING_CARRIER"),
        (lambda: target(carrier="T2"), "FINDING_CARRIER"),
        (lambda: target(None), "TARGET_PROBLEM"),
        (lambda: target(problem=PROBLEM), "TARGET_PROBLEM"),
        (lambda: target(LesionState.UNEQUIVOCAL_PD), "TARGET_STATE"),
        (lambda: NonTargetValue(lesion="M", state=MEASURED), "TARGET_STATE"),
        (lambda: NewValue(lesion="X", status=NewStatus.YES, short_axis_mm=Decimal("-0.1")), "VALUE_NEGATIVE"),
        (lambda: visit(targets=Table({"T2": target()})), "KEY_NOT_ID"),
        (lambda: visit(non_targets=Table({"N": NonTargetValue(lesion="M", state=ABSENT)})), "KEY_NOT_ID"),
        (lambda: visit(new=Table({"Y": NewValue(lesion="X", status=NewStatus.YES)})), "KEY_NOT_ID"),
        (lambda: Input(visits=(visit(), visit())), "VISIT_TWICE"),
        (lambda: Input(visits=(visit(), visit("FU2", targets=Table()))), "TARGETS_DIFFER"),
        (
            lambda: Input(
                visits=(visit(), visit("FU2", non_targets=Table({"M": NonTargetValue(lesion="M", state=ABSENT)})))
            ),
            "TARGETS_DIFFER",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(make, code):
    with pytest.raises(InvalidValue) as raised:
        make()
    assert raised.value.code == code


def test_what_fits_is_taken():
    assert (target(mm=Decimal(0)).mm, Fragment(mm=Decimal(0)).mm, Fragment(too_small=True).mm) == (0, 0, None)
    assert target(SPLIT, parts=PART).parts == PART
    assert target(None, problem=PROBLEM).problem is PROBLEM
    assert NonTargetValue(lesion="M", state=None).state is None
    assert NewValue(lesion="X", status=None, short_axis_mm=Decimal(0)).short_axis_mm == 0
    assert len(Input(visits=(visit(), visit("FU2"))).visits) == 2
    assert Input().visits == ()


def test_a_thing_is_called_by_its_label_or_by_its_id():
    made = [
        target,
        lambda **label: NonTargetValue(lesion="T1", state=ABSENT, **label),
        lambda **label: NewValue(lesion="T1", status=NewStatus.NO, **label),
    ]
    for make in made:
        assert (make().name, make(label="T01").name) == ("T1", "T01")
    assert (visit().name, visit(label="Month 3").name) == ("FU1", "Month 3")


def test_by_default_a_visit_is_closed_and_a_new_lesion_was_spoken_of():
    new = NewValue(lesion="X", status=NewStatus.YES)
    assert (visit().closed, new.said, new.only_by_technique, new.fracture, new.sclerotic, new.nodal) == (
        True,
        True,
        False,
        False,
        False,
        False,
    )
    assert (target().nodal, NonTargetValue(lesion="M", state=ABSENT).nodal) == (False, False)
    assert not NonTargetValue(lesion="M", state=ABSENT).sclerotic
    assert not visit().decisions.residual_cr
