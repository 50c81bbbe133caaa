"""Commands for the protocol files of trials."""

from __future__ import annotations

import argparse

from spinereview.cli.answering import Commands, answer


def add(commands: Commands) -> None:
    """Add the commands."""
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


def _protocol_check(arguments: argparse.Namespace) -> int:
    from spinereview.text import sentence
    from spinereview.workflow import protocol_files
    from spinereview.workflow.protocol_values import values

    protocol = protocol_files.read(arguments.protocol)
    rows = values(protocol)
    counted = {"written": sum(row.written for row in rows), "defaults": sum(not row.written for row in rows)}
    words = {"id": protocol.id, "version": protocol.version, "title": protocol.title}
    told = {**words, **{key: str(count) for key, count in counted.items()}, "file": arguments.protocol}
    return answer(arguments, {**words, "sha256": protocol.sha256, **counted}, sentence("PROTOCOL_CHECKED", told) + "\n")


def _protocol_show(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    protocol = protocol_files.read(arguments.protocol)
    return answer(arguments, protocol_files.as_json(protocol), protocol_files.as_text(protocol))


def _protocol_diff(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    found = protocol_files.differences(*(protocol_files.read(name) for name in (arguments.before, arguments.after)))
    return answer(arguments, protocol_files.differences_json(found), protocol_files.differences_text(found))


def _protocol_schema(arguments: argparse.Namespace) -> int:
    from spinereview.workflow import protocol_files

    return answer(arguments, protocol_files.schema_json(), protocol_files.schema_text())
