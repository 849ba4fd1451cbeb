"""Search by Tree of Thoughts, one call after another: the baseline, and what the parallel search must agree with.

Breadth first, three steps of one equation each, the five best states kept after each (arXiv 2305.10601, section 4.1, and the code
that was published with it; the README says which settings are whose).
"""

from __future__ import annotations

from benchmarks.evaluations.game24.states import NoState, expression_of, winner
from benchmarks.evaluations.game24.tools import KEPT, Thinker, select

STEPS = 3
NO_SOLUTION = "no solution"


async def tree_of_thoughts(game: str, thinker: Thinker, *, kept: int = KEPT) -> str:
    """Return an expression, or `no solution`. A thinker that isn't wide makes one call at a time. Raises NoState for no game."""
    return conclusion(await last_states(game, thinker, kept=kept))


async def last_states(game: str, thinker: Thinker, *, kept: int = KEPT) -> list[str]:
    """Return the states that are kept after the last step, best first."""
    states = [game]
    for _ in range(STEPS):
        proposed = [await thinker.propose(state) for state in states]
        values = [await thinker.evaluate(some) for some in proposed]
        states = select(proposed, values, kept)
    return states


def conclusion(states: list[str]) -> str:
    """Return the answer that kept states give: the first that has reached 24, as an expression."""
    won = winner(states)
    if won is None:
        return NO_SOLUTION
    try:
        return expression_of(won)
    except NoState:  # its steps don't follow from one another: no answer
        return NO_SOLUTION
