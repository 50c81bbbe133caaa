"""Words of a clinical record for people: names of items, values with their unit, events, days."""

from __future__ import annotations

from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.clinical_items import BM22, ITEMS, QLQ
from spinereview.domain.scores import Answer, AnswerValue
from spinereview.domain.variable import Kind
from spinereview.text import sentence

NUMBERED = {**dict.fromkeys(QLQ, "ITEM_QLQ"), **dict.fromkeys(BM22, "ITEM_BM22")}
"""Code of the name of a form's item that is known by its number."""


def item_code(item: str) -> str:
    """Code of the name of an item."""
    return NUMBERED.get(item, f"ITEM_{item}")


def item_name(item: str) -> str:
    """Name of an item."""
    return sentence(item_code(item), {"number": item.rpartition("_")[2]})


def value_words(item: str, value: AnswerValue) -> str:
    """Value of an answer, with its unit."""
    if isinstance(value, bool):
        return sentence("WORD_YES" if value else "WORD_NO")
    unit = ITEMS[item].unit if item in ITEMS else ""
    return f"{value} {unit}".strip()


def answer_words(item: str, answer: Answer) -> str:
    """Name and value of an answer; of one that was corrected, why."""
    told = f"{item_name(item)}: {value_words(item, answer.value)}"
    return sentence("ANSWER_CORRECTED", {"answer": told, "reason": answer.reason}) if answer.reason else told


def event_name(kind: ClinicalEventKind) -> str:
    """Name of what happened."""
    return sentence(f"EVENT_{kind.value}")


def day_words(day: int | None) -> str:
    """A day of the subject's own count; one that nobody knows is said to be so."""
    return sentence("DAY_UNKNOWN") if day is None else sentence("DAY_ON", {"day": str(day)})


def event_words(event: ClinicalEvent) -> str:
    """What happened, when, and what is known of it."""
    grade = None if event.grade is None else sentence("EVENT_CTCAE", {"grade": str(event.grade)})
    site = None if event.related_site is None else sentence("EVENT_SITE", {"site": event.related_site})
    parts = [event_name(event.kind), day_words(event.day), event.cause, grade, site, event.confirmed_by]
    return ", ".join(part for part in parts if part)


def allowed_words(item: str) -> str:
    """What an item may be, for a table or a form."""
    variable = ITEMS[item]
    return sentence("ALLOWED_YES_NO") if variable.kind is Kind.FLAG else variable.allowed.replace('"', "")
