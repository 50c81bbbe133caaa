"""A trail folded into what it says: the document's tree, and what can be undone.

Folding applies recorded changes to plain JSON and never runs a command, so that a file opens long after the program that
wrote it. Every event is checked against the ones before: number, chain, old values, and that an undo takes back the act
that was to be taken back.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from spinereview.domain.codec import Json
from spinereview.domain.imaging import Id
from spinereview.errors import TrailError
from spinereview.review.audit import NOTHING, SCHEMA, Event, EventKind, Head
from spinereview.review.changes import ABSENT, Absent, Change, apply_in_place, reversed_changes

Migration = Callable[[Json], Json]

MIGRATE: Mapping[int, Migration] = MappingProxyType({})
"""By schema: what makes the folded tree of that schema one of the next."""

CREATED = "created"
"""Name of the first event: the one note that carries a change, the whole document as it began."""

OPENED = "opened"
"""Name of the note that every later opening for writing leaves."""


@dataclass(frozen=True, slots=True)
class Link:
    """Stack of acts that shares its lower part with others: a state of it can be kept for nothing."""

    event: Event
    below: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """What can be undone and redone, back to the last barrier."""

    undo: Link | None = None
    redo: Link | None = None

    def after(self, event: Event) -> Stacks:
        """Stacks once an event has happened.

        Raises
        ------
        TrailError
            ``REPLAY_MISMATCH`` where it undoes or redoes something else than what is on top.
        """
        if event.kind is EventKind.NOTE:
            return self
        if event.kind is EventKind.ACT:
            return Stacks() if event.act.barrier else Stacks(undo=Link(event, self.undo))
        undoing = event.kind is EventKind.UNDO
        top = self.undo if undoing else self.redo
        expected = () if top is None else top.event.changes
        changes = reversed_changes(expected) if undoing else expected
        if top is None or event.act.args.get("of") != top.event.seq or event.changes != changes:
            raise TrailError("REPLAY_MISMATCH", path=event.kind.value)
        if undoing:
            return Stacks(undo=top.below, redo=Link(top.event, self.redo))
        return Stacks(undo=Link(top.event, self.undo), redo=top.below)


class HistoryEntry(NamedTuple):
    """What the history shows of an event: who, when, what, why; ``of`` is the act that was undone or redone."""

    seq: int
    kind: EventKind
    utc: str
    utc_offset_min: int
    actor: str
    role: str
    name: str
    v: int
    args: Mapping[str, Json]
    reason: str

    @property
    def of(self) -> int | None:
        """Number of the act that an undo or redo is about."""
        of = self.args.get("of")
        return of if self.kind in (EventKind.UNDO, EventKind.REDO) and isinstance(of, int) else None


def history_entry(event: Event) -> HistoryEntry:
    """What the history shows of an event."""
    return HistoryEntry(
        seq=event.seq,
        kind=event.kind,
        utc=event.utc,
        utc_offset_min=event.utc_offset_min,
        actor=event.actor,
        role=event.role,
        name=event.act.name,
        v=event.act.v,
        args=event.act.args,
        reason=event.reason,
    )


class Minted:
    """Ids that a trail has used, removed ones included: the highest number of each prefix."""

    _FORM = re.compile(r"(.*?)(\d{2,9})")

    def __init__(self, highest: Mapping[str, int] | None = None) -> None:
        self._highest = dict(highest or {})

    def note(self, changes: Iterable[Change]) -> None:
        """Take note of the keys and ids in new parts; an old part was new once."""
        for change in changes:
            if not isinstance(change.new, Absent):
                self._note_key(change.path[-1] if change.path else "")
                self._note_tree(change.new)

    def next(self, prefix: str) -> Id:
        """Give the next id of a prefix, at least two digits long."""
        number = self._highest.get(prefix, 0) + 1
        self._highest[prefix] = number
        return Id(f"{prefix}{number:02d}")

    def trial(self) -> Minted:
        """Copy for an act that may be refused, so that a refused act uses up no number."""
        return Minted(self._highest)

    def _note_key(self, key: str) -> None:
        # One digit is no minted id: levels are called L1 to L6, and the first lesion is still L01.
        if key[-2:].isdigit() and (found := self._FORM.fullmatch(key)):
            prefix, number = found[1], int(found[2])
            if number > self._highest.get(prefix, 0):
                self._highest[prefix] = number

    def _note_tree(self, tree: Json) -> None:
        if isinstance(tree, dict):
            for key, entry in tree.items():
                self._note_key(key)
                if isinstance(entry, dict | list):
                    self._note_tree(entry)
                elif key == "id" and isinstance(entry, str):
                    self._note_key(entry)
        elif isinstance(tree, list):
            for entry in tree:
                # What can come and go never lies deeper in a list than this.
                if isinstance(entry, dict):
                    self._note_tree(entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What a trail says: the document's tree, its last event, the stacks, the history, the ids it has used."""

    tree: Json
    first: Event
    last: Event
    stacks: Stacks
    history: tuple[HistoryEntry, ...]
    minted: Minted

    @property
    def head(self) -> Head:
        """Number and hash of the last event."""
        return self.last.head

    @property
    def sessions(self) -> int:
        """How often the file was opened for writing."""
        return sum(entry.name in (CREATED, OPENED) and entry.kind is EventKind.NOTE for entry in self.history)


class Replay:
    """Folds events one by one; an event that does not fit is refused and changes nothing."""

    def __init__(self, migrate: Mapping[int, Migration] = MIGRATE) -> None:
        self._migrate = migrate
        self._tree: Json | Absent = ABSENT
        self._first: Event | None = None
        self._last: Event | None = None
        self._head = NOTHING
        self._stacks = Stacks()
        self._history: list[HistoryEntry] = []
        self._hashes = [NOTHING.hash]
        self._minted = Minted()

    @property
    def head(self) -> Head:
        """Number and hash of the last event that fitted."""
        return self._head

    def hash_at(self, seq: int) -> str | None:
        """Hash of an event by its number; None where the trail is shorter."""
        return self._hashes[seq] if 0 < seq < len(self._hashes) else None

    def add(self, event: Event) -> None:
        """Fold one more event.

        Raises
        ------
        TrailError
            ``TRAIL_ALTERED`` with the number of the event and the ``finding``: ORDER, CHAIN, OLD_VALUE or FORM.
        """
        expected = self._head.seq + 1
        if event.seq != expected:
            raise TrailError("TRAIL_ALTERED", event=expected, finding="ORDER")
        if event.prev != self._head.hash:
            raise TrailError("TRAIL_ALTERED", event=event.seq, finding="CHAIN")
        creates = event.kind is EventKind.NOTE and event.act.name == CREATED
        if creates != (expected == 1) or (event.kind is EventKind.NOTE and bool(event.changes) != creates):
            raise TrailError("TRAIL_ALTERED", event=event.seq, finding="FORM")
        try:
            stacks = self._stacks.after(event)
            tree = apply_in_place(self._tree, event.changes)
        except TrailError as error:
            raise TrailError("TRAIL_ALTERED", event=event.seq, finding="OLD_VALUE") from error
        self._tree, self._stacks, self._head = tree, stacks, event.head
        self._first, self._last = self._first or event, event
        self._minted.note(event.changes)
        self._history.append(history_entry(event))
        self._hashes.append(event.hash)

    def add_all(self, events: Iterable[Event]) -> None:
        """Fold many events, as :meth:`add`; those before one that is refused stay folded."""
        # A long trail makes millions of objects that all stay: the collector would look through them again and again.
        collecting = gc.isenabled()
        gc.disable()
        try:
            for event in events:
                self.add(event)
        finally:
            if collecting:
                gc.enable()

    def result(self) -> Folded:
        """What the events so far say.

        Raises
        ------
        TrailError
            ``TRAIL_EMPTY`` where there is none; ``TRAIL_ALTERED`` where they claim a schema that never was.
        """
        if self._first is None or self._last is None or isinstance(self._tree, Absent):
            raise TrailError("TRAIL_EMPTY")
        tree = self._tree
        for schema in range(self._first.schema, SCHEMA):
            if schema not in self._migrate:
                raise TrailError("TRAIL_ALTERED", event=self._first.seq, finding="FORM")
            tree = self._migrate[schema](tree)
        return Folded(
            tree=tree,
            first=self._first,
            last=self._last,
            stacks=self._stacks,
            history=tuple(self._history),
            minted=self._minted.trial(),
        )


def fold(events: Iterable[Event], migrate: Mapping[int, Migration] = MIGRATE) -> Folded:
    """What a trail says, every event checked.

    Raises
    ------
    TrailError
        ``TRAIL_ALTERED``, ``TRAIL_EMPTY``.
    """
    replay = Replay(migrate)
    replay.add_all(events)
    return replay.result()
