"""What the choice of a lesion breaks, in words with the source: what blocks the lock, and what asks for a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spinereview.criteria.evidence.recist import lesion_value
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.selection import MEASURABLE_RULE, SELECTION_RULE
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion
from spinereview.domain.read import Read
from spinereview.review.labels import label
from spinereview.review.nearness import Locate, near_lesions
from spinereview.review.obligations import Obligation, Owed
from spinereview.text import sentence

Owing = Callable[[Id], tuple[Owed, ...]]
"""What is missing at a timepoint, by its id."""
TECHNIQUE = frozenset(
    {
        *("MODALITY_CHANGE", "MODALITY_NOT_JUDGED", "PLANE_CHANGE", "PLANE_CHANGE_SAID", "NO_CONTRAST"),
        "SEQUENCE_CHANGE",
    }
)
"""Codes that say that the technique is another one than at baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One rule that a lesion breaks.

    Parameters
    ----------
    hard
        It keeps the timepoint from being locked.
    asks
        A soft rule from which the reader may depart with a reason.
    """

    words: str
    rule: str = ""
    hard: bool = False
    asks: bool = False

    @property
    def with_source(self) -> str:
        """Words and where the rule stands."""
        return f"{self.words} ({self.rule})" if self.rule and self.rule not in self.words else self.words


def problems_of(
    read: Read, case: Case, owing: Owing, current: Id | None, locate: Locate | None = None
) -> Mapping[str, tuple[Problem, ...]]:
    """What each lesion breaks: by the choice of targets, and at the current timepoint by its place.

    Parameters
    ----------
    owing
        What is missing at a timepoint, by the settings of RECIST 1.1.
    """
    found: dict[str, list[Problem]] = {lesion: [] for lesion in read.lesions}
    for timepoint in case.in_order:
        for owed in owing(timepoint.id):
            if owed.why and owed.lesion in found:
                hard = owed.code is Obligation.MEASURABLE
                rule = MEASURABLE_RULE if hard else SELECTION_RULE
                words = sentence(owed.why, owed.args)
                found[owed.lesion].append(Problem(words=words, rule=rule, hard=hard, asks=not hard))
    if current is not None and current in case.timepoints:
        for lesion in read.lesions.values():
            found[lesion.id].extend(near_problems(read, case, current, lesion, locate))
    return {lesion: tuple(problems) for lesion, problems in found.items()}


def near_problems(
    read: Read, case: Case, timepoint: Id, lesion: Lesion, locate: Locate | None = None
) -> tuple[Problem, ...]:
    """Other lesions whose marks lie within 5 mm: perhaps the same lesion twice."""
    finding = lesion.findings.get(timepoint)
    if finding is None or not finding.parts:
        return ()
    visit = case.timepoints[timepoint]
    near = near_lesions(read, visit, lesion.id, tuple(finding.parts.values()), locate)
    words = {"lesion": label(lesion), "timepoint": visit.label}
    return tuple(
        Problem(
            words=sentence(
                "NEAR_OTHER_LESION", {**words, "other": label(read.lesions[one.lesion]), "mm": mm_text(one.mm)}
            )
        )
        for one in near
    )


def technique_words(read: Read, case: Case, lesion: Lesion, timepoint: Id, settings: Settings) -> tuple[str, ...]:
    """How the images of a timepoint differ from those that a lesion was first measured on, in sentences."""
    found = lesion_value(read, case, lesion, timepoint, settings)
    return tuple(sentence(one.code, one.args) for one in found.warnings if one.code in TECHNIQUE)
