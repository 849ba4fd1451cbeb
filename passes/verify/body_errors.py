"""Document the V codes of plans with a body. Their examples are IR text, which can say all of it."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule


def _rule(code: str, name: str, what: str, why: str, bad: str, good: str, tools: str = "") -> Rule:
    return Rule(code, name, what, why, _strict(bad), _strict(good), tools, "ir")


def _strict(text: str) -> str:
    if text.startswith("independent"):
        return text
    return "strict {\n" + "".join([f"  {line}\n" for line in text.splitlines()]) + "}\n" if text else ""


_LOANS: Final = """\
from typing import TypedDict
import lcc

class Loan(TypedDict):
    reader: str
    days: int

@lcc.tool(effect="read")
def loans(branch: str) -> list[Loan]: ...
"""

_NESTED: Final = """\
from lcc.grammar.ir import Const, Exit, ListOf, Plan
from lcc.passes.verify import verify

value = Const("tides")
for _ in range({}):
    value = ListOf((value,))
print(verify(Plan(body=(Exit("answer", value),), fails="strict"), {{}}))
"""
_APPLIED: Final = """\
from lcc.grammar.ir import Apply, Const, Exit, Plan
from lcc.passes.verify import verify

value = Apply("builtin {}", (Const("tides"),))
print(verify(Plan(body=(Exit("answer", value),), fails="strict"), {{}}))
"""
BODIES: Final = (
    _rule(
        "V030",
        "unbound-name",
        "nothing in the plan binds a name that is read",
        "It could only fail. A name that is bound on some ways only is a NameError where it isn't, as in Python.",
        "let total = 3\nanswer totl",
        "let total = 3\nanswer total",
    ),
    _rule(
        "V031",
        "result-out-of-scope",
        "a result is read outside of the loop or gather that makes it",
        "Each turn has a result of its own: outside it isn't said which is meant. What a loop yields is a list of one for each turn.",
        'for %1 city in ["Oslo", "Lima"] {\n  %2 = weather(city)\n}\nanswer %2',
        'for %1 city in ["Oslo", "Lima"] {\n  %2 = weather(city)\n} yield %2\nanswer %1',
    ),
    _rule(
        "V032",
        "misplaced-statement",
        "`break` or `continue` stands outside of a loop, or a strict statement among parallel steps",
        "There is nothing to leave; and steps that run side by side have no order in which one could leave before another.",
        "if True {\n  break\n}",
        "for %1 x in [1, 2] {\n  break\n}",
    ),
    _rule(
        "V033",
        "misplaced-value",
        "a function, a star or `print` stands where it gives no value",
        "A function stands only as `key` and first in `reduce`, a star among arguments and in displays, and what `print` prints is kept "
        "beside the answer.",
        'let x = `builtin print`("done")\nanswer x',
        'do `builtin print`("done")',
    ),
    _rule(
        "V034",
        "not-an-exception",
        "`except` names something that is no class of exceptions",
        "Nothing could be caught by it.",
        'try {\n  %1 = weather("Oslo")\n} except `int` {\n  answer None\n}',
        'try {\n  %1 = weather("Oslo")\n} except `ValueError` {\n  answer None\n}',
    ),
    Rule(
        "V035",
        "nested-too-deep",
        "values or blocks stand in one another too deep",
        "Plans are read by recursive code, and nobody writes such a plan on purpose.",
        _NESTED.format(1_000),
        _NESTED.format(10),
        front_end="api",
    ),
    Rule(
        "V036",
        "unknown-operation",
        "an operation, class or constant isn't in the table of operations",
        "The table is closed: what isn't in it can't be evaluated.",
        _APPLIED.format("lenn"),
        _APPLIED.format("len"),
        front_end="api",
    ),
    _rule(
        "V037",
        "certain-failure",
        "a value that reads nothing fails whenever it is evaluated, or divides by zero",
        "It is known before the run that it can't be done. Within `try` it may be meant.",
        "answer `operator *`([0], 1000000000)",
        "answer `operator *`([0], 1000)",
    ),
    _rule(
        "V038",
        "operation-type",
        "an operation can't take what it is given, whatever its value is",
        "The types that tools declare are followed through names, loops and operations. Only what can't be right is refused: not what may be "
        "right for one of several types, nor what stands within `try`, or behind a condition that asks for the type.",
        '%1 = loans("north")\nfor %2 loan in %1 {\n  do `builtin print`(`attribute dais`(loan))\n}',
        '%1 = loans("north")\nfor %2 loan in %1 {\n  do `builtin print`(`attribute days`(loan))\n}',
        _LOANS,
    ),
    _rule(
        "V039",
        "unordered-change",
        "a step that may run beside others changes a value that they may read",
        "Which of them would see the change isn't said. Statements of a strict region are in order.",
        "independent {\n  let %1 = [1]\n  let %2 = `method append`(%1, 2)\n}\njoin 1=%1\n",
        "independent {\n  let %1 = [1]\n  let %2 = `operator +`(%1, [2])\n}\njoin 1=%2\n",
    ),
)
