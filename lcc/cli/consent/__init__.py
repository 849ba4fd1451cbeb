"""Ask the person at the terminal: whether a plan may run, whether calls may destroy something, whether a write was done.

In: what waits for an answer. Out: yes, no, later; what calls in doubt came to.
Must not know: the commands.

Read `approve`, which asks about calls, then `approve_plan`, about plans, and `file_approval`, about those of files; `shown` shows what waits in a journal; `go_on` asks where a limit is reached; `doubts` settles writes of which nobody saw the end.
"""
