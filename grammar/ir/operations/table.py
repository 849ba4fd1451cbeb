"""The table: every operation that programs may use, by the way in which they name it. What isn't here isn't available.

    operators      `a + b`, `a += b`, `-a`, `a < b`, `a in b`: BINARY, AUGMENTED, UNARY, COMPARISONS
    places         `a[i]`, `a[i:j]`, storing and deleting: SUBSCRIPTS
    displays       `[a, b]`, `{a: b}`, `a, b = c`: DISPLAYS
    fields         what f-strings are made of: FIELDS
    builtins       `len(a)`: BUILTINS; `ValueError("…")`: EXCEPTION_CLASSES
    methods        `a.upper()`, by the class of `a`: METHODS
    attributes     `a.year`, by the class of `a`: ATTRIBUTES
    modules        `math.sqrt(a)`, `datetime.date.today()`: MODULES, and CONSTANTS

What takes functions is a loop, which whoever evaluates expressions makes: LOOPS.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from operator import attrgetter
from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir.operations.basis.kinds import (
    CLASSES,
    DICTS,
    EXCEPTION_NAMES,
    EXCEPTIONS,
    ITEMS,
    KEYS,
    KINDS,
    MODULE_EXCEPTIONS,
    ClassValue,
    Lazy,
    MatchValue,
    PatternValue,
    Record,
    SetValue,
    Value,
    type_name,
)
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError, refused
from lcc.grammar.ir.operations.basis.operation import Operation, any_names, free, operation
from lcc.grammar.ir.operations.basis.static import Misfit, attribute_type, kinds_of
from lcc.grammar.ir.operations.named.container_methods import (
    COUNTER_METHODS,
    DICT_METHODS,
    FROMKEYS,
    LIST_METHODS,
    RANGE_METHODS,
    TUPLE_METHODS,
    make_counter,
    make_defaultdict,
)
from lcc.grammar.ir.operations.named.iteration import ITERATION, ITERTOOLS
from lcc.grammar.ir.operations.named.json_texts import JSON
from lcc.grammar.ir.operations.named.numeric import MATH, MATH_CONSTANTS, NUMERIC, STATISTICS
from lcc.grammar.ir.operations.named.set_methods import SET_METHODS, VIEW_METHODS
from lcc.grammar.ir.operations.named.text_methods import TEXT_METHODS
from lcc.grammar.ir.operations.named.times import DATETIME, TIME_ATTRIBUTES, TIME_METHODS
from lcc.grammar.ir.operations.regular.patterns import MATCH_METHODS, PATTERN_METHODS, RE, RE_CONSTANTS, pattern_flags
from lcc.grammar.ir.operations.symbols.augmented import AUGMENTED
from lcc.grammar.ir.operations.symbols.comparisons import COMPARISONS
from lcc.grammar.ir.operations.symbols.displays import DISPLAYS
from lcc.grammar.ir.operations.symbols.formatting import FIELDS, FORMATTING
from lcc.grammar.ir.operations.symbols.operators import BINARY, UNARY
from lcc.grammar.ir.operations.symbols.subscripts import SUBSCRIPTS
from lcc.grammar.signatures import ANY, INT, NULL, DictType, RecordType, Type, UnionType, show, union

BUILTINS: Final[dict[str, Operation]] = {**FORMATTING, **ITERATION, **NUMERIC}
"""The builtin functions, and the classes that are called."""

EXCEPTION_CLASSES: Final[dict[str, Operation]] = {
    name: operation(name, "*args", ANY, free, c) for name, c in EXCEPTIONS.items()
}
"""What makes an exception: `ValueError("…")`."""

METHODS: Final[dict[type, dict[str, Operation]]] = {
    str: TEXT_METHODS,
    list: LIST_METHODS,
    tuple: TUPLE_METHODS,
    range: RANGE_METHODS,
    dict: DICT_METHODS,
    Record: DICT_METHODS,
    defaultdict: DICT_METHODS,
    Counter: {**DICT_METHODS, **COUNTER_METHODS},
    SetValue: SET_METHODS,
    KEYS: VIEW_METHODS,
    ITEMS: VIEW_METHODS,
    MatchValue: MATCH_METHODS,
    PatternValue: PATTERN_METHODS,
    **TIME_METHODS,
}


def _attribute(owner: str, name: str, path: str | None = None) -> Operation:
    """Return the operation that reads an attribute of a fixed name."""
    return operation(f"{owner}.{name}", "self, /", ANY, free, attrgetter(path or name))


def _attributes(owner: str, names: Iterable[str]) -> dict[str, Operation]:
    return {name: _attribute(owner, name) for name in names}


ATTRIBUTES: Final[dict[type, dict[str, Operation]]] = {
    **{kind: _attributes(KINDS[kind], names) for kind, names in TIME_ATTRIBUTES.items()},
    range: _attributes("range", ("start", "stop", "step")),
    MatchValue: {"string": _attribute("re.Match", "string", "text"), "re": _attribute("re.Match", "re", "pattern")},
    PatternValue: {
        "pattern": _attribute("re.Pattern", "pattern"),
        "flags": operation("re.Pattern.flags", "self, /", INT, free, pattern_flags),
    },
    ClassValue: {"__name__": _attribute("type", "__name__", "name")},
    **{c: _attributes(name, ("args",)) for c, name in EXCEPTION_NAMES.items()},
    **{c: _attributes(c.__name__, ("args", "errno", "strerror", "filename"))
       for c in EXCEPTIONS.values() if issubclass(c, OSError)},
    StopIteration: _attributes("StopIteration", ("args", "value")),
    MODULE_EXCEPTIONS["json.JSONDecodeError"]: _attributes(
        "JSONDecodeError", ("args", "msg", "doc", "pos", "lineno", "colno")
    ),
}  # fmt: skip
"""Attributes that are read. The fields of a record are its own and go first."""

MODULES: Final[dict[str, dict[str, Operation]]] = {
    "collections": {
        "Counter": any_names("Counter", ANY, make_counter),
        "defaultdict": any_names("defaultdict", ANY, make_defaultdict),
    },
    "datetime": DATETIME,
    "functools": {},
    "itertools": ITERTOOLS,
    "json": JSON,
    "math": MATH,
    "re": RE,
    "statistics": STATISTICS,
}
"""The named part of each module, by the path after its name: `date.today` of datetime."""

CONSTANTS: Final[dict[str, Value]] = {
    **{f"math.{name}": value for name, value in MATH_CONSTANTS.items()},
    **{f"re.{name}": value for name, value in RE_CONSTANTS.items()},
    "datetime.timezone.utc": DATETIME["timezone"].evaluate.utc,  # type: ignore[attr-defined]
    "datetime.UTC": DATETIME["timezone"].evaluate.utc,  # type: ignore[attr-defined]
    **{f"datetime.{name}": CLASSES[name] for name in ("date", "time", "datetime", "timedelta", "timezone")},
    **{f"collections.{name}": CLASSES[name] for name in ("Counter", "defaultdict")},
    **{name: CLASSES[EXCEPTION_NAMES[c]] for name, c in MODULE_EXCEPTIONS.items()},
}
"""What modules hold beside functions. A class that is called is the operation of that name."""

BUILTIN_CLASSES: Final[dict[str, ClassValue]] = {
    **{n: CLASSES[n] for n in ("bool", "dict", "float", "int", "list", "range", "set", "str", "tuple")},
    **{name: CLASSES[c.__name__] for name, c in EXCEPTIONS.items()},
}
"""Builtin names that are values: what isinstance, except and defaultdict take."""


def _class_function(kind: str, classes: frozenset[type], name: str, found: Operation) -> Operation:
    def evaluate(meter: Meter, /, *args: Value, **names: Value) -> Value:
        if not args:
            raise TypeError(f"unbound method {kind}.{name}() needs an argument")
        if type(args[0]) not in classes:
            shown = type_name(args[0])
            raise TypeError(f"descriptor '{name}' for '{kind}' objects doesn't apply to a '{shown}' object")
        return found(meter, *args, **names)

    return any_names(f"{kind}.{name}", ANY if callable(found.result) else found.result, evaluate, mutates=found.mutates)


_OWNERS: Final = {"str": frozenset({str}), "list": frozenset({list}), "dict": DICTS, "set": frozenset({SetValue})}
CLASS_FUNCTIONS: Final[dict[str, Operation]] = {
    "dict.fromkeys": FROMKEYS,
    **{f"{kind}.{name}": _class_function(kind, classes, name, found)
       for kind, classes in _OWNERS.items() for name, found in METHODS[next(iter(classes - {Counter, defaultdict, Record}))].items()},
}  # fmt: skip
"""What is read from a builtin class: `str.lower(text)`, `key=str.lower`."""

LOOPS: Final = frozenset(
    {"filter", "map", "functools.reduce", "sorted key", "min key", "max key", "list.sort key", "itertools.groupby key"}
)
"""What takes a function: a loop that calls it for each element, and where it yields keys hands them over as `keys`."""

_INSTEAD: Final[dict[str, str]] = {
    **dict.fromkeys(("open", "input", "exec", "eval", "compile", "__import__"), "a program can only call the tools"),
    **dict.fromkeys(("getattr", "hasattr", "setattr", "delattr", "vars", "dir"), 'write a.name or a["name"]'),
    **dict.fromkeys(("globals", "locals", "object", "super", "classmethod"), "use plain names, values and functions"),
    **dict.fromkeys(("frozenset", "bytes", "bytearray", "memoryview", "complex"), "use a tuple, a text or a number"),
    **dict.fromkeys(("random", "uuid", "secrets"), "what a program does must not depend on chance"),
    **dict.fromkeys(
        ("os", "sys", "subprocess", "pathlib", "shutil", "socket", "requests"), "a program can only call the tools"
    ),
    "time": "use datetime",
    "callable": "call it",
    "hash": "compare values with ==",
    "id": "compare values with == or `is`",
    "slice": "write a[i:j]",
}


def refuse(name: str, known: Iterable[str], what: str) -> OperationError:
    """Return the error for a name that the table lacks, with the nearest one that it has."""
    if name.startswith("_"):
        return refused(f"`{name}` is not available: names with underscores in front are Python's own")
    return refused(f"{what} `{name}` is not available", _INSTEAD.get(name) or did_you_mean(name, known))


def builtin(name: str) -> Operation:
    """Return a builtin function; raise OperationError for any other name."""
    found = BUILTINS.get(name) or EXCEPTION_CLASSES.get(name)
    if found is None:
        raise refuse(name, [*BUILTINS, *EXCEPTION_CLASSES], "the function")
    return found


def module_function(module: str, path: str) -> Operation:
    """Return a function of a module (`datetime`, `date.today`); raise OperationError for what isn't there."""
    if module not in MODULES:
        raise refuse(module, MODULES, "the module")
    found = MODULES[module].get(path)
    if found is None:
        raise refuse(path, MODULES[module], f"in {module}, the function")
    return found


def constant(module: str, path: str) -> Value:
    """Return what a module holds beside functions; raise OperationError for what isn't there."""
    found = CONSTANTS.get(f"{module}.{path}")
    if found is None:
        known = [name.partition(".")[2] for name in CONSTANTS if name.startswith(f"{module}.")]
        raise refuse(path, [*known, *MODULES.get(module, ())], f"in {module}, the name")
    return found


def method(receiver: Value, name: str) -> Operation:
    """Return the method that a value is asked for, which takes the value first.

    A field of a record goes before a method, and can't be called: TypeError, as in CPython.
    """
    kind = type(receiver)
    if kind is Record and name in receiver:
        raise TypeError(f"'{type_name(receiver[name])}' object is not callable")
    found = METHODS.get(kind, {}).get(name)
    if found is None:
        raise _no_attribute(receiver, name)
    return found


def attribute(receiver: Value, name: str) -> Value:
    """Evaluate `receiver.name`; raise AttributeError as CPython does, OperationError for a method that isn't called."""
    kind = type(receiver)
    if kind is Record and name in receiver:
        return receiver[name]
    found = ATTRIBUTES.get(kind, {}).get(name)
    if found is not None:
        return found.evaluate(receiver)
    if name in METHODS.get(kind, ()):
        raise refused(f"the method `{name}` is not a value", "call it")
    raise _no_attribute(receiver, name)


def _no_attribute(receiver: Value, name: str) -> Exception:
    if name.startswith("_"):
        return refuse(name, (), "the attribute")
    kind = type(receiver)
    own = (type.mro(kind) if kind not in (SetValue, Record, Lazy, ClassValue) else [])[:-1]
    if any(name in vars(c) for c in own) or (kind is SetValue and hasattr(set, name)):
        return refuse(
            name, {*METHODS.get(kind, ()), *ATTRIBUTES.get(kind, ())}, f"for {type_name(receiver)}, the method"
        )
    return AttributeError(f"'{type_name(receiver)}' object has no attribute '{name}'")


def _check_method(receiver: Value, name: str) -> None:
    """Raise what CPython raises where `receiver.name(…)` is begun, before its arguments are evaluated."""
    if not (type(receiver) is Record and name in receiver):
        method(receiver, name)


CHECK_METHOD: Final = operation("check method", "self, name: str, /", NULL, free, _check_method)
"""What a method's name is looked up by where its arguments are calls, and so evaluated by statements of their own."""

_BY_KIND: Final[Mapping[str, type]] = {"str": str, "list": list, "dict": dict}
ATTRIBUTE_NAMES: Final = frozenset(name for table in ATTRIBUTES.values() for name in table)
METHOD_NAMES: Final = frozenset(name for table in METHODS.values() for name in table)


def infer_method(receiver: Type, name: str, /, *types: Type, **names: Type) -> Type:
    """Return the type of `receiver.name(…)`; raise Misfit if no value of the type has such a method or takes such arguments."""
    if isinstance(receiver, UnionType):
        return _of_any(receiver, name, types, names)
    if isinstance(receiver, RecordType) and receiver.field(name) is not None:
        raise Misfit(f"`{name}` is a field of `{show(receiver)}` and can't be called")
    kinds = kinds_of(receiver)
    if kinds is None:
        if name not in METHOD_NAMES:
            raise Misfit(f"no value has a method `{name}`", did_you_mean(name, METHOD_NAMES))
        return ANY
    found = []
    for kind in sorted(kinds):
        known = METHODS.get(_BY_KIND.get(kind, object), {})
        if name in known:
            found.append(known[name].infer(receiver, *types, **names))
    if not found:
        known = {n: o for k in kinds for n, o in METHODS.get(_BY_KIND.get(k, object), {}).items()}
        raise Misfit(f"`{show(receiver)}` has no method `{name}`", did_you_mean(name, known))
    return union(*found)


def _of_any(receiver: UnionType, name: str, types: tuple[Type, ...], names: Mapping[str, Type]) -> Type:
    found: list[Type] = []
    misfit: Misfit | None = None
    for member in receiver.members:
        try:
            found.append(infer_method(member, name, *types, **names))
        except Misfit as error:
            misfit = misfit or error
    if not found and misfit is not None:
        raise misfit
    return union(*found)


def infer_attribute(receiver: Type, name: str) -> Type:
    """Return the type of `receiver.name`; raise Misfit if no value of the type has it."""
    if name.startswith("_") and name != "__name__":
        raise Misfit(f"`{name}` is not available: names with underscores in front are Python's own")
    if isinstance(receiver, DictType):
        return ANY  # a record whose fields aren't known, or a dict of the program
    return attribute_type(receiver, name, ATTRIBUTE_NAMES)


def _named(prefix: str, table: Mapping[str, Operation]) -> dict[str, Operation]:
    return {f"{prefix}{name}": found for name, found in table.items()}


def _all() -> dict[str, Operation]:
    found = {**_named("operator ", BINARY), **_named("operator ", AUGMENTED), **_named("operator ", COMPARISONS)}
    found |= (
        _named("unary ", UNARY)
        | _named("subscript ", SUBSCRIPTS)
        | _named("field ", FIELDS)
        | _named("display ", DISPLAYS)
        | _named("builtin ", BUILTINS | EXCEPTION_CLASSES)
    )
    for kind, methods in METHODS.items():
        found |= _named(f"method {'Record' if kind is Record else KINDS[kind]}.", methods)
    for kind, attributes in ATTRIBUTES.items():
        found |= _named(f"attribute {KINDS[kind]}.", attributes)
    for module, functions in MODULES.items():
        found |= _named(f"module {module}.", functions)
    return found | {"class dict.fromkeys": FROMKEYS, "check method": CHECK_METHOD}


OPERATIONS: Final[dict[str, Operation]] = _all()
"""Every operation once, by a name that says where it stands."""

_BY_RECEIVER: Final = ("method", "attribute")
_REDUCE: Final = "module functools.reduce"


def operation_fault(op: str) -> str | None:
    """Return why an IR can't apply an operation of that name, with the nearest name that it can; None if it can.

    It is one of OPERATIONS, `method NAME` or `attribute NAME`, which the kind of the receiver decides, or the loop `reduce`.
    """
    way, _, name = op.partition(" ")
    if way not in _BY_RECEIVER:
        return None if op in OPERATIONS or op == _REDUCE else _unknown("operation", op, [*OPERATIONS, _REDUCE])
    if name.startswith("_") and op != "attribute __name__":
        return f"`{name}` is not available: names with underscores in front are Python's own"
    return None if name.isidentifier() else f"`{op}` is no operation: write `{way} NAME`"


def builtin_fault(name: str) -> str | None:
    """Return why no class or constant of that name is there, with the nearest one that is; None if it is."""
    known = (BUILTIN_CLASSES, CONSTANTS)
    return None if any(name in table for table in known) else _unknown("class or constant", name, chain(*known))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return f"there is no {what} `{escape(name[:60])}`" + (f"; {hint}" if hint else "")
