"""Long results: their shape and beginning, and a way to all the rest, a bounded number of times."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from asking import BACKENDS, END, run
from fake_model_server import FakeModelServer, Reply, ToolCalls
from hypothesis import given, strategies as st

import lcc
from lcc.ask.events import AnswerText
from lcc.ask.joining.looks import MOST, Looks, read_look, shape
from lcc.models.tokens import estimate

ITEMS = [{"id": number, "name": f"pear {number}", "tags": ["a", "b"]} for number in range(240)]


def looks(value: Any, cap: int = 100) -> tuple[str, Looks]:
    found = Looks(cap, left=10_000)
    return found.show("3", lambda: value), found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (ITEMS, "list of 240 × {id: int, name: str, tags: list}"),
        ([1, "a", None, 2.5, True], "list of 5 × int or str or null"),
        ([], "list of 0"),
        ("x" * 5_000, "text of 5,000 characters"),
        (
            {f"k{n}": n for n in range(20)},
            "{k0: int, k1: int, k2: int, k3: int, k4: int, k5: int, k6: int, k7: int, …}",
        ),
        ({"items": ITEMS}, "{items: list of 240 × object of 3 keys}"),
        (3, "int"),
    ],
)
def test_a_shape_says_what_a_value_is(value: Any, said: str) -> None:
    assert shape(value) == said


def test_what_fits_is_shown_whole_and_what_does_not_says_where_the_rest_is() -> None:
    text, found = looks([1, 2, 3])
    assert (text, found.offered) == ("[1, 2, 3]", False)
    text, found = looks(ITEMS)
    assert found.offered
    assert text.startswith('[{"id": 0, "name": "pear 0", "tags": ["a", "b"]}, ')
    assert text.endswith("(list of 240 × {id: int, name: str, tags: list}; 7 are shown, more: $3[7:])")
    assert estimate(text) < 150


@given(st.lists(st.integers() | st.text(max_size=300), min_size=1, max_size=60), st.integers(20, 80))
def test_every_item_of_a_list_can_be_reached_by_the_ways_that_are_said(value: list[Any], cap: int) -> None:
    _, found = looks(value, cap)
    seen, at = 0, 0
    while at < len(value):
        answer = found.look(f"$3[{at}:]")
        more = re.findall(r"more: (?:\$3\[\d+\], )?\$3\[(\d+):\]\)$", answer)
        after = int(more[-1]) if more else len(value)
        assert after > at
        seen, at = seen + after - at, after
    assert seen == len(value)


@given(st.text(min_size=1, max_size=3_000), st.integers(20, 60))
def test_every_character_of_a_text_can_be_reached(value: str, cap: int) -> None:
    _, found = looks(value, cap)
    pieces, at = [], 0
    while True:
        answer = found.look(f"$3[{at}:]").removeprefix("$3 = ")
        more = re.search(r"  \(text of [\d,]+ characters; more: \$3\[(\d+):\]\)$", answer)
        if more is None:
            break
        pieces.append(json.loads(answer[: more.start()]))
        assert int(more[1]) == at + len(pieces[-1])
        at = int(more[1])
    assert value.startswith("".join(pieces))
    assert estimate(" ".join(value[at:].split())) <= cap


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ("$3[10]", '$3[10] = {"id": 10, "name": "pear 10", "tags": ["a", "b"]}'),
        ("3[-1].name", "$3[-1].name = pear 239"),
        (
            "$3[10:12]",
            '$3 = [{"id": 10, "name": "pear 10", "tags": ["a", "b"]}, {"id": 11, "name": "pear 11", "tags": ["a", "b"]}]',
        ),
        ('$3, "PEAR 77"', '"PEAR 77" in $3: $3[77]: {"id": 77, "name": "pear 77", "tags": ["a", "b"]}'),
        ("$3[100:], pear 77", '"pear 77" stands nowhere in $3'),
        ("$3[400]", "there is nothing at $3[400]: [400]: index 400 of a list of 240"),
        ("$3.x", "there is nothing at $3.x"),
        ("$9", "there is no result $9 here; results are $3"),
        ("the third", "that is no place in a result: write $3"),
        ("$3[0].id[1:2]", "$3[0].id is int, which has no slices"),
        ("$3" + "[0]" * 1_000, "that is no place in a result"),
    ],
)
def test_a_look_shows_a_part_a_slice_or_words_or_says_why_not(wanted: str, seen: str) -> None:
    _, found = looks(ITEMS)
    assert found.look(wanted).startswith(seen)


def test_words_are_found_in_texts_and_objects_with_their_places() -> None:
    text = "a" * 3_000 + " the needle " + "b" * 3_000
    _, found = looks(text)
    answer = found.look("$3, Needle")
    assert answer.startswith('"Needle" in $3: $3[2845:3171]: "aaa')
    assert "needle" in found.look("$3[2845:3171]")
    _, found = looks({"one": "x" * 400, "two words": "the needle", "three": [1, "needle"]}, 60)
    assert found.look("$3, needle") == '"needle" in $3: $3["two words"]: the needle | $3.three: [1, "needle"]'


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ("Thought: more\nAction: Peek($3[10:20])", "$3[10:20]"),
        ('**Action:** peek($3, "a (b)")', '$3, "a (b)"'),
        ('{"thought": "t", "action": "peek", "answer": "$3.items"}', "$3.items"),
        ('{"action": "peek", "missing": "$3", "answer": null}', "$3"),
        ('```json\n{"action": "Peek", "answer": "$3"}\n```', "$3"),
        ("Action: Finish(peek)", None),
        ('{"action": "finish", "answer": "peek"}', None),
        ("Action: Replan(peek at $3)", None),
        ("{" * 5_000, None),
    ],
)
def test_the_forms_of_a_look_are_read(reply: str, wanted: str | None) -> None:
    assert read_look(reply) == wanted


def ask(replies: list[str], backend: str = "asyncio", **settings: Any) -> tuple[lcc.Answer, FakeModelServer]:
    @lcc.tool(effect="read")
    async def listing() -> list[dict[str, Any]]:
        return ITEMS

    typed = settings.pop("answer_type", None)
    language = settings.get("language", "plan")
    plan = f"1. listing()\n2. join($1)\n{END}" if language == "plan" else "found = listing()\nprint(found)\nfound\n"
    with FakeModelServer({"planner": [plan], "joiner": replies}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        agent = lcc.Agent([listing], model, result_tokens=60, **settings)
        return run(lambda: agent.ask("?", answer_type=typed), backend), server


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_joiner_looks_into_a_long_result_and_answers(backend: str) -> None:
    answer, server = ask(["Thought: t\nAction: Peek($1, pear 77)", "Thought: t\nAction: Finish(77)"], backend)
    first, second = server.by_role("joiner")
    assert '"peek"' in first.system or "Peek(" in first.system
    assert '$1[77]: {"id": 77' in second.messages[-1]["content"]
    assert second.messages[-1]["content"].endswith(f"You may look {MOST - 1} more times.")
    assert answer.text == "77"


def test_looks_are_bounded_and_then_there_is_an_answer() -> None:
    look = "Thought: t\nAction: Peek($1[5])"
    answer, server = ask([look] * (MOST + 1) + ["Thought: t\nAction: Finish(enough)"])
    requests = server.by_role("joiner")
    assert len(requests) == MOST + 2
    assert requests[MOST].messages[-1]["content"].endswith("No further look is possible.")
    assert "Peek(" not in requests[MOST].system
    assert answer.text == "enough"


def test_an_answer_of_a_type_may_look_too() -> None:
    look = '{"thought": "t", "action": "peek", "missing": "$1[239].id", "answer": null}'
    answer, server = ask([look, '{"thought": "t", "action": "finish", "missing": "", "answer": 239}'], answer_type=int)
    assert answer.value == 239
    assert "$1[239].id = 239" in server.by_role("joiner")[1].messages[-1]["content"]


def test_what_a_program_printed_and_gave_back_can_be_looked_into() -> None:
    look = "Thought: t\nAction: Peek($printed, pear 77)"
    answer, server = ask([look, "Thought: t\nAction: Finish(ok)"], language="python")
    first, second = server.by_role("joiner")
    assert "more: $printed[" in first.messages[-1]["content"]
    assert "pear 77" in second.messages[-1]["content"]
    assert answer.text == "ok"


def test_short_results_offer_no_look() -> None:
    @lcc.tool(effect="read")
    async def one() -> int:
        return 1

    with FakeModelServer({"planner": [f"1. one()\n2. join()\n{END}"], "joiner": ["Action: Finish(1)"]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        run(lambda: lcc.Agent([one], model).ask("?"))
        assert "eek" not in server.by_role("joiner")[0].system


PEEKS: dict[str, dict[str, list[Reply]]] = {
    "react": {
        "agent": ["Action: listing()", "Thought: t\nAction: Peek($1, pear 77)", "Thought: t\nAction: Finish(77)"],
    },
    "openai-parallel": {
        "agent": [ToolCalls([("listing", {})]), ToolCalls([("peek", {"place": "$1, pear 77"})]), "77"],
    },
    "rewoo": {
        "planner": ["Plan: a\n#E1 = listing[]"],
        "solver": ["Action: Peek($1, pear 77)", "77"],
    },
}
ANSWERS: dict[str, str] = {"react": "agent", "openai-parallel": "agent", "rewoo": "solver"}


def ask_by(strategy: str, script: dict[str, list[Reply]], **asked: Any) -> tuple[lcc.Answer, FakeModelServer]:
    @lcc.tool(effect="read")
    async def listing() -> list[dict[str, Any]]:
        return ITEMS

    with FakeModelServer(script) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        agent = lcc.Agent([listing], model, result_tokens=60, strategy=strategy)
        return run(lambda: agent.ask("?", **asked)), server


@pytest.mark.parametrize("strategy", PEEKS)
def test_other_strategies_look_into_long_results_too(strategy: str) -> None:
    pieces: list[str] = []

    def listen(event: object) -> None:
        if isinstance(event, AnswerText):
            pieces.append(event.text)

    answer, server = ask_by(strategy, PEEKS[strategy], on_event=listen)
    assert (answer.text, "".join(pieces)) == ("77", "77")
    before, after = server.by_role(ANSWERS[strategy])[-2:]
    assert "more: $1[" in before.prompt
    assert "Of a long result only a part is shown" in before.prompt
    assert "pear 77" not in before.prompt
    assert "$1[77]: {" in after.prompt
    assert f"You may look {MOST - 1} more times." in after.prompt
    assert after.prompt.count("Of a long result only a part is shown") == 1


@pytest.mark.parametrize("strategy", PEEKS)
def test_looks_of_other_strategies_are_bounded(strategy: str) -> None:
    role = ANSWERS[strategy]
    *first, look, last = PEEKS[strategy][role]
    answer, server = ask_by(strategy, {**PEEKS[strategy], role: [*first, *[look] * (MOST + 1), last]})
    assert answer.text == "77"
    assert "No further look is possible. Answer with what is known" in server.by_role(role)[-1].prompt


def test_a_solver_that_looks_for_ever_is_no_answer() -> None:
    script = {**PEEKS["rewoo"], "solver": ["Action: Peek($1[5])"] * (MOST + 2)}
    with pytest.raises(lcc.AskFailed, match="no further look is possible"):
        ask_by("rewoo", script)


def test_a_typed_answer_of_a_solver_may_look() -> None:
    script: dict[str, list[Reply]] = {
        **PEEKS["rewoo"],
        "solver": ['{"answer": null, "peek": "$1[239].id"}', '{"answer": 239, "peek": ""}'],
    }
    answer, server = ask_by("rewoo", script, answer_type=int)
    assert answer.value == 239
    assert "$1[239].id = 239" in server.by_role("solver")[-1].prompt


def test_a_look_without_a_place_is_told_so() -> None:
    calls = [ToolCalls([("listing", {})]), ToolCalls([("peek", {"at": 3})]), "0"]
    answer, server = ask_by("openai-parallel", {"agent": [*calls]})
    assert answer.text == "0"
    assert "`place` is missing" in server.requests[-1].prompt


def test_elements_of_a_fan_out_that_failed_in_part_can_be_looked_into() -> None:
    @lcc.tool(effect="read")
    async def page(number: int) -> str:
        if number == 2:
            raise ValueError("no such page")
        return f"page {number}: " + "word " * 400 + "the end"

    plan = f"1. page(each [1, 2, 3])\n2. join()\n{END}"
    look = "Thought: t\nAction: Peek($1[2], the end)"
    with FakeModelServer({"planner": [plan], "joiner": [look, "Action: Finish(x)"]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        run(lambda: lcc.Agent([page], model, result_tokens=60, max_replans=0).ask("?"))
        first, second = server.by_role("joiner")
    assert "more: $1[2][" in first.prompt
    assert '"the end" in $1[2]' in second.prompt
