"""The immutable mapping: identity, order, equality, pickling."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.domain.table import Table

ENTRIES = st.dictionaries(st.text(max_size=4), st.integers(), max_size=8)


@given(ENTRIES)
def test_a_table_is_the_mapping_it_was_made_of_in_the_order_of_its_keys(entries: dict[str, int]) -> None:
    table = Table(entries)
    assert dict(table) == entries
    assert list(table) == sorted(entries)
    assert len(table) == len(entries)


@given(ENTRIES, st.text(max_size=4), st.integers())
def test_setting_an_entry_leaves_the_table_and_the_other_entries_as_they_are(entries, key: str, value: int) -> None:
    table = Table(entries)
    changed = table.with_(key, value)
    assert dict(table) == entries
    assert dict(changed) == {**entries, key: value}
    assert list(changed) == sorted({**entries, key: value})


@given(ENTRIES, st.text(max_size=4))
def test_taking_an_entry_away_leaves_the_others(entries, key: str) -> None:
    table = Table(entries)
    assert dict(table.without(key)) == {name: value for name, value in entries.items() if name != key}
    assert (table.without(key) is table) is (key not in entries)


def test_the_same_entry_gives_the_same_table_and_an_equal_one_another() -> None:
    part = ("a", 1)
    table = Table({"x": part})
    assert table.with_("x", part) is table
    made_anew = table.with_("x", pickle.loads(pickle.dumps(part)))  # noqa: S301 - our own bytes
    assert made_anew == table
    assert made_anew is not table


def test_untouched_entries_keep_their_identity() -> None:
    kept = [1]
    table = Table({"a": kept, "b": [2]}).with_("b", [3]).without("c")
    assert table["a"] is kept


@given(ENTRIES)
def test_a_table_survives_pickling(entries) -> None:
    assert pickle.loads(pickle.dumps(Table(entries))) == Table(entries)  # noqa: S301 - our own bytes


@given(ENTRIES, ENTRIES)
def test_equal_tables_are_equal_and_hash_alike(one, other) -> None:
    assert (Table(one) == Table(other)) is (one == other)
    if one == other:
        assert hash(Table(one)) == hash(Table(other))
    assert Table(one) != one


def test_a_table_cannot_be_changed_and_a_missing_key_is_an_error() -> None:
    table = Table({"a": 1})
    with pytest.raises(TypeError):
        table["a"] = 2  # type: ignore[index]
    with pytest.raises(KeyError):
        table["b"]
    assert repr(table) == "Table({'a': 1})"
