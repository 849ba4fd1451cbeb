"""The machine: it runs plans with bodies. It issues in program order, starts what it can, and commits in program order.

In: a plan with a body, bound tools, inputs. Out: calls for the scheduler, what their ends mean for the others, the run's result.
Must not know: text, loops of events, how calls are made.

A statement's names are cells; what waits is an entry of a scope, which ends its entries in program order; a strand issues the
statements of a block. Read `cells`, `scopes`, `hazards`, then `code` (what is known of a statement before the run), `evaluation`,
`calls` and `table`, then `issue`, and `machine`, which holds them together.
"""
