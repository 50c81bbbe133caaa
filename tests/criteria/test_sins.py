"""SINS: every cell of the printed table, every total and its category, ranges of what is missing."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from spinereview.criteria.sins import (
    POINTS,
    Category,
    Input,
    Item,
    LevelItems,
    SinsVisit,
    allowed_answers,
    assess,
    category,
    location_points,
    suggestions,
)
from spinereview.criteria.sins_settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.lesion import Tissue
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence

LOCATIONS = {
    3: "OCCIPUT C1 C2 C7 T1 T2 T11 T12 T13 L1 L5 L6 S1",
    2: "C3 C4 C5 C6 L2 L3 L4",
    1: "T3 T4 T5 T6 T7 T8 T9 T10",
    0: "S2 S3 S4 S5 COCCYX",
}
NOTHING = {
    "PAIN": "PAIN_FREE",
    "BONE_LESION": "BLASTIC",
    "ALIGNMENT": "NORMAL",
    "COLLAPSE": "NONE",
    "POSTEROLATERAL": "NONE",
}
PRINTED = [
    ("PAIN", "MECHANICAL", 3),
    ("PAIN", "NOT_MECHANICAL", 1),
    ("PAIN", "PAIN_FREE", 0),
    ("BONE_LESION", "LYTIC", 2),
    ("BONE_LESION", "MIXED", 1),
    ("BONE_LESION", "BLASTIC", 0),
    ("ALIGNMENT", "SUBLUXATION", 4),
    ("ALIGNMENT", "DE_NOVO_DEFORMITY", 2),
    ("ALIGNMENT", "NORMAL", 0),
    ("COLLAPSE", "OVER_50", 3),
    ("COLLAPSE", "UNDER_50", 2),
    ("COLLAPSE", "INVOLVED_OVER_50", 1),
    ("COLLAPSE", "NONE", 0),
    ("POSTEROLATERAL", "BILATERAL", 3),
    ("POSTEROLATERAL", "UNILATERAL", 1),
    ("POSTEROLATERAL", "NONE", 0),
]


def items(level="T9", given=None, without=(), **more):
    answers = {key: value for key, value in {**NOTHING, **(given or {})}.items() if key not in without}
    return LevelItems(level=Level(level), answers=Table(answers), ref=("visits", "BL", "levels", level), **more)


def answer(*levels, settings=None, numbering="", key="BL/sins"):
    visit = SinsVisit(timepoint="BL", levels=Table({one.level: one for one in levels}))
    answers = assess(Input(visits=(visit,), numbering=numbering), settings or Settings())
    return answers[key if len(levels) > 1 else f"BL/sins/{levels[0].level}"]


class TestTable:
    @pytest.mark.parametrize(("points", "levels"), LOCATIONS.items())
    def test_lesson_2_location(self, points, levels):
        for level in levels.split():
            assert location_points(Level(level)) == points

    def test_every_level_is_listed_once(self):
        assert sorted(" ".join(LOCATIONS.values()).split()) == sorted(Level)

    @pytest.mark.parametrize(("item", "value", "points"), PRINTED)
    def test_item(self, item, value, points):
        found = answer(items(given={item: value}))
        assert found.values[f"{item.lower()}_points"] == points
        assert found.values["total"] == 1 + points

    def test_every_answer_is_said_with_its_points(self):
        because = {
            reason.code: reason.args["points"] for reason in answer(items("T9", {"PAIN": "MECHANICAL"})).because[2:]
        }
        assert because["SINS_PAIN_MECHANICAL"] == "3"
        assert because["SINS_COLLAPSE_NONE"] == "0"
        assert "SINS_NO_BODY" not in because

    def test_no_answer_is_left_out(self):
        assert {(item, value) for item, values in POINTS.items() for value in values} == {row[:2] for row in PRINTED}

    def test_every_combination_is_the_sum_of_its_points(self):
        printed = {(item, value): points for item, value, points in PRINTED}
        for chosen in product(*(POINTS[item] for item in Item)):
            found = answer(items("L1", dict(zip(Item, chosen, strict=True))))
            assert found.values["total"] == 3 + sum(printed[pair] for pair in zip(Item, chosen, strict=True))

    def test_the_whole_range_is_0_to_18(self):
        worst = {item: max(values, key=values.get) for item, values in POINTS.items()}
        assert answer(items("S3")).values["total"] == 0
        assert answer(items("C7", worst)).values["total"] == 18

    @pytest.mark.parametrize("points", range(19))
    def test_category_of_every_total(self, points):
        expected = "STABLE" if points < 7 else "POTENTIALLY_UNSTABLE" if points < 13 else "UNSTABLE"
        assert category(points).value == expected

    def test_in_a_spine_with_six_lumbar_levels_the_last_is_junctional(self):
        assert [location_points(Level(name), "L6") for name in ("L5", "L6")] == [2, 3]

    @pytest.mark.parametrize(("item", "value"), [("PAIN", "SEVERE"), ("LOCATION", "3"), ("COLLAPSE", "LYTIC")])
    def test_an_answer_that_is_not_in_the_table_is_refused(self, item, value):
        with pytest.raises(InvalidValue, match="SINS_ANSWER"):
            items(given={item: value})


class TestMissing:
    def test_pain_is_never_guessed(self):
        found = answer(
            items("L1", {"BONE_LESION": "LYTIC", "COLLAPSE": "OVER_50", "ALIGNMENT": "DE_NOVO_DEFORMITY"}, ["PAIN"])
        )
        assert (found.values["total"], found.values["low"], found.values["high"]) == (None, 10, 13)
        assert found.outcome == "INDETERMINATE"
        assert [reason.code for reason in found.missing] == ["SINS_MISSING_PAIN"]

    def test_a_category_that_pain_cannot_change_is_said(self):
        found = answer(items("L1", {"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"}, ["PAIN"]))
        assert (found.outcome, found.values["low"], found.values["high"]) == ("POTENTIALLY_UNSTABLE", 7, 10)
        assert found.because[0].code == "SINS_INDEPENDENT_OF_PAIN"

    @pytest.mark.parametrize(
        ("item", "widest"), [("PAIN", 3), ("BONE_LESION", 2), ("ALIGNMENT", 4), ("COLLAPSE", 3), ("POSTEROLATERAL", 3)]
    )
    def test_the_range_is_that_of_the_item(self, item, widest):
        found = answer(items("T9", {}, [item]))
        assert (found.values["low"], found.values["high"]) == (1, 1 + widest)

    @pytest.mark.parametrize(("loss", "high"), [("9.9", 4), ("10", 3), ("19.9", 3), ("20", 4)])
    def test_a_loss_within_the_noise_limits_the_collapse(self, loss, high):
        found = answer(items("T9", {}, ["COLLAPSE"], loss_pct=Fraction(loss)))
        assert (found.values["low"], found.values["high"]) == (1, high)

    def test_nothing_answered_is_the_whole_range(self):
        found = answer(LevelItems(level=Level.T9))
        assert (found.values["low"], found.values["high"], found.outcome) == (1, 16, "INDETERMINATE")


class TestLevels:
    def test_the_worst_level_is_the_value_of_the_patient(self):
        found = answer(items("T9"), items("L1", {"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"}))
        assert (found.values["total"], found.outcome) == (7, "POTENTIALLY_UNSTABLE")
        assert found.because[0].args["level"] == "L1"

    def test_levels_that_are_equally_bad_are_all_named_from_the_head_down(self):
        bad = {"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"}
        found = answer(items("T11"), items("T10", bad), items("T9", bad), items("L5"))
        (worst,) = found.because
        assert (worst.args["level"], worst.args["worst"]) == ("T9", "T9, T10")
        assert worst.args["levels"] == "T9, T10, T11, L5"
        assert worst.refs == (("visits", "BL", "levels", "T9"), ("visits", "BL", "levels", "T10"))
        assert sentence(worst.code, worst.args) == "Highest SINS: 5, at T9, T10. Levels: T9, T10, T11, L5."

    def test_ranges_join_by_their_highest_ends(self):
        first = items("T9", {"POSTEROLATERAL": "BILATERAL", "PAIN": "NOT_MECHANICAL"}, ["PAIN"])  # 4 to 7
        second = items("L1", {"BONE_LESION": "LYTIC", "PAIN": "NOT_MECHANICAL"})  # 6
        found = answer(first, second)
        assert (found.values["low"], found.values["high"], found.outcome) == (6, 7, "INDETERMINATE")

    def test_the_range_5_to_8_and_7_is_7_to_8(self):
        first = items("T9", {"POSTEROLATERAL": "BILATERAL", "BONE_LESION": "MIXED"}, ["PAIN"])
        second = items("L1", {"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"})
        found = answer(first, second)
        assert (found.values["low"], found.values["high"], found.outcome) == (7, 8, "POTENTIALLY_UNSTABLE")

    def test_treated_levels_describe_and_do_not_count(self):
        treated = items("C7", {item: max(values, key=values.get) for item, values in POINTS.items()}, treated=True)
        assert answer(treated).outcome == Category.DESCRIPTIVE
        assert answer(treated, items("T9")).values["total"] == 1
        assert answer(treated, items("T9", treated=True)).outcome == Category.DESCRIPTIVE

    def test_a_level_that_the_paper_does_not_list_is_flagged(self):
        codes = {reason.code for reason in answer(items("COCCYX")).warnings}
        assert codes == {"SINS_LEVEL_NOT_LISTED"}


class TestSuggestions:
    @pytest.mark.parametrize(
        ("loss", "value"),
        [
            ("0", "NONE"),
            ("9.9", "NONE"),
            ("10", None),
            ("19.9", None),
            ("20", "UNDER_50"),
            ("50", "UNDER_50"),
            ("50.1", "OVER_50"),
        ],
    )
    def test_collapse_by_the_loss_of_height(self, loss, value):
        found = suggestions(items(loss_pct=Fraction(loss)), Settings()).get(Item.COLLAPSE)
        assert (None if found is None else found.value) == value

    def test_exactly_half_is_the_protocols_word(self):
        settings = Settings(sins_collapse_50="upper")
        assert suggestions(items(loss_pct=Fraction(50)), settings)[Item.COLLAPSE].value == "OVER_50"

    def test_a_fractured_endplate_is_a_collapse_where_nobody_measured_a_height(self):
        assert suggestions(items(endplate_fracture=True), Settings())[Item.COLLAPSE].value == "UNDER_50"
        assert Item.COLLAPSE not in suggestions(items(), Settings())

    def test_a_fractured_endplate_is_a_collapse_at_any_loss(self):
        assert (
            suggestions(items(loss_pct=Fraction(5), endplate_fracture=True), Settings())[Item.COLLAPSE].value
            == "UNDER_50"
        )

    @pytest.mark.parametrize(
        ("tissues", "value"),
        [((Tissue.LYTIC,), "LYTIC"), ((Tissue.LYTIC, Tissue.BLASTIC), "MIXED"), ((Tissue.SOFT,), None), ((), None)],
    )
    def test_kind_of_lesion_by_its_tissue(self, tissues, value):
        found = suggestions(items(tissues=tissues), Settings()).get(Item.BONE_LESION)
        assert (None if found is None else found.value) == value

    @pytest.mark.parametrize(
        ("loss", "without", "asked"),
        [("9.9", ["COLLAPSE"], False), ("10", ["COLLAPSE"], True), ("20", ["COLLAPSE"], False), ("15", [], False)],
    )
    def test_a_loss_within_the_noise_is_asked_about_until_the_reader_decides(self, loss, without, asked):
        found = answer(items("T9", {}, without, loss_pct=Fraction(loss)))
        assert ("SINS_COLLAPSE_UNDECIDED" in {reason.code for reason in found.warnings}) is asked
        assert [reason.args["loss"] for reason in found.warnings if asked] == (["10.0"] if asked else [])

    def test_nothing_is_taken_without_the_reader(self):
        found = answer(items("T9", {}, ["COLLAPSE"], loss_pct=Fraction(60)))
        assert found.values["collapse_points"] is None

    def test_an_answer_against_the_measurement_is_flagged(self):
        found = answer(items("T9", {"COLLAPSE": "NONE"}, loss_pct=Fraction(60)))
        assert "SINS_DIFFERS_COLLAPSE" in {reason.code for reason in found.warnings}
        agreed = answer(items("T9", {"COLLAPSE": "INVOLVED_OVER_50"}, loss_pct=Fraction(5)))
        assert agreed.warnings == ()


class TestReferral:
    @pytest.mark.parametrize(
        ("given", "without", "code"),
        [
            ({"BONE_LESION": "LYTIC", "COLLAPSE": "INVOLVED_OVER_50"}, (), "SINS_NO_REFER"),  # 6
            ({"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"}, (), "SINS_REFER"),  # 7
            ({"BONE_LESION": "LYTIC", "COLLAPSE": "INVOLVED_OVER_50"}, ["PAIN"], "SINS_REFER_OPEN"),  # 6 to 9
            ({"BONE_LESION": "LYTIC", "COLLAPSE": "UNDER_50"}, ["PAIN"], "SINS_REFER"),  # 7 to 10
            ({}, ["PAIN"], "SINS_NO_REFER"),  # 3 to 6
            ({"BONE_LESION": "MIXED"}, ["PAIN"], "SINS_REFER_OPEN"),  # 4 to 7
        ],
    )
    def test_from_seven_points_on(self, given, without, code):
        assert code in {reason.code for reason in answer(items("L1", given, without)).because}

    def test_a_treated_level_is_not_referred_and_named_post_treatment(self):
        found = answer(items("L1", {"COLLAPSE": "OVER_50"}, treated=True))
        assert not {"SINS_REFER", "SINS_NO_REFER", "SINS_REFER_OPEN"} & {reason.code for reason in found.because}
        assert "SINS_POST_TREATMENT" in {reason.code for reason in found.warnings}

    @pytest.mark.parametrize(("without", "subtotal"), [((), 3), (["PAIN"], 3), (["ALIGNMENT"], None)])
    def test_the_subtotal_of_the_imaging_leaves_pain_away(self, without, subtotal):
        found = answer(items("L1", {"PAIN": "MECHANICAL"}, without))
        assert found.values["imaging_subtotal"] == subtotal

    def test_the_imaging_subtotal_reaches_15(self):
        worst = {item: max(values, key=values.get) for item, values in POINTS.items()}
        assert answer(items("C7", worst, ["PAIN"])).values["imaging_subtotal"] == 15


class TestNoBody:
    @pytest.mark.parametrize("level", ["OCCIPUT", "C1"])
    def test_without_a_body_nothing_collapses_and_nothing_is_missing(self, level):
        found = answer(items(level, {}, ["COLLAPSE"]))
        assert (found.values["total"], found.values["collapse_points"], found.missing) == (3, 0, ())
        assert "SINS_NO_BODY" in {reason.code for reason in found.because}

    @pytest.mark.parametrize("level", ["C2", "S2", "S5", "COCCYX"])
    def test_other_levels_can_collapse(self, level):
        assert set(allowed_answers(Level(level), Item.COLLAPSE)) == set(POINTS[Item.COLLAPSE])


class TestJoined:
    WORST = Settings(sins_multilevel="component_max")

    def given(self, *levels, extents=(("T9", "T10", "T11"),), key="BL/sins", settings=None):
        rows = tuple(tuple(Level(name) for name in extent) for extent in extents)
        visit = SinsVisit(timepoint="BL", levels=Table({one.level: one for one in levels}), extents=rows)
        return assess(Input(visits=(visit,)), settings or self.WORST).get(key)

    LEVELS = (
        items("T9", {"BONE_LESION": "LYTIC"}),
        items("T10", {"COLLAPSE": "OVER_50"}),
        items("T11", {"POSTEROLATERAL": "UNILATERAL"}),
    )

    def test_the_worst_of_each_item_counts(self):
        found = self.given(*self.LEVELS, key="BL/sins/T9-T11")
        # Location of T11 3, lytic 2, collapse 3, one side 1.
        assert (found.values["total"], found.outcome) == (9, "POTENTIALLY_UNSTABLE")
        assert (found.values["location_points"], found.values["collapse_points"]) == (3, 3)
        assert self.given(*self.LEVELS).values["total"] == 9

    def test_it_is_named_by_its_ends_and_rests_on_the_totals_of_its_levels(self):
        found = self.given(*self.LEVELS, key="BL/sins/T9-T11")
        (joined,) = found.because
        assert (found.scope, joined.args["level"]) == (("BL", "sins", "T9-T11"), "T9-T11")
        assert joined.args["levels"] == "T9, T10, T11"
        assert joined.refs == tuple(("visits", "BL", "levels", level) for level in ("T9", "T10", "T11"))
        totals = [(reason.code, reason.args["level"]) for reason in joined.because]
        assert totals == [("SINS_TOTAL", level) for level in ("T9", "T10", "T11")]

    def test_the_value_of_the_patient_points_at_its_worst_levels_alone(self):
        worst = self.given(*self.LEVELS, settings=Settings()).because[0]
        assert (worst.args["level"], worst.args["worst"]) == ("T10", "T10, T11")
        assert worst.refs == (("visits", "BL", "levels", "T10"), ("visits", "BL", "levels", "T11"))

    def test_by_default_every_level_stands_for_itself(self):
        assert self.given(*self.LEVELS, key="BL/sins/T9-T11", settings=Settings()) is None
        assert self.given(*self.LEVELS, settings=Settings()).values["total"] == 4

    def test_what_is_missing_makes_a_range_of_the_highest_ends(self):
        levels = (
            items("T9", {"BONE_LESION": "LYTIC"}, ["PAIN"]),
            items("T10", {"PAIN": "NOT_MECHANICAL"}, ["ALIGNMENT"]),
        )
        found = self.given(*levels, extents=(("T9", "T10"),), key="BL/sins/T9-T10")
        # Location 1, lytic 2, pain 1 to 3, alignment 0 to 4.
        assert (found.values["low"], found.values["high"], found.values["pain_points"]) == (4, 10, None)
        assert {reason.code for reason in found.missing} == {"SINS_MISSING_PAIN", "SINS_MISSING_ALIGNMENT"}

    def test_a_number_and_a_range_have_their_own_sentence(self):
        open_ = (items("T9", {}, ["PAIN"]), items("T10"))
        for levels, joined, worst in (
            (self.LEVELS[:2], "SINS_JOINED", "SINS_WORST"),
            (open_, "SINS_JOINED_RANGE", "SINS_WORST_RANGE"),
        ):
            rows = (("T9", "T10"),)
            assert self.given(*levels, extents=rows, key="BL/sins/T9-T10").because[0].code == joined
            assert self.given(*levels, extents=rows).because[0].code == worst

    def test_what_another_level_settles_is_not_missing(self):
        levels = (items("T9", {}, ["BONE_LESION"]), items("T10", {"BONE_LESION": "LYTIC"}))
        found = self.given(*levels, extents=(("T9", "T10"),), key="BL/sins/T9-T10")
        assert (found.values["total"], found.missing) == (3, ())

    def test_a_level_beside_the_lesion_counts_by_itself(self):
        alone = items("L1", {"BONE_LESION": "LYTIC", "COLLAPSE": "OVER_50", "PAIN": "MECHANICAL"})
        assert self.given(*self.LEVELS, alone).values["total"] == 11

    def test_a_treated_level_takes_no_part(self):
        treated = items("T10", {"COLLAPSE": "OVER_50"}, treated=True)
        found = self.given(self.LEVELS[0], treated, self.LEVELS[2], key="BL/sins/T9-T11")
        assert found.values["total"] == 6
        assert self.given(self.LEVELS[0], treated, extents=(("T9", "T10"),), key="BL/sins/T9-T10") is None
        assert self.given(self.LEVELS[0], treated, extents=(("T9", "T10"),)).values["total"] == 3

    @pytest.mark.parametrize("extent", [("T9",), ("T9", "L1")])
    def test_an_extent_that_is_none_is_refused(self, extent):
        with pytest.raises(InvalidValue, match="SINS_EXTENT"):
            self.given(*self.LEVELS, extents=(extent,))


def test_without_ct_or_x_ray_the_kind_of_lesion_is_doubted():
    doubted = answer(items("T9", {"BONE_LESION": "LYTIC"}, density_seen=False))
    assert (doubted.values["total"], [reason.code for reason in doubted.warnings]) == (3, ["SINS_DENSITY_NOT_SEEN"])
    assert answer(items("T9", {}, ["BONE_LESION"], density_seen=False)).warnings == ()
