"""What one pane shows: a stack, a plane of it, window, zoom and what is drawn over it. All of it is view state."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from spinereview.domain.imaging import ImageRef
from spinereview.imaging.cross_reference import Segment
from spinereview.imaging.labels import Outline
from spinereview.imaging.slicing import Orientation, PlaneSet
from spinereview.imaging.view import View, fitted
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window, suggested
from spinereview.review.overlay import Caliper
from spinereview.review.spine_overlay import HeightsMark, LevelPlate
from spinereview.ui.base_layer import BaseLayer
from spinereview.ui.fused import Fused
from spinereview.ui.shown import LevelOffer, PictureCache, Shown, place_in_volume
from spinereview.ui.stacks import ShownStack


class Pane(QWidget):
    """What is shown, and how to show something else; :class:`~spinereview.ui.viewport.Viewport` paints it."""

    plane_changed = Signal()
    """Another plane, stack or orientation is shown."""
    view_changed = Signal()
    """Zoom, pan or window changed."""
    scrolled = Signal(bool)
    """Somebody scrolled by wheel or key; with Shift this pane alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Shown | None = None
        self.active = False
        # Corner of the pane on the screen while a hand draws on it.
        self._held: QPoint | None = None
        self.empty_text = ""
        self._pictures = PictureCache()
        self._base = BaseLayer(self._pictures)

    def show_stack(
        self, stack: ShownStack, volume: Volume | None, orientation: Orientation = Orientation.NATIVE
    ) -> None:
        """Show a stack from its middle plane, the whole plane in sight."""
        planes = stack.planes(orientation)
        self.shown = Shown(
            stack=stack,
            planes=planes,
            index=planes.count // 2,
            window=stack.window or Window(centre=0, width=1),
            view=self._fitted(planes),
            volume=volume,
        )
        self._tell_plane()

    def renew_stack(self, stack: ShownStack) -> None:
        """The same images with other millimetres; the whole plane in sight again."""
        if self.shown is not None:
            self.shown.stack, self.shown.planes = stack, stack.planes(self.shown.planes.orientation)
            self.shown.view, self.shown.fit = self._fitted(self.shown.planes), True
            self._tell_plane()

    def show_nothing(self, text: str) -> None:
        """Empty the pane and say what to do next."""
        self.shown = None
        self.empty_text = text
        self.update()

    def set_volume(self, volume: Volume, *, single: int | None = None) -> None:
        """Samples of the shown stack have arrived; without a suggested window the shown plane gives one.

        Parameters
        ----------
        single
            The volume is this one image alone.
        """
        if self.shown is None:
            return
        self.shown.volume, self.shown.single = volume, single
        self._window_from_values()
        self._pictures.forget()
        self._base.forget()
        self.update()

    def set_orientation(self, orientation: Orientation) -> None:
        """Show other planes of the same stack, from the middle one."""
        if self.shown is not None and self.shown.planes.orientation is not orientation:
            before = self.shown
            self.show_stack(before.stack, before.volume, orientation)
            self.shown.window, self.shown.inverted, self.shown.hung_as = before.window, before.inverted, before.hung_as

    def scroll_to(self, index: int) -> None:
        """Show a plane by its number from 0; beyond the ends the last one."""
        if self.shown is None:
            return
        index = max(0, min(self.shown.planes.count - 1, index))
        if index != self.shown.index:
            self.shown.index = index
            self._tell_plane()

    def scroll_by(self, steps: int, *, alone: bool = False) -> None:
        """Show the plane that lies some steps on, as a person asks for it; panes that are linked follow unless ``alone``."""
        if self.shown is not None:
            self.scroll_to(self.shown.index + steps)
            self.scrolled.emit(alone)

    def set_window(self, window: Window) -> None:
        """Window the images."""
        if self.shown is not None:
            self.shown.window = window
            self._tell_view()

    def invert(self) -> None:
        """Turn black and white over."""
        if self.shown is not None:
            self.shown.inverted = not self.shown.inverted
            self._tell_view()

    def set_view(self, view: View) -> None:
        """Zoom and pan."""
        if self.shown is not None:
            self.shown.view = view
            self.shown.fit = False
            self._tell_view()

    def reset_view(self) -> None:
        """The whole plane, the suggested window."""
        if self.shown is not None:
            planes = self.shown.planes
            self.shown.view = self._fitted(planes)
            self.shown.fit = True
            self.shown.inverted = False
            if self.shown.stack.window is not None:
                self.shown.window = self.shown.stack.window
            self._tell_view()

    def pixel_zoom(self) -> None:
        """One sample of the image is one pixel of the screen, across."""
        if self.shown is not None:
            view = self.shown.view
            factor = 1 / (view.spacing[1] * view.scale * self.devicePixelRatioF())
            self.set_view(view.zoomed(factor, self.width() / 2, self.height() / 2))

    def fitting_scale(self) -> float:
        """Scale at which the whole plane is in sight."""
        assert self.shown is not None
        return self._fitted(self.shown.planes).scale

    def match_scale(self, scale: float) -> None:
        """Show a millimetre as long as another viewport does; not while a hand draws on it."""
        if self._held is None and self.shown is not None and abs(self.shown.view.scale - scale) > 1e-9:
            view = self.shown.view
            self.shown.view = view.zoomed(scale / view.scale, self.width() / 2, self.height() / 2)
            self.update()

    def set_calipers(self, calipers: tuple[Caliper, ...]) -> None:
        """Marks of the shown image, made from the read."""
        if self.shown is not None and self.shown.calipers != calipers:
            self.shown.calipers = calipers
            self.update()

    def set_spine(self, plates: tuple[LevelPlate, ...], heights: tuple[HeightsMark, ...]) -> None:
        """Labels and heights on the shown plane, made from the read."""
        if self.shown is not None and (self.shown.plates, self.shown.heights) != (plates, heights):
            self.shown.plates, self.shown.heights = plates, heights
            self.update()

    def set_offers(self, offers: tuple[LevelOffer, ...]) -> None:
        """Names that segmentations offer for vertebrae of the shown plane."""
        if self.shown is not None and self.shown.offers != offers:
            self.shown.offers = offers
            self.update()

    def set_lines(self, lines: tuple[tuple[Segment, bool], ...]) -> None:
        """Planes of the active viewport as lines, each with whether it is dashed."""
        if self.shown is not None and self.shown.lines != lines:
            self.shown.lines = lines
            self.update()

    def set_pointed(self, point: tuple[float, float] | None) -> None:
        """Mark the point of the shown plane that the crosshair points to in another pane; None takes the mark away."""
        if self.shown is not None and self.shown.pointed != point:
            self.shown.pointed = point
            self.update()

    def set_link_text(self, text: tuple[str, str]) -> None:
        """Say how this pane follows the active one."""
        if self.shown is not None and self.shown.link_text != text:
            self.shown.link_text = text
            self.update()

    def set_fused(self, fused: Fused | None) -> None:
        """Lay a PET over the plane; None takes it away."""
        if self.shown is not None and self.shown.fused is not fused:
            self.shown.fused = fused
            self.update()

    def set_outlines(self, outlines: tuple[Outline, ...]) -> None:
        """Show outlines of segmentations on the plane; they are no marks."""
        if self.shown is not None and (outlines or self.shown.outlines):
            self.shown.outlines = outlines
            self.update()

    def set_active(self, *, active: bool) -> None:
        """Mark this as the pane that keys act on."""
        self.active = active
        self.update()

    def image(self) -> ImageRef | None:
        """The acquired image that is shown; None in a reformat."""
        if self.shown is None or not self.shown.planes.native:
            return None
        return self.shown.stack.image_at(self.shown.index)

    def _window_from_values(self) -> None:
        shown = self.shown
        if shown is None or shown.volume is None or shown.stack.window is not None or shown.window.width > 1:
            return
        place = place_in_volume(shown) if shown.planes.axes[0] == 0 else len(shown.volume) // 2
        if shown.volume.ready[place] and not shown.volume.colour:
            shown.window = suggested(shown.volume.real_values(place))

    def _tell_plane(self) -> None:
        if self.shown is not None:
            self.shown.calipers, self.shown.plates, self.shown.heights = (), (), ()
            self.shown.outlines, self.shown.offers = (), ()
            self.shown.pointed = None
        self._window_from_values()
        self.plane_changed.emit()
        self.update()

    def _tell_view(self) -> None:
        self.view_changed.emit()
        self.update()

    def _fitted(self, planes: PlaneSet) -> View:
        return fitted(planes.size, planes.spacing, self.width(), self.height())
