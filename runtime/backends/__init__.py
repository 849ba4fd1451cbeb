"""Where one call runs: threads, processes, a cluster. The scheduler alone knows the graph.

In: a function and its arguments. Out: its result or its failure, also of a worker that died.
Must not know: tasks, limits, retries.

`Backend` in `lcc.runtime.binding` says what each promises. Read `threads`, then `processes`; `folding` evaluates one call for the optimizer, in a process with a limit.
"""
