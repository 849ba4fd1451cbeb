"""Ask other packages that plan tool calls, each in a process and an environment of its own.

In: the same questions, models and tools that lcc gets. Out: answers, and the calls that were made.
Must not know: lcc, in what runs in a peer's environment.

Read `asking`, then `environments` and `answering`, the two ends; `players` is what the peers' models write. Room: `systems` of today,
for programs.
"""
