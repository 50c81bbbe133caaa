"""What is drawn over one image: ends, texts, badges; and the lines of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.codec import encode
from spinereview.domain.imaging import Calibration, Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import LesionRole, LesionState
from spinereview.domain.measurement import Measurement, MeasurementKind
from spinereview.domain.read import Read
from spinereview.review import history
from spinereview.review.badges import TRUSTED, Badge, badges
from spinereview.review.command import Role
from spinereview.review.commands import (
    alignment,
    calibration,
    coverage,
    decisions,
    finding_facts,
    findings,
    forms,
    fragments,
    lesion_facts,
    lesions,
    linking,
    quality,
    sites,
    spine,
    visits,
)
from spinereview.review.overlay import Draft, LineKind, drafted, primitives
from spinereview.review.visibility import visible
from spinereview.text import catalogue, sentence

BL, FU1, L01 = Id("BL"), Id("FU1"), Id("L01")
K = MeasurementKind
IMAGE = ImageRef(stack=Id("k-BL"), sop_uid="2.25.k-BL.1")
LONG = ((10_000, 50_000), (50_000, 50_000))


def add(measurement: Measurement, role: LesionRole = LesionRole.TARGET, *, nodal: bool = False) -> lesions.AddLesion:
    return lesions.AddLesion(
        timepoint=BL, role=role, nodal=nodal, site=Site(organ="LIVER", location="x"), tissue=None, group=False,
        measurement=measurement, stack_sha256="",
    )  # fmt: skip


@pytest.fixture
def drawn(case: Case, protocol, do: Callable[..., Read]):
    def make(*commands, image: ImageRef = IMAGE, selection: Id | None = None, draft: Draft | None = None):
        return primitives(visible(do(*commands), Role.READER, protocol, case), case, image, selection, draft)

    return make


def test_a_caliper_is_drawn_where_it_is_stored(drawn, draw) -> None:
    (caliper,) = drawn(add(draw("BL")))
    assert [(line.start, line.end, line.kind) for line in caliper.lines] == [
        (*LONG, LineKind.LONG),
        ((30_000, 40_000), (30_000, 60_000), LineKind.SHORT),
    ]
    assert caliper.handles == (*LONG, (30_000, 40_000), (30_000, 60_000))
    assert (caliper.text, caliper.stored, caliper.lesion, caliper.part) == ("T01  20.0 x 10.0 mm", 4, "L01", "a")
    assert [badge.code for badge in caliper.badges] == ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED"]


def test_two_points_propose_a_perpendicular_without_a_number(drawn, draw) -> None:
    (caliper,) = drawn(add(draw("BL", *LONG)))
    assert [(line.start, line.end, line.kind) for line in caliper.lines] == [
        (*LONG, LineKind.LONG),
        ((30_000, 40_000), (30_000, 60_000), LineKind.PROPOSED),
    ]
    assert (len(caliper.handles), caliper.stored, caliper.text) == (4, 2, "T01  20.0 mm")


def test_a_node_with_two_points_asks_for_its_short_axis(drawn, draw) -> None:
    (node,) = drawn(add(draw("BL", *LONG), nodal=True))
    assert node.badges[0] == Badge(code="OBLIGATION_SHORT_AXIS")
    assert node.badges[0].warns
    (both,) = drawn(add(draw("BL"), nodal=True))
    assert both.badges[0].code == "BADGE_NATIVE_AXIAL"


def test_only_marks_of_that_image_are_drawn_the_selected_last(drawn, draw) -> None:
    acts = (add(draw("BL")), add(draw("BL"), LesionRole.NON_TARGET))
    assert [caliper.label for caliper in drawn(*acts, selection=L01)] == ["N02", "T01"]
    assert [caliper.selected for caliper in drawn(*acts, selection=L01)] == [False, True]
    assert drawn(*acts, image=replace(IMAGE, sop_uid="2.25.k-BL.2")) == ()
    assert drawn(*acts, image=replace(IMAGE, frame=2)) == ()
    assert drawn(*acts, image=ImageRef(stack=Id("k-none"), sop_uid="2.25.1")) == ()


def test_fragments_say_which_they_are(drawn, draw) -> None:
    split = fragments.SplitInto(lesion=L01, timepoint=FU1, parts=(draw("FU1"), draw("FU1")), stack_sha256="")
    image = ImageRef(stack=Id("k-FU1"), sop_uid="2.25.k-FU1.1")
    assert [caliper.label for caliper in drawn(add(draw("BL")), split, image=image)] == ["T01 a", "T01 b"]


def test_an_arrow_and_an_outline_have_their_lines(drawn, draw) -> None:
    arrow, outline = drawn(
        add(draw("BL", *LONG, kind=K.ARROW), LesionRole.NON_TARGET),
        add(draw("BL", (0, 0), (30_000, 0), (0, 40_000), kind=K.OUTLINE)),
    )
    assert ([line.kind for line in arrow.lines], arrow.text) == ([LineKind.ARROW], "N01")
    assert [line.kind for line in outline.lines] == [LineKind.EDGE] * 3
    assert outline.lines[-1].end == outline.lines[0].start
    assert outline.text == "T02  25.0 mm"


def test_a_draft_stands_in_for_the_part_it_changes(drawn, draw) -> None:
    moved = (LONG[0], (70_000, 50_000))
    draft = Draft(kind=K.BIDIRECTIONAL, image=IMAGE, points_mpx=moved, lesion=L01, label="T01")
    (caliper,) = drawn(add(draw("BL")), draft=draft)
    assert (caliper.text, caliper.selected, caliper.dashed) == ("T01  30.0 mm", True, False)
    new = Draft(kind=K.DIAMETER, image=IMAGE, points_mpx=moved, proposed=True)
    old, proposal = drawn(add(draw("BL")), draft=new)
    assert (old.text, proposal.text, proposal.lesion, proposal.dashed) == ("T01  20.0 x 10.0 mm", "30.0 mm", None, True)
    assert len(drawn(add(draw("BL")), draft=replace(new, image=replace(IMAGE, frame=2)))) == 1


def stack(case: Case, **changes: object) -> Stack:
    return replace(case.timepoints["BL"].stacks["k-BL"], **changes)


def test_the_proposal_is_perpendicular_in_millimetres_on_oblong_pixels(case: Case) -> None:
    oblong = stack(case, pixel_spacing_mm=(Decimal("2.0"), Decimal("0.5")))
    draft = Draft(kind=K.BIDIRECTIONAL, image=IMAGE, points_mpx=((0, 0), (40_000, 10_000)))
    long, across = drafted(draft, oblong).lines
    u = ((long.end[0] - long.start[0]) * 0.5, (long.end[1] - long.start[1]) * 2.0)
    v = ((across.end[0] - across.start[0]) * 0.5, (across.end[1] - across.start[1]) * 2.0)
    assert u[0] * v[0] + u[1] * v[1] == 0
    assert 4 * (v[0] ** 2 + v[1] ** 2) == u[0] ** 2 + u[1] ** 2
    assert drafted(draft, oblong).text == "28.3 mm"


def test_without_calibration_there_is_a_name_and_no_number(case: Case) -> None:
    blank = stack(case, pixel_spacing_mm=None, calibration=Calibration.NONE)
    draft = Draft(kind=K.BIDIRECTIONAL, image=IMAGE, points_mpx=LONG, label="T01")
    caliper = drafted(draft, blank)
    assert (caliper.text, len(caliper.lines), len(caliper.handles)) == ("T01", 1, 2)
    assert Badge(code="BADGE_UNCALIBRATED") in caliper.badges


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED"]),
        ({"plane": Plane.SAGITTAL}, ["BADGE_NATIVE_SAGITTAL", "BADGE_CALIBRATED"]),
        ({"calibration": Calibration.DETECTOR}, ["BADGE_NATIVE_AXIAL", "BADGE_DETECTOR_PLANE"]),
        ({"slice_thickness_mm": Decimal(5)}, ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED"]),
        ({"slice_thickness_mm": Decimal("5.01")}, ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED", "BADGE_THICK_SLICE"]),
        ({"slice_interval_mm": Decimal("6.0")}, ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED", "BADGE_THICK_SLICE"]),
        ({"faults": (Id("TILT"),)}, ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED", "BADGE_TILT"]),
        ({"kind": StackKind.PROJECTION, "slice_thickness_mm": Decimal(9)}, ["BADGE_PROJECTION", "BADGE_CALIBRATED"]),
        ({"slice_thickness_mm": None, "slice_interval_mm": None, "kind": StackKind.SLICES},
         ["BADGE_NATIVE_AXIAL", "BADGE_CALIBRATED"]),
    ],
)  # fmt: skip
def test_badges_tell_the_geometry(case: Case, changes, codes) -> None:
    found = badges(stack(case, **changes))
    assert [badge.code for badge in found] == codes
    assert all("{" not in sentence(badge.code, badge.args) for badge in found)
    assert [badge.warns for badge in found] == [code not in TRUSTED for code in codes]


@pytest.mark.parametrize("calibration", [kind for kind in Calibration if kind is not Calibration.NONE])
@pytest.mark.parametrize("plane", list(Plane))
def test_every_calibration_and_plane_has_a_badge_with_words(case: Case, calibration, plane) -> None:
    for badge in badges(stack(case, calibration=calibration, plane=plane)):
        assert badge.code in catalogue()


def every_command() -> list[type]:
    lesion_acts = (lesions, lesion_facts, findings, finding_facts, fragments)
    acts = (*lesion_acts, visits, spine, forms, coverage, decisions, linking, calibration, alignment, sites, quality)
    return [
        kind
        for module in acts
        for kind in vars(module).values()
        if isinstance(kind, type) and hasattr(kind, "NAME") and kind.__module__ == module.__name__
    ]


def test_every_act_has_a_line_of_the_history_and_only_locks_are_barriers() -> None:
    names = {kind.NAME for kind in every_command()}
    assert set(history.CODES) == names | {"undo", "redo"}
    assert set(history.CODES.values()) | set(history.NOTES.values()) <= set(catalogue())
    assert {kind.NAME for kind in every_command() if kind.BARRIER} == {"lock_visit", "unlock_visit"}


def line(command, read: Read, case: Case) -> str:
    told = history.tell(command.NAME, encode(command, type(command)), read, case)
    return sentence(told.code, told.args)


def test_the_history_tells_what_was_done_with_its_millimetres(case: Case, do, draw) -> None:
    added = add(draw("BL"))
    again = findings.Measure(lesion=L01, timepoint=FU1, part="a", measurement=draw("FU1"), stack_sha256="")
    gone = findings.SetState(lesion=L01, timepoint=FU1, state=LesionState.ABSENT, reason="", justification="")
    arrow = replace(again, measurement=draw("FU1", *LONG, kind=K.ARROW))
    read = do(added)
    assert line(added, read, case) == "Record a lesion at BL (TARGET), 20.0 x 10.0 mm"
    assert line(again, read, case) == "Measure T01 at FU1, 20.0 x 10.0 mm"
    assert line(arrow, read, case) == "Mark T01 at FU1"
    assert line(gone, read, case) == "T01 at FU1: ABSENT"
    assert line(lesions.RemoveLesion(lesion=L01), do(), case) == "Remove L01"
    assert line(visits.LockVisit(timepoint=BL), read, case) == "Lock BL"


def test_the_history_tells_undo_unknown_acts_and_unreadable_measurements(empty: Read, case: Case) -> None:
    def say(name: str, args) -> str:
        told = history.tell(name, args, empty, case)
        return sentence(told.code, told.args)

    assert say("undo", {"of": 412}) == "Undo step 412"
    assert say("opened", {"host": "ws-7"}) == "Open the read"
    assert say("clock_set_back", {"seconds": 3600}) == "The clock of the workstation had been set back by 3600 s"
    assert say("stack_closed", {"stack": "k-BL", "code": "X"}).startswith("Series 2.25.k-BL is missing")
    assert say("stack_closed", {"stack": "gone"}).startswith("Series gone is missing")
    assert say("fly", {"sum": "61.0"}) == "fly"
    assert say("measure", {"lesion": "L01", "timepoint": "FU9", "measurement": {}}) == "Mark L01 at FU9"
