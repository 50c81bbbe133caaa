"""Commands that open the window, or prove that it can be."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spinereview import __version__
from spinereview.cli.answering import DONE, FAILED, Commands, need_path, told
from spinereview.errors import UsageError


def add(commands: Commands) -> None:
    """Add the commands."""
    opened = commands.add_parser(
        "open", help="open the window, on a folder with images, a case folder, a read or a clinical record"
    )
    opened.add_argument("path", type=Path, metavar="PATH", nargs="?")
    opened.add_argument("--reader", default="", metavar="CODE", help="code of who reads; kept for the next start")
    opened.add_argument("--subject", default="", metavar="CODE", help="code of the subject of new images")
    opened.add_argument(
        "--protocol", default="", metavar="P", help="of new images: a protocol file, or a name (generic)"
    )
    opened.add_argument(
        "--visit",
        action="append",
        default=[],
        metavar="TIMEPOINT=VISIT",
        help="which visit of the protocol a timepoint is, where the window would ask (FU1=POST; FU1= is unscheduled)",
    )
    opened.add_argument("--until-shown", action="store_true", help="close the window as soon as it can be used")
    opened.set_defaults(run=_open)
    first = commands.add_parser("first-run", help="open the window on the sample case, made where it is missing")
    first.add_argument("--reader", default="", metavar="CODE", help="code of who reads")
    first.add_argument("--drive", type=Path, metavar="PNG", help="read it by itself and leave a picture of the window")
    first.set_defaults(run=_first_run)
    self_check = commands.add_parser("self-check", help="prove that this installation is complete")
    self_check.add_argument("--json", action="store_true", help="as JSON: what was found of each part, and what failed")
    self_check.set_defaults(run=_self_check)


@contextmanager
def _loading() -> Iterator[None]:
    """While the modules of a window are loaded: with as little beside it as can be, for somebody waits for the window."""
    # What is loaded stays: the collector would look through all of it again and again, and find nothing.
    gc.disable()
    try:
        # Of every module that is loaded after Qt its binding reads the source text, so these come first.
        from spinereview.workflow import case, delivery, reporting  # noqa: F401  # loaded, not used here

        yield
    finally:
        gc.enable()


def _open(arguments: argparse.Namespace) -> int:
    with _loading():
        from spinereview.ui.app import run

    if arguments.path is not None:
        need_path(arguments.path)
    reader, subject, until_shown = arguments.reader, arguments.subject, arguments.until_shown
    return run(
        arguments.path,
        reader=reader,
        subject=subject,
        protocol=arguments.protocol,
        visits=_visits(arguments.visit),
        until_shown=until_shown,
    )


def _visits(words: Sequence[str]) -> dict[str, str]:
    """Visit by timepoint, of words like ``FU1=POST``."""
    given: dict[str, str] = {}
    for word in words:
        timepoint, sign, visit = word.partition("=")
        if not timepoint or not sign:
            raise UsageError("VISIT_WORD", value=word)
        given[timepoint] = visit
    return given


def _first_run(arguments: argparse.Namespace) -> int:
    with _loading():
        from spinereview.ui.app import run_first

    return run_first(reader=arguments.reader, picture=arguments.drive)


def _self_check(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.selfcheck import self_check

    def of_window(name: str) -> Callable[[], str]:
        def find() -> str:
            from spinereview.ui import versions

            return versions.PARTS[name]()

        return find

    parts = []
    for line in self_check({name: of_window(name) for name in ("Qt", "PySide6", "Qt platforms", "window")}):
        why = None if line.failure is None else told(line.failure)
        parts.append({"subject": line.subject, "found": line.found, "failure": why, "optional": line.optional})
        if not arguments.json:
            mark = "ok    " if why is None else "absent" if line.optional else "FAILED"
            print(f"{mark} {line.subject}: {line.found}", flush=True)
        if why is not None:
            print(f"{line.subject}: {why}", file=sys.stderr)
    failed = any(part["failure"] is not None and not part["optional"] for part in parts)
    if arguments.json:
        print(json.dumps({"version": __version__, "complete": not failed, "parts": parts}, indent=1))
    return FAILED if failed else DONE
