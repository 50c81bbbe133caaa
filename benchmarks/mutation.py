"""A4: mutation testing of the criteria: small errors are put into their modules, and a test should notice each.

``python -m benchmarks.mutation [module ...]``: modules below ``spinereview/criteria``, as ``recist/target.py``; all where
none is named. A mutant lives in a forked child and no file is changed. In the body of a function it replaces the function's
code after the tests have been collected; anywhere else, as in a table, the child imports the changed module anew. A mutant
is tried by the tests of its own package, which stand in the same folder below ``tests/criteria`` (:data:`TESTS`): of them
only those that run the changed function, the quickest first. One that uses up its time counts as noticed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import importlib.util
import inspect
import json
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from benchmarks.harness import Goal, Result
from benchmarks.mutants import Mutant, mutants_of
from benchmarks.survivors import RESULTS, Survivor, Tally, keep, kept, reasons_of, without_need, write_tables

ROOT = Path(__file__).parents[1]
CRITERIA = ROOT / "spinereview" / "criteria"
GOAL = Goal(id="A4", what="mutation score of criteria", limit=0.90, at_most=False)
_STAGING = ("__init__", "assess", "points", "tokuhashi", "tomita", "values", "wbb")
TESTS = {
    "best_response": ("test_best_response.py",),
    "best_rule": ("test_best_response.py", "test_best_rule.py"),
    "measurability": ("test_entered.py",),
    "responses": ("test_responses.py", "test_best_response.py", "endpoints"),
    "responses_of_recist": ("test_responses.py",),
    "__init__": ("test_tables.py",),
    "angle_values": ("test_angles.py", "fracture"),
    "fracture/assess": ("fracture", "evidence/test_spine.py"),
    "fracture/settings": ("fracture/test_settings.py",),
    "fracture/values": ("fracture", "test_entered.py"),
    "sins": ("test_sins.py", "evidence/test_alignment.py", "evidence/test_kyphosis.py"),
    "sins_values": ("test_sins.py", "evidence/test_alignment.py", "evidence/test_kyphosis.py"),
    "entered": ("test_entered.py", "fracture"),
    "evidence/kyphosis": ("evidence/test_kyphosis.py",),
    "evidence/quality": ("../review/test_quality.py",),
    "fracture/heights": ("test_entered.py", "fracture", "evidence/test_spine.py"),
    **dict.fromkeys((f"staging/{name}" for name in _STAGING), ("test_staging.py",)),
}
"""Tests below ``tests/criteria`` of a module; of others its folder, or those named like it without its last words."""

_LEAST_S = 20
"""Seconds of the processor that a mutant has at least."""
_PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def trying(module: Path) -> list[str]:
    """Tests that try a module's mutants."""
    below = module.relative_to(CRITERIA)
    folder = ROOT / "tests" / "criteria"
    if (name := below.with_suffix("").as_posix()) in TESTS:
        return [str(folder / test) for test in TESTS[name]]
    if below.parent.name:
        return [str(folder / below.parent)]
    words = below.stem.split("_")
    for count in range(len(words), 0, -1):
        test = folder / f"test_{'_'.join(words[:count])}.py"
        if test.exists():
            return [str(test)]
    return [str(folder)]


def try_module(module: Path) -> Tally:
    """Try all mutants of a module.

    Raises
    ------
    AssertionError
        Its tests fail without a mutant.
    """
    tally = Tally(module=module.relative_to(CRITERIA).as_posix())
    mutants = list(mutants_of(module.read_text(encoding="utf-8")))
    report, written = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(report)
        _quiet()
        run = _Forking(module, mutants, written)
        code = pytest.main([*_PYTEST, *trying(module)], plugins=[run])
        os._exit(0 if run.done and code in {0, 5} else 1)
    os.close(written)
    with os.fdopen(report, encoding="utf-8") as lines:
        for line in lines:
            at, survived = json.loads(line)
            tally.mutants += 1
            if survived:
                one = mutants[at]
                tally.survivors.append(Survivor(function=one.function, line=one.line, what=one.what))
    if os.waitpid(child, 0)[1] != 0:
        raise AssertionError(f"the tests of {tally.module} fail without a mutant")
    return tally


class _Forking:
    """Plugin of pytest that runs the collected tests once as they are, and then once for each mutant, in a fork."""

    def __init__(self, module: Path, mutants: Sequence[Mutant], report: int) -> None:
        self.module, self.mutants, self.report = module, mutants, report
        self.done = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = list(session.items)
        same = Mutant(tree=ast.parse(self.module.read_text(encoding="utf-8")), function="", line=0, what="")
        measured = _tests_of_functions(items, self.module)
        if measured is None:
            return True
        running, seconds = measured
        order = _Quickest({item.nodeid: seconds[at] for at, item in enumerate(items)})
        anew = any(not mutant.function for mutant in self.mutants)
        if anew and not _passes_anew(self.module, same, order, limit_s=600):
            return True
        for at, mutant in enumerate(self.mutants):
            if mutant.function:
                mine = running.get(mutant.function, [])
                limit_s = max(_LEAST_S, int(10 * sum(one.seconds for one in mine)))
                code = compile(mutant.tree, str(self.module), "exec", dont_inherit=True)
                tests = [items[one.index] for one in mine]
                failed = _first_failing(
                    session, tests, functools.partial(_swap, self.module, code, mutant.function), limit_s
                )
                if failed is not None and failed >= 0:
                    # Tried first from now on: errors of one function are noticed by the same tests.
                    mine.insert(0, mine.pop(failed))
                survived = failed is None
            else:
                survived = _passes_anew(self.module, mutant, order, limit_s=600)
            os.write(self.report, f"{json.dumps([at, survived])}\n".encode())
        self.done = True
        return True


@dataclass(frozen=True, slots=True)
class _Ran:
    """A test that ran a function: its place among the collected ones, and seconds of the processor."""

    index: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Quickest:
    """Plugin of pytest that runs the quickest tests first: most errors are noticed by many."""

    seconds: dict[str, float]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))


def _tests_of_functions(
    items: list[pytest.Item], module: Path
) -> tuple[dict[str, list[_Ran]], dict[int, float]] | None:
    """Which tests run each function of a module, the quickest first, and seconds of every test; None where one fails.

    The tests run in a fork, as each mutant does: the parent stays as it is after the collection.
    """
    found, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(found)
        with contextlib.suppress(BaseException), os.fdopen(told, "w", encoding="utf-8") as pipe:
            names = _tell_calls(module)
            for index, item in enumerate(items):
                following = items[index + 1] if index + 1 < len(items) else None
                _forget()
                names.clear()
                begun = time.process_time()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if item.session.testsfailed:
                    os._exit(1)
                pipe.write(f"{json.dumps([index, time.process_time() - begun, sorted(names)])}\n")
            pipe.close()
            os._exit(0)
        os._exit(2)
    os.close(told)
    with os.fdopen(found, encoding="utf-8") as pipe:
        lines = [json.loads(line) for line in pipe]
    if os.waitpid(child, 0)[1] != 0:
        return None
    running: dict[str, list[_Ran]] = {}
    for index, seconds, names in sorted(lines, key=lambda line: line[1]):
        for name in names:
            running.setdefault(name, []).append(_Ran(index, seconds))
    return running, {index: seconds for index, seconds, _ in lines}


def _tell_calls(module: Path) -> set[str]:
    """Let each outermost function of the imported module put its qualified name into a set when it runs: the set."""
    names: set[str] = set()
    tree = ast.parse(module.read_text(encoding="utf-8"))
    told = [(node.name, node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    for holder in tree.body:
        if isinstance(holder, ast.ClassDef):
            told += [(f"{holder.name}.{node.name}", node) for node in holder.body if isinstance(node, ast.FunctionDef)]
    for name, node in told:
        node.body[:0] = ast.parse(f"_called_names.add({name!r})").body
    code = compile(ast.fix_missing_locations(tree), str(module), "exec", dont_inherit=True)
    vars(sys.modules[_module_name(module)])["_called_names"] = names
    for name, _ in told:
        _swap(module, code, name)
    return names


def _forget() -> None:
    """Empty the caches of the program, so that each test runs what it asks for."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "spinereview":
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _first_failing(
    session: pytest.Session, items: list[pytest.Item], prepare: Callable[[], None], limit_s: int
) -> int | None:
    """Index of the first test that fails in a fork; None where none does, -1 where the time ran out or it died."""
    found, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(found)
        signal.setitimer(signal.ITIMER_PROF, limit_s)
        with contextlib.suppress(BaseException):
            prepare()
            for index, item in enumerate(items):
                following = items[index + 1] if index + 1 < len(items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    os.write(told, str(index).encode())
                    os._exit(1)
            os._exit(0)
        os._exit(2)
    os.close(told)
    with os.fdopen(found, encoding="utf-8") as pipe:
        index = pipe.read()
    status = os.waitpid(child, 0)[1]
    return None if status == 0 else int(index or -1)


def _swap(module: Path, code: types.CodeType, name: str) -> None:
    """Give a function of the imported module its code of another version of the module."""
    wanted = next(one for one in _codes(code) if one.co_qualname == name)
    found: object = sys.modules[_module_name(module)]
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    function = inspect.unwrap(found)  # type: ignore[arg-type] # of a def
    function.__code__ = wanted  # type: ignore[attr-defined]  # unwrapped above, so a function


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _passes_anew(module: Path, mutant: Mutant, order: _Quickest, limit_s: int) -> bool:
    """Whether the tests pass in a fork in which nothing of the program and its tests is imported but the mutant."""
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, limit_s)
        with contextlib.suppress(BaseException):
            for name in [name for name in sys.modules if name.split(".")[0] in {"spinereview", "tests"}]:
                del sys.modules[name]
            sys.meta_path.insert(0, _Finder(module, mutant.tree))
            os._exit(0 if pytest.main([*_PYTEST, *trying(module)], plugins=[order]) == 0 else 1)
        os._exit(2)
    return os.waitpid(child, 0)[1] == 0


class _Finder:
    """Imports one module from a tree."""

    def __init__(self, module: Path, tree: ast.Module) -> None:
        self.module, self.tree = module, tree

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 - called so
        if name != _module_name(self.module):
            return None
        places = [str(self.module.parent)] if self.module.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name,
            self.module,
            loader=self,
            submodule_search_locations=places,  # type: ignore[arg-type] # it is one
        )

    def create_module(self, spec: ModuleSpec) -> None:  # noqa: ARG002 - called so
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.tree, str(self.module), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - a mutant


def _module_name(module: Path) -> str:
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _quiet() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def main(arguments: list[str] | None = None) -> int:
    """Try the named modules; 0 where the goal is met."""
    parser = argparse.ArgumentParser(prog="benchmarks.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module")
    parser.add_argument("--minutes", type=float, default=600.0, help="no module is begun after them")
    parser.add_argument(
        "--write", action="store_true", help="try none; docs/mutation.md anew from the results that are kept"
    )
    parser.add_argument(
        "--take", nargs="*", default=[], metavar="JSON", help="with --write: kept results of another place"
    )
    chosen = parser.parse_args(arguments)
    if chosen.write:
        for path in chosen.take:
            keep(kept(Path(path)), RESULTS)
        write_tables(kept(RESULTS), [path.relative_to(CRITERIA).as_posix() for path in sorted(CRITERIA.rglob("*.py"))])
        return 0
    modules = [CRITERIA / name for name in chosen.modules] or sorted(CRITERIA.rglob("*.py"))
    begun = time.monotonic()
    tallies: list[Tally] = []
    failed: list[str] = []
    for module in modules:
        if time.monotonic() - begun > chosen.minutes * 60:
            print(f"not run: {module.relative_to(CRITERIA).as_posix()}", flush=True)
            continue
        try:
            tally = try_module(module)
        except AssertionError as error:
            failed.append(str(error))
            print(error, flush=True)
            continue
        tallies.append(tally)
        keep([tally], RESULTS)
        _tell(tally)
    mutants = sum(tally.mutants for tally in tallies)
    survivors = sum(len(tally.survivors) for tally in tallies)
    result = Result(goal=GOAL, value=1 - survivors / mutants if mutants else 1.0)
    print(result.line)
    return 0 if not failed and result.value is not None and GOAL.met(result.value) else 1


def _tell(tally: Tally) -> None:
    """Print what became of one module: its survivors that have no reason, and the reasons that nothing needs."""
    reasons = reasons_of(tally.module)
    bare = [one for one in tally.survivors if one.key not in reasons]
    count = len(tally.survivors)
    print(
        f"{tally.module}  {tally.score:.2f}  {count} of {tally.mutants} survive, {len(bare)} without a reason",
        flush=True,
    )
    for one in bare:
        print(f"    {tally.module}:{one.line}  {one.function}  {one.what}", flush=True)
    for function, what in without_need(tally):
        print(f"    has a reason, but a test notices it: {function}  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
