"""Write loops over elements: as comprehensions, as keys, as lists that are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lcc.grammar.ir import (
    Apply,
    Block,
    Clause,
    Comprehension,
    ForEach,
    If,
    Inline,
    Let,
    Local,
    Ref,
    Statement,
    Value,
    block_statements,
    names_of,
)
from lcc.grammar.writing.blocks.parts_of_blocks import INDENT, Functions
from lcc.grammar.writing.blocks.written_functions import Helpers, acts, assigned
from lcc.grammar.writing.values.folding import Pending
from lcc.grammar.writing.values.written_names import TEMPORARY, counted
from lcc.grammar.writing.values.written_values import CHOICE, LAMBDA, OR, NotSayable, Written, write, write_target


class WrittenLoops(Helpers):
    """Writes loops over elements."""

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
        with self.names.shortened((one,), (*own, *assigned(one.body))):
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


def _helpers_read(block: Block, own: Sequence[str]) -> bool:
    """Whether a helper reads names that only a comprehension around its call would have."""
    helpers = [one for one in block_statements(block) if isinstance(one, Inline)]
    return any(not counted(one.body).keys().isdisjoint(own) for one in helpers)
