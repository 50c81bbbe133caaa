"""Which forms a timepoint asks for, and which of them its visit demands: by the protocol alone."""

from __future__ import annotations

from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY_FORM
from spinereview.criteria.evidence.escc import FORM as ESCC_FORM
from spinereview.criteria.evidence.fracture import FORM as HEIGHTS_FORM
from spinereview.criteria.evidence.recist import baseline_of
from spinereview.criteria.evidence.spino import FORM as SPINO_FORM
from spinereview.criteria.sins import FORM as SINS_FORM
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.eligibility import JUDGED
from spinereview.domain.protocol import Protocol, RawSetting, ScheduledVisit
from spinereview.domain.table import Table

_CRITERION = {
    SINS_FORM: "sins",
    HEIGHTS_FORM: "fracture",
    ESCC_FORM: "escc",
    SPINO_FORM: "spino",
    ELIGIBILITY_FORM: "eligibility",
}
READ_FORMS = tuple(_CRITERION)
"""Forms that a reader answers; others of a visit belong to the clinical record."""


def visit_named(timepoint: Timepoint, protocol: Protocol) -> ScheduledVisit | None:
    """Visit of the protocol that a timepoint is; None where it is none, or nobody has said."""
    return None if timepoint.visit is None else protocol.visits.get(timepoint.visit)


def asked(protocol: Protocol, timepoint: Timepoint, form: str) -> tuple[bool, bool]:
    """Whether a form is asked for at a timepoint, and whether it is mandatory there.

    A form that the visit lists is mandatory. A visit that lists none, and a timepoint that is no visit, offer every
    criterion that the protocol has.
    """
    scheduled = visit_named(timepoint, protocol)
    if scheduled is not None and scheduled.forms:
        return form in scheduled.forms, form in scheduled.forms
    return _CRITERION[form] in protocol.criteria, False


def demanded_regions(protocol: Protocol, timepoint: Timepoint) -> tuple[str, ...]:
    """Regions that the visit of the protocol demands at a timepoint, as the protocol spells them."""
    scheduled = visit_named(timepoint, protocol)
    return () if scheduled is None else tuple(sorted(scheduled.regions))


def demanded_modalities(protocol: Protocol, timepoint: Timepoint) -> frozenset[str]:
    """Kinds of images that the visit of the protocol demands at a timepoint."""
    scheduled = visit_named(timepoint, protocol)
    return frozenset() if scheduled is None else scheduled.modalities


def eligibility_items(protocol: Protocol, case: Case, timepoint: Timepoint) -> tuple[tuple[str, ...], bool]:
    """Items of eligibility that are asked at a timepoint, and whether they are mandatory there.

    Only those that a rule of the protocol names and only a reader can judge. Where no visit lists the form they are offered
    at the visits of the purpose ELIGIBILITY, else at the baseline.
    """
    ruled = {rule.variable for rule in protocol.eligibility.values()}
    items = tuple(item for item in JUDGED if item in ruled)
    scheduled = visit_named(timepoint, protocol)
    if scheduled is not None and ELIGIBILITY_FORM in scheduled.forms:
        return items, True
    visits = protocol.purposes.get("ELIGIBILITY", Table[RawSetting]()).get("visits", ())
    first = baseline_of(case)
    if scheduled is not None and isinstance(visits, tuple) and visits:
        return (items, False) if scheduled.name in visits else ((), False)
    return (items, False) if first is not None and first.id == timepoint.id else ((), False)
