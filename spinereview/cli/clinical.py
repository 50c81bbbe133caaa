"""Commands for the clinical record: an investigator's file, apart from the reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spinereview.cli.answering import DONE, ROWS_WRONG, Commands, answer, need_file, need_path, write


def add(commands: Commands) -> None:
    """Add the commands."""
    clinical = commands.add_parser("clinical", help="begin, fill and show the clinical record of a subject")
    tasks = clinical.add_subparsers(title="tasks", metavar="TASK", required=True)
    new = tasks.add_parser("new", help="begin the record of a case")
    new.description = (
        "Make an empty record, CODE.srclin. Where the protocol blinds its readers it is made in a folder beside the case "
        "folder, never in it, with copies of the case and of the protocol."
    )
    new.add_argument("path", type=Path, metavar="CASE", help="a case folder")
    new.add_argument("--author", default="", metavar="CODE", help="code of the investigator, whose record it is")
    new.add_argument("--out", type=Path, metavar="DIR", help="another folder for it")
    new.set_defaults(run=_new)
    taken = tasks.add_parser("import", help="record a table of visits and events; a wrong row stops no other")
    taken.add_argument("path", type=Path, metavar="FILE", help="a .srclin file")
    taken.add_argument("table", type=Path, metavar="TABLE", help="text in columns, with a heading (clinical template)")
    taken.add_argument("--day-zero", default="", metavar="DATE", help="date of day 0, where the table has dates")
    taken.add_argument("--author", default="", metavar="CODE", help="who writes; else the one whose record it is")
    taken.set_defaults(run=_import)
    shown = tasks.add_parser("show", help="say what a record holds, and what follows from it, with reasons")
    shown.add_argument("path", type=Path, metavar="FILE", help="a .srclin file")
    shown.add_argument("--json", action="store_true", help="as JSON (docs/clinical.schema.json)")
    shown.set_defaults(run=_show)
    for task in (taken, shown):
        task.add_argument("--case", type=Path, metavar="CASE", help="the case folder, where it is not the file's own")
    released = tasks.add_parser("release", help="put what readers may see of a record into their case")
    released.description = (
        "Put the answers that the protocol shows to readers (clinical_shown), and nothing else, into the case of a folder, "
        "in the place of those that were there. Events are never among them."
    )
    released.add_argument("path", type=Path, metavar="FILE", help="a .srclin file")
    released.add_argument("--case", type=Path, metavar="CASE", required=True, help="the case folder of the readers")
    released.set_defaults(run=_release)
    template = tasks.add_parser("template", help="explain the columns of a table")
    template.add_argument("--csv", action="store_true", help="only the heading, to begin a table with")
    template.set_defaults(run=_template)


def _new(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.clinical_folder import begin_record
    from spinereview.workflow.reads import Workstation

    need_path(arguments.path)
    print(begin_record(arguments.path, arguments.author, arguments.out, Workstation()))
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.clinical_folder import writing
    from spinereview.workflow.clinical_import import import_table
    from spinereview.workflow.reads import Workstation

    need_file(arguments.path)
    need_file(arguments.table)
    with writing(arguments.path, arguments.case, arguments.author, Workstation()) as session:
        done = import_table(session, arguments.table, arguments.day_zero)
    write(done.text + "\n")
    for fault in done.faults:
        print(fault.words, file=sys.stderr)
    return ROWS_WRONG if done.faults else DONE


def _show(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.clinical_show import as_json, as_text, show_record

    need_file(arguments.path)
    file = show_record(arguments.path, arguments.case)
    return answer(arguments, as_json(file), as_text(file))


def _release(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.clinical_release import release_clinical

    need_file(arguments.path)
    need_path(arguments.case)
    write(release_clinical(arguments.path, arguments.case))
    return DONE


def _template(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.clinical_template import explained, heading

    write(heading() if arguments.csv else explained())
    return DONE
