"""Real images that several projects share; they are no part of this one and may be absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_images(pytestconfig: pytest.Config) -> Path:
    """Folder with the shared images: below SPINEREVIEW_SHARED, else below ``shared`` beside the project."""
    root = Path(os.environ.get("SPINEREVIEW_SHARED") or pytestconfig.rootpath.parent / "shared")
    images = root / "data" / "images"
    if not images.is_dir():
        pytest.skip("the shared images are not on this machine (set SPINEREVIEW_SHARED to their folder)")
    return images
