"""A clock that is set changes no order and stops nobody; the trail says that it was set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from trail_desk import Desk, Say, SteadyClock

from spinereview.review.audit import EventKind


def _notes(session) -> list[tuple[str, object]]:
    return [
        (entry.name, entry.args)
        for entry in session.history()
        if entry.kind is EventKind.NOTE and entry.name not in ("created", "opened")
    ]


@pytest.mark.parametrize(
    ("hours", "offset_min", "expected"),
    [
        (-1, 480, [("clock_set_back", {"seconds": 3600})]),
        (1, 480, [("clock_set_forward", {"seconds": 3600})]),
        (0, 540, [("zone_changed", {"from": 480, "to": 540})]),
        (0, 480, []),
    ],
    ids=["set back", "set forward", "summer time or another zone", "left alone"],
)
def test_a_clock_that_is_set_is_noted_once(
    tmp_path: Path, hours: int, offset_min: int, expected: list[tuple[str, object]]
) -> None:
    clock = SteadyClock()
    desk = Desk(tmp_path, clock=clock)
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    clock.time += timedelta(hours=hours)
    clock.offset_min = offset_min
    session.do(Say(timepoint="BL", text="two"))
    session.do(Say(timepoint="BL", text="three"))
    session.undo()
    assert _notes(session) == expected
    assert [entry.seq for entry in session.history()] == list(range(1, len(session.history()) + 1))
    assert session.head.visits["BL"].comment == "two"
    session.close()


def test_a_clock_that_was_set_back_while_the_file_was_closed_is_noted_at_opening(tmp_path: Path) -> None:
    clock = SteadyClock()
    desk = Desk(tmp_path, clock=clock)
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.close()
    clock.time -= timedelta(days=2)
    clock.mono = 5
    session = desk.open()
    assert [name for name, _ in _notes(session)] == ["clock_set_back"]
    session.close()


def test_a_machine_that_was_started_anew_is_no_finding(tmp_path: Path) -> None:
    clock = SteadyClock()
    desk = Desk(tmp_path, clock=clock)
    desk.create().close()
    clock.time += timedelta(days=2)
    clock.mono = 5
    session = desk.open()
    session.do(Say(timepoint="BL", text="one"))
    assert _notes(session) == []
    session.close()
