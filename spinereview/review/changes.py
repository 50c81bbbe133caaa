"""What changed between two documents, and how such changes are applied, reversed and put into a document.

A change is a path of keys with the old and the new tree; either is left out where there was, or is, nothing. The walk of
:func:`diff` ends at every part that is the same object, so it costs what changed and not what there is. Changes of one
act never lie on or below one another's path, so their order does not matter.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass, replace
from enum import Enum

from spinereview.domain.codec import Json, annotations_of, decode, encode
from spinereview.domain.imaging import Ref
from spinereview.domain.table import Table
from spinereview.errors import TrailError

D = typing.TypeVar("D")


class Absent(Enum):
    """That there is nothing at a path; not the same as an entry that is null."""

    ABSENT = "ABSENT"


ABSENT = Absent.ABSENT

Visit = Callable[[Ref], None]
"""Called with the path of every part that a walk has to look into."""


class Change(typing.NamedTuple):
    """One part of a document, before and after."""

    path: Ref
    old: Json | Absent
    new: Json | Absent


def same_tree(one: Json | Absent, other: Json | Absent) -> bool:
    """Whether two trees are written alike; unlike ``==`` it tells 1 from true.

    >>> same_tree([1], [True])
    False
    """
    if type(one) is not type(other) or one != other:
        return False
    if repr(one) == repr(other):
        # Most often so, and decided without a step for each entry: a text of 1 is another than one of True.
        return True
    if isinstance(one, dict):
        assert isinstance(other, dict)  # noqa: S101  # of one type
        return one.keys() == other.keys() and all(same_tree(entry, other[key]) for key, entry in one.items())
    if isinstance(one, list):
        assert isinstance(other, list)  # noqa: S101  # of one type
        return len(one) == len(other) and all(map(same_tree, one, other))
    return one == other


def diff(before: object, after: object, annotation: object, *, visit: Visit | None = None) -> tuple[Change, ...]:
    """Changes that lead from one document to another.

    Parameters
    ----------
    annotation
        Of the place where the documents stand: their class.
    visit
        Called for every part that is not the same object.

    Raises
    ------
    InvalidValue
        ``TREE_INVALID`` where a value is not what its annotation says, a float for instance.
    """
    return tuple(_walk(before, after, annotation, (), visit))


def _walk(before: object, after: object, annotation: object, path: Ref, visit: Visit | None) -> Iterator[Change]:
    if before is after:
        return
    if visit is not None:
        visit(path)
    if isinstance(before, Table) and isinstance(after, Table):
        entry = _entry_of(annotation)
        for key in sorted(before.keys() | after.keys()):
            yield from _step(before.get(key, ABSENT), after.get(key, ABSENT), entry, (*path, key), visit)
    elif is_dataclass(before) and type(before) is type(after):
        for name, hint in annotations_of(type(before)).items():
            yield from _walk(getattr(before, name), getattr(after, name), hint, (*path, name), visit)
    else:
        old, new = encode(before, annotation), encode(after, annotation)
        if not same_tree(old, new):
            yield Change(path=path, old=old, new=new)


def _step(before: object, after: object, entry: object, path: Ref, visit: Visit | None) -> Iterator[Change]:
    """Walk of one entry of a table, which may have come or gone."""
    if before is ABSENT:
        yield Change(path=path, old=ABSENT, new=encode(after, entry))
    elif after is ABSENT:
        yield Change(path=path, old=encode(before, entry), new=ABSENT)
    else:
        yield from _walk(before, after, entry, path, visit)


def _entry_of(annotation: object) -> object:
    """Annotation of a table's entries, from the annotation of the table's place."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        annotation = next(one for one in typing.get_args(annotation) if typing.get_origin(one) is Table)
    return typing.get_args(annotation)[0]


def reversed_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes that lead back."""
    return tuple(Change(path=change.path, old=change.new, new=change.old) for change in reversed(tuple(changes)))


def _mismatch(path: Ref) -> TrailError:
    return TrailError("REPLAY_MISMATCH", path="/".join(path) or "/")


def apply_in_place(tree: Json | Absent, changes: Iterable[Change]) -> Json | Absent:
    """Change a tree that nobody else holds, as the replay of a long trail does; :func:`apply_changes` makes a new one.

    Every old value is checked before anything is changed. Paths of one event do not run into each other. What comes into a
    table that the file did not have when it was begun comes into an empty one.

    Raises
    ------
    TrailError
        ``REPLAY_MISMATCH`` where an old value is not the one that is there; the tree is as it was.
    """
    found: list[tuple[dict[str, Json], str, Json | Absent]] = []
    fresh: dict[str, Json] = {}
    for change in changes:
        if not change.path:
            return apply_changes(tree, [Change(path=(), old=change.old, new=_own(change.new))])
        node: Json | Absent = tree
        if type(tree) is dict and len(change.path) == 2 and change.path[0] not in tree:
            node = {change.path[0]: fresh.setdefault(change.path[0], {})}
        for key in change.path[:-1]:
            if type(node) is not dict:
                raise _mismatch(change.path)
            node = node.get(key, ABSENT)
        if type(node) is not dict or not same_tree(node.get(change.path[-1], ABSENT), change.old):
            raise _mismatch(change.path)
        found.append((node, change.path[-1], change.new))
    for parent, key, new in found:
        if isinstance(new, Absent):
            parent.pop(key, None)
        else:
            parent[key] = _own(new)
    if type(tree) is dict:
        tree.update(fresh)
    return tree


def _own(tree: Json | Absent) -> typing.Any:
    """Copy of a part that comes from an event: the event keeps its own."""
    if type(tree) is dict:
        return {key: _own(entry) if type(entry) in (dict, list) else entry for key, entry in tree.items()}
    if type(tree) is list:
        return [_own(entry) if type(entry) in (dict, list) else entry for entry in tree]
    return tree


def apply_changes(tree: Json | Absent, changes: Iterable[Change]) -> Json | Absent:
    """Tree after some changes; the given one stays as it was, and both share what did not change.

    Raises
    ------
    TrailError
        ``REPLAY_MISMATCH`` where an old value is not the one that is there.
    """
    for change in changes:
        tree = _applied(tree, change)
    return tree


def _applied(tree: Json | Absent, change: Change) -> Json | Absent:
    """Tree after one change: new objects along its path only."""
    nodes: list[dict[str, Json]] = []
    for key in change.path:
        if type(tree) is not dict:
            raise _mismatch(change.path)
        nodes.append(tree)
        tree = tree.get(key, ABSENT)
    if not same_tree(tree, change.old):
        raise _mismatch(change.path)
    tree = change.new
    for node, key in zip(reversed(nodes), reversed(change.path), strict=True):
        above = node.copy()
        if isinstance(tree, Absent):
            above.pop(key, None)
        else:
            above[key] = tree
        tree = above
    return tree


_Node = dict[str, "Change | _Node"]


def patched(document: D, annotation: type[D], changes: Iterable[Change]) -> D:
    """Document after some changes; every part that they do not touch stays the same object.

    Each part is built once, with all its changes: between two of them it might be a value that must not exist.

    Raises
    ------
    TrailError
        ``REPLAY_MISMATCH`` where an old value is not the one that is there.
    """
    root: _Node = {}
    for change in changes:
        node = root
        for key in change.path[:-1]:
            below = node.setdefault(key, {})
            if isinstance(below, Change):
                raise _mismatch(change.path)
            node = below
        if not change.path or change.path[-1] in node:
            raise _mismatch(change.path)
        node[change.path[-1]] = change
    result: D = _rebuilt(document, annotation, root, ())
    return result


def _rebuilt(value: typing.Any, annotation: typing.Any, node: Change | _Node, path: Ref) -> typing.Any:
    if isinstance(node, Change):
        old = ABSENT if value is ABSENT else encode(value, annotation)
        if not same_tree(old, node.old):
            raise _mismatch(path)
        return ABSENT if isinstance(node.new, Absent) else decode(annotation, node.new)
    if isinstance(value, Table):
        entry = _entry_of(annotation)
        for key, below in node.items():
            child = _rebuilt(value.get(key, ABSENT), entry, below, (*path, key))
            value = value.without(key) if child is ABSENT else value.with_(key, child)
        return value
    if is_dataclass(value) and not isinstance(value, type):
        hints = annotations_of(type(value))
        if not node.keys() <= hints.keys():
            raise _mismatch(path)
        children = {
            name: _rebuilt(getattr(value, name), hints[name], below, (*path, name)) for name, below in node.items()
        }
        return replace(value, **children)
    raise _mismatch(path)
