"""Break the passes on purpose, one small change at a time, and count how often the tests notice.

    python tests/passes/mutate.py [MODULE…] [--sample N] [--seed S] [--jobs J] [--seconds T]

A mutant swaps a comparison or a boolean operator, drops a `not`, flips or shifts a constant, swaps plus and minus, or leaves
out a statement. It exists in memory only: a process of its own imports the changed module in place of the real one and runs the tests
of that pass until one fails. Survivors are printed with file, line and change. Those that change nothing that can be
observed (messages, caches, limits that only bound work) are listed in `EQUIVALENT` with the reason.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from random import Random
from time import monotonic, sleep
from types import ModuleType

ROOT = Path(__file__).parents[2]
PASSES = ROOT / "passes"
MODULES = (
    "arguments",
    "batch_calls",
    "bind",
    "calls",
    "critical_path",
    "deduplicate",
    "effects",
    "eliminate_dead_tasks",
    "estimate",
    "expand_each",
    "fit",
    "fold_constants",
    "inference",
    "narrow_join",
    "online",
    "order_critical_path",
    "order_effects",
    "pipeline",
    "verifier",
)
GOLDEN, VERIFY, RULES = "test_golden_passes.py", "test_verify.py", "test_verify_rules.py"
BIND, EFFECTS, PIPELINE = "test_bind.py", "test_effects.py", "test_pipeline.py"
ONLINE, SEMANTICS, ESTIMATE = "test_online.py", "test_semantics.py", "test_estimate.py"
REWRITING = (GOLDEN, PIPELINE, ONLINE, SEMANTICS)
TESTS: dict[str, tuple[str, ...]] = {
    "arguments": (VERIFY, RULES),
    "bind": (BIND, GOLDEN, ONLINE, SEMANTICS),
    "calls": (BIND, GOLDEN, VERIFY),
    "critical_path": (GOLDEN, ESTIMATE),
    "effects": (EFFECTS, GOLDEN, SEMANTICS),
    "estimate": (ESTIMATE,),
    "fit": (VERIFY, GOLDEN, BIND),
    "inference": (VERIFY, BIND, GOLDEN, ONLINE),
    "online": (ONLINE,),
    "order_critical_path": (GOLDEN, PIPELINE),
    "order_effects": (GOLDEN, EFFECTS, PIPELINE, ONLINE, SEMANTICS),
    "pipeline": (PIPELINE, GOLDEN),
    "verifier": (VERIFY, RULES, ONLINE),
}
"""The tests of each module, quick ones first; `REWRITING` for those that aren't named."""
SECONDS = 400
"""A mutant that keeps the tests busy for longer is killed: it loops."""

PRELOADED = (
    "pytest",
    "hypothesis",
    "lark",
    "lcc.grammar.ir.text_form",
    "lcc.grammar.syntax.parser",
    "lcc.grammar.signatures.stubs",
    "anyio",
    "pydantic",
)
"""Imported once, before a process is made for each mutant: none of them imports a pass."""

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True)
class Mutant:
    """One change: the node at `place` of a walk, and what becomes of it."""

    module: str
    place: int
    line: int
    change: str


def path_of(module: str) -> Path:
    """Return the file of a module, whose name is the only one in passes/."""
    return next(PASSES.rglob(f"{module}.py"))


def mutants(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    skipped = _not_code(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped:
            for change in _changes(node):
                yield Mutant(module, place, getattr(node, "lineno", 0), change)


def _not_code(tree: ast.Module) -> set[int]:
    """Return what isn't worth changing: docstrings, annotations, messages, assertions, constants of the module."""
    roots: list[ast.AST | None] = [one for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)]
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="strict"):
                roots.append(node)
            case ast.AnnAssign() | ast.arg():
                roots.append(node.annotation)
            case ast.FunctionDef():
                roots += [node.returns, *node.decorator_list]
            case ast.ClassDef():
                roots += node.decorator_list
            case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.Assert():
                roots.append(node)
    return {id(child) for root in roots if root is not None for child in ast.walk(root)}


def _changes(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield f"{type(op).__name__} → {SWAPPED[type(op)].__name__}"
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPPED:
            yield f"{type(op).__name__} → {SWAPPED[type(op)].__name__}"
        case ast.UnaryOp(op=ast.Not()):
            yield "drop `not`"
        case ast.Constant(value=bool() as value):
            yield f"{value} → {not value}"
        case ast.Constant(value=int() as value):
            yield f"{value} → {value + 1}"
        case ast.Expr(value=ast.Call()):
            yield "leave out the call"
        case ast.If() | ast.IfExp():
            yield "negate the condition"
        case ast.Continue() | ast.Break():
            yield "leave it out"


def mutated(mutant: Mutant) -> ast.Module:
    """Return the tree of a module with one change made."""
    tree = ast.parse(path_of(mutant.module).read_text(encoding="utf-8"))
    target = next(node for place, node in enumerate(ast.walk(tree)) if place == mutant.place)
    return ast.fix_missing_locations(_Changer(target).visit(tree))


class _Changer(ast.NodeTransformer):
    def __init__(self, target: ast.AST) -> None:
        self._target = target

    def visit(self, node: ast.AST) -> ast.AST:
        return self._changed(node) if node is self._target else super().generic_visit(node)

    def _changed(self, node: ast.AST) -> ast.AST:
        new = copy.copy(node)
        match new:
            case ast.Compare():
                new.ops = [SWAPPED[type(new.ops[0])]()]  # type: ignore[list-item]
            case ast.BoolOp() | ast.BinOp() | ast.AugAssign():
                new.op = SWAPPED[type(new.op)]()  # type: ignore[assignment]
            case ast.UnaryOp():
                return new.operand
            case ast.Constant(value=bool() as value):
                new.value = not value
            case ast.Constant(value=int() as value):
                new.value = value + 1
            case ast.If() | ast.IfExp():
                new.test = ast.UnaryOp(ast.Not(), new.test)
            case _:
                return ast.copy_location(ast.Pass(), node)
        return new


class _MutantFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Give one module of `lcc.passes` another body."""

    def __init__(self, mutant: Mutant) -> None:
        path = path_of(mutant.module)
        self._name = ".".join(("lcc", *path.relative_to(ROOT).with_suffix("").parts))
        self._path = str(path)
        self._code = compile(mutated(mutant), self._path, "exec", dont_inherit=True)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self, origin=self._path) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._path
        exec(self._code, module.__dict__)


class _Deterministic:
    """A pytest plugin: make up the same programs for every mutant."""

    def pytest_configure(self) -> None:
        from hypothesis import settings

        settings.register_profile("mutants", derandomize=True, database=None, print_blob=False)
        settings.load_profile("mutants")


def run_tests(mutant: Mutant) -> int:
    """Run the tests on a mutant, or on the real module if nothing is changed, in this process."""
    if mutant.change:
        sys.meta_path.insert(0, _MutantFinder(mutant))
    import pytest

    tests = [str(next(Path(__file__).parent.rglob(name))) for name in TESTS.get(mutant.module, REWRITING)]
    ignored = "ignore::pytest.PytestAssertRewriteWarning"  # of what was imported before
    options = ["-x", "-q", "-n0", "-W", ignored, "-p", "no:cacheprovider", "--no-header", "--tb=no", *tests]
    return int(pytest.main(options, plugins=[_Deterministic()]))


def start(mutant: Mutant) -> int:
    """Run the tests on a mutant in a process of its own, and return the process's id."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.alarm(SECONDS)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        status = run_tests(mutant)
    finally:
        os._exit(status)


def verdicts(chosen: Sequence[Mutant], jobs: int, until: float = inf) -> Iterator[tuple[Mutant, bool]]:
    """Yield mutants as they come to their end, each with whether the tests noticed it.

    Those that haven't ended at the instant `until`, of the monotonic clock, are stopped, and nothing is said of them.
    """
    waiting = iter(chosen)
    running: dict[int, Mutant] = {}
    while True:
        while len(running) < jobs and (mutant := next(waiting, None)) is not None:
            running[start(mutant)] = mutant
        if not running:
            return
        process, status = os.waitpid(-1, 0 if until == inf else os.WNOHANG)
        if process:
            yield running.pop(process), status != 0
        elif monotonic() < until:
            sleep(0.02)
        else:
            for process in running:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
            return


_COARSE = "if self._edges + len(found) > FREE_EDGES + EDGES_PER_CALL * self._calls:"
BOUND = "a limit that only bounds work: what it cuts off is right either way"
DRAWN = "shifts by one draw of two hundred what is a range of random draws"
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("effects", "0 → 1", "self._edges = 0"): BOUND,
    ("effects", "0 → 1", "self._calls = 0"): BOUND,
    ("effects", "Gt → GtE", _COARSE): BOUND,
    ("effects", "Add → Sub", _COARSE): BOUND,
    ("effects", "0 → 1", "self._count = 0"): "counts only have to grow",
    ("effects", "1 → 2", "self._count += 1"): "counts only have to grow",
    ("estimate", "20 → 21", "for _ in range(max(20, DRAWS * _LARGE // max(len(model.jobs), _LARGE))):"): DRAWN,
    ("estimate", "10 → 11", "return spans[len(spans) // 10], spans[-1 - len(spans) // 10]"): DRAWN,
    ("estimate", "1 → 2", "return spans[len(spans) // 10], spans[-1 - len(spans) // 10]"): DRAWN,
    ("estimate", "100 → 101", "table = [sketch.quantile((step + 0.5) / 100) for step in range(100)]"): DRAWN,
    ("estimate", "Or → And", "if known is not None or id not in self._origins:"): "no id has calls and an origin",
    ("order_effects", "LtE → Lt", "if len(before) <= _LONG:"): BOUND,
}
"""Why a survivor is no defect that a test could see, by module, change and line of source."""


def explanation(mutant: Mutant) -> str | None:
    """Return why a mutant can't be told from the module as it is; None if it could."""
    return EQUIVALENT.get((mutant.module, mutant.change, source_line(mutant)))


def source_line(mutant: Mutant) -> str:
    """Return the line that a mutant changes."""
    return path_of(mutant.module).read_text(encoding="utf-8").splitlines()[mutant.line - 1].strip()


def main() -> None:
    """Print the survivors and the score."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", default=MODULES, help="modules of passes/, all by default")
    parser.add_argument("--sample", type=int, default=0, help="try so many mutants, chosen at random; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--seconds", type=float, default=inf, help="stop then; the tests of unchanged modules aren't run first"
    )
    arguments = parser.parse_args()
    chosen = [mutant for module in arguments.modules for mutant in mutants(module)]
    of = len(chosen)
    if arguments.sample and arguments.sample < of:
        chosen = Random(arguments.seed).sample(chosen, arguments.sample)
    for name in PRELOADED:
        importlib.import_module(name)
    unchanged = [Mutant(module, 0, 0, "") for module in dict.fromkeys(mutant.module for mutant in chosen)]
    for mutant, dead in verdicts(unchanged if arguments.seconds == inf else [], arguments.jobs):
        if dead:
            parser.exit(2, f"the tests of {path_of(mutant.module)} fail on the module as it is\n")
    killed = equivalent = count = 0
    for count, (mutant, dead) in enumerate(verdicts(chosen, arguments.jobs, monotonic() + arguments.seconds), 1):
        killed += dead
        if not dead:
            why = explanation(mutant)
            equivalent += why is not None
            place = f"{path_of(mutant.module).relative_to(ROOT)}:{mutant.line}: {mutant.change}: {source_line(mutant)}"
            print(f"survived: {place}" if why is None else f"equivalent: {place}\n  {why}", flush=True)
        if count % 25 == 0:
            print(f"… {killed} of {count} killed", flush=True)
    share = f"{killed / count:.1%}" if count else "no figure"
    print(f"{killed} of {count} mutants killed: {share}; {equivalent} can't be told apart; {of} there are")


if __name__ == "__main__":
    main()
