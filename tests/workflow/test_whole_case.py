"""A read, a clinical record and a schedule joined: eligibility with its sources, results with days, what is missing said."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from spinereview import cli
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import TreatedSite
from spinereview.domain.lesion import LesionRole, Tissue
from spinereview.domain.measurement import Entered, Measurement, MeasurementKind
from spinereview.domain.schedule import Event, EventKind
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import CaseError, InvalidValue
from spinereview.resources import resource
from spinereview.review.commands.findings import Measure
from spinereview.review.commands.forms import AnswerForm
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import Score
from spinereview.text import explain
from spinereview.workflow.case import open_images, open_read
from spinereview.workflow.case_file import NAME, read_case_file, write_case_file
from spinereview.workflow.clinical_folder import begin_record, writing
from spinereview.workflow.clinical_import import import_table
from spinereview.workflow.eligible import as_json as eligible_json
from spinereview.workflow.eligible import as_text as eligible_text
from spinereview.workflow.eligible import eligibility_of
from spinereview.workflow.whole_case import as_json, as_text, whole_case

ROOT = Path(__file__).parents[2]
SINS = {
    "BONE_LESION": "LYTIC",
    "ALIGNMENT": "NORMAL",
    "COLLAPSE": "NONE",
    "POSTEROLATERAL": "NONE",
}
RECORD = (
    "visit,day,nrs_worst,omed,nprs,ecog,sins_pain,frankel,histology,age,second_primary,event\n"
    "BL,-3,7,40,6.5,1,MECHANICAL,D,BREAST,61,no,\n"
    "FU1,88,2,30,,,,E,,,,\n"
    ",0,,,,,,,,,,PROCEDURE\n"
)
SCHEDULE = (
    "subject,event,date,cause,visit\n"
    "S-1,PROCEDURE,2024-01-05,,\n"
    "S-1,RANDOMISATION,2024-01-15,,\n"
    "OTHER,PROCEDURE,2024-02-05,,\n"
    "S-1,SCAN,2024-01-01,,BL\n"
    "S-1,SCAN,2024-04-01,,FU1\n"
    "S-1,LAST_CONTACT,2024-06-01,,\n"
    ",CUT_OFF,2025-01-01,,\n"
)


def entered(name, mm):
    return Measurement(id=name, kind=MeasurementKind.DIAMETER, geometry=Entered(value=mm, unit="mm", source="table"))


class Files:
    """A read of one target of 50 mm, then 30 mm, with a SINS that lacks the pain; its record and its schedule."""

    def __init__(self, folder, images, workstation, protocol):
        self.folder, self.station = folder, workstation
        self.opened = open_images(images, workstation, reader="R1", subject="S-1", protocol=protocol)
        self.read = self.opened.read_path
        self.record = None
        do = self.opened.session.do
        site = Site(organ="BONE", location="VERTEBRA T11", levels=(Level.T11,))
        do(
            AddLesion(
                timepoint="BL",
                role=LesionRole.TARGET,
                nodal=False,
                site=site,
                tissue=Tissue.LYTIC,
                group=False,
                measurement=entered("m1", Decimal(50)),
                stack_sha256="",
            )
        )
        do(Measure(lesion="L01", timepoint="FU1", part="a", measurement=entered("m2", Decimal(30)), stack_sha256=""))
        for item, value in SINS.items():
            answer = Answer(value=value, basis=AnswerBasis.JUDGED)
            do(Score(timepoint="BL", level=Level.T11, form="SINS", item=item, answer=answer))
        self.opened.session.close()

    def fill(self, text=RECORD):
        """A record of these rows."""
        if self.record is None:
            self.record = begin_record(self.read.parent, "I1", self.folder / "clinic", self.station)
        with writing(self.record, None, "", self.station) as session:
            assert import_table(session, self.table(text, "record.csv")).faults == ()
        return self.record

    def table(self, text=SCHEDULE, name="schedule.csv"):
        """A table of these rows."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def join(self, *, record=False, schedule=False):
        """What follows from the files."""
        return whole_case(self.read, self.record if record else None, self.table() if schedule else None, self.station)


@pytest.fixture
def files(tmp_path, images, workstation):
    """A case of a protocol with rules of eligibility, days shown so that the images say their own."""
    text = resource("protocols", "nct06756087.toml").read_text(encoding="utf-8")
    text = text.replace("show_days = false", "show_days = true").replace(
        "live_response = false", "live_response = true"
    )
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    return Files(tmp_path, images, workstation, own)


def rules(whole):
    return {one.rule: one for one in eligibility_of(whole).rules}


def test_a_read_alone_answers_what_it_can_and_names_what_is_missing(files):
    found = rules(files.join())
    assert found["measurable_lesion"].outcome == "PASS"
    assert found["measurable_lesion"].sources == ("READ",)
    assert (found["nprs"].outcome, found["nprs"].value, found["nprs"].sources) == ("NEEDS_INPUT", None, ())
    assert (found["scan_age_days_most"].outcome, found["scan_age_days_most"].value) == ("NEEDS_INPUT", None)
    assert eligibility_of(files.join()).outcome == "NEEDS_INPUT"


def test_a_record_and_a_schedule_answer_their_rules_and_are_named_as_the_source(files):
    files.fill()
    whole = files.join(record=True, schedule=True)
    found = rules(whole)
    told = {name: (one.outcome, one.value, one.sources) for name, one in found.items()}
    assert told["nprs"] == ("PASS", "6.5 points", ("CLINICAL_RECORD",))
    assert told["ecog"] == ("PASS", "1", ("CLINICAL_RECORD",))
    assert told["histology"] == ("PASS", "BREAST", ("CLINICAL_RECORD",))
    assert told["scan_age_days_most"] == ("PASS", "14 days", ("SCHEDULE",))
    assert told["sins_posterolateral"] == ("PASS", "0 points", ("READ",))
    assert told["escc_max"] == ("NEEDS_INPUT", None, ())
    said = eligible_text(eligibility_of(whole))
    assert "nprs: met. nprs is 6.5 points and has to be > 3. (from: clinical record)" in said
    order = [said.index(name) for name in ("escc_max: not assessed", "nprs: met")]
    assert order == sorted(order), "what is open stands before what is met"
    assert "  Age: 61 years" in said


@pytest.mark.parametrize(("nprs", "outcome"), [("3", "FAIL"), ("3.1", "PASS")])
def test_a_rule_is_asked_with_the_value_of_the_record(files, nprs, outcome):
    files.fill(f"visit,nprs\nBL,{nprs}\n")
    assert rules(files.join(record=True))["nprs"].outcome == outcome
    assert eligibility_of(files.join(record=True)).outcome == ("FAIL" if outcome == "FAIL" else "NEEDS_INPUT")


def test_the_pain_of_the_record_completes_the_sins_of_the_read(files):
    files.fill()
    assert files.join().assessments["BL/sins/T11"].values["total"] is None
    whole = files.join(record=True)
    assert whole.assessments["BL/sins/T11"].values["total"] == 8
    assert whole.facts.assessments["BL/sins/T11"].values["total"] is None, "the read itself stays as the reader left it"


def test_results_that_need_days_are_missing_without_a_schedule_and_there_with_one(files):
    files.fill()
    alone = files.join(record=True).assessments
    for key in ("best_response", "fracture/vcf_window/91"):
        assert alone[key].outcome == "MISSING"
        assert [reason.code for reason in alone[key].missing] == ["SCHEDULE"]
    whole = files.join(record=True, schedule=True)
    assert whole.day_zero == "2024-01-05"
    assert whole.schedule.visits["FU1"].scan_days == (87,)
    assert whole.assessments["best_response"].outcome == "PR"
    assert whole.assessments["fracture/vcf_window/91"].outcome == "NOT_APPLICABLE", "no vertebra was judged"
    assert "Days count from 2024-01-05, day 0." in as_text(whole)


def test_what_the_record_says_alone_stands_beside_it(files):
    files.fill()
    whole = files.join(record=True, schedule=True)
    assert whole.assessments["FU1/pain"].outcome == "PR"
    assert whole.assessments["FU1/frankel"].outcome == "IMPROVED"
    assert whole.assessments["pain/primary"].outcome == "PR", "day 88 lies within 84 ± 14"


def test_the_images_of_an_open_case_say_their_days_and_a_table_may_not_say_others(files):
    files.fill()
    without = "".join(line for line in SCHEDULE.splitlines(keepends=True) if ",SCAN," not in line)
    whole = whole_case(files.read, files.record, files.table(without), files.station)
    assert whole.schedule.visits["BL"].scan_days == (-4,)
    other = SCHEDULE.replace("SCAN,2024-04-01", "SCAN,2024-04-02")
    refused = whole_case(files.read, files.record, files.table(other), files.station)
    assert [(fault.line, fault.column, fault.code) for fault in refused.faults] == [(6, "date", "CELL_SCAN_DIFFERS")]
    assert refused.schedule is None
    assert refused.assessments["best_response"].missing[0].code == "SCHEDULE"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("S-1,SCAN,2024-13-01,,BL", "date", "CELL_DATE"),
        ("S-1,SCAN,2024-01-01,,FU9", "visit", "CELL_TIMEPOINT"),
        ("S-1,PROCEDURE,2024-01-06,,", "event", "EVENT_TWICE"),
        ("S-1,OPERATION,2024-01-06,,", "event", "CELL_WORD"),
    ],
)
def test_a_wrong_row_of_the_schedule_withholds_all_that_needs_days(files, row, column, code):
    whole = whole_case(files.read, None, files.table(SCHEDULE + row + "\n"), files.station)
    assert [(fault.column, fault.code) for fault in whole.faults] == [(column, code)]
    assert "{" not in whole.faults[0].words
    assert whole.assessments["best_response"].missing[0].code == "SCHEDULE"
    assert rules(whole)["scan_age_days_most"].value is None


def test_files_that_contradict_each_other_are_refused_by_name(files):
    files.fill()
    late = SCHEDULE.replace("S-1,RANDOMISATION,2024-01-15", "S-1,DEATH,2024-05-01")
    files.fill("event,day\nDEATH,100\n")
    with pytest.raises(InvalidValue, match="SCHEDULE_DEATH_DIFFERS"):
        whole_case(files.read, files.record, files.table(late), files.station)
    apart = SCHEDULE.replace("PROCEDURE", "SURGERY")
    with pytest.raises(InvalidValue, match="RECORD_DAYS_APART") as raised:
        whole_case(files.read, files.record, files.table(apart), files.station)
    assert "{" not in explain(raised.value)
    with pytest.raises(CaseError, match="SCHEDULE_WITHOUT_SUBJECT"):
        whole_case(files.read, None, files.table(SCHEDULE.replace("S-1", "S-2")), files.station)


def test_a_blinded_read_that_is_not_locked_tells_no_response_here_either(tmp_path, images, workstation):
    own = tmp_path / "blinded.toml"
    own.write_bytes(resource("protocols", "nct06756087.toml").read_bytes())
    files = Files(tmp_path, images, workstation, own)
    whole = whole_case(files.read, None, files.table(), workstation)
    assert whole.schedule.visits["BL"].scan_days == (-4,), "of the table, the images say nothing"
    assert whole.assessments["best_response"].outcome != "PR"
    assert not [key for key in whole.assessments if key.endswith(("/target", "/overall"))]
    told = as_text(whole)
    assert "30" not in told.replace("2024", "").split("Days count from")[1] or "PR" not in told


def test_the_json_follows_its_schemas(files):
    files.fill()
    whole = files.join(record=True, schedule=True)
    for name, tree in (("assessment", as_json(whole)), ("eligibility", eligible_json(eligibility_of(whole)))):
        schema = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(tree, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**tree, "more": 1}, schema)


def test_the_command_line_joins_the_files(files, monkeypatch, capsys, tmp_path):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    files.fill()
    read, record, table = (str(path) for path in (files.read, files.record, files.table()))
    assert cli.main(["eligibility", read, "--clinical", record, "--schedule", table, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["investigator"] == "I1"
    assert cli.main(["assess", read, "--clinical", record, "--schedule", table]) == 0
    assert "FU1/pain: PR" in capsys.readouterr().out
    files.table(SCHEDULE.replace("SCAN,2024-04-01", "SCAN,2024-04-02"))
    assert cli.main(["eligibility", read, "--schedule", table]) == 4
    assert "schedule.csv, line 6, column date" in capsys.readouterr().err
    assert cli.main(["assess", read, "--protocol", "generic"]) == 2
    assert cli.main(["eligibility", read, "--clinical", str(tmp_path / "none.srclin")]) == 2


def test_a_protocol_without_rules_says_so(tmp_path, images, workstation):
    files = Files(tmp_path, images, workstation, resource("protocols", "generic.toml"))
    with pytest.raises(CaseError, match="PROTOCOL_WITHOUT_RULES"):
        eligibility_of(files.join())


SITE = TreatedSite(id="S1", site=Site(organ="BONE", location="VERTEBRA L2", levels=(Level.L2,)))


def treat(files):
    """Say in the case which site is treated."""
    path = files.read.parent / NAME
    file, _ = read_case_file(path)
    write_case_file(path, replace(file, case=replace(file.case, treated_sites=Table({"S1": SITE}))))


@pytest.mark.parametrize(
    ("growth", "epidural", "outcome"),
    [
        ("UNEQUIVOCAL", "NONE", "FAILURE"),
        ("NONE", "UNEQUIVOCAL", "FAILURE"),
        ("EQUIVOCAL", "NONE", "EQUIVOCAL"),
        ("NONE", "NONE", "CONTROL"),
        ("NE", "NONE", "NE"),
        ("NONE", None, "NE"),
    ],
)
def test_local_control_by_judgement_takes_what_was_said_of_the_site(files, growth, epidural, outcome):
    treat(files)
    opened = open_read(files.read, files.station)
    for item, value in (("GROWTH", growth), ("EPIDURAL", epidural)):
        if value is not None:
            said = Answer(value=value, basis=AnswerBasis.JUDGED)
            opened.session.do(AnswerForm(timepoint="FU1", form="SPINO", site="S1", item=item, answer=said))
    opened.session.close()
    table = files.table(SCHEDULE.replace("2024-01-05", "2023-12-20"))
    found = whole_case(files.read, None, table, files.station).assessments
    assert found["FU1/local_control/LC_SPINO"].outcome == outcome
    assert found["local_control/LC_RECIST_NADIR"].missing[0].code == "LC_SITES_MISSING"


@pytest.fixture
def treated(tmp_path, images, workstation):
    """A case with a treated site, 20 mm and then 26 mm, after surgery; the record has one visit and events."""
    text = resource("protocols", "nct06120426.toml").read_text(encoding="utf-8")
    text = text.replace("show_days = false", "show_days = true").replace(
        "live_response = false", "live_response = true"
    )
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    files = Files(tmp_path, images, workstation, own)
    treat(files)
    opened = open_read(files.read, workstation)
    opened.session.do(
        AddLesion(
            timepoint="BL",
            role=LesionRole.TREATED_SITE,
            nodal=False,
            site=SITE.site,
            tissue=Tissue.LYTIC,
            group=False,
            measurement=entered("m3", Decimal(20)),
            stack_sha256="",
        )
    )
    added = next(key for key, lesion in opened.session.head.lesions.items() if lesion.role is LesionRole.TREATED_SITE)
    mark = entered("m4", Decimal(26))
    opened.session.do(Measure(lesion=added, timepoint="FU1", part="a", measurement=mark, stack_sha256=""))
    opened.session.close()
    return files


SURGERY = "subject,event,date\nS-1,SURGERY,2023-12-20\nS-1,RANDOMISATION,2023-12-20\n"


def test_local_control_of_a_treated_site_fails_at_the_scan_that_shows_it(treated):
    without = treated.join().assessments
    assert without["local_control/LC_RECIST_NADIR"].missing[0].code == "LC_BASELINE_MISSING"
    found = whole_case(treated.read, None, treated.table(SURGERY), treated.station).assessments
    failed = found["local_control/LC_RECIST_NADIR"]
    assert (failed.outcome, failed.values["day"]) == ("FAILURE", 103)
    assert found["FU1/local_control/LC_RECIST_NADIR"].values["change_nadir_pct"] == Decimal("30.0")
    assert (found["progression_free/pfs"].outcome, found["progression_free/pfs"].values["day"]) == ("EVENT", 103)


def test_a_neurological_decline_by_itself_is_no_local_progression(treated):
    """The registry NCT06120426 judges local progression on imaging and on neurology together."""
    treated.fill("visit,day,event,site\n,0,SURGERY,\n,60,NEUROLOGICAL_DECLINE,S1\n")
    found = whole_case(treated.read, treated.record, treated.table(SURGERY), treated.station).assessments
    assert found["progression_free/pfs"].values["day"] == 103
    assert whole_case(treated.read, treated.record, treated.table(SURGERY), treated.station).schedule.events == (
        Event(kind=EventKind.NEUROLOGICAL_DECLINE, day=60, treated_site=True),
    )


def test_a_read_without_a_treated_site_says_that_it_has_none(files):
    missing = files.join(schedule=True).assessments["local_control/LC_SPINO"]
    assert (missing.outcome, [reason.code for reason in missing.missing]) == ("MISSING", ["LC_SITES_MISSING"])


@pytest.mark.parametrize(
    ("word", "outcome"), [("PRIMARY_DISEASE", "EVENT"), ("primary disease", "EVENT"), ("Stroke", "COMPETING")]
)
def test_a_death_of_the_disease_is_known_however_its_cause_is_spelt(treated, word, outcome):
    table = treated.table(f"subject,event,date,cause\nS-1,SURGERY,2023-12-20,\nS-1,DEATH,2024-05-01,{word}\n")
    found = whole_case(treated.read, None, table, treated.station).assessments
    assert found["survival/os_disease"].outcome == outcome
    assert found["survival/os"].outcome == "EVENT"
