"""Check `lcc run`: what goes where, what its inputs may be, and what its exit status says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Command

from lcc.passes.analysis.profile import Profile

FAILING = '1. search("a")\n2. fail("boom \\\\x1b[31m")\n3. search("$2")\n4. join()\n'


def run(lcc: Command, text: str, *options: str) -> tuple[int, str, str]:
    return lcc("run", "-", "--tools", "tools.py", *options, stdin=text)


def test_results_go_to_standard_output_and_tasks_to_standard_error(folder: Path, lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "--input", "city=Rome")
    assert done.status == 0
    assert done.out == "$1 = about tides in Rome\n$2 = about tides in Rome\n$3 = 3.0\n"
    *tasks, last = done.err.splitlines()
    assert sorted(line.split()[0] + line.split(maxsplit=3)[3] for line in tasks) == [
        'ok1. search("tides in $city")',
        "ok3. add(1, 2)",
    ]
    assert last.startswith("ok: 2 tasks in ")


def test_an_answer_is_printed_as_it_is(folder: Path, lcc: Command) -> None:
    done = run(lcc, '1. add(1, 2)\n2. answer("It is $1.\\nReally.")\n')
    assert done[:2] == (0, "It is 3.0.\nReally.\n")


def test_json_is_one_object(folder: Path, lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "--format", "json")
    shown = json.loads(done.out)
    assert shown["status"] == "ok"
    assert shown["join"] == ["about tides in Paris", "about tides in Paris", 3.0]
    assert shown["merged"] == {"2": "1"}
    assert set(shown) == {"status", "join", "tasks", "merged", "makespan"}
    assert set(shown["tasks"]) == {"1", "3"}
    assert set(shown["tasks"]["1"]) == {"status", "value", "start", "end"}
    assert shown["tasks"]["1"]["end"] <= shown["makespan"]


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("call", ['fail("no")', 'erase("/x")'])
@pytest.mark.parametrize("value", ['"done"', "$2", "$3"])
def test_a_strict_plan_that_a_failure_ended_prints_no_answer(
    folder: Path, lcc: Command, level: int, call: str, value: str
) -> None:
    text = f"strict\n1. {call}\n2. = 7\n3. add(1, 2)\n4. answer({value})\n"
    assert run(lcc, text, f"-O{level}")[:2] == (1, "")
    shown = json.loads(run(lcc, text, f"-O{level}", "--format", "json")[1])
    assert (shown["status"], shown["join"], "answer" in shown) == ("failed", [], False)


def test_an_answer_of_steps_that_fail_alone_stands_if_it_reads_none_that_failed(folder: Path, lcc: Command) -> None:
    assert run(lcc, '1. erase("/x")\n2. add(1, 2)\n3. answer($2)\n')[:2] == (1, "3.0\n")
    assert run(lcc, '1. erase("/x")\n2. = 7 + 1\n3. answer($2)\n')[:2] == (1, "8\n")


def test_a_value_that_there_is_not_is_not_shown_as_null(folder: Path, lcc: Command) -> None:
    status, out, _ = run(lcc, '1. fail("no")\n2. = len($1)\n3. = None\n4. join($2, $3)\n')
    assert (status, out) == (1, "$2 = (failed: RuntimeError: no)\n$3 = null\n")
    status, out, _ = run(lcc, '1. fail("no")\n2. = len($1)\n3. answer($2)\n')
    assert (status, out) == (1, "$2 = (failed: RuntimeError: no)\n")
    status, out, _ = run(lcc, 'strict\n1. fail("no")\n2. = len($1)\n3. join($2)\n')
    assert (status, out) == (1, "$2 = (failed: RuntimeError: no)\n")


def test_json_holds_the_answer_where_there_is_one(folder: Path, lcc: Command) -> None:
    done = run(lcc, "1. add(1, 2)\n2. answer($1)\n", "--format", "json")
    assert json.loads(done[1])["answer"] == 3.0


@pytest.mark.parametrize(
    "text", ['answer([float("inf"), float("nan")])', 'strict\n1. answer([float("inf"), float("nan")])\n']
)
def test_json_of_numbers_that_json_lacks_is_json(text: str, folder: Path, lcc: Command) -> None:
    file = folder / ("a.plan" if text.startswith("strict") else "a.py")
    file.write_text(text)
    done = lcc("run", file.name, "--tools", "tools.py", "--format", "json", "--journal", "j.db", "--report", "r.html")
    assert json.loads(done.out, parse_constant=pytest.fail)["answer"] == ["Infinity", "NaN"]
    again = lcc("replay", "j.db", "--format", "json")
    assert json.loads(again.out, parse_constant=pytest.fail)["answer"] == ["Infinity", "NaN"]
    assert "Infinity" in (folder / "r.html").read_text()


def test_a_failed_task_is_shown_and_fails_the_run(folder: Path, lcc: Command) -> None:
    status, out, err = run(lcc, FAILING)
    assert status == 1
    assert out == (
        "$1 = about a\n$2 = (failed: RuntimeError: boom \\x1b[31m)\n$3 = (skipped: reads $2, which failed)\n"
    )
    assert "\x1b" not in err
    assert "failed: 3 tasks (1 failed, 1 skipped) in " in err


def test_json_of_a_failed_run_holds_the_errors(folder: Path, lcc: Command) -> None:
    status, out, _ = run(lcc, FAILING, "--format", "json")
    shown = json.loads(out)
    assert status == 1
    assert shown["status"] == "failed"
    assert shown["join"] == {"1": "about a", "2": None, "3": None}
    assert shown["tasks"]["2"]["error"]["kind"] == "raised"
    assert shown["tasks"]["3"]["status"] == "skipped"


def test_hostile_results_are_escaped(folder: Path, lcc: Command) -> None:
    done = run(lcc, "1. shout()\n2. join()\n")
    assert done[1] == "$1 = \\x1b[31mred\\u202e\n    second [bold]line\n"
    assert json.loads(run(lcc, "1. shout()\n2. join()\n", "--format", "json")[1])["join"]["1"].startswith("\x1b[31m")


def test_what_tools_print_does_not_spoil_standard_output(folder: Path, lcc: Command) -> None:
    done = run(lcc, '1. note("x")\n2. join()\n', "--format", "json")
    assert json.loads(done[1])["status"] == "ok"
    assert "noted x" in done[2]


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("str", "42", "42"),
        ("str", "", ""),
        ("str", "a=b", "a=b"),
        ("str | None", "null", "null"),
        ("int", "42", 42),
        ("float", "42", 42.0),
        ("bool", "true", True),
        ("list[int]", "[1, 2]", [1, 2]),
        ("dict", '{"a": null}', {"a": None}),
        ("int | str", "42", 42),
        ("int | str", "x", "x"),
        ("Any", "[1]", [1]),
        ("Any", "[1", "[1"),
    ],
)
def test_inputs_are_read_by_their_type(declared: str, given: str, value: object, folder: Path, lcc: Command) -> None:
    done = run(lcc, f"input x: {declared}\n1. join($x)\n", "--format", "json", "--input", f"x={given}")
    assert json.loads(done[1])["join"] == [value]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "<stdin>:1:1: error[X001]: input `n` has no value"),
        (["--input", "n=three"], "<stdin>:1:1: error[X002]: input `n` is `int`, and str was given"),
        (["--input", "n=1.5"], "<stdin>:1:1: error[X002]"),
        (["--input", "n=NaN"], "<stdin>:1:1: error[X002]"),
        (["--input", "n=1", "--input", "m=2"], "<stdin>: error[X003]: the plan declares no input `m`"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_wrong_inputs_are_located_errors(
    options: list[str], expected: str, dry: list[str], folder: Path, lcc: Command
) -> None:
    status, out, err = run(lcc, "input n: int\n1. join($n)\n", *options, *dry)
    assert status == 1
    assert out == ""
    assert expected in err


def test_a_whole_number_is_an_integer_however_it_is_written(folder: Path, lcc: Command) -> None:
    assert run(lcc, "input n: int\n1. join($n)\n", "--input", "n=3.0")[1] == "$n = 3\n"
    assert run(lcc, "input n: int = 2.0\n1. join($n)\n")[1] == "$n = 2\n"


@pytest.mark.parametrize("options", [["--input", "n"], ["--input", "n=1", "--input", "n=2"]])
def test_inputs_that_are_no_pairs_are_usage_errors(options: list[str], folder: Path, lcc: Command) -> None:
    assert run(lcc, "input n: int\n1. join($n)\n", *options)[0] == 2


def test_a_dry_run_shows_what_would_run_and_calls_nothing(folder: Path, lcc: Command) -> None:
    text = '1. fail("a")\n2. search("b")\n3. search($1)\n4. erase("$3")\n5. erase("x")\n6. add(1, 2)\n7. join($2, $4)\n'
    done = run(lcc, text, "--dry-run")
    assert done[0] == 0
    assert done[1] == (
        "step 1: 2 calls at once\n"
        '  1. fail("a")                                                    read outside\n'
        '  2. search("b")                                                  read web\n'
        "step 2: 1 call\n"
        "  3. search($1)                                                   read web\n"
        "step 3: 1 call\n"
        "  4. erase($3)                                                    destructive outside\n"
        "step 4: 1 call\n"
        '  5. erase("x")                                                   destructive outside, after 4\n'
        "then: join($2, $4)\n"
        "left out: 6 (not needed)\n"
        "critical path: 1 → 3 → 4 → 5 (3.50 s, at 1 s for a call whose cost isn't known)\n"
        "dry run: nothing was called\n"
    )


def test_a_dry_run_of_known_costs_assumes_nothing_and_cuts_what_is_long(folder: Path, lcc: Command) -> None:
    calls = "".join(f'{n}. search("{n}")\n' for n in range(1, 40))
    text = f"{calls}40. join({', '.join(f'${n}' for n in range(1, 40))})\n"
    _, out, _ = run(lcc, text, "--dry-run")
    assert "critical path: 1 (500 ms)\n" in out
    [then] = [line for line in out.splitlines() if line.startswith("then: ")]
    assert len(then) == 120
    assert then.endswith("…")


def test_a_dry_run_evaluates_no_tool_that_a_run_would_fold(folder: Path, lcc: Command) -> None:
    Path("fold.py").write_text(
        "import lcc\nfrom pathlib import Path\n"
        '@lcc.tool(effect="pure", fold=True)\ndef half(n: int) -> float:\n    Path("called").touch()\n    return n / 2\n',
        encoding="utf-8",
    )
    text = "1. half(3)\n2. half(each [4])\n3. join($1, $2)\n"
    for level in range(4):
        done = lcc("run", "-", "--tools", "fold.py", f"-O{level}", "--dry-run", stdin=text)
        assert done.status == 0
        assert "1. half(3)" in done.out
        assert "dry run: nothing was called" in done.out
        assert not Path("called").exists()
    assert lcc("run", "-", "--tools", "fold.py", stdin=text).out == "$1 = 1.5\n$2 = [2.0]\n"
    assert Path("called").exists()


def test_a_dry_run_knows_what_a_profile_measured(folder: Path, lcc: Command) -> None:
    profile = Profile()
    profile.record("fail", 40.0)
    Path("p.json").write_text(profile.dumps(), encoding="utf-8")
    text = '1. fail("a")\n2. search("b")\n3. join()\n'
    _, out, _ = run(lcc, text, "--dry-run")
    assert "critical path: 1 (1.00 s, at 1 s for a call whose cost isn't known)\n" in out
    _, out, _ = run(lcc, text, "--dry-run", "--profile", "p.json")
    assert "critical path: 1 (40.00 s)\n" in out


@pytest.mark.parametrize("level", range(4))
def test_resume_and_replay_show_results_by_the_names_that_run_shows(level: int, folder: Path, lcc: Command) -> None:
    text = (
        '1. search("x")\n2. search("x")\n3. search(each ["a", "b"])\n'
        '4. join($1, $2, $3, "all of $3", $3[1], {"k": $2})\n'
    )
    _, shown, _ = run(lcc, text, "--journal", "j", f"-O{level}")
    names = [line.partition(" = ")[0] for line in shown.splitlines()]
    assert names == ["$1", "$2", "$3", '"all of $3"', "$3[1]", '{"k": $2}']
    assert lcc("replay", "j").out == shown
    assert lcc("resume", "j", "--tools", "tools.py").out == shown


def test_without_tools_a_run_says_what_is_missing(folder: Path, lcc: Command) -> None:
    done = lcc("run", "a.plan")
    assert done.status == 1
    assert "a.plan:2:4: error[X004]: the plan calls `search`, `add`, and no tools are given" in done.err
    assert "--tools FILE.py" in done.err
    assert '        @lcc.tool(effect="read")\n' in done.err
    assert "Traceback" not in done.err


def test_declarations_alone_are_not_enough(folder: Path, lcc: Command) -> None:
    Path("only.pyi").write_text("def search(query: str, limit: int = 5) -> str: ...\n", encoding="utf-8")
    done = lcc("run", "-", "--tools", "only.pyi", stdin='1. search("a")\n2. join()\n')
    assert done.status == 1
    assert "error[T024]: `search` is declared, but not implemented" in done.err


def test_a_destructive_call_needs_approval(folder: Path, lcc: Command) -> None:
    text = '1. erase("x")\n2. join()\n'
    refused = run(lcc, text)
    assert refused[0] == 1
    assert "(failed: " in refused[1]
    assert run(lcc, text, "--yes")[1] == "$1 = erased x\n"


def test_an_interrupt_is_status_130(folder: Path, lcc: Command) -> None:
    Path("stop.py").write_text(
        'import lcc\n@lcc.tool(effect="read")\nasync def stop() -> str:\n    raise KeyboardInterrupt\n',
        encoding="utf-8",
    )
    done = lcc("run", "-", "--tools", "stop.py", stdin="1. stop()\n2. join()\n")
    assert done.status == 130
    assert "Traceback" not in done.err


@pytest.mark.parametrize("given", [("--tools", "tools.py"), ("--tools", "tools.py", "--tools", "more.pyi")])
def test_tools_that_the_command_line_names_are_loaded_and_the_plan_is_checked_once(
    given: tuple[str, ...], folder: Path, lcc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lcc.cli import front
    from lcc.toolset import importing

    done: list[str] = []

    def counted(name: str, inner: Any) -> Any:
        def call(*arguments: Any) -> Any:
            done.append(name)
            return inner(*arguments)

        return call

    monkeypatch.setattr(importing, "import_source", counted("import", importing.import_source))
    monkeypatch.setattr(front, "parse", counted("parse", front.parse))
    monkeypatch.setattr(front, "check", counted("check", front.check))
    (folder / "more.pyi").write_text("def other(x: int) -> int: ...\n", encoding="utf-8")
    assert lcc("run", "-", *given, stdin="1. add(1, 2)\n2. join($1)\n").status == 0
    assert sorted(done) == ["check", "import", "parse"]


def test_a_project_is_imported_only_once_the_plan_is_known_to_be_right(folder: Path, lcc: Command) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["own.py"]\n', encoding="utf-8")
    (folder / "own.py").write_text(
        'import lcc\n\nopen("imported", "w").close()\n\n\n@lcc.tool\ndef own(x: int) -> int:\n    return x + 1\n',
        encoding="utf-8",
    )
    assert lcc("run", "-", stdin='1. own("a")\n2. join($1)\n').status == 1
    assert not (folder / "imported").exists()
    assert lcc("run", "-", stdin="1. own(1)\n2. join($1)\n").out == "$1 = 2\n"
    assert (folder / "imported").exists()


def test_a_tool_that_is_only_declared_is_an_error_where_the_plan_calls_it(folder: Path, lcc: Command) -> None:
    (folder / "more.pyi").write_text("def other(x: int) -> int: ...\n", encoding="utf-8")
    done = lcc("run", "-", "--tools", "tools.py", "--tools", "more.pyi", stdin="1. other(1)\n2. join()\n")
    assert done.status == 1
    assert done.err.count("`other` is declared, but not implemented") == 1
