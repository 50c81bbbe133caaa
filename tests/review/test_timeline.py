"""The timeline: what is on it, what is hidden, and where it lies, to the pixel."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import pytest

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.target import progressed_by_size, responded
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind
from spinereview.domain.read import Lock, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.review.command import Role
from spinereview.review.commands.findings import Measure, SetNewStatus, SetState
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import MeasureHeights, Score
from spinereview.review.timeline import Event, EventKind, Limits, Timeline, TimelineVisit, limits_of, timeline
from spinereview.review.timeline_plot import APART, Area, LimitKind, place_y, plot, scale
from spinereview.review.visibility import visible
from spinereview.workflow.assessments import assess_read, shown

AREA = Area(left=50, top=10, right=650, bottom=110)
DATES = {Id("BL"): "2025-01-01", Id("FU1"): "2025-04-11", Id("FU2"): "2025-07-20"}
INTACT = ((0, 0, 30), (0, 15, 30), (0, 30, 30), (0, 0, 5), (0, 15, 5), (0, 30, 5))
BROKEN = ((0, 0, 20), (0, 15, 30), (0, 30, 30), (0, 0, 5), (0, 15, 5), (0, 30, 5))


def line_of(read, case, protocol, settings=None):
    seen = visible(read, Role.READER, protocol, case)
    return timeline(seen, shown(assess_read(read, case, protocol), seen), settings or Settings(), DATES)


def add(timepoint, mark, role=LesionRole.TARGET, level=None):
    site = Site(organ="LIVER", location="x") if level is None else Site(organ="BONE", location="", levels=(level,))
    return AddLesion(
        timepoint=Id(timepoint),
        role=role,
        nodal=False,
        site=site,
        tissue=None,
        group=False,
        measurement=mark,
        stack_sha256="",
    )


def again(timepoint, mark):
    return Measure(lesion=Id("L01"), timepoint=Id(timepoint), part="a", measurement=mark, stack_sha256="")


def wide(draw, timepoint, mm):
    """A diameter of so many millimetres, at 0.5 mm a pixel."""
    return draw(timepoint, (0, 50_000), (mm * 2000, 50_000), kind=MeasurementKind.DIAMETER)


def heights(timepoint, points, level="T9"):
    stack = f"k-{timepoint}"
    geometry = InSpace(
        stacks=(Id(stack),),
        frame_of_reference_uid="2.25.99",
        points_um=tuple((x * 1000, y * 1000, z * 1000) for x, y, z in points),
    )
    mark = Measurement(id=Id(f"h-{timepoint}-{level}"), kind=MeasurementKind.HEIGHTS, geometry=geometry)
    return MeasureHeights(timepoint=Id(timepoint), level=Level(level), stack=stack, measurement=mark, stack_sha256="")


def locked(read, *names):
    visits = read.visits
    for name in names:
        visits = visits.with_(name, replace(visits.get(name, Visit()), lock=Lock.LOCKED))
    return replace(read, visits=visits)


@pytest.fixture
def full(do, draw):
    """One target of 50, 30 and 41 mm, a new lesion and a new fracture at FU2, a score at the baseline."""
    pain = Answer(value="MECHANICAL", basis=AnswerBasis.JUDGED)
    return do(
        add("BL", wide(draw, "BL", 50)),
        again("FU1", wide(draw, "FU1", 30)),
        again("FU2", wide(draw, "FU2", 41)),
        add("FU2", wide(draw, "FU2", 20), LesionRole.NEW),
        SetNewStatus(lesion=Id("L02"), timepoint=Id("FU2"), status=NewStatus.YES, cause=""),
        Score(timepoint=Id("BL"), level=Level.T9, form="SINS", item="PAIN", answer=pain),
        *(heights(name, INTACT) for name in ("BL", "FU1")),
        heights("FU2", BROKEN),
    )


class TestContent:
    def test_sums_responses_limits_events_and_scores_of_every_visit(self, full, case, generic):
        first, second, third = line_of(full, case, generic).visits
        assert [visit.sum_mm for visit in (first, second, third)] == [50, 30, 41]
        assert [visit.response for visit in (first, second, third)] == ["", "PR", "PD"]
        assert first.limits is None
        assert second.limits == Limits(response_mm=Decimal(35), progression_mm=Decimal(60), by_mm=False)
        assert third.limits == Limits(response_mm=Decimal(35), progression_mm=Decimal(36), by_mm=False)
        assert (first.sins.low, first.sins.high, first.sins.level) == (4, 16, "")
        assert (first.events, second.events) == ((), ())
        assert third.events == (
            Event(kind=EventKind.NEW_LESION, about="NEW02"),
            Event(kind=EventKind.FRACTURE_NEW, about="T9"),
        )
        assert [visit.date for visit in (first, second, third)] == list(DATES.values())
        assert not any(visit.final for visit in (first, second, third))

    def test_an_event_is_told_at_the_visit_at_which_it_was_first_seen(self, full, case, generic, do):
        read = do(
            SetState(lesion=Id("L01"), timepoint=Id("FU1"), state=LesionState.ABSENT, reason="", justification=""),
            heights("FU1", BROKEN),
            on=full,
        )
        visits = line_of(read, case, generic).visits
        assert visits[1].events == (Event(kind=EventKind.FRACTURE_NEW, about="T9"),)
        assert visits[2].events == (Event(kind=EventKind.NEW_LESION, about="NEW02"),)

    @pytest.mark.parametrize(
        ("locks", "responses", "changed"),
        [
            (("BL", "FU1"), ["", "PR", ""], []),
            (("BL", "FU1", "FU2"), ["", "PR", "PD"], ["OVERALL_CHANGED_LATER", "NEW_YES_BACKDATED"]),
        ],
        ids=["the visit of the later word is open", "it is locked"],
    )
    def test_a_locked_response_stays_when_a_lesion_is_called_new_later(
        self, do, draw, case, protocol, generic, locks, responses, changed
    ):
        read = do(
            add("BL", wide(draw, "BL", 50)),
            again("FU1", wide(draw, "FU1", 30)),
            again("FU2", wide(draw, "FU2", 30)),
            add("FU1", wide(draw, "FU1", 20), LesionRole.NEW),
            SetNewStatus(lesion=Id("L02"), timepoint=Id("FU1"), status=NewStatus.EQUIVOCAL, cause="OTHER"),
            SetState(lesion=Id("L02"), timepoint=Id("FU2"), state=LesionState.PRESENT, reason="", justification=""),
            SetNewStatus(lesion=Id("L02"), timepoint=Id("FU2"), status=NewStatus.YES, cause=""),
        )
        one = locked(read, *locks)
        assert [visit.response for visit in line_of(one, case, protocol).visits] == responses
        seen = visible(one, Role.READER, protocol, case)
        overall = shown(assess_read(one, case, protocol), seen)["FU1/overall"]
        assert [reason.code for reason in overall.warnings] == changed
        # Where everything is shown at once, the response follows the later word at once.
        assert [visit.response for visit in line_of(one, case, generic).visits] == ["", "PD", "PD"]

    @pytest.mark.parametrize(
        ("locks", "sums"),
        [
            ((), (None, None, None)),
            (("BL",), (50, None, None)),
            (("FU1", "FU2"), (None, None, None)),
            (("BL", "FU1"), (50, 30, None)),
            (("BL", "FU1", "FU2"), (50, 30, 41)),
        ],
    )
    def test_under_a_blinded_protocol_nothing_of_an_open_visit_is_on_it(self, full, case, protocol, locks, sums):
        visits = line_of(locked(full, *locks), case, protocol).visits
        assert tuple(visit.sum_mm for visit in visits) == sums
        for visit, mm in zip(visits, sums, strict=True):
            assert visit.date == ""
            if mm is None:
                bare = TimelineVisit(timepoint=visit.timepoint, label=visit.label, final=visit.final)
                assert visit == bare

    def test_what_may_change_before_a_lock_is_not_final(self, full, case, generic):
        finals = [visit.final for visit in line_of(locked(full, "BL", "FU2"), case, generic).visits]
        assert finals == [True, False, False]

    def test_a_read_without_anything_is_empty(self, empty, case, generic, full):
        line = line_of(empty, case, generic)
        assert line.empty
        assert [visit.response for visit in line.visits] == ["", "", ""]
        # Without a lesion there is no evidence of disease only once the reader has locked what he looked at.
        assert line_of(locked(empty, "BL", "FU1"), case, generic).visits[1].response == "NED"
        assert not line_of(full, case, generic).empty


class TestLimits:
    @pytest.mark.parametrize(
        ("nadir", "limit", "by_mm"),
        [
            ("61.0", "73.2", False),
            ("25.1", "30.12", False),
            ("25.0", "30.0", False),
            ("24.9", "29.9", True),
            ("20.0", "25.0", True),
            ("0.0", "5.0", True),
        ],
    )
    def test_progression_needs_both_limits(self, nadir, limit, by_mm):
        found = limits_of(Decimal(100), Decimal(nadir), Settings())
        assert (found.progression_mm, found.by_mm) == (Decimal(limit), by_mm)

    def test_any_growth_from_zero_has_no_line_where_the_protocol_says_so(self):
        assert limits_of(Decimal(50), Decimal(0), Settings(nadir_zero_pd="any")).progression_mm is None

    def test_the_lines_are_exactly_where_the_rules_turn(self):
        settings, tenth = Settings(), Decimal("0.1")
        for tenths in range(1, 1500, 7):
            base = tenths * tenth
            limits = limits_of(base, base, settings)
            first = (limits.progression_mm / tenth).to_integral_value(ROUND_CEILING) * tenth
            assert progressed_by_size(first, base, settings)
            assert not progressed_by_size(first - tenth, base, settings)
            last = limits.response_mm // tenth * tenth
            assert responded(last, base, settings)
            assert not responded(last + tenth, base, settings)


def visit(name, mm=None, date="", limits=None):
    sum_mm = None if mm is None else Decimal(mm)
    return TimelineVisit(timepoint=Id(name), label=name, date=date, shown=True, sum_mm=sum_mm, limits=limits)


def drawn(*visits, area=AREA):
    return plot(Timeline(visits=visits), area)


@pytest.fixture
def target():
    """The sums of the drawn window: 87.4, 79.2, 61.0, 75.5 mm."""
    sums = [Decimal(mm) for mm in ("87.4", "79.2", "61.0", "75.5")]
    return tuple(
        visit(f"V{at}", mm, limits=limits_of(sums[0], min(sums[:at]), Settings()) if at else None)
        for at, mm in enumerate(sums)
    )


class TestPlot:
    def test_sums_and_limits_lie_where_they_are_reckoned_to_lie(self, target):
        found = drawn(*target)
        # 60 to 120 mm over 100 pixels; four visits over 600.
        assert [(int(value), y) for value, y in found.ticks] == [(60, 110), (80, 77), (100, 43), (120, 10)]
        assert [(point.x, point.y, point.above) for point in found.points] == [
            (125, 64, True),
            (275, 78, True),
            (425, 108, False),
            (575, 84, True),
        ]
        assert [(column.left, column.right) for column in found.columns] == [
            (50, 200),
            (200, 350),
            (350, 500),
            (500, 650),
        ]
        lines = [(line.kind, line.mm, line.left, line.right, line.y) for line in found.limits]
        assert lines == [
            (LimitKind.PROGRESSION, Decimal("104.88"), 125, 275, 35),
            (LimitKind.PROGRESSION, Decimal("95.04"), 275, 425, 52),
            (LimitKind.RESPONSE, Decimal("61.18"), 125, 650, 108),
            (LimitKind.PROGRESSION, Decimal("73.2"), 425, 650, 88),
        ]
        assert [(word.kind, word.y) for word in found.words] == [
            (LimitKind.PROGRESSION, 88),
            (LimitKind.RESPONSE, 108),
        ]

    def test_the_words_of_limits_that_lie_together_are_moved_apart_and_stay_inside(self):
        near = visit("B", 71, limits=Limits(response_mm=Decimal(70), progression_mm=Decimal("72"), by_mm=True))
        found = drawn(visit("A", 100), near)
        first, second = (word.y for word in found.words)
        assert second - first == 13
        low = visit("B", 5, limits=Limits(response_mm=Decimal(0), progression_mm=Decimal(5), by_mm=True))
        words = drawn(visit("A", 200), low).words
        assert all(AREA.top <= word.y <= AREA.bottom for word in words)

    def test_a_visit_without_a_sum_breaks_the_line(self):
        found = drawn(visit("A", 50), visit("B"), visit("C", 40), visit("D", 30))
        assert [(one.visit.label, two.visit.label) for one, two in found.strokes] == [("C", "D")]

    def test_without_a_sum_there_is_no_scale_but_the_visits_stand(self):
        found = drawn(visit("A"), visit("B"))
        assert (found.ticks, found.points, found.limits, found.words) == ((), (), (), ())
        assert [column.x for column in found.columns] == [200, 500]
        assert drawn().columns == ()

    @pytest.mark.parametrize(
        ("days", "places"),
        [
            (("2025-01-01", "2025-04-11", "2025-10-28"), (150, 283, 550)),
            (("2025-01-01", "2025-01-31", "2025-10-28"), (150, 350, 550)),
            (("2025-01-01", "", "2025-10-28"), (150, 350, 550)),
            (("2025-01-01", "2025-01-01", "2025-10-28"), (150, 350, 550)),
            (("2025-10-28", "2025-04-11", "2025-01-01"), (150, 350, 550)),
        ],
        ids=["by date", "too near", "a date is missing", "one day twice", "not in order"],
    )
    def test_visits_stand_by_date_unless_that_would_bring_two_together(self, days, places):
        found = drawn(*(visit(f"V{at}", 50, date=day) for at, day in enumerate(days)))
        assert tuple(column.x for column in found.columns) == places
        assert min(two - one for one, two in pairwise(places)) >= APART

    def test_a_click_means_the_visit_of_its_column(self, target):
        found = drawn(*target)
        places = {49: None, 50: "V0", 199: "V0", 200: "V1", 649: "V3", 650: None}
        assert {x: getattr(found.visit_at(x), "label", None) for x in places} == places

    @pytest.mark.parametrize(("mm", "y"), [("0", 110), ("100", 10), ("49.5", 61), ("49.4", 61), ("50.6", 59)])
    def test_a_value_takes_the_nearest_row_of_pixels(self, mm, y):
        assert place_y(Decimal(mm), ((Decimal(0), 110), (Decimal(100), 10))) == y

    @pytest.mark.parametrize(
        ("low", "high", "most", "ticks"),
        [
            ("61.0", "87.4", 4, "60 70 80 90"),
            ("0", "0", 4, "0 1"),
            ("60", "60", 4, "60 61"),
            ("3", "187", 3, "0 100 200"),
            ("3", "187", 4, "0 50 100 150 200"),
            ("998", "1003", 1, "500 1000 1500"),
        ],
    )
    def test_the_scale_encloses_the_values_in_round_numbers(self, low, high, most, ticks):
        found = scale(Decimal(low), Decimal(high), most)
        if ticks != "500 1000 1500":
            assert " ".join(str(value) for value in found) == ticks
        assert found[0] <= Decimal(low) <= Decimal(high) <= found[-1]
        assert len(found) - 1 <= most
