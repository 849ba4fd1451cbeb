"""Spread starred arguments over the parameters of a tool: `f(*row)`, `f(**row)`. A plan names each argument of a call.

What doesn't fit is a TypeError where the call stands. A parameter that a star doesn't give is given its default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lcc.grammar.ir import Apply, Arg, Choose, Const, Exit, If, Value
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.lowered_values import Values
from lcc.grammar.python.lowering.names.program_rules import HELPER, Refused
from lcc.grammar.signatures import Missing, Parameter, Signature
from lcc.grammar.signatures.calling import positional
from lcc.grammar.source import Span

_STAR = "*"
_DOUBLE = "**"


class StarredArguments(Values):
    """Starred arguments of calls of tools."""

    def tool_arguments(self, node: tree.Call, tool: str) -> tuple[Arg, ...]:
        """Evaluate the arguments of a call of a tool."""
        given = [*_by_place(node.args), *_by_name(node.keywords)]
        values = self.sequence([self.item(one, read=True) for _, one in given])
        args = [(name, value, one.span) for (name, one), value in zip(given, values, strict=True)]
        stars = [place for place, (name, _, _) in enumerate(args) if name in (_STAR, _DOUBLE)]
        signature = self.tools.get(tool)
        if not stars:
            return tuple([Arg(name, value, span=span) for name, value, span in args])
        names = [name for name, _, _ in args]
        if signature is None or len(stars) > len({*names} & {_STAR, _DOUBLE}) or None in names[stars[0] :]:
            raise Refused(HELPER, "these starred arguments of a tool", node.span, "write its arguments out")
        return self._spread(signature, args, node.span)

    def _spread(
        self, signature: Signature, args: Sequence[tuple[str | None, Value, Span]], span: Span
    ) -> tuple[Arg, ...]:
        out: list[Arg] = []
        named = {name for name, _, _ in args}
        left = [p for p in signature.parameters if p.name not in named]
        for name, value, at in args:
            if name is None:
                left = [p for p in left if p is not next(iter(positional(left)), None)]
                out.append(Arg(None, value, span=at))
            elif name == _STAR:
                taken = positional(left)
                sure = _DOUBLE not in named
                out += self._elements(signature.name, value, taken, span, sure)
                left = [p for p in left if p not in taken]
            elif name == _DOUBLE:
                out += self._items(signature.name, value, [p for p in left if not p.positional_only], span)
            else:
                out.append(Arg(name, value, span=at))
        return tuple(sorted(out, key=lambda arg: arg.name is not None))

    def _elements(self, tool: str, value: Value, taken: Sequence[Parameter], span: Span, sure: bool) -> Iterator[Arg]:
        """Yield the arguments that the elements of a value are. `sure`: nothing else gives what they don't."""
        if not sure:
            raise Refused(HELPER, "starred arguments of both kinds", span, "write the arguments out")
        items = self.temp(Apply("builtin list", (value,)))
        count = Apply("builtin len", (items,))
        self._unless(Apply("operator <=", (count, Const(len(taken)))), f"{tool}() takes fewer arguments", span)
        for place, parameter in enumerate(taken):
            there = Apply("operator >", (count, Const(place)))
            yield Arg(None, self._given(tool, parameter, there, items, Const(place), span), span=span)

    def _items(self, tool: str, value: Value, taken: Sequence[Parameter], span: Span) -> Iterator[Arg]:
        """Yield the arguments that the items of a dict are."""
        items = self.temp(Apply("builtin dict", (value,)))
        known = Apply("display tuple", tuple([Const(one.name) for one in taken]))
        unknown = Apply("method difference", (Apply("builtin set", (items,)), known))
        self._unless(
            Apply("unary not", (unknown,)), f"{tool}() got an argument that it doesn't take, or has already", span
        )
        for parameter in taken:
            there = Apply("operator in", (Const(parameter.name), items))
            yield Arg(
                parameter.name, self._given(tool, parameter, there, items, Const(parameter.name), span), span=span
            )

    def _given(self, tool: str, parameter: Parameter, there: Value, items: Value, key: Value, span: Span) -> Value:
        found = Apply("subscript load", (items, key))
        if parameter.required:
            self._unless(there, f"{tool}() lacks its argument '{parameter.name}'", span)
            return found
        if isinstance(parameter.default, Missing | list | dict):
            raise Refused(HELPER, f"starred arguments of `{tool}`", span, "write its arguments out")
        return Choose(there, found, Const(parameter.default))

    def _unless(self, test: Value, message: str, span: Span) -> None:
        error = Exit("raise", Apply("builtin TypeError", (Const(message),)), span)
        self.emit(If(test, (), (error,), span))


def _by_place(args: Sequence[tree.Expression]) -> Iterator[tuple[str | None, tree.Expression]]:
    """Yield arguments by place; a star before a display is its elements."""
    for one in args:
        match one:
            case tree.Starred(tree.List(elts) | tree.Tuple(elts)):
                yield from _by_place(elts)
            case tree.Starred(value):
                yield _STAR, value
            case _:
                yield None, one


def _by_name(keywords: Sequence[tree.keyword]) -> Iterator[tuple[str | None, tree.Expression]]:
    """Yield arguments by name; stars before a display of names are its items."""
    for one in keywords:
        match one:
            case tree.keyword(None, tree.Dict(keys, values)) if all(
                isinstance(key, tree.Constant) and isinstance(key.value, str) for key in keys
            ):
                yield from ((str(key.value), value) for key, value in zip(keys, values, strict=True))  # type: ignore[union-attr]
            case _:
                yield one.arg or _DOUBLE, one.value
