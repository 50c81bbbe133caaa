"""Best overall response: Table 3 of RECIST 1.1 pair by pair, limits from both sides, and what changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from spinereview.criteria.best_response import Input, Persistence, Settings, assess
from spinereview.criteria.recist.values import AfterCr, OverallResponse
from spinereview.criteria.responses import ResponseVisit
from spinereview.domain.schedule import Event, EventKind, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence

WORDS = ("CR", "PR", "SD", "PD", "NE")


def visits(responses: Sequence[str], **flags):
    return tuple(
        ResponseVisit(
            timepoint=f"FU{number}",
            response=None if word == "?" else OverallResponse(word),
            **{key: values[number - 1] for key, values in flags.items()},
        )
        for number, word in enumerate(responses, start=1)
    )


def schedule(days, *, anchor=0, **more):
    return Schedule(
        anchors=Table({} if anchor is None else {"RANDOMISATION": anchor}),
        visits=Table(
            {f"FU{number}": VisitDays(scan_days=(day,)) for number, day in enumerate(days, start=1) if day is not None}
        ),
        **more,
    )


def answer(responses, days=None, *, confirm=True, flags=None, more=None, pr_persistence="never", **settings):
    listed = visits(responses, **(flags or {}))
    given = Input(
        visits=listed,
        schedule=schedule(days or [56 * number for number in range(1, len(listed) + 1)], **(more or {})),
        pr_persistence=Persistence(pr_persistence),
    )
    return assess(given, Settings(**settings))[f"best_response/{'confirmed' if confirm else 'unconfirmed'}"]


def bor(responses, days=None, **more):
    return answer(responses, days, **more).outcome


PAIRS = [
    ("CR", "CR", "CR", "CR"),
    ("CR", "PR", "SD", "PD"),
    ("CR", "SD", "SD", "PD"),
    ("CR", "PD", "SD", "PD"),
    ("CR", "NE", "SD", "NE"),
    ("PR", "CR", "PR", "PR"),
    ("PR", "PR", "PR", "PR"),
    ("PR", "SD", "SD", "SD"),
    ("PR", "PD", "SD", "PD"),
    ("PR", "NE", "SD", "NE"),
    ("NE", "NE", "NE", "NE"),
]


@pytest.mark.parametrize(("first", "second", "late", "early"), PAIRS)
def test_every_pair_of_the_published_table(first, second, late, early):
    assert bor([first, second], [42, 84]) == late
    # The second visit alone is late enough for a stable disease where it is SD.
    assert bor([first, second], [41, 84]) == early


@pytest.mark.parametrize(("first", "second", "late", "early"), PAIRS)
def test_every_pair_too_close_together_is_not_confirmed(first, second, late, early):
    found = bor([first, second], [42, 69])
    assert found == ({"CR": "SD", "PR": "SD"}.get(late, late))


@pytest.mark.parametrize(("second_day", "outcome"), [(69, "SD"), (70, "PR"), (71, "PR")])
def test_a_confirmation_is_at_least_28_days_later(second_day, outcome):
    assert bor(["PR", "PR"], [42, second_day]) == outcome


@pytest.mark.parametrize(("day", "outcome"), [(41, "NE"), (42, "SD"), (43, "SD")])
def test_a_disease_is_stable_from_42_days_on(day, outcome):
    assert bor(["SD"], [day]) == outcome
    assert bor(["SD"], [day], confirm=False) == outcome
    assert bor(["SD"], [day + 35], min_sd_days=77) == outcome


def test_stable_disease_that_comes_too_early_is_what_follows():
    assert bor(["SD", "PD"], [41, 84]) == "PD"
    assert bor(["SD", "NE"], [41, 84]) == "NE"
    assert bor(["SD", "PD"], [42, 84]) == "SD"


def test_without_confirmation_the_best_visit_counts():
    assert bor(["SD", "PR", "CR", "PD"], confirm=False) == "CR"
    assert bor(["PR", "SD"], [10, 90], confirm=False) == "PR"
    assert bor(["NE", "PD"], confirm=False) == "PD"
    assert bor([], [], confirm=False) == "NE"


@pytest.mark.parametrize(
    ("responses", "settings", "outcome"),
    [
        (["PR", "NE", "PR"], {}, "PR"),
        (["PR", "NE", "NE", "PR"], {}, "SD"),
        (["PR", "NE", "NE", "PR"], {"max_ne_between": 2}, "PR"),
        (["PR", "NE", "PR"], {"max_ne_between": 0}, "SD"),
        (["CR", "NE", "NE", "CR"], {}, "SD"),
        (["CR", "NE", "CR"], {}, "CR"),
        (["PR", "SD", "PR"], {}, "SD"),
        (["PR", "SD", "PR"], {"max_sd_between": 1}, "PR"),
        (["PR", "SD", "SD", "PR"], {"max_sd_between": 1}, "SD"),
        (["PR", "CR", "CR"], {}, "CR"),
        (["PR", "CR"], {}, "PR"),
        (["PR", "PD", "PR"], {}, "SD"),
    ],
)
def test_what_may_stand_between_a_response_and_its_confirmation(responses, settings, outcome):
    assert bor(responses, **settings) == outcome


def test_lesson_14_disease_after_a_complete_response_is_progression_and_ends_the_history():
    found = answer(["CR", "SD", "CR", "CR"])
    assert found.outcome == "SD"
    assert [reason.code for reason in found.warnings] == ["BOR_REAPPEARED", "BOR_VISITS_LEFT_OUT"]
    assert bor(["CR", "NE", "PR"], [10, 50, 90]) == "PD"


def test_a_complete_response_that_the_reader_amends_was_a_partial_one():
    amended = {"after_cr": [None, AfterCr.AMEND_CR_TO_PR]}
    assert bor(["CR", "PR"], flags=amended) == "PR"
    assert bor(["CR", "PR"]) == "SD"


def test_two_complete_responses_that_were_amended_and_confirmed_each_other_are_named():
    found = answer(["PR", "PR", "PR"], [50, 78, 120], flags={"amended": [True, True, False]})
    assert [reason.code for reason in found.warnings] == ["AMENDED_CONFIRMED_CR"]
    assert answer(["PR", "PR", "PR"], [50, 77, 120], flags={"amended": [True, True, False]}).warnings == ()
    for days, pair in (
        ([50, 78, 120], ("FU1", "FU2")),
        ([50, 51, 79], ("FU1", "FU3")),
        ([50, 77, 105], ("FU1", "FU3")),
    ):
        (reason,) = answer(["PR"] * 3, days, flags={"amended": [True] * 3}).warnings
        assert (reason.args["first"], reason.args["second"]) == pair
    # One alone confirms nothing, even where no day must lie between.
    assert answer(["PR"], [50], flags={"amended": [True]}, confirm_days=0).warnings == ()


@pytest.mark.parametrize("flag", ["guarded", "equivocal_new"])
def test_a_doubtful_complete_response_counts_as_not_evaluable_for_confirmation(flag):
    assert bor(["CR", "CR"], flags={flag: [False, True]}) == "SD"
    assert bor(["CR", "CR", "CR"], flags={flag: [False, True, False]}) == "CR"
    assert bor(["CR", "CR", "CR"], flags={flag: [False, True, False]}, max_ne_between=0) == "SD"
    assert bor(["CR"], flags={flag: [True]}, confirm=False) == "CR"


def test_new_therapy_on_visit_day():
    therapy = {"events": (Event(kind=EventKind.NEW_THERAPY, day=60),)}
    assert bor(["PR"], [60], confirm=False, more=therapy) == "PR"
    assert bor(["PR"], [61], confirm=False, more=therapy) == "NE"
    assert bor(["PR"], [61], confirm=False, more={"cut_off": 60}) == "NE"
    assert bor(["PR"], [60], confirm=False, more={"cut_off": 60}) == "PR"


def test_a_treatment_of_a_lesion_outside_the_protocol_is_new_therapy():
    therapy = {"events": (Event(kind=EventKind.LOCAL_THERAPY, day=59),)}
    assert bor(["PR"], [60], confirm=False, more=therapy) == "NE"
    unknown = answer(["PR"], [60], confirm=False, more={"events": (Event(kind=EventKind.LOCAL_THERAPY, day=None),)})
    assert (unknown.outcome, [reason.code for reason in unknown.missing]) == ("MISSING", ["EVENT_DAY_MISSING"])


def test_of_new_therapy_and_the_cut_off_the_first_ends_what_counts():
    for therapy, cut_off in ((59, 100), (100, 59)):
        more = {"events": (Event(kind=EventKind.NEW_THERAPY, day=therapy),), "cut_off": cut_off}
        assert bor(["PR"], [60], confirm=False, more=more) == "NE"


def without(responses, *, disease=True, confirm=True):
    given = Input(
        visits=visits(responses),
        targets_at_baseline=False,
        disease_at_baseline=disease,
        schedule=schedule([56 * number for number in range(1, len(responses) + 1)]),
    )
    return assess(given, Settings())[f"best_response/{'confirmed' if confirm else 'unconfirmed'}"]


def test_without_target_lesions_there_is_no_stable_disease():
    assert without(["NON_CR_NON_PD", "PD"]).outcome == "NON_CR_NON_PD"
    assert without(["CR"]).outcome == "NON_CR_NON_PD"
    assert without(["CR"], confirm=False).outcome == "CR"
    assert without(["CR", "CR"]).outcome == "CR"
    assert without(["PD"]).outcome == "PD"


def test_ned_with_new_lesion():
    assert without(["NED", "PD"], disease=False).outcome == "PD"
    assert without(["NED", "NED"], disease=False).outcome == "NED"
    assert [reason.code for reason in without(["NE"], disease=False).warnings] == ["BOR_NED_NOT_SEEN"]
    assert without(["NED", "NE"], disease=False).warnings == ()


def test_without_a_schedule_nothing_is_said():
    answers = assess(Input(visits=visits(["PR", "PR"])), Settings())
    assert {found.outcome for found in answers.values()} == {"MISSING"}
    assert all([reason.code for reason in found.missing] == ["SCHEDULE"] for found in answers.values())


def test_an_unknown_day_leaves_out_only_what_it_decides():
    assert bor(["PR", "PR"], [56, None]) == "MISSING"
    assert bor(["PR", "PR", "PR"], [56, None, 84]) == "PR"
    assert bor(["PR"], [None], confirm=False) == "PR"
    assert bor(["SD", "SD"], [None, 42]) == "SD"
    unknown = answer(["SD"], [None])
    assert (unknown.outcome, [reason.code for reason in unknown.missing]) == ("MISSING", ["VISIT_DAY_MISSING"])


def test_a_day_known_in_part_is_enough_where_every_day_of_it_gives_the_same():
    def in_month(earliest, latest):
        days = Table({"FU1": VisitDays(earliest=earliest, latest=latest)})
        given = Input(visits=visits(["SD"]), schedule=Schedule(anchors=Table({"RANDOMISATION": 0}), visits=days))
        return assess(given, Settings())["best_response"].outcome

    assert in_month(42, 70) == "SD"
    assert in_month(41, 70) == "MISSING"
    assert in_month(10, 41) == "NE"


def test_an_unknown_anchor_or_day_of_therapy_is_named():
    found = answer(["SD"], [90], more={"anchor": None})
    assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", ["ANCHOR_MISSING"])
    assert bor(["PR"], [90], more={"anchor": None}, confirm=False) == "PR"
    therapy = {"events": (Event(kind=EventKind.NEW_THERAPY, day=None),)}
    found = answer(["PR"], [90], more=therapy)
    assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", ["EVENT_DAY_MISSING"])


def test_an_open_visit_leaves_the_answer_open():
    found = answer(["PR", "?", "PR"])
    assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", ["VISIT_UNSETTLED"])
    assert bor(["PD", "?"]) == "PD"


def test_a_visit_that_stands_twice_is_refused():
    with pytest.raises(InvalidValue) as raised:
        Input(visits=visits(["PR"]) * 2)
    assert raised.value.code == "VISIT_TWICE"


def test_visits_out_of_order_are_refused():
    with pytest.raises(InvalidValue) as raised:
        answer(["PR", "PR"], [90, 60])
    assert raised.value.code == "VISITS_NOT_IN_ORDER"


def test_days_and_reasons_name_the_visits():
    found = answer(["SD", "PR", "NE", "PR"], [50, 100, 150, 200])
    assert dict(found.values.items()) == {
        "day": 100,
        "confirmed_day": 200,
        "first_response_day": 100,
    }
    assert [(reason.code, reason.args["visit"], reason.args["by"]) for reason in found.because] == [
        ("BOR_CONFIRMED", "FU2", "FU4")
    ]


@pytest.mark.parametrize(
    ("responses", "days", "code"),
    [
        (["SD", "PD"], [41, 84], "BOR_PD_SD_TOO_EARLY"),
        (["NE", "PD"], [41, 84], "BOR_PD"),
        (["SD", "NE"], [41, 84], "BOR_NE_TOO_EARLY"),
        (["NE"], [84], "BOR_NE"),
        ([], [], "BOR_NE_NO_VISIT"),
        (["SD"], [84], "BOR_STABLE"),
        (["PR", "PR"], [41, 84], "BOR_CONFIRMED"),
    ],
)
def test_every_answer_says_why(responses, days, code):
    found = answer(responses, days)
    assert [reason.code for reason in found.because] == [code]
    assert "{" not in sentence(code, found.because[0].args)


def test_by_default_no_confirmation_is_asked_for():
    given = Input(visits=visits(["PR"]), schedule=schedule([50]))
    assert assess(given, Settings())["best_response"].outcome == "PR"


@pytest.mark.parametrize("key", ["confirm_days", "max_ne_between", "max_sd_between", "min_sd_days"])
def test_a_number_of_the_settings_may_be_none_and_not_less(key):
    assert getattr(Settings.parse({key: 0}), key) == 0
    with pytest.raises(InvalidValue):
        Settings.parse({key: -1})


def test_each_answer_names_itself_and_the_table_that_it_follows():
    given = Input(visits=visits(["PR", "PR"]), schedule=schedule([50, 100]))
    for rules, confirmed, unconfirmed in (
        ("strict", "RECIST 1.1 (Eisenhauer 2009), Table 3", "RECIST 1.1 (Eisenhauer 2009), 4.4"),
        ("admiralonco", *["R package admiralonco, derive_param_confirmed_bor"] * 2),
    ):
        answers = assess(given, Settings(rules=rules))
        assert {key: "/".join(found.scope) for key, found in answers.items()} == {key: key for key in answers}
        assert answers["best_response/confirmed"].because[0].rule == confirmed
        assert answers["best_response/unconfirmed"].because[0].rule == unconfirmed


def test_of_nobody_nothing_is_answered():
    assert assess(Input(), Settings()) == Table()


def test_the_protocol_says_which_answer_counts():
    for confirm, outcome in ((True, "SD"), (False, "PR")):
        given = Input(visits=visits(["PR"]), schedule=schedule([50]))
        assert assess(given, Settings(confirm=confirm))["best_response"].outcome == outcome


def test_persistence_never_changes_a_best_response():
    for length in range(1, 6):
        for responses in product(WORDS, repeat=length):
            found = {bor(responses, pr_persistence=mode) for mode in Persistence}
            assert len(found) == 1, responses


def labels(responses, mode):
    given = Input(
        visits=visits(responses),
        schedule=schedule([56 * number for number in range(1, len(responses) + 1)]),
        pr_persistence=Persistence(mode),
    )
    answers = assess(given, Settings())
    return [
        answers[f"FU{number}/label"].outcome
        for number in range(1, len(responses) + 1)
        if f"FU{number}/label" in answers
    ]


def test_a_partial_response_persists_in_print_only():
    assert labels(["PR", "PR", "SD", "SD"], "after_confirmed") == ["PR", "PR", "PR", "PR"]
    assert labels(["PR", "SD", "SD"], "after_confirmed") == ["PR", "SD", "SD"]
    assert labels(["PR", "SD", "PD", "SD"], "after_any") == ["PR", "PR", "PD"]
    assert labels(["PR", "SD"], "never") == []
    assert labels(["SD", "PR", "SD", "SD"], "after_any") == ["SD", "PR", "PR", "PR"]


def test_a_printed_partial_response_says_why_and_needs_a_confirmation_that_is_certain():
    def labelled(days):
        given = Input(
            visits=visits(["PR", "PR", "SD"]), schedule=schedule(days), pr_persistence=Persistence.AFTER_CONFIRMED
        )
        answers = assess(given, Settings())
        return [
            (answers[f"FU{at}/label"].outcome, [one.code for one in answers[f"FU{at}/label"].because]) for at in (2, 3)
        ]

    assert labelled([50, 78, 100]) == [("PR", []), ("PR", ["PR_MAINTAINED"])]
    assert labelled([50, None, 100]) == [("PR", []), ("SD", [])]


ADMIRAL = [
    (["PR", "CR", "NE", "CR", "SD"], [0, 31, 46, 60, 91], 0, "CR", "CR"),
    (["SD", "PR", "SD", "CR"], [20, 51, 80, 92], 0, "SD", "PR"),
    (["CR", "CR", "SD"], [1, 21, 51], 0, "SD", "SD"),
    (["PR", "SD", "SD", "PR", "NON_CR_NON_PD"], [2, 62, 93, 123, 137], 0, "SD", "SD"),
    (["PR", "SD", "PR", "NON_CR_NON_PD"], [0, 9, 19, 135], 0, "NON_CR_NON_PD", "NON_CR_NON_PD"),
    (["PR", "CR", "PR", "PD", "CR", "CR"], [4, 14, 57, 70, 89, 120], 0, "SD", "SD"),
    (["PR", "CR", "NE"], [4, 14, 59], 0, "NE", "NE"),
    ([], [], 0, "MISSING", "NE"),
    (["CR", "NE", "NE", "CR"], [15, 31, 46, 61], 0, "SD", "CR"),
]
"""The nine subjects of admiralonco's own example, in days after treatment started: strict, and with its wider settings."""


@pytest.mark.parametrize(("responses", "days", "anchor", "plain", "wide"), ADMIRAL)
def test_the_example_of_admiralonco_gives_its_answers(responses, days, anchor, plain, wide):
    own = {"rules": "admiralonco", "min_sd_days": 28}
    assert bor(responses, days, **own) == plain
    assert bor(responses, days, max_ne_between=2, max_sd_between=1, missing_as_ne=True, **own) == wide


def test_disease_after_a_complete_response_is_the_difference_to_admiralonco():
    assert bor(["CR", "PR"], [10, 50], rules="admiralonco") == "SD"
    assert bor(["CR", "PR"], [10, 50]) == "PD"
    assert bor(["CR", "PR", "PR"], rules="admiralonco") == "PR"


@hypothesis_given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.integers(0, 5))
def test_an_unscheduled_visit_like_the_one_before_it_never_lowers_the_answer(responses, at):
    order = ["CR", "PR", "SD", "NON_CR_NON_PD", "PD", "NE"]
    at = min(at, len(responses) - 1)
    days = [56 * number for number in range(1, len(responses) + 1)]
    more = [*responses[: at + 1], responses[at], *responses[at + 1 :]]
    with_it = bor(more, [*days[: at + 1], days[at] + 7, *days[at + 1 :]], max_ne_between=9)
    assert order.index(with_it) <= order.index(bor(responses, days, max_ne_between=9))
