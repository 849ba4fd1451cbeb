"""What commands print: tables, progress, differences, results.

In: plans, events, records. Out: text, escaped.
Must not know: command lines.

Read what a command needs: `live` draws a run or a question on a terminal (in a `live_region`), `run_text` tells it in lines, `run_table` shows its end (`turns` folds
those of loops), `dry_run` what it would do (`body_outline` for
plans with a body), `ask_progress` a
question's; `plan_text` shows plans, `run_report` writes pages about runs. `source_tasks` words tasks for all of them.
"""
