"""Programs as models write them, each also with its calls gathered by hand, and the tools that they call.

In: nothing. Out: sources by name, and `tools` with a latency. `python -m benchmarks.programs` runs them.
"""
