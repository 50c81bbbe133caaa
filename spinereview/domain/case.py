"""The case: what a coordinator, or a scan of a folder, says of a subject's images; never made by a reader."""

from __future__ import annotations

from dataclasses import dataclass, field

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Timepoint:
    """Images of one visit, as far as they were released.

    Parameters
    ----------
    ordinal
        Order of the timepoints; the lowest is the baseline unless ``baseline_for`` says otherwise.
    visit
        Name of the protocol's scheduled visit; empty: somebody said that it is none of them; None: nobody has said.
    baseline_for
        ``RECIST``, ``LOCAL_CONTROL``, ``FRACTURE``, ``PRE_PROCEDURE``: two baselines are two flags.
    manifest_sha256
        Of the package; empty where images are opened as they are.
    """

    id: Id
    label: str
    ordinal: int
    visit: str | None = None
    baseline_for: frozenset[str] = frozenset()
    stacks: Table[Stack] = field(default_factory=Table)
    manifest_sha256: str = ""
    revision: int = 0
    clinical: Table[Answer] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint id", self.id)
        require_text("timepoint label", self.label)
        for key, stack in self.stacks.items():
            require(holds=key == stack.id, code="KEY_NOT_ID", name=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedSite:
    """Site of local treatment; never limited in number and no part of the sum of diameters by itself."""

    id: Id
    site: Site
    intent: str = ""
    resected: frozenset[Level] = frozenset()
    instrumented: frozenset[Level] = frozenset()
    adjacent: frozenset[Level] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject under a code, with the timepoints that are there."""

    id: Id
    subject_code: str
    protocol_sha256: str
    timepoints: Table[Timepoint] = field(default_factory=Table)
    treated_sites: Table[TreatedSite] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("case id", self.id)
        require_text("subject code", self.subject_code)
        ordinals = [timepoint.ordinal for timepoint in self.timepoints.values()]
        require(holds=len(set(ordinals)) == len(ordinals), code="ORDINALS_REPEATED", name=self.id)

    @property
    def in_order(self) -> tuple[Timepoint, ...]:
        """Timepoints from the first to the last."""
        return tuple(sorted(self.timepoints.values(), key=lambda timepoint: timepoint.ordinal))

    def find_stack(self, stack: Id) -> tuple[Timepoint, Stack] | None:
        """Timepoint and stack of an id; None where no timepoint has it."""
        for timepoint in self.timepoints.values():
            if stack in timepoint.stacks:
                return timepoint, timepoint.stacks[stack]
        return None

    def knows(self, image: ImageRef) -> bool:
        """Whether an image belongs to the case."""
        found = self.find_stack(image.stack)
        return found is not None and (image.sop_uid, image.frame) in found[1].images


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Days of a subject; the coordinator's, or everybody's where a protocol shows days.

    ``anchors`` maps SURGERY, RT_END, RANDOMISATION ... to a day; ``scan_days`` a stack to its first and last scan day.
    """

    anchors: Table[int] = field(default_factory=Table)
    scan_days: Table[tuple[int, int]] = field(default_factory=Table)
    cut_off_day: int | None = None
