"""Treated sites of a cohort: local control beside RECIST, its baseline by the days, and local progression-free survival."""

from __future__ import annotations

import csv

import pytest

from spinereview.criteria import parsers
from spinereview.resources import protocols
from spinereview.storage.protocols import read_protocol
from spinereview.workflow.cohort import assess_cohort
from spinereview.workflow.cohort_output import as_csv

HEADING = ("subject", "visit", "visit_order", "date", "lesion", "role", "nodal", "state", "mm", "new_status")
DATES = {"BL": "2024-01-02", "POST": "2024-01-20", "FU1": "2024-04-15", "FU2": "2024-07-15"}
SECTIONS = """
[baseline]
lc_baseline = "{baseline}"
lc_baseline_also = ["pre_procedure"]

[criterion.local_control]
lc_definition = "{definition}"
lc_also = ["LC_RECIST_NADIR", "LC_SPINO"]

[[endpoint]]
id = "local"
measure = "PFS"
anchor = "SURGERY"
pfs_scope = "local"
"""


def protocol(definition="LC_PROTOCOL_06120426", baseline="first_post_procedure_scan"):
    text = next(path for path in protocols() if path.stem == "generic").read_text(encoding="utf-8")
    return read_protocol(
        (text + SECTIONS.format(definition=definition, baseline=baseline)).encode(), "own.toml", parsers()
    )


@pytest.fixture
def assess(tmp_path):
    def run(sites, *, events=("S1,SURGERY,2024-01-10",), judged=None, own=None, state="MEASURED"):
        rows = [
            ("S1", visit, at, date, "T1", "TARGET", "false", "MEASURED", "40.0", "")
            for at, (visit, date) in enumerate(DATES.items())
        ]
        rows += [
            ("S1", visit, list(DATES).index(visit), DATES[visit], "S1", "TREATED_SITE", "false", state, mm, said)
            for (visit, mm), said in zip(sites.items(), judged or [""] * len(sites), strict=True)
        ]
        table, happened = tmp_path / "cohort.csv", tmp_path / "events.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADING, *rows])
        happened.write_text("\n".join(["subject,event,date", *events]) + "\n", encoding="utf-8")
        return assess_cohort(table, own or protocol(), happened)

    return run


SITES = {"BL": "50.0", "POST": "20.0", "FU1": "18.0", "FU2": "24.0"}


def test_the_first_scan_after_the_procedure_is_the_baseline_and_the_one_before_it_stands_beside(assess):
    cohort = assess(SITES)
    assert cohort.faults == ()
    found = cohort.answers[0].assessments
    outcomes = {key: one.outcome for key, one in found.items() if key.startswith("FU2/local_control")}
    assert outcomes == {
        "FU2/local_control/LC_PROTOCOL_06120426": "FAILURE",
        "FU2/local_control/LC_PROTOCOL_06120426/pre_procedure": "CONTROL",
        "FU2/local_control/LC_RECIST_NADIR": "FAILURE",
        "FU2/local_control/LC_RECIST_NADIR/pre_procedure": "FAILURE",
        "FU2/local_control/LC_SPINO": "NE",
    }
    assert found["FU2/target"].outcome == "SD"
    differs = found["FU2/local_control/LC_PROTOCOL_06120426"].warnings
    assert [reason.code for reason in differs] == ["LC_DIFFERS_FROM_RECIST"]


def test_local_progression_is_the_event_and_that_of_the_disease_stands_beside(assess, tmp_path):
    cohort = assess(SITES)
    found = cohort.answers[0].assessments
    pfs = found["local/pfs"]
    assert (pfs.outcome, pfs.values["days"]) == ("EVENT", 188)
    assert found["local/pfs_recist"].outcome == "CENSORED"
    responses = as_csv(cohort, tmp_path / "out")[0]
    with responses.open(encoding="utf-8", newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert last["local_control"].startswith("LC_PROTOCOL_06120426 FAILURE; ")


def test_a_judgement_is_read_from_the_row_of_the_site(assess):
    found = assess(SITES, judged=["", "NO", "EQUIVOCAL", "YES"], own=protocol("LC_SPINO")).answers[0].assessments
    assert [found[f"{visit}/local_control/LC_SPINO"].outcome for visit in ("FU1", "FU2")] == ["FAILURE", "FAILURE"]
    assert found["local/pfs"].values["days"] == 97


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((), "MISSING"),
        (("S1,SURGERY,2024-01-10", "S1,PROCEDURE,2024-01-12"), "MISSING"),
        (("S1,SURGERY,2024-01-10", "S1,POST_PROCEDURE_RT,2024-01-19"), "NEEDS_INPUT"),
        (("S1,SURGERY,2024-01-10", "S1,POST_PROCEDURE_RT,2024-01-20"), "FAILURE"),
        (("S1,SURGERY,2024-07-15",), "MISSING"),
    ],
)
def test_a_baseline_that_the_days_do_not_tell_is_not_guessed(assess, events, outcome):
    found = assess(SITES, events=events).answers[0].assessments
    assert found["local_control/LC_PROTOCOL_06120426"].outcome == outcome


def test_before_radiotherapy_is_the_last_scan_before_it_began(assess):
    own = protocol(baseline="pre_RT")
    start = ("S1,SURGERY,2024-01-10", "S1,POST_PROCEDURE_RT,2024-01-21")
    found = assess(SITES, events=start, own=own).answers[0].assessments
    assert found["FU1/local_control/LC_PROTOCOL_06120426"].values["baseline_sum_mm"] == 20
    for end, baseline in (("2024-01-10", 50), ("2024-02-01", None)):
        found = assess(SITES, events=("S1,SURGERY,2024-01-10", f"S1,RT_END,{end}"), own=own).answers[0].assessments
        one = found.get("FU1/local_control/LC_PROTOCOL_06120426")
        assert (None if one is None else one.values["baseline_sum_mm"]) == baseline


def test_without_a_usable_row_of_a_site_local_progression_is_missing(assess):
    for sites in ({}, {**SITES, "FU2": "wide"}):
        cohort = assess(sites)
        found = cohort.answers[0].assessments
        assert not [key for key in found if "local_control" in key]
        assert [reason.code for reason in found["local/pfs"].missing] in (["LOCAL_RESULT_MISSING"], ["VISIT_UNSETTLED"])


def test_a_site_without_a_row_at_a_visit_of_sites_is_not_evaluable(assess):
    found = assess({"POST": "20.0", "FU1": "18.0"}).answers[0].assessments
    assert [key for key in found if key.startswith("FU2/local_control")] == []
    assert found["local_control/LC_RECIST_NADIR"].outcome == "CONTROL"


@pytest.mark.parametrize(("carrier", "wrong"), [("T1", True), ("A", True), ("none", True), ("B", False)])
def test_a_site_that_merged_into_no_other_site_is_a_wrong_row_and_stops_no_other_subject(tmp_path, carrier, wrong):
    rows = [
        (subject, visit, at, date, "T1", "TARGET", "false", "MEASURED", "40.0", "")
        for subject in ("S1", "S2")
        for at, (visit, date) in enumerate(DATES.items())
    ]
    rows += [
        (subject, visit, at, date, site, "TREATED_SITE", "false", "MEASURED", "20.0", "")
        for subject in ("S1", "S2")
        for site in ("A", "B")
        for at, (visit, date) in enumerate(DATES.items())
        if (subject, site, visit) != ("S1", "A", "FU2")
    ]
    rows.append(("S1", "FU2", 3, DATES["FU2"], "A", "TREATED_SITE", "false", "MERGED", "", carrier))
    table, happened = tmp_path / "cohort.csv", tmp_path / "events.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(*HEADING[:-1], "carrier"), *rows])
    happened.write_text("subject,event,date\nS1,SURGERY,2024-01-10\nS2,SURGERY,2024-01-10\n", encoding="utf-8")
    cohort = assess_cohort(table, protocol(), happened)
    told = [(fault.line, fault.column, fault.code) for fault in cohort.faults]
    assert told == ([(len(rows) + 1, "carrier", "CELL_CARRIER_NOT_SITE")] if wrong else [])
    first, second = cohort.answers
    assert any(key.startswith("FU2/local_control") for key in first.assessments) is not wrong
    assert second.assessments["FU2/local_control/LC_PROTOCOL_06120426"].outcome == "CONTROL"
