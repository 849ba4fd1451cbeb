"""Check the inputs that a plan declares: names, types and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lcc.grammar.diagnostics import Diagnostic, Label, Severity
from lcc.grammar.ir import NOWHERE, InputDecl
from lcc.grammar.ir.constants import is_constant
from lcc.grammar.signatures import NO_TOOLS, show
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.source import Span
from lcc.passes.analysis.fit import misfit
from lcc.passes.analysis.inference import Types


def check_input(declared: InputDecl, earlier: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the declaration of an input; `earlier` says where others are declared."""
    if declared.name in earlier:
        first = earlier[declared.name]
        labels = () if first == NOWHERE else (Label(first, "first declared here"),)
        yield _error("V017", f"input `{declared.name}` is declared twice", declared, "keep one", labels)
    yield from _check_type(declared)


def _check_type(declared: InputDecl) -> Iterator[Diagnostic]:
    try:
        type_ = parse_annotation(declared.type)
    except AnnotationError as error:
        help = error.help or "write `str`, `int`, `float`, `bool`, `list[str]`, …"
        yield _error("V018", f"input `{declared.name}`: {error.message}", declared, help)
        return
    default = declared.default
    if default is None:
        return
    if not is_constant(default):
        yield _error("V018", f"the default of input `{declared.name}` is not a constant", declared, "give a value")
        return
    wrong = misfit(default, type_, Types(NO_TOOLS))
    if wrong is not None:
        message = f"input `{declared.name}` is {show(type_)}, and its default is {wrong.got}"
        yield _error("V018", message, declared, "change the type or the default")


def _error(code: str, message: str, declared: InputDecl, help: str, labels: tuple[Label, ...] = ()) -> Diagnostic:
    span = None if declared.span == NOWHERE else declared.span
    return Diagnostic(code, Severity.ERROR, message, span, help, labels)
