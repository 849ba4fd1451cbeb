"""The machine: it runs plans with bodies. It issues in program order, starts what it can, and commits in program order.

In: a plan with a body, bound tools, inputs. Out: calls for the scheduler, what their ends mean for the others, the run's result.
Must not know: text, loops of events, how calls are made.

A statement's names are cells; what waits is an entry of a scope, which ends its entries in program order (`order`). What is known
of statements before the run is in `facts`. Read those, then `evaluations`, `calls` and `table`, then `strands` and `issue` with
`loops`, `tries` and `gathers`, and `machine`, which
holds them together; `arriving` is the one for a program that is still being written, after what `before` says.
"""
