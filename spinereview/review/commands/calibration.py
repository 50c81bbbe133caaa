"""Acts of calibrating a projection by a known length, and of taking that back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.known_length import KnownLength, obstacle
from spinereview.domain.measurement import PointMpx
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrate:
    """Say how far two points of a projection lie apart: its millimetres follow, also those of what was drawn before.

    ``marked`` names what the length is of, ``"marker ball"``. A later act on the same image replaces the earlier one.
    """

    NAME: ClassVar[str] = "calibrate"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    image: ImageRef
    points_mpx: tuple[PointMpx, PointMpx]
    length_mm: Decimal
    marked: str
    stack_sha256: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        guards.writable(document, context.case, self.timepoint)
        stack = _stack(guards.timepoint_of(context.case, self.timepoint), self.image)
        because = obstacle(stack)
        if because:
            raise Refused(because, stack=stack.series_uid or stack.id)
        known = KnownLength(
            image=self.image,
            points_mpx=self.points_mpx,
            length_mm=self.length_mm,
            marked=self.marked.strip(),
            author=context.actor,
        )
        if document.calibrations.get(stack.id) == known:
            return document
        return replace(document, calibrations=document.calibrations.with_(stack.id, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCalibration:
    """Take a calibration by hand away: the image has what its file states again, most often no millimetres."""

    NAME: ClassVar[str] = "remove_calibration"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    stack: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        if self.stack not in timepoint.stacks or self.stack not in document.calibrations:
            raise Refused("NOT_CALIBRATED_BY_HAND")
        return replace(document, calibrations=document.calibrations.without(self.stack))


def _stack(timepoint: Timepoint, image: ImageRef) -> Stack:
    """Stack as its files state it."""
    stack = timepoint.stacks.get(image.stack)
    if stack is None or (image.sop_uid, image.frame) not in stack.images:
        raise Refused("IMAGE_NOT_OF_TIMEPOINT", timepoint=timepoint.label, image=image.sop_uid)
    return stack
