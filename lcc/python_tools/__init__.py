"""A Python function becomes a tool.

In: functions, methods, objects, modules. Out: `Tool`: a signature, and a callable that takes and gives JSON values.
Must not know: where tools are named, and who calls them.

Read `declare`, then `function`, which asks `hints`, `arguments` and `results`; `conform` holds JSON values against types, `declared`
results against what only pydantic knows; `collect` finds tools in what a program hands over, `modules` imports files of them, and `frameworks` knows
the tools of other libraries.
"""
