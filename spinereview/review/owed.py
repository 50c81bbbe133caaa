"""What can be missing at a timepoint: of a lesion, of a vertebra, or of a form about the visit or a treated site."""

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
    ESCC_ITEM = "OBLIGATION_ESCC_ITEM"
    ESCC_REST = "OBLIGATION_ESCC_REST"
    """Levels were graded, and nobody said that the others are unremarkable: the compressed sites can only be a range."""
    SPINO_SITE = "OBLIGATION_SPINO_SITE"
    """The visit judges treated sites, and there is none."""
    SPINO_ITEM = "OBLIGATION_SPINO_ITEM"
    ELIGIBILITY_ITEM = "OBLIGATION_ELIGIBILITY_ITEM"
    COVERAGE = "OBLIGATION_COVERAGE"
    """A region that the protocol demands, and nobody has stated whether it was scanned."""


OF_LEVELS = frozenset(
    {Obligation.SINS_ITEM, Obligation.HEIGHTS, Obligation.GRADE, Obligation.ESCC_ITEM, Obligation.ESCC_REST}
)
OF_FORMS = frozenset({Obligation.SPINO_SITE, Obligation.SPINO_ITEM, Obligation.ELIGIBILITY_ITEM, Obligation.COVERAGE})
"""Missing in a form that is about the visit, or about a treated site."""
SOFT = frozenset({Obligation.NEW_CAUSE, Obligation.SELECTION}) | OF_LEVELS | OF_FORMS
"""Asked for, but no reason to refuse a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing missing at one timepoint of a lesion, of a vertebra, or of a form of the visit.

    Parameters
    ----------
    lesion, level
        What it is missing of: one of the two; neither where it is missing in a form of the visit.
    item
        Of a form: the item, ``"PAIN"``.
    form, site
        The form, and the label of the treated site that it is about; empty for lesions, and where the code says it all.
    why, args, rule
        Code of what is wrong with a lesion, its arguments, and the paper and section; empty for what was not said yet.
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
    form: str = ""
    site: str = ""
    why: str = ""
    args: Table[str] = field(default_factory=Table)
    rule: str = ""
    refs: tuple[Ref, ...] = ()
    mandatory: bool = False

    @property
    def hard(self) -> bool:
        """Whether the visit cannot be locked before."""
        return self.mandatory or self.code not in SOFT
