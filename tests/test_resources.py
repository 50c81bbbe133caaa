"""The program's own files, found from a wheel outside the source tree."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from spinereview.errors import ResourceError
from spinereview.resources import data_path

ROOT = Path(__file__).parents[1]
PROBE = """
import spinereview
from spinereview.resources import protocols, resource, sample_recipes
from spinereview.text import catalogue

print(spinereview.__file__)
print(resource("locale", "en"))
print(*sorted(path.name for path in protocols()))
print(len(catalogue()))
print(*sorted(path.name for path in sample_recipes().iterdir()))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with what is inside the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def _probe(folder: Path, tmp_path: Path) -> list[str]:
    # -S: the editable install must not be found; the base needs nothing but the standard library.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROBE],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(folder)},
    )
    return done.stdout.splitlines()


def test_a_wheel_finds_what_it_carries(installed: Path, tmp_path: Path) -> None:
    package, locale, protocols, sentences, recipes = _probe(installed, tmp_path)
    assert Path(package).is_relative_to(installed)
    assert Path(locale).is_relative_to(installed)
    assert protocols.split() == sorted(path.name for path in (ROOT / "resources" / "protocols").glob("*.toml"))
    assert int(sentences) > 0
    assert recipes.split() == sorted(path.name for path in (ROOT / "sample_cases").iterdir())


def test_a_wheel_carries_every_resource(installed: Path) -> None:
    data = installed / "spinereview" / "_data"
    for folder in ("resources", "sample_cases"):
        wanted = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert wanted == {path.relative_to(data) for path in (data / folder).rglob("*") if path.is_file()}


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ResourceError) as raised:
        data_path("resources", "no such file.toml")
    assert raised.value.code == "RESOURCE_MISSING"
    assert raised.value.arguments == {"name": "resources/no such file.toml"}
