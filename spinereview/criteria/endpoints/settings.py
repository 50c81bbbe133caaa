"""Settings of the endpoints: what the papers leave to the protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.checks import require
from spinereview.domain.protocol import Anchor, RawSetting
from spinereview.domain.settings import Choice, Flag, Section, Whole, must
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.endpoints]``.

    ``tte_plus_one``: a time is end - start + 1 days. ``pd_date_target``: of several scans of the target lesions the last, or
    the first, dates a progression by their sum. ``missed_max``: more missed visits than this before an event censor it.

    >>> Settings.parse({"missed_max": 2}).missed_max
    2
    """

    tte_plus_one: bool = field(default=True, metadata=must(Flag()))
    pd_date_target: str = field(default="last_target_scan", metadata=must(Choice(("last_target_scan", "first_scan"))))
    missed_max: int = field(default=1, metadata=must(Whole(0)))
    dor_end: str = field(default="pd_or_death", metadata=must(Choice(("pd_or_death", "pd"))))


class ResponseOf(StrEnum):
    """Which response a landmark asks for."""

    OVERALL = "overall"
    TARGET = "target"


class Scope(StrEnum):
    """Which progression counts: of the disease, or of the treated sites."""

    OVERALL = "overall"
    LOCAL = "local"


class Population(StrEnum):
    """Whom a rate counts: all, or those with a target lesion at baseline (a sensitivity set: it depends on the reader)."""

    ITT = "ITT"
    ITT_MEASURABLE = "ITT_measurable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One ``[[endpoint]]`` of a protocol: what a rule of this package needs of it.

    Parameters
    ----------
    landmarks
        Nominal days after the anchor.
    landmark_tol_days
        Days before and after a landmark, both included.
    """

    anchor: Anchor = Anchor.RANDOMISATION
    orr_response: ResponseOf = ResponseOf.OVERALL
    pfs_scope: Scope = Scope.OVERALL
    landmarks: tuple[int, ...] = ()
    landmark_tol_days: int = 7
    population: Population = Population.ITT

    def __post_init__(self) -> None:
        require(holds=self.landmark_tol_days >= 0, code="LANDMARK_TOLERANCE", value=self.landmark_tol_days)
        after = all(day > 0 for day in self.landmarks)
        require(holds=after, code="LANDMARK_BEFORE_ANCHOR", days=", ".join(map(str, self.landmarks)))
        ordered = all(before < after for before, after in zip(self.landmarks, self.landmarks[1:], strict=False))
        require(holds=ordered, code="LANDMARKS_NOT_IN_ORDER", days=", ".join(map(str, self.landmarks)))


def endpoint_of(values: Table[RawSetting]) -> Endpoint:
    """Endpoint of the values of a protocol, in which days are texts."""
    landmarks = values.get("landmarks", ())
    return Endpoint(
        anchor=Anchor(str(values.get("anchor", Anchor.RANDOMISATION))),
        orr_response=ResponseOf(str(values.get("orr_response", ResponseOf.OVERALL))),
        pfs_scope=Scope(str(values.get("pfs_scope", Scope.OVERALL))),
        landmarks=tuple(int(day) for day in landmarks) if isinstance(landmarks, tuple) else (),
        landmark_tol_days=int(str(values.get("landmark_tol_days", 7))),
        population=Population(str(values.get("population", Population.ITT))),
    )
