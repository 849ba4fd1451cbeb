"""Records: resolved calls, the forms of a plan, the models that are played from them, and the physical limit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import checkers
from benchmarks.evaluation import NoData, find_by_text
from benchmarks.evaluations import NAMES, load
from benchmarks.limit import Limit
from benchmarks.recorded import read_plan, record_of, resolve
from benchmarks.replies import play
from benchmarks.shorter import Form
from benchmarks.simulated.asked import Asked, Served
from benchmarks.simulated.tool_log import ToolCall
from lcc.grammar.front_ends import parse

PLAN = """\
Thought: Both are needed.
1. search("Volga")
2. search("Mekong")
3. math("ratio of the lengths", ["$1", "$2"])
4. math("$3 * 2")
5. join()<END_OF_PLAN>"""
PAGES = {"Volga": "3531 km", "Mekong": "4909 km"}
JOIN = "Thought: Twice the ratio.\nAction: Finish(2.78)"


def perform(id_: int, tool: str, arguments: Any) -> Any:
    return PAGES[arguments["entity"]] if tool == "search" else {3: 1.39, 4: 2.78}[id_]


PARAMETERS = {"search": ("entity",), "math": ("question", "context")}
RECORD = record_of(PLAN, resolve(read_plan(PLAN), PARAMETERS, perform), JOIN)


def asked(role: str, *messages: tuple[str, str], **more: Any) -> Asked:
    said = [{"role": speaker, "content": text} for speaker, text in messages]
    return Asked("/v1/chat/completions", {"model": role, "messages": said, **more})


def test_results_are_filled_in_where_a_call_reads_them() -> None:
    assert [call.reads for call in RECORD.calls] == [(), (), (1, 2), (3,)]
    assert RECORD.calls[2].arguments == {"question": "ratio of the lengths", "context": ["3531 km", "4909 km"]}
    assert RECORD.calls[3].arguments == {"question": "1.39 * 2"}


def test_a_plan_is_written_in_every_form() -> None:
    assert RECORD.forms[Form.RECORDED] == PLAN
    assert RECORD.forms[Form.PLAIN].splitlines()[0] == '1. search("Volga")'
    assert RECORD.forms[Form.SHORT].splitlines() == [
        '1. search(each ["Volga", "Mekong"])',
        '2. math("ratio of the lengths", ["$1[0]", "$1[1]"])',
        '3. math("$2 * 2")',
        "4. answer($3)",
        "<END_OF_PLAN>",
    ]
    assert RECORD.forms[Form.NARROW].splitlines()[-2] == "5. join($4)"


def test_an_answer_that_no_call_gives_is_left_to_the_joiner() -> None:
    record = record_of(PLAN, RECORD.calls, "Thought: So.\nAction: Finish(the Mekong)")
    assert "answer(" not in record.forms[Form.SHORT]


def test_a_react_model_goes_on_by_one_call_with_each_observation() -> None:
    talk = [("system", "…"), ("user", "Question: …")]
    actions = []
    for call in RECORD.calls:
        said = play(RECORD, asked("react", *talk)).text
        actions.append(said.splitlines()[1])
        talk += [("assistant", said), ("user", f"Observation: {call.result}")]
    assert actions[0] == 'Action: search("Volga")'
    assert actions[2] == 'Action: math("ratio of the lengths", ["3531 km", "4909 km"])'
    assert play(RECORD, asked("react", *talk)).text == JOIN


def test_a_model_with_tool_calls_makes_those_whose_arguments_are_known() -> None:
    first = play(RECORD, asked("openai-parallel", ("user", "…")))
    assert [json.loads(call.arguments) for call in first.calls] == [{"entity": "Volga"}, {"entity": "Mekong"}]
    messages = [{"role": "tool", "tool_call_id": call.id, "content": "…"} for call in first.calls]
    second = play(RECORD, Asked("", {"model": "openai-parallel", "messages": messages}))
    assert [call.name for call in second.calls] == ["math"]
    messages += [{"role": "tool", "tool_call_id": f"call_{id_}", "content": "…"} for id_ in (3, 4)]
    assert play(RECORD, Asked("", {"model": "openai-parallel", "messages": messages})).text.endswith("Answer: 2.78")


def test_a_rewoo_plan_reads_as_the_same_plan() -> None:
    text = play(RECORD, asked("rewoo-planner", ("user", "…"))).text
    parsed = parse(text, "rewoo")
    assert parsed.diagnostics == ()
    assert [task.tool for task in parsed.plan.tasks] == ["search", "search", "math", "math"]
    assert "#E4 = math[#E3 * 2]" in text


def test_a_joiner_replies_in_the_form_that_is_asked_for() -> None:
    assert play(RECORD, asked("joiner", ("user", "…"))).text == JOIN
    schema = {"properties": {"thought": {}, "action": {}, "answer": {}}}
    form = {"type": "json_schema", "json_schema": {"schema": schema}}
    reply = play(RECORD, asked("joiner", ("user", "…"), response_format=form)).text
    assert json.loads(reply) == {"thought": "Twice the ratio.", "action": "finish", "answer": "2.78"}


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(LookupError, match="there is no simulated model 'critic'"):
        play(RECORD, asked("critic", ("user", "…")))


def test_the_limit_is_the_last_token_then_the_critical_path_then_the_joiner() -> None:
    text = '1. search("Volga")\n2. math("$1")\n3. join($2)\n<END_OF_PLAN>'
    pieces = text.splitlines(keepends=True)
    planner = Served("q", "planner", 0.0, 1, 0, pieces=pieces, offsets=[1.0, 2.0, 3.0, 4.0], sent=[1.0, 2.0, 3.0, 4.0])
    joiner = Served("q", "joiner", 9.0, 1, 0, offsets=[0.5, 0.7])
    calls = [ToolCall("search", "1", 5.0, 1.001, 6.0), ToolCall("math", "2", 0.5, 6.1, 6.6)]
    limit = Limit([_Round(read_plan(text))], [planner, joiner], calls)
    assert limit.seconds == pytest.approx(1.0 + 5.0 + 0.5 + 0.7)
    assert limit.lags == pytest.approx([0.001])
    assert limit.makespans == [pytest.approx((5.5, 5.599))]


def test_an_element_of_a_fan_out_waits_for_the_element_that_it_reads() -> None:
    text = '1. search(each ["Volga", "Ural"])\n2. math(each $1)\n3. join($2)\n<END_OF_PLAN>'
    planner = Served("q", "planner", 0.0, 1, 0, pieces=text.splitlines(keepends=True), offsets=[1.0, 2.0, 3.0, 4.0])
    took = {"1[0]": 5.0, "1[1]": 2.0, "2[0]": 1.0, "2[1]": 3.5}
    calls = [ToolCall("tool", task, seconds, 0.0, 0.0) for task, seconds in took.items()]
    limit = Limit([_Round(read_plan(text))], [planner], calls)
    assert limit.seconds == pytest.approx(1.0 + max(5.0 + 1.0, 2.0 + 3.5))


def test_the_limit_of_a_plan_that_outlasts_its_tools_is_its_last_token() -> None:
    text = '1. search("Volga")\n2. join()\n<END_OF_PLAN>'
    planner = Served("q", "planner", 0.0, 1, 0, pieces=text.splitlines(keepends=True), offsets=[1.0, 2.0, 3.0])
    limit = Limit([_Round(read_plan(text))], [planner], [ToolCall("search", "1", 0.1, 1.0, 1.1)])
    assert limit.seconds == pytest.approx(3.0)


class _Round:
    def __init__(self, written: Any) -> None:
        self.written = written


@pytest.mark.parametrize(
    ("answer", "label", "right"),
    [
        ("the Mekong.", "Mekong", True),
        ("Volga", "Mekong", False),
        ("about 1,763 m", "1763.1", True),
        ("2000", "1763.1", False),
        ("no number", "1763.1", False),
        ("24.06", "24", True),
        ("-5", "5", False),
        ("0", "0", True),
    ],
)
def test_numbers_match_within_a_tenth_and_texts_after_normalization(answer: str, label: str, right: bool) -> None:
    assert checkers.same(answer, label) is right


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_can_be_answered_rightly(name: str) -> None:
    evaluation = load(name)
    questions = evaluation.questions(None)
    assert questions
    assert len({question.id for question in questions}) == len(questions)


def test_a_folder_without_records_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"no records of ParallelQA at .*README"):
        load("parallelqa").questions(tmp_path)


def test_an_evaluation_whose_package_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "benchmarks.evaluations.parallelqa", raising=False)
    monkeypatch.setitem(sys.modules, "simpleeval", None)
    with pytest.raises(NoData, match=r"parallelqa needs the package simpleeval: pip install .*bench"):
        load("parallelqa")


def test_records_that_are_not_json_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "movie").mkdir()
    (tmp_path / "movie" / "cassettes.jsonl").write_text("{")
    (tmp_path / "movie" / "search.json").write_text("{}")
    with pytest.raises(NoData, match="not JSON"):
        load("movie").questions(tmp_path)


def test_the_question_of_a_request_is_the_last_that_it_holds() -> None:
    questions = {question.id: question for question in load("hotpotqa").questions(None)}
    first, second, _ = questions.values()
    found = find_by_text(asked("react", ("system", first.text), ("user", f"Question: {second.text}")), questions)
    assert found is second
    with pytest.raises(LookupError):
        find_by_text(asked("react", ("user", "something else")), questions)


def write_records(folder: Path, *records: Any) -> Path:
    """Write records of ParallelQA, each JSON or text as it is, and their pages."""
    (folder / "parallelqa").mkdir()
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    (folder / "parallelqa" / "cassettes.jsonl").write_text("\n".join(lines))
    (folder / "parallelqa" / "search.json").write_text(json.dumps({"Oslo": "0.7 million", "Bergen": "0.3 million"}))
    return folder


def mean_of_two(id_: str, expression: str, factor: int = 2) -> dict[str, Any]:
    """Return a record whose last call asks in words about the results of two others."""
    plan = (
        '1. search("Oslo")\n2. search("Bergen")\n3. math("times more", ["$1"])\n4. math("times more", ["$2"])\n'
        '5. math("mean of both", ["$3", "$4"])\n6. join()<END_OF_PLAN>'
    )
    maths = {"3": f"0.7 * {factor}", "4": f"0.3 * {factor}", "5": expression}
    join = "Thought: So.\nAction: Finish(1)"
    return {
        "id": id_,
        "question": f"Mean {id_}?",
        "answer": "1",
        "branch": 2,
        "plan": plan,
        "maths": maths,
        "join": join,
    }


def last_results(folder: Path) -> dict[str, Any]:
    return {question.id: question.record.calls[-1].result for question in load("parallelqa").questions(folder)}


@pytest.mark.parametrize("expression", ["($3 + $4) / 2", "(${3} + ${4}) / 2", "min($3, $4) + ($3 - $4) / 2"])
def test_a_question_in_words_is_answered_by_the_recorded_expression_over_results(
    expression: str, tmp_path: Path
) -> None:
    folder = write_records(tmp_path, mean_of_two("a", expression), mean_of_two("b", expression, 4))
    assert last_results(folder) == pytest.approx({"a": 1.0, "b": 2.0})


def test_a_negative_result_is_filled_in_as_one_number(tmp_path: Path) -> None:
    assert last_results(write_records(tmp_path, mean_of_two("a", "($4 - $3) ** 2 + $4 * $3", -2)))[
        "a"
    ] == pytest.approx(1.48)


def test_records_that_ask_the_same_words_have_their_own_numbers(tmp_path: Path) -> None:
    folder = write_records(tmp_path, mean_of_two("a", "($3 + $4) / 2"), mean_of_two("b", "($3 + $4) / 2", 4))
    rows = run_on_samples(folder, tmp_path / "out")
    assert [(row.question, row.error) for row in rows] == [("a", ""), ("b", "")]
    from benchmarks.evaluations.parallelqa import calculated

    for question in load("parallelqa").questions(folder):
        calls = question.record.calls
        for call in calls[2:]:
            given = [str(one) for one in call.arguments["context"]]
            assert calculated(calls, call.arguments["question"], given) == call.result


def run_on_samples(folder: Path, out: Path) -> list[Any]:
    from benchmarks.command import main
    from benchmarks.rows import read

    chosen = ["--evaluations", "parallelqa", "--strategies", "lcc"]
    assert main(["run", "--data", str(folder), *chosen, "--out", str(out)]) == 0
    return list(read(out / "rows.jsonl").rows)


BAD = {
    "no number": mean_of_two("x", "($1 + $4) / 2"),
    "words": mean_of_two("x", "about one"),
    "no page": mean_of_two("x", "1") | {"plan": '1. search("Paris")\n2. join()<END_OF_PLAN>'},
    "no plan": mean_of_two("x", "1") | {"plan": "I can't."},
    "no decision": mean_of_two("x", "1") | {"join": ""},
    "no question": {"id": "x", "plan": '1. search("Oslo")\n2. join()', "join": "Action: Finish(1)"},
    "other tool": mean_of_two("x", "1") | {"plan": '1. look("Oslo")\n2. join()<END_OF_PLAN>'},
    "too many arguments": mean_of_two("x", "1") | {"plan": '1. search("Oslo", 2)\n2. join()<END_OF_PLAN>'},
    "a list": [1],
    "no JSON": '{"id": ',
    "the same id": mean_of_two("good", "1"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_record_that_cannot_be_played_is_reported_and_counted(
    bad: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_records(tmp_path, mean_of_two("good", "($3 + $4) / 2"), bad)
    assert [row.question for row in run_on_samples(folder, tmp_path / "out")] == ["good"]
    printed = capsys.readouterr()
    assert "ParallelQA: 1 records can't be played, the first: " in printed.err
    assert "ParallelQA: 1 records can't be played, and are in no table:" in printed.out
    assert "(line 2): " in printed.out


def test_where_no_record_can_be_played_the_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"none of the records of ParallelQA .* can be played: .*'about one'"):
        load("parallelqa").questions(write_records(tmp_path, BAD["words"]))
