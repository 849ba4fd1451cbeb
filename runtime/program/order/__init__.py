"""What waits for what: cells that are promised, entries that end in program order, uses of resources that aren't settled.

In: who waits, and what for. Out: who may go on, in which order.
Must not know: statements, calls, the scheduler.

Read `cells`, `state`, `scopes`, `hazards`.
"""
