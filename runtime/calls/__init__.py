"""Making a call: who makes it, when limits let it, how it is stopped.

In: calls that are ready. Out: their ends.
Must not know: which call waits for which.

Read `workers`, `making` and `queue`; `recall` ends calls with what a journal knows, `toolbox` binds tools, `timers`, `deadlines`
and `winding` end what takes too long, `repeating` tries again, `contexts` hear the tool, `secrets` keep values out of what is shown,
also where `escapes` hide them.
"""
