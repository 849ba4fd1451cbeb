"""Collect the codes that running a plan can report, each with its explanation."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

BODY_NOT_SUPPORTED: Final = "X016"

_SEARCH: Final = '@tool(effect="read")\ndef search(query: str) -> str: ...\n'
_HEDGED: Final = """\
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str: ...

lcc.run('1. search("tides")\\n2. join()', tools=[search], options=lcc.Options(hedge={{"{}": 0.5}}))
"""

RULES: tuple[Rule, ...] = (
    Rule(
        "X001",
        "missing-input",
        "an input has no value and no default",
        "Tasks that read it could not be called. Nothing is run, so that nothing is done by halves.",
        'input city: str\n1. search("$city")\n2. join()\n',
        'input city: str = "Paris"\n1. search("$city")\n2. join()\n',
        tools='@tool(effect="read")\ndef search(query: str) -> str: ...\n',
    ),
    Rule(
        "X002",
        "input-type",
        "an input's value is not of its declared type",
        "The plan was checked for a value of the declared type. Text isn't read as a number: say `--input n=3`, which is JSON, or declare "
        "the input as text. A program gives JSON values too: what has no such form, such as bytes, a set or a date, is refused.",
        'input days: int = "three"\n1. forecast($days)\n2. join()\n',
        "input days: int = 3\n1. forecast($days)\n2. join()\n",
        tools='@tool(effect="read")\ndef forecast(days: int) -> str: ...\n',
    ),
    Rule(
        "X003",
        "unknown-input",
        "a value is given for an input that the plan doesn't declare",
        "It is nearly always a misspelt name, and the input that was meant keeps its default without a word.",
        'input city: str = "Paris"\n1. search("$city")\n2. join()\n',
        'input city: str = "Paris"\n1. search("$city")\n2. join()\n',
        tools='@tool(effect="read")\ndef search(query: str) -> str: ...\n',
    ),
    Rule(
        "X004",
        "no-implementation",
        "a tool is declared, but there is no code to call",
        "A declaration (`.pyi`, JSON) is enough to check a plan, and a plan can be checked without any tools. To run it, the tools' Python "
        "must be given with `--tools`.",
        '1. serch("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        tools='@tool(effect="read")\ndef search(query: str) -> str: ...\n',
    ),
    Rule(
        "X005",
        "unknown-limit",
        "a limit, or a hedge, is for a tool that isn't there",
        "It is nearly always a misspelt name, and the tool that was meant would run without the limit.",
        _HEDGED.format("serch"),
        _HEDGED.format("search"),
        front_end="api",
    ),
    Rule(
        "X010",
        "journal",
        "a journal can't be used as it was asked for",
        "The file is missing, is no journal, or was written by a newer lcc; or the run in it can't be resumed: its process is alive, "
        "its plan file or a tool's declaration has changed. Going on could repeat what was done, or do what was never planned. "
        "Or a large result, which such a file alone keeps once its run has ended, can't be read back: the file was moved, damaged or replaced. "
        "Restore it, or run or ask anew.",
        "$ lcc resume tides.db --tools tools.py\n",
        '$ cat tides.plan\n1. search("tides")\n2. join()\n$ lcc run tides.plan --tools tools.py --journal tides.db\n$ lcc resume tides.db --tools tools.py\n',
        tools=_SEARCH,
        front_end="terminal",
    ),
    Rule(
        "X011",
        "profile",
        "a profile can't be read",
        "The file is no profile of lcc, or one of a newer version. Costs would be guessed where they were meant to be measured.",
        '$ cat tides.plan\n1. search("tides")\n2. join()\n$ lcc estimate tides.plan --tools tools.py --profile tides.plan\n',
        '$ cat tides.plan\n1. search("tides")\n2. join()\n$ lcc run tides.plan --tools tools.py --profile-out tides.json\n$ lcc estimate tides.plan --tools tools.py --profile tides.json\n',
        tools=_SEARCH,
        front_end="terminal",
    ),
    Rule(
        "X012",
        "resume-differs",
        "a resumed run makes another call than the one that it goes on with",
        "Which calls a plan with conditions and loops makes depends on results. Those that the journal holds are served as they were, "
        "so a call under the same id has the same arguments; where it doesn't, results, tools or lcc itself have changed, and going on "
        "could do twice what was done. Nothing further is called. Begin a new run.",
        "",
        "",
    ),
    Rule(
        "X013",
        "limit-reached",
        "a plan uses more than its own operations may",
        "Steps, bytes of values, turns of loops, nesting and the digits of an integer are limited, so that a plan ends. No handler of "
        "the plan sees it, and nothing further is called. Do less in one plan, or raise the limit: `--limit turns=200000`, `lcc.Options(turns=…)`; so `steps`, `memory`, `depth`, `digits`.",
        "while True:\n    pass\n",
        "for turn in range(3):\n    pass\n",
        front_end="python",
    ),
    Rule(
        "X014",
        "no-such-value",
        "a plan does with a value what plans can't",
        "What goes to a tool, and what a plan hands back, is JSON: a set or a date must be written as a list or a text first. And not all "
        "that Python has for a value is part of plans. The message says what to write instead.",
        'answer({"pear", "plum"})\n',
        'answer(["pear", "plum"])\n',
        front_end="python",
    ),
    Rule(
        "X015",
        "plan-failed",
        "a plan ended in an exception that it doesn't handle",
        "A call failed, or an operation on its results did, outside of a handler for it; or the run was stopped. What stood before it was "
        "done, and nothing behind it. Handle the exception where the plan can go on without.",
        'prices = {"pear": 3}\nprint(prices["plum"])\n',
        'prices = {"pear": 3}\nprint(prices.get("plum", 0))\n',
        front_end="python",
    ),
    Rule(
        "X017",
        "not-approved",
        "somebody said no to a plan before it ran",
        "With `--approve-plan` the whole plan is shown, with what it changes, and nothing of it is called before a yes. Change the plan, or "
        "leave out or edit lines where it is shown.",
        "",
        "",
    ),
    Rule(
        BODY_NOT_SUPPORTED,
        "body-not-supported",
        "something can't treat plans with loops, conditions or names yet",
        "It treats plans that are a line of calls, and would leave out what else the plan says. Nothing was done.",
        "$ cat sum.plan\n1. = 1 + 1\n2. answer($1)\n$ lcc compile sum.plan --emit python\n",
        "$ cat sum.plan\nstrict\n1. = 1 + 1\n2. answer($1)\n$ lcc compile sum.plan --emit python\n",
        front_end="terminal",
    ),
)
