"""Versions of the window's own libraries, for the self-check; the only part of it that needs Qt."""

from __future__ import annotations

import importlib

import PySide6
from PySide6.QtCore import QDir, QLibraryInfo, qVersion


def qt_version() -> str:
    """Version of the Qt library that is loaded, which need not be the one that PySide6 was built with."""
    return qVersion()


def binding_version() -> str:
    """Version of PySide6."""
    return str(PySide6.__version__)


def platform_plugins() -> str:
    """Names of the screens that Qt can draw on here; without one of them no window opens.

    Raises
    ------
    FileNotFoundError
        None is installed.
    """
    folder = QDir(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath) + "/platforms")
    names = folder.entryList(QDir.Filter.Files)
    if not names:
        raise FileNotFoundError(folder.path())
    return " ".join(names)


def window() -> str:
    """Load every module of the window; libraries of the system that Qt lacks are named by the error."""
    return importlib.import_module("spinereview.ui.app").__name__


PARTS = {"Qt": qt_version, "PySide6": binding_version, "Qt platforms": platform_plugins, "window": window}
"""By the name that the self-check prints."""
