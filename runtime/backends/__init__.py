"""Where one call runs: threads, processes, a cluster. The scheduler alone knows the graph.

In: a function and its arguments. Out: its result or its failure, also of a worker that died.
Must not know: tasks, limits, retries.

`Backend` in `lcc.runtime.binding` says what each promises. Read `threads`, then `processes` with `process_child`;
`wire` carries calls and ends, `answering` makes a call on the other side, `error_stream` carries over what is written there to
standard error. `ray`, `ray_cluster` and `ray_child` do the same on a cluster; `folding` evaluates one call for the optimizer, in a
process with a limit.
"""
