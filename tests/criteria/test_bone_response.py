"""Bone response: every finding of the table, both sides of -50 % and +25 %, flare, visits, bad input."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.bone_response import assess
from spinereview.criteria.bone_response_values import (
    FINDINGS,
    BoneFinding,
    BoneLesion,
    BoneModality,
    BoneVisit,
    Input,
    Settings,
)
from spinereview.criteria.recist.values import NewLesions
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue

RADIOGRAPHIC, MR, SCAN = ("XR", "CT"), ("MR",), ("SCINTIGRAPHY",)
EVERY = (*RADIOGRAPHIC, *MR, *SCAN)
PRINTED = {
    "FILL_IN_COMPLETE": ("CR", RADIOGRAPHIC),
    "BLASTIC_NORMALISED": ("CR", RADIOGRAPHIC),
    "SIGNAL_NORMALISED": ("CR", MR),
    "HOT_SPOT_GONE": ("CR", SCAN),
    "SCLEROTIC_RIM": ("PR", RADIOGRAPHIC),
    "FILL_IN_PARTIAL": ("PR", RADIOGRAPHIC),
    "NEW_SCLEROSIS": ("NE", RADIOGRAPHIC),
    "BLASTIC_DECREASED": ("PR", RADIOGRAPHIC),
    "ACTIVITY_REGRESSED": ("PR", SCAN),
    "ACTIVITY_FELL_RAPIDLY": ("NE", SCAN),
    "NO_CHANGE": ("SD", EVERY),
    "LYTIC_INCREASED": ("PD", RADIOGRAPHIC),
    "BLASTIC_INCREASED": ("PD", RADIOGRAPHIC),
    "ILL_DEFINED_INCREASED": ("PD", (*RADIOGRAPHIC, *MR)),
    "NEW_ACTIVITY": ("PD", SCAN),
    "NOT_EVALUABLE": ("NE", EVERY),
}


def lesion(finding=None, size=None, modality="CT", name="B1"):
    diameters = None if size is None else tuple(Decimal(value) for value in size.split())
    return BoneLesion(
        lesion=name,
        modality=BoneModality(modality),
        diameters_mm=diameters,
        finding=None if finding is None else BoneFinding(finding),
        ref=("lesions", name),
    )


def visit(name, *lesions, **more):
    return BoneVisit(timepoint=name, lesions=Table({one.lesion: one for one in lesions}), **more)


def later(at, *lesions, new="NO", **more):
    return visit(f"FU{at}", *lesions, new_lesion=None if new is None else NewLesions(new), **more)


def schedule(baseline=0, day=100, start=0):
    days = {"BL": baseline, "FU1": day}
    listed = {name: VisitDays(scan_days=() if one is None else (one,)) for name, one in days.items()}
    return Schedule(visits=Table(listed), anchors=Table({} if start is None else {"FIRST_TREATMENT": start}))


def answers(*visits, settings=None, days=None):
    return assess(Input(visits=visits, schedule=days), settings or Settings())


def sized(*sizes, settings=None, modality="CT"):
    """Response of one lesion by its sizes alone, at the last visit."""
    first, *rest = [lesion(size=size, modality=modality) for size in sizes]
    visits = [visit("BL", first), *(later(at, one) for at, one in enumerate(rest, 1))]
    return answers(*visits, settings=settings)[f"FU{len(rest)}/bone_response/B1"]


def found(*findings, days=None, **more):
    """Answers at FU1 of lesions with these findings."""
    names = [f"B{at}" for at in range(1, len(findings) + 1)]
    start = visit("BL", *(lesion(name=name) for name in names))
    now = [lesion(finding, name=name) for finding, name in zip(findings, names, strict=True)]
    return answers(start, later(1, *now, **more), days=days)


def codes(reasons):
    for reason in reasons:
        assert reason.code in catalogue(), reason.code
    return [reason.code for reason in reasons]


class TestTable:
    def test_every_finding_is_printed(self):
        assert set(FINDINGS) == set(BoneFinding) == set(PRINTED)

    @pytest.mark.parametrize("modality", EVERY)
    @pytest.mark.parametrize("finding", PRINTED)
    def test_a_finding_has_its_response_on_its_images(self, finding, modality):
        response, images = PRINTED[finding]
        if modality not in images:
            with pytest.raises(InvalidValue, match="MDA_MODALITY"):
                lesion(finding, modality=modality)
            return
        start = visit("BL", lesion(modality=modality))
        answer = answers(start, later(1, lesion(finding, modality=modality)))["FU1/bone_response/B1"]
        assert answer.outcome == response
        assert codes(answer.because) == [f"MDA_{finding}"]


class TestSize:
    @pytest.mark.parametrize(
        ("sizes", "response"),
        [
            (("20 10", "12.5 8"), "PR"),  # 200 to 100: -50.0 %
            (("20 10", "12.6 8"), "SD"),
            (("20 10", "25 10"), "PD"),  # +25.0 %
            (("20 10", "24.9 10"), "SD"),
            (("20 10", "10 5", "12.5 5"), "PD"),  # -68.75 % from the baseline, +25 % from the smallest
            (("20 10", "10 5", "12.4 5"), "PR"),
            (("20 10", "0 0"), "CR"),
            (("20 10", "0 0", "2 2"), "PD"),
            (("20 10", "20 10"), "SD"),
            (("20 10", "0 0", "0.5 0.5"), "PD"),
            (("20 10", "1 1", "2 2"), "PD"),
            (("1 1", "0 0"), "CR"),
            (("1 1", "0.5 0.5"), "PR"),
            (("20 10", "12.54 8"), "PR"),  # reported 12.5
            (("20 10", "12.55 8"), "SD"),  # reported 12.6
        ],
    )
    def test_by_the_product(self, sizes, response):
        assert sized(*sizes).outcome == response

    @pytest.mark.parametrize(
        ("sizes", "response"),
        [
            (("20 10", "10 5"), "PR"),
            (("20 10", "10.1 5"), "SD"),
            (("20 10", "25 12.5"), "PD"),
            (("20 10", "25 12.4"), "SD"),
            (("20 10", "12.5 8"), "SD"),
        ],
    )
    def test_by_the_sum(self, sizes, response):
        answer = sized(*sizes, settings=Settings(mda_measure="sum"))
        assert answer.outcome == response
        assert "sum of two diameters" in answer.because[0].args["measure"]
        assert set(answer.values) >= {"sum_mm", "baseline_sum_mm", "nadir_sum_mm"}

    def test_zero_base_and_dates(self):
        grown = sized("0 0", "3 2")
        assert (grown.outcome, codes(grown.because)) == ("PD", ["MDA_FROM_ZERO"])
        assert (grown.values["change_baseline_pct"], grown.values["change_nadir_pct"]) == (None, None)
        assert grown.because[0].args["pct_nadir"] == "n/a"
        assert sized("0 0", "0 0").outcome == "SD"

    def test_the_measure_and_both_changes_are_said(self):
        answer = sized("20 10", "10 5", "12 5")
        assert dict(answer.values) == {
            "product_mm2": 60,
            "baseline_product_mm2": 200,
            "nadir_product_mm2": 50,
            "change_baseline_pct": -70,
            "change_nadir_pct": 20,
        }
        assert answer.because[0].args["measure"] == "product of two diameters"
        assert answer.because[0].args["now"] == "60 mm²"
        summed = sized("20 10", "12 5", settings=Settings(mda_measure="sum"))
        assert summed.because[0].args["now"] == "17 mm"

    @pytest.mark.parametrize(
        ("sizes", "code", "owner", "changes"),
        [
            (("20 10", "10 5", "12 5"), "MDA_SIZE_PR", "Costelloe", ("−70.0", "+20.0")),
            (("20 10", "25 10"), "MDA_SIZE_PD", "Costelloe", ("+25.0", "+25.0")),
            (("20 10", "0 0"), "MDA_SIZE_GONE", "silent", ("−100.0", "−100.0")),
            (("0 0", "3 2"), "MDA_FROM_ZERO", "silent", ("n/a", "n/a")),
        ],
    )
    def test_the_change_from_the_baseline_the_one_from_the_smallest_and_whose_rule_it_is_are_said(
        self, sizes, code, owner, changes
    ):
        (reason,) = sized(*sizes).because
        assert (reason.code, owner in reason.rule) == (code, True)
        said = reason.args["pct_baseline"], reason.args["pct_nadir"]
        assert all(text.startswith(change) for text, change in zip(said, changes, strict=True))

    def test_what_is_shown_near_a_limit_is_not_the_limit(self):
        answer = sized("100 100", "70.8 70.7")
        assert (answer.outcome, str(answer.values["change_baseline_pct"])) == ("SD", "-49.94")
        grown = sized("10 10", "12.7 9.84")
        assert (grown.outcome, str(grown.values["change_nadir_pct"])) == ("SD", "24.5")
        nearer = sized("100 100", "113.3 110.3")
        assert (nearer.outcome, str(nearer.values["change_nadir_pct"])) == ("SD", "24.97")

    def test_sizes_on_other_images_are_not_compared(self):
        start = visit("BL", lesion(size="20 10"))
        answer = answers(start, later(1, lesion(size="40 20", modality="MR")))["FU1/bone_response/B1"]
        assert (answer.outcome, codes(answer.missing)) == ("NE", ["MDA_NOT_READ", "MDA_OTHER_IMAGES"])
        back = answers(start, later(1, lesion(size="40 20", modality="MR")), later(2, lesion(size="25 10")))
        assert back["FU2/bone_response/B1"].values["nadir_product_mm2"] == 200
        assert back["FU2/bone_response/B1"].outcome == "PD"

    def test_without_a_size_at_the_baseline_there_is_no_response_by_size(self):
        answer = answers(visit("BL", lesion()), later(1, lesion(size="20 10")))["FU1/bone_response/B1"]
        assert (answer.outcome, codes(answer.missing)) == ("NE", ["MDA_NOT_READ"])

    def test_a_size_is_compared_only_where_both_are_known(self):
        start = visit("BL", lesion(size="20 10"))
        gone = answers(start, later(1, lesion("SCLEROTIC_RIM")))["FU1/bone_response/B1"]
        assert (gone.outcome, codes(gone.because)) == ("PR", ["MDA_SCLEROTIC_RIM"])
        late = answers(visit("BL", lesion()), later(1, lesion(size="20 10")), later(2, lesion("NO_CHANGE", "40 20")))
        assert (late["FU2/bone_response/B1"].outcome, late["FU2/bone_response/B1"].warnings) == ("SD", ())


class TestLesion:
    @pytest.mark.parametrize(
        ("finding", "size", "response"),
        [
            ("LYTIC_INCREASED", "10 5", "PD"),
            ("FILL_IN_COMPLETE", "25 10", "PD"),
            ("FILL_IN_COMPLETE", "20 10", "CR"),
            ("NO_CHANGE", "10 5", "PR"),
            ("SCLEROTIC_RIM", "20 10", "PR"),
        ],
    )
    def test_progression_goes_before_cr_pr_sd_and_a_difference_is_said(self, finding, size, response):
        start = visit("BL", lesion(size="20 10"))
        answer = answers(start, later(1, lesion(finding, size)))["FU1/bone_response/B1"]
        assert (answer.outcome, codes(answer.warnings)) == (response, ["MDA_DIFFERS"])

    def test_agreement_is_not_warned_of(self):
        answer = answers(visit("BL", lesion(size="20 10")), later(1, lesion("SCLEROTIC_RIM", "10 5")))
        assert answer["FU1/bone_response/B1"].warnings == ()

    def test_a_lesion_that_was_not_read_is_not_evaluable_and_not_stable(self):
        answer = answers(visit("BL", lesion()), later(1))
        assert (answer["FU1/bone_response/B1"].outcome, answer["FU1/bone_response"].outcome) == ("NE", "NE")
        assert codes(answer["FU1/bone_response/B1"].missing) == ["MDA_NOT_READ"]
        silent = found(None)["FU1/bone_response/B1"]
        assert (silent.outcome, codes(silent.because)) == ("NE", ["MDA_LESION_NE"])


class TestFlare:
    @pytest.mark.parametrize(
        ("other", "response"),
        [("SCLEROTIC_RIM", "PR"), ("FILL_IN_COMPLETE", "PR"), ("NO_CHANGE", "NE"), ("LYTIC_INCREASED", "NE")],
    )
    def test_new_sclerosis_is_pr_beside_other_signs_and_without_progression(self, other, response):
        answer = found("NEW_SCLEROSIS", other)["FU1/bone_response/B1"]
        assert answer.outcome == response
        assert codes(answer.missing) == ([] if response == "PR" else ["MDA_FLARE_ALONE"])

    def test_a_new_lesion_leaves_new_sclerosis_open(self):
        answer = found("NEW_SCLEROSIS", "SCLEROTIC_RIM", new="YES")
        assert answer["FU1/bone_response/B1"].outcome == "NE"
        assert answer["FU1/bone_response"].outcome == "PD"

    def test_a_lesion_that_shrinks_is_another_sign(self):
        start = visit("BL", lesion(size="20 10"))
        answer = answers(start, later(1, lesion("NEW_SCLEROSIS", "10 5")))["FU1/bone_response/B1"]
        assert (answer.outcome, answer.missing) == ("PR", ())

    @pytest.mark.parametrize("finding", ["NEW_SCLEROSIS", "BLASTIC_INCREASED"])
    @pytest.mark.parametrize(
        ("days", "prompted"),
        [
            (schedule(day=84), True),
            (schedule(day=85), False),
            (schedule(day=90, start=6), True),
            (schedule(day=90, start=5), False),
            (schedule(day=None), True),
            (schedule(start=None), True),
            (None, True),
        ],
    )
    def test_new_sclerosis_soon_after_the_start_is_prompted(self, finding, days, prompted):
        answer = found(finding, days=days)["FU1/bone_response/B1"]
        assert ("MDA_FLARE" in codes(answer.warnings)) == prompted

    def test_new_activity_and_a_new_sclerotic_lesion_are_prompted_and_others_not(self):
        scan = answers(
            visit("BL", lesion(modality="SCINTIGRAPHY")), later(1, lesion("NEW_ACTIVITY", None, "SCINTIGRAPHY"))
        )
        assert codes(scan["FU1/bone_response/B1"].warnings) == ["MDA_FLARE"]
        assert found("LYTIC_INCREASED")["FU1/bone_response/B1"].warnings == ()
        for new, expected in (("YES", ["MDA_NEW_FLARE"]), ("EQUIVOCAL", ["MDA_NEW_EQUIVOCAL", "MDA_NEW_FLARE"])):
            answer = found("SCLEROTIC_RIM", new=new, new_sclerotic=True)["FU1/bone_response"]
            assert codes(answer.warnings) == expected
        assert found("SCLEROTIC_RIM", new="YES")["FU1/bone_response"].warnings == ()
        for new, sclerotic in (("YES", False), ("NO", True)):
            assert found("SCLEROTIC_RIM", new=new, new_sclerotic=sclerotic)["FU1/bone_response"].warnings == ()
        late = found("SCLEROTIC_RIM", new="YES", new_sclerotic=True, days=schedule(day=85))
        assert late["FU1/bone_response"].warnings == ()


class TestVisit:
    @pytest.mark.parametrize(
        ("findings", "new", "response"),
        [
            (("FILL_IN_COMPLETE", "FILL_IN_COMPLETE"), "NO", "CR"),
            (("FILL_IN_COMPLETE", "NO_CHANGE"), "NO", "PR"),
            (("SCLEROTIC_RIM", "NO_CHANGE"), "NO", "PR"),
            (("NO_CHANGE", "NO_CHANGE"), "NO", "SD"),
            (("SCLEROTIC_RIM", "LYTIC_INCREASED"), "NO", "PD"),
            (("NOT_EVALUABLE", "LYTIC_INCREASED"), "NO", "PD"),
            (("NOT_EVALUABLE", "FILL_IN_COMPLETE"), "NO", "NE"),
            (("FILL_IN_COMPLETE", "FILL_IN_COMPLETE"), "YES", "PD"),
            (("FILL_IN_COMPLETE", "FILL_IN_COMPLETE"), "EQUIVOCAL", "CR"),
            (("FILL_IN_COMPLETE", "FILL_IN_COMPLETE"), "NE", "NE"),
            (("FILL_IN_COMPLETE", "FILL_IN_COMPLETE"), None, "NE"),
            (("LYTIC_INCREASED", "NO_CHANGE"), None, "PD"),
        ],
    )
    def test_lesions_and_new_ones_together(self, findings, new, response):
        answer = found(*findings, new=new)["FU1/bone_response"]
        assert answer.outcome == response
        assert codes(answer.because)[0].startswith("MDA_VISIT_")
        # The paper knows progression; how lesions add up to anything else is our reading.
        assert ("silent" in answer.because[0].rule) == (response != "PD")
        assert codes(answer.missing) == ([] if new else ["MDA_NEW_MISSING"])

    @pytest.mark.parametrize(
        ("days", "warned"),
        [
            (schedule(baseline=0, day=55), ["MDA_SD_EARLY"]),
            (schedule(baseline=0, day=56), []),
            (schedule(baseline=-1, day=55), []),
            (schedule(baseline=None), ["MDA_SD_DAYS_UNKNOWN"]),
            (schedule(day=None), ["MDA_SD_DAYS_UNKNOWN"]),
            (None, ["MDA_SD_DAYS_UNKNOWN"]),
        ],
    )
    def test_stable_disease_needs_eight_weeks(self, days, warned):
        assert codes(found("NO_CHANGE", days=days)["FU1/bone_response"].warnings) == warned
        assert found("SCLEROTIC_RIM", days=days)["FU1/bone_response"].warnings == ()

    def test_a_visit_is_called_by_its_label(self):
        start = visit("BL", lesion())
        answer = answers(start, later(1, lesion("NO_CHANGE"), label="Month 3"))["FU1/bone_response"]
        assert answer.because[0].args["visit"] == "Month 3"
        assert Settings.parse({"flare_days": 0}).flare_days == 0
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            Settings.parse({"flare_days": -1})

    def test_nothing_at_baseline_is_not_evaluable_and_no_visit_no_answer(self):
        assert found()["FU1/bone_response"].outcome == "NE"
        assert answers(visit("BL", lesion())) == Table()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: lesion(size="20 0"), "MDA_ONE_DIAMETER"),
        (lambda: lesion(size="20 0.04"), "MDA_ONE_DIAMETER"),
        (lambda: lesion(size="20 -1"), "MDA_LENGTH"),
        (lambda: lesion(size="NaN 1"), "MDA_LENGTH"),
        (lambda: lesion(size="20 10", modality="SCINTIGRAPHY"), "MDA_NOT_MEASURED"),
        (lambda: lesion("NOT_EVALUABLE", "20 10"), "MDA_NE_WITH_SIZE"),
        (lambda: Input(visits=(visit("BL", lesion("NO_CHANGE")),)), "MDA_BASELINE_JUDGED"),
        (lambda: Input(visits=(later(1),)), "MDA_BASELINE_JUDGED"),
        (lambda: Input(visits=(visit("BL"), later(1, lesion()))), "MDA_NOT_AT_BASELINE"),
        (lambda: Input(visits=(visit("BL"), visit("BL"))), "VISIT_TWICE"),
        (lambda: BoneVisit(timepoint="BL", lesions=Table({"B2": lesion()})), "KEY_NOT_ID"),
        (lambda: Settings.parse({"mda_measure": "area"}), "SETTING_NOT_ALLOWED"),
    ],
)
def test_bad_input_is_refused_by_name(make, code):
    with pytest.raises(InvalidValue) as raised:
        make()
    assert raised.value.code == code
