"""Compression, treated sites and eligibility in what comes out of a read: the page, the lines, read.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import TreatedSite
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.report.forms import forms
from spinereview.report.page import report_html
from spinereview.report.read_json import read_json
from spinereview.review.commands.forms import AnswerForm
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.sites import AddTreatedSite, SetLesionSite
from spinereview.review.commands.spine import Score
from spinereview.tasks import CancelToken
from spinereview.workflow.answers import as_text
from spinereview.workflow.key_pictures import KeyPictures

TRIAL = """
[trial]
id = "T"
version = "1"
title = "Trial"

[blinding]
live_response = {live}
show_days = {live}
sequential = false

[criterion.recist]

[criterion.escc]

[criterion.spino]

[[eligibility]]
id = "wall"
variable = "posterior_wall_destroyed"
op = "=="
value = false

[[eligibility]]
id = "posterior"
variable = "posterior_elements_involved"
op = "=="
value = false

[criterion.eligibility]
"""


def given(value: str | bool) -> Answer:
    return Answer(value=value, basis=AnswerBasis.JUDGED)


def read_forms(desk) -> None:
    do = desk.session.do
    do(
        AddLesion(
            timepoint=Id("BL"),
            role=LesionRole.TREATED_SITE,
            nodal=False,
            site=Site(organ="BONE", location="", levels=(Level.T9,)),
            tissue=None,
            group=False,
            measurement=None,
            stack_sha256="",
        )
    )
    for level, grade in ((Level.T9, "2"), (Level.T11, "1a")):
        for item, value in (("IMAGES", "T2_AXIAL"), ("GRADE", grade)):
            do(Score(timepoint=Id("FU1"), level=level, form="ESCC", item=item, answer=given(value)))
    for item, value in (("GROWTH", "NONE"), ("EPIDURAL", "UNEQUIVOCAL")):
        do(AnswerForm(timepoint=Id("FU1"), form="SPINO", site="L05", item=item, answer=given(value)))
    item = "posterior_wall_destroyed"
    do(AnswerForm(timepoint=Id("BL"), form="ELIGIBILITY", site="", item=item, answer=given(value=False)))


def page(desk) -> str:
    facts = desk.facts()
    pictures = KeyPictures(desk.opened.source, facts.case, facts.stack_sha256, cancel=CancelToken())
    return " ".join(report_html(facts, pictures.plane_of).split())


def test_forms_are_printed_with_what_follows_and_what_is_missing(make: Callable) -> None:
    desk = make(TRIAL.format(live="true"))
    read_forms(desk)
    html = page(desk)
    for words in ("Epidural compression (ESCC), level by level", "T9: grade 2", "Sites with grade 2 or more: 1"):
        assert words in html
    assert "Treated sites (SPINO), to be confirmed by a clinician" in html
    assert "Local progression" in html
    assert "Posterior wall destroyed" in html
    assert "eligibility: Posterior elements involved?" in html
    assert "S05: growth in the treated volume is not judged." in html
    assert "{" not in html.split("</style>")[1]


def test_treated_sites_are_printed_with_the_lesions_in_them(make: Callable) -> None:
    desk = make(TRIAL.format(live="true"))
    assert "Treated sites of the case" not in page(desk)
    read_forms(desk)
    where = Site(organ="BONE", location="", levels=(Level.T9, Level.T10))
    made = TreatedSite(id=Id(""), site=where, intent="SBRT", adjacent=frozenset({Level.T8, Level.T11}))
    desk.session.do(AddTreatedSite(treated=made))
    desk.session.do(SetLesionSite(lesion=Id("L05"), treated=Id("TS01")))
    html = page(desk)
    row = html.split("Treated sites of the case")[1].split("</table>")[0]
    assert [word in row for word in ("TS01", "T9-T10", "SBRT", "T8, T11", "S05")] == [True] * 5


def test_forms_stand_in_the_lines_and_in_read_json(make: Callable) -> None:
    desk = make(TRIAL.format(live="true"))
    read_forms(desk)
    lines = as_text(desk.facts())
    assert "FU1/escc/T9: 2" in lines
    assert "FU1/spino/S05: LOCAL_PROGRESSION" in lines
    tree = json.loads(json.dumps(read_json(desk.facts())))
    assert {"FU1/escc", "FU1/escc/T11", "FU1/spino/S05"} <= set(tree["assessments"])
    forms = tree["read"]["visits"]["FU1"]["patient_scores"]
    assert forms["SPINO/L05"]["EPIDURAL"]["value"] == "UNEQUIVOCAL"


def test_a_blinded_reader_gets_his_grades_and_no_response_of_an_open_visit(make: Callable) -> None:
    desk = make(TRIAL.format(live="false"))
    read_forms(desk)
    html, lines = page(desk), as_text(desk.facts())
    assert "T9: grade 2" in html
    assert "Local progression" not in html
    assert "local progression" not in html
    assert "spino" not in lines


def test_the_coverage_that_the_reader_stated_is_printed_and_kept(make: Callable) -> None:
    desk = make(TRIAL.format(live="true"))
    facts = desk.facts()
    assert "Coverage: whether" not in page(desk)
    visit = replace(
        facts.read.visit_at("FU1"), coverage=Table({"CHEST": given("PARTLY"), "PELVIS": given("NOT_SCANNED")})
    )
    read = replace(facts.read, visits=facts.read.visits.with_("FU1", visit))
    told = replace(facts, seen=replace(facts.seen, read=read))
    html = "".join(forms(told))
    for words in (
        "Coverage: whether the regions",
        "<td>CHEST</td><td>Partly covered</td>",
        "PELVIS</td><td>Not covered",
    ):
        assert words in html
    kept = read_json(told)["read"]["visits"]["FU1"]["coverage"]
    assert {region: said["value"] for region, said in kept.items()} == {"CHEST": "PARTLY", "PELVIS": "NOT_SCANNED"}
