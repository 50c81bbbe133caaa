"""A protocol file from the command line: check it, show all that holds in it, compare two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spinereview.criteria import parsers
from spinereview.domain.protocol import Protocol
from spinereview.errors import UsageError
from spinereview.resources import protocols
from spinereview.storage.protocols import load_protocol
from spinereview.text import sentence
from spinereview.workflow.protocol_values import SettingRow, ValueRow, schema, values

GENERIC = "generic"
"""Name of the protocol of a case that belongs to no trial."""

_EFFECTS: tuple[tuple[str, str, str], ...] = (
    ("[trial]", "", "PROTOCOL_EFFECT_NAME"),
    ("[[visit]]", "forms", "PROTOCOL_EFFECT_FORMS"),
    ("[[visit]]", "modalities", "PROTOCOL_EFFECT_COVERAGE"),
    ("[[visit]]", "regions", "PROTOCOL_EFFECT_COVERAGE"),
    ("[[visit]]", "", "PROTOCOL_EFFECT_WINDOWS"),
    ("[baseline]", "recist", "PROTOCOL_EFFECT_RECIST_BASELINE"),
    ("[baseline]", "baseline_window_days", "PROTOCOL_EFFECT_WARNING"),
    ("[baseline]", "lc_", "PROTOCOL_EFFECT_LOCAL_CONTROL"),
    ("[baseline]", "vcf_", "PROTOCOL_EFFECT_FRACTURE"),
    ("[blinding]", "ask_arm_guess", "PROTOCOL_EFFECT_SIGNING"),
    ("[blinding]", "", "PROTOCOL_EFFECT_BLINDING"),
    ("[design]", "", "PROTOCOL_EFFECT_DESIGN"),
    ("[[trigger]]", "", "PROTOCOL_EFFECT_ADJUDICATION"),
    ("[purpose.", "", "PROTOCOL_EFFECT_PURPOSE"),
    ("[criterion.recist]", "value_rounding_mm", "PROTOCOL_EFFECT_ROUNDING"),
    ("[criterion.recist]", "pr_persistence", "PROTOCOL_EFFECT_LABEL"),
    ("[criterion.recist]", "check_", "PROTOCOL_EFFECT_WARNING"),
    ("[criterion.recist]", "", "PROTOCOL_EFFECT_RECIST"),
    ("[criterion.best_response]", "", "PROTOCOL_EFFECT_BEST_RESPONSE"),
    ("[criterion.local_control]", "", "PROTOCOL_EFFECT_LOCAL_CONTROL"),
    ("[criterion.endpoints]", "", "PROTOCOL_EFFECT_ENDPOINTS"),
    ("[criterion.sins]", "", "PROTOCOL_EFFECT_SINS"),
    ("[criterion.fracture]", "", "PROTOCOL_EFFECT_FRACTURE"),
    ("[criterion.", "", "PROTOCOL_EFFECT_CRITERION"),
    ("[[eligibility]]", "", "PROTOCOL_EFFECT_ELIGIBILITY"),
    ("[[endpoint]]", "", "PROTOCOL_EFFECT_ENDPOINTS"),
)
"""Start of a section and of a key, and the code of what a change there can change in an assessment; the first row holds."""

_PAGE = (
    "Made by `spinereview protocol schema`. A section in double brackets may stand several times. A criterion without a",
    "section does not run; an empty section runs it with the defaults. What a setting decides stands in",
    "[criteria.md](criteria.md).",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value that two protocols do not share; empty where one of them does not have it.

    Parameters
    ----------
    effect
        Code of what the change can change.
    """

    section: str
    entry: str
    key: str
    before: str
    after: str
    effect: str


def carried_protocols() -> tuple[tuple[str, str], ...]:
    """Name and title of the protocols that the program carries, the generic one first."""
    listed = [(path.stem, load_protocol(path, parsers()).title) for path in protocols()]
    return tuple(sorted(listed, key=lambda one: (one[0] != GENERIC, one[1])))


def find_protocol(name: str) -> Path:
    """File of a protocol: one that the program carries, by its name, or a path.

    Raises
    ------
    UsageError
        ``PROTOCOL_NAME_NOT_KNOWN`` with the names that the program carries.
    """
    carried = {path.stem: path for path in protocols()}
    if name in carried:
        return carried[name]
    path = Path(name)
    if path.is_file():
        return path
    raise UsageError("PROTOCOL_NAME_NOT_KNOWN", name=name, allowed=", ".join(carried))


def read(name: str) -> Protocol:
    """Protocol by its name or path.

    Raises
    ------
    UsageError
        ``PROTOCOL_NAME_NOT_KNOWN``.
    ProtocolError
        What is wrong with the file, with its line.
    """
    return load_protocol(find_protocol(name), parsers())


def differences(before: Protocol, after: Protocol) -> tuple[Difference, ...]:
    """Values that changed, came or went, in the order of the first protocol and then of the second."""
    old = {row.place: row for row in values(before)}
    new = {row.place: row for row in values(after)}
    return tuple(_differences(old, new))


def effect_of(section: str, key: str) -> str:
    """Code of what a change of a value can change."""
    return next(code for start, first, code in _EFFECTS if section.startswith(start) and key.startswith(first))


def as_text(protocol: Protocol) -> str:
    """All that holds in a protocol, a section after the other; what the file does not give is marked as default."""
    lines = [f"{protocol.title} ({protocol.id} {protocol.version}), SHA-256 {protocol.sha256}"]
    heading = ""
    for row in values(protocol):
        named = f"{row.section} {row.entry}".strip()
        if named != heading:
            lines += ["", named]
            heading = named
        by_default = "" if row.written else f"   ({sentence('PROTOCOL_BY_DEFAULT')})"
        lines.append(f"  {row.key} = {row.value}{by_default}")
    return "\n".join(lines) + "\n"


def as_json(protocol: Protocol) -> dict[str, object]:
    """The same as values for a file."""
    return {
        "id": protocol.id,
        "version": protocol.version,
        "title": protocol.title,
        "sha256": protocol.sha256,
        "values": [_value(row) for row in values(protocol)],
    }


def schema_text() -> str:
    """Every key that a protocol file may hold, as a page in Markdown."""
    rows = [("Section", "Key", "Default", "Allowed"), *(_cells(row) for row in schema())]
    head, *rest = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(["# Keys of a protocol file", "", *_PAGE, "", head, "|---|---|---|---|", *rest]) + "\n"


def schema_json() -> list[dict[str, str]]:
    """The same as values for a file."""
    return [
        {"section": row.section, "key": row.key, "default": row.default, "allowed": row.allowed} for row in schema()
    ]


def differences_text(found: tuple[Difference, ...]) -> str:
    """What changed, and what that can change in an assessment."""
    if not found:
        return sentence("PROTOCOL_SAME") + "\n"
    lines = []
    for one in found:
        place = f"{one.section} {one.entry}".strip()
        lines.append(f"{place} {one.key}: {one.before or '-'} -> {one.after or '-'}")
        lines.append(f"    {sentence(one.effect)}")
    return "\n".join(lines) + "\n"


def differences_json(found: tuple[Difference, ...]) -> list[dict[str, str]]:
    """The same as values for a file."""
    return [
        {
            "section": one.section,
            "entry": one.entry,
            "key": one.key,
            "before": one.before,
            "after": one.after,
            "effect": one.effect,
            "told": sentence(one.effect),
        }
        for one in found
    ]


def _differences(
    old: dict[tuple[str, str, str], ValueRow], new: dict[tuple[str, str, str], ValueRow]
) -> Iterator[Difference]:
    for place in dict.fromkeys([*old, *new]):
        before, after = (rows[place].value if place in rows else "" for rows in (old, new))
        if before != after:
            section, entry, key = place
            effect = effect_of(section, key)
            yield Difference(section=section, entry=entry, key=key, before=before, after=after, effect=effect)


def _value(row: ValueRow) -> dict[str, object]:
    return {"section": row.section, "entry": row.entry, "key": row.key, "value": row.value, "written": row.written}


def _cells(row: SettingRow) -> tuple[str, str, str, str]:
    return f"`{row.section}`", row.key, row.default, row.allowed
