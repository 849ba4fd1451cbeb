"""Name models by their files: `local:PATH.gguf`, and check before anything runs that there is such a file and an engine for it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lcc.models.faults import NoModel
from lcc.models.local.gguf import is_gguf

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
