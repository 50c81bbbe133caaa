"""Choice of the target lesions: RECIST 1.1 (Eisenhauer 2009), 4.2 and 3.1; its hard limits, and what is asked about it.

Paired organs are one organ, all lymph nodes are one organ (EORTC's answers to questions on RECIST 1.1); the whole skeleton
is one organ unless the protocol says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.recist.measurability import BONE
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.table import Table

SELECTION_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.2"
MEASURABLE_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1"

NODES = "LYMPH NODE"
NORMAL_NODE = "NODE_OF_NORMAL_SIZE"
"""Code of :func:`measurable` for a node that should not be recorded at all."""
SPINE = "SPINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lesion that was chosen as target, or could have been.

    Parameters
    ----------
    not_measurable
        Code of :func:`measurable`; empty where the lesion is measurable.
    size_mm
        Reported diameter, of a node the short axis; None: not measured.
    group
        Several lesions recorded as one item: never a target.
    override_reason
        Why the reader chose otherwise; what has one is not asked about again.
    """

    lesion: Id
    label: str = ""
    nodal: bool = False
    site: Site
    not_measurable: str = ""
    size_mm: Decimal | None = None
    cystic: bool = False
    group: bool = False
    override_reason: str = ""

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


def doubts(targets: Sequence[Candidate], others: Sequence[Candidate], settings: Settings) -> tuple[Reason, ...]:
    """What the choice should be asked about: each is answered by another choice, or by the reader's reason.

    The paper wants all measurable lesions up to the limits, the largest ones, of all involved organs, and prefers lesions
    that are not cystic (4.2, 3.1.2). A lesion that is not measurable, or an item of several lesions, could not be chosen.
    Diameters are compared as they enter the sum (our reading).

    Parameters
    ----------
    others
        Lesions of the baseline that are no targets.
    """
    choice = _Choice(targets, settings)
    found: list[Reason] = []
    for other in others:
        if other.override_reason:
            continue
        if other.not_measurable == NORMAL_NODE:
            found.append(_doubt("NORMAL_NODE_RECORDED", other, (), rule=MEASURABLE_RULE))
        elif _eligible(other):
            found.extend(choice.left_out(other))
    for target in targets:
        if target.cystic and not target.override_reason:
            organ = organ_of(target.site, settings, nodal=target.nodal)
            solid = [
                other
                for other in others
                if _eligible(other)
                and not other.cystic
                and not other.override_reason
                and organ_of(other.site, settings, nodal=other.nodal) == organ
            ]
            if solid:
                found.append(_doubt("CYSTIC_CHOSEN", target, solid, rule=MEASURABLE_RULE))
    return tuple(found)


class _Choice:
    """Targets by the organ that they count for."""

    def __init__(self, targets: Sequence[Candidate], settings: Settings) -> None:
        self.targets, self.settings = targets, settings
        self.organs: dict[str, list[Candidate]] = {}
        for target in targets:
            self.organs.setdefault(self.organ(target), []).append(target)

    def organ(self, lesion: Candidate) -> str:
        return organ_of(lesion.site, self.settings, nodal=lesion.nodal)

    def left_out(self, other: Candidate) -> tuple[Reason, ...]:
        """Why a lesion that could have been chosen should have been; nothing where the limits leave no better choice."""
        organ = self.organ(other)
        same = self.organs.get(organ, [])
        full = len(self.targets) >= self.settings.max_targets
        spare = any(len(members) > 1 for members in self.organs.values())
        if not same and (not full or spare):
            return (_doubt("ORGAN_WITHOUT_TARGET", other, (), organ=organ),)
        if other.cystic:
            return ()
        if not full and len(same) < self.settings.max_per_organ:
            return (_doubt("ELIGIBLE_NOT_CHOSEN", other, (), organ=organ),)
        smaller = [target for target in self.targets if self._smaller(target, other)]
        return (_doubt("LARGER_NOT_CHOSEN", other, smaller, organ=organ),) if smaller else ()

    def _smaller(self, target: Candidate, other: Candidate) -> bool:
        """Whether a target is smaller and could have stood back; the only target of an organ could not."""
        if target.size_mm is None or other.size_mm is None or target.size_mm >= other.size_mm:
            return False
        own, organ = self.organ(target), self.organ(other)
        if own == organ:
            return True
        return len(self.organs[own]) > 1 and len(self.organs.get(organ, [])) < self.settings.max_per_organ


def _eligible(lesion: Candidate) -> bool:
    return not lesion.not_measurable and not lesion.group and lesion.size_mm is not None


def _doubt(
    code: str, about: Candidate, others: Sequence[Candidate], *, rule: str = SELECTION_RULE, **more: str
) -> Reason:
    args = {
        "lesion": about.name,
        "mm": "" if about.size_mm is None else mm_text(about.size_mm),
        "lesions": ", ".join(
            other.name if other.size_mm is None else f"{other.name} ({mm_text(other.size_mm)} mm)" for other in others
        ),
        **more,
    }
    return Reason(code=code, args=Table(args), rule=rule, refs=tuple(one.ref for one in (about, *others)))


def _reason(code: str, targets: Sequence[Candidate], **arguments: object) -> Reason:
    args = {"lesions": ", ".join(target.name for target in targets), "count": str(len(targets))}
    return Reason(
        code=code,
        args=Table({**args, **{key: str(value) for key, value in arguments.items()}}),
        rule=SELECTION_RULE,
        refs=tuple(target.ref for target in targets),
    )
