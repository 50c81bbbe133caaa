"""Commands for NIfTI: a stack as a file for programs of research."""

from __future__ import annotations

import argparse
from pathlib import Path

from spinereview.cli.answering import DONE, Commands, need_path, write


def add(commands: Commands) -> None:
    """Add the commands."""
    nifti = commands.add_parser("nifti", help="write a series as NIfTI").add_subparsers(metavar="WHAT", required=True)
    export = nifti.add_parser("export", help="write a series as NIfTI: real values and their place, no patient")
    export.add_argument(
        "path", type=Path, metavar="PATH", help="a folder, a file, a DICOMDIR; a segmentation gives labels"
    )
    export.add_argument("out", type=Path, metavar="OUT.nii.gz", help="a new file, .nii or .nii.gz")
    export.add_argument(
        "--series", default="", metavar="NUMBER", help="its number in `scan`; 4.2 is the second stack of series 4"
    )
    export.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    from spinereview.text import sentence
    from spinereview.workflow.nifti_export import export_nifti

    need_path(arguments.path)
    done = export_nifti(arguments.path, arguments.out, arguments.series)
    words = {"file": str(done.file), "series": done.series, "size": " x ".join(map(str, reversed(done.shape)))}
    write(sentence("NIFTI_STORED" if done.stored else "NIFTI_REAL", words) + "\n")
    return DONE
