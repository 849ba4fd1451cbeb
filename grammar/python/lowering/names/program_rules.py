"""Refuse what a program may not say: the codes, and the exception that carries one finding to the statement that it stands in."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir.operations import OperationError
from lcc.grammar.source import Span

_TOOLS: Final = """
def tide(port: str) -> float:
    "effect: read"
def note(text: str) -> str:
    "effect: write"
"""


def _rule(code: str, name: str, summary: str, why: str, bad: str, good: str) -> Rule:
    return Rule(code, name, summary, why, bad, good, _TOOLS, "python")


UNKNOWN: Final = _rule(
    "P050",
    "unknown-program-name",
    "a program uses a name that nothing gives it",
    "A name is what the program assigned last, else a tool, else a builtin.",
    'answer(tide("Brest") + offset)\n',
    'offset = 0.5\nanswer(tide("Brest") + offset)\n',
)
UNAVAILABLE: Final = _rule(
    "P051",
    "not-available",
    "a program uses a function, module, method or attribute that isn't available",
    "A program can call the tools, and a closed set of Python's functions that only work on values.",
    'text = open("tides.txt").read()\nanswer(text)\n',
    'answer(tide("Brest"))\n',
)
UNCLEAR: Final = _rule(
    "P052",
    "unclear-name",
    "what a name stands for depends on the way that the program took",
    "A name that is also a tool, a builtin or a function must be the same on every way to the place where it is used.",
    'for port in ["Brest", "Cork"]:\n    tide = tide(port)\nanswer(tide)\n',
    'for port in ["Brest", "Cork"]:\n    level = tide(port)\nanswer(level)\n',
)
HELPER: Final = _rule(
    "P053",
    "helper-call",
    "a function of the program can't be called so",
    "Functions of a program are put in where they are called: they can't call themselves, and their arguments must fit.",
    "def down(n):\n    return 0 if n == 0 else down(n - 1)\nanswer(down(3))\n",
    "n = 3\nwhile n > 0:\n    n -= 1\nanswer(n)\n",
)
AWAITS: Final = _rule(
    "P054",
    "not-awaited",
    "a call in a program that awaits isn't awaited, or not once",
    "In a program with `await` a call is made where it is awaited or gathered. Python wouldn't make one that never is.",
    'level = await tide("Brest")\nnote("read")\nanswer(level)\n',
    'level = await tide("Brest")\nawait note("read")\nanswer(level)\n',
)
LAZY: Final = _rule(
    "P055",
    "unread-generator",
    "a generator isn't read where it stands",
    "When its calls are made, and what its names are then, would depend on who reads it, and how far.",
    'levels = (tide(p) for p in ["Brest", "Cork"])\nanswer(list(levels))\n',
    'levels = [tide(p) for p in ["Brest", "Cork"]]\nanswer(levels)\n',
)
FUNCTION: Final = _rule(
    "P056",
    "function-as-value",
    "a function is used as a value",
    "Functions can be called, and handed to what calls them at once, such as `key=` of sorted. They are no values.",
    "both = [len, sum]\nanswer(both)\n",
    "answer([len([1]), sum([1])])\n",
)
STATEMENT: Final = _rule(
    "P057",
    "not-in-programs",
    "a statement does what programs can't do",
    "Programs assign names, and the items of lists and dicts.",
    'class_ = {"a": 1}\nclass_.a = 2\nanswer(class_)\n',
    'class_ = {"a": 1}\nclass_["a"] = 2\nanswer(class_)\n',
)
SIZE: Final = _rule(
    "P058",
    "program-too-large",
    "a program is too large once its functions are put in where they are called",
    "Functions that call others several times double with each of them.",
    "def a(x):\n    return [tide(x)" + ", tide(x)" * 29 + "]\n"
    "def b(x):\n    return [a(x)" + ", a(x)" * 29 + "]\n"
    "def c(x):\n    return [b(x)" + ", b(x)" * 29 + "]\n"
    "answer(c('Brest'))\n",
    "answer([tide('Brest') for i in range(30)])\n",
)
SHADOWED: Final = Rule(
    "P059",
    "tool-hides-builtin",
    "a tool has the name of a builtin, which a program then can't use",
    "The tool is what the name means.",
    'answer(round("Brest"))\n',
    'answer(tide("Brest"))\n',
    'def round(port: str) -> float:\n    "effect: read"\ndef tide(port: str) -> float:\n    "effect: read"\n',
    "python",
)
ONE_BY_ONE: Final = _rule(
    "P060",
    "calls-one-by-one",
    "calls are made one by one, since how many are made depends on what they give",
    "`any`, `all`, `next` and the like stop as soon as they can, as in Python. With a list all calls are made, in parallel.",
    'answer(any(tide(p) > 3 for p in ["Brest", "Cork"]))\n',
    'answer(any([tide(p) > 3 for p in ["Brest", "Cork"]]))\n',
)
EMPTY: Final = _rule(
    "P061",
    "empty-program",
    "a program holds no statement",
    "A text of comments alone does nothing, which is rarely what was meant.",
    "# nothing to do\n",
    "answer(None)\n",
)
RULES: Final = (
    EMPTY,
    UNKNOWN,
    UNAVAILABLE,
    UNCLEAR,
    HELPER,
    AWAITS,
    LAZY,
    FUNCTION,
    STATEMENT,
    SIZE,
    SHADOWED,
    ONE_BY_ONE,
)


class Refused(Exception):
    """A program says what it may not say."""

    def __init__(self, rule: Rule, message: str, span: Span, help: str | None = None) -> None:
        super().__init__(message)
        self.finding = Diagnostic(rule.code, Severity.ERROR, message, span, help)


def unavailable(error: OperationError, span: Span) -> Refused:
    """Return the refusal for a name that the table of operations lacks."""
    return Refused(UNAVAILABLE, str(error), span, error.help)
