"""An immutable mapping with text keys, the only collection of things that come and go in a document.

A key is minted once and never reused, so a path of keys names the same thing for ever. Iteration is in the order of the
keys, whatever order they were added in: a replayed document lists like the one that was written.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Generic, TypeVar, overload

V = TypeVar("V")
D = TypeVar("D")


class Table(Mapping[str, V], Generic[V]):
    """Immutable mapping; :meth:`with_` and :meth:`without` give the next one and share what did not change.

    >>> table = Table({"b": 1}).with_("a", 2)
    >>> table, table.without("b")
    (Table({'a': 2, 'b': 1}), Table({'a': 2}))
    """

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        self._entries: dict[str, V] = {}
        self._hash: int | None = None
        if not entries:
            return
        # Most are given in the order of their keys, and then copied as a whole.
        if len(entries) == 1 or (keys := sorted(entries)) == [*entries]:
            self._entries = dict(entries)
        else:
            self._entries = {key: entries[key] for key in keys}

    def with_(self, key: str, value: V) -> Table[V]:
        """Return the table with one entry set; the same table where that entry is there already, by identity."""
        if key in self._entries and self._entries[key] is value:
            return self
        return Table({**self._entries, key: value})

    def without(self, key: str) -> Table[V]:
        """Return the table without one entry; the same table where there is none."""
        if key not in self._entries:
            return self
        return Table({kept: value for kept, value in self._entries.items() if kept != key})

    def __getitem__(self, key: str) -> V:
        return self._entries[key]

    # What Mapping derives from these goes through Python for every entry; the rules ask a hundred thousand times a read.
    def __contains__(self, key: object) -> bool:
        return key in self._entries

    @overload
    def get(self, key: str, /) -> V | None: ...
    @overload
    def get(self, key: str, /, default: V | D) -> V | D: ...
    def get(self, key: str, /, default: V | D | None = None) -> V | D | None:
        """Entry of a key, or the default."""
        return self._entries.get(key, default)

    def keys(self) -> KeysView[str]:
        """Keys in their order."""
        return self._entries.keys()

    def values(self) -> ValuesView[V]:
        """Values in the order of the keys."""
        return self._entries.values()

    def items(self) -> ItemsView[str, V]:
        """Keys with their values."""
        return self._entries.items()

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Table) and self._entries == other._entries)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self._entries.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Table({self._entries!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (Table, (self._entries,))
