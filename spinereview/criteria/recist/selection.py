"""Hard limits of the choice of target lesions: RECIST 1.1 (Eisenhauer 2009), 4.2 and 3.1.

Paired organs are one organ, all lymph nodes are one organ (EORTC's answers to questions on RECIST 1.1); the whole skeleton
is one organ unless the protocol says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinereview.criteria.recist.measurability import BONE
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table

SELECTION_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.2"
MEASURABLE_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1"

NODES = "LYMPH NODE"
SPINE = "SPINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lesion chosen as target; ``not_measurable`` is the code of :func:`measurable`, empty where it is measurable."""

    lesion: Id
    label: str = ""
    nodal: bool = False
    site: Site
    not_measurable: str = ""

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.lesion

    @property
    def ref(self) -> Ref:
        """Path of the lesion in the read."""
        return ("lesions", self.lesion)


def organ_of(site: Site, settings: Settings, *, nodal: bool) -> str:
    """Organ that a lesion counts for.

    >>> organ_of(Site(organ="BONE", location="VERTEBRA L2"), Settings(), nodal=False)
    'BONE'
    """
    if nodal:
        return NODES
    organ = site.organ.strip().upper()
    if organ != BONE or settings.bone_organ == "skeleton":
        return organ
    if settings.bone_organ == "spine_vs_other":
        return f"{BONE} {SPINE}" if site.levels else f"{BONE} OTHER"
    return f"{BONE} {'-'.join(site.levels) or site.location}"


def violations(targets: Sequence[Candidate], settings: Settings) -> tuple[Reason, ...]:
    """What the choice breaks: too many targets, too many of one organ, a target that is not measurable, none at all."""
    found: list[Reason] = []
    if len(targets) > settings.max_targets:
        found.append(_reason("TOO_MANY_TARGETS", targets, limit=settings.max_targets))
    organs: dict[str, list[Candidate]] = {}
    for target in targets:
        organs.setdefault(organ_of(target.site, settings, nodal=target.nodal), []).append(target)
    for organ, members in sorted(organs.items()):
        if len(members) > settings.max_per_organ:
            found.append(_reason("TOO_MANY_TARGETS_OF_ORGAN", members, limit=settings.max_per_organ, organ=organ))
    for target in targets:
        if target.not_measurable:
            why = Reason(code=target.not_measurable, args=Table({"lesion": target.name}), rule=MEASURABLE_RULE)
            found.append(
                Reason(
                    code="TARGET_NOT_MEASURABLE",
                    args=Table({"lesion": target.name}),
                    rule=MEASURABLE_RULE,
                    refs=(target.ref,),
                    because=(why,),
                )
            )
    if not targets and not settings.allow_no_target:
        found.append(_reason("NO_TARGET_ALLOWED", targets))
    return tuple(found)


def _reason(code: str, targets: Sequence[Candidate], **arguments: object) -> Reason:
    args = {"lesions": ", ".join(target.name for target in targets), "count": str(len(targets))}
    return Reason(
        code=code,
        args=Table({**args, **{key: str(value) for key, value in arguments.items()}}),
        rule=SELECTION_RULE,
        refs=tuple(target.ref for target in targets),
    )
