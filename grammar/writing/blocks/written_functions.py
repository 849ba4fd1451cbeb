"""Write functions of a program: what was inlined, and what stands between a method and its call."""

from __future__ import annotations

from collections.abc import Sequence

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    Gather,
    Inline,
    Let,
    Local,
    Spread,
    Statement,
    Task,
    Value,
    block_statements,
    map_values,
    names_of,
    rebuild,
    statement_values,
    targets_of,
)
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.blocks.parts_of_blocks import INDENT, Functions
from lcc.grammar.writing.blocks.written_branches import Branches
from lcc.grammar.writing.values.folding import Pending, claimed
from lcc.grammar.writing.values.written_names import bindings, counted
from lcc.grammar.writing.values.written_values import PRIMARY, NotSayable, Written


class Helpers(Branches):
    """Writes helpers and their calls."""

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
        outside += [name for name in assigned(between) if self.facts.bound.get(name, 0) > 1 and name not in outside]
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

    def _inline(self, one: Inline, given: Sequence[Let] = ()) -> None:
        outside = self._assigned_outside(one.body, one.names)
        if outside:
            raise NotSayable(f"a helper that assigns `{outside[0]}` of the program around it")
        params = [name for let in given for target in let.targets for name in names_of(target)]
        late = [name for name in assigned(one.body) if name in self.bound and name not in (*one.names, *params)]
        handed = self._handed(one)
        self.claim(*[let.value for let in given], stays=self.stays(one.id))
        args = [*[result.written.text for result in handed], *[self.text(let.value) for let in given]]
        args += [self.names.own[name] for name in late]
        functions = Functions()
        with self.names.shortened(one.body, (*params, *assigned(one.body))):
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
        return sorted(name for name in set(assigned(block)) - set(own)
                      if self.facts.uses.get(name, 0) > inside.get(name, 0))  # fmt: skip

    def function_body(
        self, block: Block, params: Sequence[str], functions: Functions, value: Value | None = None
    ) -> list[str]:
        """Write the body of a function, with its own helpers before it."""
        writer = self._writer(*params)
        writer.functions = functions
        writer.sure -= set(assigned(block)) - set(params)
        if value is None:
            writer.block(block)
        else:
            writer.statements(block)
            writer.claim(value)
            writer.lines.append(f"return {writer.text(value)}")
        lines = [*functions.lines, *(writer.lines or ["pass"])]
        return [INDENT + line if line else line for line in lines]


def _helper_name(one: Inline) -> str:
    if one.name in ("any", "all", "next"):
        return f"find_{one.name}"
    return one.name if one.name.isidentifier() and one.name != "lambda" else "helper"


def assigned(block: Block) -> tuple[str, ...]:
    """Return the names that a block assigns, in text order."""
    found = [n for one in block_statements(block) for target in targets_of(one) for n in names_of(target)]
    return tuple(dict.fromkeys(found))


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
