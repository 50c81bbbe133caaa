"""A program that is killed while it saves loses nothing that it was told is safe."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from trail_desk import Add, Desk

import spinereview

SUPPORT = Path(__file__).resolve().parent.parent / "support"
ROUNDS_A_FILE = 20
"""After so many kills a new file is begun, so that early and late kills both happen."""


@pytest.fixture
def saver() -> Iterator[subprocess.Popen[bytes]]:
    path = os.pathsep.join((str(Path(spinereview.__file__).parent.parent), str(SUPPORT)))
    program = subprocess.Popen(
        [sys.executable, str(SUPPORT / "saver.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    yield program
    program.stdin.close()
    program.wait(timeout=30)
    program.stdout.close()


def _kill_while_saving(saver: subprocess.Popen[bytes], path: Path, patience_s: float) -> int:
    """Last acknowledged event of a child that was killed a while after its first one."""
    saver.stdin.write(f"{path}\n".encode())
    saver.stdin.flush()
    child, acknowledged, until, said = 0, 0, None, b""
    while True:
        left_s = None if until is None else max(0.0, until - time.monotonic())
        if select.select([saver.stdout], [], [], left_s)[0]:
            said += os.read(saver.stdout.fileno(), 65536)
            *words, said = said.split(b"\n")
            for word in words:
                if word.startswith(b"pid "):
                    child = int(word[4:])
                elif word.startswith(b"+"):
                    acknowledged = int(word[1:])
                    until = until or time.monotonic() + patience_s
                elif word == b"gone":
                    return acknowledged
        if child and until is not None and time.monotonic() >= until:
            os.kill(child, signal.SIGKILL)
            child, until = 0, None


def _rounds(saver: subprocess.Popen[bytes], tmp_path: Path, kills: int) -> None:
    chance = random.Random(20270304)
    slowest, mid_commit, acts = 0.0, 0, 0
    for number in range(kills):
        path = tmp_path / f"{number // ROUNDS_A_FILE}" / "R7K2.srread"
        desk = Desk(path.parent)
        if not path.exists():
            path.parent.mkdir()
            session = desk.create()
            session.do(Add(organ="BONE"))
            session.close()
        acknowledged = _kill_while_saving(saver, path, chance.random() * 0.02)
        mid_commit += (path.parent / "R7K2.srread-journal").stat().st_size > 0
        began = time.monotonic()
        session = desk.open()
        slowest = max(slowest, time.monotonic() - began)
        session.close()
        acts += acknowledged
        assert session.committed.lesions["L01"] is not None
        assert session.trail_head.seq > acknowledged, f"kill {number}: an acknowledged act is gone"
    print(f"R1 {kills} kills, {mid_commit} within a commit: 0 lost, 0 unreadable, slowest reopening {slowest:.3f} s")
    assert slowest < 1.0
    assert mid_commit, "no kill fell into a commit, so that nothing was shown"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_200_kills_lose_no_acknowledged_act(saver: subprocess.Popen[bytes], tmp_path: Path) -> None:
    _rounds(saver, tmp_path, 200)


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_5000_kills_lose_no_acknowledged_act(saver: subprocess.Popen[bytes], tmp_path: Path) -> None:
    _rounds(saver, tmp_path, 5000)
