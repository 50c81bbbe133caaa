"""What every command has in common: exit codes, how an answer and an error are printed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TypeAlias

from spinereview.errors import SpineReviewError, UsageError
from spinereview.text import explain

DONE = 0
FAILED = 1
USAGE = 2
NOTHING_TO_OPEN = 3
ROWS_WRONG = 4
NOT_COMPLETE = 5

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it


def need_file(path: Path) -> None:
    """Refuse a path that is no file.

    Raises
    ------
    UsageError
        ``PATH_MISSING``.
    """
    if not path.is_file():
        raise UsageError("PATH_MISSING", file=path)


def need_path(path: Path) -> None:
    """Refuse a path at which nothing is.

    Raises
    ------
    UsageError
        ``PATH_MISSING``.
    """
    if not path.exists():
        raise UsageError("PATH_MISSING", file=path)


def told(error: SpineReviewError) -> str:
    """Sentence of an error; its code where the program's own sentences cannot be read."""
    try:
        return explain(error)
    except SpineReviewError:
        return str(error)


def write(text: str) -> None:
    """Write text; characters that the terminal does not have are shown by their number."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def answer(arguments: argparse.Namespace, tree: object, text: str) -> int:
    """Print an answer as JSON or as text."""
    write(json.dumps(tree, indent=1) + "\n" if arguments.json else text)
    return DONE
