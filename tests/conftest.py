"""Share what all tests use."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says nothing on a machine that does something else at the same time.
settings.register_profile("lcc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lcc")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--bless`, which rewrites golden files: read their diff before committing it."""
    parser.addoption("--bless", action="store_true", help="rewrite golden files with what the code prints now")
