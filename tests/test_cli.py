"""The command line as a process: exit codes and what is written where."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from spinereview import __version__, cli, text
from spinereview.criteria import CRITERIA, QUESTIONS
from spinereview.errors import DicomError, ResourceError, SpineReviewError, UsageError
from spinereview.resources import protocols, sample_recipes
from spinereview.storage import eventtable
from spinereview.text import catalogue
from spinereview.workflow import selfcheck


def _spinereview(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spinereview", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_version_is_one_line() -> None:
    done = _spinereview("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"spinereview {__version__}\n", "")


@pytest.mark.parametrize("words", [(), ("no-such-command",), ("self-check", "--no-such-option")])
def test_words_that_cannot_be_used_end_with_2(words: tuple[str, ...]) -> None:
    done = _spinereview(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: spinereview")


def test_the_self_check_finds_every_part() -> None:
    done = _spinereview("self-check")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok     ") for line in lines)
    subjects = [line.removeprefix("ok     ").partition(":")[0] for line in lines]
    assert len(set(subjects)) == len(subjects)
    versions = {"spinereview", "Python", "SQLite", "OpenSSL", *selfcheck.PACKAGES, "Qt", "PySide6", "Qt platforms"}
    assert "ok     SQLite journal: truncate, no WAL" in lines
    assert f"ok     pydicom: {metadata.version('pydicom')} (>= {selfcheck.FLOORS['pydicom']})" in lines
    parts = {f"criterion {name}" for name in CRITERIA} | {f"question {name}" for name in QUESTIONS}
    files = {f"protocol {path.name}" for path in protocols()}
    files |= {f"sample recipe {path.name}" for path in sample_recipes().glob("*.toml")}
    assert versions | parts | files | {"window", "statistics"} <= set(subjects)


def test_the_self_check_answers_as_json_what_it_says_as_text() -> None:
    done = _spinereview("self-check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["version"], answer["complete"]) == (__version__, True)
    lines = [f"ok     {part['subject']}: {part['found']}" for part in answer["parts"]]
    assert lines == _spinereview("self-check").stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="a broken library is put before the system's own one")
def test_the_self_check_names_what_the_pdf_lacks_and_is_content(tmp_path: Path) -> None:
    (tmp_path / "libpango-1.0.so.0").write_bytes(b"")
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "spinereview", "self-check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0
    assert "absent PDF of reports: " in done.stdout.splitlines()
    assert "Install Pango" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command", ["open", "assess", "analyse", "report", "scan", "self-check", "first-run", "samples", "sites"]
)
def test_every_command_has_help_that_says_what_it_does(command: str) -> None:
    done = _spinereview(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: spinereview {command}")


@pytest.mark.parametrize(
    ("name", "found", "holds"),
    [
        pytest.param("pydicom", "3.0.1", False, id="below"),
        pytest.param("pydicom", "3.0.2", True, id="the floor"),
        pytest.param("pydicom", "3.0.10", True, id="counted and not spelt"),
        pytest.param("pydicom", "3.1.0rc1", True, id="above"),
        pytest.param("pydicom", "unknown", False, id="no number"),
        pytest.param("Python", "3.10.14", False, id="an old Python"),
        pytest.param("numpy", "1.0", True, id="without a floor"),
        pytest.param("SQLite with WAL", "3.51.2", False, id="an old SQLite where it has WAL"),
    ],
)
def test_a_version_below_its_floor_fails_the_self_check(name: str, found: str, holds: bool) -> None:
    line = selfcheck.checked(name, lambda: selfcheck.at_least(name, found))
    assert (line.failure is None) is holds
    assert holds or line.failure.code == "PART_TOO_OLD"


def test_a_trail_in_wal_mode_needs_the_sqlite_that_mended_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert selfcheck._journal() == "truncate, no WAL"
    monkeypatch.setattr(eventtable, "_PRAGMAS", ("journal_mode=WAL",))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.51.2")
    assert selfcheck.checked("SQLite journal", selfcheck._journal).failure.code == "PART_TOO_OLD"
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.51.3")
    assert selfcheck._journal() == "3.51.3 (>= 3.51.3)"


@pytest.mark.parametrize("error", [ImportError("libx.so"), ResourceError("RESOURCE_MISSING", name="x"), MemoryError()])
def test_a_part_that_fails_is_named_and_the_others_are_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(*_given: object) -> str:
        raise error

    monkeypatch.setattr(selfcheck, "read_protocol", fail)
    assert cli.main(["self-check"]) == 1
    written = capsys.readouterr()
    lines = written.out.splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    assert failed == [f"FAILED protocol {path.name}: " for path in protocols()]
    assert lines[-1].startswith("ok     sample recipe")
    assert written.err.startswith("protocol generic.toml: ")


def test_a_self_check_without_sentences_still_names_what_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_given: object) -> Path:
        raise ResourceError("RESOURCE_MISSING", name="locale/en")

    catalogue.cache_clear()
    monkeypatch.setattr(text, "resource", fail)
    try:
        assert cli.main(["self-check"]) == 1
    finally:
        catalogue.cache_clear()
    written = capsys.readouterr()
    assert "FAILED sentences: " in written.out
    assert "sentences: RESOURCE_MISSING(name=locale/en)" in written.err
    assert "ok     codec" in written.out


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(DicomError("CODEC_WRONG", name="ramp"), 1, id="an error"),
        pytest.param(UsageError("CODEC_WRONG", name="ramp"), 2, id="words without sense together"),
    ],
)
def test_an_error_is_one_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: SpineReviewError, code: int
) -> None:
    def fail(_window: object) -> None:
        raise error

    monkeypatch.setattr(selfcheck, "self_check", fail)
    assert cli.main(["self-check"]) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith("The decoder gives other samples than ramp holds.")
    assert written.err.count("\n") == 1


def test_a_damaged_stream_is_named_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = selfcheck.resource("self_check", "rle.bin").read_bytes()
    (tmp_path / "rle.bin").write_bytes(good[:-4] + b"\0\0\0\0")
    original = selfcheck.resource

    def resource(*parts: str) -> Path:
        return tmp_path / "rle.bin" if parts == ("self_check", "rle.bin") else original(*parts)

    monkeypatch.setattr(selfcheck, "resource", resource)
    assert cli.main(["self-check"]) == 1
    written = capsys.readouterr()
    assert "FAILED codec 1.2.840.10008.1.2.5" in written.out
    assert written.out.count("FAILED") == 1
    assert "1.2.840.10008.1.2.5" in written.err
    assert "rle.bin" in written.err
    assert "{" not in written.err


def test_the_command_line_starts_without_what_only_a_window_needs() -> None:
    heavy = (
        "PySide6",
        "vtkmodules",
        "SimpleITK",
        "scipy",
        "statsmodels",
        "pandas",
        "matplotlib",
        "weasyprint",
        "imagecodecs",
    )
    source = f"import sys, spinereview.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_the_window_shows_without_what_only_a_later_act_needs(tmp_path: Path) -> None:
    own = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(tmp_path))
    command = [sys.executable, "-m", "spinereview", "open", "--until-shown"]
    environment = {**os.environ, **own, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    # After the word the names of such libraries would follow.
    assert (done.returncode, done.stdout) == (0, "shown\n")


def test_a_visit_that_cannot_be_read_is_refused_before_a_window_is_opened(capsys) -> None:
    assert cli.main(["open", "--visit", "POST"]) == 2
    assert "--visit FU1=POST" in capsys.readouterr().err
