"""Start of the program: ``python -m spinereview``, the command ``spinereview``, and the frozen program."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the command line; what it returns is the exit code of the process."""
    # First of all: in a frozen program a spawned worker starts here too, and must not start a second program.
    multiprocessing.freeze_support()
    from spinereview.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
