"""Build the nodes of expressions: the actions of python.lark's rules for them.

Each takes the values of its rule and where it begins and ends. Lists stand for what isn't yet a node: items, clauses, pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.python.python_literals import number_of, prefix_size, string_text, text_of
from lcc.grammar.python.python_parameters import dunder, is_dunder
from lcc.grammar.python.tables import Reduce, Token
from lcc.grammar.python.targets import Targets
from lcc.grammar.source import Span

Nodes = list[Any]


class Expressions:
    """The actions for expressions. `report` takes what is wrong; `text` is the line's, which begins at `base`."""

    def __init__(self, limits: TextLimits, report: Callable[[Diagnostic], None]) -> None:
        self.limits = limits
        self.report = report
        self.targets = Targets(report)
        self.text = ""
        self.base = 0

    def reducers(self) -> dict[str, Reduce]:
        """Return the actions by the aliases of python.lark."""
        methods = {name: getattr(self, f"_{name}") for name in _METHODS}
        return {**_SIMPLE, **methods}

    # What stands beside commas.

    def _values(self, v: Nodes, s: int, e: int) -> Any:
        items = v[0]
        if len(items) > 1:
            return tree.Tuple(tuple(items), Span(s, e))
        if type(items[0]) is tree.Starred:
            help_ = "write `*x,` for a tuple, or `[*x]` for a list"
            self.report(error("P100", "a starred expression stands alone", items[0].span, help_))
        return items[0]

    def _group(self, v: Nodes, s: int, e: int) -> Any:
        return self._values([v[1]], s, e)

    # Names and literals.

    def _name(self, v: Nodes, s: int, e: int) -> tree.Name:
        name = v[0].text
        if is_dunder(name):
            self.report(dunder(name, Span(s, e)))
        return tree.Name(name, Span(s, e))

    def _attribute(self, v: Nodes, s: int, e: int) -> tree.Attribute:
        token = v[2]
        name, span = token.text, Span(token.start, token.end)
        if is_dunder(name):
            self.report(dunder(name, span))
        return tree.Attribute(v[0], name, span, Span(s, e))

    def _number(self, v: Nodes, s: int, e: int) -> tree.Constant:
        span = Span(s, e)
        return tree.Constant(number_of(v[0].text, span, self.limits.digits, self.report), span)

    def _ellipsis(self, v: Nodes, s: int, e: int) -> tree.Constant:
        return tree.Constant(..., Span(s, e))

    # Texts.

    def _string(self, v: Nodes, s: int, e: int) -> tree.Constant:
        token = v[0]
        if "b" in token.text[: prefix_size(token.text)].lower():
            self.report(error("P111", "bytes are not available", Span(s, e), "use a text, without the prefix `b`"))
        return tree.Constant(string_text(token.text, s, self.report), Span(s, e))

    def _f_string(self, v: Nodes, s: int, e: int) -> tree.JoinedStr:
        return tree.JoinedStr(self._parts(v[1], "r" in v[0].text.lower()), Span(s, e))

    def _parts(self, parts: Sequence[Any], raw: bool, spec: bool = False) -> tuple[Any, ...]:
        """Return the parts of an f-string as nodes; formats inside of fields stay lists until their f-string is known."""
        nodes: list[Any] = []
        for part in parts:
            if type(part) is Token:
                text = (
                    text_of(part.text, part.start, raw, self.report)
                    if "\\" in part.text or "\r" in part.text
                    else part.text
                )
                text = text if spec else _single(part.text, text, raw)
                nodes.append(tree.Constant(text, Span(part.start, part.end)))
            else:
                nodes += self._field_nodes(part, raw)
        return tuple(_merge(nodes))

    def _field_nodes(self, part: tuple[Any, ...], raw: bool) -> list[Any]:
        shown, value, conversion, format_, span = part
        made = None
        if format_ is not None:
            made = tree.JoinedStr(self._parts(format_[0], raw, True), format_[1])
        if shown is not None and conversion < 0 and made is None:
            conversion = ord("r")
        node = tree.FormattedValue(value, conversion, made, span)
        return [node] if shown is None else [tree.Constant(shown, span), node]

    def _f_value_shown(self, v: Nodes, s: int, e: int) -> Any:
        return (v[0], s)

    def _make_field(self, v: Nodes, s: int, e: int, conversion: int = -1, format_: Any = None, after: int = -1) -> Any:
        value, shown = v[1], None
        if type(value) is tuple:
            value = value[0]
            begin = s + 1 - self.base
            shown = (
                self.text[begin : (after if after >= 0 else e - 1) - self.base]
                .replace("\r\n", "\n")
                .replace("\r", "\n")
            )
        return (shown, value, conversion, format_, Span(s, e))

    def _field(self, v: Nodes, s: int, e: int) -> Any:
        return self._make_field(v, s, e)

    def _field_converted(self, v: Nodes, s: int, e: int) -> Any:
        return self._make_field(v, s, e, v[2][0], None, v[2][1])

    def _field_formatted(self, v: Nodes, s: int, e: int) -> Any:
        return self._make_field(v, s, e, -1, v[2], v[2][1].start)

    def _field_both(self, v: Nodes, s: int, e: int) -> Any:
        return self._make_field(v, s, e, v[2][0], v[3], v[2][1])

    def _conversion(self, v: Nodes, s: int, e: int) -> tuple[int, int]:
        if v[1].text not in ("s", "r", "a") or v[1].start != s + 1:
            self.report(
                error("P107", f"`!{v[1].text}` is not a conversion", Span(s, e), "conversions are `!s`, `!r` and `!a`")
            )
        return (ord(v[1].text[0]), s)

    def _strings(self, v: Nodes, s: int, e: int) -> Any:
        parts = v[0]
        if len(parts) == 1:
            return parts[0]
        if all(type(part) is tree.Constant for part in parts):
            return tree.Constant("".join(part.value for part in parts), Span(s, e))
        nodes: list[Any] = []
        for part in parts:
            nodes += part.values if type(part) is tree.JoinedStr else [part]
        return tree.JoinedStr(tuple(_merge(nodes)), Span(s, e))

    # Calls.

    def _call(self, v: Nodes, s: int, e: int) -> tree.Call:
        args: list[Any] = []
        keywords: list[tree.keyword] = []
        names: set[str | None] = set()
        for item in v[2]:
            if type(item) is tree.keyword:
                if item.arg is not None and item.arg in names:
                    self.report(error("P113", f"`{item.arg}` is given twice", item.span, "leave one of them out"))
                names.add(item.arg)
                keywords.append(item)
                continue
            starred = type(item) is tree.Starred
            if any(k.arg is None for k in keywords) or (keywords and not starred):
                self.report(
                    error("P113", "a positional argument follows a keyword", item.span, "name it, or move it forward")
                )
            args.append(item)
        return tree.Call(_callee(v[0]), tuple(args), tuple(keywords), Span(s, e))

    def _call_generator(self, v: Nodes, s: int, e: int) -> tree.Call:
        inner = tree.GeneratorExp(v[2], tuple(v[3]), Span(v[1].start, e))
        return tree.Call(_callee(v[0]), (inner,), (), Span(s, e))

    def _keyword(self, v: Nodes, s: int, e: int) -> tree.keyword:
        return tree.keyword(v[0].text, v[2], Span(s, e))

    # Comprehensions.

    def _clause_for(self, v: Nodes, s: int, e: int) -> Any:
        return [self.targets.target(v[1], "P109"), v[3], s]

    def _named(self, v: Nodes, s: int, e: int) -> tree.NamedExpr:
        name = v[0]
        return tree.NamedExpr(self._name([name], name.start, name.end), v[2], Span(s, e))


_METHODS: Final = (
    *("values", "group", "name", "attribute", "number", "ellipsis", "string", "f_string", "f_value_shown", "field"),
    *("field_converted", "field_formatted", "field_both", "conversion", "strings", "call", "call_generator", "keyword"),
    *("clause_for", "named"),
)


def _single(source: str, text: str, raw: bool) -> str:
    """Return a text of an f-string with its doubled braces halved; braces that an escape wrote (`\\N{…}`) aren't in it."""
    return text.replace("{{", "{").replace("}}", "}") if "{{" in source or "}}" in source else text


def _merge(nodes: Sequence[Any]) -> list[Any]:
    """Join neighbouring texts, and drop empty ones."""
    merged: list[Any] = []
    pending: list[Any] = []
    for node in [*nodes, None]:
        if type(node) is tree.Constant:
            if node.value:
                pending.append(node)
            continue
        if pending:
            span = Span(pending[0].span.start, pending[-1].span.end)
            merged.append(pending[0] if len(pending) == 1 else tree.Constant("".join(p.value for p in pending), span))
            pending = []
        if node is not None:
            merged.append(node)
    return merged


def _callee(node: Any) -> Any:
    """Return what is called: the last name of `$1.name.upper` is that of a method."""
    if type(node) is not tree.Name or node.id[0] != "$" or node.id[-1] in "]}":
        return node
    owner, dot, name = node.id.rpartition(".")
    if not dot:
        return node
    middle = node.span.start + len(owner)
    return tree.Attribute(
        tree.Name(owner, Span(node.span.start, middle)), name, Span(middle + 1, node.span.end), node.span
    )


def _more(v: Nodes, s: int, e: int) -> Any:
    v[0].append(v[2])
    return v[0]


def _beside(v: Nodes, s: int, e: int) -> Any:
    v[0].append(v[1])
    return v[0]


def _add_if(v: Nodes, s: int, e: int) -> Any:
    return [*v[0][:2], [v[2]], v[0][2]]


def _more_ifs(v: Nodes, s: int, e: int) -> Any:
    v[0][2].append(v[2])
    return v[0]


def _dict(v: Nodes, s: int, e: int) -> tree.Dict:
    keys, values = zip(*v[1], strict=True)
    return tree.Dict(keys, values, Span(s, e))


def _compare(v: Nodes, s: int, e: int) -> tree.Compare:
    parts = v[0]
    return tree.Compare(parts[0], tuple(parts[1::2]), tuple(parts[2::2]), Span(s, e))


def _compared_more(v: Nodes, s: int, e: int) -> Any:
    v[0] += v[1:]
    return v[0]


def _subscript(v: Nodes, s: int, e: int, comma: bool = False) -> tree.Subscript:
    parts = v[2]
    one = len(parts) == 1 and not comma and type(parts[0]) is not tree.Starred
    end = parts[-1].span.end
    index = parts[0] if one else tree.Tuple(tuple(parts), Span(parts[0].span.start, v[3].end if comma else end))
    return tree.Subscript(v[0], index, Span(s, e))


_SIMPLE: Final[dict[str, Reduce]] = {
    "first": lambda v, s, e: [v[0]],
    "more": _more,
    "two": lambda v, s, e: [v[0], v[2]],
    "beside": _beside,
    "values_comma": lambda v, s, e: tree.Tuple(tuple(v[0]), Span(s, e)),
    "targets": lambda v, s, e: v[0][0] if len(v[0]) == 1 else tree.Tuple(tuple(v[0]), Span(s, e)),
    "targets_comma": lambda v, s, e: tree.Tuple(tuple(v[0]), Span(s, e)),
    "starred": lambda v, s, e: tree.Starred(v[1], Span(s, e)),
    "conditional": lambda v, s, e: tree.IfExp(v[2], v[0], v[4], Span(s, e)),
    "lambda_plain": lambda v, s, e: tree.Lambda(tree.arguments(), v[2], Span(s, e)),
    "lambda": lambda v, s, e: tree.Lambda(v[1], v[3], Span(s, e)),
    "or": lambda v, s, e: tree.BoolOp("or", tuple(v[0]), Span(s, e)),
    "and": lambda v, s, e: tree.BoolOp("and", tuple(v[0]), Span(s, e)),
    "unary": lambda v, s, e: tree.UnaryOp(v[0].text, v[1], Span(s, e)),
    "binary": lambda v, s, e: tree.BinOp(v[0], v[1].text, v[2], Span(s, e)),
    "comparator": lambda v, s, e: " ".join(token.text for token in v),
    "compared": lambda v, s, e: v,
    "compared_more": _compared_more,
    "compare": _compare,
    "await": lambda v, s, e: tree.Await(v[1], Span(s, e)),
    "call_plain": lambda v, s, e: tree.Call(_callee(v[0]), (), (), Span(s, e)),
    "keywords": lambda v, s, e: tree.keyword(None, v[1], Span(s, e)),
    "subscript": _subscript,
    "subscript_comma": lambda v, s, e: _subscript(v, s, e, True),
    "sliced": lambda v, s, e: tree.Slice(v[0][0], v[0][1], v[0][2], Span(s, e)),
    "bounds": lambda v, s, e: [None, None, None],
    "bounds_lower": lambda v, s, e: [v[0], None, None],
    "bounds_upper": lambda v, s, e: [None, v[1], None],
    "bounds_both": lambda v, s, e: [v[0], v[2], None],
    "bounds_step": lambda v, s, e: [*v[0][:2], v[2] if len(v) == 3 else None],
    "dollar": lambda v, s, e: tree.Name(v[0].text, Span(s, e)),
    "none": lambda v, s, e: tree.Constant(None, Span(s, e)),
    "true": lambda v, s, e: tree.Constant(True, Span(s, e)),
    "false": lambda v, s, e: tree.Constant(False, Span(s, e)),
    "tuple_empty": lambda v, s, e: tree.Tuple((), Span(s, e)),
    "tuple": lambda v, s, e: tree.Tuple(tuple(v[1]), Span(s, e)),
    "generator": lambda v, s, e: tree.GeneratorExp(v[1], tuple(v[2]), Span(s, e)),
    "list_empty": lambda v, s, e: tree.List((), Span(s, e)),
    "list": lambda v, s, e: tree.List(tuple(v[1]), Span(s, e)),
    "list_of": lambda v, s, e: tree.ListComp(v[1], tuple(v[2]), Span(s, e)),
    "dict_empty": lambda v, s, e: tree.Dict((), (), Span(s, e)),
    "set": lambda v, s, e: tree.Set(tuple(v[1]), Span(s, e)),
    "set_of": lambda v, s, e: tree.SetComp(v[1], tuple(v[2]), Span(s, e)),
    "dict": _dict,
    "dict_of": lambda v, s, e: tree.DictComp(v[1], v[3], tuple(v[4]), Span(s, e)),
    "pair": lambda v, s, e: (v[0], v[2]),
    "pair_spread": lambda v, s, e: (None, v[1]),
    "clause": lambda v, s, e: tree.comprehension(v[0][0], v[0][1], (), Span(s, e)),
    "clause_if": lambda v, s, e: tree.comprehension(v[0][0], v[0][1], tuple(v[0][2]), Span(s, e)),
    "clause_ifs": _add_if,
    "clause_more_ifs": _more_ifs,
    "f_empty": lambda v, s, e: tree.JoinedStr((), Span(s, e)),
    "f_value": lambda v, s, e: v[0],
    "format_empty": lambda v, s, e: ((), Span(s, e)),
    "format": lambda v, s, e: (v[1], Span(s, e)),
}
