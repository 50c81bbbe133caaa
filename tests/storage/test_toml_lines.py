from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.storage.toml_lines import Lines

TEXT = '''# [trial] is no header here
[trial]  # nor is this = [one]
id = "a = b [c]"
title = """
[visit]
name = "not a key" """
'quoted key' = 'it\\'
"dotted".second.third = 1

[ baseline . inner ]
list = [
  "x]", # = [
  { a = 1, b = "}" },
]
after = """a""\\""""
literal = \'\'\'
[no] = 1\'\'\'
last = 0.10

[[visit]]
name = "BL"
[[visit]]
name = "FU1"
[visit.window]
plus = 1
[[visit.part]]
n = 1
[[visit.part]]
n = 2
[[visit]]
name = "FU2"'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("trial",), 2),
        (("trial", "id"), 3),
        (("trial", "title"), 4),
        (("trial", "quoted key"), 7),
        (("trial", "dotted", "second", "third"), 8),
        (("trial", "dotted", "second"), 8),
        (("baseline", "inner", "list"), 11),
        (("baseline", "inner", "list", 1, "b"), 11),
        (("baseline", "inner", "after"), 15),
        (("baseline", "inner", "literal"), 16),
        (("baseline", "inner", "last"), 18),
        (("visit",), 20),
        (("visit", 0), 20),
        (("visit", 0, "name"), 21),
        (("visit", 1, "name"), 23),
        (("visit", 1, "window", "plus"), 25),
        (("visit", 1, "part", 0, "n"), 27),
        (("visit", 1, "part", 1, "n"), 29),
        (("visit", 2), 30),
        (("visit", 2, "name"), 31),
        (("visit", 2, "day"), 30),
        (("trial", "nothing"), 2),
        (("nothing",), 1),
    ],
)
def test_line_of_an_entry(path, line):
    tomllib.loads(TEXT)
    assert Lines(TEXT).of(path) == line


def test_lines_of_windows_are_counted_once():
    assert Lines("[a]\r\nb = 1\r\n\r\nc = 2\r\n").of(("a", "c")) == 4


def test_an_empty_text_has_no_entries():
    assert Lines("").of(("a",)) == 1


values = st.sampled_from(
    ['"x"', "'='", '"""\n[a]\n"""', "'''\n#\n'''", "[\n1,\n# ]\n2\n]", "1.5", "{x = '}'}", '"\\""']
)


@given(st.lists(st.tuples(st.booleans(), values, st.sampled_from(["", " # c = [", "\n", "\n# x"])), max_size=12))
def test_lines_of_any_mixture_of_values(rows):
    text, expected = "", {}
    for number, (header, value, rest) in enumerate(rows):
        if header:
            text += "[[t]]\n"
        section = text.count("[[t]]\n")
        path = ("t", section - 1, f"k{number}") if section else (f"k{number}",)
        expected[path] = text.count("\n") + 1
        text += f"k{number} = {value}{rest}\n"
    tomllib.loads(text)
    lines = Lines(text)
    assert {path: lines.of(path) for path in expected} == expected
