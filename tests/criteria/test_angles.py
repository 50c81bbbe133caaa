"""Angles: exact geometry against another computation, signs, changes on both sides of 5 and 10 degrees, like with like."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import pytest

from spinereview.criteria.angle_values import Angle, AngleKind, AngleVisit, Input, Side
from spinereview.criteria.angles import assess, change_of, reported
from spinereview.criteria.fracture.settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Posture
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue

ONE = (Decimal(1), Decimal(1))
LONG = 1_000_000
"""Length of a line in thousandths of a pixel: fine enough for a thousandth of a degree."""


def tilted(upper, lower=0.0, kind="VKA", *, modality="CT", posture=Posture.SUPINE, left=True, **more):
    """Angle on an image: how far the back of each line is higher than its front, in degrees; the front is on a side."""
    step = LONG if left else -LONG
    points = []
    for row, tilt in ((0, upper), (LONG, lower)):
        points += [(0, row), (step, row - round(LONG * math.tan(math.radians(tilt))))]
    given = {"spacing_mm": ONE, "points_mpx": tuple(points), **more}
    lower_level = Level.L1 if kind == "COBB" else None
    return Angle(kind=AngleKind(kind), level=Level.T9, lower=lower_level, modality=modality, posture=posture, **given)


def visit(name, *angles):
    return AngleVisit(timepoint=name, angles=Table({f"A{at}": one for at, one in enumerate(angles)}))


def between(before, now, settings=None):
    given = Input(visits=(visit("BL", before), visit("FU1", now)), baseline="BL")
    return assess(given, settings or Settings())["FU1/angles/A0"]


def codes(reasons):
    for reason in reasons:
        assert reason.code in catalogue(), reason.code
    return [reason.code for reason in reasons]


class TestGeometry:
    @pytest.mark.parametrize("left", [True, False])
    @pytest.mark.parametrize(
        ("upper", "lower", "deg"),
        [
            (10.0, 0.0, "10.0"),
            (0.0, 10.0, "-10.0"),
            (0.0, -10.0, "10.0"),
            (-3.0, -3.0, "0.0"),
            (30.0, 25.0, "5.0"),
            (-10.0, 12.5, "-22.5"),
            (14.949, 0.0, "14.9"),
            (14.951, 0.0, "15.0"),
            (0.0, 14.951, "-15.0"),
            (0.04, 0.0, "0.0"),
            (0.0, 0.04, "0.0"),
        ],
    )
    def test_kyphosis_is_positive_whichever_way_the_patient_faces(self, upper, lower, deg, left):
        for front in (None, Side.LEFT if left else Side.RIGHT):
            assert str(reported(tilted(upper, lower, left=left, front=front))) == deg

    def test_the_coronal_angle_has_no_sign(self):
        assert reported(tilted(10.0, -12.0, "COBB")) == reported(tilted(-10.0, 12.0, "COBB")) == Decimal("22.0")

    def test_the_spacing_counts(self):
        points = ((0, 0), (100_000, -100_000), (0, 200_000), (100_000, 200_000))
        flat = tilted(0, points_mpx=points, spacing_mm=(Decimal("0.5"), Decimal(1)))
        assert (reported(flat), reported(tilted(0, points_mpx=points))) == (Decimal("26.6"), 45)
        assert reported(tilted(0, points_mpx=points, spacing_mm=None)) == 45

    def test_in_space_the_angle_is_that_of_the_plane(self):
        # LPS: y to the back, z up. The back of the upper line is higher: kyphosis.
        points = ((0, 0, 40_000), (0, 30_000, 43_000), (0, 0, 0), (0, 30_000, 0))
        found = tilted(0, points_mpx=(), spacing_mm=None, points_um=points)
        assert reported(found) == Decimal("5.7")
        lordosis = ((0, 0, 40_000), (0, 30_000, 37_000), (0, 0, 0), (0, 30_000, 0))
        assert reported(tilted(0, points_mpx=(), spacing_mm=None, points_um=lordosis)) == Decimal("-5.7")

    def test_it_agrees_with_the_arctangent_of_each_line(self):
        chance = random.Random(20260101)
        for _ in range(500):
            rows = [
                chance.randint(0, 40_000),
                chance.randint(0, 40_000),
                *(chance.randint(90_000, 150_000) for _ in "ab"),
            ]
            columns = [chance.randint(0, 5_000), chance.randint(70_000, 90_000)] * 2
            points = tuple(zip(columns, rows, strict=True))
            slopes = [math.atan2(-(rows[at + 1] - rows[at]), columns[at + 1] - columns[at]) for at in (0, 2)]
            expected = math.degrees(slopes[0] - slopes[1])
            assert abs(float(tilted(0, points_mpx=points).exact_deg) - expected) < 1e-9

    @pytest.mark.parametrize(("spacing", "deg"), [(("1", "0.5"), "63.4"), (("0.5", "1"), "26.6"), (("2", "2"), "45.0")])
    def test_rows_and_columns_have_each_their_own_distance(self, spacing, deg):
        points = ((0, 0), (100_000, -100_000), (0, 200_000), (100_000, 200_000))
        found = tilted(0, points_mpx=points, spacing_mm=tuple(map(Decimal, spacing)))
        assert str(reported(found)) == deg

    @pytest.mark.parametrize("scale", ["0.000001", "1", "1000"])
    def test_how_large_a_pixel_is_changes_no_angle(self, scale):
        spacing = (Decimal(scale), Decimal(scale))
        for upper, lower, deg in ((9, 0, "42.0"), (0, 9, "-42.0"), (0, 0, "0.0")):
            points = ((0, 0), (10, -upper), (0, 40), (10, 40 - lower))
            for front in (None, Side.LEFT):
                assert str(reported(tilted(0, points_mpx=points, spacing_mm=spacing, front=front))) == deg
            mirrored = tuple((-column, row) for column, row in points)
            assert str(reported(tilted(0, points_mpx=mirrored, spacing_mm=spacing, front=Side.RIGHT))) == deg

    @pytest.mark.parametrize(
        ("back", "up"),
        [
            ((0, 1, 0), (0, 0, 1)),
            ((-4, 3, 0), (0, 0, 5)),
            ((4, 3, 0), (0, 0, 5)),
            ((0, 4, -3), (0, 3, 4)),
            ((2, 2, 1), (-2, 1, 2)),
            ((-2, 2, 1), (2, 1, 2)),
            ((2, 2, -1), (2, -1, 2)),
        ],
    )
    def test_in_space_the_sign_does_not_depend_on_how_the_patient_is_turned(self, back, up):
        chance = random.Random(20260102)
        for _ in range(60):
            tilts = [(chance.randint(90_000, 150_000), chance.randint(-40_000, 40_000)) for _ in "ab"]
            points = [
                tuple(side * along * b + (height + side * rise) * u for b, u in zip(back, up, strict=True))
                for height, (along, rise) in zip((0, -300_000), tilts, strict=True)
                for side in (-1, 1)
            ]
            found = tilted(0, points_mpx=(), spacing_mm=None, points_um=tuple(points))
            slopes = [math.atan2(rise, along) for along, rise in tilts]
            assert abs(float(found.exact_deg) - math.degrees(slopes[0] - slopes[1])) < 1e-9

    @pytest.mark.parametrize(
        "points",
        [
            ((0, 0), (100, 0), (0, -8), (100, 10)),
            ((0, 0), (100, 0), (0, 10), (100, -8)),
            ((0, -8), (100, 10), (0, 2), (100, 2)),
            ((0, 10), (100, -8), (0, 2), (100, 2)),
        ],
    )
    def test_which_line_is_the_upper_one_is_told_by_their_middles(self, points):
        assert abs(reported(tilted(0, points_mpx=points))) == Decimal("10.2")
        with pytest.raises(InvalidValue, match="ANGLE_UPSIDE_DOWN"):
            tilted(0, points_mpx=(*points[2:], *points[:2]))

    def test_one_micrometre_tells_down_and_back(self):
        down = ((0, 0, 0), (0, 30_000, 1), (0, 0, 0), (0, 30_000, 0))
        assert reported(tilted(0, points_mpx=(), spacing_mm=None, points_um=down)) == 0
        back = ((0, 0, 9_000), (9_000, 1, 9_000), (0, 0, 0), (9_000, 0, 0))
        assert reported(tilted(0, points_mpx=(), spacing_mm=None, points_um=back)) == 0


class TestChange:
    @pytest.mark.parametrize(
        ("before", "now", "outcome"),
        [
            (10.0, 14.9, "WITHIN_ERROR"),
            (10.0, 14.949, "WITHIN_ERROR"),
            (10.0, 14.951, "INCREASED"),
            (10.0, 19.9, "INCREASED"),
            (10.0, 20.0, "PROGRESSED"),
            (10.0, 5.1, "WITHIN_ERROR"),
            (10.0, 5.0, "DECREASED"),
            (15.0, 5.0, "DECREASED"),
            (20.0, 0.0, "DECREASED"),
            (-3.0, 2.0, "INCREASED"),
            (-5.0, 5.0, "PROGRESSED"),
            (10.0, 10.0, "WITHIN_ERROR"),
        ],
    )
    def test_of_reported_angles(self, before, now, outcome):
        found = between(tilted(before), tilted(now))
        assert found.outcome == outcome
        assert codes(found.because)[1] == f"ANGLE_{outcome}"

    def test_flag_order_and_angles(self):
        up = between(tilted(10.0), tilted(15.0))
        assert (up.outcome, up.values["change_deg"]) == ("INCREASED", 5)
        down = between(tilted(15.0), tilted(5.0))
        assert (down.outcome, down.values["change_deg"]) == ("DECREASED", -10)

    def test_the_limits_are_settings(self):
        settings = Settings(angle_flag_deg=Decimal(3), angle_prog_deg=Decimal(4))
        assert [change_of(Decimal(text), settings) for text in ("2.9", "3", "3.9", "4", "-2.9", "-3")] == [
            *("WITHIN_ERROR", "INCREASED", "INCREASED", "PROGRESSED", "WITHIN_ERROR", "DECREASED")
        ]
        with pytest.raises(InvalidValue, match="ANGLE_FLAG_ABOVE"):
            Settings(angle_flag_deg=Decimal("10.1"))
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            Settings.parse({"angle_flag_deg": 0})

    def test_the_values(self):
        found = between(tilted(10.0), tilted(0.0, 14.6))
        assert dict(found.values) == {
            "angle_deg": Decimal("-14.6"),
            "shown_deg": -15,
            "baseline_deg": 10,
            "change_deg": Decimal("-24.6"),
        }
        assert codes(found.because)[0] == "ANGLE_LORDOSIS"
        assert [codes(between(tilted(1.0), one).because)[0] for one in (tilted(0.5), tilted(0.0))] == [
            *("ANGLE_KYPHOSIS", "ANGLE_PARALLEL")
        ]

    def test_there_is_no_change_before_and_at_the_baseline(self):
        visits = (visit("BL", tilted(10.0)), visit("FU1", tilted(20.0)))
        for baseline in (None, "FU1"):
            answers = assess(Input(visits=visits, baseline=baseline), Settings())
            assert {answer.outcome for answer in answers.values()} == {"MEASURED"}
            assert {answer.values["change_deg"] for answer in answers.values()} == {None}

    @pytest.mark.parametrize(
        ("deg", "shown"), [(10.4, "10"), (10.55, "11"), (0.4, "0"), (0.6, "1"), (-0.4, "0"), (-0.6, "-1")]
    )
    def test_whole_degrees_are_half_up_and_never_minus_zero(self, deg, shown):
        found = between(tilted(1.0), tilted(deg))
        assert str(found.values["shown_deg"]) == shown
        assert found.because[0].code == ("ANGLE_LORDOSIS" if deg < 0 else "ANGLE_KYPHOSIS")

    def test_an_angle_and_a_visit_are_called_by_their_names(self):
        assert [tilted(1.0, kind=kind).name for kind in ("BSK", "COBB")] == ["BSK T9", "COBB T9-L1"]
        labelled = AngleVisit(timepoint="FU1", label="Month 3", angles=Table({"A0": tilted(9.0)}))
        found = assess(Input(visits=(visit("BL", tilted(1.0)), labelled), baseline="BL"), Settings())
        first, second = found["FU1/angles/A0"].because
        assert (first.args["visit"], second.args["baseline"]) == ("Month 3", "BL")
        assert first.args["angle"] == "VKA T9"


class TestLikeWithLike:
    @pytest.mark.parametrize(
        ("before", "now", "code"),
        [
            (tilted(1.0, modality="DX"), tilted(20.0), "ANGLE_OTHER_MODALITY"),
            (tilted(1.0, posture=Posture.STANDING), tilted(20.0), "ANGLE_POSTURE_DIFFERS"),
            (tilted(1.0, posture=None), tilted(20.0), "ANGLE_POSTURE_UNKNOWN"),
            (tilted(1.0), tilted(20.0, posture=Posture.UNKNOWN), "ANGLE_POSTURE_UNKNOWN"),
            (tilted(1.0, posture=Posture.UNKNOWN), tilted(9.0, posture=Posture.UNKNOWN), "ANGLE_POSTURE_UNKNOWN"),
            (tilted(1.0, kind="MSK"), tilted(20.0), "ANGLE_NO_BASELINE"),
            (tilted(1.0, kind="COBB"), tilted(20.0), "ANGLE_NO_BASELINE"),
        ],
    )
    def test_else_there_is_no_change(self, before, now, code):
        found = between(before, now)
        assert (found.outcome, found.values["change_deg"], codes(found.missing)) == ("NE", None, [code])
        assert found.values["angle_deg"] is not None

    def test_of_several_the_one_in_the_same_posture_is_taken(self):
        start = visit("BL", tilted(10.0), tilted(18.0, posture=Posture.STANDING))
        now = visit("FU1", tilted(20.0, posture=Posture.STANDING))
        found = assess(Input(visits=(start, now), baseline="BL"), Settings())["FU1/angles/A0"]
        assert (found.outcome, found.values["baseline_deg"]) == ("WITHIN_ERROR", 18)

    def test_one_of_an_unknown_posture_stands_in_no_ones_way(self):
        start = visit("BL", tilted(18.0, posture=Posture.UNKNOWN), tilted(10.0))
        found = assess(Input(visits=(start, visit("FU1", tilted(20.0))), baseline="BL"), Settings())["FU1/angles/A0"]
        assert (found.outcome, found.values["baseline_deg"]) == ("PROGRESSED", 10)

    def test_a_hidden_endplate_has_no_angle(self):
        hidden = Angle(kind=AngleKind.VKA, level=Level.T9, modality="CT", posture=Posture.SUPINE, hidden=True)
        found = between(tilted(10.0), hidden)
        assert (found.outcome, set(found.values.values()), codes(found.because)) == ("NE", {None}, ["ANGLE_HIDDEN"])
        assert codes(between(hidden, tilted(10.0)).missing) == ["ANGLE_NO_BASELINE"]

    def test_an_image_without_a_spacing_is_said(self):
        assert codes(between(tilted(1.0), tilted(1.0, spacing_mm=None)).warnings) == ["ANGLE_UNCALIBRATED"]
        assert between(tilted(1.0), tilted(1.0)).warnings == ()


def _drawn(*points, kind="VKA", **more):
    return lambda: tilted(0, kind=kind, points_mpx=points, **more)


def _in_space(*points):
    return lambda: tilted(0, points_mpx=(), spacing_mm=None, points_um=points)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_drawn((0, 0), (9, 0), (0, 9)), "ANGLE_POINTS"),
        (lambda: tilted(0, points_um=((0, 0, 9), (0, 9, 9), (0, 0, 0), (0, 9, 0))), "ANGLE_POINTS"),
        (_drawn(), "ANGLE_POINTS"),
        (lambda: tilted(0, hidden=True), "ANGLE_HIDDEN_DRAWN"),
        (_drawn((0, 0), (0, 0), (0, 9), (9, 9)), "ANGLE_POINTS_EQUAL"),
        (_drawn((0, 0), (9, 0), (5, 9), (5, 9)), "ANGLE_POINTS_EQUAL"),
        (_drawn((0, 0), (9, 0), (9, 9), (0, 9)), "ANGLE_LINES_OPPOSED"),
        (_drawn((0, 0), (9, 0), (5, 5), (5, 9)), "ANGLE_LINES_OPPOSED"),
        (_drawn((0, 0), (9, 0), (20, 0), (29, 0)), "ANGLE_LINES_BESIDE"),
        (_drawn((0, 9), (9, 9), (0, 0), (9, 0)), "ANGLE_UPSIDE_DOWN"),
        (_drawn((0, 0), (9, 2), (20, 0), (29, 2)), "ANGLE_UPSIDE_DOWN"),
        (_drawn((0, 9), (9, 9), (0, 0), (9, 0), kind="COBB"), "ANGLE_UPSIDE_DOWN"),
        (_in_space((0, 0, 0), (0, 9, 0), (0, 0, 9), (0, 9, 9)), "ANGLE_UPSIDE_DOWN"),
        (_in_space((0, 9, 9), (0, 0, 9), (0, 9, 0), (0, 0, 0)), "ANGLE_BACK_TO_FRONT"),
        (_drawn((0, 0), (9, 0), (0, 9), (9, 9), front=Side.RIGHT), "ANGLE_BACK_TO_FRONT"),
        (_drawn((9, 0), (0, 0), (9, 9), (0, 9), front=Side.LEFT), "ANGLE_BACK_TO_FRONT"),
        (_in_space((0, 0, 9), (9, 0, 9), (0, 0, 0), (9, 0, 0)), "ANGLE_BACK_TO_FRONT"),
        (_drawn((0, 0), (0, 9), (5, 9), (5, 18), front=Side.LEFT), "ANGLE_BACK_TO_FRONT"),
        (_drawn((0, 0), (0, 9), (5, 9), (5, 18), front=Side.RIGHT), "ANGLE_BACK_TO_FRONT"),
        (lambda: Angle(kind=AngleKind.COBB, level=Level.T9, modality="CT", hidden=True), "ANGLE_LOWER"),
        (lambda: Angle(kind=AngleKind.VKA, level=Level.T9, lower=Level.L1, modality="CT", hidden=True), "ANGLE_LOWER"),
        (lambda: tilted(0, spacing_mm=(Decimal(1), Decimal(0))), "VALUE_NOT_POSITIVE"),
        (lambda: tilted(0, modality=""), "VALUE_EMPTY"),
        (lambda: visit("BL", tilted(1.0), tilted(2.0)), "ANGLE_TWICE"),
        (lambda: Input(visits=(visit("BL"), visit("BL"))), "VISIT_TWICE"),
        (lambda: Input(visits=(visit("BL"),), baseline="FU9"), "ANGLE_BASELINE_UNKNOWN"),
    ],
)
def test_what_can_be_no_angle_is_refused_by_name(make, code):
    with pytest.raises(InvalidValue) as raised:
        make()
    assert raised.value.code == code
    assert code in catalogue()
