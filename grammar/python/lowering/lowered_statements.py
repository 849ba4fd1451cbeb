"""Put the statements of a program into blocks, and follow what its names stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Const,
    Exit,
    ForEach,
    Handler,
    If,
    InputDecl,
    Let,
    Local,
    Statement,
    Target,
    Targets,
    Try,
    Value,
    While,
)
from lcc.grammar.ir.operations import EXCEPTION_CLASSES
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.imports import Imports
from lcc.grammar.python.lowering.loops import Stream
from lcc.grammar.python.lowering.names.assigned import assigned, nodes
from lcc.grammar.python.lowering.names.bindings import (
    Binding,
    Coroutine,
    CoroutineList,
    Declared,
    Function,
    FunctionList,
    FunctionOf,
    Var,
)
from lcc.grammar.python.lowering.names.program_rules import AWAITS, HELPER, STATEMENT, Refused
from lcc.grammar.python.lowering.state import MOST, Item
from lcc.grammar.source import Span

_KINDS: Final = {tree.List: "list", tree.ListComp: "list", tree.Dict: "dict", tree.DictComp: "dict"}


class Statements(Imports):
    """Statements."""

    def statements(self, body: Sequence[tree.Statement]) -> None:
        """Put statements here; each that is refused is reported."""
        for one in body:
            try:
                self.statement(one)
            except Refused as refused:
                if self._made > MOST:
                    raise
                self.report(refused.finding)
                self._forget(one)

    def _forget(self, node: tree.Statement) -> None:
        """Bind the names that a refused statement would have bound: one mistake is one finding."""
        for name in assigned([node]):
            if not isinstance(self.holder.env.get(name), Function):
                self.holder.env[name] = Var(self.ir_name(name))
        for one in nodes(node):
            if isinstance(one, tree.Name):
                self.let_off(one.id)

    def statement(self, node: tree.Statement) -> None:
        """Put a statement here."""
        match node:
            case tree.Expr(value):
                self._alone(value, node.span)
            case tree.Assign(targets, value):
                self._assignment(targets, value, node.span)
            case tree.AugAssign():
                self._augmented(node)
            case tree.AnnAssign():
                self._annotated(node)
            case tree.If():
                self._if(node)
            case tree.For():
                self._for(node)
            case tree.While():
                self._while(node)
            case tree.Try():
                self._try(node)
            case tree.FunctionDef() | tree.AsyncFunctionDef():
                self._def(node)
            case tree.Import() | tree.ImportFrom():
                self.imported(node)
            case _:
                self._leaving(node)

    def _leaving(self, node: tree.Statement) -> None:
        match node:
            case tree.Return(value):
                given = None if value is None else self.value(value)
                self.check_left(node.span)
                self.emit(Exit("return", given, span=node.span))
            case tree.Raise():
                self.check_left(node.span)
                self._raise(node)
            case tree.Assert(test, msg):
                self._assert(test, msg, node.span)
            case tree.Break():
                self.emit(Exit("break", span=node.span))
            case tree.Continue():
                self.emit(Exit("continue", span=node.span))
            case tree.Delete(targets):
                for target in targets:
                    self._delete(target)
            case tree.Pass():
                pass
            case _:
                raise Refused(STATEMENT, "this can't stand here", node.span)

    def _alone(self, value: tree.Expression, span: Span) -> None:
        if isinstance(value, tree.Constant):
            return
        found = self.value(value)
        if isinstance(found, Apply) or not _is_quiet(found):
            self.emit(Let(found, span=span))

    # assignments

    def bind(self, name: str, binding: Binding, span: Span) -> None:
        """Bind a name to what isn't a value at run time."""
        self._check_left(name, span)
        self.holder.env[name] = binding

    def _check_left(self, name: str, span: Span) -> None:
        """Refuse to bind a name anew that is a coroutine nobody has awaited."""
        old = self.holder.env.get(name)
        if (isinstance(old, Coroutine) and not old.over) or (
            isinstance(old, CoroutineList) and old.sites and not old.used[0]
        ):
            raise Refused(
                AWAITS,
                f"`{name}` is assigned anew, and the call in it is never awaited",
                span,
                f"await `{name}` before",
            )

    def _variable(self, name: str, node: tree.Expression | None, span: Span) -> str:
        self._check_left(name, span)
        new = self.ir_name(name)
        kind = _KINDS.get(type(node), "")
        if isinstance(node, tree.Call) and isinstance(node.func, tree.Name) and node.func.id == "type":
            kind = "type"
        self.holder.env[name] = Var(new, True, kind)
        return new

    def _assignment(self, targets: Sequence[tree.Target], value: tree.Expression, span: Span) -> None:
        match targets:
            case [tree.Name() as name] if self.kept(name, value) or self.kept_functions(name, value):
                return
            case _:
                pass
        if len(targets) == 1 and self._spread_out(targets[0], value):
            return
        self.assign_all(targets, self.value(value), value, span)

    def _spread_out(self, target: tree.Target, value: tree.Expression) -> bool:
        """Assign `a, b = f(x), g(y)` of coroutines one by one."""
        match target, value:
            case tree.Tuple(names) | tree.List(names), tree.Tuple(values) if len(names) == len(values):
                if not any(self.is_coroutine(one) for one in values):
                    return False
                for one, found in zip(names, values, strict=True):
                    if not isinstance(one, tree.Name) or not self.kept(one, found):
                        raise Refused(AWAITS, "calls that aren't awaited and values are assigned together", value.span,
                                      "assign them one by one")  # fmt: skip
                return True
            case _:
                return False

    def assign(self, target: tree.Target, value: Value, node: tree.Expression | None) -> None:
        """Assign a value to a target."""
        self.assign_all([target], value, node, target.span)

    def assign_all(
        self, targets: Sequence[tree.Target], value: Value, node: tree.Expression | None, span: Span
    ) -> None:
        """Assign a value to targets, from left to right."""
        if all(map(_is_plain, targets)):
            self.emit(Let(value, tuple([self._target(target, node, span) for target in targets]), span=span))
            return
        value = self.pin(value)
        for target in targets:
            if _is_plain(target):
                self.emit(Let(value, (self._target(target, node, span),), span=span))
            else:
                self._assign_place(target, value, span)

    def _target(self, target: tree.Target, node: tree.Expression | None, span: Span) -> Target:
        match target:
            case tree.Name(name):
                return self._variable(name, node, target.span)
            case tree.Tuple(elts) | tree.List(elts):
                stars = [place for place, one in enumerate(elts) if isinstance(one, tree.Starred)]
                items = [one.value if isinstance(one, tree.Starred) else one for one in elts]
                found = [self._target(one, None, span) for one in items]  # type: ignore[arg-type]
                return Targets(tuple(found), stars[0] if stars else None)
            case _:
                raise Refused(STATEMENT, "this can't be assigned here", target.span)

    def _assign_place(self, target: tree.Target, value: Value, span: Span) -> None:
        """Assign to what isn't names alone: items, and lists of targets with items among them."""
        match target:
            case tree.Subscript(container, tree.Slice() as part):
                values = self.sequence([self.item(container), *self.bounds(part)])
                self.emit(Let(Apply("subscript store slice", (*values, value), span=target.span), span=span))
            case tree.Subscript(container, index):
                values = self.all_values([container, index])
                self.emit(Let(Apply("subscript store", (*values, value), span=target.span), span=span))
            case tree.Tuple(elts) | tree.List(elts):
                items = [one.value if isinstance(one, tree.Starred) else one for one in elts]
                stars = [place for place, one in enumerate(elts) if isinstance(one, tree.Starred)]
                names = [self.fresh("t") for _ in items]
                self.emit(Let(value, (Targets(tuple(names), stars[0] if stars else None),), span=span))
                for one, name in zip(items, names, strict=True):
                    self.reading.add(name)
                    self.assign_all([one], Local(name), None, span)  # type: ignore[list-item]
            case tree.Attribute(_, attr):
                raise Refused(
                    STATEMENT, f"the attribute `{attr}` can't be assigned", target.span, f'write ["{attr}"] = …'
                )
            case _:
                self.emit(Let(value, (self._target(target, None, span),), span=span))

    def _augmented(self, node: tree.AugAssign) -> None:
        op = f"operator {node.op}="
        match node.target:
            case tree.Name() as name:
                if self.grown(name, node):
                    return
                if node.op == "+" and self.is_stream(node.value):
                    self._extended(name, node)
                    return
                left = self.item(name)
                values = self.sequence([left, self.item(node.value, read=True)])
                kind = getattr(self.lookup(name.id), "kind", "")
                self.assign_all([name], Apply(op, tuple(values), span=node.span), None, node.span)
                self._keep_kind(name.id, kind)
            case tree.Subscript(container, index):
                items: list[Item] = [self.item(container)]
                part = isinstance(index, tree.Slice)
                items += self.bounds(index) if isinstance(index, tree.Slice) else [self.item(index)]
                place = [self.pin(one) for one in self.sequence(items)]
                old = self.temp(
                    Apply("subscript load slice" if part else "subscript load", tuple(place), span=node.span)
                )
                new = Apply(op, (old, self.value(node.value, read=True)), span=node.span)
                store = "subscript store slice" if part else "subscript store"
                self.emit(Let(Apply(store, (*place, self.temp(new)), span=node.span), span=node.span))
            case tree.Attribute(_, attr):
                what = f"the attribute `{attr}` can't be assigned"
                raise Refused(STATEMENT, what, node.target.span, f'write ["{attr}"] {node.op}= …')

    def _extended(self, target: tree.Name, node: tree.AugAssign) -> None:
        """Add what a generator with calls gives to a list, one by one."""
        if getattr(self.lookup(target.id), "kind", "") != "list":
            raise self.unread(node.value)
        made = self.pin(self.value(target))
        self.each(
            self.stream(node.value), lambda value: self.emit(Let(Apply("method append", (made, value)))), node.span
        )
        self.assign(target, made, None)
        self._keep_kind(target.id, "list")

    def _keep_kind(self, name: str, kind: str) -> None:
        found = self.holder.env.get(name)
        if isinstance(found, Var) and kind in ("list", "dict"):
            self.holder.env[name] = Var(found.name, True, kind)

    def _annotated(self, node: tree.AnnAssign) -> None:
        if node.value is not None:
            self._assignment([node.target], node.value, node.span)
            return
        match node.target:
            case tree.Name(name) if node.simple and self.scope.kind == "module" and name not in self.scope.env:
                self.scope.env[name] = Declared(self._declaration(name, node))
            case _:
                pass

    def _declaration(self, name: str, node: tree.AnnAssign) -> InputDecl:
        match node.annotation:
            case tree.Subscript(tree.Name("Annotated") | tree.Attribute(attr="Annotated"), tree.Tuple([kind, *marks])):
                secret = any(isinstance(one, tree.Constant) and one.value == "secret" for one in marks)
            case kind:
                secret = False
        return InputDecl(name, self.source().text[kind.span.start : kind.span.end], None, secret, node.span)

    def _delete(self, target: tree.Target) -> None:
        match target:
            case tree.Subscript(container, tree.Slice() as part):
                values = self.sequence([self.item(container), *self.bounds(part)])
                self.emit(Let(Apply("subscript delete slice", tuple(values), span=target.span), span=target.span))
            case tree.Subscript(container, index):
                values = self.all_values([container, index])
                self.emit(Let(Apply("subscript delete", tuple(values), span=target.span), span=target.span))
            case tree.Tuple(elts) | tree.List(elts):
                for one in elts:
                    self._delete(one)  # type: ignore[arg-type]
            case _:
                raise Refused(STATEMENT, "only items can be deleted", target.span, "leave the name, or assign None")

    # conditions and loops

    def part(self, body: Sequence[tree.Statement]) -> tuple[Statement, ...]:
        """Return statements as a block."""
        with self.block() as made:
            self.statements(body)
        return tuple(made)

    def _if(self, node: tree.If) -> None:
        if _is_main(node.test):
            self.statements(node.body)
            return
        test = self.value(node.test)
        blocks: list[tuple[Statement, ...]] = []

        def way(body: Sequence[tree.Statement]) -> Callable[[], None]:
            return lambda: blocks.append(self.part(body))

        self._ways_of([node.body, node.orelse], way(node.body), way(node.orelse))
        self.emit(If(test, blocks[0], blocks[1], node.span))

    def _ways_of(self, bodies: Sequence[Sequence[tree.Statement]], *makes: Callable[[], None]) -> None:
        """Do several things, only one of which happens; a way that always leaves says nothing of what names are behind."""
        holder = self.holder
        entry = holder.env
        ends = []
        for body, make in zip(bodies, makes, strict=True):
            holder.env = dict(entry)
            make()
            if not leaves(body):
                ends.append(holder.env)
        holder.env = self.meet(ends) if ends else holder.env

    def loop_begins(self, *bodies: Sequence[tree.Statement]) -> dict[str, Binding]:
        """Say that what follows may stand behind an earlier turn; return what names are before the loop."""
        entry = dict(self.holder.env)
        self.may_be_bound([name for body in bodies for name in assigned(body)])
        return entry

    def _loop_ends(self, entry: dict[str, Binding], body: Sequence[tree.Statement], span: Span) -> None:
        holder = self.holder
        end = holder.env
        for name, old in entry.items() if self.awaiting else ():
            new = end.get(name)
            if isinstance(old, Coroutine) and isinstance(new, Coroutine) and new.over != old.over:
                raise Refused(AWAITS, f"`{name}` is awaited in each turn of a loop", span, "await it before the loop")
        holder.env = self.meet([entry, end])
        for name in assigned(body):
            found = holder.env.get(name)
            if isinstance(found, Var) and isinstance(entry.get(name), Var):
                holder.env[name] = Var(found.name, found.sure, found.kind)

    def _for(self, node: tree.For) -> None:
        if self.over_coroutines(node):
            return
        self.read_late(node.iter, [*node.body, node])
        if self.is_stream(node.iter):
            self._for_stream(node)
            return
        found = self.lookup(node.iter.id) if isinstance(node.iter, tree.Name) else None
        items: Value = Local(found.name) if isinstance(found, FunctionList) else self.value(node.iter, read=True)
        id = self.new_id()
        entry = self.loop_begins(node.body, [node])
        with self.block() as made:
            target, before = self.loop_target(node.target)
            before()
            self._bind_function(node, target)
            self.statements(node.body)
        self._loop_ends(entry, [*node.body, node], node.span)
        orelse = self._orelse(node.orelse)
        self.emit(ForEach(id, target, items, tuple(made), orelse=orelse, span=node.span))

    def _bind_function(self, node: tree.For, target: Target) -> None:
        found = self.lookup(node.iter.id) if isinstance(node.iter, tree.Name) else None
        if isinstance(found, FunctionList) and isinstance(target, str) and isinstance(node.target, tree.Name):
            self.holder.env[node.target.id] = FunctionOf(target, found)

    def _orelse(self, body: Sequence[tree.Statement]) -> tuple[Statement, ...]:
        made: list[tuple[Statement, ...]] = []
        self.ways(lambda: made.append(self.part(body)), lambda: None)
        return made[0]

    def loop_target(self, target: tree.Target) -> tuple[Target, Callable[[], None]]:
        """Return the target of a loop, and what assigns where it isn't names alone."""
        if _is_plain(target):
            return self._target(target, None, target.span), lambda: None
        place = self.fresh("x")
        return place, lambda: self.assign_all([target], Local(place), None, target.span)

    def _for_stream(self, node: tree.For) -> None:
        stream = self.stream(node.iter)
        if _breaks(node.body) and not self.can_break(stream):
            raise self.unread(node.iter)
        entry = self.loop_begins(node.body, [node])

        def body(value: Value) -> None:
            self.assign_all([node.target], value, None, node.target.span)
            self.statements(node.body)

        self.each(stream, body, node.span)
        self._loop_ends(entry, [*node.body, node], node.span)
        if node.orelse and not _breaks(node.body):
            self.statements(node.orelse)
        elif node.orelse:
            self._else_of(stream, node)

    def _else_of(self, stream: Stream, node: tree.For) -> None:
        """Put `else` to the loop of a stream that only breaks of the program leave."""
        loop = self.out[-1]
        if not isinstance(loop, ForEach) or self.is_cut(stream):
            raise self.unread(node.iter)
        self.out[-1] = replace(loop, orelse=self._orelse(node.orelse))

    def _while(self, node: tree.While) -> None:
        id = self.new_id()
        entry = self.loop_begins(node.body, [tree.Expr(node.test)])
        if not self.acts(node.test):
            test = self.value(node.test)
            body = self.part(node.body)
            self._loop_ends(entry, [*node.body, tree.Expr(node.test)], node.span)
            self.emit(While(id, test, body, self._orelse(node.orelse), node.span))
            return
        ended = self.fresh("ended")
        if node.orelse:
            self.let(ended, Const(False))
        with self.block() as made:
            test = self.value(node.test)
            with self.block() as end:
                if node.orelse:
                    self.let(ended, Const(True))
                self.emit(Exit("break"))
            self.emit(If(test, (), tuple(end)))
            self.statements(node.body)
        self._loop_ends(entry, [*node.body, tree.Expr(node.test)], node.span)
        self.emit(While(id, Const(True), tuple(made), span=node.span))
        if node.orelse:
            self.emit(If(Local(ended), self._orelse(node.orelse), span=node.span))

    # failures

    def _try(self, node: tree.Try) -> None:
        holder = self.holder
        entry = dict(holder.env)
        self.tries += 1
        body = self.part(node.body)
        self.tries -= 1
        after_body = holder.env
        holder.env = entry
        self.may_be_bound(assigned(node.body))
        failed = dict(holder.env)
        ends = []
        holder.env = after_body
        orelse = self.part(node.orelse)
        if not leaves([*node.body, *node.orelse]):
            ends.append(holder.env)
        handlers = []
        for one in node.handlers:
            holder.env = dict(failed)
            handlers.append(self._handler(one))
            if not leaves(one.body):
                ends.append(holder.env)
        holder.env = self.meet(ends) if ends else dict(failed)
        final = self._final(node, failed)
        self.emit(Try(body, tuple(handlers), orelse, final, node.span))

    def _final(self, node: tree.Try, failed: dict[str, Binding]) -> tuple[Statement, ...]:
        holder = self.holder
        after = dict(holder.env)
        holder.env = dict(failed)
        self.may_be_bound(assigned([*node.orelse, *node.handlers]))
        made = self.part(node.finalbody)
        for name in assigned(node.finalbody):
            if name in holder.env:
                after[name] = holder.env[name]
        holder.env = after
        return made

    def _handler(self, node: tree.ExceptHandler) -> Handler:
        classes = None
        if node.type is not None:
            if self.acts(node.type):
                raise Refused(STATEMENT, "a call in the classes of an except", node.type.span, "name the classes")
            classes = self.value(node.type)
        name = None if node.name is None else self._variable(node.name, None, node.span)
        body = self.part(node.body)
        if node.name is not None:
            self.holder.env.pop(node.name, None)
        return Handler(classes, body, name, node.span)

    def _raise(self, node: tree.Raise) -> None:
        if node.exc is None:
            self.emit(Exit("raise", None, node.span))
            return
        nodes_ = [node.exc] if node.cause is None else [node.exc, node.cause]
        value, *cause = self.all_values(nodes_)
        if isinstance(value, Builtin) and value.name in EXCEPTION_CLASSES:
            value = Apply(f"builtin {value.name}", (), span=value.span)
        if cause and not isinstance(cause[0], Const | Local):
            value = self.pin(value)
            self.emit(Let(cause[0]))
        self.emit(Exit("raise", value, node.span))

    def _assert(self, test: tree.Expression, msg: tree.Expression | None, span: Span) -> None:
        found = self.value(test)
        with self.block() as made:
            text = () if msg is None else (self.value(msg),)
            self.emit(Exit("raise", Apply("builtin AssertionError", text), span))
        self.emit(If(found, (), tuple(made), span))

    # functions

    def _def(self, node: tree.FunctionDef | tree.AsyncFunctionDef) -> None:
        waits = isinstance(node, tree.AsyncFunctionDef) and self.awaiting
        made = self.function(node.name, node.args, node.body, node.name_span)
        made = Function(made.name, made.params, made.body, made.scope, made.defaults, waits, made.span)
        self.functions.append(made)
        self.bind(node.name, made, node.name_span)

    def check_uncalled(self) -> None:
        """Look into functions that nobody calls, with values for their parameters: what they may not say is refused, too."""
        for function in self.functions:
            if id(function.body) in self.called:
                continue
            with self.block():
                names = [*function.params.posonlyargs, *function.params.args, *function.params.kwonlyargs]
                given: dict[str, Value | Binding] = {one.arg: Const(None) for one in names}
                try:
                    self.inline(function, given, function.span)
                except Refused as refused:
                    if refused.finding.code != HELPER.code or "itself" in refused.finding.message:
                        self.report(refused.finding)


def _is_plain(target: object) -> bool:
    match target:
        case tree.Name():
            return True
        case tree.Starred(value):
            return _is_plain(value)
        case tree.Tuple(elts) | tree.List(elts):
            return all(map(_is_plain, elts))
        case _:
            return False


def _is_main(test: tree.Expression) -> bool:
    match test:
        case tree.Compare(tree.Name("__name__"), ("==",), (tree.Constant("__main__"),)):
            return True
        case tree.Compare(tree.Constant("__main__"), ("==",), (tree.Name("__name__"),)):
            return True
        case _:
            return False


def _is_quiet(value: Value) -> bool:
    """Whether evaluating a value can't fail or change anything."""
    return isinstance(value, Const | Builtin) or type(value).__name__ == "Ref"


def leaves(body: Sequence[tree.Statement]) -> bool:
    """Whether nothing behind a block is reached through it."""
    for one in body:
        match one:
            case tree.Return() | tree.Raise() | tree.Break() | tree.Continue():
                return True
            case tree.Expr(tree.Call(tree.Name("answer"))):
                return True
            case tree.If(_, then, orelse) if orelse and leaves(then) and leaves(orelse):
                return True
            case _:
                pass
    return False


def _breaks(body: Sequence[object]) -> bool:
    for one in body:
        match one:
            case tree.Break():
                return True
            case tree.For(orelse=orelse) | tree.While(orelse=orelse):
                if _breaks(orelse):
                    return True
            case tree.If(_, then, orelse):
                if _breaks([*then, *orelse]):
                    return True
            case tree.Try(then, handlers, orelse, final):
                if _breaks([*then, *orelse, *final, *[s for h in handlers for s in h.body]]):
                    return True
            case _:
                pass
    return False
