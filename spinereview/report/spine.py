"""SINS and compression fractures, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from spinereview.criteria.recist.percent import number_text
from spinereview.criteria.sins import Item
from spinereview.domain.assessment import Assessment
from spinereview.report.facts import ReadFacts
from spinereview.report.front import day_text
from spinereview.report.markup import Markup, element, table
from spinereview.report.tables import SINS_POINTS
from spinereview.report.words import DASH
from spinereview.text import sentence

_HEIGHTS = ("ha_mm", "hm_mm", "hp_mm")
_REFERENCE = ("ra_mm", "rm_mm", "rp_mm")
_LOSSES = ("loss_a_pct", "loss_m_pct", "loss_p_pct")


def spine(facts: ReadFacts) -> Markup | None:
    """Tables of every timepoint at which a level was scored or measured; None where none was."""
    parts = [*_sins(facts), *_fractures(facts)]
    return element("section", element("h2", sentence("REPORT_SPINE")), *parts) if parts else None


def _sins(facts: ReadFacts) -> Iterator[Markup]:
    items = (sentence("REPORT_LOCATION"), *(sentence(f"UI_SINS_ITEM_{item}") for item in Item))
    head = (sentence("REPORT_LEVEL"), *items, sentence("REPORT_SINS"), sentence("REPORT_CATEGORY"))
    for timepoint in facts.case.in_order:
        rows = [
            [level, *(_points(answer.values.get(name)) for name in SINS_POINTS), _score(answer), _category(answer)]
            for level, answer in facts.levels_at(timepoint, "sins")
        ]
        if rows:
            caption = sentence("REPORT_SINS_AT", {"timepoint": day_text(facts, timepoint)})
            yield table(head, rows, caption, "sins")


def _points(value: Decimal | None) -> str:
    return sentence("REPORT_NOT_KNOWN") if value is None else str(value)


def _score(answer: Assessment) -> Markup:
    low, high = answer.values["low"], answer.values["high"]
    return element("strong", f"{low}" if low == high else f"{low}–{high}")


def _category(answer: Assessment) -> str:
    return sentence(f"REPORT_SINS_{answer.outcome}")


def _fractures(facts: ReadFacts) -> Iterator[Markup]:
    names = ("LEVEL", "HEIGHTS", "REFERENCE", "LOSSES", "LARGEST", "SUGGESTED", "GRADE", "FRACTURE")
    head = [sentence(f"REPORT_{name}") for name in names]
    for timepoint in facts.case.in_order:
        rows = [[level, *_fracture(answer)] for level, answer in facts.levels_at(timepoint, "fracture")]
        if rows:
            caption = sentence("REPORT_FRACTURES_AT", {"timepoint": day_text(facts, timepoint)})
            yield table(head, rows, caption, "fractures")


def _fracture(answer: Assessment) -> list[str]:
    values = answer.values
    return [
        _three([values.get(name) for name in _HEIGHTS]),
        _three([values.get(name) for name in _REFERENCE]),
        _three([values.get(name) for name in _LOSSES]),
        *(_number(values.get(name)) for name in ("max_loss_pct", "suggested_grade", "grade")),
        sentence(f"UI_FRACTURE_{answer.outcome}"),
    ]


def _three(values: Sequence[Decimal | None]) -> str:
    """Anterior, middle, posterior; one dash where none of them exists."""
    return (
        DASH
        if all(value is None for value in values)
        else " / ".join(DASH if one is None else f"{one}" for one in values)
    )


def _number(value: Decimal | None) -> str:
    return DASH if value is None else number_text(value)
