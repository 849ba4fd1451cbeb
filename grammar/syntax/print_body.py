"""Print the body of a plan as steps of a plan file: calls and values with conditions, loops, and blocks of Python."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Const,
    DictOf,
    Exit,
    ForEach,
    Format,
    If,
    Input,
    Let,
    Plan,
    Ref,
    Region,
    Spread,
    Task,
    TaskId,
    Try,
    Value,
    block_statements,
    references,
    statement_values,
)
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.syntax.print_value import plain_text, print_keyword, print_value, quoted
from lcc.grammar.writing.blocks.parts_of_blocks import INDENT
from lcc.grammar.writing.blocks.written_block import facts_of, whole_block
from lcc.grammar.writing.values.aliases import without_aliases
from lcc.grammar.writing.values.changed_places import with_changes
from lcc.grammar.writing.values.written_names import TEMPORARY, Names, modules_of
from lcc.grammar.writing.values.written_values import CHOICE, LAMBDA, NotSayable, Written, write, write_target


class PlanNotation:
    """The leaves of expressions in a plan file."""

    f_strings = False

    def reference(self, value: Ref | Input) -> Written:
        """Write `$1.name`."""
        return Written(print_value(value))

    def name(self, name: str) -> str:
        """Write a local name."""
        return name

    def local(self, name: str) -> Written:
        """Write the value of a local name."""
        return Written(name)

    def field(self, name: str) -> Value | None:
        """No name holds a field of a text."""
        return None

    def keyed(self, keys: Value) -> Written:
        """Refuse keys that were computed before."""
        raise NotSayable("keys that are computed before")

    def builtin(self, path: str) -> str:
        """Write a class, constant or function by its dotted name."""
        return path

    def text(self, text: str, mark: str) -> str:
        """Write a constant text; a dollar that would be read is doubled."""
        content = plain_text(text, at_end=True)
        return f"{mark}{string_literal(content, mark[0])[1:-1]}{mark}" if mark else quoted(content)

    def template(self, value: Format | Apply, mark: str) -> Written:
        """Write a text with `${…}` in it."""
        if isinstance(value, Format):
            text = print_value(value)
            return Written(text if not mark else f"{mark}{text[1:-1]}{mark}")
        parts = value.args if value.op == "field f-string" else (value,)
        inner = "'" if mark != "'" else '"""'
        content = "".join([self._part(part, inner, place == len(parts) - 1) for place, part in enumerate(parts)])
        return Written(f"{mark}{string_literal(content, mark[0])[1:-1]}{mark}" if mark else string_literal(content))

    def _part(self, part: Value, mark: str, last: bool) -> str:
        match part:
            case Const(str(text)):
                return plain_text(text, at_end=last)
            case Apply("field text", (Ref() | Input() as inside,)):
                return f"${{{print_value(inside)[1:]}}}"
            case Apply("field text", (inside,)):
                return f"${{{self._inside(inside, mark)}}}"
            case Apply("field field", (inside, spec, Const(conversion))):
                behind = (f"!{conversion}" if conversion else "") + self._spec(spec, mark)
                return f"${{{self._inside(inside, mark)}{behind}}}"
            case _:
                return f"${{{self._inside(part, mark)}}}"

    def _inside(self, value: Value, mark: str) -> str:
        written = write(value, self, mark).at(CHOICE)
        return f"({written})" if written[:1].isdigit() else written

    def _spec(self, spec: Value, mark: str) -> str:
        match spec:
            case Const(str(text)):
                return f":{text}" if text else ""
            case Apply("field f-string", parts):
                return ":" + "".join([self._part(part, mark, False) for part in parts])
            case _:
                raise NotSayable("a text whose format is computed")

    def record(self, value: DictOf) -> Written:
        """Write a record."""
        return Written(
            f"{{{', '.join([f'{quoted(key)}: {write(item, self).at(CHOICE)}' for key, item in value.items])}}}"
        )


NOTATION: Final = PlanNotation()


def print_steps(block: Block, inputs: tuple[str, ...], indent: str = "", *, body: bool = True) -> list[str]:
    """Return the lines of a block of steps; raise NotSayable for what stands only in blocks of Python.

    Without `body` they are the lines of the steps themselves, without the thoughts before them and the blocks in them.
    """
    lines: list[str] = []
    for one in block:
        if body and isinstance(one, Task | Let | ForEach | Region):
            lines += [f"{indent}{line}" for line in thought_lines(one.thought)]
        match one:
            case Task():
                lines.append(f"{indent}{one.id}. {_call(one)}{_behind(one)}{when_text(one.when)}")
            case Let(value, (), int() as id):
                lines.append(f"{indent}{id}. = {expression(value)}{when_text(one.when)}")
            case ForEach(orelse=()):
                lines += _loop(one, inputs, indent) if body else [_head(one, indent)]
            case Region():
                lines.append(f"{indent}{one.id}. python{when_text(one.when)}:")
                lines += [f"{indent}{INDENT}{line}" if line else "" for line in python_lines(one.body, inputs)]
            case _:
                raise NotSayable(f"a `{type(one).__name__}` among steps")
    return lines


def expression(value: Value) -> str:
    """Return a value as a plan file has it."""
    return write(value, NOTATION).at(LAMBDA)


def python_lines(block: Block, inputs: tuple[str, ...], *, ends: bool = False) -> list[str]:
    """Return the lines of a block of Python."""
    inner = with_changes(without_aliases(block, TEMPORARY))
    outside = frozenset(_read(inner)) - frozenset(_made(inner))
    names = Names(inner, inputs, outside, dollars=True)
    imports = [f"import {name}" for name in modules_of(inner)]
    lines = whole_block(inner, names, facts_of(inner, {}), ends=ends)
    if "asyncio.gather(" in "\n".join(lines):
        imports.insert(0, "import asyncio")
    return [*imports, *lines]


def _read(block: Block) -> list[TaskId]:
    values = [value for one in block_statements(block) for value in statement_values(one)]
    return [ref.task for value in values for ref in references(value)]


def _made(block: Block) -> list[TaskId]:
    return [one.id for one in block_statements(block) if not isinstance(one, If | Try | Exit) and one.id is not None]


def _loop(one: ForEach, inputs: tuple[str, ...], indent: str) -> list[str]:
    head = _head(one, indent)
    body = print_steps(one.body, inputs, indent + INDENT)
    if one.yields is not None:
        body.append(f"{indent}{INDENT}yield {expression(one.yields)}{when_text(one.yield_when)}")
    if not body:
        raise NotSayable("a loop without steps")
    return [head, *body]


def _head(one: ForEach, indent: str) -> str:
    target = write_target(one.target, NOTATION)
    return f"{indent}{one.id}. for {target} in {expression(one.items)}{when_text(one.when)}:"


def when_text(value: Value | None) -> str:
    """Return the condition behind a step."""
    return "" if value is None else f" when {expression(value)}"


def _behind(one: Task) -> str:
    instead = "" if one.instead is None else f" if failed ${one.instead}"
    after = f" after {', '.join([f'${id}' for id in one.after])}" if one.after else ""
    ok = f" after ok {', '.join([f'${id}' for id in one.ok])}" if one.ok else ""
    return instead + after + ok


def _call(one: Task) -> str:
    return f"{one.tool}({', '.join([_arg(arg) for arg in one.args])})"


def _arg(arg: Arg) -> str:
    if isinstance(arg.value, Spread):
        raise NotSayable("a star among the arguments of a step")
    keyword = "" if arg.name is None else f"{print_keyword(arg.name)}="
    return f"{keyword}{'each ' if arg.each else ''}{expression(arg.value)}"


def thought_lines(thought: str) -> list[str]:
    """Return one line for each of a thought's; a thought has no escapes, so what would act on a terminal is only shown."""
    if not thought:
        return []
    lines = thought.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [f"Thought: {escape(line)}".rstrip() for line in lines]


def body_lines(plan: Plan, steps: Block) -> list[str]:
    """Return the lines of a plan's body."""
    inputs = tuple([one.name for one in plan.inputs])
    head = ["strict"] if plan.fails == "strict" else []
    return head + print_steps(steps, inputs)
