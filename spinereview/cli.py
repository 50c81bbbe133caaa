"""The command line: thin calls into :mod:`spinereview.workflow`.

Every command imports what it needs inside its function, so that ``spinereview --version`` starts at once and the
window loads only what a window needs. Exit codes: 0 done, 1 an error, told in one sentence on standard error,
2 words of the command line that cannot be used, 3 a scan found nothing that can be opened, 4 a table was assessed but for
rows that are wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from spinereview import __version__
from spinereview.errors import SpineReviewError, UsageError
from spinereview.text import explain

DONE = 0
FAILED = 1
USAGE = 2
NOTHING_TO_OPEN = 3
ROWS_WRONG = 4

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
        print(_told(error), file=sys.stderr)
        return USAGE
    except SpineReviewError as error:
        print(_told(error), file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spinereview",
        description="A reading workstation for trials of spine metastases. Research use only.",
    )
    parser.add_argument("--version", action="version", version=f"spinereview {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    self_check = commands.add_parser("self-check", help="prove that this installation is complete")
    self_check.add_argument("--json", action="store_true", help="as JSON: what was found of each part, and what failed")
    self_check.set_defaults(run=_self_check)
    scan = commands.add_parser("scan", help="say what images a folder, a file or a DICOMDIR holds, and what is wrong")
    scan.add_argument("path", type=Path, metavar="PATH")
    scan.add_argument("--json", action="store_true", help="as JSON (docs/scan.schema.json)")
    scan.set_defaults(run=_scan)
    assessed = commands.add_parser(
        "assess", help="say what follows from a read, or from the table of a cohort, with reasons"
    )
    assessed.add_argument("path", type=Path, metavar="FILE", help="a .srread file in its case folder, or a table")
    assessed.add_argument("--protocol", metavar="P", help="of a table: a protocol file, or the name of one (generic)")
    assessed.add_argument("--events", type=Path, metavar="FILE", help="of a table: deaths, new therapies, anchors")
    assessed.add_argument("--json", action="store_true", help="as JSON (docs/assessment.schema.json)")
    assessed.add_argument("--csv", type=Path, metavar="DIR", help="leave the tables in a folder")
    assessed.set_defaults(run=_assess)
    _add_report(commands.add_parser("report", help="write the report of a read: HTML, PDF, tables, JSON"))
    criterion = commands.add_parser("criterion", help="answer one criterion from JSON on standard input, with reasons")
    criterion.add_argument("name", nargs="?", metavar="NAME", help="a name of --list")
    mode = criterion.add_mutually_exclusive_group()
    mode.add_argument("--list", action="store_true", help="the names, and what each answers")
    mode.add_argument("--schema", action="store_true", help="JSON Schema of what it is given")
    mode.add_argument("--example", action="store_true", help="a small input, to be piped back")
    mode.add_argument("--text", action="store_true", help="answer in sentences instead of JSON")
    criterion.set_defaults(run=_criterion)
    _add_analyse(
        commands.add_parser("analyse", help="say how readers agree, how arms compare, how times run, from a table")
    )
    opened = commands.add_parser("open", help="open the window, on a folder with images, a case folder or a read")
    opened.add_argument("path", type=Path, metavar="PATH", nargs="?")
    opened.add_argument("--reader", default="", metavar="CODE", help="code of who reads; kept for the next start")
    opened.add_argument("--subject", default="", metavar="CODE", help="code of the subject of new images")
    opened.add_argument(
        "--protocol", default="", metavar="P", help="of new images: a protocol file, or a name (generic)"
    )
    opened.add_argument("--until-shown", action="store_true", help="close the window as soon as it can be used")
    opened.set_defaults(run=_open)
    first = commands.add_parser("first-run", help="open the window on the sample case, made where it is missing")
    first.add_argument("--reader", default="", metavar="CODE", help="code of who reads")
    first.add_argument("--drive", type=Path, metavar="PNG", help="read it by itself and leave a picture of the window")
    first.set_defaults(run=_first_run)
    _add_protocol(commands)
    samples = commands.add_parser("samples", help="make the sample cases: images of phantoms with known truth")
    samples.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="where; without it, among the program's data"
    )
    samples.set_defaults(run=_samples)
    return parser


def _add_report(parser: argparse.ArgumentParser) -> None:
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


def _add_protocol(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    protocol = commands.add_parser("protocol", help="check, show and compare the protocol files of trials")
    tasks = protocol.add_subparsers(title="tasks", metavar="TASK", required=True)
    which = "a TOML file, or the name of one that the program carries (generic ...)"
    check = tasks.add_parser("check", help="say whether a file is in order; else what is wrong, and in which line")
    check.add_argument("protocol", metavar="PROTOCOL", help=which)
    check.set_defaults(run=_protocol_check)
    show = tasks.add_parser("show", help="all that holds in a protocol, written or by default")
    show.add_argument("protocol", metavar="PROTOCOL", help=which)
    show.set_defaults(run=_protocol_show)
    diff = tasks.add_parser("diff", help="what differs between two, and what that can change in an assessment")
    diff.add_argument("before", metavar="PROTOCOL", help=which)
    diff.add_argument("after", metavar="PROTOCOL", help=which)
    diff.set_defaults(run=_protocol_diff)
    schema = tasks.add_parser("schema", help="every key that a protocol file may hold, with default and allowed values")
    schema.set_defaults(run=_protocol_schema)
    for task in (check, show, diff, schema):
        task.add_argument("--json", action="store_true", help="as JSON")


def _add_analyse(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Statistics of a table, with intervals and what has to be known to read them (docs/statistics.md). Columns: kappa, "
        "icc, bland-altman: subject and one for each reader; rates: arm, responders, subjects, perhaps stratum; km, cif: "
        "days, status (EVENT, CENSORED, COMPETING), perhaps arm; bang: arm, guess."
    )
    parser.add_argument("path", type=Path, metavar="TABLE", help="text in columns, with a heading")
    parser.add_argument(
        "--what", required=True, metavar="WHAT", help="kappa, icc, bland-altman, rates, km, cif or bang"
    )
    parser.add_argument("--categories", default="", metavar="A,B,C", help="of kappa, in order; else those of the table")
    parser.add_argument("--weights", choices=("none", "linear", "quadratic"), default="none", help="of kappa")
    parser.add_argument("--days", default="", metavar="N,N", help="of km and cif: days on which a curve is read")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the intervals that resample subjects")
    parser.add_argument("--resamples", type=int, default=2000, metavar="N", help="how many")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/analysis.schema.json)")
    parser.set_defaults(run=_analyse)


def _told(error: SpineReviewError) -> str:
    """Sentence of an error; its code where the program's own sentences cannot be read."""
    try:
        return explain(error)
    except SpineReviewError:
        return str(error)


def _self_check(arguments: argparse.Namespace) -> int:
    import json

    from spinereview.workflow.selfcheck import self_check

    def of_window(name: str) -> Callable[[], str]:
        def find() -> str:
            from spinereview.ui import versions

            return versions.PARTS[name]()

        return find

    parts = []
    for line in self_check({name: of_window(name) for name in ("Qt", "PySide6", "Qt platforms", "window")}):
        why = None if line.failure is None else _told(line.failure)
        parts.append({"subject": line.subject, "found": line.found, "failure": why, "optional": line.optional})
        if not arguments.json:
            mark = "ok    " if why is None else "absent" if line.optional else "FAILED"
            print(f"{mark} {line.subject}: {line.found}", flush=True)
        if why is not None:
            print(f"{line.subject}: {why}", file=sys.stderr)
    failed = any(part["failure"] is not None and not part["optional"] for part in parts)
    if arguments.json:
        print(json.dumps({"version": __version__, "complete": not failed, "parts": parts}, indent=1))
    return FAILED if failed else DONE


def _open(arguments: argparse.Namespace) -> int:
    from spinereview.ui.app import run

    if arguments.path is not None and not arguments.path.exists():
        raise UsageError("PATH_MISSING", file=arguments.path)
    reader, subject, until_shown = arguments.reader, arguments.subject, arguments.until_shown
    return run(arguments.path, reader=reader, subject=subject, protocol=arguments.protocol, until_shown=until_shown)


def _first_run(arguments: argparse.Namespace) -> int:
    from spinereview.ui.app import run_first

    return run_first(reader=arguments.reader, picture=arguments.drive)


def _scan(arguments: argparse.Namespace) -> int:
    import json

    from spinereview.tasks import CancelToken
    from spinereview.workflow.scan_report import opens_anything, scan_report_and_text

    if not arguments.path.exists():
        raise UsageError("PATH_MISSING", file=arguments.path)
    report, text = scan_report_and_text(arguments.path, CancelToken())
    told = json.dumps(report, indent=1) + "\n" if arguments.json else text
    _write(told)
    return DONE if opens_anything(report) else NOTHING_TO_OPEN


def _assess(arguments: argparse.Namespace) -> int:
    import json

    from spinereview.workflow.answers import as_csv, as_json, as_text, assess_file
    from spinereview.workflow.cohort import is_cohort

    for path in (arguments.path, arguments.events):
        if path is not None and not path.is_file():
            raise UsageError("PATH_MISSING", file=path)
    if is_cohort(arguments.path):
        return _assess_cohort(arguments)
    if arguments.protocol is not None or arguments.events is not None:
        raise UsageError("ASSESS_OF_TABLE_ONLY", file=arguments.path)
    answers = assess_file(arguments.path)
    if arguments.csv is not None:
        for file in as_csv(answers, arguments.csv):
            print(file)
        return DONE
    told = json.dumps(as_json(answers), indent=1) + "\n" if arguments.json else as_text(answers)
    _write(told)
    return DONE


def _report(arguments: argparse.Namespace) -> int:
    import json

    from spinereview.workflow.reporting import USUAL, Kind, as_json, report_file

    if not arguments.path.exists():
        raise UsageError("PATH_MISSING", file=arguments.path)
    kinds = frozenset(Kind(name) for name in arguments.kinds) if arguments.kinds else USUAL
    written = report_file(arguments.path, arguments.out, kinds)
    if arguments.json:
        print(json.dumps(as_json(written), indent=1))
    else:
        for _, file in written.files:
            print(file)
    for _, error in written.refused:
        print(_told(error), file=sys.stderr)
    return FAILED if written.refused else DONE


def _assess_cohort(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files
    from spinereview.workflow.cohort import assess_cohort
    from spinereview.workflow.cohort_output import as_csv, as_json_text, as_text

    protocol = protocol_files.read(arguments.protocol or protocol_files.GENERIC)
    cohort = assess_cohort(arguments.path, protocol, arguments.events)
    for fault in cohort.faults:
        print(fault.words, file=sys.stderr)
    if arguments.csv is not None:
        for file in as_csv(cohort, arguments.csv):
            print(file)
    else:
        _write(as_json_text(cohort) if arguments.json else as_text(cohort))
    return ROWS_WRONG if cohort.faults else DONE


def _criterion(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import criterion

    if arguments.list:
        _write(criterion.listed())
        return DONE
    if arguments.name is None:
        raise UsageError("QUESTION_NAME_MISSING")
    if arguments.schema or arguments.example:
        _write(criterion.schema_text(arguments.name) if arguments.schema else criterion.example_text(arguments.name))
        return DONE
    answer = criterion.answer_text if arguments.text else criterion.answer_json
    _write(answer(arguments.name, sys.stdin.read()))
    return DONE


def _analyse(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.analyse import analyse, as_json, as_text, wanted_of

    if not arguments.path.is_file():
        raise UsageError("PATH_MISSING", file=arguments.path)
    wanted = wanted_of(
        arguments.what,
        categories=arguments.categories,
        weights=arguments.weights,
        days=arguments.days,
        seed=arguments.seed,
        resamples=arguments.resamples,
    )
    figures = analyse(arguments.path, wanted)
    _write(as_json(arguments.path, wanted, figures) if arguments.json else as_text(figures))
    return DONE


def _write(text: str) -> None:
    """Write text; characters that the terminal does not have are shown by their number."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _samples(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.samples import make_samples, samples_folder

    for made in make_samples(arguments.folder or samples_folder()):
        print(f"{made.folder}: {made.recipe.title}")
    return DONE


def _protocol_check(arguments: argparse.Namespace) -> int:
    from spinereview.text import sentence
    from spinereview.workflow import protocol_files
    from spinereview.workflow.protocol_values import values

    protocol = protocol_files.read(arguments.protocol)
    rows = values(protocol)
    counted = {"written": sum(row.written for row in rows), "defaults": sum(not row.written for row in rows)}
    words = {"id": protocol.id, "version": protocol.version, "title": protocol.title}
    told = {**words, **{key: str(count) for key, count in counted.items()}, "file": arguments.protocol}
    return _answer(
        arguments, {**words, "sha256": protocol.sha256, **counted}, sentence("PROTOCOL_CHECKED", told) + "\n"
    )


def _protocol_show(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    protocol = protocol_files.read(arguments.protocol)
    return _answer(arguments, protocol_files.as_json(protocol), protocol_files.as_text(protocol))


def _protocol_diff(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    found = protocol_files.differences(*(protocol_files.read(name) for name in (arguments.before, arguments.after)))
    return _answer(arguments, protocol_files.differences_json(found), protocol_files.differences_text(found))


def _protocol_schema(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    return _answer(arguments, protocol_files.schema_json(), protocol_files.schema_text())


def _answer(arguments: argparse.Namespace, tree: object, text: str) -> int:
    """Print an answer as JSON or as text."""
    import json

    _write(json.dumps(tree, indent=1) + "\n" if arguments.json else text)
    return DONE
