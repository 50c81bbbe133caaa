"""A replayed trail is the document, over random acts, undos, redos, barriers, notes, crashes and reopenings."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from trail_desk import READ, Add, Desk, Drop, Move, Say, Seal

from spinereview.domain.codec import decode, encode
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.changes import apply_changes, diff, patched, reversed_changes
from spinereview.storage.eventtable import EventTable
from spinereview.storage.holder import note_of
from spinereview.storage.trailwriter import events_of

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it


class ReadingMachine(RuleBasedStateMachine):
    """A reader who does anything, and a model of what undo and redo should give."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.desk = Desk(self.folder)
        self.session = self.desk.create()
        self.undoable: list[tuple[Read, Read]] = []
        self.redoable: list[tuple[Read, Read]] = []
        self.minted: set[str] = set()

    def _act(self, command: object) -> None:
        before = self.session.head
        try:
            after = self.session.do(command)
        except Refused:
            assert self.session.head is before
            return
        if after is before:
            return
        self.redoable.clear()
        if command.BARRIER:
            self.undoable.clear()
        else:
            self.undoable.append((before, after))
        changes = diff(before, after, Read)
        tree = encode(before, Read)
        assert apply_changes(tree, changes) == encode(after, Read)
        assert apply_changes(encode(after, Read), reversed_changes(changes)) == tree
        assert patched(before, Read, changes) == after
        assert patched(after, Read, reversed_changes(changes)) == before

    @rule(timepoint=st.sampled_from(["BL", "FU1"]), text=st.text(max_size=5))
    def say(self, timepoint: str, text: str) -> None:
        self._act(Say(timepoint=timepoint, text=text))

    @rule(refuse=st.booleans())
    def add(self, refuse: bool) -> None:  # Hypothesis fills it in
        before = self.session.head.lesions.keys()
        self._act(Add(organ="BONE", refuse=refuse))
        added = self.session.head.lesions.keys() - before
        assert not added & self.minted, "a number was given twice"
        self.minted |= added

    @rule(lesion=st.integers(1, 4), column_mpx=st.integers(260_000, 260_003))
    def move(self, lesion: int, column_mpx: int) -> None:
        self._act(Move(lesion=f"L{lesion:02d}", column_mpx=column_mpx))

    @rule(lesion=st.integers(1, 4))
    def drop(self, lesion: int) -> None:
        self._act(Drop(lesion=f"L{lesion:02d}"))

    @rule()
    def seal(self) -> None:
        self._act(Seal(text="locked"))

    @rule()
    def note(self) -> None:
        self.session.note("viewed", {"slices": 3})

    @precondition(lambda self: self.undoable)
    @rule()
    def undo(self) -> None:
        before, after = self.undoable.pop()
        assert self.session.undo() == before
        self.redoable.append((before, after))

    @precondition(lambda self: self.redoable)
    @rule()
    def redo(self) -> None:
        before, after = self.redoable.pop()
        assert self.session.redo() == after
        self.undoable.append((before, after))

    @rule()
    def reopen(self) -> None:
        self.session.close()
        self.session = self.desk.open()

    @rule()
    def crash(self) -> None:
        """The program ends without a word: nothing is closed in order, the note of who has the file stays."""
        head = self.session.head
        self.session._trail._writer._table.close()
        assert note_of(self.desk.path).exists()
        self.session = self.desk.open()
        assert self.session.head == head

    @invariant()
    def what_can_be_undone_is_what_the_model_says(self) -> None:
        assert (self.session.can_undo is not None) == bool(self.undoable)
        assert (self.session.can_redo is not None) == bool(self.redoable)

    def teardown(self) -> None:
        head, history = self.session.head, self.session.history()
        self.session.close()
        table = EventTable.read_only(self.desk.path)
        tree = None
        for event in events_of(table.bodies()):
            tree = event.changes[0].new if event.seq == 1 else apply_changes(tree, event.changes)
        table.close()
        assert tree == encode(head, Read)
        assert decode(Read, tree) == head
        assert self.desk.read().folded.history == history
        assert head.id == READ.id
        shutil.rmtree(self.folder)


ReadingMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestReading = ReadingMachine.TestCase
