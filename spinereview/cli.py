"""The command line: thin calls into :mod:`spinereview.workflow`.

Every command imports what it needs inside its function, so that ``spinereview --version`` starts at once and the
window loads only what a window needs. Exit codes: 0 done, 1 an error, told in one sentence on standard error,
2 words of the command line that cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from spinereview import __version__
from spinereview.errors import SpineReviewError, UsageError
from spinereview.text import explain

DONE = 0
FAILED = 1
USAGE = 2

_Run = Callable[[argparse.Namespace], int]


def main(words: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    words
        The command line without the program's name.

    Returns
    -------
    int
        Exit code of the process.
    """
    arguments = _parser().parse_args(words)
    run: _Run = arguments.run
    try:
        return run(arguments)
    except UsageError as error:
        print(explain(error), file=sys.stderr)
        return USAGE
    except SpineReviewError as error:
        print(explain(error), file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spinereview",
        description="A reading workstation for trials of spine metastases. Research use only.",
    )
    parser.add_argument("--version", action="version", version=f"spinereview {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    self_check = commands.add_parser("self-check", help="prove that this installation is complete")
    self_check.set_defaults(run=_self_check)
    return parser


def _self_check(_arguments: argparse.Namespace) -> int:
    from spinereview.workflow.selfcheck import self_check

    failed = 0
    for line in self_check():
        print(f"{'ok    ' if line.failure is None else 'FAILED'} {line.subject}: {line.found}", flush=True)
        if line.failure is not None:
            print(f"{line.subject}: {explain(line.failure)}", file=sys.stderr)
            failed += 1
    return FAILED if failed else DONE
