"""The reading page: series, viewports, lesions, response, history, and what joins them. The read itself is in Reading."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.domain.measurement import MeasurementKind, PointMpx
from spinereview.errors import Refused, SpineReviewError
from spinereview.imaging.slicing import Orientation
from spinereview.imaging.volume import Volume
from spinereview.review.overlay import Caliper
from spinereview.text import sentence
from spinereview.ui.ahead import Ahead
from spinereview.ui.align_work import AlignWork
from spinereview.ui.calibration_work import CalibrationWork
from spinereview.ui.corner import corner_text, probe_text, window_words
from spinereview.ui.crosshair import CrosshairTool
from spinereview.ui.decisions import decide
from spinereview.ui.equal_scale import equalise
from spinereview.ui.fusion_work import FusionWork
from spinereview.ui.hanging import Hanging
from spinereview.ui.layouts import Layout
from spinereview.ui.lesion_work import LesionWork
from spinereview.ui.linking import Linking
from spinereview.ui.loader import StackLoader
from spinereview.ui.navigation import Navigation
from spinereview.ui.outline_work import OutlineWork
from spinereview.ui.overview import Overview
from spinereview.ui.panels.series import SeriesPanel
from spinereview.ui.panels.side import Page, SidePanel
from spinereview.ui.present_forms import offers_forms
from spinereview.ui.reading import Reading
from spinereview.ui.shown import missing
from spinereview.ui.spine_work import SpineWork
from spinereview.ui.stack_list import StackList
from spinereview.ui.stacks import ShownStack
from spinereview.ui.tasks import Jobs
from spinereview.ui.thumbnails import Thumbnails
from spinereview.ui.tools import CaliperTool, Desk, PanTool, Tool, WindowTool, ZoomTool
from spinereview.ui.viewport import Viewport
from spinereview.ui.viewport_grid import ViewportGrid
from spinereview.workflow.source import CaseSource, StackDescription

SERIES_PX, PANEL_PX = 224, 380


class Workbench(QWidget):
    """What is on the screen while a case is read."""

    probed = Signal(str, str)
    """Position in the patient and value under the pointer."""
    geometry_shown = Signal(str, str)
    """Size of a voxel and kind of plane of the active viewport."""
    describe_asked = Signal(object)
    """A stack's id: somebody wants to say what it is."""
    failed = Signal(object)
    """An error to be said."""
    said = Signal(str)
    """A sentence to be said."""

    def __init__(
        self,
        reading: Reading,
        source: CaseSource,
        jobs: Jobs,
        dates: Mapping[Id, str],
        side: SidePanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.reading = reading
        self.source = source
        self.jobs = jobs
        self.dates = dates
        self._stacks = StackList(reading, source, dates)
        self.loader = StackLoader(jobs, source.images, self)
        self.columns = QSplitter(Qt.Orientation.Horizontal, self)
        self.columns.setHandleWidth(1)
        self.columns.setChildrenCollapsible(False)
        self.series = SeriesPanel(self)
        self._thumbnails = Thumbnails(self.series, jobs, self._said)
        self.grid = ViewportGrid(self)
        self._side = side
        self.lesions, self.editor, self.ask = side.lesions, side.editor, side.ask
        self.response, self.history, self.spine, self.forms = side.response, side.history, side.spine, side.forms
        side.offer_forms(offered=offers_forms(reading.visible))
        self.tabs = side.tabs
        self._desk = Desk(
            may_draw=self._may_draw,
            drawn=self._drawn,
            changed=reading.change,
            selected=reading.select,
            draft=self._draft,
        )
        self.spine_work = SpineWork(self)
        self.calibration = CalibrationWork(self)
        self.navigation = Navigation(self)
        self.lesion_work = LesionWork(self, side)
        self.fusion = FusionWork(self)
        self.align = AlignWork(self)
        self.outlines = OutlineWork(self)
        self.hanging = Hanging(self)
        self.linking = Linking(self)
        self.overview = Overview(self, dates)
        self.ahead = Ahead(self)
        self._built = self._started = False
        self._arrange()
        self._connect()
        self.set_tool("tool_pointer")
        self.hanging.first()
        if self.grid.viewports[0].shown is None:
            self.grid.viewports[0].show_nothing(sentence("UI_IMAGES_MISSING"))
        self._built = True
        self.refresh()

    def start(self) -> None:
        """Begin to read images, once the page is on the screen: threads would hold up its building."""
        self._started = True
        for viewport in self.grid.visible_viewports:
            self._request(viewport)
        self._thumbnails.start(self._stacks.present, self.source.images)

    def close_read(self) -> None:
        """Commit what is under way, and let go of the read and of all images: the page is taken away."""
        self.linking.settle()
        self.align.close()
        self.loader.forget()
        self._thumbnails.close()
        for viewport in self.grid.viewports:
            viewport.show_nothing("")  # its images go now, and not when the collector comes to it
        self.reading.close()
        # What watches the read lives as long as it does: the page would stay in memory.
        self.reading.deleteLater()
        if self._side.parent() is not self.columns:
            self._side.deleteLater()

    # Showing

    def show_stack(self, stack: Id, viewport: Viewport | None = None, place: int | None = None) -> None:
        """Show a stack in a viewport, by default the active one; at one of its images, by default the middle one."""
        viewport = viewport or self.grid.active
        shown = self._stacks.shown(stack)
        if shown is None:
            viewport.show_nothing(sentence("UI_IMAGES_MISSING"))
            return
        if viewport.shown is None or viewport.shown.stack.stack.id != stack:
            viewport.show_stack(shown, self.loader.volume(stack))
        if place is not None:
            viewport.set_orientation(Orientation.NATIVE)
            viewport.scroll_to(place)
        if viewport is self.grid.active:
            self.reading.show_timepoint(shown.timepoint.id)
        if self._started:
            self._request(viewport)
        self.refresh()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Without Shift viewports scroll together again, wherever the focus is."""
        if event.key() == Qt.Key.Key_Shift:
            self.linking.settle()
        super().keyReleaseEvent(event)

    def title_of(self, stack: Id) -> str:
        """What the list of series calls a stack."""
        return self._stacks.title_of(stack)

    def set_tool(self, name: str) -> None:
        """Give every viewport the tool of an action."""
        kinds = {"tool_diameter": MeasurementKind.DIAMETER, "tool_bidirectional": MeasurementKind.BIDIRECTIONAL}
        plain: dict[str, type[Tool]] = {"tool_window": WindowTool, "tool_zoom": ZoomTool, "tool_pan": PanTool}
        for viewport in self.grid.viewports:
            spine = self.align.tool(name) or self.spine_work.tool(name) or self.calibration.tool(name)
            chosen = plain[name]() if name in plain else CrosshairTool(self) if name == CrosshairTool.name else spine
            viewport.tool = chosen or CaliperTool(self._desk, kinds.get(name))
            viewport.setCursor(viewport.tool.shape)
            viewport.set_pointed(None)
            self.spine_work.show(viewport)
            viewport.update()

    def set_layout(self, layout: Layout) -> None:
        """Show as many viewports as a layout has."""
        self.show_anew(lambda: self.hanging.show(layout))

    def show_anew(self, hang: Callable[[], object]) -> None:
        """Hang something else; compared viewports show a millimetre equally long again."""
        hang()
        equalise(self.grid)
        self.refresh()

    def main_stack(self, timepoint: Id) -> Id | None:
        """Stack that a timepoint is shown by first."""
        return self._stacks.main_stack(timepoint)

    def partner(self, stack: Id, seen: Container[Id]) -> Id | None:
        """Another weighting to hang below a stack."""
        return self._stacks.partner(stack, seen)

    def stack_below(self, stack: Id) -> Id | None:
        """The next stack of the same timepoint in the list of series."""
        return self._stacks.below(stack)

    def description_of(self, stack: Id) -> StackDescription | None:
        """Row of the list of series."""
        return self._stacks.description_of(stack)

    def take_source(self, source: CaseSource) -> None:
        """Show the case as it is described now; the images are the same."""
        self.source = source
        self._stacks = StackList(self.reading, source, self.dates)
        self.refresh()

    def stack_shown(self, stack: Id) -> ShownStack | None:
        """A stack as a viewport needs it; None where its images were not found."""
        return self._stacks.shown(stack)

    def refresh(self) -> None:
        """Show the read anew: tables, response, history, calipers; once while the page is built, at its end."""
        if not self._built:
            return
        reading = self.reading
        self.calibration.renew()
        self.lesion_work.refresh()
        self.response.show_response(reading.response())
        if self._side.page is Page.SPINE:
            self.spine.show_view(reading.spine())
        elif self._side.page is Page.FORMS:
            self.forms.show_view(reading.forms())
        self.history.show_lines(reading.history())
        self.series.show_entries(self._stacks.entries())
        shown = self.grid.active.shown
        if shown is not None:
            self.series.select(shown.stack.stack.id)
        for viewport in self.grid.viewports:
            self._show_calipers(viewport)
        self.spine_work.show_lines()
        self.linking.show_texts()
        self.hanging.show_words()
        self.overview.refresh()

    # Building

    def _arrange(self) -> None:
        for widget in (self.overview.left, self.overview.centre):
            self.columns.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.columns)

    def take_side(self) -> None:
        """Put the right side in its place; a turn of its own, since all of it is styled anew."""
        self.columns.addWidget(self._side)
        self.columns.setStretchFactor(1, 1)
        self.columns.setSizes([SERIES_PX, 1000, PANEL_PX])

    def _connect(self) -> None:
        self.reading.changed.connect(self.refresh)
        self.series.chosen.connect(self.show_stack)
        self.series.asked.connect(self.describe_asked)
        self._side.tabs.currentChanged.connect(lambda _place: self.refresh())
        self.response.jumped.connect(self.navigation.jump)
        self.response.decided.connect(partial(decide, self))
        self.spine.answered.connect(self.reading.score)
        self.forms.answered.connect(self.reading.answer)
        for panel in (self.spine, self.forms):
            panel.left.connect(lambda: self.grid.active.setFocus(Qt.FocusReason.OtherFocusReason))
        self.spine.fact_set.connect(self.reading.set_fact)
        self.loader.arrived.connect(self._arrived)
        self.loader.grew.connect(lambda _stack: self._update_viewports())
        self.loader.single.connect(self._arrived_one)
        self.loader.failed.connect(lambda _stack, error: self.failed.emit(error))
        self.grid.active_changed.connect(self._activated)
        for viewport in self.grid.viewports:
            viewport.describe = corner_text
            viewport.plane_changed.connect(partial(self._plane_changed, viewport))
            viewport.view_changed.connect(partial(self._view_changed, viewport))
            viewport.probed.connect(partial(self._probed, viewport))
            viewport.resized.connect(partial(equalise, self.grid))
            self.linking.watch(viewport)

    def show_page(self, page: Page) -> None:
        """Bring a page of the right side to the front."""
        self._side.show_page(page)

    def _request(self, viewport: Viewport) -> None:
        """Bring the samples of what a viewport shows, its own image first."""
        shown = viewport.shown
        if shown is not None:
            self.loader.request(shown.stack, shown.index if shown.planes.native else 0)

    # What happens in the viewports

    def _activated(self, viewport: Viewport) -> None:
        if viewport.shown is not None:
            self.reading.show_timepoint(viewport.shown.stack.timepoint.id)
            self._tell_geometry(viewport)
        self.refresh()

    def _plane_changed(self, viewport: Viewport) -> None:
        # What was begun on another image is no mark on this one.
        viewport.tool.cancel()
        shown = viewport.shown
        if shown is not None and shown.planes.native and self.loader.is_one_by_one(shown.stack.stack.id):
            self.loader.request_one(shown.stack.stack.id, shown.index)
        self._show_calipers(viewport)
        if not self.linking.moving:
            self.spine_work.show_lines()
            self.linking.show_texts()
        if viewport is self.grid.active:
            self._tell_geometry(viewport)

    def _view_changed(self, viewport: Viewport) -> None:
        if viewport is self.grid.active:
            equalise(self.grid, viewport)

    def _show_calipers(self, viewport: Viewport) -> None:
        image = viewport.image()
        viewport.set_calipers(() if image is None else self.reading.calipers(image))
        self.spine_work.show(viewport)
        self.fusion.show(viewport)
        self.outlines.show(viewport)

    def _tell_geometry(self, viewport: Viewport) -> None:
        if viewport.shown is not None:
            native = viewport.shown.planes.native
            self.geometry_shown.emit(viewport.shown.stack.detail, sentence("UI_NATIVE" if native else "UI_REFORMAT"))

    def _probed(self, viewport: Viewport, point: tuple[float, float] | None) -> None:
        self.probed.emit(*probe_text(viewport.shown, point))

    def _arrived(self, stack: Id, volume: Volume) -> None:
        for viewport in self.grid.viewports:
            if viewport.shown is not None and viewport.shown.stack.stack.id == stack:
                viewport.set_volume(volume)

    def _arrived_one(self, stack: Id, index: int, volume: Volume) -> None:
        for viewport in self.grid.viewports:
            shown = viewport.shown
            if shown is not None and shown.stack.stack.id == stack and shown.index == index:
                viewport.set_volume(volume, single=index)

    def _update_viewports(self) -> None:
        for viewport in self.grid.viewports:
            viewport.update()

    # Gestures

    def _may_draw(self, viewport: Viewport) -> bool:
        shown = viewport.shown
        if shown is not None and missing(shown):
            self.reading.refused.emit(Refused("UI_IMAGE_NOT_SHOWN"))
            return False
        if shown is not None and shown.fused is not None:
            self.reading.refused.emit(Refused("FUSION_NO_MARKS"))
            return False
        return shown is not None and self.reading.may_draw(shown.stack.stack, native=shown.planes.native)

    def _drawn(self, kind: MeasurementKind, image: object, points: tuple[PointMpx, ...]) -> None:
        pane = self.grid.active
        shown = pane.image()
        if shown is not None and shown == image:
            self.reading.measure(kind, shown, points, window_words(pane.shown))

    def _draft(
        self, viewport: Viewport, kind: MeasurementKind, points: tuple[PointMpx, ...], replaced: Caliper | None
    ) -> Caliper | None:
        image = viewport.image()
        return None if image is None else self.reading.draft(image, kind, points, replaced)

    def _said(self, error: SpineReviewError) -> None:
        if error.code != "CANCELLED":
            self.failed.emit(error)
