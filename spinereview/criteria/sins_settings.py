"""Settings of SINS: what the paper leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.checks import require
from spinereview.domain.settings import Choice, Number, Section, must

_PCT = Number(minimum=Decimal(0), maximum=Decimal(100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.sins]``.

    Where exactly 50 % falls, from which loss a collapse is suggested, and asked; how a lesion over several levels is scored.
    """

    sins_collapse_50: str = field(default="lower", metadata=must(Choice(("lower", "upper"))))
    sins_collapse_min_pct: Decimal = field(default=Decimal(20), metadata=must(_PCT))
    sins_collapse_ask_pct: Decimal = field(default=Decimal(10), metadata=must(_PCT))
    sins_multilevel: str = field(default="per_level", metadata=must(Choice(("per_level", "component_max"))))

    def __post_init__(self) -> None:
        Section.__post_init__(self)
        require(
            holds=self.sins_collapse_ask_pct <= self.sins_collapse_min_pct,
            code="SINS_ASK_ABOVE",
            value=self.sins_collapse_ask_pct,
        )
