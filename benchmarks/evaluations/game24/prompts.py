"""Ask a model for next steps and for verdicts, and read what it says.

The system messages are fixed, so that providers' prompt caches serve them. A reply is a model's: a line that is no legal step is
left out, and a verdict that is none of the three counts nothing, as in Tree of Thoughts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from benchmarks.evaluations.game24.states import NoState, after, game_of, numbers_left, read_step

PROPOSE: Final = """\
You play the Game of 24. Propose next steps: combine two of the numbers with + - * or /, and say which numbers are left.
Write up to 8 different steps that look promising, one a line, and nothing else.

Numbers: 3 5 6 9
3 * 5 = 15 (left: 6 9 15)
9 - 3 = 6 (left: 5 6 6)
6 / 3 = 2 (left: 2 5 9)
5 + 6 = 11 (left: 3 9 11)
9 - 5 = 4 (left: 3 4 6)"""

JUDGE: Final = """\
You judge positions of the Game of 24: can the numbers that are left make 24, each used once, with + - * and /?
Try a combination, then write your verdict as the last line: sure, likely or impossible.

Numbers left: 4 20
4 + 20 = 24
sure

Numbers left: 2 9
2 * 9 = 18
impossible

Numbers left: 3 4 11
(11 - 4) * 3 = 21
likely

Numbers left: 1 1 4
(1 + 1) * 4 = 8
impossible"""

VALUES: Final = {"impossible": 0.001, "likely": 1.0, "sure": 20.0}
"""What a verdict is worth (Tree of Thoughts' published code)."""
SAMPLES: Final = 3

_STATE: Final = re.compile(r"State: (?P<state>[^\n]*)\nNumbers: [^\n]*")
_POSITION: Final = re.compile(r"Game: (?P<game>[^\n]*)\nNumbers left: (?P<left>[^\n]*)")


def proposal_request(state: str) -> str:
    """Return the user's message that asks for next steps. Raises NoState."""
    return f"State: {state}\nNumbers: {' '.join(map(str, numbers_left(state)))}"


def verdict_request(state: str) -> str:
    """Return the user's message that asks for a verdict; equal for states that have the same numbers left. Raises NoState."""
    return f"Game: {game_of(state)}\nNumbers left: {' '.join(map(str, sorted(numbers_left(state))))}"


def read_proposals(state: str, reply: str) -> list[str]:
    """Return the states that a reply proposes, in its order, equal ones once."""
    numbers = numbers_left(state)
    found: dict[str, None] = {}
    for line in reply.splitlines():
        try:
            found[after(state, str(read_step(line, numbers)))] = None
        except NoState:
            continue
    return list(found)


def read_value(replies: Iterable[str]) -> float:
    """Return what the verdicts of some samples are worth together."""
    return sum(VALUES.get(_verdict(reply), 0.0) for reply in replies)


def asked_state(message: str) -> str | None:
    """Return the state in a message that asks for next steps; None for another message."""
    found = _STATE.fullmatch(message)
    return None if found is None else found["state"]


def asked_position(message: str) -> tuple[str, str] | None:
    """Return the game and the numbers left in a message that asks for a verdict; None for another message."""
    found = _POSITION.fullmatch(message)
    return None if found is None else (found["game"], found["left"])


def _verdict(reply: str) -> str:
    lines = reply.strip().splitlines()
    return lines[-1].strip(" .*").lower() if lines else ""
