"""Add the tools of servers that an `mcp.json` or a project names: those that may be started here are, and list their tools.

Reading a file starts nothing. A server is started only where tools are called or listed, and one that only a project's file names only if the
person trusts the project. Declarations that were kept before stand for it everywhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lcc.codes import SERVER_FAILS, SERVER_NOT_STARTED, SHARED_NAME, TOOL_LEFT_OUT, WRONG_SERVER
from lcc.config import Config
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.source import Source, Span
from lcc.grammar.values import JsonPlaces, read_json
from lcc.mcp_client.mcp_files import Described, WrongEntry, is_off, reaches, read_server, servers_of, with_own
from lcc.toolset.sources import Entry, Loaded, NamedServer, ToolSpec

if TYPE_CHECKING:
    from lcc.mcp_client.server_settings import ServerSettings
    from lcc.mcp_client.source import McpServer
    from lcc.runtime.tool import Tool

_ORIGIN: Final = "x-mcp"
_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_LAST_COMMA: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,\s*[}\]]', re.DOTALL)
_SEEN: Final = re.compile(r"[^\n]")
_MOST: Final = 5
"""Tools left out of one server that are told one by one."""


def is_of_servers(spec: ToolSpec, source: Source, loaded: Loaded) -> bool:
    """Whether a JSON file describes servers, which are added, and not tools. Of tools it is noted of which servers they are."""
    text = source.text
    try:
        document: object = read_json(text)
    except RecursionError:
        return False
    except ValueError:
        text = _plain_json(text)
        try:
            document = read_json(text)
        except (ValueError, RecursionError):
            return False
    if servers_of(document) is None:
        _note_saved(document, loaded)
        return False
    _add_file(spec, source, JsonPlaces(text), document, loaded)
    return True


def _plain_json(text: str) -> str:
    """Return a text as editors let people write it as JSON of the same length: comments and last commas become spaces."""
    without = _COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else _SEEN.sub(" ", found[0]), text)
    return _LAST_COMMA.sub(lambda found: found[0] if found[0][0] == '"' else f" {found[0][1:]}", without)


def _note_saved(document: object, loaded: Loaded) -> None:
    tools = document.get("tools") if isinstance(document, dict) else document
    for tool in tools if isinstance(tools, list) else ():
        origin = tool.get(_ORIGIN) if isinstance(tool, dict) else None
        if isinstance(origin, dict) and isinstance(origin.get("server"), str):
            loaded.saved.setdefault(origin["server"], set()).add(str(tool.get("name")))


def _add_file(spec: ToolSpec, source: Source, places: JsonPlaces, document: object, loaded: Loaded) -> None:
    """Add the servers of a file; with a name behind it, one server, or one tool of it."""
    found = servers_of(document)
    assert found is not None
    at, table = found
    folder = spec.path.absolute().parent
    folder = folder.parent if folder.name in (".vscode", ".cursor") else folder
    chosen = _chosen(spec, table, loaded) if spec.name is not None else (None, None)
    if chosen is None:
        return
    server, tool = chosen
    for name, entry in table.items():
        if server is None and is_off(entry):
            continue
        if server in (None, name):
            described = _prefixed(read_server(name, (*at, name), entry, folder), spec)
            _add(described, tool, source, places.span(described.at), spec.trusted, loaded)


def _prefixed(described: Described, spec: ToolSpec) -> Described:
    """Return a server whose tools are called `NAME.tool`, if its file is named as `NAME=FILE`."""
    settings = described.settings
    if settings is None or spec.prefix is None:
        return described
    return replace(described, settings=replace(settings, prefix=f"{spec.prefix}.{settings.prefix}"))


def _chosen(spec: ToolSpec, table: Mapping[str, object], loaded: Loaded) -> tuple[str, str | None] | None:
    """Return the server, and the tool of it, that a spec names: `server` or `server.tool`, either of which may hold dots."""
    assert spec.name is not None
    if spec.name in table:
        return spec.name, None
    fitting = [name for name in table if spec.name.startswith(f"{name}.")]
    if not fitting:
        loaded.no_tool(spec, f"{spec.shown} has no server `{spec.name.partition('.')[0]}`", list(table))
        return None
    server = max(fitting, key=len)
    return server, spec.name[len(server) + 1 :]


def _add(
    described: Described, tool: str | None, source: Source, span: Span | None, trusted: bool, loaded: Loaded
) -> None:
    if described.settings is None:
        assert described.fault is not None
        message = f"the server `{described.name}`: {described.fault}"
        loaded.report(WRONG_SERVER, message, source, span, described.fault.help)
        return
    settings = described.settings if tool is None else replace(described.settings, only=(tool,))
    for place, other in enumerate(loaded.servers):
        if other.source.path == source.path and replace(other.settings, only=None) == replace(settings, only=None):
            only = None if None in (other.settings.only, settings.only) else (*other.settings.only, *settings.only)  # type: ignore[misc]
            loaded.servers[place] = replace(other, settings=replace(settings, only=only))
            return
    loaded.servers.append(NamedServer(settings, source, span, trusted))


def add_project(config: Config, loaded: Loaded) -> None:
    """Add the servers of `[tool.lcc.mcp]`; a table without a way to reach one says more of a server of a file."""
    folder = Path.cwd() if config.path is None else config.path.absolute().parent
    span = config.span_of("mcp")
    for name, entry in config.mcp.items():
        own = {key: value for key, value in entry.items() if key not in _REACHING}
        try:
            if reaches(entry):
                described = read_server(name, (), {key: entry[key] for key in _REACHING if key in entry}, folder)
                if described.settings is not None:
                    described = replace(described, settings=with_own(described.settings, own))
                _add(described, None, config.source, span, False, loaded)
                continue
            known = [place for place, server in enumerate(loaded.servers) if server.settings.name == name]
            if not known:
                raise WrongEntry("it has neither a `command` nor a `url`, and no file of servers has it")
            for place in known:
                server = loaded.servers[place]
                loaded.servers[place] = replace(server, settings=with_own(server.settings, own))
        except WrongEntry as fault:
            message = f"the server `{name}`: {fault}"
            loaded.report(WRONG_SERVER, message, config.source, span, fault.help)


_REACHING: Final = ("command", "args", "env", "cwd", "url", "headers", "type")


def add_servers_tools(
    loaded: Loaded, *, start: bool, trust_project: bool, needed: Collection[str] | None, calls: bool
) -> None:
    """Add the tools of the servers in scope. `start`: they may be started here. `calls`: tools are going to be called."""
    may = [server for server in loaded.servers if start and (server.trusted or trust_project)]
    starting = [server for server in may if _is_needed(server, loaded, needed)]
    for server in loaded.servers:
        if server not in may and server.settings.name not in loaded.saved:
            _report_not_started(server, loaded, start=start, error=calls)
    if not starting:
        return
    from lcc.mcp_client.source import McpServer, open_all

    sources = [McpServer(_trusting(server.settings, loaded)) for server in starting]
    good: list[tuple[NamedServer, McpServer]] = []
    for server, source, fault in zip(starting, sources, open_all(sources), strict=True):
        if fault is None:
            good.append((server, source))
        else:
            loaded.report(SERVER_FAILS, str(fault), server.source, server.span)
    for server, source in good:
        _report_left_out(server, source, loaded)
    loaded.entries += _entries(good, loaded)


def _trusting(settings: ServerSettings, loaded: Loaded) -> ServerSettings:
    return replace(settings, trust_annotations=True) if loaded.trust_annotations else settings


def _is_needed(server: NamedServer, loaded: Loaded, needed: Collection[str] | None) -> bool:
    """Whether a server must be started: not if what it has is known, and nothing of that is called."""
    kept = loaded.saved.get(server.settings.name)
    return needed is None or kept is None or not kept.isdisjoint(needed)


def _report_not_started(server: NamedServer, loaded: Loaded, *, start: bool, error: bool) -> None:
    settings = server.settings
    how = settings.url or " ".join(settings.command)
    if start:
        message = f"the server `{settings.name}` ({how}) is named by the project's file alone, and isn't started"
        help = "allow that with --trust-project, or name it with --tools"
    else:
        message = f"the tools of the server `{settings.name}` aren't known here: nothing is started to check a text"
        kept = "mcp-tools.json"
        help = f"keep them: lcc tools --tools {server.source.path} --save {kept}, and give --tools {kept} too"
    severity = Severity.ERROR if error else Severity.WARNING
    loaded.add(server.source, [Diagnostic(SERVER_NOT_STARTED, severity, message, server.span, help)])


def _report_left_out(server: NamedServer, source: McpServer, loaded: Loaded) -> None:
    odd = source.left_out
    for one in odd[:_MOST]:
        message = f"the tool `{one.name[:80]}` of the server `{server.settings.name}` is left out: {one.reason}"
        loaded.add(server.source, [Diagnostic(TOOL_LEFT_OUT, Severity.WARNING, message, server.span)])
    if len(odd) > _MOST:
        message = f"{len(odd) - _MOST:,} more tools of the server `{server.settings.name}` are left out"
        loaded.add(server.source, [Diagnostic(TOOL_LEFT_OUT, Severity.WARNING, message, server.span)])
    only = server.settings.only or ()
    known = [*(tool.name for tool in source.tools()), *(one.name for one in odd)]
    if only and not known:
        message = f"the server `{server.settings.name}` has no tool `{', '.join(only)}`"
        loaded.report(SERVER_FAILS, message, server.source, server.span, _its_tools(source))


def _its_tools(source: McpServer) -> str:
    names = source.names()
    return f"its tools are {', '.join(names[:8]) or 'none'}{', …' if len(names) > 8 else ''}"


def _entries(good: list[tuple[NamedServer, McpServer]], loaded: Loaded) -> Iterator[Entry]:
    """Yield the tools of servers; those that several servers have get their server's name before their own."""
    count = Counter(tool.name for _, source in good for tool in source.tools())
    shared = {name for name, times in count.items() if times > 1}
    for server, source in good:
        mine = [tool.name for tool in source.tools() if tool.name in shared]
        if mine:
            first = f"`{prefixed(server.settings.name, mine[0])}`"
            message = f"other servers have tools called like those of `{server.settings.name}`: {', '.join(mine[:8])}"
            help = f"plans call {first} and so on; or give the server a `prefix`"
            loaded.add(server.source, [Diagnostic(SHARED_NAME, Severity.WARNING, message, server.span, help)])
        for tool in source.tools():
            one = _renamed(tool, prefixed(server.settings.name, tool.name)) if tool.name in shared else tool
            yield Entry(one.signature, server.source, server.span, True, one)


def prefixed(server: str, tool: str) -> str:
    """Return the name of a tool that several servers have."""
    return f"{re.sub(r'[^0-9A-Za-z]+', '_', server).strip('_') or 'server'}_{tool}"


def _renamed(tool: Tool, name: str) -> Tool:
    from lcc.python_tools.function import with_signature

    return with_signature(tool, replace(tool.signature, name=name))
