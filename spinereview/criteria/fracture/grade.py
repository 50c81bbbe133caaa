"""Loss of height against a reference, the deformity it makes, and Genant's grade of it.

Genant HK et al. J Bone Miner Res 1993;8:1137: mild 20 to 25 %, moderate 25 to 40 %, severe more than 40 % in any of the
three heights. Losses are tested on exact ratios of reported heights.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.criteria.fracture.heights import Heights
from spinereview.criteria.fracture.settings import Settings
from spinereview.domain.exact import reported_tenths

MILD_PCT, MODERATE_PCT, SEVERE_PCT = Fraction(20), Fraction(25), Fraction(40)


class Deformity(StrEnum):
    """Shape of a compressed vertebral body (Genant 1993)."""

    WEDGE = "WEDGE"
    BICONCAVE = "BICONCAVE"
    CRUSH = "CRUSH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Loss of each height in per cent, exact, never below 0; None where the reference says nothing of that position."""

    anterior: Fraction
    middle: Fraction
    posterior: Fraction | None

    @property
    def largest(self) -> Fraction:
        """The largest of the three."""
        return max(self.anterior, self.middle, self.posterior or Fraction(0))

    @property
    def position(self) -> str:
        """Position of the largest loss; of equal ones the anterior, then the middle one."""
        if self.anterior == self.largest:
            return "anterior"
        return "middle" if self.middle == self.largest else "posterior"


Reference = tuple[Fraction, Fraction, Fraction | None]
"""Reference heights, anterior, middle, posterior, in the unit of the heights."""


def losses(heights: Heights, reference: Reference) -> Losses:
    """Loss of each height against its reference."""
    anterior, middle, posterior = (
        None if of is None else max(Fraction(0), 100 * (1 - Fraction(height) / of))
        for height, of in zip(heights.all, reference, strict=True)
    )
    return Losses(anterior=anterior or Fraction(0), middle=middle or Fraction(0), posterior=posterior)


def genant_grade(loss_pct: Fraction, settings: Settings) -> int:
    """Grade 0 to 3 of the largest loss.

    >>> [genant_grade(Fraction(pct), Settings()) for pct in (19, 20, 25, 26, 40, 41)]
    [0, 1, 1, 2, 2, 3]
    """
    if loss_pct < MILD_PCT:
        return 0
    if settings.genant_edges == "lower_inclusive":
        return 1 if loss_pct < MODERATE_PCT else 2 if loss_pct < SEVERE_PCT else 3
    return 1 if loss_pct <= MODERATE_PCT else 2 if loss_pct <= SEVERE_PCT else 3


def deformity(found: Losses) -> Deformity | None:
    """Shape of the deformity; None below 20 %. A posterior loss of 20 % or more is a crush whatever the others lost."""
    if found.largest < MILD_PCT:
        return None
    if found.posterior is not None and found.posterior >= MILD_PCT:
        return Deformity.CRUSH
    return Deformity.WEDGE if found.position == "anterior" else Deformity.BICONCAVE


def reported_pct(value: Fraction) -> Decimal:
    """Per cent in tenths, half-up, as shown."""
    return reported_tenths(value)
