"""Meet Ray where it isn't installed, doesn't start or can't be reached: no call is made, and the error says what to do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType, SimpleNamespace

import pytest
import watched
from running_plans import on_both, plan_of, run_main, run_plan, tool, tools

from lcc.runtime.backends import ray_cluster
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind as Kind
from lcc.runtime.run import Run

DOUBLE = tool(watched.double, "value", isolation="ray", timeout=100.0)


class FakeRay(ModuleType):
    """A Ray that can't be started the first `failing` times. `started` holds what each start was asked for."""

    def __init__(self, failing: int) -> None:
        super().__init__("ray")
        self.started: list[dict[str, object]] = []
        self.failing = failing
        self.connected = False
        self.exceptions = SimpleNamespace(RayTaskError=(), RuntimeEnvSetupError=(), TaskCancelledError=())

    def is_initialized(self) -> bool:
        return self.connected

    def init(self, **asked: object) -> None:
        self.started.append(asked)
        if len(self.started) <= self.failing:
            raise ConnectionError("nobody answers\nand much more")
        self.connected = True

    def shutdown(self) -> None:
        self.connected = False


class SlowRay(FakeRay):
    """A Ray that takes a while to start, and makes calls in this process."""

    def init(self, **asked: object) -> None:
        threading.Event().wait(0.2)
        super().init(**asked)

    def remote(self, **options: object) -> Callable[[Callable[..., str]], SimpleNamespace]:
        assert options == {"max_retries": 0, "retry_exceptions": False, "scheduling_strategy": "SPREAD"}
        return lambda function: SimpleNamespace(remote=lambda *given: Reference(function, given))


class Reference:
    """A call that is made when its future is asked for."""

    def __init__(self, function: Callable[..., str], given: tuple[object, ...]) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._call = (function, *given)

    def future(self) -> Future[str]:
        future = self._pool.submit(*self._call)
        self._pool.shutdown(wait=False)
        return future


@pytest.fixture
def environment(monkeypatch):
    """Keep what a start sets in the environment from other tests."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for name in ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):
        monkeypatch.setenv(name, "0")
    return monkeypatch


@on_both
def test_without_ray_the_failure_names_the_extra(backend, environment):
    environment.setitem(sys.modules, "ray", None)
    error = run_plan("1. double(1)\njoin()\n", tools(DOUBLE), backend=backend).tasks[1].error
    assert (error.kind, error.attempts) == (Kind.TOOL, 1)
    assert error.message == "Ray is not installed; run `pip install 'lcc-toolchain[ray]'`"


@on_both
def test_a_cluster_that_cannot_be_reached_is_a_structured_error(backend, environment):
    ray = FakeRay(failing=99)
    environment.setitem(sys.modules, "ray", ray)
    result = run_plan("1. double(1)\njoin()\n", tools(DOUBLE), backend=backend, ray_address="10.0.0.1:6379")
    assert result.tasks[1].error.kind is Kind.LOST
    assert result.tasks[1].error.message == "no Ray cluster: ConnectionError: nobody answers"
    assert {asked["address"] for asked in ray.started} == {"10.0.0.1:6379"}


def test_a_start_that_fails_is_tried_again_and_stays_on_this_machine(environment):
    ray = FakeRay(failing=2)
    environment.setitem(sys.modules, "ray", ray)
    assert ray_cluster.connect(None, 3) is ray
    assert len(ray.started) == 3
    assert ray.started[-1] == {
        "address": "local", "num_cpus": 3, "object_store_memory": 256 * 1024 * 1024, "include_dashboard": False,
        "_node_ip_address": "127.0.0.1", "configure_logging": False, "log_to_driver": False,
    }  # fmt: skip


def test_what_the_program_has_joined_is_used(environment):
    ray = FakeRay(failing=0)
    ray.connected = True
    environment.setitem(sys.modules, "ray", ray)
    assert ray_cluster.connect("elsewhere:6379", 3) is ray
    assert ray.started == []


def test_a_start_that_takes_too_long_is_given_up(environment):
    environment.setitem(sys.modules, "ray", SlowRay(failing=0))
    environment.setattr(ray_cluster, "START_SECONDS", 0.01)
    with pytest.raises(ray_cluster.WorkerLost, match=r"didn't start within 0\.01 s"):
        ray_cluster.connect(None, 1)


@on_both
def test_calls_go_on_when_the_connection_comes(backend, environment):
    ray = SlowRay(failing=0)
    environment.setitem(sys.modules, "ray", ray)
    result = run_plan("1. double(each [1, 2, 3])\n2. double(4)\njoin()\n", tools(DOUBLE), backend=backend)
    assert result.join == {1: [2, 4, 6], 2: 8}


@on_both
def test_calls_wait_for_the_connection_and_their_timeouts_do_not_count_it(backend, environment):
    waited = []

    async def main():
        environment.setattr("lcc.runtime.backends.ray.connect", lambda address, cpus: released.wait(100))
        async with Run(plan_of("1. double(1)\njoin()\n"), tools(DOUBLE), options=Options()) as run:
            async for event in run:
                waited.append((type(event).__name__, getattr(event, "on", "")))
                if waited[-1] == ("TaskWaiting", "Ray"):
                    run.cancel()
        return run.result

    released = threading.Event()
    result = run_main(main, backend)
    released.set()
    assert result.tasks[1].status == "cancelled"
    assert result.tasks[1].start is None
    assert ("TaskWaiting", "Ray") in waited
