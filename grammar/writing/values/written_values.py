"""Write a value as a Python expression with as few brackets as its precedence needs.

What stands for a result, an input or a name is the notation's to say: `$1` and `$city` in a plan file, names in a program.
"""

from __future__ import annotations

from collections.abc import Iterable
from keyword import iskeyword
from typing import Final, NamedTuple, Protocol, assert_never

from lcc.grammar.ir import (
    Apply,
    BodyNotSupported,
    Builtin,
    Choose,
    Comprehension,
    Const,
    DictOf,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    Path,
    Ref,
    Select,
    Spread,
    Target,
    Targets,
    Value,
)
from lcc.grammar.ir.literals import number_literal, string_literal

LAMBDA: Final = 1
CHOICE: Final = 2
OR: Final = 3
AND: Final = 4
NOT: Final = 5
COMPARISON: Final = 6
BITS: Final = 7
SIGN: Final = 13
POWER: Final = 14
PRIMARY: Final = 16
ATOM: Final = 17
BINARY_LEVELS: Final = {
    "|": 7, "^": 8, "&": 9, "<<": 10, ">>": 10, "+": 11, "-": 11, "*": 12, "/": 12, "//": 12, "%": 12,
}  # fmt: skip
COMPARED: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"})
_MARKS: Final = ('"', "'", '"""', "'''")
"""The quotes of texts in fields of texts, from outside inwards."""
_BRACKETS: Final = {"list": ("[", "]"), "set": ("{", "}"), "tuple": ("(", ")"), "dict": ("{", "}"), "lazy": ("(", ")")}


class NotSayable(BodyNotSupported):
    """Something in a plan has no form in the text asked for. `what` says what."""

    def __init__(self, what: str) -> None:
        ValueError.__init__(self, f"this form can't say: {what}")
        self.what = what


class Written(NamedTuple):
    """A text, and how tightly it holds together."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """Return the text where something of a level must stand, in brackets if it holds less tightly."""
        return self.text if self.level >= level else f"({self.text})"


class Notation(Protocol):
    """How the leaves of a value are written. `f_strings`: texts with fields are Python's."""

    f_strings: bool

    def reference(self, value: Ref | Input) -> Written:
        """Write a result, an input, or a part of one."""

    def name(self, name: str) -> str:
        """Write a name that the plan binds."""

    def local(self, name: str) -> Written:
        """Write the value of a name."""

    def field(self, name: str) -> Value | None:
        """Return the field of a text that a name holds, if it is a part of the text."""

    def keyed(self, keys: Value) -> Written:
        """Write the function that the keys of a `sorted` and the like come from."""

    def builtin(self, path: str) -> str:
        """Write a class, constant or function: `len`, `math.sqrt`."""

    def text(self, text: str, mark: str) -> str:
        """Write a constant text; between these quotes where it stands in an f-string, else `mark` is empty."""

    def template(self, value: Format | Apply, mark: str) -> Written:
        """Write a text with the plain texts of values in it."""

    def record(self, value: DictOf) -> Written:
        """Write a record."""


def write(value: Value, notation: Notation, mark: str = "") -> Written:
    """Return a value as an expression; raise NotSayable for what stands only in statements. `mark`: the quotes of its texts."""
    return _Writer(notation, mark).value(value)


class _Writer:
    def __init__(self, notation: Notation, mark: str = "") -> None:
        self.notation = notation
        self.mark = mark

    def value(self, value: Value) -> Written:
        match value:
            case Const():
                return self._constant(value)
            case Ref() | Input():
                return self.notation.reference(value)
            case Format():
                return self.notation.template(value, self.mark)
            case ListOf(items):
                return Written(f"[{self._all(items)}]")
            case DictOf():
                return self.notation.record(value)
            case Local(name):
                return self.notation.local(name)
            case Builtin(name):
                return Written(self.notation.builtin(name))
            case Spread(inside, names):
                return Written(f"{'**' if names else '*'}{self.at(inside, BITS)}", 0)
            case Select(items):
                return Written(f"select({self._all(items)})", PRIMARY)
            case Apply() | Choose() | Logic() | Comprehension() | Lambda():
                return self._made(value)
            case _:
                assert_never(value)

    def at(self, value: Value, level: int) -> str:
        return self.value(value).at(level)

    def _made(self, value: Apply | Choose | Logic | Comprehension | Lambda) -> Written:
        match value:
            case Choose(test, then, other):
                text = f"{self.at(then, OR)} if {self.at(test, OR)} else {self.at(other, CHOICE)}"
                return Written(text, CHOICE)
            case Logic(op, items):
                level = OR if op == "or" else AND
                return Written(f" {op} ".join([self.at(item, level + 1) for item in items]), level)
            case Comprehension(kind):
                opening, closing = _BRACKETS[kind]
                return Written(f"{opening}{self._comprehension(value)}{closing}")
            case Lambda(params, body, defaults):
                plain = len(params) - len(defaults)
                late = [f"={self.at(one, CHOICE)}" for one in defaults]
                given = [f"{self.notation.name(one)}{late[place - plain] if place >= plain else ''}"
                         for place, one in enumerate(params)]  # fmt: skip
                return Written(f"lambda{' ' if given else ''}{', '.join(given)}: {self.at(body, CHOICE)}", LAMBDA)
            case Apply():
                return self._apply(value)

    def _constant(self, value: Const) -> Written:
        scalar = value.value
        if isinstance(scalar, str):
            return Written(self.notation.text(scalar, self.mark))
        if scalar is None or isinstance(scalar, bool):
            return Written(repr(scalar))
        text = number_literal(scalar)
        return Written(text, SIGN if text.startswith("-") else ATOM)

    def _all(self, values: Iterable[Value]) -> str:
        return ", ".join([self.at(one, 0) if isinstance(one, Spread) else self.at(one, LAMBDA) for one in values])

    def _comprehension(self, value: Comprehension) -> str:
        key = "" if value.key is None else f"{self.at(value.key, CHOICE)}: "
        clauses = "".join([
            f" for {write_target(clause.target, self.notation)} in {self.at(clause.items, OR)}"
            + "".join([f" if {self.at(test, OR)}" for test in clause.conditions])
            for clause in value.clauses
        ])  # fmt: skip
        return f"{key}{self.at(value.item, CHOICE)}{clauses}"

    # operations

    def _apply(self, value: Apply) -> Written:
        kind, _, name = value.op.partition(" ")
        args = value.args
        match kind, args:
            case "operator", (left, right):
                return self._operator(name, left, right)
            case "unary", (one,):
                level = NOT if name == "not" else SIGN
                return Written(f"{name}{' ' if name == 'not' else ''}{self._signed(name, one, level)}", level)
            case "attribute", (one,):
                return Written(f"{self._owner(one, True)}.{name.rpartition('.')[2]}", PRIMARY)
            case "method", (one, *_):
                function = f"{self._owner(one)}.{name.rpartition('.')[2]}"
                return self._call(function, args[1:], value.names)
            case "subscript", (one, index) if name == "load":
                literal = isinstance(index, Const) and type(index.value) in (int, str)
                return Written(f"{self._owner(one, literal, False)}[{self._index(index)}]", PRIMARY)
            case "subscript", (one, *bounds) if name == "load slice":
                return Written(f"{self._owner(one, dotted=False)}[{self.slice(bounds)}]", PRIMARY)
            case "display", _ if name in _BRACKETS:
                return self._display(name, args)
            case "field", _:
                return self._text(value)
            case "builtin" | "module" | "class", _:
                return self._call(self.notation.builtin(name), args, value.names)
            case _:
                raise NotSayable(f"`{value.op}` stands in a statement only")

    def _operator(self, name: str, left: Value, right: Value) -> Written:
        if name == "**":
            return Written(f"{self.at(left, POWER + 1)} ** {self.at(right, SIGN)}", POWER)
        if name in COMPARED:
            return Written(f"{self.at(left, BITS)} {name} {self.at(right, BITS)}", COMPARISON)
        level = BINARY_LEVELS.get(name)
        if level is None:
            raise NotSayable(f"`{name}` stands in a statement only")
        return Written(f"{self.at(left, level)} {name} {self.at(right, level + 1)}", level)

    def _signed(self, name: str, value: Value, level: int) -> str:
        """Write what a sign stands before: `-1` is a constant, so that its negation by an operation has brackets."""
        text = self.at(value, level)
        return f"({text})" if name == "-" and text[:1].isdigit() and isinstance(value, Const) else text

    def _owner(self, value: Value, part: bool = False, dotted: bool = True) -> str:
        """Write what has a part or a method. A part of `$1` that isn't a path of the reference stands behind brackets."""
        written = self.value(value)
        if part and isinstance(value, Ref | Input) and written.text.startswith("$"):
            return f"({written.text})"
        number = dotted and isinstance(value, Const) and type(value.value) in (int, float)
        return f"({written.text})" if number else written.at(PRIMARY)

    def _index(self, index: Value) -> str:
        if isinstance(index, Apply) and index.op == "display tuple" and len(index.args) > 1:
            return self._all(index.args)
        return self.at(index, LAMBDA)

    def slice(self, bounds: Iterable[Value]) -> str:
        """Write `start:stop:step`."""
        first, last, step = ["" if one == Const(None) else self.at(one, CHOICE) for one in bounds]
        return f"{first}:{last}:{step}" if step else f"{first}:{last}"

    def _display(self, name: str, args: tuple[Value, ...]) -> Written:
        opening, closing = _BRACKETS[name]
        if name == "set" and not args:
            return Written("set()", PRIMARY)
        if name == "dict":
            return Written(f"{{{', '.join(self._pairs(args))}}}")
        comma = "," if name == "tuple" and len(args) == 1 else ""
        return Written(f"{opening}{self._all(args)}{comma}{closing}")

    def _pairs(self, args: tuple[Value, ...]) -> list[str]:
        found, left = [], list(reversed(args))
        while left:
            key = left.pop()
            if isinstance(key, Spread):
                found.append(f"**{self.at(key.value, BITS)}")
            else:
                found.append(f"{self.at(key, CHOICE)}: {self.at(left.pop(), CHOICE)}")
        return found

    def _call(self, function: str, args: tuple[Value, ...], names: tuple[tuple[str, Value], ...]) -> Written:
        match args:
            case (Comprehension("lazy") as only,) if not names:
                return Written(f"{function}({self._comprehension(only)})", PRIMARY)
            case _:
                pass
        return Written(f"{function}({', '.join(self.arguments(args, names))})", PRIMARY)

    def arguments(self, args: Iterable[Value], names: Iterable[tuple[str, Value]]) -> list[str]:
        """Write the arguments of a call; a name that Python has none for is given by `**`."""
        double = [one for one in args if isinstance(one, Spread) and one.names]
        found = [self.at(one, 0) for one in args if not (isinstance(one, Spread) and one.names)]
        for name, value in names:
            if name == "keys":
                found.append(f"key={self.notation.keyed(value).text}")
                continue
            plain = name.isidentifier() and not iskeyword(name)
            quoted = string_literal(name, self.mark or _MARKS[0])
            found.append(f"{name}={self.at(value, LAMBDA)}" if plain else f"**{{{quoted}: {self.at(value, CHOICE)}}}")
        return found + [f"**{self.at(one.value, BITS)}" for one in double]

    # texts

    def _text(self, value: Apply) -> Written:
        parts = value.args if value.op == "field f-string" else (value,)
        if self.notation.f_strings and not any(_is_plain_field(one) for one in parts):
            return Written(self._f_string(parts))
        return self.notation.template(value, self.mark)

    def _f_string(self, parts: Iterable[Value]) -> str:
        """Write an f-string; what stands in its fields has the other quotes."""
        mark = self.mark or _MARKS[0]
        inner = _Writer(self.notation, _MARKS[(_MARKS.index(mark) + 1) % len(_MARKS)])
        return f"f{mark}{''.join([inner.part(one, mark) for one in parts])}{mark}"

    def part(self, value: Value, mark: str) -> str:
        """Write a part of an f-string between such quotes: a text, or a field."""
        match value:
            case Const(str(text)):
                return _doubled(string_literal(text, mark[0])[1:-1])
            case Apply("field field", (inside, spec, Const(conversion))):
                written = self.at(inside, CHOICE)
                gap = " " if written.startswith("{") else ""
                return f"{{{gap}{written}{f'!{conversion}' if conversion else ''}{self._spec(spec, mark)}}}"
            case Local(name) if (folded := self.notation.field(name)) is not None:
                return self.part(folded, mark)
            case _:
                return f"{{{self.at(value, CHOICE)}}}"

    def _spec(self, spec: Value, mark: str) -> str:
        match spec:
            case Const(str(text)):
                return f":{self.part(spec, mark)}" if text else ""
            case Apply("field f-string", parts):
                return ":" + "".join([self.part(one, mark) for one in parts])
            case _:
                raise NotSayable("a field's format is computed")


def _is_plain_field(value: Value) -> bool:
    return isinstance(value, Apply) and value.op == "field text"


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def write_target(target: Target, notation: Notation) -> str:
    """Write what a value is unpacked into: `a, (b, *c)`."""
    if isinstance(target, str):
        return notation.name(target)
    return _targets(target, notation)


def _targets(target: Targets, notation: Notation) -> str:
    found = []
    for place, item in enumerate(target.items):
        text = notation.name(item) if isinstance(item, str) else f"({_targets(item, notation)})"
        found.append(f"*{text}" if place == target.star else text)
    return ", ".join(found) + ("," if len(found) == 1 else "") if found else "()"


def write_path(owner: str, path: Path) -> str:
    """Write a part of a value as Python reads it: `owner.name[0]["a key"]`."""
    out = [owner]
    for step in path:
        if isinstance(step, str) and step.isidentifier() and not iskeyword(step) and not step.startswith("_"):
            out.append(f".{step}")
        else:
            out.append(f"[{step}]" if isinstance(step, int) else f"[{string_literal(step)}]")
    return "".join(out)


def write_arguments(args: Iterable[Value], names: Iterable[tuple[str, Value]], notation: Notation) -> str:
    """Write what stands in the brackets of a call."""
    return ", ".join(_Writer(notation).arguments(args, names))


def write_slice(bounds: Iterable[Value], notation: Notation) -> str:
    """Write `start:stop:step`."""
    return _Writer(notation).slice(bounds)
