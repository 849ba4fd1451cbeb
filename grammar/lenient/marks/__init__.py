"""Tell what stands in a model's text: where calls begin, what stands beside them, and what is written otherwise than the language has it.

In: lines, and the tools in scope. Out: heads of calls, kinds of lines, remarks and refusals. Must not know: the arguments of calls,
and the plan.

Read `repairs`, the table of what is read otherwise than it is written, then `prefaces` and `lines`, which are the closed list of asides, `heads` and
`dialect`, which say where calls begin; `accounting` marks what was
read of a text as a whole, so that nothing of it is left over. `events` is what comes out.
"""
