"""Commands for NIfTI: a stack as a file for programs of research, and such a file as a series to open."""

from __future__ import annotations

import argparse
from pathlib import Path

from spinereview.cli.answering import DONE, Commands, need_file, need_path, write


def add(commands: Commands) -> None:
    """Add the commands."""
    nifti = commands.add_parser("nifti", help="a series as NIfTI, a NIfTI image as a series").add_subparsers(
        metavar="WHAT", required=True
    )
    export = nifti.add_parser("export", help="write a series as NIfTI: real values and their place, no patient")
    export.add_argument(
        "path", type=Path, metavar="PATH", help="a folder, a file, a DICOMDIR; a segmentation gives labels"
    )
    export.add_argument("out", type=Path, metavar="OUT.nii.gz", help="a new file, .nii or .nii.gz")
    export.add_argument(
        "--series", default="", metavar="NUMBER", help="its number in `scan`; 4.2 is the second stack of series 4"
    )
    export.set_defaults(run=_export)
    taken = nifti.add_parser("import", help="write a NIfTI image as a DICOM series that says what it was made of")
    taken.add_argument("file", type=Path, metavar="FILE", help="an image, .nii or .nii.gz")
    taken.add_argument("out", type=Path, metavar="OUT", help="a new folder for the series")
    taken.add_argument(
        "--modality",
        required=True,
        choices=("CT", "MR"),
        help="what it is; NIfTI does not say it. CT: its values are HU",
    )
    taken.add_argument("--subject", default="", metavar="CODE", help="one code for all visits of a person")
    taken.add_argument(
        "--millimetres", action="store_true", help="lengths are millimetres though the file leaves it open"
    )
    taken.set_defaults(run=_import)


def _export(arguments: argparse.Namespace) -> int:
    from spinereview.text import sentence
    from spinereview.workflow.nifti_export import export_nifti

    need_path(arguments.path)
    done = export_nifti(arguments.path, arguments.out, arguments.series)
    words = {"file": str(done.file), "series": done.series, "size": " x ".join(map(str, reversed(done.shape)))}
    write(sentence("NIFTI_STORED" if done.stored else "NIFTI_REAL", words) + "\n")
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    from spinereview.text import sentence
    from spinereview.workflow.nifti_import import import_nifti

    need_file(arguments.file)
    done = import_nifti(
        arguments.file,
        arguments.out,
        arguments.modality,
        subject=arguments.subject,
        millimetres=arguments.millimetres,
    )
    words = {"folder": str(done.folder), "count": str(done.shape[0]), "file": done.file.name, "modality": done.modality}
    write(sentence("NIFTI_IMPORTED", words) + "\n")
    if done.step:
        write(sentence("NIFTI_ROUNDED", {"step": f"{done.step:.3g}"}) + "\n")
    return DONE
