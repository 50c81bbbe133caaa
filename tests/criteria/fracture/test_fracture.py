"""Heights, references, grades and flags: both sides of every edge, every shape, every reference rule."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.criteria.fracture.assess import assess
from spinereview.criteria.fracture.grade import Losses, deformity, genant_grade, losses
from spinereview.criteria.fracture.heights import Heights, Unit, heights_of, six_points_fault
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Input, Measured, SpineVisit, Vertebra, levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import ImageRef
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.scores import Hardware, NonFractureCause
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

GOOD = ("25", "25", "25")
STACK = "k1"


def heights(values, unit=Unit.MM):
    a, m, p = (Decimal(value) for value in values)
    return Heights(anterior=a, middle=m, posterior=p, unit=unit)


def vertebra(level, values=GOOD, *, modality="CT", unit=Unit.MM, coarse=None, **facts):
    measured = {}
    if values is not None:
        coarse_mm = None if coarse is None else Decimal(coarse)
        measured[STACK] = Measured(stack=STACK, modality=modality, heights=heights(values, unit), coarse_mm=coarse_mm)
    if "grade" in facts:
        facts["grade"] = Decimal(facts["grade"])
    return Vertebra(level=Level(level), measured=Table(measured), **facts)


def answers(*visits, settings=None, numbering=""):
    names = ["BL", *(f"FU{number}" for number in range(1, len(visits)))]
    made = tuple(
        SpineVisit(timepoint=name, vertebrae=Table({one.level: one for one in visit}))
        for name, visit in zip(names, visits, strict=True)
    )
    given_ = Input(visits=made, baseline="BL", order=levels_in_order(numbering))
    return assess(given_, settings or Settings())


def about(*visit, level="T9", **more):
    return answers(visit, **more)[f"BL/fracture/{level}"]


def codes(answer):
    return {reason.code for reason in (*answer.because, *answer.warnings, *answer.missing)}


def around(values, *, level="T9", **facts):
    """A vertebra between two intact ones of 25 mm."""
    order = levels_in_order()
    at = order.index(Level(level))
    return (vertebra(order[at - 1]), vertebra(level, values, **facts), vertebra(order[at + 1]))


GRADE_EDGES = [("0", 0, 0), ("19.999", 0, 0), ("20", 1, 1), ("24.999", 1, 1), ("25", 1, 2), ("25.001", 2, 2)]
GRADE_EDGES += [("39.999", 2, 2), ("40", 2, 3), ("40.001", 3, 3), ("100", 3, 3)]


class TestGrade:
    @pytest.mark.parametrize(("pct", "upper", "lower"), GRADE_EDGES)
    def test_edges_of_every_interval(self, pct, upper, lower):
        assert genant_grade(Fraction(pct), Settings()) == upper
        assert genant_grade(Fraction(pct), Settings(genant_edges="lower_inclusive")) == lower

    @pytest.mark.parametrize("at", [0, 1, 2])
    def test_a_loss_is_that_of_its_own_position_and_the_others_have_none(self, at):
        values = [Decimal(25)] * 3
        values[at] = Decimal(20)
        heights = Heights(anterior=values[0], middle=values[1], posterior=values[2])
        found = losses(heights, (Fraction(25), Fraction(25), Fraction(25)))
        assert [found.anterior, found.middle, found.posterior] == [20 if at == one else 0 for one in range(3)]
        assert (found.largest, found.position) == (20, ["anterior", "middle", "posterior"][at])

    def test_without_a_loss_and_without_a_posterior_reference_the_largest_is_zero(self):
        heights = Heights(anterior=Decimal(26), middle=Decimal(25), posterior=Decimal(25))
        found = losses(heights, (Fraction(25), Fraction(25), None))
        assert (found.largest, found.anterior, found.middle, found.posterior) == (0, 0, 0, None)

    @given(st.fractions(0, 100), st.fractions(0, 100))
    def test_more_loss_is_never_a_lower_grade(self, one, other):
        low, high = sorted((one, other))
        assert genant_grade(low, Settings()) <= genant_grade(high, Settings())

    @pytest.mark.parametrize(
        ("anterior", "middle", "posterior", "shape"),
        [
            (30, 10, 10, "WEDGE"),
            (10, 30, 10, "BICONCAVE"),
            (10, 10, 30, "CRUSH"),
            (30, 30, 10, "WEDGE"),
            (10, 30, 19, "BICONCAVE"),
            (10, 30, 20, "CRUSH"),
            (60, 30, 20, "CRUSH"),
            (19, 19, 19, None),
            (20, 0, 0, "WEDGE"),
        ],
    )
    def test_shape(self, anterior, middle, posterior, shape):
        found = deformity(Losses(anterior=Fraction(anterior), middle=Fraction(middle), posterior=Fraction(posterior)))
        assert found == shape

    @pytest.mark.parametrize(
        ("lost", "position"),
        [
            ((30, 10, 20), "anterior"),
            ((10, 30, 20), "middle"),
            ((10, 20, 30), "posterior"),
            ((30, 30, 30), "anterior"),
            ((10, 30, 30), "middle"),
            ((10, 5, None), "anterior"),
            ((5, 10, None), "middle"),
        ],
    )
    def test_position_of_the_largest_loss_and_of_equal_ones_the_first(self, lost, position):
        anterior, middle, posterior = (None if one is None else Fraction(one) for one in lost)
        found = Losses(anterior=anterior, middle=middle, posterior=posterior)
        assert found.position == position

    def test_a_higher_vertebra_has_lost_nothing(self):
        assert losses(heights(("26", "25", "25")), (Fraction(25),) * 3).anterior == 0

    @pytest.mark.parametrize("grade", ["0", "0.5", "1", "2", "3"])
    def test_the_grades_of_genant_are_taken(self, grade):
        assert vertebra("T9", grade=grade).grade == Decimal(grade)

    @pytest.mark.parametrize("grade", ["0.25", "1.5", "4", "-1"])
    def test_another_grade_is_refused(self, grade):
        with pytest.raises(InvalidValue, match="GENANT_GRADE"):
            vertebra("T9", grade=grade)


class TestReference:
    def test_mean_of_the_neighbours_position_by_position(self):
        answer = about(
            vertebra("T8", ("24", "23", "25")), vertebra("T9", ("20", "20", "20")), vertebra("T10", ("26", "25", "27"))
        )
        assert [answer.values[key] for key in ("ra_mm", "rm_mm", "rp_mm")] == [25, 24, 26]
        assert answer.values["loss_a_pct"] == 20

    def test_one_side_alone_where_the_other_has_none(self):
        answer = about(vertebra("T9", ("20", "25", "25")), vertebra("T10"))
        assert answer.because[0].args["levels"] == "T10"

    @pytest.mark.parametrize(("level", "levels"), [("T7", "T7, T10"), ("T6", "T6, T10"), ("T5", "T10")])
    def test_at_most_two_levels_are_passed_over(self, level, levels):
        answer = about(vertebra(level), vertebra("T9", ("20", "25", "25")), vertebra("T10"))
        assert answer.because[0].args["levels"] == levels

    @pytest.mark.parametrize(
        "facts",
        [
            *({"hardware": frozenset({kind})} for kind in Hardware),
            {"endplates_hidden": True},
            {"resected": True},
            {"intact": False},
            {"fracture_line": True},
            {"grade": "1"},
            {"grade": "0.5"},
            {"collapse_seen": True},
        ],
        ids=lambda facts: next(iter(facts)),
    )
    def test_a_neighbour_that_is_not_intact_is_passed_over(self, facts):
        answer = about(vertebra("T7"), vertebra("T8", **facts), vertebra("T9", ("20", "25", "25")))
        assert answer.because[0].args["levels"] == "T7"

    def test_a_wedged_neighbour_is_passed_over_unless_the_reader_calls_it_intact(self):
        wedged = ("20", "25", "25")
        assert about(vertebra("T7"), vertebra("T8", wedged), vertebra("T9")).because[0].args["levels"] == "T7"
        called = about(vertebra("T7"), vertebra("T8", wedged, intact=True), vertebra("T9"))
        assert called.because[0].args["levels"] == "T8"

    @pytest.mark.parametrize(("level", "other"), [("C3", "C2"), ("L5", "S1")])
    def test_borders_are_not_crossed(self, level, other):
        answer = about(vertebra(other), vertebra(level, ("20", "25", "25")), level=level)
        assert "POSTERIOR_NOT_JUDGED" in codes(answer)

    def test_without_a_neighbour_the_own_back_is_the_reference_and_the_grade_a_lower_limit(self):
        answer = about(vertebra("T9", ("15", "20", "25")))
        assert (answer.values["loss_a_pct"], answer.values["loss_p_pct"], answer.values["suggested_grade"]) == (
            40,
            None,
            2,
        )
        assert "POSTERIOR_NOT_JUDGED" in codes(answer)

    def test_its_own_collapsed_baseline_is_no_reference(self):
        rows = around(("12", "25", "25"))
        found = answers(rows, rows)
        assert found["FU1/fracture/T9"].values["loss_a_pct"] == 52
        assert found["FU1/fracture/T9"].values["incident_loss_pct"] == 0

    @pytest.mark.parametrize(("value", "grade"), [("18.1", None), ("18.0", 2), ("17.9", 2)])
    def test_below_twice_the_slice_interval_no_grade_is_suggested(self, value, grade):
        # 3.5 mm of 25 mm are 14 %, twice that 28 %: 18.0 mm have lost just so much.
        answer = about(*around((value, "25", "25"), coarse="3.5"))
        assert answer.values["suggested_grade"] == grade
        assert "COARSE_SLICES" in codes(answer)

    def test_thirteen_thoracic_vertebrae_are_neighbours_where_the_subject_has_them(self):
        row = (vertebra("T13"), vertebra("L1", ("20", "25", "25")))
        assert about(*row, level="L1", numbering="T13").because[0].args["levels"] == "T13"
        assert "POSTERIOR_NOT_JUDGED" in codes(about(*row, level="L1"))


class TestFlag:
    @pytest.mark.parametrize(
        ("values", "facts", "flag"),
        [
            (GOOD, {}, "NO"),
            (("20", "25", "25"), {}, "PRESENT"),
            (("20.1", "25", "25"), {}, "NO"),
            (GOOD, {"grade": "0.5"}, "SUSPECTED"),
            (("20", "25", "25"), {"grade": "0"}, "NO"),
            (GOOD, {"grade": "1"}, "PRESENT"),
            (("15", "25", "25"), {"non_fracture_cause": NonFractureCause.SCHEUERMANN}, "NO"),
            (GOOD, {"resected": True}, "RESECTED"),
            (GOOD, {"endplates_hidden": True}, "NE"),
            (None, {}, "NE"),
            (None, {"grade": "2"}, "PRESENT"),
        ],
    )
    def test_flag_at_one_visit(self, values, facts, flag):
        assert about(*around(values, **facts)).outcome == flag

    @pytest.mark.parametrize("cause", [cause for cause in NonFractureCause if cause])
    def test_a_deformity_of_another_cause_has_no_grade_of_a_fracture(self, cause):
        answer = about(*around(("15", "25", "25"), non_fracture_cause=cause))
        assert (answer.outcome, answer.values["suggested_grade"], answer.values["max_loss_pct"]) == ("NO", 0, 40)
        assert f"NOT_A_FRACTURE_{cause}" in codes(answer)

    def test_a_fracture_line_in_a_deformity_of_another_cause_is_asked_about(self):
        answer = about(*around(GOOD, non_fracture_cause=NonFractureCause.SCHMORL, fracture_line=True))
        assert "FRACTURE_LINE_AND_CAUSE" in codes(answer)

    def test_a_deformity_of_another_cause_that_goes_on_collapsing_is_watched_until_the_cause_is_lifted(self):
        cause = NonFractureCause.SCHEUERMANN
        rows = around(("21.25", "25", "25"), non_fracture_cause=cause)
        kept = answers(rows, around(("16", "25", "25"), non_fracture_cause=cause))["FU1/fracture/T9"]
        lifted = answers(rows, around(("16", "25", "25")))["FU1/fracture/T9"]
        assert (kept.outcome, lifted.outcome) == ("WATCH", "NEW")
        assert "CAUSE_AND_FURTHER_LOSS" in codes(kept)

    @pytest.mark.parametrize("kind", list(Hardware))
    def test_hardware_is_named(self, kind):
        assert f"HARDWARE_{kind}" in codes(about(*around(GOOD, hardware=frozenset({kind}))))

    def test_a_grade_of_the_measurement_asks_to_be_confirmed(self):
        assert "GRADE_NOT_CONFIRMED" in codes(about(*around(("20", "25", "25"))))
        assert "GRADE_NOT_CONFIRMED" not in codes(about(*around(("20", "25", "25"), grade="1")))

    @pytest.mark.parametrize(
        ("before", "now", "flag"),
        [
            ("25", "22.6", "NO"),
            ("25", "22.5", "WATCH"),
            ("25", "20.1", "WATCH"),
            ("25", "20", "NEW"),
            ("20", "18.1", "PRESENT"),
            ("20", "18", "PROGRESSIVE"),
            ("20", "16", "PROGRESSIVE"),
            ("14", "12.7", "PRESENT"),
            ("14", "12.6", "WATCH"),
            ("14", "11.3", "WATCH"),
            ("14", "11.2", "PROGRESSIVE"),
        ],
    )
    def test_flag_against_the_baseline(self, before, now, flag):
        found = answers(around((before, "25", "25")), around((now, "25", "25")))
        assert found["FU1/fracture/T9"].outcome == flag

    def test_new_by_the_grade_with_a_loss_below_the_limit(self):
        found = answers(around(("21.25", "25", "25")), around(("17.5", "25", "25")))["FU1/fracture/T9"]
        assert (found.outcome, found.values["incident_loss_pct"]) == ("NEW", Decimal("17.6"))
        assert "GRADE_ROSE" in codes(found)

    def test_a_reference_that_breaks_later_makes_no_event(self):
        before = (
            vertebra("T7", ("30", "30", "30")),
            vertebra("T8"),
            vertebra("T9", ("20.5", "25", "25")),
            vertebra("T10"),
        )
        after = (
            vertebra("T7", ("30", "30", "30")),
            vertebra("T8", ("15", "25", "25")),
            vertebra("T9", ("20.5", "25", "25")),
            vertebra("T10"),
        )
        found = answers(before, after)["FU1/fracture/T9"]
        assert found.values["suggested_grade"] == 2
        assert found.outcome == "PRESENT"
        assert "REFERENCE_CHANGED" in codes(found)

    def test_new_stays_new_while_it_goes_on_collapsing(self):
        found = answers(*(around((value, "25", "25")) for value in ("25", "20", "12")))
        assert [found[f"{name}/fracture/T9"].outcome for name in ("BL", "FU1", "FU2")] == ["NO", "NEW", "NEW"]
        assert found["FU2/fracture/T9"].values["suggested_grade"] == 3

    def test_a_fracture_line_is_new_without_any_loss(self):
        assert answers(around(GOOD), around(GOOD, fracture_line=True))["FU1/fracture/T9"].outcome == "NEW"

    def test_the_readers_higher_grade_is_progression_of_a_fracture(self):
        found = answers(around(("20", "25", "25"), grade="1"), around(("19.5", "25", "25"), grade="2"))
        assert found["FU1/fracture/T9"].outcome == "PROGRESSIVE"

    def test_without_heights_a_new_fracture_line_still_counts_and_stays_new(self):
        bare = (vertebra("T9", None),)
        line = (vertebra("T9", None, fracture_line=True),)
        found = answers(bare, line, around(("25", "25", "25"), fracture_line=True))
        assert [found[f"{name}/fracture/T9"].outcome for name in ("BL", "FU1", "FU2")] == ["NE", "NEW", "NEW"]
        again = answers(line, line)["FU1/fracture/T9"]
        assert again.outcome == "NE"

    def test_without_heights_a_grade_that_the_reader_raises_is_progression(self):
        found = answers((vertebra("T9", None, grade="1"),), (vertebra("T9", None, grade="2"),))
        assert found["FU1/fracture/T9"].outcome == "PROGRESSIVE"
        assert "GRADE_ROSE_BY_READER" in codes(found["FU1/fracture/T9"])

    def test_a_visit_before_the_baseline_has_no_event(self):
        made = tuple(
            SpineVisit(timepoint=name, vertebrae=Table({one.level: one for one in around((value, "25", "25"))}))
            for name, value in (("PRE", "12"), ("BL", "25"), ("FU1", "12"))
        )
        found = assess(Input(visits=made, baseline="BL", order=levels_in_order()), Settings())
        assert [found[f"{name}/fracture/T9"].outcome for name in ("PRE", "BL", "FU1")] == ["PRESENT", "NO", "NEW"]

    def test_another_kind_of_images_cannot_be_compared(self):
        found = answers(around(GOOD), around(("12", "25", "25"), modality="MR"))["FU1/fracture/T9"]
        assert (found.outcome, found.values["incident_loss_pct"]) == ("PRESENT", None)
        assert "NO_HEIGHTS_AT_BASELINE" in codes(found)

    def test_without_calibration_there_are_ratios_and_no_millimetres(self):
        pixels = ("80", "100", "100")
        row = (vertebra("T8", ("100", "100", "100"), unit=Unit.PIXEL), vertebra("T9", pixels, unit=Unit.PIXEL))
        found = answers(row, row)["FU1/fracture/T9"]
        assert (found.values["ha_mm"], found.values["loss_a_pct"], found.values["incident_loss_pct"]) == (
            None,
            20,
            None,
        )
        assert {"HEIGHTS_UNCALIBRATED", "INCIDENT_UNCALIBRATED"} <= codes(found)


def space(*points):
    return InSpace(stacks=(STACK,), frame_of_reference_uid="1.2", points_um=points)


BODY = [(0, 0, 30), (0, 15, 30), (0, 30, 30), (0, 0, 5), (0, 15, 6), (0, 30, 4)]
BODY = [(x * 1000, y * 1000, z * 1000) for x, y, z in BODY]


class TestSixPoints:
    def test_heights_are_the_distances_of_the_pairs(self):
        measurement = Measurement(id="m", kind=MeasurementKind.HEIGHTS, geometry=space(*BODY))
        assert heights_of(measurement, None) == heights(("25", "24", "26"))

    def test_on_an_image_without_calibration_they_are_pixels(self, uncalibrated):
        points = [(10_000, 10_000), (20_000, 10_000), (30_000, 10_000)]
        points += [(x, y + 25_125) for x, y in points]
        image = OnImage(image=ImageRef(stack=uncalibrated.id, sop_uid="1.2.3"), points_mpx=tuple(points))
        measurement = Measurement(id="m", kind=MeasurementKind.HEIGHTS, geometry=image)
        assert heights_of(measurement, uncalibrated) == heights(("25.13", "25.13", "25.13"), Unit.PIXEL)

    def test_a_body_is_accepted(self):
        assert six_points_fault(space(*BODY)) == ""

    @pytest.mark.parametrize(
        ("order", "fault"),
        [
            ((3, 4, 5, 0, 1, 2), "HEIGHTS_UPSIDE_DOWN"),
            ((2, 1, 0, 5, 4, 3), "HEIGHTS_BACK_TO_FRONT"),
            ((0, 1, 2, 5, 4, 3), "HEIGHTS_ENDPLATES_OPPOSED"),
            ((1, 0, 2, 3, 4, 5), "HEIGHTS_MIDDLE_OUTSIDE"),
            ((0, 1, 2, 3, 5, 4), "HEIGHTS_MIDDLE_OUTSIDE"),
            ((0, 1, 0, 3, 4, 5), "HEIGHTS_POINTS_EQUAL"),
            ((0, 1, 2, 0, 4, 5), "HEIGHTS_POINTS_EQUAL"),
            ((0, 1, 5, 3, 4, 2), "HEIGHTS_ENDPLATES_CROSS"),
        ],
    )
    def test_points_in_the_wrong_order_are_named(self, order, fault):
        assert six_points_fault(space(*(BODY[place] for place in order))) == fault

    def test_two_points_are_no_heights(self):
        assert six_points_fault(space(*BODY[:2])) == "HEIGHTS_NEED_SIX_POINTS"
