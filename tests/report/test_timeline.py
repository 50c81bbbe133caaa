"""The drawing of the sums: the window's places, what is a gap, where the limits lie, what is said of the axes."""

from __future__ import annotations

import re

import pytest

from spinereview.domain.lesion import LesionState
from spinereview.report.timeline import AREA, timeline
from spinereview.review.timeline import timeline as timeline_of
from spinereview.review.timeline_plot import plot

STROKE = re.compile(r'<line x1="(\d+)" y1="(\d+)" x2="(\d+)" y2="(\d+)" stroke="#000" stroke-width="2.4"/>')
DOT = re.compile(r'<circle cx="(\d+)" cy="(\d+)"')
DASHED = re.compile(
    r'<line x1="(\d+)" y1="(\d+)" x2="(\d+)" y2="\d+" stroke="#555" stroke-width="1" stroke-dasharray="([^"]+)"'
)


def places_of(desk):
    facts = desk.facts()
    return plot(timeline_of(facts.seen, facts.assessments, facts.settings, facts.dates), AREA)


def test_everything_lies_where_the_window_puts_it(desk) -> None:
    (drawn, _), places = timeline(desk.facts()), places_of(desk)
    assert DOT.findall(drawn) == [(str(point.x), str(point.y)) for point in places.points]
    assert STROKE.findall(drawn) == [(str(one.x), str(one.y), str(two.x), str(two.y)) for one, two in places.strokes]
    assert [found[:3] for found in DASHED.findall(drawn)] == [
        (str(one.left), str(one.y), str(one.right)) for one in places.limits
    ]


def test_a_visit_without_a_sum_is_a_gap(desk) -> None:
    drawn, note = timeline(desk.facts())
    assert len(DOT.findall(drawn)) == 2
    assert len(STROKE.findall(drawn)) == 1
    assert "BL 70.0 mm; FU1 50.0 mm." in drawn
    assert "A visit without a sum is a gap." in note


def test_the_limits_are_named_with_their_millimetres(desk) -> None:
    drawn, _ = timeline(desk.facts())
    assert "−30 % of baseline: 49.0<" in drawn
    assert "+20 % over nadir: 60.0<" in drawn


def test_near_the_smallest_sum_the_millimetres_are_the_limit(make) -> None:
    head = '[trial]\nid = "B"\nversion = "2"\ntitle = "t"\n[blinding]\nlive_response = true\n'
    desk = make(f"{head}[criterion.recist]\npd_abs_mm = 20\n")
    drawn, _ = timeline(desk.facts())
    assert "+20 mm over nadir: 70.0<" in drawn


@pytest.mark.parametrize("hidden", [False, True])
def test_it_is_said_whether_visits_stand_by_their_dates(desk, make, hidden) -> None:
    if hidden:
        head = '[trial]\nid = "B"\nversion = "2"\ntitle = "t"\n[blinding]\nlive_response = true\nshow_days = false\n'
        desk = make(f"{head}[criterion.recist]\n")
    _, note = timeline(desk.facts())
    xs = [column.x for column in places_of(desk).columns]
    even = abs((xs[1] - xs[0]) - (xs[2] - xs[1])) <= 1
    assert even or not hidden
    assert ("equal distances" in note) is even
    assert "The axis does not begin at 0." in note


def test_what_may_not_be_seen_is_not_drawn(blinded) -> None:
    assert timeline(blinded.facts()) is None


def test_one_sum_is_no_course(make, reader_of) -> None:
    desk = make()
    reader_of(desk.opened).state("L02", "FU1", LesionState.NE, "motion")
    assert timeline(desk.facts()) is None
