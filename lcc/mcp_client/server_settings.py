"""Say what is known of one server before it is asked: how it is reached, and what the user says of its tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

EXTRA: Final = "pip install 'lcc-toolchain[mcp]'"
START_TIMEOUT: Final = 30.0
"""Seconds in which a server must have started and listed its tools."""
TIMEOUT: Final = 120.0
"""Seconds of silence after which a call is given up; progress is no silence."""


class ServerFault(Exception):
    """A server can't be used as it is described, doesn't start, or doesn't list its tools. The message says which and why."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server.

    Reached by one of: `command`, a program with its arguments; `url`; `client`, an `mcp.Client`, or what one takes. `sse`: the address is of the transport before
    streamable HTTP. `prefix` stands before each tool's name; `only`: names or patterns of the tools to use, None for all.
    `effects`: by name or pattern of a tool its effect, or options of `@lcc.tool`. `trust_annotations`: what the server says of effects counts.
    `json_text`: text that is JSON is that value. `timeout`, `start_timeout`: seconds. `concurrency`: calls at once of all tools.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    client: object = None
    sse: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    only: tuple[str, ...] | None = None
    effects: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    trust_annotations: bool = False
    json_text: bool = False
    timeout: float = TIMEOUT
    start_timeout: float = START_TIMEOUT
    concurrency: int | None = None

    def wants(self, tool: str) -> bool:
        """Whether a tool of the server is among those to use."""
        return self.only is None or any(fnmatchcase(tool, pattern) for pattern in self.only)
