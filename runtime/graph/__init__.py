"""What waits for what: the state of every task of a run, and what the end of one means for the others.

In: tasks, and the ends of calls. Out: calls that are ready, with their arguments; results.
Must not know: workers, time-outs, journals, the limits of calls. It does know a run's bounds on sizes and on the number of tasks.

Read `issuer`, what the scheduler asks, and `flat_issuer`, which answers; `node`, `edges` and `graph`; `fan_out` and `batches` are about
calls that are many, `arguments` and `lookup` fill in what results gave, `room` bounds what that may build, `revision` changes the tasks
of a run, `outcome` reads the results off.
"""
