"""Evaluate pure calls at compile time. Each test runs in a process of its own: the test runner has threads, and forks don't."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from lcc.passes.context import NotEvaluated
from lcc.runtime.backends.folding import FoldProcess

PRELUDE = """
import json, os, sys, time
import lcc
from lcc.passes.context import NotEvaluated
from lcc.runtime.backends.folding import FoldProcess
from lcc.python_tools.collect import as_tools

def ask(evaluate, name, **arguments):
    try:
        return evaluate(name, arguments)
    except NotEvaluated as error:
        return f"not evaluated: {error}"
"""


def outcome(script: str) -> object:
    """Run a script; return what it printed last, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + dedent(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_results_and_errors_come_back() -> None:
    assert outcome("""
        @lcc.tool(effect="pure", fold=True)
        def double(value: int) -> int:
            print("noise")
            return 2 * value
        @lcc.tool(effect="pure", fold=True)
        async def shout(text: str, mark: str = "!") -> str:
            return text.upper() + mark
        @lcc.tool(effect="pure", fold=True)
        def fail(value: int) -> int:
            raise ValueError("no such luck")
        @lcc.tool(effect="pure", fold=True)
        def leave(value: int) -> int:
            sys.exit(3)
        @lcc.tool(effect="pure", fold=True)
        def endless(value: int) -> float:
            return float("inf")
        with FoldProcess(as_tools([double, shout, fail, leave, endless]), limit=30, budget=60) as evaluate:
            answers = [
                ask(evaluate, "double", value=21),
                ask(evaluate, "shout", text="na\u00efve"),
                ask(evaluate, "fail", value=1),
                ask(evaluate, "leave", value=1),
                ask(evaluate, "endless", value=1).startswith("not evaluated"),
                ask(evaluate, "nowhere"),
                ask(evaluate, "double", value=4),
            ]
        print(json.dumps(answers))
    """) == [
        42,
        "NAÏVE!",
        "not evaluated: ValueError: no such luck",
        "not evaluated: SystemExit: 3",
        True,
        "not evaluated: nothing is bound to it",
        8,
    ]


def test_a_slow_call_is_killed_and_its_tool_not_tried_again() -> None:
    first, again, other, alive = outcome("""
        @lcc.tool(effect="pure", fold=True)
        def hang(value: int) -> int:
            while True:
                pass
        @lcc.tool(effect="pure", fold=True)
        def double(value: int) -> int:
            return 2 * value
        with FoldProcess(as_tools([hang, double])) as evaluate:
            first = ask(evaluate, "hang", value=1)
            evaluate._limit, evaluate._left = 30, 60
            again = ask(evaluate, "hang", value=2)
            other = ask(evaluate, "double", value=2)
            pid = evaluate._child._pid
        try:
            os.kill(pid, 0)
            alive = True
        except ProcessLookupError:
            alive = False
        print(json.dumps([first, again, other, alive]))
    """)  # type: ignore[misc]
    assert first == again == "not evaluated: it takes longer than 100 ms"
    assert (other, alive) == (4, False)


def test_a_process_that_dies_or_says_too_much_is_survived() -> None:
    assert outcome("""
        @lcc.tool(effect="pure", fold=True)
        def die(value: int) -> int:
            os._exit(1)
        @lcc.tool(effect="pure", fold=True)
        def long(value: int) -> str:
            return "x" * 2_000_000
        @lcc.tool(effect="pure", fold=True)
        def echo(text: str) -> str:
            return text
        with FoldProcess(as_tools([die, long, echo]), limit=30, budget=60) as evaluate:
            answers = [ask(evaluate, "die", value=1), ask(evaluate, "long", value=1), len(ask(evaluate, "echo", text="x" * 300_000))]
        print(json.dumps(answers))
    """) == [
        "not evaluated: its process ended: it gave no reply",
        "not evaluated: its process ended: its reply is longer than 1,000,000 bytes",
        300_000,
    ]


def test_the_time_for_all_calls_is_bounded() -> None:
    assert outcome("""
        @lcc.tool(effect="pure", fold=True)
        def nap(value: int) -> int:
            time.sleep(0.06 if value == 1 else 600)
            return value
        with FoldProcess(as_tools([nap]), limit=30, budget=60) as evaluate:
            answers = [ask(evaluate, "nap", value=1), evaluate._left <= 60 - 0.06]
            evaluate._left = 0.05
            answers += [ask(evaluate, "nap", value=n) for n in (2, 3)]
            answers.append(evaluate._child is None)
        print(json.dumps(answers))
    """) == [1, True, *["not evaluated: the time for evaluating calls is used up"] * 2, True]


def test_the_optimizer_folds_with_it() -> None:
    assert outcome("""
        from lcc.passes.pipeline import optimize
        @lcc.tool(effect="pure", fold=True)
        def double(value: int) -> int:
            return 2 * value
        tools = as_tools([double])
        plan = lcc.parse("1. double(21)\\n2. double($1)\\n3. answer($2)").plan
        with FoldProcess(tools, limit=30, budget=60) as evaluate:
            result = optimize(plan, {name: tool.signature for name, tool in tools.items()}, evaluate=evaluate)
        print(json.dumps([len(result.plan.tasks), result.plan.join.values[0].value]))
    """) == [0, 84]


def test_where_other_threads_run_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    from lcc.python_tools.collect import as_tools
    from lcc.python_tools.declare import tool

    def double(value: int) -> int:
        return 2 * value

    monkeypatch.setattr(threading, "active_count", lambda: 2)
    with (
        FoldProcess(as_tools([tool(double, effect="pure", fold=True)])) as evaluate,
        pytest.raises(NotEvaluated, match="no process can be forked here"),
    ):
        evaluate("double", {"value": 1})


COMMANDS = """
import pathlib
import lcc.runtime.backends.folding
from lcc.__main__ import main
lcc.runtime.backends.folding.LIMIT = 30
pathlib.Path("tools.py").write_text('''
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str:
    return f"about {query}"

@lcc.tool(effect="pure", fold=True)
def double(value: int) -> int:
    return 2 * value
''')
pathlib.Path("a.plan").write_text('1. double(21)\\n2. search("what is $1?")\\n3. join($2)\\n')
"""


def printed(tmp_path: Path, *argv: str) -> str:
    """Return what a command prints that may take its time with each call."""
    script = f"os.chdir({str(tmp_path)!r})\n{COMMANDS}\nsys.exit(main({[*argv]!r}))"
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opt_and_run_evaluate_calls_that_declare_it_and_compile_does_not(tmp_path: Path) -> None:
    arguments = ("a.plan", "--tools", "tools.py")
    assert printed(tmp_path, "opt", *arguments) == '2. search("what is 42?")\n3. join($2)\n'
    assert "double(21)" in printed(tmp_path, "compile", *arguments, "--emit", "plan")
    assert printed(tmp_path, "run", *arguments) == "$2 = about what is 42?\n"
