"""Write conditions, loops on a condition, handlers and regions."""

from __future__ import annotations

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    Exit,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    Local,
    Region,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.writing.blocks.written_places import Places
from lcc.grammar.writing.values.folding import Pending
from lcc.grammar.writing.values.written_names import TEMPORARY, counted, keys_of
from lcc.grammar.writing.values.written_values import AND, CHOICE, OR, NotSayable, Written


class Branches(Places):
    """Writes statements that hold blocks and make no values of them."""

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


def _asserted(one: If) -> tuple[Value, ...] | None:
    """Return what an `assert` says, if a condition is one."""
    match one:
        case If(_, (), (Exit("raise", Apply("builtin AssertionError", args, ())),)) if len(args) < 2:
            return args
        case _:
            return None
