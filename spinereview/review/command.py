"""What goes through the door: commands, and what they may know when they are applied.

A command is a small frozen dataclass. Its fields are what the trail keeps of the act, so they are values of the domain
and have no default that could change its meaning later. ``apply`` returns the next document, the same one where nothing
changes, or raises :class:`~spinereview.errors.Refused`; it reads no clock, file or random number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol, TypeVar

from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol as TrialProtocol

D = TypeVar("D")


class Role(StrEnum):
    """What somebody is in a trial."""

    READER = "READER"
    ADJUDICATOR = "ADJUDICATOR"
    INVESTIGATOR = "INVESTIGATOR"
    COORDINATOR = "COORDINATOR"
    TRIAL_LEAD = "TRIAL_LEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a command may know.

    Parameters
    ----------
    mint
        Gives the next id of a prefix (``"L"`` gives ``"L01"``, then ``"L02"``), never one that any event of the trail has
        used before, undone ones included.
    reason
        What the person said with the act; commands that demand a reason refuse an empty one.
    """

    case: Case
    protocol: TrialProtocol
    role: Role
    actor: str
    mint: Callable[[str], Id]
    reason: str = ""


class Command(Protocol[D]):
    """One act on a document of type ``D``; implemented by frozen dataclasses."""

    NAME: ClassVar[str]
    """Name in the trail, snake case: ``"measure"``. Never changed once a file has been written."""
    VERSION: ClassVar[int]
    """Counts up when the meaning of the fields changes."""
    BARRIER: ClassVar[bool]
    """Cannot be undone, and clears undo and redo: locking, signing."""

    def apply(self, document: D, context: Context) -> D:
        """Next document; raises :class:`~spinereview.errors.Refused`."""
        ...
