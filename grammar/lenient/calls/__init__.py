"""Read one call: from a stretch of text that begins with its head, or from data.

In: a text and where a call begins in it, or a value; the tools. Out: calls as they were read. Must not know: the plan.

Read `settle`, which finds the reading that changes least, then `polish`, which puts its arguments where the tool's declaration has them; `call_keys` is
the table of the keys that describe calls in data.
"""
