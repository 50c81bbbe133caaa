"""A clinical record outside its acts: what holds of every sound one, what a role may see, the lines of its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.codec import Json
from spinereview.domain.protocol import Protocol
from spinereview.domain.table import Table
from spinereview.review.clinical_shown import SEES_ALL, answers_shown
from spinereview.review.command import Role
from spinereview.review.commands.clinical import contradictions
from spinereview.review.history import NOTES, Told

CODES: dict[str, str] = {
    "record_answer": "ACT_RECORD_ANSWER",
    "correct_answer": "ACT_CORRECT_ANSWER",
    "remove_answer": "ACT_REMOVE_ANSWER",
    "record_event": "ACT_RECORD_EVENT",
    "correct_event": "ACT_CORRECT_EVENT",
    "remove_event": "ACT_REMOVE_EVENT",
    "undo": "ACT_UNDO",
    "redo": "ACT_REDO",
}
"""By name in the trail. A test compares it with the commands there are."""

_OWN_NOTES = {
    "created": "NOTE_RECORD_CREATED",
    "opened": "NOTE_RECORD_OPENED",
    "days_counted": "NOTE_DAYS_COUNTED",
}


def record_invariants(record: ClinicalRecord, case: Case, protocol: Protocol) -> tuple[str, ...]:
    """Codes of what does not hold of a record, sorted; empty for a sound one."""
    return tuple(sorted(set(_broken(record, case, protocol))))


def visible_record(record: ClinicalRecord, role: Role, protocol: Protocol) -> ClinicalRecord:
    """The part of a record that a role may see.

    Who reads images or adjudicates sees the items that the protocol shows (``clinical_shown``), and no event: a new therapy
    or a complication can tell the arm. The day of a visit is no item that could be shown where days are not.
    """
    if role in SEES_ALL:
        return record
    kept = {visit: answers_shown(answers, role, protocol) for visit, answers in record.visits.items()}
    return replace(record, visits=Table({visit: answers for visit, answers in kept.items() if answers}), events=Table())


def tell_record(name: str, args: Mapping[str, Json]) -> Told:
    """Line of an entry of a record's history; acts that this version does not know are told by their name."""
    code = CODES.get(name) or _OWN_NOTES.get(name) or NOTES.get(name)
    if code is None:
        return Told(code="ACT_OTHER", args={"name": name})
    told = {key: str(args[key]) for key in ("visit", "item", "of", "id", "seconds") if args.get(key) is not None}
    if "value" in args:
        told["value"] = _value(args["value"])
    event = args.get("event")
    if isinstance(event, dict):
        told["kind"] = str(event.get("kind"))
        if event.get("day") is None:
            return Told(code=f"{code}_WITHOUT_DAY", args=told)
        told["day"] = str(event["day"])
    return Told(code=code, args=told)


def _value(tree: Json) -> str:
    if isinstance(tree, bool):
        return str(tree).lower()
    return str(tree["decimal"]) if isinstance(tree, dict) and "decimal" in tree else str(tree)


def _broken(record: ClinicalRecord, case: Case, protocol: Protocol) -> Iterator[str]:
    if record.subject_code != case.subject_code:
        yield "SUBJECT_DIFFERS"
    for visit, answers in record.visits.items():
        if visit not in protocol.visits and visit not in case.timepoints:
            yield "RECORD_VISIT_UNKNOWN"
        if not answers:
            yield "VISIT_WITHOUT_ANSWER"
        for item, answer in answers.items():
            if item not in ITEMS:
                yield "RECORD_ITEM_UNKNOWN"
            elif answer.value is None or ITEMS[item].typed(answer.value) != answer.value:
                yield "RECORD_VALUE"
    for key, event in record.events.items():
        yield from contradictions(event, record.events.without(key).values())
        if event.related_site is not None and event.related_site not in case.treated_sites:
            yield "EVENT_SITE_UNKNOWN"
