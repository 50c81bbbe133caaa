"""The command line as a process: exit codes and what is written where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spinereview import __version__, cli
from spinereview.errors import DicomError, SpineReviewError, UsageError
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
    for part in ("Python", "SQLite", "OpenSSL", "numpy", "pydicom", "imagecodecs", "PySide6", "protocol", "codec"):
        assert any(part in line for line in lines), part


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
    def fail() -> None:
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


def test_the_command_line_starts_without_what_only_a_window_needs() -> None:
    heavy = ("PySide6", "vtkmodules", "SimpleITK", "scipy", "matplotlib", "weasyprint", "imagecodecs")
    source = f"import sys, spinereview.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
