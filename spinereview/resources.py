"""The only place that knows where the program's own data lie: source tree, installed wheel, frozen program.

``resources/`` holds protocols, sentences, icons, fonts and presets; ``sample_cases/`` the recipes of the sample cases.
In a source tree both stand beside the package; a wheel and a frozen program carry them in ``spinereview/_data``.
"""

from __future__ import annotations

from pathlib import Path

from spinereview.errors import ResourceError


def _roots() -> tuple[Path, Path]:
    package = Path(__file__).resolve().parent
    return package / "_data", package.parent


def data_path(*parts: str) -> Path:
    """Path of a file or folder that the program carries.

    Parameters
    ----------
    *parts
        Names below the root, e.g. ``"resources", "protocols", "generic.toml"``.

    Raises
    ------
    ResourceError
        ``RESOURCE_MISSING`` where the program is installed incompletely.
    """
    for root in _roots():
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise ResourceError("RESOURCE_MISSING", name="/".join(parts))


def resource(*parts: str) -> Path:
    """Path of something below ``resources/``."""
    return data_path("resources", *parts)


def sample_recipes() -> Path:
    """Folder with the recipes of the sample cases."""
    return data_path("sample_cases")


def protocols() -> tuple[Path, ...]:
    """Protocol files that the program carries, sorted by name."""
    return tuple(sorted(resource("protocols").glob("*.toml")))
