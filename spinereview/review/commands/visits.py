"""Acts on a timepoint as a whole: its comment, its lock, its amendment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.evidence.targets import candidates
from spinereview.criteria.recist.selection import violations
from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.read import Lock, Read, Visit
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.labels import label
from spinereview.review.obligations import Obligation, Owed, obligations
from spinereview.review.owed import OF_FORMS
from spinereview.review.timepoints import baseline, earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVisitComment:
    """Comment on a timepoint."""

    NAME: ClassVar[str] = "set_visit_comment"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    comment: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        visit = visit_of(document, timepoint)
        if visit.comment == self.comment.strip():
            return document
        return replace(
            document, visits=document.visits.with_(self.timepoint, replace(visit, comment=self.comment.strip()))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockVisit:
    """Close a timepoint: what was found is final, and its response may be shown. Cannot be undone."""

    NAME: ClassVar[str] = "lock_visit"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = True

    timepoint: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        if context.protocol.blinding.sequential:
            _earlier_are_locked(document, context.case, timepoint)
        _nothing_hard_is_owed(document, context, timepoint)
        locked = replace(visit_of(document, timepoint), lock=Lock.LOCKED)
        return replace(document, visits=document.visits.with_(self.timepoint, locked))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockVisit:
    """Open a locked timepoint for an amendment, with a reason. Cannot be undone; it is locked again."""

    NAME: ClassVar[str] = "unlock_visit"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = True

    timepoint: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.timepoint_of(context.case, self.timepoint)
        if document.lock_of(self.timepoint) is not Lock.LOCKED:
            raise Refused("VISIT_NOT_LOCKED", timepoint=timepoint.label)
        if context.protocol.design.unlock_needs.upper() != "REASON":
            raise Refused("UNLOCK_NEEDS_SECOND_PERSON", timepoint=timepoint.label)
        if not context.reason.strip():
            raise Refused("UNLOCK_NEEDS_REASON", timepoint=timepoint.label)
        opened = replace(visit_of(document, timepoint), lock=Lock.AMENDING)
        return replace(document, visits=document.visits.with_(self.timepoint, opened))


def visit_of(read: Read, timepoint: Timepoint) -> Visit:
    """What was said of a timepoint; a new visit, bound to the images as they are now, where nothing was."""
    return read.visits.get(timepoint.id) or Visit(manifest_sha256=timepoint.manifest_sha256)


def _earlier_are_locked(read: Read, case: Case, timepoint: Timepoint) -> None:
    for before in earlier(case, timepoint):
        if read.lock_of(before.id) is not Lock.LOCKED:
            raise Refused("EARLIER_VISIT_OPEN", timepoint=timepoint.label, earlier=before.label)


def _nothing_hard_is_owed(read: Read, context: Context, timepoint: Timepoint) -> None:
    settings = guards.recist_settings(context.protocol)
    case = case_as_read(context.case, read)
    owed = obligations(read, case, timepoint.id, settings, context.protocol)
    hard = [one for one in owed if one.hard]
    unsaid = [one for one in hard if one.lesion is not None and one.code is not Obligation.MEASURABLE]
    broken = [one for one in hard if one.code is Obligation.MEASURABLE]
    levels = [one for one in hard if one.level is not None]
    if unsaid:
        raise Refused("LOCK_OWES", timepoint=timepoint.label, count=len(unsaid), lesions=_labels(read, unsaid))
    if broken:
        raise Refused("LOCK_NOT_MEASURABLE", timepoint=timepoint.label, lesions=_labels(read, broken))
    forms = [one for one in hard if one.code in OF_FORMS]
    first = baseline(case)
    if first is not None and first.id == timepoint.id:
        for breach in violations(candidates(read, case, settings), settings):
            raise Refused(breach.code, **breach.args)
    if levels:
        named = ", ".join(dict.fromkeys(str(one.level) for one in levels))
        raise Refused("LOCK_OWES_LEVELS", timepoint=timepoint.label, count=len(levels), levels=named)
    if forms:
        named = ", ".join(dict.fromkeys(one.form for one in forms))
        raise Refused("LOCK_OWES_FORMS", timepoint=timepoint.label, count=len(forms), forms=named)


def _labels(read: Read, owed: Sequence[Owed]) -> str:
    lesions = dict.fromkeys(one.lesion for one in owed if one.lesion is not None)
    return ", ".join(label(read.lesions[lesion]) for lesion in lesions)
