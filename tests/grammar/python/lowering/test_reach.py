"""A program reaches the tools and the table of operations, and nothing else of what CPython has; a text of any shape is refused in time."""

from __future__ import annotations

import builtins
import sys
from time import process_time

import pytest
from both_ways import TOOLS, read

from lcc.compiler import CompileError, compile_parsed
from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir.operations import MODULES, OPERATIONS
from lcc.grammar.ir.operations.table import METHOD_NAMES
from lcc.grammar.python.lowering.state import BUILTIN_NAMES
from lcc.grammar.signatures import Effect, Signature, tools_by_name

KINDS = (
    object,
    type,
    int,
    float,
    str,
    bytes,
    list,
    tuple,
    dict,
    set,
    range,
    type(lambda: 0),
    BaseException,
    type(sys),
    type(iter([])),
)
ALLOWED_MODULES = {*MODULES, "asyncio", "time", "typing", "typing_extensions", "collections", "__future__"}


def refused(text: str) -> bool:
    return not read(text + "\n").ok


def test_of_builtins_only_those_of_the_table_are_there() -> None:
    names = {
        name for name in dir(builtins) if name.isidentifier() and name not in ("None", "True", "False", "__name__")
    }
    reached = {name for name in names if not refused(f"answer({name}(1))") or not refused(f"print({name})")}
    assert reached <= BUILTIN_NAMES
    assert not reached & {
        "eval",
        "exec",
        "compile",
        "open",
        "input",
        "getattr",
        "globals",
        "vars",
        "object",
        "__import__",
        "super",
    }


def test_of_modules_only_those_of_the_table_are_there() -> None:
    names = {name for name in sys.stdlib_module_names if name not in ALLOWED_MODULES}
    assert [name for name in names if not refused(f"import {name}\nanswer(1)")] == []


def test_no_attribute_leads_behind_a_value() -> None:
    names = {name for kind in KINDS for name in dir(kind) if name.startswith("_")}
    for owner in ("x", "depth", "len", "math", "f", "(1)"):
        begin = "import math\nx = berth('gull')\ndef f():\n    return 1\n"
        assert [name for name in names if not refused(f"{begin}print({owner}.{name})")] == []


def test_of_methods_only_those_of_the_table_are_there() -> None:
    names = {name for kind in KINDS for name in dir(kind)} - METHOD_NAMES
    assert [name for name in names if not refused(f"x = berth('gull')\nx.{name}(1)")] == []
    assert {name for name in (*OPERATIONS, *METHOD_NAMES) if "__" in name} == {"attribute type.__name__"}


CALLS = "".join(f"def a{i}(x):\n    return [a{i - 1}(x), a{i - 1}(x)]\n" for i in range(1, 38))
HOSTILE = {
    "lines": "\n".join(f"x{i % 50} = {i}" for i in range(40_000)),
    "brackets": "x = " + "(" * 10_000 + ")" * 10_000,
    "helpers": "def a0(x):\n    return depth(x)\n" + "".join(f"def a{i}(x):\n    return a{i - 1}(x)\n" for i in range(1, 5_000)) + "answer(a4999(1))",
    "doubling": f"def a0(x):\n    return depth(x)\n{CALLS}answer(a37(1))",
    "doubling, unused": f"def a0(x):\n    return depth(x)\n{CALLS}",
    "or": "x = " + " or ".join(["depth(1)"] * 3_000),
    "comparisons": "x = " + " < ".join(["depth(1)"] * 3_000),
    "coroutines": "import asyncio\nts = []\n" + "".join(f"ts.append(depth({i}))\n" for i in range(1_000)) + "await asyncio.gather(*ts)",
    "mutual recursion": "def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\nanswer(a(1))",
    "NUL": "x = 1\0",
    "tabs": "if depth(1):\n\tx = 1\n        y = 2",
    "outside of a loop": "def f():\n    break\nf()",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_in_time(name: str) -> None:
    begin = process_time()
    assert refused(HOSTILE[name])
    assert process_time() - begin < 20


def test_marks_and_line_breaks_of_other_systems_are_read() -> None:
    assert read("\ufeffx = depth(1)\r\nif x:\r\n\tanswer(x)\r\n").ok
    assert read("x = depth(1)\rif x:\r    answer(x)\r").ok


def test_tools_with_names_of_builtins_and_odd_names() -> None:
    tools = tools_by_name([Signature(name, (), effect=Effect.READ) for name in ("len", "get-it.v2", "depth")])
    for text in ("answer(len())", "answer(get_it_v2())", "depth = depth()\nanswer(depth)"):
        plan = compile_parsed(parse(text + "\n", tools=tools), tools, level=2).plan
        assert plan.body
    with pytest.raises(CompileError):
        compile_parsed(parse("answer(len([1]))\n", tools=tools), tools, level=2)


def test_the_tools_of_this_test_are_read_by_name() -> None:
    assert set(TOOLS) == {"berth", "depth", "note", "signal", "tides"}
