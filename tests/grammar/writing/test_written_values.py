"""Expressions have the brackets that they need, and no others: CPython reads what is written as what was read."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings, strategies as st

from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import Exit, Value
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.program_text import print_python

INPUTS = "a: int\nb: int\nc: list[int]\n"
LEAVES = st.sampled_from(
    ["a", "b", "c", "1", "2.5", "-1", "True", "None", "'x'", "'it\\'s'", '"say \\"no\\""', "'$1 {x}'"]
)
BINARY = ("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "==", "<", "in", "is not", "and", "or")


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(st.sampled_from(["not ", "~", "+"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) if ({t[1]}) else ({t[2]})"),
        pair.map(lambda t: f"({t[0]})[({t[1]})]"),
        pair.map(lambda t: f"({t[0]})[({t[1]}):]"),
        inner.map(lambda t: f"({t}).name.upper()"),
        pair.map(lambda t: f"[({t[0]}), *({t[1]})]"),
        pair.map(lambda t: f"{{({t[0]}): ({t[1]}), **({t[1]})}}"),
        pair.map(lambda t: f"(({t[0]}), ({t[1]}))"),
        pair.map(lambda t: f"[({t[0]}) for x in ({t[1]}) if ({t[0]})]"),
        inner.map(lambda t: f"sorted(c, key=lambda x: ({t}))"),
        inner.map(lambda t: f"sum((x, ({t})) for x in c)"),
    )


EXPRESSIONS = st.recursive(LEAVES, wrapped, max_leaves=8)


def value_of(text: str) -> Value | None:
    plan = parse(INPUTS + text + "\n").plan
    match plan.body:
        case (Exit("offer", value),):
            return value
        case _:
            return None


def written(text: str) -> str | None:
    plan = parse(INPUTS + text + "\n").plan
    if value_of(text) is None:
        return None
    return [line for line in print_python(plan).splitlines() if line][-1]


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_as_the_same_value(text: str) -> None:
    made = written(text)
    if made is None:
        return
    assert value_of(made) == value_of(text)
    usual = ast.unparse(ast.parse(text, mode="eval"))
    assert made.count("(") <= usual.count("(") + sum(map(made.count, ("(1).", "(2.5).", "(-1)."))), made


@pytest.mark.parametrize(
    "text",
    [
        "a + b * (a - b)", "(a + b) * -a ** b", "(-1) ** 2", "not a == b", "(a < b) == (b < a)", "a if b else b if a else 1",
        "(a if b else a) + 1", "a or b and not a", "(a or b) and a", "[*c, 1][-1:]", "(1).real", "c[::2]", "c[a, 1]",
        'f"{a:>{b}} {a!r}{{}}"', "f\"{', '.join(c)} it's\"", "max(c, key=lambda x: -x, default=None)", "(x for x in c if x)",
        "{**{}, 'a': 1}", "{1, 2}", "(a,)", "()", "math.floor(math.pi)", "str.lower('A')", "a.name[0].upper().split(',', 1)",
    ],
)  # fmt: skip
def test_what_is_canonical_stays(text: str) -> None:
    source = ("import math\n" if "math" in text else "") + text
    assert written(source) == text.replace("'a': 1", '"a": 1').replace("'A'", '"A"').replace("','", '","')


def test_texts_of_plan_files_hold_expressions() -> None:
    text = 'strict\n1. f("a $$1 ${\', \'.join(x for x in [\\"b\\"])} ${1 if True else 2:>{3}}")\n2. join()\n'
    assert "${" in text
    plan = parse('x = "$1 and $name"\nanswer(f"{x}: {len(x):>4}")\n').plan
    shown = print_plan(plan)
    assert shown == "strict\n1. answer(\"${'$$1 and $$name'}: ${len('$$1 and $$name'):>4}\")\n"
    assert parse_plan(shown).plan.join is not None
