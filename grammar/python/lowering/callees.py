"""Say what is called, and which expressions act: those that call a tool or a function of the program, print, or assign a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir.operations import (
    CLASS_FUNCTIONS,
    CONSTANTS,
    OPERATIONS,
    OperationError,
    constant,
    module_function,
)
from lcc.grammar.ir.operations.table import LOOPS, METHOD_NAMES, refuse
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.assigned import COMPREHENSIONS, nodes, parameters, target_names
from lcc.grammar.python.lowering.names.bindings import (
    Binding,
    BuiltinName,
    Coroutine,
    CoroutineList,
    Element,
    Function,
    FunctionList,
    FunctionOf,
    Ignored,
    Path,
    Scope,
    Tool,
    Unbound,
    Unclear,
    Var,
)
from lcc.grammar.python.lowering.names.program_rules import (
    FUNCTION,
    UNAVAILABLE,
    UNCLEAR,
    UNKNOWN,
    Refused,
    unavailable,
)
from lcc.grammar.python.lowering.state import BUILTIN_NAMES, State
from lcc.grammar.python.tree import parts
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.source import Span


@dataclass(frozen=True)
class Operator:
    """An operation of the table, by the name that an Apply has."""

    op: str


@dataclass(frozen=True)
class Method:
    """A method of a value, which isn't evaluated yet."""

    receiver: tree.Expression
    name: str
    span: Span


Callee: TypeAlias = Tool | Function | BuiltinName | Operator | Path | Method | FunctionOf
MAKES: Final = frozenset({"print", "answer"})
"""Builtins that are statements."""
ASYNC: Final = "asyncio"
_NAME: Final = "__name__"


class Callees(State):
    """What is called."""

    def resolve(self, node: tree.Name) -> Binding:
        """Return what a name stands for; refuse one that stands for nothing, or not for one thing."""
        found = self.lookup(node.id)
        if found is None:
            raise self.unknown(node.id, node.span)
        if isinstance(found, Unclear):
            raise Refused(UNCLEAR, found.why, node.span, "use another name for the value, and give it one before")
        return found

    def unknown(self, name: str, span: Span) -> Refused:
        """Return the refusal for a name that nothing gives."""
        if name.startswith("__"):
            return unavailable(refuse(name, (), "the name"), span)
        known = {*self.tools, *BUILTIN_NAMES}
        scope: Scope | None = self.scope
        while scope is not None:
            known |= {*scope.env, *scope.own}
            scope = scope.parent
        error = refuse(name, (), "the name")
        if error.help:
            return Refused(UNAVAILABLE, f"`{name}` is not available", span, error.help)
        return Refused(
            UNKNOWN,
            f"there is no name `{name}` here: no tool, no builtin, and nothing assigns it",
            span,
            did_you_mean(name, sorted(known - {name})) or "a program can only call the tools it was given",
        )

    def static(self, node: tree.Expression) -> Binding | Operator | None:
        """Return what an expression stands for that isn't a value: a function, a module, a tool, a part of a class."""
        match node:
            case tree.Name(name):
                found = self.lookup(name)
                if isinstance(found, Unclear):
                    raise Refused(
                        UNCLEAR, found.why, node.span, "use another name for the value, and give it one before"
                    )
                return None if isinstance(found, Var | Unbound) else _tool_of(found)
            case tree.Attribute(value, attr):
                dotted = self.dotted(node)
                if dotted is not None:
                    return dotted
                owner = self.static(value)
                if isinstance(owner, Path):
                    return _tool_of(owner / attr)
                if isinstance(owner, BuiltinName) and f"{owner.name}.{attr}" in CLASS_FUNCTIONS:
                    return Operator(f"class {owner.name}.{attr}")
            case _:
                pass
        return None

    def dotted(self, node: tree.Attribute) -> Tool | None:
        """Return the tool whose name has the dots of an expression."""
        name = dotted_name(node)
        if not name or self.lookup(name.partition(".")[0]) is not None:
            return None
        found = self.tools.get(name)
        return None if found is None else Tool(found.name)

    def callee(self, node: tree.Expression) -> Callee:
        """Return what a call calls; refuse what can't be called. The defaults of a lambda are evaluated here."""
        if isinstance(node, tree.Lambda):
            return self.function("lambda", node.args, node.body, node.span)
        found = self.static(node)
        match found:
            case Tool() | Function() | BuiltinName() | Operator() | FunctionOf():
                return found
            case Path():
                return found
            case Coroutine() | CoroutineList() | Element() | FunctionList() | Ignored():
                raise Refused(FUNCTION, "this can't be called", node.span)
            case _:
                pass
        if isinstance(node, tree.Attribute):
            return self._method(node)
        if isinstance(node, tree.Name):
            bound = self.resolve(node)
            what = f"`{node.id}` is a value here, and no function"
            help = (
                f"the tool `{node.id}` has another name from here on: use another name for its result"
                if node.id in self.tools
                else None
            )
            if isinstance(bound, Unbound):
                what, help = f"`{node.id}` isn't assigned yet", None
            raise Refused(UNCLEAR, what, node.span, help)
        raise Refused(FUNCTION, "only names and methods can be called", node.span)

    def _method(self, node: tree.Attribute) -> Method:
        if node.attr not in METHOD_NAMES:
            root = node.value
            while isinstance(root, tree.Attribute):
                root = root.value
            if isinstance(root, tree.Name) and self.lookup(root.id) is None:
                raise self.unknown(root.id, root.span)
            error = refuse(node.attr, METHOD_NAMES, "the method")
            raise Refused(UNAVAILABLE, str(error), node.attr_span, error.help)
        return Method(node.value, node.attr, node.attr_span)

    def operation(self, path: Path, span: Span) -> Operator:
        """Return the operation that a part of a module is; refuse what isn't in the table."""
        if f"{path.module}.{path.path}" in LOOPS:
            return Operator(f"module {path}")
        try:
            module_function(path.module, path.path)
        except OperationError as error:
            try:
                constant(path.module, path.path)
            except OperationError:
                raise unavailable(error, span) from None
            name = str(path)
            if "builtin " + str(getattr(CONSTANTS[name], "name", "")) in OPERATIONS:
                return Operator("builtin " + CONSTANTS[name].name)
            raise Refused(UNAVAILABLE, f"`{name}` can't be called", span) from None
        return Operator(f"module {path}")

    # what acts

    def acts(self, node: object) -> bool:
        """Whether an expression takes statements: it calls, prints, assigns a name, or evaluates something once for two uses."""
        match node:
            case tree.Constant() | tree.Lambda() | tree.Slice(None, None, None):
                return False
            case tree.Name():
                return self.may_be_unbound(node)
            case tree.NamedExpr() | tree.Await():
                return True
            case tree.Compare(_, _, comparators):
                return not all(map(self.repeatable, comparators[:-1])) or any(map(self.acts, parts(node)))
            case tree.ListComp() | tree.SetComp() | tree.DictComp() | tree.GeneratorExp():
                return self._comprehension_acts(node)
            case tree.Call():
                return self.call_acts(node)
            case _:
                return any(map(self.acts, parts(node)))

    def may_be_unbound(self, node: tree.Name) -> bool:
        """Whether reading a name takes a statement: one that says what CPython says of a function's name without a value."""
        found = self.lookup(node.id)
        return isinstance(found, Unbound) or (isinstance(found, Var) and not found.sure and found.name != node.id)

    def _comprehension_acts(self, node: tree.ListComp | tree.SetComp | tree.DictComp | tree.GeneratorExp) -> bool:
        if self.acts(node.generators[0].iter):
            return True
        with self.comprehension(node.generators):
            return any(self.acts(one) for one in parts(node) if not isinstance(one, tree.comprehension)) or any(
                self.acts(one)
                for place, generator in enumerate(node.generators)
                for one in (*([generator.iter] if place else []), *generator.ifs)
            )

    def repeatable(self, node: object) -> bool:
        """Whether an expression may be evaluated twice for once."""
        if isinstance(node, (tree.Call, tree.Await, tree.NamedExpr, tree.Lambda, *COMPREHENSIONS)):
            return False
        return all(map(self.repeatable, parts(node)))

    def call_acts(self, node: tree.Call) -> bool:
        """Whether a call takes statements: also what it hands a function to that acts."""
        if isinstance(node.func, tree.Lambda):
            return True
        try:
            callee = self.callee(node.func)
        except Refused:
            return True
        match callee:
            case Tool() | Function() | FunctionOf():
                return True
            case BuiltinName(name) if name in MAKES:
                return True
            case Path(module="asyncio"):
                return True
            case Method(receiver):
                if self.acts(receiver):
                    return True
            case _:
                pass
        given = [*node.args, *[one.value for one in node.keywords]]
        return any(self.acts(one) or self._function_acts(one) for one in given)

    def _function_acts(self, node: tree.Expression) -> bool:
        if isinstance(node, tree.Lambda):
            with self.parameters_of(node.args):
                return self.acts(node.body)
        if isinstance(node, tree.Name | tree.Attribute):
            try:
                found = self.static(node)
            except Refused:
                return True
            return isinstance(found, Tool | Function | FunctionOf) or (
                isinstance(found, BuiltinName) and found.name in MAKES
            )
        return False

    def may_write(self, callee: object) -> bool:
        """Whether a call may write: of a tool that doesn't only read, or of a function or expression in which one is named."""
        todo, seen = [callee], set()
        while todo:
            one = todo.pop()
            if isinstance(one, Tool):
                signature = self.tools.get(one.name)
                if signature is None or not signature.effect.may_start_early:
                    return True
            elif isinstance(one, Function):
                if id(one.body) not in seen:
                    seen.add(id(one.body))
                    with self.inside(one.scope):
                        todo += self._named_in(one.body, frozenset(parameters(one.params)))
            elif isinstance(one, tree.Node):
                todo += self._named_in(one, frozenset())
        return False

    def _named_in(self, body: object, given: frozenset[str]) -> list[object]:
        """Return the tools and functions that are named somewhere; a parameter that is called may be any tool."""
        found: list[object] = []
        for statement in body if isinstance(body, tuple) else (body,):
            for one in (statement, *nodes(statement)):
                match one:
                    case tree.Call(tree.Name(name)) if name in given:
                        found.append(Tool(""))
                    case tree.Name(name) if name not in given:
                        found.append(self.lookup(name))
                    case tree.Attribute():
                        found.append(self.dotted(one))
                    case _:
                        pass
        return [one for one in found if isinstance(one, Tool | Function)]

    @contextmanager
    def comprehension(self, generators: Iterable[tree.comprehension]) -> Iterator[Scope]:
        """Look into a comprehension: the names that it binds are values."""
        names = [name for one in generators for name in target_names(one.target)]
        scope = Scope("comprehension", self.scope, env={name: Var(name) for name in names})
        with self.inside(scope):
            yield scope

    @contextmanager
    def parameters_of(self, params: tree.arguments) -> Iterator[Scope]:
        """Look into a lambda: its parameters are values."""
        scope = Scope("comprehension", self.scope, env={name: Var(name) for name in parameters(params)})
        with self.inside(scope):
            yield scope

    def function(
        self, name: str, params: tree.arguments, body: tuple[tree.Statement, ...] | tree.Expression, span: Span
    ) -> Function:
        """Return a function of the program; evaluate its defaults here."""
        raise NotImplementedError


def dotted_name(node: tree.Expression) -> str:
    """Return an expression that is names with dots between them as a text; an empty one for any other."""
    names: list[str] = []
    while isinstance(node, tree.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, tree.Name) else ""


def _tool_of(found: Binding | None) -> Binding | None:
    """Return the step that a function of a module is, if it is one."""
    match found:
        case Path("time", "sleep"):
            return Tool(SLEEP.name, blocks=True)
        case Path("asyncio", "sleep"):
            return Tool(SLEEP.name)
        case _:
            return found
