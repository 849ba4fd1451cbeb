"""Turn results into tables and plots.

In: rows. Out: Markdown, SVG.
Must not know: how the rows were measured.

Read `tables`; `overview`, `ratios`, `plans` and `compare` are other views of the same rows, `plots` draws.
"""
