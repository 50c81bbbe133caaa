"""What images cover, as far as it was said: regions that the protocol demands, and lesions outside of the baseline."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.coverage import Coverage, with_demanded_regions
from spinereview.criteria.evidence.recist import evidence
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import (
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    LocalTherapy,
    NewStatus,
    PriorTherapy,
)
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.read import Lock, Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.text import sentence
from spinereview.workflow.assessments import assess_read

LUMBAR, CHEST = ("LUMBAR SPINE",), ("CHEST",)
VISITS = Table(
    {
        "Baseline": ScheduledVisit(name="Baseline", anchor=Anchor.SURGERY, day=0),
        "Week 12": ScheduledVisit(
            name="Week 12", anchor=Anchor.SURGERY, day=84, regions=frozenset({"Lumbar spine", "Chest"})
        ),
    }
)


def case(baseline=(), follow_up=(), *more):
    """Two timepoints; of each stack of the second the regions that it covers."""
    made = {}
    for ordinal, (name, visit, covers) in enumerate(
        (("BL", "Baseline", [baseline]), ("FU1", "Week 12", [follow_up, *more]))
    ):
        stacks = {
            f"k{name}{at}": Stack(
                id=f"k{name}{at}",
                series_uid="2.25.1",
                modality="CT",
                kind=StackKind.SLICES,
                plane=Plane.AXIAL,
                pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
                calibration=Calibration.PATIENT,
                images=(("1.2", 1),),
                regions=regions,
            )
            for at, regions in enumerate(covers)
        }
        made[name] = Timepoint(id=name, label=name, ordinal=ordinal, visit=visit, stacks=Table(stacks))
    return Case(id="c", subject_code="S", protocol_sha256="0", timepoints=Table(made))


def mark(timepoint):
    image = ImageRef(stack=f"k{timepoint}0", sop_uid="1.2")
    return Measurement(
        id="m", kind=MeasurementKind.DIAMETER, geometry=OnImage(image=image, points_mpx=((0, 0), (60_000, 0)))
    )


def target(**given):
    findings = {
        name: LesionFinding(state=LesionState.MEASURED, parts=Table({"a": mark(name)})) for name in ("BL", "FU1")
    }
    site = Site(organ="LIVER", location="LIVER")
    return Lesion(id="L01", role=LesionRole.TARGET, site=site, first_seen="BL", findings=Table(findings), **given)


def new(status=NewStatus.YES, **given):
    finding = LesionFinding(state=LesionState.PRESENT, parts=Table({"a": mark("FU1")}), new_status=status, **given)
    site = Site(organ="LUNG", location="LUNG")
    return Lesion(id="L02", role=LesionRole.NEW, site=site, first_seen="FU1", findings=Table({"FU1": finding}))


def read(*lesions, answers=None):
    said = {region: Answer(value=value, basis=AnswerBasis.JUDGED) for region, value in (answers or {}).items()}
    return Read(
        id="r",
        case="c",
        reader_code="R",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0",
        lesions=Table({one.id: one for one in lesions}),
        visits=Table({"BL": Visit(lock=Lock.LOCKED), "FU1": Visit(lock=Lock.LOCKED, coverage=Table(said))}),
    )


def asked(one, of, **settings):
    protocol = Protocol(
        id="p", version="1", title="P", sha256="0", visits=VISITS, criteria=Table({"recist": Table(settings)})
    )
    return assess_read(one, of, protocol)


def codes(answer):
    return [reason.code for reason in (*answer.because, *answer.warnings)]


class TestDemandedRegions:
    def test_a_region_that_no_stack_covers_is_missing_and_named(self):
        found = asked(read(target()), case((), LUMBAR))
        assert (found["FU1/new"].outcome, found["FU1/overall"].outcome) == ("NE", "NE")
        (reason,) = found["FU1/new"].because[:1]
        assert (reason.code, dict(reason.args)) == ("NEW_NE_REGION", {"regions": "Chest"})
        assert sentence(reason.code, reason.args).startswith("NE: Chest was not scanned")

    def test_regions_that_are_covered_between_them_are_there_in_any_case_of_letters(self):
        found = asked(read(target()), case((), LUMBAR, CHEST))
        assert (found["FU1/new"].outcome, codes(found["FU1/new"])) == ("NO", ["NEW_NONE"])

    @pytest.mark.parametrize("follow_up", [((),), (LUMBAR, ())], ids=["no stack says it", "one stack does not say it"])
    def test_where_nobody_has_stated_it_that_is_said_and_nothing_made_of_it(self, follow_up):
        found = asked(read(target()), case((), *follow_up))
        assert found["FU1/new"].outcome == "NO"
        (reason,) = found["FU1/new"].warnings
        regions = "Chest, Lumbar spine" if follow_up == ((),) else "Chest"
        assert (reason.code, dict(reason.args)) == ("REGION_NOT_STATED", {"regions": regions})

    def test_the_readers_word_on_a_region_decides(self):
        answers = {"Chest": Coverage.NOT_SCANNED, "Lumbar spine": Coverage.COVERED}
        found = asked(read(target(), answers=answers), case())
        assert found["FU1/new"].outcome == "NE"
        assert dict(found["FU1/new"].because[0].args) == {"regions": "Chest"}
        assert found["FU1/new"].warnings == ()

    def test_a_region_that_was_scanned_in_part_is_missing_and_an_unknown_word_is_no_answer(self):
        found = asked(read(target(), answers={"Chest": Coverage.PARTLY, "Lumbar spine": "PERHAPS"}), case())
        assert found["FU1/new"].outcome == "NE"
        assert dict(found["FU1/new"].because[0].args) == {"regions": "Chest"}
        assert sentence("NEW_NE_REGION", {"regions": "Chest"}).startswith("NE: Chest was not scanned, or only in part")
        assert dict(found["FU1/new"].warnings[0].args) == {"regions": "Lumbar spine"}

    def test_a_visit_without_images_states_nothing(self):
        of = case((), LUMBAR)
        bare = replace(of, timepoints=of.timepoints.with_("FU1", replace(of.timepoints["FU1"], stacks=Table())))
        given = with_demanded_regions(evidence(read(), bare, Settings()), read(), bare, VISITS)
        assert (given.visits[1].missing_regions, given.visits[1].unstated_regions) == (
            (),
            ("Chest", "Lumbar spine"),
        )

    def test_a_timepoint_that_is_no_visit_of_the_protocol_owes_no_region(self):
        of = case((), LUMBAR)
        other = replace(of, timepoints=of.timepoints.with_("FU1", replace(of.timepoints["FU1"], visit=None)))
        assert asked(read(target()), other)["FU1/new"].outcome == "NO"

    @pytest.mark.parametrize("visit", [None, "Baseline"])
    def test_what_was_said_of_a_region_that_is_no_longer_demanded_does_not_count(self, visit):
        of = case((), ())
        told = read(target(), answers={"Chest": Coverage.NOT_SCANNED, "Lumbar spine": Coverage.COVERED})
        assert asked(told, of)["FU1/new"].outcome == "NE"
        other = replace(of, timepoints=of.timepoints.with_("FU1", replace(of.timepoints["FU1"], visit=visit)))
        assert asked(told, other)["FU1/new"].outcome == "NO"
        bare = Protocol(id="p", version="1", title="P", sha256="0", criteria=Table({"recist": Table()}))
        assert assess_read(told, of, bare)["FU1/new"].outcome == "NO"


class TestPlacesOutsideOfTheBaseline:
    @pytest.mark.parametrize(
        ("policy", "outcome", "code"),
        [("new", "YES", "NEW_UNSCANNED_COUNTS"), ("equivocal", "EQUIVOCAL", "NEW_UNSCANNED")],
    )
    def test_a_lesion_in_a_region_that_was_not_imaged_counts_as_the_protocol_says(self, policy, outcome, code):
        found = asked(read(target(), new()), case(LUMBAR, CHEST), new_unscanned=policy, new_ne_policy="ignore")
        assert found["FU1/new"].outcome == outcome
        assert code in codes(found["FU1/new"])

    def test_a_lesion_in_a_region_that_was_imaged_is_new(self):
        of = case(("chest", *LUMBAR), CHEST)
        found = asked(read(target(), new()), of, new_unscanned="equivocal")
        assert found["FU1/new"].outcome == "YES"
        assert "NEW_UNSCANNED" not in codes(found["FU1/new"])

    @pytest.mark.parametrize("covers", [((), CHEST), (LUMBAR, ()), ((), ())])
    def test_where_nobody_has_stated_it_the_readers_word_counts_and_the_doubt_is_said(self, covers):
        found = asked(read(target(), new()), case(*covers), new_unscanned="equivocal")
        assert found["FU1/overall"].outcome == "PD"
        assert "NEW_COVERAGE_UNKNOWN" in codes(found["FU1/new"])
        plain = asked(read(target(), new()), case(*covers))
        assert "NEW_COVERAGE_UNKNOWN" not in codes(plain["FU1/new"])

    @pytest.mark.parametrize(
        ("said", "baseline", "outcome", "code"),
        [
            (Coverage.COVERED, (), "YES", None),
            (Coverage.COVERED, LUMBAR, "YES", None),
            (Coverage.NOT_SCANNED, (), "EQUIVOCAL", "NEW_UNSCANNED"),
            (Coverage.NOT_SCANNED, CHEST, "EQUIVOCAL", "NEW_UNSCANNED"),
            (Coverage.PARTLY, (), "YES", "NEW_COVERAGE_UNKNOWN"),
            (Coverage.PARTLY, LUMBAR, "YES", "NEW_COVERAGE_UNKNOWN"),
            (Coverage.PARTLY, CHEST, "YES", "NEW_COVERAGE_UNKNOWN"),
        ],
    )
    def test_what_the_reader_says_of_the_baseline_decides(self, said, baseline, outcome, code):
        one = read(target(), new())
        word = Answer(value=said, basis=AnswerBasis.JUDGED)
        told = Visit(lock=Lock.LOCKED, coverage=Table({"Chest": word}))
        one = replace(one, visits=one.visits.with_("BL", told))
        found = asked(one, case(baseline, CHEST), new_unscanned="equivocal", new_ne_policy="ignore")
        assert found["FU1/new"].outcome == outcome
        assert [one for one in codes(found["FU1/new"]) if "NEW_UNSCANNED" in one or "COVERAGE" in one] == (
            [] if code is None else [code]
        )

    def test_a_lesion_that_is_none_is_not_asked_about(self):
        found = asked(read(target(), new(NewStatus.NO)), case(LUMBAR, CHEST), new_unscanned="equivocal")
        assert not {"NEW_UNSCANNED", "NEW_COVERAGE_UNKNOWN"} & set(codes(found["FU1/new"]))


class TestIrradiationByTheStudy:
    @pytest.mark.parametrize(
        ("therapy", "policy", "outcome"),
        [
            (PriorTherapy(kind=LocalTherapy.RT, study_treatment=True), "measure", "SD"),
            (PriorTherapy(kind=LocalTherapy.RT, study_treatment=True), "ne", "NE"),
            (PriorTherapy(kind=LocalTherapy.RT, study_treatment=False), "ne", "SD"),
            (PriorTherapy(kind=LocalTherapy.SURGERY, study_treatment=True), "ne", "SD"),
            (None, "ne", "SD"),
        ],
    )
    def test_a_target_that_the_study_irradiated_is_measured_on_or_not_as_the_protocol_says(
        self, therapy, policy, outcome
    ):
        found = asked(read(target(prior_therapy=therapy)), case((), LUMBAR, CHEST), study_rt_target=policy)
        assert found["FU1/target"].outcome == outcome
        assert found["BL/target"].values["sum_mm"] == 30
        assert ("STUDY_RT_NE" in codes(found["FU1/target"])) is (outcome == "NE")

    def test_a_lesion_that_the_protocol_took_out_stays_taken_out(self):
        therapy = PriorTherapy(kind=LocalTherapy.RT, study_treatment=True)
        out = LesionFinding(state=LesionState.TREATED_BY_PROTOCOL)
        one = target(prior_therapy=therapy)
        one = replace(one, findings=one.findings.with_("FU1", out))
        given = evidence(read(one), case(), Settings(study_rt_target="ne"))
        assert given.visits[1].targets["L01"].state is LesionState.TREATED_BY_PROTOCOL
        assert assess(given, Settings())["FU1/target"].outcome == "NE"
