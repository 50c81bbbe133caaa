"""From a read, a record, a case and a schedule to the variables of eligibility; ranges, what is missing, contradictions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.eligibility import Settings, assess
from spinereview.criteria.escc import assess as assess_escc
from spinereview.criteria.escc_values import EsccVisit, Grade, Images, LevelEscc
from spinereview.criteria.escc_values import Input as EsccInput
from spinereview.criteria.escc_values import Settings as EsccSettings
from spinereview.criteria.evidence import eligibility as evidence
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import LevelItems, SinsVisit
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, Timepoint, TreatedSite
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.eligibility import ESCC, VARIABLES
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState, LocalTherapy, PriorTherapy, Tissue
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Rule
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import explain

CT = Stack(
    id="k",
    series_uid="2.25.1",
    modality="CT",
    kind=StackKind.VOLUME,
    plane=Plane.AXIAL,
    frame_of_reference_uid="1.2",
    pixel_spacing_mm=(Decimal(1), Decimal(1)),
    calibration=Calibration.PATIENT,
    slice_thickness_mm=Decimal(2),
    slice_interval_mm=Decimal(2),
    images=(("1.2.3", 1),),
)
BL = Timepoint(id="BL", label="BL", ordinal=0, stacks=Table({"k": CT}))


def case(*levels):
    sites = {
        f"S{at}": TreatedSite(
            id=f"S{at}", site=Site(organ="BONE", location=f"VERTEBRA {level}", levels=(Level(level),))
        )
        for at, level in enumerate(levels)
    }
    return Case(
        id="c", subject_code="S", protocol_sha256="0" * 64, timepoints=Table({"BL": BL}), treated_sites=Table(sites)
    )


def mass(long_mm, short_mm, craniocaudal_mm=None):
    def along(mm):
        return ((10_000, 10_000), (10_000 + mm * 1000, 10_000))

    points = (*along(long_mm), (20_000, 5_000), (20_000, 5_000 + short_mm * 1000))
    drawn = OnImage(image=ImageRef(stack="k", sop_uid="1.2.3"), points_mpx=points)
    parts = {"a": Measurement(id=f"m{long_mm}", kind=MeasurementKind.BIDIRECTIONAL, geometry=drawn)}
    if craniocaudal_mm is not None:
        space = InSpace(
            stacks=("k",), frame_of_reference_uid="1.2", points_um=((0, 0, 0), (0, 0, craniocaudal_mm * 1000))
        )
        parts["cc"] = Measurement(id=f"c{long_mm}", kind=MeasurementKind.CRANIOCAUDAL, geometry=space)
    return Table({"BL": LesionFinding(state=LesionState.MEASURED, parts=Table(parts))})


def read(*lesions, **answers):
    listed = {
        f"L{at:02}": Lesion(
            **{
                "id": f"L{at:02}",
                "role": LesionRole.TARGET,
                "site": Site(organ="BONE", location="VERTEBRA L2", levels=(Level.L2,)),
                "first_seen": "BL",
                "findings": mass(40, 35),
                **fields,
            }
        )
        for at, fields in enumerate(lesions, start=1)
    }
    form = Table({item: Answer(value=value, basis=AnswerBasis.JUDGED) for item, value in answers.items()})
    visits = Table({"BL": Visit(patient_scores=Table({"ELIGIBILITY": form}))})
    return Read(
        id="r",
        case="c",
        reader_code="R1",
        purpose=Purpose.ELIGIBILITY,
        protocol_sha256="0" * 64,
        lesions=Table(listed),
        visits=visits,
    )


def values(found):
    return {name: (one.value, one.highest) if one.upper is not None else one.value for name, one in found.items()}


def test_the_record_answers_the_variables_that_have_the_names_of_its_items():
    answers = {"NPRS": Decimal("3.5"), "ECOG": "2", "CNS_METASTASES": False, "OMED": Decimal(5)}
    entered = Table({item: Answer(value=value, basis=AnswerBasis.ENTERED) for item, value in answers.items()})
    found = evidence.recorded(ClinicalRecord(id="cr", subject_code="S", visits=Table({"BL": entered})), "BL")
    assert values(found) == {"nprs": Decimal("3.5"), "ecog": "2", "cns_metastases": False}
    assert found["ecog"].ref == ("visits", "BL", "ECOG")
    assert evidence.recorded(ClinicalRecord(id="cr", subject_code="S"), "BL") == {}


def test_an_item_and_its_variable_can_be_the_same():
    both = {name for name in VARIABLES if name.upper() in ITEMS}
    assert {VARIABLES[name].kind is ITEMS[name.upper()].kind for name in both} == {True}
    assert {VARIABLES[name].words == ITEMS[name.upper()].words for name in both} == {True}
    assert len(both) == 17


def sins(**levels):
    listed = {
        level: LevelItems(level=Level(level), answers=Table({"POSTEROLATERAL": side} if side else {}))
        for level, side in levels.items()
    }
    return assess_sins(SinsInput(visits=(SinsVisit(timepoint="BL", levels=Table(listed)),)), SinsSettings())


def test_sins_gives_the_worst_total_and_the_worst_posterolateral_item_as_ranges():
    found = values(evidence.of_sins(sins(T5="UNILATERAL", L1=""), "BL"))
    assert found == {"sins_total_max": (3, 18), "sins_posterolateral": (1, 3)}
    assert values(evidence.of_sins(sins(T5="UNILATERAL", L1="NONE"), "BL"))["sins_posterolateral"] == (1, 1)
    assert values(evidence.of_sins(sins(T5="NONE"), "BL"))["sins_posterolateral"] == (0, 0)
    assert evidence.of_sins(sins(T5="NONE"), "FU1") == {}


def escc(*grades):
    levels = {
        name: LevelEscc(
            level=Level(name),
            images=Images.OTHER if grade is None else Images.T2_AXIAL,
            grade=None if grade is None else Grade(grade),
        )
        for name, grade in zip(("T8", "T9", "T10"), grades, strict=False)
    }
    return assess_escc(EsccInput(visits=(EsccVisit(timepoint="BL", levels=Table(levels)),)), EsccSettings())


@pytest.mark.parametrize(
    ("grades", "highest", "sites"),
    [
        (("2",), ("2", "2"), (1, 1)),
        (("1a", "1c"), ("1c", "1c"), (0, 0)),
        (("2", None, "2"), ("2", "3"), (1, 2)),
        (("2", None), ("2", "3"), (1, 1)),
        (("1a", None), ("1a", "3"), (0, 1)),
        (("3", None), ("3", "3"), (1, 1)),
    ],
)
def test_escc_gives_the_highest_grade_and_the_sites_as_ranges(grades, highest, sites):
    found = evidence.of_escc(escc(*grades), "BL")
    assert values(found) == {"escc_max": highest, "escc_site_count": sites}


def test_escc_range_of_a_read():
    one_site = Rule(id="a", variable="escc_site_count", op="==", value=Decimal(1), on_missing="NEEDS_INPUT")
    given = evidence.gathered([one_site], evidence.of_escc(escc("2", None, "2"), "BL"))
    assert assess(given, Settings())["eligibility"].outcome == "NEEDS_INPUT"
    assert evidence.of_escc(escc("2"), "FU1") == {}
    assert tuple(grade.value for grade in Grade) == ESCC


def test_the_levels_are_those_of_the_treated_sites_from_the_head_down():
    assert values(evidence.of_case(case("L2", "T5"))) == {"index_levels": ("T5", "L2"), "index_level_count": 2}
    assert evidence.of_case(case()) == {}


def test_the_age_of_the_scans_is_a_range_over_their_days():
    days = Table({"BL": VisitDays(scan_days=(-43, -10))})
    schedule = Schedule(anchors=Table({"RANDOMISATION": 0}), visits=days)
    assert values(evidence.of_schedule(schedule, "BL")) == {"scan_age_days": (10, 43)}
    assert evidence.of_schedule(Schedule(visits=days), "BL") == {}
    assert evidence.of_schedule(Schedule(anchors=Table({"RANDOMISATION": 0})), "BL") == {}


@pytest.mark.parametrize(
    ("tissues", "answer"),
    [
        ([(Tissue.LYTIC, None)], True),
        ([(Tissue.BLASTIC, None)], False),
        ([(Tissue.MIXED, True)], True),
        ([(Tissue.MIXED, False)], False),
        ([(Tissue.MIXED, None)], None),
        ([(None, None)], None),
        ([(Tissue.LYTIC, None), (Tissue.MIXED, None)], None),
        ([(Tissue.BLASTIC, None), (Tissue.MIXED, None)], False),
        ([(Tissue.LYTIC, None), (Tissue.SOFT, None)], True),
        ([], None),
    ],
)
def test_mixed_without_a_statement_is_missing(tissues, answer):
    lesions = [{"tissue": tissue, "predominantly_lytic": said, "treated_site": "S0"} for tissue, said in tissues]
    found = evidence.of_lesions(read(*lesions))
    assert found.get("predominantly_lytic") == (None if answer is None else evidence.Known(value=answer))


@pytest.mark.parametrize(
    ("therapy", "before", "recent"),
    [
        (None, None, None),
        ({"kind": LocalTherapy.RT, "study_treatment": False, "over_two_years": False}, True, True),
        ({"kind": LocalTherapy.RT, "study_treatment": False, "over_two_years": True}, True, None),
        ({"kind": LocalTherapy.RT, "study_treatment": False}, True, None),
        ({"kind": LocalTherapy.RT, "study_treatment": True, "over_two_years": False}, None, None),
        ({"kind": LocalTherapy.SURGERY, "study_treatment": False, "over_two_years": False}, None, None),
    ],
)
def test_an_earlier_irradiation_is_known_and_none_is_never_concluded(therapy, before, recent):
    found = values(evidence.of_lesions(read({"prior_therapy": therapy and PriorTherapy(**therapy)})))
    assert (found.get("prior_rt_target"), found.get("target_rt_within_2_years")) == (before, recent)


def test_the_form_of_the_reader_is_typed_and_refused_where_it_cannot_be():
    assert values(evidence.answered(read(posterior_wall_destroyed=False), "BL")) == {"posterior_wall_destroyed": False}
    assert evidence.answered(read(), "FU1") == {}
    for wrong in ({"posterior_wall_destroyed": "no"}, {"wall": False}):
        with pytest.raises(InvalidValue, match="READ_ANSWER") as raised:
            evidence.answered(read(**wrong), "BL")
        assert "{" not in explain(raised.value)


RULE = Rule(id="mass", variable="target_shortest_mm", op=">", value=Decimal(30), on_missing="NEEDS_INPUT")


def shortest(*lesions):
    given = evidence.of_targets(read(*lesions), case(), BL, RecistSettings())
    return assess(evidence.gathered([RULE], read=given), Settings())["eligibility/mass"].outcome


@pytest.mark.parametrize(
    ("findings", "soft", "outcome"),
    [
        (mass(40, 31, 31), True, "PASS"),
        (mass(40, 30, 31), True, "FAIL"),
        (mass(40, 31, 30), True, "FAIL"),
        (mass(40, 31), True, "NEEDS_INPUT"),
        (mass(40, 30), True, "FAIL"),
        (mass(40, 31, 31), None, "NEEDS_INPUT"),
        (mass(40, 31, 31), False, "NEEDS_INPUT"),
    ],
)
def test_the_shortest_diameter_of_a_mass_is_measured_and_never_taken_from_its_longest(findings, soft, outcome):
    assert shortest({"findings": findings, "soft_tissue": soft}) == outcome


def test_measurable_by_each_definition():
    def found(*lesions):
        return dict(evidence.of_targets(read(*lesions), case(), BL, RecistSettings()).measurable)

    body_only = {"tissue": Tissue.LYTIC, "soft_tissue": False}
    assert found({**body_only, "findings": mass(10, 8)}) == {"lytic_ge_10mm": True, "RECIST_anywhere": False}
    assert found({**body_only, "findings": mass(9, 8)}) == {"lytic_ge_10mm": False, "RECIST_anywhere": False}
    assert found({"tissue": Tissue.LYTIC, "soft_tissue": True})["RECIST_anywhere"] is True
    assert found({"tissue": Tissue.BLASTIC}) == {"lytic_ge_10mm": False, "RECIST_anywhere": False}
    assert "lytic_ge_10mm" not in found({"tissue": Tissue.MIXED})
    assert found() == {}
    # Only bone can be lytic: neither another organ nor a node beside bone.
    for other in ({"site": Site(organ="LIVER", location="LIVER"), "tissue": Tissue.SOFT}, {"nodal": True}):
        assert "lytic_ge_10mm" not in found({"tissue": Tissue.LYTIC, **other})


def test_an_entered_number_is_no_short_axis_of_a_mass():
    number = Entered(value=Decimal(40), unit="mm", source="table")
    parts = {
        "a": Measurement(id="e", kind=MeasurementKind.DIAMETER, geometry=number),
        "cc": mass(40, 35, 40)["BL"].parts["cc"],
    }
    findings = Table({"BL": LesionFinding(state=LesionState.MEASURED, parts=Table(parts))})
    assert shortest({"findings": findings, "soft_tissue": True}) == "NEEDS_INPUT"


def test_sources_that_contradict_each_other_are_refused_by_name():
    one, other = {"ecog": evidence.Known(value="1")}, {"ecog": evidence.Known(value="2")}
    with pytest.raises(InvalidValue, match="VARIABLE_CONTRADICTED") as raised:
        evidence.gathered([], one, other)
    assert explain(raised.value) == "ecog is 1 by one source and 2 by another. Correct one of them."
    assert values(evidence.gathered([], one, one).variables) == {"ecog": "1"}


def test_what_follows_from_the_read_is_not_said_by_another_source_as_well():
    lesion = {"soft_tissue": True, "tissue": Tissue.LYTIC, "findings": mass(40, 20, 20)}
    given = evidence.of_targets(read(lesion), case(), BL, RecistSettings())
    for name, value in (("target_shortest_mm", Decimal(31)), ("measurable_lesion", True)):
        with pytest.raises(InvalidValue, match="VARIABLE_TWICE"):
            evidence.gathered([RULE], {name: evidence.Known(value=value)}, read=given)
