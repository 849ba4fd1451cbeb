"""Check how tools are loaded from what a command line or a project names."""

from __future__ import annotations

import os
import pickle
import re
import sys
from pathlib import Path

import pytest
from tool_files import Write

from lcc.grammar.diagnostics.render import render
from lcc.runtime.tool import ArgumentError, ResultError
from lcc.toolset import Row, Toolset, load_bound, load_static, rows

SEARCH = """
    import lcc

    @lcc.tool(effect="read", cost=0.5)
    def search(query: str, limit: int = 3) -> list[str]:
        return [query] * limit
    """
STUB = '@tool(effect="read", resource="web")\ndef search(query: str, limit: int = 3) -> list[str]: ...\n'


def shown(toolset: Toolset) -> str:
    """Return what a terminal would show of the diagnostics."""
    return "".join(render(found, source) for source, found in toolset.by_source())


def test_every_kind_of_source_is_loaded(write: Write) -> None:
    write("a.py", SEARCH)
    write("b.pyi", "def other(x: int) -> int: ...")
    write("c.json", '[{"name": "third"}]')
    write("package/__init__.py")
    write("package/module.py", SEARCH.replace("search", "fourth"))
    toolset = load_static(["a.py", "b.pyi", "c.json", "package.module"])
    assert not toolset.diagnostics
    assert list(toolset.signatures) == ["search", "other", "third", "fourth"]
    assert list(toolset.tools) == ["search", "fourth"]
    assert toolset.declared == {
        "search": "a.py:5",
        "other": "b.pyi:1",
        "third": "c.json:1",
        "fourth": os.path.join("package", "module.py") + ":5",
    }
    assert toolset.tools["search"].function(query="x", limit=2) == ["x", "x"]


def test_the_list_of_tools_says_what_each_declares(write: Write) -> None:
    write(
        "a.pyi",
        '@tool(effect="write", resource=["a", "b:{x}"], cost=1.5, cost_usd=0.002, tokens=1200)\ndef f(x: int): ...\n'
        "def g(): ...\n",
    )
    assert rows(load_static(["a.pyi"])) == (
        Row("f", "f(x: int) -> Any", "write", "a, b:{x}", "1.5 s, $0.002, 1,200 tokens", "a.pyi:2"),
        Row("g", "g() -> Any", "", "", "", "a.pyi:3"),
    )


def test_without_sources_there_are_no_tools() -> None:
    assert load_static() == load_bound() == Toolset({})


@pytest.mark.parametrize(
    "spec", ["picked.py:search", "picked:search", "picked.py:found", "picked.py:Box.api.get", "picked.py:many"]
)
def test_a_name_picks_a_tool_or_an_object_that_holds_tools(write: Write, spec: str) -> None:
    write(
        "picked.py",
        SEARCH
        + """
    class Api:
        @lcc.tool
        def get(self) -> None: ...

    class Box:
        api = Api()

    @lcc.tool(name="found")
    def hidden() -> None: ...

    many = [search, Api()]
    """,
    )
    expected = {"search": ["search"], "found": ["found"], "Box.api.get": ["get"], "many": ["search", "get"]}
    toolset = load_bound([spec])
    assert not toolset.diagnostics
    assert list(toolset.tools) == expected[spec.rpartition(":")[2]]


def test_a_name_picks_one_tool_of_a_stub_or_a_schema(write: Write) -> None:
    write("a.pyi", "def f(): ...\ndef g(): ...")
    write("b.json", '[{"name": "a.b-c"}, {"name": "d"}]')
    assert list(load_static(["a.pyi:g", "b.json:a.b-c"]).signatures) == ["g", "a.b-c"]


def test_a_declaration_and_its_implementation_are_one_tool(write: Write) -> None:
    write("tools.pyi", STUB)
    write("tools.py", SEARCH.replace("limit: int", "limit: float").replace(", cost=0.5", ', resource="web", cost=0.5'))
    for specs in (["tools.pyi", "tools.py"], ["tools.py", "tools.pyi"]):
        toolset = load_bound(specs)
        assert not toolset.diagnostics, shown(toolset)
        tool = toolset.tools["search"]
        assert str(tool.signature) == "search(query: str, limit: int = 3) -> list[str]"
        assert tool.signature is toolset.signatures["search"]
        assert tool.signature.cost.seconds == 0.5
        assert toolset.declared["search"] == "tools.pyi:2"


def test_what_a_declaration_says_of_types_holds_for_an_implementation_that_leaves_them_open(write: Write) -> None:
    write("tools.pyi", "@tool\ndef f(a: int, b: int) -> list[int]: ...\n")
    write("tools.py", "import lcc\n@lcc.tool\ndef f(a, b: str):\n    return [a, b]\n")
    tool = load_bound(["tools.pyi", "tools.py"]).tools["f"]
    assert tool.convert({"a": 3.0, "b": 3}) == {"a": 3, "b": "3"}
    with pytest.raises(ArgumentError, match="`a` must be `int`, not a text"):
        tool.convert({"a": "3", "b": 3})
    assert tool.to_json([3]) == [3]
    for made in (tool, pickle.loads(pickle.dumps(tool))):
        with pytest.raises(ResultError, match=re.escape("the result of `f` at [0] must be `int`, not a text")):
            made.to_json(["3"])


def test_a_declaration_and_an_implementation_that_disagree_are_an_error(write: Write) -> None:
    write("tools.pyi", STUB.replace("query", "text"))
    write("tools.py", SEARCH)
    text = shown(load_bound(["tools.pyi", "tools.py"]))
    assert "tools.pyi:2:5: error[T023]: `search`: the implementation has no parameter `text`" in text
    assert "help: the implementation is in tools.py:5" in text


def test_a_declaration_alone_can_be_checked_against_but_not_run(write: Write) -> None:
    write("tools.pyi", STUB + "def g(): ...\n")
    assert not load_static(["tools.pyi"]).diagnostics
    (found,) = load_bound(["tools.pyi"]).diagnostics
    assert found.code == "T024"
    assert found.message == "`search`, `g` are declared, but not implemented"
    assert [d.message for d in load_bound(["tools.pyi"], needed={"g", "other"}).diagnostics] == [
        "`g` is declared, but not implemented"
    ]
    assert not load_bound(["tools.pyi"], needed=()).diagnostics


def test_one_source_named_twice_is_one(write: Write) -> None:
    write("a.py", SEARCH)
    write("b.pyi", "def f(): ...")
    toolset = load_static(["a.py", "a:search", "a.py:search", "./a.py", "b.pyi", "b.pyi", "./b.pyi:f"])
    assert not [d for d in toolset.diagnostics if "search" in d.message]
    assert list(toolset.signatures) == ["search", "f"]


def test_two_tools_of_one_name_are_an_error(write: Write) -> None:
    write("a.pyi", "def f(): ...")
    write("b.json", '[{"name": "f"}]')
    write("c.py", "import lcc\n@lcc.tool\ndef f(): ...\n")
    write("d.py", "import lcc\n@lcc.tool\ndef f(): ...\n")
    text = shown(load_static(["a.pyi", "b.json"]))
    assert "b.json:1:11: error[T009]: two tools are called `f`" in text
    assert "help: the first is in a.pyi:1" in text
    assert "d.py:3:5: error[T009]: two tools are called `f`" in shown(load_static(["c.py", "d.py"]))


def test_a_batch_form_must_be_among_the_tools(write: Write) -> None:
    write("a.pyi", '@tool(effect="read", batch="fetchall", max_batch=3)\ndef f(): ...\ndef fetch_all(): ...')
    text = shown(load_static(["a.pyi"]))
    assert "a.pyi:2:5: error[T017]: the batch form of `f`, `fetchall`, is not among the tools" in text
    assert "help: did you mean `fetch_all`?" in text


@pytest.mark.parametrize(
    ("spec", "code", "text"),
    [
        ("none.py", "T001", "none.py: error[T001]: can't read the tools file: no such file or directory"),
        ("none.pyi", "T001", "no such file or directory"),
        ("none.json", "T001", "no such file or directory"),
        ("folder.py", "T001", "folder.py: error[T001]: can't read the tools file: it is not a regular file"),
        ("pipe.pyi", "T001", "it is not a regular file"),
        ("binary.pyi", "T001", "it is not UTF-8: byte 0xff at offset 2"),
        ("binary.py", "T001", "it is not UTF-8: byte 0xff at offset 2"),
        ("large.pyi", "T001", "it is larger than 4,194,304 bytes"),
        ("nul\0.py", "T001", "its name holds a null character"),
        ("", "T018", "the source of tools is empty"),
        ("some words", "T018", "`some words` is no source of tools"),
        ("notes.txt", "T018", "`notes.txt` is no source of tools"),
        ("./folder", "T018", "help: a source is FILE.py"),
        ("no.such.module", "T019", "there is no module `no.such.module`"),
        ("folder2", "T003", "no tools here"),
        ("empty.py", "T003", "empty.py: error[T003]: no tools here"),
        ("empty.pyi", "T003", "no tools here"),
        ("empty.py:search", "T021", "empty.py has nothing called `search`"),
        ("one.pyi:serch", "T021", "help: did you mean `search`?"),
        ("one.json:find", "T021", "help: its tools are search"),
        ("syntax.py", "T002", "syntax.py:2:7: error[T002]: not Python: invalid syntax"),
        ("exits.py", "T020", "exits.py:2:1: error[T020]: it can't be imported: it ends the process with sys.exit(3)"),
        ("raises.py", "T020", "raises.py:4:5: error[T020]: it can't be imported: KeyError: 'KEY'"),
        ("raises.py", "T020", '    return {}["KEY"]\n'),
        ("base.py", "T020", "BaseException: gone"),
        ("rude.py", "T020", "error[T020]: it can't be imported: Rude\n"),
        ("deep.py", "T020", "it can't be imported: RecursionError"),
        ("needs.py", "T020", "needs.py:1:1: error[T020]: it can't be imported: ModuleNotFoundError: No module named"),
        ("needs.py", "T020", "help: install what provides `lcc_no_such_thing`"),
        ("calls.py", "T020", "calls.py:3:1: error[T020]: it can't be imported: ValueError: x"),
        ("calls.py", "T020", f"broken.py{', line'} 2"),
        ("imports_syntax.py", "T020", "it can't be imported: SyntaxError: invalid syntax"),
        ("wrong.py", "T006", "wrong.py:3:1: error[T006]: `effect` must be"),
        ("variadic.py:bad", "T010", "variadic.py:8:5: error[T010]: tool `bad`: `*args` can't be a parameter of a tool"),
        ("number.py:N", "T022", "an object of the class `int` can't be a tool"),
        ("relative.py", "T020", "ImportError: attempted relative import with no known parent package"),
    ],
)
@pytest.mark.parametrize("load", [load_static, load_bound])
def test_a_source_that_fails_is_one_clear_error(
    write: Write, tmp_path: Path, load: type[Toolset], spec: str, code: str, text: str
) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder2").mkdir()
    os.mkfifo(tmp_path / "pipe.pyi")
    write("binary.pyi", b"ab\xff")
    write("binary.py", b"ab\xff")
    write("large.pyi", b"#" * 5_000_000)
    write("notes.txt", "x")
    write("empty.py")
    write("empty.pyi")
    write("one.pyi", STUB)
    write("one.json", '{"name": "search"}')
    write("syntax.py", "import lcc\ndef f(:\n")
    write("exits.py", "import sys\nsys.exit(3)\n")
    write("raises.py", 'import lcc\n\ndef key():\n    return {}["KEY"]\n\nkey()\n')
    write("base.py", "raise BaseException('gone')\n")
    write("rude.py", "class Rude(Exception):\n    def __str__(self): raise ValueError\nraise Rude\n")
    write("deep.py", "def f(): f()\nf()\n")
    write("needs.py", "import lcc_no_such_thing\n")
    write("broken.py", "def fail():\n    raise ValueError('x')\n")
    write("calls.py", "import lcc\nimport broken\nbroken.fail()\n")
    write("imports_syntax.py", "import syntax\n")
    write("wrong.py", "import lcc\n\n@lcc.tool(effect='reads')\ndef f(): ...\n")
    write("variadic.py", "import lcc\n\n@lcc.tool\ndef good(): ...\n\n@lcc.tool(\n)\ndef bad(*args): ...\n")
    write("number.py", "N = 3\n")
    write("relative.py", "from . import x\n")
    toolset: Toolset = load([spec])
    assert [d.code for d in toolset.diagnostics] == [code]
    assert toolset.failed
    assert text in shown(toolset)
    assert "Traceback" not in shown(toolset)


def test_an_interrupt_is_not_taken_for_a_fault(write: Write) -> None:
    write("a.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        load_bound(["a.py"])


def test_one_bad_tool_leaves_the_others(write: Write) -> None:
    write("a.py", SEARCH + "\n    @lcc.tool\n    def bad(*args): ...\n")
    toolset = load_bound(["a.py"])
    assert list(toolset.tools) == ["search"]
    assert [d.code for d in toolset.diagnostics] == ["T010"]


def test_what_a_module_prints_goes_to_standard_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "print('loading')\n" + "import lcc\n@lcc.tool\ndef f(): ...\n")
    assert not load_bound(["a.py"]).diagnostics
    assert capsys.readouterr() == ("", "loading\n")


def test_a_file_finds_its_neighbours(write: Write, tmp_path: Path) -> None:
    write("inner/helper.py", "VALUE = 3\n")
    write("inner/tools.py", "import lcc\nimport helper\n@lcc.tool\ndef f() -> int: return helper.VALUE\n")
    assert load_bound(["inner/tools.py"]).tools["f"].function() == 3


def test_a_file_in_a_package_is_imported_as_its_module(write: Write) -> None:
    write("box/__init__.py", "VALUE = 4\n")
    write("box/tools.py", "import lcc\nfrom . import VALUE\n@lcc.tool\ndef f() -> int: return VALUE\n")
    toolset = load_bound(["box/tools.py"])
    assert toolset.tools["f"].function() == 4
    assert toolset.tools["f"].function.__module__ == "box.tools"
    assert load_bound(["box.tools"]).tools["f"] is toolset.tools["f"]


@pytest.mark.parametrize("name", ["json.py", "os.py", "lcc.py", "two words.py", "class.py", "typing.py"])
def test_a_file_whose_name_means_another_module_is_loaded_all_the_same(write: Write, name: str) -> None:
    write(name, "import lcc\n@lcc.tool\ndef f(x: int) -> int: return x + 1\n")
    before = sys.modules.get(name[:-3])
    toolset = load_bound([name])
    assert not toolset.diagnostics, shown(toolset)
    assert toolset.tools["f"].function(1) == 2
    assert sys.modules.get(name[:-3]) is before or before is None
    assert load_bound([name]).tools["f"] is toolset.tools["f"]
    again = pickle.loads(pickle.dumps(toolset.tools["f"]))
    assert again.function(1) == 2


def test_a_module_is_looked_for_in_the_working_folder_last(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tabnanny", raising=False)
    write("tabnanny.py", "raise ValueError('not the one of the standard library')\n")
    assert [d.code for d in load_bound(["tabnanny"]).diagnostics] == ["T003"]


class TestProject:
    """Tools that only a project's file names."""

    HOSTILE = """
        import lcc
        from pathlib import Path
        Path(__file__).with_name("owned").touch()

        @lcc.tool(effect="read")
        def search(query: str) -> str:
            return query
        """

    @pytest.mark.parametrize("spec", ["tools.py", "tools", "box.tools", "box/tools.py", "src_only", "tools.py:search"])
    def test_are_read_and_never_imported_by_what_calls_no_tool(
        self, write: Write, tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # What other tests put on the path, or imported, must not stand in for the project's own files.
        monkeypatch.setattr(sys, "path", [p for p in sys.path if not (Path(p) / "tools.py").exists()])
        monkeypatch.delitem(sys.modules, "tools", raising=False)
        write("pyproject.toml", f'[tool.lcc]\ntools = ["{spec}"]\n')
        for name in ("tools.py", "box/tools.py", "src/src_only.py"):
            write(name, self.HOSTILE)
        for name in ("box/__init__.py", "conftest.py", "sitecustomize.py"):
            write(name, 'from pathlib import Path\nPath(__file__).with_name("owned").touch()\n')
        write("plans/x.plan")
        modules = set(sys.modules)
        toolset = load_static(near=tmp_path / "plans" / "x.plan")
        assert not toolset.diagnostics, shown(toolset)
        assert str(toolset.signatures["search"]) == "search(query: str) -> str"
        assert not toolset.tools
        assert not list(tmp_path.rglob("owned"))
        assert not [name for name in set(sys.modules) - modules if name.partition(".")[0] in ("tools", "box")]

    def test_are_imported_to_be_run(self, write: Write, tmp_path: Path) -> None:
        write("pyproject.toml", '[tool.lcc]\ntools = ["tools.py"]\n')
        write("tools.py", self.HOSTILE)
        assert load_bound(near=tmp_path).tools["search"].function("x") == "x"
        assert (tmp_path / "owned").exists()

    def test_do_not_count_where_the_command_line_names_others(self, write: Write, tmp_path: Path) -> None:
        write("pyproject.toml", "[tool.lcc]\nbroken = 1\n")
        write("a.pyi", "def f(): ...")
        assert load_static(["a.pyi"], near=tmp_path) == load_static(["a.pyi"])

    def test_are_relative_to_the_project(self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write("project/pyproject.toml", '[tool.lcc]\ntools = ["lib/a.pyi"]\n')
        write("project/lib/a.pyi", "def f(): ...")
        monkeypatch.chdir(tmp_path / "project" / "lib")
        toolset = load_static(near=tmp_path / "project" / "lib" / "x.plan")
        assert list(toolset.signatures) == ["f"]
        assert toolset.declared["f"] == "a.pyi:1"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('tools = ["none.py"]', "pyproject.toml:2:10: error[T001]: none.py: can't read the tools file"),
            ('tools = ["what is"]', "pyproject.toml:2:10: error[T018]: `what is` is no source of tools"),
            ('tools = ["no.such"]', "pyproject.toml:2:10: error[T019]: there is no module `no.such`"),
            ('tools = ["a.pyi:g"]', "pyproject.toml:2:10: error[T021]: a.pyi has no tool `g`"),
            ("tools = 3", "pyproject.toml:2:1: error[T026]: `tools` must be a list of texts"),
            ("tools = [", "pyproject.toml:3:1: error[T002]: not TOML: invalid value"),
        ],
    )
    def test_that_fail_are_shown_where_they_are_named(
        self, write: Write, tmp_path: Path, text: str, expected: str
    ) -> None:
        write("pyproject.toml", f"[tool.lcc]\n{text}\n")
        write("a.pyi", "def f(): ...")
        toolset = load_static(near=tmp_path)
        assert expected in shown(toolset)
        assert len(toolset.diagnostics) == 1
