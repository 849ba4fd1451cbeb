"""Write strict statements as Python: a call stands in what reads it where that changes nothing, else on a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import (
    Apply,
    Block,
    Clause,
    Comprehension,
    Const,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Input,
    Let,
    Local,
    Part,
    Ref,
    Region,
    Spread,
    Statement,
    Targets,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_statements,
    map_values,
    names_of,
    rebuild,
    statement_values,
    targets_of,
)
from lcc.grammar.ir.blocks import value_locals
from lcc.grammar.ir.operations import AUGMENTED
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.aliases import bound_for_sure
from lcc.grammar.writing.changed_places import CHANGED_PLACE
from lcc.grammar.writing.folding import Pending, claimed
from lcc.grammar.writing.written_names import TEMPORARY, Names, bindings, constant, counted, key_loops, keys_of
from lcc.grammar.writing.written_values import (
    AND,
    CHOICE,
    LAMBDA,
    OR,
    PRIMARY,
    NotSayable,
    Written,
    write,
    write_arguments,
    write_slice,
    write_target,
)

INDENT: Final = "    "
AWAIT: Final = 15


@dataclass(frozen=True)
class Facts:
    """What is to be known of the whole block. `tools`: how tools are called whose names are no Python."""

    uses: Mapping[str | TaskId, int]
    bound: Mapping[str, int]
    keys: frozenset[TaskId]
    awaiting: bool
    tools: Mapping[str, str]


def facts_of(block: Block, tools: Mapping[str, str]) -> Facts:
    """Return what is to be known of a block."""
    awaiting = any(isinstance(one, Gather) for one in block_statements(block))
    return Facts(counted(block), bindings(block), key_loops(block), awaiting, tools)


def whole_block(block: Block, names: Names, facts: Facts, *, ends: bool = True) -> list[str]:
    """Write a block with its helpers. `ends`: a program ends with it, so that its last expression would be handed back."""
    functions = Functions()
    lines = PythonBlock(names, facts, functions).block(block)
    if ends and _offers(block):
        lines.append("None")
    return [*functions.lines, *([""] if functions.lines and lines else []), *lines]


class Functions:
    """The helpers of a program, or of another helper: each is written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[tuple[str, ...], str] = {}

    def kept(self) -> tuple[list[str], dict[tuple[str, ...], str]]:
        """Return what there is, to come back to it."""
        return list(self.lines), dict(self._known)

    def restore(self, kept: tuple[list[str], dict[tuple[str, ...], str]]) -> None:
        """Come back to what there was."""
        self.lines, self._known = kept

    def add(self, name: Callable[[], str], head: str, params: str, body: Sequence[str]) -> str:
        """Return the name of a helper; of an earlier one that is the same."""
        key = (head, params, *body)
        if key not in self._known:
            self._known[key] = name()
            self.lines += [*([""] if self.lines else []), f"{head} {self._known[key]}({params}):", *body]
        return self._known[key]


class PythonBlock:
    """Writes one block; `bound`: the names that may be bound where it begins; `sure`: those that are."""

    def __init__(
        self,
        names: Names,
        facts: Facts,
        functions: Functions,
        bound: frozenset[str] = frozenset(),
        sure: frozenset[str] = frozenset(),
    ) -> None:
        self.names = names
        self.facts = facts
        self.functions = functions
        self.bound = set(bound)
        self.sure = set(sure)
        self.lines: list[str] = []
        self.pending: list[Pending] = []

    def block(self, block: Block) -> list[str]:
        """Write a whole block; `pass` for an empty one."""
        self.statements(block)
        self.flush()
        return self.lines or ["pass"]

    def statements(self, block: Block) -> None:
        """Write statements; the last ones may be pending."""
        given: list[Let] = []
        skip = 0
        for place, one in enumerate(block):
            if skip:
                skip -= 1
                continue
            if isinstance(one, Let) and isinstance(one.value, Apply) and one.value.op == "check method":
                skip = self._checked(one.value, block[place + 1 :])
                continue
            if isinstance(one, Let) and self._is_given(one, block[place + 1 :]):
                given.append(one)
                continue
            if self._collects(block[place : place + 2]):
                skip = 1
                continue
            if self._names_list(block[place : place + 2]):
                skip = 1
                continue
            if given:
                assert isinstance(one, Inline)
                self._inline(one, given)
                given = []
            else:
                self.statement(one)
            self.bound.update(name for target in targets_of(one) for name in names_of(target))
            self.sure |= bound_for_sure((one,))

    def _names_list(self, pair: Block) -> bool:
        """Write a loop whose list gets a name with a list of that name."""
        match pair:
            case (ForEach(id=id) as loop, Let(Ref(read, ()), (str(name),), None, None)) if read == id:
                pass
            case _:
                return False
        once = self.facts.uses.get(id) == 1 and self.facts.bound.get(name) == 1
        if not once or loop.yields is None or name in counted((loop,)) or id in self.facts.keys:
            return False
        before = len(self.lines)
        self.names.results[id] = self.names.own[name]
        self.statement(loop)
        if self.pending and self.pending[-1].key == id:
            self.put(f"{self.names.own[name]} = {self.pending.pop().written.text}")
        self.bound.update((name, *names_of(loop.target)))
        return len(self.lines) > before

    def _collects(self, pair: Block) -> bool:
        """Write a dict or set that a loop fills as a comprehension, where it was one."""
        match pair:
            case (
                Let(Apply("display dict" | "builtin set" as op, (), ()), (str(name),), None, None),
                ForEach() as loop,
            ):
                pass
            case _:
                return False
        if self.facts.uses.get(name) != 2 or self.facts.bound.get(name) != 1 or TEMPORARY.match(name) is None:
            return False
        if loop.yields is not None or loop.orelse or not loop.body:
            return False
        inside = counted((loop,))
        if any(pending.key in counted(loop.body) for pending in self.pending):
            self.flush()
        body, last = loop.body[:-1], loop.body[-1]
        tests: tuple[tuple[Block, Value], ...] = ()
        if isinstance(last, If) and last.body and not last.orelse:
            tests = ((body, last.test),)
            body, last = last.body[:-1], last.body[-1]
        own = tuple(names_of(loop.target))
        if any(self.facts.uses.get(one, 0) > inside.get(one, 0) for one in own) or _helpers_read(loop.body, own):
            return False
        with self.names.shortened((loop,), own):
            made = self._collected(op, name, body, last, tests, own)
            head = f" for {write_target(loop.target, self.names)} in "
        if made is None:
            return False
        self.claim(loop.items, stays=True)
        uses = {**self.facts.uses, name: 1}
        self.facts = replace(self.facts, uses=uses)
        self.pending.append(Pending(name, Written(f"{{{made[0]}{head}{self.text(loop.items, OR)}{made[1]}}}")))
        return True

    def _collected(
        self,
        op: str,
        name: str,
        body: Block,
        last: Statement,
        tests: tuple[tuple[Block, Value], ...],
        own: Sequence[str],
    ) -> tuple[str, str] | None:
        """Return what a comprehension gives, and its condition."""
        shown = ""
        for before, test in tests:
            written = self.parts_of(before, test, own=own)
            if written is None:
                return None
            shown = f" if {written.at(OR)}"
        match op, last:
            case "display dict", Let(Apply("subscript store", (Local(found), key, value)), ()) if found == name:
                pair = self.parts_of(body, Apply("display tuple", (key, value)), own=own)
                if pair is None:
                    return None
                item = f"{self.text(key, CHOICE)}: {self.text(value, CHOICE)}"
            case "builtin set", Let(Apply("method add", (Local(found), value), ()), ()) if found == name:
                made = self.parts_of(body, value, own=own)
                if made is None:
                    return None
                item = made.at(CHOICE)
            case _:
                return None
        return item, shown

    def _checked(self, check: Apply, rest: Block) -> int:
        """Look a method up before its arguments call: they are parts of its call, or a helper makes them.

        Return how many of the statements behind are written by that.
        """
        method = f"method {check.args[1].value}" if isinstance(check.args[1], Const) else ""
        at = next((place for place, one in enumerate(rest) if _calls_method(one, method, check.args[0])), None)
        if at is None:
            raise NotSayable("a method that is looked up and not called")
        marked = Pending(f"{len(self.pending)} {method}", Written(""), check=check)
        if self._folds([*self.pending[-1:], marked], rest[:at], rest[at]):
            self.pending.append(marked)
            return 0
        self._in_helper(method, check.args[0], rest[:at], rest[at])
        return at + 1

    def _folds(self, pending: list[Pending], between: Block, last: Statement) -> bool:
        kept = self.names.kept(), self.functions.kept()
        writer = self._writer()
        writer.pending = list(pending)
        try:
            writer.statements(between)
            folded = (
                not writer.lines
                and claimed(_evaluated(last), writer.pending, writer.sure) >= len(writer.pending) - len(pending) + 1
            )
        except NotSayable:
            folded = False
        self.names.restore(kept[0])
        self.functions.restore(kept[1])
        return folded

    def _in_helper(self, method: str, owner: Value, between: Block, last: Statement) -> None:
        """Write `owner.method(*arguments())`, where a helper does what stands between."""
        functions = Functions()
        found: list[Apply] = []

        def change(value: Value) -> Value:
            if isinstance(value, Apply) and value.op == method and value.args[:1] == (owner,) and not found:
                found.append(value)
                text = self.awaited(f"{name}()") if acts(between) else Written(f"{name}()")
                return Apply(method, (owner, Spread(Local(self.names.alias(text.at(PRIMARY))))))
            return rebuild(value, change)

        outside = [name for name in self._assigned_outside(between) if name not in counted((last,))]
        outside += [name for name in _assigned(between) if self.facts.bound.get(name, 0) > 1 and name not in outside]
        if outside:
            raise NotSayable(f"a helper that assigns `{outside[0]}` of the program around it")
        if any(pending.key in counted(between) for pending in self.pending):
            self.flush()
        name = self.names.fresh("arguments")
        (new,) = map_values((last,), change)
        if found[0].names:
            raise NotSayable("a method whose arguments by name are made by statements")
        body = self.function_body(between, (), functions, Apply("display tuple", found[0].args[1:]))
        head = "async def" if acts(between) and self.facts.awaiting else "def"
        self.functions.lines += [*([""] if self.functions.lines else []), f"{head} {name}():", *body]
        self.statement(new)

    def _is_given(self, one: Let, rest: Block) -> bool:
        """Whether a statement gives a parameter of the helper that is called behind it its value."""
        match one:
            case Let(_, (str(name),), None, None):
                pass
            case _:
                return False
        helper = next((other for other in rest if not isinstance(other, Let)), None)
        if not isinstance(helper, Inline) or name in helper.names or isinstance(one.value, Spread):
            return False
        between = rest[: rest.index(helper)]
        inside = counted(helper.body).get(name, 0) == self.facts.uses.get(name, 0) != 0
        once = bindings((*helper.body, one)).get(name) == self.facts.bound.get(name)
        return inside and once and all(self._is_given(other, rest[at + 1 :]) for at, other in enumerate(between)
                                       if isinstance(other, Let))  # fmt: skip

    def _writer(self, *more: str) -> PythonBlock:
        """Return what writes a block inside of this one. `more`: names that are bound there, too."""
        bound, sure = frozenset((*self.bound, *more)), frozenset((*self.sure, *more))
        return PythonBlock(self.names, self.facts, self.functions, bound, sure)

    def inner(self, block: Block, *more: str) -> list[str]:
        """Write a block inside of this one, indented."""
        writer = self._writer(*more)
        lines = writer.block(block)
        self.bound |= writer.bound
        return [INDENT + line for line in lines]

    # what is a part of something else

    def claim(self, *values: Value, stays: bool = False) -> None:
        """Make the last pending statements parts of what reads them first; write the others, unless this one is pending, too."""
        count = claimed(values, self.pending, self.sure)
        kept = self.pending[len(self.pending) - count :]
        del self.pending[len(self.pending) - count :]
        read = {key for value in values for key in keys_of(value)}
        if not stays or any(one.key in read for one in self.pending):
            self.flush()
        for one in kept:
            if one.check is None:
                self.names.instead[one.key] = one.written
            if isinstance(one.value, Apply) and one.value.op == "field field":
                self.names.fields[str(one.key)] = one.value

    def put(self, *lines: str) -> None:
        """Write lines, behind what is pending."""
        self.flush()
        self.lines += lines

    def flush(self) -> None:
        """Write what is pending as statements of its own."""
        pending, self.pending = self.pending, []
        for one in pending:
            if one.check is not None:
                raise NotSayable("a method is looked up before the calls that its arguments make")
            self._check_late(one.value)
            name = self.names.own[one.key] if isinstance(one.key, str) else self.names.result(one.key)
            self.lines.append(f"{name} = {one.written.text}")

    def _check_late(self, value: Value | None) -> None:
        """Refuse a generator that is kept, if a name that it reads is assigned anew: who reads it back couldn't tell when."""
        if isinstance(value, Comprehension) and value.kind == "lazy":
            late = sorted(name for name in value_locals(value) if self.facts.bound.get(name, 0) > 1)
            if late:
                raise NotSayable(f"a generator that is read when `{late[0]}` may be another value")

    def text(self, value: Value, level: int = LAMBDA) -> str:
        """Write a value."""
        return write(value, self.names).at(level)

    def stays(self, id: TaskId) -> bool:
        """Whether a result waits for the one statement that reads it."""
        return self.facts.uses.get(id, 0) == 1

    def given(self, id: TaskId, written: Written, value: Value | None = None) -> None:
        """Take a result: it waits for what reads it, or stands alone."""
        if self.stays(id):
            self.pending.append(Pending(id, written, value))
            return
        self.put(f"{self.names.result(id)} = {written.text}" if self.facts.uses.get(id) else written.text)

    # statements

    def statement(self, one: Statement) -> None:
        match one:
            case Task():
                self._task(one)
            case Let():
                self._let(one)
            case ForEach():
                self._for_each(one)
            case Inline():
                self._inline(one)
            case If():
                if not self._choice(one):
                    self.claim(one.test)
                    self._if(one, "if")
            case While():
                self._while(one)
            case Try():
                self._try(one)
            case Gather():
                self._gather(one)
            case Exit():
                self._exit(one)
            case Region():
                self._region(one)
            case _:
                assert_never(one)

    def call(self, task: Task) -> Written:
        """Write a call, with `await` in a program that awaits."""
        if task.when is not None or task.ok or task.instead is not None or task.each is not None:
            raise NotSayable("a step with `when`, `each`, `if failed` or `after ok`")
        values = [arg.value for arg in task.args if arg.name is None or isinstance(arg.value, Spread)]
        named = [
            (arg.name, arg.value) for arg in task.args if arg.name is not None and not isinstance(arg.value, Spread)
        ]
        tool = self.facts.tools.get(task.tool, task.tool)
        if not all(part.isidentifier() for part in tool.split(".")):
            raise NotSayable(f"the tool `{task.tool}`, whose name is no name in Python")
        return self.awaited(f"{tool}({write_arguments(values, named, self.names)})")

    def awaited(self, text: str) -> Written:
        """Write `await` before a call in a program that awaits."""
        return Written(f"await {text}", AWAIT) if self.facts.awaiting else Written(text, PRIMARY)

    def _task(self, task: Task) -> None:
        values = [arg.value for arg in task.args]
        self.claim(*values, stays=self.stays(task.id))
        self.given(task.id, self.call(task))

    def _let(self, one: Let) -> None:
        if one.when is not None:
            raise NotSayable("a step with `when`")
        value = one.value
        match value:
            case Apply(op) if op.startswith(CHANGED_PLACE):
                self._change_place(op, value.args)
                return
            case Apply(op) if op.startswith("subscript ") and not op.startswith("subscript load"):
                self._place(op, value.args)
                return
            case Apply(op) if op.startswith("operator ") and op.partition(" ")[2] in AUGMENTED:
                self._augmented(one, value)
                return
            case _:
                pass
        waits = any(isinstance(target, str) and self._is_temporary(target) for target in one.targets)
        self.claim(value, stays=waits and len(one.targets) == 1)
        self._bind(one, value)

    def _bind(self, one: Let, value: Value) -> None:
        written = write(value, self.names)
        match one.targets:
            case (str(name),) if self._is_temporary(name):
                self.pending.append(Pending(name, written, value))
            case ():
                if one.id is not None:
                    self.given(one.id, written)
                else:
                    self.put(written.text)
            case targets:
                if isinstance(value, Spread):
                    raise NotSayable("a star")
                left = "".join([f"{write_target(target, self.names)} = " for target in targets])
                self.put(f"{left}{written.text}")

    def _is_temporary(self, name: str) -> bool:
        return (
            TEMPORARY.match(name) is not None
            and self.facts.uses.get(name, 0) == 1
            and self.facts.bound.get(name, 0) == 1
        )

    def _place(self, op: str, args: tuple[Value, ...]) -> None:
        """Write `a[i] = v`, `del a[i:j]`. Python evaluates what is assigned first, the IR last."""
        sliced = op.endswith("slice")
        deletes = op.startswith("subscript delete")
        args_read = args if deletes else (args[-1], *args[:-1])
        self.claim(*args_read)
        bounds = list(args[1:4] if sliced else args[1:2])
        if not deletes and not _is_simple(args[-1]) and not all(map(_is_simple, bounds)):
            for place, bound in enumerate(bounds):
                if not _is_simple(bound):
                    bounds[place] = self.kept(bound)
        owner = self._item(args[0], bounds)
        self.put(f"del {owner}" if deletes else f"{owner} = {self.text(args[-1])}")

    def kept(self, value: Value) -> Value:
        """Write a statement that keeps a value in a name of its own."""
        name = self.names.fresh("t")
        self.names.own[f"kept {name}"] = name
        self.put(f"{name} = {self.text(value)}")
        return Local(f"kept {name}")

    def _change_place(self, op: str, args: tuple[Value, ...]) -> None:
        self.claim(*args)
        container, *bounds, value = args
        sign = op.removeprefix(CHANGED_PLACE)
        self.put(f"{self._item(container, bounds)} {sign} {self.text(value)}")

    def _item(self, container: Value, bounds: Sequence[Value]) -> str:
        """Write an item, or a slice, that is assigned or deleted: no path of a reference."""
        index = write_slice(bounds, self.names) if len(bounds) == 3 else self.text(bounds[0])
        owner = self.text(container, PRIMARY)
        return f"({owner})[{index}]" if owner.startswith("$") else f"{owner}[{index}]"

    def _augmented(self, one: Let, value: Apply) -> None:
        sign = value.op.partition(" ")[2]
        left, right = value.args
        self.claim(left, right)
        begin = self.text(left)
        if len(one.targets) != 1 or not isinstance(one.targets[0], str):
            raise NotSayable(f"`{sign}` of several names")
        name = self.names.own[one.targets[0]]
        if begin != name:
            self.put(f"{name} = {begin}")
        self.put(f"{name} {sign} {self.text(right)}")

    # compound statements

    def _if(self, one: If, word: str) -> None:
        raised = _asserted(one)
        if raised is not None and word == "if":
            message = "".join([f", {self.text(value)}" for value in raised])
            self.put(f"assert {self.text(one.test)}{message}")
            return
        if not one.body and one.orelse:
            self.put(f"{word} {self.text(Apply('unary not', (one.test,)))}:")
            self.lines += self.inner(one.orelse)
            return
        self.put(f"{word} {self.text(one.test)}:")
        self.lines += self.inner(one.body)
        match one.orelse:
            case (If() as other,) if _asserted(other) is None:
                self._if(other, "elif")
            case ():
                pass
            case orelse:
                self.put("else:")
                self.lines += self.inner(orelse)

    def _choice(self, one: If) -> bool:
        """Write `a if test else b`, `a and b` or `a or b`, where both ways give one temporary name a value."""
        match one:
            case If(test, (*then, Let(a, (str(name),), None)), (*other, Let(b, (str(second),), None))) if (
                name == second
            ):
                pass
            case _:
                return False
        once = self.facts.uses.get(name) == 1 and self.facts.bound.get(name) == 2
        if not once or TEMPORARY.match(name) is None:
            return False
        facts = self.facts
        short = "and" if not other and b == test else "or" if not then and a == test else ""
        if short and isinstance(test, Local):
            self._read_less(test.name)
        if any(pending.key in counted((one,)) and pending.key not in keys_of(test) for pending in self.pending):
            return False
        first, second_ = self.parts_of(tuple(then), a), self.parts_of(tuple(other), b)
        if first is None or second_ is None:
            self.facts = facts
            return False
        self.claim(test, stays=True)
        if short:
            level, rest = (AND, first) if short == "and" else (OR, second_)
            made = Written(f"{self.text(test, level + 1)} {short} {rest.at(level)}", level)
        else:
            made = Written(f"{first.at(OR)} if {self.text(test, OR)} else {second_.at(CHOICE)}", CHOICE)
        self.pending.append(Pending(name, made))
        return True

    def _else(self, block: Block, word: str = "else") -> None:
        if block:
            self.put(f"{word}:")
            self.lines += self.inner(block)

    def _while(self, one: While) -> None:
        self.flush()
        test, body = self._while_test(one)
        self.put(f"while {test}:")
        self.lines += self.inner(body)
        self._else(one.orelse)

    def _while_test(self, one: While) -> tuple[str, Block]:
        """Return the test of a loop; one that calls stands at the beginning of the body, before a break."""
        if one.test == Const(True) and not one.orelse:
            for place, first in enumerate(one.body):
                match first:
                    case If(test, (), (Exit("break"),)):
                        written = self.parts_of(one.body[:place], test)
                        if written is not None:
                            return written.text, one.body[place + 1 :]
                        break
                    case Task() | Let() | Inline() | Gather():
                        pass
                    case _:
                        break
        return self.text(one.test), one.body

    def parts_of(self, block: Block, *values: Value, own: Sequence[str] = ()) -> Written | None:
        """Write the last of some values with all statements before it as its parts; None if one has to stand alone.

        `own`: names that are bound there, too.
        """
        writer = self._writer(*own)
        kept = self.names.kept(), self.functions.kept()
        try:
            writer.statements(block)
            writer.claim(*values)
        except NotSayable:
            writer.lines.append("")
        if writer.lines:
            self.names.restore(kept[0])
            self.functions.restore(kept[1])
            return None
        return write(values[-1], self.names)

    def _for_each(self, one: ForEach) -> None:
        if one.when is not None:
            raise NotSayable("a loop with `when`")
        if one.id in self.facts.keys and one.yields is not None:
            self._keys(one, one.yields)
            return
        self.claim(one.items, stays=one.yields is not None and self.stays(one.id))
        if one.yields is not None:
            self._yielding(one, one.yields)
            return
        self.put(f"for {write_target(one.target, self.names)} in {self.text(one.items)}:")
        self.lines += self.inner(one.body, *names_of(one.target))
        self._else(one.orelse)

    def _yielding(self, one: ForEach, yields: Value) -> None:
        """Write a loop that yields as a comprehension, or with a list that its turns append to."""
        match one.body:
            case (*before, Let(Apply("builtin bool", (test,)), (str(kept),)), If(Local(again)) as last) if (
                again == kept and one.yield_when == Local(kept) and self.facts.uses.get(kept) == 2
            ):
                last = replace(last, test=test)
                one = replace(one, body=(*before, last), yield_when=test)
            case _:
                pass
        items = self.text(one.items, OR)
        body: Block = one.body
        then: Block = ()
        if one.yield_when is not None and body and isinstance(body[-1], If) and body[-1].test == one.yield_when:
            last = body[-1]
            body, then = (body[:-1], last.body) if not last.orelse else (body, ())
        if then and isinstance(one.yield_when, Local):
            self._read_less(one.yield_when.name)
        inside = counted((one,))
        if any(pending.key in inside for pending in self.pending):
            self.flush()
        own = tuple(names_of(one.target))
        late = any(self.facts.uses.get(name, 0) > inside.get(name, 0) for name in own) or _helpers_read(one.body, own)
        with self.names.shortened((one,), () if late else own):
            whole = None if one.orelse or late else self._comprehension(one, yields, body, then)
            target = write_target(one.target, self.names)
        if whole is not None:
            tests = () if one.yield_when is None else (one.yield_when,)
            value = None if one.body else Comprehension("list", yields, (Clause(one.target, one.items, tests),))
            self.given(one.id, Written(f"[{whole[0]} for {target} in {items}{whole[1]}]"), value)
            return
        self._filling(one, yields, items, body, then)

    def _filling(self, one: ForEach, yields: Value, items: str, body: Block, then: Block) -> None:
        """Write a loop that yields with a list that its turns append to."""
        self.flush()
        head = f"for {write_target(one.target, self.names)} in"
        name = self.names.result(one.id)
        self.lines += [f"{name} = []", f"{head} {items}:"]
        writer = self._writer(*names_of(one.target))
        writer.statements(body)
        if one.yield_when is not None:
            writer.claim(one.yield_when)
            writer.lines.append(f"if {writer.text(one.yield_when)}:")
            inner = writer._writer()
            writer.lines += [INDENT + line for line in inner.appended(then, name, yields)]
        else:
            writer.append(name, yields)
        self.lines += [INDENT + line for line in writer.lines]
        self._else(one.orelse)

    def _keys(self, one: ForEach, yields: Value) -> None:
        """Write a loop that yields keys as the function that gives one."""
        if self.facts.awaiting and acts(one.body):
            raise NotSayable("a key that awaits")
        match one.body:
            case (Let(Local(read), (str(name),)), *rest) if read == one.target and self.facts.uses.get(read) == 1:
                one = replace(one, target=name, body=tuple(rest))  # the function's parameter has a name
            case _:
                pass
        own = tuple(names_of(one.target))
        self._unlist()
        with self.names.shortened((one,), (*own, *_assigned(one.body))):
            target = write_target(one.target, self.names)
            item = None if _helpers_read(one.body, own) else self.parts_of(one.body, yields, own=own)
            if item is not None:
                made = Written(f"lambda {target}: {item.at(CHOICE)}", LAMBDA)
            else:
                functions = Functions()
                body = self.function_body(one.body, own, functions, yields)
                made = Written(self.functions.add(lambda: self.names.fresh("key"), "def", target, body))
        self.names.functions.add(one.id)
        self.pending.append(Pending(one.id, made, yields))

    def _unlist(self) -> None:
        """Write items whose keys are made as they are: what takes a key makes a list of them itself."""
        match self.pending[-1:]:
            case [Pending(str(key), _, Apply("builtin list", (inner,), ()), None)]:
                self.pending[-1] = Pending(key, write(inner, self.names), inner)
            case _:
                pass

    def _read_less(self, name: str) -> None:
        """Say that a name is read once less: two statements that read it are written as one."""
        uses = {**self.facts.uses, name: self.facts.uses.get(name, 0) - 1}
        self.facts = replace(self.facts, uses=uses)

    def appended(self, block: Block, name: str, value: Value) -> list[str]:
        """Write a block that appends a value at its end."""
        self.statements(block)
        self.append(name, value)
        return self.lines

    def append(self, name: str, value: Value) -> None:
        """Write that a list gets a value."""
        self.claim(value)
        self.put(f"{name}.append({self.text(value)})")

    def _comprehension(self, one: ForEach, yields: Value, body: Block, then: Block) -> tuple[str, str] | None:
        own = tuple(names_of(one.target))
        if one.yield_when is None:
            item = self.parts_of(body, yields, own=own)
            return None if item is None else (item.at(CHOICE), "")
        test = self.parts_of(body, one.yield_when, own=own)
        item = None if test is None else self.parts_of(then, yields, own=own)
        return None if item is None or test is None else (item.at(CHOICE), f" if {test.at(OR)}")

    def _try(self, one: Try) -> None:
        self.flush()
        self.put("try:")
        self.lines += self.inner(one.body)
        for handler in one.handlers:
            self._handler(handler)
        self._else(one.orelse)
        self._else(one.final, "finally")

    def _handler(self, one: Handler) -> None:
        if one.classes is None and one.name is not None:
            raise NotSayable("a handler of everything that names it")
        name = "" if one.name is None else f" as {self.names.own[one.name]}"
        self.put("except:" if one.classes is None else f"except {self.text(one.classes)}{name}:")
        self.lines += self.inner(one.body, *([one.name] if one.name else []))

    def _exit(self, one: Exit) -> None:
        if one.value is not None:
            self.claim(one.value)
        else:
            self.flush()
        value = "" if one.value is None else self.text(one.value)
        match one.kind:
            case "answer":
                self.put(f"answer({value})")
            case "offer":
                self.put(*([value] if value and value != "None" else []))
            case "raise" | "return" | "break" | "continue":
                self.put(f"{one.kind} {value}".rstrip())

    def _region(self, one: Region) -> None:
        if one.when is not None:
            raise NotSayable("statements with `when`")
        self.statements(one.body)
        self.flush()
        made = "".join([f"{self.text(Const(name))}: {self.names.own[name]}, " for name in one.names])
        for name in one.names:
            self.names.instead[f"{one.id}.{name}"] = Written(self.names.own[name])
        if self.facts.uses.get(one.id):
            self.put(f"{self.names.result(one.id)} = {{{made.removesuffix(', ')}}}")

    # helpers

    def _inline(self, one: Inline, given: Sequence[Let] = ()) -> None:
        outside = self._assigned_outside(one.body, one.names)
        if outside:
            raise NotSayable(f"a helper that assigns `{outside[0]}` of the program around it")
        params = [name for let in given for target in let.targets for name in names_of(target)]
        late = [name for name in _assigned(one.body) if name in self.bound and name not in (*one.names, *params)]
        handed = self._handed(one)
        self.claim(*[let.value for let in given], stays=self.stays(one.id))
        args = [*[result.written.text for result in handed], *[self.text(let.value) for let in given]]
        args += [self.names.own[name] for name in late]
        functions = Functions()
        with self.names.shortened(one.body, (*params, *_assigned(one.body))):
            results = [self.names.result(result.key) for result in handed if not isinstance(result.key, str)]
            shown = ", ".join([*results, *[self.names.own[name] for name in (*params, *late)]])
            body = self.function_body(one.body, (*params, *late), functions)
        head = "async def" if acts(one.body) and self.facts.awaiting else "def"
        name = self.functions.add(lambda: self.names.fresh(_helper_name(one)), head, shown, body)
        text = f"{name}({', '.join(args)})"
        self.given(one.id, self.awaited(text) if acts(one.body) else Written(text, PRIMARY))

    def _handed(self, one: Inline) -> list[Pending]:
        """Take the pending results that only a helper reads: they become arguments."""
        inside = counted(one.body)
        count = 0
        while count < len(self.pending) and self.pending[-1 - count].key in inside:
            count += 1
        found = self.pending[len(self.pending) - count :]
        if any(isinstance(result.key, str) for result in found):
            found = []
        del self.pending[len(self.pending) - len(found) :]
        if any(pending.key in inside for pending in self.pending):
            self.flush()
        return found

    def _assigned_outside(self, block: Block, own: Sequence[str] = ()) -> list[str]:
        """Return the names that a block assigns and that something outside of it reads: no helper can assign them."""
        inside = counted(block)
        return sorted(name for name in set(_assigned(block)) - set(own)
                      if self.facts.uses.get(name, 0) > inside.get(name, 0))  # fmt: skip

    def function_body(
        self, block: Block, params: Sequence[str], functions: Functions, value: Value | None = None
    ) -> list[str]:
        """Write the body of a function, with its own helpers before it."""
        writer = self._writer(*params)
        writer.functions = functions
        writer.sure -= set(_assigned(block)) - set(params)
        if value is None:
            writer.block(block)
        else:
            writer.statements(block)
            writer.claim(value)
            writer.lines.append(f"return {writer.text(value)}")
        lines = [*functions.lines, *(writer.lines or ["pass"])]
        return [INDENT + line if line else line for line in lines]

    # gathers

    def _gather(self, one: Gather) -> None:
        lists = {p.key: p.value for p in self.pending}
        self.claim(*[value for part in one.parts for value in _begun(part)], stays=self.stays(one.id))
        parts = [self._part(part, lists) for part in one.parts]
        if one.exceptions:
            parts.append("return_exceptions=True")
        self.given(one.id, self.awaited(f"asyncio.gather({', '.join(parts)})"))

    def _part(self, part: Part, lists: Mapping[str | TaskId, Value | None]) -> str:
        match part:
            case Part((Task() as task,), Ref(id, ()), None, None) if id == task.id and _are_simple(task):
                return self._bare(self.call(task))
            case Part((Task() as task,), Ref(id, ()), target, items) if (
                target is not None and items is not None and id == task.id and _are_simple(task)
            ):
                call = self._bare(self.call(task))
                return f"*[{call} for {write_target(target, self.names)} in {self.text(items, OR)}]"
            case Part(items=None) if (made := self.parts_of(part.body, part.value)) is not None and made.level == AWAIT:
                return self._bare(made)
            case Part(items=Local(key) | Ref(key, ())):
                spread = self._spread(part, lists.get(key))
                return self._part_function(part) if spread is None else spread
            case _:
                return self._part_function(part)

    def _bare(self, written: Written) -> str:
        return written.text.removeprefix("await ")

    def _spread(self, part: Part, items: Value | None) -> str | None:
        """Write `*[f(x) for x in xs]`, where the list holds the arguments of one call in each element; None if it doesn't."""
        match part.body, items:
            case (
                (Let(Local(place), (Targets((str(), *params), None),)), *rest),
                Comprehension("list", Apply("display tuple", (Const(0), *args)), clauses),
            ) if place == part.target and len(params) == len(args):
                pass
            case _:
                return None
        own = [name for clause in clauses for name in names_of(clause.target)]
        names = [str(param) for param in params]
        with self.names.shortened((Let(items), *rest), own):
            direct = self._direct(tuple(rest), part.value, names, args)
            call = self._through(tuple(rest), part.value, names, args) if direct is None else direct
            made = Comprehension("list", Local(self.names.alias(call)), clauses)
            return f"*{write(made, self.names).text}"

    def _direct(self, body: Block, value: Value, names: Sequence[str], args: Sequence[Value]) -> str | None:
        """Write a part of a gather as one call of what it calls."""
        if any(self.facts.uses.get(name) != 1 for name in names):
            return None
        before = dict(self.names.instead)
        for name, arg in zip(names, args, strict=True):
            self.names.instead[name] = write(arg, self.names)
        made = self.parts_of(body, value)
        self.names.instead = before
        return None if made is None or made.level != AWAIT else self._bare(made)

    def _through(self, body: Block, value: Value, names: Sequence[str], args: Sequence[Value]) -> str:
        """Write a part of a gather as a call of a function that does it."""
        functions = Functions()
        names, left = list(names), list(body)
        while left and isinstance(left[0], Let) and _renames(left[0], names):
            names[names.index(left[0].value.name)] = str(left[0].targets[0])  # type: ignore[union-attr]
            del left[0]
        body = tuple(left)
        with self.names.shortened(body, (*names, *_assigned(body))):
            shown = ", ".join([self.names.own[name] for name in names])
            lines = self.function_body(body, names, functions, value)
        name = self.functions.add(lambda: self.names.fresh("part"), "async def", shown, lines)
        return f"{name}({', '.join([self.text(arg) for arg in args])})"

    def _part_function(self, part: Part) -> str:
        functions = Functions()
        own = () if part.target is None else tuple(names_of(part.target))
        with self.names.shortened(part.body, (*own, *_assigned(part.body))):
            first, param = [], ""
            if isinstance(part.target, str):
                param = self.names.own[part.target]
            elif part.target is not None:
                param = self.names.fresh("item")
                first = [f"{INDENT}{write_target(part.target, self.names)} = {param}"]
            body = [*first, *self.function_body(part.body, own, functions, part.value)]
        name = self.functions.add(lambda: self.names.fresh("part"), "async def", param, body)
        if part.items is None:
            return f"{name}()"
        each = self.names.fresh("one")
        return f"*[{name}({each}) for {each} in {self.text(part.items, OR)}]"


def _helpers_read(block: Block, own: Sequence[str]) -> bool:
    """Whether a helper reads names that only a comprehension around its call would have."""
    helpers = [one for one in block_statements(block) if isinstance(one, Inline)]
    return any(not counted(one.body).keys().isdisjoint(own) for one in helpers)


def _renames(one: Let, names: Sequence[str]) -> bool:
    return isinstance(one.value, Local) and one.value.name in names and len(one.targets) == 1 and one.when is None


def _begun(part: Part) -> tuple[Value, ...]:
    """Return what is evaluated of a part where its gather stands."""
    if part.items is not None:
        return (part.items,)
    match part:
        case Part((Task() as task,), Ref(id, ())) if id == task.id and _are_simple(task):
            return tuple([arg.value for arg in task.args])
        case _:
            return ()


def _helper_name(one: Inline) -> str:
    if one.name in ("any", "all", "next"):
        return f"find_{one.name}"
    return one.name if one.name.isidentifier() and one.name != "lambda" else "helper"


def _assigned(block: Block) -> tuple[str, ...]:
    """Return the names that a block assigns, in text order."""
    found = [n for one in block_statements(block) for target in targets_of(one) for n in names_of(target)]
    return tuple(dict.fromkeys(found))


def _offers(body: Block) -> bool:
    """Whether the last statement is an expression whose value would be handed back, though the plan doesn't say so."""
    body = body[:-1] if body[-1:] == (Exit("offer", Const(None)),) else body
    match body[-1:]:
        case (Task() | Gather() | Inline(),):
            return True
        case (Let(Apply(op), (), None),):
            return not op.startswith(("subscript store", "subscript delete", CHANGED_PLACE, "builtin print"))
        case (ForEach(yields=yields),):
            return yields is not None
        case _:
            return False


def _calls_method(one: Statement, method: str, owner: Value) -> bool:
    return any(
        isinstance(part, Apply) and part.op == method and part.args[:1] == (owner,)
        for value in statement_values(one)
        for part in walk(value)
    )


def _evaluated(one: Statement) -> tuple[Value, ...]:
    """Return the values of a statement in the order in which they are evaluated."""
    return tuple(statement_values(one))


def acts(block: Block) -> bool:
    """Whether a block calls a tool."""
    return any(isinstance(one, Task | Gather) for one in block_statements(block))


def _asserted(one: If) -> tuple[Value, ...] | None:
    """Return what an `assert` says, if a condition is one."""
    match one:
        case If(_, (), (Exit("raise", Apply("builtin AssertionError", args, ())),)) if len(args) < 2:
            return args
        case _:
            return None


def _is_simple(value: Value) -> bool:
    return constant(value) or isinstance(value, Local | Ref | Input)


def _are_simple(task: Task) -> bool:
    return all(_is_simple(arg.value) for arg in task.args)
