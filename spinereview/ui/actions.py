"""What can be done by a key, a menu or a button: one table, from which all of them are made.

A row names the action, its menu, its key, its icon and the sentence code of its name. Rows of one ``group`` exclude each
other (the tool that is active); but each of ``switch`` is on or off by itself. The window connects each id to a slot; a
test checks that none is left unconnected and that no key stands twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Menu(StrEnum):
    """Menus from left to right."""

    CASE = "CASE"
    VIEW = "VIEW"
    MEASURE = "MEASURE"
    SPINE = "SPINE"
    READ = "READ"
    HELP = "HELP"


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action; ``image_only`` keys act only while an image has the focus; ``parted``: a line stands above it."""

    id: str
    menu: Menu
    key: str = ""
    icon: str = ""
    group: str = ""
    image_only: bool = False
    parted: bool = False


ACTIONS: tuple[ActionRow, ...] = (
    ActionRow("open_folder", Menu.CASE, "Ctrl+O", "folder-open"),
    ActionRow("open_file", Menu.CASE, "Ctrl+Shift+O"),
    ActionRow("open_sample", Menu.CASE),
    ActionRow("check_delivery", Menu.CASE),
    ActionRow("case_visits", Menu.CASE),
    ActionRow("open_record", Menu.CASE, parted=True),
    ActionRow("new_record", Menu.CASE),
    ActionRow("close_case", Menu.CASE, "Ctrl+W", parted=True),
    ActionRow("quit", Menu.CASE, "Ctrl+Shift+Q", parted=True),
    ActionRow("tool_pointer", Menu.MEASURE, "Esc", "mouse-pointer-2", "tool"),
    ActionRow("tool_window", Menu.MEASURE, "W", "contrast", "tool"),
    ActionRow("tool_zoom", Menu.MEASURE, "", "zoom-in", "tool"),
    ActionRow("tool_pan", Menu.MEASURE, "", "hand", "tool"),
    ActionRow("tool_crosshair", Menu.VIEW, "Shift+K", "crosshair", "tool"),
    ActionRow("tool_diameter", Menu.MEASURE, "D", "ruler", "tool", parted=True),
    ActionRow("tool_bidirectional", Menu.MEASURE, "B", "move-diagonal-2", "tool"),
    ActionRow("tool_calibrate", Menu.MEASURE, "Shift+D", "scaling", "tool"),
    ActionRow("tool_heights", Menu.SPINE, "H", "arrow-up-down", "tool"),
    ActionRow("tool_level", Menu.SPINE, "L", "list", "tool"),
    ActionRow("preset_1", Menu.VIEW, "1", image_only=True),
    ActionRow("preset_2", Menu.VIEW, "2", image_only=True),
    ActionRow("preset_3", Menu.VIEW, "3", image_only=True),
    ActionRow("preset_4", Menu.VIEW, "4", image_only=True),
    ActionRow("preset_5", Menu.VIEW, "5", image_only=True),
    ActionRow("plane_native", Menu.VIEW, "Shift+1", group="plane", parted=True),
    ActionRow("plane_axial", Menu.VIEW, "Shift+2", group="plane"),
    ActionRow("plane_sagittal", Menu.VIEW, "Shift+3", group="plane"),
    ActionRow("plane_coronal", Menu.VIEW, "Shift+4", group="plane"),
    ActionRow("slice_previous", Menu.VIEW, "Up", image_only=True, parted=True),
    ActionRow("slice_next", Menu.VIEW, "Down", image_only=True),
    ActionRow("slice_previous_alone", Menu.VIEW, "Shift+Up", image_only=True),
    ActionRow("slice_next_alone", Menu.VIEW, "Shift+Down", image_only=True),
    ActionRow("slice_first", Menu.VIEW, "Home", image_only=True),
    ActionRow("slice_last", Menu.VIEW, "End", image_only=True),
    ActionRow("series_previous", Menu.VIEW, "PgUp", parted=True),
    ActionRow("series_next", Menu.VIEW, "PgDown"),
    ActionRow("timepoint_previous", Menu.VIEW, "["),
    ActionRow("timepoint_next", Menu.VIEW, "]"),
    ActionRow("invert", Menu.VIEW, "I", parted=True),
    ActionRow("reset_view", Menu.VIEW, "R", "rotate-ccw"),
    ActionRow("pixel_zoom", Menu.VIEW, "Z"),
    ActionRow("corner_text", Menu.VIEW, "Ctrl+T"),
    ActionRow("layout_one", Menu.VIEW, "F", "square", "layout", parted=True),
    ActionRow("layout_two", Menu.VIEW, "C", "columns-2", "layout"),
    ActionRow("layout_three", Menu.VIEW, "Ctrl+3", "columns-3", "layout"),
    ActionRow("layout_four", Menu.VIEW, "Shift+C", "grid-2x2", "layout"),
    ActionRow("layout_six", Menu.VIEW, "Ctrl+6", "grid-3x2", "layout"),
    ActionRow("layout_planes", Menu.VIEW, "M"),
    ActionRow("link", Menu.VIEW, "Ctrl+K", "link", "switch"),
    ActionRow("new_lesion", Menu.READ, "N", "plus"),
    ActionRow("toggle_target", Menu.READ, "T"),
    ActionRow("toggle_node", Menu.READ, "Shift+N"),
    ActionRow("state_absent", Menu.READ, "X", parted=True),
    ActionRow("state_too_small", Menu.READ, "S"),
    ActionRow("state_ne", Menu.READ, "E"),
    ActionRow("state_present", Menu.READ, "Y"),
    ActionRow("state_unequivocal_pd", Menu.READ, "U"),
    ActionRow("others_present", Menu.READ, "Shift+Y"),
    ActionRow("merge_into", Menu.READ, "G", parted=True),
    ActionRow("split_into", Menu.READ, "J"),
    ActionRow("state_node_normal", Menu.READ, parted=True),
    ActionRow("state_treated_off", Menu.READ),
    ActionRow("state_treated_by_protocol", Menu.READ),
    ActionRow("edit_lesion", Menu.READ, "F2"),
    ActionRow("decide_reappeared", Menu.READ, parted=True),
    ActionRow("decide_amend", Menu.READ),
    ActionRow("decide_cr_confirmed", Menu.READ),
    ActionRow("decide_not_cr", Menu.READ),
    ActionRow("numbering_usual", Menu.SPINE, parted=True),
    ActionRow("numbering_t13", Menu.SPINE),
    ActionRow("numbering_l6", Menu.SPINE),
    ActionRow("treated_sites", Menu.SPINE, parted=True),
    ActionRow("next_obligation", Menu.READ, "Space", parted=True),
    ActionRow("previous_obligation", Menu.READ, "Shift+Space"),
    ActionRow("describe_series", Menu.VIEW, parted=True),
    ActionRow("cross_lines", Menu.VIEW, "K", parted=True),
    ActionRow("fuse_pet", Menu.VIEW, "P", parted=True),
    ActionRow("fuse_opacity", Menu.VIEW, "Shift+P"),
    ActionRow("fuse_next", Menu.VIEW),
    ActionRow("tool_align_pet", Menu.VIEW, "", "", "tool"),
    ActionRow("outlines", Menu.VIEW, "O"),
    ActionRow("outline_list", Menu.VIEW, "Shift+O"),
    ActionRow("same_vertebra", Menu.SPINE, "V", parted=True),
    ActionRow("delete", Menu.READ, "Del", "trash-2", parted=True),
    ActionRow("undo", Menu.READ, "Ctrl+Z", "undo-2"),
    ActionRow("redo", Menu.READ, "Ctrl+Shift+Z", "redo-2"),
    ActionRow("lock", Menu.READ, "Ctrl+Return", "lock", parted=True),
    ActionRow("report", Menu.READ, parted=True),
    ActionRow("keys", Menu.HELP, "F1", "keyboard"),
    ActionRow("about", Menu.HELP),
)

WITHOUT_CASE = frozenset(
    {"open_folder", "open_file", "open_sample", "check_delivery", "open_record", "new_record", "quit", "keys", "about"}
)
"""Actions that can be done while no case is open."""


def name_code(action_id: str) -> str:
    """Sentence code of an action's name."""
    return f"UI_{action_id.upper()}"
