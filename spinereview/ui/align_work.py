"""Aligning a PET of another frame of reference by hand: a draft that is moved by eye, and kept once it is confirmed.

The draft is no part of the read, and says of itself that it is none. It is moved in the shown plane, never turned; moved in
two planes it lies where it shall. What Enter confirms goes through the door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from spinereview.domain.alignment import align_obstacle, alignment_of
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import PointUm
from spinereview.domain.read import Lock
from spinereview.errors import Refused
from spinereview.imaging.fusion import along_patient, middle_mm
from spinereview.ui.fused import Moved
from spinereview.ui.stacks import ShownStack
from spinereview.ui.tools import Point, Tool

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench

STEP_MM = 1.0
"""Way of one press of an arrow key."""
_ARROWS = {
    Qt.Key.Key_Left: (-STEP_MM, 0.0),
    Qt.Key.Key_Right: (STEP_MM, 0.0),
    Qt.Key.Key_Up: (0.0, -STEP_MM),
    Qt.Key.Key_Down: (0.0, STEP_MM),
}
_CONFIRM = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A PET on its way into the frame of a timepoint's images."""

    pet: Id
    timepoint: Id
    frame: str
    move_um: PointUm


class AlignTool(Tool):
    """Drag: pull the PET over the image."""

    name = "tool_align_pet"
    shape = Qt.CursorShape.SizeAllCursor

    def __init__(self, work: AlignWork) -> None:
        self._work = work
        self._from: tuple[Point, PointUm] | None = None

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Take hold of the PET, where it is shown."""
        move_um = self._work.move_in(viewport)
        self._from = None if move_um is None else (point, move_um)

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The PET follows the pointer."""
        if self._from is not None and viewport.shown is not None:
            (column, row), move_um = self._from
            down, right = viewport.shown.planes.spacing
            self._work.move(viewport, move_um, (point[0] - column) * right, (point[1] - row) * down)

    def release(self, viewport: Viewport, point: Point) -> None:
        """Let go; the draft stays where it is."""
        self._from = None

    def cancel(self) -> bool:
        """Let go where another plane is shown; the draft itself is dropped with the tool."""
        was, self._from = self._from is not None, None
        return was


class _Keys(QObject):
    """Arrows, Enter and Esc of the viewports while a PET is being aligned: they are no keys of the menu then."""

    def __init__(self, work: AlignWork, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work

    def eventFilter(self, pane: QObject, event: QEvent) -> bool:
        """Take the keys of the draft before any action does."""
        kinds = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}
        if event.type() not in kinds or not isinstance(event, QKeyEvent):
            return False
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        act = self._work.key(Qt.Key(event.key())) if plain else None
        if act is None:
            return False
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            act()
        return True


class AlignWork:
    """The alignment's part of the reading page; the draft is kept nowhere else."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._draft: _Draft | None = None
        self._keys = _Keys(self, bench)
        self._done: Callable[[], object] = lambda: None

    # What others ask

    def tool(self, name: str) -> Tool | None:
        """Tool of an action; with any other tool in the hand the draft is dropped."""
        if name == AlignTool.name and self._draft is not None:
            return AlignTool(self)
        self._drop()
        return None

    def moved(self, pet: ShownStack, below: ShownStack) -> Moved | None:
        """How a PET comes to lie on a stack of another frame: as a draft, or as the reader has confirmed; else None."""
        draft = self._draft
        here = (pet.stack.id, below.timepoint.id, below.stack.frame_of_reference_uid)
        if draft is not None and here == (draft.pet, draft.timepoint, draft.frame):
            return Moved(by_um=draft.move_um, draft=True)
        known = alignment_of(self._bench.reading.read.alignments, pet.stack, below.stack)
        return None if known is None else Moved(by_um=known.move_um, author=known.author)

    def move_in(self, viewport: Viewport) -> PointUm | None:
        """Where the draft is; None where the viewport does not show it."""
        fused = None if viewport.shown is None else viewport.shown.fused
        if self._draft is None or fused is None or fused.moved is None or not fused.moved.draft:
            return None
        return self._draft.move_um

    # What the reader does

    def begin(self, done: Callable[[], object]) -> bool:
        """Show the PET over the active image as a draft, centre on centre or as it was confirmed; else say why not.

        Parameters
        ----------
        done
            Called once the draft is confirmed or dropped by its own keys.
        """
        shown = self._bench.grid.active.shown
        if shown is None:
            return False
        try:
            self._draft = self._first_draft(shown.stack)
        except Refused as refused:
            self._bench.failed.emit(refused)
            return False
        self._done = done
        for viewport in self._bench.grid.viewports:
            viewport.removeEventFilter(self._keys)
            viewport.installEventFilter(self._keys)
        self._bench.fusion.lay()
        return True

    def key(self, key: Qt.Key) -> Callable[[], object] | None:
        """What a key does to the draft."""
        if key in _ARROWS:
            return lambda: self._nudge(*_ARROWS[key])
        if key in _CONFIRM:
            return self._confirm
        return self._finish if key == Qt.Key.Key_Escape else None

    def move(self, viewport: Viewport, start_um: PointUm, right_mm: float, down_mm: float) -> None:
        """Move the draft in the shown plane from where it was."""
        if self._draft is None or viewport.shown is None:
            return
        right, down = viewport.shown.planes.directions()
        x, y, z = (
            start + round(1000 * (right_mm * across + down_mm * along))
            for start, across, along in zip(start_um, right, down, strict=True)
        )
        self._draft = replace(self._draft, move_um=(x, y, z))
        self._bench.fusion.show_all()

    def remove(self) -> bool:
        """While a PET is being aligned: take away what was confirmed of it, and the draft too."""
        shown = self._bench.grid.active.shown
        if self._draft is None or shown is None:
            return False
        if self._bench.reading.remove_alignment(self._draft.pet, shown.stack.stack.id):
            self._finish()
        return True

    def close(self) -> None:
        """Drop the draft: the page goes."""
        if self._draft is not None:
            self._finish()

    def _first_draft(self, below: ShownStack) -> _Draft:
        """Where the PET lies at first.

        Raises
        ------
        Refused
            What :func:`align_obstacle` says; ``FUSION_NO_PET``, ``ALIGN_TURNED``, ``VISIT_LOCKED``.
        """
        pet = self._bench.fusion.pet_to_align(below)
        because = align_obstacle(pet.stack, below.stack)
        there, here = middle_mm(below.grid), middle_mm(pet.grid)
        if there is None or here is None:
            raise Refused("ALIGN_NO_VOLUME", pet=pet.title, series=below.title)
        if not because and not (along_patient(pet.grid) and along_patient(below.grid)):
            because = "ALIGN_TURNED"
        if because:
            raise Refused(because, pet=pet.title, series=below.title)
        if self._bench.reading.read.lock_of(below.timepoint.id) is Lock.LOCKED:
            raise Refused("VISIT_LOCKED", timepoint=below.timepoint.label)
        known = self.moved(pet, below)
        x, y, z = (round(1000 * (end - start)) for end, start in zip(there, here, strict=True))
        return _Draft(
            pet=pet.stack.id,
            timepoint=below.timepoint.id,
            frame=below.stack.frame_of_reference_uid or "",
            move_um=(x, y, z) if known is None else known.by_um,
        )

    def _nudge(self, right_mm: float, down_mm: float) -> None:
        viewport = self._bench.grid.active
        move_um = self.move_in(viewport)
        if move_um is not None:
            self.move(viewport, move_um, right_mm, down_mm)

    def _confirm(self) -> None:
        viewport, draft = self._bench.grid.active, self._draft
        if draft is None or viewport.shown is None or self.move_in(viewport) is None:
            # What is confirmed is what is seen.
            self._bench.failed.emit(Refused("ALIGN_HIDDEN"))
        elif self._bench.reading.align_pet(draft.pet, viewport.shown.stack.stack.id, draft.move_um):
            self._finish()

    def _finish(self) -> None:
        self._drop()
        self._done()

    def _drop(self) -> None:
        if self._draft is not None:
            self._draft = None
            for viewport in self._bench.grid.viewports:
                viewport.removeEventFilter(self._keys)
            self._bench.fusion.show_all()
