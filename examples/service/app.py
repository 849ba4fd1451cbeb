"""Serve plans over HTTP: many runs at once within shared limits, followed by events, approved of and resumed.

pip install fastapi uvicorn
uvicorn --app-dir examples/service app:app

POST /plans                    a plan's text; its findings, or 422 with what is wrong
POST /answers                  run a plan to its end, and return the result
POST /runs                     begin a run in the background, recorded; its id
GET  /runs/{id}                the result, once there is one
GET  /runs/{id}/events         server-sent events of a run: those that were, then those to come
GET  /runs/{id}/approvals      what waits for a yes or a no
POST /runs/{id}/approvals/{n}  the answer: {"allow": true}
POST /runs/{id}/cancel         stop it; what has ended is kept
POST /runs/{id}/resume         go on with one that was stopped, or whose process died
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from shop import TOOLS

import lcc

JOURNAL = Path(os.environ.get("SERVICE_JOURNAL", "service.db"))
POOL = lcc.Pool(concurrency=100, threads=8, tools={"price": lcc.CallLimits(concurrency=10)})
MOST_PLANS = 256
MOST_RUNS = 256
"""How many compiled plans, and runs that have ended, are kept in memory; the journal has all runs."""


class Request(BaseModel):
    """A plan and its inputs."""

    plan: str
    inputs: dict[str, Any] = {}


class Reply(BaseModel):
    """The answer to a question whether something may be done."""

    allow: bool


@dataclass
class Wait:
    """A destructive call that waits for an answer."""

    request: lcc.ApprovalRequest
    answer: asyncio.Future[bool]


@dataclass
class Going:
    """A run in the background. `told` is set, and replaced, whenever there is another event."""

    events: list[dict[str, Any]] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    run: lcc.Run | None = None
    task: asyncio.Task[None] | None = None
    ended: bool = False

    def options(self) -> lcc.Options:
        """Return the options of the run: the pool that all share, and who is asked."""
        return lcc.Options(pool=POOL, approve=self.ask)

    async def ask(self, request: lcc.ApprovalRequest) -> bool:
        """Wait for somebody to answer over HTTP."""
        wait = Wait(request, asyncio.get_running_loop().create_future())
        self.waits.append(wait)
        return await wait.answer

    async def follow(self, run: lcc.Run) -> None:
        """See a run to its end."""
        try:
            async with run:
                async for event in run:
                    self.tell(lcc.to_dict(event))
        finally:
            self.ended = True
            self.told.set()

    def tell(self, event: dict[str, Any]) -> None:
        """Add an event, and wake who waits for one."""
        self.events.append(event)
        told, self.told = self.told, asyncio.Event()
        told.set()


class Service:
    """What the service keeps: compiled plans, and runs by id, the oldest forgotten first."""

    def __init__(self) -> None:
        self.plans: OrderedDict[str, lcc.Prepared] = OrderedDict()
        self.runs: OrderedDict[str, Going] = OrderedDict()

    def compiled(self, text: str) -> lcc.Prepared:
        """Return a plan that is verified and bound to the tools: made once, run often."""
        found = self.plans.get(text)
        if found is None:
            try:
                found = lcc.compile(text, TOOLS)
            except lcc.CompileError as error:
                raise HTTPException(422, [lcc.to_dict(one) for one in error.diagnostics]) from None
        self.plans[text] = found
        self.plans.move_to_end(text)
        while len(self.plans) > MOST_PLANS:
            self.plans.popitem(last=False)
        return found

    def begin(self, run: lcc.Run, going: Going) -> str:
        """Let a run go on in the background."""
        going.run = run
        going.task = asyncio.create_task(going.follow(run))
        self.runs[run.id] = going
        self.runs.move_to_end(run.id)
        for id_ in [id_ for id_, one in self.runs.items() if one.ended][: max(0, len(self.runs) - MOST_RUNS)]:
            del self.runs[id_]
        return run.id

    def going(self, id_: str) -> Going:
        """Return a run; 404 if it isn't known here."""
        found = self.runs.get(id_)
        if found is None:
            raise HTTPException(404, "no such run in this process; it may be resumed")
        return found

    async def close(self) -> None:
        """Stop what still runs: it is in the journal, and can be resumed."""
        for going in self.runs.values():
            if going.run is not None and going.task is not None and not going.task.done():
                going.run.cancel("the service stops")
                await asyncio.wait([going.task])


service = Service()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Stop the runs with the service."""
    yield
    await service.close()


app = FastAPI(title="plans", lifespan=lifespan)


@app.post("/plans")
async def check(request: Request) -> list[dict[str, Any]]:
    """Say what there is to say of a plan."""
    return [lcc.to_dict(one) for one in service.compiled(request.plan).diagnostics]


@app.post("/answers")
async def answer(request: Request) -> lcc.RunResult:
    """Run a plan to its end. There is nobody to ask, so what is destructive is refused."""
    try:
        return await service.compiled(request.plan).arun(request.inputs, options=SHARED)
    except lcc.CompileError as error:
        raise HTTPException(422, [lcc.to_dict(one) for one in error.diagnostics]) from None


SHARED = lcc.Options(pool=POOL)


@app.post("/runs", status_code=202)
async def begin(request: Request) -> dict[str, str]:
    """Begin a run."""
    going = Going()
    try:
        run = service.compiled(request.plan).start(request.inputs, options=going.options(), journal=JOURNAL)
    except lcc.CompileError as error:
        raise HTTPException(422, [lcc.to_dict(one) for one in error.diagnostics]) from None
    return {"id": service.begin(run, going)}


@app.get("/runs/{id_}")
async def result(id_: str) -> dict[str, Any]:
    """Return what became of a run, or that it goes on."""
    going = service.going(id_)
    if not going.ended or going.run is None:
        return {"status": "running", "waiting": sum(not wait.answer.done() for wait in going.waits)}
    return going.run.result.to_dict()


@app.get("/runs/{id_}/events")
async def events(id_: str) -> StreamingResponse:
    """Tell all events of a run."""
    return StreamingResponse(_told(service.going(id_)), media_type="text/event-stream")


async def _told(going: Going) -> AsyncIterator[str]:
    seen = 0
    while True:
        told = going.told
        for event in going.events[seen:]:
            yield f"id: {seen}\nevent: {event['event']}\ndata: {json.dumps(event)}\n\n"
            seen += 1
        if going.ended and seen == len(going.events):
            return
        await told.wait()


@app.get("/runs/{id_}/approvals")
async def approvals(id_: str) -> list[dict[str, Any]]:
    """List what a run waits for."""
    return [
        {"n": n, "tool": wait.request.tool, "calls": [dict(arguments) for _, arguments in wait.request.calls]}
        for n, wait in enumerate(service.going(id_).waits)
        if not wait.answer.done()
    ]


@app.post("/runs/{id_}/approvals/{n}")
async def reply(id_: str, n: int, reply: Reply) -> dict[str, bool]:
    """Answer; 409 if that was answered before, or the run is over."""
    going = service.going(id_)
    if not 0 <= n < len(going.waits):
        raise HTTPException(404, "nothing was asked under this number")
    wait = going.waits[n]
    if wait.answer.done() or going.ended:
        raise HTTPException(409, "this was answered before, or the run is over")
    wait.answer.set_result(reply.allow)
    return {"allow": reply.allow}


@app.post("/runs/{id_}/cancel")
async def cancel(id_: str) -> dict[str, str]:
    """Stop a run; it can be resumed."""
    going = service.going(id_)
    if going.run is not None and going.task is not None and not going.ended:
        going.run.cancel()
        await asyncio.wait([going.task])
    return {"id": id_}


@app.post("/runs/{id_}/resume", status_code=202)
async def resume(id_: str) -> dict[str, str]:
    """Go on with a recorded run; 409 where that can't be, such as while it still runs."""
    going = Going()
    try:
        run = lcc.resume(JOURNAL, TOOLS, run=id_, options=going.options())
    except lcc.JournalError as error:
        raise HTTPException(409, str(error)) from None
    return {"id": service.begin(run, going)}
