"""Start of the program: ``python -m spinereview``, the command ``spinereview``, and the frozen program."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the command line; what it returns is the exit code of the process."""
    # First of all: in a frozen program a spawned worker starts here too, and must not start a second program.
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--decode"]:
        # The frozen program is started a second time to decode, and does nothing else then.
        from spinereview.workflow.decoding import run_if_asked

        run_if_asked(sys.argv[1:])
        return 0
    from spinereview.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
