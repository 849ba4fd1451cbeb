"""What a program may not say is refused before anything is called: with a code, a place, and what to write instead."""

from __future__ import annotations

import re

import pytest
from both_ways import TOOLS, read
from hypothesis import given, settings, strategies as st
from random_python import program

from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import Task
from lcc.grammar.ir.blocks import calls_of
from lcc.grammar.signatures import Effect, Parameter, Signature, tools_by_name

REFUSED = [
    ("answer(dept(1))", "P050", "dept", "did you mean `depth`?"),
    ("answer(total)", "P050", "total", None),
    ("x.y = 1", "P057", "x.y", 'write ["y"] = …'),
    ("import os", "P051", "os", "a program can only call the tools"),
    ("note('a')\nfrom subprocess import run", "P051", "run", "a program can only call the tools"),
    ("import random", "P051", "random", "what a program does must not depend on chance"),
    ("from math import sqroot", "P051", "sqroot", "did you mean `sqrt`?"),
    ("import math\nmath.sqroot(2)", "P051", "math.sqroot(2)", "did you mean `sqrt`?"),
    ("open('x')", "P051", "open", "a program can only call the tools"),
    ("eval('1')", "P051", "eval", "a program can only call the tools"),
    ("getattr(depth(1), 'x')", "P051", "getattr", 'write a.name or a["name"]'),
    ("().__class__", "P112", "__class__", None),
    ("depth.__globals__", "P112", "__globals__", None),
    ("x = depth(1)\nx.__class__.__name__", "P112", "__class__", None),
    ("__import__('os')", "P112", "__import__", None),
    ("print(depth)", "P056", "depth", "call it: `depth(…)`"),
    ("fs = [len, sum]", "P056", "len", "call it: `len(…)`"),
    ("f = lambda x: x", "P056", "lambda x: x", "call it, or hand it to what calls it at once"),
    ("'a'.uper()", "P051", "uper", "did you mean `upper`?"),
    ("for i in range(2):\n    depth = depth(i)", "P052", "depth", None),
    ("if depth(1):\n    def f():\n        return 1\nelse:\n    f = 2\nf()", "P052", "f", None),
    ("def f(n):\n    return f(n - 1)\nf(1)", "P053", "f(n - 1)", None),
    ("def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nf(1)", "P053", "f(n)", None),
    ("def f(n):\n    return nn\nprint(1)", "P050", "nn", "did you mean `n`?"),
    ("def f(a, b=1):\n    return a\nf()", "P053", "f()", None),
    ("def f(a):\n    return a\nf(1, 2)", "P053", "f(1, 2)", None),
    ("def f(a):\n    return a\nf(b=1)", "P053", "b=1", None),
    (
        "gen = (depth(i) for i in range(3))\nprint(list(gen))",
        "P055",
        "(depth(i) for i in range(3))",
        "write a list: `[… for …]`",
    ),
    ("k = 1\ngen = (i + k for i in range(3))\nk = 2\nprint(list(gen))", "P055", "(i + k for i in range(3))", None),
    ("x = await depth(1)\nnote('a')", "P054", "note('a')", "write `await note(…)`"),
    ("x = depth(1)\ny = await depth(2)\nprint(x + y)", "P054", "x", "write `await x`"),
    ("x = depth(1)\nawait note('a')", "P054", "depth(1)", "write `await x`"),
    (
        "import asyncio\nts = [depth(i) for i in range(2)]\nawait note('a')",
        "P054",
        "[depth(i) for i in range(2)]",
        None,
    ),
    ("x = depth(1)\nawait x\nawait x", "P054", "x", "keep its result in a name"),
    ("x = depth(1)\nfor i in range(2):\n    await x", "P054", "for i in range(2):\n    await x", None),
    ("import asyncio\nawait asyncio.wait_for(depth(1), 5)", "P051", "asyncio.wait_for", None),
    ("import asyncio\nlimit = asyncio.Semaphore(2)\nawait depth(1)", "P051", "asyncio.Semaphore", None),
    ("import asyncio\nfor t in asyncio.as_completed([depth(1)]):\n    await t", "P051", "asyncio.as_completed", None),
    ("x = 1\ndel x", "P057", "x", "leave the name, or assign None"),
    ("answer(1, 2)", "P057", "answer(1, 2)", "write answer([a, b]) for several"),
    ("x = ...", "P051", "...", None),
    ("# nothing", "P061", "", None),
]


@pytest.mark.parametrize(("text", "code", "place", "help"), REFUSED)
def test_a_program_is_refused(text: str, code: str, place: str, help: str | None) -> None:
    found = read(text + "\n")
    assert found.plan.body is None or not found.ok
    errors = [one for one in found.diagnostics if one.is_error]
    first = errors[0]
    assert first.span is not None
    assert (first.code, text[first.span.start : first.span.end]) == (code, place)
    assert help is None or first.help == help


@given(st.integers(0, 1 << 30), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_that_a_text_holds_raises(seed: int, waits: bool, data: st.DataObject) -> None:
    words = re.split(r"(\W)", program(seed, waits=waits))
    for _ in range(3):
        at, other = data.draw(st.integers(0, len(words) - 1)), data.draw(st.integers(0, len(words) - 1))
        words[at] = words[other]
    found = read("".join(words))
    assert found.ok or all(one.span is not None for one in found.diagnostics)


def test_each_mistake_is_said_once() -> None:
    text = "def f(x):\n    return nowhere + x\na = depht(1)\nb = f(a) + f(2)\nc = b.uper()\nprint(c, a)\n"
    assert [one.code for one in read(text).diagnostics if one.is_error] == ["P050", "P050", "P051"]


def test_functions_that_double_are_refused_by_their_size() -> None:
    text = "def f0():\n    return 1\n" + "".join(
        [f"def f{k}():\n    return f{k - 1}() + f{k - 1}()\n" for k in range(1, 40)]
    )
    found = read(text + "f39()\n")
    assert [one.code for one in found.diagnostics if one.is_error] == ["P058"]


def test_a_name_without_a_value_that_is_read_first_is_an_input() -> None:
    found = read('port: str\nkey: Annotated[str, "secret"]\ntotal: int\ntotal = depth(1)\nprint(port, key, total)\n')
    assert found.ok
    assert [(one.name, one.type, one.secret) for one in found.plan.inputs] == [
        ("port", "str", False),
        ("key", "str", True),
    ]


def test_a_tool_whose_name_is_no_identifier_has_a_stub_name() -> None:
    names = ["port.search", "get-tide.v2", "get_tide.v2"]
    tools = tools_by_name([Signature(name, (Parameter("q"),), effect=Effect.READ) for name in names])
    found = parse("port.search(1)\nget_tide_v2(2)\nget_tide_v2_2(3)\nport_search(4)\n", tools=tools)
    assert found.ok
    assert [task.tool for task in calls_of(found.plan)] == ["port.search", "get-tide.v2", "get_tide.v2", "port.search"]


def test_a_tool_that_hides_a_builtin_is_a_warning() -> None:
    tools = tools_by_name([Signature("round", (Parameter("q"),), effect=Effect.READ)])
    found = parse("print(round(1.5))\n", tools=tools)
    assert found.ok
    assert [one.code for one in found.diagnostics] == ["P059"]


def test_calls_one_by_one_are_a_remark() -> None:
    found = read("print(any(depth(i) > 5 for i in range(9)))\n")
    assert found.ok
    assert [one.code for one in found.diagnostics] == ["P060"]


def test_a_call_of_a_function_knows_where_it_stands_and_where_it_is_called() -> None:
    text = "def f(x):\n    return depth(x)\nprint(f(1))\n"
    (task,) = calls_of(read(text).plan)
    assert isinstance(task, Task)
    assert text[task.span.start : task.span.end] == "depth(x)"
    assert sorted(TOOLS) == ["berth", "depth", "note", "signal", "tides"]
