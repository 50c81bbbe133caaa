"""What the actions do: one slot for each row of the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from spinereview import __version__
from spinereview.domain.lesion import LesionState
from spinereview.errors import Refused
from spinereview.imaging.slicing import Orientation, orientations
from spinereview.review.labels import label
from spinereview.text import sentence
from spinereview.ui import layouts
from spinereview.ui.actions import ACTIONS
from spinereview.ui.decisions import decide
from spinereview.ui.delivery_work import DeliveryDesk
from spinereview.ui.describing import describe_active
from spinereview.ui.keys_dialog import KeysDialog
from spinereview.ui.open_file import choose_file
from spinereview.ui.panels.messages import MessageLevel
from spinereview.ui.presets import Preset, preset_window
from spinereview.ui.reading import Reading
from spinereview.ui.report_work import report
from spinereview.ui.site_work import show_sites
from spinereview.ui.viewport import Viewport
from spinereview.ui.workbench import Workbench

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow

Slot = Callable[[], object]


class Acts:
    """Slots of the window's actions; most do nothing without an open case, their actions are off then."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.tool = "tool_bidirectional"
        self.delivery = DeliveryDesk(window)

    def slots(self) -> dict[str, Slot]:
        """Slot of every action."""
        window = self._window
        slots: dict[str, Slot] = {
            "open_folder": window.choose_folder,
            "open_file": partial(choose_file, window),
            "open_sample": window.open_sample,
            "case_visits": self._visits,
            "open_record": window.records.choose,
            "new_record": window.records.begin,
            "close_case": window.close_case,
            "quit": window.close,
            "keys": self._keys,
            "about": self._about,
            "report": partial(report, window),
            "check_delivery": self.delivery.choose,
            "describe_series": partial(describe_active, window),
            "tool_pointer": self._escape,
            **{name: partial(self._tool, name) for name in _names("tool_") if name != "tool_pointer"},
            **{f"preset_{number}": partial(self._preset, number - 1) for number in range(1, 6)},
            **{f"plane_{kind.value.lower()}": partial(self._plane, kind) for kind in Orientation},
            **self._viewing(),
            **self._acting(),
        }
        return slots

    def _viewing(self) -> dict[str, Slot]:
        def active(do: Callable[[Viewport], object]) -> Slot:
            return lambda: self._active(do)

        def bench(do: Callable[[Workbench], object]) -> Slot:
            return lambda: self._bench(do)

        return {
            "slice_previous": active(lambda pane: pane.scroll_by(-1)),
            "slice_next": active(lambda pane: pane.scroll_by(1)),
            "slice_previous_alone": active(lambda pane: pane.scroll_by(-1, alone=True)),
            "slice_next_alone": active(lambda pane: pane.scroll_by(1, alone=True)),
            "slice_first": active(lambda pane: pane.scroll_by(-(10**6))),
            "slice_last": active(lambda pane: pane.scroll_by(10**6)),
            "series_previous": bench(lambda one: one.navigation.step_series(-1)),
            "series_next": bench(lambda one: one.navigation.step_series(1)),
            "timepoint_previous": bench(lambda one: one.navigation.step_timepoint(-1)),
            "timepoint_next": bench(lambda one: one.navigation.step_timepoint(1)),
            "cross_lines": bench(lambda one: one.spine_work.toggle_cross_lines()),
            "fuse_pet": bench(lambda one: one.fusion.toggle()),
            "fuse_opacity": bench(lambda one: one.fusion.next_opacity()),
            "fuse_next": bench(lambda one: one.fusion.next_pet()),
            "tool_align_pet": self._align,
            "outlines": bench(lambda one: one.outlines.toggle()),
            "outline_list": bench(lambda one: one.outlines.choose()),
            "same_vertebra": bench(_go_to_level),
            "treated_sites": bench(show_sites),
            "invert": active(lambda pane: pane.invert()),
            "reset_view": active(lambda pane: pane.reset_view()),
            "pixel_zoom": active(lambda pane: pane.pixel_zoom()),
            "corner_text": bench(_toggle_corner_text),
            "layout_one": bench(lambda one: one.show_anew(one.hanging.toggle_one)),
            "layout_two": bench(lambda one: one.set_layout(layouts.TWO)),
            "layout_three": bench(lambda one: one.set_layout(layouts.THREE)),
            "layout_four": bench(lambda one: one.set_layout(layouts.TWO_BY_TWO)),
            "layout_six": bench(lambda one: one.set_layout(layouts.TWO_BY_THREE)),
            "layout_planes": bench(lambda one: one.show_anew(one.hanging.toggle_planes)),
            "link": bench(lambda one: one.linking.switch(on=self._window.actions_by_id["link"].isChecked())),
        }

    def _acting(self) -> dict[str, Slot]:
        def reading(do: Callable[[Reading], object]) -> Slot:
            return lambda: self._bench(lambda one: do(one.reading))

        return {
            "new_lesion": self._new_lesion,
            "toggle_target": reading(lambda one: one.toggle_target()),
            "toggle_node": reading(lambda one: one.toggle_node()),
            "state_absent": reading(lambda one: one.set_state(LesionState.ABSENT)),
            "state_too_small": reading(_too_small),
            "state_node_normal": reading(lambda one: one.set_state(LesionState.NODE_NORMAL)),
            "state_treated_off": reading(lambda one: one.set_state(LesionState.TREATED_OFF)),
            "state_treated_by_protocol": reading(lambda one: one.set_state(LesionState.TREATED_BY_PROTOCOL)),
            "others_present": reading(lambda one: one.others_present()),
            "split_into": self._split,
            "edit_lesion": lambda: self._bench(lambda one: one.lesion_work.edit()),
            "state_present": reading(lambda one: one.set_state(LesionState.PRESENT)),
            "state_ne": self._not_evaluable,
            "merge_into": self._merge,
            "decide_reappeared": partial(self._decide, "AFTER_CR", "REAPPEARED"),
            "decide_amend": partial(self._decide, "AFTER_CR", "AMEND_CR_TO_PR"),
            "decide_cr_confirmed": partial(self._decide, "EQUIVOCAL_CR", "CONFIRMED"),
            "decide_not_cr": partial(self._decide, "EQUIVOCAL_CR", "NOT_CR"),
            "state_unequivocal_pd": self._unequivocal,
            "next_obligation": partial(self._obligation, 1),
            "previous_obligation": partial(self._obligation, -1),
            "numbering_usual": reading(lambda one: one.set_numbering("")),
            "numbering_t13": reading(lambda one: one.set_numbering("T13")),
            "numbering_l6": reading(lambda one: one.set_numbering("L6")),
            "delete": self._delete,
            "undo": reading(lambda one: one.undo()),
            "redo": reading(lambda one: one.redo()),
            "lock": self._lock,
        }

    def _bench(self, do: Callable[[Workbench], object]) -> None:
        if self._window.bench is not None:
            do(self._window.bench)

    def _active(self, do: Callable[[Viewport], object]) -> None:
        self._bench(lambda bench: do(bench.grid.active))

    def _tool(self, name: str) -> None:
        self.tool = name
        self._window.actions_by_id[name].setChecked(True)
        self._bench(lambda bench: bench.set_tool(name))

    def _align(self) -> None:
        """Begin to align a PET; afterwards the tool of before is in the hand again."""
        bench, name = self._window.bench, "tool_align_pet"
        if bench is not None and bench.align.begin(lambda: self._tool(self.tool)):
            bench.set_tool(name)
            bench.grid.active.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._tool(self.tool)

    def _escape(self) -> None:
        """Give up a gesture or a question; else leave the tool."""
        bench = self._window.bench
        if bench is None:
            return
        gave_up = sum(pane.tool.cancel() for pane in bench.grid.viewports) > 0
        if bench.ask.isVisible():
            bench.ask.withdraw()
            bench.grid.active.setFocus()
        elif gave_up:
            pass
        elif bench.reading.end_split():
            bench.grid.active.setFocus()
        elif bench.reading.armed:
            bench.reading.select(None)
        else:
            self._tool("tool_pointer")
        self._window.actions_by_id[self.tool].setChecked(True)
        for pane in bench.grid.viewports:
            pane.update()

    def _preset(self, place: int) -> None:
        def show(pane: Viewport) -> None:
            if pane.shown is not None:
                try:
                    pane.set_window(preset_window(pane.shown, list(Preset)[place]))
                except Refused as refused:
                    self._window.refuse(refused)

        self._active(show)

    def _plane(self, kind: Orientation) -> None:
        def show(pane: Viewport) -> None:
            if pane.shown is None:
                return
            if kind in orientations(pane.shown.stack.grid):
                pane.set_orientation(kind)
            elif kind is Orientation.NATIVE or pane.shown.stack.grid.placed:
                # The asked-for plane is that of the acquired images themselves.
                pane.set_orientation(Orientation.NATIVE)
            else:
                self._window.refuse(Refused("UI_NO_REFORMAT"))

        self._active(show)

    def _new_lesion(self) -> None:
        def arm(bench: Workbench) -> None:
            bench.reading.arm()
            self._take_caliper()

        self._bench(arm)

    def _not_evaluable(self) -> None:
        self._ask_about_lesion("UI_ASK_NE_REASON", lambda one, text: one.set_state(LesionState.NE, reason=text))

    def _unequivocal(self) -> None:
        self._ask_about_lesion(
            "UI_ASK_JUSTIFICATION", lambda one, text: one.set_state(LesionState.UNEQUIVOCAL_PD, justification=text)
        )

    def _delete(self) -> None:
        """What the active tool makes: a label, heights, a calibration, else the selected lesion's."""

        def delete(bench: Workbench) -> None:
            if (
                not bench.align.remove()
                and not bench.spine_work.remove(self.tool)
                and not bench.calibration.remove(self.tool)
            ):
                bench.reading.delete()

        self._bench(delete)

    def _merge(self) -> None:
        def merge(bench: Workbench) -> None:
            def answer(reading: Reading, text: str) -> object:
                return reading.merge_into(text, plane_visible=bench.ask.option.isChecked())

            self._ask_about_lesion("UI_ASK_CARRIER", answer, option=sentence("UI_ASK_PLANE"))

        self._bench(merge)

    def _split(self) -> None:
        def split(bench: Workbench) -> None:
            bench.reading.start_split()
            self._take_caliper()

        self._bench(split)

    def _take_caliper(self) -> None:
        # Also takes a tool out of the hand that was there for a while only.
        self._tool(self.tool if self.tool in ("tool_bidirectional", "tool_diameter") else "tool_bidirectional")

    def _decide(self, key: str, value: str) -> None:
        self._bench(lambda bench: decide(bench, key, value))

    def _ask_about_lesion(self, code: str, answer: Callable[[Reading, str], object], option: str = "") -> None:
        def ask(bench: Workbench) -> None:
            lesion, timepoint = bench.reading.lesion, bench.reading.current
            if lesion is None or timepoint is None:
                self._window.refuse(Refused("UI_SELECT_LESION"))
                return
            question = sentence(code, {"lesion": label(lesion), "timepoint": timepoint.label})
            bench.ask.ask(question, lambda text: self._answered(bench, answer, text), option=option)

        self._bench(ask)

    @staticmethod
    def _answered(bench: Workbench, answer: Callable[[Reading, str], object], text: str) -> None:
        answer(bench.reading, text)
        bench.grid.active.setFocus()

    def _obligation(self, steps: int) -> None:
        def go(bench: Workbench) -> None:
            if not bench.navigation.step_obligation(steps) and bench.reading.current is not None:
                words = {"timepoint": bench.reading.current.label}
                self._window.messages.show_message(MessageLevel.INFO, sentence("UI_NOTHING_OPEN", words))

        self._bench(go)

    def _lock(self) -> None:
        def lock(bench: Workbench) -> None:
            reading = bench.reading
            if reading.locked and reading.current is not None:
                question = sentence("UI_ASK_UNLOCK", {"timepoint": reading.current.label})
                bench.ask.ask(question, lambda text: self._answered(bench, Reading.unlock, text))
            elif reading.lock():
                self._window.messages.clear()

        self._bench(lock)

    def _visits(self) -> None:
        """Open the case anew, and ask which visits its timepoints are; a protocol without visits says so."""
        opened = self._window.opened
        if opened is None:
            return
        if not opened.protocol.visits:
            self._window.refuse(Refused("UI_NO_VISITS"))
            return
        self._window.close_case()
        self._window.visits.ask_again()
        self._window.open_path(opened.read_path)

    def _keys(self) -> None:
        dialog = KeysDialog(lambda name: self._window.actions_by_id[name].text(), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _about(self) -> None:
        protocol = self._window.opened.protocol if self._window.opened is not None else None
        words = {
            "version": __version__,
            "protocol": "-" if protocol is None else f"{protocol.title} {protocol.version}",
            "hash": "-" if protocol is None else protocol.sha256[:16],
        }
        box = QMessageBox(self._window)
        box.setWindowTitle(sentence("UI_ABOUT"))
        box.setText(sentence("UI_ABOUT_TEXT", words))
        box.open()


def _names(prefix: str) -> list[str]:
    return [row.id for row in ACTIONS if row.id.startswith(prefix)]


def _too_small(reading: Reading) -> None:
    """Of the lesion; while it is splitting, of one more fragment."""
    if reading.splitting:
        reading.add_too_small_fragment()
    else:
        reading.set_state(LesionState.TOO_SMALL)


def _go_to_level(bench: Workbench) -> None:
    if bench.reading.level is not None:
        bench.spine_work.go_to(bench.reading.level)
    else:
        bench.reading.refused.emit(Refused("UI_SELECT_LEVEL"))


def _toggle_corner_text(bench: Workbench) -> None:
    for pane in bench.grid.viewports:
        pane.corner_text = not pane.corner_text
        pane.update()
