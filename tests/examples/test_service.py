"""Check the service of the examples as its clients see it: a real server on loopback, many requests at once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

import lcc

uvicorn = pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")

FOLDER = Path(__file__).parents[2] / "examples" / "service"
BASKET = 'input fruits: list[str] = ["apple", "pear"]\n1. price(each $fruits)\n2. total($1)\n3. answer($2)'
CLEAR = '1. order("plum", 3)\n2. clear("plum")\n3. answer($2)'


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.setenv("SERVICE_JOURNAL", str(tmp_path / "service.db"))
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in ("app", "shop"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return import_module("app")


@asynccontextmanager
async def serving(app: ModuleType) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve on a free port of loopback, and give a client."""
    server = uvicorn.Server(uvicorn.Config(app.app, port=0, log_level="warning", lifespan="on"))
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=60) as client:
        try:
            yield client
        finally:
            server.should_exit = True
            await task


def with_client(app: ModuleType, main: Callable[[httpx2.AsyncClient], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(app) as client:
            await main(client)

    asyncio.run(asyncio.wait_for(whole(), 500))


async def ended(client: httpx2.AsyncClient, id_: str) -> dict[str, Any]:
    async with client.stream("GET", f"/runs/{id_}/events") as stream:
        async for line in stream.aiter_lines():
            if line == "event: RunEnded":
                break
    while True:
        found: dict[str, Any] = (await client.get(f"/runs/{id_}")).json()
        if found["status"] != "running":
            return found
        await asyncio.sleep(0.005)


async def awaited(client: httpx2.AsyncClient, id_: str) -> list[dict[str, Any]]:
    """Return what a run waits for approval of, once it does."""
    while True:
        waiting: list[dict[str, Any]] = (await client.get(f"/runs/{id_}/approvals")).json()
        if waiting:
            return waiting
        await asyncio.sleep(0.005)


def test_limits_hold_to_the_call_over_200_requests_at_once(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"now": 0, "most": 0, "calls": 0}
    full = asyncio.Event()

    @lcc.tool(effect="read")
    async def price(fruit: str) -> float:
        state["now"] += 1
        state["calls"] += 1
        state["most"] = max(state["most"], state["now"])
        if state["now"] == 10:
            full.set()
        await full.wait()  # ten go on at once, and no more may
        await asyncio.sleep(0.002)
        state["now"] -= 1
        return 0.5

    monkeypatch.setattr(app, "TOOLS", [price, *app.TOOLS[1:]])

    async def main(client: httpx2.AsyncClient) -> None:
        replies = await asyncio.gather(
            *(client.post("/answers", json={"plan": BASKET, "inputs": {"fruits": ["fig"] * 3}}) for _ in range(200))
        )
        assert [reply.status_code for reply in replies] == [200] * 200
        assert {reply.json()["answer"] for reply in replies} == {1.5}

    with_client(app, main)
    assert (state["calls"], state["most"]) == (600, 10)


def test_a_destructive_call_waits_for_an_answer_over_http(app: ModuleType) -> None:
    async def main(client: httpx2.AsyncClient) -> None:
        for allow, status in ((True, "ok"), (False, "failed")):
            id_ = (await client.post("/runs", json={"plan": CLEAR})).json()["id"]
            assert await awaited(client, id_) == [{"n": 0, "tool": "clear", "calls": [{"fruit": "plum"}]}]
            path = f"/runs/{id_}/approvals/0"
            assert (await client.post(path, json={"allow": allow})).status_code == 200
            assert (await ended(client, id_))["status"] == status
            assert (await client.post(path, json={"allow": True})).status_code == 409
            assert (await client.post(f"/runs/{id_}/approvals/7", json={"allow": True})).status_code == 404

    with_client(app, main)


def test_events_are_sent_from_the_first_to_the_last(app: ModuleType) -> None:
    async def main(client: httpx2.AsyncClient) -> None:
        id_ = (await client.post("/runs", json={"plan": BASKET})).json()["id"]
        await ended(client, id_)
        text = (await client.get(f"/runs/{id_}/events")).text
        told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
        assert [told[0]["event"], told[-1]["event"]] == ["RunStarted", "RunEnded"]
        assert [one["value"] for one in told if one["event"] == "TaskEnded" and one["id"] == "2"] == [1.05]

    with_client(app, main)


def test_a_run_that_was_stopped_is_resumed_without_writing_again(app: ModuleType) -> None:
    shop = import_module("shop")

    async def main(client: httpx2.AsyncClient) -> None:
        id_ = (await client.post("/runs", json={"plan": CLEAR})).json()["id"]
        await awaited(client, id_)
        assert (await client.post(f"/runs/{id_}/resume")).status_code == 409
        await client.post(f"/runs/{id_}/cancel")
        assert shop.ORDERS == {"plum": 3}
        assert (await client.post(f"/runs/{id_}/resume")).json() == {"id": id_}
        await awaited(client, id_)
        await client.post(f"/runs/{id_}/approvals/0", json={"allow": True})
        result = await ended(client, id_)
        assert (result["status"], result["answer"]) == ("ok", 3)

    with_client(app, main)


def test_bad_requests_are_said(app: ModuleType) -> None:
    async def main(client: httpx2.AsyncClient) -> None:
        wrong = await client.post("/plans", json={"plan": '1. prise("apple")\n2. join()'})
        assert (wrong.status_code, wrong.json()["detail"][0]["code"]) == (422, "V004")
        given = {"plan": BASKET, "inputs": {"fruit": []}}
        assert (await client.post("/answers", json=given)).json()["detail"][0]["code"] == "X003"
        assert (await client.get("/runs/none")).status_code == 404
        assert (await client.post("/runs/none/resume")).status_code == 409
        assert "answers" in (await client.get("/openapi.json")).text

    with_client(app, main)


def grown(statm: Path) -> int:
    """Return how many bytes 10,000 requests add, after as many before."""
    sizes: list[int] = []

    async def many(client: httpx2.AsyncClient, count: int) -> None:
        for _ in range(count // 50):
            await asyncio.gather(*(client.post("/answers", json={"plan": BASKET}) for _ in range(50)))
        sizes.append(int(statm.read_text().split()[1]) * 4096)

    async def main() -> None:
        async with serving(import_module("app")) as client:
            await many(client, 10_000)
            await many(client, 10_000)

    asyncio.run(asyncio.wait_for(main(), 2800))
    return sizes[1] - sizes[0]


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_the_last_10000_of_20000_requests_add_little_memory(tmp_path: Path) -> None:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("memory is read from /proc")
    # In a process of its own: what other tests left there would be measured, too.
    code = "import sys, pathlib, test_service; print(test_service.grown(pathlib.Path(sys.argv[1])))"
    paths = os.pathsep.join([str(Path(__file__).parent), str(FOLDER)])
    done = subprocess.run(
        [sys.executable, "-c", code, str(statm)],
        env={**os.environ, "SERVICE_JOURNAL": str(tmp_path / "service.db"), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=2900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 5_000_000
