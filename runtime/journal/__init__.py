"""Keep results over processes: what a run wrote down can be gone on with or shown again.

In: what the scheduler reports through `lcc.runtime.recording`. Out: an SQLite file; known results for a run that resumes.
Must not know: the graph, workers; and, but for `replay`, `stored_result` and `spilling`, runs and tools.

Read `record`, then `file`, which alone speaks SQL, and `rows`, which trusts no row that it reads. `compilation` is what reports tell of a plan. `replay` shows a recorded run without
its tools: it is a run of its own, whose tools stand for those of the record. `stored_result` gives one result of it.
`spilling` lets large results of a run that has ended stay in the file alone.
"""
