"""Name the type of the `write` fixture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Write: TypeAlias = Callable[..., Path]
