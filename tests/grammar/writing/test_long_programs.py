"""Writing a program as steps takes time that is linear in its blocks."""

from __future__ import annotations

from time import process_time

from lcc.grammar.front_ends.python import parse
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


def seconds(blocks: int) -> float:
    plan = parse("".join(BLOCK.format(number) for number in range(blocks)), tools=TOOLS).plan
    begun = process_time()
    made = to_steps(plan)
    taken = process_time() - begun
    assert made.body
    return taken


def test_time_is_linear_in_the_number_of_blocks() -> None:
    seconds(5)
    few = max(seconds(40), 0.005)
    assert seconds(320) < 20 * few
