"""Ask on the terminal before something is destroyed. Where there is no terminal to ask on, the answer is no."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TextIO

import anyio.to_thread

from lcc.cli.console import Console
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.values import Json, read_json
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.options import LATER, Answerer, ApprovalRequest, Approver, Later, Question

_LIMIT: Final = 2_000
"""Characters of one call's arguments that are shown, about."""
_LEAST: Final = 40
"""Characters of each value that are shown however many there are."""
_MANY: Final = 10
"""Calls after which their number is told again."""


def approver(console: Console, *, always: bool, secrets: Secrets, later: bool = False) -> Approver | None:
    """Return who decides about destructive calls: `--yes`, the person at the terminal, or nobody. Secrets aren't shown.

    `later`: where nobody can answer, the run ends until somebody has; a person may say so too.
    """
    if always:
        return _yes
    if not may_ask(console):
        return _later if later else None

    async def ask(request: ApprovalRequest) -> bool | Later:
        with console.aside():
            for line in _question(request, secrets):
                console.say(line)
            answer = await typed("allow? [y/N/later] " if later else "allow? [y/N] ", console)
        if later and answer.strip().lower() in ("l", "later"):
            return LATER
        return answer.endswith("\n") and answer.strip().lower() in ("y", "yes")

    return ask


async def _later(request: ApprovalRequest) -> Later:
    return LATER


def may_ask(console: Console) -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and console.stderr.isatty()


def answerer(console: Console) -> Answerer | None:
    """Return who answers what tools ask in the middle of a call: the person at the terminal, or nobody."""
    if not may_ask(console):
        return None

    async def ask(question: Question) -> dict[str, Json] | None:
        with console.aside():
            console.say(
                f"task {question.id}, a call of {escape(question.tool)}: {_cut(escape(question.message), _LIMIT)}"
            )
            return await _form(question.schema, console)

    return ask


async def _form(schema: Mapping[str, Json], console: Console) -> dict[str, Json] | None:
    """Ask for each field; an empty line leaves a field out, or gives no answer where it is needed."""
    properties, required = schema.get("properties"), schema.get("required")
    given: dict[str, Json] = {}
    for name, field in properties.items() if isinstance(properties, dict) else ():
        line = await typed(f"{escape(name)}{_hint(field)}: ", console)
        if line.strip():
            given[name] = _read(line.strip(), field)
        elif not line or (isinstance(required, list) and name in required):
            return None
    return given


def _hint(field: Json) -> str:
    """Return what a field takes, in a few words."""
    if not isinstance(field, dict):
        return ""
    words = field.get("enum") or field.get("description") or field.get("type") or ""
    return f" ({_cut(escape(dump_json(words, indent=None) if not isinstance(words, str) else words), 200)})"


def _read(typed: str, field: Json) -> Json:
    """Return what was typed as a field takes it; text where it doesn't take anything else."""
    if isinstance(field, dict) and field.get("type", "string") != "string":
        with contextlib.suppress(ValueError, RecursionError):
            value: Json = read_json(typed)
            return value
    return typed


async def typed(prompt: str, console: Console) -> str:
    """Return a line that is typed after the prompt was there, with its end; without one where the input has ended."""
    _forget_typed(sys.stdin)
    console.stderr.write(prompt)
    console.stderr.flush()
    return await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)


def _forget_typed(stdin: TextIO) -> None:
    """Throw away what was typed before there was a question: it can't be an answer to it."""
    try:
        import termios
    except ImportError:  # Windows
        return
    with contextlib.suppress(termios.error, OSError, ValueError):  # it is no terminal of the system's
        termios.tcflush(stdin.fileno(), termios.TCIFLUSH)


async def _yes(request: ApprovalRequest) -> bool:
    return True


def _question(request: ApprovalRequest, secrets: Secrets) -> Iterator[str]:
    """Tell of every call, each on a line of its own, and at the end once more how many they are: a long list scrolls away."""
    if request.message:
        yield f"task {request.id}, a call of {escape(request.tool)}: {_cut(escape(request.message), _LIMIT)}"
        return
    tool, count = escape(request.tool), plural(len(request.calls), "destructive call")
    yield f"task {request.id} wants {count} of {tool}:"
    for id_, arguments in request.calls:
        told = {name: secrets.hide_value(value) for name, value in arguments.items()}
        yield f"  {id_}. {tool}({_members(told, '=', _LIMIT)})"
        if id_ in request.repeats:
            yield f"     {escape(request.repeats[id_])}"
    if len(request.calls) > _MANY:
        yield f"these are {count} of {tool}"


def _members(pairs: Mapping[str, Json], sign: str, limit: int) -> str:
    """Return names and values, the short ones first and whole, in about `limit` characters: no text pushes another one out."""
    known = {name: dump_json(value, indent=None) for name, value in pairs.items()}
    names = sorted(known, key=lambda name: len(known[name]))
    shares = _shares([len(known[name]) for name in names], limit)
    shown = [
        f"{escape(name) if sign == '=' else _cut(dump_json(name), _LEAST)}{sign}{_brief(pairs[name], share)}"
        for name, share in zip(names, shares, strict=False)
    ]
    return ", ".join([*shown, *_more(len(names) - len(shares))])


def _brief(value: Json, limit: int) -> str:
    """Return a value as JSON in about `limit` characters; where something is left out, it says how much."""
    text = dump_json(value, indent=None)
    if len(text) <= limit:
        return text
    if isinstance(value, dict):
        return f"{{{_members(value, ': ', limit)}}}"
    if isinstance(value, list):
        shares = _shares([len(dump_json(item, indent=None)) for item in value], limit)
        shown = [_brief(item, share) for item, share in zip(value, shares, strict=False)]
        return f"[{', '.join([*shown, *_more(len(value) - len(shares))])}]"
    return _cut(text, limit)


def _shares(lengths: Sequence[int], limit: int) -> list[int]:
    """Share `limit` out among texts of these lengths, of which short ones leave what they don't need to the others.

    None gets less than `_LEAST`, so there may be fewer shares than texts.
    """
    lengths = lengths[: max(1, limit // _LEAST)]
    shares = [0] * len(lengths)
    for done, index in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        shares[index] = min(lengths[index], max(_LEAST, limit // (len(lengths) - done)))
        limit -= shares[index]
    return shares


def _more(count: int) -> list[str]:
    return [f"… and {count:,} more"] if count else []


def _cut(text: str, limit: int) -> str:
    """Cut the middle out of a text: how a path ends may matter as much as how it begins."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters … {text[-half:]}"
