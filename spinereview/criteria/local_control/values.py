"""What local control is given: treated sites by visit, from a baseline of their own on; and its settings.

A treated site is kept apart from the target lesions of RECIST: it may be the bed of a lesion that was taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Self

from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import TargetResponse, TargetValue
from spinereview.criteria.responses import in_order
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.schedule import Schedule
from spinereview.domain.settings import Choice, Number, Section, Words, must, parse_settings
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

CRITERION = "local_control"


class Definition(StrEnum):
    """What counts as local failure.

    LC_PROTOCOL_06120426: the sum of diameters against the baseline of the treatment, as one registry has it.
    LC_RECIST_NADIR: against the smallest sum, as progression of target lesions in RECIST 1.1.
    LC_SPINO: the reader's judgement of serial MRI (Thibault 2015).
    """

    LC_PROTOCOL_06120426 = "LC_PROTOCOL_06120426"
    LC_RECIST_NADIR = "LC_RECIST_NADIR"
    LC_SPINO = "LC_SPINO"


class Baseline(StrEnum):
    """Scan that the sums are compared with."""

    FIRST_POST_PROCEDURE_SCAN = "first_post_procedure_scan"
    PRE_PROCEDURE = "pre_procedure"
    PRE_RT = "pre_RT"


class Judgement(StrEnum):
    """What a reader says of growth at the treated sites (SPINO, Thibault 2015)."""

    NONE = "NONE"
    EQUIVOCAL = "EQUIVOCAL"
    UNEQUIVOCAL = "UNEQUIVOCAL"
    NE = "NE"


_WORDS = tuple(definition.value for definition in Definition)
_PART = Number(minimum=Decimal(0), above=True)
_NOT_NEGATIVE = Number(minimum=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.local_control]``; all but the first two bind LC_PROTOCOL_06120426 only.

    >>> Settings.parse({"lc_definition": "LC_SPINO"}).lc_threshold
    Decimal('0.20')
    """

    lc_definition: str = field(metadata=must(Choice(_WORDS)))
    lc_also: tuple[str, ...] = field(default=(), metadata=must(Words(_WORDS)))
    lc_threshold: Decimal = field(default=Decimal("0.20"), metadata=must(_PART))
    lc_abs_mm: Decimal = field(default=Decimal(0), metadata=must(_NOT_NEGATIVE))
    lc_compare: str = field(default=">=", metadata=must(Choice((">=", ">"))))
    lc_recurrence_mm: Decimal = field(default=Decimal(10), metadata=must(_NOT_NEGATIVE))

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Settings from the raw values of a protocol; refuses unknown keys and wrong values, and needs ``lc_definition``."""
        if "lc_definition" not in raw:
            raise InvalidValue("SETTING_REQUIRED", key="lc_definition", allowed=Choice(_WORDS).allowed)
        return parse_settings(cls, raw)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The one that counts, then those reported beside it."""
        return tuple(Definition(word) for word in dict.fromkeys((self.lc_definition, *self.lc_also)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisit:
    """Treated sites at one timepoint.

    Parameters
    ----------
    sites
        Diameters and states; every visit has the same sites. What is seen in the bed on the baseline scan is the reference.
    judgement
        Of all sites together, the worst; None: not given.
    recist
        Response of the target lesions at this visit, shown beside the local result; None: not known.
    """

    timepoint: Id
    label: str = ""
    sites: Table[TargetValue] = field(default_factory=Table)
    judgement: Judgement | None = None
    recist: TargetResponse | None = None

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, value in self.sites.items():
            require(holds=key == value.lesion, code="KEY_NOT_ID", name=key)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order, and which of them is the baseline of local control.

    Parameters
    ----------
    baseline
        Timepoint; None: it is not known yet.
    also
        Further baselines by the name of a :class:`Baseline`, compared beside it.
    recist
        Limits of LC_RECIST_NADIR, and what a lesion too small to measure counts as.
    """

    visits: tuple[SiteVisit, ...] = ()
    baseline: Id | None = None
    baseline_kind: Baseline = Baseline.FIRST_POST_PROCEDURE_SCAN
    also: Table[Id] = field(default_factory=Table)
    recist: RecistSettings = field(default_factory=RecistSettings)
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        if self.schedule is not None:
            in_order(names, [visit.name for visit in self.visits], self.schedule)
        for name in self.also:
            require(holds=name in set(Baseline), code="LC_BASELINE_UNKNOWN", name=name, allowed=", ".join(Baseline))
        for timepoint in (self.baseline, *self.also.values()):
            require(holds=timepoint in (None, *names), code="LC_BASELINE_NOT_A_VISIT", timepoint=timepoint)
        for visit in self.visits[1:]:
            same = set(visit.sites) == set(self.visits[0].sites)
            require(holds=same, code="SITES_DIFFER", timepoint=visit.timepoint)
