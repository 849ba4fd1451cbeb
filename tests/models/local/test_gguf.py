"""Read the heads of GGUF files, whole and broken ones."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from gguf_files import CHAT, HEAD, gguf
from hypothesis import given, strategies as st

from lcc.models.local.gguf import GgufHead, NotGguf, read_head

LONG = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"k"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gguf") / "model.gguf"


def test_the_head_says_architecture_context_and_template(file: Path) -> None:
    file.write_bytes(gguf() + b"tensors")
    assert read_head(file) == GgufHead("llama", 2048, False)
    file.write_bytes(gguf({**HEAD, **CHAT}, version=2))
    assert read_head(file) == GgufHead("llama", 2048, True)
    file.write_bytes(gguf({"general.architecture": "x", "tokenizer.chat_template": " "}))
    assert read_head(file) == GgufHead("x", None, False)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 no model", "doesn't begin"),
        (b"", "doesn't begin"),
        (b"GGUF", "in the middle"),
        (gguf()[:-3], "in the middle"),
        (gguf(version=1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "little-endian"),
        (gguf({"general.name": "x"}), "architecture"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "entries"),
        (LONG + struct.pack("<IQ", 8, 1 << 62), "in the middle"),
        (LONG + struct.pack("<IIQ", 9, 0, 1 << 62), "in the middle"),
        (LONG + struct.pack("<IIQ", 9, 8, 1 << 62), "array of"),
        (LONG + struct.pack("<IIQ", 9, 9, 1), "unknown type 9"),
        (LONG + struct.pack("<I", 77), "unknown type 77"),
    ],
)
def test_a_broken_head_is_refused_with_the_reason(file: Path, data: bytes, why: str) -> None:
    file.write_bytes(data)
    with pytest.raises(NotGguf, match=why):
        read_head(file)


@given(st.integers(4, len(gguf()) - 1), st.binary(min_size=1, max_size=9))
def test_no_damage_makes_reading_fail_otherwise(file: Path, at: int, damage: bytes) -> None:
    data = gguf()
    file.write_bytes(data[:at] + damage + data[at + len(damage) :])
    with suppress(NotGguf):
        assert read_head(file).architecture
