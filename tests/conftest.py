"""Share what all tests use."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--bless`, which rewrites golden files: read their diff before committing it."""
    parser.addoption("--bless", action="store_true", help="rewrite golden files with what the code prints now")
