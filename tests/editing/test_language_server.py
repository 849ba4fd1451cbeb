"""A client of `lcc lsp` over standard input and output, as an editor is one."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server needs pygls: pip install 'lcc-toolchain[lsp]'")
from harbour import PLAN, TOOLS
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

WAIT = 100.0


class Client:
    """An editor with one project open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = LanguageClient("test", "1")
        self.found: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.server.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda told: self.found.put_nowait(told))
        self.logged: list[str] = []
        self.server.feature(lsp.WINDOW_LOG_MESSAGE)(lambda said: self.logged.append(said.message))
        self.version = 0

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))

    async def open(self, name: str, text: str, *, uri: str | None = None) -> list[lsp.Diagnostic]:
        """Open a text and return its findings."""
        item = lsp.TextDocumentItem(uri or self.uri(name), "lcc", 0, text)
        self.server.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.findings(uri or self.uri(name), 0)

    async def change(self, name: str, *texts: str) -> list[lsp.Diagnostic]:
        """Change a text, once for each given one without waiting in between, and return the findings of the last."""
        for text in texts:
            self.version += 1
            document = lsp.VersionedTextDocumentIdentifier(self.version, self.uri(name))
            whole = lsp.TextDocumentContentChangeWholeDocument(text)
            self.server.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [whole]))
        return await self.findings(self.uri(name), self.version)

    async def findings(self, uri: str, version: int) -> list[lsp.Diagnostic]:
        for _ in range(100):
            told = await asyncio.wait_for(self.found.get(), WAIT)
            if told.uri == uri and told.version == version:
                return list(told.diagnostics)
        raise AssertionError("no findings of this version")

    def at(self, text: str, marked: str, name: str = "a.plan", past: int = 0) -> dict[str, Any]:
        """Return the parameters that name the place where `marked` begins in a text, in UTF-16 units."""
        offset = text.index(marked) + past
        line = text.count("\n", 0, offset)
        before = text[text.rfind("\n", 0, offset) + 1 : offset]
        place = lsp.Position(line, len(before.encode("utf-16-le")) // 2)
        return {"text_document": self.document(name), "position": place}


@asynccontextmanager
async def editor(folder: Path, *options: str) -> AsyncIterator[Client]:
    client = Client(folder)
    await client.server.start_io(sys.executable, "-m", "lcc", "lsp", *options, cwd=folder)
    asked = lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=folder.as_uri())
    await asyncio.wait_for(client.server.initialize_async(asked), WAIT)
    client.server.initialized(lsp.InitializedParams())
    try:
        yield client
    finally:
        await asyncio.wait_for(client.server.shutdown_async(None), WAIT)
        client.server.exit(None)
        await asyncio.wait_for(client.server._server.wait(), WAIT)
        await client.server.stop()
    assert client.logged == []


def session(folder: Path, steps: Callable[[Client], Awaitable[None]], *options: str) -> None:
    async def run() -> None:
        async with editor(folder, *options) as client:
            await steps(client)

    asyncio.run(asyncio.wait_for(run(), 500))


def code_and_range(found: lsp.Diagnostic) -> tuple[object, int, int, int]:
    return found.code, found.range.start.line, found.range.start.character, found.range.end.character


def test_findings_come_on_opening_and_on_change_with_utf_16_columns(project: Path) -> None:
    async def steps(client: Client) -> None:
        assert await client.open("a.plan", PLAN) == []
        wrong = PLAN.replace("$2.name", "$2.nom")
        [found] = await client.change("a.plan", "1. ber", wrong)
        line = wrong.splitlines()[3]
        start = len(line[: line.index("$2")].encode("utf-16-le")) // 2
        assert code_and_range(found)[1:] == (3, start, start + len("$2.nom"))
        assert found.severity == lsp.DiagnosticSeverity.Error
        assert await client.change("a.plan", PLAN) == []

    session(project, steps)


def test_what_the_editor_asks_of_places(project: Path) -> None:
    async def steps(client: Client) -> None:
        await client.open("a.plan", PLAN)
        ask = client.server
        said = await ask.text_document_hover_async(lsp.HoverParams(**client.at(PLAN, "berths")))
        assert "berths(port: str, least: float = 0.0) -> list[Berth]" in said.contents.value
        assert "effect: read of harbour" in said.contents.value
        said = await ask.text_document_hover_async(lsp.HoverParams(**client.at(PLAN, "$2.name")))
        assert "$2.name: str" in said.contents.value
        said = await ask.text_document_hover_async(lsp.HoverParams(**client.at(PLAN, "${1}")))
        assert "$1: list[Berth]" in said.contents.value
        assert "class Berth: name: str; metres: float" in said.contents.value
        found = await ask.text_document_definition_async(lsp.DefinitionParams(**client.at(PLAN, "$2.name")))
        assert (found.uri, found.range.start, found.range.end) == (
            client.uri("a.plan"), lsp.Position(2, 0), lsp.Position(2, 1)
        )  # fmt: skip
        found = await ask.text_document_definition_async(lsp.DefinitionParams(**client.at(PLAN, "book")))
        assert (found.uri, found.range.start.line) == (client.uri("harbour.pyi"), 16)
        assert await ask.text_document_hover_async(lsp.HoverParams(**client.at(PLAN, "nights=2", past=7))) is None

    session(project, steps)


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    """Apply edits as an editor does, counting in UTF-16."""
    lines = [line.encode("utf-16-le") for line in text.splitlines(keepends=True)]
    starts = [sum(map(len, lines[:at])) for at in range(len(lines) + 1)]
    whole = b"".join(lines)
    for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        start, end = (starts[one.line] + 2 * one.character for one in (edit.range.start, edit.range.end))
        whole = whole[:start] + edit.new_text.encode("utf-16-le") + whole[end:]
    return whole.decode("utf-16-le")


def test_ids_and_inputs_are_renamed_everywhere(project: Path) -> None:
    text = PLAN.replace("4. join($3)", "4. book($2.name) after $3, $1\n5. join($3)")

    async def steps(client: Client) -> None:
        await client.open("a.plan", text)
        ask = client.server

        async def renamed(marked: str, new: str) -> str:
            edit = await ask.text_document_rename_async(lsp.RenameParams(**client.at(text, marked), new_name=new))
            return applied(text, edit.changes[client.uri("a.plan")])

        assert await renamed("$2.name", "12") == text.replace("$2", "$12").replace("2. berth(", "12. berth(")
        assert await renamed("3. book", "30") == text.replace("$3", "$30").replace("3. book", "30. book")
        assert await renamed("1. ber", "10") == text.replace("${1}", "${10}").replace("$1\n", "$10\n").replace(
            "1. ber", "10. ber"
        )
        assert await renamed("$port", "town") == text.replace("port", "town")
        for new, why in (("3", "there is another `3` already"), ("x", "an id is a whole number")):
            with pytest.raises(JsonRpcException, match=why):
                await renamed("$2.name", new)
        assert await ask.text_document_prepare_rename_async(lsp.PrepareRenameParams(**client.at(text, "book"))) is None
        await client.change("a.plan", text + "6. (")
        with pytest.raises(JsonRpcException, match="the plan has errors"):
            await renamed("$2.name", "12")

    session(project, steps)


def test_what_may_be_written_is_offered_with_the_edit_that_writes_it(project: Path) -> None:
    typed = '5. book("😀", ni'
    text = PLAN.replace("4. join($3)\n", typed)

    async def steps(client: Client) -> None:
        await client.open("a.plan", text)
        end = lsp.Position(4, len(typed) + 1)
        [found] = await client.server.text_document_completion_async(
            lsp.CompletionParams(client.document("a.plan"), end)
        )
        assert (found.label, found.kind, found.detail) == ("nights", lsp.CompletionItemKind.Property, "int")
        assert applied(text, [found.text_edit]) == f"{text}ghts="

    session(project, steps)


def test_symbols_and_types_of_a_plan_with_a_loop(project: Path) -> None:
    text = '1. berths("Holm")\n2. for one in $1:\n    3. book(one.name)\n    yield $3\n4. join($2)\n'

    async def steps(client: Client) -> None:
        assert not [one for one in await client.open("a.plan", text) if one.severity == lsp.DiagnosticSeverity.Error]
        found = await client.server.text_document_document_symbol_async(
            lsp.DocumentSymbolParams(client.document("a.plan"))
        )
        assert [one.name for one in found] == ['1. berths("Holm")', "for one in $1", "join($2)"]
        assert [one.name for one in found[1].children] == ["3. book(one.name)"]
        assert found[1].range.end.line == 2
        everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
        asked = lsp.InlayHintParams(client.document("a.plan"), everywhere)
        hints = await client.server.text_document_inlay_hint_async(asked)
        assert [(one.position.line, one.label) for one in hints] == [
            (0, "-> list[Berth]"), (1, "-> list[str]"), (2, "-> str")
        ]  # fmt: skip

    session(project, steps)


def test_fixes_are_offered_and_a_text_is_formatted(project: Path) -> None:
    text = '1. berth("😀a")\n2. berth( "b" )\n3. join($2)\n'

    async def steps(client: Client) -> None:
        found = await client.open("a.plan", text)
        [unused] = [one for one in found if one.range.start.line == 0]
        context = lsp.CodeActionContext([unused])
        asked = lsp.CodeActionParams(client.document("a.plan"), unused.range, context)
        actions = await client.server.text_document_code_action_async(asked)
        assert {one.kind for one in actions} >= {lsp.CodeActionKind.QuickFix}
        [quick] = [one for one in actions if one.kind == lsp.CodeActionKind.QuickFix]
        assert applied(text, quick.edit.changes[client.uri("a.plan")]) == text.partition("\n")[2]
        asked.context = lsp.CodeActionContext([], only=[lsp.CodeActionKind.Refactor])
        assert await client.server.text_document_code_action_async(asked) == ()
        options = lsp.FormattingOptions(4, True)
        edits = await client.server.text_document_formatting_async(
            lsp.DocumentFormattingParams(client.document("a.plan"), options)
        )
        assert applied(text, edits) == text.replace('( "b" )', '("b")')

    session(project, steps)


def test_python_files_are_checked_only_where_they_are_said_to_be_programs(project: Path) -> None:
    text = 'found = berth("a")\nprint(found["nom"])\n'

    async def steps(client: Client) -> None:
        assert await client.open("other.py", text) == []
        [found] = await client.open("programs/a.py", text)
        assert found.severity == lsp.DiagnosticSeverity.Error
        assert found.range.start.line == 1
        right = text.replace("nom", "name")
        assert await client.change("programs/a.py", right) == []
        place = client.at(right, "berth", "programs/a.py")
        said = await client.server.text_document_hover_async(lsp.HoverParams(**place))
        assert "berth(name: str) -> Berth" in said.contents.value
        where = await client.server.text_document_definition_async(lsp.DefinitionParams(**place))
        assert where.uri == client.uri("harbour.pyi")

    session(project, steps, "--programs", "programs/*.py")


def test_tools_are_read_again_when_they_are_saved(project: Path) -> None:
    async def steps(client: Client) -> None:
        assert await client.open("a.plan", '1. moor("a")\n2. join($1)\n') != []
        (project / "harbour.pyi").write_text(TOOLS + '\n@lcc.tool(effect="read")\ndef moor(name: str) -> str: ...\n')
        client.server.text_document_did_save(lsp.DidSaveTextDocumentParams(client.document("a.plan")))
        assert await client.findings(client.uri("a.plan"), 0) == []

    session(project, steps)


HOSTILE = [
    "",
    "\0",
    "1. berth(" + "[" * 50_000,
    '1. berth("' + "${" * 20_000,
    "$" * 50_000 + ".a" * 1_000,
    "1. berth(\u2028\x0c\x85\r\r\n",
    "1. berth($" + "9" * 5_000 + ".",
]


def test_a_text_of_any_shape_gets_answers(project: Path) -> None:
    async def steps(client: Client) -> None:
        await client.open("a.plan", "1.")
        for text in HOSTILE:
            assert await client.change("a.plan", text) != []
            end = lsp.Position(0, len(text))
            document = client.document("a.plan")
            await client.server.text_document_completion_async(lsp.CompletionParams(document, end))
            await client.server.text_document_hover_async(lsp.HoverParams(document, end))
            await client.server.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))

    session(project, steps)


def test_a_text_without_a_file_or_a_project_is_checked(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    async def steps(client: Client) -> None:
        assert [one.code for one in await client.open("", "1. berth(", uri="untitled:Untitled-1")] == ["P003"]
        assert [one.code for one in await client.open("loop/a.plan", "1. berth(")] == ["P003"]

    session(tmp_path, steps)


def test_without_pygls_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from lcc.cli.main import dispatch

    for name in [name for name in sys.modules if name.partition(".")[0] == "pygls"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "lcc.editing.language_server", raising=False)
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert dispatch(["lsp"]) == (2, False)
    assert "pip install 'lcc-toolchain[lsp]'" in capsys.readouterr().err


@pytest.mark.parametrize("closed", [False, True], ids=["input stays open", "input is closed"])
@pytest.mark.parametrize(("methods", "status"), [(("shutdown", "exit"), 0), (("exit",), 1)])
def test_it_ends_without_a_word_and_its_status_says_whether_it_was_asked_to_shut_down(
    methods: tuple[str, ...], status: int, closed: bool, project: Path
) -> None:
    command = [sys.executable, "-m", "lcc", "lsp"]
    asked: list[dict[str, Any]] = [{"id": 1, "method": "initialize", "params": {"capabilities": {}}}]
    asked += [{"method": name} | ({"id": 2} if name == "shutdown" else {}) for name in methods]
    with Popen(command, cwd=project, stdin=PIPE, stdout=PIPE, stderr=PIPE) as server:
        assert server.stdin is not None
        assert server.stderr is not None
        for one in asked:
            body = json.dumps({"jsonrpc": "2.0", **one}).encode()
            server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        server.stdin.flush()
        if closed:
            server.stdin.close()
        assert server.wait(WAIT) == status
        assert server.stderr.read() == b""
