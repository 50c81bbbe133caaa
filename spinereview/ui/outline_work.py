"""Outlines of segmentations over the images: switched on by a key, chosen from a list, never marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.errors import Cancelled, Refused, SpineReviewError
from spinereview.imaging.labels import Outline, outlines_on
from spinereview.tasks import CancelToken, Progress
from spinereview.text import sentence
from spinereview.ui.stacks import ShownStack
from spinereview.workflow.outlines import Outlines, outlines_for

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench

Found = tuple[tuple[Outlines, ...], tuple[str, ...]]
Segment = tuple[int, int, int]
"""Place of the file, of its layer, and the label."""
_KEY = Qt.ItemDataRole.UserRole


class OutlineWork:
    """The outlines' part of the reading page; what is shown of them is kept nowhere."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.on = False
        self._found: dict[Id, Found] = {}
        self._asked: set[Id] = set()
        self._hidden: dict[Id, set[Segment]] = {}
        self._untold: set[Id] = set()

    @property
    def known(self) -> frozenset[Id]:
        """Stacks for which the files among the images have been read."""
        return frozenset(self._found)

    def toggle(self) -> None:
        """Show the outlines that lie among the images, or take them away."""
        self.on = not self.on
        shown = self._bench.grid.active.shown
        if self.on and shown is not None and not self._bench.source.beside:
            self.on = False
            self._bench.failed.emit(Refused("OUTLINE_NONE"))
        self.show_all()

    def show_all(self) -> None:
        """Put outlines on every viewport where they belong."""
        for viewport in self._bench.grid.viewports:
            self.show(viewport)

    def show(self, viewport: Viewport) -> None:
        """Put the outlines on the plane of a viewport."""
        viewport.set_outlines(self._lines(viewport) if self.on and not viewport.isHidden() else ())

    def choose(self) -> None:
        """List the segments of the active viewport's images: what is checked is shown."""
        shown = self._bench.grid.active.shown
        if shown is None:
            return
        if not self.on:
            self.toggle()
        if self.on:
            self._ask(shown.stack, listed=True)

    def read_for(self, shown: ShownStack) -> tuple[Outlines, ...]:
        """Segmentations that lie on a stack, as far as they have been read; the first time they are read for it."""
        if self._bench.source.beside:
            self._ask(shown)
        return self._found.get(shown.stack.id, ((), ()))[0]

    def _lines(self, viewport: Viewport) -> tuple[Outline, ...]:
        shown = viewport.shown
        if shown is None:
            return ()
        stack = shown.stack.stack.id
        if stack not in self._found:
            self._ask(shown.stack)
            return ()
        self._tell(stack)
        hidden = self._hidden.get(stack, set())
        return tuple(
            outline
            for file, outlines in enumerate(self._found[stack][0])
            for place, layer in enumerate(outlines.layers)
            for outline in outlines_on(
                layer, shown.planes, shown.index, frozenset(key[2] for key in hidden if key[:2] == (file, place))
            )
        )

    def _ask(self, shown: ShownStack, *, listed: bool = False) -> None:
        """Read what lies beside the images, once for each stack; then show it, or list it."""
        stack = shown.stack.id
        if stack in self._found:
            if listed:
                self._list(shown)
            return
        if stack in self._asked:
            return
        self._asked.add(stack)
        source = self._bench.source

        def work(_cancel: CancelToken, _progress: Progress) -> Found:
            return outlines_for(source, shown.stack, shown.grid)

        done = partial(self._read, shown, listed)
        self._bench.jobs.start(work, done, self._failed, title=sentence("UI_READING_OUTLINES"))

    def _read(self, shown: ShownStack, listed: bool, found: Found) -> None:
        self._found[shown.stack.id] = found
        self._untold.add(shown.stack.id)
        self.show_all()
        for viewport in self._bench.grid.viewports:
            self._bench.spine_work.show(viewport)
        if listed:
            self._list(shown)

    def _tell(self, stack: Id) -> None:
        """Say what is to be known of the outlines of a stack, once, when they are shown."""
        if stack in self._untold:
            self._untold.discard(stack)
            outlines, refused = self._found[stack]
            for text in (*(one.notice for one in outlines if one.notice), *refused):
                self._bench.said.emit(text)

    def _failed(self, error: SpineReviewError) -> None:
        if not isinstance(error, Cancelled):
            self._bench.failed.emit(error)

    def _list(self, shown: ShownStack) -> None:
        stack = shown.stack.id
        dialog = OutlineDialog(self._found[stack], self._hidden.setdefault(stack, set()), self.show_all, self._bench)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class OutlineDialog(QDialog):
    """Segments with a check before each; a change is seen at once."""

    def __init__(self, found: Found, hidden: set[Segment], changed: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._hidden = hidden
        self._changed = changed
        self.setWindowTitle(sentence("UI_OUTLINE_LIST").removesuffix(" ..."))
        said = QLabel("\n".join((sentence("UI_OUTLINES_ARE"), *found[1])), self)
        said.setWordWrap(True)
        self.list = QListWidget(self)
        for file, outlines in enumerate(found[0]):
            for (place, label), name in outlines.names.items():
                item = QListWidgetItem(f"{name}  ({outlines.title})", self.list)
                item.setData(_KEY, (file, place, label))
                seen = (file, place, label) not in hidden
                item.setCheckState(Qt.CheckState.Checked if seen else Qt.CheckState.Unchecked)
        self.list.itemChanged.connect(self._turned)
        layout = QVBoxLayout(self)
        layout.addWidget(said)
        layout.addWidget(self.list)
        self.resize(460, 420)

    def _turned(self, item: QListWidgetItem) -> None:
        key = item.data(_KEY)
        if item.checkState() is Qt.CheckState.Checked:
            self._hidden.discard(key)
        else:
            self._hidden.add(key)
        self._changed()
