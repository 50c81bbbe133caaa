"""Rules of the house: sizes, names, the top of the tree, the locks, the dependencies and their licences."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "spinereview").rglob("*.py"))
MODULE_LINES = 400
TOP = frozenset(
    {
        *("spinereview", "resources", "sample_cases", "tests", "docs", "benchmarks", ".ci"),
        *("pyproject.toml", "spinereview.spec", "Makefile", ".gitignore", ".pre-commit-config.yaml"),
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    }
)
# Folders that exist on one machine only; put together here so that this file does not hold them.
MACHINE_PATH = re.compile("(?<![\\w.])/(?:" + "|".join(["work", "farm", "root", "home"]) + ")/\\w")
TEXT = frozenset({".py", ".toml", ".md", ".txt", ".yaml", ".json", ".qss", ".svg", ".csv", ".spec", ""})
LICENCES = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python Software Foundation|ISC|Zlib|LGPL|MPL)\b|Mozilla Public|Lesser General",
    re.IGNORECASE,
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = {
    "run": PROJECT["project"]["dependencies"],
    **PROJECT["project"]["optional-dependencies"],
    "setup": PROJECT["dependency-groups"]["setup"],
}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _tracked() -> list[Path]:
    """Files of the repository; where there is no git, as in a source archive, those of its folders."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [path for name in TOP for path in [ROOT / name, *(ROOT / name).rglob("*")]]
    return sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_and_named_after_what_it_is_about(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MODULE_LINES
    assert not re.search(r"util|helper|manager|misc|common", path.stem)


def test_nothing_else_stands_at_the_top() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in _tracked()} <= TOP


def test_no_text_names_a_folder_of_one_machine() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in _tracked()
        if path.suffix in TEXT and (found := MACHINE_PATH.search(path.read_text(encoding="utf-8")))
    ]
    assert named == []


@pytest.mark.parametrize("text", ["see /wo" + "rk/x", "'/ro" + "ot/config'"])
def test_a_folder_of_one_machine_is_found(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("lock", ["run", "dev", "bench", "setup"])
def test_a_lock_holds_every_dependency_with_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / ".ci" / "lock" / f"{lock}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.findall(r"^([\w.-]+)==(\S+)((?:.*\\\n)*.*)", text, re.MULTILINE)
    assert all("--hash=sha256:" in rest for _, _, rest in entries)
    parts = {"run": ["run"], "dev": ["run", "dev"], "bench": ["run", "dev", "bench"], "setup": ["setup"]}[lock]
    wanted = {_name(requirement) for part in parts for requirement in GROUPS[part]}
    assert wanted <= {_name(name) for name, _, _ in entries}


def test_a_package_has_one_version_in_all_locks() -> None:
    versions: dict[str, set[str]] = {}
    for path in sorted((ROOT / ".ci" / "lock").glob("*.txt")):
        entries = re.findall(r"^([\w.-]+)==([\w.!+-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in {name for name, _ in entries}:
            stated = {version for other, version in entries if other == name}
            assert versions.setdefault(name, stated) == stated, f"{path.name}: {name}"


def test_every_dependency_has_a_row_with_its_reason() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    named = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert {_name(requirement) for group in GROUPS.values() for requirement in group} <= named


def _licence(name: str) -> str:
    about = metadata.metadata(name)
    stated = [about.get("License-Expression", ""), about.get("License", "")]
    return " ".join(stated + [line for line in about.get_all("Classifier", []) if line.startswith("License")])


def _run_time_packages() -> set[str]:
    """Those of the lock that this interpreter and system get: markers of other ones install nothing here."""
    text = (ROOT / ".ci" / "lock" / "run.txt").read_text(encoding="utf-8")
    listed = [Requirement(line.rstrip("\\ ")) for line in re.findall(r"^[\w.-]+==.*", text, re.MULTILINE)]
    return {entry.name for entry in listed if entry.marker is None or entry.marker.evaluate()}


@pytest.mark.parametrize("name", sorted(_run_time_packages()))
def test_what_is_shipped_has_a_licence_that_allows_it(name: str) -> None:
    assert LICENCES.search(_licence(name)), _licence(name)


@pytest.mark.parametrize(
    "text", ["GPL-3.0-only", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)", ""]
)
def test_a_licence_that_forbids_it_is_found(text: str) -> None:
    assert not LICENCES.search(text)
