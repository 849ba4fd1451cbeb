"""Examples for the planner are themselves checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import END, World, agent, finish, run
from fake_model_server import FakeModelServer

from lcc.ask.planning.few_shots import load_few_shots, read_few_shot
from lcc.compiler import CompileError
from lcc.python_tools.collect import as_tools

TOOLS = {name: tool.signature for name, tool in as_tools(World().tools).items()}
GOOD = '# Request: How long is the page\n# about tides?\n\n1. search("tides")\n# then\n2. length($1)\n3. answer($2)\n'


def test_an_example_is_a_plan_file_that_begins_with_its_question() -> None:
    shot = read_few_shot(GOOD, TOOLS)
    assert shot.question == "How long is the page\nabout tides?"
    assert shot.plan == f'1. search("tides")\n2. length($1)\n3. answer($2)\n{END}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('1. search("tides")\n2. join()\n', "P091"),
        ("# Request: q\n1. search('tides'\n2. join()\n", "P003"),
        ("# Request: q\n1. serch('tides')\n2. join()\n", "V004"),
        ("# Request: q\n1. search('tides')\n", "V003"),
        ("# Request: q\n1. length($2)\n2. join()\n", "V002"),
    ],
)
def test_a_wrong_example_is_an_error(text: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "example.plan"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CompileError) as refused:
        load_few_shots([path], TOOLS)
    assert code in {d.code for d in refused.value.diagnostics}
    assert "example.plan" in str(refused.value)


def test_a_missing_example_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="can't read the example"):
        load_few_shots([tmp_path / "none.plan"], TOOLS)


def test_a_folder_gives_its_plans_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.plan").write_text(f"# Request: {name}\n{GOOD}", encoding="utf-8")
    assert [shot.question.split("\n")[0] for shot in load_few_shots([tmp_path], TOOLS)] == ["a", "b"]


def test_examples_are_shown_to_the_planner(tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    path.write_text(GOOD, encoding="utf-8")
    world = World()
    with FakeModelServer({"planner": [f"1. search('x')\n2. join()\n{END}"], "joiner": [finish("x")]}) as server:
        run(lambda: agent(world, server, examples=[path]).ask("?"))
    assert 'Request: How long is the page\nabout tides?\n1. search("tides")' in server.requests[0].system
