"""Check that values evaluate to what CPython makes of the same text: results, exceptions with their texts, what is changed."""

from __future__ import annotations

from typing import Any

from cpython_words import older
from hypothesis import assume, event, given, settings
from python_trees import MODULES, Row, compiled, shown
from value_trees import new_frame, trees

from lcc.grammar.ir import Comprehension, Value
from lcc.grammar.ir.evaluation import Evaluation, changes_values, compile_value
from lcc.grammar.ir.operations import Lazy, Meter, OperationError, OperationLimits, Record, SetValue, caught
from lcc.grammar.ir.walk import walk


def twin(value: Any, known: dict[int, Any]) -> Any:
    """Return CPython's counterpart of a value; one object has one."""
    if id(value) in known:
        return known[id(value)]
    made: Any = value
    if type(value) is Record:
        made = known[id(value)] = Row()
        made.update({key: twin(item, known) for key, item in value.items()})
    elif type(value) is list:
        made = [twin(item, known) for item in value]
    elif type(value) is dict:
        made = {key: twin(item, known) for key, item in value.items()}
    known[id(value)] = made
    return made


def plain(value: Any) -> Any:
    """Return what two results are compared by: kinds, parts and order, but of sets."""
    if isinstance(value, Lazy) or hasattr(value, "__next__"):
        return ("iterator", outcome(lambda: list(value)))
    if isinstance(value, SetValue | set):
        return ("set", sorted(map(repr, map(plain, value))))
    if isinstance(value, dict):
        return ("dict", [(plain(key), plain(item)) for key, item in value.items()])
    if isinstance(value, list | tuple):
        return (type(value).__name__, [plain(item) for item in value])
    if isinstance(value, BaseException):
        return (type(value).__name__, plain(value.args))
    return (type(value).__name__, repr(value))


def outcome(function: Any) -> tuple[str, Any]:
    try:
        return "value", plain(function())
    except OperationError as error:
        return error.kind, str(error)
    except Exception as error:
        seen = caught(error)
        return "raised", (type(seen).__name__, older(str(seen)))


def both(value: Value) -> tuple[tuple[str, Any], tuple[str, Any]]:
    """Evaluate a value here and in CPython; also what is in the frames afterwards."""
    frame = new_frame()
    known: dict[int, Any] = {}
    space = {str(key) if isinstance(key, str) else f"result_{key}": twin(item, known) for key, item in frame.items()}
    frame["it"], space["it"] = Lazy("list_iterator", iter([1, 2, 3])), iter([1, 2, 3])
    code = compile_value(value, Evaluation(Meter(OperationLimits(steps=20_000)), roots=lambda: frame.values()))
    ours = outcome(lambda: code(frame))
    assume(ours[0] != "steps")  # a list that is extended while it is read
    names = dict(space)
    theirs = outcome(lambda: eval(compiled(value), {**MODULES, **names}))
    changed = plain(list(frame.values())), plain([space[k if isinstance(k, str) else f"result_{k}"] for k in frame])
    return (ours[0], (ours[1], changed[0])), (theirs[0], (theirs[1], changed[1]))


def reads_ahead(value: Value) -> bool:
    """Whether what changes something is read from an iterator, as sum does: all of it, before it adds the first."""
    return isinstance(value, Comprehension) and value.kind == "lazy" and changes_values(value)


@given(trees())
@settings(max_examples=400)
def test_a_value_is_what_cpython_makes_of_its_text(value: Value) -> None:
    ours, theirs = both(value)
    event(ours[0])
    if ours[0] == "raised" and any(reads_ahead(one) for one in walk(value)):
        ours, theirs = (ours[0], ours[1][0]), (theirs[0], theirs[1][0])
    if ours[0] != "refused":
        assert ours == theirs, shown(value)
