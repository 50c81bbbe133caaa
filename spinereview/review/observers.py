"""Who is told when a document changes: a part is named by a function, and told of when, and only when, it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import is_dataclass
from typing import Any, Generic, TypeVar

D = TypeVar("D")


class _Watch(Generic[D]):
    """One part that somebody shows."""

    __slots__ = ("_last", "_select", "_show", "active")

    def __init__(self, select: Callable[[D], Any], show: Callable[[Any], None]) -> None:
        self.active = True
        self._select = select
        self._show = show
        self._last: Any = self

    def tell(self, source: Callable[[], D]) -> None:
        if not self.active:
            return
        part = self._select(source())
        if not _unchanged(self._last, part):
            self._last = part
            self._show(part)


def _unchanged(last: Any, part: Any) -> bool:
    """A part of a document is known by its identity; what is made from it anew each time, by its value."""
    if last is part:
        return True
    if type(last) is not type(part) or is_dataclass(part) or isinstance(part, Mapping):
        return False
    return bool(last == part)


class Observers(Generic[D]):
    """Those who watch one source."""

    def __init__(self, source: Callable[[], D]) -> None:
        self._source = source
        self._watches: list[_Watch[D]] = []

    def watch(self, select: Callable[[D], Any], show: Callable[[Any], None]) -> Callable[[], None]:
        """Show a part at once and whenever it has changed; the returned function ends that."""
        watch = _Watch(select, show)
        self._watches.append(watch)
        watch.tell(self._source)

        def end() -> None:
            watch.active = False
            if watch in self._watches:
                self._watches.remove(watch)

        return end

    def tell(self) -> None:
        """Tell everybody, also where one of them raises; the error is raised when all were told."""
        with ExitStack() as stack:
            for watch in reversed(self._watches):
                stack.callback(watch.tell, self._source)
