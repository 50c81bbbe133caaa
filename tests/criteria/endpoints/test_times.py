"""Times of a subject: every row of the FDA's table, missed visits, days of progression, durations, survival."""

from __future__ import annotations

import pytest

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.endpoints.assess import TIMES, assess
from spinereview.criteria.endpoints.settings import Endpoint, Scope, Settings, endpoint_of
from spinereview.criteria.endpoints.values import OWN, Input
from spinereview.criteria.recist.values import AfterCr, OverallResponse
from spinereview.criteria.responses import LocalResult, PdCause, ResponseVisit
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, EventKind, PlannedVisit, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence

PLANNED = tuple(PlannedVisit(name=f"V{day}", day=day, minus=7, plus=7) for day in (84, 168, 252, 336))


def death(day, cause=""):
    return Event(kind=EventKind.DEATH, day=day, cause=cause)


def therapy(day, kind=EventKind.NEW_THERAPY, **more):
    return Event(kind=kind, day=day, **more)


def answers(
    responses, days, *events, planned=PLANNED, flags=None, scans=None, cut_off=None, anchor=0, given=None, **settings
):
    visits = tuple(
        ResponseVisit(
            timepoint=f"FU{at}",
            response=None if word == "?" else OverallResponse(word),
            **{key: values[at - 1] for key, values in (flags or {}).items()},
        )
        for at, word in enumerate(responses, start=1)
    )
    known = {f"FU{at}": VisitDays(scan_days=(day,)) for at, day in enumerate(days, start=1) if day is not None}
    schedule = Schedule(
        anchors=Table({} if anchor is None else {"RANDOMISATION": anchor}),
        visits=Table({**known, **(scans or {})}),
        planned=planned,
        events=events,
        cut_off=cut_off,
    )
    subject = Responses(visits=visits, schedule=schedule)
    return assess(Input(subject=subject, **(given or {})), Settings(**settings))


def ended(found):
    day = found.values.get("day")
    return (
        found.outcome,
        None if day is None else int(day),
        [reason.code for reason in (*found.because, *found.missing)],
    )


def pfs(responses, days, *events, name="pfs", **more):
    return ended(answers(responses, days, *events, **more)[name])


def test_each_row_of_the_table_of_the_fda():
    assert pfs(["SD", "PD"], [84, 168], given={"baseline_assessed": False}) == ("CENSORED", 0, ["PFS_NO_BASELINE"])
    assert pfs(["SD", "PD"], [84, 150]) == ("EVENT", 150, ["PFS_PROGRESSION"])
    assert pfs(["SD", "PR"], [84, 168]) == ("CENSORED", 168, ["PFS_NO_EVENT"])
    assert pfs(["SD", "NE"], [84, 168]) == ("CENSORED", 84, ["PFS_NO_EVENT"])
    assert pfs(["SD", "SD", "PD"], [84, 168, 252], therapy(200)) == ("CENSORED", 168, ["PFS_NEW_THERAPY"])
    assert pfs([], [], death(40)) == ("EVENT", 40, ["PFS_DEATH"])
    assert pfs(["SD"], [84], death(120)) == ("EVENT", 120, ["PFS_DEATH"])
    assert pfs([], []) == ("CENSORED", 0, ["PFS_NO_EVENT"])


def test_missed_visits_on_schedule():
    planned = (PlannedVisit(name="A", day=168, minus=7, plus=7), PlannedVisit(name="B", day=252, minus=7, plus=7))
    assert pfs(["SD", "PD"], [84, 266], planned=planned) == ("CENSORED", 84, ["PFS_MISSED"])
    assert pfs(["SD", "PD"], [84, 266], planned=planned, name="pfs_alt") == ("EVENT", 266, ["PFS_PROGRESSION"])
    assert pfs(["SD"], [84], death(266), planned=planned) == ("CENSORED", 84, ["PFS_MISSED"])
    # A window that ends on the day of the event, or begins on that of the assessment, is not counted.
    assert pfs(["SD", "PD"], [84, 259], planned=planned)[0] == "EVENT"
    assert pfs(["SD", "PD"], [84, 260], planned=planned)[0] == "CENSORED"
    assert pfs(["SD", "PD"], [161, 266], planned=planned)[0] == "EVENT"
    assert pfs(["SD", "PD"], [160, 266], planned=planned)[0] == "CENSORED"
    assert pfs(["SD", "PD"], [84, 266], planned=planned, missed_max=2)[0] == "EVENT"
    assert pfs(["SD", "PD"], [84, 266], planned=planned[:1], missed_max=0)[0] == "CENSORED"
    # A visit that cannot show a tumour is never missed.
    x_ray = (planned[0], PlannedVisit(name="B", day=252, minus=7, plus=7, assesses=False))
    assert pfs(["SD", "PD"], [84, 266], planned=x_ray)[0] == "EVENT"
    # No assessment at all.
    assert pfs([], [], death(266), planned=planned) == ("CENSORED", 0, ["PFS_MISSED"])
    assert pfs([], [], death(266), planned=planned, name="pfs_alt") == ("EVENT", 266, ["PFS_DEATH"])


def test_a_visit_that_says_nothing_or_was_not_read_in_full_is_no_adequate_assessment():
    two = PLANNED[:3]
    assert pfs(["SD", "NE", "PD"], [84, 168, 266], planned=two)[0] == "CENSORED"
    assert pfs(["SD", "SD", "PD"], [84, 168, 266], planned=two)[0] == "EVENT"
    unread = {"readable": [True, False, True]}
    assert pfs(["SD", "SD", "PD"], [84, 168, 266], planned=two, flags=unread) == ("CENSORED", 84, ["PFS_MISSED"])


def test_all_targets_removed_is_adequate():
    removed = {"all_targets_removed": [True, False]}
    assert pfs(["NE", "PD"], [168, 266], flags=removed) == ("EVENT", 266, ["PFS_PROGRESSION"])
    assert pfs(["NE", "PD"], [168, 266]) == ("CENSORED", 0, ["PFS_MISSED"])


def test_new_therapy_on_visit_day():
    assert pfs(["SD", "PD"], [84, 168], therapy(168)) == ("EVENT", 168, ["PFS_PROGRESSION"])
    assert pfs(["SD", "PD"], [84, 168], therapy(167)) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])
    assert pfs(["SD", "PD"], [84, 168], therapy(84)) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])
    assert pfs(["SD", "PD"], [84, 168], therapy(83)) == ("CENSORED", 0, ["PFS_NEW_THERAPY"])
    assert pfs(["SD", "PD"], [84, 168], therapy(83), name="pfs_alt") == ("EVENT", 168, ["PFS_PROGRESSION"])
    assert pfs(["SD"], [84], therapy(90), death(120)) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])
    assert pfs(["SD"], [84], therapy(90), death(120), name="pfs_alt") == ("EVENT", 120, ["PFS_DEATH"])


def test_what_comes_after_the_cut_off_is_not_known():
    assert pfs(["SD", "PD"], [84, 168], cut_off=168)[0] == "EVENT"
    assert pfs(["SD", "PD"], [84, 168], cut_off=167) == ("CENSORED", 84, ["PFS_NO_EVENT"])
    assert pfs(["SD"], [84], death(120), cut_off=119) == ("CENSORED", 84, ["PFS_NO_EVENT"])
    assert pfs(["SD"], [84], death(120), cut_off=120)[0] == "EVENT"
    assert pfs(["SD"], [84], therapy(121), cut_off=120) == ("CENSORED", 84, ["PFS_NO_EVENT"])
    assert pfs(["SD", "PD"], [84, 168], cut_off=167, name="pfs_alt") == ("CENSORED", 84, ["PFS_NO_EVENT"])


def test_time_to_progression_counts_no_death():
    assert pfs(["SD"], [84], death(120), name="ttp") == ("CENSORED", 84, ["PFS_NO_EVENT"])
    assert pfs(["SD", "PD"], [84, 168], death(169), name="ttp")[0] == "EVENT"


def test_a_time_is_one_day_more_than_the_difference():
    found = answers(["SD", "PD"], [84, 150], anchor=1)["pfs"]
    assert (found.values["start_day"], found.values["days"]) == (1, 150)
    assert answers(["SD", "PD"], [84, 150], anchor=1, tte_plus_one=False)["pfs"].values["days"] == 149


def progression(causes, days, **settings):
    flags = {"pd_causes": [frozenset(), frozenset(causes)]}
    found = answers(["SD", "PD"], [84, None], flags=flags, scans={"FU2": days}, **settings)["pfs"]
    return int(found.values["day"]), [reason.code for reason in found.warnings]


def test_the_day_of_a_progression_is_that_of_its_cause():
    days = VisitDays(scan_days=(160, 162, 165, 168), target_days=(162, 165), non_target_day=168, new_day=160)
    assert progression({PdCause.TARGET}, days) == (165, [])
    assert progression({PdCause.TARGET}, days, pd_date_target="first_scan") == (162, [])
    assert progression({PdCause.NON_TARGET}, days) == (168, [])
    assert progression({PdCause.NEW_LESION}, days) == (160, [])
    assert progression({PdCause.TARGET, PdCause.NON_TARGET}, days) == (165, [])
    assert progression(set(PdCause), days) == (160, [])


def test_the_first_progression_has_the_day_of_each_cause_whatever_ended_the_follow_up():
    days = VisitDays(scan_days=(160, 162, 165, 168), target_days=(162, 165), non_target_day=168, new_day=160)
    flags = {"pd_causes": [frozenset(), frozenset({PdCause.TARGET, PdCause.NEW_LESION})]}
    found = answers(["SD", "PD"], [84, None], therapy(100), flags=flags, scans={"FU2": days})
    assert dict(found["progression"].values) == {"day": 160, "target_day": 165, "new_lesion_day": 160}
    assert found["pfs"].outcome == "CENSORED"
    assert ended(answers(["SD"], [84])["progression"]) == ("NOT_APPLICABLE", None, ["PROGRESSION_NONE"])
    assert ended(answers(["PD"], [None])["progression"]) == ("MISSING", None, ["VISIT_DAY_MISSING"])


def test_a_day_that_is_not_stated_is_supposed_and_said():
    days = VisitDays(scan_days=(160, 168))
    assert progression({PdCause.NEW_LESION}, days) == (160, ["PD_SCAN_NOT_STATED"])
    assert progression({PdCause.TARGET}, days) == (168, ["PD_SCAN_NOT_STATED"])
    assert progression(set(), days) == (168, ["PD_CAUSE_NOT_STATED"])
    assert progression(set(), VisitDays(scan_days=(168,))) == (168, [])
    # Of two causes, one with its scan stated, the other one's is still supposed.
    half = VisitDays(scan_days=(160, 168), new_day=160)
    assert progression({PdCause.TARGET, PdCause.NEW_LESION}, half) == (160, ["PD_SCAN_NOT_STATED"])


def test_without_planned_visits_none_can_be_missed_and_that_is_said():
    found = answers(["SD", "PD"], [84, 500], planned=())
    assert [reason.code for reason in found["pfs"].warnings] == ["PLANNED_VISITS_MISSING"]
    # The alternative counts every event, and who had none missed no visit before one.
    assert (found["pfs"].outcome, found["pfs_alt"].outcome, found["pfs_alt"].warnings) == ("EVENT", "EVENT", ())
    assert answers(["SD", "SD"], [84, 500], planned=())["pfs"].warnings == ()


def test_a_treatment_of_another_lesion_ends_the_time_of_the_disease_and_not_that_of_the_treated_site():
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL, LocalResult.FAILURE]}
    for site, outcome in ((False, "EVENT"), (True, "CENSORED")):
        event = therapy(100, EventKind.LOCAL_THERAPY, treated_site=site)
        assert pfs(["SD", "SD"], [84, 168], event, flags=flags, given=local)[0] == outcome
        assert pfs(["SD", "PD"], [84, 168], event) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])


def test_local_progression_leaves_distant_lesions_out():
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL, LocalResult.CONTROL, LocalResult.FAILURE]}
    found = answers(["SD", "PD", "PD"], [84, 168, 252], flags=flags, given=local)
    assert ended(found["pfs"]) == ("EVENT", 252, ["PFS_PROGRESSION"])
    assert ended(found["pfs_recist"]) == ("EVENT", 168, ["PFS_PROGRESSION"])
    unsaid = answers(["SD", "PD"], [84, 168], given=local)
    assert ended(unsaid["pfs"]) == ("MISSING", None, ["LOCAL_RESULT_MISSING"])
    assert unsaid["pfs_recist"].outcome == "EVENT"
    none = {"local": [LocalResult.CONTROL, LocalResult.NE, None]}
    assert pfs(["SD", "SD", "SD"], [84, 168, 252], flags=none, given=local) == ("CENSORED", 84, ["PFS_NO_EVENT"])


@pytest.mark.parametrize(("day", "outcome", "on"), [(100, "EVENT", 168), (180, "EVENT", 180), (252, "CENSORED", 252)])
def test_a_doubtful_image_with_a_neurological_decline_is_local_progression_when_both_are_there(day, outcome, on):
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL, LocalResult.EQUIVOCAL, LocalResult.CONTROL]}
    decline = Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=day)
    assert pfs(["SD"] * 3, [84, 168, 252], decline, flags=flags, given=local)[:2] == (outcome, on)
    named = Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=day, treated_site=True)
    assert pfs(["SD"] * 3, [84, 168, 252], named, flags=flags, given=local)[:2] == (outcome, on)
    alone = {"local": [LocalResult.CONTROL] * 3}
    assert pfs(["SD"] * 3, [84, 168, 252], decline, flags=alone, given=local)[0] == "CENSORED"


def test_the_duration_of_a_response_begins_at_the_first_one():
    assert answers(["SD", "PR", "PR", "PD"], [50, 84, 120, 168])["dor"].values["days"] == 85
    found = answers(["PR", "SD"], [84, 168], death(200))["dor"]
    assert (found.outcome, found.values["start_day"], found.values["days"]) == ("EVENT", 84, 117)
    assert answers(["PR", "SD"], [84, 168], death(200), dor_end="pd")["dor"].values["day"] == 168
    assert ended(answers(["SD", "PD"], [84, 168])["dor"]) == ("NOT_APPLICABLE", None, ["DURATION_NOT_APPLICABLE"])
    confirm = {"best_response": BestSettings(confirm=True)}
    assert answers(["PR", "PD"], [84, 168], given=confirm)["dor"].outcome == "NOT_APPLICABLE"
    assert answers(["PR", "PR", "PD"], [84, 112, 168], given=confirm)["dor"].values["start_day"] == 84


def test_a_complete_response_that_the_reader_amended_has_no_duration_and_it_is_said_why():
    flags = {"after_cr": [None, AfterCr.AMEND_CR_TO_PR]}
    entered = {"best_response": BestSettings(rules="admiralonco")}
    found = answers(["CR", "PR"], [84, 168], flags=flags, given=entered)
    assert ended(found["duration_cr"]) == ("MISSING", None, ["DURATION_AMENDED"])
    (reason,) = found["duration_cr"].missing
    assert "complete response of FU1 as it was entered" in sentence(reason.code, reason.args)
    assert (found["dor"].outcome, found["dor"].values["start_day"]) == ("CENSORED", 84)
    strict = answers(["CR", "PR"], [84, 168], flags=flags)
    assert ended(strict["duration_cr"]) == ("NOT_APPLICABLE", None, ["DURATION_NOT_APPLICABLE"])
    undated = answers(["CR", "PR"], [None, 168], flags=flags, given=entered)
    assert ended(undated["duration_cr"]) == ("MISSING", None, ["VISIT_DAY_MISSING"])


def test_the_durations_of_complete_response_and_of_stable_disease():
    found = answers(["PR", "CR", "CR", "PD"], [50, 84, 120, 168])
    assert (found["duration_cr"].values["start_day"], found["duration_cr"].values["days"]) == (84, 85)
    assert found["dor"].values["start_day"] == 50
    assert found["duration_sd"].outcome == "NOT_APPLICABLE"
    stable = answers(["SD", "PD"], [84, 168])["duration_sd"]
    assert (stable.values["start_day"], stable.values["days"]) == (0, 169)
    assert answers(["SD"], [84], death(90))["duration_sd"].outcome == "CENSORED"


def test_survival_ends_with_any_death_and_the_one_of_the_disease_with_its_causes():
    for cause, outcome in (("PRIMARY_DISEASE", "EVENT"), ("TREATED_SEGMENT", "EVENT"), ("ACCIDENT", "COMPETING")):
        found = answers(["SD"], [84], death(200, cause))
        assert ended(found["os"])[:2] == ("EVENT", 200)
        assert ended(found["os_disease"])[:2] == (outcome, 200)
    unknown = answers(["SD"], [84], death(200))
    assert (unknown["os"].outcome, unknown["os_disease"].missing[0].code) == ("EVENT", "DEATH_CAUSE_MISSING")


def test_who_is_alive_is_censored_on_the_last_day_that_is_known():
    assert ended(answers(["SD"], [84])["os"]) == ("CENSORED", 84, ["OS_ALIVE"])
    contact = Event(kind=EventKind.LAST_CONTACT, day=300)
    assert ended(answers(["SD"], [84], contact)["os"])[1] == 300
    assert ended(answers(["SD"], [84], contact, cut_off=299)["os"])[1] == 84
    assert ended(answers(["SD"], [84], death(301), cut_off=300)["os"]) == ("CENSORED", 84, ["OS_ALIVE"])


def test_without_a_schedule_or_an_anchor_every_time_is_missing():
    visit = ResponseVisit(timepoint="FU1", response=OverallResponse.PR)
    alone = assess(Input(subject=Responses(visits=(visit,))), Settings())
    assert {name: [reason.code for reason in found.missing] for name, found in alone.items()} == {
        name: ["SCHEDULE"] for name in TIMES
    }
    for found in answers(["PR"], [84], anchor=None).values():
        assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", ["ANCHOR_MISSING"])


def test_an_unknown_day_leaves_out_what_it_decides():
    assert pfs(["SD", "PD"], [84, None]) == ("MISSING", None, ["VISIT_DAY_MISSING"])
    assert pfs(["SD", "SD", "PD"], [84, None, 168])[:2] == ("EVENT", 168)
    assert pfs(["SD", "SD"], [84, None])[0] == "MISSING"
    assert pfs(["SD", "NE"], [84, None])[:2] == ("CENSORED", 84)
    assert pfs(["SD", "SD", "PD"], [84, None, 300])[0] == "MISSING"
    assert pfs(["SD"], [84], death(None)) == ("MISSING", None, ["EVENT_DAY_MISSING"])
    assert pfs(["SD", "PD"], [84, 168], death(None))[0] == "EVENT"
    assert pfs(["SD", "PD"], [84, 168], therapy(None))[0] == "MISSING"
    assert pfs(["SD", "PD"], [84, 168], therapy(None), name="pfs_alt")[0] == "EVENT"
    assert pfs(["SD", "?"], [84, 168]) == ("MISSING", None, ["VISIT_UNSETTLED"])
    assert pfs(["PD", "?"], [84, 168])[0] == "EVENT"
    assert answers(["SD", "?"], [84, 168], death(200))["os"].outcome == "EVENT"


def test_a_scan_after_the_day_of_death_leaves_out_what_the_death_decides():
    late = ("MISSING", None, ["SCAN_AFTER_DEATH"])
    for name in ("pfs", "pfs_alt", "os"):
        assert pfs(["SD", "SD"], [84, 168], death(167), name=name) == late
        assert pfs(["SD", "SD"], [84, 168], death(168), name=name)[:2] == ("EVENT", 168)
    assert pfs(["SD", "SD"], [84, 168], death(167, "PRIMARY_DISEASE"), name="os_disease") == late
    assert pfs(["PR", "SD"], [84, 168], death(167), name="dor") == late
    assert pfs(["PR", "SD"], [84, 168], death(167), name="dor", dor_end="pd")[:2] == ("CENSORED", 168)
    assert pfs(["SD", "SD"], [84, 168], death(167), name="ttp")[:2] == ("CENSORED", 168)
    assert pfs(["PD", "SD"], [84, 168], death(167))[:2] == ("EVENT", 84)
    # One such scan says it all.
    assert pfs(["SD", "SD"], [84, 168], death(80)) == late
    # Of a death after the cut-off the analysis knows nothing.
    assert pfs(["SD", "SD"], [84, 168], death(167), cut_off=166)[:2] == ("CENSORED", 84)
    assert pfs(["SD", "SD"], [84, 168], death(167), cut_off=167) == late


def test_a_time_is_never_negative():
    early = ("MISSING", None, ["END_BEFORE_START"])
    for name in ("pfs", "pfs_alt", "ttp"):
        assert pfs(["PD"], [84], anchor=85, name=name) == early
        assert pfs(["SD"], [84], anchor=85, name=name) == ("CENSORED", 85, ["PFS_NO_EVENT"])
        assert pfs(["SD", "SD"], [84, 90], anchor=85, name=name)[:2] == ("CENSORED", 90)
    on_the_day = answers(["PD"], [84], anchor=84)["pfs"]
    assert (on_the_day.outcome, on_the_day.values["days"]) == ("EVENT", 1)
    assert pfs([], [], death(-1), name="os") == early
    assert pfs([], [], death(0), name="os")[:2] == ("EVENT", 0)
    assert pfs(["SD"], [84], anchor=85, name="os")[:2] == ("CENSORED", 85)
    args = answers(["PD"], [84], anchor=85)["pfs"].missing[0].args
    assert sentence("END_BEFORE_START", args).startswith("The time would end on day 84, before day 85,")


def test_the_limits_of_an_unknown_day_from_both_sides():
    assert pfs(["SD", "SD"], [None, 84])[:2] == ("CENSORED", 84)

    def between(earliest, latest, *events, **more):
        return pfs(["SD", "SD"], [84], *events, scans={"FU2": VisitDays(earliest=earliest, latest=latest)}, **more)[0]

    assert between(265, 300, death(266)) == "MISSING"
    assert between(266, 300, death(266)) == "CENSORED"
    assert between(100, 120, therapy(100)) == "MISSING"
    assert between(101, 120, therapy(100)) == "CENSORED"


def test_an_assessment_on_the_day_of_the_event_is_not_one_before_it():
    assert pfs(["SD"], [266], death(266)) == ("CENSORED", 0, ["PFS_MISSED"])
    assert pfs(["SD"], [265], death(266))[0] == "EVENT"


def test_a_therapy_on_the_day_of_the_cut_off_is_known():
    assert pfs(["SD"], [84], therapy(120), cut_off=120) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])


def test_a_decline_after_the_last_visit_joins_what_was_doubtful_there():
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL, LocalResult.EQUIVOCAL]}
    decline = Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=200)
    assert pfs(["SD"] * 2, [84, 168], decline, flags=flags, given=local)[:2] == ("EVENT", 200)


def test_disease_after_a_complete_response_is_an_event():
    assert pfs(["CR", "PR"], [84, 168]) == ("EVENT", 168, ["PFS_PROGRESSION"])


def test_an_endpoint_of_a_protocol_is_read():
    values = {"anchor": "RT_END", "landmarks": ("84", "168"), "orr_response": "target", "population": "ITT_measurable"}
    found = endpoint_of(Table({**values, "pfs_scope": "local", "landmark_tol_days": "10"}))
    assert (found.anchor, found.landmarks, found.landmark_tol_days) == (Anchor.RT_END, (84, 168), 10)
    assert endpoint_of(Table()) == Endpoint()
    assert Endpoint(landmark_tol_days=0, landmarks=(84, 85)).landmark_tol_days == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [({"landmark_tol_days": -1}, "LANDMARK_TOLERANCE"), ({"landmarks": (84, 84)}, "LANDMARKS_NOT_IN_ORDER")],
)
def test_an_endpoint_that_makes_no_sense_is_refused(values, code):
    with pytest.raises(InvalidValue) as raised:
        Endpoint(**values)
    assert raised.value.code == code


def test_of_progression_and_death_the_first_is_the_event():
    assert pfs(["SD", "PD"], [84, 168], death(200)) == ("EVENT", 168, ["PFS_PROGRESSION"])
    assert pfs(["SD", "PD"], [84, 168], death(168)) == ("EVENT", 168, ["PFS_PROGRESSION"])


def test_of_several_therapies_one_before_the_cut_off_is_enough():
    assert pfs(["SD"], [84], therapy(120), therapy(121), cut_off=120) == ("CENSORED", 84, ["PFS_NEW_THERAPY"])
    assert pfs(["SD"], [84], therapy(121), therapy(122), cut_off=120) == ("CENSORED", 84, ["PFS_NO_EVENT"])


def test_visits_are_missed_only_before_an_event():
    for given in ({}, {"baseline_assessed": False}):
        assert answers(["SD"], [84], given=given)["pfs"].values["missed_visits"] == 0
    assert answers(["SD", "PD"], [84, 266])["pfs"].values["missed_visits"] == 2


def test_of_several_declines_the_first_dates_the_local_progression():
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL, LocalResult.EQUIVOCAL]}
    declines = [Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=day) for day in (210, 200)]
    assert pfs(["SD"] * 2, [84, 168], *declines, flags=flags, given=local)[:2] == ("EVENT", 200)


def test_a_decline_on_an_unknown_day_leaves_the_treated_sites_open_and_nothing_else():
    local = {"endpoint": Endpoint(pfs_scope=Scope.LOCAL)}
    flags = {"local": [LocalResult.CONTROL] * 2}
    decline = Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=None)
    found = answers(["PR", "PD"], [84, 168], decline, flags=flags, given=local)
    assert ended(found["pfs"]) == ("MISSING", None, ["EVENT_DAY_MISSING"])
    assert [found[name].outcome for name in ("pfs_recist", "dor")] == ["EVENT", "EVENT"]
    assert pfs(["PR", "PD"], [84, 168], decline) == ("EVENT", 168, ["PFS_PROGRESSION"])


def test_a_duration_without_a_best_response_or_its_first_day_is_missing():
    assert ended(answers(["SD"], [None])["dor"]) == ("MISSING", None, ["BEST_RESPONSE_MISSING"])
    assert ended(answers(["PR", "PD"], [None, 168])["dor"]) == ("MISSING", None, ["VISIT_DAY_MISSING"])


def test_a_death_ends_no_complete_response():
    found = answers(["CR", "CR"], [84, 168], death(200))
    assert (found["duration_cr"].outcome, found["duration_cr"].values["day"]) == ("CENSORED", 168)
    assert (found["dor"].outcome, found["dor"].values["day"]) == ("EVENT", 200)


def test_survival_says_what_it_rests_on():
    for cause, code in (("PRIMARY_DISEASE", "OS_DEATH"), ("ACCIDENT", "OS_COMPETING")):
        found = answers(["SD"], [84], death(200, cause))["os_disease"]
        assert [(reason.code, reason.args["cause"]) for reason in found.because] == [(code, cause)]
        assert found.because[0].rule == OWN
    found = answers(["SD"], [84], death(200))["os"]
    assert (found.because[0].args["cause"], found.because[0].rule) == (
        "-",
        "FDA 2007, Clinical Trial Endpoints, III.A.1",
    )


def test_survival_counts_days_as_the_other_times_do():
    found = answers(["SD"], [84], death(200), anchor=1)["os"]
    assert (found.values["start_day"], found.values["days"]) == (1, 200)
    assert answers(["SD"], [84], death(200), anchor=1, tte_plus_one=False)["os"].values["days"] == 199


def test_survival_knows_of_the_day_of_the_cut_off_and_of_none_after_it():
    contact = Event(kind=EventKind.LAST_CONTACT, day=300)
    assert ended(answers(["SD"], [84], contact, cut_off=300)["os"])[1] == 300
    assert ended(answers(["SD"], [84], death(300), cut_off=300)["os"])[:2] == ("EVENT", 300)
    alive = answers(["SD"], [84])
    assert ended(alive["os_disease"]) == ended(alive["os"]) == ("CENSORED", 84, ["OS_ALIVE"])


def test_a_death_on_an_unknown_day_leaves_survival_open():
    found = answers(["SD"], [84], death(None, "ACCIDENT"))
    for name in ("os", "os_disease"):
        assert ended(found[name]) == ("MISSING", None, ["EVENT_DAY_MISSING"])


def test_the_settings_of_a_protocol_are_read():
    found = Settings.parse({"missed_max": 0, "dor_end": "pd"})
    assert (found.missed_max, found.dor_end, found.tte_plus_one) == (0, "pd", True)
    with pytest.raises(InvalidValue):
        Settings.parse({"missed_max": -1})
