"""Every setting of a protocol as one flat table: where it stands, what it is, whether it was written, what else it may be.

Rows come from the classes of settings themselves, so that what is shown, what is compared and what a file may hold are the
same table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from spinereview.criteria import CRITERIA, parsers
from spinereview.domain.protocol import Blinding, Design, Protocol, Rule, ScheduledVisit
from spinereview.domain.settings import Check, checks_of, shown
from spinereview.storage import protocol_sections as sections
from spinereview.storage.protocol_sections import USUAL_TRIGGERS


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One key that a protocol file may hold.

    Parameters
    ----------
    section
        As the file writes it: ``"[blinding]"``, ``"[[visit]]"``, ``"[criterion.recist]"``.
    default
        As the file would write it; ``"required"`` where there is none, ``""`` where leaving it out means nothing.
    allowed
        Words, or a range.
    """

    section: str
    key: str
    default: str
    allowed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One value of a protocol; ``entry`` names the visit, rule or endpoint, ``written`` that the file gives it."""

    section: str
    entry: str
    key: str
    value: str
    written: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes it the same row in another protocol."""
        return self.section, self.entry, self.key


_REQUIRED: dict[str, tuple[str, ...]] = {
    "[trial]": ("id", "version", "title"),
    "[[visit]]": ("name", "anchor", "day", "minus", "plus"),
    "[[trigger]]": ("id",),
    "[[eligibility]]": ("id", "variable", "op", "value"),
    "[[endpoint]]": ("id", "measure"),
}

_CORE: tuple[tuple[str, sections.Section], ...] = (
    ("[trial]", sections.TRIAL),
    ("[[visit]]", sections.VISIT),
    ("[baseline]", sections.BASELINE),
    ("[blinding]", sections.BLINDING),
    ("[design]", sections.DESIGN),
    ("[[trigger]]", sections.TRIGGER),
    ("[purpose.NAME]", sections.PURPOSE),
    ("[[eligibility]]", sections.ELIGIBILITY),
    ("[[endpoint]]", sections.ENDPOINT),
)
_OTHER_DEFAULTS: dict[tuple[str, str], str] = {
    ("[baseline]", "lc_baseline"): "required where [criterion.local_control] stands",
    ("[[trigger]]", "tol_days"): '"visit"',
    ("[purpose.NAME]", "blinded"): "true; of LOCAL false",
    ("[[eligibility]]", "on_missing"): '"NEEDS_INPUT"',
}


def schema() -> tuple[SettingRow, ...]:
    """All keys of all sections, in the order in which a file is written."""
    rows: list[SettingRow] = []
    for section, checks in _CORE:
        defaults = _defaults_of_section(section)
        rows.extend(
            SettingRow(section=section, key=key, default=_default(section, key, defaults), allowed=check.allowed)
            for key, check in checks.items()
        )
    for name in parsers():
        section, criterion = f"[criterion.{name}]", CRITERIA[name]
        rows.extend(
            SettingRow(section=section, key=key, default=text, allowed=check.allowed)
            for key, text, check in settings_of(criterion.settings)
        )
    return tuple(rows)


def values(protocol: Protocol) -> tuple[ValueRow, ...]:
    """Every value that holds in a protocol, written or by default."""
    return (
        *_trial(protocol),
        *(row for visit in protocol.visits.values() for row in _visit(visit)),
        *_table("[baseline]", "", protocol.baselines, sections.BASELINE_DEFAULTS),
        *_dataclass("[blinding]", protocol.blinding, Blinding()),
        *_dataclass("[design]", protocol.design, Design(), without=("triggers",)),
        *_triggers(protocol),
        *(
            _row(f"[purpose.{name}]", "", key, value, written=True)
            for name, purpose in protocol.purposes.items()
            for key, value in purpose.items()
        ),
        *(row for name, raw in protocol.criteria.items() for row in _criterion(name, raw)),
        *(row for rule in protocol.eligibility.values() for row in _rule(rule)),
        *(
            row
            for name, endpoint in protocol.endpoints.items()
            for row in _table("[[endpoint]]", name, endpoint, sections.ENDPOINT_DEFAULTS)
            if row.key != "id"
        ),
    )


def _trial(protocol: Protocol) -> Iterator[ValueRow]:
    for key in ("id", "version", "title", "amends"):
        value = getattr(protocol, key)
        if value:
            yield _row("[trial]", "", key, value, written=True)


def _visit(visit: ScheduledVisit) -> Iterator[ValueRow]:
    for key in ("anchor", "day", "minus", "plus", "modalities", "regions", "forms"):
        value = getattr(visit, key)
        optional = isinstance(value, frozenset)
        yield _row("[[visit]]", visit.name, key, value, written=not optional or bool(value))


def _triggers(protocol: Protocol) -> Iterator[ValueRow]:
    """Where a file lists no trigger, the usual ones hold."""
    usual = tuple(protocol.design.triggers) == USUAL_TRIGGERS
    for name, trigger in protocol.design.triggers.items():
        yield _row("[[trigger]]", name, "id", name, written=not usual)
        if "tol_days" in trigger:
            yield _row("[[trigger]]", name, "tol_days", trigger["tol_days"], written=trigger["tol_days"] != "visit")


def _rule(rule: Rule) -> Iterator[ValueRow]:
    for key in ("variable", "op", "value", "on_missing", "group"):
        value = getattr(rule, key)
        if key != "group" or value:
            yield _row("[[eligibility]]", rule.id, key, value, written=key != "on_missing" or value != "NEEDS_INPUT")


def _criterion(name: str, raw: Mapping[str, object]) -> Iterator[ValueRow]:
    section = f"[criterion.{name}]"
    given = list(settings_of(CRITERIA[name].settings))
    if not given:
        yield _row(section, "", "-", "-", written=True)
    for key, default, _check in given:
        text = shown(raw[key]) if key in raw else default
        yield ValueRow(section=section, entry="", key=key, value=text, written=key in raw)


def _table(section: str, entry: str, given: Mapping[str, object], defaults: Mapping[str, object]) -> Iterator[ValueRow]:
    for key, value in given.items():
        yield _row(section, entry, key, value, written=key not in defaults or defaults[key] != value)


def _dataclass(section: str, given: Any, plain: Any, without: tuple[str, ...] = ()) -> Iterator[ValueRow]:
    for entry in fields(given):
        if entry.name not in without:
            value = getattr(given, entry.name)
            yield _row(section, "", entry.name, value, written=value != getattr(plain, entry.name))


def _row(section: str, entry: str, key: str, value: object, *, written: bool) -> ValueRow:
    return ValueRow(section=section, entry=entry, key=key, value=_text(value), written=written)


def _text(value: object) -> str:
    return shown(sorted(value) if isinstance(value, frozenset) else value)


def settings_of(kind: type) -> Iterator[tuple[str, str, Check]]:
    """Key, default as a file would write it, and check, of a class of settings."""
    checks = checks_of(kind)
    for entry in fields(kind):
        if entry.name in checks:
            check = checks[entry.name]
            yield entry.name, _default_text(entry, check), check


def _default_text(entry: Field[Any], check: Check) -> str:
    if entry.default_factory is not MISSING:
        return _text(entry.default_factory())
    if entry.default is MISSING:
        return "required"
    named = {value: word for word, value in getattr(check, "named", ())}
    return _text(named.get(entry.default, entry.default))


def _defaults_of_section(section: str) -> Mapping[str, object]:
    if section == "[baseline]":
        return sections.BASELINE_DEFAULTS
    if section == "[[endpoint]]":
        return sections.ENDPOINT_DEFAULTS
    plain: Blinding | Design
    if section == "[blinding]":
        plain = Blinding()
    elif section == "[design]":
        plain = Design()
    else:
        return {}
    return {entry.name: getattr(plain, entry.name) for entry in fields(plain)}


def _default(section: str, key: str, defaults: Mapping[str, object]) -> str:
    if key in _REQUIRED.get(section, ()):
        return "required"
    if (section, key) in _OTHER_DEFAULTS:
        return _OTHER_DEFAULTS[section, key]
    return _text(defaults[key]) if key in defaults else ""
