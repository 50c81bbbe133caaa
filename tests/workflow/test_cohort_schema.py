"""The JSON of a cohort follows its published schema, which the code makes; measures that a table lacks say so."""

from __future__ import annotations

import copy
import json
import runpy
from pathlib import Path

import jsonschema
import pytest

from spinereview.criteria import parsers
from spinereview.resources import protocols
from spinereview.storage.protocols import load_protocol
from spinereview.workflow.cohort import NOT_IN_TABLE, assess_cohort
from spinereview.workflow.cohort_output import as_json_text, as_text
from spinereview.workflow.dated import MEASURES

SCHEMA = Path(__file__).parents[2] / "docs" / "cohort.schema.json"
TABLE = """subject,reader,visit,visit_order,date,lesion,role,nodal,state,mm
S1,R1,BL,0,2024-01-02,T1,TARGET,false,MEASURED,50
S1,R1,FU1,1,2024-03-05,T1,TARGET,false,MEASURED,30
S1,R1,FU2,2,2024-05,T1,TARGET,false,MEASURED,20
S2,R1,BL,0,2024-01-02,T1,TARGET,false,MEASURED,50
S2,R1,FU1,1,2024-03-05,T1,TARGET,?,MEASURED,50
"""
EVENTS = "subject,event,date,cause\nS1,SURGERY,2024-01-05,\nS1,DEATH,2024-07-01,\n"


@pytest.fixture
def cohort(tmp_path):
    def assessed(name):
        (tmp_path / "cohort.csv").write_text(TABLE, encoding="utf-8")
        (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
        path = next(one for one in protocols() if one.name == f"{name}.toml")
        return assess_cohort(tmp_path / "cohort.csv", load_protocol(path, parsers()), tmp_path / "events.csv")

    return assessed


def validator():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_published_schema_is_the_one_that_the_code_makes():
    script = runpy.run_path(str(SCHEMA.with_name("make_cohort_schema.py")))
    assert SCHEMA.read_text(encoding="utf-8") == script["text"](), "run make schema"


@pytest.mark.parametrize("name", ["generic", "nct06093854", "nct06120426", "nct06756087", "nct06987370"])
def test_a_cohort_follows_the_schema_under_every_protocol(cohort, name):
    tree = json.loads(as_json_text(cohort(name)))
    validator().validate(tree)
    first, second = tree["subjects"]
    assert [visit["date"] for visit in first["visits"]] == ["2024-01-02", "2024-03-05", None]
    assert (first["refused"], second["assessments"]) == (None, {})
    assert tree["faults"][0]["column"] == "nodal"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tree: tree.update(schema=2),
        lambda tree: tree["subjects"][0].pop("reader"),
        lambda tree: tree["subjects"][0]["visits"][0].update(date="2 January"),
        lambda tree: tree["subjects"][0]["assessments"]["best_response"]["values"].update(date="61"),
        lambda tree: tree["subjects"][0]["assessments"]["FU1/target"]["values"].update(sum_mm=30.0),
        lambda tree: tree["rates"]["R1"]["orr"].pop("missing"),
        lambda tree: tree["intervals"]["R1"]["orr"].update(p="0.05"),
        lambda tree: tree["faults"][0].update(line="6"),
    ],
)
def test_the_schema_refuses_what_no_cohort_is(cohort, spoil):
    tree = json.loads(as_json_text(cohort("generic")))
    spoilt = copy.deepcopy(tree)
    spoil(spoilt)
    assert validator().is_valid(tree)
    assert not validator().is_valid(spoilt)


def test_an_endpoint_that_the_table_cannot_answer_says_what_is_missing(cohort):
    found = cohort("nct06120426")
    answer = found.rates["R1"]["fracture/vcf_incidence"]
    assert (answer.outcome, [reason.code for reason in answer.missing]) == ("MISSING", ["COHORT_WITHOUT_VCF"])
    assert "fracture/vcf_incidence: MISSING, A table of lesions has no vertebral fractures" in as_text(found)
    interval = json.loads(as_json_text(found))["intervals"]["R1"]["fracture/vcf_incidence"]
    assert set(interval.values()) == {""}


def test_every_measure_is_answered_of_subjects_or_of_the_group_or_named_as_missing():
    answered = {measure for measure, parts in MEASURES.items() if parts} | {"ORR", "DCR"}
    assert answered | set(NOT_IN_TABLE) == set(MEASURES)
    assert not answered & set(NOT_IN_TABLE)
