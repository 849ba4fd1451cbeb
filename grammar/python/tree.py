"""The syntax tree of a program: CPython's `ast` for the subset, under the same names.

What differs: a node knows its place as a `span` of code points, which takes no part in equality; operators are plain strings as
they are written (`"+"`, `"not in"`), sequences are tuples, and contexts (`Load`, `Store`), type comments and `kind` are left out.
A span covers what the node covers in CPython: parentheses belong to the span of a tuple and a generator, and to no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields, is_dataclass
from types import EllipsisType
from typing import Any, Final, Literal, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import NOWHERE
from lcc.grammar.source import Span

BoolOperator: TypeAlias = Literal["and", "or"]
UnaryOperator: TypeAlias = Literal["not", "-", "+", "~"]
BinaryOperator: TypeAlias = Literal["+", "-", "*", "@", "/", "%", "**", "<<", ">>", "|", "^", "&", "//"]
CompareOperator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; neighbouring strings are one."""

    value: str | int | float | bool | EllipsisType | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name, in NFKC."""

    id: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BoolOp:
    """`a and b and c`: two values or more."""

    op: BoolOperator
    values: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NamedExpr:
    """`name := value`."""

    target: Name
    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BinOp:
    """`left op right`."""

    left: Expression
    op: BinaryOperator
    right: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class UnaryOp:
    """`not x`, `-x`, `+x`, `~x`."""

    op: UnaryOperator
    operand: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda args: body`."""

    args: arguments
    body: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IfExp:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict display; the key of `**value` is None."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Set:
    """A set display; not empty."""

    elts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class List:
    """A list display, or a target in brackets."""

    elts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple, with or without parentheses, or a target."""

    elts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListComp:
    """`[elt for …]`."""

    elt: Expression
    generators: tuple[comprehension, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SetComp:
    """`{elt for …}`."""

    elt: Expression
    generators: tuple[comprehension, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DictComp:
    """`{key: value for …}`."""

    key: Expression
    value: Expression
    generators: tuple[comprehension, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GeneratorExp:
    """`(elt for …)`, or the only argument of a call."""

    elt: Expression
    generators: tuple[comprehension, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Await:
    """`await value`."""

    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op a op b`."""

    left: Expression
    ops: tuple[CompareOperator, ...]
    comparators: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `*x` is a Starred among `args`, `**x` a keyword without a name."""

    func: Expression
    args: tuple[Expression, ...] = ()
    keywords: tuple[keyword, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FormattedValue:
    """A field of an f-string; `conversion` is the code point of `s`, `r` or `a`, or -1."""

    value: Expression
    conversion: int = -1
    format_spec: JoinedStr | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class JoinedStr:
    """An f-string, or the format of a field."""

    values: tuple[Constant | FormattedValue, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value.attr`; `attr_span` is the place of the name alone."""

    value: Expression
    attr: str
    attr_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[slice]`; several are a Tuple."""

    value: Expression
    slice: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value` in a display, a call or a target."""

    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """`lower:upper:step` in a subscript."""

    lower: Expression | None = None
    upper: Expression | None = None
    step: Expression | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class comprehension:
    """`for target in iter if … if …`; never asynchronous."""

    target: Target
    iter: Expression
    ifs: tuple[Expression, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class keyword:
    """`arg=value` in a call; `**value` has no name."""

    arg: str | None
    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class arg:
    """A parameter."""

    arg: str
    annotation: Expression | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class arguments:
    """The parameters of a function, as `ast.arguments` has them."""

    posonlyargs: tuple[arg, ...] = ()
    args: tuple[arg, ...] = ()
    vararg: arg | None = None
    kwonlyargs: tuple[arg, ...] = ()
    kw_defaults: tuple[Expression | None, ...] = ()
    kwarg: arg | None = None
    defaults: tuple[Expression, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class alias:
    """`name as asname` of an import; `name` may have dots."""

    name: str
    asname: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ExceptHandler:
    """`except type as name:`."""

    type: Expression | None
    name: str | None
    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression that stands alone."""

    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """`a = b = value`."""

    targets: tuple[Target, ...]
    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AugAssign:
    """`target op= value`; `op` is without its `=`."""

    target: Name | Attribute | Subscript
    op: BinaryOperator
    value: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AnnAssign:
    """`target: annotation = value`; `simple` where the target is a name without parentheses."""

    target: Name | Attribute | Subscript
    annotation: Expression
    value: Expression | None = None
    simple: bool = True
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Delete:
    """`del a, b`."""

    targets: tuple[Target, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`, at top level, too."""

    value: Expression | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Raise:
    """`raise exc from cause`."""

    exc: Expression | None = None
    cause: Expression | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Assert:
    """`assert test, msg`."""

    test: Expression
    msg: Expression | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Pass:
    """`pass`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Break:
    """`break`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Continue:
    """`continue`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Import:
    """`import a.b as c, d`."""

    names: tuple[alias, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ImportFrom:
    """`from module import a as b, c`."""

    module: str
    names: tuple[alias, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """`if`; an `elif` is an If alone in `orelse`."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class For:
    """`for target in iter:`, perhaps with `else`."""

    target: Target
    iter: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    """`while test:`, perhaps with `else`."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Try:
    """`try:` with handlers, `else` and `finally`."""

    body: tuple[Statement, ...]
    handlers: tuple[ExceptHandler, ...] = ()
    orelse: tuple[Statement, ...] = ()
    finalbody: tuple[Statement, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionDef:
    """`def name(args) -> returns:`; `name_span` is the place of the name alone."""

    name: str
    args: arguments
    body: tuple[Statement, ...]
    returns: Expression | None = None
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AsyncFunctionDef:
    """`async def name(args) -> returns:`."""

    name: str
    args: arguments
    body: tuple[Statement, ...]
    returns: Expression | None = None
    name_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Module:
    """A whole program."""

    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False)


Expression: TypeAlias = (
    Constant
    | Name
    | BoolOp
    | NamedExpr
    | BinOp
    | UnaryOp
    | Lambda
    | IfExp
    | Dict
    | Set
    | List
    | Tuple
    | ListComp
    | SetComp
    | DictComp
    | GeneratorExp
    | Await
    | Compare
    | Call
    | FormattedValue
    | JoinedStr
    | Attribute
    | Subscript
    | Starred
    | Slice
)
"""What has a value, or may stand where one does: Starred and Slice only where Python has them."""
Target: TypeAlias = Name | Attribute | Subscript | Starred | List | Tuple
"""What can be assigned to; a Starred only inside of a List or Tuple, whose parts are targets."""
Statement: TypeAlias = (
    Expr
    | Assign
    | AugAssign
    | AnnAssign
    | Delete
    | Return
    | Raise
    | Assert
    | Pass
    | Break
    | Continue
    | Import
    | ImportFrom
    | If
    | For
    | While
    | Try
    | FunctionDef
    | AsyncFunctionDef
)
Node: TypeAlias = Module | Statement | Expression | comprehension | keyword | arg | arguments | alias | ExceptHandler

FIELDS: Final[dict[type[Any], tuple[str, ...]]] = {
    kind: tuple(one.name for one in fields(kind) if not one.name.endswith("span"))
    for kind in list(globals().values())
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == __name__
}
"""Each class of nodes with its fields, but for places."""


def parts(node: Any) -> Iterator[Node]:
    """Yield the nodes right inside of a node, in text order."""
    for name in FIELDS[type(node)]:
        value = getattr(node, name)
        if type(value) is tuple:
            for one in value:
                if type(one) in FIELDS:
                    yield one
        elif type(value) in FIELDS:
            yield value
