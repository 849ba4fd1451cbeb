"""Read `[tool.lcc]` of a project's pyproject.toml.

    [tool.lcc]
    tools = ["tools.py", "package.module"]
    select = ["L"]
    ignore = ["L003"]

    [tool.lcc.limits]
    concurrency = 8
    deadline = 60

    [tool.lcc.limits.tools.search]
    rate = 5

A file of a strange checkout is only read here; nothing that it names is imported. A new setting is a field of `Config` and a line
in `_SETTINGS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.given import LONGEST
from lcc.grammar.late_pattern import pattern
from lcc.grammar.signatures import LIMITS, CallLimits
from lcc.grammar.signatures.declaration import OPTIONS, read_overlays
from lcc.grammar.signatures.tool_rules import SYNTAX, UNKNOWN_SETTING, UNREADABLE_FILE, WRONG_SETTING
from lcc.grammar.source import Source, Span
from lcc.runtime.text_files import Unreadable, read_text_file

FILE: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project. `path`: the file they stand in; None where there is none.

    `tools`: sources of tools, relative to the file's folder. `select`, `ignore`: codes of lints, or how codes begin.
    `limits`: of a run, by the names of the command's options; `tool_limits`: of single tools.
    `mcp`: servers by name, and what is said of their tools; read where they are needed.
    `effects`: what is said of tools besides their declarations, by name or pattern. `trust_annotations`: whether effects that JSON
    declarations tell of count. `models`: which models are asked, and how. `allow_hosts`: which hosts tools may reach, if the user trusts the project.
    """

    path: Path | None = None
    tools: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    limits: Mapping[str, float | str] = field(default_factory=dict)
    tool_limits: Mapping[str, CallLimits] = field(default_factory=dict)
    mcp: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    models: Mapping[str, Any] = field(default_factory=dict)
    allow_hosts: tuple[str, ...] = ()
    effects: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    trust_annotations: bool = False
    source: Source = field(default_factory=lambda: Source(FILE, ""))
    diagnostics: tuple[Diagnostic, ...] = ()

    def span_of(self, setting: str, item: str | None = None) -> Span | None:
        """Return where a setting stands in the file, or one item of its list."""
        return _span(self.source.text, setting, item)


def find_config(start: Path) -> Path | None:
    """Return the pyproject.toml with a `[tool.lcc]` table nearest to a file or folder: in its folder, or in one above."""
    start = start.absolute()
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            try:
                text = read_text_file(path)
            except Unreadable:
                return path
            if _TABLE.search(text):
                return path
    return None


def read_config(path: Path | None) -> Config:
    """Read the settings in a pyproject.toml; None gives the defaults.

    Faults are in the result's `diagnostics`; a faulty setting has its default.
    """
    if path is None:
        return Config()
    name = from_here(path)
    try:
        source = Source(name, read_text_file(path))
    except Unreadable as error:
        found = Diagnostic(UNREADABLE_FILE.code, Severity.ERROR, f"can't read the file: {error}")
        return Config(path, source=Source(name, ""), diagnostics=(found,))
    import tomllib  # most commands find no file to read

    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return Config(path, source=source, diagnostics=(_syntax(source, str(error)),))
    except RecursionError:
        return Config(path, source=source, diagnostics=(_syntax(source, "nested too deeply"),))
    table = document.get("tool", {})
    settings = table.get("lcc", {}) if isinstance(table, dict) else {}
    if not isinstance(settings, dict):
        found = Diagnostic(WRONG_SETTING.code, Severity.ERROR, "`tool.lcc` must be a table", _span(source.text, "lcc"))
        return Config(path, source=source, diagnostics=(found,))
    return _checked(path, source, settings)


def cache_folder() -> Path:
    """Return where cached plans are kept by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lcc" / "plans"


JOURNAL_NAME: Final = "journal.db"
"""What that journal is called in `state_folder`."""


def state_folder() -> Path:
    """Return where the journal of this user's questions is kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "lcc"


def _checked(path: Path, source: Source, settings: dict[str, Any]) -> Config:
    diagnostics: list[Diagnostic] = []
    values: dict[str, Any] = {}
    for setting, value in settings.items():
        span = _span(source.text, setting)
        check = _SETTINGS.get(setting)
        if check is None:
            help = did_you_mean(setting, _SETTINGS) or f"the settings are {', '.join(_SETTINGS)}"
            message = f"[tool.lcc] has no setting `{setting}`"
            diagnostics.append(Diagnostic(UNKNOWN_SETTING.code, Severity.ERROR, message, span, help))
            continue
        try:
            values[setting.replace("-", "_")] = check(value)
            if setting == "limits":
                values["limits"], values["tool_limits"] = values["limits"]
        except ValueError as error:
            diagnostics.append(Diagnostic(WRONG_SETTING.code, Severity.ERROR, f"`{setting}` must be {error}", span))
    return Config(path, source=source, diagnostics=tuple(diagnostics), **values)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("a list of texts")
    return tuple(value)


def _tables(value: object) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ValueError("a table of tables, one for each server")
    return value


def _limits(value: object) -> tuple[dict[str, float | str], dict[str, CallLimits]]:
    """Return the limits of a run and those of single tools."""
    if not isinstance(value, dict):
        raise ValueError("a table")
    limits: dict[str, float | str] = {}
    tools: dict[str, CallLimits] = {}
    for name, limit in value.items():
        if name == "tools":
            if not isinstance(limit, dict) or not all(isinstance(table, dict) for table in limit.values()):
                raise ValueError("a table whose `tools` is a table of tables")
            for tool, table in limit.items():
                tools[tool] = CallLimits(**{key: _tool_limit(key, number) for key, number in table.items()})
        elif name == "on_failure":
            if limit not in ("skip", "stop"):
                raise ValueError('a table whose `on_failure` is "skip" or "stop"')
            limits[name] = limit
        else:
            limits[name] = _limit(name, limit, _RUN_LIMITS)
    return limits, tools


def _tool_limit(name: str, value: object) -> Any:
    if name not in LIMITS:
        hint = did_you_mean(name, LIMITS) or f"the limits are {', '.join(LIMITS)}"
        raise ValueError(f"a table of limits, and `{name}` is none; {hint}")
    if wanted := OPTIONS[name](value):
        raise ValueError(f"a table whose `{name}` is {wanted}")
    return value


def _limit(name: str, value: object, known: Mapping[str, float]) -> Any:
    """Return a limit; ValueError says what the table of limits must hold."""
    if name not in known:
        hint = did_you_mean(name, known) or f"the limits are {', '.join(known)}"
        raise ValueError(f"a table of limits, and `{name}` is none; {hint}")
    whole = name not in ("timeout", "deadline", "max_usd")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not value >= known[name]:
        kind = "whole number" if whole else "number"
        raise ValueError(f"a table whose `{name}` is a {kind} of at least {known[name]}")
    if name in ("timeout", "deadline") and value > LONGEST:
        raise ValueError(f"a table whose `{name}` is at most {LONGEST:,} seconds")
    return value


OWN_LIMITS: Final = ("steps", "memory", "turns", "depth", "digits")
"""What a program itself may use."""
_RUN_LIMITS: Final = {
    "concurrency": 1,
    "threads": 1,
    "processes": 1,
    "timeout": 0,
    "deadline": 0,
    "retries": 0,
    "max_calls": 0,
    "max_tokens": 0,
    "max_usd": 0,
    **dict.fromkeys(OWN_LIMITS, 1),
}
"""The limits with their least values."""


def _models(value: object) -> dict[str, Any]:
    from lcc.models.settings import read_models

    return read_models(value)


_SETTINGS: Final[Mapping[str, Callable[[object], object]]] = {
    "tools": _texts,
    "select": _texts,
    "ignore": _texts,
    "limits": _limits,
    "mcp": _tables,
    "models": _models,
    "allow-hosts": _texts,
    "effects": read_overlays,
    "trust-annotations": _flag,
}
"""What each setting becomes; ValueError says what it must be."""

_TABLE: Final = pattern(r"""\btool\b['"\s.\[\]]*\blcc\b""")
_HEADER: Final = pattern(r"""^[ \t]*\[\s*['"]?tool['"]?\s*\.\s*['"]?lcc['"]?\s*\]""", re.MULTILINE)
_NEXT_HEADER: Final = pattern(r"^[ \t]*\[", re.MULTILINE)
_POSITION: Final = pattern(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def _span(text: str, setting: str, item: str | None = None) -> Span | None:
    """Find a key in the table; tomllib doesn't say where things stand."""
    header = _HEADER.search(text)
    if header is None:
        return None
    key = re.compile(rf"""^[ \t]*(['"]?{re.escape(setting)}['"]?)\s*[=.]""", re.MULTILINE).search(text, header.end())
    if key is None:
        return Span(header.start(), header.end())
    if item is not None:
        following = _NEXT_HEADER.search(text, key.end())
        end = following.start() if following else len(text)
        quoted = re.compile(rf"""(['"]){re.escape(item)}\1""").search(text, key.end(), end)
        if quoted:
            return Span(quoted.start(), quoted.end())
    return Span(key.start(1), key.end(1))


def _syntax(source: Source, message: str) -> Diagnostic:
    position = _POSITION.search(message)
    span = Span(0, 0)
    if position:
        message = message[: position.start()]
        start = len(source.text)
        if position[1]:
            start = min(source.line_start(int(position[1])) + int(position[2]) - 1, len(source.text))
        span = Span(start, min(start + 1, len(source.text)))
    return Diagnostic(SYNTAX.code, Severity.ERROR, f"not TOML: {message[:1].lower()}{message[1:]}", span)


def from_here(path: Path) -> str:
    """Return a path as a person would write it from here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
