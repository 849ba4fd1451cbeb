"""Build plans from Python, with loops, conditions, names and handlers: `lcc.PlanBuilder`.

In: Python values and calls of the builder's methods. Out: a `Plan`, flat where that says it all.
Must not know: tools' signatures, how a plan is printed, checked or run.

Read `plan_values` (what stands for a value of the run), then `builder`.
"""
