"""Execute plans: IR to results.

In: a plan, bound tools, inputs, options. Out: a record for every task, the join, events while it goes on.
Must not know: the texts of plans, models, the command line.

Read `run`, then `scheduler`, which decides; `result`, `options`, `events`, `tool` and `context` are what people see. `inputs` checks
what a plan asks for, `binding` prepares tools, `failures` words what was raised, `recording` is what a journal promises, `codes` lists
the codes; `clock`, `blocking` and `text_files` deal with loops, threads and files. Rooms: `limits` count what calls use; `graph` knows what waits
for what, `program` does for plans with bodies, `consent` which calls may be made, `calls` makes them, `backends` say where one runs, `journal` keeps results over processes, `watch` looks on.
"""
