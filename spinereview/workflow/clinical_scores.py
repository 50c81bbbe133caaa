"""What follows from a clinical record alone: pain response, neurology, ECOG, questionnaires, each with its reasons.

The day of a visit is its item ``DAY``; where a protocol plans the visit and its anchor is known, else the planned day tells
the order. Nothing is derived where the order of the visits is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from spinereview.criteria import neurology, pain
from spinereview.criteria.evidence.clinical import (
    answers_of,
    function_evidence,
    pain_evidence,
    questionnaires_evidence,
    schedule_with,
    visits_in_order,
)
from spinereview.criteria.evidence.recist import baseline_of
from spinereview.criteria.questionnaires.assess import assess as assess_questionnaires
from spinereview.criteria.questionnaires.values import Settings as QuestionnairesSettings
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import DAY
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Protocol
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.workflow.cohort_events import planned_visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Scores of a record by visit and question; ``problem`` says why there are none.

    ``visits`` are those that were compared, the baseline first.
    """

    baseline: str = ""
    visits: tuple[Id, ...] = ()
    assessments: Table[Assessment] = field(default_factory=Table)
    problem: Reason | None = None


def derived(
    record: ClinicalRecord, case: Case, protocol: Protocol, schedule: Schedule | None = None, baseline: str = ""
) -> Derived:
    """Everything that a record says by itself.

    Parameters
    ----------
    schedule
        Of whoever knows more days than the record, on the record's own count; it holds the events of the record already.
    baseline
        Visit that the others are compared with; empty: see :func:`baseline_visit`.
    """
    first = Id(baseline or baseline_visit(record, case, protocol))
    if not first or not record.visits:
        return Derived(baseline=first)
    try:
        own = clinical_schedule(record, case, protocol, schedule)
        visits = visits_in_order(record, first, case, _with_order(own, record, protocol))
        found = _assessed(record, visits, own, protocol)
    except InvalidValue as error:
        problem = Reason(code=error.code, args=Table(dict(error.arguments)), rule="")
        return Derived(baseline=first, problem=problem)
    return Derived(baseline=first, visits=visits, assessments=found)


def baseline_visit(record: ClinicalRecord, case: Case, protocol: Protocol) -> str:
    """Name under which the record has the baseline: of the case's, else of the protocol's; empty where there is none."""
    timepoint = baseline_of(case)
    names = [] if timepoint is None else [timepoint.id, timepoint.visit or ""]
    asked = protocol.purposes.get("ELIGIBILITY", Table()).get("visits", ())
    names += list(asked) if isinstance(asked, tuple) else []
    names += sorted(protocol.visits, key=lambda name: protocol.visits[name].day)[:1]
    known = [name for name in names if name]
    return next((name for name in known if name in record.visits), known[0] if known else "")


def clinical_schedule(
    record: ClinicalRecord, case: Case, protocol: Protocol, schedule: Schedule | None = None
) -> Schedule:
    """Days on which a patient was asked: those of the record before those of the scans.

    Raises
    ------
    InvalidValue
        ``SCHEDULE_ANCHOR_DIFFERS`` and the like; ``RECORD_ANSWER``.
    """
    base = schedule_with(Schedule(), record, case) if schedule is None else schedule
    days = {visit: VisitDays(scan_days=(day,)) for visit, day in days_of(record).items()}
    planned = base.planned or planned_visits(protocol, base.anchors)
    return replace(base, visits=Table({**base.visits, **days}), planned=planned)


def days_of(record: ClinicalRecord) -> dict[str, int]:
    """Days of the visits that have one."""
    found = {visit: answers_of(record, visit).get(DAY) for visit in record.visits}
    return {visit: int(day) for visit, day in found.items() if isinstance(day, Decimal)}


def _with_order(own: Schedule, record: ClinicalRecord, protocol: Protocol) -> Schedule:
    """The schedule; where it has no day at all, planned days from the one anchor of a protocol: they tell the order."""
    anchors = {visit.anchor.value for visit in protocol.visits.values()}
    if own.planned or days_of(record) or own.visits or len(anchors) != 1:
        return own
    return replace(own, planned=planned_visits(protocol, dict.fromkeys(anchors, 0)))


def _assessed(record: ClinicalRecord, visits: tuple[Id, ...], own: Schedule, protocol: Protocol) -> Table[Assessment]:
    pain_settings = pain.Settings.parse(protocol.criteria.get("pain", Table()))
    function_settings = neurology.Settings.parse(protocol.criteria.get("neurology", Table()))
    found = {
        **neurology.assess(function_evidence(record, visits), function_settings),
        **assess_questionnaires(questionnaires_evidence(record, visits), QuestionnairesSettings()),
    }
    asked = any(item in answers for item in ("NRS_WORST", "OMED") for answers in record.visits.values())
    if asked:
        found |= pain.assess(pain_evidence(record, visits, own, pain_anchor(protocol)), pain_settings)
    return Table(_by_visit(found, visits))


def pain_anchor(protocol: Protocol) -> Anchor:
    """Day from which the primary assessment of pain counts: of the endpoint, else the end of radiotherapy."""
    measured = [one for one in protocol.endpoints.values() if one.get("measure") == "PAIN_RESPONSE"]
    return Anchor(str(measured[0].get("anchor"))) if measured else Anchor.RT_END


def _by_visit(found: Mapping[str, Assessment], visits: Iterable[Id]) -> dict[str, Assessment]:
    """Answers in the order of the visits, those about no single visit last."""
    place = {visit: at for at, visit in enumerate(visits)}
    last = len(place)
    return dict(sorted(found.items(), key=lambda entry: place.get(Id(entry[1].scope[0]), last)))
