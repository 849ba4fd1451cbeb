"""Serve a GGUF file over HTTP on 127.0.0.1: the child process of `lcc.models.local.server`. It imports nothing of lcc.

A process of its own, since the engine holds the interpreter's lock while it loads, which would stop the event loop, deadlines and
Ctrl-C; and since a file that crashes the engine must not take the program with it.

The first line of standard input holds the options as JSON. Standard output gets one line of JSON: the address, or an error. The
process ends when standard input does, so it never outlives the one that started it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Serve until standard input ends."""
    options = json.loads(sys.stdin.buffer.readline())
    answers = os.dup(1)
    _point(1)
    try:
        server = _serve(options)
    except Exception as error:
        _say(answers, {"error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    _say(answers, {"address": server.listening_address})
    _point(2)  # what it logs from here on has no reader
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)  # the server's own end waits for connections that are still open, up to half a minute


def _serve(options: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options["path"]
    params.port = 0
    params.api_keys = [options["key"]]
    params.n_ctx = options["context"]
    params.n_predict = options["reply_tokens"]
    params.sampling.temp = 0.0
    # One request at a time: what shares a batch with another comes out otherwise in the last bits.
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options["threads"]
    params.cache_ram_mib = options["cache_mib"]
    params.verbosity = 1  # errors
    params.offline = True
    params.ui = params.endpoint_slots = False
    if options["template"] is not None:
        params.chat_template = options["template"]
    return xllamacpp.Server(params)


def _say(answers: int, what: dict[str, str]) -> None:
    os.write(answers, json.dumps(what).encode() + b"\n")
    os.close(answers)


def _point(stream: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)


if __name__ == "__main__":
    main()
