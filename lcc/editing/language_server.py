"""Speak the Language Server Protocol over two streams. Texts are read off the loop, and a keystroke makes what is older void."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from lcc.editing import protocol_answers as answers
from lcc.editing.columns import Columns
from lcc.editing.occurrences import CantRename, named_at
from lcc.editing.open_text import OpenText, Workspace

PAUSE: Final = 0.01
"""Seconds without a keystroke after which a text is read."""


Answer: TypeAlias = Callable[[Any], Awaitable[Any]]


def _function(answer: Answer) -> Answer:
    """Return a method as a function: pygls keeps notes on what it registers, which methods can't hold."""

    async def function(params: Any) -> Any:
        return await answer(params)

    return function


@dataclass
class _Known:
    version: int | None
    task: asyncio.Future[OpenText]


@dataclass
class PlanServer:
    """A language server for the plans of a workspace, and for the Python files that are programs: those that `programs` matches."""

    workspace: Workspace
    programs: tuple[str, ...] = ()
    version: str = ""
    _known: dict[str, _Known] = field(default_factory=dict)
    _waiting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _shut_down: bool = False

    def __post_init__(self) -> None:
        # Whole texts: the lines of the protocol end at LF and CR alone, and those of Python's str.splitlines at more.
        self.server = LanguageServer("lcc", self.version, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self._reader = ThreadPoolExecutor(1, "lcc-lsp")
        self._offer()

    def serve(self, stdin: BinaryIO, stdout: BinaryIO) -> bool:
        """Answer until the client ends it or the streams are closed. Return whether the client asked it to shut down before.

        `stdout` is closed then.
        """
        try:
            self.server.start_io(stdin, stdout)
        finally:
            self._reader.shutdown(wait=False, cancel_futures=True)
        return self._shut_down

    async def _shutting_down(self, params: None) -> None:
        self._shut_down = True

    def _offer(self) -> None:
        kinds = [lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]
        offered: dict[str, tuple[Answer, Any]] = {
            lsp.SHUTDOWN: (self._shutting_down, None),
            lsp.TEXT_DOCUMENT_DID_OPEN: (self._opened, None),
            lsp.TEXT_DOCUMENT_DID_CHANGE: (self._changed, None),
            lsp.TEXT_DOCUMENT_DID_SAVE: (self._saved, None),
            lsp.TEXT_DOCUMENT_DID_CLOSE: (self._closed, None),
            lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (self._saved, None),
            lsp.TEXT_DOCUMENT_HOVER: (self._hover, None),
            lsp.TEXT_DOCUMENT_DEFINITION: (self._definition, None),
            lsp.TEXT_DOCUMENT_REFERENCES: (self._references, None),
            lsp.TEXT_DOCUMENT_PREPARE_RENAME: (self._prepare_rename, None),
            lsp.TEXT_DOCUMENT_RENAME: (self._rename, lsp.RenameOptions(prepare_provider=True)),
            lsp.TEXT_DOCUMENT_FORMATTING: (self._format, None),
            lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (self._symbols, None),
            lsp.TEXT_DOCUMENT_INLAY_HINT: (self._hints, None),
            lsp.TEXT_DOCUMENT_COMPLETION: (self._complete, lsp.CompletionOptions(trigger_characters=list("$.(,"))),
            lsp.TEXT_DOCUMENT_CODE_ACTION: (self._actions, lsp.CodeActionOptions(kinds)),
        }
        for name, (answer, options) in offered.items():
            self.server.feature(name, options)(_function(answer))

    def _path(self, uri: str) -> str:
        """Return where a text stands, or would stand: one without a file in the workspace's folder."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if path is not None:
            return path
        folder = self.server.workspace.root_path or str(Path.cwd())
        return str(Path(folder, f"{uri.rpartition('/')[2].rpartition(':')[2][:100] or 'untitled'}"))

    def _is_ours(self, uri: str) -> bool:
        path = self._path(uri)
        if Path(path).suffix.lower() != ".py":
            return True
        return any(fnmatch(path, pattern) or Path(path).match(pattern) for pattern in self.programs)

    async def _text(self, uri: str) -> tuple[OpenText, Columns] | None:
        """Return what is known of the newest version of a text; None for what is no plan and no program."""
        document = self.server.workspace.text_documents.get(uri)
        if document is None or not self._is_ours(uri):
            return None
        known = self._known.get(uri)
        if known is None or known.version != document.version:
            loop = asyncio.get_running_loop()
            read = partial(self.workspace.read, self._path(uri), document.source)
            known = self._known[uri] = _Known(document.version, loop.run_in_executor(self._reader, read))
        text = await asyncio.shield(known.task)
        return text, Columns(text.source, str(getattr(self._encoding, "value", self._encoding)))

    @property
    def _encoding(self) -> object:
        return self.server.workspace.position_encoding or "utf-16"

    async def _at(self, params: Any) -> tuple[OpenText, Columns, int] | None:
        found = await self._text(params.text_document.uri)
        if found is None:
            return None
        text, columns = found
        return text, columns, columns.offset(params.position.line, params.position.character)

    async def _report(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        document = self.server.workspace.text_documents.get(uri)
        version = None if document is None else document.version
        found = await self._text(uri)
        now = self.server.workspace.text_documents.get(uri)
        if now is None or now.version != version:
            return
        diagnostics = [] if found is None else answers.diagnostics(*found, uri)
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics, version))

    def _schedule(self, uri: str, pause: float) -> None:
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        task = self._waiting[uri] = asyncio.get_running_loop().create_task(self._report(uri, pause))
        task.add_done_callback(lambda done: self._done(uri, done))

    def _done(self, uri: str, task: asyncio.Task[None]) -> None:
        if self._waiting.get(uri) is task:
            del self._waiting[uri]
        if not task.cancelled() and (error := task.exception()) is not None:
            self.server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, f"lcc: {error!r}"[:2_000]))

    async def _opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        self._schedule(params.text_document.uri, 0)

    async def _changed(self, params: lsp.DidChangeTextDocumentParams) -> None:
        self._schedule(params.text_document.uri, PAUSE)

    async def _saved(self, params: Any) -> None:
        """Read everything again: what was saved may declare tools."""
        self.workspace.forget()
        self._known.clear()
        for uri in list(self.server.workspace.text_documents):
            self._schedule(uri, PAUSE)

    async def _closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        self._known.pop(uri, None)
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    async def _hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        found = await self._at(params)
        return None if found is None else answers.hover(*found)

    async def _definition(self, params: lsp.DefinitionParams) -> lsp.Location | None:
        found = await self._at(params)
        return None if found is None else answers.definition(*found, params.text_document.uri, from_fs_path)

    async def _references(self, params: lsp.ReferenceParams) -> list[lsp.Location] | None:
        found = await self._at(params)
        with_own = params.context.include_declaration
        return None if found is None else answers.references(*found, params.text_document.uri, with_own)

    async def _prepare_rename(self, params: lsp.PrepareRenameParams) -> lsp.Range | None:
        found = await self._at(params)
        named = None if found is None else named_at(found[0], found[2])
        return (
            None if found is None or named is None or named.kind == "tool" else answers.range_of(found[1], named.span)
        )

    async def _rename(self, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        found = await self._at(params)
        if found is None:
            return None
        try:
            return answers.renamed(*found, params.new_name, params.text_document.uri)
        except CantRename as error:
            raise JsonRpcInvalidParams(str(error)) from None

    async def _format(self, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        found = await self._text(params.text_document.uri)
        if found is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._reader, answers.formatted, *found)

    async def _symbols(self, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol] | None:
        found = await self._text(params.text_document.uri)
        return None if found is None else answers.symbols(*found)

    async def _hints(self, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
        found = await self._text(params.text_document.uri)
        return None if found is None else answers.hints(*found, params.range)

    async def _complete(self, params: lsp.CompletionParams) -> list[lsp.CompletionItem] | None:
        found = await self._at(params)
        return None if found is None else answers.completed(*found)

    async def _actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
        found = await self._text(params.text_document.uri)
        if found is None:
            return None
        return answers.actions(*found, params.range, params.text_document.uri, params.context.only)
