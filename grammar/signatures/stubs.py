"""Read the tools that a Python file declares, from its syntax tree: nothing is imported, run or evaluated.

    @tool(effect="read", resource="web", cost=0.8)
    def search(query: str, limit: int = 10) -> list[str]:
        "Find pages about something."

In a stub (`.pyi`) every public function is a tool, and the decorator is optional. In a module (`.py`) only functions with the
decorator are, and those that a line such as `find = lcc.tool(search, effect="read")` makes one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import field, replace
from math import isfinite
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Label, Severity
from lcc.grammar.signatures.calling import FRAMEWORK_CONTEXTS
from lcc.grammar.signatures.class_names import (
    Imports,
    Names,
    field_note,
    field_options,
    is_field,
    statements,
)
from lcc.grammar.signatures.declaration import Fault, Stub, build_signature, check_options, check_signature
from lcc.grammar.signatures.docstrings import read_docstring
from lcc.grammar.signatures.python_text import (
    dotted_name,
    is_ellipsis,
    last_name,
    node_span,
    offset_at,
    parse_module,
    shown,
)
from lcc.grammar.signatures.signature import MISSING, Missing, Parameter, Signature
from lcc.grammar.signatures.tool_rules import (
    NO_TOOLS,
    NOT_A_LITERAL,
    REPEATED_TOOL,
    SYNTAX,
    UNUSABLE_TOOL,
    VARIADIC_PARAMETER,
    WRONG_OPTION,
)
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
MAX_LITERAL_DEPTH: Final = 64


def read_stub(text: str, path: str = "<string>") -> Stub:
    """Read the tools that a Python text declares; it is a stub unless `path` ends in `.py`. Faults become diagnostics."""
    source = Source(path, text)
    try:
        tree = parse_module(text)
    except SyntaxError as error:
        return Stub((), (syntax_error(source, error),), source)
    reader = _Reader(source, tree, is_stub=not path.endswith(".py"))
    reader.read()
    return Stub(tuple(reader.signatures.values()), tuple(reader.diagnostics()), source, reader.places)


def syntax_error(source: Source, error: SyntaxError) -> Diagnostic:
    """Return the diagnostic of text that is no Python."""
    message = (error.msg or "not Python").partition(" (<unknown>")[0].rstrip(".")
    span = Span(0, 0)
    if error.lineno:
        line = source.line(error.lineno)
        column = min(max((error.offset or 1) - 1, 0), len(line))
        start = source.line_start(min(error.lineno, source.text.count("\n") + 1)) + column
        span = Span(start, min(start + 1, len(source.text)))
    return Diagnostic(SYNTAX.code, Severity.ERROR, f"not Python: {message[:1].lower()}{message[1:]}", span)


@dataclass(slots=True)
class _Options:
    """The options of one declaration: their values, where each stands, and whether all could be read."""

    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, ast.keyword] = field(default_factory=dict)


class _Reader:
    def __init__(self, source: Source, tree: ast.Module, *, is_stub: bool) -> None:
        self.source = source
        self.is_stub = is_stub
        self.tree = tree
        self.imports = Imports.of(tree)
        self.names = Names(tree, source, self.imports)
        self.signatures: dict[str, Signature] = {}
        self.places: dict[str, Span] = {}
        self._found: list[Diagnostic] = []
        self._tool: str | None = None

    def diagnostics(self) -> list[Diagnostic]:
        """Return all findings in the order of the text."""
        return sorted([*self._found, *self.names.diagnostics], key=lambda d: d.span or Span(0, 0))

    def read(self) -> None:
        """Read every declaration of the module's top level."""
        functions: dict[str, Function] = {}
        declared = False
        for node in statements(self.tree.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions[node.name] = node
                decorator = next((d for d in node.decorator_list if self._declares(d)), None)
                if decorator is not None or (self.is_stub and not node.name.startswith("_")):
                    declared = True
                    self._function(node, decorator)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and self._declares(node.value):
                target = node.value.args[0] if node.value.args else None
                if isinstance(target, ast.Name) and target.id in functions:
                    declared = True
                    self._function(functions[target.id], node.value, place=node)
        if not declared:
            self._nothing()

    def _nothing(self) -> None:
        if self.is_stub:
            self._error(NO_TOOLS.code, "no tools here: there is no public function", Span(0, 0))
            return
        message = "no tools here: no function is decorated with `@lcc.tool`"
        help = (
            "tools that it only imports or makes are seen when it is run; to have them checked, declare them in a stub"
        )
        self._found.append(Diagnostic(NO_TOOLS.code, Severity.WARNING, message, Span(0, 0), help))

    def _declares(self, node: ast.expr) -> bool:
        target = node.func if isinstance(node, ast.Call) else node
        if isinstance(target, ast.Name) and self.names.defines(target.id):
            return False
        return self.imports.from_lcc(target, "tool")

    def _function(self, node: Function, decorator: ast.expr | None, place: ast.stmt | None = None) -> None:
        name_span = self._name_span(node) if place is None else node_span(self.source, place)
        self._tool = None
        if any(last_name(d) == "overload" for d in node.decorator_list):
            if node.name not in self.places:
                self.places[node.name] = name_span
                self._error(
                    REPEATED_TOOL.code, f"`{node.name}` is overloaded", name_span, "declare one function with unions"
                )
            return
        self._tool = node.name
        before = len(self._found)
        options = self._options(decorator) if isinstance(decorator, ast.Call) else _Options()
        parameters = tuple(self._parameters(node))
        result = self.names.type_of(node.returns)
        name = options.values.get("name", node.name)
        faults = check_options(options.values)
        if isinstance(name, str):
            faults += check_signature(name, [p.name for p in parameters], options.values)
        for fault in faults:
            self._fault(fault, node, options, name_span)
        if len(self._found) > before or not isinstance(name, str):
            return
        doc = read_docstring(ast.get_docstring(node, clean=False))
        options.values.setdefault("description", doc.summary)
        self._add(build_signature(node.name, _described(parameters, doc.parameters), result, options.values), name_span)

    def _add(self, signature: Signature, span: Span) -> None:
        name = signature.name
        if name in self.signatures:
            first = Label(self.places[name], "the first is here")
            message = f"two tools are called `{name}`; the second is left out"
            self._found.append(Diagnostic(REPEATED_TOOL.code, Severity.WARNING, message, span, None, (first,)))
        else:
            self.signatures[name] = signature
            self.places[name] = span

    def _fault(self, fault: Fault, node: Function, options: _Options, name_span: Span) -> None:
        span = name_span
        if fault.subject in options.places:
            span = node_span(self.source, options.places[fault.subject])
        else:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = next((a for a in arguments if a.arg == fault.subject), None)
            if named is not None:
                span = node_span(self.source, named)
        self._error(fault.code, fault.message, span, fault.help)

    def _options(self, call: ast.Call) -> _Options:
        found = _Options()
        for extra in call.args:
            if not (isinstance(extra, ast.Name) and extra is call.args[0]):
                span = node_span(self.source, extra)
                self._error(
                    WRONG_OPTION.code, f"`{shown(extra)}` has no name", span, 'options are named: effect="read"'
                )
        for keyword in call.keywords:
            span = node_span(self.source, keyword)
            if keyword.arg is None:
                self._error(NOT_A_LITERAL.code, "options can't be unpacked with `**`", span, "write each of them out")
                continue
            try:
                found.values[keyword.arg] = literal(keyword.value)
            except ValueError:
                message = f"`{keyword.arg}` is not a literal: `{shown(keyword.value)}`"
                help = "write the value itself: declarations are read without running them"
                self._error(NOT_A_LITERAL.code, message, node_span(self.source, keyword.value), help)
                continue
            found.places[keyword.arg] = keyword
        return found

    def _parameters(self, node: Function) -> Iterator[Parameter]:
        arguments = node.args
        for star, rest, remedy in (("*", arguments.vararg, "a list"), ("**", arguments.kwarg, "a dict")):
            if rest is not None:
                message = f"`{star}{rest.arg}` can't be a parameter of a tool"
                self._error(VARIADIC_PARAMETER.code, message, node_span(self.source, rest), f"take {remedy} instead")
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        for place, (argument, default) in enumerate(zip(positional, [*defaults, *arguments.defaults], strict=True)):
            if not self._is_context(argument.annotation) and not self._is_foreign(argument, default):
                yield self._parameter(argument, default, positional_only=place < len(arguments.posonlyargs))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if not self._is_context(argument.annotation) and not self._is_foreign(argument, default):
                yield self._parameter(argument, default, keyword_only=True)

    def _parameter(
        self, node: ast.arg, default: ast.expr | None, *, positional_only: bool = False, keyword_only: bool = False
    ) -> Parameter:
        options = self.names.options_of(node.annotation)
        if default is None or is_field(default):
            options |= field_options(default) or {}
            given = options.get("default")
            default = None if given is not None and is_ellipsis(given) else given or options.get("default_factory")
        return Parameter(
            node.arg,
            self.names.type_of(node.annotation),
            default is None,
            MISSING if default is None or default is options.get("default_factory") else _default(default),
            keyword_only,
            positional_only,
            note=field_note(options),
        )

    def _is_context(self, annotation: ast.expr | None) -> bool:
        """Whether a parameter receives the call's `lcc.Context`, also as `Context | None` or in quotes."""
        match annotation:
            case ast.BinOp(left=left, op=ast.BitOr()):
                return self._is_context(left)
            case ast.Subscript(value=head, slice=index) if last_name(head) == "Optional":
                return self._is_context(index)
            case ast.Constant(value=str() as text):
                return text.partition("|")[0].strip() in ("Context", "lcc.Context")
            case ast.Name(id=name) if self.names.defines(name):
                return False
            case ast.Name() | ast.Attribute():
                return self.imports.from_lcc(annotation, "Context")
            case _:
                return False

    def _is_foreign(self, node: ast.arg, default: ast.expr | None) -> bool:
        """Whether a parameter is the context of another framework. One that must be given is a fault of the tool."""
        if node.annotation is None:
            return False
        names = [one for one in ast.walk(node.annotation) if isinstance(one, ast.Name | ast.Attribute)]
        found = next((one for one in names if self._is_context_elsewhere(one)), None)
        if found is not None and default is None:
            message = f"`{node.arg}` is a {shown(found)}, which only its own framework passes in"
            help = f"wrap the tool in a `def` without `{node.arg}`"
            self._error(UNUSABLE_TOOL.code, message, node_span(self.source, node), help)
        return found is not None

    def _is_context_elsewhere(self, node: ast.expr) -> bool:
        name = last_name(node) or ""
        home = (
            self.imports.names[name][0] if name in self.imports.names else (dotted_name(node) or "").rpartition(".")[0]
        )
        root = self.imports.modules.get(home.partition(".")[0], home).partition(".")[0]
        return bool(root) and root not in ("lcc", "contextvars") and name.endswith(FRAMEWORK_CONTEXTS)

    def _name_span(self, node: Function) -> Span:
        start = offset_at(self.source, node.lineno, node.col_offset)
        start = self.source.text.find(node.name, self.source.text.find("def", start) + 3)
        return Span(start, start + len(node.name)) if start >= 0 else node_span(self.source, node)

    def _error(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Report an error; what is wrong with one tool is a warning, and the tool is left out."""
        severity = Severity.ERROR
        if self._tool is not None:
            severity = Severity.WARNING
            message = message if f"`{self._tool}`" in message else f"`{self._tool}` is left out: {message}"
        self._found.append(Diagnostic(code, severity, message, span, help))


def literal(node: ast.expr, depth: int = 0) -> Json:
    """Return the JSON value that a literal expression is; raise ValueError for any other expression. Tuples are lists."""
    if depth > MAX_LITERAL_DEPTH:
        raise ValueError("nested too deeply")
    match node:
        case ast.Constant(value=str() | bool() | int() | float() | None as value):
            if isinstance(value, float) and not isfinite(value):
                raise ValueError("not finite")
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if not isinstance(
            number, bool
        ):
            return -number
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [literal(item, depth + 1) for item in items]
        case ast.Dict(keys=keys, values=values):
            found: dict[str, Json] = {}
            for key, item in zip(keys, values, strict=True):
                if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                    raise ValueError("a key is not text")
                found[key.value] = literal(item, depth + 1)
            return found
        case _:
            raise ValueError("not a literal")


def _default(node: ast.expr) -> Json | Missing:
    """Return a default that is a JSON value as it stands; a tuple isn't one."""
    try:
        return MISSING if isinstance(node, ast.Tuple) else literal(node)
    except ValueError:
        return MISSING


def _described(parameters: tuple[Parameter, ...], descriptions: dict[str, str]) -> tuple[Parameter, ...]:
    return tuple(replace(p, description=descriptions.get(p.name, "")) for p in parameters)
