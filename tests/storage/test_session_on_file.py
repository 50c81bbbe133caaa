"""The door on a real file: acts, undo, redo, barriers, watching, ids, readonly, what survives reopening."""

from __future__ import annotations

from pathlib import Path

import pytest
from trail_desk import READ, Add, Desk, Drop, Move, Say, Seal

from spinereview.domain.codec import encode
from spinereview.domain.read import Read
from spinereview.errors import InvalidValue, Refused
from spinereview.review.audit import EventKind


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_act_is_shown_saved_and_in_the_history(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"), reason="because")
    entry = session.history()[-1]
    assert session.head.visits["BL"].comment == "one"
    assert session.saved
    assert session.committed is session.head
    assert (entry.kind, entry.name, entry.v, entry.args, entry.reason, entry.actor) == (
        EventKind.ACT,
        "say",
        1,
        {"timepoint": "BL", "text": "one"},
        "because",
        "R7K2",
    )
    session.close()


def test_an_act_that_changes_nothing_leaves_no_event(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    before, count = session.head, len(session.history())
    assert session.do(Say(timepoint="BL", text="one")) is before
    assert len(session.history()) == count
    session.close()


def test_a_refused_act_changes_nothing_and_uses_up_no_number(desk: Desk) -> None:
    session = desk.create()
    before, count = session.head, len(session.history())
    with pytest.raises(Refused):
        session.do(Add(organ="BONE", refuse=True))
    assert session.head is before
    assert len(session.history()) == count
    assert list(session.do(Add(organ="BONE")).lesions) == ["L01"]
    session.close()


def test_one_act_is_one_undo_and_redo_keeps_its_values(desk: Desk) -> None:
    session = desk.create()
    start = session.head
    session.do(Add(organ="BONE"))
    session.do(Move(lesion="L01", column_mpx=300_000))
    after = session.head
    assert session.can_undo is not None
    assert session.can_undo.name == "move"
    session.undo()
    session.undo()
    assert session.head == start
    assert session.can_undo is None
    with pytest.raises(Refused, match="NOTHING_TO_UNDO"):
        session.undo()
    session.redo()
    session.redo()
    assert session.head == after
    with pytest.raises(Refused, match="NOTHING_TO_REDO"):
        session.redo()
    assert [entry.kind.value for entry in session.history()[-6:]] == ["act", "act", "undo", "undo", "redo", "redo"]
    session.close()


def test_a_new_act_ends_what_could_be_redone(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.undo()
    session.do(Say(timepoint="BL", text="two"))
    assert session.can_redo is None
    session.close()


def test_undo_and_redo_go_on_after_reopening(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.do(Say(timepoint="BL", text="two"))
    session.do(Say(timepoint="BL", text="three"))
    session.undo()
    session.close()
    session = desk.open()
    assert session.redo().visits["BL"].comment == "three"
    session.undo()
    session.undo()
    assert session.head.visits["BL"].comment == "one"
    session.close()


def test_nothing_is_undone_across_a_barrier_also_after_reopening(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.do(Seal(text="locked"))
    assert (session.can_undo, session.can_redo) == (None, None)
    session.do(Say(timepoint="BL", text="two"))
    session.close()
    session = desk.open()
    session.undo()
    assert session.head.visits["BL"].comment == "one"
    with pytest.raises(Refused, match="NOTHING_TO_UNDO"):
        session.undo()
    session.close()


def test_an_undo_leaves_what_it_does_not_touch_the_same_object(desk: Desk) -> None:
    session = desk.create()
    session.do(Add(organ="BONE"))
    session.do(Add(organ="LIVER"))
    session.close()
    session = desk.open()
    untouched = session.head.lesions["L01"]
    session.undo()
    assert session.head.lesions["L01"] is untouched
    session.close()


def test_a_number_is_never_given_twice_not_after_undo_removal_or_reopening(desk: Desk) -> None:
    session = desk.create()
    session.do(Add(organ="BONE"))
    session.undo()
    session.do(Add(organ="BONE"))
    session.do(Drop(lesion="L02"))
    session.close()
    session = desk.open()
    after = session.do(Add(organ="BONE"))
    assert list(after.lesions) == ["L03"]
    assert after.lesions["L03"].findings["BL"].parts["a"].id == "m03"
    session.close()


def test_a_lumbar_level_is_no_number_of_a_lesion(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="L5", text="a key that a level could have"))
    assert list(session.do(Add(organ="BONE")).lesions) == ["L01"]
    session.close()


def test_a_watched_part_is_shown_at_once_and_only_when_it_changed(desk: Desk) -> None:
    session = desk.create()
    lesions: list[object] = []
    count: list[object] = []
    end = session.watch(lambda read: read.lesions, lesions.append)
    session.watch(lambda read: len(read.lesions), count.append)
    session.do(Say(timepoint="BL", text="one"))
    assert (len(lesions), count) == (1, [0])
    session.do(Add(organ="BONE"))
    session.do(Move(lesion="L01", column_mpx=300_000))
    assert (len(lesions), count) == (3, [0, 1])
    end()
    session.undo()
    assert len(lesions) == 3
    session.close()


def test_everybody_is_told_also_where_one_who_watches_fails(desk: Desk) -> None:
    session = desk.create()
    shown: list[str] = []

    def fail(read: Read) -> None:
        if read is not READ and read.visits:
            raise ZeroDivisionError

    session.watch(lambda read: read, fail)
    session.watch(lambda read: read.visits, lambda visits: shown.append(str(len(visits))))
    with pytest.raises(ZeroDivisionError):
        session.do(Say(timepoint="BL", text="one"))
    assert shown == ["0", "1"]
    session.close()


def test_the_saved_mark_is_hollow_until_the_disk_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, threaded=True)
    session = desk.create()
    seen: list[tuple[bool, int]] = []
    session.watch_state(lambda state: seen.append((state.saved, state.pending)))
    session.do(Say(timepoint="BL", text="one"))
    assert not session.saved
    assert session.committed.visits.get("BL") is None
    desk.settle(session)
    assert session.saved
    assert seen == [(True, 0), (False, 1), (True, 0)]
    session.close()


def test_a_note_records_a_fact_and_changes_nothing(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    before = session.head
    session.note("exported", {"format": "csv"})
    assert session.head is before
    assert session.can_undo is not None
    assert (session.history()[-1].kind, session.history()[-1].args) == (EventKind.NOTE, {"format": "csv"})
    session.close()


def test_a_float_is_an_error(desk: Desk) -> None:
    session = desk.create()
    with pytest.raises(InvalidValue, match="JSON_FLOAT"):
        session.note("viewed", {"share": [0.5]})
    assert session.saved
    session.close()


def test_half_a_character_is_an_error_before_anything_changed(desk: Desk) -> None:
    session = desk.create()
    before = session.head
    with pytest.raises(InvalidValue, match="TEXT_NOT_UNICODE"):
        session.do(Say(timepoint="BL", text="\ud800"))
    assert session.head is before
    session.do(Say(timepoint="BL", text="ünïcode ✓"))
    session.close()


def test_a_trail_that_was_opened_to_be_read_refuses_acts(desk: Desk) -> None:
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.close()
    reading = desk.session(desk.read())
    assert reading.head.visits["BL"].comment == "one"
    for act in (lambda: reading.do(Say(timepoint="BL", text="two")), reading.undo, lambda: reading.note("x")):
        with pytest.raises(Refused, match="SESSION_READ_ONLY"):
            act()


def test_a_replayed_trail_is_the_document(desk: Desk) -> None:
    session = desk.create()
    session.do(Add(organ="BONE"))
    session.do(Move(lesion="L01", column_mpx=300_000))
    session.close()
    assert desk.read().folded.tree == encode(session.head, Read)
    assert desk.session(desk.read()).head == session.head


def test_the_history_keeps_entries_and_grows(desk: Desk) -> None:
    session = desk.create()
    first = session.history()
    assert session.history() is first
    session.do(Say(timepoint="BL", text="one"))
    assert session.history()[: len(first)] == first
    assert session.history()[-1].seq == len(session.history())
    session.close()
