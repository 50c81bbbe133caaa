"""What the rules of RECIST 1.1 are given: values and states of lesions by visit, in reported millimetres.

Nothing here knows a read, a point or an image: each value carries a ``Ref`` to where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.lesion import STATES_OF_ROLE, LesionRole, LesionState, NewStatus
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue


class TargetResponse(StrEnum):
    """Response of the target lesions (RECIST 1.1, 4.3.1); NA: no target lesion at baseline."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"
    NA = "NA"


class NonTargetResponse(StrEnum):
    """Response of the non-target lesions (RECIST 1.1, 4.3.3); NA: none at baseline."""

    CR = "CR"
    NON_CR_NON_PD = "NON_CR_NON_PD"
    PD = "PD"
    NE = "NE"
    NA = "NA"


class NewLesions(StrEnum):
    """Whether there are new lesions at a visit (RECIST 1.1, 4.3.5)."""

    NO = "NO"
    EQUIVOCAL = "EQUIVOCAL"
    YES = "YES"
    NE = "NE"


class OverallResponse(StrEnum):
    """Response of a timepoint (RECIST 1.1, Tables 1 and 2); NED: no disease at baseline, none now (our word)."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    NON_CR_NON_PD = "NON_CR_NON_PD"
    PD = "PD"
    NE = "NE"
    NED = "NED"


BASELINE = "BASELINE"
"""Outcome of the baseline, which has a sum and no response."""

INCOMPLETE = "INCOMPLETE"
"""Outcome while a visit is open and something has not been said yet. No response: NE would claim that it cannot be said."""

NO_VALUE = frozenset({None, LesionState.NE, LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL})
"""States without a number; never counted as 0 (RECIST 1.1, 4.4.2). None: nothing usable has been said."""

_TARGET_STATES = STATES_OF_ROLE[LesionRole.TARGET] | {None}
_NON_TARGET_STATES = STATES_OF_ROLE[LesionRole.NON_TARGET] | {None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One fragment of a lesion that split: its reported diameter, or that it is too small to measure."""

    mm: Decimal | None = None
    too_small: bool = False

    def __post_init__(self) -> None:
        require(holds=(self.mm is None) == self.too_small, code="FRAGMENT_VALUE")
        _require_mm(self.mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetValue:
    """A target lesion at one visit.

    Parameters
    ----------
    lesion, label
        Id, and what a reader calls it (``"T01"``).
    state
        None: nothing usable has been said; ``problem`` says why.
    nodal
        The lesion is a lymph node, whatever it merged with.
    mm
        Reported diameter where MEASURED: longest, of a node the short axis.
    carrier
        Where MERGED: the lesion that carries the diameter of the mass.
    ref
        Path of the finding in the read.
    """

    lesion: Id
    label: str = ""
    state: LesionState | None
    nodal: bool = False
    mm: Decimal | None = None
    parts: tuple[Fragment, ...] = ()
    carrier: Id | None = None
    ref: Ref = ()
    problem: Reason | None = None

    def __post_init__(self) -> None:
        require_text("lesion", self.lesion)
        state = self.state
        if state not in _TARGET_STATES:
            raise InvalidValue("TARGET_STATE", lesion=self.lesion, state=state)
        if (self.mm is not None) != (state is LesionState.MEASURED):
            raise InvalidValue("TARGET_MM", lesion=self.lesion)
        if bool(self.parts) != (state is LesionState.SPLIT):
            raise InvalidValue("TARGET_PARTS", lesion=self.lesion)
        if (self.carrier is not None) != (state is LesionState.MERGED):
            raise InvalidValue("FINDING_CARRIER", value=state)
        if (self.problem is not None) != (state is None):
            raise InvalidValue("TARGET_PROBLEM", lesion=self.lesion)
        _require_mm(self.mm)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.lesion

    @property
    def evaluable(self) -> bool:
        """Whether the value enters a sum."""
        return self.state not in NO_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class NonTargetValue:
    """A non-target lesion at one visit: judged, not measured. ``state`` None: nothing has been said.

    ``sclerotic``: a bone lesion that is blastic or mixed, which may grow denser and larger while it heals.
    """

    lesion: Id
    label: str = ""
    state: LesionState | None
    nodal: bool = False
    sclerotic: bool = False
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("lesion", self.lesion)
        if self.state not in _NON_TARGET_STATES:
            raise InvalidValue("TARGET_STATE", lesion=self.lesion, state=self.state)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.lesion


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValue:
    """A lesion that was not there at baseline, at one visit.

    Parameters
    ----------
    status
        The reader's word at this visit; None: not said.
    short_axis_mm
        Of a node, where it was measured.
    only_by_technique
        Seen only because of another technique: a YES counts as EQUIVOCAL, which is said.
    fracture
        What is seen is the fracture of a vertebra.
    imaged_before
        Its place was imaged at the baseline. None: nobody stated what the images cover.
    said
        Something has been recorded of it at this visit.
    """

    lesion: Id
    label: str = ""
    status: NewStatus | None
    nodal: bool = False
    short_axis_mm: Decimal | None = None
    sclerotic: bool = False
    only_by_technique: bool = False
    fracture: bool = False
    imaged_before: bool | None = True
    said: bool = True
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("lesion", self.lesion)
        _require_mm(self.short_axis_mm)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.lesion


class AfterCr(StrEnum):
    """What a reader decides of disease that is seen after a complete response (RECIST 1.1, Table 3, footnote)."""

    REAPPEARED = "REAPPEARED"
    AMEND_CR_TO_PR = "AMEND_CR_TO_PR"


class EquivocalCr(StrEnum):
    """Whether a complete response stands while a lesion is equivocally new."""

    CONFIRMED = "CONFIRMED"
    NOT_CR = "NOT_CR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """A visit's decisions, made when its response is known; None: not made."""

    after_cr: AfterCr | None = None
    after_cr_reason: str = ""
    equivocal_cr: EquivocalCr | None = None
    residual_cr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVisit:
    """Values and states of all lesions at one timepoint.

    ``closed`` says that the visit is locked: what has not been said then is not evaluable. ``warnings`` come from the
    evidence: calibration, technique. ``missing_regions`` are those that the protocol demands and nobody scanned;
    ``unstated_regions`` those of which nobody said whether they were. ``missing_modalities`` are kinds of images that the
    protocol demands and that are not there; of ``unreadable_modalities`` the reader called every series not readable.
    """

    timepoint: Id
    label: str = ""
    closed: bool = True
    targets: Table[TargetValue]
    non_targets: Table[NonTargetValue] = field(default_factory=Table)
    new: Table[NewValue] = field(default_factory=Table)
    decisions: Decisions = field(default_factory=Decisions)
    missing_regions: tuple[str, ...] = ()
    unstated_regions: tuple[str, ...] = ()
    missing_modalities: tuple[str, ...] = ()
    unreadable_modalities: tuple[str, ...] = ()
    warnings: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for table in (self.non_targets, self.new):
            for key, judged in table.items():
                if key != judged.lesion:
                    raise InvalidValue("KEY_NOT_ID", name=key)
        for key, value in self.targets.items():
            if key != value.lesion:
                raise InvalidValue("KEY_NOT_ID", name=key)
            if value.carrier is not None:
                carrier = self.targets.get(value.carrier)
                # A chain, or a circle, of carriers has no diameter anywhere.
                carries = carrier is not None and carrier.state is not LesionState.MERGED
                require(holds=carries, code="CARRIER_NOT_A_TARGET", lesion=value.name, carrier=value.carrier)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits from the baseline on, in order; every visit has the target and non-target lesions of the baseline."""

    visits: tuple[TargetVisit, ...] = ()

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        for visit in self.visits[1:]:
            first = self.visits[0]
            same = visit.targets.keys() == first.targets.keys()
            same = same and visit.non_targets.keys() == first.non_targets.keys()
            require(holds=same, code="TARGETS_DIFFER", timepoint=visit.timepoint)


def _require_mm(value: Decimal | None) -> None:
    if value is not None and not (value.is_finite() and value >= 0):
        raise InvalidValue("VALUE_NEGATIVE", value=value)
