"""Explain the codes that asking can report, and collect the documentation of every diagnostic's code."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

NO_REQUEST: Final = "P091"
NOT_WHOLE: Final = "P092"
NOT_HELD: Final = "P093"
NOT_PLANNED: Final = "P094"
NOT_DECIDED: Final = "P095"
SERVER_FAILS: Final = "T091"
SERVER_NOT_STARTED: Final = "T092"
TOOL_LEFT_OUT: Final = "T093"
WRONG_SERVER: Final = "T094"
SHARED_NAME: Final = "T095"

_SEARCH: Final = '@tool(effect="read")\ndef search(query: str) -> str: ...\n'
_ASKING: Final[tuple[Rule, ...]] = (
    Rule(
        NO_REQUEST,
        "example-without-request",
        "an example for the planner can't be read, or doesn't begin with its question",
        "The planner is shown pairs of a question and a plan. An example is a plan file whose first lines are a comment, "
        "`# Request: …`.",
        bad='$ cat tides.plan\n1. search("tides")\n2. join()\n$ lcc ask "When is high water?" --tools tools.py --examples tides.plan\n',
        good='$ cat tides.plan\n# Request: What is known about tides?\n1. search("tides")\n2. join()\n'
        '$ lcc ask "When is high water?" --tools tools.py --examples tides.plan\n',
        tools=_SEARCH,
        front_end="terminal",
    ),
    Rule(
        NOT_WHOLE,
        "plan-not-whole",
        "a model's plan has no end",
        "What the rest of the plan would have done isn't known, so nothing that changes anything was called. The model is asked for the "
        "whole plan again.",
        bad="",
        good="",
    ),
    Rule(
        NOT_HELD,
        "grammar-not-used",
        "the planner was to be held to a grammar, and could not be",
        "The endpoint refused the grammar, or it would be too large. The plan was written freely, and checked as always. "
        "`--constrain off` doesn't try; `--constrain gbnf` or `lark` makes it an error.",
        bad="",
        good="",
    ),
    Rule(
        NOT_PLANNED,
        "answer-without-plan",
        "the planner wrote no plan, and its words are the answer",
        "Its reply holds nothing like a call: a greeting, a question back, a refusal. No tool was called and nothing was looked up, so what it "
        "says is what the model knows, or thinks it knows.",
        bad="",
        good="",
    ),
    Rule(
        NOT_DECIDED,
        "unread-decision",
        "the joiner's reply holds no decision that can be read, and is shown as it stands",
        "The joiner ends with an answer or asks for another plan, in one of a few forms. It was asked once more, and wrote none of them again.",
        bad="",
        good="",
    ),
)

_SERVERS: Final[tuple[Rule, ...]] = (
    Rule(
        SERVER_FAILS,
        "server-fails",
        "a server of tools doesn't start, or doesn't list its tools",
        "Its tools aren't known, and can't be called. What it wrote to its standard error is shown.",
        bad="",
        good="",
    ),
    Rule(
        SERVER_NOT_STARTED,
        "server-not-started",
        "the tools of a server aren't known, because it isn't started here",
        "`check`, `fmt`, `compile`, `opt` and `graph` start nothing: `lcc tools --tools mcp.json --save FILE.json` keeps the declarations, which "
        "they read. A server that only a project's file names is started with `--trust-project` alone.",
        bad="",
        good="",
    ),
    Rule(
        TOOL_LEFT_OUT,
        "tool-left-out",
        "a tool of a server can't be used, and is left out",
        "Its name or its schema can't be read. The server's other tools are there.",
        bad="",
        good="",
    ),
    Rule(
        WRONG_SERVER,
        "wrong-server",
        "an entry of an mcp.json, or of [tool.lcc.mcp], can't be read",
        "A server has a `command` with `args`, or a `url`; what lcc is told of its tools stands under `x-lcc`.",
        bad="",
        good="",
    ),
    Rule(
        SHARED_NAME,
        "shared-tool-name",
        "several servers have a tool of the same name",
        "Each of these tools gets the name of its server before its own. Give one server a `prefix`, and they keep their names.",
        bad="",
        good="",
    ),
)


def all_rules() -> tuple[Rule, ...]:
    """Return the rule of every code, in the order of codes."""
    import lcc.grammar.codes  # all of them are many modules, which reporting a code doesn't need
    import lcc.runtime.codes
    from lcc.passes import lint, remarks
    from lcc.passes.verify import errors

    rules = (
        *lcc.grammar.codes.RULES,
        *errors.RULES,
        *remarks.RULES,
        *lint.RULES,
        *lcc.runtime.codes.RULES,
        *_ASKING,
        *_SERVERS,
    )
    return tuple(sorted(rules, key=lambda rule: rule.code))
