"""Make values of the expressions of a plan, and statements of its blocks of Python: lowering, with what is plan files' own.

In a plan a list is a list of the plan, a dict a record, `$1` a result; modules need no import, and nothing calls a tool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir import Apply, Const, DictOf, Input, ListOf, Local, Ref, Select, Target, Value, names_of, text_of
from lcc.grammar.ir.operations import MODULES
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Callee
from lcc.grammar.python.lowering.names.bindings import Binding, Path, Scope as Names, Var
from lcc.grammar.python.lowering.names.program_rules import LAZY, Refused
from lcc.grammar.python.lowering.program import Program
from lcc.grammar.python.tree import parts
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax import resolve
from lcc.grammar.syntax.strings import Dollar, DollarKind, read_dollar, read_reference


class _Wrong(Refused):
    """A value that can't stand in a plan, with a code of the notation."""

    def __init__(self, found: Diagnostic) -> None:
        Exception.__init__(self, found.message)
        self.finding = found


class StepValues(Program):
    """Values of one plan. `dollars`: what its dollars may name."""

    def __init__(self, source: Source, dollars: resolve.Scope, first_id: int) -> None:
        super().__init__(tree.Module(()), source, {})
        self.dollars = dollars
        self.in_block = False
        self._ids = first_id

    @contextmanager
    def names(self, target: Target) -> Iterator[None]:
        """Look into a loop, whose names are values."""
        scope = Names("comprehension", self.scope, env={name: Var(name) for name in names_of(target)})
        with self.inside(scope):
            yield

    def expression(self, node: Any, *, kept: bool = False) -> Value:
        """Return the value of an expression; raise Refused where it isn't one of a plan. `kept`: it is read several times."""
        if kept and isinstance(node, tree.GeneratorExp):
            raise Refused(LAZY, "a generator can be read once only", node.span, "write a list: `[… for …]`")
        with self.block() as made:
            value = self.value(node, read=True)
        if made:
            help_ = "calls, `print`, `answer`, `await` and `:=` stand in a `python:` block"
            raise _wrong("P028", "this does something, which a value can't", node.span, help_)
        return value

    # What is different in plans.

    def value(self, node: tree.Expression, *, read: bool = False) -> Value:
        """Return the value of an expression."""
        if isinstance(node, tree.Name) and node.id[0] == "$":
            return self._reference(node)
        return super().value(node, read=read) if self.in_block else self._plan_value(node, read)

    def _plan_value(self, node: tree.Expression, read: bool) -> Value:
        match node:
            case tree.List(elts) | tree.Tuple(elts) if not any(isinstance(one, tree.Starred) for one in elts):
                return ListOf(tuple([self.value(one, read=True) for one in elts]))
            case tree.Tuple(elts):
                return Apply("display list", tuple([self.value(one, read=True) for one in elts]), span=node.span)
            case tree.Dict(keys):
                names = [key.value for key in keys if isinstance(key, tree.Constant) and isinstance(key.value, str)]
                return self._record(names, node) if len(names) == len(keys) else super().value(node)
            case tree.UnaryOp("+", tree.Constant(int() | float() as number)) if not isinstance(number, bool):
                return Const(number)
            case tree.JoinedStr():
                return self._plan_text(node)
            case tree.Call(_, args, ()) if self._is_select(node):
                return Select(tuple([self.value(one, read=True) for one in args]), node.span)
            case _:
                return super().value(node, read=read)

    def _record(self, names: list[str], node: tree.Dict) -> DictOf:
        items: dict[str, Value] = {}
        for name, key, value in zip(names, node.keys, node.values, strict=True):
            if name in items:
                span = node.span if key is None else key.span
                self.report(_diagnostic("P012", f"key {name!r} occurs twice in one dict", span, "remove one of them"))
            items[name] = self.value(value, read=True)
        return DictOf(tuple(items.items()))

    def acts(self, node: object) -> bool:
        """Whether an expression takes statements; a comparison doesn't, since what is in it may be evaluated twice."""
        if isinstance(node, tree.Compare) and not self.in_block:
            return any(map(self.acts, parts(node)))
        if isinstance(node, tree.Call) and self._is_select(node):
            return any(map(self.acts, node.args))
        return super().acts(node)

    def _is_select(self, node: tree.Call) -> bool:
        """Whether a call is `select($2, $3)`: the first of these that was taken."""
        if self.in_block or not isinstance(node.func, tree.Name) or node.func.id != "select" or not node.args:
            return False
        plain = not node.keywords and not any(isinstance(one, tree.Starred) for one in node.args)
        return plain and self.lookup("select") is None

    def lookup(self, name: str) -> Binding | None:
        """Return what a name stands for."""
        if name[0] == "$":
            return Var(name)
        found = super().lookup(name)
        return Path(name) if found is None and name in MODULES else found

    def callee(self, node: tree.Expression) -> Callee:
        """Return what is called; no tool is."""
        root = node
        while isinstance(root, tree.Attribute):
            root = root.value
        if not self.in_block and isinstance(root, tree.Name) and self.lookup(root.id) is None:
            shown = self.source().text[node.span.start : node.span.end]
            help_ = "make it a step of its own and refer to its number"
            raise _wrong("P006", f"`{shown}` is called inside of a value", node.span, help_)
        return super().callee(node)

    def unknown(self, name: str, span: Span) -> Refused:
        """Return the refusal of a word that means nothing here."""
        if self.in_block:
            return super().unknown(name, span)
        names: set[str] = set()
        scope: Names | None = self.scope
        while scope is not None:
            names |= set(scope.env)
            scope = scope.parent
        if name in self.dollars.inputs:
            help_ = f"an input is written `${name}`"
        else:
            help_ = did_you_mean(name, sorted(names)) or f'quote it: "{name}"'
        return _wrong("P006", f"`{name}` is no name here, and stands outside of quotes", span, help_)

    # Dollars.

    def _reference(self, node: tree.Name) -> Value:
        dollar = read_reference(node.id, node.span.start)
        if dollar.kind is DollarKind.TASK and len(dollar.head) < 10:
            return Ref(int(dollar.head), dollar.path, node.span)
        if dollar.kind is DollarKind.NAME:
            if (
                super().lookup(dollar.head) is not None
                and dollar.head not in self.dollars.inputs
                and self._is_local(dollar.head)
            ):
                raise _wrong(
                    "P011", f"`{dollar.head}` is a name of the plan, and no input", node.span, f"write `{dollar.head}`"
                )
            return Input(dollar.head, dollar.path, node.span)
        from lcc.grammar.syntax.plan_rules import REFERENCE_FORMS

        raise _wrong("P011", f"`{node.id}` is not a reference", node.span, REFERENCE_FORMS)

    def _is_local(self, name: str) -> bool:
        return isinstance(super().lookup(name), Var)

    def _plan_text(self, node: tree.JoinedStr) -> Value:
        """Return a text: as plan files always had it, or with other values in it."""
        items: list[str | Value] = []
        for part in node.values:
            if isinstance(part, tree.Constant):
                items.append(str(part.value))
            else:
                items.append(self._plan_field(part))
        flat = [one for one in items if isinstance(one, str | Ref | Input)]
        if len(flat) == len(items):
            return text_of(flat)
        made: list[Value] = []
        for one in items:
            if isinstance(one, str):
                before = made[-1] if made else None
                if isinstance(before, Const):
                    made[-1] = Const(f"{before.value}{one}")
                elif one:
                    made.append(Const(one))
            elif isinstance(one, Ref | Input):
                made.append(Apply("field text", (one,), span=one.span))
            else:
                made.append(one)
        return Apply("field f-string", tuple(made), span=node.span)

    def _plan_field(self, part: tree.FormattedValue) -> str | Value:
        """Return a field: a reference, or text where a dollar is none, or a value as text."""
        plain = part.conversion < 0 and part.format_spec is None
        if plain and isinstance(part.value, tree.Name) and part.value.id[0] == "$":
            return self._flat_dollar(part.value)
        value = self.value(part.value, read=True)
        if plain:
            return Apply("field text", (value,), span=part.span)
        spec: Value = Const("") if part.format_spec is None else self._plan_text(part.format_spec)
        conversion = None if part.conversion < 0 else chr(part.conversion)
        return Apply("field field", (value, spec, Const(conversion)), span=part.span)

    def _flat_dollar(self, node: tree.Name) -> str | Value:
        dollar = read_dollar(node.id, node.span)
        if dollar is None:
            return node.id
        if dollar.kind is DollarKind.NAME and self._is_local(dollar.head):
            if dollar.raw.startswith("${"):
                return Apply("field text", (_along(Local(dollar.head, node.span), dollar),), span=node.span)
            message = f"`{dollar.raw}` names no input and is left as text"
            self.report(
                Diagnostic(
                    "P022", Severity.WARNING, message, node.span, f"write `${{{dollar.head}}}` for the name of the loop"
                )
            )
        return resolve.read(dollar, self.dollars, self.report, False)


def _along(value: Value, dollar: Dollar) -> Value:
    """Return what a path leads to from a value."""
    for step in dollar.path:
        if (
            isinstance(step, str)
            and step.isidentifier()
            and f'"{step}"' not in dollar.raw
            and f"'{step}'" not in dollar.raw
        ):
            value = Apply(f"attribute {step}", (value,), span=dollar.span)
        else:
            value = Apply("subscript load", (value, Const(step)), span=dollar.span)
    return value


def _diagnostic(code: str, message: str, span: Span, help_: str | None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_)


def _wrong(code: str, message: str, span: Span, help_: str | None) -> _Wrong:
    return _Wrong(_diagnostic(code, message, span, help_))
