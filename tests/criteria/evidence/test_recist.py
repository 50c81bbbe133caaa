"""From points in a read to reported millimetres, and the reasons why there are none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.evidence.recist import (
    TOO_SMALL_FRAGMENT,
    baseline_of,
    evidence,
    lesion_label,
    lesion_value,
)
from spinereview.criteria.evidence.targets import candidates, lesion_facts
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import (
    Comparability,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    MarginHidden,
    Technique,
    Tissue,
)
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Lock, Purpose, Read, Visit
from spinereview.domain.table import Table
from spinereview.text import catalogue

SETTINGS = Settings()
ISOTROPIC = (Decimal("0.5"), Decimal("0.5"))


def stack(name, **given):
    defaults = {
        "series_uid": f"2.25.{name}",
        "modality": "CT",
        "kind": StackKind.VOLUME,
        "plane": Plane.AXIAL,
        "pixel_spacing_mm": ISOTROPIC,
        "calibration": Calibration.PATIENT,
        "slice_thickness_mm": Decimal(3),
        "slice_interval_mm": Decimal(3),
        "images": (("1.2.3", 1),),
    }
    return Stack(id=name, **{**defaults, **given})


def case(*timepoints, **stacks):
    """Timepoints in order, each with a stack ``k<timepoint>`` unless another is given."""
    made = {}
    for ordinal, name in enumerate(timepoints):
        own = stacks.get(name, stack(f"k{name}"))
        made[name] = Timepoint(id=name, label=name, ordinal=ordinal, stacks=Table({own.id: own}))
    return Case(id="c", subject_code="S1", protocol_sha256="0", timepoints=Table(made))


def drawn(timepoint, *points, kind=MeasurementKind.DIAMETER, on=None):
    image = ImageRef(stack=on or f"k{timepoint}", sop_uid="1.2.3")
    return Measurement(id="m", kind=kind, geometry=OnImage(image=image, points_mpx=points))


def line(timepoint, length_mpx, **given):
    return drawn(timepoint, (1000, 1000), (1000 + length_mpx, 1000), **given)


def cross(timepoint, long_mpx, short_mpx):
    points = [(0, 0), (long_mpx, 0), (1000, 1000), (1000, 1000 + short_mpx)]
    return drawn(timepoint, *points, kind=MeasurementKind.BIDIRECTIONAL)


def entered(value, unit="mm", source="table"):
    return Measurement(
        id="m", kind=MeasurementKind.DIAMETER, geometry=Entered(value=Decimal(value), unit=unit, source=source)
    )


def found(*parts, state=LesionState.MEASURED, **given):
    return LesionFinding(state=state, parts=Table(dict(zip("abcd", parts, strict=False))), **given)


def lesion(findings, *, number=1, role=LesionRole.TARGET, **given):
    defaults = {"site": Site(organ="LIVER", location="LIVER"), "first_seen": "BL"}
    return Lesion(id=f"L0{number}", role=role, findings=Table(findings), **{**defaults, **given})


def read(*lesions, locked=()):
    return Read(
        id="r",
        case="c",
        reader_code="R1",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0",
        lesions=Table({entry.id: entry for entry in lesions}),
        visits=Table({name: Visit(lock=Lock.LOCKED) for name in locked}),
    )


def value_of(one, the_case=None, timepoint="BL", settings=SETTINGS):
    return lesion_value(read(one), the_case or case("BL", "FU1"), one, timepoint, settings)


def target_at(one, timepoint="BL", the_case=None, *others):
    visits = evidence(read(one, *others), the_case or case("BL", "FU1"), SETTINGS).visits
    visit = next(visit for visit in visits if visit.timepoint == timepoint)
    return visit.targets[one.id], visit


class TestDiameters:
    def test_longest_diameter_is_exact(self):
        # 41 250/1000 px of 0.9765625 mm are 40.283203125 mm.
        spacing = (Decimal("0.9765625"), Decimal("0.9765625"))
        the_case = case("BL", BL=stack("kBL", pixel_spacing_mm=spacing))
        assert value_of(lesion({"BL": found(line("BL", 41250))}), the_case).mm == Decimal("40.3")

    @pytest.mark.parametrize(("mpx", "mm"), [(19899, "9.9"), (19900, "10.0"), (19901, "10.0")])
    def test_a_half_tenth_goes_up(self, mpx, mm):
        assert str(value_of(lesion({"BL": found(line("BL", mpx))})).mm) == mm

    def test_pixels_may_be_oblong(self):
        the_case = case("BL", BL=stack("kBL", pixel_spacing_mm=(Decimal("2.0"), Decimal("0.5"))))
        across = lesion({"BL": found(drawn("BL", (0, 0), (10000, 0)))})
        down = lesion({"BL": found(drawn("BL", (0, 0), (0, 10000)))})
        assert (value_of(across, the_case).mm, value_of(down, the_case).mm) == (Decimal("5.0"), Decimal("20.0"))

    def test_of_two_axes_the_long_one_counts_for_a_lesion_and_the_short_one_for_a_node(self):
        finding = {"BL": found(cross("BL", 40000, 18000))}
        assert value_of(lesion(finding)).mm == Decimal("20.0")
        assert value_of(lesion(finding, nodal=True)).mm == Decimal("9.0")

    @pytest.mark.parametrize(
        "measurement",
        [line("BL", 40000), drawn("BL", (0, 0), (40000, 0), kind=MeasurementKind.BIDIRECTIONAL)],
        ids=["diameter", "long axis alone"],
    )
    def test_a_node_without_a_short_axis_has_no_value(self, measurement):
        node = lesion({"BL": found(measurement)}, nodal=True)
        assert (value_of(node).mm, value_of(node).problem.code) == (None, "SHORT_AXIS_MISSING")
        value, _ = target_at(node)
        assert (value.state, value.problem.code) == (None, "SHORT_AXIS_MISSING")

    @pytest.mark.parametrize(("value", "mm"), [("9.94", "9.9"), ("9.95", "10.0"), ("12", "12.0")])
    def test_an_entered_value_is_rounded_alike(self, value, mm):
        assert mm_text(value_of(lesion({"BL": found(entered(value))})).mm) == mm

    def test_an_entered_value_of_a_node_is_its_short_axis_and_says_so(self):
        _, visit = target_at(lesion({"BL": found(entered("12"))}, nodal=True))
        assert [warning.code for warning in visit.warnings] == ["ENTERED_AS_SHORT_AXIS"]

    @pytest.mark.parametrize(
        ("rounding", "mm"), [(Decimal("0.1"), "10.2"), (Decimal("1.0"), "10.0"), ("none", "10.248")]
    )
    def test_rounding_is_the_protocols(self, rounding, mm):
        settings = Settings.parse({"value_rounding_mm": rounding})
        assert str(value_of(lesion({"BL": found(line("BL", 20496))}), settings=settings).mm) == mm

    def test_an_outline_has_its_longest_diameter(self):
        outline = drawn("BL", (0, 0), (6000, 0), (6000, 8000), kind=MeasurementKind.OUTLINE)
        assert value_of(lesion({"BL": found(outline)})).mm == Decimal("5.0")
        assert value_of(lesion({"BL": found(outline)}, nodal=True)).problem.code == "SHORT_AXIS_MISSING"

    def test_the_craniocaudal_extent_is_no_diameter(self):
        parts = Table({"a": line("BL", 40000), "cc": line("BL", 90000, kind=MeasurementKind.CRANIOCAUDAL)})
        assert value_of(lesion({"BL": LesionFinding(state=LesionState.MEASURED, parts=parts)})).mm == Decimal("20.0")

    def test_two_diameters_of_one_lesion_are_one_too_many(self):
        assert value_of(lesion({"BL": found(line("BL", 4), line("BL", 5))})).problem.code == "VALUE_AMBIGUOUS"


class TestNoMillimetres:
    def refused(self, one, **stacks):
        reported = value_of(one, case("BL", "FU1", **stacks))
        assert reported.mm is None
        return reported.problem.code

    def test_without_a_calibration(self):
        bare = stack("kBL", pixel_spacing_mm=None, calibration=Calibration.NONE)
        assert self.refused(lesion({"BL": found(line("BL", 40000))}), BL=bare) == "NO_CALIBRATION"

    def test_on_an_image_of_another_timepoint(self):
        assert self.refused(lesion({"BL": found(line("BL", 40000, on="kFU1"))})) == "VALUE_IMAGE_UNKNOWN"

    def test_below_the_rounding(self):
        assert self.refused(lesion({"BL": found(line("BL", 99))})) == "DIAMETER_ZERO"
        assert self.refused(lesion({"BL": found(entered("0.04"))})) == "DIAMETER_ZERO"

    def test_entered_in_another_unit(self):
        assert self.refused(lesion({"BL": found(entered("4", unit="cm"))})) == "ENTERED_VALUE_NOT_MM"

    def test_of_a_mark_that_is_no_diameter(self):
        arrow = line("BL", 40000, kind=MeasurementKind.ARROW)
        assert self.refused(lesion({"BL": found(arrow)})) == "KIND_WITHOUT_DIAMETER"

    @pytest.mark.parametrize(("kind", "code"), [(StackKind.VOLUME, None), (StackKind.SLICES, "NO_MM_BETWEEN_SLICES")])
    def test_across_slices_only_in_a_volume(self, kind, code):
        space = InSpace(stacks=("kBL",), frame_of_reference_uid="1.2", points_um=((0, 0, 0), (3000, 4000, 12000)))
        one = lesion({"BL": found(Measurement(id="m", kind=MeasurementKind.DIAMETER, geometry=space))})
        reported = value_of(one, case("BL", BL=stack("kBL", kind=kind)))
        if code is None:
            assert (reported.mm, reported.warnings[0].code) == (Decimal("13.0"), "REFORMATTED_PLANE")
        else:
            assert (reported.mm, reported.problem.code) == (None, code)

    @pytest.mark.parametrize("calibration", [Calibration.DETECTOR, Calibration.UNSTATED, Calibration.MANUAL])
    def test_a_doubtful_calibration_warns_and_counts(self, calibration):
        plain = stack("kBL", modality="DX", kind=StackKind.PROJECTION, calibration=calibration)
        reported = value_of(lesion({"BL": found(line("BL", 40000))}), case("BL", BL=plain))
        assert reported.mm == Decimal("20.0")
        assert [warning.code for warning in reported.warnings] == [f"VALUE_CALIBRATION_{calibration}"]


class TestStates:
    def test_a_target_without_a_finding_has_no_state(self):
        value, visit = target_at(lesion({"BL": found(line("BL", 40000))}), "FU1")
        assert (value.state, value.problem.code, visit.closed) == (None, "STATE_MISSING", False)

    def test_open_it_is_incomplete_and_locked_it_is_not_evaluable(self):
        one = lesion({"BL": found(line("BL", 40000))})
        the_case = case("BL", "FU1")
        outcomes = [
            assess(evidence(read(one, locked=locked), the_case, SETTINGS), SETTINGS)["FU1/target"].outcome
            for locked in ((), ("BL",), ("BL", "FU1"))
        ]
        assert outcomes == ["INCOMPLETE", "INCOMPLETE", "NE"]

    def test_a_visit_being_amended_is_open(self):
        one = lesion({"BL": found(line("BL", 40000))})
        amended = Read(
            id="r",
            case="c",
            reader_code="R1",
            purpose=Purpose.EFFICACY,
            protocol_sha256="0",
            lesions=Table({"L01": one}),
            visits=Table({"BL": Visit(lock=Lock.AMENDING)}),
        )
        assert not evidence(amended, case("BL"), SETTINGS).visits[0].closed

    def test_a_target_recorded_after_the_baseline_is_named(self):
        late = lesion({"FU1": found(line("FU1", 40000))}, first_seen="FU1")
        assert target_at(late)[0].problem.code == "TARGET_NOT_AT_BASELINE"

    def test_a_reason_points_at_the_finding(self):
        one = lesion({"BL": found(line("BL", 40000)), "FU1": found(line("FU1", 20000))})
        answer = assess(evidence(read(one), case("BL", "FU1"), SETTINGS), SETTINGS)["FU1/target"]
        assert answer.because[0].refs == (("lesions", "L01", "findings", "FU1"),)

    @pytest.mark.parametrize(
        ("state", "mm"),
        [(LesionState.TOO_SMALL, "5.0"), (LesionState.ABSENT, "0"), (LesionState.NE, None)],
    )
    def test_states_have_their_value_in_lists(self, state, mm):
        reported = value_of(lesion({"BL": LesionFinding(state=state)}))
        assert (None if reported.mm is None else str(reported.mm)) == mm
        assert (reported.problem is None) == (mm is not None)

    def test_a_lesion_without_a_finding_says_so_in_lists(self):
        assert value_of(lesion({})).problem.code == "STATE_MISSING"

    def test_a_non_target_that_was_measured_all_the_same_shows_it(self):
        one = lesion({"BL": found(line("BL", 40000), state=LesionState.PRESENT)}, role=LesionRole.NON_TARGET)
        assert value_of(one).mm == Decimal("20.0")
        assert evidence(read(one), case("BL"), SETTINGS).visits[0].targets == Table()

    def test_visits_before_the_baseline_are_left_out(self):
        the_case = case("PRE", "BL", "FU1")
        flagged = Timepoint(
            id="BL",
            label="BL",
            ordinal=1,
            baseline_for=frozenset({"RECIST"}),
            stacks=the_case.timepoints["BL"].stacks,
        )
        the_case = Case(
            id="c", subject_code="S1", protocol_sha256="0", timepoints=the_case.timepoints.with_("BL", flagged)
        )
        assert baseline_of(the_case).id == "BL"
        visits = evidence(read(lesion({"BL": found(line("BL", 40000))})), the_case, SETTINGS).visits
        assert [visit.timepoint for visit in visits] == ["BL", "FU1"]

    def test_a_case_without_images_has_no_visits(self):
        assert evidence(read(), Case(id="c", subject_code="S", protocol_sha256="0"), SETTINGS).visits == ()

    def test_visits_go_by_their_order_not_by_their_name(self):
        names = ["BL", *(f"FU{number}" for number in range(1, 12))]
        visits = evidence(read(), case(*names), SETTINGS).visits
        assert [visit.timepoint for visit in visits] == names


class TestSplitAndMerged:
    def test_fragments_and_one_too_small(self):
        finding = found(line("FU1", 24000), entered("0", source=TOO_SMALL_FRAGMENT), state=LesionState.SPLIT)
        one = lesion({"BL": found(line("BL", 60000)), "FU1": finding})
        assert value_of(one, timepoint="FU1").mm == Decimal("17.0")
        value, _ = target_at(one, "FU1")
        assert [part.mm for part in value.parts] == [Decimal("12.0"), None]

    def test_fragments_of_a_node_need_short_axes(self):
        finding = found(cross("FU1", 24000, 12000), line("FU1", 24000), state=LesionState.SPLIT)
        one = lesion({"BL": found(cross("BL", 60000, 40000)), "FU1": finding}, nodal=True)
        assert target_at(one, "FU1")[0].problem.code == "SHORT_AXIS_MISSING"

    def test_fragments_measured_in_two_modalities_do_not_add_up(self):
        mr = stack("kMR", modality="MR")
        ct = stack("kFU1")
        later = Timepoint(id="FU1", label="FU1", ordinal=1, stacks=Table({"kMR": mr, "kFU1": ct}))
        the_case = case("BL")
        the_case = Case(
            id="c", subject_code="S1", protocol_sha256="0", timepoints=the_case.timepoints.with_("FU1", later)
        )
        finding = found(line("FU1", 24000), line("FU1", 24000, on="kMR"), state=LesionState.SPLIT)
        one = lesion({"BL": found(line("BL", 60000)), "FU1": finding})
        assert target_at(one, "FU1", the_case)[0].problem.code == "TECHNIQUES_MIXED"

    def mass(self, *, carrier_nodal, partner_nodal):
        carrier = lesion(
            {"BL": found(cross("BL", 60000, 40000)), "FU1": found(cross("FU1", 28000, 19800))}, nodal=carrier_nodal
        )
        partner = lesion(
            {
                "BL": found(cross("BL", 60000, 40000)),
                "FU1": LesionFinding(state=LesionState.MERGED, carrier="L01"),
            },
            number=2,
            nodal=partner_nodal,
        )
        given = evidence(read(carrier, partner), case("BL", "FU1"), SETTINGS)
        return assess(given, SETTINGS)["FU1/target"]

    def test_node_only_mass_keeps_short_axis(self):
        answer = self.mass(carrier_nodal=True, partner_nodal=True)
        assert (answer.outcome, answer.values["sum_mm"]) == ("CR", Decimal("9.9"))

    @pytest.mark.parametrize(("carrier", "partner"), [(True, False), (False, True)])
    def test_node_with_another_lesion_has_a_longest_diameter(self, carrier, partner):
        answer = self.mass(carrier_nodal=carrier, partner_nodal=partner)
        assert (answer.outcome, answer.values["sum_mm"]) == ("PR", Decimal("14.0"))
        assert "NODE_NON_NODE_MERGE" in {warning.code for warning in answer.warnings}

    def test_a_merged_lesion_names_its_carrier_in_lists(self):
        carrier = lesion({"FU1": found(line("FU1", 28000))})
        partner = lesion({"FU1": LesionFinding(state=LesionState.MERGED, carrier="L01")}, number=2)
        reported = lesion_value(read(carrier, partner), case("BL", "FU1"), partner, "FU1", SETTINGS)
        assert (reported.problem.code, reported.problem.args["carrier"]) == ("VALUE_ON_CARRIER", "T01")

    @pytest.mark.parametrize("role", [LesionRole.NON_TARGET, None])
    def test_a_carrier_that_is_no_target_gives_no_value(self, role):
        partner = lesion({"FU1": LesionFinding(state=LesionState.MERGED, carrier="L02")})
        others = [] if role is None else [lesion({}, number=2, role=role)]
        assert target_at(partner, "FU1", None, *others)[0].problem.code == "CARRIER_NOT_A_TARGET"

    def test_carriers_in_a_circle_give_no_value(self):
        first = lesion({"FU1": LesionFinding(state=LesionState.MERGED, carrier="L02")})
        second = lesion({"FU1": LesionFinding(state=LesionState.MERGED, carrier="L01")}, number=2)
        assert target_at(first, "FU1", None, second)[0].problem.code == "CARRIER_NOT_A_TARGET"


class TestTechnique:
    TECHNIQUE = Technique(modality="CT", plane="AXIAL", role="CT", contrast="PORTAL", window="SOFT")

    def warned(self, comparability=None, reason="", **given):
        finding = found(line("FU1", 20000), comparability=comparability, reason=reason)
        one = lesion(
            {"BL": found(line("BL", 40000)), "FU1": finding},
            technique=self.TECHNIQUE,
        )
        value, visit = target_at(one, "FU1", case("BL", "FU1", FU1=stack("kFU1", **given)))
        return value.state, [warning.code for warning in visit.warnings]

    def test_the_same_needs_no_word(self):
        assert self.warned(contrast="PORTAL") == (LesionState.MEASURED, [])

    def test_another_modality_must_be_judged(self):
        assert self.warned(modality="MR") == (LesionState.MEASURED, ["MODALITY_NOT_JUDGED"])
        assert self.warned(Comparability.COMPARABLE, modality="MR") == (LesionState.MEASURED, ["MODALITY_CHANGE"])

    def test_not_comparable_is_not_evaluable(self):
        assert self.warned(Comparability.NOT_COMPARABLE, modality="MR") == (LesionState.NE, ["NOT_COMPARABLE"])

    def test_another_plane_and_missing_contrast_warn(self):
        sagittal = {"plane": Plane.SAGITTAL, "contrast": "PORTAL"}
        assert self.warned(**sagittal) == (LesionState.MEASURED, ["PLANE_CHANGE"])
        assert self.warned() == (LesionState.MEASURED, ["NO_CONTRAST"])
        assert self.warned(plane=Plane.SAGITTAL) == (LesionState.MEASURED, ["PLANE_CHANGE", "NO_CONTRAST"])
        assert self.warned(reason="axial images missing", **sagittal)[1] == ["PLANE_CHANGE_SAID"]

    def test_another_sequence_warns_where_both_are_known(self):
        assert self.warned(contrast="PORTAL", role="T2")[1] == ["SEQUENCE_CHANGE"]
        assert self.warned(contrast="PORTAL", role="CT")[1] == []

    @pytest.mark.parametrize("hidden", list(MarginHidden))
    def test_a_hidden_margin_is_said_of_every_value(self, hidden):
        code = f"MARGIN_HIDDEN_{hidden}"
        assert code in catalogue()
        for finding, warned in (
            (found(line("FU1", 20000), margin_hidden_by=hidden.value), [code]),
            (LesionFinding(state=LesionState.ABSENT, margin_hidden_by=hidden.value), [code]),
            (LesionFinding(state=LesionState.NE, margin_hidden_by=hidden.value), []),
        ):
            _, visit = target_at(lesion({"BL": found(line("BL", 40000)), "FU1": finding}), "FU1")
            assert [warning.code for warning in visit.warnings] == warned


class TestTargetAndNonTarget:
    def mass(self, *, target_nodal, other_nodal, at_fu1):
        carrier = lesion({"BL": found(cross("BL", 60000, 40000)), "FU1": at_fu1}, nodal=target_nodal)
        other = lesion(
            {
                "BL": LesionFinding(state=LesionState.PRESENT),
                "FU1": LesionFinding(state=LesionState.PRESENT, carrier="L01"),
            },
            number=2,
            role=LesionRole.NON_TARGET,
            nodal=other_nodal,
        )
        answers = assess(evidence(read(carrier, other), case("BL", "FU1"), SETTINGS), SETTINGS)
        return answers["FU1/target"], answers["FU1/non_target"], answers["FU1/overall"]

    def test_the_whole_mass_counts_and_the_non_target_is_seen(self):
        target, other, overall = self.mass(
            target_nodal=False, other_nodal=False, at_fu1=found(cross("FU1", 80000, 9000))
        )
        assert (target.outcome, target.values["sum_mm"]) == ("PD", Decimal("40.0"))
        assert (other.outcome, overall.outcome) == ("NON_CR_NON_PD", "PD")
        assert "TGT_NT_MERGE" in {warning.code for warning in target.warnings}

    @pytest.mark.parametrize(("other_nodal", "mm", "outcome"), [(True, "4.5", "CR"), (False, "7.0", "PR")])
    def test_a_node_that_merges_with_what_is_no_node_is_no_node(self, other_nodal, mm, outcome):
        drawn_ = found(cross("FU1", 14000, 9000))
        target, _, overall = self.mass(target_nodal=True, other_nodal=other_nodal, at_fu1=drawn_)
        assert (target.outcome, target.values["sum_mm"], overall.outcome) == (outcome, Decimal(mm), "PR")


@pytest.mark.parametrize(
    ("role", "label"),
    [
        (LesionRole.TARGET, "T01"),
        (LesionRole.NON_TARGET, "N01"),
        (LesionRole.NEW, "NEW01"),
        (LesionRole.TREATED_SITE, "S01"),
    ],
)
def test_a_lesion_is_called_by_its_role_and_number(role, label):
    assert lesion_label(lesion({}, role=role)) == label


class TestMeasurability:
    def test_facts_come_from_the_images_measured_on(self):
        thick = stack("kBL", slice_thickness_mm=Decimal(4), slice_interval_mm=Decimal(6))
        one = lesion({"BL": found(line("BL", 23000))}, site=Site(organ="Bone", location="L2"), tissue=Tissue.SOFT)
        facts = lesion_facts(read(one), case("BL", BL=thick), one, "BL", SETTINGS)
        assert (facts.organ, facts.size_mm, facts.modality) == ("BONE", Decimal("11.5"), "CT")
        assert (facts.slice_thickness_mm, facts.slice_interval_mm) == (4, 6)
        (candidate,) = candidates(read(one), case("BL", BL=thick), SETTINGS)
        assert (candidate.label, candidate.not_measurable) == ("T01", "BELOW_MINIMUM")

    def test_9_95_is_reported_10_0_and_measurable(self):
        one = lesion({"BL": found(line("BL", 19900))})
        assert candidates(read(one), case("BL"), SETTINGS)[0].not_measurable == ""

    def test_an_entered_value_is_by_caliper(self):
        one = lesion({"BL": found(entered("12"))})
        assert lesion_facts(read(one), case("BL"), one, "BL", SETTINGS).modality == "SKIN"

    def test_nothing_measured_is_not_measurable(self):
        assert candidates(read(lesion({})), case("BL"), SETTINGS)[0].not_measurable == "NOT_MEASURED"
        assert candidates(read(lesion({})), Case(id="c", subject_code="S", protocol_sha256="0"), SETTINGS) == ()
