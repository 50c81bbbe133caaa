"""Sum of diameters against visits as SVG: the same timeline, at the same places, as the window's.

Four units of the drawing are a millimetre of the page. The limits are those that a sum is compared with (RECIST 1.1, 4.3.1):
relative and absolute, whichever decides. A visit without a sum is a gap; nothing is joined across it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from spinereview.criteria.recist.percent import mm_text, number_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.imaging import Id
from spinereview.report.facts import ReadFacts
from spinereview.report.markup import Markup, element
from spinereview.report.words import outcome_text
from spinereview.review.timeline import timeline as timeline_of
from spinereview.review.timeline_plot import Area, LimitKind, LimitWord, Plot, plot
from spinereview.text import sentence

WIDTH, HEIGHT = 712, 240
AREA = Area(left=44, top=24, right=548, bottom=196)
_INK, _GREY, _FAINT = "#000", "#555", "#ddd"
_LETTERS, _LETTER_WIDTH = 10.4, 6
_DASHES = {LimitKind.RESPONSE: "8 5", LimitKind.PROGRESSION: "3 3"}
_BELOW = 22
_LEAST = 2
"""Fewest sums that make a course."""


def timeline(facts: ReadFacts) -> tuple[Markup, str] | None:
    """Drawing of the sums and what is to be said of it; None where fewer than two visits have one."""
    dates = {Id(key): date for key, date in facts.dates.items()}
    line = timeline_of(facts.seen, facts.assessments, facts.settings, dates)
    places = plot(line, AREA)
    if len(places.points) < _LEAST:
        return None
    told = "; ".join(f"{one.label} {mm_text(one.sum_mm)} mm" for one in line.visits if one.sum_mm is not None)
    drawn = element(
        "svg", *_axes(places), *_limits(places, facts.settings), *_sums(places),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
        aria_label=sentence("REPORT_TIMELINE_NAME", {"sums": told}), class_="timeline",
    )  # fmt: skip
    return drawn, " ".join(_notes(places))


def _notes(places: Plot) -> Iterator[str]:
    steps = [after.x - before.x for before, after in pairwise(places.columns)]
    # Even places are rounded to whole units.
    even = max(steps) - min(steps) <= 1
    yield sentence("REPORT_TIMELINE_EVEN" if even else "REPORT_TIMELINE_DATES")
    if places.ticks[0][0] > 0:
        yield sentence("REPORT_TIMELINE_AXIS")
    yield sentence("REPORT_TIMELINE_NOTE")


def _axes(places: Plot) -> Iterator[Markup]:
    for value, y in places.ticks:
        yield _line(AREA.left, y, AREA.right, y, colour=_INK if y == AREA.bottom else _FAINT)
        yield _words(f"{value:f}", AREA.left - 6, y + 4, "end")
    yield _words(sentence("REPORT_MM"), AREA.left - 6, AREA.top - 12, "end")
    for column in places.columns:
        most = max(3, (column.right - column.left) // _LETTER_WIDTH)
        yield _words(_short(column.visit.label, most), column.x, AREA.bottom + 17, "middle")
        if column.visit.response:
            yield _words(
                _short(outcome_text(column.visit.response), most), column.x, AREA.bottom + 33, "middle", bold=True
            )


def _short(label: str, most: int) -> str:
    """As much of a word as fits between its neighbours; the tables have all of it."""
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _limits(places: Plot, settings: Settings) -> Iterator[Markup]:
    for one in places.limits:
        yield _line(one.left, one.y, one.right, one.y, dash=_DASHES[one.kind])
    for word in places.words:
        yield _words(_limit_text(word, settings), AREA.right + 8, word.y + 4, "start")


def _limit_text(word: LimitWord, settings: Settings) -> str:
    """Name of a limit with its millimetres: ``−30 % of baseline: 63.0``."""
    mm = mm_text(word.mm)
    if word.kind is LimitKind.RESPONSE:
        return sentence("REPORT_LIMIT_PR", {"limit": number_text(100 * settings.pr_threshold), "mm": mm})
    if word.by_mm:
        return sentence("REPORT_LIMIT_PD_MM", {"limit": number_text(settings.pd_abs_mm), "mm": mm})
    return sentence("REPORT_LIMIT_PD", {"limit": number_text(100 * settings.pd_threshold), "mm": mm})


def _sums(places: Plot) -> Iterator[Markup]:
    for first, second in places.strokes:
        yield _line(first.x, first.y, second.x, second.y, colour=_INK, width="2.4")
    for point in places.points:
        if point.visit.sum_mm is not None:
            yield element("circle", cx=str(point.x), cy=str(point.y), r="4.4", fill=_INK)
            # Below the lowest one stand the names of the visits.
            y = point.y - 9 if point.above or point.y + _BELOW > AREA.bottom else point.y + 18
            for under in (True, False):
                yield _words(mm_text(point.visit.sum_mm), point.x, y, "middle", bold=True, under=under)


def _line(x: int, y: int, far: int, low: int, *, width: str = "1", dash: str = "", colour: str = _GREY) -> Markup:
    places = {"x1": str(x), "y1": str(y), "x2": str(far), "y2": str(low)}
    return element("line", **places, stroke=colour, stroke_width=width, stroke_dasharray=dash)


def _words(text: str, x: int, y: int, anchor: str, *, bold: bool = False, under: bool = False) -> Markup:
    """Letters; ``under`` is their white edge, which keeps lines away from them."""
    edge = {"stroke": "#fff", "stroke_width": "5", "fill": "#fff"} if under else {"fill": _INK}
    weight = "600" if bold else "400"
    return element(
        "text", text, x=str(x), y=str(y), text_anchor=anchor, font_size=f"{_LETTERS}", font_family="Inter",
        font_weight=weight, **edge,
    )  # fmt: skip
