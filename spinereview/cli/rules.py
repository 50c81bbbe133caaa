"""Commands that answer: a read or a cohort, one criterion, the statistics of a table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spinereview.cli.answering import DONE, ROWS_WRONG, Commands, answer, need_file, write
from spinereview.errors import InvalidValue, UsageError


def add(commands: Commands) -> None:
    """Add the commands."""
    assessed = commands.add_parser(
        "assess", help="say what follows from a read, or from the table of a cohort, with reasons"
    )
    assessed.add_argument("path", type=Path, metavar="FILE", help="a .srread file in its case folder, or a table")
    assessed.add_argument("--protocol", metavar="P", help="of a table: a protocol file, or the name of one (generic)")
    assessed.add_argument(
        *("--events", "--schedule"),
        dest="events",
        type=Path,
        metavar="FILE",
        help="deaths, new therapies, anchors; of a read also its scans",
    )
    assessed.add_argument("--clinical", type=Path, metavar="FILE", help="of a read: the .srclin file of its subject")
    assessed.add_argument("--json", action="store_true", help="as JSON (docs/assessment.schema.json)")
    assessed.add_argument("--csv", type=Path, metavar="DIR", help="leave the tables in a folder")
    assessed.set_defaults(run=_assess)
    eligible = commands.add_parser("eligibility", help="answer every rule of eligibility of a subject, with its source")
    eligible.description = (
        "Join a read, the clinical record and the schedule of a subject, and say of each rule of the protocol whether it is "
        "met, not met, or not assessed, with the value that was used and where it came from. No file is changed."
    )
    eligible.add_argument("path", type=Path, metavar="READ", help="a .srread file in its case folder")
    eligible.add_argument("--clinical", type=Path, metavar="FILE", help="the .srclin file of the subject")
    eligible.add_argument(
        "--schedule", type=Path, metavar="TABLE", help="events and scans: subject, event, date, cause, visit"
    )
    eligible.add_argument("--json", action="store_true", help="as JSON (docs/eligibility.schema.json)")
    eligible.set_defaults(run=_eligibility)
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


def _assess(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.cohort import is_cohort

    for path in (arguments.path, arguments.events, arguments.clinical):
        if path is not None:
            need_file(path)
    if is_cohort(arguments.path):
        if arguments.clinical is not None:
            raise UsageError("ASSESS_OF_READ_ONLY", file=arguments.path)
        return _assess_cohort(arguments)
    if arguments.protocol is not None:
        raise UsageError("ASSESS_OF_TABLE_ONLY", file=arguments.path)
    return _assess_read(arguments) if arguments.clinical or arguments.events else _assess_alone(arguments)


def _assess_alone(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.answers import as_csv, as_json, as_text, assess_file

    answers = assess_file(arguments.path)
    if arguments.csv is not None:
        for file in as_csv(answers, arguments.csv):
            print(file)
        return DONE
    told = json.dumps(as_json(answers), indent=1) + "\n" if arguments.json else as_text(answers)
    write(told)
    return DONE


def _assess_read(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from spinereview.workflow.answers import as_csv
    from spinereview.workflow.whole_case import as_json, as_text, whole_case

    whole = whole_case(arguments.path, arguments.clinical, arguments.events)
    for fault in whole.faults:
        print(fault.words, file=sys.stderr)
    if arguments.csv is not None:
        for file in as_csv(replace(whole.facts, assessments=whole.assessments), arguments.csv):
            print(file)
    else:
        answer(arguments, as_json(whole), as_text(whole))
    return ROWS_WRONG if whole.faults else DONE


def _eligibility(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.eligible import as_json, as_text, eligibility_of
    from spinereview.workflow.whole_case import whole_case

    for path in (arguments.path, arguments.clinical, arguments.schedule):
        if path is not None:
            need_file(path)
    whole = whole_case(arguments.path, arguments.clinical, arguments.schedule)
    for fault in whole.faults:
        print(fault.words, file=sys.stderr)
    file = eligibility_of(whole)
    answer(arguments, as_json(file), as_text(file))
    return ROWS_WRONG if whole.faults else DONE


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
        write(as_json_text(cohort) if arguments.json else as_text(cohort))
    return ROWS_WRONG if cohort.faults else DONE


def _criterion(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import criterion

    if arguments.list:
        write(criterion.listed())
        return DONE
    if arguments.name is None:
        raise UsageError("QUESTION_NAME_MISSING")
    if arguments.schema or arguments.example:
        write(criterion.schema_text(arguments.name) if arguments.schema else criterion.example_text(arguments.name))
        return DONE
    answer = criterion.answer_text if arguments.text else criterion.answer_json
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise InvalidValue("INPUT_JSON", error=error) from error
    write(answer(arguments.name, text))
    return DONE


def _analyse(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.analyse import analyse, as_json, as_text, wanted_of

    need_file(arguments.path)
    wanted = wanted_of(
        arguments.what,
        categories=arguments.categories,
        weights=arguments.weights,
        days=arguments.days,
        seed=arguments.seed,
        resamples=arguments.resamples,
    )
    figures = analyse(arguments.path, wanted)
    write(as_json(arguments.path, wanted, figures) if arguments.json else as_text(figures))
    return DONE
