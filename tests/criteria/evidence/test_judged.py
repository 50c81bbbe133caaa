"""From a read to what is judged and not measured: non-targets, new lesions, decisions, regions that nobody scanned."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.evidence.coverage import missing_regions
from spinereview.criteria.evidence.judged import decisions, new_values, non_target_values
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import AfterCr, Decisions, EquivocalCr
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table


def timepoint(ordinal, name):
    stack = Stack(
        id="k",
        series_uid="2.25.1",
        modality="CT",
        kind=StackKind.VOLUME,
        plane=Plane.AXIAL,
        pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
        calibration=Calibration.PATIENT,
        slice_interval_mm=Decimal(3),
        images=(("1.2.3", 1),),
    )
    return Timepoint(id=name, label=name, ordinal=ordinal, stacks=Table({"k": stack}))


POINTS = {name: timepoint(at, name) for at, name in enumerate(("BL", "FU1", "FU2"))}
CASE = Case(id="c", subject_code="S", protocol_sha256="0", timepoints=Table(POINTS))


def lesion(role, findings=None, **given):
    defaults = {"site": Site(organ="LIVER", location="LIVER"), "first_seen": "BL"}
    return Lesion(id="L01", role=role, findings=Table(findings or {}), **{**defaults, **given})


def read(*lesions, **visits):
    return Read(
        id="r",
        case="c",
        reader_code="R",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0",
        lesions=Table({one.id: one for one in lesions}),
        visits=Table(visits),
    )


def answer(value, reason=""):
    return Answer(value=value, basis=AnswerBasis.JUDGED, reason=reason)


class TestNonTarget:
    @pytest.mark.parametrize(
        ("at", "said", "first_seen", "state"),
        [
            ("BL", None, "BL", LesionState.PRESENT),
            ("BL", LesionState.NE, "BL", LesionState.NE),
            ("BL", None, "FU1", None),
            ("FU1", None, "BL", None),
            ("FU1", None, "FU1", None),
            ("FU1", LesionState.ABSENT, "BL", LesionState.ABSENT),
        ],
    )
    def test_one_that_was_recorded_at_baseline_is_present_there_and_nowhere_else_unsaid(
        self, at, said, first_seen, state
    ):
        findings = {} if said is None else {at: LesionFinding(state=said)}
        one = lesion(LesionRole.NON_TARGET, findings, first_seen=first_seen)
        value = non_target_values(read(one), POINTS[at], POINTS["BL"])["L01"]
        assert (value.state, value.ref) == (state, ("lesions", "L01", "findings", at))

    @pytest.mark.parametrize(
        ("tissue", "sclerotic"),
        [(Tissue.BLASTIC, True), (Tissue.MIXED, True), (Tissue.LYTIC, False), (Tissue.SOFT, False), (None, False)],
    )
    def test_blastic_and_mixed_ones_may_grow_denser_while_they_heal(self, tissue, sclerotic):
        one = lesion(LesionRole.NON_TARGET, tissue=tissue)
        assert non_target_values(read(one), POINTS["BL"], POINTS["BL"])["L01"].sclerotic is sclerotic

    def test_lesions_of_another_role_are_none(self):
        assert non_target_values(read(lesion(LesionRole.NEW)), POINTS["BL"], POINTS["BL"]) == Table()


def new_at(at, finding=None, **given):
    one = lesion(LesionRole.NEW, {} if finding is None else {at: finding}, **{"first_seen": "FU1", **given})
    return new_values(read(one), CASE, POINTS[at], POINTS["BL"], Settings()).get("L01")


class TestNew:
    @pytest.mark.parametrize(
        ("first_seen", "at", "there"),
        [("FU1", "BL", False), ("FU1", "FU1", True), ("FU1", "FU2", True), ("GONE", "FU2", False)],
    )
    def test_it_appears_from_the_timepoint_on_at_which_it_was_first_recorded(self, first_seen, at, there):
        value = new_at(at, first_seen=first_seen)
        assert (value is not None) is there
        assert value is None or (value.status, value.said) == (None, False)

    def test_lesions_of_another_role_are_none(self):
        assert new_values(read(lesion(LesionRole.NON_TARGET)), CASE, POINTS["FU1"], POINTS["BL"], Settings()) == Table()

    @pytest.mark.parametrize(
        ("status", "technique", "counted", "doubtful"),
        [
            (NewStatus.YES, False, NewStatus.YES, False),
            (NewStatus.YES, True, NewStatus.EQUIVOCAL, True),
            (NewStatus.NO, True, NewStatus.NO, False),
            (NewStatus.EQUIVOCAL, True, NewStatus.EQUIVOCAL, False),
        ],
    )
    def test_seen_only_by_another_technique_it_is_not_new_for_certain(self, status, technique, counted, doubtful):
        finding = LesionFinding(state=LesionState.PRESENT, new_status=status, only_by_new_technique=technique)
        value = new_at("FU1", finding)
        assert (value.status, value.only_by_technique, value.said) == (counted, doubtful, True)

    @pytest.mark.parametrize(("cause", "fracture"), [("FRACTURE", True), ("FLARE", False), ("", False)])
    def test_a_fracture_is_told_by_its_cause(self, cause, fracture):
        value = new_at("FU1", LesionFinding(state=LesionState.PRESENT, cause=cause))
        assert value.fracture is fracture
        assert new_at("FU1").fracture is False

    @pytest.mark.parametrize(("tissue", "sclerotic"), [(Tissue.BLASTIC, True), (Tissue.MIXED, False), (None, False)])
    def test_only_a_blastic_one_may_be_a_flare(self, tissue, sclerotic):
        assert new_at("FU1", tissue=tissue).sclerotic is sclerotic


def drawn(*points, kind=MeasurementKind.BIDIRECTIONAL):
    geometry = OnImage(image=ImageRef(stack="k", sop_uid="1.2.3"), points_mpx=points)
    return Measurement(id="m", kind=kind, geometry=geometry)


CROSS = drawn((0, 0), (40_000, 0), (9_000, 9_000), (9_000, 29_000))
"""20 mm long and 10 mm across."""
ALONG = drawn((0, 0), (0, 60_000), kind=MeasurementKind.CRANIOCAUDAL)


@pytest.mark.parametrize(
    ("nodal", "parts", "mm"),
    [
        (True, {"a": CROSS}, Decimal("10.0")),
        (True, {"a": CROSS, "cc": ALONG}, Decimal("10.0")),
        (True, {"cc": ALONG}, None),
        (True, {"a": CROSS, "b": CROSS}, None),
        (True, {"a": drawn((0, 0), (40_000, 0), kind=MeasurementKind.DIAMETER)}, None),
        (True, {}, None),
        (True, None, None),
        (False, {"a": CROSS}, None),
    ],
)
def test_a_new_node_that_was_measured_in_one_piece_has_its_short_axis(nodal, parts, mm):
    finding = None if parts is None else LesionFinding(state=LesionState.PRESENT, parts=Table(parts))
    assert new_at("FU1", finding, nodal=nodal).short_axis_mm == mm


class TestVisit:
    @pytest.mark.parametrize(
        ("made", "found"),
        [
            ({}, Decisions()),
            (
                {"AFTER_CR": answer("REAPPEARED", "seen again")},
                Decisions(after_cr=AfterCr.REAPPEARED, after_cr_reason="seen again"),
            ),
            ({"AFTER_CR": answer("AMEND_CR_TO_PR")}, Decisions(after_cr=AfterCr.AMEND_CR_TO_PR)),
            ({"AFTER_CR": answer("PERHAPS", "who knows")}, Decisions(after_cr_reason="who knows")),
            ({"EQUIVOCAL_CR": answer("CONFIRMED")}, Decisions(equivocal_cr=EquivocalCr.CONFIRMED)),
            ({"EQUIVOCAL_CR": answer("NOT_CR")}, Decisions(equivocal_cr=EquivocalCr.NOT_CR)),
            ({"EQUIVOCAL_CR": answer("PERHAPS")}, Decisions()),
            ({"RESIDUAL_CR": answer("CR")}, Decisions(residual_cr=True)),
            ({"RESIDUAL_CR": answer("PR")}, Decisions()),
        ],
    )
    def test_a_word_that_is_not_of_the_vocabulary_counts_as_not_said(self, made, found):
        assert decisions(read(FU1=Visit(decisions=Table(made))), POINTS["FU1"]) == found
        assert decisions(read(), POINTS["FU1"]) == Decisions()

    def test_regions_that_nobody_scanned_are_named(self):
        coverage = {"CHEST": answer("NOT_SCANNED"), "ABDOMEN": answer("SCANNED"), "PELVIS": answer("NOT_SCANNED")}
        told = read(FU1=Visit(coverage=Table(coverage)))
        assert missing_regions(told, POINTS["FU1"]) == ("CHEST", "PELVIS")
        assert missing_regions(told, POINTS["FU2"]) == ()
