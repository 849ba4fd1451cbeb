"""Put lowering together: from a module and the tools to a block, the inputs, and findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import Block, Exit, InputDecl
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.lowered_statements import Statements
from lcc.grammar.python.lowering.names.assigned import assigned, nodes, parameters
from lcc.grammar.python.lowering.names.bindings import BuiltinName
from lcc.grammar.python.lowering.names.misplaced import misplaced
from lcc.grammar.python.lowering.names.program_rules import SHADOWED, Refused
from lcc.grammar.python.lowering.state import BUILTIN_NAMES
from lcc.grammar.signatures import Signature, Tools
from lcc.grammar.source import Source, Span


@dataclass(frozen=True)
class Lowered:
    """A program as statements, the inputs that it declares, and what there is to say about it."""

    body: Block
    inputs: tuple[InputDecl, ...]
    diagnostics: tuple[Diagnostic, ...]


class Program(Statements):
    """A whole program."""

    def __init__(self, module: tree.Module, source: Source, tools: dict[str, Signature]) -> None:
        every = list(nodes(module))
        super().__init__(lambda: source, tools, names_in(every) | frozenset(tools))
        self.module = module
        self.awaiting = any(isinstance(one, tree.Await) for one in every)
        self.reassigned = reassigned_in(module, every)
        self.scope.own = {name: name for name in assigned(module.body)}

    def whole(self) -> tree.Module:
        """Return the program."""
        return self.module

    def lower(self) -> Lowered:
        """Put the statements of the module into a block."""
        for one in misplaced(self.module):
            self.report(one.finding)
        try:
            self.statements(self.module.body[:-1])
            self.last_statement()
            self.check_end()
        except Refused as refused:
            self.report(refused.finding)
        found = self.findings()
        body = () if has_errors(found) else tuple(self.out)
        return Lowered(body, tuple(self.inputs.values()), found)

    def check_end(self) -> None:
        """Check what only the end of a program tells."""
        self._shadowed()
        self.settle(self.scope)
        self.trial = True
        self.check_uncalled()

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return what there is to say, in text order."""
        return tuple(sorted(self.found.values(), key=lambda one: (one.span or Span(0, 0)).start))

    def last_statement(self) -> None:
        """Put the last statement: if it is an expression, its value is what is handed back if nothing else is."""
        match self.module.body[-1:]:
            case (tree.Expr(value),) if not self.gives_nothing(value):
                self.offer(value)
            case rest:
                self.statements(rest)

    def offer(self, value: tree.Expression) -> None:
        """Put an expression that stands alone, as what is handed back if nothing else is."""
        try:
            given = self.value(value)
            self.emit(Exit("offer", given, value.span))
        except Refused as refused:
            self.report(refused.finding)

    def gives_nothing(self, node: tree.Expression) -> bool:
        """Whether the value of an expression is None, so that it needn't be offered."""
        match node:
            case tree.Constant(None):
                return True
            case tree.Call(tree.Name("answer" | "print" as name)):
                return isinstance(self.lookup(name), BuiltinName)
            case _:
                return False

    def _shadowed(self) -> None:
        for name in sorted(BUILTIN_NAMES & set(self.tools)):
            used = [one for one in nodes(self.whole()) if isinstance(one, tree.Name) and one.id == name]
            if used and name != "answer":
                message = f"`{name}` is the tool here, not Python's `{name}`"
                help = "give the tool another name if the builtin is meant"
                self.report(Diagnostic(SHADOWED.code, Severity.WARNING, message, min(one.span for one in used), help))


def lower(module: tree.Module, source: Source, tools: Tools) -> Lowered:
    """Return a program as statements, or what is wrong with it."""
    return Program(module, source, stub_names(tools)).lower()


def stub_names(tools: Tools) -> dict[str, Signature]:
    """Return tools by the names that programs call them by: their own, and for one that is no identifier also one that is.

    Characters that identifiers lack become `_`; where that is taken, a number follows, in the order of the tools' names.
    """
    found = dict(tools)
    for name in sorted(tools):
        if name.isidentifier():
            continue
        plain = "".join([c if c.isalnum() else "_" for c in name])
        stub, number = plain, 2
        while stub in found:
            stub, number = f"{plain}_{number}", number + 1
        found[stub] = tools[name]
    return found


def names_in(every: Iterable[object]) -> frozenset[str]:
    """Return every name that stands in a program."""
    found: set[str] = set()
    for one in every:
        match one:
            case tree.Constant():
                pass
            case tree.Name(name) | tree.arg(name):
                found.add(name)
            case tree.FunctionDef(name=name) | tree.AsyncFunctionDef(name=name):
                found.add(name)
            case tree.alias(name, asname):
                found |= {name.partition(".")[0], asname or name}
            case tree.ExceptHandler(name=str(name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def reassigned_in(module: tree.Module, every: Iterable[object]) -> set[str]:
    """Return the names that some scope assigns in several places or in a loop."""
    return {name for name, count in assigned(module.body).items() if count > 1} | reassigned_inside(every)


def reassigned_inside(every: Iterable[object]) -> set[str]:
    """Return the names that functions among nodes assign in several places, and those that loops assign."""
    found: set[str] = set()
    for one in every:
        match one:
            case tree.Name() | tree.Constant():
                pass
            case tree.FunctionDef(body=body) | tree.AsyncFunctionDef(body=body):
                own = parameters(one.args)
                found |= {name for name, count in assigned(body).items() if count > 1 or name in own}
            case tree.For(body=body) | tree.While(body=body):
                found |= set(assigned([*body, one]))
            case tree.comprehension():
                found |= set(assigned([one]))
            case _:
                pass
    return found
