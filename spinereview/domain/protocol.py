"""The core of a protocol: visits, baselines, blinding, design. Settings of a criterion are parsed beside that criterion."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.checks import require, require_text
from spinereview.domain.table import Table

RawSetting = str | int | bool | Decimal | tuple[str, ...]
"""A value as the protocol file gives it: never a float."""


class Anchor(StrEnum):
    """Day from which a visit or an endpoint is counted."""

    RANDOMISATION = "RANDOMISATION"
    FIRST_TREATMENT = "FIRST_TREATMENT"
    SURGERY = "SURGERY"
    PROCEDURE = "PROCEDURE"
    RT_END = "RT_END"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledVisit:
    """A visit of the protocol: nominal day after its anchor, with a window that includes both ends.

    Parameters
    ----------
    modalities
        Kinds of images that are mandatory, in the words of DICOM; ``"MR_OR_CT"`` is either.
    """

    name: str
    anchor: Anchor
    day: int
    minus: int = 0
    plus: int = 0
    modalities: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require_text("visit name", self.name)
        require(holds=self.minus >= 0 and self.plus >= 0, code="VISIT_WINDOW_NEGATIVE", name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of eligibility: variable, operator, value, and what follows where the variable is missing.

    Rules of one ``group`` are joined by "or", all else by "and".
    """

    id: str
    variable: str
    op: str
    value: Decimal | str | bool | tuple[str, ...]
    on_missing: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """What a reader may know; the strictest is the default."""

    sequential: bool = True
    show_days: bool = False
    live_response: bool = False
    show_prior_marks: bool = False
    clinical_shown: frozenset[str] = frozenset()
    order_hidden_for: frozenset[str] = frozenset()
    ask_arm_guess: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How the trial is read."""

    readers: int = 2
    triggers: Table[Table[str]] = field(default_factory=Table)
    adjudication: str = "pick_one"
    adjudicator_roles: frozenset[str] = frozenset({"adjudicator"})
    pd_date_same_visit: str = "earlier"
    repeat_share: Decimal = Decimal(0)
    shuffle_cases: bool = True
    unlock_needs: str = "REASON"
    idle_lock_minutes: int = 10

    def __post_init__(self) -> None:
        require(holds=self.readers >= 1, code="VALUE_NOT_POSITIVE", name="readers", value=self.readers)
        require(
            holds=0 <= self.repeat_share <= 1, code="VALUE_NOT_FRACTION", name="repeat_share", value=self.repeat_share
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A protocol as its file says; ``sha256`` is over the bytes of that file."""

    id: str
    version: str
    title: str
    sha256: str
    amends: str = ""
    visits: Table[ScheduledVisit] = field(default_factory=Table)
    baselines: Table[RawSetting] = field(default_factory=Table)
    blinding: Blinding = field(default_factory=Blinding)
    design: Design = field(default_factory=Design)
    purposes: Table[Table[RawSetting]] = field(default_factory=Table)
    criteria: Table[Table[RawSetting]] = field(default_factory=Table)
    eligibility: Table[Rule] = field(default_factory=Table)
    endpoints: Table[Table[RawSetting]] = field(default_factory=Table)

    def __post_init__(self) -> None:
        for name in ("id", "version", "title", "sha256"):
            require_text(name, getattr(self, name))

    @property
    def visits_in_order(self) -> tuple[ScheduledVisit, ...]:
        """Visits in the order in which they come due: of one anchor by day, of several as the anchors follow each other."""
        order = list(Anchor)
        return tuple(sorted(self.visits.values(), key=lambda visit: (order.index(visit.anchor), visit.day, visit.name)))
