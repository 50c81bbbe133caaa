"""What the source of the criteria says of itself: texts of its modules, its own readings, its reasons and their rules.

The source is read as a syntax tree and never run for it, so that a reason that no example reaches is found too.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import EnumType, StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType

from criteria_rules import CARRIED, told

import spinereview.criteria
import spinereview.domain
from spinereview.criteria import CRITERIA, QUESTIONS
from spinereview.text import catalogue

ROOT = Path(spinereview.criteria.__file__).parent
PACKAGE = "spinereview.criteria"
BEGINNINGS: dict[str, tuple[str, ...]] = {
    "recist": (
        *("recist", "measurability", "entered", "evidence.recist", "evidence.diameters", "evidence.targets"),
        "evidence.judged",
        "evidence.coverage",
        "evidence.quality",
    ),
    "best_response": ("best_", "responses"),
    "adjudication": ("adjudication",),
    "endpoints": ("endpoints",),
    "local_control": ("local_control",),
    "sins": ("sins", "evidence.sins", "evidence.alignment", "evidence.kyphosis"),
    "fracture": ("fracture", "angle", "evidence.fracture"),
    "escc": ("escc", "evidence.escc"),
    "spino": ("spino", "evidence.spino"),
    "bone_response": ("bone_response",),
    "staging": ("staging",),
    "pain": ("pain",),
    "questionnaires": ("questionnaires",),
    "neurology": ("neurology",),
    "eligibility": ("eligibility", "evidence.eligibility"),
}
"""By criterion, how the names of its modules begin."""

SHARED = ("evidence.clinical", "evidence.clinical_days", "evidence.labels", "evidence")
"""Modules that belong to no criterion: they hand over what was recorded."""

LINK = "[criteria.md](criteria.md)"
ELSEWHERE = {"spino": "LC_", "recist": "VALUE_NEGATIVE"}
"""How codes begin that are no reasons of a criterion: another's, said in words of its own, and an error of an input."""

OURS = re.compile(r"our reading|our own|is ours|confirmed by a clinician|not re-read", re.IGNORECASE)
Function = ast.FunctionDef | ast.Lambda


@dataclass(slots=True)
class Module:
    """A module of the criteria: its syntax tree, and its values as they are when the program runs."""

    name: str
    tree: ast.Module
    live: ModuleType
    rules: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = {name: text for name, text in vars(self.live).items() if _is_rule(name, text)}


@cache
def modules() -> tuple[Module, ...]:
    """All modules of the criteria, sorted by name."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = [part for part in path.relative_to(ROOT).with_suffix("").parts if part != "__init__"]
        if parts:
            live = importlib.import_module(".".join([PACKAGE, *parts]))
            found.append(Module(".".join(parts), ast.parse(path.read_text(encoding="utf-8")), live))
    return tuple(found)


def modules_of(criterion: str) -> tuple[Module, ...]:
    """Modules of one criterion."""
    return tuple(module for module in modules() if module.name.startswith(BEGINNINGS[criterion]))


def introductions(criterion: str) -> list[str]:
    """What the modules of its rules say they are about; those that say no more than one sentence of theirs have no rule."""
    said = [
        plain(ast.get_docstring(module.tree) or "") for module in modules_of(criterion) if "evidence" not in module.name
    ]
    return [text for text in dict.fromkeys(said) if re.search(r"[.] [A-Z]|[12]\d{3}", text)]


def answered(criterion: str) -> list[str]:
    """What its functions say they answer; a closed set is written out."""
    asked = [one.answer for one in QUESTIONS.values() if one.criterion == criterion]
    found: dict[str, None] = {}
    for function in (CRITERIA[criterion].assess, *asked):
        text = re.split(r"\n\s*>>>|\n\w+\n-+\n", inspect.getdoc(function) or "")[0]
        if text.startswith("Assessment") and not text.startswith("Assessments of"):
            found[plain(_written_out(text, vars(sys.modules[function.__module__])))] = None
    return list(found)


def _written_out(text: str, names: Mapping[str, object]) -> str:
    """Text with the words of the closed sets that it names."""

    def words_of(match: re.Match[str]) -> str:
        known = names.get(match[1])
        if isinstance(known, EnumType):
            return "one of " + ", ".join(f"`{member.value}`" for member in list(known))
        return ", ".join(f"`{one}`" for one in known) if isinstance(known, tuple) else match[0]

    return re.sub(r"(?:\bwords of |\ban? )?:(?:class|data):`~?(\w+)`", words_of, text)


def readings(criterion: str) -> list[str]:
    """Paragraphs of docstrings in which the code names a reading of ours, or a doubt, each after what it is about."""
    found: dict[str, None] = {}
    for module in modules_of(criterion):
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                text = re.split(r"\n\s*>>>|\n\w+\n-+\n", ast.get_docstring(node) or "")[0]
                first, *others = re.split(r"\n\s*\n", text)
                doubts = [part for part in others if OURS.search(part)]
                if doubts or OURS.search(first):
                    found[plain(" ".join([first, *doubts]))] = None
    return list(found)


def rules(criterion: str) -> list[str]:
    """Sources that its reasons carry, each once."""
    return sorted({rule for found in reasons(criterion).values() for rule in found})


def reasons(criterion: str) -> dict[str, tuple[str, ...]]:
    """Codes of its reasons, and the rules that each can carry, both sorted."""
    found: dict[str, set[str]] = {}
    for module in modules_of(criterion):
        for code, carried in _Reader(module, criterion).pairs():
            if not code.startswith(ELSEWHERE.get(criterion, "-")):
                found.setdefault(code, set()).update(carried)
    return {code: told(code) or tuple(sorted(found[code])) for code in sorted(found)}


def limits(criterion: str) -> list[tuple[str, str, str]]:
    """Numbers that stand in the code and no protocol changes: name, value, and what is said of them."""
    rows = []
    for module in modules_of(criterion):
        for names, text in _constants(module.tree):
            for name in names:
                value = vars(module.live).get(name)
                if not name.startswith(("_", "ZERO")) and type(value).__name__ in {"int", "Decimal", "Fraction"}:
                    rows.append((name.lower().replace("_", " "), str(value), text))
    return rows


@cache
def words() -> frozenset[str]:
    """What can stand in the gap of a code: words of closed sets, and texts of the criteria in capitals."""
    found = {str(number) for number in range(10)}
    for _, name, _ in pkgutil.iter_modules(spinereview.domain.__path__):
        for kind in vars(importlib.import_module(f"spinereview.domain.{name}")).values():
            if isinstance(kind, EnumType) and issubclass(kind, StrEnum):
                found |= {member.value for member in kind}
    for module in modules():
        for kind in vars(module.live).values():
            if isinstance(kind, EnumType) and issubclass(kind, StrEnum):
                found |= {*(member.value.upper() for member in kind), *kind.__members__}
        found |= {
            str(node.value).upper()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Constant) and re.fullmatch(r"\w+", str(node.value))
        }
    return frozenset(found)


def said_of(name: str) -> str:
    """What the code says of a value at the top of a module, such as ``"sins_values.POINTS"``."""
    module, _, value = name.rpartition(".")
    trees = [one.tree for one in modules() if one.name == module]
    return next((text for tree in trees for names, text in _constants(tree) if value in names and text), "")


def plain(text: str) -> str:
    """A docstring as text of a page: in one line, without the marks of references."""
    text = " ".join(text.split())
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`").replace("`docs/criteria.md`", "docs/criteria.md").replace("docs/criteria.md", LINK)


def _constants(tree: ast.Module) -> Iterator[tuple[list[str], str]]:
    """Names that a module gives at its top, with the docstring below them."""
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            yield names, plain(str(after.value.value)) if said else ""


def _is_rule(name: str, value: object) -> bool:
    return name.isupper() and isinstance(value, str) and " " in value and ("RULE" in name or not value.isupper())


class _Reader:
    """Pairs of code and rules in one module."""

    def __init__(self, module: Module, criterion: str) -> None:
        self.module = module
        self.prefixes = [
            name.upper().replace("-", "_") for name, one in QUESTIONS.items() if one.criterion == criterion
        ]
        self.makers: dict[str, set[str]] = {}
        self.fallback = set(CARRIED.get(module.name, ())) or self._written()

    def _written(self) -> set[str]:
        """Rules that the module gives to reasons anywhere; for a code whose own one the text does not show."""
        found: set[str] = set()
        for scope in [
            self.module.tree,
            *(one for one in ast.walk(self.module.tree) if isinstance(one, ast.FunctionDef)),
        ]:
            for call in _calls(scope, "Reason"):
                rule = _keyword(call, "rule")
                found |= set() if rule is None else self._rules(rule, scope)
        return found

    def pairs(self) -> Iterator[tuple[str, set[str]]]:
        """Every code that becomes a reason, with what it is known to carry."""
        functions = [node for node in ast.walk(self.module.tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            self._learn(function)
        refused = {id(part) for node in ast.walk(self.module.tree) if _refuses(node) for part in ast.walk(node)}
        told_off = {id(node.value) for node in ast.walk(self.module.tree) if isinstance(node, ast.Expr)}
        for function in [*functions, self.module.tree]:
            carried = self._carried(function)
            for node in _own(function):
                if isinstance(node, ast.AugAssign):
                    yield from self._lengthened(node, function)
                elif id(node) not in refused | told_off:
                    for code in self._codes(node):
                        yield code, carried.get(id(node)) or self.fallback

    def _lengthened(self, node: ast.AugAssign, scope: ast.AST) -> Iterator[tuple[str, set[str]]]:
        """Codes that are made of two texts, one after the other."""
        if isinstance(node.target, ast.Name) and isinstance(node.value, ast.Constant):
            for value in _assigned(scope, node.target.id):
                for part in ast.walk(value):
                    code = f"{part.value}{node.value.value}" if isinstance(part, ast.Constant) else ""
                    if code in catalogue():
                        yield code, self.fallback

    def _learn(self, function: ast.FunctionDef) -> None:
        """A function that makes a reason of a code it is given: whoever calls it with a code gives it its rule."""
        given = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
        for call in _calls(function, "Reason"):
            code, rule = _keyword(call, "code"), _keyword(call, "rule")
            if isinstance(code, ast.Name) and code.id in given and rule is not None:
                self.makers.setdefault(function.name, set()).update(self._rules(rule, function))

    def _carried(self, scope: ast.AST) -> dict[int, set[str]]:
        """Rules by node that holds a code."""
        found: dict[int, set[str]] = {}

        def carry(root: ast.AST, rules: set[str]) -> None:
            for node in ast.walk(root):
                if rules and isinstance(node, (ast.Constant, ast.JoinedStr)):
                    found.setdefault(id(node), set()).update(rules)

        for node in _own(scope):
            if isinstance(node, ast.Tuple):
                carry(node, {self.module.rules[one.id] for one in node.elts if self._names_rule(one)})
            elif isinstance(node, ast.Call):
                self._of_call(node, scope, carry)
        return found

    def _of_call(self, call: ast.Call, scope: ast.AST, carry: Callable[[ast.AST, set[str]], None]) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        arguments = [*call.args, *(one.value for one in call.keywords)]
        named = {self.module.rules[one.id] for one in arguments if self._names_rule(one)}
        code, rule = _keyword(call, "code"), _keyword(call, "rule")
        if name == "Reason" and code is not None and rule is not None:
            rules = self._rules(rule, scope)
            carry(code, rules)
            for used in [one.id for one in ast.walk(code) if isinstance(one, ast.Name)]:
                for value in _assigned(scope, used):
                    carry(value, rules)
        elif named or name in self.makers:
            for one in arguments:
                if isinstance(one, (ast.Constant, ast.JoinedStr, ast.IfExp)):
                    carry(one, named or self.makers[name])
                elif isinstance(one, ast.Name) and not self._names_rule(one):
                    for value in _assigned(scope, one.id):
                        carry(value, named or self.makers[name])

    def _rules(self, node: ast.AST, scope: ast.AST) -> set[str]:
        """Rules that an expression can be."""
        found: set[str] = set()
        for one in ast.walk(node):
            if self._names_rule(one):
                found.add(self.module.rules[one.id])
            elif isinstance(one, ast.Name):
                table = vars(self.module.live).get(one.id)
                found |= set(table.values()) if isinstance(table, dict) and one.id == "RULES" else set()
                for value in _assigned(scope, one.id):
                    found |= {self.module.rules[part.id] for part in ast.walk(value) if self._names_rule(part)}
        return found

    def _names_rule(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self.module.rules

    def _codes(self, node: ast.AST) -> list[str]:
        """Codes of the catalogue that a text, or a text with gaps, can be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value] if node.value in catalogue() and node.value.isupper() else []
        if isinstance(node, ast.Attribute):
            return [node.attr] if node.attr in catalogue() and "_" in node.attr else []
        if not isinstance(node, ast.JoinedStr):
            return []
        parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else "" for one in node.values]
        if not parts[0]:
            parts[0] = f"(?:{'|'.join(self.prefixes)})"
        elif not re.fullmatch(r"[A-Z][A-Z_]{2,}", parts[0]):
            return []
        pattern = re.compile("".join(part or f"(?:{'|'.join(words())})" for part in parts))
        return [code for code in catalogue() if pattern.fullmatch(code)]


def _refuses(node: ast.AST) -> bool:
    """Whether a node refuses a wrong input: its code is an error, and no reason."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in {"require", "require_text", "InvalidValue"}


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope without those of the functions in it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            if not isinstance(node, ast.JoinedStr):
                waiting.extend(ast.iter_child_nodes(node))


def _calls(scope: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in _own(scope):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.AST]:
    """What a name is given in a scope, also one after the other in a tuple or a loop."""
    for node in _own(scope):
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name for target in node.targets for one in ast.walk(target)
        ):
            yield node.value
        elif isinstance(node, (ast.For, ast.comprehension)) and any(
            isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.target)
        ):
            yield node.iter
