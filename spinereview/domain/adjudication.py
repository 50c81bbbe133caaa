"""An adjudication: which of two masked reads is endorsed, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.checks import require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table


class Trigger(StrEnum):
    """What can send a case to adjudication."""

    ADJ_BOR = "ADJ_BOR"
    ADJ_PD_STATUS = "ADJ_PD_STATUS"
    ADJ_PD_DATE = "ADJ_PD_DATE"
    ADJ_RESP_DATE = "ADJ_RESP_DATE"
    ADJ_LC = "ADJ_LC"
    ADJ_SINS = "ADJ_SINS"
    ADJ_ELIG = "ADJ_ELIG"
    ADJ_ESCC = "ADJ_ESCC"
    ADJ_VCF = "ADJ_VCF"
    ADJ_BASELINE = "ADJ_BASELINE"


class Cause(StrEnum):
    """Where a disagreement comes from (Ford 2016, J Clin Trials 6(5)); JUDGEMENT and UNCLEAR are our additions.

    JUDGEMENT: the same place was scored differently. UNCLEAR: the results do not tell; the adjudicator says it.
    """

    LESION_SELECTION = "LESION_SELECTION"
    MEASUREMENT = "MEASUREMENT"
    NON_TARGET = "NON_TARGET"
    NEW_LESION = "NEW_LESION"
    IMAGE_QUALITY = "IMAGE_QUALITY"
    JUDGEMENT = "JUDGEMENT"
    UNCLEAR = "UNCLEAR"


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
