"""Acts on what is known of a lesion besides its site: what its diameter records, earlier therapy, reasons for a choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, PriorTherapy, Scope
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.labels import label


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScope:
    """Say what of a bone lesion its diameter records; fixed once the lesion is followed (RECIST 1.1, 3.1.3)."""

    NAME: ClassVar[str] = "set_scope"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    scope: Scope

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.only_at_first(lesion, document, context.case)
        return guards.with_lesion(document, replace(lesion, scope=self.scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGroup:
    """Say that a non-target stands for several lesions of one organ (RECIST 1.1, 4.3.3: "multiple")."""

    NAME: ClassVar[str] = "set_group"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    group: bool

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        if self.group and lesion.role is not LesionRole.NON_TARGET:
            raise Refused("GROUP_OF_NON_TARGETS", lesion=label(lesion))
        return guards.with_lesion(document, replace(lesion, group=self.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriorTherapy:
    """Say what local therapy a lesion had before, without a date, or that it had none (RECIST 1.1, 3.1.3)."""

    NAME: ClassVar[str] = "set_prior_therapy"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    therapy: PriorTherapy | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        return guards.with_lesion(document, replace(lesion, prior_therapy=self.therapy))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOverrideReason:
    """Say why the choice of a lesion departs from a rule that may be departed from; empty takes the reason back."""

    NAME: ClassVar[str] = "set_override_reason"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    reason: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion: Lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        return guards.with_lesion(document, replace(lesion, override_reason=self.reason.strip()))
