"""Settings of the fracture criteria: what the papers leave open."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.checks import require
from spinereview.domain.settings import Choice, Number, Numbers, Section, must

_EVENT_PCT = Numbers((Decimal(10), Decimal(15), Decimal(20)), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.fracture]``.

    ``genant_edges`` says into which grade 25 % and 40 % fall; the last two from which increase an angle is flagged, and has
    progressed.
    """

    genant_edges: str = field(default="upper_inclusive", metadata=must(Choice(("upper_inclusive", "lower_inclusive"))))
    vcf_new_pct: Decimal = field(default=Decimal(20), metadata=must(_EVENT_PCT))
    vcf_prog_pct: Decimal = field(default=Decimal(20), metadata=must(_EVENT_PCT))
    vcf_watch_pct: Decimal = field(default=Decimal(10), metadata=must(Number(minimum=Decimal(0), above=True)))
    angle_flag_deg: Decimal = field(default=Decimal(5), metadata=must(Number(minimum=Decimal(0), above=True)))
    angle_prog_deg: Decimal = field(default=Decimal(10), metadata=must(Number(minimum=Decimal(0), above=True)))

    def __post_init__(self) -> None:
        Section.__post_init__(self)
        below = self.vcf_watch_pct <= min(self.vcf_new_pct, self.vcf_prog_pct)
        require(holds=below, code="VCF_WATCH_ABOVE", value=self.vcf_watch_pct)
        ordered = self.angle_flag_deg <= self.angle_prog_deg
        require(holds=ordered, code="ANGLE_FLAG_ABOVE", value=self.angle_flag_deg)
