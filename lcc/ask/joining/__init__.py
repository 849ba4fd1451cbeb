"""Ask the joiner: an answer from the results, or another plan.

In: the question and the results of each plan. Out: a decision, and the answer's text while it is written.
Must not know: how plans are made or run.

Read `joiner`, then `joiner_prompt` with `observations` and `looks` (what a model sees of results), `decision` and `answer_stream`.
"""
