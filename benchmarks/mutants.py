"""Mutants of a module: the module with one small error put in, as a tree; no file is ever changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT = frozenset({"annotation", "returns", "decorator_list", "bases", "ctx"})
"""Fields that say nothing of what is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one error.

    Parameters
    ----------
    function
        Qualified name of the outermost function whose body has the error; empty where it lies elsewhere, as in a table.
    """

    tree: ast.Module
    function: str
    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A node, the field of its parent that holds it, and the function around it."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    function: str

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(source: str) -> Iterator[Mutant]:
    r"""Every mutant of a module.

    >>> [mutant.what for mutant in mutants_of("def f(a):\n    return a < 5")]
    ['return a < 5 -> return None', 'a < 5 -> a <= 5', 'a < 5 -> a >= 5', '5 -> 6', '5 -> 4']
    """
    tree = ast.parse(source)
    for place, changed in _errors(tree):
        what = _what(place.node, changed)
        ast.copy_location(changed, place.node)
        place.put(changed)
        whole = ast.fix_missing_locations(copy.deepcopy(tree))
        place.put(place.node)
        yield Mutant(tree=whole, function=place.function, line=getattr(place.node, "lineno", 0), what=what)


def names_of(source: str) -> set[tuple[str, str]]:
    r"""Function and text of every mutant of a module, quicker than the mutants themselves.

    >>> sorted(names_of("def f(a):\n    return a < 5"))[:2]
    [('f', '5 -> 4'), ('f', '5 -> 6')]
    """
    return {(place.function, _what(place.node, changed)) for place, changed in _errors(ast.parse(source))}


def _errors(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST]]:
    for place in _places(tree, "", ""):
        for changed in _changed(place.node):
            yield place, changed


def _what(node: ast.AST, changed: ast.AST) -> str:
    return f"{_short(node)} -> {_short(changed)}"


def _places(node: ast.AST, scope: str, function: str) -> Iterator[_Place]:
    """All nodes below this one; ``scope`` is the name of the class or function that it is, ``function`` that around it."""
    for field, value in ast.iter_fields(node):
        if field in _LEFT or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        inside = function
        if field == "body" and isinstance(node, ast.FunctionDef):
            inside = function or scope
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST):
                continue
            yield _Place(parent=node, field=field, index=index, node=child, function=inside)
            name = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                name = f"{scope}.{child.name}" if scope else child.name
            yield from _places(child, name, inside)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.Constant):
        yield from _constant(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _call(node, node.func.id)
    elif isinstance(node, ast.expr):
        yield from _operation(node)
    if isinstance(node, ast.IfExp | ast.If) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        # Other conditions have an operator of their own to change.
        test = ast.UnaryOp(op=ast.Not(), operand=node.test)
        yield type(node)(test=test, body=node.body, orelse=node.orelse)  # type: ignore[arg-type] # of its own kind
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(value=ast.Constant(value=None))


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for at, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            operators = [*node.ops[:at], other(), *node.ops[at + 1 :]]
            yield ast.Compare(left=node.left, ops=operators, comparators=node.comparators)


def _operation(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.BoolOp(op=ast.And()):
            yield ast.BoolOp(op=ast.Or(), values=node.values)
        case ast.BoolOp(op=ast.Or()):
            yield ast.BoolOp(op=ast.And(), values=node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=operator) if type(operator) in _ARITHMETIC:
            yield ast.BinOp(left=node.left, op=_ARITHMETIC[type(operator)](), right=node.right)


def _call(node: ast.Call, name: str) -> Iterator[ast.AST]:
    if name in _CALLS:
        yield ast.Call(func=ast.Name(id=_CALLS[name], ctx=ast.Load()), args=node.args, keywords=node.keywords)
    match node.args:
        case [ast.Constant(value=str() as text)] if name == "Decimal":
            for step in (1, -1):
                yield ast.Call(func=node.func, args=[ast.Constant(value=str(Decimal(text) + step))], keywords=[])


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(value=not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(value=node.value + 1)
        yield ast.Constant(value=node.value - 1)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."
