"""Aligning a PET by hand: what is kept, what is refused, what others see, and files of before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.domain.alignment import Alignment
from spinereview.domain.codec import decode, encode
from spinereview.domain.imaging import Id, Plane, StackKind
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, Refused
from spinereview.review.changes import apply_in_place, diff, reversed_changes
from spinereview.review.command import Role
from spinereview.review.commands.alignment import AlignPet, RemoveAlignment
from spinereview.review.visibility import visible

CT_FRAME, PET_FRAME = "2.25.99", "2.25.98"
ACT = AlignPet(timepoint=Id("BL"), stack=Id("p-BL"), onto=Id("k-BL"), move_um=(1000, -2000, 30_500), stack_sha256="")
AWAY = RemoveAlignment(timepoint=Id("BL"), stack=Id("p-BL"), onto=Id("k-BL"))


@pytest.fixture
def case(case):
    """Each visit has a PET in a frame of its own, one in the frame of the CT, one in slices, one that lies obliquely."""
    points = {}
    for key, timepoint in case.timepoints.items():
        ct = timepoint.stacks[f"k-{key}"]
        pet = replace(ct, id=Id(f"p-{key}"), modality="PT", frame_of_reference_uid=PET_FRAME)
        others = {
            Id(f"same-{key}"): {"frame_of_reference_uid": CT_FRAME},
            Id(f"slices-{key}"): {"kind": StackKind.SLICES},
            Id(f"oblique-{key}"): {"plane": Plane.OBLIQUE},
            Id(f"unstated-{key}"): {"frame_of_reference_uid": None},
        }
        stacks = timepoint.stacks.with_(pet.id, pet)
        for name, changed in others.items():
            stacks = stacks.with_(name, replace(pet, id=name, **changed))
        mr = replace(ct, id=Id(f"mr-{key}"), modality="MR", frame_of_reference_uid="2.25.97")
        points[key] = replace(timepoint, stacks=stacks.with_(mr.id, mr))
    return replace(case, timepoints=Table(points))


def test_what_is_confirmed_is_kept_in_micrometres_with_its_author_and_frame(do) -> None:
    assert do(ACT).alignments == Table(
        {"p-BL": Table({CT_FRAME: Alignment(move_um=(1000, -2000, 30_500), author="R7K2")})}
    )


def test_the_same_one_again_changes_nothing_and_a_later_one_replaces_it(do) -> None:
    once = do(ACT)
    assert do(ACT, on=once) is once
    again = do(replace(ACT, move_um=(0, 0, 0)), on=once)
    assert again.alignments["p-BL"][CT_FRAME].move_um == (0, 0, 0)


def test_one_pet_is_aligned_to_each_frame_by_itself(do, empty) -> None:
    both = do(ACT, replace(ACT, onto=Id("mr-BL"), move_um=(5, 5, 5)))
    assert set(both.alignments["p-BL"]) == {CT_FRAME, "2.25.97"}
    left = do(AWAY, on=both)
    assert set(left.alignments["p-BL"]) == {"2.25.97"}
    assert do(replace(AWAY, onto=Id("mr-BL")), on=left) == empty


def test_a_pet_without_a_frame_is_aligned_like_one_of_another_frame(do) -> None:
    assert "unstated-BL" in do(replace(ACT, stack=Id("unstated-BL"))).alignments


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"stack": Id("p-FU1")}, "ALIGN_OTHER_VISIT"),
        ({"onto": Id("k-FU1")}, "ALIGN_OTHER_VISIT"),
        ({"timepoint": Id("FU1")}, "ALIGN_OTHER_VISIT"),
        ({"timepoint": Id("FU9")}, "TIMEPOINT_UNKNOWN"),
        ({"stack": Id("none")}, "ALIGN_STACK_UNKNOWN"),
        ({"onto": Id("none")}, "ALIGN_STACK_UNKNOWN"),
        ({"stack": Id("mr-BL")}, "ALIGN_NOT_PET"),
        ({"onto": Id("same-BL")}, "FUSION_ON_PET"),
        ({"stack": Id("same-BL")}, "ALIGN_SAME_FRAME"),
        ({"stack": Id("slices-BL")}, "ALIGN_NO_VOLUME"),
        ({"onto": Id("x-BL")}, "ALIGN_NO_VOLUME"),
        ({"stack": Id("oblique-BL")}, "ALIGN_TURNED"),
        ({"move_um": (10_000_001, 0, 0)}, "ALIGN_FAR"),
        ({"move_um": (0, 0)}, "POINTS_NOT_3D"),
        ({"move_um": (0.5, 0, 0)}, "VALUE_NOT_INTEGER"),
    ],
)
def test_what_is_no_alignment_is_refused(do, changed, because) -> None:
    # The X-ray of the case lies in the frame of the CT; a PET of another frame reaches the check of the volume.
    with pytest.raises((Refused, InvalidValue), match=because):
        do(replace(ACT, **changed))


@pytest.mark.parametrize("act", [ACT, AWAY])
def test_a_locked_timepoint_keeps_what_was_confirmed(do, act) -> None:
    locked = replace(do(ACT), visits=Table({"BL": Visit(lock=Lock.LOCKED)}))
    with pytest.raises(Refused, match="VISIT_LOCKED"):
        do(act, on=locked)


def test_only_what_was_aligned_is_taken_away(do, empty) -> None:
    assert do(ACT, AWAY) == empty
    with pytest.raises(Refused, match="NOT_ALIGNED_BY_HAND"):
        do(AWAY)


def test_others_see_the_alignment_of_what_was_signed_alone(do, case, protocol) -> None:
    read = do(ACT, replace(ACT, timepoint=Id("FU1"), stack=Id("p-FU1"), onto=Id("k-FU1")))
    signed = visible(replace(read, signed_through=Id("BL")), Role.COORDINATOR, protocol, case)
    assert set(signed.read.alignments) == {"p-BL"}


def test_a_read_that_was_begun_before_there_were_alignments_goes_on(empty, do) -> None:
    tree = encode(empty, Read)
    del tree["alignments"]
    assert decode(Read, tree) == empty
    after = do(ACT)
    changes = diff(empty, after, Read)
    apply_in_place(tree, changes)
    assert decode(Read, tree) == after
    apply_in_place(tree, reversed_changes(changes))
    assert decode(Read, tree) == empty
