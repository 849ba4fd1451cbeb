"""Check `lcc ask --language python` as people use it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import finish
from fake_model_server import FakeModelServer

import lcc
from lcc.__main__ import main

TOOLS = '''\
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str:
    """Find a paragraph."""
    if query == "broken":
        raise RuntimeError("no page")
    return f"about {query}"
'''
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run `lcc ask --language python` in a folder with `tools.py`."""
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(server: FakeModelServer, *argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        model = ("--model", "fake", "--base-url", server.base_url)
        status = main(["ask", "What?", "--language", "python", "--tools", "tools.py", *model, *argv])
        sys.modules.pop("tools", None)
        return (status, *capsys.readouterr())

    return run


def test_the_answer_is_on_standard_output_and_the_program_in_a_file(ask: Ask) -> None:
    first = '```python\nkept = search("a")\nsearch("broken")\n```'
    second = 'for q in ["x", "y"]:\n    print(search(q))\nanswer(f"{kept} it is")\n'
    with FakeModelServer({"planner": [first, second]}) as server:
        status, out, err = ask(server, "--save-plan", "saved.py")
    assert (status, out) == (0, "about a it is\n")
    assert "replanning: RuntimeError: no page" in err
    assert 'search("broken")' in err
    saved = Path("saved.py").read_text(encoding="utf-8")
    assert saved == f'# Request: What?\nkept = search("a")\n{second}'
    assert main(["run", "--front-end", "python", "saved.py", "--tools", "tools.py"]) == 0


def test_a_program_can_be_cached(ask: Ask) -> None:
    with FakeModelServer({"planner": ['answer(search("x"))\n']}) as server:
        assert ask(server, "--plan-cache")[1] == "about x\n"
        assert ask(server, "--plan-cache")[1] == "about x\n"
        assert len(server.by_role("planner")) == 1


def test_json_has_the_program_and_its_calls(ask: Ask) -> None:
    with FakeModelServer({"planner": ['print(search("x"))\n'], "joiner": [finish("done")]}) as server:
        status, out, _ = ask(server, "--format", "json")
    shown = json.loads(out)
    assert status == 0
    assert shown["rounds"][0]["program"] == 'print(search("x"))\n'
    assert shown["rounds"][0]["tasks"]["1"]["value"] == "about x"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--constrain", "lark"), "`--constrain` holds a model to the grammar of plans"),
        (("-O", "1"), "`-O` is about plans"),
        (("--strategy", "react"), "the strategy react has no use for `--language`"),
    ],
)
def test_options_of_plans_are_refused(ask: Ask, options: tuple[str, ...], said: str) -> None:
    with FakeModelServer({}) as server:
        status, _, err = ask(server, *options)
    assert status == 2
    assert said in err


def test_an_example_is_a_program_behind_its_question(ask: Ask) -> None:
    Path("one.py").write_text('# Request: How?\nanswer(search("how"))\n', encoding="utf-8")
    with FakeModelServer({"planner": ["answer(1)"]}) as server:
        assert ask(server, "--examples", "one.py")[0] == 0
        system = server.by_role("planner")[0].system
    assert 'Request: How?\n```python\nanswer(search("how"))\n```' in system
    Path("one.py").write_text("# Request: How?\nanswer(serch('how'))\n", encoding="utf-8")
    with FakeModelServer({}) as server:
        status, _, err = ask(server, "--examples", "one.py")
    assert status in (1, 2)
    assert "one.py:2:8" in err


def test_plans_with_steps_are_asked_for_saved_and_run_by_name(ask: Ask) -> None:
    first = '```\n1. search("a")\n2. search("broken") when $1\n3. join()\n```'
    second = '4. for q in ["x", $1]:\n    5. search(q)\n    yield $5\n6. answer("${len($4)}: $1")\n'
    with FakeModelServer({"planner": [first, second]}) as server:
        status, out, err = ask(server, "--language", "steps", "--save-plan", "saved.plan")
    assert (status, out) == (0, "2: about a\n")
    assert "replanning: RuntimeError: no page" in err
    saved = Path("saved.plan").read_text(encoding="utf-8")
    assert saved.startswith('# Request: What?\nstrict\n1. search("a")\n4. for q in ["x", $1]:\n')
    assert main(["run", "saved.plan", "--tools", "tools.py"]) == 0


def test_calls_are_shown_by_the_names_that_the_model_wrote(ask: Ask, tmp_path: Path) -> None:
    wrong = "```python\nfound = [search(p) for p in ['a']]\nprint(search(missing))\n```"
    first = (
        "```python\ndef of(größe, name='!'):\n    return search(größe + name)\n"
        "found = [search(p) for p in ['a', 'b']]\nname_2 = of('u')\nmore = [search(p.upper()) for p in [name_2]]\n"
        "for p in ['broken']:\n    search(p)\n```"
    )
    second = "```python\nprint([search(p + name_2) for p in ['c']], sum(len(search(p)) for p in ['d']))\n```"
    script = {"planner": [wrong, first, second], "joiner": [finish("done")]}
    with FakeModelServer(script) as server:
        status, _, err = ask(server, "--report", "page.html")
        told = [str(request.messages[-1]["content"]) for request in server.requests]
    assert (status, "plan refused" in err, "planning, 2" in err) == (0, True, True)
    shown = [line.split(". ", 1)[1] for line in err.splitlines() if line.startswith(("ok ", "failed "))]
    assert sorted(set(shown)) == [
        "search(größe + name)",
        "search(p + name_2)",
        "search(p)",
        "search(p.upper())",
    ]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (err, page, *told):
        assert not re.search(
            r"\b(?!name_2\b)[^\W\d]\w*?_+\d+\b|\bp_\b", re.sub(r"<style.*?</script>", "", text, flags=re.S)
        )


def test_a_plan_is_put_before_people_by_the_names_that_the_model_wrote() -> None:
    shown: list[lcc.PlanRequest] = []

    @lcc.tool(effect="write")
    async def note(text: str) -> str:
        """Write something down."""
        return text

    async def allow(request: lcc.PlanRequest) -> bool:
        shown.append(request)
        return True

    program = (
        "def of(p, k=2):\n    return note(p * k)\nfor p in ['u', 'v']:\n    of(p)\nanswer([note(p) for p in ['w']])\n"
    )
    with FakeModelServer({"planner": [program]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k")
        agent = lcc.Agent([note], model, language="python", journal=False, approve_plan=allow)
        answer = agent.ask_sync("?")
    assert answer.value == ["w"]
    assert [change.call for change in shown[0].changes] == ["note(p * k)", "note(p)"]
    for text in (shown[0].graph, answer._repr_html_()):
        assert "note(p" in text.replace("#40;", "(")
        assert not re.search(r"\b[pk]_+\d|\b[pk]_\b", text)
