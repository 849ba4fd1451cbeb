"""Read calls as they are written, also those that the language refuses: the error-tolerant tree of what stands in a statement.

In: a region that begins with a call's head, the tools; or the statement of a plan file. Out: trees: nodes with places, values and what the
language writes otherwise (`oddities`), errors among them. Must not know: the plan, what is mended.

Read `call_tree`, the nodes, then `argument_walk`, which every reader walks with, and `reader`; `quoted` and `bare` read values, `sums` those
that are put together; `references` is the table of notations of results, `tail` judges what stands behind a call, `tool_names` and
`parameters` find what is meant.
"""
