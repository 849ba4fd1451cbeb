"""Ask the planner, and run what it writes while it writes it.

In: a question, tools, examples, what earlier plans did. Out: plans and their results.
Must not know: how the answer is worded.

Read `planner`, then `planner_prompt` and `plan_run`; `approved_plans` shows plans to whoever approves, `few_shots` and `plan_files` are files, `kept_plans` makes one of all, `plan_grammars` hold models to the
language.
"""
