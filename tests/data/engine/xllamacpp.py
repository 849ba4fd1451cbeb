"""Stand in for the engine of local models: it answers what the tail of the model's file says, over real HTTP.

The tail, after the last zero byte, is JSON: `load`: "fail", "crash" or "hang" instead of serving; `replies`: in turn, the last one
for ever. A reply is `text` with `finish`, or a `status` with a `message`, or `die`. Requests are written to FILE.requests.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any


class CommonParams(SimpleNamespace):
    """Takes every field that is set."""

    def __init__(self) -> None:
        super().__init__(
            model=SimpleNamespace(),
            sampling=SimpleNamespace(),
            cpuparams=SimpleNamespace(),
            cpuparams_batch=SimpleNamespace(),
        )


class Server:
    """Serves in a thread, as the engine does."""

    def __init__(self, params: Any) -> None:
        path = Path(params.model.path)
        self._script = json.loads(path.read_bytes().rpartition(b"\0")[2] or b"{}")
        self._at = 0
        self._params = params
        self._log = path.with_name(path.name + ".requests")
        match self._script.get("load"):
            case "fail":
                print("0.0 E llama_model_load: error loading model: tensor 'x' is missing", file=sys.stderr, flush=True)
                raise RuntimeError("Failed to init server, please check the input params.")
            case "crash":
                os.abort()
            case "hang":
                time.sleep(600)
        with self._log.open("a", encoding="utf-8") as log:
            shown = {"pid": os.getpid(), "params": json.loads(json.dumps(vars(params), default=vars))}
            log.write(json.dumps({**shown, "omp": os.environ.get("OMP_WAIT_POLICY")}) + "\n")
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                engine._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, to: BaseHTTPRequestHandler) -> None:
        body = json.loads(to.rfile.read(int(to.headers["content-length"])))
        if to.headers["authorization"] != f"Bearer {self._params.api_keys[0]}":
            return self._send(to, 401, "application/json", b'{"error":{"message":"Invalid API Key"}}')
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(body) + "\n")
        replies = self._script["replies"]
        reply = replies[min(self._at, len(replies) - 1)]
        self._at += 1
        if reply.get("die"):
            os._exit(9)
        if "status" in reply:
            said = json.dumps({"error": {"code": reply["status"], "message": reply["message"]}})
            return self._send(to, reply["status"], "application/json", said.encode())
        usage = {"prompt_tokens": reply.get("prompt", 10), "completion_tokens": reply.get("completion", 5)}
        choices = [
            {"delta": {"content": reply["text"]}, "finish_reason": None},
            {"delta": {}, "finish_reason": reply.get("finish", "stop")},
        ]
        events = [{"choices": [choice]} for choice in choices] + [{"choices": [], "usage": usage}]
        stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        return self._send(to, 200, "text/event-stream", stream.encode())

    def _send(self, to: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
        to.send_response(status)
        to.send_header("content-type", kind)
        to.send_header("content-length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)
