"""Criteria of entered numbers: measurability by itself, and rounding before anything is compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.entered import as_reported, assess_heights, assess_sites
from spinereview.criteria.entered import assess as assess_entered
from spinereview.criteria.fracture.heights import Heights, Unit
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.fracture.values import Input as FractureInput
from spinereview.criteria.fracture.values import Measured, SpineVisit, Vertebra
from spinereview.criteria.local_control.values import Input as SitesInput
from spinereview.criteria.local_control.values import Settings as SitesSettings
from spinereview.criteria.local_control.values import SiteVisit
from spinereview.criteria.measurability import Input, assess
from spinereview.criteria.recist.measurability import LesionFacts
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, NewValue, TargetValue, TargetVisit
from spinereview.criteria.recist.values import Input as RecistInput
from spinereview.domain.anatomy import Level
from spinereview.domain.lesion import LesionState, NewStatus, PriorTherapy, Tissue
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

PRIOR = {"kind": "RT", "study_treatment": False}


@pytest.mark.parametrize(
    ("facts", "outcome", "code"),
    [
        ({"size_mm": Decimal("9.95")}, "MEASURABLE", "MEASURABLE"),
        ({"size_mm": Decimal("9.94")}, "NON_MEASURABLE", "BELOW_MINIMUM"),
        ({"size_mm": None}, "MISSING", "NOT_MEASURED"),
        ({"organ": "BONE"}, "MISSING", "TISSUE_MISSING"),
        ({"organ": "BONE", "tissue": Tissue.BLASTIC}, "NON_MEASURABLE", "BONE_BLASTIC"),
        ({"prior_therapy": PriorTherapy(**PRIOR)}, "MISSING", "PROGRESSION_MISSING"),
        ({"prior_therapy": PriorTherapy(progressed_since=False, **PRIOR)}, "NON_MEASURABLE", "TREATED_BEFORE"),
    ],
)
def test_a_lesion_is_measurable_or_not_or_a_fact_is_missing(facts, outcome, code):
    given = {"organ": "LIVER", "modality": "CT", "size_mm": Decimal(20), "slice_thickness_mm": Decimal(3), **facts}
    found = assess(Input(lesions=Table({"T01": LesionFacts(**given)})), Settings())["T01/measurability"]
    assert (found.outcome, [reason.code for reason in (*found.because, *found.missing)]) == (outcome, [code])
    assert bool(found.missing) == (outcome == "MISSING")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"size_mm": Decimal(0)}, None),
        ({"size_mm": Decimal("0.5")}, None),
        ({"size_mm": Decimal("-0.1")}, "VALUE_NEGATIVE"),
        ({"size_mm": Decimal("NaN")}, "VALUE_NEGATIVE"),
        ({"size_mm": Decimal("Infinity")}, "VALUE_NEGATIVE"),
        ({"modality": "MRI"}, "METHOD_UNKNOWN"),
        ({"modality": ""}, "METHOD_UNKNOWN"),
        ({"modality": "", "size_mm": None}, None),
        ({"modality": "MRI", "size_mm": None}, "METHOD_UNKNOWN"),
        ({"organ": " "}, "ORGAN_MISSING"),
    ],
)
def test_facts_that_cannot_be_are_refused(facts, code):
    given = {"organ": "LIVER", "modality": "CT", "size_mm": Decimal(20), "slice_thickness_mm": Decimal(3), **facts}
    lesions = Table({"T01": LesionFacts(**given)})
    if code is None:
        assert Input(lesions=lesions).lesions == lesions
        return
    with pytest.raises(InvalidValue, match=code):
        Input(lesions=lesions)


def test_a_rounding_of_the_protocol_is_used():
    given = LesionFacts(organ="LIVER", modality="CT", size_mm=Decimal("9.95"), slice_thickness_mm=Decimal(3))
    exact = Settings(value_rounding_mm=Decimal("0.001"))
    found = assess(Input(lesions=Table({"T01": given})), exact)["T01/measurability"]
    assert (found.outcome, found.values["size_mm"]) == ("NON_MEASURABLE", Decimal("9.950"))


def test_every_length_of_a_visit_is_reported():
    parts = (Fragment(mm=Decimal("4.04")), Fragment(too_small=True))
    new = NewValue(lesion="N1", status=NewStatus.YES, nodal=True, short_axis_mm=Decimal("9.95"))
    visit = TargetVisit(
        timepoint="BL",
        targets=Table(
            {
                "T1": TargetValue(lesion="T1", state=LesionState.MEASURED, mm=Decimal("30.05")),
                "T2": TargetValue(lesion="T2", state=LesionState.SPLIT, parts=parts),
                "T3": TargetValue(lesion="T3", state=LesionState.SPLIT, parts=(Fragment(mm=Decimal("0.01")), parts[0])),
            }
        ),
        new=Table({"N1": new}),
    )
    (found,) = as_reported(RecistInput(visits=(visit,)), Settings()).visits
    assert found.targets["T1"].mm == Decimal("30.1")
    assert [part.mm for part in found.targets["T2"].parts] == [Decimal("4.0"), None]
    assert (found.targets["T3"].state, found.targets["T3"].problem.code) == (None, "DIAMETER_ZERO")
    assert found.new["N1"].short_axis_mm == Decimal("10.0")


def measured(mm, **given):
    return TargetValue(lesion="T1", state=LesionState.MEASURED, mm=Decimal(mm), **given)


def visit_of(timepoint, value, new=None):
    return TargetVisit(
        timepoint=timepoint, targets=Table({"T1": value}), new=Table({} if new is None else {new.lesion: new})
    )


def test_a_response_is_that_of_the_reported_diameters():
    # 119.95 mm is reported 120.0: +20 % of 100.0 mm, and the smallest progression.
    for now, outcome in (("119.95", "PD"), ("119.94", "SD")):
        visits = (visit_of("BL", measured("100.04")), visit_of("FU1", measured(now)))
        found = assess_entered(RecistInput(visits=visits), Settings())["FU1/target"]
        assert (found.outcome, found.values["baseline_sum_mm"]) == (outcome, Decimal("100.0"))


@pytest.mark.parametrize(("mm", "zero"), [("0.04", True), ("0.05", False), ("1.0", False)])
def test_a_diameter_that_is_reported_as_zero_is_none(mm, zero):
    part = (Fragment(mm=Decimal(mm)), Fragment(mm=Decimal(9)))
    split = TargetValue(lesion="T1", state=LesionState.SPLIT, parts=part, ref=("lesions", "T1"))
    for value in (measured(mm, ref=("lesions", "T1")), split):
        (found,) = as_reported(RecistInput(visits=(visit_of("BL", value),)), Settings()).visits
        problem = found.targets["T1"].problem
        assert (problem is not None) == zero
        if problem is not None:
            assert (problem.code, problem.refs) == ("DIAMETER_ZERO", (("lesions", "T1"),))
    (found,) = as_reported(RecistInput(visits=(visit_of("BL", measured("0")),)), Settings()).visits
    assert found.targets["T1"].problem.refs == ()


def test_a_new_lesion_without_a_short_axis_stays_as_it_is():
    new = NewValue(lesion="N1", status=NewStatus.YES)
    (found,) = as_reported(RecistInput(visits=(visit_of("FU1", measured("9"), new),)), Settings()).visits
    assert found.new["N1"] == new


def test_local_control_is_that_of_the_reported_diameters():
    # 23.95 mm is reported 24.0: +20 % of 20.0 mm.
    for now, outcome in (("23.95", "FAILURE"), ("23.94", "CONTROL")):
        visits = tuple(
            SiteVisit(timepoint=name, sites=Table({"T1": measured(mm)}))
            for name, mm in (("POST", "20.04"), ("FU1", now))
        )
        settings = SitesSettings(lc_definition="LC_PROTOCOL_06120426")
        found = assess_sites(SitesInput(visits=visits, baseline="POST"), settings)
        assert found["FU1/local_control/LC_PROTOCOL_06120426"].outcome == outcome


@pytest.mark.parametrize(
    ("unit", "entered", "loss"),
    [
        # Heights are reported to 0.1 mm, or to 0.01 pixel; losses are against the posterior height of 20.
        (Unit.MM, ("16.04", "19.95", "19.95"), "20.0"),
        (Unit.MM, ("16.05", "20.04", "20.04"), "19.5"),
        (Unit.PIXEL, ("16.004", "19.995", "19.995"), "20.0"),
        (Unit.PIXEL, ("16.04", "20.0", "20.0"), "19.8"),
    ],
)
def test_a_loss_of_height_is_that_of_the_reported_heights(unit, entered, loss):
    anterior, middle, posterior = (Decimal(text) for text in entered)
    heights = Heights(anterior=anterior, middle=middle, posterior=posterior, unit=unit)
    vertebra = Vertebra(level=Level.T12, measured=Table({"k": Measured(stack="k", modality="CT", heights=heights)}))
    visit = SpineVisit(timepoint="BL", vertebrae=Table({"T12": vertebra}))
    found = assess_heights(FractureInput(visits=(visit,), baseline="BL"), FractureSettings())["BL/fracture/T12"]
    assert (found.values["loss_a_pct"], found.values["loss_m_pct"]) == (Decimal(loss), 0)


def of_vertebra(level: Level, **said) -> FractureInput:
    return FractureInput(visits=(SpineVisit(timepoint="BL", vertebrae=Table({level: Vertebra(level=level, **said)})),))


def drawn(*heights: str) -> Table[Measured]:
    anterior, middle, posterior = (Decimal(text) for text in heights)
    given = Heights(anterior=anterior, middle=middle, posterior=posterior)
    return Table({"k": Measured(stack="k", modality="CT", heights=given)})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (of_vertebra(Level.S2, grade=1), "LEVEL_WITHOUT_BODY"),
        (of_vertebra(Level.C1, measured=drawn("10", "10", "10")), "LEVEL_WITHOUT_BODY"),
        (of_vertebra(Level.C1), None),
        (of_vertebra(Level.C2, grade=1), None),
        (of_vertebra(Level.L6), "LEVEL_NOT_OF_SUBJECT"),
        (of_vertebra(Level.T12, measured=drawn("20", "0.04", "20")), "HEIGHT_ZERO"),
        (of_vertebra(Level.T12, measured=drawn("0", "20", "20")), "HEIGHT_ZERO"),
        (of_vertebra(Level.T12, measured=drawn("20", "0.05", "20")), None),
    ],
)
def test_what_no_vertebra_has_is_refused(given, code):
    if code is None:
        assert "BL/fracture" in " ".join(assess_heights(given, FractureSettings()))
        return
    with pytest.raises(InvalidValue, match=code):
        assess_heights(given, FractureSettings())


def test_a_height_is_a_number_that_is_not_negative():
    for text in ("-0.1", "NaN", "Infinity"):
        with pytest.raises(InvalidValue, match="VALUE_NEGATIVE"):
            Heights(anterior=Decimal(20), middle=Decimal(text), posterior=Decimal(20))
    assert Heights(anterior=Decimal(0), middle=Decimal(1), posterior=Decimal(1)).anterior == 0


def test_new_loss_is_counted_from_a_visit_that_is_there():
    visit = SpineVisit(timepoint="BL", vertebrae=Table())
    with pytest.raises(InvalidValue, match="VCF_BASELINE_UNKNOWN"):
        FractureInput(visits=(visit,), baseline="FU1")
    assert FractureInput(visits=(visit,), baseline="BL").baseline == "BL"
    assert FractureInput(visits=(visit,)).baseline is None


def test_a_target_without_a_number_stays_as_it_is():
    absent = TargetValue(lesion="T1", state=LesionState.ABSENT)
    given = RecistInput(visits=(TargetVisit(timepoint="BL", targets=Table({"T1": absent})),))
    assert as_reported(given, Settings()).visits[0].targets["T1"] == absent
