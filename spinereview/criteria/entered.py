"""Criteria of numbers that were entered, in a table or as JSON: they are rounded like drawn ones, then assessed.

An entered diameter is reported half-up to ``value_rounding_mm``, as a drawn one is (RECIST 1.1 gives no rounding; our
reading); one that is reported as 0 is no diameter. A height is reported to 0.1 mm, or to 0.01 pixel.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from spinereview.criteria.fracture.assess import assess as assess_reported_heights
from spinereview.criteria.fracture.heights import HUNDREDTH_PX, Heights, Unit
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.fracture.values import WITHOUT_BODY, Vertebra
from spinereview.criteria.fracture.values import Input as FractureInput
from spinereview.criteria.local_control.assess import assess as assess_reported_sites
from spinereview.criteria.local_control.values import Input as SitesInput
from spinereview.criteria.local_control.values import Settings as SitesSettings
from spinereview.criteria.recist.assess import assess as assess_reported
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, Input, NewValue, TargetValue, TargetVisit
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require
from spinereview.domain.exact import TENTH_MM, reported_entered
from spinereview.domain.table import Table

METHOD_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.2"


def assess_sites(given: SitesInput, settings: SitesSettings) -> Table[Assessment]:
    """Assessments of :func:`spinereview.criteria.local_control.assess.assess`, of entered diameters."""
    visits = tuple(
        replace(
            visit,
            sites=Table({key: _target(value, given.recist.value_rounding_mm) for key, value in visit.sites.items()}),
        )
        for visit in given.visits
    )
    return assess_reported_sites(replace(given, visits=visits), settings)


def assess_heights(given: FractureInput, settings: FractureSettings) -> Table[Assessment]:
    """Assessments of :func:`spinereview.criteria.fracture.assess.assess`, of entered heights.

    Raises
    ------
    InvalidValue
        ``LEVEL_NOT_OF_SUBJECT``, ``LEVEL_WITHOUT_BODY``, ``HEIGHT_ZERO``: none of them can come from the window.
    """
    for visit in given.visits:
        for level, vertebra in visit.vertebrae.items():
            require(holds=level in given.order, code="LEVEL_NOT_OF_SUBJECT", level=level, timepoint=visit.timepoint)
            bare = vertebra.level not in WITHOUT_BODY or (vertebra.grade is None and not vertebra.measured)
            require(holds=bare, code="LEVEL_WITHOUT_BODY", level=level)
    visits = tuple(
        replace(visit, vertebrae=Table({level: _vertebra(one) for level, one in visit.vertebrae.items()}))
        for visit in given.visits
    )
    return assess_reported_heights(replace(given, visits=visits), settings)


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments of :func:`spinereview.criteria.recist.assess.assess`, of entered numbers."""
    return assess_reported(as_reported(given, settings), settings)


def as_reported(given: Input, settings: Settings) -> Input:
    """The input with every number as it is reported."""
    return replace(given, visits=tuple(_visit(visit, settings.value_rounding_mm) for visit in given.visits))


def _visit(visit: TargetVisit, unit_mm: Decimal) -> TargetVisit:
    return replace(
        visit,
        targets=Table({key: _target(value, unit_mm) for key, value in visit.targets.items()}),
        new=Table({key: _new(value, unit_mm) for key, value in visit.new.items()}),
    )


def _target(value: TargetValue, unit_mm: Decimal) -> TargetValue:
    if value.mm is None and not value.parts:
        return value
    parts = tuple(_fragment(part, unit_mm) for part in value.parts)
    mm = None if value.mm is None else reported_entered(value.mm, unit_mm)
    if mm == 0 or any(part.mm == 0 for part in parts):
        refs = (value.ref,) if value.ref else ()
        problem = Reason(code="DIAMETER_ZERO", args=Table({"lesion": value.name}), rule=METHOD_RULE, refs=refs)
        return replace(value, state=None, mm=None, parts=(), problem=problem)
    return replace(value, mm=mm, parts=parts)


def _fragment(part: Fragment, unit_mm: Decimal) -> Fragment:
    return part if part.mm is None else replace(part, mm=reported_entered(part.mm, unit_mm))


def _new(value: NewValue, unit_mm: Decimal) -> NewValue:
    if value.short_axis_mm is None:
        return value
    return replace(value, short_axis_mm=reported_entered(value.short_axis_mm, unit_mm))


def _vertebra(vertebra: Vertebra) -> Vertebra:
    measured = {stack: replace(one, heights=_heights(one.heights)) for stack, one in vertebra.measured.items()}
    for stack, one in measured.items():
        require(holds=all(one.heights.all), code="HEIGHT_ZERO", level=vertebra.level, stack=stack)
    return replace(vertebra, measured=Table(measured))


def _heights(given: Heights) -> Heights:
    unit = HUNDREDTH_PX if given.unit is Unit.PIXEL else TENTH_MM
    return replace(
        given,
        anterior=reported_entered(given.anterior, unit),
        middle=reported_entered(given.middle, unit),
        posterior=reported_entered(given.posterior, unit),
    )
