"""Put functions of the program in where they are called, and hand functions to what calls them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from lcc.grammar.ir import Apply, Arg, Const, ForEach, Inline, Lambda, Local, Ref, Task, Value
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Callee, Method, Operator
from lcc.grammar.python.lowering.names.assigned import assigned, parameters
from lcc.grammar.python.lowering.names.bindings import (
    Binding,
    BuiltinName,
    Function,
    FunctionOf,
    Path,
    Scope,
    Tool,
    Var,
)
from lcc.grammar.python.lowering.names.program_rules import FUNCTION, HELPER, Refused
from lcc.grammar.python.lowering.starred import StarredArguments
from lcc.grammar.python.lowering.state import Item
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.source import Span

Given: TypeAlias = Mapping[str, Value | Binding]
Applied: TypeAlias = Callable[[Sequence[Value]], Value]
_DEPTH: Final = 40


class Functions(StarredArguments):
    """Functions of the program."""

    def function(
        self, name: str, params: tree.arguments, body: tuple[tree.Statement, ...] | tree.Expression, span: Span
    ) -> Function:
        """Return a function of the program; evaluate its defaults here."""
        if params.kwarg is not None:
            raise Refused(HELPER, f"`**{params.kwarg.arg}` in a function", params.kwarg.span, "name its parameters")
        places = [*params.posonlyargs, *params.args]
        late = places[len(places) - len(params.defaults) :]
        pairs = [(one.arg, value) for one, value in zip(late, params.defaults, strict=True)]
        pairs += [(one.arg, v) for one, v in zip(params.kwonlyargs, params.kw_defaults, strict=True) if v is not None]
        values = [self.pin(one) for one in self.all_values([value for _, value in pairs])]
        defaults = {name: value for (name, _), value in zip(pairs, values, strict=True)}
        return Function(name, params, body, self.scope, defaults, False, span)

    def tool_call(self, node: tree.Call, tool: Tool) -> Value:
        """Make a call of a tool."""
        if tool.name == SLEEP.name and (node.keywords or len(node.args) != 1):
            raise Refused(HELPER, "`sleep` takes a number of seconds", node.span, "write sleep(1.5)")
        return self.task(tool, self.tool_arguments(node, tool.name), node.span, node.func.span)

    def task(self, tool: Tool, args: tuple[Arg, ...], span: Span, at: Span | None = None) -> Value:
        """Put a call of a tool here."""
        id = self.new_id()
        name_at = -1 if at is None or at.end - at.start != len(tool.name) else at.start - span.start
        self.emit(Task(id, tool.name, args, span=span, name_at=name_at))
        return Ref(id, (), span)

    # functions of the program

    def function_call(self, node: tree.Call, function: Function) -> Value:
        """Put a function in for a call of it."""
        return self.inline(function, self.arguments(node, function), node.span)

    def arguments(self, node: tree.Call, function: Function) -> Given:
        """Evaluate the arguments of a call; return what each parameter is given."""
        expressions = self._matched(node, function)
        given: dict[str, Value | Binding] = {}
        for name, one in expressions:
            static = (
                self.callee(one)
                if isinstance(one, tree.Lambda)
                else None
                if isinstance(one, tuple)
                else self.static(one)
            )
            if isinstance(static, Function | Tool | BuiltinName):
                given[name] = static
        rest = [(name, one) for name, one in expressions if name not in given]
        values = self.sequence([self._argument(one) for _, one in rest])
        given.update({name: value for (name, _), value in zip(rest, values, strict=True)})
        return given

    def _argument(self, one: tree.Expression | tuple[tree.Expression, ...]) -> Item:
        return self.item(tree.Tuple(one) if isinstance(one, tuple) else one)

    def _matched(
        self, node: tree.Call, function: Function
    ) -> list[tuple[str, tree.Expression | tuple[tree.Expression, ...]]]:
        """Return the expression for each parameter that a call gives, in the order in which they stand."""
        params = function.params
        places = [one.arg for one in (*params.posonlyargs, *params.args)]
        names = {one.arg for one in (*params.args, *params.kwonlyargs)}
        for one in (*node.args, *node.keywords):
            if isinstance(one, tree.Starred) or (isinstance(one, tree.keyword) and one.arg is None):
                raise Refused(HELPER, f"a starred argument of `{function.name}`", one.span, "write its arguments out")
        found: list[tuple[str, tree.Expression | tuple[tree.Expression, ...]]] = []
        found += zip(places, node.args, strict=False)
        extra = node.args[len(places) :]
        if params.vararg is not None:
            found.append((params.vararg.arg, extra))
        elif extra:
            self._misfit(
                function, f"takes at most {len(places)} arguments by place, {len(node.args)} are given", node.span
            )
        for keyword in node.keywords:
            if keyword.arg not in names:
                self._misfit(function, f"has no parameter `{keyword.arg}`", keyword.span)
            if any(keyword.arg == name for name, _ in found):
                self._misfit(function, f"is given `{keyword.arg}` twice", keyword.span)
            found.append((str(keyword.arg), keyword.value))
        return found

    def _misfit(self, function: Function, what: str, span: Span) -> None:
        raise Refused(HELPER, f"`{function.name}` {what}", span)

    def inline(self, function: Function, given: Given, via: Span) -> Value:
        """Put a function in, with what its parameters are given."""
        if function.span in [one.span for one in self.stack] or len(self.stack) >= _DEPTH:
            help = "write a loop: functions of a program can't call themselves"
            raise Refused(HELPER, f"`{function.name}` calls itself", via, help)
        self.called.add(id(function.body))
        self.emit_none()
        scope = self._entered(function, given, via)
        self.stack.append(function)
        try:
            with self.inside(scope):
                return self._body(function, scope, via)
        finally:
            self.stack.pop()

    def emit_none(self) -> None:
        """Count a function that is put in."""
        self._made += 1
        self.emit()

    def _entered(self, function: Function, given: Given, via: Span) -> Scope:
        """Return the scope of a function whose parameters are bound here."""
        body = function.body
        scope = Scope("function", function.scope)
        names = list(parameters(function.params))
        if isinstance(body, tuple):
            names += [name for name in assigned(body) if name not in names]
        scope.own = {name: self.fresh(name) for name in names}
        for name in parameters(function.params):
            value = given.get(name, function.defaults.get(name))
            if value is None and function.params.vararg is not None and name == function.params.vararg.arg:
                value = Apply("display tuple", ())
            if value is None:
                raise Refused(HELPER, f"`{function.name}` lacks its argument `{name}`", via)
            if isinstance(value, Binding):
                scope.env[name] = value
            else:
                self.let(scope.own[name], value, via)
                scope.env[name] = Var(scope.own[name])
        return scope

    def _body(self, function: Function, scope: Scope, via: Span) -> Value:
        body = function.body
        if not isinstance(body, tuple):
            return self.value(body)
        match _without_docstring(body):
            case [tree.Return(value)]:
                return Const(None) if value is None else self.value(value)
            case rest:
                id = self.new_id()
                with self.block() as made:
                    self.statements(rest)
                self.settle(scope)
                own = tuple([scope.own[name] for name in assigned(body) if name not in parameters(function.params)])
                self.emit(Inline(id, tuple(made), function.name, own, via, function.span))
                return Ref(id, (), via)

    # functions that are handed over

    def applied(self, node: tree.Expression) -> Applied:
        """Return what calls the function that an expression is, with values."""
        if isinstance(node, tree.Constant) and node.value is None:
            return lambda values: values[0]
        callee = self.callee(node)
        span = node.span
        match callee:
            case Tool():
                return lambda values: self.task(callee, tuple([Arg(None, v, span=span) for v in values]), span)
            case Function():
                return lambda values: self.inline(callee, self._by_place(callee, values, span), span)
            case Method(receiver, name):
                value = self.pin(self.value(receiver))
                return lambda values: Apply(f"method {name}", (value, *values), span=span)
            case FunctionOf():
                raise Refused(FUNCTION, "this function can't be handed over", span, "write a lambda that calls it")
            case _:
                op = self.operator(callee, span).op
                return lambda values: Apply(op, tuple(values), span=span)

    def operator(self, callee: Callee, span: Span) -> Operator:
        """Return the operation of the table that is called."""
        match callee:
            case BuiltinName("print" | "answer" | "map" | "filter" as name):
                raise Refused(FUNCTION, f"`{name}` can't be handed over", span, "write a loop")
            case BuiltinName(name):
                return Operator(f"builtin {name}")
            case Operator():
                return callee
            case Path():
                return self.operation(callee, span)
            case _:
                raise Refused(FUNCTION, "this can't be called here", span)

    def _by_place(self, function: Function, values: Sequence[Value], span: Span) -> Given:
        places = [one.arg for one in (*function.params.posonlyargs, *function.params.args)]
        if len(values) > len(places):
            self._misfit(function, f"takes at most {len(places)} arguments, {len(values)} are given", span)
        return dict(zip(places, values, strict=False))

    def plain_key(self, node: tree.Expression) -> Lambda | None:
        """Return the function of a `key=` that doesn't act."""
        if isinstance(node, tree.Lambda):
            places = (*node.args.posonlyargs, *node.args.args)
            if node.args.vararg or node.args.kwonlyargs or node.args.kwarg:
                raise Refused(HELPER, "a key takes one value", node.span)
            defaults = tuple([self.value(one) for one in node.args.defaults])
            with self.parameters_of(node.args):
                return Lambda(tuple([one.arg for one in places]), self.value(node.body), defaults, node.span)
        place = self.fresh("x")
        callee = self.callee(node)
        if isinstance(callee, Method):
            receiver = self.value(callee.receiver)
            return Lambda(
                (place,), Apply(f"method {callee.name}", (receiver, Local(place)), span=node.span), span=node.span
            )
        return Lambda(
            (place,), Apply(self.operator(callee, node.span).op, (Local(place),), span=node.span), span=node.span
        )

    def keys(self, items: Value, node: tree.Expression, span: Span) -> Value:
        """Return the keys of items, whose function acts, each made in turn."""
        id, place = self.new_id(), self.fresh("x")
        apply = self.applied(node)
        with self.block() as body:
            key = apply([Local(place)])
        self.emit(ForEach(id, place, items, tuple(body), key, span=span))
        return Ref(id)

    # what later layers give

    def statements(self, body: Sequence[tree.Statement]) -> None:
        """Put statements here."""
        raise NotImplementedError

    def settle(self, scope: Scope) -> None:
        """Check what is left at the end of a scope."""
        raise NotImplementedError


def _without_docstring(body: Sequence[tree.Statement]) -> list[tree.Statement]:
    match body:
        case [tree.Expr(tree.Constant(str())), *rest]:
            return list(rest)
        case _:
            return list(body)
