"""Say how long a list is, where its value shows it."""

from __future__ import annotations

from lcc.grammar.ir import Apply, Const, Input, ListOf, Plan, Spread, Value


def known_length(value: Value, plan: Plan) -> int | None:
    """Return how many items a list has that is written out, the default of an input, or a range; None where only the run knows."""
    match value:
        case ListOf(items):
            return len(items)
        case Apply("display list" | "display tuple" | "display set", args) if not any(
            isinstance(one, Spread) for one in args
        ):
            return len(args)
        case Apply("builtin range", args) if all(isinstance(one, Const) and type(one.value) is int for one in args):
            numbers = [one.value for one in args if isinstance(one, Const) and type(one.value) is int]
            return len(range(*numbers)) if 1 <= len(numbers) <= 3 and 0 not in numbers[2:] else None
        case Apply("builtin enumerate" | "builtin sorted" | "builtin list" | "builtin reversed", (one, *_)):
            return known_length(one, plan)
        case Input(name, ()):
            default = next((one.default for one in plan.inputs if one.name == name), None)
            return len(default.items) if isinstance(default, ListOf) else None
        case _:
            return None
