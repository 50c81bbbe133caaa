"""The report of a read."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spinereview.cli.answering import DONE, FAILED, Commands, need_path, told


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = commands.add_parser("report", help="write the report of a read: HTML, PDF, tables, JSON")
    parser.description = (
        "Write what comes out of a read. Without one of --html, --pdf, --csv, --read-json: the report as HTML and PDF. "
        "The read is not changed; one that is open elsewhere is refused."
    )
    parser.add_argument("path", type=Path, metavar="READ", help="a .srread file in its case folder")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where; without it, in a folder beside the read")
    parser.add_argument("--html", action="append_const", dest="kinds", const="html", help="report.html, one file")
    parser.add_argument("--pdf", action="append_const", dest="kinds", const="pdf", help="report.pdf, tagged PDF/A")
    parser.add_argument("--csv", action="append_const", dest="kinds", const="csv", help="the tables of the read")
    parser.add_argument(
        "--read-json",
        action="append_const",
        dest="kinds",
        const="read-json",
        help="read.json, all of the read (docs/read.schema.json)",
    )
    parser.add_argument("--json", action="store_true", help="say as JSON what was written (docs/report.schema.json)")
    parser.set_defaults(run=_report)


def _report(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.reporting import USUAL, Kind, as_json, report_file

    need_path(arguments.path)
    kinds = frozenset(Kind(name) for name in arguments.kinds) if arguments.kinds else USUAL
    written = report_file(arguments.path, arguments.out, kinds)
    if arguments.json:
        print(json.dumps(as_json(written), indent=1))
    else:
        for _, file in written.files:
            print(file)
    for _, error in written.refused:
        print(told(error), file=sys.stderr)
    return FAILED if written.refused else DONE
