"""An adjudication: which of two masked reads is endorsed, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.checks import require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table


class Endorsed(StrEnum):
    """What an adjudicator chose."""

    A = "A"
    B = "B"
    FREE = "FREE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One place where the two reads differ in what the protocol lists."""

    trigger: str
    where: Ref
    value_a: str
    value_b: str
    cause: str = ""
    justifiable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """The adjudicator's document; which reader A is stands in the coordinator's ledger alone."""

    id: Id
    case: Id
    adjudicator_code: str
    a_sha256: str
    b_sha256: str
    pairs: Table[tuple[Id | None, Id | None]] = field(default_factory=Table)
    disagreements: Table[Disagreement] = field(default_factory=Table)
    endorsed: Endorsed | None = None
    scope: str = "WHOLE_READ"
    free_read: Id | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        require_text("adjudication id", self.id)
        require_text("adjudicator code", self.adjudicator_code)
