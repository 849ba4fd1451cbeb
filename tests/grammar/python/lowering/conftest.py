"""Let what programs leave behind end where they ran."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _nothing_left() -> Iterator[None]:
    """Collect the coroutines that programs made and never awaited, so that CPython doesn't tell of them in a later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
