"""Writing a program as steps takes work that is linear in its blocks."""

from __future__ import annotations

from time import process_time

from lines_run import lines_run

from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Signature
from lcc.grammar.writing.steps import to_steps

TOOLS = {"work": Signature("work", ())}
BLOCK = """
for x in ["a", "b"]:
    n{0} = work()
    if n{0} > 1:
        n{0} = work()
m{0} = work()
"""


def program(blocks: int) -> Plan:
    return parse("".join(BLOCK.format(number) for number in range(blocks)), tools=TOOLS).plan


def test_work_is_linear_in_the_number_of_blocks() -> None:
    few, more, many = map(program, (10, 80, 320))
    assert to_steps(few).body
    assert lines_run(lambda: to_steps(more)) < 10 * lines_run(lambda: to_steps(few))
    begun = process_time()
    to_steps(many)
    assert process_time() - begun < 10  # twenty times what it takes
