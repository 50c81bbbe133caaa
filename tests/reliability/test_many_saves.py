"""Repeated saving harms nothing (lesson of a bundle that was corrupt after many saves), and stays as fast as it was."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from trail_desk import Add, Desk, Move


def _save(folder: Path, count: int) -> None:
    desk = Desk(folder, threaded=True)
    session = desk.create()
    session.do(Add(organ="BONE"))
    for number in range(count):
        session.do(Move(lesion="L01", column_mpx=300_000 + number % 7))
        if session.state.pending > 100:
            desk.done.get()()
    desk.settle(session)
    session.close()
    connection = sqlite3.connect(desk.path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    began = time.monotonic()
    session = desk.open()
    taken = time.monotonic() - began
    assert session.committed.lesions["L01"].findings["BL"].parts["a"].geometry.points_mpx[1][0] == 300_000 + (
        (count - 1) % 7
    )
    assert len(session.history()) == count + 4
    session.close()
    print(f"{count} saves: intact, opened in {taken:.3f} s")


def test_lesson_17_300_saves_leave_the_file_intact(tmp_path: Path) -> None:
    _save(tmp_path, 300)


@pytest.mark.nightly
def test_lesson_17_10000_saves_leave_the_file_intact(tmp_path: Path) -> None:
    _save(tmp_path, 10_000)
