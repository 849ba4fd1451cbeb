"""Offer `math`: word problems. A model writes an expression, and a calculator computes it; nothing else does arithmetic."""

from __future__ import annotations

from typing import Any, Final

from lcc.python_tools.declare import tool
from lcc.runtime.context import Context
from lcc.tools.calculator import FUNCTIONS, NotComputed, UnitNeeded, calculate
from lcc.tools.prompting import RULE, data_block, read_object

ATTEMPTS: Final = 3
"""How often a model writes an expression for one problem."""

_SYSTEM: Final = f"""\
You turn a problem into one arithmetic expression, which a calculator computes. You compute nothing yourself.
Operators: + - * / // % ** and parentheses. Functions: {FUNCTIONS}. Constants: pi, e.
Numbers have no thousands separators; a unit may follow a number: (8849 m - 5895 m) / 2 h. No variables, no words, no comparisons.
Take numbers from the problem and its data only.
Reply with JSON: {{"expression": the expression, "unit": the unit of the result as in the expression, or "" for a plain number, "missing": ""}}
If a number that is needed is given nowhere: {{"expression": "", "unit": "", "missing": what is missing}}
{RULE}"""
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("expression", "unit", "missing")},
    "required": ["expression", "unit", "missing"],
    "additionalProperties": False,
}


class NoExpression(ValueError):
    """No expression could be had for a problem."""


@tool(effect="read", resource="model", cost=1.0)
async def math(problem: str, context: list[str] | None = None, unit: str = "", *, call: Context) -> float:
    """Compute an expression (`8849 m - 5895 m`), or solve a word problem: a number. Give what its numbers stand in as `context`.

    Args:
        problem: an arithmetic expression, or a question in words whose answer is a number
        context: texts, such as earlier results, that hold the numbers
        unit: the unit of the result, where it has a dimension: "m", "km/hour"
    """
    try:
        return await _calculate(problem, unit)
    except UnitNeeded:
        raise
    except NotComputed:
        return await _solve(problem, context or [], unit, call)


async def _calculate(expression: str, unit: str) -> float:
    """Compute in a thread: the first time, reading the units takes half a second."""
    from anyio import to_thread

    return await to_thread.run_sync(calculate, expression, unit)


async def _solve(problem: str, context: list[str], wanted: str, call: Context) -> float:
    prompt = f"Problem:\n{data_block([problem], call)}"
    if wanted:
        prompt += f"\n\nThe result shall be in this unit:\n{data_block([wanted], call)}"
    if context:
        prompt += f"\n\nData:\n{data_block(context, call)}"
    wrong = ""
    for _ in range(ATTEMPTS):
        reply = await call.ask(prompt + wrong, system=_SYSTEM, schema=_SCHEMA)
        said = ""
        try:
            found = read_object(reply)
            said, unit = str(found.get("expression") or ""), wanted or str(found.get("unit") or "")
            missing = " ".join(str(found.get("missing") or "").split())[:300]
            if not said and missing:
                raise NoExpression(f"the problem can't be computed, for want of: {missing}")
            return await _calculate(said, unit)
        except NoExpression:
            raise
        except ValueError as error:
            problem_text = str(error)
        wrong = (
            f"\n\nYour last reply was:\n{data_block([reply[:2_000]], call)}\nIt is wrong: {problem_text}. Reply again."
        )
    raise NoExpression(
        f"the model wrote no expression that can be computed, in {ATTEMPTS} tries; the last: {problem_text}"
    )
