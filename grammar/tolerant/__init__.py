"""Read calls that the language refuses: the error-tolerant reader of what stands between a call's brackets, and behind them.

In: a region that begins with a call's head, the tools. Out: walks: values, notes of what the language writes otherwise (`oddities`), calls inside
of the call, where it ends. Must not know: the plan, what is mended.

Read `argument_walk`, which every reader walks with, then `reader`; `quoted` and `bare` read values, `sums` those that are put together;
`references` is the table of notations of results, `tail` judges what stands behind a call, `tool_names` and `parameters` find what is meant.
"""
