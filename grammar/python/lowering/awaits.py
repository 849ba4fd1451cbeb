"""Treat coroutines: in a program that awaits, a call is made where it is awaited or gathered, and once.

A coroutine in a name is known while lowering: what it will call, and its arguments, which are evaluated where it stands. A list of
them is a list at run time, of the arguments. A gather is a Gather, each of its parts a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lcc.grammar.ir import Apply, Arg, Const, ForEach, Gather, Let, Local, Part, Ref, Targets, Value
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.begun import Begun
from lcc.grammar.python.lowering.names.assigned import nodes
from lcc.grammar.python.lowering.names.bindings import (
    Binding,
    Coroutine,
    CoroutineList,
    Element,
    Function,
    Path,
    Scope,
    Site,
    Tool,
)
from lcc.grammar.python.lowering.names.program_rules import AWAITS, UNAVAILABLE, Refused
from lcc.grammar.source import Span

_TASKS: Final = frozenset({"create_task", "ensure_future"})
_INSTEAD: Final = {
    "wait_for": "limits are set by whoever runs the program: await the call itself",
    "timeout": "limits are set by whoever runs the program: await the call itself",
    "as_completed": "write asyncio.gather(…): calls run in parallel by themselves",
    "wait": "write asyncio.gather(…): calls run in parallel by themselves",
    "Semaphore": "leave it out: how many calls run at once is set by whoever runs the program",
    "BoundedSemaphore": "leave it out: how many calls run at once is set by whoever runs the program",
    "TaskGroup": "write asyncio.gather(…): calls run in parallel by themselves",
}


@dataclass(frozen=True)
class _Prepared:
    """A part of a gather, whose arguments are evaluated: the call that is left, or with `items` one for each of them."""

    make: Callable[[Value | None], Value]
    items: Value | None = None


class Awaits(Begun):
    """Coroutines."""

    def asyncio_name(self, node: tree.Expression) -> str | None:
        """Return the name of a function of asyncio."""
        try:
            found = self.static(node)
        except Refused:
            return None
        return found.path if isinstance(found, Path) and found.module == "asyncio" else None

    def is_coroutine(self, node: tree.Expression) -> bool:
        """Whether an expression is a call that is made where it is awaited."""
        match node:
            case tree.Name(name):
                return isinstance(self.lookup(name), Coroutine | Element)
            case tree.Call(func, args):
                if not self.awaiting:
                    return False
                called = self.asyncio_name(func)
                if called in _TASKS and len(args) == 1:
                    return self.is_coroutine(args[0])
                return called == "gather" or self._is_waiting(func)
            case _:
                return False

    def _is_waiting(self, func: tree.Expression) -> bool:
        if isinstance(func, tree.Lambda):
            return False
        try:
            callee = self.callee(func)
        except Refused:
            return False
        return (isinstance(callee, Tool) and not callee.blocks) or (
            isinstance(callee, Function) and (callee.waits or self._returned(callee) is not None)
        )

    def _returned(self, function: Function) -> tree.Expression | None:
        """Return the coroutine that a function returns, if that is all it does."""
        body = function.body
        if isinstance(body, tuple):
            match body:
                case [tree.Expr(tree.Constant(str())), tree.Return(value)] | [tree.Return(value)]:
                    body = value or tree.Constant(None)
                case _:
                    return None
        if function in self.stack or len(self.stack) > 8:
            return None
        self.stack.append(function)
        try:
            with self.inside(Scope("function", function.scope)), self.parameters_of(function.params):
                return body if isinstance(body, tree.Call) and self.is_coroutine(body) else None
        finally:
            self.stack.pop()

    # await

    def awaited(self, node: tree.Expression, span: Span) -> Value:
        """Return what `await node` gives."""
        self.check_begun(node, self._writes(node))
        match node:
            case tree.Call(func):
                return self._awaited_asyncio(node, self.asyncio_name(func), span)
            case tree.Name():
                return self._awaited_name(node, span)
            case _:
                pass
        raise Refused(AWAITS, "what is awaited here is no call", node.span, "await a call of a tool, or a name of one")

    def _writes(self, node: tree.Expression) -> bool:
        """Whether a call may write, or one of those in a gather."""
        if not isinstance(node, tree.Call):
            return False
        if self.asyncio_name(node.func) is not None:
            inner = [one.value if isinstance(one, tree.Starred) else one for one in node.args]
            return any(
                self._writes(one.elt if isinstance(one, tree.ListComp | tree.GeneratorExp) else one) for one in inner
            )
        try:
            return self.may_write(self.callee(node.func))
        except Refused:
            return True

    def _awaited_asyncio(self, node: tree.Call, name: str | None, span: Span) -> Value:
        if name is None:
            return self._awaited_call(node)
        if name == "gather":
            return self._gathered(node)
        if name in _TASKS and len(node.args) == 1 and not node.keywords:
            return self.awaited(node.args[0], span)
        raise self._no_such(name, node.func.span)

    def _awaited_call(self, node: tree.Call) -> Value:
        callee = self.callee(node.func)
        if isinstance(callee, Tool) and not callee.blocks:
            return self.tool_call(node, callee)
        if isinstance(callee, Function) and callee.waits:
            return self.function_call(node, callee)
        if isinstance(callee, Function) and self._returned(callee) is not None:
            site, args = self._coroutine(node)
            return self.begun(site, args, node.span)
        raise Refused(AWAITS, "what is awaited here is no call of a tool", node.span, "leave `await` out")

    def _no_such(self, name: str, span: Span) -> Refused:
        help = _INSTEAD.get(name) or "calls run in parallel by themselves: await them, or write asyncio.gather(…)"
        return Refused(UNAVAILABLE, f"`asyncio.{name}` is not available", span, help)

    def _awaited_name(self, node: tree.Name, span: Span) -> Value:
        found = self.resolve(node)
        match found:
            case Coroutine(site, args):
                self._use(node, found)
                return self.begun(site, args, span)
            case Element(name, of):
                self._use(node, found)
                return self._dispatched(of, Local(name), span)
            case CoroutineList():
                help = f"write `await asyncio.gather(*{node.id})`"
            case _:
                help = f"leave `await` out: `{node.id}` is no call that waits"
        raise Refused(AWAITS, f"`{node.id}` can't be awaited", span, help)

    def let_off(self, name: str) -> None:
        """Ask no more that a call in a name is awaited: there is something else to say about it."""
        found = self.holder.env.get(name)
        if isinstance(found, Coroutine):
            self.holder.env[name] = replace(found, over=True)
        elif isinstance(found, CoroutineList):
            found.used[0] = True

    def _use(self, node: tree.Name, found: Coroutine | Element) -> None:
        if found.over:
            raise Refused(AWAITS, f"`{node.id}` is awaited twice", node.span, "keep its result in a name")
        scope: Scope | None = self.scope
        while scope is not None and node.id not in scope.env:
            scope = scope.parent
        assert scope is not None
        scope.env[node.id] = replace(found, over=True)

    # coroutines that are kept

    def _coroutine(self, node: tree.Call) -> tuple[Site, tuple[Value, ...]]:
        """Evaluate the arguments of a coroutine; return what it will call with them."""
        if self.asyncio_name(node.func) in _TASKS and isinstance(node.args[0], tree.Call):
            site, args = self._coroutine(node.args[0])
            return replace(site, begun=True), args
        callee = self.callee(node.func)
        if isinstance(callee, Function):
            return self._of_function(node, callee)
        if not isinstance(callee, Tool):
            raise Refused(AWAITS, "only a call of a tool or an async function can be awaited later", node.span)
        names = (*[None for _ in node.args], *[one.arg for one in node.keywords])
        if any(isinstance(one, tree.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
            raise Refused(
                AWAITS, "starred arguments of a call that is awaited later", node.span, "write the arguments out"
            )
        values = self.all_values([*node.args, *[one.value for one in node.keywords]])
        return Site(callee, names, node.span), tuple(values)

    def _of_function(self, node: tree.Call, function: Function) -> tuple[Site, tuple[Value, ...]]:
        given = self.arguments(node, function)
        if not all(isinstance(one, Value) for one in given.values()):
            raise Refused(AWAITS, "a function is handed to a call that is awaited later", node.span)
        if function.waits:
            return Site(function, tuple(given), node.span), tuple(given.values())  # type: ignore[arg-type]
        inner = self._returned(function)
        assert isinstance(inner, tree.Call)
        scope = self._entered(function, given, node.span)
        self.called.add(id(function.body))
        with self.inside(scope):
            return self._coroutine(inner)

    def begun(self, site: Site, args: Sequence[Value], via: Span) -> Value:
        """Make a call whose arguments are there."""
        if isinstance(site.callee, Tool):
            given = tuple([Arg(name, value, span=site.span) for name, value in zip(site.names, args, strict=True)])
            return self.task(site.callee, given, site.span)
        return self.inline(site.callee, {str(n): v for n, v in zip(site.names, args, strict=True)}, via)

    def kept(self, target: tree.Name, value: tree.Expression) -> bool:
        """Keep a coroutine, or a list of them, in a name; return whether this is one."""
        if not self.awaiting:
            return False
        if isinstance(value, tree.Name) and isinstance(self.lookup(value.id), Coroutine | CoroutineList | Element):
            raise Refused(AWAITS, f"`{value.id}` gets another name before it is awaited", value.span, "await it first")
        if isinstance(value, tree.Call) and self.is_coroutine(value):
            if self._is_gather(value):
                raise Refused(
                    AWAITS, "a gather isn't awaited where it stands", value.span, "write `await asyncio.gather(…)`"
                )
            site, args = self._coroutine(value)
            self.bind(target.id, Coroutine(site, tuple(map(self.pin, args)), value.span), target.span)
            return True
        if isinstance(value, tree.List) and not value.elts and self._is_filled(target.id):
            self._new_list(target, value.span, Apply("display list", ()))
            return True
        if self.are_coroutines(value):
            made: list[Site] = []
            items = self._listed(value, made)
            self._new_list(target, value.span, items, made)
            return True
        return False

    def _is_gather(self, node: tree.Call) -> bool:
        return self.asyncio_name(node.func) == "gather" or (
            len(node.args) == 1
            and isinstance(node.args[0], tree.Call)
            and self.asyncio_name(node.args[0].func) == "gather"
        )

    def _new_list(self, target: tree.Name, span: Span, items: Value, sites: Sequence[Site] = ()) -> None:
        made = CoroutineList(self.fresh(target.id), span, list(sites))
        self.bind(target.id, made, target.span)
        self.let(made.name, items, span)

    def _is_filled(self, name: str) -> bool:
        """Whether coroutines are appended to a name somewhere in the function at hand."""
        body: object = self.stack[-1] if self.stack else self.whole()
        statements = body.body if isinstance(body, Function | tree.Module) else ()
        for one in nodes(tree.Module(statements if isinstance(statements, tuple) else ())):
            match one:
                case tree.Call(tree.Attribute(tree.Name(found), "append"), (tree.Call() as made,)) if found == name:
                    if self._may_wait(made):
                        return True
                case _:
                    pass
        return False

    def _may_wait(self, node: tree.Call) -> bool:
        if self.asyncio_name(node.func) in _TASKS:
            return True
        if isinstance(node.func, tree.Name | tree.Attribute):
            return self._is_waiting(node.func)
        return False

    def are_coroutines(self, node: tree.Expression) -> bool:
        """Whether an expression is a list of coroutines."""
        match node:
            case tree.ListComp(elt, generators) | tree.GeneratorExp(elt, generators):
                with self.comprehension(generators):
                    return isinstance(elt, tree.Call) and self.is_coroutine(elt)
            case tree.List(elts) | tree.Tuple(elts):
                return bool(elts) and all(isinstance(one, tree.Call) and self.is_coroutine(one) for one in elts)
            case _:
                return False

    def _listed(self, node: tree.Expression, sites: list[Site]) -> Value:
        """Evaluate a list of coroutines: of each its site, and its arguments."""
        match node:
            case tree.ListComp() | tree.GeneratorExp():
                return self._listed_comprehension(node, sites)
            case tree.List(elts) | tree.Tuple(elts):
                return Apply("display list", tuple([self.pin(self._entry(one, sites)) for one in elts]))
            case _:
                raise Refused(AWAITS, "this is no list of calls", node.span)

    def _entry(self, node: tree.Expression, sites: list[Site]) -> Value:
        """Return what stands for a coroutine in a list."""
        assert isinstance(node, tree.Call)
        site, args = self._coroutine(node)
        sites.append(site)
        return Apply("display tuple", (Const(len(sites) - 1), *args))

    def _listed_comprehension(self, node: tree.ListComp | tree.GeneratorExp, sites: list[Site]) -> Value:
        first = self.pin(self.value(node.generators[0].iter, read=True))
        with self.inside(Scope("comprehension", self.scope)):
            return self.yielded(node.generators, first, lambda: self._entry(node.elt, sites), node.span)

    def kept_coroutine(self, node: tree.Call, name: str) -> Value | None:
        """Keep a coroutine in a list of them; None if this is no such call."""
        found = self.lookup(name)
        if not isinstance(found, CoroutineList) or len(node.args) != 1:
            return None
        if found.used[0]:
            raise Refused(AWAITS, f"`{name}` gets another call after it was gathered", node.span, "begin a new list")
        one = node.args[0]
        extend = isinstance(node.func, tree.Attribute) and node.func.attr == "extend"
        if extend and self.are_coroutines(one):
            value = self._listed(one, found.sites)
        elif not extend and isinstance(one, tree.Call) and self.is_coroutine(one):
            value = self._entry(one, found.sites)
        else:
            raise Refused(AWAITS, f"`{name}` holds calls that aren't awaited yet, and gets something else", node.span)
        method = "method extend" if extend else "method append"
        self.emit(Let(Apply(method, (Local(found.name), value)), span=node.span))
        return Const(None)

    def grown(self, target: tree.Name, node: tree.AugAssign) -> bool:
        """Treat `tasks += [f(x) for …]`; return whether this is one."""
        found = self.lookup(target.id)
        if not isinstance(found, CoroutineList):
            return False
        attribute = tree.Attribute(target, "extend", target.span, target.span)
        self.kept_coroutine(tree.Call(attribute, (node.value,), (), node.span), target.id)
        return True

    # gather

    def asyncio(self, node: tree.Call, path: Path) -> Value:
        """Return what a call of asyncio gives that isn't awaited."""
        if path.path == "run" and len(node.args) == 1:
            inner = node.args[0]
            if isinstance(inner, tree.Call):
                callee = self.callee(inner.func)
                if isinstance(callee, Function):
                    return self.function_call(inner, callee)
                if self.awaiting or isinstance(callee, Tool):
                    return self.awaited(inner, node.span)
            raise Refused(AWAITS, "asyncio.run takes a call of an async function", node.span)
        if path.path == "gather" or path.path in _TASKS:
            raise Refused(
                AWAITS, f"`asyncio.{path.path}` isn't awaited", node.span, f"write `await asyncio.{path.path}(…)`"
            )
        raise self._no_such(path.path, node.func.span)

    def _gathered(self, node: tree.Call) -> Value:
        return self._begun_gather(node)()

    def _begun_gather(self, node: tree.Call) -> Callable[[], Value]:
        """Evaluate what a gather is given; return what makes its calls."""
        exceptions = False
        for one in node.keywords:
            if one.arg != "return_exceptions" or not isinstance(one.value, tree.Constant):
                raise Refused(UNAVAILABLE, "gather takes `return_exceptions=True`, and nothing else by name", one.span)
            exceptions = bool(one.value.value)
        prepared = [made for one in node.args for made in self._prepared(one)]

        def make() -> Value:
            self.tries += exceptions
            parts = [self._part_of(one) for one in prepared]
            self.tries -= exceptions
            id = self.new_id()
            self.emit(Gather(id, tuple(parts), exceptions, node.span))
            return Ref(id, (), node.span)

        return make

    def _part_of(self, prepared: _Prepared) -> Part:
        place = None if prepared.items is None else self.fresh("part")
        with self.block() as body:
            value = prepared.make(None if place is None else Local(place))
        return Part(tuple(body), value, place, prepared.items)

    def _prepared(self, node: tree.Expression) -> list[_Prepared]:
        """Evaluate the arguments of what a gather is given."""
        match node:
            case tree.Starred(tree.List(elts) | tree.Tuple(elts)):
                return [made for one in elts for made in self._prepared(one)]
            case tree.Starred(tree.Name() as name) if isinstance(self.lookup(name.id), CoroutineList):
                found = self.lookup(name.id)
                assert isinstance(found, CoroutineList)
                self._use_list(name, found)
                return [_Prepared(lambda item: self._dispatched(found, item, node.span), Local(found.name))]
            case tree.Starred(value) if self.are_coroutines(value):
                made = CoroutineList("", node.span)
                items = self.pin(self._listed(value, made.sites))
                return [_Prepared(lambda item: self._dispatched(made, item, node.span), items)]
            case tree.Call() if self._gathers(node):
                make = self._begun_gather(node)
                return [_Prepared(lambda _: make())]
            case tree.Call() if self.is_coroutine(node):
                site, args = self._coroutine(node)
                pinned = [self.pin(one) for one in args]
                return [_Prepared(lambda _: self.begun(site, pinned, node.span))]
            case tree.Name():
                return [self._prepared_name(node)]
            case _:
                what = "what is gathered here is no call"
                raise Refused(AWAITS, what, node.span, "gather calls of tools, `*[f(x) for x in …]`, or names of them")

    def _gathers(self, node: tree.Call) -> bool:
        return self.asyncio_name(node.func) == "gather"

    def _prepared_name(self, node: tree.Name) -> _Prepared:
        found = self.resolve(node)
        if isinstance(found, Coroutine):
            self._use(node, found)
            return _Prepared(lambda _: self.begun(found.site, found.args, node.span))
        if isinstance(found, Element):
            self._use(node, found)
            return _Prepared(lambda _: self._dispatched(found.of, Local(found.name), node.span))
        help = f"write `*{node.id}`" if isinstance(found, CoroutineList) else None
        raise Refused(AWAITS, f"`{node.id}` is no call that waits", node.span, help)

    def _use_list(self, node: tree.Name, found: CoroutineList) -> None:
        if found.used[0]:
            raise Refused(AWAITS, f"`{node.id}` is awaited twice", node.span, "keep the results in a name")
        found.used[0] = True

    def _dispatched(self, of: CoroutineList, item: Value | None, span: Span) -> Value:
        """Make the call of an element of a list of coroutines."""
        assert item is not None
        item = self.pin(item)
        if not of.sites:
            return Const(None)
        return self._of_site(of.sites, 0, item, span)

    def _of_site(self, sites: Sequence[Site], place: int, item: Value, span: Span) -> Value:
        def here() -> Value:
            site = sites[place]
            names = tuple([self.fresh(name or "arg") for name in ("site", *site.names)])
            self.emit(Let(item, (Targets(names),), span=span))
            self.reading.update(names)
            return self.begun(site, [Local(name) for name in names[1:]], span)

        if place == len(sites) - 1:
            return here()
        test = Apply("operator ==", (Apply("subscript load", (item, Const(0))), Const(place)))
        return self.choice(test, here, lambda: self._of_site(sites, place + 1, item, span))

    # loops over lists of coroutines

    def over_coroutines(self, node: tree.For) -> bool:
        """Put a loop over a list of coroutines; return whether this is one."""
        if not isinstance(node.iter, tree.Name) or not isinstance(node.target, tree.Name):
            return False
        found = self.lookup(node.iter.id)
        if not isinstance(found, CoroutineList):
            return False
        if any(one.begun and self.may_write(one.callee) for one in found.sites):
            help = f"write `await asyncio.gather(*{node.iter.id})`"
            raise Refused(AWAITS, f"all tasks in `{node.iter.id}` begin where one is awaited", node.iter.span, help)
        self._use_list(node.iter, found)
        id, place = self.new_id(), self.fresh(node.target.id)
        self.loop_begins(node.body)
        self.holder.env[node.target.id] = Element(place, found)
        with self.block() as body:
            self.statements(node.body)
        end = self.holder.env.get(node.target.id)
        if isinstance(end, Element) and not end.over:
            raise Refused(
                AWAITS,
                f"`{node.target.id}` isn't awaited in each turn",
                node.target.span,
                f"write `await {node.target.id}`",
            )
        self.emit(ForEach(id, place, Local(found.name), tuple(body), span=node.span))
        return True

    def settle(self, scope: Scope) -> None:
        """Refuse calls that nobody has awaited at the end of a scope."""
        for name, found in scope.env.items():
            left = isinstance(found, Coroutine) and not found.over
            if left or (isinstance(found, CoroutineList) and found.sites and not found.used[0]):
                help = f"write `await {name}`" if left else f"write `await asyncio.gather(*{name})`"
                what = f"the call in `{name}` is never awaited, so it isn't made"
                self.report(Refused(AWAITS, what, found.span, help).finding)  # type: ignore[union-attr]

    # what later layers give

    def whole(self) -> tree.Module:
        """Return the program, as far as it is there."""
        raise NotImplementedError

    def loop_begins(self, *bodies: Sequence[tree.Statement]) -> Mapping[str, Binding]:
        """Say that what follows may stand behind an earlier turn; return what names are before the loop."""
        raise NotImplementedError
