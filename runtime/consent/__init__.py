"""Say which calls may be made at all: those that somebody allowed, and writes that weren't made before.

In: calls that are due, with their arguments. Out: a yes, or the failure that they end with.
Must not know: how a call is made, and which waits for which.

Read `approvals`, which asks, and `write_log`, which knows what earlier plans of one question have written.
"""
