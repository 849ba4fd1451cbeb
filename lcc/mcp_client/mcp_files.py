"""Read where servers are described: an `mcp.json` of Claude, Cursor or VS Code, and `[tool.lcc.mcp]` of a project.

    {"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"], "x-lcc": {"effects": {"*": "read"}}},
                    "docs": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${DOCS_TOKEN}"}}}}

`servers` is read like `mcpServers`. Reading starts nothing. What other programs keep in these files and lcc has no use for is passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures.declaration import read_overlays
from lcc.grammar.values import kind
from lcc.mcp_client.server_settings import ServerSettings

Pointer: TypeAlias = tuple[str | int, ...]
OWN: Final = "x-lcc"
_WORDS: Final = ("mcpServers", "servers")
_VARIABLE: Final = re.compile(r"\$\{([^{}]{1,200})\}")
_OVER_SSE: Final = ("sse",)
_KINDS: Final = (None, "stdio", "http", "streamable-http", "streamable_http", "streamableHttp", *_OVER_SSE)


class WrongEntry(ValueError):
    """An entry can't be read. `at`: where in it; `help`: what helps."""

    def __init__(self, message: str, *at: str | int, help: str | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.help = help


@dataclass(frozen=True, slots=True)
class Described:
    """One server of a file: `at` is where it stands, `settings` what stands there, or `fault` why that can't be read."""

    name: str
    at: Pointer
    settings: ServerSettings | None
    fault: WrongEntry | None = None


def servers_of(document: object) -> tuple[Pointer, Mapping[str, object]] | None:
    """Return the servers of a JSON document, and where they stand; None if it describes none."""
    if not isinstance(document, dict):
        return None
    for at in (*((word,) for word in _WORDS), *(("mcp", word) for word in _WORDS)):
        found: object = document
        for step in at:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict):
            return at, found
    return None


def read_server(name: str, at: Pointer, entry: object, folder: Path) -> Described:
    """Read one entry. Paths are relative to `folder`, and `${workspaceFolder}` is that."""
    try:
        if not isinstance(entry, dict):
            raise WrongEntry(f"a server is an object, not {kind(entry)}")
        settings = _reached(name, entry, folder)
        own = entry.get(OWN, {})
        if not isinstance(own, dict):
            raise WrongEntry(f"`{OWN}` is an object, not {kind(own)}", OWN)
        return Described(name, at, with_own(settings, own, OWN))
    except WrongEntry as fault:
        return Described(name, (*at, *fault.at), None, fault)


def is_off(entry: object) -> bool:
    """Whether an entry is switched off, as other programs write it."""
    return isinstance(entry, dict) and (entry.get("disabled") is True or entry.get("enabled") is False)


def reaches(entry: Mapping[str, object]) -> bool:
    """Whether an entry says how a server is reached, and not only what is said of its tools."""
    return any(word in entry for word in ("command", *_ADDRESSES))


_ADDRESSES: Final = ("url", "serverUrl", "httpUrl")


def _reached(name: str, entry: Mapping[str, Any], folder: Path) -> ServerSettings:
    type_ = entry.get("type", entry.get("transport"))
    if type_ not in _KINDS:
        raise WrongEntry(f"`type` is {type_!r}; it is stdio, http or sse", "type")
    word = next((word for word in _ADDRESSES if word in entry), None)
    if ("command" in entry) == (word is not None):
        raise WrongEntry("a server has either a `command` or a `url`")
    if word is not None:
        url = _text(entry[word], folder, word)
        if not url.startswith(("http://", "https://")):
            raise WrongEntry(f"`{word}` must begin with http:// or https://", word)
        return ServerSettings(name, url=url, sse=type_ in _OVER_SSE, headers=_texts(entry, "headers", folder))
    command, arguments = entry["command"], entry.get("args", [])
    if not isinstance(arguments, list):
        raise WrongEntry(f"`args` is a list of texts, not {kind(arguments)}", "args")
    parts = [*(command if isinstance(command, list) else [command]), *arguments]
    if not parts:
        raise WrongEntry("`command` is empty", "command")
    cwd = _text(entry["cwd"], folder, "cwd") if "cwd" in entry else None
    return ServerSettings(
        name,
        command=tuple(_text(part, folder, "args" if place else "command") for place, part in enumerate(parts)),
        env=_texts(entry, "env", folder),
        cwd=None if cwd is None else folder / cwd,
    )


def _texts(entry: Mapping[str, Any], word: str, folder: Path) -> dict[str, str]:
    table = entry.get(word) or {}
    if not isinstance(table, dict):
        raise WrongEntry(f"`{word}` is an object of texts, not {kind(table)}", word)
    return {name: _text(value, folder, word, name) for name, value in table.items() if value is not None}


def _text(value: object, folder: Path, *at: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongEntry(f"this must be text, not {kind(value)}", *at)
    return _VARIABLE.sub(lambda match: _variable(match[1], folder, at), str(value))


def _variable(name: str, folder: Path, at: tuple[str, ...]) -> str:
    """Return what `${…}` stands for."""
    known = {"workspaceFolder": str(folder), "workspaceFolderBasename": folder.name, "userHome": str(Path.home())}
    if name in known:
        return known[name]
    if name.startswith("input:"):
        raise WrongEntry(f"`${{{name}}}` is asked by an editor, and here is none", *at, help="take ${env:NAME}")
    variable, dash, default = name.removeprefix("env:").partition(":-")
    found = os.environ.get(variable)
    if found is None and not dash:
        raise WrongEntry(f"the environment variable `{variable}` is not set", *at, help="or write ${NAME:-default}")
    return found or default


def with_own(settings: ServerSettings, own: Mapping[str, object], *at: str) -> ServerSettings:
    """Return settings with what stands in `x-lcc` of an entry, or beside it in `[tool.lcc.mcp.NAME]`."""
    found: dict[str, Any] = {}
    for key, value in own.items():
        word = key.replace("-", "_")
        read = _OWN_SETTINGS.get(word)
        if read is None:
            help = did_you_mean(word, _OWN_SETTINGS) or f"the settings are {', '.join(_OWN_SETTINGS)}"
            raise WrongEntry(f"there is no setting `{key}` of a server", *at, key, help=help)
        try:
            found[word] = read(value)
        except ValueError as error:
            raise WrongEntry(f"`{key}` must be {error}", *at, key) from None
    return replace(settings, **found)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _prefix(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of names or patterns of tools")
    return tuple(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        raise ValueError("a number of seconds above 0")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a whole number of at least 1")
    return value


_OWN_SETTINGS: Final[Mapping[str, Callable[[object], object]]] = {
    "prefix": _prefix,
    "only": _names,
    "effects": read_overlays,
    "trust_annotations": _flag,
    "json_text": _flag,
    "timeout": _seconds,
    "start_timeout": _seconds,
    "concurrency": _count,
}
"""What each setting of ours becomes; ValueError says what it must be."""
