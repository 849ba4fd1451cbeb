"""A plan that is kept makes each write once when it runs from nothing, as its question did, and comes to the same answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import END, finish, replan
from fake_model_server import FakeModelServer, Reply

from lcc.__main__ import main

TOOLS = '''\
from pathlib import Path

import lcc


@lcc.tool(effect="read", resource="beds")
def bed(name: str) -> str:
    """Say what grows in a bed."""
    if name == "gone":
        raise RuntimeError("no such bed")
    return f"{name} of leeks"


@lcc.tool(effect="write", resource="diary")
def plant(bed: str) -> str:
    """Have a bed planted."""
    with Path("planted").open("a") as file:
        print(bed, file=file)
    return f"planted {bed}"
'''
WHOLE = """\
beds = {}
for name in ["east", "west"]:
    beds[name] = bed(name)
done = plant(min(beds, key=beds.get))
more = bed("%s")
answer(f"{done}, {more}")
"""
PYTHON: list[tuple[list[Reply], str]] = [
    ([WHOLE % "gone", WHOLE % "north"], "plant("),
    (['a = bed("east")\ndone = plant(a)\nbed("gone")\n', 'done = plant(a)\nanswer(f"{a}: {done}")\n'], "a = bed("),
    (
        ['a = bed("east")\ndone = plant(a)\nbed("gone")\n', 'again = plant(a)\nanswer(f"{a}: {again}")\n'],
        "again = done",
    ),
    (['a = bed("east")\nplant(a)\nbed("gone")\n', 'again = plant(a)\nanswer(f"{a}: {again}")\n'], "again = plant(a)"),
    (['a = bed("east")\nplant(a)\nbed("gone")\n', 'plant(a)\nplant("x")\nanswer(a)\n'], 'plant("x")'),
    (
        [
            'a = bed("one")\nplant("1")\nbed("gone")\n',
            'b = bed("two")\nplant("1")\nplant("2")\nbed("gone")\n',
            'plant("1")\nplant("2")\nplant("3")\nanswer([a, b])\n',
        ],
        'plant("3")',
    ),
    (
        [
            'for x in ["a", "b"]:\n    plant(x)\nbed("gone")\n',
            'told = [plant(x) for x in ["a", "b", "c"]]\nanswer(f"{told}")\n',
        ],
        "told = ",
    ),
    (
        [
            'def both(x):\n    return plant(x) + bed(x)\na = both("k")\nbed("gone")\n',
            'def both(x):\n    return plant(x) + bed(x)\na = both("k")\nanswer(a)\n',
        ],
        "def both",
    ),
    (['import os\nplant("a")\nanswer(os.getcwd())\n', 'answer(plant("a"))\n'], "answer(plant("),
]
STEPS: list[tuple[list[Reply], str]] = [
    (
        ['1. bed("east")\n2. plant($1)\n3. bed("gone")\n4. answer("$2 $3")\n', '5. plant($1)\n6. answer("$1: $5")\n'],
        "5. = $2",
    ),
    (['1. plant("a")\n2. bed("gone")\n3. answer($2)\n', '4. plant("a")\n5. bed($4)\n6. answer("$4 $5")\n'], "plant("),
    (
        [
            '1. for x in ["a", "b"]:\n    2. plant(x)\n    yield $2\n3. bed("gone")\n4. answer($3)\n',
            '5. for x in ["a", "b", "c"]:\n    6. plant(x)\n    yield $6\n7. answer("${len($5)}")\n',
        ],
        "5. for",
    ),
]
PLANS: list[tuple[list[Reply], str]] = [
    (
        [
            f'1. bed("east")\n2. plant($1)\n3. bed("gone")\n4. join($2, $3)\n{END}',
            f'5. plant("east of leeks")\n6. bed("west")\n7. answer("$2 and $6")\n{END}',
        ],
        "2. plant($1)",
    ),
    (
        [
            f'1. plant("a")\n2. bed("gone")\n3. join($1, $2)\n{END}',
            f'4. plant(each ["a", "b"])\n5. bed("west")\n6. answer("$5")\n{END}',
        ],
        "4. plant(each",
    ),
]
Asked = Callable[[str, list[Reply]], tuple[int, str, str]]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """Ask with `--save-plan kept`."""
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def ask(language: str, replies: list[Reply]) -> tuple[int, str, str]:
        with FakeModelServer({"planner": replies, "joiner": [replan("more"), finish("that is all")]}) as server:
            how = ("--language", language, "--tools", "tools.py", "--model", "fake", "--base-url", server.base_url)
            status = main(["ask", "What?", *how, "--save-plan", "kept"])
        return (status, *capsys.readouterr())

    yield ask  # type: ignore[misc]
    sys.modules.pop("tools", None)


def planted() -> list[str]:
    """Return what was planted since this was asked last, in any order."""
    file = Path("planted")
    found = sorted(file.read_text().splitlines()) if file.exists() else []
    file.unlink(missing_ok=True)
    return found


@pytest.mark.parametrize(
    ("language", "replies", "holds"),
    [
        (language, *case)
        for language, cases in (("python", PYTHON), ("steps", STEPS), ("plan", PLANS))
        for case in cases
    ],
)
def test_what_is_kept_makes_each_write_once_and_answers_the_same(
    language: str, replies: list[Reply], holds: str, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer, err = asked(language, replies)
    assert status == 0, err
    made = planted()
    assert made == sorted(set(made)) != []
    kept = Path("kept").read_text(encoding="utf-8")
    assert holds in kept
    front = ("--front-end", "python") if language == "python" else ()
    assert main(["run", *front, "kept", "--tools", "tools.py"]) == 0, kept
    assert (capsys.readouterr().out, planted()) == (answer, made), kept


@pytest.mark.parametrize(
    "replies",
    [
        ['a = "east"\nx = [plant(a)]\nbed("gone")\n', 'y = [plant(a)]\nanswer(f"{x} {y}")\n'],
        ['for x in ["a", "gone"]:\n    plant(x)\n    bed(x)\n', "answer(x)\n"],
    ],
    ids=["both plans read it", "it stands in a statement that failed"],
)
def test_what_would_repeat_a_write_or_lose_one_is_not_kept(replies: list[Reply], asked: Asked) -> None:
    status, answer, err = asked("python", replies)
    assert (status, bool(answer)) == (1, True)
    assert "error: kept is not written: " in err
    assert not Path("kept").exists()
