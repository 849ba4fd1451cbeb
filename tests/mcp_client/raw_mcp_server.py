"""A small MCP server of the standard library alone, over stdio or HTTP, which starts at once and can misbehave in every way.

    python raw_mcp_server.py [MODE …]             over stdio
    python raw_mcp_server.py [MODE …] --http      over HTTP on a free port, which it prints

What it does is appended to the file of the environment variable LOG, a line each.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODES = set(sys.argv[1:])
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def schema(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def tool(name: str, inputs: object, *, hints: object = None, output: object = None, about: str = "") -> dict[str, Any]:
    found = {"name": name, "description": about or f"The tool {name}.", "inputSchema": inputs}
    if hints is not None:
        found["annotations"] = hints
    if output is not None:
        found["outputSchema"] = output
    return found


NUMBER, TEXT = {"type": "number"}, {"type": "string"}
READS, WRITES = {"readOnlyHint": True, "openWorldHint": False}, {"destructiveHint": False}
TOOLS = [
    tool("add", schema(a=NUMBER, b=NUMBER), hints=READS, output=schema(result=NUMBER)),
    tool("book", schema(title=TEXT), hints={"readOnlyHint": True}, output=schema(title=TEXT, year={"type": "integer"})),
    tool("note", schema(text=TEXT), hints=WRITES),
    tool("erase", schema(path=TEXT)),
    tool("picture", schema(), hints=READS),
    tool("parts", schema(), hints=READS),
    tool("json", schema(), hints=READS),
    tool("fail", schema(why=TEXT), hints=READS),
    tool("slow", schema(), hints=READS),
    tool("die", schema(), hints=READS),
    tool("die_writing", schema(), hints=WRITES),
    tool("garble", schema(), hints=READS),
    tool("chatter", schema(), hints=READS),
    tool("misfit", schema(), hints=READS, output=schema(result=NUMBER)),
    tool("ask", schema(form={"type": "object"}), hints=WRITES),
    tool("change", schema(), hints=WRITES),
    tool("process", schema(), hints=READS),
]


def log(text: str) -> None:
    if "LOG" in os.environ:
        with open(os.environ["LOG"], "a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def has_happened_before(what: str) -> bool:
    with open(os.environ["LOG"], encoding="utf-8") as file:
        return f"{what}\n" in file.readlines()[:-1]


def text(value: str) -> dict[str, object]:
    return {"content": [{"type": "text", "text": value}]}


class Session:
    """One client. `send` gives it a message."""

    def __init__(self, send: Callable[[object], None]) -> None:
        self.send = send
        self.tools = TOOLS
        self.answers: dict[object, object] = {}

    def take(self, message: dict[str, Any]) -> None:
        """Handle one message of the client."""
        if "method" not in message:
            asked = self.answers.pop(message.get("id"), None)
            if asked is not None:
                self.answer(asked, text(json.dumps(message.get("result"))))
            return
        method, params, id_ = message["method"], message.get("params") or {}, message.get("id")
        if method == "notifications/cancelled":
            log("cancelled")
        if id_ is None:
            return
        if method == "initialize":
            log("started")
            self.answer(id_, self.hello(params))
        elif method == "tools/list":
            self.answer(id_, self.listing(params))
        elif method == "tools/call":
            self.call(id_, params)
        elif method == "ping":
            self.answer(id_, {})
        else:
            self.send({"jsonrpc": "2.0", "id": id_, "error": {"code": -32601, "message": f"no method {method}"}})

    def answer(self, id_: object, result: object) -> None:
        self.send({"jsonrpc": "2.0", "id": id_, "result": result})

    def hello(self, params: dict[str, Any]) -> dict[str, object]:
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "raw", "version": "1"},
        }

    def listing(self, params: dict[str, Any]) -> dict[str, object]:
        if "endless" in MODES:
            return {"tools": TOOLS[:1], "nextCursor": f"{params.get('cursor', '')}x"[-100:]}
        if "pages" in MODES:
            at = int(params.get("cursor", "0"))
            return {"tools": self.tools[at : at + 5]} | (
                {"nextCursor": str(at + 5)} if at + 5 < len(self.tools) else {}
            )
        if "odd" in MODES:
            return {"tools": [*self.tools, *odd_tools()]}
        if "many" in MODES:
            return {"tools": [tool(f"tool_{number}", schema(a=NUMBER)) for number in range(10_000)]}
        if "renamed" in MODES:
            return {"tools": [tool("other", schema())]}
        return {"tools": self.tools}

    def call(self, id_: object, params: dict[str, Any]) -> None:
        name, given = params["name"], params.get("arguments") or {}
        log(f"call {name}")
        special = {"die": self.die, "die_writing": self.die, "garble": self.garble, "ask": self.ask}
        if name in special:
            special[name](id_, params)
        elif name == "slow":
            self.slow(params)
        elif name == "change":
            self.tools = [one for one in TOOLS if one["name"] != "book"]
            self.tools = [tool("add", schema(a=TEXT)) if one["name"] == "add" else one for one in self.tools]
            self.send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
            self.answer(id_, text("changed"))
        elif name == "chatter":
            self.send('listening {"level": "info"}')
            self.answer(id_, text("fine"))
        else:
            self.answer(id_, result_of(name, given))

    def die(self, id_: object, params: dict[str, Any]) -> None:
        if "once" in MODES and has_happened_before(f"call {params['name']}"):
            self.answer(id_, text("alive again"))
        else:
            print("out of luck", file=sys.stderr, flush=True)
            os._exit(3)

    def garble(self, id_: object, params: dict[str, Any]) -> None:
        self.send('{"jsonrpc": "2.0", "id": ' + json.dumps(id_) + ', "result": {"content": [')

    def ask(self, id_: object, params: dict[str, Any]) -> None:
        self.answers[f"ask {id_}"] = id_
        form = {"mode": "form", "message": "Shall I?", "requestedSchema": params["arguments"]["form"]}
        self.send({"jsonrpc": "2.0", "id": f"ask {id_}", "method": "elicitation/create", "params": form})

    def slow(self, params: dict[str, Any]) -> None:
        token = (params.get("_meta") or {}).get("progressToken")
        if token is not None:
            told = {"progressToken": token, "progress": 1, "total": 3, "message": "one of three"}
            self.send({"jsonrpc": "2.0", "method": "notifications/progress", "params": told})


def result_of(name: str, given: dict[str, Any]) -> dict[str, object]:
    if name == "add":
        total = given["a"] + given["b"]
        return {**text(str(total)), "structuredContent": {"result": total}}
    if name == "book":
        return {**text("a book"), "structuredContent": {"title": given["title"], "year": 1999}}
    if name == "picture":
        return {"content": [{"type": "image", "mimeType": "image/png", "data": PIXEL}]}
    if name == "parts":
        inner = {"uri": "note:///1", "mimeType": "text/plain", "text": "inside"}
        return {"content": [{"type": "text", "text": "before"}, {"type": "resource", "resource": inner}]}
    if name == "json":
        return text('{"a": [1, 2]}')
    if name == "fail":
        return {**text(given["why"]), "isError": True}
    if name == "misfit":
        return {**text("x"), "structuredContent": {"result": "no number"}}
    if name == "process":
        return text(str(os.getpid()))
    return text(f"{name} {json.dumps(given, sort_keys=True)}")


def odd_tools() -> Iterator[dict[str, Any]]:
    yield tool("a name with spaces", schema())
    yield tool("odd_parameters", {"type": "object", "properties": 3})
    yield tool("large", schema(a={"type": "string", "description": "x" * 10_000_000}))
    yield tool("recursive", {"type": "object", "properties": {"a": {"$ref": "#"}}})
    yield tool("add", schema())


def over_stdio() -> None:
    lock = threading.Lock()

    def send(message: object) -> None:
        with lock:
            sys.stdout.write(message if isinstance(message, str) else json.dumps(message))
            sys.stdout.write("\n")
            sys.stdout.flush()

    if "garbage" in MODES:
        print("Welcome! I am no server.", flush=True)
    session = Session(send)
    for line in sys.stdin:
        if "silent" not in MODES and "garbage" not in MODES:
            session.take(json.loads(line))
    log("ended")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        log(f"authorization {self.headers.get('Authorization')}")
        sent: list[object] = []
        Session(sent.append).take(message)
        answers = [one for one in sent if isinstance(one, dict) and "id" in one]
        body = json.dumps(answers[0]).encode() if answers else b""
        self.send_response(200 if answers else 202)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.send_error(405)

    def do_DELETE(self) -> None:
        self.send_error(405)

    def log_message(self, *_: object) -> None:
        pass


def over_http() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    if "fails" in MODES:
        print("no licence found", file=sys.stderr)
        sys.exit(2)
    if "traceback" in MODES:
        for place in range(20):
            print(f'  File "/usr/lib/servers/hives/{place:03}/loading.py", line 12, in load', file=sys.stderr)
        raise SystemExit("ModuleNotFoundError: No module named 'honey'")
    if "late" in MODES:
        time.sleep(0.2)
    over_http() if "--http" in MODES else over_stdio()
