"""Execute plans: IR to results.

In: a plan, bound tools, inputs, options. Out: a record for every task, the join, events while it goes on.
Must not know: texts, models, the command line.

Read `run`, then `scheduler`, which decides; `result`, `options`, `events`, `tool` and `context` are what people see. Rooms:
`graph` knows what waits for what, `calls` makes calls, `backends` say where one runs, `journal` keeps results over processes,
`watch` looks on.
"""
