"""The errors that ``make mutation`` puts into the criteria: which there are, and that they reach the running function."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutants import mutants_of
from benchmarks.mutation import CRITERIA, trying


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
