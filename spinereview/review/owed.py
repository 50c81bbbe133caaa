"""What can be missing at a timepoint: of a lesion, or of a vertebra."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table


class Obligation(StrEnum):
    """Kinds of what is missing; each is a code of the catalogue, in the order in which they are met."""

    STATE = "OBLIGATION_STATE"
    SHORT_AXIS = "OBLIGATION_SHORT_AXIS"
    VALUE = "OBLIGATION_VALUE"
    """A target that is called measured and has no value; unsaid it would be not evaluable once the visit is locked."""
    NE_REASON = "OBLIGATION_NE_REASON"
    COMPARABLE = "OBLIGATION_COMPARABLE"
    """Measured with another modality than at baseline, and not said whether that can be compared (RECIST 1.1, 4.2)."""
    CARRIER_VALUE = "OBLIGATION_CARRIER_VALUE"
    NEW_STATUS = "OBLIGATION_NEW_STATUS"
    NEW_CAUSE = "OBLIGATION_NEW_CAUSE"
    SITE = "OBLIGATION_SITE"
    MEASURABLE = "OBLIGATION_MEASURABLE"
    """A target that is not measurable: it is completed, or made a non-target (RECIST 1.1, 3.1)."""
    SELECTION = "OBLIGATION_SELECTION"
    """Another choice of targets, or the reader's reason for this one (RECIST 1.1, 4.2)."""
    SINS_ITEM = "OBLIGATION_SINS_ITEM"
    HEIGHTS = "OBLIGATION_HEIGHTS"
    GRADE = "OBLIGATION_GRADE"


OF_LEVELS = frozenset({Obligation.SINS_ITEM, Obligation.HEIGHTS, Obligation.GRADE})
SOFT = frozenset({Obligation.NEW_CAUSE, Obligation.SELECTION}) | OF_LEVELS
"""Asked for, but no reason to refuse a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing missing of one lesion or of one vertebra at one timepoint.

    Parameters
    ----------
    lesion, level
        What it is missing of: one of the two.
    item
        Of a vertebra: the item of the form, ``"PAIN"``.
    why, args
        Code of the rule that a lesion breaks with its arguments; empty for what was not said yet.
    refs
        Paths of the lesions that the rule names.
    mandatory
        The protocol demands it at this visit, so that it keeps the visit from being locked.
    """

    code: Obligation
    lesion: Id | None = None
    level: Level | None = None
    timepoint: Id
    item: str = ""
    why: str = ""
    args: Table[str] = field(default_factory=Table)
    refs: tuple[Ref, ...] = ()
    mandatory: bool = False

    @property
    def hard(self) -> bool:
        """Whether the visit cannot be locked before."""
        return self.mandatory or self.code not in SOFT
