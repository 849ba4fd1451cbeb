"""Programs as models write them, each also with its calls gathered by hand, and the tools that they call.

In: a latency. Out: for each program how long lcc and CPython take, as multiples of its longest chain of calls.
Must not know: what the figures should be.

Read `sources` and `world`, then `__main__`, which `python -m benchmarks.programs` runs. `compared` runs programs by other systems: `records` and
`players` are what those are told, in the forms of `sandbox_dialects` and `gathering`; `systems` asks them.
"""
