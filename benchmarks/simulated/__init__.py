"""Simulate models and tools: an OpenAI-compatible server with a latency model, and tools that take a drawn time.

In: requests over HTTP, and what an evaluation replies to them. Out: replies as they would stream, tokens, times.
Must not know: strategies.

Read `asked` and `server`, then `pace` with `prefix_cache` and `tokens`, the latency model; `tool_log` is the tools' time, `clock` skips it.
"""
