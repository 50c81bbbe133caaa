"""Acts on a timepoint as a whole: its comment, its lock, its amendment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.read import Lock, Read, Visit
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.labels import label
from spinereview.review.obligations import obligations
from spinereview.review.timepoints import earlier


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
    missing = [owed for owed in obligations(read, context.case, timepoint.id, settings) if owed.hard]
    unsaid = [owed for owed in missing if not owed.why]
    named = ", ".join(dict.fromkeys(label(read.lesions[owed.lesion]) for owed in unsaid or missing))
    if unsaid:
        raise Refused("LOCK_OWES", timepoint=timepoint.label, count=len(unsaid), lesions=named)
    if missing:
        raise Refused("LOCK_NOT_MEASURABLE", timepoint=timepoint.label, lesions=named)
