"""Build a plan, a statement at a time; blocks are `with` statements.

    plan = PlanBuilder()
    team = plan.call("team.members", "sales")
    rows = plan.let("rows", [])
    with plan.for_each("m", team) as m:
        spent = plan.call("expenses", m.id, quarter="Q3")
        with plan.if_(spent["total"] > 5000):
            plan.do(rows.append({"name": m.name, "spent": spent["total"]}))
    plan.answer(rows)
    plan.build()

Nothing is evaluated while a plan is built. What can't be said so raises ValueError or TypeError at its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias, cast

from lcc.grammar.ir.blocks import names_of, statement_values
from lcc.grammar.ir.building.plan_values import PlanValue, applied, builtin_of, function_of, spread_of, value_of
from lcc.grammar.ir.expressions import (
    Apply,
    Choose,
    Clause,
    Comprehension,
    Const,
    Input,
    Local,
    Logic,
    Ref,
    Select,
    Target,
    Targets,
    Value,
    text_of,
)
from lcc.grammar.ir.literals import LOCAL, NAME
from lcc.grammar.ir.nodes import (
    Arg,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    InputDecl,
    Join,
    Let,
    Part,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.ir.walk import beyond_flat, children, references
from lcc.grammar.limits import BODY_NESTING
from lcc.grammar.signatures import RESERVED_TOOLS, TOOL_NAME

Names: TypeAlias = str | tuple["Names", ...]
"""What a value is bound to: a name, or several that it is unpacked into; one of several may have a `*` in front."""
Kind: TypeAlias = Literal["body", "for", "while", "if", "try", "except", "else", "finally", "region", "gather", "part"]


@dataclass(slots=True)
class _Frame:
    """A block that is open. `results`: what was made in it; `parts`: those of a gather; `ends`: what it yields or gives."""

    kind: Kind
    strict: bool
    loop: bool
    found: list[Statement] = field(default_factory=list)
    results: set[int] = field(default_factory=set)
    tasks: set[int] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)
    ends: tuple[Value, Value | None] | None = None


class PlanBuilder:
    """Build a plan. A strict one means what its statements mean one after the other; in an independent one a failure ends only what
    reads it, and it has no conditions, names and handlers but in regions.

    Values (`value`, `first`, `item`, `items`, `test`, `when`, `values`, `parts`, and all of `*args`, `*more` and `**names`) are JSON values, what
    methods of the builder returned, and lists, tuples and dicts of these.

    What can't be said so raises where it is said: ValueError for what stands in the wrong place or has a wrong name, TypeError for a
    value that no plan holds.
    """

    def __init__(self, fails: Literal["strict", "independent"] = "strict") -> None:
        if fails not in ("strict", "independent"):
            raise ValueError(f'a plan fails "strict" or "independent", not {fails!r}')
        self._fails = fails
        self._inputs: dict[str, InputDecl] = {}
        self._frames = [_Frame("body", fails == "strict", loop=False)]
        self._last_id = 0
        self._join: Join | None = None

    # values

    def input(self, name: str, type: str = "Any", default: object = ..., *, secret: bool = False) -> PlanValue:
        """Declare an input; without a default the run must give it."""
        if not NAME.match(name) or name in self._inputs:
            raise ValueError(
                f"`{name}` is declared already" if name in self._inputs else f"`{name}` can't name an input"
            )
        value = None if default is ... else value_of(default)
        self._inputs[name] = InputDecl(name, type, value, secret)
        return PlanValue(Input(name))

    def op(self, op: str, *args: object, **names: object) -> PlanValue:
        """Apply an operation by its name in the table: `plan.op("builtin sorted", rows, key=lambda row: row.spent)`."""
        return applied(op, args, names)

    def builtin(self, name: str) -> PlanValue:
        """Return a class or constant of the table: `plan.builtin("math.pi")`."""
        return PlanValue(builtin_of(name))

    def name(self, name: str) -> PlanValue:
        """Return the value of a name that the plan binds."""
        return PlanValue(Local(self._checked(name)))

    def text(self, *parts: object) -> PlanValue:
        """Return a text of parts: texts stand as they are, other values as plan files write them."""
        values = [value_of(part) for part in parts]
        if all(isinstance(v, Ref | Input) or (isinstance(v, Const) and isinstance(v.value, str)) for v in values):
            return PlanValue(text_of([cast(str, v.value) if isinstance(v, Const) else cast(Ref, v) for v in values]))
        return PlanValue(Apply("field f-string", tuple([_field(value) for value in values])))

    def choose(self, test: object, then: object, other: object) -> PlanValue:
        """Return `then if test else other`."""
        return PlanValue(Choose(value_of(test), value_of(then), value_of(other)))

    def and_(self, first: object, second: object, *more: object) -> PlanValue:
        """Return `first and second`; what stands behind the one that decides isn't evaluated."""
        return PlanValue(Logic("and", tuple(map(value_of, (first, second, *more)))))

    def or_(self, first: object, second: object, *more: object) -> PlanValue:
        """Return `first or second`."""
        return PlanValue(Logic("or", tuple(map(value_of, (first, second, *more)))))

    def not_(self, value: object) -> PlanValue:
        """Return `not value`."""
        return applied("unary not", (value,))

    def select(self, first: object, *more: object) -> PlanValue:
        """Return the first of these that was taken."""
        return PlanValue(Select(tuple(map(value_of, (first, *more)))))

    def spread(self, value: object, *, names: bool = False) -> PlanValue:
        """Return `*value` among the arguments of a call or operation, with `names` `**value`."""
        return spread_of(value, names=names)

    def collect(
        self,
        item: Callable[[PlanValue], object],
        items: object,
        where: Callable[[PlanValue], object] | None = None,
        kind: Literal["list", "set", "lazy"] = "list",
    ) -> PlanValue:
        """Return `[item for … in items if where]`: both functions take the element, by the name of `item`'s parameter."""
        made = function_of(item)
        if len(made.params) != 1:
            raise TypeError("`item` is a function of one parameter, which is the element")
        tests = () if where is None else (value_of(where(PlanValue(Local(made.params[0])))),)
        return PlanValue(Comprehension(kind, made.body, (Clause(made.params[0], value_of(items), tests),)))

    # steps

    def call(
        self,
        tool: str,
        *args: object,
        when_: object = ...,
        after_: Iterable[PlanValue] = (),
        ok_: Iterable[PlanValue] = (),
        instead_: PlanValue | None = None,
        thought_: str = "",
        **names: object,
    ) -> PlanValue:
        """Call a tool, and return its result. An argument may be `plan.each(items)`: a call for each of them.

        `when_`: only if that is true; `after_` and `ok_`: once these calls have ended, or ended well; `instead_`: only if that
        call failed.
        """
        if not TOOL_NAME.match(tool) or tool in RESERVED_TOOLS:
            raise ValueError(f"`{tool}` can't name a tool")
        given = [_arg(None, arg) for arg in args] + [_arg(name, arg) for name, arg in names.items()]
        if sum([arg.each for arg in given]) > 1:
            raise ValueError("two arguments are `each`; a call may have one")
        after, ok = ([self._task(one) for one in some] for some in (after_, ok_))
        instead = None if instead_ is None else self._task(instead_)
        when = self._optional(when_)
        id = self._new_id()
        call = Task(id, tool, tuple(given), tuple(after), 0.0, thought_, when=when, ok=tuple(ok), instead=instead)
        self._add(call)
        self._frames[-1].tasks.add(id)
        return self._result(id)

    def each(self, items: object) -> PlanValue:
        """Return an argument that makes a call for each of some items."""
        return _Each(value_of(items))

    def compute(self, value: object, *, when: object = ..., thought: str = "") -> PlanValue:
        """Evaluate a value once, and return what it gave."""
        computed = Let(value_of(value), (), self._new_id(), self._optional(when), thought)
        self._add(computed)
        return self._result(self._last_id)

    @contextmanager
    def for_each(self, names: Names, items: object, *, when: object = ...) -> Iterator[Any]:
        """Do a block for each item; `as` gives the item, or a tuple of values for a tuple of names. See `yield_`."""
        target, when_, items_ = self._target(names), self._optional(when), value_of(items)
        id = self._new_id()
        with self._block("for", loop=True) as frame:
            yield self._bound(target)
        yields, yield_when = frame.ends or (None, None)
        self._add(ForEach(id, target, items_, tuple(frame.found), yields, yield_when, (), when_))
        if yields is not None:
            self._frames[-1].results.add(id)

    def yield_(self, value: object, *, when: object = ...) -> None:
        """Say what a turn of the loop adds to the loop's list, as the last thing in its block; `results` is that list."""
        self._end("for", "yield_", value_of(value), self._optional(when))

    def results(self) -> PlanValue:
        """Return what the loop, gather or region that stands right before gives."""
        match self._frames[-1].found[-1:]:
            case [ForEach(id=id, yields=yields)] if yields is not None:
                return self._result(id)
            case [Gather(id=id) | Region(id=id)]:
                return self._result(id)
        raise ValueError("results() stands right behind a loop that yields, a gather or a region")

    @contextmanager
    def region(self, *names: str) -> Iterator[None]:
        """Do strict statements among the steps of an independent plan; `results` is a record of these names."""
        id = self._new_id()
        for name in names:
            self._checked(name)
        with self._block("region", strict=True) as frame:
            yield
        self._add(Region(id, tuple(frame.found), names))
        self._frames[-1].results.add(id)

    # strict statements

    def let(self, names: Names, value: object) -> Any:
        """Bind a name, or several that the value is unpacked into; return their values."""
        self._strict("let")
        target = self._target(names)
        self._add(Let(value_of(value), (target,)))
        return self._bound(target)

    def do(self, value: PlanValue) -> None:
        """Evaluate a value for what it changes: `plan.do(rows.append(x))`."""
        self._strict("do")
        self._add(Let(value_of(value)))

    def store(self, container: object, index: object, value: object) -> None:
        """Do `container[index] = value`."""
        self.do(applied("subscript store", (container, index, value)))

    def print(self, *values: object, sep: str = " ", end: str = "\n") -> None:
        """Print, as a program does."""
        names = {name: text for name, text, usual in (("sep", sep, " "), ("end", end, "\n")) if text != usual}
        self.do(applied("builtin print", values, names))

    @contextmanager
    def if_(self, test: object) -> Iterator[None]:
        """Do a block if something is true; `else_` may follow."""
        self._strict("if_")
        value = value_of(test)
        with self._block("if") as frame:
            yield
        self._add(If(value, tuple(frame.found)))

    @contextmanager
    def while_(self, test: object) -> Iterator[None]:
        """Do a block as long as something is true; `else_` may follow."""
        self._strict("while_")
        value, id = value_of(test), self._new_id()
        with self._block("while", loop=True) as frame:
            yield
        self._add(While(id, value, tuple(frame.found)))

    @contextmanager
    def try_(self) -> Iterator[None]:
        """Do a block whose failures are handled: `except_`, `else_` and `finally_` follow."""
        self._strict("try_")
        with self._block("try") as frame:
            yield
        self._add(Try(tuple(frame.found)))

    @contextmanager
    def except_(self, *classes: type | str, name: str | None = None) -> Iterator[PlanValue]:
        """Handle failures of some classes, all without any; `as` gives the exception where it has a name."""
        if name is not None and not classes:
            classes = (BaseException,)
        known = tuple([builtin_of(one if isinstance(one, str) else one.__name__) for one in classes])
        caught = known[0] if len(known) == 1 else Apply("display tuple", known) if known else None
        if name is not None:
            self._checked(name)
        self._follows("except_", Try)
        with self._block("except", keeps_loop=True) as frame:
            yield PlanValue(Const(None) if name is None else Local(name))
        before = self._follows("except_", Try)
        if before.orelse or before.final:
            raise ValueError("except_ stands before else_ and finally_")
        self._replace(replace(before, handlers=(*before.handlers, Handler(caught, tuple(frame.found), name))))

    @contextmanager
    def else_(self) -> Iterator[None]:
        """Do a block otherwise: after if_, a loop that no break left, or a try_ that didn't fail."""
        before = self._follows("else_", If, ForEach, While, Try)
        if before.orelse:
            raise ValueError("else_ stands there already")
        if isinstance(before, Try) and (not before.handlers or before.final):
            raise ValueError("else_ of a try_ stands between except_ and finally_")
        if isinstance(before, ForEach):
            self._strict("else_ of a loop")
        with self._block("else", keeps_loop=True) as frame:
            yield
        self._replace(replace(before, orelse=tuple(frame.found)))

    @contextmanager
    def finally_(self) -> Iterator[None]:
        """Do a block whatever came of a try_."""
        before = self._follows("finally_", Try)
        if before.final:
            raise ValueError("finally_ stands there already")
        with self._block("finally", keeps_loop=True) as frame:
            yield
        self._replace(replace(before, final=tuple(frame.found)))

    @contextmanager
    def gather(self, *, exceptions: bool = False) -> Iterator[None]:
        """Do parts that are independent; `results` is the list of what they give. It holds parts alone."""
        self._strict("gather")
        id = self._new_id()
        with self._block("gather") as frame:
            yield
        self._add(Gather(id, tuple(frame.parts), exceptions))
        self._frames[-1].results.add(id)

    @contextmanager
    def part(self, names: Names | None = None, items: object = ...) -> Iterator[Any]:
        """Do a part of a gather, or one for each of some items; `give` says what it gives."""
        if self._frames[-1].kind != "gather":
            raise ValueError("part stands right inside of gather")
        if (names is None) is not (items is ...):
            raise ValueError('a part for each of some items has a name and items: plan.part("x", items)')
        target = None if names is None else self._target(names)
        items_ = None if items is ... else value_of(items)
        with self._block("part") as frame:
            yield None if target is None else self._bound(target)
        value, _ = frame.ends or (Const(None), None)
        self._frames[-1].parts.append(Part(tuple(frame.found), value, target, items_))

    def give(self, value: object) -> None:
        """Say what a part of a gather gives, as the last thing in its block."""
        self._end("part", "give", value_of(value), None)

    def break_(self) -> None:
        """Leave the innermost loop."""
        self._leave("break", None)

    def continue_(self) -> None:
        """Go on with the next turn of the innermost loop."""
        self._leave("continue", None)

    def raise_(self, error: type | PlanValue | None = None, *args: object) -> None:
        """Raise an exception, by its class and arguments or as a value; without one that which is handled."""
        if isinstance(error, type):
            error = applied(f"builtin {error.__name__}", args)
        self._leave("raise", None if error is None else value_of(error))

    def return_(self, value: object = None) -> None:
        """End the program, and hand back a value."""
        self._leave("return", value_of(value))

    def offer(self, value: object) -> None:
        """Say what is handed back if nothing was printed and nothing else is handed back."""
        self._leave("offer", value_of(value))

    def answer(self, value: object) -> None:
        """End the plan wherever this stands, and answer; in an independent plan it is the last thing."""
        if self._frames[-1].strict:
            self._leave("answer", value_of(value))
        else:
            self._set_join(Join((value_of(value),), direct=True))

    def join(self, *values: object) -> None:
        """Say what an independent plan hands on: these values, or without any the result of every step."""
        if not values:
            ids = sorted(self._frames[0].results)
            self._set_join(Join(tuple(map(Ref, ids)), tuple(ids)))
        else:
            self._set_join(Join(tuple(map(value_of, values))))

    def build(self) -> Plan:
        """Return the plan: a line of tasks where it is nothing else, else one with a body."""
        if len(self._frames) > 1:
            raise ValueError(f"a block is open: build the plan outside of its {self._frames[-1].kind}")
        self._settled()
        inputs, body = tuple(self._inputs.values()), tuple(self._frames[0].found)
        if self._fails == "strict":
            return Plan(inputs, (), None, (), body, "strict")
        if self._join is None:
            raise ValueError("an independent plan ends with join() or answer()")
        tasks = tuple([one for one in body if isinstance(one, Task) and _is_flat(one)])
        if len(tasks) == len(body) and not any(map(beyond_flat, self._join.values)):
            return Plan(inputs, tasks, self._join)
        return Plan(inputs, (), self._join, (), body)

    # how it is done

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _result(self, id: int) -> PlanValue:
        self._frames[-1].results.add(id)
        return PlanValue(Ref(id))

    def _add(self, statement: Statement) -> None:
        frame = self._frames[-1]
        if frame.kind == "gather":
            raise ValueError("a gather holds parts alone: `with plan.part():`")
        if frame.ends is not None:
            raise ValueError("yield_ and give are the last thing in their block")
        if self._join is not None:
            raise ValueError("join() and answer() are the last thing in an independent plan")
        self._settled()
        for value in _own_values(statement):
            self._check_value(value)
        frame.found.append(statement)

    def _check_value(self, value: Value) -> None:
        if _deeper(value, BODY_NESTING - len(self._frames)):
            raise ValueError("this is nested too deep: evaluate parts of it before, by plan.let or plan.compute")
        known = set().union(*[frame.results for frame in self._frames])
        for ref in references(value):
            if ref.task not in known:
                raise ValueError(f"${ref.task} is only known inside of the block in which it is made")

    def _settled(self) -> None:
        match self._frames[-1].found[-1:]:
            case [Try(handlers=(), final=())]:
                raise ValueError("a try_ is followed by except_ or finally_")

    def _task(self, value: PlanValue) -> int:
        match value_of(value):
            case Ref(task=int(id), path=()) if any(id in frame.tasks for frame in self._frames):
                return id
        raise ValueError("after_, ok_ and instead_ take results of calls that stand before")

    def _optional(self, value: object) -> Value | None:
        return None if value is ... else value_of(value)

    def _strict(self, what: str) -> None:
        if not self._frames[-1].strict:
            raise ValueError(f"{what} stands only in a strict plan or in a region")

    @contextmanager
    def _block(
        self, kind: Kind, *, strict: bool = False, loop: bool = False, keeps_loop: bool = False
    ) -> Iterator[_Frame]:
        around = self._frames[-1]
        kept = around.loop and (keeps_loop or kind in ("if", "try"))
        frame = _Frame(kind, around.strict or strict, loop or kept)
        self._frames.append(frame)
        yield frame
        self._settled()
        self._frames.pop()

    def _follows(self, what: str, *kinds: Any) -> Any:
        last = self._frames[-1].found[-1:]
        if not last or not isinstance(last[0], kinds):
            names = " or ".join([_METHODS[kind] for kind in kinds])
            raise ValueError(f"{what} stands right behind {names}")
        return last[0]

    def _replace(self, statement: Statement) -> None:
        self._frames[-1].found[-1] = statement

    def _end(self, kind: Kind, what: str, value: Value, when: Value | None) -> None:
        frame = self._frames[-1]
        if frame.kind != kind or frame.ends is not None:
            raise ValueError(f"{what} stands once, right inside of {_METHODS[ForEach] if kind == 'for' else 'part'}")
        self._check_value(value)
        frame.ends = value, when

    def _leave(self, kind: Any, value: Value | None) -> None:
        self._strict(f"{kind}_")
        if kind in ("break", "continue") and not self._frames[-1].loop:
            raise ValueError(f"{kind}_ stands only inside of a loop")
        self._add(Exit(kind, value))

    def _set_join(self, join: Join) -> None:
        if len(self._frames) > 1 or self._fails == "strict" or self._join is not None:
            raise ValueError("join() and answer() stand once, at the end of an independent plan")
        for value in join.values:
            self._check_value(value)
        self._join = join

    def _checked(self, name: str) -> str:
        if not isinstance(name, str) or not LOCAL.match(name):
            raise ValueError(f"{name!r} is not a name: letters, digits and `_`, no digit first")
        if name in self._inputs:
            raise ValueError(f"`{name}` is an input already")
        return name

    def _target(self, names: Names) -> Target:
        if isinstance(names, str):
            return self._checked(names)
        stars = [place for place, one in enumerate(names) if isinstance(one, str) and one.startswith("*")]
        if len(stars) > 1:
            raise ValueError("two names with a star in one tuple")
        plain = [one.removeprefix("*") if isinstance(one, str) else one for one in names]
        return Targets(tuple([self._target(one) for one in plain]), stars[0] if stars else None)

    def _bound(self, target: Target) -> Any:
        values = [PlanValue(Local(name)) for name in names_of(target)]
        return values[0] if isinstance(target, str) else tuple(values)


class _Each(PlanValue):
    """An argument that makes a call for each of its items."""


_METHODS: Final = {If: "if_", ForEach: "for_each", While: "while_", Try: "try_"}


def _arg(name: str | None, given: object) -> Arg:
    return Arg(name, value_of(given), isinstance(given, _Each))


def _field(value: Value) -> Value:
    if isinstance(value, Const) and isinstance(value.value, str):
        return value
    return Apply("field text", (value,))


def _deeper(value: Value, most: int) -> bool:
    """Whether a value is nested deeper than that."""
    layer = [value]
    for _ in range(most):
        layer = [inner for one in layer for inner in children(one)]
        if not layer:
            return False
    return True


def _is_flat(task: Task) -> bool:
    plain = task.when is None and not task.ok and task.instead is None and not task.after
    return plain and all(beyond_flat(arg.value) is None for arg in task.args)


def _own_values(statement: Statement) -> tuple[Value, ...]:
    """Return the values of a statement that stand outside of its blocks."""
    match statement:
        case ForEach(items=items, when=when):
            return tuple([value for value in (items, when) if value is not None])
        case Gather(parts=parts):
            return tuple([part.items for part in parts if part.items is not None])
    return statement_values(statement)
