"""A cohort from a long table: responses, the nadir of each reader, days where they are known, and rows that are wrong."""

from __future__ import annotations

import csv
import gc
import json
import subprocess
import sys

import pytest

from spinereview import cli
from spinereview.criteria import parsers
from spinereview.errors import CaseError, UsageError
from spinereview.resources import protocols
from spinereview.storage.protocols import read_protocol
from spinereview.text import explain
from spinereview.workflow.cohort import assess_cohort, is_cohort
from spinereview.workflow.protocol_files import read
from spinereview.workflow.table_file import span_of

HEADING = "subject,reader,visit,visit_order,date,lesion,role,nodal,site,state,mm,part,carrier,new_status"
DATES = {"BL": "2024-01-02", "FU1": "2024-03-05", "FU2": "2024-05-07", "FU3": "2024-07-09"}


def row(visit, lesion="T1", mm="", *, subject="S1", reader="R1", role="TARGET", state=None, nodal="false", **more):
    cells = {
        "subject": subject,
        "reader": reader,
        "visit": visit,
        "visit_order": str(list(DATES).index(visit)) if visit in DATES else "",
        "date": DATES.get(visit, ""),
        "lesion": lesion,
        "role": role,
        "nodal": nodal,
        "site": "BONE",
        "state": ("MEASURED" if mm else "") if state is None else state,
        "mm": mm,
        **more,
    }
    return ",".join(cells.get(name, "") for name in HEADING.split(","))


@pytest.fixture
def assess(tmp_path):
    def run(*rows, events=(), heading=HEADING):
        table = tmp_path / "cohort.csv"
        table.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
        happened = tmp_path / "events.csv"
        happened.write_text("\n".join(["subject,event,date,cause", *events]) + "\n", encoding="utf-8")
        return assess_cohort(table, read("generic"), happened if events else None)

    return run


def outcomes(cohort, of="overall"):
    return {
        (one.subject, one.reader): [one.assessments[f"{visit}/{of}"].outcome for visit in one.visits[1:]]
        for one in cohort.answers
    }


def faults(cohort):
    return [(fault.line, fault.column, fault.code) for fault in cohort.faults]


def test_lesson_15_a_nadir_is_that_of_the_subject_and_the_reader(assess):
    cohort = assess(
        *(row(visit, mm=mm, reader="R1") for visit, mm in (("BL", "50"), ("FU1", "30"), ("FU2", "36"))),
        *(row(visit, mm=mm, reader="R2") for visit, mm in (("BL", "50"), ("FU1", "40"), ("FU2", "36"))),
        *(row(visit, mm=mm, subject="S2", reader="R1") for visit, mm in (("BL", "20"), ("FU1", "20"), ("FU2", "20"))),
    )
    assert outcomes(cohort) == {
        ("S1", "R1"): ["PR", "PD"],
        ("S1", "R2"): ["SD", "SD"],
        ("S2", "R1"): ["SD", "SD"],
    }
    nadirs = [one.assessments["FU2/target"].values["nadir_mm"] for one in cohort.answers]
    assert nadirs == [30, 40, 20]


def test_a_lesion_without_a_row_is_not_evaluable_and_says_so(assess):
    cohort = assess(row("BL", mm="30"), row("BL", "T2", "20"), row("FU1", mm="31"))
    (answers,) = cohort.answers
    assert answers.assessments["FU1/target"].outcome == "NE"
    codes = [(reason.code, reason.args["lesion"]) for reason in answers.assessments["FU1/target"].warnings]
    assert codes == [("NO_ROW", "T2")]
    assert cohort.faults == ()


def test_the_order_of_the_rows_changes_nothing(assess):
    rows = [row("BL", mm="50"), row("FU1", mm="30"), row("FU2", mm="36")]
    assert outcomes(assess(*rows)) == outcomes(assess(*reversed(rows)))


def test_visits_are_ordered_by_their_dates_where_they_have_no_number(assess):
    given = {"visit_order": ""}
    rows = [row("FU2", mm="36", **given), row("BL", mm="50", **given), row("FU1", mm="30", **given)]
    assert outcomes(assess(*rows))["S1", "R1"] == ["PR", "PD"]


def test_a_partial_date_gives_the_response_and_leaves_its_days_missing(assess):
    reference = ["S1,REFERENCE,2024-01-05,"]
    rows = [row("BL", mm="50"), row("FU1", mm="30", date="2024-02")]
    answers = assess(*rows, events=reference).answers[0]
    assert answers.assessments["FU1/overall"].outcome == "PR"
    assert answers.assessments["best_response/unconfirmed"].outcome == "PR"
    assert answers.assessments["best_response/unconfirmed"].values["day"] is None
    # From 2024-02-01 to -29 it is 27 to 55 days: whether the response is late enough for SD nobody knows.
    confirmed = answers.assessments["best_response/confirmed"]
    assert (confirmed.outcome, [reason.code for reason in confirmed.missing]) == ("MISSING", ["VISIT_DAY_MISSING"])
    late = assess(row("BL", mm="50"), row("FU1", mm="30", date="2024-03"), events=reference).answers[0]
    assert late.assessments["best_response/confirmed"].outcome == "SD"


@pytest.mark.parametrize(
    ("text", "days"), [("2024-02-29", 1), ("2024-02", 29), ("2023-02", 28), ("2024", 366), ("2024-12", 31)]
)
def test_a_date_known_in_part_is_all_its_days(text, days):
    span = span_of(text)
    assert span.latest - span.earliest + 1 == days


@pytest.mark.parametrize(
    "text", ["2023-02-29", "2024-13", "2024-1-5", "17.05.2024", "2024-05-17-1", "", "20240517", "0000"]
)
def test_what_is_no_date_is_told_from_one(text):
    assert span_of(text) is None


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"mm": "12.5 mm"}, "mm", "CELL_MM"),
        ({"mm": "1_2"}, "mm", "CELL_MM"),
        ({"mm": "-3"}, "mm", "CELL_MM"),
        ({"mm": "1" + "0" * 15}, "mm", "CELL_MM"),
        ({"mm": "1." + "3" * 31}, "mm", "CELL_MM"),
        ({"mm": "0"}, "mm", "CELL_MM_ZERO"),
        ({"mm": "", "state": "MEASURED"}, "mm", "CELL_MM_MISSING"),
        ({"mm": "3", "state": "ABSENT"}, "mm", "CELL_MM_WITH_STATE"),
        ({"mm": "", "state": "PRESENT"}, "state", "CELL_WORD"),
        ({"mm": "", "state": "MERGED"}, "carrier", "CELL_CARRIER"),
        ({"mm": "", "state": "MERGED", "carrier": "T9"}, "carrier", "CELL_CARRIER_NOT_TARGET"),
        ({"mm": "3", "state": "SPLIT"}, "part", "CELL_PART"),
    ],
)
def test_a_wrong_row_is_named_and_leaves_its_own_visit_open(assess, change, column, code):
    cohort = assess(
        row("BL", mm="30"),
        row("FU1", **{"mm": "30", **change}),
        row("FU2", mm="30"),
        row("BL", mm="20", subject="S2"),
        row("FU1", mm="10", subject="S2"),
    )
    assert faults(cohort) == [(3, column, code)]
    assert outcomes(cohort) == {("S1", "R1"): ["INCOMPLETE", "SD"], ("S2", "R1"): ["PR"]}
    told = cohort.faults[0].words
    assert told.startswith(f"cohort.csv, line 3, column {column}: ")
    assert "{" not in told


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"nodal": "maybe"}, "nodal", "CELL_WORD"),
        ({"nodal": "true"}, "nodal", "CELL_DIFFERS"),
        ({"role": "MAIN"}, "role", "CELL_WORD"),
        ({"role": "NON_TARGET", "state": "PRESENT", "mm": ""}, "role", "CELL_DIFFERS"),
        ({"lesion": ""}, "lesion", "CELL_EMPTY"),
        ({"lesion": "T\x00"}, "lesion", "CELL_UNPRINTABLE"),
        ({"part": "a\x07"}, "part", "CELL_UNPRINTABLE"),
        ({"lesion": "T9"}, "role", "LESION_NOT_AT_BASELINE"),
        ({"visit_order": "x"}, "visit_order", "CELL_ORDER"),
        ({"mm": "30,5"}, "", "ROW_CUT"),
    ],
)
def test_a_row_of_which_the_lesion_cannot_be_told_withholds_the_subject_alone(assess, change, column, code):
    cohort = assess(
        row("BL", mm="30"),
        row("FU1", **{"mm": "30", **change}),
        row("BL", mm="20", subject="S2"),
        row("FU1", mm="10", subject="S2"),
    )
    assert (3, column, code) in faults(cohort)
    first, second = cohort.answers
    assert (dict(first.assessments), first.refused.line) == ({}, 3)
    assert second.assessments["FU1/overall"].outcome == "PR"


def test_a_lesion_that_stands_twice_at_a_visit_withholds_the_subject(assess):
    cohort = assess(row("BL", mm="30"), row("FU1", mm="30"), row("FU1", mm="50"))
    assert faults(cohort) == [(4, "lesion", "ROW_TWICE")]
    assert cohort.answers[0].refused is not None


def test_visits_without_a_clear_order_withhold_the_subject(assess):
    for given in ({"visit_order": "1"}, {"visit_order": "", "date": "2024"}):
        cohort = assess(row("BL", mm="30", **given), row("FU1", mm="30", **given))
        assert [fault.code for fault in cohort.faults] == ["VISITS_WITHOUT_ORDER"]
        assert cohort.answers[0].refused is not None


def test_dates_against_the_order_leave_out_what_needs_days(assess):
    cohort = assess(row("BL", mm="30"), row("FU1", mm="15", date="2023-03-05"), events=["S1,REFERENCE,2024-01-01,"])
    assert faults(cohort) == [(3, "date", "CELL_DATE_BEFORE")]
    found = cohort.answers[0].assessments
    assert (found["FU1/overall"].outcome, found["best_response/confirmed"].outcome) == ("PR", "MISSING")


def test_a_date_that_is_none_is_named_and_gives_the_response(assess):
    cohort = assess(row("BL", mm="30"), row("FU1", mm="15", date="5.3.2024"))
    assert faults(cohort) == [(3, "date", "CELL_DATE")]
    assert outcomes(cohort)["S1", "R1"] == ["PR"]


def test_fragments_and_masses_reach_the_sum(assess):
    cohort = assess(
        *(row("BL", lesion, mm) for lesion, mm in (("T1", "30"), ("T2", "20"))),
        row("FU1", mm="12", state="SPLIT", part="a"),
        row("FU1", state="TOO_SMALL", part="b"),
        row("FU1", "T2", "20"),
        row("FU2", mm="41"),
        row("FU2", "T2", state="MERGED", carrier="T1"),
    )
    assert cohort.faults == ()
    sums = [cohort.answers[0].assessments[f"{visit}/target"].values["sum_mm"] for visit in ("FU1", "FU2")]
    assert sums == [37, 41]


def test_a_new_lesion_keeps_its_last_word_and_is_dated_back(assess):
    cohort = assess(
        *(row(visit, mm="30") for visit in DATES),
        row("FU1", "N1", role="NEW", new_status="EQUIVOCAL"),
        row("FU3", "N1", role="NEW", new_status="YES"),
    )
    assert outcomes(cohort)["S1", "R1"] == ["PD", "PD", "PD"]
    answers = cohort.answers[0].prepared
    assert [answers.days[visit].new_day is None for visit in DATES] == [True, False, True, False]


def test_a_wrong_row_of_a_new_lesion_leaves_the_visit_open(assess):
    cohort = assess(row("BL", mm="30"), row("FU1", mm="30"), row("FU1", "N1", role="NEW", new_status="SURE"))
    assert faults(cohort) == [(4, "new_status", "CELL_WORD")]
    assert outcomes(cohort)["S1", "R1"] == ["INCOMPLETE"]
    cohort = assess(row("BL", mm="30"), row("BL", "N1", role="NEW", new_status="YES"))
    assert faults(cohort) == [(3, "role", "ROW_NEW_AT_BASELINE")]


def test_a_craniocaudal_extent_is_no_diameter_of_the_response(assess):
    cohort = assess(row("BL", mm="30"), row("BL", mm="44", part="cc"), row("FU1", mm="30"))
    assert cohort.answers[0].assessments["BL/target"].values["sum_mm"] == 30


def test_subjects_without_target_lesions_and_without_disease_are_assessed(assess):
    present = {"role": "NON_TARGET", "state": "PRESENT"}
    cohort = assess(
        row("BL", "NT1", **present),
        row("FU1", "NT1", **present),
        events=["S1,REFERENCE,2024-01-01,"],
    )
    assert cohort.answers[0].assessments["best_response"].outcome == "NON_CR_NON_PD"


def test_events_are_days_of_their_subject(assess):
    rows = [row(visit, mm=mm) for visit, mm in (("BL", "50"), ("FU1", "50"), ("FU2", "30"))]
    reference = "S1,REFERENCE,2024-01-05,"
    assert best(assess(*rows, events=[reference])) == "PR"
    assert best(assess(*rows, events=[reference, "S1,NEW_THERAPY,2024-05-06,"])) == "SD"
    assert best(assess(*rows, events=[reference, "S1,NEW_THERAPY,2024-05-07,"])) == "PR"
    assert best(assess(*rows, events=[reference, ",CUT_OFF,2024-05-06,"])) == "SD"
    assert best(assess(*rows, events=[reference, "S1,NEW_THERAPY,2024-05,"])) == "MISSING"
    assert best(assess(*rows)) == "PR"


def test_a_baseline_without_a_sum_censors_at_the_start(assess):
    rows = [row("BL", mm="50"), row("BL", "T2", state="NE"), row("FU1", mm="50"), row("FU1", "T2", "10")]
    found = assess(*rows, events=["S1,REFERENCE,2024-01-05,"]).answers[0].assessments["pfs"]
    assert (found.outcome, [reason.code for reason in found.because]) == ("CENSORED", ["PFS_NO_BASELINE"])


def best(cohort):
    return cohort.answers[0].assessments["best_response"].outcome


def test_endpoints_and_rates_of_the_protocol_are_answered(tmp_path):
    text = next(path for path in protocols() if path.stem == "generic").read_text(encoding="utf-8")
    text += """
[criterion.best_response]
confirm = false

[criterion.endpoints]
missed_max = 1

[[visit]]
name = "FU1"
anchor = "RANDOMISATION"
day = 63
minus = 7
plus = 7
modalities = ["MRI"]

[[endpoint]]
id = "main"
measure = "PFS"
role = "primary"

[[endpoint]]
id = "at_9_weeks"
measure = "ORR"
landmarks = [63]
"""
    protocol = read_protocol(text.encode(), "own.toml", parsers())
    table, events = tmp_path / "cohort.csv", tmp_path / "events.csv"
    rows = [row(visit, mm=mm) for visit, mm in (("BL", "50"), ("FU1", "30"), ("FU2", "60"))]
    rows += [row("BL", mm="50", subject="S2"), row("BL", mm="50", subject="S3", nodal="?")]
    table.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    happened = ["S1,REFERENCE,2024-01-02,", "S2,REFERENCE,2024-01-02,", "S2,DEATH,2024-02-01,"]
    events.write_text("\n".join(["subject,event,date,cause", *happened]), encoding="utf-8")
    cohort = assess_cohort(table, protocol, events)
    first, second, _ = cohort.answers
    pfs = first.assessments["main/pfs"]
    assert (pfs.outcome, pfs.values["days"]) == ("EVENT", 127)
    assert (second.assessments["main/pfs"].outcome, second.assessments["main/pfs"].values["days"]) == ("EVENT", 31)
    assert first.assessments["at_9_weeks/landmark/63"].outcome == "RESPONDER"
    assert {key for key in first.assessments if key.startswith("main/")} == {
        *("main/progression", "main/pfs", "main/pfs_alt")
    }
    rate = cohort.rates["R1"]["at_9_weeks/orr"]
    assert (rate.outcome, rate.values["responders"], rate.values["subjects"]) == ("MISSING", 1, 3)
    assert [reason.args["subject"] for reason in rate.missing] == ["S3"]


@pytest.mark.parametrize(
    ("event", "column", "code"),
    [
        ("S1,BIRTH,1960-01-01,", "event", "CELL_WORD"),
        ("S1,DEATH,soon,", "date", "CELL_DATE"),
        ("S1,RT_END,2024-05,", "date", "CELL_DATE_IN_FULL"),
        ("S9,DEATH,2024-05-01,", "subject", "EVENT_SUBJECT_UNKNOWN"),
        ("S1,REFERENCE,2024-01-06,", "event", "EVENT_TWICE"),
        ("S1,DEATH,2024-05-01", "", "ROW_CUT"),
    ],
)
def test_a_wrong_event_is_named_and_withholds_what_needs_days_of_its_subject(assess, event, column, code):
    rows = [row(visit, mm="30", subject=subject) for subject in ("S1", "S2") for visit in ("BL", "FU1")]
    cohort = assess(*rows, events=["S1,REFERENCE,2024-01-05,", "S2,REFERENCE,2024-01-05,", event])
    assert faults(cohort) == [(4, column, code)]
    first, second = (one.assessments["best_response"] for one in cohort.answers)
    assert second.outcome == "SD"
    if not event.startswith("S9"):
        assert (first.outcome, [reason.code for reason in first.missing]) == ("MISSING", ["SCHEDULE"])


@pytest.mark.parametrize(
    ("heading", "code", "column"),
    [
        (HEADING.replace(",mm", ""), "TABLE_COLUMN_MISSING", "mm"),
        (HEADING + ",colour", "TABLE_COLUMN_UNKNOWN", "colour"),
        (HEADING.replace("site", "mm"), "TABLE_COLUMN_TWICE", "mm"),
    ],
)
def test_a_wrong_heading_is_refused(assess, heading, code, column):
    with pytest.raises(CaseError) as raised:
        assess(heading=heading)
    assert (raised.value.code, raised.value.arguments["column"]) == (code, column)
    assert "cohort.csv" in explain(raised.value)


def test_tables_with_semicolons_tabs_and_a_mark_of_byte_order_are_read(tmp_path):
    for mark, between in (("", ";"), ("\ufeff", "\t"), ("\ufeff", ",")):
        path = tmp_path / "cohort.csv"
        lines = [HEADING.upper(), row("BL", mm="30"), row("FU1", mm="10")]
        path.write_text(mark + "\r\n".join(lines).replace(",", between), encoding="utf-8")
        assert is_cohort(path)
        assert outcomes(assess_cohort(path, read("generic")))["S1", "R1"] == ["PR"]


def test_what_is_neither_a_read_nor_a_table_is_refused(tmp_path):
    for content in (b"\xff\xfe\x00", b"a,b\n1,2\n", b""):
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(UsageError) as raised:
            is_cohort(path)
        assert raised.value.code == "ASSESS_NEITHER"
    (tmp_path / "read").write_bytes(b"SQLite format 3\0rest")
    assert not is_cohort(tmp_path / "read")


def test_the_command_leaves_tables_and_tells_wrong_rows(tmp_path, capsys):
    table, events, out = tmp_path / "cohort.csv", tmp_path / "events.csv", tmp_path / "out"
    rows = [row("BL", mm="50"), row("FU1", mm="30"), row("FU2", mm="3O"), row("BL", mm="50", subject="S2", nodal="?")]
    table.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    events.write_text("subject,event,date,cause\nS1,REFERENCE,2024-01-05,\n", encoding="utf-8")
    words = ["assess", str(table), "--protocol", "generic", "--events", str(events)]
    assert cli.main([*words, "--csv", str(out)]) == 4
    written = capsys.readouterr()
    assert written.out.split() == [
        str(out / name) for name in ("responses.csv", "subjects.csv", "rates.csv", "wrong_rows.csv")
    ]
    assert "cohort.csv, line 4, column mm" in written.err
    with (out / "responses.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(one["visit"], one["date"], one["overall"], one["sum_mm"]) for one in listed] == [
        ("BL", "2024-01-02", "BASELINE", "50.0"),
        ("FU1", "2024-03-05", "PR", "30.0"),
        ("FU2", "2024-05-07", "INCOMPLETE", ""),
    ]
    with (out / "wrong_rows.csv").open(encoding="utf-8", newline="") as file:
        assert [(one["line"], one["column"]) for one in csv.DictReader(file)] == [("4", "mm"), ("5", "nodal")]
    assert cli.main([*words, "--json"]) == 4
    tree = json.loads(capsys.readouterr().out)
    assert [one["refused"] is None for one in tree["subjects"]] == [True, False]
    assert tree["subjects"][0]["assessments"]["FU1/overall"]["outcome"] == "PR"
    assert cli.main(words) == 4
    assert "FU1: PR, PR: 30.0 mm" in capsys.readouterr().out


def test_as_a_process_a_right_table_ends_with_0_and_dates_are_dates(tmp_path):
    table, events = tmp_path / "cohort.csv", tmp_path / "events.csv"
    table.write_text("\n".join([HEADING, row("BL", mm="50"), row("FU1", mm="30")]), encoding="utf-8")
    events.write_text("subject,event,date,cause\nS1,REFERENCE,2024-01-05,\n", encoding="utf-8")
    command = [sys.executable, "-m", "spinereview", "assess", str(table), "--events", str(events), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    best_response = json.loads(done.stdout)["subjects"][0]["assessments"]["best_response"]
    assert best_response["values"]["date"] == "2024-03-05"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--protocol", "no-such"], "There is no protocol no-such. Give a file, or one of: "),
        (["--events", "no-such.csv"], "no-such.csv"),
    ],
)
def test_words_that_cannot_be_used_are_told(tmp_path, capsys, words, part):
    table = tmp_path / "cohort.csv"
    table.write_text(HEADING + "\n", encoding="utf-8")
    assert cli.main(["assess", str(table), *words]) == 2
    assert part in capsys.readouterr().err


def test_a_read_takes_no_protocol_and_no_events(tmp_path, capsys):
    read = tmp_path / "a.srread"
    read.write_bytes(b"SQLite format 3\0rest")
    assert cli.main(["assess", str(read), "--protocol", "generic"]) == 2
    assert "bound to its own protocol" in capsys.readouterr().err


def test_the_search_for_cycles_goes_on_after_a_cohort_whatever_came_of_it(assess, tmp_path):
    assert gc.isenabled()
    assess(row("BL", mm="30"), row("FU1", mm="20"))
    assert gc.isenabled()
    with pytest.raises(CaseError):
        assess_cohort(tmp_path / "none.csv", read("generic"))
    assert gc.isenabled()
    gc.disable()
    try:
        assess(row("BL", mm="30"), row("FU1", mm="20"))
        assert not gc.isenabled()
    finally:
        gc.enable()
