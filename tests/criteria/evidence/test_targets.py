"""From a read to the facts of its lesions: on several stacks, in space, entered; the choice of targets and its doubts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.evidence.recist import evidence, lesion_value
from spinereview.criteria.evidence.targets import candidates, left_out, lesion_facts, selection_doubts
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Purpose, Read
from spinereview.domain.table import Table

SETTINGS = Settings()


def stack(name, modality="CT", thickness="3", interval="3", **given):
    defaults = {
        "kind": StackKind.VOLUME,
        "pixel_spacing_mm": (Decimal("0.5"), Decimal("0.5")),
        "calibration": Calibration.PATIENT,
        "slice_thickness_mm": Decimal(thickness),
        "slice_interval_mm": Decimal(interval),
    }
    return Stack(
        id=name,
        series_uid=f"2.25.{name}",
        modality=modality,
        plane=Plane.AXIAL,
        images=(("1.2.3", 1),),
        **{**defaults, **given},
    )


def case(*stacks):
    point = Timepoint(id="BL", label="BL", ordinal=0, stacks=Table({one.id: one for one in stacks}))
    return Case(id="c", subject_code="S", protocol_sha256="0", timepoints=Table({"BL": point}))


def cross(on, long_mm, short_mm):
    points = ((0, 0), (long_mm * 2000, 0), (1000, 1000), (1000, 1000 + short_mm * 2000))
    geometry = OnImage(image=ImageRef(stack=on, sop_uid="1.2.3"), points_mpx=points)
    return Measurement(id=f"m{on}", kind=MeasurementKind.BIDIRECTIONAL, geometry=geometry)


def in_space(*stacks):
    geometry = InSpace(stacks=stacks, frame_of_reference_uid="1.2", points_um=((0, 0, 0), (3000, 4000, 12000)))
    return Measurement(id="s", kind=MeasurementKind.DIAMETER, geometry=geometry)


def entered(mm):
    geometry = Entered(value=Decimal(mm), unit="mm", source="table")
    return Measurement(id="e", kind=MeasurementKind.DIAMETER, geometry=geometry)


def lesion(*parts, number=1, role=LesionRole.TARGET, state=LesionState.MEASURED, **given):
    finding = LesionFinding(state=state, parts=Table(dict(zip("abc", parts, strict=False))))
    defaults = {"site": Site(organ="LIVER", location="LIVER"), "first_seen": "BL"}
    return Lesion(id=f"L0{number}", role=role, findings=Table({"BL": finding}), **{**defaults, **given})


def read(*lesions):
    return Read(
        id="r",
        case="c",
        reader_code="R",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0",
        lesions=Table({one.id: one for one in lesions}),
    )


def value(one, *stacks):
    return lesion_value(read(one), case(*stacks), one, "BL", SETTINGS)


@pytest.mark.parametrize(
    ("long_mm", "short_mm", "codes"),
    [(20, 19, []), (20, 20, []), (20, 21, ["VALUE_SHORT_AXIS_LONGER"])],
)
@pytest.mark.parametrize("nodal", [False, True])
def test_a_short_axis_that_is_longer_than_the_long_one_is_said(long_mm, short_mm, codes, nodal):
    found = value(lesion(cross("k", long_mm, short_mm), nodal=nodal), stack("k"))
    assert found.mm == (short_mm if nodal else long_mm)
    assert [reason.code for reason in found.warnings] == codes


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        (("k", "j"), None),
        (("k", "gone"), "VALUE_IMAGE_UNKNOWN"),
        (("gone",), "VALUE_IMAGE_UNKNOWN"),
        ((), "VALUE_IMAGE_UNKNOWN"),
        (("j", "b"), "NO_CALIBRATION"),
        (("j", "p"), "NO_MM_BETWEEN_SLICES"),
    ],
)
def test_in_space_every_stack_must_be_there_and_allow_it(named, problem):
    plain = stack("p", kind=StackKind.SLICES)
    bare = stack("b", pixel_spacing_mm=None, calibration=Calibration.NONE)
    found = value(lesion(in_space(*named)), stack("k"), stack("j"), bare, plain)
    assert found.mm == (None if problem else Decimal("13.0"))
    assert (found.problem and found.problem.code) == problem


def facts(one, *stacks):
    return lesion_facts(read(one), case(*stacks), one, "BL", SETTINGS)


class TestFacts:
    def test_of_several_stacks_the_thickest_and_the_modality_of_the_first(self):
        one = lesion(cross("k", 20, 9), cross("j", 20, 9), state=LesionState.SPLIT)
        found = facts(one, stack("k", "CT", "3", "6"), stack("j", "MR", "4", "5"))
        assert (found.slice_thickness_mm, found.slice_interval_mm, found.modality) == (4, 6, "CT")

    @pytest.mark.parametrize(
        ("parts", "modality"),
        [
            ((entered("12"),), "SKIN"),
            ((entered("12"), entered("3")), "SKIN"),
            ((entered("12"), cross("k", 20, 9)), "CT"),
            ((cross("gone", 20, 9),), ""),
        ],
    )
    def test_only_what_was_entered_alone_is_by_caliper(self, parts, modality):
        state = LesionState.MEASURED if len(parts) == 1 else LesionState.SPLIT
        assert facts(lesion(*parts, state=state), stack("k")).modality == modality


def test_what_was_left_out_is_asked_about_and_a_reason_answers():
    given = {"number": 2, "role": LesionRole.NON_TARGET, "state": LesionState.PRESENT}
    chosen, large = lesion(cross("k", 12, 9)), lesion(cross("k", 30, 20), **given)
    unmeasured = lesion(**{**given, "number": 3})
    the_case = case(stack("k"))
    of = read(chosen, large, unmeasured)
    assert [one.lesion for one in candidates(of, the_case, SETTINGS)] == ["L01"]
    others = left_out(of, the_case, SETTINGS)
    assert [(one.lesion, not one.not_measurable) for one in others] == [("L02", True), ("L03", False)]
    (doubt,) = selection_doubts(of, the_case, SETTINGS)
    assert (doubt.code, doubt.args["lesion"]) == ("ELIGIBLE_NOT_CHOSEN", "N02")
    reasoned = read(chosen, lesion(cross("k", 30, 20), override_reason="beside the aorta", **given))
    assert selection_doubts(reasoned, the_case, SETTINGS) == ()


class TestValue:
    def test_a_fragment_without_a_length_leaves_the_lesion_without_one_and_says_why(self):
        split = lesion(cross("k", 20, 9), cross("gone", 20, 9), state=LesionState.SPLIT)
        assert (value(split, stack("k")).mm, value(split, stack("k")).problem.code) == (None, "VALUE_IMAGE_UNKNOWN")

    @pytest.mark.parametrize(
        ("role", "state"), [(LesionRole.TARGET, LesionState.NE), (LesionRole.NON_TARGET, LesionState.PRESENT)]
    )
    def test_a_state_without_a_value_is_named(self, role, state):
        carrier = "L09" if state is LesionState.PRESENT else None
        finding = LesionFinding(state=state, carrier=carrier)
        one = Lesion(
            id="L01",
            role=role,
            site=Site(organ="LIVER", location="LIVER"),
            first_seen="BL",
            findings=Table({"BL": finding}),
        )
        problem = value(one).problem
        assert (problem.code, problem.args["state"]) == ("STATE_WITHOUT_VALUE", state)

    def test_a_lesion_beside_a_node_is_no_part_of_it(self):
        node, other = lesion(cross("k", 20, 16), nodal=True), lesion(cross("k", 40, 30), number=2)
        targets = evidence(read(node, other), case(stack("k")), SETTINGS).visits[0].targets
        assert [(targets[name].mm, targets[name].nodal) for name in ("L01", "L02")] == [(16, True), (40, False)]

    @pytest.mark.parametrize(
        ("first_seen", "codes"),
        [("BL", ["STATE_MISSING", "STATE_MISSING"]), ("FU1", ["TARGET_NOT_AT_BASELINE", "STATE_MISSING"])],
    )
    def test_only_at_the_baseline_a_later_target_is_out_of_place(self, first_seen, codes):
        one = Lesion(
            id="L01", role=LesionRole.TARGET, site=Site(organ="LIVER", location="LIVER"), first_seen=first_seen
        )
        of = case(stack("k"))
        later = Timepoint(id="FU1", label="FU1", ordinal=1)
        of = Case(id="c", subject_code="S", protocol_sha256="0", timepoints=of.timepoints.with_("FU1", later))
        visits = evidence(read(one), of, SETTINGS).visits
        assert [visit.targets["L01"].problem.code for visit in visits] == codes
