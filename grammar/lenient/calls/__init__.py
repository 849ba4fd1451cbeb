"""Read one call: from a stretch of text that begins with its head, or from data.

In: a text and where a call begins in it, or a value; the tools. Out: calls as they were read, and how they stand in order. Must not know: the plan.

Read `settle`, which finds the reading that changes least, then `polish`, which puts its arguments where the tool's declaration has them; `said` is a
call that data describe, `call_keys` the table of their keys, `ordering` how tasks stand.
"""
