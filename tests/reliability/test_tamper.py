"""Whatever is changed by hand in a trail file is named, nothing else happens, and what is good stays readable."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from trail_desk import AUTHOR, READ, Add, Desk, Move, Say, Seal

from spinereview.domain.codec import canonical, encode
from spinereview.domain.read import Read
from spinereview.errors import SpineReviewError, TrailError
from spinereview.review.audit import NOTHING, Act, EventKind, new_event, read_event
from spinereview.storage.trailfile import open_or_read, open_trail

Bodies = list[str]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Desk with a trail of a dozen events, closed."""
    desk = Desk(tmp_path)
    session = desk.create()
    session.do(Add(organ="BONE"))
    session.do(Say(timepoint="BL", text="one"))
    session.do(Move(lesion="L01", column_mpx=300_000))
    session.undo()
    session.do(Seal(text="locked"))
    session.do(Move(lesion="L01", column_mpx=310_000))
    session.do(Say(timepoint="FU1", text="two"))
    session.note("exported", {"format": "csv"})
    session.do(Say(timepoint="FU1", text="three"))
    session.close()
    return desk


def _bodies(path: Path) -> Bodies:
    connection = sqlite3.connect(path)
    bodies = [body for (body,) in connection.execute("SELECT body FROM event ORDER BY seq")]
    connection.close()
    return bodies


def _write(path: Path, bodies: Bodies) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM event")
    connection.executemany("INSERT INTO event VALUES (?, ?)", enumerate(bodies, start=1))
    connection.commit()
    connection.close()


def _rechained(bodies: Bodies) -> Bodies:
    """The same events with numbers and hashes made anew, as somebody could who has this program."""
    head, chained = NOTHING, []
    for body in bodies:
        tree = json.loads(body)
        tree |= {"seq": head.seq + 1, "prev": head.hash}
        old = read_event(_with_hash(tree).encode())
        event = new_event(
            head,
            old.kind,
            old.act,
            author=replace(AUTHOR, session=old.session),
            moment=old.moment,
            changes=old.changes,
            reason=old.reason,
        )
        chained.append(event.body())
        head = event.head
    return chained


def _with_hash(tree: dict[str, object]) -> str:
    bare = {key: value for key, value in tree.items() if key != "hash"}
    digest = hashlib.sha256(b"spinereview.event.1\n" + canonical(bare)).hexdigest()
    return canonical({**bare, "hash": digest}).decode()


def _edit(bodies: Bodies) -> Bodies:
    return [*bodies[:7], bodies[7].replace("310000", "311000"), *bodies[8:]]


def _edit_with_own_hash(bodies: Bodies) -> Bodies:
    tree = json.loads(bodies[5])
    tree["reason"] = "as if it had always been there"
    return [*bodies[:5], _with_hash(tree), *bodies[6:]]


def _edit_spacing(bodies: Bodies) -> Bodies:
    return [*bodies[:4], bodies[4].replace('"kind"', ' "kind"'), *bodies[5:]]


def _delete(bodies: Bodies) -> Bodies:
    return bodies[:5] + bodies[6:]


def _insert(bodies: Bodies) -> Bodies:
    return [*bodies[:5], bodies[4], *bodies[5:]]


def _swap(bodies: Bodies) -> Bodies:
    return [*bodies[:5], bodies[6], bodies[5], *bodies[7:]]


def _other_protocol(bodies: Bodies) -> Bodies:
    return [bodies[0].replace("ab" * 32, "cd" * 32), *bodies[1:]]


def _float(bodies: Bodies) -> Bodies:
    return [*bodies[:7], bodies[7].replace("310000", "310000.0"), *bodies[8:]]


def _no_json(bodies: Bodies) -> Bodies:
    return [*bodies[:6], bodies[6][:-2], *bodies[7:]]


def _key_twice(bodies: Bodies) -> Bodies:
    return [*bodies[:6], '{"act":1,' + bodies[6][1:], *bodies[7:]]


CHANGES: list[tuple[str, Callable[[Bodies], Bodies], str]] = [
    ("an event is edited", _edit, "8"),
    ("an event is edited with a hash of its own", _edit_with_own_hash, "7"),
    ("spaces are added", _edit_spacing, "5"),
    ("an event is deleted", _delete, "6"),
    ("an event is inserted", _insert, "6"),
    ("two events are swapped", _swap, "6"),
    ("the protocol is another", _other_protocol, "1"),
    ("a number became a float", _float, "8"),
    ("an event is no JSON", _no_json, "7"),
    ("a key stands twice", _key_twice, "7"),
]


@pytest.mark.parametrize(("change", "event"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_change_by_hand_is_named_with_its_event(desk: Desk, change: Callable[[Bodies], Bodies], event: str) -> None:
    _write(desk.path, change(_bodies(desk.path)))
    before = desk.path.read_bytes()
    with pytest.raises(TrailError) as caught:
        desk.open()
    assert (caught.value.code, caught.value.arguments["event"]) == ("TRAIL_ALTERED", event)
    assert caught.value.arguments["file"] == str(desk.path)
    assert desk.path.read_bytes() == before


@pytest.mark.parametrize(
    "change", [row[1] for row in CHANGES if row[2] != "1"], ids=[r[0] for r in CHANGES if r[2] != "1"]
)
def test_an_altered_trail_is_read_up_to_its_last_good_event(desk: Desk, change: Callable[[Bodies], Bodies]) -> None:
    _write(desk.path, change(_bodies(desk.path)))
    trail = open_or_read(desk.path, author=AUTHOR, clock=desk.clock, witness=desk.witness)
    assert trail.readonly_because is not None
    assert trail.readonly_because.code == "TRAIL_ALTERED"
    assert trail.folded.head.seq == int(trail.readonly_because.arguments["event"]) - 1
    assert desk.session(trail).head.lesions["L01"].site.organ == "BONE"


def test_a_tail_that_was_cut_off_is_named_and_the_rest_is_read(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    _write(desk.path, bodies[:-1])
    with pytest.raises(TrailError) as caught:
        desk.open()
    assert (caught.value.code, caught.value.arguments["found"]) == ("TRAIL_CUT", str(len(bodies) - 1))
    trail = open_or_read(desk.path, author=AUTHOR, clock=desk.clock, witness=desk.witness)
    assert (trail.folded.head.seq, trail.readonly_because.code) == (len(bodies) - 1, "TRAIL_CUT")


def test_an_old_copy_put_in_place_is_named(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "yesterday"
    shutil.copyfile(desk.path, copy)
    session = desk.open()
    session.do(Say(timepoint="FU2", text="later"))
    session.close()
    shutil.copyfile(copy, desk.path)
    with pytest.raises(TrailError, match="TRAIL_CUT"):
        desk.open()


def test_a_trail_chained_anew_with_this_program_is_named_by_the_witness(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    assert _rechained(bodies) == bodies
    tree = json.loads(bodies[8])
    tree["reason"] = "as if it had always been there"
    _write(desk.path, _rechained([*bodies[:8], _with_hash(tree), *bodies[9:]]))
    with pytest.raises(TrailError) as caught:
        desk.open()
    assert (caught.value.code, caught.value.arguments["finding"]) == ("TRAIL_ALTERED", "WITNESS")


def test_an_old_value_that_never_was_is_named_though_the_chain_is_whole(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    tree = json.loads(bodies[-1])
    tree["changes"][0]["old"] = "never"
    _write(desk.path, [*bodies[:-1], _with_hash(tree)])
    with pytest.raises(TrailError) as caught:
        desk.open()
    assert (caught.value.arguments["event"], caught.value.arguments["finding"]) == (str(len(bodies)), "OLD_VALUE")


def test_an_undo_of_something_else_is_named_though_the_chain_is_whole(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    last = read_event(bodies[-1].encode())
    event = new_event(
        last.head, EventKind.UNDO, Act(name="undo", v=1, args={"of": 3}), author=AUTHOR, moment=last.moment
    )
    _write(desk.path, [*bodies, event.body()])
    with pytest.raises(TrailError, match="OLD_VALUE"):
        desk.open()


def test_a_note_that_changes_something_is_named_though_the_chain_is_whole(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    last = read_event(bodies[-1].encode())
    event = new_event(
        last.head,
        EventKind.NOTE,
        Act(name="exported", v=1, args={}),
        author=AUTHOR,
        moment=last.moment,
        changes=tuple(read_event(bodies[-1].encode()).changes),
    )
    _write(desk.path, [*bodies, event.body()])
    with pytest.raises(TrailError, match="FORM"):
        desk.open()


def test_the_same_read_elsewhere_is_a_copy_and_goes_on_only_when_accepted(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "read (1).srread"
    shutil.copyfile(desk.path, copy)
    with pytest.raises(TrailError) as caught:
        desk.open(copy)
    assert (caught.value.code, caught.value.arguments["other"]) == ("TRAIL_COPIED", str(desk.path))
    session = desk.open(copy, accept_copy=True)
    assert session.history()[-1].args == {"copy_accepted": True}
    session.close()


def test_a_file_that_was_moved_is_no_copy(desk: Desk, tmp_path: Path) -> None:
    moved = tmp_path / "moved.srread"
    desk.path.rename(moved)
    desk.open(moved).close()
    desk.open(moved).close()


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "TRAIL_NOT_A_TRAIL"), (b"garbage" * 1000, "TRAIL_NOT_A_TRAIL"), (b"\x00" * 8192, "TRAIL_NOT_A_TRAIL")],
    ids=["empty", "text", "zeros"],
)
def test_garbage_is_no_trail(desk: Desk, content: bytes, code: str) -> None:
    desk.path.write_bytes(content)
    for opening in (desk.open, desk.read):
        with pytest.raises(TrailError, match=code):
            opening()
    assert desk.path.read_bytes() == content


def test_another_sqlite_file_is_no_trail(desk: Desk) -> None:
    desk.path.unlink()
    connection = sqlite3.connect(desk.path)
    connection.execute("CREATE TABLE event(seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
    connection.commit()
    connection.close()
    with pytest.raises(TrailError, match="TRAIL_NOT_A_TRAIL"):
        desk.open()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event WHERE seq = 2; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE other(x)",
        "CREATE INDEX i ON event(body)",
    ],
    ids=["trigger", "view", "table", "index"],
)
def test_anything_beside_the_one_table_is_named(desk: Desk, statement: str) -> None:
    connection = sqlite3.connect(desk.path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(TrailError, match="TABLE"):
        desk.open()


def test_a_file_of_a_newer_program_is_named_as_newer(desk: Desk) -> None:
    connection = sqlite3.connect(desk.path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(TrailError, match="TRAIL_NEWER"):
        desk.open()


def test_an_event_of_a_newer_program_is_named_as_newer_and_the_rest_is_read(desk: Desk) -> None:
    bodies = _bodies(desk.path)
    _write(desk.path, [*bodies[:-1], _with_hash(json.loads(bodies[-1]) | {"schema": 2})])
    trail = open_or_read(desk.path, author=AUTHOR, clock=desk.clock, witness=desk.witness)
    assert (trail.readonly_because.code, trail.folded.head.seq) == ("TRAIL_NEWER", len(bodies) - 1)


def test_the_file_of_another_author_is_read_and_not_written(desk: Desk) -> None:
    stranger = replace(AUTHOR, actor="Q1")
    with pytest.raises(TrailError, match="TRAIL_OTHER_AUTHOR"):
        open_trail(desk.path, author=stranger, clock=desk.clock, witness=desk.witness)
    trail = open_or_read(desk.path, author=stranger, clock=desk.clock, witness=desk.witness)
    assert trail.readonly_because.code == "TRAIL_OTHER_AUTHOR"


def _flipped(data: bytes, bit: int) -> bytes:
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


def _flips(desk: Desk, count: int) -> None:
    data = desk.path.read_bytes()
    good = desk.read().folded
    tree, length = encode(READ, Read), good.head.seq
    assert tree != good.tree
    named = harmless = 0
    codes: set[str] = set()
    for bit in random.Random(4).sample(range(len(data) * 8), count):
        desk.path.write_bytes(_flipped(data, bit))
        try:
            trail = desk.read()
        except SpineReviewError as error:
            codes.add(error.code)
            named += 1
            continue
        if trail.readonly_because.code == "TRAIL_TO_READ":
            # In a part of the file that holds nothing.
            assert (trail.folded.tree, trail.folded.head) == (good.tree, good.head)
            harmless += 1
        else:
            assert trail.folded.head.seq < length
            named += 1
    print(f"R4 {count} bit flips: {named} named, {harmless} without effect on any content")
    assert named
    assert codes <= {"TRAIL_NOT_A_TRAIL", "TRAIL_ALTERED", "TRAIL_NEWER", "TRAIL_EMPTY", "TRAIL_WRITE_FAILED"}


def test_bit_flips_change_nothing_unnoticed(desk: Desk) -> None:
    _flips(desk, 500)


@pytest.mark.nightly
def test_many_bit_flips_change_nothing_unnoticed(desk: Desk) -> None:
    _flips(desk, 40_000)
