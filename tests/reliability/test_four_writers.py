"""Of those who want one read at the same moment exactly one gets it; the others are told who has it."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from trail_desk import Desk, Say

from spinereview.errors import TrailError
from spinereview.storage.holder import note_of


def _want(path: Path, start, answer: Connection) -> None:
    desk = Desk(path.parent, threaded=True)
    start.wait()
    try:
        session = desk.open()
    except TrailError as error:
        answer.send(error.code)
        return
    answer.send("writer")
    answer.recv()
    session.do(Say(timepoint="BL", text=str(os.getpid())))
    session.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_of_four_processes_exactly_one_writes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.create().close()
    processes = multiprocessing.get_context("fork")
    for _ in range(4):
        start = processes.Barrier(4)
        pairs = [processes.Pipe() for _ in range(4)]
        programs = [processes.Process(target=_want, args=(desk.path, start, far)) for _, far in pairs]
        for program in programs:
            program.start()
        answers = [near.recv() for near, _ in pairs]
        assert sorted(answers) == ["TRAIL_IN_USE"] * 3 + ["writer"]
        writer = answers.index("writer")
        for opening in (desk.open, desk.read):
            with pytest.raises(TrailError) as caught:
                opening()
            assert caught.value.code == "TRAIL_IN_USE"
            assert caught.value.arguments["process"] == str(programs[writer].pid)
        pairs[writer][0].send("go on")
        for program in programs:
            program.join(30)
        for near, far in pairs:
            near.close()
            far.close()
    assert desk.session(desk.read()).head.visits["BL"].comment == str(programs[writer].pid)


def test_a_second_writer_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    with pytest.raises(TrailError) as caught:
        desk.open()
    named = caught.value.arguments
    assert (caught.value.code, named["host"], named["process"]) == (
        "TRAIL_IN_USE",
        socket.gethostname(),
        str(os.getpid()),
    )
    session.do(Say(timepoint="BL", text="still mine"))
    session.close()
    assert not note_of(desk.path).exists()
    desk.open().close()


def test_even_a_select_of_another_program_finds_an_open_read_locked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT count(*) FROM event')"
    ran = subprocess.run([sys.executable, "-c", code, str(desk.path)], capture_output=True, text=True, check=False)
    assert "database is locked" in ran.stderr
    session.do(Say(timepoint="BL", text="one"))
    session.close()


def test_the_note_of_a_program_that_died_keeps_nobody_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.create().close()
    note_of(desk.path).write_text('{"host":"gone","process":1,"since":"2027-01-01T00:00:00.000Z","user":"nobody"}')
    session = desk.open()
    with pytest.raises(TrailError) as caught:
        desk.open()
    assert caught.value.arguments["process"] == str(os.getpid())
    session.close()


def test_who_has_a_read_is_not_known_without_the_note(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    note_of(desk.path).unlink()
    with pytest.raises(TrailError, match="TRAIL_IN_USE_BY_UNKNOWN"):
        desk.open()
    session.close()


def test_a_read_that_is_replaced_while_it_is_open_takes_no_more_acts(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    desk.path.rename(tmp_path / "moved")
    with pytest.raises(TrailError, match="TRAIL_MOVED"):
        session.do(Say(timepoint="BL", text="one"))
    assert session.head is session.committed
    session.close()
