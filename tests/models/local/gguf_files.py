"""Write small GGUF files: a head as the format has it, and what the fake engine in tests/data/engine shall do."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHAT = {"tokenizer.chat_template": "{{ messages }}"}
HEAD: Mapping[str, Any] = {
    "general.architecture": "llama",
    "llama.context_length": 2048,
    "tokenizer.ggml.tokens": ["<s>", "a", "é"],
    "tokenizer.ggml.scores": [0.5, 1.5, -1.0],
    "general.quantized": True,
    "llama.rope.freq_base": 10000.0,
}


def gguf(entries: Mapping[str, Any] = HEAD, *, version: int = 3) -> bytes:
    """Return a file of a head with these entries and no tensors."""
    body = b"".join(_text(key) + _value(value) for key, value in entries.items())
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + body


def write_model(path: Path, *replies: Mapping[str, Any], chat: bool = True, **script: Any) -> Path:
    """Write a model that gives these replies in turn."""
    head = gguf({**HEAD, **(CHAT if chat else {})})
    path.write_bytes(head + b"\0" + json.dumps({"replies": replies, **script}).encode())
    return path


def requests(path: Path) -> list[dict[str, Any]]:
    """Return how the engine was started, each time, and what it was asked."""
    log = path.with_name(path.name + ".requests")
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    kind, data = _typed(value)
    return struct.pack("<I", kind) + data


def _typed(value: Any) -> tuple[int, bytes]:
    match value:
        case bool():
            return 7, struct.pack("<?", value)
        case int():
            return 4, struct.pack("<I", value)
        case float():
            return 6, struct.pack("<f", value)
        case str():
            return 8, _text(value)
        case list():
            kinds, items = zip(*(_typed(item) for item in value), strict=True)
            return 9, struct.pack("<IQ", kinds[0], len(value)) + b"".join(items)
    raise TypeError(value)
