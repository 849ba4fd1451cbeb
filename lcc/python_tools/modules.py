"""Import modules of tools: files as Python would run them, modules by name. Whatever they do, an exception says it.

What a module prints while it is imported goes to standard error, so that it can't spoil a command's output.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from lcc.grammar.dataclass import dataclass

PRIVATE: Final = "lcc_tools_"
"""How the names of modules begin whose own name means another module already."""


class ImportFailure(Exception):
    """A module ended its import by an exception: its `cause`."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


def import_file(path: Path) -> ModuleType:
    """Import a file; raise ImportFailure.

    As when Python runs a script, its folder comes first on `sys.path`, so that it finds its neighbours. A file in a package
    is imported as the package's module.
    """
    path = path.resolve()
    root, name = _module_name(path)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    _look_anew()
    with _import():
        if _is_module(name, path, root):
            return importlib.import_module(name)
        return _load_privately(path)


def import_module(name: str, base: Path) -> ModuleType:
    """Import a module by name; `base` is looked in after all installed packages. Raise ImportFailure."""
    if str(base) not in sys.path:
        sys.path.append(str(base))
    _look_anew()
    with _import():
        return importlib.import_module(name)


def _look_anew() -> None:
    """Find files that came since a folder was last looked at. As `importlib.invalidate_caches`, which loads `importlib.metadata` in newer Pythons."""
    for finder in sys.path_importer_cache.values():
        forget = getattr(finder, "invalidate_caches", None)
        if forget is not None:
            forget()


def find_module(name: str, base: Path) -> Path | None:
    """Return the file of a module without importing anything, its packages included; None if there is no Python file."""
    first, *rest = name.split(".")
    folders: list[str] | None = [*sys.path, str(base), str(base / "src")]
    loaded = sys.modules.get(first)
    spec: ModuleSpec | None = getattr(loaded, "__spec__", None) if loaded is not None else None
    if spec is None:
        spec = PathFinder.find_spec(first, folders)
    qualified = first
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        qualified = f"{qualified}.{part}"
        spec = PathFinder.find_spec(qualified, list(spec.submodule_search_locations))
    origin = None if spec is None else spec.origin
    return Path(origin) if origin is not None and origin.endswith(".py") else None


def _module_name(path: Path) -> tuple[Path, str]:
    """Return the folder that `sys.path` must hold, and the name of the module that the file is in it."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _is_module(name: str, path: Path, root: Path) -> bool:
    """Whether importing `name` would give this very file."""
    first = name.partition(".")[0]
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    loaded = sys.modules.get(name) or sys.modules.get(first)
    if loaded is not None:
        expected = path if name in sys.modules or name == first else root / first / "__init__.py"
        return same_file(getattr(loaded, "__file__", None), expected)
    spec = PathFinder.find_spec(first)
    return spec is not None and same_file(spec.origin, path if name == first else root / first / "__init__.py")


def _load_privately(path: Path) -> ModuleType:
    import hashlib

    name = PRIVATE + hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


@contextlib.contextmanager
def _import() -> Iterator[None]:
    """Turn whatever an import raises into ImportFailure, except the user's interrupt."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ImportFailure(error) from error


def same_file(one: str | None, other: Path) -> bool:
    """Whether a path names a file, also through links."""
    if one is None:
        return False
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class FromFile:
    """A function of a module that only its file leads to."""

    path: str
    qualname: str


def portable(function: Callable[..., Any]) -> object:
    """Return what pickle can carry to a process that hasn't imported the function's file."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    if inspect.isfunction(function) and module is not None and module.__name__.startswith(PRIVATE):
        return FromFile(str(module.__file__), function.__qualname__)
    return function


def revive(carried: Any) -> Callable[..., Any]:
    """Return the function that `portable` described, in whichever process."""
    if not isinstance(carried, FromFile):
        return carried  # type: ignore[no-any-return]
    found: Any = import_file(Path(carried.path))
    for name in carried.qualname.split("."):
        found = getattr(found, name)
    return found  # type: ignore[no-any-return]
