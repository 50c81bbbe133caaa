"""What a criterion answers: codes and numbers with their reasons. Sentences are made by the window and the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.anatomy import level_place
from spinereview.domain.checks import require_text
from spinereview.domain.imaging import Ref
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: a code of the catalogue, its arguments as text, the rule's source, and what it rests on.

    Parameters
    ----------
    rule
        Paper and section, e.g. ``"RECIST 1.1 (Eisenhauer 2009), 4.3.1"``.
    refs
        Paths into the read: the lesions, findings and points that the reason rests on.
    """

    code: str
    args: Table[str] = field(default_factory=Table)
    rule: str = ""
    refs: tuple[Ref, ...] = ()
    because: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        require_text("reason code", self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Answer of one criterion to one question.

    Parameters
    ----------
    scope
        What was asked: ``("FU1", "target")``.
    outcome
        Word of the criterion's own vocabulary.
    values
        Numbers behind it; None where a number does not exist.
    warnings, missing
        What the reader should look at; what was not there to answer with.
    """

    criterion: str
    scope: Ref
    outcome: str
    values: Table[Decimal | None] = field(default_factory=Table)
    because: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()


def in_reading_order(assessments: Table[Assessment]) -> Iterator[tuple[str, Assessment]]:
    """Assessments with their keys as people read them: by key, of one question the levels from the head down."""
    yield from sorted(assessments.items(), key=lambda entry: _place(entry[0]))


def _place(key: str) -> tuple[list[str], list[tuple[tuple[int, int], str]]]:
    timepoint, _, rest = key.partition("/")
    question, *about = rest.split("/")
    return [timepoint, question], [(level_place(word), word) for word in about]
