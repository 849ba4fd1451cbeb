"""Check `lcc check`: what it reports, as text and JSON, and what its exit status says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command

BROKEN = '1. serch("a")\n2. add("x", 1)\n3. search("b"\n4. join($9)\n'


def test_a_plan_without_faults_is_fine(folder: Path, lcc: Command) -> None:
    assert lcc("check", "a.plan") == (0, "", "")
    Path("b.plan").write_text("1. add(1, 2)\n2. join($1)\n", encoding="utf-8")
    assert lcc("check", "b.plan", "--tools", "tools.py") == (0, "", "")


def test_every_error_of_a_file_is_reported_in_one_go(folder: Path, lcc: Command) -> None:
    Path("broken.plan").write_text(BROKEN, encoding="utf-8")
    done = lcc("check", "broken.plan", "--tools", "tools.py")
    assert done.status == 1
    assert done.out == ""
    places = [line.split(": ")[:2] for line in done.err.splitlines() if line.startswith("broken.plan:")]
    assert places == [
        ["broken.plan:1:4", "error[V004]"],
        ["broken.plan:2:8", "error[V008]"],
        ["broken.plan:3:10", "error[P003]"],
        ["broken.plan:4:9", "error[V002]"],
    ]
    assert "help: did you mean `search`?" in done.err
    assert done.err.endswith("\n4 errors\n")


def test_people_are_shown_a_bounded_number_of_findings_and_programs_all(folder: Path, lcc: Command) -> None:
    Path("many.plan").write_text("".join(f"{n}. nosuch({n})\n" for n in range(1, 301)), encoding="utf-8")
    Path("more.plan").write_text(BROKEN, encoding="utf-8")
    done = lcc("check", "many.plan", "more.plan", "--tools", "tools.py")
    heads = [line for line in done.err.splitlines() if "error[" in line]
    assert [sum(line.startswith(name) for line in heads) for name in ("many.plan", "more.plan")] == [200, 0]
    assert "\nmany.plan: and 101 more\nmore.plan: and 4 more\n305 errors\n" in done.err
    found = json.loads(lcc("check", "many.plan", "more.plan", "--tools", "tools.py", "--format", "json").out)
    assert len(found) == 305


def test_json_is_one_list_for_all_files(folder: Path, lcc: Command) -> None:
    Path("broken.plan").write_text(BROKEN, encoding="utf-8")
    done = lcc("check", "broken.plan", "missing.plan", "--format", "json", "--tools", "tools.py")
    assert done.status == 1
    assert done.err == ""
    found = json.loads(done.out)
    assert [(d["path"], d["code"]) for d in found] == [
        ("broken.plan", "V004"),
        ("broken.plan", "V008"),
        ("broken.plan", "P003"),
        ("broken.plan", "V002"),
        ("missing.plan", "P090"),
    ]
    assert found[0]["span"] == {"start": 3, "end": 8, "line": 1, "column": 4, "end_line": 1, "end_column": 9}
    assert found[-1]["span"] is None


def test_json_without_findings_is_an_empty_list(folder: Path, lcc: Command) -> None:
    assert lcc("check", "a.plan", "--format", "json") == (0, "[]\n", "")


def test_a_missing_join_is_located_at_the_end(folder: Path, lcc: Command) -> None:
    done = lcc("check", "-", stdin='1. search("a")\n\n')
    assert done.status == 1
    assert "<stdin>:1:15: error[V003]: the plan has no join" in done.err


def test_a_join_that_can_not_be_read_is_not_also_missing(folder: Path, lcc: Command) -> None:
    done = lcc("check", "-", stdin='1. search("a")\n2. join($1\n')
    assert "V003" not in done.err
    assert "error[P003]" in done.err


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["P017"]),
        ('1. search("join()")\n', ["V003"]),
        ('1. search("a"\n2. search("b")\n', ["P003", "V003"]),
        ('1. search("a"\n2. join($1\n', ["P003", "P003"]),
    ],
)
def test_only_what_is_missing_is_called_missing(text: str, codes: list[str], folder: Path, lcc: Command) -> None:
    done = lcc("check", "-", "--format", "json", "--select", "L090", stdin=text)
    assert [finding["code"] for finding in json.loads(done.out)] == codes


def test_tools_of_the_project_are_read_and_never_imported(folder: Path, lcc: Command) -> None:
    Path("pyproject.toml").write_text('[tool.lcc]\ntools = ["evil.py"]\n', encoding="utf-8")
    Path("evil.py").write_text(
        'from pathlib import Path\nimport lcc\nPath("harm").touch()\n'
        '@lcc.tool(effect="read")\ndef search(query: str, limit: int = 5) -> str: ...\n',
        encoding="utf-8",
    )
    Path("sub").mkdir()
    Path("sub/b.plan").write_text("1. search()\n2. join()\n", encoding="utf-8")
    for command in ("check", "compile", "opt", "graph"):
        done = lcc(command, "sub/b.plan")
        assert done.status == 1
        assert "error[V005]" in done.err
    assert lcc("run", "--dry-run", "sub/b.plan").status == 1
    assert not Path("harm").exists()


def test_each_file_is_checked_against_the_tools_of_its_project(folder: Path, lcc: Command) -> None:
    for name, declaration in (("one", "def f(a: int) -> int: ..."), ("two", "def f(a: int, b: int) -> int: ...")):
        Path(name).mkdir()
        Path(name, "pyproject.toml").write_text('[tool.lcc]\ntools = ["t.pyi"]\n', encoding="utf-8")
        Path(name, "t.pyi").write_text(declaration, encoding="utf-8")
        Path(name, "a.plan").write_text("1. f(1)\n2. join()\n", encoding="utf-8")
    done = lcc("check", "one/a.plan", "two/a.plan")
    assert "one/a.plan" not in done.err
    assert "two/a.plan:1:1: error[V005]" in done.err


def test_broken_tools_are_reported_once(folder: Path, lcc: Command) -> None:
    Path("tools.pyi").write_text("def f(:\n", encoding="utf-8")
    done = lcc("check", "a.plan", "a.plan", "--tools", "tools.pyi")
    assert done.status == 1
    assert done.err.count("tools.pyi:1:") == 1


def test_tools_that_raise_on_import_are_an_error(folder: Path, lcc: Command) -> None:
    Path("broken_tools.py").write_text("1 / 0\n", encoding="utf-8")
    done = lcc("check", "a.plan", "--tools", "broken_tools.py")
    assert done.status == 1
    assert "error[T020]" in done.err
    assert "Traceback" not in done.err


def test_an_unknown_front_end_is_a_usage_error(folder: Path, lcc: Command) -> None:
    done = lcc("check", "a.plan", "--front-end", "cobol")
    assert done.status == 2
    assert "front ends are" in done.err


def test_hostile_names_and_texts_are_escaped(folder: Path, lcc: Command) -> None:
    path = "evil\x1b[31m\u202e.plan"
    Path(path).write_text("1. a(\x1b]0;title\x07)\n", encoding="utf-8")
    done = lcc("check", path)
    assert done.status == 1
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err
    assert "evil\\x1b[31m\\u202e.plan:1:" in done.err


REPEATED = "1. add(1, 2)\n2. add(1, 2)\n3. add($1, $2)\n4. join($3)\n"


def test_lints_are_findings(folder: Path, lcc: Command) -> None:
    done = lcc("check", "-", "--tools", "tools.py", stdin=REPEATED)
    assert done.status == 1
    assert "<stdin>:2:1: warning[L002]" in done.err


def test_lints_are_chosen_on_the_command_line(folder: Path, lcc: Command) -> None:
    assert lcc("check", "-", "--tools", "tools.py", "--ignore", "L002", stdin=REPEATED) == (0, "", "")
    assert lcc("check", "-", "--tools", "tools.py", "--select", "L001,L017", stdin=REPEATED) == (0, "", "")


def test_lints_are_chosen_by_the_project_and_the_command_line_wins(folder: Path, lcc: Command) -> None:
    Path("pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\nignore = ["L002"]\n', encoding="utf-8")
    assert lcc("check", "-", stdin=REPEATED).status == 0
    assert lcc("check", "-", "--tools", "tools.py", stdin=REPEATED).status == 0
    assert lcc("check", "-", "--ignore", "L001", stdin=REPEATED).status == 1


def test_an_unknown_lint_is_a_usage_error(folder: Path, lcc: Command) -> None:
    done = lcc("check", "a.plan", "--select", "L999")
    assert done.status == 2
    assert "no lint is called `L999`" in done.err


def test_safe_fixes_are_applied_until_none_is_left(folder: Path, lcc: Command) -> None:
    Path("b.plan").write_text("# note\n" + REPEATED, encoding="utf-8")
    done = lcc("check", "--fix", "b.plan", "--tools", "tools.py")
    assert done.status == 0
    assert Path("b.plan").read_text(encoding="utf-8") == "# note\n1. add(1, 2)\n3. add($1, $1)\n4. join($3)\n"
    assert done.err == "b.plan: fixed 1 finding\n"


def test_fixing_standard_input_prints_it(folder: Path, lcc: Command) -> None:
    done = lcc("check", "--fix", "-", "--tools", "tools.py", stdin=REPEATED)
    assert done.out == "1. add(1, 2)\n3. add($1, $1)\n4. join($3)\n"


def test_a_file_without_safe_fixes_is_not_touched(folder: Path, lcc: Command) -> None:
    path = Path("b.plan")
    path.write_text(BROKEN, encoding="utf-8")
    before = path.stat().st_mtime_ns
    lcc("check", "--fix", "b.plan")
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("options", [[], ["--tools", "tools.py"]])
def test_wrong_settings_of_a_project_are_reported_once(options: list[str], folder: Path, lcc: Command) -> None:
    Path("pyproject.toml").write_text('[tool.lcc]\nselekt = ["L001"]\n', encoding="utf-8")
    done = lcc("check", "a.plan", "a.plan", *options)
    assert done.status == 1
    assert done.err.count("pyproject.toml:2:1: error[T025]") == 1


def test_a_call_of_the_only_tool_is_an_error_where_that_is_left_out(folder: Path, lcc: Command) -> None:
    (folder / "own.py").write_text("import lcc\n@lcc.tool()\ndef mow(**lawns: int) -> str: ...\n")
    (folder / "own.plan").write_text("1. mow(front=1)\njoin\n")
    ran = lcc("check", "own.plan", "--tools", "own.py", "--format", "json")
    assert "V004" in [one["code"] for one in json.loads(ran.out)]
