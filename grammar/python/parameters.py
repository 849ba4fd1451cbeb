"""Build the parameters of functions and lambdas from what stands between their commas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.python import tree
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.python.tables import Reduce, Token
from lcc.grammar.source import Span


class Parameter(NamedTuple):
    """What stands between two commas: `kind` is empty, `*`, `**` or `/`."""

    kind: str
    token: Token | None
    annotation: Any
    default: Any
    span: Span


def _made(kind: str, name: int | None, annotation: int | None = None, default: int | None = None) -> Reduce:
    def make(v: list[Any], s: int, e: int) -> Parameter:
        return Parameter(kind, *(None if k is None else v[k] for k in (name, annotation, default)), Span(s, e))

    return make


REDUCERS: Final[dict[str, Reduce]] = {
    "parameter_plain": _made("", 0),
    "parameter_default": _made("", 0, None, 2),
    "parameter_typed": _made("", 0, 2),
    "parameter_typed_default": _made("", 0, 2, 4),
    "parameter_rest_typed": _made("*", 1, 3),
    "parameter_keywords_typed": _made("**", 1, 3),
    "parameter_star": _made("*", None),
    "parameter_rest": _made("*", 1),
    "parameter_keywords": _made("**", 1),
    "parameter_slash": _made("/", None),
}


def dunder(name: str, span: Span) -> Diagnostic:
    """Return why a name with two underscores on both sides is refused."""
    help_ = "programs don't reach behind their values; only `__name__` can be read"
    return error("P112", f"`{name}` is not available", span, help_)


def arguments(parameters: list[Parameter], report: Callable[[Diagnostic], None]) -> tree.arguments:
    """Return the parameters as CPython has them; report those in a wrong order and those given twice."""
    positional: list[tree.arg] = []
    only: list[tree.arg] = []
    defaults: list[Any] = []
    kw_defaults: list[Any] = []
    before = 0
    star: Parameter | None = None
    rest = keywords = None
    for place, p in enumerate(parameters):
        if keywords is not None:
            report(error("P113", "a parameter follows `**`", p.span, "move `**` to the end"))
        if p.kind == "/":
            if not positional or star is not None or before:
                report(error("P113", "`/` has no place here", p.span, "it follows the positional parameters, once"))
            before = len(positional)
        elif p.kind == "*":
            bare = p.token is None and (place + 1 == len(parameters) or parameters[place + 1].kind != "")
            if star is not None or bare:
                report(error("P113", "`*` has no place here", p.span, "named parameters follow it, and it stands once"))
            star, rest = p, _arg(p, report)
        elif p.kind == "**":
            keywords = _arg(p, report)
        elif star is not None:
            only += _arg_list(p, report)
            kw_defaults.append(p.default)
        else:
            if p.default is None and defaults:
                report(
                    error(
                        "P113",
                        "a parameter without a default follows one with",
                        p.span,
                        "give it a default, or move it",
                    )
                )
            positional += _arg_list(p, report)
            defaults += [] if p.default is None else [p.default]
    _twice(parameters, report)
    return tree.arguments(
        tuple(positional[:before]), tuple(positional[before:]), rest, tuple(only), tuple(kw_defaults), keywords,
        tuple(defaults), Span(parameters[0].span.start, parameters[-1].span.end),
    )  # fmt: skip


def _arg(p: Parameter, report: Callable[[Diagnostic], None]) -> tree.arg | None:
    if p.token is None:
        return None
    name = p.token.text
    if name.startswith("__") and name.endswith("__"):
        report(dunder(name, Span(p.token.start, p.token.end)))
    end = p.token.end if p.annotation is None else p.annotation.span.end
    return tree.arg(name, p.annotation, Span(p.token.start, end))


def _arg_list(p: Parameter, report: Callable[[Diagnostic], None]) -> list[tree.arg]:
    made = _arg(p, report)
    return [] if made is None else [made]


def _twice(parameters: list[Parameter], report: Callable[[Diagnostic], None]) -> None:
    seen: set[str] = set()
    for p in parameters:
        if p.token is None:
            continue
        if p.token.text in seen:
            report(error("P113", f"two parameters are called `{p.token.text}`", p.span, "rename one of them"))
        seen.add(p.token.text)
