"""Name a model by its GGUF file, `local:PATH.gguf`, and read what the file's head says about it, without loading it.

Before anything runs it is checked that there is such a file, and an engine for it.

Layout (version 2 and 3, little-endian): "GGUF", version, number of tensors, number of entries; an entry is a key, a type and a value.
Source: the format's specification in ggml's documentation. A file may be hostile: every length is checked before it is used.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.models.faults import NoModel

MAGIC: Final = b"GGUF"
_STRING: Final = 8
_ARRAY: Final = 9
_FORMATS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Of the types that are numbers."""
_MOST_ENTRIES: Final = 65_536
_MOST_ITEMS: Final = 8_000_000
"""Of an array of strings, which is walked through; the largest vocabularies have some 300,000."""


class NotGguf(ValueError):
    """The file is no GGUF file, or a broken one. The message says why, in a clause."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What a file says of its model. `context`: tokens that it was trained for. `chat`: it has a template for conversations."""

    architecture: str
    context: int | None
    chat: bool


def is_gguf(path: Path) -> bool:
    """Whether a file begins as GGUF files do. Raises OSError if it can't be read."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_head(path: Path) -> GgufHead:
    """Read the head of a file; raise NotGguf, and OSError if it can't be read."""
    if not is_gguf(path):
        raise NotGguf("it doesn't begin as GGUF files do")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            found = dict(_Reader(data).entries())
        except struct.error:
            raise NotGguf("it ends in the middle of its head") from None
    architecture = found.get("general.architecture")
    if not isinstance(architecture, str):
        raise NotGguf("it doesn't say which architecture its model has")
    context = found.get(f"{architecture}.context_length")
    template = found.get("tokenizer.chat_template")
    return GgufHead(
        architecture,
        context if isinstance(context, int) and context > 0 else None,
        isinstance(template, str) and bool(template.strip()),
    )


class _Reader:
    """A place in the file's bytes."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = len(MAGIC)

    def entries(self) -> Iterator[tuple[str, str | int | float | None]]:
        """Yield keys and values; arrays are passed over, as None."""
        version = self._number("<I")
        if version not in (2, 3):
            raise NotGguf(f"it is of version {version}, and versions 2 and 3 in little-endian order can be read")
        self._number("<Q")
        count = self._number("<Q")
        if count > _MOST_ENTRIES:
            raise NotGguf(f"it claims to have {count} entries")
        for _ in range(int(count)):
            key = self._string()
            yield key, self._value(int(self._number("<I")))

    def _number(self, layout: str) -> int | float:
        (value,) = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return value if isinstance(value, float) else int(value)

    def _string(self) -> str:
        length = self._length()
        start = self._at
        self._skip(length)
        return self._data[start : self._at].decode("utf-8", "replace")

    def _value(self, kind: int) -> str | int | float | None:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            self._pass_array()
            return None
        return self._number(self._layout(kind))

    def _pass_array(self) -> None:
        kind = int(self._number("<I"))
        count = self._length()
        if kind != _STRING:
            self._skip(count * struct.calcsize(self._layout(kind)))
            return
        if count > _MOST_ITEMS:
            raise NotGguf(f"it claims to have an array of {count} texts")
        for _ in range(count):
            self._skip(self._length())

    def _layout(self, kind: int) -> str:
        if kind not in _FORMATS:
            raise NotGguf(f"it has a value of the unknown type {kind}")
        return _FORMATS[kind]

    def _length(self) -> int:
        return int(self._number("<Q"))

    def _skip(self, length: int) -> None:
        if length > len(self._data) - self._at:
            raise NotGguf("it ends in the middle of its head")
        self._at += length


PREFIX: Final = "local:"
ENGINE: Final = "xllamacpp"
HOW_TO_INSTALL: Final = "pip install 'lcc-toolchain[local]'"


def is_local(model: str) -> bool:
    """Whether a model is named by its file."""
    return model.startswith(PREFIX)


def local_path(model: str) -> Path:
    """Return the file of a local model; `~` is the home folder."""
    return Path(model.removeprefix(PREFIX)).expanduser()


def check_local(model: str) -> None:
    """Raise NoModel, with what to do, if a local model can't be served here."""
    path = local_path(model)
    try:
        known = is_gguf(path)
    except FileNotFoundError:
        raise NoModel(f"there is no model file {path}") from None
    except IsADirectoryError:
        raise NoModel(f"{path} is a folder; name the GGUF file in it") from None
    except OSError as error:
        raise NoModel(f"can't read the model file {path}: {error.strerror or error}") from None
    if not known:
        raise NoModel(f"{path} is not a GGUF file, the format of llama.cpp; models are published in it under `GGUF`")
    if find_spec(ENGINE) is None:
        raise NoModel(f"local models need an engine that is not installed: {HOW_TO_INSTALL}")
