"""What the bone response of MD Anderson is given: Hamaoka T et al. J Clin Oncol 2004;22:2942; and its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.recist.values import NewLesions
from spinereview.criteria.responses import in_order
from spinereview.domain.checks import require, require_text
from spinereview.domain.exact import reported_entered
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.schedule import Schedule
from spinereview.domain.settings import Choice, Section, Whole, must
from spinereview.domain.table import Table

CRITERION = "bone_response"
RULE = "MD Anderson criteria (Hamaoka 2004, J Clin Oncol 22:2942; Costelloe 2010, J Cancer 1:80)"
NUMBER_RULE = f"{RULE}; the numbers are to be confirmed by a clinician"
OWN_RULE = "The MD Anderson criteria are silent; reading of the program, docs/criteria.md"


class BoneResponse(StrEnum):
    """Outcome of a lesion and of a visit."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"


class BoneModality(StrEnum):
    """What the lesion was read on."""

    XR = "XR"
    CT = "CT"
    MR = "MR"
    SCINTIGRAPHY = "SCINTIGRAPHY"


class BoneFinding(StrEnum):
    """What a reader says of a lesion against the baseline, in the words of the table."""

    FILL_IN_COMPLETE = "FILL_IN_COMPLETE"
    BLASTIC_NORMALISED = "BLASTIC_NORMALISED"
    SIGNAL_NORMALISED = "SIGNAL_NORMALISED"
    HOT_SPOT_GONE = "HOT_SPOT_GONE"
    SCLEROTIC_RIM = "SCLEROTIC_RIM"
    FILL_IN_PARTIAL = "FILL_IN_PARTIAL"
    NEW_SCLEROSIS = "NEW_SCLEROSIS"
    """Sclerosis of a lesion that was not detected before: a flare; a partial response beside other signs of one."""
    BLASTIC_DECREASED = "BLASTIC_DECREASED"
    ACTIVITY_REGRESSED = "ACTIVITY_REGRESSED"
    ACTIVITY_FELL_RAPIDLY = "ACTIVITY_FELL_RAPIDLY"
    """A rapid fall of activity is an artefact and no response."""
    NO_CHANGE = "NO_CHANGE"
    LYTIC_INCREASED = "LYTIC_INCREASED"
    BLASTIC_INCREASED = "BLASTIC_INCREASED"
    ILL_DEFINED_INCREASED = "ILL_DEFINED_INCREASED"
    NEW_ACTIVITY = "NEW_ACTIVITY"
    NOT_EVALUABLE = "NOT_EVALUABLE"


_RADIOGRAPHIC = frozenset({BoneModality.XR, BoneModality.CT})
_MR, _BONE_SCAN = frozenset({BoneModality.MR}), frozenset({BoneModality.SCINTIGRAPHY})
FINDINGS: dict[BoneFinding, tuple[BoneResponse, frozenset[BoneModality]]] = {
    BoneFinding.FILL_IN_COMPLETE: (BoneResponse.CR, _RADIOGRAPHIC),
    BoneFinding.BLASTIC_NORMALISED: (BoneResponse.CR, _RADIOGRAPHIC),
    BoneFinding.SIGNAL_NORMALISED: (BoneResponse.CR, _MR),
    BoneFinding.HOT_SPOT_GONE: (BoneResponse.CR, _BONE_SCAN),
    BoneFinding.SCLEROTIC_RIM: (BoneResponse.PR, _RADIOGRAPHIC),
    BoneFinding.FILL_IN_PARTIAL: (BoneResponse.PR, _RADIOGRAPHIC),
    BoneFinding.NEW_SCLEROSIS: (BoneResponse.PR, _RADIOGRAPHIC),
    BoneFinding.BLASTIC_DECREASED: (BoneResponse.PR, _RADIOGRAPHIC),
    BoneFinding.ACTIVITY_REGRESSED: (BoneResponse.PR, _BONE_SCAN),
    BoneFinding.ACTIVITY_FELL_RAPIDLY: (BoneResponse.NE, _BONE_SCAN),
    BoneFinding.NO_CHANGE: (BoneResponse.SD, frozenset(BoneModality)),
    BoneFinding.LYTIC_INCREASED: (BoneResponse.PD, _RADIOGRAPHIC),
    BoneFinding.BLASTIC_INCREASED: (BoneResponse.PD, _RADIOGRAPHIC),
    BoneFinding.ILL_DEFINED_INCREASED: (BoneResponse.PD, _RADIOGRAPHIC | _MR),
    BoneFinding.NEW_ACTIVITY: (BoneResponse.PD, _BONE_SCAN),
    BoneFinding.NOT_EVALUABLE: (BoneResponse.NE, frozenset(BoneModality)),
}
"""Response of each finding, and the images that can show it."""

MAYBE_FLARE = frozenset({BoneFinding.NEW_SCLEROSIS, BoneFinding.BLASTIC_INCREASED, BoneFinding.NEW_ACTIVITY})
"""Findings that can be bone that heals, soon after the start of a therapy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.bone_response]``: product or sum of two diameters; how long new sclerosis may be a flare."""

    mda_measure: str = field(default="product", metadata=must(Choice(("product", "sum"))))
    flare_days: int = field(default=84, metadata=must(Whole(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoneLesion:
    """One bone lesion at one visit.

    Parameters
    ----------
    diameters_mm
        Two greatest diameters perpendicular to each other, where the lesion can be measured; both 0: nothing is seen.
    finding
        Against the baseline; None: not said. The baseline has none.
    """

    lesion: Id
    modality: BoneModality
    diameters_mm: tuple[Decimal, Decimal] | None = None
    finding: BoneFinding | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("lesion", self.lesion)
        if self.finding is not None:
            allowed = self.modality in FINDINGS[self.finding][1]
            require(holds=allowed, code="MDA_MODALITY", name=self.lesion, value=self.finding, modality=self.modality)
        if self.diameters_mm is None:
            return
        require(holds=self.modality is not BoneModality.SCINTIGRAPHY, code="MDA_NOT_MEASURED", name=self.lesion)
        require(holds=self.finding is not BoneFinding.NOT_EVALUABLE, code="MDA_NE_WITH_SIZE", name=self.lesion)
        for value in self.diameters_mm:
            require(holds=value.is_finite() and value >= 0, code="MDA_LENGTH", name=self.lesion, value=value)
        first, second = (reported_entered(value) for value in self.diameters_mm)
        require(holds=(first == 0) == (second == 0), code="MDA_ONE_DIAMETER", name=self.lesion)

    def size(self, settings: Settings) -> Decimal | None:
        """Product or sum of the reported diameters, in square millimetres or millimetres."""
        if self.diameters_mm is None:
            return None
        first, second = (reported_entered(value) for value in self.diameters_mm)
        return first * second if settings.mda_measure == "product" else first + second


@dataclass(frozen=True, slots=True, kw_only=True)
class BoneVisit:
    """Bone lesions at one timepoint.

    Parameters
    ----------
    new_lesion
        None: not said.
    new_sclerotic
        The new lesion is sclerotic, or seen on a bone scan alone, and so may be a flare.
    """

    timepoint: Id
    label: str = ""
    lesions: Table[BoneLesion] = field(default_factory=Table)
    new_lesion: NewLesions | None = None
    new_sclerotic: bool = False

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, lesion in self.lesions.items():
            require(holds=key == lesion.lesion, code="KEY_NOT_ID", name=key)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; the first is the baseline and has the lesions that are followed.

    Days of a flare count from the first treatment.
    """

    visits: tuple[BoneVisit, ...] = ()
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        if self.schedule is not None:
            in_order(names, [visit.name for visit in self.visits], self.schedule)
        for visit in self.visits[:1]:
            judged = [lesion.lesion for lesion in visit.lesions.values() if lesion.finding is not None]
            clean = not judged and visit.new_lesion is None
            require(holds=clean, code="MDA_BASELINE_JUDGED", timepoint=visit.name)
        for visit in self.visits[1:]:
            for lesion in visit.lesions:
                known = lesion in self.visits[0].lesions
                require(holds=known, code="MDA_NOT_AT_BASELINE", name=lesion, timepoint=visit.name)
