"""From a read to vertebrae and SINS items; every answer can be written as it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.fracture import evidence as fracture_evidence
from spinereview.criteria.evidence.sins import evidence as sins_evidence
from spinereview.criteria.evidence.sins import lesion_levels, spine_levels
from spinereview.criteria.fracture.assess import assess as assess_fracture
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.sins import Item, suggestions
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.codec import decode, encode
from spinereview.domain.imaging import Calibration, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis, Hardware, LevelFinding
from spinereview.domain.table import Table


def stack(name, *, plane=Plane.AXIAL, interval="2.5"):
    return Stack(
        id=name,
        series_uid=f"2.25.{name}",
        modality="CT",
        kind=StackKind.VOLUME,
        plane=plane,
        frame_of_reference_uid="1.2",
        pixel_spacing_mm=(Decimal(1), Decimal(1)),
        calibration=Calibration.PATIENT,
        slice_interval_mm=Decimal(interval),
        images=((f"1.{name}", 1),),
    )


def case(**given):
    points = []
    for ordinal, name in enumerate(("BL", "FU1")):
        own = stack(f"k{name}", **given)
        points.append(Timepoint(id=name, label=name, ordinal=ordinal, stacks=Table({own.id: own})))
    return Case(
        id="c", subject_code="S", protocol_sha256="0" * 64, timepoints=Table({point.id: point for point in points})
    )


def body(top_mm, anterior_mm, timepoint):
    """Six points of a body 25 mm high behind, so much in front."""
    points = [(0, 0, top_mm), (0, 15, top_mm), (0, 30, top_mm)]
    points += [(0, 0, top_mm - anterior_mm), (0, 15, top_mm - 25), (0, 30, top_mm - 25)]
    geometry = InSpace(
        stacks=(f"k{timepoint}",),
        frame_of_reference_uid="1.2",
        points_um=tuple((x * 1000, y * 1000, z * 1000) for x, y, z in points),
    )
    return Measurement(id=f"m{top_mm}{timepoint}", kind=MeasurementKind.HEIGHTS, geometry=geometry)


def finding(top_mm, anterior_mm, timepoint, **scores):
    answers = Table({key: Answer(value=value, basis=AnswerBasis.JUDGED) for key, value in scores.items()})
    return LevelFinding(
        heights=Table({f"k{timepoint}": body(top_mm, anterior_mm, timepoint)}),
        scores=Table({"SINS": answers}) if scores else Table(),
    )


@pytest.fixture
def read():
    visits = {}
    for name, anterior in (("BL", 25), ("FU1", 12)):
        visits[name] = Visit(
            levels=Table(
                {
                    "T8": finding(100, 25, name),
                    "T9": finding(70, anterior, name, PAIN="MECHANICAL"),
                    "T10": finding(40, 25, name),
                }
            )
        )
    lesion = Lesion(
        id="L01",
        role=LesionRole.NON_TARGET,
        site=Site(organ="BONE", location="", levels=(Level.T9,)),
        tissue=Tissue.LYTIC,
        first_seen="BL",
        findings=Table({name: LesionFinding(state=LesionState.PRESENT) for name in ("BL", "FU1")}),
    )
    return Read(
        id="r",
        case="c",
        reader_code="R",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0" * 64,
        visits=Table(visits),
        lesions=Table({"L01": lesion}),
    )


def answers(read, of):
    fractures = assess_fracture(fracture_evidence(read, of), FractureSettings())
    return {**fractures, **assess_sins(sins_evidence(read, of, FractureSettings()), SinsSettings())}


def test_a_vertebra_that_collapses_is_new_and_its_loss_suggests_the_collapse(read):
    found = answers(read, case())
    assert found["BL/fracture/T9"].outcome == "NO"
    fracture = found["FU1/fracture/T9"]
    assert (fracture.outcome, fracture.values["max_loss_pct"], fracture.values["suggested_grade"]) == ("NEW", 52, 3)
    sins = found["FU1/sins/T9"]
    # T9 1, mechanical pain 3; lesion 0 to 2, alignment 0 to 4, collapse 0 to 3, posterolateral 0 to 3.
    assert (sins.values["low"], sins.values["high"]) == (4, 16)
    given = sins_evidence(read, case(), FractureSettings())
    items = given.visits[1].levels["T9"]
    assert (items.loss_pct, items.tissues) == (52, (Tissue.LYTIC,))


@pytest.mark.parametrize(
    ("finding_at_fu1", "warned"),
    [
        (LesionFinding(state=LesionState.UNEQUIVOCAL_PD, justification="Twice the size."), True),
        (LesionFinding(state=LesionState.PRESENT), False),
        (LesionFinding(state=LesionState.PRESENT, new_status=NewStatus.YES), True),
    ],
)
def test_a_fracture_beside_tumour_that_progressed_in_the_vertebra_is_told_apart(read, finding_at_fu1, warned):
    lesion = read.lesions["L01"]
    worse = replace(lesion, findings=lesion.findings.with_("FU1", finding_at_fu1))
    found = answers(replace(read, lesions=Table({"L01": worse})), case())
    said = [reason for reason in found["FU1/fracture/T9"].warnings if reason.code == "VCF_TUMOUR"]
    assert [dict(reason.args) for reason in said] == [{"level": "T9", "lesions": "N01"}] * warned
    # Its neighbour has no fracture, and no lesion.
    assert not any(reason.code == "VCF_TUMOUR" for reason in found["FU1/fracture/T8"].warnings)


def whole(top_mm, anterior, other, timepoint="BL"):
    """Six points of a body of a height in front, and of another in the middle and behind, in tenths of a millimetre."""
    points = [(0, y, top_mm * 10) for y in (0, 150, 300)]
    points += [(0, y, top_mm * 10 - high) for y, high in ((0, anterior), (150, other), (300, other))]
    geometry = InSpace(
        stacks=(f"k{timepoint}",),
        frame_of_reference_uid="1.2",
        points_um=tuple((x * 100, y * 100, z * 100) for x, y, z in points),
    )
    measurement = Measurement(id=f"w{top_mm}", kind=MeasurementKind.HEIGHTS, geometry=geometry)
    return LevelFinding(heights=Table({f"k{timepoint}": measurement}))


def test_the_collapse_is_judged_by_the_exact_loss_and_not_by_the_printed_one(read):
    # 22.6 of 25.1 mm have lost 9.96 %, printed as 10.0: below the limit from which the reader is asked.
    levels = Table({"T8": whole(100, 251, 251), "T9": whole(70, 226, 251), "T10": whole(40, 251, 251)})
    exact = replace(read, visits=Table({"BL": Visit(levels=levels)}))
    assert answers(exact, case())["BL/fracture/T9"].values["max_loss_pct"] == 10
    items = sins_evidence(exact, case(), FractureSettings()).visits[0].levels["T9"]
    assert suggestions(items, SinsSettings())[Item.COLLAPSE].value == "NONE"


def test_a_vertebra_without_neighbours_is_not_called_intact(read):
    alone = replace(read, visits=Table({"BL": Visit(levels=Table({"T9": whole(70, 251, 251)}))}))
    found = answers(alone, case())
    assert (found["BL/fracture/T9"].outcome, found["BL/fracture/T9"].values["suggested_grade"]) == ("NE", None)
    items = sins_evidence(alone, case(), FractureSettings()).visits[0].levels["T9"]
    assert Item.COLLAPSE not in suggestions(items, SinsSettings())
    assert found["BL/sins/T9"].values["high"] == 16


def test_a_loss_against_the_own_back_is_a_lower_limit(read):
    alone = replace(read, visits=Table({"BL": Visit(levels=Table({"T9": whole(70, 150, 251)}))}))
    items = sins_evidence(alone, case(), FractureSettings()).visits[0].levels["T9"]
    assert items.loss_at_least
    assert suggestions(items, SinsSettings())[Item.COLLAPSE].value == "UNDER_50"


def test_only_levels_of_lesions_and_answers_are_scored(read):
    assert spine_levels(read, case().timepoints["BL"]) == (Level.T9,)


@pytest.mark.parametrize(
    ("state", "more", "seen"),
    [
        (LesionState.PRESENT, {}, True),
        (LesionState.UNEQUIVOCAL_PD, {}, True),
        (LesionState.ABSENT, {}, False),
        (None, {}, False),
        (LesionState.PRESENT, {"nodal": True}, False),
        (LesionState.PRESENT, {"site": Site(organ="LIVER", location="", levels=(Level.T9,))}, False),
        (LesionState.PRESENT, {"site": Site(organ="Bone", location="", levels=(Level.T9,))}, True),
    ],
)
def test_levels_of_a_bone_lesion_are_those_at_which_it_is_seen(read, state, more, seen):
    findings = {} if state is None else {"BL": LesionFinding(state=state, justification="grows")}
    one = replace(read.lesions["L01"], findings=Table(findings), **more)
    given = replace(read, lesions=Table({"L01": one}), visits=Table())
    assert lesion_levels(given, case().timepoints["BL"]) == (frozenset({Level.T9}) if seen else frozenset())
    assert spine_levels(given, case().timepoints["BL"]) == ((Level.T9,) if seen else ())


def test_tissues_of_a_level_are_those_of_its_own_lesions(read):
    site = Site(organ="BONE", location="", levels=(Level.T12,))
    apart = replace(read.lesions["L01"], id="L02", site=site, tissue=Tissue.BLASTIC)
    unsaid = replace(read.lesions["L01"], id="L03", tissue=None)
    both = replace(read, lesions=Table({**read.lesions, "L02": apart, "L03": unsaid}))
    levels = sins_evidence(both, case(), FractureSettings()).visits[0].levels
    assert {name: level.tissues for name, level in levels.items()} == {
        "T9": (Tissue.LYTIC,),
        "T12": (Tissue.BLASTIC,),
    }


def level_at_baseline(read, finding, **given):
    of = replace(read, visits=Table({"BL": Visit(levels=Table({"T9": finding}))}))
    return fracture_evidence(of, case(**given)).visits[0].vertebrae["T9"]


@pytest.mark.parametrize(("interval", "coarse"), [("2.9", None), ("3", None), ("3.1", "3.1"), ("4", "4")])
def test_slices_more_than_3_mm_apart_are_coarse(read, interval, coarse):
    measured = level_at_baseline(read, finding(70, 25, "BL"), interval=interval).measured["kBL"]
    assert measured.coarse_mm == (None if coarse is None else Decimal(coarse))


def test_heights_on_an_image_that_is_unknown_are_left_out(read):
    known = finding(70, 25, "BL")
    lost = replace(known, heights=Table({"gone": known.heights["kBL"], **known.heights}))
    assert set(level_at_baseline(read, lost).measured) == {"kBL"}
    line = Measurement(id="d", kind=MeasurementKind.OUTLINE, geometry=known.heights["kBL"].geometry)
    assert set(level_at_baseline(read, replace(known, heights=Table({"kBL": line}))).measured) == set()


@pytest.mark.parametrize(
    ("form", "item", "value", "grade", "collapse"),
    [
        ("VCF", "GRADE", "2", 2, False),
        ("VCF", "GRADE", "0.5", Decimal("0.5"), False),
        ("VCF", "GRADE", None, None, False),
        ("SINS", "COLLAPSE", "OVER_50", None, True),
        ("SINS", "COLLAPSE", "UNDER_50", None, True),
        ("SINS", "COLLAPSE", "INVOLVED_OVER_50", None, False),
        ("SINS", "COLLAPSE", "NONE", None, False),
        ("SINS", "PAIN", "MECHANICAL", None, False),
    ],
)
def test_the_grade_and_the_collapse_that_the_reader_answers_are_facts_of_the_vertebra(
    read, form, item, value, grade, collapse
):
    answer = Answer(value=value, basis=AnswerBasis.JUDGED)
    found = level_at_baseline(read, LevelFinding(scores=Table({form: Table({item: answer})})))
    assert (found.grade, found.collapse_seen) == (grade, collapse)


def test_across_coarse_slices_the_loss_is_said_and_a_small_one_suggests_nothing(read):
    found = answers(read, case(interval="5"))
    assert "COARSE_SLICES" in {reason.code for reason in found["BL/fracture/T9"].warnings}
    assert found["BL/fracture/T9"].values["suggested_grade"] is None
    assert found["FU1/fracture/T9"].values["suggested_grade"] == 3


def test_on_a_sagittal_acquisition_nothing_runs_across_slices(read):
    found = answers(read, case(plane=Plane.SAGITTAL, interval="5"))
    assert found["BL/fracture/T9"].values["suggested_grade"] == 0


def test_every_answer_can_be_written_and_read_again(read):
    for answer in answers(read, case()).values():
        assert decode(Assessment, encode(answer, Assessment)) == answer


def test_rows_of_levels_are_each_said_once_from_the_head_down(read):
    def lesion(name, *levels):
        return replace(read.lesions["L01"], id=name, site=Site(organ="BONE", location="", levels=levels))

    rows = ("T9 T10 T11", "T9 T10", "C1 C2", "T9 T10", "T8 T9 T10 T11", "L5 S1", "C1", "S1 C7")
    listed = [tuple(map(Level, row.split())) for row in rows]
    many = {f"L{at}": lesion(f"L{at}", *row) for at, row in enumerate(listed)}
    given = sins_evidence(replace(read, lesions=Table(many)), case(), FractureSettings()).visits[0]
    assert [" ".join(row) for row in given.extents] == ["C1 C2", "T8 T9 T10 T11", "T9 T10", "T9 T10 T11", "L5 S1"]


def test_a_lesion_over_several_levels_is_an_extent_of_each_row(read):
    site = Site(organ="BONE", location="", levels=(Level.T8, Level.T9, Level.T12, Level.L1, Level.L3))
    wide = replace(read, lesions=Table({"L01": replace(read.lesions["L01"], site=site)}))
    given = sins_evidence(wide, case(), FractureSettings()).visits[0]
    assert given.extents == ((Level.T8, Level.T9), (Level.T12, Level.L1))
    numbered = sins_evidence(replace(wide, numbering="T13"), case(), FractureSettings()).visits[0]
    assert numbered.extents == ((Level.T8, Level.T9),)


def test_hardware_stays_and_makes_the_level_descriptive_at_later_visits(read):
    screwed = replace(read.visits["BL"].levels["T9"], hardware=frozenset({Hardware.SCREW}))
    before = replace(read, visits=read.visits.with_("BL", Visit(levels=read.visits["BL"].levels.with_("T9", screwed))))
    found = answers(before, case())
    assert [found[f"{name}/sins/T9"].outcome for name in ("BL", "FU1")] == ["DESCRIPTIVE", "DESCRIPTIVE"]
    later = replace(read.visits["FU1"].levels["T9"], hardware=frozenset({Hardware.SCREW}))
    after = replace(read, visits=read.visits.with_("FU1", Visit(levels=read.visits["FU1"].levels.with_("T9", later))))
    found = answers(after, case())
    assert [found[f"{name}/sins/T9"].outcome for name in ("BL", "FU1")] == ["INDETERMINATE", "DESCRIPTIVE"]


def test_a_resected_vertebra_stays_resected(read):
    gone = replace(read, visits=Table({"BL": Visit(levels=Table({"T9": LevelFinding(resected=True)}))}))
    found = answers(gone, case())
    assert [found[f"{name}/fracture/T9"].outcome for name in ("BL", "FU1")] == ["RESECTED", "RESECTED"]


def test_new_fractures_count_from_the_flagged_baseline_else_from_that_of_recist(read):
    plain = case()
    recist = replace(plain.timepoints["FU1"], baseline_for=frozenset({"RECIST"}))
    assert fracture_evidence(read, plain).baseline == "BL"
    of_recist = replace(plain, timepoints=plain.timepoints.with_("FU1", recist))
    assert fracture_evidence(read, of_recist).baseline == "FU1"
    flagged = replace(plain.timepoints["BL"], baseline_for=frozenset({"FRACTURE"}))
    both = replace(of_recist, timepoints=of_recist.timepoints.with_("BL", flagged))
    assert fracture_evidence(read, both).baseline == "BL"


def test_density_is_seen_where_ct_is_there_at_this_timepoint_or_before(read):
    def given(*modalities):
        of = case()
        points = {}
        for name, modality in zip(("BL", "FU1"), modalities, strict=True):
            own = replace(of.timepoints[name].stacks[f"k{name}"], modality=modality)
            points[name] = replace(of.timepoints[name], stacks=Table({own.id: own}))
        visits = sins_evidence(read, replace(of, timepoints=Table(points)), FractureSettings()).visits
        return [visit.levels["T9"].density_seen for visit in visits]

    assert given("CT", "MR") == [True, True]
    assert given("MR", "DX") == [False, True]
    assert given("MR", "MR") == [False, False]
