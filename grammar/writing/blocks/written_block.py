"""Write strict statements as Python: a call stands in what reads it where that changes nothing, else on a line of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Region,
    Statement,
    Task,
    Try,
    While,
    block_statements,
    names_of,
    targets_of,
)
from lcc.grammar.writing.blocks.parts_of_blocks import Facts, Functions
from lcc.grammar.writing.blocks.written_gathers import Gathers
from lcc.grammar.writing.values.aliases import bound_for_sure
from lcc.grammar.writing.values.changed_places import CHANGED_PLACE
from lcc.grammar.writing.values.written_names import Names, bindings, counted, key_loops


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


class PythonBlock(Gathers):
    """Writes one block."""

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
