"""SINS and compression fractures, level by level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from spinereview.criteria.fracture.assess import HEIGHTS_MISSING
from spinereview.criteria.recist.percent import number_text
from spinereview.criteria.sins import Item
from spinereview.domain.anatomy import level_place
from spinereview.domain.assessment import Assessment
from spinereview.report.facts import ReadFacts
from spinereview.report.forms import forms
from spinereview.report.markup import Markup, element, table
from spinereview.report.tables import SINS_POINTS
from spinereview.report.words import DASH
from spinereview.text import sentence

_HEIGHTS = ("ha_mm", "hm_mm", "hp_mm")
_REFERENCE = ("ra_mm", "rm_mm", "rp_mm")
_LOSSES = ("loss_a_pct", "loss_m_pct", "loss_p_pct")


def spine(facts: ReadFacts) -> Markup | None:
    """Tables of every timepoint at which a level was scored or measured; None where none was."""
    parts = [*_sins(facts), *_fractures(facts), *forms(facts)]
    return element("section", element("h2", sentence("REPORT_SPINE")), *parts) if parts else None


def _rows(facts: ReadFacts, question: str, cells: Callable[[Assessment], list[str]]) -> list[list[str]]:
    """A row for each level and timepoint; a level's timepoints follow one another, so that its course is seen.

    A level of which nothing was said has no row: that stands under what could not be assessed.
    """
    found = [
        (level_place(level), timepoint.ordinal, [level, timepoint.label, *cells(answer)])
        for timepoint in facts.case.in_order
        for level, answer in facts.levels_at(timepoint, question)
        if not any(reason.code == HEIGHTS_MISSING for reason in answer.missing)
    ]
    return [row for _, _, row in sorted(found, key=lambda entry: entry[:2])]


def _sins(facts: ReadFacts) -> Iterator[Markup]:
    items = (sentence("REPORT_LOCATION"), *(sentence(f"UI_SINS_ITEM_{item}") for item in Item))
    first = (sentence("REPORT_LEVEL"), sentence("REPORT_TIMEPOINT"))
    head = (*first, *items, sentence("REPORT_SINS"), sentence("REPORT_CATEGORY"))
    rows = _rows(facts, "sins", _score_cells)
    if rows:
        yield table(head, rows, sentence("REPORT_SINS_TABLE"), "sins")


def _score_cells(answer: Assessment) -> list[str]:
    return [*(_points(answer.values.get(name)) for name in SINS_POINTS), _score(answer), _category(answer)]


def _points(value: Decimal | None) -> str:
    return sentence("REPORT_NOT_KNOWN") if value is None else str(value)


def _score(answer: Assessment) -> Markup:
    low, high = answer.values["low"], answer.values["high"]
    return element("strong", f"{low}" if low == high else f"{low}–{high}")


def _category(answer: Assessment) -> str:
    return sentence(f"REPORT_SINS_{answer.outcome}")


def _fractures(facts: ReadFacts) -> Iterator[Markup]:
    names = ("LEVEL", "TIMEPOINT", "HEIGHTS", "REFERENCE", "LOSSES", "LARGEST", "SUGGESTED", "GRADE", "FRACTURE")
    rows = _rows(facts, "fracture", _fracture)
    if rows:
        head = [sentence(f"REPORT_{name}") for name in names]
        yield table(head, rows, sentence("REPORT_FRACTURES_TABLE"), "fractures")


def _fracture(answer: Assessment) -> list[str]:
    values = answer.values
    return [
        _beside([values.get(name) for name in _HEIGHTS]),
        _beside([values.get(name) for name in _REFERENCE]),
        _beside([values.get(name) for name in _LOSSES]),
        _beside([values.get("max_loss_pct")]),
        *(_number(values.get(name)) for name in ("suggested_grade", "grade")),
        sentence(f"UI_FRACTURE_{answer.outcome}"),
    ]


def _beside(values: Sequence[Decimal | None]) -> str:
    """Numbers beside one another, as anterior, middle, posterior; one dash where none of them exists."""
    return (
        DASH
        if all(value is None for value in values)
        else " / ".join(DASH if one is None else f"{one}" for one in values)
    )


def _number(value: Decimal | None) -> str:
    return DASH if value is None else number_text(value)
