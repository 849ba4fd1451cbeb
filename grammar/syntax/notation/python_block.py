"""Read `python:` blocks: statements of the subset, in which the steps of the plan are `$1`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import Block
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.assigned import assigned, nodes
from lcc.grammar.python.lowering.names.bindings import Scope, Var
from lcc.grammar.python.lowering.names.misplaced import misplaced
from lcc.grammar.python.lowering.names.program_rules import Refused
from lcc.grammar.python.lowering.program import names_in, reassigned_in
from lcc.grammar.python.program_reader import ProgramReader
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span
from lcc.grammar.syntax.notation.step_values import StepValues
from lcc.grammar.syntax.notation.written import Written


class BlockReader:
    """Reads the blocks of one plan."""

    def __init__(self, values: StepValues, limits: TextLimits, found: list[Diagnostic]) -> None:
        self._values = values
        self._limits = limits
        self._found = found

    def region(self, step: Written) -> tuple[Block, tuple[str, ...]]:
        """Return the statements of a block among steps, and the names that it gives."""
        module = self._module(step)
        scope = Scope("module", self._values.scope, own={name: name for name in assigned(module.body)})
        body = self._lowered(module, scope, last=False)
        names = tuple([own for name, own in scope.own.items() if isinstance(scope.env.get(name), Var)])
        return body, names

    def program(self, step: Written) -> Block:
        """Return the statements of a whole program."""
        module = self._module(step)
        scope = self._values.scope
        scope.own = {name: name for name in assigned(module.body)}
        return self._lowered(module, scope, last=True)

    def _lowered(self, module: tree.Module, scope: Scope, last: bool) -> Block:
        values = self._values
        every = list(nodes(module))
        values.module = module
        values.taken |= names_in(every)
        values.reassigned = reassigned_in(module, every)
        values.awaiting = any(isinstance(one, tree.Await) for one in every)
        values.tools = _tools(every, scope)
        values.in_block = True
        for one in misplaced(module):
            values.report(one.finding)
        try:
            with values.inside(scope), values.block() as made:
                if last:
                    values.statements(module.body[:-1])
                    values.last_statement()
                else:
                    values.statements(module.body)
                values.settle(scope)
                before, values.trial = values.trial, True
                values.check_uncalled()
                values.trial = before
        except Refused as refused:
            values.report(refused.finding)
        finally:
            values.in_block = False
            values.tools = {}
            values.functions.clear()
        return tuple(made)

    def _module(self, step: Written) -> tree.Module:
        """Return the syntax tree of a block."""
        lines = step.text.splitlines(keepends=True)
        first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
        column = len(first) - len(first.lstrip(" \t\f"))
        reader = ProgramReader(self._limits, step.text_at, column=column, dollars=True)
        statements = reader.feed(step.text) + reader.finish()
        self._found += reader.diagnostics
        if not statements and not has_errors(reader.diagnostics):
            help_ = "indent the statements that belong to it"
            span = Span(step.span.start, step.text_at)
            self._found.append(Diagnostic("P101", Severity.ERROR, "this block has no statements", span, help_))
        return tree.Module(statements, Span(step.text_at, step.text_at + len(step.text)))


def _tools(every: Iterable[object], scope: Scope) -> dict[str, Signature]:
    """Return the tools that a block calls: names with or without dots that it calls and nothing gives."""
    found: dict[str, Signature] = {}
    for one in every:
        if not isinstance(one, tree.Call):
            continue
        names: list[str] = []
        node: object = one.func
        while isinstance(node, tree.Attribute):
            names.append(node.attr)
            node = node.value
        if isinstance(node, tree.Name) and node.id[0] != "$":
            root, dotted = node.id, ".".join(chain([node.id], reversed(names)))
            if dotted.isascii() and _is_free(root, scope):
                found[dotted] = Signature(dotted)
    return found


def _is_free(name: str, scope: Scope | None) -> bool:
    from lcc.grammar.ir.operations import MODULES
    from lcc.grammar.python.lowering.state import BUILTIN_NAMES

    if name in BUILTIN_NAMES or name in MODULES or name == "asyncio":
        return False
    while scope is not None:
        if name in scope.own or name in scope.env:
            return False
        scope = scope.parent
    return True
