"""Makes Qt's actions and the menu from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from spinereview.text import sentence
from spinereview.ui.actions import ACTIONS, ActionRow, Menu, name_code
from spinereview.ui.theme import icon


def made_action(row: ActionRow, parent: QObject) -> QAction:
    """Action of a row, with its words, icon and key; not yet connected."""
    action = QAction(sentence(name_code(row.id)), parent)
    if row.icon:
        action.setIcon(icon(row.icon))
    if row.key:
        action.setShortcut(QKeySequence(row.key))
        action.setToolTip(f"{action.text().removesuffix(' ...')}  ({row.key})")
    action.setCheckable(row.group in {"tool", "switch"})
    action.setChecked(row.group == "switch")
    if row.image_only:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    return action


def made_menu(actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """Menu of all actions, a part for each :class:`Menu`; of the tools one is checked."""
    menu = QMenu(parent)
    tools = QActionGroup(parent)
    for kind in Menu:
        part = menu.addMenu(sentence(f"UI_MENU_{kind}"))
        for row in ACTIONS:
            if row.menu is not kind:
                continue
            if row.parted:
                part.addSeparator()
            part.addAction(actions[row.id])
            if row.group == "tool":
                tools.addAction(actions[row.id])
    return menu
