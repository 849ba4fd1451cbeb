"""Serve programs' questions in a peer's environment, where lcc isn't: a line of JSON in, a line of JSON out.

In: `base_url`, `question`, `world` (the module of the tools), `fault` (a tool and its arguments whose first call fails, or null). Out: `answer` or
`error`, `seconds`, and `calls`: tool, arguments, whether it ended well.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import inspect
import json
import os
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

FAULT = "the service is down for a moment"


def load_world(path: str) -> dict[str, Any]:
    """Return the tools of a module, run anew, by their names. `import lcc` is answered by a stand-in."""
    stub = types.ModuleType("lcc")

    def tool(function: Any = None, **options: object) -> Any:
        def mark(one: Any) -> Any:
            one.options = options
            return one

        return mark(function) if function is not None else mark

    stub.tool = tool  # type: ignore[attr-defined]
    before = sys.modules.get("lcc")
    sys.modules["lcc"] = stub
    try:
        spec = importlib.util.spec_from_file_location("measured_world", Path(path))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        del sys.modules["lcc"]
        if before is not None:
            sys.modules["lcc"] = before
    return {name: one for name, one in vars(module).items() if hasattr(one, "options")}


def noted(function: Any, made: list[list[Any]], fault: list[Any]) -> Any:
    """Return a tool that notes its calls; the first call of `fault`, which is emptied by it, fails."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    async def call(*args: Any, **names: Any) -> Any:
        bound = signature.bind(*args, **names)
        bound.apply_defaults()
        given = [function.__name__, dict(bound.arguments)]
        entry = [*given, False]
        made.append(entry)
        if fault and fault[0] == json.loads(json.dumps(given, default=str)):
            fault.clear()
            raise RuntimeError(FAULT)
        result = await function(*args, **names)
        entry[2] = True
        return result

    return call


def serve(answer: Callable[[dict[str, Any], dict[str, Any]], Any]) -> None:
    """Answer until the input ends, coroutines in one event loop. What the peer prints goes to standard error."""
    with asyncio.Runner() as runner:
        waits = inspect.iscoroutinefunction(answer)
        _serve((lambda *given: runner.run(answer(*given))) if waits else answer)


def _serve(answer: Callable[[dict[str, Any], dict[str, Any]], Any]) -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        made: list[list[Any]] = []
        fault = [asked["fault"]] if asked["fault"] else []
        tools = {name: noted(one, made, fault) for name, one in load_world(asked["world"]).items()}
        told: dict[str, object] = {}
        began = time.perf_counter()
        try:
            told["answer"] = answer(asked, tools)
        except Exception as error:
            told["error"] = f"{type(error).__name__}: {error}"[:300]
        told |= {"seconds": time.perf_counter() - began, "calls": made}
        out.write(json.dumps(told, default=str) + "\n")
        out.flush()
