"""Make up statements for property tests: token by token, from plans, and edited.

token_texts()     tokens of the plan language one after another; few of them are statements
statements()      statements of random plans, as they are printed
laid_out()        statements with odd spaces, comments, texts and commas, which the grammar takes
edited()          one of those with a token dropped, doubled, moved or replaced
"""

from __future__ import annotations

import re
from functools import cache

from hypothesis import strategies as st
from strategies import plans

from lcc.grammar.ir import Plan
from lcc.grammar.lark_tables import tables, terminals_pattern
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.syntax.parser import segments
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.syntax.scanner import Kind
from lcc.grammar.syntax.statement import PLAN_GRAMMAR

TOKENS = (
    *(
        "1. f(",
        "join(",
        "3.answer (",
        "input a: int",
        "=",
        "a=",
        '"q" =',
        "each ",
        ",",
        ")",
        "(",
        "[",
        "]",
        "{",
        "}",
        ":",
    ),
    *(
        '"s"',
        "'t'",
        '"""\nl"""',
        "1",
        "-2.5e3",
        ".5",
        "007",
        "True",
        "null",
        "Nonesuch",
        "$1",
        '$1.a[0]["k"]',
        "${1.b}",
    ),
    *(" ", "\n", "# c\n", "Thought: x", "<END_OF_PLAN>", "é", "$", "\\"),
)
ODDITIES = (
    *(
        "#1",
        "# 1\n",
        '"#E1"',
        "${step_1}",
        "{{1}}",
        "result_1",
        '"it\'s"',
        "'\"'",
        '"a\\"b"',
        '"\\d"',
        '"\\ud800"',
        '"""a"b"""',
        "'''c'''",
        '""',
    ),
    *(
        'f"x"',
        "“s”",
        "，",
        "a\n=",
        "a =",
        "each[",
        "each-1",
        "each=",
        "1. join(",
        "0. f(",
        "01.f(",
        "1.a.b/c-d (",
        "+1",
        "1 + 2",
        '"a" + "b"',
    ),
    *(
        '{"a": 1, "a": 2}',
        "(1)",
        "(1,)",
        "()",
        "[]",
        "{}",
        "($1)",
        "[1,]",
        '{"k": $1}',
        '"1"=',
        '"$1 and ${2}"',
        "1e999",
        "\f",
        "\r\n",
        "\xa0",
        "\u200b",
    ),
    *('"12" = ', "'5\"'", '"a), (b"', '", "', "search(1)", "a: 1", "//", "**", "Paris", "true", "nil", "x"),
)
"""What stands near the edges of the language: other notations, odd marks, faults that the grammar lets through."""


def token_texts(tokens: tuple[str, ...] = TOKENS) -> st.SearchStrategy[str]:
    """Tokens one after another, half of the time in a call."""
    token = st.sampled_from(tokens)
    return st.lists(token, max_size=14).map("".join) | st.lists(token, max_size=10).map(
        lambda found: f"1. f({''.join(found)})"
    )


def cut(text: str) -> list[str]:
    """Return the calls and inputs of a text as the scanner cuts it."""
    kinds = (Kind.CALL, Kind.OPEN, Kind.INPUT)
    return [segment.text for segment in segments(text, DEFAULT_LIMITS) if segment.kind in kinds]


@cache
def statements() -> st.SearchStrategy[str]:
    """A statement of a plan, as it is printed."""

    def printed(plan: Plan) -> list[str]:
        return cut(print_plan(plan)) or ["1. f()"]

    return plans().map(printed).flatmap(st.sampled_from)


SPACES = ("", "", "", " ", "\n", "\t \f", "\r\n", ' # c, ) "\n', "#1 d\n", " # E1\r\n  ", "\n\n")
SCALARS = (
    *(
        "1",
        "-2.5e3",
        "+.5",
        "007",
        "1e999",
        "True",
        "null",
        "false",
        "None",
        "$1",
        "$0",
        '$1.a[0]["k"]',
        "${1.b}",
        "${step_1}",
        "$city",
        "${a b}",
    ),
    *(
        '""',
        "''",
        '"s"',
        "'t'",
        '"it\'s"',
        "'\"'",
        '"a\\"b"',
        '"\\d"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"\\x24 1"',
        '"$1 and $x, $$2 $1,000"',
    ),
    *(
        '"""a"b\n"""',
        "'''c'''",
        '"5\'"',
        '"12"',
        '"), 2. f(\\n"',
        '"a, b=1"',
        '"{x}"',
        '"f(1)"',
        '"a\\\nb"',
        '"# no"',
        '"“x”"',
        '"`y`"',
        '"\\"',
        '"',
    ),
)
HEADS = (
    "1. f(",
    "12 .a/b-c.d (",
    "join(",
    "3. join (",
    "answer(",
    "4.answer(",
    "0. f(",
    "01.f(",
    "1234567890. f(",
    "5. each(",
)
FAULTY = frozenset(
    {"007", "1e999", "$0", "${a b}", '"\\d"', '"\\ud800"', '"\\"', '"', "0. f(", "01.f(", "1234567890. f("}
)
"""What the grammar takes, or the scanner cuts, and the language has a fault to find with."""
KEYS = (
    "a=",
    "b\n=",
    "each=",
    "_x1 =",
    "1=",
    '"1"=',
    '"a b" =',
    "'q'#c\n=",
    "True=",
    "join=",
    "each ",
    "each",
    "a=each ",
    '"k"= each ',
)


@st.composite
def laid_out(draw: st.DrawFn, sound: bool = False) -> str:
    """A call, with what the grammar allows but no printer writes. `sound`: without faults in tokens."""
    scalars, heads = [[one for one in found if not (sound and one in FAULTY)] for found in (SCALARS, HEADS)]

    def gap() -> str:
        return draw(st.sampled_from(SPACES))

    def value(depth: int) -> str:
        kind = draw(st.sampled_from(("", "", "", "[]", "()", "{}"))) if depth else ""
        if not kind:
            return draw(st.sampled_from(scalars))
        items = [value(depth - 1) for _ in range(draw(st.integers(0, 3)))]
        if kind == "{}":
            keys = draw(
                st.lists(st.sampled_from(('"k"', "'l'", '"$1"', '"""m"""', '"\\d"', '""')), min_size=3, max_size=3)
            )
            items = [f"{key}{gap()}:{gap()}{item}" for key, item in zip(keys, items, strict=False)]
        return kind[0] + listed(items) + kind[1]

    def listed(items: list[str]) -> str:
        comma = draw(st.sampled_from(("", "", ",")) if items else st.just(""))
        return gap() + f"{gap()},{gap()}".join(items) + gap() + comma + gap()

    arguments = [draw(st.sampled_from(("", "", *KEYS))) + gap() + value(2) for _ in range(draw(st.integers(0, 4)))]
    return (
        draw(st.sampled_from(heads))
        + listed(arguments)
        + ")"
        + draw(st.sampled_from(("", " ", " # c", "#1", "\n# d\n")))
    )


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A statement in which a few tokens are dropped, doubled, moved, or others put between them."""
    text = draw(statements() | laid_out())
    tokens = [found.group() for found in _pieces(text)]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(tokens)))
        match draw(st.sampled_from(("drop", "double", "move", "put"))):
            case "drop":
                tokens[place : place + 1] = []
            case "double":
                tokens[place:place] = tokens[place : place + 1]
            case "move":
                tokens[place:place] = [tokens.pop()] if tokens else []
            case _:
                tokens.insert(place, draw(st.sampled_from((*TOKENS, *ODDITIES))))
    return "".join(tokens)


def _pieces(text: str) -> list[re.Match[str]]:
    return list(_language().finditer(text))


@cache
def _language() -> re.Pattern[str]:
    return re.compile(f"{terminals_pattern(tables(PLAN_GRAMMAR)).pattern}|[\\s\\S]")
