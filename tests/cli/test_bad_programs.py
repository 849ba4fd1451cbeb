"""A program that goes wrong says where, by a code and with help; what had ended by then is there, and nothing hangs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.__main__ import main

TOOLS = """
from typing import TypedDict
import lcc

class Plant(TypedDict):
    id: str
    price: int
    height: float | None

@lcc.tool(effect="read", resource="garden")
def plants(bed: str) -> list[Plant]:
    return [{"id": bed + str(i), "price": i, "height": None if i else 1.5} for i in range(3)]

@lcc.tool(effect="read", resource="garden")
def find(name: str) -> Plant | None:
    return None

@lcc.tool(effect="read", resource="garden")
def count(bed: str) -> int:
    if bed == "none":
        raise LookupError("there is no such bed")
    return 3

@lcc.tool(effect="write", resource="garden")
def water(id: str) -> bool:
    return True
"""

REFUSED = [
    ("x = [0] * 10**9", "V037", "[0] * 10**9", "memory"),
    ('x = "a" * 10**10', "V037", '"a" * 10**10', "memory"),
    ("x = 10 ** 10 ** 8", "V037", "10 ** 10 ** 8", "floats"),
    ('x = f"{1:1000000000}"', "V037", 'f"{1:1000000000}"', "memory"),
    ("xs = list(range(1000000))", "V037", "list(range(1000000))", "memory"),
    ("answer(nothing + 1)", "P050", "nothing", None),
    ('find("a")["colour"]', "V038", 'find("a")["colour"]', "keys: id, price, height"),
    ('x = plants("a")[0].colour', "V038", 'plants("a")[0].colour', "fields: id"),
    ("for x in None:\n    water(x)", "V038", "for x in None:", None),
    ('for x in count("a"):\n    water("a")', "V038", 'count("a")', None),
    ('x = "a" - count("a")', "V038", '"a" - count("a")', None),
    ("x = 1 / 0", "V037", "1 / 0", None),
    ("x = " + "[" * 100 + "]" * 100, "P114", "[", "parts"),
]
FAILED = [
    ("while True:\n    pass", "X013", "while True:", "turns"),
    ("for i in range(200000):\n    pass", "X013", "range(200000)", "turns"),
    ('xs = ["a"]\nwhile True:\n    xs = xs + xs', "X013", "xs + xs", "memory"),
    ("x = []\nfor i in range(99):\n    x = [x]\nanswer(x)", "X013", "x", "flat"),
    ("answer({1, 2})", "X014", "{1, 2}", "list"),
    ('for x in find("a"):\n    water(x)', "X015", 'find("a")', "is not None"),
    ('a, b = plants("a")', "X015", 'plants("a")', "except ValueError"),
    ('d = {"a": 1}\nfor k in ["a", "b"]:\n    print(d[k])', "X015", "print(d[k])", "get"),
    ('xs = plants("a")\nprint(xs[3])', "X015", "print(xs[3])", "len"),
    ('d = {"a": "b"}\nd["b"] = count("a")\ny = d["a"] - d["b"]', "X015", 'd["a"] - d["b"]', "convert"),
    ('n = count("a")\nx = 1 / (n - n)', "X015", "1 / (n - n)", "divisor"),
    ('if count("a") > 9:\n    z = 1\nprint(z)', "X015", "print(z)", "every way"),
    ('water(find("a").id)', "X015", 'water(find("a").id)', "is not None"),
    ('count("none")', "X015", 'count("none")', "except LookupError"),
    ('raise ValueError("no")', "X015", 'ValueError("no")', "except ValueError"),
    ('import re\nx = re.search("(a+)+$", "a" * 999 + "b")', "X013", "re.search(", "one way only"),
]


def write(folder: Path, text: str) -> str:
    (folder / "tools.py").write_text(TOOLS)
    (folder / "a.py").write_text(text + "\n")
    return str(folder / "a.py")


@pytest.mark.parametrize(("text", "code", "at", "help"), REFUSED)
def test_what_can_never_go_well_is_refused_before_anything_runs(
    text: str, code: str, at: str, help: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, f'water("first")\n{text}')
    capsys.readouterr()
    given = ["--front-end", "python", "--tools", str(tmp_path / "tools.py")]
    assert main(["check", file, "--format", "json", *given]) == 1
    found = [one for one in json.loads(capsys.readouterr().out) if one["code"] == code]
    assert found, code
    assert Path(file).read_text()[found[0]["span"]["start"] :].startswith(at)
    assert help is None or help in found[0]["help"]
    assert main(["run", file, "--format", "json", *given]) == 1
    out, err = capsys.readouterr()
    assert (out, code in err) == ("", True)


@pytest.mark.parametrize(("text", "code", "at", "help"), FAILED)
def test_what_goes_wrong_later_says_where_and_keeps_what_was_done(
    text: str, code: str, at: str, help: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, f'print(water("first"))\n{text}')
    capsys.readouterr()
    assert main(["run", file, "--front-end", "python", "--tools", str(tmp_path / "tools.py"), "--format", "json"]) == 1
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["error"]["code"] == code
    assert Path(file).read_text()[result["error"]["span"][0] :].startswith(at)
    assert (result["tasks"]["1"]["value"], result["printed"].splitlines()[0]) == (True, "True")
    shown = err[err.index(f"error[{code}]") :]
    assert "  help: " in shown
    assert help in shown[shown.index("  help: ") :]


@pytest.mark.parametrize("project", [False, True])
def test_the_limits_of_a_program_can_be_raised(
    project: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "n = 0\nfor i in range(6):\n    n += 1\nanswer(n)")
    given = ["--front-end", "python", "--tools", str(tmp_path / "tools.py")]
    for most, status in ((5, 1), (6, 0)):
        if project:
            (tmp_path / "pyproject.toml").write_text(f"[tool.lcc.limits]\nturns = {most}\n")
        limit = [] if project else ["--limit", f"turns={most}"]
        assert main(["run", file, *given, *limit]) == status
        assert ("more than 5 turns" in capsys.readouterr().err) is bool(status)


def test_a_failure_of_a_plan_of_steps_is_helped_in_the_words_of_such_plans(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "")
    file = tmp_path / "a.plan"
    file.write_text('strict\n3. count("none")\n4. answer($3)\n')
    assert main(["run", str(file), "--tools", str(tmp_path / "tools.py")]) == 1
    help = capsys.readouterr().err.partition("  help: ")[2]
    assert help.startswith("write a step that stands in for it: a call with `if failed $3` behind it")
    file.write_text('strict\n3. count("none")\n4. count("a") if failed $3\n5. answer($4)\n')
    assert main(["run", str(file), "--tools", str(tmp_path / "tools.py")]) == 0
