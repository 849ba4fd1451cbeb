"""Make up programs: every statement and expression of the subset, calls in all places, names that are shared, hidden and assigned anew.

Kinds are kept apart by names, so that most operations succeed; some don't, and what they raise is compared, too. Loops are bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from random_shapes import SHAPES, WAITING

INTS = ("a", "b", "n")
TEXTS = ("s", "t")
LISTS = ("xs", "ys")
DICTS = ("d",)
RECORDS = ("r",)
START = 'a = 3\nb = 7\nn = 1\ns = "tern"\nt = "tern"\nxs = [4, 1]\nys = xs\nd = {"k": 2}\n'


class Maker:
    """Make one program. `waits`: it awaits its calls."""

    def __init__(self, random: Random, *, waits: bool = False) -> None:
        self.random = random
        self.waits = waits
        self.helpers: dict[str, tuple[int, bool]] = {}
        self.lines: list[str] = []
        self.locals: list[str] = []
        self.generators = 0
        self.depth = 0
        self.loops = 0
        self.inside_helper = False
        self.in_lambda = False
        self.shapes: list[str] = []

    def program(self) -> str:
        self.lines = [*(["import asyncio"] if self.waits else []), *START.strip().split("\n")]
        for number in range(self.random.randrange(3)):
            self.helper(f"help{number}")
        for _ in range(self.random.randint(2, 6)):
            self.statement("", 3)
        self.lines.append(
            self.random.choice(
                [
                    "answer([a, b, s, xs, ys, d])",
                    "[a, b, s, xs, ys, d]",
                    "return [xs, ys, d, a]",
                    "print(a, b, s, xs, ys, d)",
                ]
            )
        )
        return "\n".join(self.lines) + "\n"

    # statements

    def helper(self, name: str) -> None:
        count = self.random.randint(0, 2)
        params = [f"p{k}" for k in range(count)]
        shown = list(params)
        if self.random.random() < 0.4:
            shown.append(f"q={self.int(1)}")
        does_wait = self.waits and self.random.random() < 0.7
        self.lines.append(f"{'async ' if does_wait else ''}def {name}({', '.join(shown)}):")
        before, self.inside_helper, self.locals = (
            self.inside_helper,
            True,
            [*params, *(["q"] if len(shown) > count else [])],
        )
        waited, self.waits_here = getattr(self, "waits_here", True), does_wait or not self.waits
        if self.random.random() < 0.3:
            self.lines.append(f"    return {self.int(2)}")
        else:
            for _ in range(self.random.randint(1, 3)):
                self.statement("    ", 2)
            self.lines.append(f"    return {self.int(2)}")
        self.inside_helper, self.locals, self.waits_here = before, [], waited
        self.helpers[name] = (count, does_wait)

    def statement(self, indent: str, depth: int) -> None:
        kinds: list[Callable[[str, int], None]] = [
            self.assign,
            self.assign,
            self.assign,
            self.place,
            self.grow,
            self.alone,
        ]
        if depth > 0:
            kinds += [self.condition, self.loop, self.loop, self.attempt, self.repeat]
        if self.loops and self.random.random() < 0.25:
            self.lines.append(f"{indent}if {self.test(1)}:")
            self.lines.append(f"{indent}    {self.random.choice(['break', 'continue'])}")
            return
        if self.random.random() < 0.06:
            self.leave(indent)
            return
        if not self.inside_helper and self.random.random() < 0.15:
            self.shape(indent)
            return
        if self.waits and not self.inside_helper and self.random.random() < 0.2:
            self.gathered(indent)
            return
        self.random.choice(kinds)(indent, depth)

    def coroutine(self, depth: int, fails: bool = True) -> str:
        """Return a call that isn't awaited. CPython goes on with its siblings where one of them fails in a gather; a run doesn't."""
        helpers = [name for name, (_, waits) in self.helpers.items() if waits and not self.inside_helper]
        choices = [
            lambda: f"depth(abs({self.int(depth)}))",
            lambda: f"note({self.text(depth)}, {self.int(depth)})",
            lambda: f"signal({self.int(depth)})",
        ]
        if helpers and fails:
            name = self.random.choice(helpers)
            choices.append(lambda: f"{name}({', '.join(self.int(depth) for _ in range(self.helpers[name][0]))})")
        return self.one(*choices)

    def gathered(self, indent: str) -> None:
        """Gather calls: several, those of a comprehension, those in names and lists."""
        self.generators += 1
        name = f"c{self.generators}"
        items = self.items(1)
        self.locals.append("i")
        how = ", return_exceptions=True" if self.random.random() < 0.5 else ""
        fails = bool(how)
        several = f"*[{self.coroutine(1, fails)} for i in {items} if {self.random.choice(['i > 1', 'i != 2'])}]"
        self.locals.remove("i")
        way = self.random.randrange(5)
        if way == 0:
            lines = [f"{name} = await asyncio.gather({self.coroutine(1, fails)}, {several}{how})"]
        elif way == 1:
            lines = [f"{name} = {self.coroutine(1)}", f"a = {self.int(1)}", f"{name} = [await {name}, a]"]
        elif way == 2:
            lines = [f"{name} = [{several[2:-1]}]", f"{name}.append({self.coroutine(1, fails)})",
                     f"{name} = await asyncio.gather(*{name}{how})"]  # fmt: skip
        elif way == 3:
            lines = [f"{name} = []", f"for i in {items}:", f"    {name}.append({self.coroutine(1, fails)})",
                     f"    {name}.append(depth(abs(i)))", f"{name} = list(await asyncio.gather(*{name}{how}))"]  # fmt: skip
        else:
            inner = f"asyncio.gather({self.coroutine(1, False)}, {self.coroutine(1, False)})"
            lines = [f"{name} = await asyncio.gather({inner}, signal(5){how})"]
        self.lines += [indent + line for line in [*lines, f"print([str(v) for v in {name}])"]]

    def shape(self, indent: str) -> None:
        """Put a shape that is easy to get wrong."""
        self.generators += 1
        make = self.random.choice(WAITING if self.waits else SHAPES)
        self.shapes.append(make.__name__)
        self.lines += [indent + line for line in make(self, f"h{self.generators}")]

    def leave(self, indent: str) -> None:
        ends = [
            'raise ValueError("stop")',
            'raise KeyError(a) from ValueError("why")',
            f"assert {self.test(1)}, {self.text(1)}",
            f"answer({self.int(1)})",
        ]
        self.lines.append(f"{indent}if {self.test(1)}:")
        self.lines.append(f"{indent}    {self.random.choice([*ends, f'return {self.int(1)}'])}")

    def assign(self, indent: str, depth: int) -> None:
        choose = self.random.random()
        if choose < 0.35:
            line = f"{self.random.choice(INTS)} = {self.int(3)}"
        elif choose < 0.5:
            line = f"{self.random.choice(TEXTS)} = {self.text(3)}"
        elif choose < 0.7:
            line = f"{self.random.choice(LISTS)} = {self.list(3)}"
        elif choose < 0.75:
            line = f"d = {self.dict(3)}"
        elif choose < 0.8:
            line = f"xs, *ys = {self.list(2)}, {self.int(2)}, {self.int(2)}"
        elif choose < 0.85:
            line = f"a, b = {self.int(2)}, {self.int(2)}"
        elif choose < 0.9:
            line = f"a = n = {self.int(2)}"
        elif choose < 0.95:
            line = f"xs = ys = {self.list(2)}"
        else:
            line = f"a = xs[{self.int(1)} % 3] = {self.int(2)}"
        self.lines.append(indent + line)

    def place(self, indent: str, depth: int) -> None:
        name = self.random.choice(LISTS)
        choices = [
            f"{name}[{self.int(1)} % 2] = {self.int(2)}",
            f"d[{self.text(1)}] = {self.int(2)}",
            f"{name}[{self.int(1)} % 3:] = {self.list(2)}",
            f"del {name}[0]",
            f"{name}.append({self.int(3)})",
            f"{name}.extend({self.iterable(2)})",
            f"{name}.insert(0, {self.int(2)})",
            f"{name}.sort(key=lambda v: {self.with_local('v', 0)}, reverse={self.random.choice(['True', 'False'])})",
            f"d.update({self.dict(1)})",
            f"{name}[:] = {self.list(1)}",
        ]
        self.lines.append(indent + self.random.choice(choices))

    def grow(self, indent: str, depth: int) -> None:
        name = self.random.choice(LISTS)
        choices = [
            f"{self.random.choice(INTS)} += {self.int(2)}",
            f"{self.random.choice(TEXTS)} += {self.text(2)}",
            f"{name} += {self.list(2)}",
            f"{name}[{self.int(1)} % 2] += {self.int(2)}",
            f"d[{self.random.choice(['chr(107)', repr('k')])}] -= {self.int(2)}",
            f"{self.random.choice(INTS)} //= {self.int(1)}",
        ]
        self.lines.append(indent + self.random.choice(choices))

    def alone(self, indent: str, depth: int) -> None:
        choices = [
            self.call_int(2),
            f"print({self.int(2)}, {self.text(2)}, sep={self.text(0)})",
            f"print({self.list(2)})",
            f"{self.test(2)} and {self.call_int(1)}",
        ]
        self.lines.append(indent + self.random.choice(choices))

    def condition(self, indent: str, depth: int) -> None:
        self.lines.append(f"{indent}if {self.test(2)}:")
        self.block(indent, depth)
        if self.random.random() < 0.3:
            self.lines.append(f"{indent}elif {self.test(2)}:")
            self.block(indent, depth)
        if self.random.random() < 0.5:
            self.lines.append(f"{indent}else:")
            self.block(indent, depth)

    def block(self, indent: str, depth: int) -> None:
        for _ in range(self.random.randint(1, 3)):
            self.statement(indent + "    ", depth - 1)

    def loop(self, indent: str, depth: int) -> None:
        heads = [
            f"for n in {self.iterable(2)}:",
            f"for n in list({self.list(1)}):",
            f"for a, n in enumerate({self.iterable(2)}):",
            "for s, n in list(d.items()):",
            f"for b, n in zip({self.items(1)}, {self.iterable(2)}):",
            f"for n in range({self.int(1)} % 4):",
            f"for s in {self.text(1)}[:3]:",
        ]
        self.lines.append(indent + self.random.choice(heads))
        self.loops += 1
        self.block(indent, depth)
        self.loops -= 1
        if self.random.random() < 0.25:
            self.lines.append(f"{indent}else:")
            self.block(indent, depth)

    def repeat(self, indent: str, depth: int) -> None:
        self.generators += 1
        count = f"w{self.generators}"
        self.lines.append(f"{indent}{count} = 0")
        self.lines.append(f"{indent}while {count} < 3 and {self.test(2)}:")
        self.lines.append(f"{indent}    {count} += 1")
        self.loops += 1
        self.block(indent, depth)
        self.loops -= 1
        if self.random.random() < 0.3:
            self.lines.append(f"{indent}else:")
            self.block(indent, depth)

    def attempt(self, indent: str, depth: int) -> None:
        self.lines.append(f"{indent}try:")
        self.block(indent, depth)
        handled = self.random.random() < 0.8
        if handled:
            self.lines.append(
                f"{indent}except {self.random.choice(['ValueError', '(LookupError, RuntimeError)', 'Exception'])} as e:"
            )
            self.lines.append(f"{indent}    s = f'{{type(e).__name__}} {{e}}'")
            self.block(indent, depth)
            if self.random.random() < 0.2:
                self.lines.append(f"{indent}    raise")
            if self.random.random() < 0.3:
                self.lines.append(f"{indent}except:")
                self.block(indent, depth)
            if self.random.random() < 0.3:
                self.lines.append(f"{indent}else:")
                self.block(indent, depth)
        if not handled or self.random.random() < 0.3:
            before, self.loops = self.loops, 0
            self.lines.append(f"{indent}finally:")
            self.block(indent, depth)
            self.loops = before

    # expressions

    def one(self, *choices: Callable[[], str]) -> str:
        return self.random.choice(choices)()

    def wait(self, call: str) -> str:
        if not self.waits:
            return call
        return f"(await {call})" if getattr(self, "waits_here", True) and not self.in_lambda else "1"

    def call_int(self, depth: int) -> str:
        """Return a call whose result is a number."""
        choices = [
            lambda: self.wait(f"depth(abs({self.int(depth - 1)}))"),
            lambda: self.wait(f"depth({self.int(depth - 1)})"),
            lambda: self.wait(f"note({self.text(depth - 1)}, {self.any(depth - 1)})"),
            lambda: f"{self.wait(f'berth({self.text(depth - 1)})')}.depth",
            lambda: f"{self.wait(f'berth({self.text(depth - 1)})')}['depth']",
            lambda: f"len({self.wait(f'signal({self.int(depth - 1)})')})",
            lambda: f"len({self.wait(f'tides({self.int(depth - 1)})')})",
        ]
        if self.helpers and not self.inside_helper:
            choices.append(lambda: self.helped(depth))
        return self.one(*choices)

    def helped(self, depth: int) -> str:
        name, (count, waits) = self.random.choice(list(self.helpers.items()))
        if waits and self.in_lambda:
            return "2"
        call = f"{name}({', '.join(self.int(depth - 1) for _ in range(count))})"
        return self.wait(call) if waits else call

    def int(self, depth: int) -> str:
        names = [*INTS[:2], *self.locals]
        if depth <= 0:
            return self.one(lambda: str(self.random.randrange(-2, 9)), lambda: self.random.choice(names))
        return self.one(
            lambda: self.random.choice(names),
            lambda: f"{self.int(depth - 1)} {self.random.choice('+-*')} {self.int(depth - 1)}",
            lambda: f"({self.int(depth - 1)} % {self.int(depth - 1)})",
            lambda: self.call_int(depth),
            lambda: self.call_int(depth),
            lambda: f"({self.int(depth - 1)} if {self.test(depth - 1)} else {self.int(depth - 1)})",
            lambda: (
                f"({self.random.choice('ab')} := {self.int(depth - 1)})" if not self.in_lambda else self.int(depth - 1)
            ),
            lambda: f"[*{self.random.choice(LISTS)}, 1, 2][{self.int(depth - 1)} % 2]",
            lambda: f"{self.random.choice(LISTS)}[{self.int(0)}]",
            lambda: f"d.get({self.text(depth - 1)}, {self.int(depth - 1)})",
            lambda: "d['k']",
            lambda: f"len({self.list(depth - 1)})",
            lambda: f"sum({self.iterable(depth - 1)})",
            lambda: f"max({self.iterable(depth - 1)}, default={self.int(depth - 1)})",
            lambda: (
                f"min({self.int(depth - 1)}, {self.int(depth - 1)}, key=lambda v: {self.with_local('v', depth - 1)})"
            ),
            lambda: f"next({self.generator(depth - 1)}, {self.int(depth - 1)})",
            lambda: (
                f"(lambda v, w={self.int(depth - 1)}: {self.with_local('v', depth - 1)} + w)({self.int(depth - 1)})"
            ),
            lambda: f"({self.int(depth - 1)} or {self.int(depth - 1)})",
            lambda: f"({self.int(depth - 1)} and {self.int(depth - 1)})",
        )

    def with_local(self, name: str, depth: int, *, waits: bool = False) -> str:
        before, self.in_lambda = self.in_lambda, self.in_lambda or not waits
        self.locals.append(name)
        made = self.int(depth)
        self.locals.remove(name)
        self.in_lambda = before
        return made

    def any(self, depth: int) -> str:
        return self.one(lambda: self.int(depth), lambda: self.text(depth), lambda: self.list(depth))

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.one(
                lambda: self.random.choice(["'log'", "'x'", "'gull'", "'k'"]), lambda: self.random.choice(TEXTS[:1])
            )
        return self.one(
            lambda: self.random.choice(TEXTS[:1]),
            lambda: "f'{" + self.int(depth - 1).replace("'", '"') + ":>3}-{" + self.text(0).replace("'", '"') + "!r}'",
            lambda: f"str({self.int(depth - 1)})",
            lambda: f"'%d' % {self.random.choice(INTS[:2])}",
            lambda: f"{self.wait(f'signal({self.text(depth - 1)})')}[:6]",
            lambda: f"{self.wait(f'berth({self.text(depth - 1)})')}.ship",
            lambda: f"'-'.join(map(str, {self.iterable(depth - 1)}))",
            lambda: f"{self.text(depth - 1)}.upper()",
        )

    def list(self, depth: int) -> str:
        if depth <= 0:
            return self.one(lambda: self.random.choice(LISTS), lambda: "[2, 5]", lambda: "[]")
        return self.one(
            lambda: self.random.choice(LISTS),
            lambda: f"[{self.int(depth - 1)}, {self.int(depth - 1)}]",
            lambda: f"[*{self.list(depth - 1)}, {self.int(depth - 1)}]",
            lambda: self.comprehension(depth - 1),
            lambda: self.comprehension(depth - 1),
            lambda: f"sorted({self.iterable(depth - 1)}, key=lambda v: {self.with_local('v', depth - 1)})",
            lambda: f"list({self.iterable(depth - 1)})",
            lambda: f"{self.wait(f'tides({self.int(depth - 1)})')}",
            lambda: f"{self.list(depth - 1)}[{self.int(0)}:{self.int(0)}]",
            lambda: f"sorted({self.set(depth - 1)})",
            lambda: f"list(map(lambda v: {self.with_local('v', depth - 1)}, {self.iterable(depth - 1)}))",
            lambda: f"list({self.dict(depth - 1)}.values())",
            lambda: f"list(reversed({self.list(depth - 1)}))",
        )

    def set(self, depth: int) -> str:
        return self.one(
            lambda: f"{{{self.with_local('z', depth, waits=True)} for z in {self.items(depth - 1)}}}",
            lambda: f"{{{self.int(depth)}, {self.int(depth)}}}",
        )

    def dict(self, depth: int) -> str:
        if depth <= 0:
            return self.one(lambda: "d", lambda: "{'k': 1}")
        return self.one(
            lambda: f"{{'k': {self.int(depth - 1)}, {self.text(depth - 1)}: {self.int(depth - 1)}}}",
            lambda: f"{{str(z): {self.with_local('z', depth - 1, waits=True)} for z in {self.items(depth - 1)}}}",
            lambda: f"{{**d, 'm': {self.int(depth - 1)}}}",
            lambda: "dict(d)",
            lambda: f"dict(zip('km', {self.iterable(depth - 1)}))",
        )

    def items(self, depth: int) -> str:
        """Return a list that nobody makes longer while it is read: such a program may never end."""
        made = self.list(depth)
        return f"{made}[:6]" if made in LISTS else made

    def clauses(self, depth: int) -> tuple[str, str]:
        """Return the element and the clauses of a comprehension."""
        name = self.random.choice(["i", "j", "i", "j", "a"])
        element = self.with_local(name, depth, waits=True)
        clauses = f"for {name} in {self.items(depth - 1)}"
        if self.random.random() < 0.5:
            self.locals.append(name)
            clauses += f" if {self.test(depth - 1)}"
            self.locals.remove(name)
        if self.random.random() < 0.25:
            clauses += f" for k in {self.items(depth - 1)}"
        return element, clauses

    def comprehension(self, depth: int) -> str:
        element, clauses = self.clauses(depth)
        return f"[{element} {clauses}]"

    def generator(self, depth: int) -> str:
        if self.waits:
            return f"iter({self.items(depth)})"
        element, clauses = self.clauses(depth)
        return f"({element} {clauses})"

    def iterable(self, depth: int) -> str:
        if depth <= 0:
            return self.items(depth)
        return self.one(
            lambda: self.items(depth),
            lambda: self.generator(depth),
            lambda: f"range({self.int(depth - 1)} % 5)",
            lambda: f"(v for v in {self.items(depth - 1)} if v > {self.random.choice('ab')})",
            lambda: f"filter(lambda v: {self.with_local('v', depth - 1)}, {self.items(depth - 1)})",
            lambda: f"map(lambda v: {self.with_local('v', depth - 1)}, {self.items(depth - 1)})",
        )

    def test(self, depth: int) -> str:
        if depth <= 0:
            return self.one(
                lambda: f"{self.int(0)} < {self.int(0)}", lambda: f"{self.random.choice(LISTS)}", lambda: "True"
            )
        return self.one(
            lambda: f"{self.int(depth - 1)} {self.random.choice(['<', '>=', '==', '!='])} {self.int(depth - 1)}",
            lambda: f"{self.int(depth - 1)} < {self.int(depth - 1)} <= {self.int(depth - 1)}",
            lambda: f"{self.int(depth - 1)} in {self.list(depth - 1)}",
            lambda: f"not {self.test(depth - 1)}",
            lambda: f"({self.test(depth - 1)} and {self.test(depth - 1)})",
            lambda: f"({self.test(depth - 1)} or {self.test(depth - 1)})",
            lambda: f"any({self.generator(depth - 1)})",
            lambda: f"all({self.generator(depth - 1)})",
            lambda: f"{self.random.choice(LISTS)} is {self.random.choice(LISTS)}",
        )


def program(seed: int, *, waits: bool = False) -> str:
    """Return the program of a number."""
    return Maker(Random(seed), waits=waits).program()
