"""Lines of the entries of a TOML text, so that an error of a setting can name its line.

``tomllib`` gives values without places. The text is one that ``tomllib`` has read: it is well formed, and only its
statements are found here, not its values. Entries of an inline table have the line of that table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys from the outside in; after the name of an array of tables the index of the table, from 0."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # basic, over lines; up to two quotes may stand before the closing ones
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}=.,\n]"
    r"|[^\s\"'#\[\]{}=.,]+"
    r"|[^\S\n]+",
    re.DOTALL,
)
_OPENING = frozenset("[{")
_CLOSING = frozenset("]}")


class Lines:
    r"""Line of each entry, counted from 1.

    >>> Lines("# head\n[a.b]\nc = 1\n[[d]]\ne.f = 2\n").of(("d", 0, "e", "f"))
    5
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        for line, pieces in _statements(text):
            if pieces[0] == "[":
                table = self._header([_key(piece) for piece in pieces if piece not in "[]."], line, pieces[1] == "[")
                continue
            keys = [_key(piece) for piece in pieces[: pieces.index("=")] if piece != "."]
            self._note((*table, *keys), line)

    def of(self, path: Path) -> int:
        """Line of an entry, or of the nearest entry that it lies in; 1 where there is none."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return 1

    def _header(self, keys: list[str], line: int, array: bool) -> Path:
        path: Path = ()
        for key in keys[:-1]:
            path = self._entered((*path, key))
        path = (*path, keys[-1])
        if array:
            self._counts[path] = self._counts.get(path, 0) + 1
        path = self._entered(path)
        self._note(path, line)
        return path

    def _entered(self, path: Path) -> Path:
        """Path into the last table of an array, where it names an array."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and pieces of each header and each key with its value; comments and space are left out."""
    line, start, depth = 1, 1, 0
    pieces: list[str] = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece == "\n" and depth == 0 and pieces:
            yield start, pieces
            pieces = []
        elif not piece.isspace() and not piece.startswith("#"):
            start = start if pieces else line
            pieces.append(piece)
            depth += (piece in _OPENING) - (piece in _CLOSING)
        line += piece.count("\n")
    if pieces:
        yield start, pieces


def _key(piece: str) -> str:
    if piece[0] not in "\"'":
        return piece
    return str(tomllib.loads(f"key = {piece}")["key"])
