"""What the questionnaires are given, and the mean of a scale in which some items are not answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.domain.checks import require, require_text
from spinereview.domain.clinical_items import QUESTIONNAIRE_ITEMS
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.settings import Section
from spinereview.domain.table import Table

CRITERION = "questionnaires"


class Scored(StrEnum):
    """How far a form could be scored; RAW where its items are kept and no score exists."""

    SCORED = "SCORED"
    PARTLY = "PARTLY"
    NE = "NE"
    RAW = "RAW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """``[criterion.questionnaires]`` has no keys: the manuals leave nothing to a protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormVisit:
    """Answers of one visit by item, as :data:`~spinereview.domain.clinical_items.QUESTIONNAIRE_ITEMS` names them."""

    timepoint: Id
    label: str = ""
    answers: Table[Decimal] = field(default_factory=Table)
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for item, value in self.answers.items():
            known = QUESTIONNAIRE_ITEMS.get(item)
            if known is None:
                forms = "BPI_..., QLQ_1 to QLQ_30, BM22_1 to BM22_22, FACTG_TOTAL"
                require(holds=False, code="FORM_ITEM_NAME", visit=self.name, item=item, allowed=forms)
            else:
                fits = known.typed(value) is not None
                allowed = known.allowed
                require(holds=fits, code="FORM_ITEM_RANGE", visit=self.name, item=item, value=value, allowed=allowed)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint

    def has(self, items: Sequence[str]) -> bool:
        """Whether any of the items was answered."""
        return any(item in self.answers for item in items)

    def answered(self, items: Sequence[str]) -> int:
        """How many of the items were answered."""
        return sum(item in self.answers for item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order, the first is the baseline."""

    visits: tuple[FormVisit, ...] = ()

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")


def mean_of(answers: Mapping[str, Decimal], items: Sequence[str], needed: int) -> Fraction | None:
    """Exact mean of the items that were answered; None where they are fewer than needed.

    >>> mean_of({"QLQ_1": Decimal(1), "QLQ_2": Decimal(2)}, ("QLQ_1", "QLQ_2", "QLQ_3"), 2)
    Fraction(3, 2)
    """
    given = [Fraction(answers[item]) for item in items if item in answers]
    return sum(given, Fraction(0)) / len(given) if given and len(given) >= needed else None
