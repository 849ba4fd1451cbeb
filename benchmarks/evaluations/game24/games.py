"""Choose the games that are played, or read others.

    python -m benchmarks.evaluations.game24.games    # writes games.txt anew, in half a minute

Four numbers from 1 to 13 make 24 in 1,362 of 1,820 cases. They are ordered from easy to hard by the share of first steps from which
24 can still be reached (equal shares: in the order of their numbers), and numbers 901 to 1,000 of that order are played: the same
places as in Tree of Thoughts, whose own order is by the time that people take (4nums.com) and isn't copied here. A file of such
games, `instances.json` with ranks and numbers, is read from the folder given with `--data`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Final

from benchmarks.evaluations.game24.states import TARGET, NoState, Numbers, all_steps, read_numbers

FIRST, LAST = 901, 1000
GAMES: Final = Path(__file__).with_name("games.txt")


def packaged_games() -> list[str]:
    """Return the hundred games that are played by default."""
    return [line for line in GAMES.read_text(encoding="utf-8").splitlines() if line]


def read_games(path: Path) -> list[str]:
    """Return the games of a file `{"instances": [{"rank": 901, "numbers": "4 5 6 10"}, …]}`.

    Raises OSError, and ValueError that says what is wrong with the file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        games = [str(one["numbers"]) for one in found["instances"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} holds no games: {type(error).__name__}: {error}") from None
    for game in games:
        try:
            count = len(read_numbers(game))
        except NoState as error:
            raise ValueError(f"{path}: {error}") from None
        if count != 4:
            raise ValueError(f"{path}: {game!r} are {count} numbers, not 4")
    return games


def choose_games() -> list[str]:
    """Return the games anew, by solving all of them."""
    solvable = [game for game in _all_games() if reachable(game)]
    order = sorted(solvable, key=lambda game: (-_share(game), game))
    return [" ".join(map(str, game)) for game in order[FIRST - 1 : LAST]]


@cache
def reachable(numbers: Numbers) -> bool:
    """Whether numbers, in ascending order, make 24."""
    if len(numbers) == 1:
        return numbers[0] == TARGET
    return any(reachable(step.left) for step in all_steps(numbers))


def _all_games() -> list[Numbers]:
    return [tuple(map(Fraction, game)) for game in combinations_with_replacement(range(1, 14), 4)]


def _share(numbers: Numbers) -> Fraction:
    left = {step.left for step in all_steps(numbers)}
    return Fraction(sum(map(reachable, left)), len(left))


if __name__ == "__main__":
    GAMES.write_text("\n".join(choose_games()) + "\n", encoding="utf-8")
