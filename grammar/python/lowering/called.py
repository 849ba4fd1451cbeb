"""Treat calls: of tools, of functions of the program, of the table of operations, and of what reads or takes generators and functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Clause,
    Comprehension,
    Const,
    Exit,
    Handler,
    If,
    Let,
    Local,
    Spread,
    Targets,
    Try,
    Value,
)
from lcc.grammar.ir.operations import OPERATIONS
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Method
from lcc.grammar.python.lowering.loops import Loops, Plain, Stream
from lcc.grammar.python.lowering.names.assigned import assigned, free_names, parameters
from lcc.grammar.python.lowering.names.bindings import (
    Binding,
    BuiltinName,
    Function,
    FunctionOf,
    Path,
    Scope,
    Tool,
    Unbound,
    Unclear,
    Var,
)
from lcc.grammar.python.lowering.names.program_rules import AWAITS, FUNCTION, HELPER, STATEMENT, Refused
from lcc.grammar.python.lowering.state import Item
from lcc.grammar.source import Span

_PASSES_ON: Final = frozenset(
    {"builtin enumerate", "builtin zip", "builtin iter", "builtin reversed", "module itertools.chain",
     "module itertools.chain.from_iterable", "module itertools.islice", "module itertools.groupby"}
)  # fmt: skip
"""Operations whose result reads their arguments later."""
_READS: Final = frozenset(
    {op.partition(" ")[0] + " " + op.rpartition(".")[2] if op.startswith("method ") else op
     for op, one in OPERATIONS.items() if "iterable" in (one.rest or "", *[param.kinds for param in one.params])}
    | {"builtin dict", "builtin max", "builtin min", "builtin next", "method update", "method subtract", "module collections.Counter"}
)  # fmt: skip
"""Operations that read an iterator which they are given; others keep it, or have no use for one."""
_FOLDS: Final = frozenset({"builtin sum", "builtin min", "builtin max"})
_KEYED: Final = frozenset({"builtin sorted", "builtin min", "builtin max", "method sort", "module itertools.groupby"})


class Calls(Loops):
    """Calls."""

    def call(self, node: tree.Call, *, read: bool = False) -> Value:
        """Return what a call gives, after the statements that it takes."""
        every = [*node.args, *[one.value for one in node.keywords]]
        for place, one in enumerate(every):
            self.read_late(one, every[place + 1 :])
        callee = self.callee(node.func)
        if (isinstance(callee, Tool) and self.awaiting and not callee.blocks) or (
            isinstance(callee, Function) and self.awaiting and callee.waits
        ):
            help = f"write `await {self.source().text[node.func.span.start : node.func.span.end]}(…)`"
            raise Refused(AWAITS, "this call isn't awaited, so it isn't made", node.span, help)
        match callee:
            case Tool():
                return self.tool_call(node, callee)
            case Function():
                return self.function_call(node, callee)
            case FunctionOf():
                return self.element_call(node, callee)
            case Path(module="asyncio"):
                return self.asyncio(node, callee)
            case Method():
                return self._method_call(node, callee, read)
            case BuiltinName("answer" | "print" | "any" | "all" | "next" | "map" | "filter" | "set" | "dict" as name):
                special = self._special(name, node, read)
                return self._operation(f"builtin {name}", node, read) if special is None else special
            case _:
                return self._operation(self.operator(callee, node.span).op, node, read)

    def _special(self, name: str, node: tree.Call, read: bool) -> Value | None:
        """Return what a builtin gives that isn't an operation here; None if it is."""
        match name:
            case "answer":
                return self._answer(node)
            case "print":
                self.emit(Let(self._operation("builtin print", node, True), span=node.span))
                return Const(None)
            case "map" | "filter":
                return self._mapped(node, name, read)
        if not node.args or not self.is_stream(node.args[0]) or (len(node.args) > 1 and name != "next"):
            return None
        if node.keywords:  # which are evaluated before the stream is read
            return None
        match name:
            case "set":
                return self._updated(Apply("builtin set", ()), node.args[0])
            case "dict":
                return self._updated(Apply("display dict", ()), node.args[0])
            case "next":
                return self._next(node)
            case _:
                return self._any(node.args[0], name)

    def _answer(self, node: tree.Call) -> Value:
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], tree.Starred):
            raise Refused(STATEMENT, "answer takes one value", node.span, "write answer([a, b]) for several")
        self.emit(Exit("answer", self.value(node.args[0], read=True), span=node.span))
        return Const(None)

    def _updated(self, empty: Value, node: tree.Expression) -> Value:
        """Return a set, dict or Counter of what a stream gives."""
        made = self.temp(empty, "made")
        self._update(made, node)
        return made

    def _update(self, made: Value, node: tree.Expression) -> None:
        def add(value: Value) -> None:
            self.emit(Let(Apply("method update", (made, Apply("display list", (value,)))), span=node.span))

        self.each(self.stream(node), add, node.span)

    def _next(self, node: tree.Call) -> Value:
        if len(node.args) == 1 and not node.keywords:
            return self._next_or_stop(node)

        def found(value: Value) -> None:
            self.emit(Exit("return", value))

        return self.until(node.args[0], found, lambda: self.pin(self.value(node.args[1])), "next")

    def _next_or_stop(self, node: tree.Call) -> Value:
        """Return the first element; without one StopIteration is raised, behind the loop."""
        found = self.fresh("found")
        self.let(found, Apply("display list", ()))

        def take(value: Value) -> None:
            self.emit(Let(Apply("method append", (Local(found), value))))
            self.emit(Exit("return", Const(None)))

        self.until(node.args[0], take, lambda: None, "next")
        self.emit(If(Apply("unary not", (Local(found),)), (Exit("raise", Apply("builtin StopIteration", ())),)))
        return Apply("subscript load", (Local(found), Const(0)))

    def _any(self, node: tree.Expression, name: str) -> Value:
        wanted = name == "any"

        def test(value: Value) -> None:
            value = value if wanted else Apply("unary not", (value,))
            self.emit(If(value, (Exit("return", Const(wanted)),)))

        return self.until(node, test, lambda: Const(not wanted), name)

    # operations

    def _operation(self, op: str, node: tree.Call, read: bool) -> Value:
        """Return an operation of the table, applied."""
        if op == "module functools.reduce":
            return self._reduced(node)
        if op == "module collections.Counter" and len(node.args) == 1 and self.is_stream(node.args[0]):
            return self._updated(Apply(op, ()), node.args[0])
        read = read if op in _PASSES_ON else op in _READS
        key = next((one.value for one in node.keywords if one.arg == "key"), None) if op in _KEYED else None
        if op == "module itertools.groupby" and len(node.args) == 2:
            return self._keyed(op, node, node.args[:1], node.args[1], read)
        if key is not None and not (isinstance(key, tree.Constant) and key.value is None):
            return self._keyed(op, node, node.args, key, read)
        if op == "builtin list" and len(node.args) == 1 and self.is_stream(node.args[0]):
            return self.listed(self.stream(node.args[0]), node.span)
        if op in _FOLDS and len(node.args) == 1 and not node.keywords and self._is_writing_stream(node.args[0]):
            return Apply(op, (self._folded(op, node.args[0]),), span=node.span)
        args, names = self.operands(
            node.args, [one for one in node.keywords if one.arg != "key" or op not in _KEYED], read
        )
        return self._plain(op, args, names, node.span)

    def _is_writing_stream(self, node: tree.Expression) -> bool:
        return self.is_stream(node) and self.may_write(node)

    def _folded(self, op: str, node: tree.Expression) -> Value:
        """Return the list of what a generator gives; what can't be added or compared ends it there, before its next call."""
        made, last = self.temp(Apply("display list", ()), "made"), self.fresh("last")
        if op == "builtin sum":
            self.let(last, Const(0))

        def add(value: Value) -> None:
            value = self.pin(value)
            if op == "builtin sum":
                self.let(last, Apply("operator +", (Local(last), value)))
            else:
                best = Apply(op, (Apply("display list", (Local(last), value)),))
                self.emit(If(made, (Let(best, (last,)),), (Let(value, (last,)),)))
            self.emit(Let(Apply("method append", (made, value))))

        self.each(self.stream(node), add, node.span)
        return made

    def _plain(self, op: str, args: Sequence[Value], names: tuple[tuple[str, Value], ...], span: Span) -> Value:
        if op not in OPERATIONS and not op.startswith("class "):
            raise Refused(FUNCTION, f"`{op.partition(' ')[2]}` can't be called", span)
        return Apply(op, tuple(args), names, span)

    def operands(
        self, args: Sequence[tree.Expression], keywords: Sequence[tree.keyword], read: bool, first: Sequence[Item] = ()
    ) -> tuple[list[Value], tuple[tuple[str, Value], ...]]:
        """Return the arguments of an operation, and those by name."""
        unread: dict[int, Stream] = {}
        items = [*first]
        for place, one in enumerate(args, len(first)):
            items.append(self.argument(one, read, partial(unread.__setitem__, place)))
        items += [self.item(one.value) for one in keywords]
        values = self.sequence(items)
        if unread:
            values = [self.pin(one) for one in values]
        for place, stream in unread.items():
            values[place] = self.listed(stream, args[place - len(first)].span)
        count = len(first) + len(args)
        places, named = values[:count], values[count:]
        places += [Spread(v, True) for one, v in zip(keywords, named, strict=True) if one.arg is None]
        return places, tuple([(one.arg, v) for one, v in zip(keywords, named, strict=True) if one.arg is not None])

    def argument(self, node: tree.Expression, read: bool, keep: Callable[[Stream], None]) -> Item:
        """Return an argument of an operation as an item. A stream is made here, and read once all arguments are evaluated."""

        def made() -> Value:
            keep(self.stream(node))
            return Const(None)

        if read and self.is_stream(node):
            return True, made
        if isinstance(node, tree.Starred) and self.is_stream(node.value):
            return True, lambda: Spread(self.listed(self.stream(node.value), node.span))
        return self.item(node, read=read)

    def _keyed(
        self, op: str, node: tree.Call, args: Sequence[tree.Expression], key: tree.Expression, read: bool
    ) -> Value:
        others = [one for one in node.keywords if one.arg != "key"]
        if op in _FOLDS and len(args) == 1 and self._is_writing_stream(args[0]):
            raise self.unread(args[0])
        if not self._function_acts(key):
            values, names = self.operands(args, others, read)
            made = self.plain_key(key)
            assert made is not None
            return Apply(op, tuple(values), (("key", made), *names), node.span)
        values, names = self.operands(args, others, True)
        items = values[0] if len(values) == 1 else Apply("display list", tuple(values))
        if op == "method sort":
            items = self.pin(items)
            self.emit(Let(Apply("check method", (items, Const("sort")), span=node.span)))
        else:
            items = self.pin(Apply("builtin list", (items,)))
        names = tuple([(name, self.pin(value)) for name, value in names])
        if op == "method sort":
            return self._sorted_in_place(items, names, key, node.span)
        return Apply(op, (items,), (("keys", self.keys(items, key, node.span)), *names), node.span)

    def _sorted_in_place(
        self, items: Value, names: tuple[tuple[str, Value], ...], key: tree.Expression, span: Span
    ) -> Value:
        """Sort a list by keys that act. Where they may see the list, it is empty meanwhile, as in CPython."""
        copy = self.temp(Apply("builtin list", (items,)))
        if not self._looks_around(key):
            return Apply("method sort", (items,), (("keys", self.keys(copy, key, span)), *names), span)
        put_back = Let(Apply("subscript store slice", (items, *[Const(None)] * 3, copy)))
        self.emit(Let(Apply("method clear", (items,))))
        with self.block() as body:
            keys = self.keys(copy, key, span)
            self.emit(Let(Apply("method sort", (copy,), (("keys", keys), *names), span)))
        self.emit(Try(tuple(body), (Handler(None, (put_back, Exit("raise", None, span))),), span=span))
        changed = Exit("raise", Apply("builtin ValueError", (Const("list modified during sort"),)), span)
        self.emit(If(items, (put_back, changed), (put_back,)))
        return Const(None)

    def _looks_around(self, function: tree.Expression) -> bool:
        """Whether a function reads a value that isn't one of its own names, itself or by the functions that it calls."""
        todo: list[tuple[Scope, frozenset[str]]] = [(self.scope, free_names(function))]
        seen: set[int] = set()
        while todo:
            scope, names = todo.pop()
            for name in names:
                with self.inside(scope):
                    found = self.lookup(name)
                if isinstance(found, Var | Unbound | Unclear | FunctionOf):
                    return True
                if isinstance(found, Function) and id(found) not in seen:
                    seen.add(id(found))
                    own = {*parameters(found.params)}
                    if isinstance(found.body, tuple):
                        own |= set(assigned(found.body))
                    todo.append((found.scope, _names_in(found.body) - own))
        return False

    def _reduced(self, node: tree.Call) -> Value:
        if len(node.args) not in (2, 3) or node.keywords:
            raise Refused(HELPER, "reduce takes a function, items, and perhaps a first value", node.span)
        function = self.applied(node.args[0]) if self.acts(node) else None
        if function is None:
            return self._plain_reduce(node)
        values, _ = self.operands(node.args[1:], (), True)
        items = self.temp(Apply("builtin iter", (values[0],)))
        start = values[1] if len(values) == 2 else self._first_of(items)
        total = self.fresh("total")
        self.let(total, start)
        self.each(Plain(items), lambda value: self.let(total, function([Local(total), value])), node.span)
        return Local(total)

    def _plain_reduce(self, node: tree.Call) -> Value:
        function = node.args[0]
        if not isinstance(function, tree.Lambda):
            raise Refused(FUNCTION, "reduce takes a lambda here", function.span, "write lambda a, b: …")
        made = self.plain_key(function)
        assert made is not None
        values = [self.value(one, read=True) for one in node.args[1:]]
        return Apply("module functools.reduce", (made, *values), span=node.span)

    def _first_of(self, items: Value) -> Value:
        found = self.temp(Apply("builtin list", (Apply("module itertools.islice", (items, Const(1))),)))
        message = "reduce() of empty iterable with no initial value"
        error = Exit("raise", Apply("builtin TypeError", (Const(message),)))
        self.emit(If(Apply("unary not", (found,)), (error,)))
        return Apply("subscript load", (found, Const(0)))

    def _mapped(self, node: tree.Call, name: str, read: bool) -> Value:
        """Return `map(…)` or `filter(…)` whose function doesn't act."""
        if len(node.args) < 2 or node.keywords or (name == "filter" and len(node.args) != 2):
            raise Refused(HELPER, f"{name} takes a function and items", node.span)
        if self.is_stream(node):
            if read:
                return self.listed(self.stream(node), node.span)
            raise self.unread(node)
        function = node.args[0]
        if not read:
            self.check_unread(node, free_names(function), False)
        items = [self.value(one, read=True) for one in node.args[1:]]
        found = items[0] if len(items) == 1 else Apply("builtin zip", tuple(items))
        return self._lazy(function, found, len(items), name, node.span)

    def _lazy(self, function: tree.Expression, items: Value, count: int, name: str, span: Span) -> Value:
        none = isinstance(function, tree.Constant) and function.value is None
        if isinstance(function, tree.Lambda):
            names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
            if len(names) != count:
                raise Refused(HELPER, f"this lambda takes {len(names)} arguments, {count} are given", function.span)
            with self.parameters_of(function.args):
                made = self.value(function.body)
        else:
            names = [self.fresh("x") for _ in range(count)]
            locals_ = [Local(one) for one in names]
            made = locals_[0] if none else self._handed(function, locals_)
        target = names[0] if count == 1 else Targets(tuple(names))
        if name == "map":
            return Comprehension("lazy", made, (Clause(target, items),), span=span)
        return Comprehension("lazy", Local(names[0]), (Clause(target, items, (made,)),), span=span)

    def _handed(self, function: tree.Expression, values: Sequence[Value]) -> Value:
        callee = self.callee(function)
        if isinstance(callee, Method):
            return Apply(f"method {callee.name}", (self.value(callee.receiver), *values), span=function.span)
        return Apply(self.operator(callee, function.span).op, tuple(values), span=function.span)

    # methods

    def _method_call(self, node: tree.Call, method: Method, read: bool) -> Value:
        name = method.name
        if name in ("append", "extend") and isinstance(method.receiver, tree.Name):
            kept = self.kept_coroutine(node, method.receiver.id)
            if kept is not None:
                return kept
        if name in ("extend", "update") and len(node.args) == 1 and not node.keywords and self.is_stream(node.args[0]):
            receiver = self._checked_receiver(method)
            if name == "update":
                self._update(receiver, node.args[0])
            else:
                self.each(self.stream(node.args[0]),
                          lambda value: self.emit(Let(Apply("method append", (receiver, value)))), node.span)  # fmt: skip
            return Const(None)
        given = [*node.args, *[one.value for one in node.keywords]]
        acts = any(self.acts(one) or self.is_stream(one) or self._function_acts(one) for one in given)
        first: Item = (
            (self.acts(method.receiver), partial(self._checked_receiver, method))
            if acts
            else self.item(method.receiver)
        )
        key = next((one.value for one in node.keywords if one.arg == "key"), None)
        if name == "sort" and key is not None and not (isinstance(key, tree.Constant) and key.value is None):
            return self._keyed("method sort", node, (method.receiver,), key, True)
        args, names = self.operands(node.args, node.keywords, f"method {name}" in _READS, [first])
        return Apply(f"method {name}", tuple(args), names, node.span)

    def _checked_receiver(self, method: Method) -> Value:
        """Return the receiver of a method, which is looked up before its arguments are evaluated."""
        value = self.pin(self.value(method.receiver))
        if not self._has(method):
            self.emit(Let(Apply("check method", (value, Const(method.name)), span=method.span)))
        return value

    def _has(self, method: Method) -> bool:
        """Whether the receiver of a method is known to have it."""
        match method.receiver:
            case tree.Name(name):
                found = self.lookup(name)
                kind = found.kind if isinstance(found, Var) and found.sure else ""
            case tree.List() | tree.ListComp():
                kind = "list"
            case tree.Dict() | tree.DictComp():
                kind = "dict"
            case tree.JoinedStr() | tree.Constant(str()):
                kind = "str"
            case _:
                kind = ""
        return f"method {kind}.{method.name}" in OPERATIONS

    # what later layers give

    def bind(self, name: str, binding: Binding, span: Span) -> None:
        """Bind a name to what isn't a value."""
        raise NotImplementedError

    def element_call(self, node: tree.Call, function: FunctionOf) -> Value:
        """Call an element of a list of functions."""
        raise NotImplementedError

    def asyncio(self, node: tree.Call, path: Path) -> Value:
        """Return what a call of asyncio gives that isn't awaited."""
        raise NotImplementedError

    def kept_coroutine(self, node: tree.Call, name: str) -> Value | None:
        """Keep a coroutine in a list of them; None if this is no such call."""
        raise NotImplementedError


def _names_in(body: tuple[tree.Statement, ...] | tree.Expression) -> frozenset[str]:
    """Return the names that a function's body reads, its own among them."""
    statements = body if isinstance(body, tuple) else (body,)
    return frozenset(name for one in statements for name in free_names(one))
