"""Say what a value is: a closed set of kinds, most of them Python's own classes.

Scalars, lists, tuples, dicts, ranges, dates and exceptions are Python's, so that its primitives work on them and their texts
and messages are CPython's. Own classes stand for what differs: a set that keeps the order of insertion, a record, one-shot
iterators, matches, classes. Those that have a counterpart carry its name, which CPython puts into its messages.

Nothing here is reached by a program's names: which attributes and methods there are is decided by the table.
"""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any, Final, TypeAlias

from lcc.grammar.ir.operations.basis.meter import refused

Value: TypeAlias = Any
"""A value of one of KINDS. Its kind is its exact type, never a subclass of one."""

SCALARS: Final = frozenset({type(None), bool, int, float, str})


class Record(dict[str, Value]):
    """The result of a tool, or a part of it: a dict whose fields may be read as attributes."""

    __slots__ = ()


class SetValue:
    """A set that iterates in the order of insertion. Equality and order are those of sets."""

    __slots__ = ("members",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, items: Iterable[Value] = ()) -> None:
        self.members: dict[Value, None] = dict.fromkeys(at_once(items))

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Value]:
        size = len(self.members)
        for item in self.members if size else ():
            yield item
            if len(self.members) != size:
                raise RuntimeError("Set changed size during iteration")

    def __contains__(self, item: Value) -> bool:
        return type(item) is not SetValue and item in self.members  # CPython looks for a frozenset, which nobody has

    def __repr__(self) -> str:
        return "{" + repr(list(self.members))[1:-1] + "}" if self.members else "set()"

    def __eq__(self, other: object) -> Any:
        keys = _keys(other)
        return NotImplemented if keys is None else self.members.keys() == keys

    def __lt__(self, other: object) -> Any:
        keys = _keys(other)
        return NotImplemented if keys is None else self.members.keys() < keys

    def __le__(self, other: object) -> Any:
        keys = _keys(other)
        return NotImplemented if keys is None else self.members.keys() <= keys

    def __gt__(self, other: object) -> Any:
        keys = _keys(other)
        return NotImplemented if keys is None else self.members.keys() > keys

    def __ge__(self, other: object) -> Any:
        keys = _keys(other)
        return NotImplemented if keys is None else self.members.keys() >= keys


SetValue.__name__ = SetValue.__qualname__ = "set"  # what CPython's messages say
Record.__name__ = Record.__qualname__ = "dict"


def at_once(items: Any) -> Any:
    """Return what is gone through in one go: nothing can change the set meanwhile."""
    return items.members if type(items) is SetValue else items


def _keys(other: object) -> Any:
    if type(other) is SetValue:
        return other.members.keys()
    return other if isinstance(other, VIEWS) else None


class Lazy:
    """An iterator that is used up by reading it: `enumerate`, `zip`, `reversed`, `iter` and those of itertools.

    `width`: about how many bytes are made for each element that is read: a place, and a small value. `depth`: how many iterators read from each other.
    """

    __slots__ = ("depth", "iterator", "name", "width")

    def __new__(cls, name: str, *args: object, **names: object) -> Lazy:
        return object.__new__(LAZY[name])

    def __init__(self, name: str, iterator: Iterator[Value], width: int = 40, depth: int = 1) -> None:
        self.name = name
        self.iterator = iterator
        self.width = width
        self.depth = depth

    def __iter__(self) -> Iterator[Value]:
        return self.iterator

    def __next__(self) -> Value:
        return next(self.iterator)

    def __repr__(self) -> str:
        raise refused(f"`{self.name}` has no text of its own", "write list(…) around it")


LAZY: Final[dict[str, type[Lazy]]] = {
    name: type(name, (Lazy,), {"__slots__": ()})
    for name in (
        "enumerate", "zip", "reversed", "callable_iterator", "list_iterator", "tuple_iterator", "str_iterator",
        "str_ascii_iterator", "range_iterator", "set_iterator", "dict_keyiterator", "dict_valueiterator",
        "dict_itemiterator", "list_reverseiterator", "dict_reversekeyiterator", "dict_reversevalueiterator",
        "dict_reverseitemiterator", "itertools.chain", "itertools.islice", "itertools.groupby", "itertools._grouper",
        "itertools.product", "itertools.combinations", "generator",
    )
}  # fmt: skip
"""The classes of iterators: they differ in the name that CPython's messages show."""


class ClassValue:
    """A class as a value, which a program may compare, name and hand to isinstance. There is one for each name."""

    __slots__ = ("module", "name")

    def __init__(self, name: str, module: str = "") -> None:
        self.name = name
        self.module = module

    def __or__(self, other: object) -> None:
        raise refused("a union of classes is not available", "write a tuple of classes")

    __ror__ = __or__

    def __repr__(self) -> str:
        return f"<class '{self.module + '.' if self.module else ''}{self.name}'>"


ClassValue.__name__ = ClassValue.__qualname__ = "type"


class PatternValue:
    """A compiled regular expression."""

    __slots__ = ("flags", "pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags

    def __eq__(self, other: object) -> bool:
        return type(other) is PatternValue and (self.pattern, self.flags) == (other.pattern, other.flags)

    def __hash__(self) -> int:
        return hash((self.pattern, self.flags))

    def __repr__(self) -> str:
        return repr(re.compile(self.pattern, self.flags))


class MatchValue:
    """What a regular expression found: the text, the span of each group (-1 where it took no part) and their names."""

    __slots__ = ("names", "pattern", "spans", "text")

    def __init__(
        self, text: str, spans: tuple[tuple[int, int], ...], names: dict[str, int], pattern: PatternValue
    ) -> None:
        self.text = text
        self.spans = spans
        self.names = names
        self.pattern = pattern

    def place(self, group: Value) -> int:
        """Return the number of a group; raise IndexError if there is none of that number or name."""
        if isinstance(group, int) and 0 <= group < len(self.spans):
            return int(group)
        if type(group) is str and group in self.names:
            return self.names[group]
        raise IndexError("no such group")

    def __getitem__(self, group: Value) -> str | None:
        start, end = self.spans[self.place(group)]
        return None if start < 0 else self.text[start:end]

    __iter__ = None

    def __repr__(self) -> str:
        return f"<re.Match object; span={self.spans[0]}, match={self[0]!r}>"


MatchValue.__name__ = MatchValue.__qualname__ = "re.Match"
PatternValue.__name__ = PatternValue.__qualname__ = "re.Pattern"

KEYS: Final[type] = type({}.keys())
ITEMS: Final[type] = type({}.items())
VALUES: Final[type] = type({}.values())
VIEWS: Final = (KEYS, ITEMS)
DICTS: Final[frozenset[type]] = frozenset({dict, Record, Counter, defaultdict})

EXCEPTIONS: Final[dict[str, type[BaseException]]] = {
    c.__name__: c
    for c in (
        BaseException, Exception, ArithmeticError, AssertionError, AttributeError, BlockingIOError, BrokenPipeError,
        BufferError, ChildProcessError, ConnectionAbortedError, ConnectionError, ConnectionRefusedError,
        ConnectionResetError, EOFError, FileExistsError, FileNotFoundError, FloatingPointError, ImportError, IndexError,
        InterruptedError, IsADirectoryError, KeyError, LookupError, MemoryError, ModuleNotFoundError, NameError,
        NotADirectoryError, NotImplementedError, OSError, OverflowError, PermissionError, ProcessLookupError,
        RecursionError, ReferenceError, RuntimeError, StopAsyncIteration, StopIteration, SyntaxError, SystemError,
        TimeoutError, TypeError, UnboundLocalError, UnicodeError, ValueError, Warning, UserWarning, DeprecationWarning,
        RuntimeWarning, ZeroDivisionError,
    )
} | {"IOError": OSError, "EnvironmentError": OSError}  # fmt: skip
"""The exceptions that a program may name, raise and catch, by every name that they have."""

MODULE_EXCEPTIONS: Final[dict[str, type[BaseException]]] = {
    "json.JSONDecodeError": json.JSONDecodeError,
    "re.error": re.error,
    "statistics.StatisticsError": statistics.StatisticsError,
}

EXCEPTION_NAMES: Final[dict[type[BaseException], str]] = {
    **{c: c.__name__ for c in EXCEPTIONS.values()},
    **{c: name.rpartition(".")[2] for name, c in MODULE_EXCEPTIONS.items()},
}
"""The name of each exception's class: one in every Python, whose own `__name__` for `re.error` changed."""

EXCEPTION_KINDS: Final[dict[str, type[BaseException]]] = {name: c for c, name in EXCEPTION_NAMES.items()}

KINDS: Final[dict[type, str]] = {
    type(None): "NoneType",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    list: "list",
    tuple: "tuple",
    SetValue: "set",
    dict: "dict",
    Record: "dict",
    Counter: "Counter",
    defaultdict: "defaultdict",
    KEYS: "dict_keys",
    VALUES: "dict_values",
    ITEMS: "dict_items",
    range: "range",
    date: "date",
    time: "time",
    datetime: "datetime",
    timedelta: "timedelta",
    timezone: "timezone",
    MatchValue: "re.Match",
    PatternValue: "re.Pattern",
    ClassValue: "type",
    **EXCEPTION_NAMES,
    **{c: name for name, c in LAZY.items()},
}
"""Every kind of value by its exact type, with the name of its class."""

CLASSES: Final[dict[str, ClassValue]] = {
    name: ClassValue(name)
    for name in ("bool", "int", "float", "str", "list", "tuple", "set", "dict", "range", "type", "NoneType", "object")
} | {
    "Counter": ClassValue("Counter", "collections"),
    "defaultdict": ClassValue("defaultdict", "collections"),
    **{name: ClassValue(name, "datetime") for name in ("date", "time", "datetime", "timedelta", "timezone")},
    "re.Match": ClassValue("Match", "re"),
    "re.Pattern": ClassValue("Pattern", "re"),
    **{name: ClassValue(name) for name in ("dict_keys", "dict_values", "dict_items", "enumerate", "zip", "reversed")},
    **{name: ClassValue(name, "" if c in EXCEPTIONS.values() else c.__module__) for name, c in EXCEPTION_KINDS.items()},
}
"""The classes that a program may hold, by their names: one object for each."""

FACTORIES: Final[dict[str, Callable[[], Value]]] = {
    "bool": bool,
    "dict": dict,
    "float": float,
    "int": int,
    "list": list,
    "set": SetValue,
    "str": str,
    "tuple": tuple,
}
"""What a defaultdict may call for a missing key, by name. A lambda is called by whoever evaluates expressions."""

SetValue.__module__ = "builtins"  # a defaultdict shows its factory as <class 'set'>
_FULL_NAMES: Final[dict[type, str]] = {
    **{c: f"datetime.{c.__name__}" for c in (date, time, datetime, timedelta, timezone)},
    defaultdict: "collections.defaultdict",
}


def type_name(value: Value) -> str:
    """Return the name of a value's class as CPython's messages have it."""
    return _FULL_NAMES.get(type(value)) or type(value).__name__


def class_name(value: Value) -> str:
    """Return the `__name__` of a value's class."""
    return KINDS[type(value)].rpartition(".")[2]


def is_value(value: object) -> bool:
    """Whether an object is of one of the kinds (its parts are not looked at)."""
    return type(value) in KINDS


def is_exception(value: object) -> bool:
    """Whether a value is an exception."""
    return type(value) in EXCEPTION_NAMES


def exception(name: str, *args: Value) -> BaseException:
    """Return an exception of a class of the closed set; an unknown class is RuntimeError, which says less."""
    return EXCEPTIONS.get(name, RuntimeError)(*args)


_CLASS: Final = "class of a program"
_MOST_CLASSES: Final = 1024
_NAME_LENGTH: Final = 200


class _Said(str):
    """A text that is its own `repr`: KeyError shows that of its argument."""

    __slots__ = ()
    __repr__ = str.__str__


def foreign(base: str, name: str, text: str) -> BaseException:
    """Return what a handler sees of an exception from outside: of a class of the set, `base`, and called `name`; `str` of it is `text`."""
    kind = EXCEPTIONS.get(base, RuntimeError)
    error = kind(_key(text) if kind is KeyError else text) if text else kind()
    if name != kind.__name__:
        error.__dict__[_CLASS] = _foreign_class(name[:_NAME_LENGTH])
    return error


def _key(text: str) -> Value:
    """Return an argument whose `repr` is a text: the key itself where that is plain."""
    return text[1:-1] if repr(text[1:-1]) == text else _Said(text)


@lru_cache(_MOST_CLASSES)
def _foreign_class(name: str) -> ClassValue:
    return ClassValue(name)


def class_of_foreign(value: Value) -> ClassValue | None:
    """Return the class of what `foreign` made under another name than that of its base."""
    found: ClassValue | None = value.__dict__.get(_CLASS) if is_exception(value) else None
    return found


def own_class(error: BaseException) -> str:
    """Return the name of an exception's class, of its own where it has one."""
    found = class_of_foreign(error)
    return EXCEPTION_NAMES.get(type(error), type(error).__name__) if found is None else found.name


_UNHASHABLE: Final = "unhashable type: '"
_USES: Final = (" as a dict key (", " as a set element (")


def plain_words(text: str) -> str:
    """Return the text of a TypeError, one in every Python: from 3.14 on it says of what can't be hashed in which class of ours it was."""
    use, found, kind = text.rpartition(_UNHASHABLE)
    later = found and use.startswith("cannot use '") and use.endswith(_USES) and kind.endswith("')")
    return found + kind[:-1] if later else text


def caught(error: BaseException) -> BaseException:
    """Return what a handler of a program sees of an exception: class and arguments, no traceback, no cause."""
    kind = type(error)
    if kind is TypeError and len(error.args) == 1 and type(text := error.args[0]) is str and plain_words(text) != text:
        return TypeError(plain_words(text))
    if kind in EXCEPTION_NAMES and all(is_value(a) for a in error.args):
        return error.with_traceback(None)
    known = next((c for c in kind.__mro__ if c in EXCEPTION_NAMES), RuntimeError)
    return (known if known in EXCEPTIONS.values() else ValueError)(str(error))
