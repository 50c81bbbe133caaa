"""WBB, Tomita's classification and score, Tokuhashi's score: every cell, both sides of every limit, ranges, bad input."""

from __future__ import annotations

import contextlib
from itertools import chain, combinations, product

import pytest

from spinereview.criteria.staging.assess import assess, tokuhashi, tomita, tomita_score, wbb
from spinereview.criteria.staging.tokuhashi import prognosis
from spinereview.criteria.staging.tomita import strategy
from spinereview.criteria.staging.values import (
    Bone,
    Frankel,
    Growth,
    Input,
    Layer,
    Removable,
    Settings,
    StagingVisit,
    Tokuhashi,
    Tomita,
    TomitaScore,
    TomitaSite,
    Visceral,
    WbbLevel,
)
from spinereview.domain.anatomy import Level
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue

SITES = {1: "BODY", 2: "PEDICLE", 3: "LAMINA", 4: "EPIDURAL", 5: "PARAVERTEBRAL"}
TYPES = {"1": 1, "2": 1, "3": 1, "12": 2, "23": 2, "123": 3, "13": 3}
"""Types of the sites inside a vertebra; with site 4 it is type 4, with site 5 type 5."""
FULL = {"kps": 80, "extraspinal_bone": 0, "vertebrae": 1, "viscera": "NONE", "primary_points": 5, "palsy": "E"}


def one(settings=None, **forms):
    answers = assess(Input(visits=(StagingVisit(timepoint="BL", **forms),)), settings or Settings())
    for answer in answers.values():
        codes((*answer.because, *answer.warnings, *answer.missing))
    return answers


def codes(reasons):
    for reason in reasons:
        assert reason.code in catalogue(), reason.code
    return [reason.code for reason in reasons]


def sites(numbers):
    return frozenset(TomitaSite(SITES[int(number)]) for number in numbers)


def classified(numbers, adjacent=False, multiple=False):
    given = None if numbers is None else sites(numbers)
    return one(tomita=Tomita(sites=given, adjacent=adjacent, multiple=multiple))["BL/tomita"]


def tokuhashi_of(**change):
    items = {**FULL, **change}
    for name, kind in (("viscera", Removable), ("palsy", Frankel)):
        items[name] = None if items[name] is None else kind(items[name])
    return one(tokuhashi=Tokuhashi(**items))["BL/tokuhashi"]


class TestTomita:
    @pytest.mark.parametrize(
        "numbers", ["".join(some) for some in chain(*(combinations("12345", count) for count in range(1, 6)))]
    )
    def test_type_of_every_set_of_sites(self, numbers):
        expected = 5 if "5" in numbers else 4 if "4" in numbers else TYPES[numbers]
        found = classified(numbers)
        assert (found.outcome, found.values["type"]) == (str(expected), expected)
        assert found.because[0].code == f"TOMITA_TYPE_{expected}"
        assert (codes(found.warnings) == ["NO_PEDICLE"]) == ("1" in numbers and "3" in numbers and "2" not in numbers)

    def test_forms(self):
        assert classified("13").values["type"] == 3
        assert codes(classified("13").warnings) == ["NO_PEDICLE"]
        assert classified("124").because[0].args["sites"] == "BODY, EPIDURAL, PEDICLE"
        assert (classified("4").outcome, classified("5").outcome) == ("4", "5")
        assert tokuhashi_of(kps=75).values["kps_points"] == 1
        with pytest.raises(InvalidValue, match="TOKUHASHI_VERTEBRAE"):
            Tokuhashi(vertebrae=0)

    @pytest.mark.parametrize(
        ("numbers", "adjacent", "multiple", "low", "high"),
        [
            ("12345", True, False, 6, 6),
            ("1", True, True, 7, 7),
            ("1", False, True, 7, 7),
            (None, None, True, 7, 7),
            (None, False, False, 1, 5),
            ("1", None, False, 1, 6),
            ("1", False, None, 1, 7),
            ("4", None, None, 4, 7),
            (None, True, None, 6, 7),
        ],
    )
    def test_the_highest_type_wins_and_what_is_missing_is_a_range(self, numbers, adjacent, multiple, low, high):
        found = classified(numbers, adjacent, multiple)
        assert (found.values["low"], found.values["high"]) == (low, high)
        assert found.values["type"] == (low if low == high else None)
        assert found.outcome == (str(low) if low == high else "NE")
        assert bool(found.missing) == (low != high)

    def test_a_form_without_a_site_is_refused(self):
        with pytest.raises(InvalidValue, match="TOMITA_NO_SITE"):
            Tomita(sites=frozenset())


class TestTomitaScore:
    GROWTH = (("SLOW", 1), ("MODERATE", 2), ("RAPID", 4))
    VISCERAL = (("NONE", 0), ("TREATABLE", 2), ("UNTREATABLE", 4))
    BONE = (("SOLITARY", 1), ("MULTIPLE", 2))

    @pytest.mark.parametrize(("growth", "visceral", "bone"), list(product(GROWTH, VISCERAL, BONE)))
    def test_every_combination_is_the_sum_of_its_points(self, growth, visceral, bone):
        given = TomitaScore(growth=Growth(growth[0]), visceral=Visceral(visceral[0]), bone=Bone(bone[0]))
        found = one(tomita_score=given)["BL/tomita_score"]
        total = growth[1] + visceral[1] + bone[1]
        assert (found.values["total"], found.outcome) == (total, strategy(total))
        points = [found.values[f"{name}_points"] for name in ("growth", "visceral", "bone")]
        assert points == [growth[1], visceral[1], bone[1]]

    @pytest.mark.parametrize("points", range(2, 11))
    def test_strategy_of_every_total(self, points):
        words = {3: "WIDE", 5: "MARGINAL_OR_INTRALESIONAL", 7: "PALLIATIVE", 10: "SUPPORTIVE"}
        assert strategy(points) == words[min(most for most in words if points <= most)]

    @pytest.mark.parametrize(
        ("given", "low", "high", "outcome"),
        [
            ({}, 2, 10, "INDETERMINATE"),
            ({"growth": Growth.RAPID, "visceral": Visceral.UNTREATABLE}, 9, 10, "SUPPORTIVE"),
            ({"growth": Growth.SLOW, "visceral": Visceral.NONE}, 2, 3, "WIDE"),
            ({"growth": Growth.MODERATE, "visceral": Visceral.NONE}, 3, 4, "INDETERMINATE"),
            ({"visceral": Visceral.NONE, "bone": Bone.SOLITARY}, 2, 5, "INDETERMINATE"),
            ({"growth": Growth.SLOW, "bone": Bone.SOLITARY}, 2, 6, "INDETERMINATE"),
        ],
    )
    def test_a_missing_item_is_a_range(self, given, low, high, outcome):
        found = one(tomita_score=TomitaScore(**given))["BL/tomita_score"]
        assert (found.values["total"], found.values["low"], found.values["high"]) == (None, low, high)
        assert (found.outcome, len(found.missing)) == (outcome, 3 - len(given))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, ["RANGE"]),
            ({"growth": Growth.SLOW}, ["RANGE", "ITEM_GROWTH"]),
            ({"growth": Growth.SLOW, "visceral": Visceral.NONE}, ["RANGE", "WIDE", "ITEM_GROWTH", "ITEM_VISCERAL"]),
            (
                {"growth": Growth.RAPID, "visceral": Visceral.NONE, "bone": Bone.SOLITARY},
                ["TOTAL", "MARGINAL_OR_INTRALESIONAL", "ITEM_GROWTH", "ITEM_VISCERAL", "ITEM_BONE"],
            ),
        ],
    )
    def test_a_total_or_a_range_its_word_and_the_items_that_are_known_are_said(self, given, said):
        found = one(tomita_score=TomitaScore(**given))["BL/tomita_score"]
        assert codes(found.because) == [f"TOMITA_SCORE_{word}" for word in said]


class TestTokuhashi:
    @pytest.mark.parametrize(
        ("item", "value", "points"),
        [
            *(("kps", kps, 0) for kps in (10, 40, 49)),
            *(("kps", kps, 1) for kps in (50, 70, 79)),
            *(("kps", kps, 2) for kps in (80, 100)),
            *(("extraspinal_bone", count, points) for count, points in ((0, 2), (1, 1), (2, 1), (3, 0), (9, 0))),
            *(("vertebrae", count, points) for count, points in ((1, 2), (2, 1), (3, 0), (9, 0))),
            *(("viscera", word, points) for word, points in (("UNREMOVABLE", 0), ("REMOVABLE", 1), ("NONE", 2))),
            *(("primary_points", points, points) for points in range(6)),
            *(("palsy", word, points) for word, points in zip("ABCDE", (0, 0, 1, 1, 2), strict=True)),
        ],
    )
    def test_every_cell(self, item, value, points):
        found = tokuhashi_of(**{item: value})
        name = item.removesuffix("_points")
        assert found.values[f"{name}_points"] == points
        assert found.values["total"] == 15 - (5 if name == "primary" else 2) + points

    @pytest.mark.parametrize("points", range(16))
    def test_prognosis_of_every_total(self, points):
        expected = "UNDER_6_MONTHS" if points < 9 else "FROM_6_MONTHS" if points < 12 else "FROM_12_MONTHS"
        assert prognosis(points) == expected

    def test_the_whole_range_is_0_to_15(self):
        worst = {
            "kps": 10,
            "extraspinal_bone": 3,
            "vertebrae": 3,
            "viscera": "UNREMOVABLE",
            "primary_points": 0,
            "palsy": "A",
        }
        assert (tokuhashi_of(**worst).values["total"], tokuhashi_of().values["total"]) == (0, 15)

    @pytest.mark.parametrize(
        ("change", "low", "high", "outcome"),
        [
            ({"palsy": None}, 13, 15, "FROM_12_MONTHS"),
            ({"primary_points": None}, 10, 15, "INDETERMINATE"),
            ({"primary_points": 1, "kps": None}, 9, 11, "FROM_6_MONTHS"),
            (dict.fromkeys(FULL), 0, 15, "INDETERMINATE"),
        ],
    )
    def test_a_missing_item_is_a_range(self, change, low, high, outcome):
        found = tokuhashi_of(**change)
        assert (found.values["low"], found.values["high"], found.outcome) == (low, high, outcome)
        assert found.values["total"] is None
        assert len(found.missing) == sum(value is None for value in change.values())

    @pytest.mark.parametrize(
        ("item", "value", "code"),
        [
            ("kps", 9, "TOKUHASHI_KPS"),
            ("kps", 101, "TOKUHASHI_KPS"),
            ("extraspinal_bone", -1, "TOKUHASHI_BONE"),
            ("vertebrae", 0, "TOKUHASHI_VERTEBRAE"),
            ("primary_points", -1, "TOKUHASHI_PRIMARY"),
            ("primary_points", 6, "TOKUHASHI_PRIMARY"),
        ],
    )
    def test_what_cannot_be_is_refused(self, item, value, code):
        with pytest.raises(InvalidValue) as raised:
            Tokuhashi(**{item: value})
        assert raised.value.code == code


class TestWbb:
    LEVEL = WbbLevel(level=Level.T9, zones=frozenset({1, 12}), layers=frozenset({Layer.B, Layer.A}))

    @pytest.mark.parametrize(("direction", "code"), [("original", "WBB_ZONES_ORIGINAL"), ("sosg", "WBB_ZONES_SOSG")])
    def test_zones_layers_and_the_direction_are_said(self, direction, code):
        found = one(Settings(wbb_direction=direction), wbb=Table({"T9": self.LEVEL}))["BL/wbb/T9"]
        assert (found.outcome, found.values["zones"], found.values["layers"]) == ("RECORDED", 2, 2)
        assert codes(found.because) == [code, "WBB_LAYERS"]
        assert [found.because[0].args["zones"], found.because[1].args["layers"]] == ["1, 12", "A, B"]

    def test_levels_together(self):
        lower = WbbLevel(level=Level.T10, zones=frozenset({1, 5}), layers=frozenset({Layer.D}))
        found = one(wbb=Table({"T9": self.LEVEL, "T10": lower}))["BL/wbb"]
        assert dict(found.values) == {"levels": 2, "zones": 3, "layers": 3}
        assert dict(found.because[0].args) == {"levels": "T9, T10", "layers": "A, B, D", "zones": "1, 5, 12"}

    @pytest.mark.parametrize(
        ("given", "missing"),
        [
            ({"zones": frozenset({1})}, ["WBB_LAYERS_MISSING"]),
            ({"layers": frozenset({Layer.A})}, ["WBB_ZONES_MISSING"]),
            ({}, ["WBB_ZONES_MISSING", "WBB_LAYERS_MISSING"]),
        ],
    )
    def test_what_is_missing_is_not_nothing(self, given, missing):
        answers = one(wbb=Table({"T9": WbbLevel(level=Level.T9, **given)}))
        for found in answers.values():
            assert (found.outcome, codes(found.missing)) == ("NE", missing)
        assert answers["BL/wbb"].values["zones"] is None
        shown = answers["BL/wbb"].because[0].args
        assert (shown["zones"], shown["layers"]) == (
            "1" if "zones" in given else "-",
            "A" if "layers" in given else "-",
        )

    @pytest.mark.parametrize(
        ("level", "given", "code"),
        [
            ("T9", {"zones": frozenset({0})}, "WBB_ZONE"),
            ("T9", {"zones": frozenset({13})}, "WBB_ZONE"),
            ("T9", {"zones": frozenset()}, "WBB_EMPTY"),
            ("T9", {"layers": frozenset()}, "WBB_EMPTY"),
            ("T1", {"layers": frozenset({Layer.F})}, "WBB_ARTERY"),
            ("COCCYX", {"layers": frozenset({Layer.F})}, "WBB_ARTERY"),
        ],
    )
    def test_what_cannot_be_is_refused(self, level, given, code):
        with pytest.raises(InvalidValue) as raised:
            WbbLevel(level=Level(level), **given)
        assert raised.value.code == code

    def test_the_artery_is_at_cervical_levels(self):
        allowed = set()
        for level in Level:
            with contextlib.suppress(InvalidValue):
                allowed.add(WbbLevel(level=level, zones=frozenset({1, 12}), layers=frozenset({Layer.F})).level.value)
        assert allowed == {"C1", "C2", "C3", "C4", "C5", "C6", "C7"}


def test_each_form_answers_for_itself_and_all_together():
    visit = StagingVisit(
        timepoint="BL",
        wbb=Table({"T9": TestWbb.LEVEL}),
        tomita=Tomita(),
        tomita_score=TomitaScore(),
        tokuhashi=Tokuhashi(),
    )
    given = Input(visits=(visit,))
    parts = [part(given, Settings()) for part in (wbb, tomita, tomita_score, tokuhashi)]
    assert [len(part) for part in parts] == [2, 1, 1, 1]
    assert assess(given, Settings()) == Table({key: answer for part in parts for key, answer in part.items()})
    assert assess(Input(visits=(StagingVisit(timepoint="BL"),)), Settings()) == Table()
    with pytest.raises(InvalidValue, match="VISIT_TWICE"):
        Input(visits=(visit, visit))
    with pytest.raises(InvalidValue, match="KEY_NOT_ID"):
        StagingVisit(timepoint="BL", wbb=Table({"T8": TestWbb.LEVEL}))
    with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
        Settings.parse({"wbb_direction": "clockwise"})
