"""What the grade of epidural compression is given: Bilsky MH et al. J Neurosurg Spine 2010;13:324-8; and its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.criteria.fracture.values import levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.settings import Choice, Section, must
from spinereview.domain.table import Table

CRITERION = "escc"
RULE = "ESCC (Bilsky 2010, J Neurosurg Spine 13:324), Table 1"
OWN_RULE = "ESCC is silent; reading of the program, docs/criteria.md"


class Grade(StrEnum):
    """Grades in their order; the place in it is the code, 0 to 5."""

    G0 = "0"
    G1A = "1a"
    G1B = "1b"
    G1C = "1c"
    G2 = "2"
    G3 = "3"


GRADES = tuple(Grade)
FACTS = ("epidural", "sac_deformed", "cord_contact", "cord_compressed")
"""Each holds from its grade on: 1a, 1b, 1c, 2; beyond that visible cerebrospinal fluid tells 2 from 3."""


class Images(StrEnum):
    """What was graded on; the grade is defined on axial T2 (Bilsky 2010), a CT myelogram is taken as well (our reading)."""

    T2_AXIAL = "T2_AXIAL"
    CT_MYELOGRAM = "CT_MYELOGRAM"
    OTHER = "OTHER"


_GRADE_WORDS = tuple(grade.value for grade in GRADES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.escc]``.

    From which grade on a level belongs to a site of compression, and whether levels below the conus are graded.
    """

    escc_site_threshold: str = field(default="2", metadata=must(Choice(_GRADE_WORDS[1:])))
    escc_below_conus: str = field(default="adapt", metadata=must(Choice(("adapt", "not_applicable"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEscc:
    """What was seen in the canal at one level; None: not said.

    Parameters
    ----------
    images
        What was graded on; on other images than axial T2 or a CT myelogram the level is not evaluable.
    grade
        The reader's own grade; it goes before the one that follows from what was seen.
    csf_visible
        Cerebrospinal fluid around the compressed cord; without compression it cannot be gone.
    below_conus
        The cauda equina stands for the cord.
    """

    level: Level
    images: Images
    epidural: bool | None = None
    sac_deformed: bool | None = None
    cord_contact: bool | None = None
    cord_compressed: bool | None = None
    csf_visible: bool | None = None
    grade: Grade | None = None
    below_conus: bool = False
    ref: Ref = ()

    def __post_init__(self) -> None:
        for at, fact in enumerate(FACTS):
            beyond = any(getattr(self, later) is True for later in FACTS[at + 1 :])
            apart = getattr(self, fact) is False and beyond
            require(holds=not apart, code=f"ESCC_WITHOUT_{fact.upper()}", level=self.level)
        gone = self.csf_visible is False and False in {getattr(self, fact) for fact in FACTS}
        require(holds=not gone, code="ESCC_WITHOUT_CORD_COMPRESSED", level=self.level)

    @property
    def seen(self) -> tuple[Grade, ...]:
        """Grades that what was seen leaves possible, in their order; all of them where nothing was said."""
        return tuple(grade for grade in GRADES if self._fits(grade))

    def _fits(self, grade: Grade) -> bool:
        code = min(GRADES.index(grade), len(FACTS))
        if any(getattr(self, fact) not in {None, at < code} for at, fact in enumerate(FACTS)):
            return False
        if grade is Grade.G3:
            return self.csf_visible is not True
        return self.csf_visible is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class EsccVisit:
    """Levels of one timepoint.

    Parameters
    ----------
    covered
        Levels that the images show. From the first to the last level of these and of the listed ones, a level that is not
        listed can have any grade.
    rest_unremarkable
        The reader says that every level that is not listed is unremarkable: grade 0.
    """

    timepoint: Id
    levels: Table[LevelEscc] = field(default_factory=Table)
    covered: tuple[Level, ...] = ()
    rest_unremarkable: bool = False

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, level in self.levels.items():
            require(holds=key == level.level, code="KEY_NOT_ID", name=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; ``numbering`` is the subject's: empty, ``"T13"``, ``"L6"``."""

    visits: tuple[EsccVisit, ...] = ()
    numbering: str = ""

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        require(holds=self.numbering in {"", "T13", "L6"}, code="NUMBERING_UNKNOWN", value=self.numbering)
        order = self.order
        for visit in self.visits:
            for level in (*visit.levels, *visit.covered):
                require(holds=level in order, code="ESCC_LEVEL_NOT_IN_SPINE", level=level)

    @property
    def order(self) -> tuple[Level, ...]:
        """Levels of the subject from C1 down."""
        return levels_in_order(self.numbering)
