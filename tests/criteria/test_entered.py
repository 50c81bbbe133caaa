"""Criteria of entered numbers: measurability by itself, and rounding before anything is compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.entered import as_reported
from spinereview.criteria.measurability import Input, assess
from spinereview.criteria.recist.measurability import LesionFacts
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, NewValue, TargetValue, TargetVisit
from spinereview.criteria.recist.values import Input as RecistInput
from spinereview.domain.lesion import LesionState, NewStatus, PriorTherapy, Tissue
from spinereview.domain.table import Table

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
