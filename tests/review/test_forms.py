"""Forms of a read: what is accepted, what is refused, what follows from it, and what a visit of the protocol demands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.escc import evidence as escc_evidence
from spinereview.criteria.evidence.spino import evidence as spino_evidence
from spinereview.criteria.evidence.spino import sites_of, spino_baseline
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.eligibility import JUDGED
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.protocol import Anchor, Protocol, Rule, ScheduledVisit
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context, Role
from spinereview.review.commands.forms import AnswerForm
from spinereview.review.commands.spine import Score
from spinereview.review.commands.visits import LockVisit
from spinereview.review.form_owed import site_items
from spinereview.review.form_suggestions import eligibility_suggestions
from spinereview.review.forms_asked import eligibility_items
from spinereview.review.obligations import obligations
from spinereview.review.visibility import visible
from spinereview.text import sentence
from spinereview.workflow.assessments import assess_read, shown

BL, FU1, FU2, SHA = Id("BL"), Id("FU1"), Id("FU2"), "0" * 64
CRITERIA = Table({"recist": Table(), "escc": Table(), "spino": Table(), "eligibility": Table()})
RULES = Table(
    {name: Rule(id=name, variable=name, op="==", value=False, on_missing="NEEDS_INPUT") for name in (*JUDGED, "ecog")}
)


@pytest.fixture
def protocol() -> Protocol:
    return Protocol(id="p", version="1", title="t", sha256=SHA, criteria=CRITERIA, eligibility=RULES)


@pytest.fixture
def context(case: Case, protocol: Protocol) -> Context:
    return Context(case=case, protocol=protocol, role=Role.READER, actor="R1", mint=Id)


def given(value: str | bool) -> Answer:
    return Answer(value=value, basis=AnswerBasis.JUDGED)


def said(item: str, value: str | bool | None, *, form: str = "SPINO", site: str = "L01", at: Id = FU1) -> AnswerForm:
    answer = None if value is None else given(value)
    return AnswerForm(timepoint=at, form=form, site=site, item=item, answer=answer)


def graded(grade: str | None, *, level: Level = Level.T9, at: Id = BL, item: str = "GRADE") -> Score:
    return Score(timepoint=at, level=level, form="ESCC", item=item, answer=None if grade is None else given(grade))


def site(*levels: Level) -> Lesion:
    findings = {at: LesionFinding(state=LesionState.PRESENT) for at in (BL, FU1, FU2)}
    return Lesion(
        id=Id("L01"),
        role=LesionRole.TREATED_SITE,
        site=Site(organ="BONE", location="", levels=levels or (Level.T9,)),
        first_seen=BL,
        findings=Table(findings),
    )


@pytest.fixture
def treated(empty: Read) -> Read:
    return replace(empty, lesions=Table({"L01": site()}))


def done(read: Read, context: Context, *acts: AnswerForm | Score) -> Read:
    for act in acts:
        read = act.apply(read, context)
    return read


def scheduled(case: Case, protocol: Protocol, **visits: str) -> tuple[Case, Protocol]:
    """The timepoints as visits with these forms, in the order of the case."""
    listed = {
        name: ScheduledVisit(name=name, anchor=Anchor.SURGERY, day=day, forms=frozenset(forms.split()))
        for day, (name, forms) in enumerate(visits.items())
    }
    timepoints = {one.id: replace(one, visit=name) for one, name in zip(case.in_order, visits, strict=False)}
    return replace(case, timepoints=Table({**case.timepoints, **timepoints})), replace(protocol, visits=Table(listed))


class TestCompression:
    def test_a_grade_counts_once_it_is_said_what_it_was_graded_on(self, empty, context, case, protocol) -> None:
        read = done(empty, context, graded("2"))
        level = assess_read(read, case, protocol)["BL/escc/T9"]
        assert (level.outcome, level.values["low_code"], level.values["high_code"]) == ("NE", 0, 5)
        read = done(read, context, graded("T2_AXIAL", item="IMAGES"))
        level = assess_read(read, case, protocol)["BL/escc/T9"]
        assert (level.outcome, level.values["code"]) == ("2", Decimal(4))
        assert done(read, context, graded("OTHER", item="IMAGES")) != read
        other = assess_read(done(read, context, graded("OTHER", item="IMAGES")), case, protocol)["BL/escc/T9"]
        assert (other.outcome, other.missing[0].code) == ("NE", "ESCC_NO_AXIAL_T2")

    def test_sites_are_counted_and_the_rest_is_one_act(self, empty, context, case, protocol) -> None:
        acts = [
            act
            for level in (Level.T9, Level.T12)
            for act in (graded("2", level=level), graded("T2_AXIAL", level=level, item="IMAGES"))
        ]
        read = done(empty, context, *acts)
        whole = assess_read(read, case, protocol)["BL/escc"]
        assert (whole.values["sites_low"], whole.values["sites_high"]) == (1, 2)
        read = done(read, context, said("REST", "UNREMARKABLE", form="ESCC", site="", at=BL))
        whole = assess_read(read, case, protocol)["BL/escc"]
        assert (whole.outcome, whole.values["sites"]) == ("2", 2)
        assert "FU1/escc" not in assess_read(read, case, protocol)

    def test_below_the_conus_is_told(self, empty, context, case) -> None:
        read = done(empty, context, graded("1c", level=Level.L3), graded("YES", level=Level.L3, item="BELOW_CONUS"))
        assert escc_evidence(read, case).visits[0].levels["L3"].below_conus

    def test_a_level_that_is_no_longer_numbered_is_left_out(self, empty, context, case) -> None:
        read = done(replace(empty, numbering="T13"), context, graded("1c", level=Level("T13")))
        assert list(escc_evidence(read, case).visits[0].levels) == ["T13"]
        assert list(escc_evidence(replace(read, numbering=""), case).visits[0].levels) == []

    @pytest.mark.parametrize(
        ("act", "code"),
        [
            pytest.param(graded("4"), "FORM_ANSWER_UNKNOWN", id="no grade"),
            pytest.param(graded("CT", item="IMAGES"), "FORM_ANSWER_UNKNOWN", id="no images"),
            pytest.param(graded("YES", item="CSF"), "FORM_ITEM_UNKNOWN", id="no item"),
            pytest.param(graded("2", level=Level.OCCIPUT), "LEVEL_WITHOUT_CANAL", id="no canal"),
            pytest.param(said("REST", "FINE", form="ESCC", site=""), "FORM_ANSWER_UNKNOWN", id="no word"),
            pytest.param(said("REST", "UNREMARKABLE", form="ESCC"), "FORM_SITE_UNKNOWN", id="of a site"),
        ],
    )
    def test_what_is_no_answer_is_refused(self, empty, context, act, code) -> None:
        with pytest.raises(Refused, match=code):
            act.apply(empty, context)

    def test_without_the_criterion_nothing_is_assessed(self, empty, context, case, protocol) -> None:
        read = done(empty, context, graded("2"))
        without = replace(protocol, criteria=CRITERIA.without("escc"))
        assert not [key for key in assess_read(read, case, without) if "escc" in key]


class TestSites:
    def test_a_site_is_judged_from_the_visit_after_its_baseline_on(self, treated, context, case, protocol) -> None:
        read = done(treated, context, said("GROWTH", "NONE"), said("EPIDURAL", "NONE"))
        answers = assess_read(read, case, protocol)
        assert answers["FU1/spino/S01"].outcome == "LOCAL_CONTROL"
        assert answers["FU2/spino/S01"].outcome == "NE"
        assert "BL/spino/S01" not in answers
        with pytest.raises(Refused, match="SPINO_BASELINE_JUDGED"):
            said("GROWTH", "NONE", at=BL).apply(treated, context)

    @pytest.mark.parametrize(
        ("act", "code"),
        [
            pytest.param(said("GROWTH", "SOME"), "FORM_ANSWER_UNKNOWN", id="no word"),
            pytest.param(said("GROWTH", value=True), "FORM_ANSWER_UNKNOWN", id="no flag"),
            pytest.param(said("SIZE", "NONE"), "FORM_ITEM_UNKNOWN", id="no item"),
            pytest.param(said("GROWTH", "NONE", form="FACT_G"), "FORM_ITEM_UNKNOWN", id="no form"),
            pytest.param(said("GROWTH", "NONE", site="L02"), "FORM_SITE_UNKNOWN", id="no site"),
            pytest.param(said("GROWTH", "NONE", site=""), "FORM_SITE_UNKNOWN", id="of no site"),
            pytest.param(said("RELATION", "MARGINAL"), "SPINO_RELATION_WITHOUT_GROWTH", id="place of no growth"),
            pytest.param(said("GROWTH", "NONE", at=Id("FU9")), "TIMEPOINT_UNKNOWN", id="no timepoint"),
        ],
    )
    def test_what_is_no_answer_is_refused(self, treated, context, act, code) -> None:
        with pytest.raises(Refused, match=code) as refused:
            act.apply(treated, context)
        assert "{" not in sentence(code, refused.value.arguments)

    def test_a_locked_visit_takes_no_answer_and_an_answer_can_be_taken_back(self, treated, context) -> None:
        read = done(treated, context, said("GROWTH", "EQUIVOCAL"))
        assert done(read, context, said("GROWTH", None)).visits[FU1].patient_scores == Table()
        assert said("GROWTH", None).apply(treated, context) is treated
        assert said("GROWTH", "EQUIVOCAL").apply(read, context) is read
        locked = replace(treated, visits=Table({FU1: Visit(lock=Lock.LOCKED)}))
        with pytest.raises(Refused, match="VISIT_LOCKED"):
            said("GROWTH", "NONE").apply(locked, context)

    def test_a_place_of_growth_that_was_taken_back_counts_no_more(self, treated, context, case, protocol) -> None:
        acts = (said("GROWTH", "UNEQUIVOCAL"), said("EPIDURAL", "NONE"), said("RELATION", "DISTANT"))
        read = done(treated, context, *acts)
        assert assess_read(read, case, protocol)["FU1/spino/S01"].outcome == "LOCAL_CONTROL"
        read = done(read, context, said("GROWTH", "NONE"))
        assert spino_evidence(read, case, protocol).visits[1].sites["S01"].relation is None

    def test_what_a_site_is_asked_depends_on_its_answers_and_on_what_the_reader_may_know(
        self, treated, context, case, protocol
    ) -> None:
        def items(read: Read, asked: Protocol = protocol) -> tuple[str, ...]:
            return site_items(read, sites_of(read, case)[0], case.timepoints[FU1], asked)

        assert items(treated) == ("GROWTH", "EPIDURAL")
        read = done(treated, context, said("EPIDURAL", "EQUIVOCAL"))
        assert items(read) == ("GROWTH", "EPIDURAL", "RELATION")
        told = replace(protocol, blinding=replace(protocol.blinding, show_days=True))
        assert items(read, told) == ("GROWTH", "EPIDURAL", "NEUROLOGY", "RELATION")
        declined = done(read, context, said("GROWTH", "NONE"), said("NEUROLOGY", "YES"))
        assert assess_read(declined, case, protocol)["FU1/spino/S01"].outcome == "LOCAL_PROGRESSION"

    def test_a_rise_of_the_grade_prompts(self, treated, context, case, protocol) -> None:
        acts = [
            act
            for at, grade in ((BL, "1a"), (FU1, "2"))
            for act in (graded(grade, at=at), graded("T2_AXIAL", at=at, item="IMAGES"))
        ]
        read = done(treated, context, *acts, said("GROWTH", "NONE"), said("EPIDURAL", "NONE"))
        warned = assess_read(read, case, protocol)["FU1/spino/S01"].warnings
        assert "SPINO_ESCC_PROMPT" in {one.code for one in warned}

    def test_sites_of_the_case_come_first_and_no_two_share_a_name(self, treated, case, protocol) -> None:
        of_case = TreatedSite(id=Id("S01"), site=Site(organ="BONE", location="", levels=(Level.T4,)))
        both = replace(case, treated_sites=Table({"S01": of_case}))
        assert [(one.id, one.label) for one in sites_of(treated, both)] == [("S01", "S01"), ("L01", "L01")]
        own = replace(treated, lesions=Table({"L01": replace(site(), treated_site=Id("S01"))}))
        assert [(one.id, one.lesion is not None) for one in sites_of(own, both)] == [("S01", True)]
        assert set(assess_read(treated, both, protocol)) >= {"FU1/spino/S01", "FU1/spino/L01"}

    @pytest.mark.parametrize(
        ("visits", "expected"),
        [
            pytest.param({"A": "SINS", "P": "SPINO", "C": "SPINO"}, FU1, id="first visit with the form"),
            pytest.param({"A": "SPINO"}, BL, id="the first timepoint"),
            pytest.param({}, BL, id="no visit of the protocol"),
        ],
    )
    def test_the_baseline_of_a_site_is_the_first_visit_that_lists_the_form(
        self, case, protocol, visits, expected
    ) -> None:
        named, asked = scheduled(case, protocol, **visits)
        assert spino_baseline(named, asked).id == expected

    def test_where_the_first_visit_was_missed_the_last_timepoint_before_stands_in(self, case, protocol) -> None:
        named, asked = scheduled(case, protocol, A="SINS", P="SPINO", C="SPINO")
        timepoints = named.timepoints.with_(FU1, replace(named.timepoints[FU1], visit="C"))
        missed = replace(named, timepoints=timepoints)
        assert spino_baseline(missed, asked).id == BL

    def test_a_response_of_a_site_is_hidden_until_the_lock_and_tells_nothing_of_later_visits(
        self, treated, context, case, protocol
    ) -> None:
        acts = [
            said(item, word, at=at)
            for at, word in ((FU1, "EQUIVOCAL"), (FU2, "UNEQUIVOCAL"))
            for item in ("GROWTH", "EPIDURAL")
        ]
        read = done(treated, context, *acts)

        def seen(*locked: Id) -> dict[str, str]:
            visits = {
                key: replace(visit, lock=Lock.LOCKED) if key in locked else visit for key, visit in read.visits.items()
            }
            visits = {**{key: Visit(lock=Lock.LOCKED) for key in locked}, **visits}
            part = replace(read, visits=Table(visits))
            found = shown(assess_read(part, case, protocol), visible(part, Role.READER, protocol, case))
            return {key: one.outcome for key, one in found.items() if "spino" in key}

        assert seen() == {}
        early = seen(BL, FU1)
        assert early == {"FU1/spino/S01": "INDETERMINATE", "FU1/spino": "INDETERMINATE", "spino/S01": "INDETERMINATE"}
        assert seen(BL, FU1, FU2)["FU1/spino/S01"] == "LOCAL_PROGRESSION"


class TestEligibility:
    def test_only_variables_that_a_rule_names_and_a_reader_judges_are_asked(self, case, protocol) -> None:
        assert eligibility_items(protocol, case, case.timepoints[BL]) == (JUDGED, False)
        assert eligibility_items(protocol, case, case.timepoints[FU1]) == ((), False)
        fewer = replace(protocol, eligibility=Table({"modalities_complete": RULES["modalities_complete"]}))
        assert eligibility_items(fewer, case, case.timepoints[BL])[0] == ("modalities_complete",)

    def test_a_visit_of_the_purpose_offers_it_and_a_visit_that_lists_it_demands_it(self, case, protocol) -> None:
        named, asked = scheduled(case, protocol, BL="SINS", POST="ESCC", M3="ELIGIBILITY")
        purpose = replace(asked, purposes=Table({"ELIGIBILITY": Table({"visits": ("POST",)})}))
        found = [eligibility_items(purpose, named, one) for one in named.in_order]
        assert [(len(items), mandatory) for items, mandatory in found] == [(0, False), (4, False), (4, True)]

    @pytest.mark.parametrize(
        ("act", "code"),
        [
            pytest.param(said(JUDGED[0], "YES", form="ELIGIBILITY", site=""), "FORM_ANSWER_UNKNOWN", id="no flag"),
            pytest.param(
                said("ecog", value=True, form="ELIGIBILITY", site=""), "FORM_ITEM_UNKNOWN", id="not the reader's"
            ),
            pytest.param(said(JUDGED[0], value=True, form="ELIGIBILITY"), "FORM_SITE_UNKNOWN", id="of a site"),
        ],
    )
    def test_what_is_no_answer_is_refused(self, treated, context, act, code) -> None:
        with pytest.raises(Refused, match=code):
            act.apply(treated, context)

    def test_suggestions_rest_on_what_was_recorded(self, empty, case, protocol) -> None:
        named, asked = scheduled(case, protocol, BL="SINS")
        visit = named.timepoints[BL]
        assert dict(eligibility_suggestions(empty, visit, asked, Table())) == {}
        wants = replace(asked, visits=Table({"BL": replace(asked.visits["BL"], modalities=frozenset({"CT", "MR"}))}))
        missing = eligibility_suggestions(empty, visit, wants, Table())["modalities_complete"]
        assert (missing.value, missing.args["missing"]) == (False, "MR")
        has = replace(asked, visits=Table({"BL": replace(asked.visits["BL"], modalities=frozenset({"CT", "DX"}))}))
        assert eligibility_suggestions(empty, visit, has, Table())["modalities_complete"].value is True


class TestDemanded:
    def owed(self, read: Read, case: Case, protocol: Protocol, at: Id) -> list[tuple[str, str, str, bool]]:
        found = obligations(read, case, at, None, protocol)
        return [(one.code.name, str(one.level or one.site), one.item, one.hard) for one in found if one.lesion is None]

    def test_a_visit_that_lists_a_form_demands_it(self, treated, case, protocol) -> None:
        named, asked = scheduled(case, protocol, BL="ESCC ELIGIBILITY SPINO", POST="ESCC", M3="SPINO")
        compression = [("ESCC_ITEM", "T9", "IMAGES", True), ("ESCC_ITEM", "T9", "GRADE", True)]
        eligible = [("ELIGIBILITY_ITEM", "", item, True) for item in JUDGED]
        assert self.owed(treated, named, asked, BL) == [*compression, *eligible]
        assert self.owed(treated, named, asked, FU1) == compression
        assert self.owed(treated, named, asked, FU2) == [
            ("SPINO_ITEM", "S01", "GROWTH", True),
            ("SPINO_ITEM", "S01", "EPIDURAL", True),
        ]

    def test_what_no_visit_lists_is_offered(self, treated, case, protocol) -> None:
        assert not any(hard for *_, hard in self.owed(treated, case, protocol, FU1))
        assert ("SPINO_ITEM", "S01", "GROWTH", False) in self.owed(treated, case, protocol, FU1)

    def test_a_visit_that_judges_sites_wants_one(self, empty, case, protocol, context) -> None:
        named, asked = scheduled(case, protocol, BL="SPINO", POST="SPINO")
        assert self.owed(empty, named, asked, FU1) == [("SPINO_SITE", "", "", True)]
        plain = replace(asked, blinding=replace(asked.blinding, sequential=False))
        with pytest.raises(Refused, match="LOCK_OWES_FORMS") as refused:
            LockVisit(timepoint=FU1).apply(empty, replace(context, case=named, protocol=plain))
        assert refused.value.arguments["forms"] == "SPINO"

    def test_images_that_show_nothing_need_no_grade_and_the_rest_is_only_offered(
        self, treated, case, protocol, context
    ) -> None:
        named, asked = scheduled(case, replace(protocol, eligibility=Table()), BL="ESCC")
        strict = replace(context, case=named, protocol=asked)
        read = done(treated, strict, graded("OTHER", item="IMAGES"))
        assert self.owed(read, named, asked, BL) == [("ESCC_REST", "T9", "REST", False)]
        assert LockVisit(timepoint=BL).apply(read, strict).lock_of(BL) is Lock.LOCKED
        read = done(read, strict, said("REST", "UNREMARKABLE", form="ESCC", site="", at=BL))
        assert self.owed(read, named, asked, BL) == []


def test_a_decline_is_asked_only_of_who_is_told_the_neurology(treated, context, protocol, case) -> None:
    read = done(treated, context, said("EPIDURAL", "EQUIVOCAL"))
    site = sites_of(read, case)[0]
    for items, asked in ((("FRANKEL",), True), (("AIS", "ECOG"), True), (("ECOG",), False), ((), False)):
        told = replace(protocol, blinding=replace(protocol.blinding, clinical_shown=frozenset(items)))
        assert ("NEUROLOGY" in site_items(read, site, case.timepoints[FU1], told)) is asked
