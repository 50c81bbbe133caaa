"""Real images that several projects share; they are no part of this one and may be absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_images(pytestconfig: pytest.Config) -> Path:
    """Folder with the shared images: below SPINEREVIEW_SHARED, else below ``shared`` beside the project."""
    return _shared(pytestconfig, "images")


@pytest.fixture(scope="session")
def shared_cdisc(pytestconfig: pytest.Config) -> Path:
    """Folder with the tumour tables of CDISC."""
    return _shared(pytestconfig, "cdisc")


def _shared(pytestconfig: pytest.Config, name: str) -> Path:
    root = Path(os.environ.get("SPINEREVIEW_SHARED") or pytestconfig.rootpath.parent / "shared")
    folder = root / "data" / name
    if not folder.is_dir():
        pytest.skip(f"the shared {name} are not on this machine (set SPINEREVIEW_SHARED to their folder)")
    return folder
