"""What the response of irradiated sites of the spine is given: Thibault I et al. Lancet Oncol 2015;16:e595; its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.escc_values import Grade
from spinereview.criteria.local_control.values import Judgement
from spinereview.criteria.responses import in_order
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.schedule import Schedule
from spinereview.domain.settings import Number, Section, Whole, must
from spinereview.domain.table import Table

CRITERION = "spino"
RULE = "SPINO (Thibault 2015, Lancet Oncol 16:e595); to be confirmed by a clinician"
OWN_RULE = "SPINO is silent; reading of the program, docs/criteria.md"


class Response(StrEnum):
    """Outcome of a site at a visit."""

    LOCAL_CONTROL = "LOCAL_CONTROL"
    LOCAL_PROGRESSION = "LOCAL_PROGRESSION"
    INDETERMINATE = "INDETERMINATE"
    NE = "NE"


class Relation(StrEnum):
    """Where growth lies as against the treated volume."""

    IN_FIELD = "IN_FIELD"
    MARGINAL = "MARGINAL"
    DISTANT = "DISTANT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.spino]``.

    When an equivocal image is repeated, how long growth may be pseudoprogression, and which measured growth is asked about.
    """

    spino_repeat_days: int = field(default=56, metadata=must(Whole(1)))
    spino_pseudo_days: int = field(default=183, metadata=must(Whole(0)))
    spino_prompt_pct: Decimal = field(default=Decimal(20), metadata=must(Number(minimum=Decimal(0), above=True)))
    spino_prompt_mm: Decimal = field(default=Decimal(5), metadata=must(Number(minimum=Decimal(0), above=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFinding:
    """What a reader says of one treated site at one visit; None: not said.

    Parameters
    ----------
    growth
        Of the tumour in the treated volume, against the planning scan and all scans since.
    epidural
        New or progressive epidural tumour.
    neurological_decline
        One that is attributed to epidural disease that was there before.
    longest_mm
        Longest diameter; 0: nothing is seen. It prompts and never decides, and neither does ``escc``.
    relation
        Where the growth lies; None: in the treated volume.
    """

    site: Id
    growth: Judgement | None = None
    epidural: Judgement | None = None
    neurological_decline: bool | None = None
    longest_mm: Decimal | None = None
    escc: Grade | None = None
    relation: Relation | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("site", self.site)
        length = self.longest_mm
        require(
            holds=length is None or (length.is_finite() and length >= 0),
            code="SPINO_LENGTH",
            site=self.site,
            value=length,
        )
        grows = {self.growth, self.epidural} & {Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL}
        require(holds=self.relation is None or bool(grows), code="SPINO_RELATION_WITHOUT_GROWTH", site=self.site)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinoVisit:
    """Treated sites at one timepoint; every visit has the same."""

    timepoint: Id
    label: str = ""
    sites: Table[SiteFinding] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, finding in self.sites.items():
            require(holds=key == finding.site, code="KEY_NOT_ID", name=key)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; the first is the baseline: sizes and grades are compared with it, and nothing is judged on it.

    Days count from the end of radiotherapy, else from the first treatment.
    """

    visits: tuple[SpinoVisit, ...] = ()
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        if self.schedule is not None:
            in_order(names, [visit.name for visit in self.visits], self.schedule)
        for visit in self.visits[1:]:
            same = set(visit.sites) == set(self.visits[0].sites)
            require(holds=same, code="SITES_DIFFER", timepoint=visit.timepoint)
        for visit in self.visits[:1]:
            for site, finding in visit.sites.items():
                judged = finding.growth, finding.epidural
                require(holds=judged == (None, None), code="SPINO_BASELINE_JUDGED", site=site, timepoint=visit.name)
