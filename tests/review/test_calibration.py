"""Calibrating a projection by hand: what follows from it, what is refused, and what is left without it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.fracture.heights import Unit, heights_of
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.codec import decode, encode
from spinereview.domain.imaging import Calibration, Id, ImageRef
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, Refused
from spinereview.review.changes import apply_in_place, diff, reversed_changes
from spinereview.review.command import Role
from spinereview.review.commands.calibration import Calibrate, RemoveCalibration
from spinereview.review.commands.findings import Measure
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.visits import LockVisit
from spinereview.review.obligations import obligations
from spinereview.review.overlay import primitives
from spinereview.review.visibility import visible
from spinereview.text import sentence

IMAGE = ImageRef(stack=Id("x-BL"), sop_uid="2.25.x-BL.1")
BALL = Calibrate(
    timepoint=Id("BL"),
    image=IMAGE,
    points_mpx=((0, 0), (100_000, 0)),
    length_mm=Decimal(25),
    marked=" marker ball ",
    stack_sha256="",
)


@pytest.fixture
def case(case):
    """Each X-ray is one image."""
    points = {}
    for key, timepoint in case.timepoints.items():
        film = timepoint.stacks[f"x-{key}"]
        stacks = timepoint.stacks.with_(film.id, replace(film, images=film.images[:1], slice_interval_mm=None))
        points[key] = replace(timepoint, stacks=stacks)
    return replace(case, timepoints=Table(points))


def seen(read, case, protocol, role=Role.READER):
    return visible(read, role, protocol, case)


def test_an_uncalibrated_image_has_pixels_and_no_millimetres_blocked_not_warned(do, draw) -> None:
    """Pixel counts labelled mm on X-ray: no calibration, no mm."""
    line = draw("BL", (0, 0), (40_000, 0), kind=MeasurementKind.DIAMETER, stack="x-BL")
    act = Measure(lesion=Id("L01"), timepoint=Id("BL"), part="a", measurement=line, stack_sha256="")
    with pytest.raises(Refused, match="NO_MILLIMETRES"):
        do(act, on=_with_lesion(do, draw))


def _with_lesion(do, draw, *before):
    add = AddLesion(
        timepoint=Id("BL"),
        role=LesionRole.TARGET,
        nodal=False,
        site=Site(organ="BONE", location=""),
        tissue=None,
        group=False,
        measurement=draw("BL"),
        stack_sha256="",
        window="",
    )
    return do(*before, add)


def test_a_known_length_gives_the_millimetres_of_its_image_and_says_so(do, draw, case, protocol) -> None:
    read = _with_lesion(do, draw, BALL)
    line = draw("BL", (0, 0), (40_000, 0), kind=MeasurementKind.DIAMETER, stack="x-BL")
    read = do(Measure(lesion=Id("L01"), timepoint=Id("BL"), part="a", measurement=line, stack_sha256=""), on=read)
    shown = seen(read, case, protocol)
    (caliper,) = primitives(shown, shown.case, IMAGE)
    assert caliper.text.endswith("10.0 mm")
    words = [sentence(badge.code, badge.args) for badge in caliper.badges]
    assert words == ["projection", "calibrated by hand on 25 mm (marker ball)"]
    assert all(badge.warns for badge in caliper.badges[1:])


def test_other_images_of_the_case_stay_as_they_are(do, case, protocol) -> None:
    shown = seen(do(BALL), case, protocol)
    for name in ("k-BL", "x-FU1", "k-FU1"):
        assert shown.case.find_stack(Id(name)) == (
            shown.case.timepoints[name[2:]],
            case.find_stack(Id(name))[1],
        )


def test_the_case_itself_never_changes_and_is_the_same_object_without_a_calibration(empty, do, case, protocol) -> None:
    assert seen(empty, case, protocol).case is case
    do(BALL)
    assert case.find_stack(Id("x-BL"))[1].calibration is Calibration.NONE


def test_heights_on_the_image_have_pixels_then_millimetres(do, case, protocol) -> None:
    points = ((0, 0), (20_000, 0), (40_000, 0), (0, 100_000), (20_000, 100_000), (40_000, 100_000))
    drawn = Measurement(id=Id("h"), kind=MeasurementKind.HEIGHTS, geometry=OnImage(image=IMAGE, points_mpx=points))
    before = heights_of(drawn, case.find_stack(Id("x-BL"))[1])
    after = heights_of(drawn, seen(do(BALL), case, protocol).case.find_stack(Id("x-BL"))[1])
    assert (before.unit, before.anterior) == (Unit.PIXEL, Decimal("100.00"))
    assert (after.unit, after.anterior) == (Unit.MM, Decimal("25.0"))


def test_taking_it_away_takes_the_millimetres_away(do, empty, case, protocol) -> None:
    read = do(BALL, RemoveCalibration(timepoint=Id("BL"), stack=Id("x-BL")))
    assert read == empty
    with pytest.raises(Refused, match="NOT_CALIBRATED_BY_HAND"):
        do(RemoveCalibration(timepoint=Id("BL"), stack=Id("x-BL")))


def test_a_later_length_replaces_the_earlier_one_and_the_same_one_changes_nothing(do) -> None:
    once = do(BALL)
    assert do(BALL, on=once) is once
    again = do(replace(BALL, length_mm=Decimal(30)), on=once)
    assert again.calibrations["x-BL"].length_mm == 30
    assert again.calibrations["x-BL"].marked == "marker ball"
    assert again.calibrations["x-BL"].author == "R7K2"


@pytest.mark.parametrize(
    ("act", "because"),
    [
        (replace(BALL, image=ImageRef(stack=Id("k-BL"), sop_uid="2.25.k-BL.1")), "CALIBRATE_PROJECTIONS"),
        (replace(BALL, image=ImageRef(stack=Id("x-BL"), sop_uid="2.25.other")), "IMAGE_NOT_OF_TIMEPOINT"),
        (replace(BALL, timepoint=Id("FU1")), "IMAGE_NOT_OF_TIMEPOINT"),
        (replace(BALL, length_mm=Decimal(1)), "KNOWN_LENGTH_INVALID"),
        (replace(BALL, points_mpx=((0, 0), (1000, 0))), "KNOWN_LENGTH_SHORT"),
    ],
)
def test_what_calibrates_nothing_is_refused(do, act, because) -> None:
    with pytest.raises((Refused, InvalidValue), match=because):
        do(act)


def test_a_locked_timepoint_keeps_its_millimetres(do, empty) -> None:
    locked = replace(empty, visits=Table({"BL": Visit(lock=Lock.LOCKED)}))
    with pytest.raises(Refused, match="VISIT_LOCKED"):
        do(BALL, on=locked)


def test_others_see_the_calibration_of_what_was_signed_alone(do, case, protocol) -> None:
    read = do(BALL, replace(BALL, timepoint=Id("FU1"), image=ImageRef(stack=Id("x-FU1"), sop_uid="2.25.x-FU1.1")))
    signed = seen(replace(read, signed_through=Id("BL")), case, protocol, Role.COORDINATOR)
    assert set(signed.read.calibrations) == {"x-BL"}
    assert signed.case.find_stack(Id("x-FU1"))[1].calibration is Calibration.NONE


def test_a_read_that_was_begun_before_there_were_calibrations_goes_on(empty, do) -> None:
    tree = encode(empty, Read)
    del tree["calibrations"]
    old = dict(tree)
    assert decode(Read, tree) == empty
    after = do(BALL)
    changes = diff(empty, after, Read)
    apply_in_place(tree, changes)
    assert decode(Read, tree) == after
    apply_in_place(tree, reversed_changes(changes))
    assert decode(Read, tree) == empty
    assert tree == {**old, "calibrations": {}}


def test_a_lesion_measured_on_a_calibrated_film_owes_nothing_and_its_visit_locks(do, case, protocol) -> None:
    """At the door the images are calibrated as they are on the screen: what is shown as complete can be locked."""
    line = OnImage(image=IMAGE, points_mpx=((0, 0), (160_000, 0)))
    drawn = Measurement(id=Id("m1"), kind=MeasurementKind.DIAMETER, geometry=line)
    add = AddLesion(
        timepoint=Id("BL"),
        role=LesionRole.TARGET,
        nodal=False,
        site=Site(organ="LUNG", location="left"),
        tissue=None,
        group=False,
        measurement=drawn,
        stack_sha256="",
        window="",
    )
    read = do(BALL, add)
    shown = seen(read, case, protocol)
    settings = Settings.parse(protocol.criteria.get("recist", Table()))
    assert obligations(shown.read, shown.case, Id("BL"), settings, protocol) == ()
    assert do(LockVisit(timepoint=Id("BL")), on=read).lock_of("BL") is Lock.LOCKED
    without = do(RemoveCalibration(timepoint=Id("BL"), stack=Id("x-BL")), on=read)
    with pytest.raises(Refused, match="LOCK_"):
        do(LockVisit(timepoint=Id("BL")), on=without)
