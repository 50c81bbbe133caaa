"""Rows of the table of lesions that are still what they were: an act changes one lesion, and the rest is not made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.obligations import Owed
from spinereview.ui.lesion_rules import Problem
from spinereview.ui.panels.lesion_table import LesionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RowParts:
    """All that a lesion's row is made of.

    Parameters
    ----------
    others
        As :func:`others_of` says.
    owed
        What is missing of the lesion, at whichever timepoint.
    expanded
        Its fragments have rows of their own.
    """

    lesion: Lesion
    others: Table[Lesion] | None
    case: Case
    settings: Settings
    owed: tuple[Owed, ...]
    problems: tuple[Problem, ...]
    expanded: bool

    def same(self, other: RowParts) -> bool:
        """Whether another row is made of the very same; of large values only what is the same object counts as the same."""
        return (
            self.lesion is other.lesion
            and self.others is other.others
            and self.case is other.case
            and self.settings is other.settings
            and self.expanded is other.expanded
            and self.owed == other.owed
            and self.problems == other.problems
        )


def others_of(read: Read) -> Table[Lesion] | None:
    """All lesions of a read where one carries another, as in a merged mass: then a row tells of other lesions too."""
    merged = any(
        finding.carrier is not None for lesion in read.lesions.values() for finding in lesion.findings.values()
    )
    return read.lesions if merged else None


class KnownRows:
    """The last row of every lesion, with what it was made of."""

    def __init__(self) -> None:
        self._rows: dict[Id, tuple[RowParts, LesionRow]] = {}

    def row(self, parts: RowParts, make: Callable[[], LesionRow]) -> LesionRow:
        """The row of a lesion, made anew where it is made of anything else than before."""
        known = self._rows.get(parts.lesion.id)
        if known is None or not known[0].same(parts):
            known = self._rows[parts.lesion.id] = parts, make()
        return known[1]
