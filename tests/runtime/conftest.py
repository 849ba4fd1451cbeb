"""Share a Ray cluster between the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """Start Ray on this machine once; it listens on 127.0.0.1 only and ends with the tests."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed (the extra `ray`)")
    from lcc.runtime.backends.ray_cluster import connect

    ray = connect(None, 4)
    yield
    ray.shutdown()
