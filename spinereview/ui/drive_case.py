"""Reads a whole sample case with mouse and keys: every lesion, vertebra and visit that its recipe names.

Ends of calipers are placed roughly first and then, much enlarged, exactly: a recipe may lie on a threshold, where a tenth of
a millimetre decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole, LesionState
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.domain.table import Table
from spinereview.errors import SpineReviewError
from spinereview.imaging.phantom_lesion import LesionTruth
from spinereview.imaging.phantom_spine import LevelTruth
from spinereview.imaging.slicing import Orientation
from spinereview.review.levels import level_marks
from spinereview.ui.drive import Hand
from spinereview.ui.panels.fields import FieldBox
from spinereview.ui.viewport import Viewport
from spinereview.workflow.recipe_check import stacks_of
from spinereview.workflow.recipes import Recipe, SampleFinding, SampleLesion, SampleLevel
from spinereview.workflow.samples import SampleCase

_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_CLOSE_PX_PER_MM = 60.0
"""At this scale a pixel of the screen is a sixtieth of a millimetre."""
_STATE_KEYS = {
    LesionState.ABSENT: Qt.Key.Key_X,
    LesionState.TOO_SMALL: Qt.Key.Key_S,
    LesionState.PRESENT: Qt.Key.Key_Y,
}


def read_case(hand: Hand, sample: SampleCase) -> Iterator[str]:
    """Read a sample case from baseline to its last visit; says what was done.

    Raises
    ------
    SpineReviewError
        ``DRIVE_WAITED``: the window did not come to where the recipe wants it.
    """
    hand.wait(lambda: hand.window.bench is not None, "case")
    reader = _Reader(hand, sample.recipe)
    hand.activate(hand.bench.grid.active)
    if hand.bench.grid.count > 1:
        hand.key(Qt.Key.Key_F)
    for point in sample.recipe.timepoints:
        yield from reader.visit(point.label)
    hand.saved()


class _Reader:
    """A reader of one recipe: knows the truth, and has a hand."""

    def __init__(self, hand: Hand, recipe: Recipe) -> None:
        self.hand, self.recipe = hand, recipe
        self.lesions: dict[str, Id] = {}

    @property
    def pane(self) -> Viewport:
        return self.hand.bench.grid.active

    def visit(self, label: str) -> Iterator[str]:
        """Lesions, vertebrae, lock."""
        recipe, bench = self.recipe, self.hand.bench
        self.tab(0)
        for lesion in recipe.lesions:
            finding = lesion.at.get(label)
            if finding is not None or lesion.name in self.lesions:
                self.show(label)
                self.lesion(lesion, label, finding)
                yield f"{label}: {lesion.name}: {self.said(lesion, label)}"
        for asked in recipe.levels.get(label, ()):
            self.level(asked, label)
            yield f"{label}: {asked.level}: {bench.spine.shown.score} {bench.spine.shown.category}".rstrip()
        self.tab(0)
        self.hand.activate(self.pane)
        self.hand.key(Qt.Key.Key_Return, _CTRL)
        if not bench.reading.locked:
            raise SpineReviewError("DRIVE_WAITED", what=f"lock of {label}: {self.hand.window.messages.texts()}")
        shown = bench.response.shown
        yield f"{label} locked: {shown.outcome} {shown.summary}".rstrip()

    # Where to look

    def show(self, label: str, series: str = "") -> None:
        """Click the line of a series in the list; wait for its images."""
        bench, words = self.hand.bench, self.recipe.series_named(series).description
        stack = stacks_of(self.recipe, bench.reading.case, bench.title_of)[label, self.recipe.series_named(series).name]
        if self.pane.shown is None or self.pane.shown.stack.stack.id != stack:
            bench.series.scroll_to(Id(stack))
            self.hand.click(bench.series.list.viewport(), bench.series.row_of(Id(stack)).center())
        self.hand.wait(lambda: self._arrived(stack), f"images of {words} at {label}")

    def _arrived(self, stack: str) -> bool:
        shown = self.pane.shown
        return (
            shown is not None and shown.stack.stack.id == stack and shown.volume is not None and shown.volume.complete
        )

    def tab(self, place: int) -> None:
        """Click a tab of the panel at the right."""
        tabs = self.hand.bench.tabs
        if tabs.currentIndex() != place:
            self.hand.click(tabs, tabs.tabRect(place).center())

    def on_plane(self, points_um: tuple[PointUm, ...]) -> tuple[PointMpx, ...]:
        """Scroll to the plane of a point in the patient; where points of it lie on the screen's plane."""
        shown = self.pane.shown
        assert shown is not None
        placed = [shown.planes.to_plane((x / 1000, y / 1000, z / 1000)) for x, y, z in points_um]
        known = [point for point in placed if point is not None]
        self.hand.go_to(self.pane, round(known[0][0]))
        return tuple((round(1000 * column), round(1000 * row)) for _, column, row in known)

    # Lesions

    def lesion(self, lesion: SampleLesion, label: str, finding: SampleFinding | None) -> None:
        """What is to be said and drawn of a lesion at a visit."""
        found = self.recipe.lesion_truth(lesion, label)
        state = LesionState.ABSENT if finding is None else finding.state
        if lesion.name not in self.lesions:
            self.record(lesion, found[0])
        else:
            self.choose(lesion, label)
            if lesion.role is LesionRole.TARGET and state is LesionState.MEASURED:
                self.draw(found[0], node=lesion.nodal)
            elif state is LesionState.SPLIT:
                self.hand.key(Qt.Key.Key_J)
                for part in found:
                    self.draw(part, node=lesion.nodal)
                self.hand.key(Qt.Key.Key_Escape)
        if lesion.role is not LesionRole.TARGET or state in (LesionState.ABSENT, LesionState.TOO_SMALL):
            self.say_state(state)
        if finding is not None and finding.new_status is not None:
            self.pick(self.hand.bench.editor.new_status, finding.new_status)
            if finding.cause:
                self.pick(self.hand.bench.editor.cause, finding.cause)

    def record(self, lesion: SampleLesion, found: LesionTruth) -> None:
        """Draw a lesion that was not there before, and say what and where it is."""
        known = set(self.hand.bench.reading.read.lesions)
        self.hand.activate(self.pane)
        self.hand.key(Qt.Key.Key_N)
        self.draw(found, node=False)
        (made,) = set(self.hand.bench.reading.read.lesions) - known
        self.lesions[lesion.name] = Id(made)
        if lesion.role is LesionRole.NON_TARGET:
            # First: as a target it could be one too many of its organ.
            self.hand.key(Qt.Key.Key_T)
        editor = self.hand.bench.editor
        self.pick(editor.organ, lesion.organ)
        if lesion.levels:
            self.pick(editor.level, lesion.levels[0].value)
        else:
            editor.location.setFocus(Qt.FocusReason.MouseFocusReason)
            QTest.keyClicks(editor.location, lesion.location)
            self.hand.key(Qt.Key.Key_Return)
        if lesion.tissue is not None:
            self.pick(editor.tissue, lesion.tissue)
        if lesion.soft_tissue:
            self.hand.click(editor.soft_tissue, QPoint(10, editor.soft_tissue.height() // 2))
        self.hand.activate(self.pane)
        if lesion.nodal:
            self.short_axis(found)

    def choose(self, lesion: SampleLesion, label: str) -> None:
        """Click the name of a lesion; the viewport goes to where it lay, the images stay those of the visit."""
        view = self.hand.bench.lesions.view
        place = self.hand.bench.lesions.row_of(self.lesions[lesion.name])
        index = view.model().index(place, 0)
        view.scrollTo(index)
        self.hand.click(view.viewport(), view.visualRect(index).center())
        self.show(label)
        self.hand.activate(self.pane)

    def draw(self, found: LesionTruth, *, node: bool) -> None:
        """Draw the long axis roughly, then place its ends; of a node the short axis too."""
        self.hand.activate(self.pane)
        self.hand.key(Qt.Key.Key_B)
        self.hand.go_to(self.pane, found.slice_index)
        a, b = found.ends_mpx[:2]
        self.hand.drag(self.pane, a, b)
        self.place_end(0, a)
        self.place_end(1, b)
        if node:
            self.short_axis(found)

    def short_axis(self, found: LesionTruth) -> None:
        """Pull the ends of the short axis of the selected caliper to where they are."""
        self.hand.pull_short_axis(self.pane, *found.ends_mpx[2:])
        shown = self.pane.shown
        caliper = next(one for one in shown.calipers if one.selected) if shown is not None else None
        assert caliper is not None
        for place in (2, 3):
            handle = caliper.handles[place]
            self.place_end(place, min(found.ends_mpx[2:], key=lambda end: _squared(end, handle)))

    def place_end(self, place: int, wanted: PointMpx) -> None:
        """Enlarge the image about one end of the selected caliper and pull it to its place."""
        pane, shown = self.pane, self.pane.shown
        assert shown is not None
        before = shown.view
        spot = self.hand.at(pane, wanted)
        pane.set_view(before.zoomed(_CLOSE_PX_PER_MM / before.scale, spot.x(), spot.y()))
        column, row = wanted[0] / 1000, wanted[1] / 1000
        pane.set_view(shown.view.centred_on(column, row))
        caliper = next(one for one in shown.calipers if one.selected)
        self.hand.drag(pane, caliper.handles[place], wanted)
        pane.set_view(before)

    def say_state(self, state: LesionState) -> None:
        """The key of a state, or its entry of the menu."""
        self.hand.activate(self.pane)
        if state in _STATE_KEYS:
            self.hand.key(_STATE_KEYS[state])
        else:
            self.hand.window.actions_by_id[f"state_{state.value.lower()}"].trigger()
            self.hand.breathe()

    def said(self, lesion: SampleLesion, label: str) -> str:
        """What the table says of a lesion at a visit."""
        timepoint = next(one for one in self.hand.bench.reading.case.in_order if one.label == label)
        return self.hand.bench.lesions.cell(self.lesions[lesion.name], timepoint.id).text

    # Vertebrae

    def level(self, asked: SampleLevel, label: str) -> None:
        """Name a vertebra, measure its heights where the recipe wants them, answer its form."""
        for series in asked.heights_on or ("",):
            self.show(label, series)
            self.name(asked.level, label, series)
            if asked.heights_on:
                self.heights(asked.level, self.recipe.level_truth(asked.level, label, series))
        self.tab(1)
        boxes = self.hand.bench.spine.boxes
        for item, value in asked.answers.items():
            self.pick(boxes["SINS", item], value)
        if asked.grade is not None:
            self.pick(boxes["VCF", "GRADE"], str(asked.grade))
        self.tab(0)

    def name(self, level: Level, label: str, series: str) -> None:
        """Click a vertebra with the tool that names; where the program asks, type the name."""
        bench, shown = self.hand.bench, self.pane.shown
        assert shown is not None
        known = self.recipe.level_truth(level, label, series)
        stack = shown.stack.stack.id
        own = bench.reading.read.level_labels.get(stack, Table())
        if level in own or level in {mark.level for mark in level_marks(bench.reading.read, bench.reading.case, stack)}:
            bench.reading.choose_level(level)
            return
        self.hand.activate(self.pane)
        self.hand.key(Qt.Key.Key_L)
        if known.points_mpx is None:
            (point,) = self.sagittal((known.label_um,))
        else:
            self.hand.go_to(self.pane, known.slice_index)
            point = known.label_mpx
        self.hand.click(self.pane, self.hand.at(self.pane, point))
        if bench.ask.isVisible():
            QTest.keyClicks(bench.ask.line, level.value)
            self.hand.key(Qt.Key.Key_Return)
        if bench.reading.level is not level:
            raise SpineReviewError("DRIVE_WAITED", what=f"name of {level} at {label}")

    def sagittal(self, points_um: tuple[PointUm, ...]) -> tuple[PointMpx, ...]:
        """Points on the sagittal plane through the first of them."""
        shown = self.pane.shown
        if shown is not None and shown.planes.orientation is not Orientation.SAGITTAL:
            self.hand.activate(self.pane)
            self.hand.key(Qt.Key.Key_3, _SHIFT)
        return self.on_plane(points_um)

    def heights(self, level: Level, known: LevelTruth) -> None:
        """Drag along both endplates, then pull each of the six points to its place."""
        self.hand.activate(self.pane)
        self.hand.key(Qt.Key.Key_H)
        if known.points_mpx is None:
            points = self.sagittal(known.points_um)
        else:
            self.hand.go_to(self.pane, known.slice_index)
            points = known.points_mpx
        self.hand.drag(self.pane, points[0], points[2])
        self.hand.drag(self.pane, points[3], points[5])
        shown = self.pane.shown
        assert shown is not None
        for place, wanted in enumerate(points):
            before = shown.view
            spot = self.hand.at(self.pane, wanted)
            close = before.zoomed(_CLOSE_PX_PER_MM / before.scale, spot.x(), spot.y())
            self.pane.set_view(close.centred_on(wanted[0] / 1000, wanted[1] / 1000))
            # In the same place may lie the points of another series of the same frame of reference.
            mark = next(one for one in shown.heights if (one.level, one.stack) == (level, shown.stack.stack.id))
            self.hand.drag(self.pane, mark.points[place], wanted)
            self.pane.set_view(before)

    # Fields

    def pick(self, box: FieldBox, value: object) -> None:
        """Choose an entry of a list with the arrow keys."""
        place = box.findData(value)
        if place < 0 or not box.isEnabled():
            raise SpineReviewError("DRIVE_WAITED", what=f"{value} in {box.accessibleName()}")
        if place == box.currentIndex():
            return
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        QTest.keyClick(box, Qt.Key.Key_Home)
        for _ in range(place):
            QTest.keyClick(box, Qt.Key.Key_Down)
        QTest.keyClick(box, Qt.Key.Key_Return)
        self.hand.breathe()


def _squared(a: PointMpx, b: PointMpx) -> int:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
