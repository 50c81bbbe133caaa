"""Events of the trail: what they hold, how they are written, and how their chain is checked.

An event is canonical JSON: UTF-8, sorted keys, no spaces, no floats, every field written; only an absent ``old`` or
``new``, and a ``barrier`` that is not one, are left out. Its hash is SHA-256 over a version line and the event without
its hash; ``prev`` is the hash of the event before, so that none can be edited, left out or moved without notice.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

from spinereview.domain.codec import Json, canonical
from spinereview.errors import InvalidValue, TrailError
from spinereview.review.changes import ABSENT, Change
from spinereview.review.clock import Moment
from spinereview.review.command import Role

SCHEMA = 1
"""Version of the event; counts up when an older program could not read it."""

_VERSION_LINE = b"spinereview.event.1\n"
_WHOLE = ("schema", "seq", "utc_offset_min", "mono_ms")
_TEXTS = ("utc", "session", "actor", "role", "program", "reason", "prev", "hash")
_WHOLE_OF, _TEXTS_OF = itemgetter(*_WHOLE), itemgetter(*_TEXTS)
_FIELDS = frozenset({*_WHOLE, *_TEXTS, "kind", "act", "changes"})
_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


class EventKind(StrEnum):
    """What an event is; a note changes nothing and records a fact."""

    ACT = "act"
    UNDO = "undo"
    REDO = "redo"
    NOTE = "note"


class Act(typing.NamedTuple):
    """What was done, for people: name, version and arguments. A ``barrier`` cannot be undone, nor what was before it."""

    name: str
    v: int
    args: Mapping[str, Json]
    barrier: bool = False


class Head(typing.NamedTuple):
    """Number and hash of the last event of a trail."""

    seq: int
    hash: str


NOTHING = Head(seq=0, hash="0" * 64)
"""Head of a trail without events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes: the person, the role, the program's version, and the run of the program (``"s-19"``)."""

    actor: str
    role: Role
    program: str
    session: str = ""


class Event(typing.NamedTuple):
    """One line of the trail."""

    schema: int
    seq: int
    kind: EventKind
    utc: str
    utc_offset_min: int
    mono_ms: int
    session: str
    actor: str
    role: str
    program: str
    act: Act
    reason: str
    changes: tuple[Change, ...]
    prev: str
    hash: str

    @property
    def head(self) -> Head:
        """Head of the trail that ends with this event."""
        return Head(seq=self.seq, hash=self.hash)

    @property
    def moment(self) -> Moment:
        """When it happened."""
        return Moment(utc=self.utc, utc_offset_min=self.utc_offset_min, mono_ms=self.mono_ms)

    def body(self) -> str:
        """The event as it is written."""
        return canonical({**_tree(self), "hash": self.hash}).decode()


def new_event(
    after: Head,
    kind: EventKind,
    act: Act,
    *,
    author: Author,
    moment: Moment,
    changes: tuple[Change, ...] = (),
    reason: str = "",
) -> Event:
    """Next event of a trail.

    Raises
    ------
    InvalidValue
        ``JSON_FLOAT`` where a float would be written, ``TEXT_NOT_UNICODE`` where a text has half a character.
    """
    draft = Event(
        schema=SCHEMA,
        seq=after.seq + 1,
        kind=kind,
        utc=moment.utc,
        utc_offset_min=moment.utc_offset_min,
        mono_ms=moment.mono_ms,
        session=author.session,
        actor=author.actor,
        role=author.role.value,
        program=author.program,
        act=act,
        reason=reason,
        changes=changes,
        prev=after.hash,
        hash="",
    )
    tree = _tree(draft)
    _refuse_floats(tree)
    try:
        written = canonical(tree)
    except UnicodeEncodeError as error:
        raise InvalidValue("TEXT_NOT_UNICODE", name=act.name) from error
    # Built anew rather than with `replace`, which would walk the fields once more for every act.
    return Event(
        **{name: getattr(draft, name) for name in Event._fields if name != "hash"},
        hash=_digest(written),
    )


def read_event(body: bytes) -> Event:
    """Event of a line, its own hash checked; the chain is checked by :class:`~spinereview.review.replay.Replay`.

    Raises
    ------
    TrailError
        ``TRAIL_ALTERED`` with the ``finding`` FORM or HASH; ``TRAIL_NEWER`` where a newer program wrote it.
    """
    try:
        text = body.decode()
        tree = _DECODER.decode(text)
    except (ValueError, RecursionError, InvalidValue) as error:
        raise TrailError("TRAIL_ALTERED", event="?", finding="FORM") from error
    if not isinstance(tree, dict):
        raise TrailError("TRAIL_ALTERED", event="?", finding="FORM")
    schema, seq = tree.get("schema"), tree.get("seq", "?")
    if type(schema) is int and schema > SCHEMA:
        raise TrailError("TRAIL_NEWER", version=schema, known=SCHEMA)
    if tree.keys() != _FIELDS:
        raise TrailError("TRAIL_ALTERED", event=seq, finding="FORM")
    try:
        if _hash_of(text, tree) != tree["hash"]:
            raise TrailError("TRAIL_ALTERED", event=seq, finding="HASH")
        return _event(tree)
    except (TypeError, KeyError, ValueError) as error:
        raise TrailError("TRAIL_ALTERED", event=seq, finding="FORM") from error


def _no_float(text: str) -> object:
    raise InvalidValue("JSON_FLOAT", value=text)


# What `codec.parse` uses, kept ready: a trail has thousands of lines. Repeated keys and the order of keys need no check of
# their own, because the hash is over the text as it stands.
_DECODER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)


def _hash_of(text: str, tree: dict[str, Json]) -> str:
    """Hash of a line as it was written."""
    before, found, after = text.partition(f',"hash":"{tree["hash"]}"')
    if found and found not in after:
        written = before + after
    else:
        # The hash also stands somewhere inside, so only the outermost one may be left out.
        return _digest(canonical({key: value for key, value in tree.items() if key != "hash"}))
    return _digest(written.encode())


def _digest(written: bytes) -> str:
    return hashlib.sha256(_VERSION_LINE + written).hexdigest()


def _tree(event: Event) -> dict[str, Json]:
    """Everything but the hash."""
    act: dict[str, Json] = {"name": event.act.name, "v": event.act.v, "args": dict(event.act.args)}
    if event.act.barrier:
        act["barrier"] = True
    return {
        "schema": event.schema,
        "seq": event.seq,
        "kind": event.kind.value,
        "utc": event.utc,
        "utc_offset_min": event.utc_offset_min,
        "mono_ms": event.mono_ms,
        "session": event.session,
        "actor": event.actor,
        "role": event.role,
        "program": event.program,
        "act": act,
        "reason": event.reason,
        "changes": [_change_tree(change) for change in event.changes],
        "prev": event.prev,
    }


def _change_tree(change: Change) -> Json:
    tree: dict[str, Json] = {"path": list(change.path)}
    if change.old is not ABSENT:
        tree["old"] = change.old
    if change.new is not ABSENT:
        tree["new"] = change.new
    return tree


def _event(tree: dict[str, typing.Any]) -> Event:
    """Event of a tree; raises ``TypeError``, ``KeyError`` or ``ValueError`` where it is none."""
    if set(map(type, _WHOLE_OF(tree))) != {int} or set(map(type, _TEXTS_OF(tree))) != {str}:
        raise TypeError
    if _UTC.fullmatch(tree["utc"]) is None:
        raise ValueError
    return Event(
        schema=tree["schema"],
        seq=tree["seq"],
        kind=EventKind(tree["kind"]),
        utc=tree["utc"],
        utc_offset_min=tree["utc_offset_min"],
        mono_ms=tree["mono_ms"],
        session=tree["session"],
        actor=tree["actor"],
        role=tree["role"],
        program=tree["program"],
        act=_act(tree["act"]),
        reason=tree["reason"],
        changes=tuple([_change(entry) for entry in tree["changes"]]),
        prev=tree["prev"],
        hash=tree["hash"],
    )


def _act(tree: dict[str, typing.Any]) -> Act:
    act = Act(name=tree["name"], v=tree["v"], args=tree["args"], barrier=tree.get("barrier", False))
    well_formed = type(act.name) is str and type(act.v) is int and type(act.args) is dict
    if not well_formed or len(tree) != 3 + act.barrier:
        raise TypeError
    return act


def _change(tree: dict[str, typing.Any]) -> Change:
    path, old, new = tree["path"], tree.get("old", ABSENT), tree.get("new", ABSENT)
    if type(path) is not list or set(map(type, path)) - {str}:
        raise TypeError
    if len(tree) != 1 + (old is not ABSENT) + (new is not ABSENT):
        raise TypeError
    return Change(path=tuple(path), old=old, new=new)


def _refuse_floats(tree: Json) -> None:
    if isinstance(tree, dict):
        for entry in tree.values():
            _refuse_floats(entry)
    elif isinstance(tree, list):
        for entry in tree:
            _refuse_floats(entry)
    elif isinstance(tree, float):
        raise InvalidValue("JSON_FLOAT", value=tree)
