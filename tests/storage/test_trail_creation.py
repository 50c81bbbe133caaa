"""Making a trail file, and the sentences of everything that can be wrong with one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from trail_desk import BINDING, Desk

import spinereview
from spinereview.errors import TrailError
from spinereview.storage.witness import Witness
from spinereview.text import catalogue


def test_a_new_trail_is_bound_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    session.close()
    assert desk.read().binding == BINDING
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["R7K2.srread", "R7K2.srread-journal"]
    assert [(entry.seq, entry.name) for entry in session.history()] == [(1, "created"), (2, "opened")]


def test_a_file_that_exists_is_not_touched(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.path.write_text("something")
    with pytest.raises(TrailError, match="TRAIL_EXISTS"):
        desk.create()
    assert desk.path.read_text() == "something"


def test_a_trail_that_is_not_there_is_missing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for opening in (desk.open, desk.read):
        with pytest.raises(TrailError, match="TRAIL_MISSING"):
            opening()


def test_a_witness_that_cannot_be_read_knows_nothing_and_is_mended(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.create().close()
    for file in (tmp_path / "settings" / "witness").iterdir():
        file.write_text("{")
    assert Witness(tmp_path / "settings" / "witness").recall("r-1") is None
    desk.open().close()
    assert desk.witness.recall("r-1").path == desk.path


def test_every_code_of_the_door_and_the_file_has_a_sentence() -> None:
    package = Path(spinereview.__file__).parent
    files = [*(package / "storage").glob("*.py"), *(package / "review").glob("*.py")]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    codes = set(re.findall(r'"((?:TRAIL|WITNESS|REPLAY|SESSION|NOTHING)_[A-Z_]+)"', texts)) | {"TEXT_NOT_UNICODE"}
    assert len(codes) > 20
    assert codes - catalogue().keys() == set()
