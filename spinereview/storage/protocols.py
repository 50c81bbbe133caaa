"""Protocol files: TOML data to a :class:`~spinereview.domain.protocol.Protocol`, or an error that names the line.

Numbers with a point become ``Decimal`` and never a float. The hash is over the bytes of the file. The sections of
criteria are parsed by the criteria's own settings, which the caller gives, so that their errors carry the line too.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from spinereview.domain.eligibility import rule_fault
from spinereview.domain.protocol import (
    Anchor,
    Blinding,
    Design,
    Protocol,
    RawSetting,
    Rule,
    ScheduledVisit,
)
from spinereview.domain.settings import parse_value
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, ProtocolError
from spinereview.storage import protocol_sections as sections
from spinereview.storage.toml_lines import Lines
from spinereview.storage.toml_lines import Path as Keys

Parsers = Mapping[str, Callable[[Mapping[str, RawSetting]], object]]
"""By the NAME of ``[criterion.NAME]``: what refuses wrong settings."""

_TABLES = ("trial", "baseline", "blinding", "design")
_ARRAYS = ("visit", "trigger", "eligibility", "endpoint")
_NAMED = ("purpose", "criterion")
_AT_LINE = re.compile(r"at line (\d+)")
_OUT_OF_RANGE = re.compile(r"[0-9_]{1000}|[eE][+-]?[0-9_]{10}|[\[{]{100}")


def load_protocol(file: Path, criteria: Parsers) -> Protocol:
    """Protocol of a file.

    Parameters
    ----------
    criteria
        Parser of each criterion's settings; of :data:`spinereview.criteria.CRITERIA`.

    Raises
    ------
    ProtocolError
        ``PROTOCOL_UNREADABLE``, or as :func:`read_protocol`.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ProtocolError("PROTOCOL_UNREADABLE", file=file, error=error.strerror or error) from error
    return read_protocol(data, file.name, criteria)


def read_protocol(data: bytes, name: str, criteria: Parsers) -> Protocol:
    """Protocol of the bytes of a file.

    Raises
    ------
    ProtocolError
        With ``file`` and ``line``: ``PROTOCOL_SYNTAX``; ``PROTOCOL_SECTION_UNKNOWN``, ``PROTOCOL_SECTION_FORM``;
        ``SETTING_UNKNOWN``, ``SETTING_TYPE``, ``SETTING_NOT_ALLOWED``, ``SETTING_REQUIRED``; ``PROTOCOL_NAME_TWICE``,
        ``PROTOCOL_NAME_UNKNOWN``; ``PROTOCOL_RULE_VARIABLE``, ``PROTOCOL_RULE_OP``, ``PROTOCOL_RULE_VALUE``.
    """
    tree, text = _parsed(data, name)
    reader = _Reader(name, Lines(text), tree, criteria)
    reader.check_form()
    trial = reader.table(("trial",), sections.TRIAL, required=("id", "version", "title"))
    visits = reader.visits()
    written = reader.criteria()
    return Protocol(
        id=trial["id"],
        version=trial["version"],
        title=trial["title"],
        sha256=hashlib.sha256(data).hexdigest(),
        amends=trial.get("amends", ""),
        visits=visits,
        baselines=reader.baselines(written),
        blinding=reader.blinding(),
        design=reader.design(),
        purposes=reader.purposes(visits, written),
        criteria=written,
        eligibility=reader.eligibility(),
        endpoints=reader.endpoints(),
    )


def _parsed(data: bytes, name: str) -> tuple[dict[str, object], str]:
    try:
        text = data.decode("utf-8")
        return tomllib.loads(text, parse_float=Decimal), text
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ProtocolError("PROTOCOL_SYNTAX", file=name, line=line, error="UTF-8") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        # Numbers that Python does not take, and brackets too deep for it, come without a line.
        found = _AT_LINE.search(str(error))
        far = (number for number, line in enumerate(text.splitlines(), start=1) if _OUT_OF_RANGE.search(line))
        line = int(found.group(1)) if found else next(far, text.count("\n") + 1)
        why = "a number is out of range" if isinstance(error, ArithmeticError) else error
        raise ProtocolError("PROTOCOL_SYNTAX", file=name, line=line, error=why) from error


class _Reader:
    """One file on its way to a protocol."""

    def __init__(self, name: str, lines: Lines, tree: Mapping[str, object], criteria: Parsers) -> None:
        self._name = name
        self._lines = lines
        self._tree = tree
        self._criteria = criteria

    def error(self, code: str, section: Keys, arguments: Mapping[str, object]) -> ProtocolError:
        """Error in a section, at the line of the ``key`` among the arguments or else of the section."""
        keys = (*section, str(arguments["key"])) if "key" in arguments else section
        written = ".".join(key for key in section if isinstance(key, str))
        written = f"[[{written}]]" if section[-1:] and isinstance(section[-1], int) else f"[{written}]"
        return ProtocolError(
            code, **{"file": self._name, "line": self._lines.of(keys), "section": written, **arguments}
        )

    def check_form(self) -> None:
        """Refuse unknown sections, tables where a list of tables is wanted, and the reverse."""
        known = [
            *(f"[{key}]" for key in _TABLES),
            *(f"[[{key}]]" for key in _ARRAYS),
            *(f"[{key}.NAME]" for key in _NAMED),
        ]
        for key, entry in self._tree.items():
            if key in _ARRAYS:
                fits, wanted = _are_tables(entry), f"[[{key}]]"
            elif key in _NAMED:
                fits, wanted = isinstance(entry, dict) and _are_tables(list(entry.values())), f"[{key}.NAME]"
            elif key in _TABLES:
                fits, wanted = isinstance(entry, dict), f"[{key}]"
            else:
                raise self.error("PROTOCOL_SECTION_UNKNOWN", (key,), {"allowed": ", ".join(known)})
            if not fits:
                raise self.error("PROTOCOL_SECTION_FORM", (key,), {"allowed": wanted})

    def table(self, path: Keys, checks: sections.Section, required: tuple[str, ...] = ()) -> dict[str, Any]:
        """Typed values of one table; keys that are not given stay out."""
        raw = cast("Mapping[str, object]", self._entry(path))
        typed: dict[str, Any] = {}
        for key, value in raw.items():
            try:
                typed[key] = parse_value(key, value, checks)
            except InvalidValue as error:
                raise self.error(error.code, path, error.arguments) from error
        for key in required:
            if key not in typed:
                raise self.error("SETTING_REQUIRED", path, {"key": key, "allowed": checks[key].allowed})
        return typed

    def visits(self) -> Table[ScheduledVisit]:
        """``[[visit]]`` by name."""
        required = ("name", "anchor", "day", "minus", "plus")
        listed = self._array("visit", sections.VISIT, required, "name")
        return Table(
            {
                name: ScheduledVisit(
                    name=name,
                    anchor=Anchor(values["anchor"]),
                    day=values["day"],
                    minus=values["minus"],
                    plus=values["plus"],
                    **{key: frozenset(values.get(key, ())) for key in ("modalities", "regions", "forms")},
                )
                for name, values in listed.items()
            }
        )

    def criteria(self) -> Table[Table[RawSetting]]:
        """``[criterion.NAME]``: raw values that the criterion's own settings have accepted."""
        written: dict[str, Table[RawSetting]] = {}
        for name, values in cast("Mapping[str, Mapping[str, object]]", self._entry(("criterion",))).items():
            path = ("criterion", name)
            if name not in self._criteria:
                allowed = ", ".join(f"[criterion.{known}]" for known in self._criteria)
                raise self.error("PROTOCOL_SECTION_UNKNOWN", path, {"allowed": allowed})
            raw = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
            settings = cast("dict[str, RawSetting]", raw)
            try:
                self._criteria[name](settings)
            except InvalidValue as error:
                raise self.error(error.code, path, error.arguments) from error
            written[name] = Table(settings)
        return Table(written)

    def baselines(self, written: Mapping[str, object]) -> Table[RawSetting]:
        """``[baseline]`` with its defaults."""
        required = ("lc_baseline",) if "local_control" in written else ()
        return Table({**sections.BASELINE_DEFAULTS, **self.table(("baseline",), sections.BASELINE, required)})

    def blinding(self) -> Blinding:
        """``[blinding]``."""
        values = self.table(("blinding",), sections.BLINDING)
        for key in ("clinical_shown", "order_hidden_for"):
            values[key] = frozenset(values.get(key, ()))
        return Blinding(**values)

    def design(self) -> Design:
        """``[design]`` and ``[[trigger]]``."""
        values = self.table(("design",), sections.DESIGN)
        listed = self._array("trigger", sections.TRIGGER, ("id",), "id")
        for index, (name, trigger) in enumerate(listed.items()):
            if "tol_days" in trigger and name not in sections.WITH_TOLERANCE:
                allowed = ", ".join(sorted(sections.WITH_TOLERANCE))
                given = {"key": "tol_days", "name": name, "allowed": allowed}
                raise self.error("PROTOCOL_TOLERANCE", ("trigger", index), given)
        if "trigger" not in self._tree and values.get("adjudication") != "none":
            listed = {name: {} for name in sections.USUAL_TRIGGERS}
        triggers = {
            name: Table({"tol_days": trigger.get("tol_days", "visit")} if name in sections.WITH_TOLERANCE else {})
            for name, trigger in listed.items()
        }
        if "adjudicator_roles" in values:
            values["adjudicator_roles"] = frozenset(values["adjudicator_roles"])
        return Design(triggers=Table(triggers), **values)

    def purposes(self, visits: Mapping[str, object], written: Mapping[str, object]) -> Table[Table[RawSetting]]:
        """``[purpose.NAME]``; its visits and criteria are ones that the file has."""
        purposes: dict[str, Table[RawSetting]] = {}
        for name in cast("Mapping[str, object]", self._entry(("purpose",))):
            path = ("purpose", name)
            if name not in sections.PURPOSES:
                allowed = ", ".join(f"[purpose.{known}]" for known in sections.PURPOSES)
                raise self.error("PROTOCOL_SECTION_UNKNOWN", path, {"allowed": allowed})
            values = self.table(path, sections.PURPOSE)
            for key, known in (("visits", visits), ("criteria", written)):
                for word in values.get(key, ()):
                    if word not in known:
                        allowed = ", ".join(f'"{entry}"' for entry in known) or "[]"
                        given = {"key": key, "name": word, "allowed": allowed}
                        raise self.error("PROTOCOL_NAME_UNKNOWN", path, given)
            defaults: dict[str, Any] = {"visits": (), "forms": (), "criteria": (), "blinded": name != "LOCAL"}
            purposes[name] = Table({**defaults, **values})
        return Table(purposes)

    def eligibility(self) -> Table[Rule]:
        """``[[eligibility]]`` by id."""
        listed = self._array("eligibility", sections.ELIGIBILITY, ("id", "variable", "op", "value"), "id")
        rules = {name: Rule(**{"on_missing": "NEEDS_INPUT", **values}) for name, values in listed.items()}
        for index, rule in enumerate(rules.values()):
            fault = rule_fault(rule)
            if fault is not None:
                code = f"PROTOCOL_RULE_{fault.key.upper()}"
                given = {"key": fault.key, "value": fault.given, "allowed": fault.allowed, "variable": rule.variable}
                raise self.error(code, ("eligibility", index), given)
        return Table(rules)

    def endpoints(self) -> Table[Table[RawSetting]]:
        """``[[endpoint]]`` by id, with its defaults; days and windows as text."""
        listed = self._array("endpoint", sections.ENDPOINT, ("id", "measure"), "id")
        return Table({name: Table({**sections.ENDPOINT_DEFAULTS, **values}) for name, values in listed.items()})

    def _array(
        self, section: str, checks: sections.Section, required: tuple[str, ...], key: str
    ) -> dict[str, dict[str, Any]]:
        """Tables of an array by their name, none of which stands twice."""
        listed: dict[str, dict[str, Any]] = {}
        for index in range(len(cast("list[object]", self._tree.get(section, [])))):
            values = self.table((section, index), checks, required)
            if values[key] in listed:
                raise self.error("PROTOCOL_NAME_TWICE", (section, index), {"key": key, "name": values[key]})
            listed[values[key]] = values
        return listed

    def _entry(self, path: Keys) -> object:
        entry: Any = self._tree
        for key in path:
            entry = entry[key] if isinstance(key, int) else entry.get(key, {})
        return entry


def _are_tables(entry: object) -> bool:
    return isinstance(entry, list) and all(isinstance(table, dict) for table in entry)
