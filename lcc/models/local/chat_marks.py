"""Keep texts from speaking for somebody else: an engine reads `<|im_end|>` as the end of a message wherever it stands.

Endpoints of others see to that themselves; the engine that lcc starts turns a whole conversation into tokens, marks included. So
a character without width goes into what could be a mark of any model's template. Texts stay readable for people and models.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from lcc.models.request import Called, Entry, Message, Request, Returned

_MARK: Final = re.compile(
    r"<(?=[|｜]|/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|start_of_image|start_header_id|end_of_text)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])|<(?=</?SYS>>)"
)
_BREAK: Final = "\u200b"


def without_marks(request: Request) -> Request:
    """Return a request whose texts hold no marks of chat templates."""
    return replace(
        request,
        messages=tuple(map(_entry, request.messages)),
        plain=tuple(map(_entry, request.plain)),
    )


def broken(text: str) -> str:
    """Return a text in which nothing is a mark of a chat template."""
    return _MARK.sub(lambda found: found.group() + _BREAK, text)


def _entry(entry: Entry) -> Entry:
    match entry:
        case Message(_, text) | Returned(_, text):
            return replace(entry, text=broken(text))
        case Called():
            return replace(entry, text=broken(entry.text))
