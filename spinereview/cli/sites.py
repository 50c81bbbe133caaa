"""The command for the treated sites of a case: which levels are treated, which lesions lie there."""

from __future__ import annotations

import argparse
from pathlib import Path

from spinereview.cli.answering import DONE, Commands, need_file, need_path, write
from spinereview.errors import UsageError

_WORDS = ("levels", "place", "treatment", "resected", "instrumented", "adjacent")


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sites", help="say or set which levels of a case are treated, and which lesions lie there"
    )
    parser.description = (
        "Say the treated sites of a read, or name one: local control by site, what a visit asks at the index levels, and "
        "eligibility follow from them. Each change is an act of its own in the read, which the window can undo. Sites "
        "that the case names itself are not changed."
    )
    parser.add_argument("path", type=Path, metavar="READ", help="a .srread file in its case folder")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--add", action="store_true", help="name a new site")
    act.add_argument("--change", metavar="SITE", help="say otherwise what a site is: what is not given stays")
    act.add_argument("--remove", metavar="SITE", help="take a site away")
    act.add_argument("--lesion", metavar="LESION=SITE", help="the lesion lies in the site (T01=TS01; T01= is in none)")
    act.add_argument(
        "--to-case", type=Path, metavar="CASE", help="put the sites of the read into the case of its readers"
    )
    parser.add_argument("--levels", metavar="LEVELS", help="T9-T10, or T9,L2")
    parser.add_argument("--place", metavar="WORDS", help="where it lies, of what is no vertebra")
    parser.add_argument("--treatment", metavar="WORDS", help="what is done there")
    parser.add_argument("--resected", metavar="LEVELS", help="of its levels, those that were taken out")
    parser.add_argument("--instrumented", metavar="LEVELS", help="levels with screws")
    parser.add_argument("--adjacent", metavar="LEVELS", help="levels beside it that are followed")
    parser.add_argument("--author", default="", metavar="CODE", help="who writes; else the one whose read it is")
    parser.set_defaults(run=_sites)


def _sites(arguments: argparse.Namespace) -> int:
    from spinereview.workflow.treated_sites import (
        SiteWords,
        name_site,
        put_into_case,
        put_lesion,
        remove_site,
        sites_told,
    )

    need_file(arguments.path)
    path, author = arguments.path, arguments.author
    words = {name: getattr(arguments, name) for name in _WORDS}
    said = any(value is not None for value in words.values())
    if said and not (arguments.add or arguments.change):
        raise UsageError("SITES_WORDS_ALONE")
    if arguments.add or arguments.change:
        told = name_site(path, SiteWords(**words), arguments.change or "", author)
    elif arguments.remove:
        told = remove_site(path, arguments.remove, author)
    elif arguments.to_case is not None:
        need_path(arguments.to_case)
        told = put_into_case(path, arguments.to_case)
    elif arguments.lesion:
        lesion, sign, site = arguments.lesion.partition("=")
        if not sign or not lesion:
            raise UsageError("SITES_LESION_WORD", value=arguments.lesion)
        told = put_lesion(path, lesion, site, author)
    else:
        told = sites_told(path)
    write(told)
    return DONE
