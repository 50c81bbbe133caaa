"""Commands for images: what a delivery holds, the sample cases."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spinereview.cli.answering import DONE, NOT_COMPLETE, NOTHING_TO_OPEN, Commands, need_path, write


def add(commands: Commands) -> None:
    """Add the commands."""
    scan = commands.add_parser("scan", help="say what images a folder, a file or a DICOMDIR holds, and what is wrong")
    scan.add_argument("path", type=Path, metavar="PATH")
    scan.add_argument("--json", action="store_true", help="as JSON (docs/scan.schema.json)")
    scan.add_argument(
        "--csv",
        type=Path,
        metavar="FILE_OR_DIR",
        help="also leave a table, a row for each stack; in a folder, more tables",
    )
    scan.add_argument(
        "--protocol", metavar="PROTOCOL", help="check against a protocol: which images of which visit are missing"
    )
    scan.set_defaults(run=_scan)
    samples = commands.add_parser("samples", help="make the sample cases: images of phantoms with known truth")
    samples.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="where; without it, among the program's data"
    )
    samples.set_defaults(run=_samples)


def _scan(arguments: argparse.Namespace) -> int:
    from spinereview.tasks import CancelToken
    from spinereview.workflow.delivery import look_at
    from spinereview.workflow.protocol_files import read
    from spinereview.workflow.scan_report import report_of
    from spinereview.workflow.scan_table import write_tables
    from spinereview.workflow.scan_text import scan_text

    need_path(arguments.path)
    protocol = None if arguments.protocol is None else read(arguments.protocol)
    delivery = look_at(arguments.path, protocol, cancel=CancelToken())
    write(json.dumps(report_of(delivery), indent=1) + "\n" if arguments.json else scan_text(delivery))
    if arguments.csv is not None:
        for table in write_tables(delivery, arguments.csv):
            print(table, file=sys.stderr)
    if not delivery.stacks:
        return NOTHING_TO_OPEN
    return NOT_COMPLETE if delivery.incomplete else DONE


def _samples(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.samples import make_samples, samples_folder

    for made in make_samples(arguments.folder or samples_folder()):
        print(f"{made.folder}: {made.recipe.title}")
    return DONE
