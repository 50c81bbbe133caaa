"""The table of actions: each can be done, is named, has its own key; and everything that takes input has a name."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLabel, QLineEdit, QMessageBox

from spinereview.text import catalogue, sentence
from spinereview.ui.actions import ACTIONS, Menu, name_code
from spinereview.ui.keys_dialog import KeysDialog
from spinereview.ui.viewport import Viewport


def test_every_action_has_a_slot_and_no_slot_is_without_one(empty) -> None:
    assert set(empty.window.acts.slots()) == {row.id for row in ACTIONS}


def test_every_action_has_its_name_in_the_catalogue() -> None:
    assert [row.id for row in ACTIONS if name_code(row.id) not in catalogue()] == []


def test_no_key_and_no_id_stands_twice() -> None:
    keys = Counter(QKeySequence(row.key).toString() for row in ACTIONS if row.key)
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(not QKeySequence(row.key).isEmpty() for row in ACTIONS if row.key)
    assert max(Counter(row.id for row in ACTIONS).values()) == 1


def test_every_action_stands_in_the_menu_and_keeps_its_key(empty) -> None:
    menus = [action.menu() for action in empty.window.menu.actions()]
    assert [menu.title() for menu in menus] == [sentence(f"UI_MENU_{kind}") for kind in Menu]
    listed = [action for menu in menus for action in menu.actions() if not action.isSeparator()]
    assert listed == [empty.window.actions_by_id[row.id] for kind in Menu for row in ACTIONS if row.menu is kind]
    for row in ACTIONS:
        assert empty.window.actions_by_id[row.id].shortcut() == QKeySequence(row.key)


def test_without_a_case_only_what_needs_none_can_be_done(empty) -> None:
    enabled = {row.id for row in ACTIONS if empty.window.actions_by_id[row.id].isEnabled()}
    alone = {"open_folder", "open_file", "open_sample", "check_delivery", "open_record", "new_record"}
    assert enabled == alone | {"quit", "keys", "about"}


def test_every_key_can_be_pressed_in_a_fresh_case_without_harm(desk) -> None:
    desk.activate(desk.pane)
    for row in ACTIONS:
        if row.id in {"open_folder", "open_file", "open_sample", "quit", "close_case", "keys", "about"} or not row.key:
            continue
        combination = QKeySequence(row.key)[0]
        desk.key(combination.key(), combination.keyboardModifiers())
    assert not desk.read.lesions or desk.read.lesions.keys() <= {"L01"}
    desk.saved()


def test_whatever_takes_input_has_a_name_for_screen_readers(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_E)
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, Viewport)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for kind in kinds
        for widget in desk.window.findChildren(kind)
        if not widget.objectName().startswith("qt_")
        and not _inside(widget, (QComboBox, QAbstractItemView))
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]
    assert nameless == []


def _inside(widget, kinds: tuple[type, ...]) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parentWidget()
    return False


def test_an_icon_without_a_word_tells_its_name_and_key_in_the_tooltip(desk) -> None:
    for row in ACTIONS:
        action = desk.window.actions_by_id[row.id]
        if row.icon and row.key:
            assert action.toolTip().endswith(f"({row.key})")


def test_about_is_a_box_that_keeps_nothing_waiting(desk) -> None:
    desk.window.actions_by_id["about"].trigger()
    box = next(one for one in desk.window.findChildren(QMessageBox) if one.isVisible())
    assert "research use" in box.text()
    desk.key(Qt.Key.Key_Escape)
    box.close()
    box.deleteLater()


def test_f1_shows_every_key_once_on_the_smallest_screen(desk) -> None:
    desk.key(Qt.Key.Key_F1)
    dialog = next(one for one in desk.window.findChildren(KeysDialog) if one.isVisible())
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    for row in ACTIONS:
        if row.key:
            assert shown.count(row.key) == 1, row.id
    # Room for the frame of the window and the bars of the desktop.
    assert dialog.height() <= 768 - 80
    assert dialog.width() <= 1366 - 40
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    desk.breathe()
    assert not any(one.isVisible() for one in desk.window.findChildren(KeysDialog))
