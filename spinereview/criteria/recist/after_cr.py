"""What a visit after a complete response means: RECIST 1.1 (Eisenhauer 2009), Table 3, footnote.

A true complete response that is followed by disease is progression; if what was called complete was not, it was a partial
response. Who can tell is the reader: until he does, the visit reads as progression and asks. A node alone is no return of
disease before it is abnormal again (EORTC's answers to questions: abnormal lymph node).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import (
    AfterCr,
    Decisions,
    EquivocalCr,
    NewLesions,
    NonTargetResponse,
    OverallResponse,
    TargetResponse,
)

CR, PR, PD, NE = OverallResponse.CR, OverallResponse.PR, OverallResponse.PD, OverallResponse.NE


class Flag(StrEnum):
    """What was resolved at a visit; each is a code of the catalogue."""

    CR_NOT_CONFIRMABLE = "CR_NOT_CONFIRMABLE"
    EQUIVOCAL_NODE = "EQUIVOCAL_NODE"
    REAPPEARED = "REAPPEARED"
    REAPPEARED_UNDECIDED = "REAPPEARED_UNDECIDED"
    AMENDED_BY_READER = "AMENDED_BY_READER"
    CR_AMENDED = "CR_AMENDED"
    PD_DATED_BACK = "PD_DATED_BACK"
    AMENDS_SEVERAL_CR = "AMENDS_SEVERAL_CR"
    EQUIVOCAL_CR_UNDECIDED = "EQUIVOCAL_CR_UNDECIDED"
    EQUIVOCAL_NOT_CR = "EQUIVOCAL_NOT_CR"
    RESIDUAL_CR = "RESIDUAL_CR"


@dataclass(slots=True, kw_only=True)
class Resolving:
    """One visit while it is being resolved.

    Parameters
    ----------
    arithmetic
        Response of the visit by itself; None while it is incomplete.
    findings
        Lesions that keep the visit from CR, each with whether it is a node of its own: target lesions that do not support
        CR, non-target lesions that are seen.
    worse
        Non-target lesions that progressed unequivocally.
    resolved
        Response with what is known of the visits around it.
    amends
        Earlier complete responses that a correction at this visit changes, or would change, by their index.
    """

    arithmetic: OverallResponse | None
    target: TargetResponse
    non_target: NonTargetResponse
    new: NewLesions
    equivocal: bool = False
    decisions: Decisions = field(default_factory=Decisions)
    findings: Mapping[str, bool] = field(default_factory=dict)
    targets_found: frozenset[str] = frozenset()
    worse: frozenset[str] = frozenset()
    resolved: OverallResponse | None = None
    flags: set[Flag] = field(default_factory=set)
    amends: tuple[int, ...] = ()


def resolve(visits: Sequence[Resolving], settings: Settings) -> None:
    """Set ``resolved`` and ``flags`` of every follow-up visit in place; what follows the first PD keeps its own response.

    A visit that is incomplete is passed over: it neither ends nor confirms a complete response.
    """
    for visit in visits:
        visit.resolved = visit.arithmetic
        _decide_cr(visit, settings)
    complete = False
    for at, visit in enumerate(visits):
        if visit.resolved is None:
            continue
        if complete:
            _resolve_after_cr(visits, at, settings)
        if visit.resolved is PD:
            _date_back(visits, at)
            return
        if visit.resolved is not NE:
            complete = visit.resolved is CR


def _decide_cr(visit: Resolving, settings: Settings) -> None:
    """What the reader says of a complete response of this very visit."""
    if visit.resolved is CR and visit.equivocal:
        if visit.decisions.equivocal_cr is None:
            visit.flags.add(Flag.EQUIVOCAL_CR_UNDECIDED)
        elif visit.decisions.equivocal_cr is EquivocalCr.NOT_CR:
            visit.resolved = _not_cr(visit)
            visit.flags.add(Flag.EQUIVOCAL_NOT_CR)
    # A residual mass shown to be no tumour: only where the protocol said so in advance (4.3.1; 2009, 3.3 on FDG-PET).
    if visit.decisions.residual_cr and may_be_residual(visit.resolved, settings):
        visit.resolved = CR
        visit.flags.add(Flag.RESIDUAL_CR)


def may_be_residual(response: str | None, settings: Settings) -> bool:
    """Whether the reader may call a response complete because what is left is no tumour: if the protocol said so before."""
    return settings.residual_cr and response in {PR, OverallResponse.NON_CR_NON_PD}


def _not_cr(visit: Resolving) -> OverallResponse:
    return OverallResponse.NON_CR_NON_PD if visit.target is TargetResponse.NA else PR


def _resolve_after_cr(visits: Sequence[Resolving], at: int, settings: Settings) -> None:
    visit = visits[at]
    found_nothing = (
        visit.target in {TargetResponse.CR, TargetResponse.NA}
        and visit.non_target is NonTargetResponse.NE
        and visit.new in {NewLesions.NO, NewLesions.NE}
    )
    if found_nothing and visit.resolved is not PD:
        visit.resolved = NE
        visit.flags.add(Flag.CR_NOT_CONFIRMABLE)
    if visit.resolved in {CR, NE, PD}:
        return
    complete = tuple(
        index
        for index, other in enumerate(visits[:at])
        if other.resolved is CR and Flag.EQUIVOCAL_NODE not in other.flags
    )
    decided = visit.decisions.after_cr
    if decided is AfterCr.AMEND_CR_TO_PR and len(complete) > 1 and not visit.decisions.after_cr_reason.strip():
        # Every complete response is amended, or none: the reader is asked for his reason.
        visit.flags.add(Flag.AMENDS_SEVERAL_CR)
        visit.amends = complete
        decided = None
    if decided is AfterCr.AMEND_CR_TO_PR:
        visit.flags.add(Flag.AMENDED_BY_READER)
        visit.amends = complete
        _amend(visits[:at])
    elif decided is None and node_guard(visit, settings):
        visit.resolved = CR
        visit.flags.add(Flag.EQUIVOCAL_NODE)
    elif decided is None and settings.post_cr_policy == "amend" and len(complete) == 1:
        visit.amends = complete
        _amend(visits[:at])
    else:
        visit.resolved = PD
        # One decision is asked for once: that of several responses names them.
        asked = Flag.AMENDS_SEVERAL_CR in visit.flags
        undecided = decided is None and settings.post_cr_policy == "query" and not asked
        visit.flags.add(Flag.REAPPEARED_UNDECIDED if undecided else Flag.REAPPEARED)


def node_guard(visit: Resolving, settings: Settings) -> bool:
    """Whether nodes, short of progression, are all that is seen: then the complete response is kept and looked at again."""
    return (
        settings.post_cr_node_guard
        and not visit.equivocal
        and visit.new is not NewLesions.YES
        and bool(visit.findings)
        and all(visit.findings.values())
    )


def _amend(earlier: Sequence[Resolving]) -> None:
    """The earlier complete responses were none."""
    for visit in earlier:
        if Flag.EQUIVOCAL_NODE in visit.flags:
            visit.flags.discard(Flag.EQUIVOCAL_NODE)
            visit.resolved = visit.arithmetic
        elif visit.resolved is CR:
            visit.resolved = _not_cr(visit)
            visit.flags.add(Flag.CR_AMENDED)


def _date_back(visits: Sequence[Resolving], at: int) -> None:
    """Progression of a node that had been guarded began at the first scan that showed it."""
    visit = visits[at]
    if visit.flags & {Flag.REAPPEARED, Flag.REAPPEARED_UNDECIDED}:
        causes = frozenset(visit.findings)
    else:
        causes = visit.worse | (visit.targets_found if visit.target is TargetResponse.PD else frozenset())
    for earlier in reversed(visits[:at]):
        if earlier.resolved in {NE, None}:
            continue
        if Flag.EQUIVOCAL_NODE not in earlier.flags or not causes & frozenset(earlier.findings):
            return
        earlier.resolved = PD
        earlier.flags.add(Flag.PD_DATED_BACK)
