"""Labels, heights, answers and decisions: what is accepted, and why the rest is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Lock, Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis, Hardware, LevelFinding, NonFractureCause
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context, Role
from spinereview.review.commands.decisions import Decide
from spinereview.review.commands.spine import (
    LabelLevel,
    MeasureHeights,
    RemoveHeights,
    RemoveLevelLabel,
    Score,
    SetLevelFacts,
    SetNumbering,
)
from spinereview.review.levels import LevelMark, agreed_level, level_marks, nearest_level, suggested_level
from spinereview.review.spine_overlay import heights_marks, level_plates
from spinereview.review.visibility import visible
from spinereview.text import sentence

SCHMORL = NonFractureCause.SCHMORL
BODY = ((0, 0, 30), (0, 15, 30), (0, 30, 30), (0, 0, 5), (0, 15, 6), (0, 30, 4))
BODY = tuple((x * 1000, y * 1000, z * 1000) for x, y, z in BODY)


@pytest.fixture
def blank():
    return Read(id="r", case="c1", reader_code="R1", purpose=Purpose.EFFICACY, protocol_sha256="0" * 64)


@pytest.fixture
def context(case):
    numbers = count(1)
    protocol = Protocol(id="P", version="1", title="t", sha256="0" * 64)
    return Context(
        case=case,
        protocol=protocol,
        role=Role.READER,
        actor="R1",
        mint=lambda prefix: Id(f"{prefix}{next(numbers):02}"),
    )


def space(*points, stack="k-BL"):
    return InSpace(stacks=(Id(stack),), frame_of_reference_uid="2.25.99", points_um=points)


def label(level, z_mm, *, timepoint="BL", move=False, stack=None):
    stack = stack or f"k-{timepoint}"
    geometry = space((0, 0, z_mm * 1000), stack=stack)
    measurement = Measurement(id=f"m-{level}", kind=MeasurementKind.LEVEL, geometry=geometry)
    return LabelLevel(
        timepoint=timepoint, stack=stack, level=Level(level), measurement=measurement, move=move, stack_sha256=""
    )


def heights(level="T9", points=BODY, geometry=None, stack="k-BL", timepoint="BL"):
    measurement = Measurement(
        id=f"h-{level}", kind=MeasurementKind.HEIGHTS, geometry=geometry or space(*points, stack=stack)
    )
    return MeasureHeights(
        timepoint=timepoint, level=Level(level), stack=stack, measurement=measurement, stack_sha256=""
    )


def score(item, value, *, level="T9", form="SINS"):
    answer = None if value is None else Answer(value=value, basis=AnswerBasis.JUDGED)
    return Score(timepoint="BL", level=Level(level), form=form, item=item, answer=answer)


def facts(level="T9", **given):
    nothing = {
        "hardware": frozenset(),
        "endplates_hidden": False,
        "resected": False,
        "fracture_line": None,
        "intact": None,
        "non_fracture_cause": NonFractureCause.NONE,
    }
    return SetLevelFacts(timepoint="BL", level=Level(level), **{**nothing, **given})


def done(read, context, *commands):
    for command in commands:
        read = command.apply(read, context)
    return read


def refusal(read, context, command):
    with pytest.raises(Refused) as refused:
        command.apply(read, context)
    assert sentence(refused.value.code, refused.value.arguments)
    return refused.value.code


class TestLabels:
    def test_labels_lie_from_the_head_down(self, blank, context, case):
        read = done(blank, context, label("T9", 100), label("T8", 125), label("T10", 75))
        assert [mark.level for mark in level_marks(read, case, "k-BL")] == ["T8", "T9", "T10"]

    def test_a_level_is_labelled_once_and_can_be_moved(self, blank, context):
        read = done(blank, context, label("T9", 100))
        assert refusal(read, context, label("T9", 120)) == "LEVEL_LABELLED_TWICE"
        moved = done(read, context, label("T9", 102, move=True))
        assert moved.level_labels["k-BL"]["T9"].geometry.points_um == ((0, 0, 102_000),)

    @pytest.mark.parametrize(("level", "z"), [("T8", 90), ("T10", 110)])
    def test_a_label_on_the_wrong_side_of_another_is_refused(self, blank, context, level, z):
        assert refusal(done(blank, context, label("T9", 100)), context, label(level, z)) == "LEVEL_OUT_OF_ORDER"

    def test_a_level_that_the_subject_does_not_have_is_refused_until_it_is_numbered(self, blank, context):
        assert refusal(blank, context, label("T13", 100)) == "LEVEL_NOT_NUMBERED"
        assert done(blank, context, SetNumbering(numbering="T13"), label("T13", 100)).level_labels

    def test_a_removed_label_leaves_nothing(self, blank, context):
        remove = RemoveLevelLabel(timepoint="BL", stack="k-BL", level=Level.T9)
        assert done(blank, context, label("T9", 100), remove) == blank
        assert refusal(blank, context, remove) == "LEVEL_NOT_LABELLED"

    def test_another_stack_of_the_same_frame_shows_them(self, blank, context, case):
        read = done(blank, context, label("T9", 100))
        assert [mark.stack for mark in level_marks(read, case, "x-BL")] == ["k-BL"]

    def test_the_nearest_label_names_a_point_and_the_next_level_follows(self, blank, context, case):
        marks = level_marks(done(blank, context, label("T9", 100), label("T10", 75)), case, "k-BL")
        assert nearest_level(marks, (0, 0, 95_000)) is Level.T9
        assert nearest_level(marks, (0, 0, 145_000)) is None
        assert suggested_level(marks, (0, 0, 126_000)) is Level.T8
        assert suggested_level(marks, (0, 0, 50_000)) is Level.T11
        assert suggested_level(marks, (0, 0, 95_000)) is None
        assert suggested_level((), (0, 0, 0)) is None

    @pytest.mark.parametrize(
        ("millimetres", "level"),
        [
            pytest.param(14.499, None, id="nearer than half of what lies between neighbours"),
            pytest.param(14.5, Level.T8, id="half"),
            pytest.param(43.5, Level.T8, id="one and a half"),
            pytest.param(43.501, None, id="farther: a vertebra may lie between"),
        ],
    )
    def test_a_vertebra_that_may_not_be_the_neighbour_is_asked_for(self, blank, context, case, millimetres, level):
        marks = level_marks(done(blank, context, label("T9", 100)), case, "k-BL")
        assert suggested_level(marks, (0, 0, 100_000 + round(1000 * millimetres))) is level

    def test_a_label_of_another_frame_of_reference_is_refused(self, blank, context):
        elsewhere = replace(label("T9", 1).measurement.geometry, frame_of_reference_uid="9.9")
        command = replace(label("T9", 1), measurement=replace(label("T9", 1).measurement, geometry=elsewhere))
        assert refusal(blank, context, command) == "FRAME_OF_REFERENCE_DIFFERS"

    @pytest.mark.parametrize("numbering", ["T14", "x"])
    def test_an_unknown_numbering_is_refused(self, blank, context, numbering):
        assert refusal(blank, context, SetNumbering(numbering=numbering)) == "NUMBERING_UNKNOWN"

    def test_the_numbering_stays_after_a_lock(self, blank, context):
        locked = replace(blank, visits=Table({"BL": Visit(lock=Lock.LOCKED)}))
        assert refusal(locked, context, SetNumbering(numbering="L6")) == "NUMBERING_LOCKED"


class TestHeights:
    def test_they_are_kept_by_level_and_stack_and_taken_away(self, blank, context):
        read = done(blank, context, heights())
        assert set(read.visits["BL"].levels["T9"].heights) == {"k-BL"}
        remove = RemoveHeights(timepoint="BL", level=Level.T9, stack="k-BL")
        assert done(read, context, remove).visits["BL"].levels == Table()
        assert refusal(blank, context, remove) == "HEIGHTS_NOT_MEASURED"

    @pytest.mark.parametrize(
        ("order", "code"),
        [
            ((3, 4, 5, 0, 1, 2), "HEIGHTS_UPSIDE_DOWN"),
            ((2, 1, 0, 5, 4, 3), "HEIGHTS_BACK_TO_FRONT"),
            ((1, 0, 2, 3, 4, 5), "HEIGHTS_MIDDLE_OUTSIDE"),
        ],
    )
    def test_points_in_the_wrong_order_are_refused(self, blank, context, order, code):
        assert refusal(blank, context, heights(points=tuple(BODY[place] for place in order))) == code

    def test_without_calibration_they_are_taken_for_their_ratios(self, blank, context):
        points = tuple((y, 60_000 - z) for _, y, z in BODY)
        geometry = OnImage(image=ImageRef(stack="x-BL", sop_uid="2.25.x-BL.1"), points_mpx=points)
        assert done(blank, context, heights(geometry=geometry, stack="x-BL")).visits["BL"].levels

    def test_across_images_without_millimetres_they_are_refused(self, blank, context):
        assert refusal(blank, context, heights(stack="x-BL")) == "NO_MILLIMETRES_BETWEEN"

    @pytest.mark.parametrize("level", ["C1", "S1", "COCCYX"])
    def test_a_level_without_a_body_has_none(self, blank, context, level):
        assert refusal(blank, context, heights(level)) == "LEVEL_WITHOUT_BODY"

    def test_a_label_is_no_height(self, blank, context):
        wrong = replace(heights(), measurement=label("T9", 1).measurement)
        assert refusal(blank, context, wrong) == "KIND_NOT_OF_SPINE"

    def test_they_are_drawn_where_they_were_measured(self, blank, context, case):
        shown = visible(done(blank, context, heights(), label("T9", 20)), Role.READER, context.protocol, case)
        marks = heights_marks(shown, case, "k-BL", None, lambda um: ((um[1], um[2]), abs(um[0])), Level.T9)
        assert [(mark.text, mark.selected) for mark in marks] == [("T9  25.0 / 24.0 / 26.0 mm", True)]
        assert marks[0].points[:2] == ((0, 30_000), (15_000, 30_000))
        assert not heights_marks(shown, case, "k-BL", None, lambda um: ((um[1], um[2]), 7_000), None)
        plates = level_plates(shown, case, "k-BL", lambda um: ((um[1], um[2]), 0), None)
        assert [(plate.level, plate.point) for plate in plates] == [("T9", (0, 20_000))]


class TestScores:
    def test_an_answer_is_kept_and_taken_back(self, blank, context):
        read = done(blank, context, score("PAIN", "MECHANICAL"))
        assert read.visits["BL"].levels["T9"].scores["SINS"]["PAIN"].value == "MECHANICAL"
        assert done(read, context, score("PAIN", None)).visits["BL"].levels == Table()
        assert score("PAIN", None).apply(blank, context) is blank

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (score("PAIN", "LOUD"), "FORM_ANSWER_UNKNOWN"),
            (score("LOCATION", "3"), "FORM_ITEM_UNKNOWN"),
            (score("GRADE", "0.25", form="VCF"), "FORM_ANSWER_UNKNOWN"),
            (score("COLLAPSE", "OVER_50", level="C1"), "LEVEL_WITHOUT_BODY"),
            (score("GRADE", "1", form="VCF", level="S2"), "LEVEL_WITHOUT_BODY"),
            (score("PAIN", "PAIN_FREE", level="L6"), "LEVEL_NOT_NUMBERED"),
        ],
    )
    def test_what_a_level_or_the_form_forbids_is_refused(self, blank, context, command, code):
        assert refusal(blank, context, command) == code

    def test_no_collapse_may_be_said_of_the_atlas(self, blank, context):
        assert done(blank, context, score("COLLAPSE", "NONE", level="C1")).visits["BL"].levels

    def test_a_resected_level_is_neither_scored_nor_measured(self, blank, context):
        read = done(blank, context, facts(resected=True))
        assert refusal(read, context, score("PAIN", "MECHANICAL")) == "LEVEL_RESECTED"
        assert refusal(read, context, heights()) == "LEVEL_RESECTED"
        later = replace(score("PAIN", "MECHANICAL"), timepoint="FU1")
        assert refusal(read, context, later) == "LEVEL_RESECTED"
        assert refusal(read, context, heights(stack="k-FU1", timepoint="FU1")) == "LEVEL_RESECTED"
        earlier = done(blank, context, replace(facts(resected=True), timepoint="FU1"))
        assert done(earlier, context, score("PAIN", "MECHANICAL")).visits["BL"].levels

    def test_facts_can_be_said_and_unsaid(self, blank, context):
        read = done(blank, context, facts(hardware=frozenset({Hardware.SCREW}), non_fracture_cause=SCHMORL))
        finding = read.visits["BL"].levels["T9"]
        assert (finding.hardware, finding.non_fracture_cause) == ({Hardware.SCREW}, SCHMORL)
        assert done(read, context, facts()).visits["BL"].levels.get("T9", LevelFinding()) == LevelFinding()

    @pytest.mark.parametrize("grade", ["0.5", "1", "2", "3"])
    def test_a_grade_and_another_cause_contradict_each_other_in_either_order(self, blank, context, grade):
        graded = done(blank, context, score("GRADE", grade, form="VCF"))
        assert refusal(graded, context, facts(non_fracture_cause=SCHMORL)) == "CAUSE_AGAINST_GRADE"
        excluded = done(blank, context, facts(non_fracture_cause=SCHMORL))
        assert refusal(excluded, context, score("GRADE", grade, form="VCF")) == "GRADE_AGAINST_CAUSE"

    def test_grade_0_and_another_cause_agree(self, blank, context):
        none = score("GRADE", "0", form="VCF")
        for order in ((none, facts(non_fracture_cause=SCHMORL)), (facts(non_fracture_cause=SCHMORL), none)):
            assert done(blank, context, *order).visits["BL"].levels["T9"].non_fracture_cause is SCHMORL

    def test_a_locked_visit_takes_nothing(self, blank, context):
        locked = replace(blank, visits=Table({"BL": Visit(lock=Lock.LOCKED)}))
        for command in (score("PAIN", "MECHANICAL"), heights(), label("T9", 1), facts(resected=True)):
            assert refusal(locked, context, command) == "VISIT_LOCKED"


class TestDecisions:
    def test_a_locked_visit_can_be_decided_with_the_reason(self, blank, context):
        locked = replace(blank, visits=Table({"FU1": Visit(lock=Lock.LOCKED)}))
        read = Decide(timepoint="FU1", key="AFTER_CR", value="REAPPEARED").apply(
            locked, replace(context, reason="seen")
        )
        answer = read.visits["FU1"].decisions["AFTER_CR"]
        assert (answer.value, answer.reason) == ("REAPPEARED", "seen")
        assert Decide(timepoint="FU1", key="AFTER_CR", value="").apply(read, context).visits == locked.visits

    @pytest.mark.parametrize(("key", "value"), [("AFTER_CR", "CR"), ("OTHER", "CR")])
    def test_what_is_no_answer_is_refused(self, blank, context, key, value):
        assert refusal(blank, context, Decide(timepoint="FU1", key=key, value=value)) == "DECISION_UNKNOWN"

    def test_nothing_is_decided_after_signing(self, blank, context):
        signed = replace(blank, signed_through="FU1")
        command = Decide(timepoint="FU1", key="AFTER_CR", value="REAPPEARED")
        assert refusal(signed, context, command) == "DECISION_SIGNED"
        assert done(signed, context, replace(command, timepoint="FU2")).visits["FU2"].decisions


@pytest.mark.parametrize(
    ("beside", "named", "numbering", "level"),
    [
        (None, None, "", None),
        (Level.T8, None, "", Level.T8),
        (None, Level.T8, "", Level.T8),
        (Level.T8, Level.T8, "", Level.T8),
        (Level.T8, Level.T7, "", None),
        (None, Level.T9, "", None),
        (None, Level.L6, "", None),
        (None, Level.L6, "L6", Level.L6),
    ],
    ids=["nobody", "a label", "a segmentation", "both", "they differ", "labelled already", "no L6", "an L6"],
)
def test_a_level_that_two_sources_name_is_taken_where_they_agree(beside, named, numbering, level) -> None:
    marks = (LevelMark(level=Level.T9, point_um=(0, 0, 100_000), stack=Id("k1")),)
    assert agreed_level(marks, beside, named, numbering) is level
