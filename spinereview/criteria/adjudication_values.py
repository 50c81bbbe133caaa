"""What is compared of two reads: their results as values, and the settings that say which differences count.

Results, never marks: different lesions or sums with the same outcome are no disagreement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.criteria.eligibility import Outcome
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import PdCause
from spinereview.criteria.sins_values import Category
from spinereview.domain.adjudication import Trigger
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Design
from spinereview.domain.settings import Choice, Section, Tolerance, Words, must
from spinereview.domain.table import Table

BY_DEFAULT = tuple(trigger.value for trigger in Trigger if trigger is not Trigger.ADJ_RESP_DATE)
"""The day of the first response sends many more cases to adjudication (Ford 2016) and is asked for only by name."""

BY_VISIT = "visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """``[[trigger]]`` and what ``[design]`` says of a progression that both saw at one visit.

    A tolerance of ``"visit"`` compares visits; of n days, days: more than n days apart differ, whatever the visits.

    >>> Settings.parse({"pd_date_tol_days": 7}).pd_date_tol_days
    '7'
    """

    triggers: tuple[str, ...] = field(default=BY_DEFAULT, metadata=must(Words(tuple(map(str, Trigger)))))
    pd_date_tol_days: str = field(default=BY_VISIT, metadata=must(Tolerance()))
    lc_tol_days: str = field(default=BY_VISIT, metadata=must(Tolerance()))
    pd_date_same_visit: str = field(default="earlier", metadata=must(Choice(("earlier", "later"))))

    @classmethod
    def of(cls, design: Design) -> Settings:
        """Settings of a protocol."""

        def tolerance(trigger: Trigger) -> str:
            return design.triggers.get(trigger.value, Table[str]()).get("tol_days", BY_VISIT)

        return cls(
            triggers=tuple(design.triggers),
            pd_date_tol_days=tolerance(Trigger.ADJ_PD_DATE),
            lc_tol_days=tolerance(Trigger.ADJ_LC),
            pd_date_same_visit=design.pd_date_same_visit,
        )


class LocalStatus(StrEnum):
    """Local control of a treated site up to the data cut."""

    CONTROL = "CONTROL"
    FAILURE = "FAILURE"
    EQUIVOCAL = "EQUIVOCAL"
    COMPETING = "COMPETING"
    NE = "NE"


class Escc(StrEnum):
    """Grade of epidural compression (Bilsky 2010), in order; NE: not evaluable."""

    G0 = "0"
    G1A = "1a"
    G1B = "1b"
    G1C = "1c"
    G2 = "2"
    G3 = "3"
    NE = "NE"


class VcfEvent(StrEnum):
    """Compression fracture of a level since its baseline (Sahgal 2013)."""

    NONE = "NONE"
    NEW = "NEW"
    PROGRESSIVE = "PROGRESSIVE"
    NE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was first seen; ``day`` is None where it is not known."""

    visit: Id
    day: int | None = None

    def __post_init__(self) -> None:
        require_text("visit", self.visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOutcome:
    """Local control of a site, and of a failure when it was seen."""

    status: LocalStatus
    failed: Moment | None = None

    def __post_init__(self) -> None:
        fits = (self.status is LocalStatus.FAILURE) == (self.failed is not None)
        require(holds=fits, code="LC_FAILURE_WITHOUT_VISIT", status=self.status.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What was derived of one read up to the data cut.

    Parameters
    ----------
    signed
        The read is complete and signed.
    best_response
        The one that counts by the protocol; None: it could not be derived.
    progressed, progression, pd_causes
        Whether there was a progression (None: not derived), when, and what it rests on.
    first_response
        First visit with CR or PR.
    local, sins, escc, vcf
        By site and definition, by visit and level, by visit and level, by level; keys are the same words in both reads.
    measurable
        Measurable disease at baseline; None: not said.
    """

    signed: bool = True
    best_response: OverallResponse | None = None
    progressed: bool | None = None
    progression: Moment | None = None
    pd_causes: frozenset[PdCause] = frozenset()
    first_response: Moment | None = None
    local: Table[LocalOutcome] = field(default_factory=Table)
    sins: Table[Category] = field(default_factory=Table)
    eligible: Outcome | None = None
    escc: Table[Escc] = field(default_factory=Table)
    vcf: Table[VcfEvent] = field(default_factory=Table)
    measurable: bool | None = None

    def __post_init__(self) -> None:
        fits = (self.progressed is True) == (self.progression is not None)
        require(holds=fits, code="PD_WITHOUT_VISIT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Two reads of one case.

    Parameters
    ----------
    same_targets
        The targets of both are the same lesions, paired by vertebra and position; None: they were not paired. It only
        suggests a cause.
    """

    first: ReadResult | None = None
    second: ReadResult | None = None
    same_targets: bool | None = None
