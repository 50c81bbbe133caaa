"""Under a protocol that hides the response until the lock, nothing in the window tells it before."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt

CTRL = Qt.KeyboardModifier.ControlModifier
TELLS = re.compile(r"%|\bPartial response\b|\bStable disease\b|\bProgressive disease\b|\bPR\b|\bnadir\b", re.IGNORECASE)


@pytest.fixture
def measured(blinded):
    """Both timepoints are measured, none is locked."""
    blinded.baseline_target()
    blinded.activate(blinded.follow_up)
    blinded.keys(Qt.Key.Key_Space)
    blinded.measure_disc(blinded.follow_up, 24)
    return blinded


def values(desk) -> list[str]:
    return [cell.text for cell in desk.bench.lesions.table().rows[0].cells]


def sums(desk) -> list[str]:
    return [cell.text for cell in desk.bench.lesions.table().rows[-1].cells]


def test_before_the_lock_there_are_millimetres_and_nothing_derived_of_them(measured) -> None:
    assert [text[:2] for text in values(measured)] == ["30", "18"]
    assert sums(measured) == ["", ""]
    assert TELLS.findall(measured.words()) == []
    assert "when it has been locked" in measured.bench.response.words()


def test_before_the_lock_neither_a_date_nor_a_day_is_told(measured) -> None:
    words = measured.words()
    assert "2025" not in words
    assert "20250114" not in words
    assert "4711" not in words


def test_each_lock_opens_its_own_timepoint(measured) -> None:
    measured.activate(measured.pane)
    measured.key(Qt.Key.Key_Return, CTRL)
    assert sums(measured) == [values(measured)[0], ""]
    assert TELLS.findall(measured.words()) == []
    measured.activate(measured.follow_up)
    assert TELLS.findall(measured.words()) == []
    measured.key(Qt.Key.Key_Return, CTRL)
    assert sums(measured) == values(measured)
    assert measured.bench.response.shown.outcome == "PR"
    assert "%" in measured.bench.response.words()


def test_an_amendment_hides_it_again(measured) -> None:
    for pane in (measured.pane, measured.follow_up):
        measured.activate(pane)
        measured.key(Qt.Key.Key_Return, CTRL)
    measured.activate(measured.pane)
    measured.bench.reading.unlock("another vertebra")
    measured.activate(measured.follow_up)
    assert sums(measured) == ["", ""]
    assert TELLS.findall(measured.words()) == []


def test_a_locked_follow_up_alone_tells_nothing_while_the_baseline_is_open(measured) -> None:
    measured.activate(measured.follow_up)
    measured.key(Qt.Key.Key_Return, CTRL)
    assert measured.bench.reading.locked
    assert sums(measured) == ["", ""]
    assert TELLS.findall(measured.words()) == []


def test_the_generic_protocol_shows_it_at_once(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, 24)
    assert desk.bench.response.shown.outcome == "PR"
    assert sums(desk) == values(desk)
    assert TELLS.findall(desk.words())
