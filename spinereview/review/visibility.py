"""What somebody may see of a read: the only way from the document to a widget, a history line, an export, a name.

A blinded reader sees millimetres while a visit is open; its sum, percentages and response appear when it is locked, else
the caliper is steered to -30 and +20 %. Everybody but the reader sees what was signed, nothing before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Protocol as Shape
from typing import TypeVar

from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Lock, Purpose, Read
from spinereview.domain.table import Table
from spinereview.review.clinical_shown import clinical_case
from spinereview.review.command import Role

_SEES_ARM_GUESS = frozenset({Role.COORDINATOR, Role.TRIAL_LEAD})
_KNOWS_DAYS = frozenset({Role.COORDINATOR, Role.INVESTIGATOR, Role.TRIAL_LEAD})
_TELLS_RESPONSE = frozenset({"response_shown", "derived", "assessed", "decide"})
"""Names of history entries that tell a response; they are shown when that response is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """The part of a read that a role may see, and what may be derived from it.

    ``read`` is the document itself where all of it may be seen: parts keep their identity for whoever watches them.
    """

    read: Read
    case: Case
    protocol: Protocol
    role: Role

    def shows_response(self, timepoint: str) -> bool:
        """Whether sum, response and warnings of a timepoint may be shown.

        A response rests on the timepoints before it too: while one of them is open or being amended it stays hidden.
        """
        if timepoint not in self.case.timepoints or not self._may_see(timepoint):
            return False
        if self._live or self.role is not Role.READER:
            return True
        ordinal = self.case.timepoints[timepoint].ordinal
        return all(
            self.read.lock_of(other.id) is Lock.LOCKED for other in self.case.in_order if other.ordinal <= ordinal
        )

    def shows_timepoint(self, timepoint: str) -> bool:
        """Whether the images of a timepoint may be hung, with what the read says of them."""
        return timepoint in self.case.timepoints and self._may_see(timepoint)

    def opens_next(self, timepoint: str) -> bool:
        """Whether the images of a timepoint may be got ready before they are hung.

        In a sequential reading that is after all timepoints before it have been locked.
        """
        if not self.shows_timepoint(timepoint):
            return False
        ordinal = self.case.timepoints[timepoint].ordinal
        before = (one.id for one in self.case.in_order if one.ordinal < ordinal)
        return not self.protocol.blinding.sequential or all(self.read.lock_of(one) is Lock.LOCKED for one in before)

    def shows_change(self, timepoint: str) -> bool:
        """Whether percentages, differences to other timepoints and checks of them may be shown."""
        return self.shows_response(timepoint)

    @property
    def keeps_response(self) -> bool:
        """Whether a response stays what it was when its timepoint was locked, whatever is said at a later one."""
        return not self._live

    @property
    def shows_days(self) -> bool:
        """Whether days and dates of the images may be shown."""
        return self.protocol.blinding.show_days or self.role in _KNOWS_DAYS

    def shows_prior_mark(self, lesion: Id, timepoint: str) -> bool:
        """Whether a lesion's marks of other timepoints may be drawn on the images of this one.

        Beside the new image they always are. On it only after the reader has measured by himself, else he would copy.
        """
        if self.protocol.blinding.show_prior_marks:
            return True
        found = self.read.lesions.get(lesion)
        finding = None if found is None else found.findings.get(timepoint)
        return finding is not None and bool(finding.parts)

    @property
    def _live(self) -> bool:
        return self.protocol.blinding.live_response or self.read.purpose is Purpose.LOCAL

    def _may_see(self, timepoint: str) -> bool:
        return _is_author(self.read, self.role) or timepoint in _signed(self.read, self.case)


def visible(read: Read, role: Role, protocol: Protocol, case: Case) -> Visible:
    """The part of a read that a role may see, with the case as that part calibrates its images and names its sites.

    A reader sees his read, an investigator his own LOCAL one. Everybody else sees what was signed: lesions, findings and
    visits through the signed timepoint; a coordinator sees the queries too, since he answers them. Of the case's
    clinical answers a reader has those that the protocol shows.
    """
    part = read if _is_author(read, role) else _signed_part(read, case, role)
    shown = clinical_case(case_as_read(case, part), role, protocol)
    return Visible(read=part, case=shown, protocol=protocol, role=role)


class Entry(Shape):
    """What a history shows of an event: the name of the act and its arguments."""

    @property
    def name(self) -> str:
        """Name of the act or note."""
        ...

    @property
    def args(self) -> Mapping[str, object]:
        """Arguments as the trail has them."""
        ...


E = TypeVar("E", bound=Entry)


def visible_history(shown: Visible, entries: Iterable[E]) -> tuple[E, ...]:
    """Entries of the history that tell no more than the read does.

    Millimetres may be told, a response only where it may be shown; to others than the author, acts on what was signed.
    """
    return tuple(entry for entry in entries if _tells_no_more(shown, entry))


def _tells_no_more(shown: Visible, entry: Entry) -> bool:
    timepoint = entry.args.get("timepoint")
    if entry.name in _TELLS_RESPONSE:
        return isinstance(timepoint, str) and shown.shows_response(timepoint)
    if _is_author(shown.read, shown.role):
        return True
    lesion = entry.args.get("lesion")
    known = lesion is None or lesion in shown.read.lesions
    return isinstance(timepoint, str) and timepoint in _signed(shown.read, shown.case) and known


def _is_author(read: Read, role: Role) -> bool:
    return role is Role.READER or (role is Role.INVESTIGATOR and read.purpose is Purpose.LOCAL)


def _signed(read: Read, case: Case) -> frozenset[str]:
    """Timepoints through the signed one."""
    last = None if read.signed_through is None else case.timepoints.get(read.signed_through)
    if last is None:
        return frozenset()
    return frozenset(timepoint.id for timepoint in case.in_order if timepoint.ordinal <= last.ordinal)


def _signed_part(read: Read, case: Case, role: Role) -> Read:
    signed = _signed(read, case)
    stacks = {str(stack) for timepoint in signed for stack in case.timepoints[timepoint].stacks}
    lesions = {
        key: replace(lesion, findings=_among(lesion.findings, signed))
        for key, lesion in read.lesions.items()
        if lesion.first_seen in signed
    }
    images = {key: image for key, image in read.key_images.items() if image.stack in stacks}
    return replace(
        read,
        visits=_among(read.visits, signed),
        lesions=Table(lesions),
        level_labels=_among(read.level_labels, stacks),
        link_offsets=Table(),
        key_images=Table(images),
        calibrations=_among(read.calibrations, stacks),
        alignments=_among(read.alignments, stacks),
        treated_sites=read.treated_sites if signed else Table(),
        queries=read.queries if role is Role.COORDINATOR else Table(),
        numbering=read.numbering if signed else "",
        arm_guess=read.arm_guess if signed and role in _SEES_ARM_GUESS else None,
    )


V = TypeVar("V")


def _among(entries: Table[V], keys: AbstractSet[str]) -> Table[V]:
    return Table({key: value for key, value in entries.items() if key in keys})
