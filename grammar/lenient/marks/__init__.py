"""Tell what stands in a model's text: where calls begin, what stands beside them, and what is written otherwise than the language has it.

In: lines, and the tools in scope. Out: heads of calls, kinds of lines, remarks and refusals. Must not know: the arguments of calls,
and the plan.

Read `repairs`, the table of what is read otherwise than it is written, then `prefaces` and `heads`, which say how a line begins, `lines`, the closed
list of asides, and `dialect`, which says where statements begin; `accounting` marks what was read of a text as a whole, so that nothing of it is
left over. `events` is what comes out.
"""
