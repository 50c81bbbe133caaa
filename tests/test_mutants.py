"""The errors that ``make mutation`` puts into the criteria: which there are, and that they reach the running function."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutants import mutants_of, names_of
from benchmarks.mutation import CRITERIA, trying
from benchmarks.survivors import Survivor, Tally, given, keep, kept, tables


def errors(source):
    return {mutant.what for mutant in mutants_of(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", {"a < b -> a <= b", "a < b -> a >= b"}),
        ("x = a and b", {"a and b -> a or b"}),
        ("x = not a", {"not a -> a"}),
        ("x = a + b", {"a + b -> a - b"}),
        ("x = 5", {"5 -> 6", "5 -> 4"}),
        ("x = True", {"True -> False"}),
        ("x = Decimal('0.2')", {"Decimal('0.2') -> Decimal('1.2')", "Decimal('0.2') -> Decimal('-0.8')"}),
        ("x = min(a, b)", {"min(a, b) -> max(a, b)"}),
        ("x: int = y", set()),
        ("def f():\n    'text'\n    return None", set()),
        ("def f(a):\n    return a", {"return a -> return None"}),
        ("require(a == b)", {"a == b -> a != b"}),
        ("'a text'", set()),
    ],
)
def test_errors_of_a_line(source, expected):
    assert errors(source) == expected


def test_an_error_belongs_to_the_outermost_function_and_a_default_to_none():
    source = "class A:\n    x = 1\n    def f(self, n=2):\n        def g():\n            return 3 < n\n        return g"
    found = {mutant.what: mutant.function for mutant in mutants_of(source)}
    assert (found["1 -> 2"], found["2 -> 3"], found["3 -> 4"]) == ("", "", "A.f")


@pytest.mark.parametrize("name", ["recist/target.py", "fracture/grade.py", "sins.py"])
def test_every_mutant_of_a_module_compiles_and_differs_from_it_and_the_others(name):
    source = (CRITERIA / name).read_text(encoding="utf-8")
    trees = [mutant.tree for mutant in mutants_of(source)]
    texts = {ast.unparse(tree) for tree in trees}
    assert len(texts) > 0.95 * len(trees) > 50
    assert ast.unparse(ast.parse(source)) not in texts
    for tree in trees:
        compile(tree, name, "exec", dont_inherit=True)


def test_every_module_has_tests():
    for module in CRITERIA.rglob("*.py"):
        assert trying(module), module


def test_every_survivor_that_has_a_reason_is_an_error_of_the_code_as_it_is():
    names = {}
    for module, function, text, reason in given():
        if module not in names:
            names[module] = names_of((CRITERIA / module).read_text(encoding="utf-8"))
        assert (function, text) in names[module], (module, function, text)
        assert len(reason) > 10, (module, function, text)


def test_no_survivor_has_two_reasons():
    entries = [entry[:3] for entry in given()]
    assert len(entries) == len(set(entries))


def test_results_take_the_place_of_earlier_ones_of_the_same_module(tmp_path):
    path = tmp_path / "build" / "results.json"
    survivor = Survivor(function="f", line=3, what="a < b -> a <= b")
    keep([Tally(module="a.py", mutants=4, survivors=[survivor]), Tally(module="b.py", mutants=2)], path)
    keep([Tally(module="b.py", mutants=8, survivors=[survivor, survivor])], path)
    first, second = kept(path)
    assert (first.module, first.score, first.survivors) == ("a.py", 0.75, [survivor])
    assert (second.module, second.score) == ("b.py", 0.75)


def test_the_tables_say_what_was_not_run_and_what_has_no_reason():
    survivor = Survivor(function="f", line=3, what="a | b -> a & b")
    text = tables([Tally(module="a.py", mutants=4, survivors=[survivor])], ["a.py", "b.py"])
    assert "3 of 4 errors: **0.750**" in text
    assert "Not run: b.py." in text
    assert "| `a.py` | 0.75 | 1 of 4 | 1 |" in text
    assert r"| `a.py` f | `a \| b -> a & b` | **none yet** |" in text
