"""Vertebral levels as people write them: ``T9``, ``T9-T11``, ``T9-T11, L2``."""

from __future__ import annotations

import re

from spinereview.domain.anatomy import Level
from spinereview.errors import Refused

_BETWEEN = re.compile(r"\s*[-\u2013]\s*")


def levels_of(text: str) -> tuple[Level, ...]:
    """Levels of a list, from the head down, each once; none of an empty text.

    T13 and L6 belong to a range only where one of its ends names them.

    Raises
    ------
    Refused
        ``LEVELS_UNKNOWN``: a word is no vertebra, or a range goes upward.

    >>> [level.value for level in levels_of("l2, T12 - L1")]
    ['T12', 'L1', 'L2']
    """
    order = list(Level)
    found: set[Level] = set()
    for word in re.split(r"[,;\s]+", _BETWEEN.sub("-", text.strip().upper())):
        ends = word.split("-")
        if not word:
            continue
        if len(ends) > 2 or any(end not in set(Level) for end in ends):
            raise Refused("LEVELS_UNKNOWN", value=text)
        first, last = Level(ends[0]), Level(ends[-1])
        if order.index(first) > order.index(last):
            raise Refused("LEVELS_UNKNOWN", value=text)
        between = order[order.index(first) : order.index(last) + 1]
        found.update(level for level in between if level not in {Level.T13, Level.L6} or level in {first, last})
    return tuple(level for level in order if level in found)


def levels_text(levels: tuple[Level, ...], *, spoken: str = ", ") -> str:
    """Levels as people write them; neighbours are a range.

    >>> levels_text((Level.T9, Level.T10, Level.T11, Level.L2))
    'T9-T11, L2'
    """
    order = [level for level in Level if level not in {Level.T13, Level.L6} or level in levels]
    runs: list[list[Level]] = []
    for level in sorted(levels, key=order.index):
        if runs and order.index(level) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(level)
        else:
            runs.append([level])
    return spoken.join("-".join(dict.fromkeys((run[0].value, run[-1].value))) for run in runs)
