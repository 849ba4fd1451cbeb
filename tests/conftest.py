"""Share what all tests use."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["shape_counts"]

# How long an example takes says nothing on a machine that does something else at the same time. Few examples keep the
# suite short, and the same ones each time; `pytest --hypothesis-profile=thorough` tries many, others each time.
checks = [HealthCheck.too_slow]
settings.register_profile("lcc", deadline=None, max_examples=30, derandomize=True, suppress_health_check=checks)
settings.register_profile("thorough", deadline=None, max_examples=500, suppress_health_check=checks)
settings.load_profile("lcc")


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what questions leave behind out of the user's folders."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--bless`, which rewrites golden files: read their diff before committing it."""
    parser.addoption("--bless", action="store_true", help="rewrite golden files with what the code prints now")
