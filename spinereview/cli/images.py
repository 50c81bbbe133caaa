"""Commands for images: what a delivery holds, the sample cases."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from spinereview.cli.answering import DONE, NOTHING_TO_OPEN, Commands, need_path, write


def add(commands: Commands) -> None:
    """Add the commands."""
    scan = commands.add_parser("scan", help="say what images a folder, a file or a DICOMDIR holds, and what is wrong")
    scan.add_argument("path", type=Path, metavar="PATH")
    scan.add_argument("--json", action="store_true", help="as JSON (docs/scan.schema.json)")
    scan.set_defaults(run=_scan)
    samples = commands.add_parser("samples", help="make the sample cases: images of phantoms with known truth")
    samples.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="where; without it, among the program's data"
    )
    samples.set_defaults(run=_samples)


def _scan(arguments: argparse.Namespace) -> int:
    from spinereview.tasks import CancelToken
    from spinereview.workflow.scan_report import opens_anything, scan_report_and_text

    need_path(arguments.path)
    report, text = scan_report_and_text(arguments.path, CancelToken())
    told = json.dumps(report, indent=1) + "\n" if arguments.json else text
    write(told)
    return DONE if opens_anything(report) else NOTHING_TO_OPEN


def _samples(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.samples import make_samples, samples_folder

    for made in make_samples(arguments.folder or samples_folder()):
        print(f"{made.folder}: {made.recipe.title}")
    return DONE
