"""Measure lcc: questions of the paper's evaluations by every strategy, and the compiler and the scheduler by themselves.

In: records of questions, simulated models and tools. Out: rows of results, tables, plots; figures, never a verdict.
Must not know: what the figures should be.

Read `evaluation`, then `measure` with `rows`; `strategies` and `limit` are what is compared, `micro` times parts of lcc. Rooms: `evaluations`,
`simulated` models and tools, `peers` from PyPI, `programs`, `report`.
"""
