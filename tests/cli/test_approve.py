"""The question before something is destroyed: what matters is always on the screen, whatever a model wrote around it."""

from __future__ import annotations

import io
import json

import anyio
import pytest

from lcc.cli.consent.approve import answerer, approver
from lcc.cli.console import Console
from lcc.grammar.ir import Element
from lcc.grammar.values import Json
from lcc.runtime.calls.secrets import NO_SECRETS
from lcc.runtime.options import ApprovalRequest, Question


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


class Keyboard(Screen):
    """A terminal on which somebody types."""


def asked(monkeypatch: pytest.MonkeyPatch, *calls: dict[str, Json], typed: str = "y\n") -> tuple[list[str], bool]:
    """Return what is shown of the calls, and the answer."""
    screen = Screen()
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ask = approver(Console(io.StringIO(), screen), always=False, secrets=NO_SECRETS)
    assert ask is not None
    request = ApprovalRequest(2, "delete", tuple((Element(2, k), call) for k, call in enumerate(calls)))
    allowed = anyio.run(ask, request)
    return screen.getvalue().splitlines(), allowed


@pytest.mark.parametrize("typed", ["y\n", "n\n", "\n", "", "y", "yes please\n"])
def test_a_short_call_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    lines, allowed = asked(monkeypatch, {"path": "a.txt", "n": 1}, typed=typed)
    assert lines == [
        "task 2 wants 1 destructive call of delete:",
        '  2[0]. delete(n=1, path="a.txt")',
        "allow? [y/N] ",
    ]
    assert allowed == (typed == "y\n")


LONG = "x" * 3_000


@pytest.mark.parametrize(
    "call",
    [
        {"reason": LONG, "path": "/etc/passwd"},
        {"reason": LONG, "why": LONG, "more": [LONG, {LONG: LONG}], "path": "/etc/passwd"},
        {"what": {"reason": LONG, "path": "/etc/passwd"}},
        {"what": [LONG, LONG, {"reason": [LONG], "path": "/etc/passwd"}]},
        {"what": ["a" * 30] * 20 + ["/etc/passwd"]},
        {"reason": "日" * 3_000, "path": "/etc/passwd"},
        {"reason": "\n\x1b[2J" * 3_000, "path": "/etc/passwd"},
        {**{f"k{k}": LONG for k in range(40)}, "path": "/etc/passwd"},
        {"path": "/" + "x" * 4_000 + "/etc/passwd", "reason": LONG},
        {"paths": [f"{k}/" + "y" * 300 + "/etc/passwd" for k in range(30)]},
    ],
)
def test_a_long_argument_pushes_no_other_one_out(monkeypatch: pytest.MonkeyPatch, call: dict[str, Json]) -> None:
    [_, line, _], _ = asked(monkeypatch, call)
    assert line.count("/etc/passwd") == json.dumps(call).count("/etc/passwd")
    assert all(name in line for name in call)
    assert len(line) < 5_000
    assert "\x1b" not in line


def test_it_is_told_how_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    [_, text, _], _ = asked(monkeypatch, {"reason": LONG})
    assert " … 1,002 characters … " in text
    [_, items, _], _ = asked(monkeypatch, {"paths": [f"{k}" for k in range(10_000)]})
    assert items.endswith('"49", … and 9,950 more])')
    [_, keys, _], _ = asked(monkeypatch, {"paths": {f"{k}": LONG for k in range(1_000)}})
    assert keys.endswith("… and 950 more})")


def test_every_call_has_a_line_and_many_are_counted_again_beside_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Json]] = [{"reason": LONG, "path": f"{k}.txt"} for k in range(300)]
    lines, _ = asked(monkeypatch, *calls)
    assert len(lines) == 303
    assert all(f'path="{k}.txt"' in line for k, line in enumerate(lines[1:-2]))
    assert lines[-2:] == ["these are 300 destructive calls of delete", "allow? [y/N] "]


def answered(monkeypatch: pytest.MonkeyPatch, typed: str) -> tuple[list[str], object]:
    """Return what is shown of a tool's question, and the answer."""
    screen = Screen()
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ask = answerer(Console(io.StringIO(), screen))
    assert ask is not None
    fields: dict[str, Json] = {"colour": {"type": "string", "enum": ["red", "blue"]}, "count": {"type": "integer"}}
    question = Question(2, "paint", "the server asks:\x1b[31m which", {"properties": fields, "required": ["colour"]})
    answer = anyio.run(ask, question)
    return screen.getvalue().splitlines(), answer


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("blue\n3\n", {"colour": "blue", "count": 3}),
        ("blue\n\n", {"colour": "blue"}),
        ("blue\nmany\n", {"colour": "blue", "count": "many"}),
        ("\n3\n", None),
        ("", None),
    ],
)
def test_what_a_tool_asks_is_asked_field_by_field(monkeypatch: pytest.MonkeyPatch, typed: str, answer: object) -> None:
    lines, given = answered(monkeypatch, typed)
    assert given == answer
    assert lines[0] == "task 2, a call of paint: the server asks:\\x1b[31m which"
    assert lines[1].startswith('colour (["red", "blue"]): ')


def test_what_a_tool_asks_in_the_middle_of_its_call_is_shown_before_it_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stdin", Keyboard("y\n"))
    ask = approver(Console(io.StringIO(), screen), always=False, secrets=NO_SECRETS)
    assert ask is not None
    assert anyio.run(ask, ApprovalRequest(2, "delete", ((2, {"path": "a"}),), message="really \u202e?"))
    assert screen.getvalue().splitlines() == ["task 2, a call of delete: really \\u202e?", "allow? [y/N] "]
