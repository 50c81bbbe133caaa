"""Lines of the history, each made only when it is asked for: a long read opens at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from spinereview.review.audit import EventKind
from spinereview.review.replay import HistoryEntry
from spinereview.ui.panels.history import HistoryLine


class HistoryLines(Sequence[HistoryLine]):
    """Lines of the history, each made when it is asked for."""

    def __init__(
        self,
        entries: Sequence[HistoryEntry],
        line_of: Callable[[HistoryEntry, HistoryEntry | None, bool], HistoryLine],
    ) -> None:
        self._entries = entries
        self._line_of = line_of
        self._undone = _undone(entries)
        self._named = {entry.seq: entry for entry in entries}
        self._made: dict[int, HistoryLine] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> HistoryLine: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[HistoryLine, ...]: ...

    def __getitem__(self, place: int | slice) -> HistoryLine | tuple[HistoryLine, ...]:
        if isinstance(place, slice):
            return tuple(self[index] for index in range(*place.indices(len(self))))
        entry = self._entries[-1 - place if place >= 0 else -len(self) - 1 - place]
        if entry.seq not in self._made:
            about = self._named.get(entry.of) if entry.of is not None else None
            self._made[entry.seq] = self._line_of(entry, about, entry.seq in self._undone)
        return self._made[entry.seq]


def _undone(entries: Sequence[HistoryEntry]) -> frozenset[int]:
    """Numbers of acts that are undone at the end."""
    undone: set[int] = set()
    for entry in entries:
        if entry.kind is EventKind.UNDO and entry.of is not None:
            undone.add(entry.of)
        elif entry.kind is EventKind.REDO and entry.of is not None:
            undone.discard(entry.of)
    return frozenset(undone)
