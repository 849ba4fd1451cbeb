"""Make the virtual environments that the peers run in, each its own, from PyPI."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A package from PyPI. `executor`, `agent`: scripts in this folder that run graphs and answer questions through it."""

    name: str
    package: str
    executor: str
    agent: str


PEERS = (
    Peer(
        "llama-index-pack",
        "llama-index-packs-agents-llm-compiler==0.3.1",
        "llama_index_pack.py",
        "llama_index_agent.py",
    ),
    Peer("llmcompiler", "llmcompiler==2.0.1", "llmcompiler_pypi.py", "llmcompiler_agent.py"),
)
FOLDER = Path(__file__).parent


def default_cache() -> Path:
    """Return where environments are kept unless a folder is given."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lcc-benchmarks"


def environment(cache: Path, package: str) -> Path:
    """Return the Python of an environment that holds a package; make it if it is missing."""
    folder = cache.absolute() / package.replace("==", "-")
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    print(f"installing {package} in {folder} ...", file=sys.stderr)
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, package], check=True)
    else:
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)
    (folder / "ready").touch()
    return python


def locked_environment(cache: Path, lock: Path) -> Path:
    """Return the Python of an environment that holds what a lock names, by its hashes; make it if it is missing."""
    folder = cache.absolute() / f"{lock.stem}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    print(f"installing {lock.name} in {folder} ...", file=sys.stderr)
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        venv.create(folder, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--require-hashes", "--requirement", lock], check=True)
    (folder / "ready").touch()
    return python
