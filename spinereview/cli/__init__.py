"""The command line: thin calls into :mod:`spinereview.workflow`, one module for each group of commands.

Every command imports what it needs inside its function, so that ``spinereview --version`` starts at once and the
window loads only what a window needs. Exit codes: 0 done, 1 an error, told in one sentence on standard error,
2 words of the command line that cannot be used, 3 a scan found nothing that can be opened, 4 a table was assessed but for
rows that are wrong, 5 a visit that has come lacks images that the protocol wants of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from spinereview import __version__
from spinereview.cli import clinical, images, nifti, protocols, reports, rules, sites, window
from spinereview.cli.answering import FAILED, USAGE, told
from spinereview.errors import SpineReviewError, UsageError

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
        print(told(error), file=sys.stderr)
        return USAGE
    except SpineReviewError as error:
        print(told(error), file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spinereview",
        description="A reading workstation for trials of spine metastases. Research use only.",
    )
    parser.add_argument("--version", action="version", version=f"spinereview {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (window, images, nifti, rules, reports, clinical, sites, protocols):
        group.add(commands)
    return parser
