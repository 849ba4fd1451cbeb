"""Ask a model for programs in Python, or for plans with steps, and run each while it is written.

In: a question, tools, a planner's model. Out: rounds, as of plans: a program, its calls, what it printed and handed back.
Must not know: the joiner, and who asked.

Read `program_prompt`, then `program_run` (one program and its run) and `program_planner`, which asks, corrects, and goes on in the
names of earlier programs. `program_results` shows what came of one. `step_prompt` and `step_planner` are the same for plans with steps.
"""
