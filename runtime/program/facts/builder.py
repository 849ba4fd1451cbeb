"""Make the sites of a plan: compile its values, and gather what is known of each statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from lcc.grammar.ir import (
    NOWHERE,
    Apply,
    Block,
    Const,
    Element,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    ListOf,
    Local,
    Ref,
    Region,
    Spread,
    Statement,
    Target,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_calls,
    names_of,
    rebuild,
)
from lcc.grammar.ir.evaluation import NOT_TAKEN, Code, Evaluation, NotTaken, compile_target, compile_value, frame_keys
from lcc.grammar.ir.operations import OperationError
from lcc.grammar.source import Span
from lcc.runtime.binding import Binding
from lcc.runtime.program.facts.given import defaults_of, parameter_of
from lcc.runtime.program.facts.sites import (
    EACH,
    END_OF,
    FAILURE_OF,
    HANDLED,
    LITERAL,
    Formula,
    Key,
    Kind,
    Knowledge,
    Site,
    is_token,
)
from lcc.runtime.program.order.cells import Turns, whole
from lcc.runtime.program.order.hazards import Reach


class Builder:
    """Makes the sites of a plan."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        reach: Callable[[str], Reach],
        evaluation: Evaluation,
        knowledge: Knowledge,
    ) -> None:
        self._bindings = bindings
        self._reach = reach
        self._evaluation = evaluation
        self._knowledge = knowledge
        self._instead: set[Any] = set()
        self._awaited: set[int] = set()
        self._lists: set[int] = set()
        self._doubtful: set[Key] = set()
        self._tolerant = False

    def program(self, block: Block, *, tolerant: bool = False) -> tuple[Site, ...]:
        """Return the sites of a whole body. `tolerant`: its steps fail alone."""
        self._tolerant = tolerant
        self.expect(block_calls(block))
        return self.block(block)

    def expect(self, calls: Iterable[Task]) -> None:
        """Know which steps calls stand in for, or are ordered after, before the sites of these are made."""
        for task in calls:
            if task.instead is not None:
                self._instead.add(task.instead)
            self._awaited.update(id.task if isinstance(id, Element) else id for id in (*task.after, *task.ok))

    def block(self, block: Block) -> tuple[Site, ...]:
        """Return the sites of a block."""
        return tuple([self.site(one) for one in block])

    def site(self, node: Statement) -> Site:
        """Return the site of a statement."""
        match node:
            case Task():
                site = self._task(node) if node.each is None else self._fan_out(node)
            case Let():
                site = self._let(node)
            case ForEach():
                site = self._loop(node)
            case Region():
                site = self._region(node)
            case Inline(body=body):
                site = self._holding(node, "inline", body, stops=("return",))
                site.assigns.update((node.id, *node.names))
            case If() | While():
                site = self._test(node)
            case Try():
                site = self._try(node)
            case Gather():
                site = self._gather(node)
            case Exit():
                site = self._exit(node)
        id = getattr(node, "id", None)
        if id in self._awaited:
            site.awaited = True
            site.assigns.add(END_OF + str(id))
        if id in self._instead:
            site.handled = True
            site.assigns.add(FAILURE_OF + str(id))
            self._doubtful.add(id)
        return site.seal()

    def _code(self, value: Value) -> Code:
        try:
            return compile_value(value, self._evaluation)
        except OperationError as error:
            failure = error

            def refuse(frame: Any) -> Any:
                raise failure

            return refuse

    def _formula(self, site: Site, value: Value, when: Value | None = None, *, mutates: bool = False) -> Formula:
        """Compile a value of a site, which isn't taken if `when` is false; what it reads, the site does."""
        own: Span = getattr(value, "span", NOWHERE)
        value = self._by_element(value, site)
        keys = set(frame_keys(value))
        code = self._code(value)
        if when is not None:
            when = self._by_element(when, site)
            keys |= frame_keys(when)
            code = _taken_if(self._code(when), code)
        site.reads |= keys
        span = site.span if own == NOWHERE else own
        return Formula(code, tuple(keys | set(site.tokens)), site.tokens, mutates=mutates, span=span)

    def _by_element(self, value: Value, site: Site) -> Value:
        """Let a value read one element of a list where it needs no more, unless the list may be changed."""
        if not self._lists or site.tokens:
            return value
        return by_element(value, self._lists.__contains__, subscripts=self._tolerant)

    def _may_be_untaken(self, site: Site, when: Value | None = None) -> bool:
        """Whether it isn't known that something is taken that has this condition, and reads what the site does so far."""
        return when is not None or not self._doubtful.isdisjoint(map(whole, site.reads))

    def _touch(self, site: Site, node: Any) -> None:
        site.tokens = self._knowledge.touches(node)
        site.reads.update(site.tokens)
        site.assigns.update(site.tokens)

    def _targets(self, site: Site, targets: tuple[Target, ...]) -> None:
        """Note what a site binds, and how."""
        site.targets = tuple(dict.fromkeys(name for target in targets for name in names_of(target)))
        site.assigns.update(site.targets)
        if all(isinstance(target, str) for target in targets):
            return
        binders = [compile_target(target, self._evaluation.meter) for target in targets]

        def bind(value: Any, frame: dict[Any, Any]) -> None:
            for binder in binders:
                binder(value, frame)

        site.bind = bind

    def _inside(self, body: tuple[Site, ...]) -> Site:
        """Return a block as a site that a strand of its own issues."""
        site = Site(None, "block")
        site.body = body
        site.absorb(body)
        return site.seal()

    def _task(self, node: Task) -> Site:
        site = Site(node, "task")
        self._touch(site, node)
        site.binding = binding = self._bindings[node.tool]
        site.reach = self._reach(node.tool)
        site.touches = site.reach.static
        (site.writes if site.reach.writes else site.looks).update(site.reach.static)
        site.when = None if node.when is None else self._formula(site, node.when)
        site.given = [
            (parameter_of(binding, arg.name, place), self._formula(site, arg.value))
            for place, arg in enumerate(node.args)
        ]
        site.defaults = defaults_of(binding)
        unsure = node.instead is not None or not self._instead.isdisjoint(node.ok)
        if unsure or self._may_be_untaken(site, node.when):
            self._doubtful.add(node.id)
        site.reads.update((*node.ok, *[FAILURE_OF + str(id) for id in node.ok if id in self._instead]))
        if node.instead is not None:
            site.reads.add(FAILURE_OF + str(node.instead))
        site.reads.update([END_OF + str(_number(id)) for id in (*node.after, *node.ok)])
        site.keys = tuple(site.reads)
        site.assigns.add(node.id)
        return site

    def _fan_out(self, node: Task) -> Site:
        """Return the loop that a call with `each` is."""
        args = tuple([replace(arg, value=Local(EACH), each=False) if arg.each else arg for arg in node.args])
        each = node.each
        assert each is not None
        assert isinstance(node.id, int)
        one = replace(node, args=args, when=None)
        loop = self._loop(
            ForEach(node.id, EACH, each.value, (one,), yields=Ref(node.id), when=node.when, span=node.span)
        )
        loop.body[0].awaited = loop.body[0].handled = False
        return loop

    def _let(self, node: Let) -> Site:
        site = Site(node, "let")
        self._touch(site, node)
        value = node.value
        site.prints = isinstance(value, Apply) and value.op == "builtin print" and not node.targets and node.id is None
        site.head = self._formula(site, value, node.when, mutates=bool(site.tokens))
        self._targets(site, node.targets)
        if type(value) is Ref and not value.path and site.bind is None and node.when is None:
            site.source = value.task
        if node.id is not None:
            site.targets = (*site.targets, node.id)
            site.assigns.add(node.id)
        if self._may_be_untaken(site, node.when):
            self._doubtful.update(site.targets)
        return site

    def _loop(self, node: ForEach) -> Site:
        site = Site(node, "loop")
        self._touch(site, node)
        site.restarts = self._knowledge.restarts(node)
        site.head = self._items(site, node)
        unsure = self._may_be_untaken(site, node.when)
        site.body = self.block(node.body)
        site.orelse = self.block(node.orelse)
        site.absorb(site.body, stops=("break", "continue"))
        site.absorb(site.orelse)
        self._targets(site, (node.target,))
        if node.yields is not None:
            before, site.reads = site.reads, set()
            site.value = self._formula(site, node.yields, node.yield_when)
            site.gaps = self._may_be_untaken(site, node.yield_when)
            site.reads |= before
            self._lists.add(node.id)
        self._doubtful.discard(node.id)
        if unsure:
            self._doubtful.add(node.id)
        if site.conditional_exits and all(one.escapes <= {"continue"} for one in site.body):
            site.inner = self._inside(site.body)
        site.assigns.add(node.id)
        return site

    def _items(self, site: Site, node: ForEach) -> Formula:
        """Return what a loop goes over: among steps that fail alone, the turns of another loop, or items that are written there."""
        match node.items:
            case Ref(id, ()) if self._tolerant and id in self._lists:
                key = Turns(id)

                def turns(frame: Any) -> Any:
                    if frame[key] is NOT_TAKEN:
                        raise NotTaken
                    return frame[key]

                return self._listed(site, node, turns, key)
            case ListOf(items) | Apply("display list", items) if self._tolerant and _plain(items):
                site.items = tuple([self._formula(site, item) for item in items])
                site.unsure = self._may_be_untaken(site)
                return self._listed(site, node, lambda frame: LITERAL)
        return self._formula(site, node.items, node.when, mutates=bool(site.tokens))

    def _listed(self, site: Site, node: ForEach, code: Code, *keys: Key) -> Formula:
        when = None if node.when is None else self._formula(site, node.when)
        site.reads.update(keys)
        if when is not None:
            return Formula(_taken_if(when.code, code), (*when.keys, *keys), span=site.span)
        return Formula(code, keys, span=getattr(node.items, "span", NOWHERE))

    def _region(self, node: Region) -> Site:
        tolerant, self._tolerant = self._tolerant, False
        site = self._holding(node, "region", node.body)
        self._tolerant = tolerant
        site.inner = self._inside(site.body)
        site.when = None if node.when is None else self._formula(site, node.when)
        site.assigns.add(node.id)
        if node.when is not None:
            self._doubtful.add(node.id)
        return site

    def _holding(self, node: Region | Inline, kind: Kind, body: Block, stops: tuple[str, ...] = ()) -> Site:
        site = Site(node, kind)
        site.body = self.block(body)
        site.absorb(site.body, stops=stops)
        return site

    def _test(self, node: If | While) -> Site:
        looping = isinstance(node, While)
        site = Site(node, "while" if looping else "if")
        self._touch(site, node)
        site.head = self._formula(site, node.test, mutates=bool(site.tokens))
        site.body = self.block(node.body)
        site.orelse = self.block(node.orelse)
        site.absorb(site.body, stops=("break", "continue") if looping else ())
        site.absorb(site.orelse)
        return site

    def _try(self, node: Try) -> Site:
        """Return the site of a try; one with handlers and a `finally` is two, one in the other."""
        if node.final and (node.handlers or node.orelse):
            node = Try((replace(node, final=()),), final=node.final, span=node.span)
        site = Site(node, "try")
        site.body = self.block(node.body)
        site.inner = self._inside(site.body)
        site.orelse = self.block(node.final or node.orelse)
        handlers = []
        for handler in node.handlers:
            one = Site(handler, "block")
            one.head = None if handler.classes is None else self._formula(one, handler.classes)
            one.body = self.block(handler.body)
            one.name = handler.name
            one.absorb(one.body)
            if handler.name is not None:
                one.assigns.add(handler.name)
            handlers.append(one.seal())
        site.handlers = tuple(handlers)
        site.absorb((*site.body, *site.handlers, *site.orelse))
        site.reads.add(HANDLED)
        return site

    def _gather(self, node: Gather) -> Site:
        site = Site(node, "gather")
        self._touch(site, node)
        parts = []
        for part in node.parts:
            one = Site(part, "block")
            one.span = node.span
            one.tokens = site.tokens
            one.reads.update(site.tokens)
            one.head = None if part.items is None else self._formula(one, part.items)
            one.body = self.block(part.body)
            one.absorb(one.body)
            if part.target is not None:
                self._targets(one, (part.target,))
            one.value = self._formula(one, part.value)
            parts.append(one.seal())
        site.parts = tuple(parts)
        for one in parts:
            site.reads |= one.reads
            site.writes |= one.writes
            site.looks |= one.looks
            site.escapes |= one.escapes
            site.assigns |= set(filter(is_token, one.assigns))
        site.assigns.add(node.id)
        return site

    def _exit(self, node: Exit) -> Site:
        site = Site(node, "exit")
        self._touch(site, node)
        site.head = None if node.value is None else self._formula(site, node.value, mutates=bool(site.tokens))
        site.escapes = frozenset((node.kind,)) if node.kind != "offer" else frozenset()
        if node.kind == "raise" and node.value is None:
            site.reads.add(HANDLED)
        return site


def by_element(value: Value, is_list: Callable[[TaskId], bool], *, subscripts: bool) -> Value:
    """Return a value that reads single elements of lists by the ids of their turns: `%1[0]`, with `subscripts` as an operation, too."""

    def change(one: Value) -> Value:
        match one:
            case Ref(id, (int(place), *rest)) if is_list(id):
                return Ref(Element(_number(id), place), tuple(rest), one.span)
            case Apply("subscript load", (Ref(id, ()), Const(int(place)))) if subscripts and is_list(id):
                return Ref(Element(_number(id), place), (), one.span)
        return rebuild(one, change)

    return change(value)


def _number(id: TaskId) -> int:
    return id.task if isinstance(id, Element) else id


def _plain(items: Iterable[Value]) -> bool:
    """Whether each item is one: no star stands before it."""
    return not any(isinstance(item, Spread) for item in items)


def _taken_if(when: Code, code: Code) -> Code:
    def run(frame: Any) -> Any:
        if not when(frame):
            raise NotTaken
        return code(frame)

    return run
