"""Say how a text goes wrong: it has an error, lcc raises, or the levels of optimization give different results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from traceback import extract_tb
from typing import Final

import anyio

from lcc.compiler import check, read
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Tools
from lcc.passes.pipeline import BrokenPass, optimize
from lcc.prepared import Prepared
from lcc.reducing.stand_ins import StandIns, made_up_inputs
from lcc.runtime.options import Options

LEVELS: Final = (3, 2, 1)
_DEADLINE: Final = 10.0
"""Seconds that a run with stand-ins may take; of one that takes longer nothing is said."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How a text goes wrong. Two texts go wrong alike if these are the same.

    `kind`: `error` with a code, `exception` with its class and the function that raised it, or `levels` with the two that differ.
    """

    kind: str
    what: str

    def __str__(self) -> str:
        match self.kind:
            case "error":
                return f"error {self.what}"
            case "exception":
                return f"lcc raises {self.what}"
            case _:
                return f"{self.what} give different results"


def fault_of(text: str, tools: Tools, front_end: str) -> Fault | None:
    """Return how a text goes wrong, None if it doesn't. Tools aren't called: stand-ins answer for them."""
    try:
        parsed = read(text, tools, front_end=front_end)
        found = check(parsed, tools)
        if has_errors(found):
            return Fault("error", next(one.code for one in found if one.is_error))
        plans = {level: optimize(parsed.plan, tools, level=level, verify_each=True).plan for level in (0, *LEVELS)}
        if not tools:
            return None  # what calls give isn't known
        expected = _outcome(plans[0], parsed.plan, tools)
        for level in LEVELS:
            if plans[level] != plans[0] and (came := _outcome(plans[level], parsed.plan, tools)) != expected:
                return None if came is None or expected is None else Fault("levels", f"-O0 and -O{level}")
    except Exception as error:  # whatever it is, it is what is looked for
        return Fault("exception", _raised(error))
    return None


def goes_wrong_alike(fault: Fault, tools: Tools, front_end: str) -> Callable[[str], bool]:
    """Return the test whether a text goes wrong in this way."""
    return lambda text: fault_of(text, tools, front_end) == fault


def _raised(error: Exception) -> str:
    inner = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    if isinstance(inner, BrokenPass):
        return f"BrokenPass: {inner}"
    frames = extract_tb(inner.__traceback__)
    return f"{type(inner).__name__} in {frames[-1].name}" if frames else type(inner).__name__


def _outcome(plan: Plan, written: Plan, tools: Tools) -> object:
    """Return what a run gives and writes; None for one that was stopped."""
    from lcc.grammar.source import Source

    stand_ins = StandIns(tools)
    prepared = Prepared(plan, (), (), (), Source("<text>", ""), written, stand_ins.tools())

    async def run() -> object:
        with anyio.move_on_after(_DEADLINE):
            options = Options(approve=_yes)
            result = await prepared.arun(made_up_inputs(plan.inputs), options=options)
            failure = result.failure and (result.failure.kind, result.failure.message)
            given = repr(result.join), repr(result.answer), result.printed, failure
            return result.status, given, sorted(stand_ins.writes)
        return None

    return anyio.run(run)


async def _yes(request: object) -> bool:
    return True
