"""Read the arguments of a call that the strict parser refuses, as values with notes of what the language writes otherwise.

In: a region that begins with a call's head, the tools. Out: walks: values, notes, calls inside of the call, where it ends. Must not know: the plan.

Read `argument_walk`, which every reader walks with, then `reader`; `quoted` and `bare` read values, `sums` those that are put together;
`references` is the table of notations of results.
"""
