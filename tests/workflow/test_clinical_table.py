"""A table of an investigator into a clinical record: begun apart from blinded reads, filled by rows, shown with scores."""

from __future__ import annotations

import json
import runpy
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from spinereview import cli
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.clinical import ClinicalEventKind
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.table import Table
from spinereview.errors import CaseError, Refused, UsageError
from spinereview.resources import resource
from spinereview.review.clinical import tell_record
from spinereview.text import catalogue, explain, sentence
from spinereview.workflow.case_file import NAME, CaseFile, write_case_file
from spinereview.workflow.clinical_folder import begin_record, writing
from spinereview.workflow.clinical_import import import_table
from spinereview.workflow.clinical_rows import COLUMNS
from spinereview.workflow.clinical_scores import baseline_visit
from spinereview.workflow.clinical_show import as_json, as_text, show_record
from spinereview.workflow.protocol_files import read as read_protocol
from spinereview.workflow.reads import PROTOCOL, new_read

ROOT = Path(__file__).parents[2]
HEAD = "visit,day,nrs_worst,omed,frankel,event,cause,grade,reason\n"


def case_folder(folder, protocol="nct06120426", timepoints=()):
    """A case folder without images, bound to a protocol that the program carries."""
    folder.mkdir(parents=True)
    source = resource("protocols", f"{protocol}.toml")
    (folder / PROTOCOL).write_bytes(source.read_bytes())
    listed = {name: Timepoint(id=name, label=name, ordinal=at) for at, name in enumerate(timepoints)}
    case = Case(
        id="c1",
        subject_code="K7QX",
        protocol_sha256=read_protocol(protocol).sha256,
        timepoints=Table(listed),
    )
    studies = Table(dict.fromkeys(listed, ()))
    write_case_file(folder / NAME, CaseFile(case=case, patient_sha256="0" * 64, sources=(), studies=studies))
    return folder


@pytest.fixture
def record(tmp_path, workstation):
    return begin_record(case_folder(tmp_path / "K7QX"), "I1", None, workstation)


@pytest.fixture
def fill(tmp_path, workstation, record):
    """Imports rows, each time a table of its own; what became of them."""

    def imported(text, day_zero="", investigator=""):
        table = tmp_path / "table.csv"
        table.write_text(text, encoding="utf-8")
        with writing(record, None, investigator, workstation) as session:
            return import_table(session, table, day_zero)

    return imported


def test_a_blinded_case_gets_its_record_in_a_folder_beside_it(tmp_path, record):
    assert record == tmp_path / "K7QX-clinical" / "K7QX.srclin"
    files = {path.name for path in record.parent.iterdir()} - {"K7QX.srclin-journal"}
    assert files == {"K7QX.srclin", NAME, PROTOCOL}
    assert sorted(path.name for path in (tmp_path / "K7QX").iterdir()) == [NAME, PROTOCOL]


def test_an_open_case_keeps_its_record_in_its_own_folder(tmp_path, workstation):
    folder = case_folder(tmp_path / "A", "generic", ("BL",))
    assert begin_record(folder, "I1", None, workstation) == folder / "K7QX.srclin"


def test_a_record_is_not_begun_beside_a_blinded_read_nor_among_another_case(tmp_path, workstation):
    folder = case_folder(tmp_path / "K7QX")
    known = read_protocol("nct06120426")
    case = Case(id="c1", subject_code="K7QX", protocol_sha256=known.sha256)
    new_read(folder / "R1.srread", case, known, "R1", workstation).close()
    with pytest.raises(CaseError, match="RECORD_BESIDE_READ"):
        begin_record(folder, "I1", folder, workstation)
    other = case_folder(tmp_path / "other")
    text = (other / NAME).read_text(encoding="utf-8").replace('"c1"', '"c2"')
    (other / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="RECORD_FOLDER_OF_OTHER_CASE"):
        begin_record(folder, "I1", other, workstation)
    assert not list(other.glob("*.srclin"))


def test_rows_become_answers_and_events_each_through_the_door(fill, record, workstation):
    done = fill(
        HEAD
        + "BL,-1,7,40,D,,,,\n"
        + "M3,91,4,40.5,E,,,,\n"
        + ",0,,,,SURGERY,,,\n"
        + ",12,,,,adverse event,Wound infection,2,\n"
        + ",unknown,,,,LAST_CONTACT,,,\n"
    )
    assert (done.recorded, done.corrected, done.unchanged, done.faults) == (11, 0, 0, ())
    with writing(record, None, "", workstation) as session:
        head = session.head
        told = [tell_record(entry.name, entry.args) for entry in session.history()]
    assert {item: answer.value for item, answer in head.visits["M3"].items()} == {
        "DAY": 91,
        "NRS_WORST": 4,
        "OMED": Decimal("40.5"),
        "FRANKEL": "E",
    }
    assert [(event.kind, event.day, event.cause, event.grade) for event in head.events.values()] == [
        (ClinicalEventKind.SURGERY, 0, "", None),
        (ClinicalEventKind.ADVERSE_EVENT, 12, "Wound infection", 2),
        (ClinicalEventKind.LAST_CONTACT, None, "", None),
    ]
    lines = [sentence(one.code, one.args) for one in told]
    assert {"BL: FRANKEL D", "M3: OMED 40.5", "SURGERY on day 0", "LAST_CONTACT, day not known"} <= set(lines)


@pytest.mark.parametrize("word", ["PRIMARY_DISEASE", "primary disease", "Primary-Disease"])
def test_a_cause_of_death_that_a_rule_asks_for_is_known_however_it_is_spelt(fill, record, word):
    fill(f"event,day,cause\nDEATH,300,{word}\n")
    assert show_record(record).record.events["E01"].cause == "PRIMARY_DISEASE"


def test_a_table_that_grew_is_given_again_and_changes_nothing_twice(fill):
    text = HEAD + "BL,-1,7,40,D,,,,\n,0,,,,SURGERY,,,\n"
    assert fill(text).recorded == 5
    again = fill(text + "M3,91,2,40,D,,,,\n")
    assert (again.recorded, again.unchanged, again.faults) == (4, 5, ())


def test_what_is_recorded_is_corrected_only_with_a_reason(fill, record):
    fill(HEAD + "BL,-1,7,40,D,,,,\n,30,,,,NEW_THERAPY,,,\n")
    refused = fill(HEAD + "BL,-1,6,40,E,,,,\n")
    assert [(fault.line, fault.column, fault.code) for fault in refused.faults] == [
        (2, "nrs_worst", "CELL_THERE"),
        (2, "frankel", "CELL_THERE"),
    ]
    assert (refused.recorded, refused.corrected) == (0, 0)
    done = fill("visit,nrs_worst,event,id,day,reason\nBL,6,,,,misread\n,,NEW_THERAPY,E01,31,typed wrong\n")
    assert (done.corrected, done.unchanged, done.faults) == (2, 0, ())
    shown = show_record(record).record
    assert (shown.visits["BL"]["NRS_WORST"].value, shown.visits["BL"]["NRS_WORST"].reason) == (6, "misread")
    assert shown.events["E01"].day == 31


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        pytest.param("M3,1,11,,,,,,", "nrs_worst", "CELL_ITEM_VALUE", id="pain over 10"),
        pytest.param("M3,1,3.5,,,,,,", "nrs_worst", "CELL_ITEM_VALUE", id="pain no whole number"),
        pytest.param("M3,1,,-1,,,,,", "omed", "CELL_ITEM_VALUE", id="negative dose"),
        pytest.param("M3,1,,,F,,,,", "frankel", "CELL_ITEM_VALUE", id="no such grade"),
        pytest.param("M99,1,3,,,,,,", "visit", "RECORD_VISIT_UNKNOWN", id="no such visit"),
        pytest.param("M3,1.5,3,,,,,,", "day", "CELL_DAY", id="half a day"),
        pytest.param("M3,,,,,,,,", "", "ROW_SAYS_NOTHING", id="nothing said"),
        pytest.param(",1,3,,,,,,", "visit", "CELL_VISIT_OR_EVENT", id="no visit"),
        pytest.param("M3,1,3,,,,cause,,", "cause", "CELL_EVENT_ONLY", id="cause of a visit"),
        pytest.param(",1,3,,,DEATH,,,", "nrs_worst", "CELL_VISIT_ONLY", id="pain of an event"),
        pytest.param(",,,,,DEATH,,,", "day", "CELL_EVENT_DAY", id="event without a day"),
        pytest.param(",1,,,,DIED,,,", "event", "CELL_WORD", id="no such event"),
        pytest.param(",1,,,,ADVERSE_EVENT,Fall,,", "grade", "EVENT_GRADE", id="adverse event without a grade"),
        pytest.param(",1,,,,ADVERSE_EVENT,Fall,6,", "grade", "EVENT_GRADE", id="grade 6"),
        pytest.param(",1,,,,ADVERSE_EVENT,Fall,two,", "grade", "CELL_GRADE", id="grade in a word"),
        pytest.param(",5,,,,SURGERY,,,", "event", "EVENT_HAPPENS_ONCE", id="surgery twice"),
        pytest.param("M3,1,3", "", "ROW_CUT", id="too few cells"),
    ],
)
def test_a_wrong_row_is_named_and_stops_no_other(fill, record, row, column, code):
    done = fill(HEAD + ",0,,,,SURGERY,,,\n" + row + "\nM6,183,2,,,,,,\n")
    assert [(fault.line, fault.column, fault.code) for fault in done.faults] == [(3, column, code)]
    assert "{" not in done.faults[0].words
    assert done.recorded == 3
    shown = show_record(record).record
    assert list(shown.visits) == ["M6"]
    assert [event.kind for event in shown.events.values()] == [ClinicalEventKind.SURGERY]


def test_items_may_stand_in_rows_of_their_own(fill, record):
    done = fill("visit;item;value\nBL;QLQ_29;5\nBL;second primary;no\nBL;SECOND_PRIMARY;no\nBL;;4\nBL;DAY;4\n")
    assert [(fault.line, fault.column, fault.code) for fault in done.faults] == [
        (3, "item", "CELL_ITEM"),
        (5, "value", "CELL_ITEM_WITHOUT_VALUE"),
        (6, "item", "CELL_ITEM"),
    ]
    assert {item: answer.value for item, answer in show_record(record).record.visits["BL"].items()} == {
        "QLQ_29": 5,
        "SECOND_PRIMARY": False,
    }


def test_dates_are_counted_from_one_day_zero_which_the_record_does_not_hold(fill, record):
    rows = "visit,date,day,nrs_worst,event\nBL,2024-03-01,,7,\n,2024-03-02,0,,SURGERY\n"
    with pytest.raises(UsageError, match="DAY_ZERO_NEEDED"):
        fill(rows)
    with pytest.raises(UsageError, match="DAY_ZERO_INVALID"):
        fill(rows, "2024-03")
    assert fill(rows, "2024-03-02").recorded == 3
    shown = show_record(record)
    assert (shown.record.visits["BL"]["DAY"].value, shown.record.events["E01"].day) == (-1, 0)
    assert b"2024-03-0" not in record.read_bytes()
    with pytest.raises(CaseError, match="DAY_ZERO_DIFFERS"):
        fill(rows, "2024-03-01")
    later = fill("visit,date,day,event\nM3,2024-06-01,92,\n,2024-05,,DEATH\n,unknown,,LAST_CONTACT\n", "2024-03-02")
    assert [(fault.line, fault.column, fault.code) for fault in later.faults] == [
        (2, "date", "CELL_DAY_DIFFERS"),
        (3, "date", "CELL_DATE_UNKNOWN"),
    ]
    assert later.recorded == 1


def test_somebody_else_does_not_fill_a_record(fill, record):
    with pytest.raises(Refused) as raised:
        fill(HEAD + "BL,-1,7,40,D,,,,\n", investigator="I2")
    assert raised.value.arguments["because"] == "TRAIL_OTHER_AUTHOR"
    assert "{" not in explain(raised.value)
    assert not show_record(record).record.visits


def test_a_record_is_shown_with_its_scores_and_their_reasons(fill, record):
    fill(HEAD + "BL,-1,7,40,D,,,,\nM3,91,4,40,E,,,,\nM6,183,9,40,B,,,,\n,0,,,,SURGERY,,,\n")
    shown = show_record(record)
    assert (shown.baseline, shown.order) == ("BL", ("BL", "M3", "M6"))
    outcomes = {key: answer.outcome for key, answer in shown.assessments.items()}
    assert outcomes == {
        "M3/pain": "PR",
        "M3/pain_only": "PARTIAL",
        "M3/frankel": "IMPROVED",
        "M6/pain": "PP",
        "M6/pain_only": "PROGRESSION",
        "M6/frankel": "UNCONFIRMED",
        "pain/primary": "MISSING",
    }
    told = as_text(shown)
    assert "BL (baseline)\n  Day of the visit: -1 days\n  Worst pain (NRS): 7 points" in told
    assert "  E01: Surgery, day 0" in told
    assert "M3/pain: PR\n" in told


def test_the_published_schema_is_the_one_that_the_code_makes():
    made = runpy.run_path(str(ROOT / "docs" / "make_read_schema.py"))
    for name in made["SCHEMAS"]:
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made["text"](name), "run make schema"


def test_the_json_follows_its_schema_and_is_the_same_each_time(fill, record):
    fill(HEAD + "BL,-1,7,40,D,,,,\nM3,91,4,40,E,,,,\n,0,,,,SURGERY,,,\n")
    schema = json.loads((ROOT / "docs" / "clinical.schema.json").read_text(encoding="utf-8"))
    tree = as_json(show_record(record))
    jsonschema.validate(tree, schema)
    assert tree["assessments"]["M3/pain"]["outcome"] == "PR"
    assert json.dumps(tree) == json.dumps(as_json(show_record(record)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**tree, "more": 1}, schema)


def test_without_an_order_nothing_is_derived_and_it_is_said_why(tmp_path, workstation):
    """Visits of two anchors of which neither is known."""
    folder = case_folder(tmp_path / "S", "nct06987370")
    path = begin_record(folder, "I1", None, workstation)
    names = list(read_protocol("nct06987370").visits)
    table = tmp_path / "t.csv"
    rows = "".join(f"{name},5,0\n" for name in (names[0], names[-1]))
    table.write_text("visit,nrs_worst,omed\n" + rows, encoding="utf-8")
    with writing(path, None, "", workstation) as session:
        import_table(session, table)
    shown = show_record(path)
    assert shown.problem is not None
    assert shown.problem.code == "RECORD_ORDER_UNKNOWN"
    assert not shown.assessments
    assert "No score is derived. Nobody knows when" in as_text(shown)


def test_the_baseline_is_the_one_of_the_case_else_of_the_protocol(tmp_path, workstation, fill, record):
    known = read_protocol("nct06756087")
    fill(HEAD + "M3,91,4,40,E,,,,\n")
    said = show_record(record).record
    assert baseline_visit(said, Case(id="c", subject_code="S", protocol_sha256="0" * 64), known) == "BL"
    timepoints = Table({"t1": Timepoint(id="t1", label="BL", ordinal=0, visit="M3")})
    case = Case(id="c", subject_code="S", protocol_sha256="0" * 64, timepoints=timepoints)
    assert baseline_visit(said, case, known) == "M3"


def test_every_column_and_event_is_explained(capsys):
    assert cli.main(["clinical", "template"]) == 0
    told = capsys.readouterr().out
    assert all(any(line.startswith(f"{column} ") for line in told.splitlines()) for column in COLUMNS)
    assert all(kind.value in told for kind in ClinicalEventKind)
    assert "ITEM_" not in told
    assert "COLUMN_" not in told
    assert cli.main(["clinical", "template", "--csv"]) == 0
    assert capsys.readouterr().out == ",".join(COLUMNS) + "\n"
    assert {f"EVENT_{kind.value}" for kind in ClinicalEventKind} <= set(catalogue())
    assert len(COLUMNS) == 11 + len(ITEMS)


def test_the_command_line_begins_fills_and_shows_a_record(tmp_path, monkeypatch, capsys):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = case_folder(tmp_path / "K7QX")
    assert cli.main(["clinical", "new", str(folder), "--author", "I1"]) == 0
    path = capsys.readouterr().out.strip()
    assert path.endswith("K7QX.srclin")
    assert cli.main(["clinical", "show", path]) == 0
    assert "Nothing is recorded yet." in capsys.readouterr().out
    table = tmp_path / "t.csv"
    table.write_text(HEAD + "BL,-1,7,40,D,,,,\nM3,91,70,,,,,,\n", encoding="utf-8")
    assert cli.main(["clinical", "import", path, str(table)]) == 4
    said = capsys.readouterr()
    assert said.out == "4 entries recorded, 0 corrected, 0 were there already; 1 rows are wrong.\n"
    assert 't.csv, line 3, column nrs_worst: NRS_WORST cannot be "70". Allowed: whole number' in said.err
    assert cli.main(["clinical", "show", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["record"]["visits"]["BL"]["NRS_WORST"]["value"] == {"decimal": "7"}
    assert cli.main(["clinical", "new", str(folder), "--author", "I1"]) == 1
    assert cli.main(["clinical", "show", str(tmp_path / "none.srclin")]) == 2
