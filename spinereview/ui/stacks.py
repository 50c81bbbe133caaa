"""A stack on the screen: its samples as far as they are there, its planes, and how it is windowed at first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.imaging.pet import PetScale
from spinereview.imaging.slicing import Grid, Orientation, PlaneSet, plane_set
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStack:
    """What a viewport needs of a stack besides its samples.

    Parameters
    ----------
    title
        Series description, or what stands for it.
    detail
        Distances and count, as text.
    hounsfield, valued
        Real values are Hounsfield units; a rescale that makes no sense gives no values at all.
    window
        Suggested by the images; None: from the first plane's values.
    notices
        What the geometry gate found, as sentences.
    pet
        What the values of a PET are; None for other images.
    lossy
        That the images were compressed with loss, and how; empty where they were not.
    """

    timepoint: Timepoint
    stack: Stack
    grid: Grid
    title: str
    detail: str
    window: Window | None
    hounsfield: bool
    valued: bool = True
    notices: tuple[str, ...] = ()
    pet: PetScale | None = None
    lossy: str = ""

    def planes(self, orientation: Orientation) -> PlaneSet:
        """Planes of an orientation."""
        return plane_set(self.grid, orientation)

    def image_at(self, index: int) -> ImageRef:
        """Reference of an acquired image, by its place from 0."""
        sop_uid, frame = self.stack.images[index]
        return ImageRef(stack=self.stack.id, sop_uid=sop_uid, frame=frame)

    def place_of(self, image: ImageRef) -> int | None:
        """Place of an image in the stack, from 0; None where it is not in it."""
        try:
            return self.stack.images.index((image.sop_uid, image.frame))
        except ValueError:
            return None


class VolumeShelf:
    """Volumes that have been read, the ones used last kept within a budget of memory."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._volumes: OrderedDict[Id, Volume] = OrderedDict()

    @property
    def room_bytes(self) -> int:
        """How much more fits before one of them has to go."""
        return max(0, self._budget - self._used)

    def get(self, stack: Id) -> Volume | None:
        """Volume of a stack, if it is still there."""
        if stack in self._volumes:
            self._volumes.move_to_end(stack)
        return self._volumes.get(stack)

    def put(self, stack: Id, volume: Volume) -> None:
        """Keep a volume; the ones that were not used for longest go when the budget is reached, never this one."""
        self._volumes[stack] = volume
        self._volumes.move_to_end(stack)
        while len(self._volumes) > 1 and self._used > self._budget:
            self._volumes.popitem(last=False)

    def put_unused(self, stack: Id, volume: Volume) -> None:
        """Keep a volume that nobody has asked for, where there is room for it; it is the first to go."""
        if volume.samples.nbytes <= self.room_bytes:
            self._volumes[stack] = volume
            self._volumes.move_to_end(stack, last=False)

    def has(self, stack: Id) -> bool:
        """Whether a volume is there; this is no use of it."""
        return stack in self._volumes

    def drop(self, stack: Id) -> None:
        """Forget one."""
        self._volumes.pop(stack, None)

    def clear(self) -> None:
        """Forget all."""
        self._volumes.clear()

    @property
    def _used(self) -> int:
        return sum(kept.samples.nbytes for kept in self._volumes.values())
