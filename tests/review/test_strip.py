"""The spine of a timepoint, level by level."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole, LesionState, Tissue
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.review.command import Role
from spinereview.review.commands.findings import SetState
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import LabelLevel, Score, SetNumbering
from spinereview.review.strip import FractureMark, LesionMark, SinsMark, spine_rows
from spinereview.review.visibility import visible
from spinereview.workflow.assessments import assess_read, shown


def rows_of(read, case, protocol, timepoint="BL"):
    seen = visible(read, Role.READER, protocol, case)
    rows = spine_rows(seen, timepoint, shown(assess_read(read, case, protocol), seen))
    return {row.level: row for row in rows}


def bone(timepoint, role, *levels):
    return AddLesion(
        timepoint=Id(timepoint),
        role=role,
        nodal=False,
        site=Site(organ="BONE", location="", levels=levels),
        tissue=Tissue.LYTIC,
        group=False,
        measurement=None,
        stack_sha256="",
    )


def state(lesion, timepoint, value):
    return SetState(lesion=Id(lesion), timepoint=Id(timepoint), state=value, reason="", justification="")


def answer(item, value, form="SINS"):
    given = Answer(value=value, basis=AnswerBasis.JUDGED)
    return Score(timepoint=Id("BL"), level=Level.T9, form=form, item=item, answer=given)


@pytest.mark.parametrize(
    ("numbering", "there", "count"), [("", set(), 31), ("T13", {Level.T13}, 32), ("L6", {Level.L6}, 32)]
)
def test_levels_run_from_the_occiput_to_the_coccyx_in_the_subjects_numbering(
    do, empty, case, generic, numbering, there, count
):
    read = do(SetNumbering(numbering=numbering)) if numbering else empty
    levels = list(rows_of(read, case, generic))
    assert (levels[0], levels[1], levels[-1], len(levels)) == (Level.OCCIPUT, Level.C1, Level.COCCYX, count)
    assert {Level.T13, Level.L6} & set(levels) == there
    assert levels == [level for level in Level if level in levels]


def test_an_empty_read_carries_nothing_and_no_timepoint_neither(empty, case, generic):
    assert not any(row.carries for row in rows_of(empty, case, generic).values())
    assert not any(row.carries for row in rows_of(empty, case, generic, None).values())


def test_a_label_carries_its_level_at_its_own_timepoint(do, case, generic):
    point = InSpace(stacks=(Id("k-BL"),), frame_of_reference_uid="2.25.99", points_um=((0, 0, 0),))
    mark = Measurement(id=Id("m"), kind=MeasurementKind.LEVEL, geometry=point)
    read = do(
        LabelLevel(timepoint=Id("BL"), stack=Id("k-BL"), level=Level.L2, measurement=mark, move=False, stack_sha256="")
    )
    assert rows_of(read, case, generic)[Level.L2].labelled
    assert not rows_of(read, case, generic, "FU1")[Level.L2].carries


def test_a_missing_item_makes_a_range_and_the_last_one_a_score(do, case, generic):
    read = do(answer("BONE_LESION", "LYTIC"))
    assert rows_of(read, case, generic)[Level.T9].sins == SinsMark(
        low=3, high=16, category="INDETERMINATE", answered=True
    )
    rest = {"PAIN": "MECHANICAL", "ALIGNMENT": "NORMAL", "COLLAPSE": "OVER_50", "POSTEROLATERAL": "NONE"}
    read = do(*(answer(item, value) for item, value in rest.items()), on=read)
    assert rows_of(read, case, generic)[Level.T9].sins == SinsMark(
        low=9, high=9, category="POTENTIALLY_UNSTABLE", answered=True
    )


def test_a_level_of_which_nothing_was_answered_says_so(do, case, generic):
    read = do(bone("BL", LesionRole.NON_TARGET, Level.T9), state("L01", "BL", LesionState.PRESENT))
    assert rows_of(read, case, generic)[Level.T9].sins == SinsMark(
        low=1, high=16, category="INDETERMINATE", answered=False
    )


def test_a_grade_is_the_readers_where_he_gave_one(do, case, generic):
    read = do(answer("GRADE", "2", "VCF"))
    assert rows_of(read, case, generic)[Level.T9].fracture == FractureMark(
        grade=Decimal(2), confirmed=True, flag="PRESENT"
    )


def test_a_lesion_is_marked_from_the_visit_that_recorded_it_until_it_is_gone(do, case, generic):
    read = do(
        bone("BL", LesionRole.NON_TARGET, Level.T9, Level.T10),
        bone("FU1", LesionRole.NEW, Level.T9),
        state("L01", "BL", LesionState.PRESENT),
        state("L02", "FU1", LesionState.PRESENT),
        state("L01", "FU2", LesionState.ABSENT),
    )
    first = LesionMark(lesion=Id("L01"), label="N01", role=LesionRole.NON_TARGET, said=True)
    new = LesionMark(lesion=Id("L02"), label="NEW02", role=LesionRole.NEW, said=True)
    at = {name: rows_of(read, case, generic, name)[Level.T9].lesions for name in ("BL", "FU1", "FU2")}
    assert at["BL"] == (first,)
    assert at["FU1"] == (LesionMark(lesion=first.lesion, label="N01", role=first.role, said=False), new)
    assert at["FU2"] == (LesionMark(lesion=new.lesion, label="NEW02", role=new.role, said=False),)
    assert rows_of(read, case, generic)[Level.T10].lesions == (first,)
