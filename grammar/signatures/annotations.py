"""Read Python annotations as types: `list[str] | None`, `Optional[Literal["a", "b"]]`, `"Place"`.

Annotations are parsed, never evaluated. Names are resolved by a table, so a module prefix (`typing.`, `t.`, `datetime.`) says
nothing and is ignored. What JSON has no type for but can carry as text (`datetime`, `Path`, `UUID`, `bytes`) is `str`; tuples
and sets are lists.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures.python_text import dotted_name, is_ellipsis, last_name, node_span, parse_expression, shown
from lcc.grammar.signatures.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    MAX_DEPTH,
    NULL,
    STR,
    DictType,
    ListType,
    LiteralType,
    Type,
    union,
)
from lcc.grammar.source import Source, Span

MAX_LENGTH: Final = 10_000
"""How many characters an annotation has, where it is given as text."""

NO_CLASSES: Final[Mapping[str, Type]] = MappingProxyType({})
NO_ALIASES: Final[Mapping[str, str]] = MappingProxyType({})

_TEXT: Final = (
    *("str", "LiteralString", "AnyStr", "bytes", "SecretStr", "EmailStr"),
    *("date", "datetime", "time"),
    *("Path", "PurePath", "UUID", "UUID1", "UUID3", "UUID4", "UUID5"),
    *("AnyUrl", "HttpUrl", "AnyHttpUrl", "FileUrl", "IPv4Address", "IPv6Address"),
)
_LISTS: Final = (
    *("list", "List", "Sequence", "MutableSequence", "Iterable", "Collection", "deque", "Deque"),
    *("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"),
)
_DICTS: Final = ("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "DefaultDict")
_TUPLES: Final = ("tuple", "Tuple")
_WRAPPERS: Final = ("Annotated", "Required", "NotRequired", "ReadOnly", "Final", "ClassVar")
_FORMS: Final = ("Optional", "Union", "Literal", *_WRAPPERS)

SIMPLE: Final[Mapping[str, Type]] = MappingProxyType(
    {
        "Any": ANY,
        "object": ANY,
        "None": NULL,
        "NoneType": NULL,
        "bool": BOOL,
        "int": INT,
        "float": FLOAT,
        "Decimal": union(INT, FLOAT, STR),
        "timedelta": union(INT, FLOAT, STR),
        **dict.fromkeys(_TEXT, STR),
        **dict.fromkeys(_LISTS, ListType(ANY)),
        **dict.fromkeys(_TUPLES, ListType(ANY)),
        **dict.fromkeys(_DICTS, DictType(ANY)),
    }
)
"""The types of names that stand alone."""

KNOWN_NAMES: Final = frozenset(SIMPLE) | frozenset(_FORMS)
_SUGGESTED: Final = ("str", "int", "float", "bool", "None", "Any", "list", "dict", "Literal", "Optional", "Union")

Scalar: TypeAlias = str | int | bool | None


class AnnotationError(ValueError):
    """A text or an expression that is no type. `help` says what to write; `span` is its place in the text without the space
    around it, or None; `node` its place in a tree."""

    def __init__(
        self, message: str, *, help: str | None = None, span: Span | None = None, node: ast.expr | None = None
    ):
        super().__init__(message)
        self.message = message
        self.help = help
        self.span = span
        self.node = node


def parse_annotation(text: str, classes: Mapping[str, Type] = NO_CLASSES) -> Type:
    """Read an annotation; `classes` gives the types of further names. Raise AnnotationError for what is no type."""

    def unknown(node: ast.expr, name: str) -> Type:
        help = did_you_mean(name, (*_SUGGESTED, *classes))
        raise AnnotationError(f"unknown type `{name}`", help=help, node=node)

    text = text.strip()
    source = Source("<annotation>", text)
    try:
        return AnnotationReader(lambda _, name: classes.get(name), unknown).read(_expression(text))
    except AnnotationError as error:
        span = node_span(source, error.node) if error.node is not None else Span(0, len(text))
        raise AnnotationError(error.message, help=error.help, span=span) from None


@dataclass(frozen=True, slots=True)
class AnnotationReader:
    """Turn annotation expressions into types.

    `lookup` gives the type of a name that the file defines, and comes first; `unknown` is asked about every other name that
    isn't a type. Both are given the place too, and may report, or raise AnnotationError. `aliases` gives the names that were
    imported under another one (`from typing import List as L`). `changes` says whether something in `Annotated` may change
    values before their type is checked, so that they may be anything.
    """

    lookup: Callable[[ast.expr, str], Type | None]
    unknown: Callable[[ast.expr, str], Type]
    aliases: Mapping[str, str] = field(default_factory=lambda: NO_ALIASES)
    changes: Callable[[ast.expr], bool] = lambda extra: False

    def read(self, node: ast.expr, depth: int = 0) -> Type:
        """Return the type of an annotation; raise AnnotationError, with the node, for what is no type."""
        if depth > MAX_DEPTH:
            raise AnnotationError(f"types are nested deeper than {MAX_DEPTH}", node=node)
        match node:
            case ast.Constant(value=None):
                return NULL
            case ast.Constant(value=str() as text):
                return self._forward(node, text, depth)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.BinOp(op=ast.BitOr()):
                return union(*(self.read(member, depth + 1) for member in _alternatives(node)))
            case ast.Subscript(value=head, slice=index):
                return self._subscript(node, head, index, depth + 1)
            case _:
                raise AnnotationError(f"`{shown(node)}` is not a type", help=_remedy(node), node=node)

    def _forward(self, node: ast.expr, text: str, depth: int) -> Type:
        reader = AnnotationReader(
            lambda _, name: self.lookup(node, name),
            lambda _, name: self.unknown(node, name),
            self.aliases,
            self.changes,
        )
        try:
            return reader.read(_expression(text.strip()), depth + 1)
        except AnnotationError as error:
            raise AnnotationError(error.message, help=error.help, node=node) from None

    def _name(self, node: ast.expr) -> Type:
        name = self._known_as(node)
        if name is None:
            raise AnnotationError(f"`{shown(node)}` is not a type", node=node)
        found = self.lookup(node, name) if isinstance(node, ast.Name) else None
        if found is None:
            found = SIMPLE.get(name)
        if found is not None:
            return found
        if name in _FORMS:
            if name in ("Final", "ClassVar"):
                return ANY
            raise AnnotationError(f"`{name}` needs a type in brackets: `{name}[…]`", node=node)
        return self.unknown(node, dotted_name(node) or name)

    def _subscript(self, node: ast.expr, head: ast.expr, index: ast.expr, depth: int) -> Type:
        name = self._known_as(head)
        if isinstance(head, ast.Name) and self.lookup(head, head.id) is not None:
            return self._name(head)
        given = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        match name:
            case "Literal":
                return _literal_type(_literals(given, depth))
            case "Union":
                return union(*(self.read(member, depth) for member in given))
            case "Optional":
                return union(self.read(_only(node, name, given), depth), NULL)
            case "Annotated" if given:
                found = self.read(given[0], depth)
                return ANY if any(map(self.changes, given[1:])) else found
            case _ if name in _WRAPPERS:
                return self.read(_only(node, name, given), depth)
            case _ if name in _LISTS:
                return ListType(self.read(_only(node, name, given), depth))
            case _ if name in _DICTS:
                return self._dict(node, given, depth)
            case _ if name in _TUPLES:
                items = [item for item in given if not is_ellipsis(item)]
                return ListType(union(*(self.read(item, depth) for item in items)))
            case _ if name in SIMPLE:
                raise AnnotationError(f"`{name}` takes no types in brackets", node=node)
            case _:
                return self._name(head)

    def _known_as(self, node: ast.expr) -> str | None:
        name = last_name(node)
        return self.aliases.get(name, name) if name is not None and isinstance(node, ast.Name) else name

    def _dict(self, node: ast.expr, given: list[ast.expr], depth: int) -> Type:
        if len(given) != 2:
            raise AnnotationError(
                f"`{shown(node)}` needs a key type and a value type", help="write `dict[str, …]`", node=node
            )
        self.read(given[0], depth)
        return DictType(self.read(given[1], depth))


def _expression(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise AnnotationError(f"a type of more than {MAX_LENGTH:,} characters")
    if not text:
        raise AnnotationError("a type is missing", help="write `str`, `list[int]`, `dict[str, Any]`, …")
    try:
        return parse_expression(text)
    except SyntaxError:
        raise AnnotationError(f"`{text[:60]}` is not a type") from None


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """Return `a`, `b`, `c` of `a | b | c`, which Python nests to the left."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _only(node: ast.expr, name: str | None, given: list[ast.expr]) -> ast.expr:
    if len(given) != 1:
        raise AnnotationError(f"`{name}` takes one type, `{shown(node)}` gives {len(given)}", node=node)
    return given[0]


def _literal_type(values: list[Scalar]) -> LiteralType:
    return LiteralType(tuple({(type(value), value): value for value in values}.values()))


def _literals(given: list[ast.expr], depth: int) -> list[Scalar]:
    found: list[Scalar] = []
    for node in given:
        match node:
            case ast.Constant(value=str() | bool() | int() | None as value):
                found.append(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)) if type(number) is int:
                found.append(-number)
            case ast.Subscript(value=head, slice=index) if last_name(head) == "Literal" and depth < MAX_DEPTH:
                found.extend(_literals(list(index.elts) if isinstance(index, ast.Tuple) else [index], depth + 1))
            case _:
                raise AnnotationError(
                    f"`{shown(node)}` can't stand in `Literal[…]`",
                    help="texts, integers, booleans and None can",
                    node=node,
                )
    return found


def _remedy(node: ast.expr) -> str | None:
    match node:
        case ast.Constant():
            return f"for that very value write `Literal[{shown(node)}]`"
        case ast.List(elts=[item]):
            return f"write `list[{shown(item)}]`"
        case ast.Tuple():
            return "write `tuple[…]` or `list[…]`"
        case ast.Call(func=func):
            return f"write `{shown(func)}`, without a call"
        case _:
            return None
