"""Whatever looks at the tasks of a plan says what it does with plans that have a body, so that none leaves them out unseen.

`plan.tasks` is empty where a plan has a body. So who reads it either goes through `flat(plan, "what")`, which refuses such plans, or
through `calls_of(plan)`, which knows both; else it stands here, with the reason why it may.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("grammar", "passes", "runtime", "lcc")

NOT_PLANS: Final = frozenset(
    {
        "self", "self.limits", "limits", "self._limits", "bounds", "args", "scope", "reader", "frame", "self._frames[-1]",
        "result", "self._result", "context", "read", "step", "context.earlier", "earlier", "self.earlier",
        "self._context.earlier", "round_.result", "one", "stored.result",
    }
)  # fmt: skip
"""What has `tasks` and is no plan: limits, results, steps of a stream, the calls of earlier plans, the lints' index."""

TREAT_BOTH: Final = {
    "grammar/ir/blocks.py": "the door itself",
    "grammar/ir/json_form.py": "writes one or the other",
    "grammar/ir/text_form.py": "writes one or the other",
    "grammar/writing/step_numbers.py": "gives both other ids",
    "passes/pipeline.py": "counts one or the other",
    "passes/lint/facts.py": "bounds searches that only lints of lines make",
    "passes/bind.py": "has its own case for bodies",
    "passes/verify/verifier.py": "has its own case for bodies",
    "passes/fold_constants.py": "the pipeline leaves bodies alone, or it has its own case",
    "passes/eliminate_dead_tasks.py": "the pipeline leaves bodies alone, or it has its own case",
    "passes/analysis/secrecy.py": "has its own case for bodies",
}
"""Modules that read `plan.tasks` and do right by bodies beside that."""

LINES_ONLY: Final = {
    "grammar/lenient/calls/call_keys.py": "the limit of texts that is called so",
    "lcc/ask/memory.py": "plans that models wrote in lines",
    "lcc/ask/planning/kept_plans.py": "plans that models wrote in lines",
    "lcc/ask/planning/plan_run.py": "plans that models wrote in lines",
    "lcc/ask/strategies/call_runner.py": "plans that models wrote in lines",
    "lcc/ask/strategies/call_text.py": "plans that models wrote in lines",
    "lcc/ask/strategies/rewoo.py": "plans that models wrote in lines",
    "lcc/ask/strategies/skeleton.py": "plans that models wrote in lines",
    "lcc/ask/joining/observations.py": "plans that models wrote in lines",
}
"""Modules whose plans come from a reader of lines, which makes no bodies."""


def reads(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the owner of each `.tasks` that may be a plan's."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "tasks" and isinstance(node.ctx, ast.Load):
            owner = ast.unparse(node.value)
            if owner not in NOT_PLANS:
                yield node.lineno, owner


def readers() -> dict[str, list[tuple[int, str]]]:
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            lines = list(reads(path))
            if lines:
                found[path.relative_to(ROOT).as_posix()] = lines
    return found


def test_who_reads_the_tasks_of_plans_says_what_it_does_with_bodies() -> None:
    found = readers()
    unsaid = {name: lines for name, lines in found.items() if name not in TREAT_BOTH and name not in LINES_ONLY}
    assert unsaid == {}, "go through `flat` or `calls_of`"


def test_the_lists_name_only_who_reads_them() -> None:
    assert (set(TREAT_BOTH) | set(LINES_ONLY)) - set(readers()) == set()


def test_every_refusal_says_what_refuses() -> None:
    calls = [
        (path, node)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "flat"
    ]
    assert len(calls) > 20
    for path, call in calls:
        assert len(call.args) == 2, path
        assert isinstance(call.args[1], ast.Constant), path
