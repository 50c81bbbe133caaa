"""What the anatomical and prognostic forms are given, their printed tables, and their settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.settings import Choice, Section, must
from spinereview.domain.table import Table

CRITERION = "staging"
WBB_RULE = "WBB (Boriani 1997, Spine 22:1036)"
TOMITA_RULE = "Tomita 1997, surgical classification; to be confirmed by a clinician"
TOMITA_SCORE_RULE = "Tomita 2001, Spine 26:298, prognostic score; to be confirmed by a clinician"
TOKUHASHI_RULE = "Tokuhashi 2005, Spine 30:2186, revised score; to be confirmed by a clinician"
OWN_RULE = "The papers are silent; reading of the program, docs/criteria.md"
ZONES = 12
_CERVICAL = frozenset({Level.C1, Level.C2, Level.C3, Level.C4, Level.C5, Level.C6, Level.C7})


class Layer(StrEnum):
    """Layers of WBB from outside to inside: soft tissue, superficial bone, deep bone, extradural, intradural.

    F is the canal of the vertebral artery, at cervical levels.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class TomitaSite(StrEnum):
    """Sites of Tomita's classification, 1 to 5."""

    BODY = "BODY"
    PEDICLE = "PEDICLE"
    LAMINA = "LAMINA"
    EPIDURAL = "EPIDURAL"
    PARAVERTEBRAL = "PARAVERTEBRAL"


class Growth(StrEnum):
    """How fast the primary tumour grows (Tomita 2001)."""

    SLOW = "SLOW"
    MODERATE = "MODERATE"
    RAPID = "RAPID"


class Visceral(StrEnum):
    """Metastases to vital organs (Tomita 2001)."""

    NONE = "NONE"
    TREATABLE = "TREATABLE"
    UNTREATABLE = "UNTREATABLE"


class Bone(StrEnum):
    """Bone metastases, those of the spine among them (Tomita 2001)."""

    SOLITARY = "SOLITARY"
    MULTIPLE = "MULTIPLE"


class Removable(StrEnum):
    """Metastases to the major internal organs (Tokuhashi 2005)."""

    UNREMOVABLE = "UNREMOVABLE"
    REMOVABLE = "REMOVABLE"
    NONE = "NONE"


class Frankel(StrEnum):
    """Palsy, Frankel's grade."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.staging]``.

    ``wbb_direction``: zones from the spinous process clockwise as in the paper, or counter-clockwise from the left half of
    the spinous process (Spine Oncology Study Group).
    """

    wbb_direction: str = field(default="original", metadata=must(Choice(("original", "sosg"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class WbbLevel:
    """Zones and layers that the tumour occupies at one level; None: not said. Zones count in the protocol's direction."""

    level: Level
    zones: frozenset[int] | None = None
    layers: frozenset[Layer] | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        for zone in sorted(self.zones or ()):
            require(holds=1 <= zone <= ZONES, code="WBB_ZONE", level=self.level, value=zone)
        for given in (self.zones, self.layers):
            require(holds=given is None or bool(given), code="WBB_EMPTY", level=self.level)
        possible = Layer.F not in (self.layers or ()) or self.level in _CERVICAL
        require(holds=possible, code="WBB_ARTERY", level=self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tomita:
    """Sites that the tumour occupies in its vertebra, and beyond it; None: not said.

    Parameters
    ----------
    adjacent
        It reaches into a neighbouring vertebra.
    multiple
        There are several, or skip lesions.
    """

    sites: frozenset[TomitaSite] | None = None
    adjacent: bool | None = None
    multiple: bool | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require(holds=self.sites is None or bool(self.sites), code="TOMITA_NO_SITE")


@dataclass(frozen=True, slots=True, kw_only=True)
class TomitaScore:
    """Items of Tomita's prognostic score; None: not known."""

    growth: Growth | None = None
    visceral: Visceral | None = None
    bone: Bone | None = None
    ref: Ref = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokuhashi:
    """Items of Tokuhashi's revised score; None: not known.

    Parameters
    ----------
    kps
        Karnofsky performance status, 10 to 100 per cent.
    extraspinal_bone, vertebrae
        Counts of metastases; of vertebrae at least one.
    primary_points
        Points of the primary site, 0 to 5, as the table of the paper has them.
    """

    kps: int | None = None
    extraspinal_bone: int | None = None
    vertebrae: int | None = None
    viscera: Removable | None = None
    primary_points: int | None = None
    palsy: Frankel | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require(holds=self.kps is None or 10 <= self.kps <= 100, code="TOKUHASHI_KPS", value=self.kps)
        bone = self.extraspinal_bone
        require(holds=bone is None or bone >= 0, code="TOKUHASHI_BONE", value=bone)
        require(holds=self.vertebrae is None or self.vertebrae >= 1, code="TOKUHASHI_VERTEBRAE", value=self.vertebrae)
        points = self.primary_points
        require(holds=points is None or 0 <= points <= 5, code="TOKUHASHI_PRIMARY", value=points)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingVisit:
    """Forms of one timepoint; one that is None was not asked."""

    timepoint: Id
    wbb: Table[WbbLevel] = field(default_factory=Table)
    tomita: Tomita | None = None
    tomita_score: TomitaScore | None = None
    tokuhashi: Tokuhashi | None = None

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, level in self.wbb.items():
            require(holds=key == level.level, code="KEY_NOT_ID", name=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order."""

    visits: tuple[StagingVisit, ...] = ()

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
