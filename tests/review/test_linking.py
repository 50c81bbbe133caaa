"""What joins two stacks: one frame of reference, a label in both, an offset; and never the coordinates of two frames."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spinereview.domain.anatomy import Level
from spinereview.domain.read import Lock, Visit
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Role
from spinereview.review.commands.linking import SetLinkOffset
from spinereview.review.levels import LevelMark
from spinereview.review.linking import UNIT, How, ShownPlane, link, new_offsets, offset_of, pair_key
from spinereview.review.visibility import visible

ORDER = (Level.T8, Level.T9, Level.T10, Level.L1)
HEAD, LEFT, BACK = (0, 0, UNIT), (UNIT, 0, 0), (0, UNIT, 0)
WHOLE = st.integers(-500_000, 500_000)
POINTS = st.tuples(WHOLE, WHOLE, WHOLE)


def plane(stack, point, *, frame=None, timepoint=None, normal=HEAD, marks=()):
    return ShownPlane(
        stack=stack,
        timepoint=timepoint or f"tp-{stack}",
        frame=frame or f"frame-{stack}",
        normal=normal,
        focus_um=point,
        middle_um=point,
        marks=tuple(LevelMark(level=level, point_um=at, stack=stack) for level, at in dict(marks).items()),
    )


@st.composite
def spines(draw):
    """Labels in two frames, from the head down in both, some of them in one alone."""
    down = []
    for _ in range(2):
        z = draw(WHOLE)
        spine = {}
        for level in ORDER:
            z -= draw(st.integers(5_000, 60_000))
            spine[level] = (draw(WHOLE), draw(WHOLE), z)
        down.append(spine)
    mine = draw(st.sets(st.sampled_from(ORDER), min_size=1))
    theirs = draw(st.sets(st.sampled_from(ORDER), min_size=1))
    return {one: down[0][one] for one in mine}, {one: down[1][one] for one in theirs}


def moved(marks, by):
    return {level: tuple(a + b for a, b in zip(point, by, strict=True)) for level, point in marks.items()}


def test_in_one_frame_of_reference_a_position_is_the_same():
    a = plane("a", (1, 2, 3), frame="f", timepoint="BL")
    b = plane("b", (9, 9, 9), frame="f", timepoint="BL")
    assert link(a, b, {}).how is How.SAME_FRAME
    assert link(a, b, {}).target_um == (1, 2, 3)


def test_two_visits_are_not_joined_by_coordinates_even_where_they_state_one_frame_of_reference():
    a, b = plane("a", (0, 0, 0), frame="f"), plane("b", (0, 0, 0), frame="f")
    assert (link(a, b, {}).how, link(a, b, {}).target_um) == (How.NONE, None)


@pytest.mark.parametrize(("normal", "how"), [(LEFT, How.PLANES_DIFFER), ((0, 0, -UNIT), How.SAME_FRAME)])
def test_only_planes_that_are_nearly_parallel_scroll_together(normal, how):
    a = plane("a", (0, 0, 0), frame="f", timepoint="BL")
    b = plane("b", (0, 0, 0), frame="f", timepoint="BL", normal=normal)
    assert link(a, b, {}).how is how


@pytest.mark.parametrize(("cosine", "sine", "how"), [(940_000, 341_174, True), (939_999, 341_177, False)])
def test_the_limit_of_nearly_parallel(cosine, sine, how):
    a = plane("a", (0, 0, 0), frame="f", timepoint="BL")
    b = plane("b", (0, 0, 0), frame="f", timepoint="BL", normal=(0, sine, cosine))
    assert (link(a, b, {}).how is How.SAME_FRAME) is how


def test_images_without_a_position_are_not_linked():
    a, b = plane("a", (0, 0, 0)), replace(plane("b", (0, 0, 0)), frame=None)
    assert link(a, b, {"a|b": (0, 0, 5)}).how is How.NO_POSITION


def test_between_two_labels_the_way_is_shared_in_proportion():
    a = {Level.T9: (0, 0, 100_000), Level.T10: (0, 0, 60_000)}
    b = {Level.T9: (7, 0, 900_000), Level.T10: (7, 0, 880_000)}
    found = link(plane("a", (0, 0, 70_000), marks=a), plane("b", (0, 0, 0), marks=b), {})
    assert (found.how, found.levels, found.target_um) == (How.LEVEL, (Level.T9, Level.T10), (7, 0, 885_000))


@pytest.mark.parametrize(
    ("z", "level", "target"),
    [
        (130_000, Level.T9, 930_000),
        (50_000, Level.T10, 870_000),
        (60_000, Level.T10, 880_000),
        (100_000, Level.T9, 900_000),
    ],
)
def test_beyond_the_labels_and_at_one_the_nearest_decides(z, level, target):
    a = {Level.T9: (0, 0, 100_000), Level.T10: (0, 0, 60_000)}
    b = {Level.T9: (0, 0, 900_000), Level.T10: (0, 0, 880_000)}
    found = link(plane("a", (0, 0, z), marks=a), plane("b", (0, 0, 0), marks=b), {})
    assert (found.levels, found.target_um) == ((level,), (0, 0, target))


def test_a_label_in_one_stack_alone_joins_nothing():
    a, b = plane("a", (0, 0, 0), marks={Level.T9: (0, 0, 0)}), plane("b", (0, 0, 0), marks={Level.T10: (0, 0, 0)})
    assert link(a, b, {}).how is How.NONE


def test_labels_that_lie_the_other_way_round_are_taken_one_by_one():
    a = {Level.T9: (0, 0, 100_000), Level.T10: (0, 0, 60_000)}
    b = {Level.T9: (0, 0, 0), Level.T10: (0, 0, 40_000)}
    near_nine = link(plane("a", (0, 0, 80_001), marks=a), plane("b", (0, 0, 0), marks=b), {})
    near_ten = link(plane("a", (0, 0, 80_000), marks=a), plane("b", (0, 0, 0), marks=b), {})
    assert (near_nine.levels, near_nine.target_um) == ((Level.T9,), (0, 0, -19_999))
    assert (near_ten.levels, near_ten.target_um) == ((Level.T10,), (0, 0, 60_000))


def test_in_a_sagittal_plane_the_height_that_is_looked_at_chooses_the_label():
    a = {Level.T9: (1_000, 0, 100_000), Level.L1: (2_000, 0, 0)}
    b = {Level.T9: (51_000, 0, 0), Level.L1: (82_000, 0, -90_000)}
    high, low = ((4_000, 0, z) for z in (110_000, -10_000))
    other = plane("b", (0, 0, 0), normal=LEFT, marks=b)
    found = [link(plane("a", point, normal=LEFT, marks=a), other, {}) for point in (high, low)]
    assert [(one.levels, one.target_um[0]) for one in found] == [((Level.T9,), 54_000), ((Level.L1,), 84_000)]


@given(spines(), POINTS, POINTS)
def test_moving_a_whole_frame_moves_the_target_as_much(spine, point, by):
    """So no coordinate of one frame is ever read as one of another."""
    own, other = spine
    a = plane("a", point, marks=own)
    before, after = (link(a, plane("b", (0, 0, 0), marks=marks), {}) for marks in (other, moved(other, by)))
    assert before.how is after.how
    if before.target_um is not None:
        # A share of a length is rounded to the micrometre.
        apart = (m - n - k for m, n, k in zip(after.target_um, before.target_um, by, strict=True))
        assert all(abs(one) <= 1 for one in apart)


@given(spines(), POINTS)
def test_there_and_back_is_the_same_height(spine, point):
    own, other = spine
    there = link(plane("a", point, marks=own), plane("b", (0, 0, 0), marks=other), {})
    assume(there.target_um is not None)
    back = link(plane("b", there.target_um, marks=other), plane("a", point, marks=own), {})
    common = sorted(own[level][2] for level in own if level in other)
    # Rounded to the micrometre there, and stretched at most by the steepest proportion back.
    assert abs(back.target_um[2] - point[2]) <= (1 if len(common) == 1 else 13)


@given(spines(), POINTS, st.integers(0, 200_000))
def test_further_up_never_leads_further_down(spine, point, more):
    own, other = spine
    higher = (point[0], point[1], point[2] + more)
    low, high = (link(plane("a", at, marks=own), plane("b", (0, 0, 0), marks=other), {}) for at in (point, higher))
    assume(low.target_um is not None)
    assert high.target_um[2] >= low.target_um[2]


@given(POINTS, POINTS, st.sampled_from([HEAD, LEFT, BACK]))
def test_an_offset_leads_from_either_stack_to_the_plane_that_lay_beside_it(first, second, normal):
    a, b = plane("a", first, normal=normal), plane("b", second, normal=normal)
    kept = new_offsets(b, (a,), {})
    assert kept == new_offsets(a, (b,), {})
    assert list(kept) == ["a|b"]
    axis = a.axis
    for leader, follower in ((a, b), (b, a)):
        found = link(leader, follower, kept)
        assert (found.how, found.axis) == (How.OFFSET, axis)
        assert abs(found.target_um[axis] - follower.middle_um[axis]) <= 1


def test_an_offset_along_one_axis_joins_no_planes_across_another_one():
    kept = new_offsets(plane("a", (0, 0, 0)), (plane("b", (5, 5, 5)),), {})
    assert link(plane("a", (0, 0, 0), normal=LEFT), plane("b", (0, 0, 0), normal=LEFT), kept).how is How.NONE
    both = new_offsets(plane("a", (3, 0, 0), normal=LEFT), (plane("b", (10, 0, 0), normal=LEFT),), kept)
    assert both == {"a|b": (7, 0, 5)}


def test_an_offset_of_nothing_is_one_all_the_same():
    kept = new_offsets(plane("a", (0, 0, 8)), (plane("b", (0, 0, 8)),), {})
    assert link(plane("a", (0, 0, 8)), plane("b", (0, 0, 8)), kept).how is How.OFFSET


def test_a_label_goes_before_an_offset_and_none_is_kept_where_there_is_one():
    marks = {Level.T9: (0, 0, 0)}
    a, b = plane("a", (0, 0, 0), marks=marks), plane("b", (0, 0, 9), marks=marks)
    assert link(a, b, {"a|b": (0, 0, 5)}).how is How.LEVEL
    assert new_offsets(a, (b,), {}) == {}


def test_the_key_of_a_pair_is_one_in_either_order():
    assert pair_key("b", "a") == pair_key("a", "b") == "a|b"
    offsets = {"a|b": (1, -2, 3)}
    assert offset_of(offsets, "a", "b") == (1, -2, 3)
    assert offset_of(offsets, "b", "a") == (-1, 2, -3)
    assert offset_of(offsets, "a", "c") is None


class TestAct:
    def test_offsets_of_a_gesture_are_kept_in_one_act(self, empty, context):
        offsets = Table({"k-BL|k-FU1": (0, 0, 5), "k-FU1|k-FU2": (0, 0, 7)})
        after = SetLinkOffset(offsets_um=offsets).apply(empty, context)
        assert after.link_offsets == offsets
        assert SetLinkOffset(offsets_um=offsets).apply(after, context) is after

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ("k-FU1|k-BL", "LINK_PAIR_UNKNOWN"),
            ("k-BL", "LINK_PAIR_UNKNOWN"),
            ("k-BL|k-X", "LINK_PAIR_UNKNOWN"),
            ("k-BL|x-BL", "LINK_SAME_FRAME"),
        ],
    )
    def test_what_is_no_pair_of_two_frames_is_refused(self, empty, context, key, code):
        with pytest.raises(Refused) as refused:
            SetLinkOffset(offsets_um=Table({key: (0, 0, 1)})).apply(empty, context)
        assert refused.value.code == code

    def test_it_is_refused_once_every_timepoint_is_locked(self, empty, context):
        act = SetLinkOffset(offsets_um=Table({"k-BL|k-FU1": (0, 0, 5)}))
        one = replace(empty, visits=Table({"BL": Visit(lock=Lock.LOCKED)}))
        assert act.apply(one, context).link_offsets
        every = replace(empty, visits=Table({name: Visit(lock=Lock.LOCKED) for name in ("BL", "FU1", "FU2")}))
        with pytest.raises(Refused) as refused:
            act.apply(every, context)
        assert refused.value.code == "READ_LOCKED"


def test_others_than_the_author_hang_what_was_signed(empty, case, protocol):
    signed = replace(empty, signed_through="FU1")
    for role, shown in ((Role.READER, 3), (Role.ADJUDICATOR, 2)):
        seen = visible(signed, role, protocol, case)
        assert sum(seen.shows_timepoint(name) for name in ("BL", "FU1", "FU2", "FU9")) == shown
