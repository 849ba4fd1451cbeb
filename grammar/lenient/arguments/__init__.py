"""Read the arguments of a call that the strict parser refuses, as the changes that would make it a call.

In: a region that begins with a call's head, the tools. Out: walks: changes, calls inside of the call, where it ends. Must not know: the plan.

Read `argument_walk`, which every reader walks with, then `reader`; `quoted`, `bare`, `containers` and `inner_calls` read values, `concatenation`
and `arithmetic` those that are put together; `references` is the table of notations of results.
"""
