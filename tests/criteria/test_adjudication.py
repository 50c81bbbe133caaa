"""Which differences of two reads send a case to adjudication, each from both sides of its limit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.adjudication import assess
from spinereview.criteria.adjudication_values import (
    Escc,
    Input,
    LocalOutcome,
    LocalStatus,
    Moment,
    ReadResult,
    Settings,
    VcfEvent,
)
from spinereview.criteria.eligibility import Outcome
from spinereview.criteria.escc_values import GRADES
from spinereview.criteria.fracture.values import Flag
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import PdCause
from spinereview.criteria.sins_values import Category
from spinereview.domain.adjudication import Trigger
from spinereview.domain.protocol import Design
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.storage.protocol_sections import TRIGGERS

ALL = Settings(triggers=tuple(map(str, Trigger)))
PR, CR, SD, PD, NE = (OverallResponse(word) for word in ("PR", "CR", "SD", "PD", "NE"))


def moment(visit, day=None):
    return Moment(visit=visit, day=day)


def failed(visit, day=None):
    return LocalOutcome(status=LocalStatus.FAILURE, failed=moment(visit, day))


CONTROLLED = LocalOutcome(status=LocalStatus.CONTROL)
READ = ReadResult(
    best_response=PR,
    progressed=True,
    progression=moment("FU3", 250),
    pd_causes=frozenset({PdCause.TARGET}),
    first_response=moment("FU1", 84),
    local=Table({"S1": failed("FU3", 250), "S2": CONTROLLED}),
    sins=Table({"BL/T12": Category.POTENTIALLY_UNSTABLE}),
    eligible=Outcome.PASS,
    escc=Table({"BL/T12": Escc.G1B}),
    vcf=Table({"T12": VcfEvent.NONE}),
    measurable=True,
)


def compared(settings=ALL, same_targets=None, first=READ, **change):
    return assess(Input(first=first, second=replace(READ, **change), same_targets=same_targets), settings)


def fired(answers):
    return {key.partition("/")[2] for key, answer in answers.items() if "/" in key and answer.outcome == "DISAGREE"}


def of(answers, trigger):
    (reason,) = answers[f"adjudication/{trigger}"].because
    return dict(reason.args)


def test_two_equal_reads_agree_in_every_trigger():
    answers = compared()
    assert answers["adjudication"].outcome == "NO_ADJUDICATION"
    assert [answer.outcome for key, answer in answers.items() if "/" in key] == ["AGREE"] * len(Trigger)


CHANGES = [
    ({"best_response": SD}, {"ADJ_BOR"}),
    ({"progressed": False, "progression": None}, {"ADJ_PD_STATUS"}),
    ({"progression": moment("FU2", 166)}, {"ADJ_PD_DATE"}),
    ({"progression": moment("FU3", 251)}, set()),
    ({"pd_causes": frozenset({PdCause.NEW_LESION})}, set()),
    ({"first_response": moment("FU2", 166)}, {"ADJ_RESP_DATE"}),
    ({"first_response": moment("FU1", 80)}, set()),
    ({"local": Table({"S1": CONTROLLED, "S2": CONTROLLED})}, {"ADJ_LC"}),
    ({"local": Table({"S1": failed("FU2", 166), "S2": CONTROLLED})}, {"ADJ_LC"}),
    ({"local": Table({"S1": failed("FU3", 252), "S2": CONTROLLED})}, set()),
    ({"sins": Table({"BL/T12": Category.UNSTABLE})}, {"ADJ_SINS"}),
    ({"eligible": Outcome.FAIL}, {"ADJ_ELIG"}),
    ({"escc": Table({"BL/T12": Escc.G1C})}, {"ADJ_ESCC"}),
    ({"vcf": Table({"T12": VcfEvent.NEW})}, {"ADJ_VCF"}),
    ({"measurable": False}, {"ADJ_BASELINE"}),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=lambda value: "-".join(map(str, value)) or "none")
def test_one_difference_fires_its_own_trigger_alone(change, expected):
    answers = compared(**change)
    assert fired(answers) == expected
    assert answers["adjudication"].outcome == ("ADJUDICATE" if expected else "NO_ADJUDICATION")
    assert answers["adjudication"].values["differences"] == len(expected)


def test_every_trigger_has_been_seen_to_fire():
    assert set().union(*(expected for _, expected in CHANGES)) == set(Trigger)


@pytest.mark.parametrize("change", [change for change, expected in CHANGES if expected])
def test_the_order_of_the_reads_changes_nothing_but_the_order_of_the_values(change):
    forward, back = compared(**change), compared(first=replace(READ, **change))
    assert fired(forward) == fired(back)
    for key, answer in forward.items():
        assert answer.outcome == back[key].outcome


@pytest.mark.parametrize(("day", "differs"), [(243, True), (244, False), (250, False), (256, False), (257, True)])
def test_a_tolerance_in_days_counts_days_whatever_the_visit(day, differs):
    settings = replace(ALL, pd_date_tol_days="6")
    for visit in ("FU2", "FU3"):
        assert fired(compared(settings, progression=moment(visit, day))) == ({"ADJ_PD_DATE"} if differs else set())
    with_local = Table({"S1": failed("FU2", day), "S2": CONTROLLED})
    settings = replace(ALL, lc_tol_days="6")
    assert fired(compared(settings, local=with_local)) == ({"ADJ_LC"} if differs else set())


def test_a_tolerance_of_no_day_lets_every_day_count():
    settings = replace(ALL, pd_date_tol_days="0")
    assert fired(compared(settings, progression=moment("FU3", 251))) == {"ADJ_PD_DATE"}
    assert fired(compared(settings)) == set()


@pytest.mark.parametrize(("word", "day"), [("earlier", 246), ("later", 250)])
def test_of_one_visit_on_two_days_the_case_takes_the_day_that_the_protocol_says(word, day):
    answer = compared(replace(ALL, pd_date_same_visit=word), progression=moment("FU3", 246))["adjudication/ADJ_PD_DATE"]
    assert (answer.outcome, answer.values["day"]) == ("AGREE", Decimal(day))
    assert [reason.code for reason in answer.because] == ["ADJ_AGREE", "ADJ_SAME_MOMENT"]
    assert answer.because[1].args["day"] == str(day)
    assert (answer.because[1].args["a"], answer.because[1].args["b"]) == ("FU3 (250)", "FU3 (246)")


def test_days_that_are_needed_and_not_known_are_asked_for():
    answers = compared(replace(ALL, pd_date_tol_days="6"), progression=moment("FU3"))
    assert answers["adjudication/ADJ_PD_DATE"].outcome == "MISSING"
    assert answers["adjudication"].outcome == "MISSING"
    assert compared(progression=moment("FU3"))["adjudication/ADJ_PD_DATE"].outcome == "AGREE"


MISSING = [
    ({"best_response": None}, "ADJ_BOR", "ADJ_RESULT_MISSING"),
    ({"progressed": None, "progression": None}, "ADJ_PD_STATUS", "ADJ_RESULT_MISSING"),
    ({"progressed": None, "progression": None}, "ADJ_PD_DATE", "ADJ_RESULT_MISSING"),
    ({"first_response": None}, "ADJ_RESP_DATE", "ADJ_RESULT_MISSING"),
    ({"best_response": None}, "ADJ_RESP_DATE", "ADJ_RESULT_MISSING"),
    ({"local": Table({"S1": failed("FU3", 250)})}, "ADJ_LC", "ADJ_ONE_SIDED"),
    ({"sins": Table()}, "ADJ_SINS", "ADJ_ONE_SIDED"),
    ({"sins": Table({"BL/T12": Category.INDETERMINATE})}, "ADJ_SINS", "ADJ_NOT_DETERMINED"),
    ({"eligible": None}, "ADJ_ELIG", "ADJ_NOT_DETERMINED"),
    ({"eligible": Outcome.NEEDS_INPUT}, "ADJ_ELIG", "ADJ_NOT_DETERMINED"),
    ({"escc": Table({"BL/T12": Escc.NE})}, "ADJ_ESCC", "ADJ_NOT_DETERMINED"),
    ({"vcf": Table({"T12": VcfEvent.NE})}, "ADJ_VCF", "ADJ_NOT_DETERMINED"),
    ({"measurable": None}, "ADJ_BASELINE", "ADJ_RESULT_MISSING"),
]


@pytest.mark.parametrize(("change", "trigger", "code"), MISSING)
def test_what_one_read_lacks_is_missing_and_never_an_agreement(change, trigger, code):
    answers = compared(**change)
    answer = answers[f"adjudication/{trigger}"]
    assert (answer.outcome, [reason.code for reason in answer.missing]) == ("MISSING", [code])
    assert (answers["adjudication"].outcome, fired(answers)) == ("MISSING", set())
    assert answers["adjudication"].because == ()


def test_what_one_read_lacks_is_named_with_what_the_other_one_has():
    (reason,) = compared(best_response=None)["adjudication/ADJ_BOR"].missing
    assert (reason.args["a"], reason.args["b"]) == ("PR", "-")
    (reason,) = compared(local=Table({"S1": failed("FU3", 250)}))["adjudication/ADJ_LC"].missing
    assert (reason.args["where"], reason.args["a"], reason.args["b"]) == ("S2", "CONTROL", "-")
    (reason,) = compared(sins=Table())["adjudication/ADJ_SINS"].missing
    assert (reason.args["a"], reason.args["b"]) == ("POTENTIALLY_UNSTABLE", "-")


def test_a_disagreement_counts_whatever_else_is_missing():
    answers = compared(measurable=None, eligible=Outcome.FAIL)
    assert answers["adjudication"].outcome == "ADJUDICATE"
    assert [reason.code for reason in answers["adjudication"].missing] == ["ADJ_RESULT_MISSING"]


def test_one_level_differs_while_another_is_missing():
    sins = Table({"BL/T12": Category.UNSTABLE, "BL/L1": Category.STABLE})
    answer = compared(sins=sins)["adjudication/ADJ_SINS"]
    assert answer.outcome == "DISAGREE"
    assert [reason.args["where"] for reason in (*answer.because, *answer.missing)] == ["BL/T12", "BL/L1"]


def test_what_cannot_be_compared_is_not_asked():
    none = replace(READ, progressed=False, progression=None, best_response=SD, eligible=None, local=Table())
    answers = assess(Input(first=none, second=none), ALL)
    asked_not = {key for key, answer in answers.items() if answer.outcome == "NOT_APPLICABLE"}
    assert asked_not == {f"adjudication/ADJ_{name}" for name in ("PD_DATE", "RESP_DATE", "ELIG", "LC")}
    assert answers["adjudication"].outcome == "NO_ADJUDICATION"


def test_two_reads_that_call_the_same_not_evaluable_agree():
    both = replace(READ, escc=Table({"BL/T12": Escc.NE}), vcf=Table({"T12": VcfEvent.NE}), best_response=NE)
    answers = assess(Input(first=both, second=both), ALL)
    assert answers["adjudication"].outcome == "NO_ADJUDICATION"


def test_only_signed_reads_are_compared():
    unsigned = replace(READ, signed=False, best_response=SD)
    for given in (Input(first=READ, second=unsigned), Input(first=READ), Input(second=READ)):
        answers = assess(given, ALL)
        assert list(answers) == ["adjudication"]
        assert [reason.code for reason in answers["adjudication"].missing] == ["ADJ_NOT_SIGNED"]
    assert assess(Input(), ALL) == Table()


@pytest.mark.parametrize(
    ("first", "change", "same_targets", "trigger", "cause"),
    [
        ({}, {"best_response": SD}, True, "ADJ_BOR", "MEASUREMENT"),
        ({}, {"best_response": SD}, False, "ADJ_BOR", "LESION_SELECTION"),
        ({}, {"best_response": SD}, None, "ADJ_BOR", "UNCLEAR"),
        ({}, {"best_response": CR}, True, "ADJ_BOR", "UNCLEAR"),
        ({}, {"best_response": NE}, True, "ADJ_BOR", "IMAGE_QUALITY"),
        ({}, {"best_response": OverallResponse.NON_CR_NON_PD}, None, "ADJ_BOR", "LESION_SELECTION"),
        ({}, {"best_response": PD, "pd_causes": frozenset(PdCause)}, False, "ADJ_BOR",
         "LESION_SELECTION, NON_TARGET, NEW_LESION"),
        ({}, {"progressed": False, "progression": None, "pd_causes": frozenset()}, True, "ADJ_PD_STATUS", "MEASUREMENT"),
        ({"pd_causes": frozenset()}, {"progressed": False, "progression": None, "pd_causes": frozenset()}, True,
         "ADJ_PD_STATUS", "UNCLEAR"),
        ({}, {"progression": moment("FU2"), "pd_causes": frozenset({PdCause.TARGET, PdCause.NEW_LESION})}, True,
         "ADJ_PD_DATE", "NEW_LESION"),
        ({}, {"progression": moment("FU2")}, True, "ADJ_PD_DATE", "MEASUREMENT"),
        ({}, {"local": Table({"S1": LocalOutcome(status=LocalStatus.NE), "S2": CONTROLLED})}, True, "ADJ_LC",
         "IMAGE_QUALITY"),
        ({}, {"local": Table({"S1": LocalOutcome(status=LocalStatus.EQUIVOCAL), "S2": CONTROLLED})}, True, "ADJ_LC",
         "JUDGEMENT"),
        ({}, {"sins": Table({"BL/T12": Category.UNSTABLE})}, True, "ADJ_SINS", "JUDGEMENT"),
    ],
)  # fmt: skip
def test_a_cause_is_suggested_from_the_results(first, change, same_targets, trigger, cause):
    answers = compared(first=replace(READ, **first), same_targets=same_targets, **change)
    assert of(answers, trigger)["cause"] == cause


def test_a_difference_names_the_place_and_both_values():
    assert of(compared(escc=Table({"BL/T12": Escc.G2})), "ADJ_ESCC") == {
        "where": "BL/T12", "a": "1b", "b": "2", "cause": "JUDGEMENT",
    }  # fmt: skip


def test_a_case_says_which_triggers_fired_or_that_none_did():
    (reason,) = compared(best_response=SD, sins=Table({"BL/T12": Category.UNSTABLE}))["adjudication"].because
    assert (reason.code, reason.args["triggers"]) == ("ADJ_NEEDED", "ADJ_BOR, ADJ_SINS")
    assert [reason.code for reason in compared()["adjudication"].because] == ["ADJ_NOT_NEEDED"]


def test_an_agreement_says_how_many_pairs_were_compared():
    assert compared()["adjudication/ADJ_LC"].because[0].args["pairs"] == "2"


def test_a_yes_and_a_no_are_named():
    named = of(compared(measurable=False), "ADJ_BASELINE")
    assert (named["a"], named["b"]) == ("YES", "NO")


def test_the_day_of_a_response_is_compared_only_where_both_saw_one():
    answers = compared(best_response=SD, first_response=None)
    assert answers["adjudication/ADJ_RESP_DATE"].outcome == "NOT_APPLICABLE"
    assert answers["adjudication/ADJ_BOR"].outcome == "DISAGREE"


def test_a_trigger_that_is_off_is_not_answered():
    assert "adjudication/ADJ_RESP_DATE" not in compared(Settings())
    answers = compared(Settings(triggers=("ADJ_SINS",)), best_response=SD)
    assert list(answers) == ["adjudication", "adjudication/ADJ_SINS"]
    assert answers["adjudication"].outcome == "NO_ADJUDICATION"


def test_grades_and_events_are_the_words_of_their_own_criteria():
    assert [grade.value for grade in Escc] == [*GRADES, "NE"]
    assert {event.value for event in VcfEvent} - {"NONE"} <= set(Flag)


def test_settings_come_from_the_triggers_of_a_protocol():
    assert tuple(map(str, Trigger)) == TRIGGERS
    assert Settings.of(Design()) == Settings(triggers=())
    design = Design(
        triggers=Table({"ADJ_PD_DATE": Table({"tol_days": "7"}), "ADJ_BOR": Table()}), pd_date_same_visit="later"
    )
    assert Settings.of(design) == Settings(
        triggers=("ADJ_BOR", "ADJ_PD_DATE"), pd_date_tol_days="7", pd_date_same_visit="later"
    )


@pytest.mark.parametrize("tolerance", ["visits", "-1", "1.5", "²", ""])
def test_a_tolerance_is_a_visit_or_a_number_of_days(tolerance):
    with pytest.raises(InvalidValue) as raised:
        Settings.parse({"pd_date_tol_days": tolerance})
    assert raised.value.code == "SETTING_NOT_ALLOWED"


def test_a_progression_has_a_visit_and_nothing_else_has():
    with pytest.raises(InvalidValue, match="PD_WITHOUT_VISIT"):
        ReadResult(progressed=True)
    with pytest.raises(InvalidValue, match="PD_WITHOUT_VISIT"):
        ReadResult(progressed=False, progression=moment("FU1"))
    with pytest.raises(InvalidValue, match="LC_FAILURE_WITHOUT_VISIT"):
        LocalOutcome(status=LocalStatus.FAILURE)
    with pytest.raises(InvalidValue, match="LC_FAILURE_WITHOUT_VISIT"):
        LocalOutcome(status=LocalStatus.CONTROL, failed=moment("FU1"))
