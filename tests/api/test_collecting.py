"""Check that compiling leaves the collector of cycles as it was."""

from __future__ import annotations

import gc

import pytest

import lcc


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_of_cycles_is_afterwards_what_it_was(on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        lcc.compile("1. search()\n2. join()")
        assert gc.isenabled() is on
        with pytest.raises(lcc.CompileError):
            lcc.compile("1. search(")
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()
