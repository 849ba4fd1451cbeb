"""From the syntax tree of a program to the IR: what its names are, and its statements with each call as a task.

In: a `Module`, the tools. Out: a block of strict statements, the inputs it declares, and findings. Must not know: text, grammar, runs.

Read `names` (what a name is) and `state` (what is being made), then `callees`, `lowered_values`, `lowered_statements`. `starred` and
`inlined` put arguments and functions in, `loops` treats comprehensions and generators with calls, `awaits` coroutines and `begun` tasks,
`imports` modules; `program` puts it together. `straight_line` makes a plan of tasks of a body that only calls.
"""
