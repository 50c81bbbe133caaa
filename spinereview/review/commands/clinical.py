"""Acts on a clinical record: answers and events are recorded once; what stands there is changed or removed with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind, ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.imaging import Id
from spinereview.domain.scores import Answer, AnswerBasis, AnswerValue
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context, Role

ONCE = frozenset(
    {
        ClinicalEventKind.DEATH,
        ClinicalEventKind.RANDOMISATION,
        ClinicalEventKind.FIRST_TREATMENT,
        ClinicalEventKind.SURGERY,
        ClinicalEventKind.PROCEDURE,
        ClinicalEventKind.RT_START,
        ClinicalEventKind.RT_END,
    }
)
"""What happens to a subject once: the study's own surgery, procedure, radiotherapy; days are counted from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer:
    """Answer an item of a visit that has no answer yet."""

    NAME: ClassVar[str] = "record_answer"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    visit: Id
    item: str
    value: AnswerValue

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        answer = _answer(self.item, self.value)
        _is_visit(context, self.visit)
        before = document.visits.get(self.visit, Table[Answer]()).get(self.item)
        if before is not None and before.value == answer.value:
            return document
        if before is not None:
            raise Refused("ANSWER_THERE", visit=self.visit, item=self.item, value=before.value)
        return _with_answer(document, self.visit, self.item, answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectAnswer:
    """Put another answer in the place of one; the reason is kept with it."""

    NAME: ClassVar[str] = "correct_answer"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    visit: Id
    item: str
    value: AnswerValue

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        answer = _answer(self.item, self.value)
        before = _answer_there(document, self.visit, self.item)
        if before.value == answer.value:
            return document
        return _with_answer(document, self.visit, self.item, replace(answer, reason=_reason(context)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAnswer:
    """Take an answer away, with a reason; the item is missing then."""

    NAME: ClassVar[str] = "remove_answer"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    visit: Id
    item: str

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        _answer_there(document, self.visit, self.item)
        _reason(context)
        left = document.visits[self.visit].without(self.item)
        visits = document.visits.with_(self.visit, left) if left else document.visits.without(self.visit)
        return replace(document, visits=visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """Record something that happened."""

    NAME: ClassVar[str] = "record_event"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    event: ClinicalEvent

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        _event_fits(self.event, document.events.values(), context)
        return replace(document, events=document.events.with_(context.mint("E"), self.event))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectEvent:
    """Put another event in the place of one, with a reason."""

    NAME: ClassVar[str] = "correct_event"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    id: Id
    event: ClinicalEvent

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        if _event_there(document, self.id) == self.event:
            return document
        _reason(context)
        _event_fits(self.event, document.events.without(self.id).values(), context)
        return replace(document, events=document.events.with_(self.id, self.event))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEvent:
    """Take an event away, with a reason."""

    NAME: ClassVar[str] = "remove_event"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    id: Id

    def apply(self, document: ClinicalRecord, context: Context) -> ClinicalRecord:
        """Next record."""
        _is_investigator(context)
        _event_there(document, self.id)
        _reason(context)
        return replace(document, events=document.events.without(self.id))


def known_visits(context: Context) -> frozenset[str]:
    """Visits that can have answers: of the protocol, and timepoints of the case."""
    return frozenset(context.protocol.visits) | frozenset(context.case.timepoints)


def contradictions(event: ClinicalEvent, others: Iterable[ClinicalEvent]) -> tuple[str, ...]:
    """Codes of what an event and the others cannot both be; none for a sound one."""
    found: list[str] = []
    for other in others:
        if event.kind is other.kind and event.kind in ONCE:
            found.append("EVENT_HAPPENS_ONCE")
        if _after_death(event, other) or _after_death(other, event):
            found.append("EVENT_AFTER_DEATH")
    return tuple(found)


def _after_death(death: ClinicalEvent, later: ClinicalEvent) -> bool:
    known = death.day is not None and later.day is not None
    return death.kind is ClinicalEventKind.DEATH and known and (later.day or 0) > (death.day or 0)


def _is_investigator(context: Context) -> None:
    if context.role is not Role.INVESTIGATOR:
        raise Refused("RECORD_NOT_YOURS", role=context.role)


def _is_visit(context: Context, visit: Id) -> None:
    known = known_visits(context)
    if visit not in known:
        raise Refused("RECORD_VISIT_UNKNOWN", visit=visit, allowed=", ".join(sorted(known)))


def _answer(item: str, value: AnswerValue) -> Answer:
    variable = ITEMS.get(item)
    if variable is None:
        raise Refused("RECORD_ITEM_UNKNOWN", item=item)
    typed = variable.typed(value)
    if typed is None or isinstance(typed, tuple):
        raise Refused("RECORD_VALUE", item=item, value=value, allowed=variable.allowed)
    return Answer(value=typed, basis=AnswerBasis.ENTERED)


def _answer_there(record: ClinicalRecord, visit: Id, item: str) -> Answer:
    answer = record.visits.get(visit, Table[Answer]()).get(item)
    if answer is None:
        raise Refused("ANSWER_NOT_THERE", visit=visit, item=item)
    return answer


def _with_answer(record: ClinicalRecord, visit: Id, item: str, answer: Answer) -> ClinicalRecord:
    answers = record.visits.get(visit, Table[Answer]()).with_(item, answer)
    return replace(record, visits=record.visits.with_(visit, answers))


def _reason(context: Context) -> str:
    reason = context.reason.strip()
    if not reason:
        raise Refused("RECORD_NEEDS_REASON")
    return reason


def _event_there(record: ClinicalRecord, name: Id) -> ClinicalEvent:
    if name not in record.events:
        raise Refused("EVENT_NOT_THERE", event=name)
    return record.events[name]


def _event_fits(event: ClinicalEvent, others: Iterable[ClinicalEvent], context: Context) -> None:
    site = event.related_site
    if site is not None and site not in context.case.treated_sites:
        raise Refused("EVENT_SITE_UNKNOWN", site=site, allowed=", ".join(context.case.treated_sites) or "–")
    for code in contradictions(event, others):
        if code == "EVENT_HAPPENS_ONCE":
            raise Refused("EVENT_HAPPENS_ONCE", kind=event.kind)
        raise Refused("EVENT_AFTER_DEATH", kind=event.kind)
