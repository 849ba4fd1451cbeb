"""States, steps, answers and games of the Game of 24: what is read is what was written, and nothing else is taken for it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from benchmarks.evaluations.game24.checker import is_correct
from benchmarks.evaluations.game24.games import choose_games, packaged_games, reachable, read_games
from benchmarks.evaluations.game24.prompts import read_proposals, read_value
from benchmarks.evaluations.game24.simulated import PROPOSALS, judge, propose
from benchmarks.evaluations.game24.states import (
    WON,
    NoState,
    after,
    all_steps,
    expression_of,
    game_of,
    numbers_left,
    read_numbers,
    read_step,
)

GAMES = st.lists(st.integers(1, 13), min_size=4, max_size=4).map(lambda numbers: " ".join(map(str, sorted(numbers))))


@given(GAMES, st.data())
def test_random_steps_read_back_and_fold_into_an_expression_of_their_value(game: str, data: st.DataObject) -> None:
    state, numbers = game, read_numbers(game)
    while len(numbers) > 1:
        step = data.draw(st.sampled_from(all_steps(numbers)))
        assert read_step(str(step), numbers) == step
        state, numbers = after(state, str(step)), step.left
        assert numbers_left(state) == numbers
        assert game_of(state) == game
    assert is_correct(game, expression_of(state)) == (numbers == WON)


@given(GAMES)
def test_every_step_leaves_one_number_less_and_computes_right(game: str) -> None:
    numbers = read_numbers(game)
    for step in all_steps(numbers):
        assert len(step.left) == 3
        value = {"+": step.a + step.b, "-": step.a - step.b, "*": step.a * step.b}.get(step.sign, Fraction())
        assert step.result == (step.a / step.b if step.sign == "/" else value)


@given(GAMES)
def test_proposals_are_few_different_legal_steps_and_always_the_same(game: str) -> None:
    proposals = propose(game)
    steps = [read_step(text, read_numbers(game)) for text in proposals]
    assert 1 <= len(steps) == len({step.left for step in steps}) <= PROPOSALS
    assert proposals == propose(game)
    assert read_proposals(game, "\n".join(["Here are some:", *proposals, "1 + 1 = 3 (left: 3)"])) == proposals


@given(GAMES, st.integers(0, 2))
def test_a_judge_is_never_sure_of_what_cannot_be_reached(game: str, sample: int) -> None:
    for step in all_steps(read_numbers(game)):
        verdict = judge(game, step.left, sample)[1]
        assert verdict != "sure" or reachable(step.left)
        for last in all_steps(step.left)[:4]:
            assert (judge(game, last.left, sample)[1] == "sure") == reachable(last.left)


@given(GAMES)
def test_what_one_sample_says_depends_on_the_seed_alone(game: str) -> None:
    left = all_steps(read_numbers(game))[0].left
    assert [judge(game, left, n, seed=3) for n in range(3)] == [judge(game, left, n, seed=3) for n in range(3)]


def test_the_program_answers_as_its_description_shows() -> None:
    kept = ["1 + 7 = 8 (left: 2 4 8)", "1 * 4 = 4 (left: 2 4 7)", "7 - 1 = 6 (left: 2 4 6)"]
    assert set(kept) <= set(propose("1 2 4 7"))
    assert judge("1 2 4 7", read_numbers("2 12"), 0) == ("2 * 12 = 24", "sure")
    assert judge("1 2 4 7", read_numbers("2 4 8"), 0)[1] == "sure"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("", "no line of numbers"),
        ("1 2 4 x", "no line of numbers"),
        ("1  2", "no line of numbers"),
        ("1e9999999 2", "no line of numbers"),
        ("1/0 2", "1/0 is no number"),
        ("1 2 3 4 5 6 7 8 9", "9 numbers"),
        ("1 + 7 = 8 (left: 2 4 8", "no state"),
        ("(left: 24)", "no state"),
        ("1" * 3000, "no line of numbers"),
    ],
)
def test_what_is_no_state_is_said_to_be_none(state: str, said: str) -> None:
    with pytest.raises(NoState, match=said):
        numbers_left(state)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("1 + 7 = 9 (left: 2 4 9)", "1 [+] 7 is not 9"),
        ("1 + 5 = 6 (left: 2 4 6)", "5 in .* is not among"),
        ("1 + 1 = 2 (left: 2 2 4)", "1 in .* is not among"),
        ("1 + 7 = 8 (left: 2 8)", "the numbers left after .* are 2 4 8"),
        ("1 / 0 = 0 (left: 2 4 8)", "0 in .* is not among"),
        ("1 ** 7 = 1 (left: 1 2 4)", "is no step"),
        ("__import__('os')", "is no step"),
    ],
)
def test_a_step_that_is_wrong_is_refused(step: str, said: str) -> None:
    with pytest.raises(NoState, match=said):
        read_step(step, read_numbers("1 2 4 7"))


def test_steps_that_do_not_follow_from_one_another_give_no_expression() -> None:
    with pytest.raises(NoState, match=r"12 in .* is not among"):
        expression_of("1 + 7 = 8 (left: 2 4 8) ; 2 * 12 = 24 (left: 24)")
    with pytest.raises(NoState, match="3 numbers are left"):
        expression_of("1 + 7 = 8 (left: 2 4 8)")


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("2 * (4 + (1 + 7))", True),
        ("2*(4+1+7) = 24", True),
        ("(2 * 4 - 7 + 1) * 12", False),
        ("24", False),
        ("2 * 4 * (7 - 1) / 2", False),
        ("2 ** 4 + 7 + 1", False),
        ("2 * (4 + (1 + 7)", False),
        ("2 * 4 + 1 + 7)", False),
        ("2 (4 + 1 + 7)", False),
        ("-2 * 4 + 1 * 7", False),
        ("7 / (1 - (4 - 2 - 1))", False),
        ("no solution", False),
        ("", False),
        ("(" * 300, False),
        ("__import__('os').system('true')", False),
    ],
)
def test_only_an_expression_of_the_numbers_that_makes_24_is_correct(answer: str, correct: bool) -> None:
    assert is_correct("1 2 4 7", answer) is correct


def test_quotients_are_exact_and_signs_bind_from_the_left() -> None:
    assert is_correct("3 3 8 8", "8 / (3 - 8 / 3)")
    assert is_correct("1 5 5 5", "5 * (5 - 1 / 5)")
    assert is_correct("1 1 1 13", "1 * 13 - 1 - 1") is False
    assert is_correct("2 4 8 12", "8 / 4 * 12 - 2") is False
    assert is_correct("2 3 5 12", "12 / (3 - 5 / 2)")
    assert is_correct("1 2 12 12", "12 - 1 - 2 - 12") is False
    assert is_correct("4 6 10 12", "10 - 4 + 6 + 12")


def test_verdicts_are_worth_what_tree_of_thoughts_gives_them() -> None:
    assert read_value(["2 * 12 = 24\nsure", "likely", "Impossible."]) == pytest.approx(21.001)
    assert read_value(["I can't tell", ""]) == 0


def test_the_packaged_games_are_a_hundred_different_ones_that_can_be_won() -> None:
    games = packaged_games()
    assert len(games) == len(set(games)) == 100
    assert all(reachable(read_numbers(game)) for game in games[::10])


@pytest.mark.slow
def test_the_packaged_games_are_those_that_the_rule_chooses() -> None:
    assert choose_games() == packaged_games()


def test_a_file_of_games_is_read_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text('{"instances": [{"rank": 901, "numbers": "4 5 6 10"}]}')
    assert read_games(path) == ["4 5 6 10"]
    for text in ("[]", "{", '{"instances": [{"numbers": "4 5"}]}', '{"instances": [{"numbers": "a b c d"}]}'):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"instances\.json"):
            read_games(path)
