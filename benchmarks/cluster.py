"""Measure calls that are spread over a Ray cluster of two nodes on this machine, of which one is killed in the middle.

    python -m benchmarks.cluster [--calls 10000] [--at-once 64] [--keep]

Needs the extra `ray`. One call in ten is a write. When half of the calls have ended, the raylet of the second node is killed by its
process number, and its workers with it, as where a machine goes down, in the middle of a call: the first call that the node is given then waits for its end. `--keep` kills nothing. What is counted afterwards are the lines that the calls themselves left.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lcc
from benchmarks.cluster_tools import look, note
from lcc.runtime.events import Event, TaskEnded
from lcc.runtime.result import FailureKind

_STORE_BYTES = 80 * 1024 * 1024
WRITE_EVERY = 10
_WARMING = 200


@dataclass(frozen=True)
class Outcome:
    """What became of the calls. `nodes`: ended calls by node. `reads`, `writes`: how often each was made, as it says itself."""

    asked_reads: frozenset[int]
    asked_writes: frozenset[int]
    reads: Counter[int]
    writes: Counter[int]
    nodes: Counter[int]
    failed: dict[int, FailureKind]
    seconds: float

    @property
    def lost_reads(self) -> int:
        """Reads without a result."""
        return len(self.asked_reads & self.failed.keys())

    @property
    def in_doubt(self) -> set[int]:
        """Writes whose worker died, and which were therefore reported and not repeated."""
        return {key for key in self.asked_writes if self.failed.get(key) is FailureKind.LOST}

    @property
    def silent(self) -> set[int]:
        """Writes that weren't made although nothing was said of them."""
        return set(self.asked_writes) - self.writes.keys() - self.failed.keys()

    @property
    def twice(self) -> set[int]:
        """Writes that were made more than once."""
        return {key for key, times in self.writes.items() if times > 1}


@contextmanager
def two_nodes() -> Iterator[list[int]]:
    """Run a cluster of two nodes with a processor each, joined by this program; give the process numbers of their raylets."""
    from lcc.runtime.backends.ray_cluster import stay_local

    stay_local()
    import ray
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {
        "num_cpus": 1, "object_store_memory": _STORE_BYTES, "include_dashboard": False, "node_ip_address": "127.0.0.1",
    }  # fmt: skip
    cluster = Cluster(initialize_head=True, head_node_args=node)
    try:
        cluster.add_node(**{name: value for name, value in node.items() if name != "include_dashboard"})
        ray.init(address=cluster.address, configure_logging=False, log_to_driver=False)
        cluster.wait_for_nodes(60)
        yield [one.all_processes["raylet"][0].process.pid for one in cluster.list_all_nodes()]
    finally:
        ray.shutdown()
        cluster.shutdown()


def spread(calls: int, at_once: int, folder: str, kill: int | None) -> Outcome:
    """Make calls on the cluster; when half of them have ended, a process is killed."""
    writes = frozenset(range(WRITE_EVERY, calls + 1, WRITE_EVERY))
    lines = [f'{key}. {"note" if key in writes else "look"}("{folder}", {key})\n' for key in range(1, calls + 1)]
    plan = lcc.compile("".join(lines) + "join()\n", tools=[look, note])
    doomed, met = Path(folder, "doomed"), Path(folder, "met")
    ended, killed = 0, kill is None

    def watch(event: Event) -> None:
        nonlocal ended, killed
        ended += type(event) is TaskEnded
        if killed or kill is None or ended < calls // 2:
            return
        if met.exists():  # one of its calls is being made now, and waits
            killed = True
            for process in (kill, *_children(kill)):
                os.kill(process, signal.SIGKILL)
        elif not doomed.exists():
            doomed.with_name("doomed.new").write_text(str(kill))
            doomed.with_name("doomed.new").rename(doomed)

    start = time.perf_counter()
    result = plan.run(options=lcc.Options(concurrency=at_once, on_event=watch))
    seconds = time.perf_counter() - start
    reads, wrote = (Counter(map(int, _lines(Path(folder, kind)))) for kind in ("reads", "writes"))
    return Outcome(
        frozenset(range(1, calls + 1)) - writes,
        writes,
        reads,
        wrote,
        Counter(int(str(one.value)) for one in result.tasks.values() if one.status == "ok"),
        {int(str(key)): one.error.kind for key, one in result.tasks.items() if one.error is not None},
        seconds,
    )


def _warm(folder: str, at_once: int) -> None:
    """Make calls until both nodes have workers, which take seconds to start."""
    for _ in range(_WARMING):
        seen = spread(2 * at_once, at_once, folder, None).nodes
        for path in Path(folder).iterdir():
            path.unlink()
        if len(seen) > 1:
            return


def _children(process: int) -> list[int]:
    """Return the process numbers of what a process started, where there is /proc: else a node's workers end by themselves, later."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == str(process):
                found.append(int(stat.parent.name))
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def measure(calls: int, at_once: int, *, keep: bool = False) -> tuple[Outcome, list[int]]:
    """Make calls on two nodes, of which the second is killed in the middle; return what became of them, and the raylets."""
    with TemporaryDirectory() as folder, two_nodes() as raylets:
        _warm(folder, at_once)
        return spread(calls, at_once, folder, None if keep else raylets[1]), raylets


def main() -> None:
    """Print what was made where, how long it took, and what was lost or made twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    found, raylets = measure(given.calls, given.at_once, keep=given.keep)
    print(f"{given.calls:,} calls in {found.seconds:.1f} s, {found.seconds / given.calls * 1e3:.2f} ms a call")
    print(f"calls of the nodes: {', '.join(f'{found.nodes[one]:,}' for one in raylets)}")
    print(f"reads lost: {found.lost_reads}; repeated: {sum(found.reads.values()) - len(found.reads)}")
    print(f"failed: {dict(Counter(kind.value for kind in found.failed.values()))}")
    print(f"writes in doubt: {len(found.in_doubt)}; made twice: {len(found.twice)}; silently lost: {len(found.silent)}")


if __name__ == "__main__":
    main()
