"""From a read to grades of compression and to judgements of treated sites: what was said, of which sites, from when on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.escc_values import Grade, Images
from spinereview.criteria.evidence import escc, spino
from spinereview.criteria.local_control.values import Judgement
from spinereview.criteria.spino_values import Relation
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, Timepoint, TreatedSite
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis, LevelFinding
from spinereview.domain.table import Table

STACK = Stack(
    id="k",
    series_uid="2.25.1",
    modality="MR",
    kind=StackKind.SLICES,
    plane=Plane.AXIAL,
    pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
    calibration=Calibration.PATIENT,
    images=(("1.2.3", 1),),
)
EMPTY = Read(id="r", case="c", reader_code="R", purpose=Purpose.EFFICACY, protocol_sha256="0")


def case(*visits, sites=(), flagged=""):
    """Timepoints BL, FU1 ... of these visits of the protocol; treated sites by name and levels."""
    points = {
        name: Timepoint(
            id=name,
            label=name,
            ordinal=at,
            visit=visit or None,
            stacks=Table({"k": STACK}),
            baseline_for=frozenset({"LOCAL_CONTROL"} if name == flagged else ()),
        )
        for at, (name, visit) in enumerate(zip(("BL", "FU1", "FU2"), visits or ("", "", ""), strict=False))
    }
    listed = {name: TreatedSite(id=name, site=bone(*levels.split())) for name, levels in sites}
    return Case(id="c", subject_code="S", protocol_sha256="0", timepoints=Table(points), treated_sites=Table(listed))


def bone(*levels):
    return Site(organ="BONE", location="", levels=tuple(map(Level, levels)))


def answers(**given):
    return Table({item: Answer(value=value, basis=AnswerBasis.JUDGED) for item, value in given.items()})


def line(mpx):
    geometry = OnImage(image=ImageRef(stack="k", sop_uid="1.2.3"), points_mpx=((0, 0), (mpx, 0)))
    return Measurement(id="m", kind=MeasurementKind.DIAMETER, geometry=geometry)


def lesion(name, *levels, role=LesionRole.TREATED_SITE, mm=None, **more):
    parts = {} if mm is None else {"a": line(mm * 2000)}
    state = LesionState.PRESENT if mm is None else LesionState.MEASURED
    findings = {point: LesionFinding(state=state, parts=Table(parts)) for point in ("BL", "FU1", "FU2")}
    return Lesion(id=name, role=role, site=bone(*levels), first_seen="BL", findings=Table(findings), **more)


class TestCompression:
    @staticmethod
    def at(levels, *, at="BL", rest=None, **read):
        """What is given at a timepoint, of levels with their answers by item."""
        found = {name: LevelFinding(scores=Table({"ESCC": answers(**given)})) for name, given in levels.items()}
        scores = Table() if rest is None else Table({"ESCC": answers(REST=rest)})
        visit = Visit(levels=Table(found), patient_scores=scores)
        given = escc.evidence(replace(EMPTY, visits=Table({at: visit}), **read), case())
        return next(one for one in given.visits if one.timepoint == at)

    @pytest.mark.parametrize(
        ("said", "images", "grade", "below"),
        [
            ({"GRADE": "2"}, Images.T2_AXIAL, None, False),
            ({"GRADE": "2", "IMAGES": "T2_AXIAL"}, Images.T2_AXIAL, Grade.G2, False),
            ({"GRADE": "0", "IMAGES": "CT_MYELOGRAM"}, Images.CT_MYELOGRAM, Grade.G0, False),
            ({"IMAGES": "OTHER"}, Images.OTHER, None, False),
            ({"GRADE": "1b", "IMAGES": "OTHER"}, Images.OTHER, Grade.G1B, False),
            ({"BELOW_CONUS": "YES"}, Images.T2_AXIAL, None, True),
            ({"BELOW_CONUS": "NO"}, Images.T2_AXIAL, None, False),
            ({"GRADE": None, "IMAGES": "T2_AXIAL"}, Images.T2_AXIAL, None, False),
        ],
    )
    def test_a_grade_counts_once_its_images_are_said(self, said, images, grade, below):
        level = self.at({"T9": said}).levels["T9"]
        assert (level.images, level.grade, level.below_conus) == (images, grade, below)
        assert level.ref == ("visits", "BL", "levels", "T9", "scores", "ESCC")

    def test_only_levels_with_an_answer_and_of_the_subjects_numbering_are_there(self):
        said = {"T9": {"GRADE": "2"}, "T10": {}, "T13": {"GRADE": "3"}}
        assert set(self.at(said).levels) == {"T9"}
        assert set(self.at(said, numbering="T13").levels) == {"T9", "T13"}

    @pytest.mark.parametrize(
        ("levels", "rest", "covered", "unremarkable"),
        [
            ({}, None, (), False),
            ({"T9": {"GRADE": "2"}}, None, ("T5", "L2"), False),
            ({}, "UNREMARKABLE", ("T5", "L2"), True),
            ({}, "OTHER", (), False),
        ],
    )
    def test_labelled_levels_and_those_of_lesions_are_covered_once_something_was_said(
        self, levels, rest, covered, unremarkable
    ):
        labels = Table({"k": Table({"L2": line(1000)}), "gone": Table({"C3": line(1000)})})
        found = self.at(levels, rest=rest, level_labels=labels, lesions=Table({"L01": lesion("L01", "T5")}))
        assert (found.covered, found.rest_unremarkable) == (covered, unremarkable)


def protocol(**visits):
    """Visits by name, in this order, with their forms."""
    listed = {
        name: ScheduledVisit(name=name, anchor=Anchor.SURGERY, day=day, forms=frozenset(forms.split()))
        for day, (name, forms) in enumerate(visits.items())
    }
    return Protocol(id="p", version="1", title="t", sha256="0", visits=Table(listed))


LISTED = protocol(SCREENING="SINS", M1="SPINO", M3="SPINO SINS", M6="SPINO")


class TestBaseline:
    @pytest.mark.parametrize(
        ("visits", "flagged", "baseline"),
        [
            (("SCREENING", "M1", "M3"), "", "FU1"),
            (("M1", "M3"), "", "BL"),
            (("SCREENING", "M3"), "", "BL"),
            (("SCREENING", "", "M3"), "", "FU1"),
            (("M3",), "", "BL"),
            (("M3", "M6"), "", "BL"),
            (("SCREENING", "M3", "M6"), "", "BL"),
            (("SCREENING", "M1", "M3"), "FU2", "FU2"),
            (("", "", ""), "", "BL"),
            (("", "", ""), "FU1", "FU1"),
        ],
    )
    def test_it_is_the_first_visit_that_lists_the_form_else_the_last_one_before(self, visits, flagged, baseline):
        of = case(*visits, flagged=flagged)
        assert spino.spino_baseline(of, LISTED).id == baseline
        judged = [one.id for one in of.in_order if spino.judged_at(of, one, LISTED)]
        assert judged == [one.id for one in of.in_order if one.ordinal > of.timepoints[baseline].ordinal]

    def test_without_a_timepoint_there_is_none(self):
        none = Case(id="c", subject_code="S", protocol_sha256="0")
        assert spino.spino_baseline(none, LISTED) is None
        assert not spino.judged_at(none, case().timepoints["BL"], LISTED)
        assert spino.evidence(replace(EMPTY, lesions=Table({"L01": lesion("L01", "T9")})), none, LISTED).visits == ()


def read_of(*lesions, **visits):
    return replace(EMPTY, lesions=Table({one.id: one for one in lesions}), visits=Table(visits))


def test_sites_of_the_case_come_first_and_then_those_that_only_the_reader_knows():
    given = read_of(
        lesion("L01", "T9", treated_site="A1"),
        lesion("L02", "L2"),
        lesion("L03", "L4", treated_site="GONE"),
        lesion("L04", "T5", role=LesionRole.TARGET, mm=10),
        lesion("L05", "T6", role=LesionRole.TARGET, mm=10, treated_site="A2"),
    )
    found = spino.sites_of(given, case(sites=(("A1", "T9 T10"), ("A2", "T6"), ("S02", "T1"))))
    assert [(one.id, one.label, " ".join(one.levels), one.lesion and one.lesion.id) for one in found] == [
        ("A1", "A1", "T9 T10", "L01"),
        ("A2", "A2", "T6", None),
        ("S02", "S02", "T1", None),
        # Its own name is taken by a site of the case.
        ("L02", "L02", "L2", "L02"),
        ("L03", "S03", "L4", "L03"),
    ]


def site_at(said, *, at="FU1", **site):
    form = Table({"SPINO/L01": answers(**said)})
    given = read_of(lesion("L01", "T9", **site), **{at: Visit(patient_scores=form)})
    visits = spino.evidence(given, case(), LISTED).visits
    assert [visit.timepoint for visit in visits] == ["BL", "FU1", "FU2"]
    return {visit.timepoint: visit.sites["S01"] for visit in visits}


@pytest.mark.parametrize(
    ("said", "growth", "epidural", "decline", "relation"),
    [
        ({}, None, None, None, None),
        ({"GROWTH": "NONE", "EPIDURAL": "NE"}, "NONE", "NE", None, None),
        ({"GROWTH": "EQUIVOCAL", "RELATION": "MARGINAL"}, "EQUIVOCAL", None, None, "MARGINAL"),
        ({"EPIDURAL": "UNEQUIVOCAL", "RELATION": "DISTANT"}, None, "UNEQUIVOCAL", None, "DISTANT"),
        ({"GROWTH": "NONE", "EPIDURAL": "NONE", "RELATION": "MARGINAL"}, "NONE", "NONE", None, None),
        ({"EPIDURAL": "EQUIVOCAL", "NEUROLOGY": "YES"}, None, "EQUIVOCAL", True, None),
        ({"EPIDURAL": "EQUIVOCAL", "NEUROLOGY": "NO"}, None, "EQUIVOCAL", False, None),
        ({"GROWTH": None}, None, None, None, None),
    ],
)
def test_what_is_said_of_a_site_counts_after_the_baseline_and_a_place_only_with_growth(
    said, growth, epidural, decline, relation
):
    found = site_at(said)["FU1"]
    assert (found.growth, found.epidural) == (growth and Judgement(growth), epidural and Judgement(epidural))
    assert (found.neurological_decline, found.relation) == (decline, relation and Relation(relation))
    assert found.ref == ("visits", "FU1", "patient_scores", "SPINO/L01")
    at_baseline = site_at(said, at="BL")["BL"]
    assert (at_baseline.growth, at_baseline.epidural, at_baseline.relation) == (None, None, None)
    assert spino.grows(answers(**said)) == bool({growth, epidural} & {"EQUIVOCAL", "UNEQUIVOCAL"})


def test_the_size_is_that_of_the_lesion_that_stands_for_the_site():
    sizes = {name: one.longest_mm for name, one in site_at({}, mm=23).items()}
    assert sizes == dict.fromkeys(("BL", "FU1", "FU2"), Decimal("23.0"))
    assert site_at({})["FU1"].longest_mm is None
    of = case(sites=(("A1", "T9"),))
    assert spino.evidence(EMPTY, of, LISTED).visits[1].sites["A1"].longest_mm is None
    assert spino.evidence(EMPTY, case(), LISTED).visits == ()


@pytest.mark.parametrize(
    ("levels", "grades", "worst"),
    [
        ("T9", {"T9": "1c"}, "1c"),
        ("T9 T10", {"T9": "1c", "T10": "2"}, "2"),
        ("T9 T10", {"T9": "2", "T10": "1c"}, "2"),
        ("T9 T10", {"T9": "2"}, None),
        ("T9 T10", {"T9": "3", "T10": None}, "3"),
        ("T9 T10", {"T9": "2", "T10": None}, None),
        ("T9", {"T9": None}, None),
        ("", {"T9": "2"}, None),
        ("T9", {"T9": "1b", "L1": "3"}, "1b"),
    ],
)
def test_the_grade_of_a_site_is_the_highest_that_no_level_can_exceed(levels, grades, worst):
    found = {
        level: LevelFinding(
            scores=Table({"ESCC": answers(GRADE=grade or "0", **({"IMAGES": "T2_AXIAL"} if grade else {}))})
        )
        for level, grade in grades.items()
    }
    given = read_of(FU1=Visit(levels=Table(found)))
    visits = spino.evidence(given, case(sites=(("A1", levels),)), LISTED).visits
    assert visits[1].sites["A1"].escc == (worst and Grade(worst))
    assert visits[0].sites["A1"].escc is None
