"""Quality of the images: what is refused, and what missing or unreadable images of a demanded kind do to a visit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.criteria.evidence.quality import missing_modalities, quality_said, shows, unreadable_modalities
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.responses_of_recist import responses_of
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.quality import Quality, QualityCause
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.commands.findings import Measure
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.quality import JudgeQuality
from spinereview.text import sentence
from spinereview.workflow.assessments import assess_read, recist_input

BL, FU1 = Id("BL"), Id("FU1")
BAD, MOTION = Quality.NOT_READABLE, QualityCause.MOTION


def judged(stack: str, quality: Quality | None, cause: QualityCause | None = None, at: Id = FU1) -> JudgeQuality:
    return JudgeQuality(timepoint=at, stack=Id(stack), quality=quality, cause=cause)


def test_a_series_is_judged_and_that_is_taken_back(do, empty) -> None:
    read = do(judged("k-FU1", BAD, MOTION))
    answer = read.visits[FU1].quality["k-FU1"]
    assert (answer.value, answer.reason, answer.basis) == ("NOT_READABLE", "MOTION", "JUDGED")
    assert do(judged("k-FU1", BAD, MOTION), on=read) is read
    better = do(judged("k-FU1", Quality.OPTIMAL), on=read)
    assert better.visits[FU1].quality["k-FU1"].reason == ""
    assert do(judged("k-FU1", None), on=better).visits[FU1].quality == Table()
    assert do(judged("k-FU1", None)) is empty


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (judged("k-BL", Quality.OPTIMAL), "SERIES_NOT_OF_TIMEPOINT"),
        (judged("k-FU1", BAD), "QUALITY_CAUSE"),
        (judged("k-FU1", Quality.READABLE, MOTION), "QUALITY_CAUSE"),
        (judged("k-FU1", None, MOTION), "QUALITY_CAUSE"),
        (judged("k-FU1", BAD, MOTION, at=Id("FU9")), "TIMEPOINT_UNKNOWN"),
    ],
)
def test_what_makes_no_sense_is_refused(do, act, code) -> None:
    with pytest.raises(Refused, match=code) as refused:
        do(act)
    assert "{" not in sentence(code, refused.value.arguments)


def test_a_locked_visit_takes_no_word_on_its_quality(do, empty) -> None:
    locked = replace(empty, visits=Table({FU1: Visit(lock=Lock.LOCKED)}))
    with pytest.raises(Refused, match="VISIT_LOCKED"):
        do(judged("k-FU1", Quality.OPTIMAL), on=locked)


def test_a_kind_is_missing_or_not_readable_only_where_every_such_series_is(case, do) -> None:
    timepoint = case.timepoints[FU1]
    assert [shows(timepoint, word) for word in ("CT", "DX", "MR", "MR_OR_CT")] == [True, True, False, True]
    wanted = frozenset({"CT", "MR", "DX"})
    assert missing_modalities(timepoint, wanted) == ("MR",)
    read = do(judged("k-FU1", BAD, MOTION))
    assert unreadable_modalities(read, timepoint, wanted) == ("CT",)
    assert unreadable_modalities(read, timepoint, frozenset({"MR_OR_CT", "DX"})) == ("MR_OR_CT",)
    second = replace(timepoint.stacks["k-FU1"], id=Id("k2"))
    more = replace(timepoint, stacks=timepoint.stacks.with_("k2", second))
    assert unreadable_modalities(read, more, wanted) == ()
    assert quality_said(read, replace(timepoint, stacks=Table())) == {}


class TestResponse:
    @pytest.fixture
    def read(self, do, draw) -> Read:
        def measure(at: Id) -> Measure:
            return Measure(lesion=Id("L01"), timepoint=at, part="a", measurement=draw(at), stack_sha256="")

        site = Site(organ="LIVER", location="")
        add = AddLesion(
            timepoint=BL,
            role=LesionRole.TARGET,
            nodal=False,
            site=site,
            tissue=None,
            group=False,
            measurement=draw(BL),
            stack_sha256="",
            window="",
        )
        return do(add, measure(FU1), measure(Id("FU2")))

    def demanding(self, case: Case, protocol: Protocol, *kinds: str) -> tuple[Case, Protocol]:
        visit = ScheduledVisit(name="V", anchor=Anchor.SURGERY, day=0, modalities=frozenset(kinds))
        named = case.timepoints.with_(FU1, replace(case.timepoints[FU1], visit="V"))
        return replace(case, timepoints=named), replace(protocol, visits=Table({"V": visit}))

    def told(self, read: Read, case: Case, protocol: Protocol) -> tuple[str, list[str], bool]:
        overall = assess_read(read, case, protocol)["FU1/overall"]
        settings = Settings.parse(Table())
        given = recist_input(read, case, protocol, settings)
        response = responses_of(given, assess(given, settings))[0]
        return overall.outcome, [one.code for one in overall.warnings], response.readable

    def test_the_response_stands_and_the_visit_is_no_adequate_assessment(self, read, do, case, protocol) -> None:
        assert self.told(read, *self.demanding(case, protocol, "CT", "DX")) == ("SD", [], True)
        assert self.told(read, *self.demanding(case, protocol, "CT", "MR")) == ("SD", ["MODALITY_MISSING"], False)
        blurred = do(judged("k-FU1", BAD, MOTION), on=read)
        wanted = self.demanding(case, protocol, "CT", "DX")
        assert self.told(blurred, *wanted) == ("SD", ["MODALITY_UNREADABLE"], False)
        assert self.told(do(judged("k-FU1", Quality.READABLE), on=read), *wanted) == ("SD", [], True)

    def test_nothing_is_demanded_of_a_timepoint_that_is_no_visit(self, read, case, protocol) -> None:
        _, demands = self.demanding(case, protocol, "MR")
        assert self.told(read, case, demands) == ("SD", [], True)

    def test_visits_that_demand_nothing_take_nothing_from_one_that_does(self, read, case, protocol) -> None:
        case, protocol = self.demanding(case, protocol, "MR")
        free = ScheduledVisit(name="W", anchor=Anchor.SURGERY, day=30)
        protocol = replace(protocol, visits=protocol.visits.with_("W", free))
        assert self.told(read, case, protocol)[1] == ["MODALITY_MISSING"]
        plain = replace(protocol, visits=Table({"W": free}))
        assert self.told(read, case, plain) == ("SD", [], True)

    def test_the_sentence_names_the_images(self, read, case, protocol) -> None:
        where = self.demanding(case, protocol, "MR", "PT")
        (warning,) = assess_read(read, *where)["FU1/overall"].warnings
        assert "MR, PT" in sentence(warning.code, warning.args)

    def test_a_baseline_without_its_images_is_told_too(self, read, case, protocol) -> None:
        case, protocol = self.demanding(case, protocol, "MR")
        named = case.timepoints.with_(BL, replace(case.timepoints[BL], visit="V"))
        baseline = assess_read(read, replace(case, timepoints=named), protocol)["BL/overall"]
        assert [one.code for one in baseline.warnings] == ["MODALITY_MISSING"]
