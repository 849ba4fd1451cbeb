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
        token, type_, value = (None if k is None else v[k] for k in (name, annotation, default))
        return Parameter(kind, token, type_, value, Span(s, e))

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


def is_dunder(name: str) -> bool:
    """Whether a name has two underscores on both sides and may not be read."""
    return name[0] == "_" and len(name) > 4 and name[:2] == name[-2:] == "__" and name != "__name__"


def dunder(name: str, span: Span) -> Diagnostic:
    """Return why a name with two underscores on both sides is refused."""
    help_ = "programs don't reach behind their values; only `__name__` can be read"
    return error("P112", f"`{name}` is not available", span, help_)


def arguments(parameters: list[Parameter], report: Callable[[Diagnostic], None]) -> tree.arguments:
    """Return the parameters as CPython has them; report those in a wrong order and those given twice."""
    made = _Arguments(report)
    for place, p in enumerate(parameters):
        following = parameters[place + 1].kind if place + 1 < len(parameters) else None
        made.take(p, following)
    _twice(parameters, report)
    return made.finish(Span(parameters[0].span.start, parameters[-1].span.end))


class _Arguments:
    """Parameters as they are sorted."""

    def __init__(self, report: Callable[[Diagnostic], None]) -> None:
        self._report = report
        self._positional: list[tree.arg] = []
        self._only: list[tree.arg] = []
        self._defaults: list[Any] = []
        self._kw_defaults: list[Any] = []
        self._before = 0  # how many positional ones stand before `/`
        self._star: Parameter | None = None
        self._keywords: tree.arg | None = None

    def take(self, p: Parameter, following: str | None) -> None:
        """Sort one parameter in; `following`: the kind of the next, None at the end."""
        if self._keywords is not None:
            self._wrong("a parameter follows `**`", p, "move `**` to the end")
        if p.kind == "/":
            if not self._positional or self._star is not None or self._before:
                self._wrong("`/` has no place here", p, "it follows the positional parameters, once")
            self._before = len(self._positional)
        elif p.kind == "*":
            if self._star is not None or (p.token is None and following != ""):
                self._wrong("`*` has no place here", p, "named parameters follow it, and it stands once")
            self._star = p
        elif p.kind == "**":
            self._keywords = _arg(p, self._report)
        elif self._star is not None:
            self._only += _arg_list(p, self._report)
            self._kw_defaults.append(p.default)
        else:
            if p.default is None and self._defaults:
                self._wrong("a parameter without a default follows one with", p, "give it a default, or move it")
            self._positional += _arg_list(p, self._report)
            self._defaults += [] if p.default is None else [p.default]

    def _wrong(self, message: str, p: Parameter, help_: str) -> None:
        self._report(error("P113", message, p.span, help_))

    def finish(self, span: Span) -> tree.arguments:
        """Return them all."""
        rest = None if self._star is None else _arg(self._star, self._report)
        first, second = self._positional[: self._before], self._positional[self._before :]
        only, kw_defaults, defaults = tuple(self._only), tuple(self._kw_defaults), tuple(self._defaults)
        return tree.arguments(
            tuple(first), tuple(second), rest, only, kw_defaults, self._keywords, defaults, span
        )  # fmt: skip


def _arg(p: Parameter, report: Callable[[Diagnostic], None]) -> tree.arg | None:
    if p.token is None:
        return None
    name = p.token.text
    if is_dunder(name):
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
