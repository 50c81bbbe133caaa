"""Sum of diameters against visits as SVG, with the limits of response and of progression as the protocol sets them.

The limit of progression rises over the nadir by a share and at least by millimetres (RECIST 1.1, 4.3.1): both are in its
line. A visit without a sum is a gap; nothing is joined across it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from spinereview.criteria.recist.percent import mm_text, number_text
from spinereview.report.facts import ReadFacts
from spinereview.report.markup import Markup, element
from spinereview.text import sentence

WIDTH, HEIGHT = 178.0, 58.0
"""Size in millimetres on the page."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 12.0, 40.0, 5.0, 6.0
_LETTER = 1.6
"""Width of a letter of a label, a little more than the mean."""
_INK, _GREY = "#000", "#666"
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of the timeline: its sum, and the least sum that would be progression; None where there is none."""

    label: str
    sum_mm: Decimal | None
    progression_mm: Decimal | None


def visits(facts: ReadFacts) -> tuple[tuple[Visit, ...], Decimal | None]:
    """Visits from the baseline on, and the greatest sum that would be a partial response."""
    settings, found = facts.settings, []
    response: Decimal | None = None
    for timepoint in facts.case.in_order:
        answer = facts.at(timepoint, "target")
        values = {} if answer is None else answer.values
        base, nadir = values.get("baseline_sum_mm"), values.get("nadir_mm")
        response = response if base is None else base * (1 - settings.pr_threshold)
        limit = None if nadir is None else max(nadir * (1 + settings.pd_threshold), nadir + settings.pd_abs_mm)
        found.append(Visit(label=timepoint.label, sum_mm=values.get("sum_mm"), progression_mm=limit))
    return tuple(found), response


def timeline(facts: ReadFacts) -> Markup | None:
    """Drawing of the sums; None where fewer than two visits have one."""
    shown, response = visits(facts)
    if sum(visit.sum_mm is not None for visit in shown) < 2:
        return None
    numbers = [value for visit in shown for value in (visit.sum_mm, visit.progression_mm) if value is not None]
    scale = _Scale(len(shown), max([*numbers, *([] if response is None else [response]), Decimal(1)]))
    settings = facts.settings
    pd_words = {"limit": number_text(100 * settings.pd_threshold), "mm": number_text(settings.pd_abs_mm)}
    pr_words = {"limit": number_text(100 * settings.pr_threshold)}
    lines = [*_axes(scale, shown)]
    ends: list[tuple[float, str]] = []
    if response is not None:
        y = scale.y(response)
        lines.append(_line(scale.x(0), y, WIDTH - _RIGHT, y, dash="2 1.2"))
        ends.append((y, sentence("REPORT_LIMIT_PR", pr_words)))
    steps = [(place, visit.progression_mm) for place, visit in enumerate(shown) if visit.progression_mm is not None]
    lines += _steps(scale, steps)
    if steps:
        ends.append((scale.y(steps[-1][1]), sentence("REPORT_LIMIT_PD", pd_words)))
    lines += [*_sums(scale, shown), *_words_at_end(ends)]
    words = "; ".join(f"{one.label} {mm_text(one.sum_mm)} mm" for one in shown if one.sum_mm is not None)
    return element(
        "svg", *lines, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img",
        aria_label=sentence("REPORT_TIMELINE_NAME", {"sums": words}), class_="timeline",
    )  # fmt: skip


class _Scale:
    """From visits and millimetres to the drawing."""

    def __init__(self, count: int, most: Decimal) -> None:
        self.step = next((step for step in _STEPS if most / step <= 5), int(most))
        self.top = (int(most / self.step) + 1) * self.step
        self._between = (WIDTH - _LEFT - _RIGHT - 12.0) / max(1, count - 1)

    def short(self, label: str) -> str:
        """As much of a label as fits between its neighbours; the tables have all of it."""
        most = max(3, int(self._between / _LETTER))
        return label if len(label) <= most else f"{label[: most - 1]}…"

    def x(self, place: float) -> float:
        return _LEFT + 6.0 + place * self._between

    def y(self, value: Decimal | int) -> float:
        return HEIGHT - _BOTTOM - float(value) / self.top * (HEIGHT - _TOP - _BOTTOM)


def _axes(scale: _Scale, shown: Sequence[Visit]) -> Iterator[Markup]:
    for value in range(0, scale.top + 1, scale.step):
        y = scale.y(value)
        yield _line(_LEFT, y, WIDTH - _RIGHT, y, colour=_INK if not value else "#ddd")
        yield _words(str(value), _LEFT - 1.5, y + 0.9, "end")
    yield _words(sentence("REPORT_MM"), _LEFT + 1.0, _TOP - 1.2, "start")
    for place, visit in enumerate(shown):
        yield _words(scale.short(visit.label), scale.x(place), HEIGHT - 1.8, "middle")


def _sums(scale: _Scale, shown: Sequence[Visit]) -> Iterator[Markup]:
    places = [(scale.x(place), visit.sum_mm) for place, visit in enumerate(shown)]
    for (x, first), (far, second) in pairwise(places):
        if first is not None and second is not None:
            yield _line(x, scale.y(first), far, scale.y(second), width=0.6)
    for x, value in places:
        if value is not None:
            yield element("circle", cx=f"{x:.2f}", cy=f"{scale.y(value):.2f}", r="1.1", fill=_INK)
            yield _words(mm_text(value), x, scale.y(value) - 2.0, "middle", under=True)
            yield _words(mm_text(value), x, scale.y(value) - 2.0, "middle", weight="600")


def _steps(scale: _Scale, steps: Sequence[tuple[int, Decimal]]) -> Iterator[Markup]:
    """Limit of progression: level around each visit, as it is only known there."""
    for place, value in steps:
        y = scale.y(value)
        yield _line(scale.x(place - 0.5), y, min(scale.x(place + 0.5), WIDTH - _RIGHT), y, dash="0.8 0.8")
    for (place, value), (after, other) in pairwise(steps):
        if after == place + 1 and value != other:
            x = scale.x(place + 0.5)
            yield _line(x, scale.y(value), x, scale.y(other), dash="0.8 0.8")


def _words_at_end(ends: Sequence[tuple[float, str]]) -> Iterator[Markup]:
    """Names of the limits at their right ends, apart from one another."""
    above = -10.0
    for y, text in sorted(ends):
        place = max(y, above + 3.6)
        yield _words(text, WIDTH - _RIGHT + 1.5, place + 0.9, "start")
        above = place


def _line(
    x: float, y: float, far: float, low: float, *, width: float = 0.25, dash: str = "", colour: str = _GREY
) -> Markup:
    places = {"x1": f"{x:.2f}", "y1": f"{y:.2f}", "x2": f"{far:.2f}", "y2": f"{low:.2f}"}
    stroke = _INK if width > 0.5 else colour
    return element("line", **places, stroke=stroke, stroke_width=f"{width:g}", stroke_dasharray=dash)


def _words(text: str, x: float, y: float, anchor: str, *, weight: str = "400", under: bool = False) -> Markup:
    """Letters; ``under`` is their white edge, which keeps lines away from them."""
    edge = {"stroke": "#fff", "stroke_width": "1.2", "fill": "#fff", "font_weight": "600"} if under else {}
    look = {"fill": _INK, "font_weight": weight, **edge}
    return element(
        "text", text, x=f"{x:.2f}", y=f"{y:.2f}", text_anchor=anchor, font_size="2.6", font_family="Inter", **look
    )
