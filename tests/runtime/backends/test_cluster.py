"""Spread ten thousand calls over a Ray cluster of two nodes, and kill one of them in the middle."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from benchmarks.cluster import measure
from lcc.runtime.result import FailureKind


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")  # importing it here fixes its addresses
@pytest.mark.xdist_group("ray")
def test_a_node_that_is_killed_in_the_middle_takes_no_result_with_it_and_no_write_is_made_twice():
    calls = 10_000
    found, raylets = measure(calls, 64)
    assert len(raylets) == 2
    assert all(found.nodes[raylet] >= calls // 10 for raylet in raylets), found.nodes
    assert sum(found.reads.values()) > len(found.reads) or found.in_doubt, "no call was being made on the node"
    assert found.lost_reads == 0
    assert found.reads.keys() == found.asked_reads
    assert not found.twice
    assert not found.silent
    # A write whose worker died is told, whether it was made or not; there are no more of them than calls of one node.
    assert set(found.failed.values()) <= {FailureKind.LOST}
    assert len(found.in_doubt) <= 64
    assert sum(found.nodes.values()) == calls - len(found.in_doubt)
