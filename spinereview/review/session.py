"""The one door to a document: acts go in, the next document and the trail come out.

Logic is synchronous, the disk is not: an act is applied to ``head`` and shown at once, the trail commits it on its own
thread and reports back through ``dispatch``. Where a commit fails, everything that was not yet committed is taken back,
those who watch are told which acts that were, and the trail is opened anew before the next act.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from spinereview.domain.case import Case
from spinereview.domain.codec import Json, decode, encode
from spinereview.domain.protocol import Protocol as TrialProtocol
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.audit import Act, Author, Event, EventKind, Head, new_event
from spinereview.review.changes import Change, diff, patched, reversed_changes
from spinereview.review.clock import Clock, Moment, clock_findings, now
from spinereview.review.command import Command, Context
from spinereview.review.observers import Observers
from spinereview.review.replay import HistoryEntry, Link, Stacks, history_entry
from spinereview.review.trail import Trail

D = TypeVar("D")
P = TypeVar("P")
Dispatch = Callable[[Callable[[], None]], None]
"""Runs a function on the session's thread, in the order given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Generic[D]):
    """A document with where its trail stands and what can be undone."""

    document: D
    head: Head
    moment: Moment
    stacks: Stacks


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """What a failed commit took back, oldest first; or, where ``restored``, what turned out to be saved after all."""

    error: SpineReviewError
    taken_back: tuple[HistoryEntry, ...] = ()
    restored: tuple[HistoryEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """What a title bar, a saved mark and an undo button show."""

    saved: bool
    pending: int
    failed: bool
    can_undo: HistoryEntry | None
    can_redo: HistoryEntry | None
    seq: int


class Session(Generic[D]):
    """The one door to a document."""

    def __init__(
        self,
        trail: Trail,
        annotation: type[D],
        *,
        case: Case,
        protocol: TrialProtocol,
        clock: Clock,
        dispatch: Dispatch,
    ) -> None:
        folded = trail.folded
        self._trail, self._annotation, self._clock, self._dispatch = trail, annotation, clock, dispatch
        self.case, self.protocol = case, protocol
        document = decode(annotation, folded.tree)
        self._committed = State(document=document, head=folded.head, moment=folded.last.moment, stacks=folded.stacks)
        self._head = self._committed
        self._session_of_last = folded.last.session
        self._pending: deque[tuple[Event, State[D]]] = deque()
        self._failure: SpineReviewError | None = None
        self._minted = folded.minted
        self._history = list(folded.history)
        self._history_shown: tuple[HistoryEntry, ...] | None = None
        self._documents: Observers[D] = Observers(lambda: self._head.document)
        self._states: Observers[SessionState] = Observers(lambda: self.state)
        self._on_failure: list[Callable[[WriteFailure], None]] = []

    @classmethod
    def open(
        cls,
        trail: Trail,
        annotation: type[D],
        *,
        case: Case,
        protocol: TrialProtocol,
        clock: Clock,
        dispatch: Dispatch,
    ) -> Session[D]:
        """Session on an opened trail.

        Parameters
        ----------
        annotation
            Class of the document.
        case, protocol
            What commands may know.
        dispatch
            Runs a function on the thread of the caller; the trail reports through it.

        Raises
        ------
        InvalidValue
            The trail's document is not of this class.
        """
        return cls(trail, annotation, case=case, protocol=protocol, clock=clock, dispatch=dispatch)

    @property
    def head(self) -> D:
        """Document with every act, committed or not: what is shown."""
        return self._head.document

    @property
    def committed(self) -> D:
        """Document as it is on disk."""
        return self._committed.document

    @property
    def saved(self) -> bool:
        """Whether everything that is shown is on disk."""
        return self._head is self._committed and not self._pending

    @property
    def can_undo(self) -> HistoryEntry | None:
        """Act that :meth:`undo` would take back."""
        return _entry(self._head.stacks.undo)

    @property
    def can_redo(self) -> HistoryEntry | None:
        """Act that :meth:`redo` would do again."""
        return _entry(self._head.stacks.redo)

    @property
    def trail_head(self) -> Head:
        """Number and hash of the last event, committed or not."""
        return self._head.head

    @property
    def head_hash(self) -> str:
        """First eight digits of the last event's hash, to be read out or printed."""
        return self._head.head.hash[:8]

    @property
    def readonly_because(self) -> SpineReviewError | None:
        """Why acts are refused; None where they are not."""
        return self._trail.readonly_because

    @property
    def author(self) -> Author:
        """Who writes."""
        return self._trail.author

    @property
    def state(self) -> SessionState:
        """What a title bar, a saved mark and an undo button show."""
        return SessionState(
            saved=self.saved,
            pending=len(self._pending),
            failed=self._failure is not None,
            can_undo=self.can_undo,
            can_redo=self.can_redo,
            seq=self._head.head.seq,
        )

    def history(self) -> tuple[HistoryEntry, ...]:
        """Every act, undo, redo and note, oldest first, those on their way to the disk included."""
        if self._history_shown is None:
            self._history_shown = tuple(self._history)
        return self._history_shown

    def do(self, command: Command[D], reason: str = "") -> D:
        """Apply an act.

        Returns
        -------
        D
            Next document; the same one where the act changes nothing, which leaves no event.

        Raises
        ------
        Refused, InvalidValue
            The act is not allowed or makes no sense; nothing has changed.
        TrailError
            An earlier failure to write has not been overcome; nothing has changed.
        """
        self._ready()
        minted = self._minted.trial()
        context = Context(
            case=self.case,
            protocol=self.protocol,
            role=self.author.role,
            actor=self.author.actor,
            mint=minted.next,
            reason=reason,
        )
        before = self._head.document
        after = command.apply(before, context)
        changes = diff(before, after, self._annotation)
        if not changes:
            return before
        args = encode(command, type(command))
        assert isinstance(args, dict)  # noqa: S101  # a command is a dataclass, so its tree is an object
        act = Act(name=command.NAME, v=command.VERSION, args=args, barrier=command.BARRIER)
        return self._write(EventKind.ACT, act, after, changes, reason)

    def undo(self) -> D:
        """Take back the last act.

        Raises
        ------
        Refused
            ``NOTHING_TO_UNDO``: there is none since the last barrier.
        """
        return self._step(EventKind.UNDO, self._head.stacks.undo)

    def redo(self) -> D:
        """Do again the act that was undone last.

        Raises
        ------
        Refused
            ``NOTHING_TO_REDO``.
        """
        return self._step(EventKind.REDO, self._head.stacks.redo)

    def note(self, name: str, args: Mapping[str, Json] | None = None, reason: str = "") -> None:
        """Record a fact that changes nothing."""
        self._ready()
        self._write(EventKind.NOTE, Act(name=name, v=1, args=args or {}), self._head.document, (), reason)

    def watch(self, select: Callable[[D], P], show: Callable[[P], None]) -> Callable[[], None]:
        """Show a part of the document at once, and whenever it has changed; the returned function ends that.

        A record or a table has changed when it is another object; anything else, made anew by ``select``, when it is
        not equal.
        """
        return self._documents.watch(select, show)

    def watch_state(self, show: Callable[[SessionState], None]) -> Callable[[], None]:
        """Show what is saved, pending, undoable, at once and after every step."""
        return self._states.watch(lambda state: state, show)

    def watch_errors(self, show: Callable[[WriteFailure], None]) -> Callable[[], None]:
        """Be told of failed commits; the returned function ends that."""
        self._on_failure.append(show)
        return lambda: self._on_failure.remove(show) if show in self._on_failure else None

    def close(self) -> None:
        """Commit what is under way and let go of the file; what the trail reports still comes through dispatch."""
        self._trail.close()

    def _ready(self) -> None:
        """Refuse where nothing can be written, and open the trail anew after a failure."""
        because = self._trail.readonly_because
        if because is not None:
            raise Refused("SESSION_READ_ONLY", **{**because.arguments, "because": because.code}) from because
        if self._failure is not None:
            self._recover(self._failure)

    def _step(self, kind: EventKind, link: Link | None) -> D:
        self._ready()
        # Opening anew after a failure may have brought acts back, so that the stacks are asked again.
        stacks = self._head.stacks
        link = stacks.undo if kind is EventKind.UNDO else stacks.redo
        if link is None:
            raise Refused("NOTHING_TO_UNDO" if kind is EventKind.UNDO else "NOTHING_TO_REDO")
        changes = reversed_changes(link.event.changes) if kind is EventKind.UNDO else link.event.changes
        document = patched(self._head.document, self._annotation, changes)
        act = Act(name=kind.value, v=1, args={"of": link.event.seq})
        return self._write(kind, act, document, changes, "")

    def _write(self, kind: EventKind, act: Act, document: D, changes: tuple[Change, ...], reason: str) -> D:
        moment = now(self._clock)
        one_session = self._session_of_last == self.author.session
        for name, args in clock_findings(self._head.moment, moment, one_session=one_session):
            found = Act(name=name, v=1, args=args)
            self._append(self._event(EventKind.NOTE, found, (), "", moment), self._head.document)
        event = self._event(kind, act, changes, reason, moment)
        self._append(event, document)
        self._tell()
        return self._head.document

    def _event(self, kind: EventKind, act: Act, changes: tuple[Change, ...], reason: str, moment: Moment) -> Event:
        return new_event(self._head.head, kind, act, author=self.author, moment=moment, changes=changes, reason=reason)

    def _append(self, event: Event, document: D) -> None:
        state = State(document=document, head=event.head, moment=event.moment, stacks=self._head.stacks.after(event))
        self._head = state
        self._session_of_last = event.session
        self._remember(event)
        self._pending.append((event, state))
        self._trail.append(event, lambda error: self._dispatch(lambda: self._done(event, error)))
        if self._failure is not None:
            # Only where the trail answers at once, as on the command line: with a writer thread the answer comes later.
            raise self._failure

    def _remember(self, event: Event) -> None:
        self._minted.note(event.changes)
        self._history.append(history_entry(event))
        self._history_shown = None

    def _done(self, event: Event, error: SpineReviewError | None) -> None:
        if not self._pending or self._pending[0][0] is not event:
            # Queued behind one that failed, and taken back with it.
            return
        if error is not None:
            self._take_back(error)
            return
        _, state = self._pending.popleft()
        self._committed = state
        self._states.tell()

    def _take_back(self, error: SpineReviewError) -> None:
        lost = tuple(history_entry(event) for event, _ in self._pending)
        self._pending.clear()
        self._head = self._committed
        self._failure = error
        del self._history[self._committed.head.seq :]
        self._history_shown = None
        self._tell()
        self._report(WriteFailure(error=error, taken_back=lost))

    def _recover(self, failure: SpineReviewError) -> None:
        """Open the trail anew; an event whose commit was reported as failed may be in it all the same."""
        found = self._trail.reopen(self._committed.head)
        self._failure = None
        for event in found:
            document = patched(self._head.document, self._annotation, event.changes)
            self._head = self._committed = State(
                document=document, head=event.head, moment=event.moment, stacks=self._head.stacks.after(event)
            )
            self._remember(event)
        args: dict[str, Json] = {"code": failure.code, "restored": [event.seq for event in found]}
        noted = Act(name="write_failed", v=1, args=args)
        self._append(self._event(EventKind.NOTE, noted, (), "", now(self._clock)), self._head.document)
        self._tell()
        if found:
            self._report(WriteFailure(error=failure, restored=tuple(history_entry(event) for event in found)))

    def _tell(self) -> None:
        self._documents.tell()
        self._states.tell()

    def _report(self, failure: WriteFailure) -> None:
        for show in tuple(self._on_failure):
            show(failure)


def _entry(link: Link | None) -> HistoryEntry | None:
    return None if link is None else history_entry(link.event)
