"""Facts about plans that passes ask for: effects, types, costs, ranks.

In: a plan and signatures. Out: tables keyed by task; nothing here changes a plan.
Must not know: which pass asks.

Read `calls` and `effects`, then `inference` with `fit`; `costs`, `profile`, `critical_path` and `estimate` are about time.
`dependence` is about statements: the objects and the calls that they depend on. Room: `values`, what is
known of the values in bodies.
"""
