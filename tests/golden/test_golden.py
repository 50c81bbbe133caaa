"""Files of every version that was ever in the field open, say what they said, and stay as they are."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from trail_desk import Desk, Move

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.srread"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("golden", FILES, ids=[path.stem for path in FILES])
def test_a_golden_file_says_what_it_said(golden: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    shutil.copyfile(golden, desk.path)
    before = _sha256(desk.path)
    folded = desk.read().folded
    expected = json.loads(golden.with_suffix(".json").read_text(encoding="utf-8"))
    assert folded.tree == expected["tree"]
    assert (folded.head.seq, folded.head.hash) == (expected["seq"], expected["hash"])
    history = [[entry.seq, entry.kind.value, entry.name, dict(entry.args)] for entry in folded.history]
    assert history == expected["history"]
    assert _sha256(desk.path) == before


@pytest.mark.parametrize("golden", FILES, ids=[path.stem for path in FILES])
def test_a_golden_file_goes_on_where_it_ended(golden: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    shutil.copyfile(golden, desk.path)
    session = desk.open()
    assert session.head.visits["FU1"].comment == "one"
    assert session.redo().visits["FU1"].comment == "two"
    session.undo()
    session.undo()
    assert session.can_undo is None, "the barrier in the file holds"
    session.do(Move(lesion="L01", column_mpx=300_000))
    session.close()
    assert desk.session(desk.read()).head == session.head


def test_there_is_a_golden_file() -> None:
    assert [path.name for path in FILES] == ["read-schema-1.srread"]
