"""Try a property on a few examples in each run, and on all of them in the slow one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def sampled(few: int, *drawn: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Make a test of a property that takes long: `few` examples by default, the profile's number where slow tests run."""

    def decorate(check: Callable[..., None]) -> Callable[[int], None]:
        def test(examples: int) -> None:
            settings(max_examples=examples)(given(*drawn)(check))()

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        all_of_them = pytest.param(settings().max_examples, marks=pytest.mark.slow)
        return pytest.mark.parametrize("examples", [few, all_of_them])(test)

    return decorate
