"""Facts about plans that passes ask for: effects, types, costs, ranks.

In: a plan and signatures. Out: tables keyed by task; nothing here changes a plan.
Must not know: which pass asks.

Read `calls` and `effects`, then `inference` with `fit`; `costs`, `profile`, `critical_path` and `estimate` are about time.
Of plans with bodies: `slices` says on which calls a call depends; `objects`, with `points_to` and `turn_names`, which statements
touch an object that changes. Room: `values`, what is known of the values
in bodies.
"""
