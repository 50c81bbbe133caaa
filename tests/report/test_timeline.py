"""The drawing of the sums: what is a gap, where the limits lie, that nothing is joined that was not measured."""

from __future__ import annotations

import re
from decimal import Decimal

from spinereview.domain.lesion import LesionRole, LesionState
from spinereview.report.timeline import timeline, visits

LINE = re.compile(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" stroke="#000" stroke-width="0.6"/>')
DOT = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)"')


def test_the_limits_are_those_of_the_protocol(desk) -> None:
    shown, response = visits(desk.facts())
    assert [visit.sum_mm for visit in shown] == [Decimal("70.0"), Decimal("50.0"), None]
    assert response == Decimal("49.00")
    assert [visit.progression_mm for visit in shown] == [None, Decimal("84.00"), Decimal("60.00")]


def test_near_the_smallest_sum_the_millimetres_are_the_limit(make) -> None:
    head = '[trial]\nid = "B"\nversion = "2"\ntitle = "t"\n[blinding]\nlive_response = true\n'
    desk = make(f"{head}[criterion.recist]\npd_abs_mm = 20\n")
    shown, _ = visits(desk.facts())
    assert [visit.progression_mm for visit in shown] == [None, Decimal("90.0"), Decimal("70.0")]


def test_a_visit_without_a_sum_is_a_gap(desk) -> None:
    drawn = timeline(desk.facts())
    assert drawn is not None
    assert len(DOT.findall(drawn)) == 2
    assert len(LINE.findall(drawn)) == 1
    (x1, y1, x2, y2), ((first, high), (second, low)) = LINE.findall(drawn)[0], DOT.findall(drawn)
    assert (x1, y1, x2, y2) == (first, high, second, low)
    assert float(high) < float(low)
    assert "BL 70.0 mm; FU1 50.0 mm." in drawn


def test_what_may_not_be_seen_is_not_drawn(blinded) -> None:
    assert timeline(blinded.facts()) is None


def test_one_sum_is_no_course(make, reader_of) -> None:
    desk = make()
    reader = reader_of(desk.opened)
    reader.state("L02", "FU1", LesionState.NE, "motion")
    assert timeline(desk.facts()) is None
    reader.lesion("FU2", LesionRole.NEW, "x")
    assert timeline(desk.facts()) is None
