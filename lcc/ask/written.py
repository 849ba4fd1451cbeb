"""Tell a model what was written for its question: with every message, so that no further plan does it again.

What tools and plans say is data: each write stands on one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from lcc.ask.joining.observations import CALL_TOKENS, ERROR_TOKENS, show_failure, show_value
from lcc.models.tokens import cut_tokens
from lcc.runtime.consent.write_log import Outcome, Write, WriteLog

MOST: Final = 100
"""Writes that are told of; of more, the last ones."""

_HEAD: Final = "Calls that have changed something, or may have. Those that are done are not to be made again:"


def show_writes(log: WriteLog) -> str:
    """Return what was written and what of it failed, one call a line; nothing if nothing was."""
    if not log.writes:
        return ""
    left = len(log.writes) - MOST
    return "\n".join([_HEAD, *([f"({left} earlier ones are left out)"] if left > 0 else []), *_lines(log)])


def with_writes(text: str, log: WriteLog) -> str:
    """Return a message with what was written at its end."""
    return "\n\n".join(filter(None, (text, show_writes(log))))


def _lines(log: WriteLog) -> Iterator[str]:
    for write in sorted(log.writes, key=_place)[-MOST:]:
        given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in write.arguments.items())
        yield f"- {write.id}. {cut_tokens(f'{write.signature.name}({given})', CALL_TOKENS)} {_end(write)}"


def _place(write: Write) -> list[int]:
    """Return where a write stands among others, whichever began first: what is said must be the same when a question goes on."""
    return [int(part) for part in re.findall(r"\d+", str(write.id))]


def _end(write: Write) -> str:
    record = write.record
    if write.outcome is Outcome.DONE:
        value = "" if record is None or record.error is not None else f" = {show_value(record.value, ERROR_TOKENS)}"
        return f"is done{value}"
    why = "it was not seen to end" if record is None else show_failure(record)
    return why if write.outcome is Outcome.FAILED else f"may be done or not: {why}"
